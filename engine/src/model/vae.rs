//! The autoencoder between pictures and latents an eighth their size (KL-f8; Rombach et al., 2022; spec/model.md, section 7).

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use super::attention::attend;
use super::config::VaeConfig;
use super::layer::{
    conv1x1, conv3x3, group_norm, normalize, normalize_silu, pointwise, pointwise_from_tokens, pointwise_to_tokens,
};
use super::resample::Upsample;
use crate::kernel::convolve;

/// All group norms here.
const EPSILON: f64 = 1e-6;

#[derive(Module, Debug)]
pub struct Vae {
    pub encoder: Encoder,
    pub decoder: Decoder,
    pub quant_conv: Conv2d,
    pub post_quant_conv: Conv2d,
}

/// A diagonal normal distribution over latents, unscaled; both `[B, C, h, w]`.
#[derive(Clone, Debug)]
pub struct Posterior {
    pub mean: Tensor<4>,
    /// Clamped to `[-30, 20]`.
    pub log_variance: Tensor<4>,
}

impl Posterior {
    /// The likeliest latent.
    pub fn mode(self) -> Tensor<4> {
        self.mean
    }

    /// `mean + deviation * noise`, for standard normal `noise` of the same shape.
    pub fn sample(self, noise: Tensor<4>) -> Tensor<4> {
        self.mean + (self.log_variance * 0.5).exp() * noise
    }
}

impl Vae {
    pub fn new(config: &VaeConfig, device: &Device) -> Self {
        let latent = config.latent_channels;
        Self {
            encoder: Encoder::new(config, device),
            decoder: Decoder::new(config, device),
            quant_conv: conv1x1(2 * latent, 2 * latent, device),
            post_quant_conv: conv1x1(latent, latent, device),
        }
    }

    /// `image` `[B, 3, H, W]` in `[-1, 1]`, sides multiples of `2^(levels - 1)`.
    pub fn encode(&self, image: Tensor<4>) -> Posterior {
        let moments = pointwise(&self.quant_conv, self.encoder.forward(image), None);
        let channels = moments.dims()[1] / 2;
        Posterior {
            mean: moments.clone().narrow(1, 0, channels),
            log_variance: moments.narrow(1, channels, channels).clamp(-30.0, 20.0),
        }
    }

    /// An unscaled latent `[B, C, h, w]` to a picture `[B, 3, H, W]`, nominally in `[-1, 1]`, not clamped.
    pub fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        self.decoder.forward(pointwise(&self.post_quant_conv, latent, None))
    }
}

#[derive(Module, Debug)]
pub struct Encoder {
    pub conv_in: Conv2d,
    /// Highest resolution first.
    pub down: Vec<DownLevel>,
    pub mid: Middle,
    pub norm_out: GroupNorm,
    pub conv_out: Conv2d,
}

#[derive(Module, Debug)]
pub struct DownLevel {
    pub block: Vec<Residual>,
    pub downsample: Option<Downsample>,
}

/// Halving that pads on the right and at the bottom only.
#[derive(Module, Debug)]
pub struct Downsample {
    pub conv: Conv2d,
}

impl Encoder {
    fn new(config: &VaeConfig, device: &Device) -> Self {
        let base = config.base_channels;
        let last = config.channel_mult.len() - 1;
        let mut channels = base;
        let mut down = Vec::with_capacity(config.channel_mult.len());
        for (level, factor) in config.channel_mult.iter().enumerate() {
            let block = residuals(&mut channels, base * factor, config.num_res_blocks, config, device);
            let downsample = (level < last).then(|| Downsample {
                conv: Conv2dConfig::new([channels, channels], [3, 3])
                    .with_stride([2, 2])
                    .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1))
                    .init(device),
            });
            down.push(DownLevel { block, downsample });
        }
        Self {
            conv_in: conv3x3(3, base, 1, device),
            down,
            mid: Middle::new(channels, config, device),
            norm_out: group_norm(config.norm_groups, channels, EPSILON, device),
            conv_out: conv3x3(channels, 2 * config.latent_channels, 1, device),
        }
    }

    fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        let mut hidden = convolve(&self.conv_in, image);
        for level in &self.down {
            hidden = level.block.iter().fold(hidden, |hidden, block| block.forward(hidden));
            if let Some(downsample) = &level.downsample {
                hidden = convolve(&downsample.conv, hidden);
            }
        }
        let hidden = self.mid.forward(hidden);
        convolve(&self.conv_out, normalize_silu(&self.norm_out, hidden))
    }
}

#[derive(Module, Debug)]
pub struct Decoder {
    pub conv_in: Conv2d,
    pub mid: Middle,
    /// Highest resolution first: run in reverse.
    pub up: Vec<UpLevel>,
    pub norm_out: GroupNorm,
    pub conv_out: Conv2d,
}

#[derive(Module, Debug)]
pub struct UpLevel {
    pub block: Vec<Residual>,
    pub upsample: Option<Upsample>,
}

impl Decoder {
    fn new(config: &VaeConfig, device: &Device) -> Self {
        let base = config.base_channels;
        let top = base * config.channel_mult.last().copied().unwrap_or(1);
        let mut channels = top;
        let mut up = Vec::with_capacity(config.channel_mult.len());
        for (level, factor) in config.channel_mult.iter().enumerate().rev() {
            let block = residuals(&mut channels, base * factor, config.num_res_blocks + 1, config, device);
            let upsample = (level > 0).then(|| Upsample::new(channels, device));
            up.push(UpLevel { block, upsample });
        }
        up.reverse();
        Self {
            conv_in: conv3x3(config.latent_channels, top, 1, device),
            mid: Middle::new(top, config, device),
            up,
            norm_out: group_norm(config.norm_groups, channels, EPSILON, device),
            conv_out: conv3x3(channels, 3, 1, device),
        }
    }

    fn forward(&self, latent: Tensor<4>) -> Tensor<4> {
        let mut hidden = self.mid.forward(convolve(&self.conv_in, latent));
        for level in self.up.iter().rev() {
            hidden = level.block.iter().fold(hidden, |hidden, block| block.forward(hidden));
            if let Some(upsample) = &level.upsample {
                hidden = upsample.forward(hidden);
            }
        }
        convolve(&self.conv_out, normalize_silu(&self.norm_out, hidden))
    }
}

/// `count` blocks in a row, the first from `channels` to `width`.
fn residuals(channels: &mut usize, width: usize, count: usize, config: &VaeConfig, device: &Device) -> Vec<Residual> {
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
    fn new(channels: usize, config: &VaeConfig, device: &Device) -> Self {
        Self {
            block_1: Residual::new(channels, channels, config.norm_groups, device),
            attn_1: PixelAttention::new(channels, config.norm_groups, device),
            block_2: Residual::new(channels, channels, config.norm_groups, device),
        }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
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
        let hidden = convolve(&self.conv1, normalize_silu(&self.norm1, input.clone()));
        let hidden = convolve(&self.conv2, normalize_silu(&self.norm2, hidden));
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
        let attended = attend(query, key, value, 1);
        pointwise_from_tokens(&self.proj_out, attended, [height, width], Some(input))
    }
}
