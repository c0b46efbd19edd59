//! What encoder and decoder are built from.

use burn::module::Module;
use burn::nn::GroupNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::tiles::Norms;
use crate::kernel::convolve;
use crate::model::attention::attend_in_full;
use crate::model::config::VaeConfig;
use crate::model::layer::{conv1x1, conv3x3, group_norm, normalize, pointwise, pointwise_from_tokens, pointwise_to_tokens};

/// All group norms here.
pub(super) const EPSILON: f64 = 1e-6;

/// `count` blocks in a row, the first from `channels` to `width`.
pub(super) fn residuals(channels: &mut usize, width: usize, count: usize, config: &VaeConfig, device: &Device) -> Vec<Residual> {
    (0..count)
        .map(|_| {
            let input = std::mem::replace(channels, width);
            Residual::new(input, width, config.norm_groups, device)
        })
        .collect()
}

#[derive(Module, Debug)]
pub struct Middle {
    pub block_1: Residual,
    pub attn_1: PixelAttention,
    pub block_2: Residual,
}

impl Middle {
    pub(super) fn new(channels: usize, config: &VaeConfig, device: &Device) -> Self {
        Self {
            block_1: Residual::new(channels, channels, config.norm_groups, device),
            attn_1: PixelAttention::new(channels, config.norm_groups, device),
            block_2: Residual::new(channels, channels, config.norm_groups, device),
        }
    }

    pub(super) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.block_2.forward(self.attn_1.forward(self.block_1.forward(input)))
    }
}

/// Two normalised convolutions, added to what they read.
#[derive(Module, Debug)]
pub struct Residual {
    pub norm1: GroupNorm,
    pub conv1: Conv2d,
    pub norm2: GroupNorm,
    pub conv2: Conv2d,
    /// Only where the width changes.
    pub nin_shortcut: Option<Conv2d>,
}

impl Residual {
    fn new(input: usize, output: usize, groups: usize, device: &Device) -> Self {
        Self {
            norm1: group_norm(groups, input, EPSILON, device),
            conv1: conv3x3(input, output, 1, device),
            norm2: group_norm(groups, output, EPSILON, device),
            conv2: conv3x3(output, output, 1, device),
            nin_shortcut: (input != output).then(|| conv1x1(input, output, device)),
        }
    }

    /// `[B, C, h, w] -> [B, C', h, w]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.run(input, &mut Norms::Own)
    }

    pub(super) fn run(&self, input: Tensor<4>, norms: &mut Norms<'_>) -> Tensor<4> {
        let hidden = convolve(&self.conv1, norms.normalize_silu(&self.norm1, input.clone()));
        let hidden = convolve(&self.conv2, norms.normalize_silu(&self.norm2, hidden));
        match &self.nin_shortcut {
            Some(shortcut) => pointwise(shortcut, input, Some(hidden)),
            None => input + hidden,
        }
    }
}

/// Self-attention of all pixels, one head of full width, added to what it reads.
#[derive(Module, Debug)]
pub struct PixelAttention {
    pub norm: GroupNorm,
    pub q: Conv2d,
    pub k: Conv2d,
    pub v: Conv2d,
    pub proj_out: Conv2d,
}

impl PixelAttention {
    fn new(channels: usize, groups: usize, device: &Device) -> Self {
        Self {
            norm: group_norm(groups, channels, EPSILON, device),
            q: conv1x1(channels, channels, device),
            k: conv1x1(channels, channels, device),
            v: conv1x1(channels, channels, device),
            proj_out: conv1x1(channels, channels, device),
        }
    }

    /// `[B, C, h, w] -> [B, C, h, w]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = input.dims();
        let normed = normalize(&self.norm, input.clone());
        let [query, key, value] = [&self.q, &self.k, &self.v].map(|conv| pointwise_to_tokens(conv, normed.clone()));
        let attended = attend_in_full(query, key, value, 1);
        pointwise_from_tokens(&self.proj_out, attended, [height, width], Some(input))
    }
}
