//! The denoising UNet (Rombach et al., 2022) with split cross-attention (spec/model.md, section 9).

use std::ops::Range;

use burn::module::Module;
use burn::nn::activation::SiLU;
use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::config::UnetConfig;
use super::embedding::sinusoid;
use super::injection::{Injected, SelfAttention};
use super::layer::{conv3x3, group_norm, linear, normalize_silu, project_vectors, zero_conv3x3};
use super::resample::{Downsample, Upsample};
use super::resnet::{EPSILON, ResidualBlock};
use super::split_attention::{Context, CrossAttentionMap, Crossing, Kept, Split, SplitAttention};
use super::transformer::SpatialTransformer;
use crate::kernel::convolve;

/// What the UNet is told besides the noisy latent and the time.
#[derive(Clone, Debug)]
pub struct UnetCondition {
    /// Tokens `[B, N, C]`; with a split, N is even: the figure's half first.
    pub context: Tensor<3>,
    /// The sketch encoder's maps, already times the sketch strength; empty for none.
    pub sketch: Vec<Tensor<4>>,
    /// One factor a cross-attention, in the order they run; empty for all 1.
    pub strength: Vec<f32>,
    pub split: Option<Split>,
    /// Rows of the batch that `context` and `split` leave out because their context is all zeros: cross-attention makes nothing of it.
    pub blind: Range<usize>,
    /// What the cross-attentions make of `context` and `split` ([`Unet::keep`]); without it every call makes it anew, as training must.
    pub kept: Option<Kept>,
}

impl UnetCondition {
    /// Of tokens `[B, N, C]` and the sketch encoder's maps alone, each in full.
    pub fn new(context: Tensor<3>, sketch: Vec<Tensor<4>>) -> Self {
        Self {
            context,
            sketch,
            strength: Vec::new(),
            split: None,
            blind: 0..0,
            kept: None,
        }
    }
}

#[derive(Module, Debug)]
pub struct Unet {
    pub time_embed: (Linear, SiLU, Linear),
    pub input_blocks: Vec<Vec<Layer>>,
    pub middle_block: (ResidualBlock, SpatialTransformer, ResidualBlock),
    pub output_blocks: Vec<Vec<Layer>>,
    pub out: (GroupNorm, SiLU, Conv2d),
    model_channels: usize,
    levels: usize,
}

/// A layer of an input or output block.
#[derive(Module, Debug)]
// Every variant is used many times in a model, and none is moved after it is built.
#[allow(clippy::large_enum_variant)]
pub enum Layer {
    Stem(Conv2d),
    Residual(ResidualBlock),
    Transformer(SpatialTransformer),
    Downsample(Downsample),
    Upsample(Upsample),
}

impl Layer {
    fn forward(&self, input: Tensor<4>, embedding: &Tensor<2>, crossing: &mut Crossing<'_>) -> Tensor<4> {
        match self {
            Self::Stem(layer) => convolve(layer, input),
            Self::Residual(layer) => layer.forward(input, embedding.clone()),
            Self::Transformer(layer) => layer.forward(input, crossing),
            Self::Downsample(layer) => layer.forward(input),
            Self::Upsample(layer) => layer.forward(input),
        }
    }
}

impl Unet {
    pub fn new(config: &UnetConfig, device: &Device) -> Self {
        let model_channels = config.model_channels;
        let embedding = 4 * model_channels;
        let residual = |input, output| ResidualBlock::new(input, output, embedding, config.norm_groups, device);
        let widths: Vec<usize> = config.channel_mult.iter().map(|factor| factor * model_channels).collect();
        let last = widths.len() - 1;

        let mut channels = model_channels;
        let mut skips = vec![channels];
        let mut input_blocks = vec![vec![Layer::Stem(conv3x3(config.in_channels, channels, 1, device))]];
        for (level, &width) in widths.iter().enumerate() {
            for _ in 0..config.num_res_blocks {
                let mut block = vec![Layer::Residual(residual(channels, width))];
                if config.attends(level) {
                    block.push(Layer::Transformer(SpatialTransformer::new(width, level, config, device)));
                }
                channels = width;
                input_blocks.push(block);
                skips.push(channels);
            }
            if level < last {
                input_blocks.push(vec![Layer::Downsample(Downsample::new(channels, device))]);
                skips.push(channels);
            }
        }

        let middle_block = (
            residual(channels, channels),
            SpatialTransformer::new(channels, last, config, device),
            residual(channels, channels),
        );

        let mut output_blocks = Vec::with_capacity(skips.len());
        for (level, &width) in widths.iter().enumerate().rev() {
            for index in 0..=config.num_res_blocks {
                let skip = skips.pop().expect("an output block for every input block");
                let mut block = vec![Layer::Residual(residual(channels + skip, width))];
                if config.attends(level) {
                    block.push(Layer::Transformer(SpatialTransformer::new(width, level, config, device)));
                }
                channels = width;
                if index == config.num_res_blocks && level > 0 {
                    block.push(Layer::Upsample(Upsample::new(channels, device)));
                }
                output_blocks.push(block);
            }
        }

        Self {
            time_embed: (
                linear(model_channels, embedding, device),
                SiLU::new(),
                linear(embedding, embedding, device),
            ),
            input_blocks,
            middle_block,
            output_blocks,
            out: (
                group_norm(config.norm_groups, channels, EPSILON, device),
                SiLU::new(),
                zero_conv3x3(channels, config.out_channels, device),
            ),
            model_channels,
            levels: widths.len(),
        }
    }

    /// The condition with what is made of it only once for all calls of a job.
    pub fn keep(&self, condition: UnetCondition) -> UnetCondition {
        let context = Context::new(condition.context.clone(), condition.split.clone(), self.levels);
        let sides = self.cross_attentions().map(|attention| attention.sides(&context)).collect();
        UnetCondition {
            kept: Some(Kept { context, sides }),
            ..condition
        }
    }

    /// In the order they run.
    fn cross_attentions(&self) -> impl Iterator<Item = &SplitAttention> {
        fn among(blocks: &[Vec<Layer>]) -> impl Iterator<Item = &SpatialTransformer> {
            blocks.iter().flatten().filter_map(|layer| match layer {
                Layer::Transformer(transformer) => Some(transformer),
                _ => None,
            })
        }
        among(&self.input_blocks)
            .chain([&self.middle_block.1])
            .chain(among(&self.output_blocks))
            .map(|transformer| &transformer.transformer_blocks[0].attn2)
    }

    /// The raw output (noise or velocity) for noisy latents `x` `[B, C, h, w]`, `h` and `w` multiples of `2^(levels - 1)`,
    /// at `timesteps` `[B]`, which may be fractional.
    pub fn forward(&self, x: Tensor<4>, timesteps: Tensor<1>, condition: &UnetCondition) -> Tensor<4> {
        self.run(x, timesteps, condition, None, SelfAttention::Own)
    }

    /// [`Self::forward`], and the softmax maps of every cross-attention are appended to `maps`. For training.
    pub fn forward_observed(
        &self,
        x: Tensor<4>,
        timesteps: Tensor<1>,
        condition: &UnetCondition,
        maps: &mut Vec<CrossAttentionMap>,
    ) -> Tensor<4> {
        self.run(x, timesteps, condition, Some(maps), SelfAttention::Own)
    }

    /// The normalised input `[B, N, C]` of every self-attention, in the order they run.
    pub fn tokens(&self, x: Tensor<4>, timesteps: Tensor<1>, condition: &UnetCondition) -> Vec<Tensor<3>> {
        let mut tokens = Vec::new();
        self.run(x, timesteps, condition, None, SelfAttention::Kept(&mut tokens));
        tokens
    }

    /// [`Self::forward`], its self-attentions looking at the tokens of another call too.
    pub fn forward_injected(
        &self,
        x: Tensor<4>,
        timesteps: Tensor<1>,
        condition: &UnetCondition,
        injected: &Injected,
    ) -> Tensor<4> {
        self.run(x, timesteps, condition, None, SelfAttention::Injected(injected))
    }

    /// The time's vector, `[B] -> [B, 4 * model_channels]`.
    pub fn embed_time(&self, timesteps: Tensor<1>) -> Tensor<2> {
        let (first, activation, last) = &self.time_embed;
        let hidden = project_vectors(first, sinusoid(timesteps, self.model_channels));
        project_vectors(last, activation.forward(hidden))
    }

    fn run(
        &self,
        x: Tensor<4>,
        timesteps: Tensor<1>,
        condition: &UnetCondition,
        maps: Option<&mut Vec<CrossAttentionMap>>,
        own: SelfAttention<'_>,
    ) -> Tensor<4> {
        let embedding = self.embed_time(timesteps);
        let mut crossing = Crossing {
            context: match &condition.kept {
                Some(kept) => kept.context.clone(),
                None => Context::new(condition.context.clone(), condition.split.clone(), self.levels),
            },
            strength: &condition.strength,
            block: 0,
            blind: condition.blind.clone(),
            kept: condition.kept.as_ref(),
            maps,
            own,
        };
        let mut sketch = condition.sketch.iter();
        let mut skips = Vec::with_capacity(self.input_blocks.len());
        let mut hidden = x;
        for (index, block) in self.input_blocks.iter().enumerate() {
            hidden = run_block(block, hidden, &embedding, &mut crossing);
            if self.takes_sketch(index)
                && let Some(map) = sketch.next()
            {
                hidden = hidden + map.clone();
            }
            skips.push(hidden.clone());
        }

        let (first, transformer, last) = &self.middle_block;
        hidden = first.forward(hidden, embedding.clone());
        hidden = transformer.forward(hidden, &mut crossing);
        hidden = last.forward(hidden, embedding.clone());

        for (block, skip) in self.output_blocks.iter().zip(skips.into_iter().rev()) {
            hidden = run_block(block, Tensor::cat(vec![hidden, skip], 1), &embedding, &mut crossing);
        }
        let (norm, _, conv) = &self.out;
        convolve(conv, normalize_silu(norm, hidden))
    }

    /// A sketch map is added after the stem, each halving and the last input block, before the skip is kept.
    fn takes_sketch(&self, index: usize) -> bool {
        index + 1 == self.input_blocks.len() || matches!(self.input_blocks[index][0], Layer::Stem(_) | Layer::Downsample(_))
    }
}

/// The layers of one block in turn.
pub(crate) fn run_block(block: &[Layer], input: Tensor<4>, embedding: &Tensor<2>, crossing: &mut Crossing<'_>) -> Tensor<4> {
    block
        .iter()
        .fold(input, |hidden, layer| layer.forward(hidden, embedding, crossing))
}
