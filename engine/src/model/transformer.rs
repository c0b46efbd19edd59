//! The UNet's transformer over the pixels of a feature map.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, Identity, LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::UnetConfig;
use super::layer::{
    conv1x1, group_norm, layer_norm, linear, normalize, pointwise_from_tokens, pointwise_to_tokens, project, zero_conv1x1,
};
use super::split_attention::{Crossing, SplitAttention};
use crate::kernel;

/// Group norm before the projection into tokens.
const EPSILON: f64 = 1e-6;

#[derive(Module, Debug)]
pub struct SpatialTransformer {
    pub norm: GroupNorm,
    pub proj_in: Conv2d,
    pub transformer_blocks: [TransformerBlock; 1],
    pub proj_out: Conv2d,
    level: usize,
}

impl SpatialTransformer {
    /// `level`: how often the latent was halved to get here.
    pub fn new(channels: usize, level: usize, config: &UnetConfig, device: &Device) -> Self {
        Self {
            norm: group_norm(config.norm_groups, channels, EPSILON, device),
            proj_in: conv1x1(channels, channels, device),
            transformer_blocks: [TransformerBlock::new(channels, config, device)],
            proj_out: zero_conv1x1(channels, channels, device),
            level,
        }
    }

    /// `[B, C, h, w] -> [B, C, h, w]`.
    pub fn forward(&self, input: Tensor<4>, crossing: &mut Crossing<'_>) -> Tensor<4> {
        let [_, _, height, width] = input.dims();
        let tokens = pointwise_to_tokens(&self.proj_in, normalize(&self.norm, input.clone()));
        let tokens = self.transformer_blocks[0].forward(tokens, [height, width], self.level, crossing);
        pointwise_from_tokens(&self.proj_out, tokens, [height, width], Some(input))
    }
}

/// Self-attention, split cross-attention and a gated feed-forward, each added to what it reads.
#[derive(Module, Debug)]
pub struct TransformerBlock {
    pub norm1: LayerNorm,
    pub attn1: Attention,
    pub norm2: LayerNorm,
    pub attn2: SplitAttention,
    pub norm3: LayerNorm,
    pub ff: FeedForward,
}

impl TransformerBlock {
    fn new(channels: usize, config: &UnetConfig, device: &Device) -> Self {
        Self {
            norm1: layer_norm(channels, device),
            attn1: Attention::new(channels, config.head_channels, device),
            norm2: layer_norm(channels, device),
            attn2: SplitAttention::new(channels, config.context_dim, config.head_channels, &config.lora, device),
            norm3: layer_norm(channels, device),
            ff: FeedForward::new(channels, device),
        }
    }

    fn forward(&self, tokens: Tensor<3>, size: [usize; 2], level: usize, crossing: &mut Crossing<'_>) -> Tensor<3> {
        let normed = kernel::layer_norm(&self.norm1, tokens.clone());
        let tokens = tokens + crossing.own.attend(&self.attn1, normed, crossing.block);
        let normed = kernel::layer_norm(&self.norm2, tokens.clone());
        let tokens = tokens + self.attn2.forward(normed, size, level, crossing);
        let normed = kernel::layer_norm(&self.norm3, tokens.clone());
        self.ff.forward(normed, tokens)
    }
}

/// `Linear(value * gelu(gate))` (GEGLU; Shazeer, 2020), four times as wide inside.
#[derive(Module, Debug)]
pub struct FeedForward {
    pub net: (Gate, Identity, Linear),
}

/// Values and gates in one projection.
#[derive(Module, Debug)]
pub struct Gate {
    pub proj: Linear,
}

impl FeedForward {
    fn new(channels: usize, device: &Device) -> Self {
        let gate = Gate {
            proj: linear(channels, 8 * channels, device),
        };
        Self {
            net: (gate, Identity::new(), linear(4 * channels, channels, device)),
        }
    }

    /// Added to `more`.
    fn forward(&self, tokens: Tensor<3>, more: Tensor<3>) -> Tensor<3> {
        let (gate, _, last) = &self.net;
        project(last, kernel::geglu(project(&gate.proj, tokens, None)), Some(more))
    }
}
