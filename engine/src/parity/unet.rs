//! The UNet, whole and in parts.

use burn::tensor::Tensor;

use super::fixture::Array;
use super::preprocessing::every;
use super::{Checks, ParityError, Tolerance};
use crate::model::lora::Adapter;
use crate::model::split_attention::{Context, Crossing};
use crate::model::transformer::SpatialTransformer;
use crate::model::unet::{Layer, run_block};
use crate::model::{SelfAttention, Split, UnetCondition};

pub fn check(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    layers(checks)?;
    attention(checks)?;
    for shape in ["sq", "ns"] {
        for case in CASES {
            let name = format!("unet.{shape}.out.{}", case.name);
            checks.group(&name, Tolerance::Stage, |checks| {
                let condition = case.condition(checks, shape)?;
                let x = checks.tensor(&format!("unet.{shape}.x"))?;
                let t = checks.tensor(&format!("unet.{shape}.t"))?;
                let output = checks.model.networks.unet.forward(x, t, &condition);
                Ok(vec![(&name, Array::from_tensor(output)?)])
            })?;
        }
    }
    taps(checks)
}

/// A run of the whole UNet.
struct Case {
    name: &'static str,
    strength: Strength,
    split: Option<SplitCase>,
}

#[derive(Clone, Copy, PartialEq)]
enum Strength {
    One,
    /// One for a single zero token instead of the context.
    NoContext,
    Levels,
    Blocks,
}

/// Foreground and background adapters, their scales, the share of the background in the figure, the threshold.
#[derive(Clone, Copy)]
struct SplitCase(bool, bool, f32, f32, f32, f32);

const fn case(name: &'static str, strength: Strength, split: Option<SplitCase>) -> Case {
    Case { name, strength, split }
}

const CASES: &[Case] = &[
    case("nomask", Strength::One, None),
    case("zero_context", Strength::NoContext, None),
    case("level_scales", Strength::Levels, None),
    case("block_scales", Strength::Blocks, None),
    case(
        "mask_nolora",
        Strength::One,
        Some(SplitCase(false, false, 1.0, 1.0, 0.0, 0.05)),
    ),
    case("mask_bg", Strength::One, Some(SplitCase(false, true, 1.0, 1.0, 0.0, 0.05))),
    case("mask_fg", Strength::One, Some(SplitCase(true, false, 1.0, 1.0, 0.0, 0.05))),
    case("mask_both", Strength::One, Some(SplitCase(true, true, 1.0, 1.0, 0.0, 0.05))),
    case(
        "mask_bg_scaled",
        Strength::One,
        Some(SplitCase(false, true, 0.7, 0.4, 0.3, 0.5)),
    ),
    case(
        "mask_both_scaled",
        Strength::One,
        Some(SplitCase(true, true, 1.3, 0.8, 0.15, 0.5)),
    ),
    case(
        "mask_bg_block_scales",
        Strength::Blocks,
        Some(SplitCase(false, true, 1.0, 1.0, 0.0, 0.05)),
    ),
];

impl Case {
    fn condition(&self, checks: &Checks<'_>, shape: &str) -> Result<UnetCondition, ParityError> {
        let context = checks.tensor::<3>(&format!("unet.{shape}.context"))?;
        let [batch, tokens, width] = context.dims();
        let context = match (self.split, self.strength) {
            (Some(_), _) => context,
            (None, Strength::NoContext) => Tensor::zeros([batch, 1, width], checks.device),
            (None, _) => context.narrow(1, 0, tokens / 2),
        };
        let sketch = (0..5)
            .map(|i| checks.tensor(&format!("unet.{shape}.control{i}")))
            .collect::<Result<_, _>>()?;
        Ok(UnetCondition {
            context,
            sketch,
            strength: match self.strength {
                Strength::One | Strength::NoContext => Vec::new(),
                Strength::Levels => level_strengths(0.6, 0.3, 0.8),
                Strength::Blocks => block_strengths(),
            },
            split: self.split.map(|split| split.on(checks, shape)).transpose()?,
            blind: 0..0,
            kept: None,
        })
    }
}

impl SplitCase {
    fn on(self, checks: &Checks<'_>, shape: &str) -> Result<Split, ParityError> {
        let Self(foreground_adapters, background_adapters, foreground_scale, background_scale, merge, threshold) = self;
        Ok(Split {
            mask: checks.tensor(&format!("unet.{shape}.mask"))?,
            threshold: Tensor::from_floats([threshold], checks.device),
            foreground_adapters,
            background_adapters,
            foreground_scale,
            background_scale,
            merge,
            soft: false,
        })
    }
}

/// The strength of each of 16 cross-attentions where a level has one of its own (spec/model.md, section 10).
fn level_strengths(encoder: f32, middle: f32, low: f32) -> Vec<f32> {
    let of = |block| match block {
        0 | 1 => encoder,
        2 | 3 | 10..=12 => middle,
        4 | 5 | 7..=9 => low,
        _ => 1.0,
    };
    (0..16).map(of).collect()
}

/// A strength of its own for every cross-attention.
pub fn block_strengths() -> Vec<f32> {
    (0..16).map(|block| 0.3 + 0.05 * block as f32).collect()
}

/// What cross-attention reads where no other part of a condition matters.
fn crossing(context: Context) -> Crossing<'static> {
    Crossing {
        context,
        strength: &[],
        block: 0,
        blind: 0..0,
        kept: None,
        maps: None,
        own: SelfAttention::Own,
    }
}

fn layers(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("resblock", Tolerance::Stage, |checks| {
        let Layer::Residual(block) = layer(checks, Side::Input, 4, 0)? else {
            return Err(absent(checks, "a residual block at input_blocks.4.0"));
        };
        let output = block.forward(checks.tensor("resblock.x")?, checks.tensor("resblock.emb")?);
        Ok(vec![("resblock.out", Array::from_tensor(output)?)])
    })?;
    checks.group("sptrans", Tolerance::Stage, |checks| {
        let transformer = transformer(checks, Side::Input, 4)?;
        let mut crossing = crossing(Context::Whole(checks.tensor("sptrans.context")?));
        let output = transformer.forward(checks.tensor("resblock.out")?, &mut crossing);
        Ok(vec![("sptrans.out", Array::from_tensor(output)?)])
    })?;
    checks.group("downsample", Tolerance::Stage, |checks| {
        let Layer::Downsample(downsample) = layer(checks, Side::Input, 3, 0)? else {
            return Err(absent(checks, "a halving at input_blocks.3.0"));
        };
        let output = downsample.forward(checks.tensor("downsample.in")?);
        Ok(vec![("downsample.out", Array::from_tensor(output)?)])
    })
}

fn attention(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    checks.group("lora", Tolerance::Stage, |checks| {
        let [block] = &transformer(checks, Side::Input, 4)?.transformer_blocks;
        let input = checks.tensor::<2>("lora.in")?.unsqueeze::<3>();
        let modes = [
            ("none", None),
            ("fg", Some(Adapter::Foreground)),
            ("bg", Some(Adapter::Background)),
        ];
        let results = modes.into_iter().map(|(mode, adapter)| {
            let output = block.attn2.to_v.forward(input.clone(), adapter).squeeze::<2>();
            Ok((format!("lora.out_{mode}"), Array::from_tensor(output)?))
        });
        results.collect()
    })?;
    checks.group("attn2", Tolerance::Stage, |checks| {
        let [block] = &transformer(checks, Side::Output, 5)?.transformer_blocks;
        let split = SplitCase(true, true, 0.9, 0.6, 0.25, 0.05).on(checks, "ns")?;
        // Two halvings lie between this block and the latent.
        let [_, _, height, width] = split.mask.dims();
        let context = Context::new(checks.tensor("unet.ns.context")?, Some(split), 3);
        let mut crossing = Crossing {
            strength: &[0.75],
            ..crossing(context)
        };
        let output = block
            .attn2
            .forward(checks.tensor("attn2.x")?, [height / 4, width / 4], 2, &mut crossing);
        Ok(vec![("attn2.out", Array::from_tensor(output)?)])
    })
}

/// The states between the blocks of the run without a mask; those on the way down before a sketch map is added.
fn taps(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    /// The input blocks whose output a sketch map is added to (spec/model.md, section 8).
    const SKETCHED: [usize; 5] = [0, 3, 6, 9, 11];
    checks.group("unet.ns.tap", Tolerance::Stage, |checks| {
        let unet = &checks.model.networks.unet;
        let condition = CASES[0].condition(checks, "ns")?;
        let embedding = unet.embed_time(checks.tensor("unet.ns.t")?);
        let mut crossing = crossing(Context::Whole(condition.context));
        let mut results = Vec::new();
        let mut keep = |place: String, state: &Tensor<4>| -> Result<(), ParityError> {
            results.push((
                format!("unet.ns.tap.{place}"),
                Array::from_tensor(every(state.clone(), 1, 4))?,
            ));
            Ok(())
        };

        let mut hidden = checks.tensor("unet.ns.x")?;
        let mut skips = Vec::new();
        for (index, block) in unet.input_blocks.iter().enumerate() {
            hidden = run_block(block, hidden, &embedding, &mut crossing);
            keep(format!("in{index}"), &hidden)?;
            if let Some(map) = SKETCHED.iter().position(|&block| block == index) {
                hidden = hidden + condition.sketch[map].clone();
            }
            skips.push(hidden.clone());
        }
        let (first, transformer, last) = &unet.middle_block;
        hidden = first.forward(hidden, embedding.clone());
        hidden = last.forward(transformer.forward(hidden, &mut crossing), embedding.clone());
        keep("mid".to_owned(), &hidden)?;
        for ((index, block), skip) in unet.output_blocks.iter().enumerate().zip(skips.into_iter().rev()) {
            hidden = run_block(block, Tensor::cat(vec![hidden, skip], 1), &embedding, &mut crossing);
            keep(format!("outb{index}"), &hidden)?;
        }
        Ok(results)
    })
}

#[derive(Clone, Copy)]
enum Side {
    Input,
    Output,
}

fn layer<'a>(checks: &Checks<'a>, side: Side, block: usize, index: usize) -> Result<&'a Layer, ParityError> {
    let unet = &checks.model.networks.unet;
    let (blocks, name) = match side {
        Side::Input => (&unet.input_blocks, "input_blocks"),
        Side::Output => (&unet.output_blocks, "output_blocks"),
    };
    let layer = blocks.get(block).and_then(|block| block.get(index));
    layer.ok_or_else(|| absent(checks, &format!("{name}.{block}.{index}")))
}

fn transformer<'a>(checks: &Checks<'a>, side: Side, block: usize) -> Result<&'a SpatialTransformer, ParityError> {
    match layer(checks, side, block, 1)? {
        Layer::Transformer(transformer) => Ok(transformer),
        _ => Err(absent(checks, &format!("a transformer in block {block}"))),
    }
}

fn absent(checks: &Checks<'_>, what: &str) -> ParityError {
    checks.fixture.error(format!("the UNet of this configuration lacks {what}"))
}
