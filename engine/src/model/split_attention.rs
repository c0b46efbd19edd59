//! Cross-attention that looks at one half of the context for the figure and at the other for the rest
//! (spec/model.md, section 11; "split cross-attention" of Yan et al., 2025).

use std::ops::Range;

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Bool, DType, Device, Tensor};

use super::attention::{attend, attend_observed};
use super::config::LoraConfig;
use super::injection::SelfAttention;
use super::layer::{linear, project};
use super::lora::{Adapter, LoraLinear};
use super::resample::resize_mask;
use crate::kernel;

/// Where the figure is, and how its side and the other are treated.
#[derive(Clone, Debug)]
pub struct Split {
    /// `[B, 1, h, w]` of the latent's size, soft; bicubic overshoot is left in.
    pub mask: Tensor<4>,
    /// `[1]` or `[B]`, 0..=1: a mask value above it is figure.
    pub threshold: Tensor<1>,
    /// Whether the figure's side has its own adapters.
    pub foreground_adapters: bool,
    /// Whether the background's side has its own.
    pub background_adapters: bool,
    /// Factor of what the figure's side gives, 0..=1.
    pub foreground_scale: f32,
    /// Factor of what the background's side gives, 0..=1.
    pub background_scale: f32,
    /// Share of the background's output that is mixed into the figure, 0..=1.
    pub merge: f32,
    /// The mask's value is the figure's share, and the threshold counts for nothing.
    pub soft: bool,
}

impl Split {
    /// As the model is trained: both sides by their own adapters in full, nothing of one in the other, a hard edge.
    pub fn new(mask: Tensor<4>, threshold: Tensor<1>) -> Self {
        Self {
            mask,
            threshold,
            foreground_adapters: true,
            background_adapters: true,
            foreground_scale: 1.0,
            background_scale: 1.0,
            merge: 0.0,
            soft: false,
        }
    }
}

/// The softmax of one cross-attention, for training that supervises it.
#[derive(Clone, Debug)]
pub struct CrossAttentionMap {
    /// Number of the cross-attention, in the order they run.
    pub block: usize,
    pub height: usize,
    pub width: usize,
    /// `[B, heads, height * width, tokens]` over the first half of the context; without a split, over the whole.
    pub foreground: Tensor<4>,
    /// The same over the second half.
    pub background: Option<Tensor<4>>,
}

/// The tokens that cross-attention reads, made once a UNet call.
#[derive(Clone, Debug)]
pub enum Context {
    /// `[B, N, C]`.
    Whole(Tensor<3>),
    Split(SplitContext),
}

/// Both halves of the tokens, and the regions that read them.
#[derive(Clone, Debug)]
pub struct SplitContext {
    /// `[B, N/2, C]`.
    foreground: Tensor<3>,
    /// `[B, N/2, C]`.
    background: Tensor<3>,
    split: Split,
    /// By level: halved each time.
    regions: Vec<Region>,
}

/// Where the figure is, `[B, h * w, 1]`.
#[derive(Clone, Debug)]
enum Region {
    /// There or not.
    Hard(Tensor<3, Bool>),
    /// How much of it, 0..=1.
    Soft(Tensor<3>),
}

impl Region {
    /// Both branches' outputs `[B, h * w, C]`, each in its place.
    fn join(&self, foreground: Tensor<3>, background: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Hard(figure) => background.mask_where(figure.clone().expand(foreground.shape()), foreground),
            Self::Soft(share) => background.clone() + (foreground - background) * share.clone(),
        }
    }
}

impl Context {
    /// `levels`: how many resolutions the mask is wanted at, each half of the one before.
    pub fn new(tokens: Tensor<3>, split: Option<Split>, levels: usize) -> Self {
        let Some(split) = split else {
            return Self::Whole(tokens);
        };
        let half = tokens.dims()[1] / 2;
        let regions = (0..levels).map(|level| region(&split, 1 << level)).collect();
        Self::Split(SplitContext {
            foreground: tokens.clone().narrow(1, 0, half),
            background: tokens.narrow(1, half, half),
            split,
            regions,
        })
    }
}

/// Strictly above the threshold is figure, or else the mask says how much of it there is.
fn region(split: &Split, divisor: usize) -> Region {
    let mask = resize_mask(split.mask.clone(), divisor);
    let [batch, _, height, width] = mask.dims();
    if split.soft {
        return Region::Soft(mask.reshape([batch, height * width, 1]).clamp(0.0, 1.0));
    }
    let thresholds = split.threshold.dims()[0];
    let threshold = split
        .threshold
        .clone()
        .reshape([thresholds, 1, 1])
        .expand([batch, height * width, 1]);
    Region::Hard(mask.reshape([batch, height * width, 1]).greater(threshold))
}

/// How much of each cell is figure to the cross-attentions of a level, `[B, h, w]`: each level has half as many cells a side as the one before. 0 or 1; with a
/// soft split 0..=1.
pub fn figure_share(split: &Split, level: usize) -> Tensor<3> {
    let [batch, _, height, width] = split.mask.dims();
    let share = match region(split, 1 << level) {
        Region::Hard(figure) => figure.float(),
        Region::Soft(share) => share,
    };
    share.reshape([batch, height >> level, width >> level])
}

/// What the cross-attentions make of a condition that stays the same for all calls of a job.
#[derive(Clone, Debug)]
pub struct Kept {
    pub context: Context,
    /// By block; one for the whole context, or background and figure.
    pub sides: Vec<Vec<Side>>,
}

/// One side of a cross-attention, as far as it does not depend on the queries.
#[derive(Clone, Debug)]
pub struct Side {
    /// What makes queries of tokens, with its adapter, `[C, C]`. It may be in half precision.
    to_query: Tensor<2>,
    /// `[B, N, C]`.
    key: Tensor<3>,
    value: Tensor<3>,
}

/// What the cross-attentions of one UNet call share, and which of them comes next.
#[derive(Debug)]
pub struct Crossing<'a> {
    pub context: Context,
    /// One factor a cross-attention; empty for all 1.
    pub strength: &'a [f32],
    /// Number of the next cross-attention.
    pub block: usize,
    /// Rows of the batch that the context does not have: they get the output's bias.
    pub blind: Range<usize>,
    /// What an earlier call made of the same context.
    pub kept: Option<&'a Kept>,
    /// Where softmax maps are kept, when they are wanted.
    pub maps: Option<&'a mut Vec<CrossAttentionMap>>,
    /// What the self-attention before each looks at.
    pub own: SelfAttention<'a>,
}

/// The `attn2` of a transformer block.
#[derive(Module, Debug)]
pub struct SplitAttention {
    pub to_q: LoraLinear,
    pub to_k: LoraLinear,
    pub to_v: LoraLinear,
    pub to_out: [Linear; 1],
    heads: usize,
}

impl SplitAttention {
    pub fn new(channels: usize, context_dim: usize, head_width: usize, lora: &LoraConfig, device: &Device) -> Self {
        Self {
            to_q: LoraLinear::new(channels, channels, lora, device),
            to_k: LoraLinear::new(context_dim, channels, lora, device),
            to_v: LoraLinear::new(context_dim, channels, lora, device),
            to_out: [linear(channels, channels, device)],
            heads: channels / head_width,
        }
    }

    /// `tokens` `[B, height * width, C]`; `level`: how often the latent was halved to get here.
    pub fn forward(&self, tokens: Tensor<3>, size: [usize; 2], level: usize, crossing: &mut Crossing<'_>) -> Tensor<3> {
        let strength = crossing.strength.get(crossing.block).copied().unwrap_or(1.0);
        let observed = crossing.maps.is_some();
        let sides = match crossing.kept {
            Some(kept) => kept.sides[crossing.block].clone(),
            None => self.sides(&crossing.context),
        };
        let tokens = seeing(tokens, &crossing.blind);
        let (output, foreground, background) = match &crossing.context {
            Context::Whole(_) => {
                let (output, map) = self.attend(tokens, &sides[0], observed);
                (output * strength, map, None)
            }
            Context::Split(context) => {
                let split = &context.split;
                // Every query goes through both branches, though a hard mask needs one of them. To evaluate each in its own alone would save at most
                // 3 % of a step of the published size and 5 % with the model in the program (a step with masks against one with half the tokens
                // and no masks, CPU time of several runs, what stays the same kept), less what gathering the queries and putting them back
                // costs; on a GPU every mask would have shapes of its own.
                let (background, background_map) = self.attend(tokens.clone(), &sides[0], observed);
                let (foreground, foreground_map) = self.attend(tokens, &sides[1], observed);
                let background = background * (strength * split.background_scale);
                let mut foreground = foreground * (strength * split.foreground_scale);
                if split.merge != 0.0 {
                    foreground = foreground * (1.0 - split.merge) + background.clone() * split.merge;
                }
                let joined = context.regions[level].join(foreground, background);
                (joined, foreground_map, background_map)
            }
        };
        if let (Some(maps), Some(foreground)) = (crossing.maps.as_deref_mut(), foreground) {
            let (block, [height, width]) = (crossing.block, size);
            maps.push(CrossAttentionMap {
                block,
                height,
                width,
                foreground,
                background,
            });
        }
        crossing.block += 1;
        self.with_blind(project(&self.to_out[0], output, None), &crossing.blind)
    }

    /// What does not depend on the queries: of the whole context, or of background and figure.
    pub fn sides(&self, context: &Context) -> Vec<Side> {
        match context {
            Context::Whole(context) => vec![self.side(context, None)],
            Context::Split(context) => {
                let background = context.split.background_adapters.then_some(Adapter::Background);
                let foreground = context.split.foreground_adapters.then_some(Adapter::Foreground);
                vec![
                    self.side(&context.background, background),
                    self.side(&context.foreground, foreground),
                ]
            }
        }
    }

    fn side(&self, context: &Tensor<3>, adapter: Option<Adapter>) -> Side {
        let to_query = self.to_q.merged(adapter);
        // All queries of a job pass through it, and at 32 bits no matrix unit would take them.
        let narrowed = kernel::multiplies_halves(context) && self.to_q.weight.val().dtype() == DType::F16;
        Side {
            to_query: if narrowed { to_query.cast(DType::F16) } else { to_query },
            key: self.to_k.forward(context.clone(), adapter),
            value: self.to_v.forward(context.clone(), adapter),
        }
    }

    /// Attention to one side, and its softmax where it is wanted.
    fn attend(&self, tokens: Tensor<3>, side: &Side, observed: bool) -> (Tensor<3>, Option<Tensor<4>>) {
        let query = kernel::linear(tokens, side.to_query.clone());
        let (key, value) = (side.key.clone(), side.value.clone());
        if observed {
            let (output, map) = attend_observed(query, key, value, self.heads);
            (output, Some(map))
        } else {
            (attend(query, key, value, self.heads), None)
        }
    }

    /// The rows without a context between the others: attention to nothing but zeros is zero, so theirs is the output's bias.
    fn with_blind(&self, output: Tensor<3>, blind: &Range<usize>) -> Tensor<3> {
        if blind.is_empty() {
            return output;
        }
        let [rows, length, channels] = output.dims();
        let nothing = match &self.to_out[0].bias {
            Some(bias) => bias.val().reshape([1, 1, channels]).expand([blind.len(), length, channels]),
            None => Tensor::zeros([blind.len(), length, channels], &output.device()),
        };
        let part = |part: Range<usize>| (!part.is_empty()).then(|| output.clone().slice_dim(0, part));
        let parts = [part(0..blind.start), Some(nothing), part(blind.start..rows)];
        Tensor::cat(parts.into_iter().flatten().collect(), 0)
    }
}

/// The rows that have a context.
fn seeing(tokens: Tensor<3>, blind: &Range<usize>) -> Tensor<3> {
    if blind.is_empty() {
        return tokens;
    }
    let rows = tokens.dims()[0];
    let parts = [0..blind.start, blind.end..rows].into_iter().filter(|part| !part.is_empty());
    Tensor::cat(parts.map(|part| tokens.clone().slice_dim(0, part)).collect(), 0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;
    use crate::model::config::ModelConfig;
    use crate::model::test_weights::drawn;
    use crate::model::{Unet, UnetCondition};

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    #[test]
    fn keeping_a_context_and_leaving_out_zeros_change_nothing() {
        let config: ModelConfig = ron::from_str(include_str!("../training/micro.ron")).expect("the micro model is right");
        let device = Device::flex();
        let unet = drawn(Unet::new(&config.unet, &device));
        let times = Tensor::from_floats([10.0, 500.0, 900.0], &device);
        let split = Split {
            foreground_scale: 0.9,
            background_scale: 0.8,
            merge: 0.25,
            ..Split::new(random([3, 1, 8, 8]), Tensor::from_floats([0.1], &device))
        };
        for split in [None, Some(split.clone()), Some(Split { soft: true, ..split })] {
            // The second of three pictures has a context of zeros.
            let [first, last] = [0, 1].map(|_| random([1, 8, config.unet.context_dim]));
            let complete = UnetCondition {
                strength: (0..config.unet.cross_attentions())
                    .map(|block| 1.0 - 0.02 * block as f32)
                    .collect(),
                split: split.clone(),
                ..UnetCondition::new(
                    Tensor::cat(vec![first.clone(), first.zeros_like(), last.clone()], 0),
                    Vec::new(),
                )
            };
            let kept = unet.keep(UnetCondition {
                context: Tensor::cat(vec![first, last], 0),
                split: split.map(|split| Split {
                    mask: Tensor::cat(vec![split.mask.clone().narrow(0, 0, 1), split.mask.narrow(0, 2, 1)], 0),
                    ..split
                }),
                blind: 1..2,
                ..complete.clone()
            });
            for _ in 0..2 {
                let latents = random([3, config.unet.in_channels, 8, 8]);
                let expected = unet.forward(latents.clone(), times.clone(), &complete);
                let output = unet.forward(latents, times.clone(), &kept);
                let scale: f32 = expected.clone().abs().max().into_scalar();
                let error: f32 = (output - expected).abs().max().into_scalar();
                assert!(scale > 0.1 && error < 1e-5 * scale, "{error} of {scale}");
            }
        }
    }
}
