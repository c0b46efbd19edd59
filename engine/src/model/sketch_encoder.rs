//! The network that turns a sketch into feature maps for the UNet; it knows no time, so it runs once a picture (spec/model.md, section 8).

use burn::module::Module;
use burn::nn::activation::SiLU;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::config::SketchEncoderConfig;
use super::layer::{conv3x3, pointwise, zero_conv1x1};
use crate::kernel::{convolve, silu};

/// Strides of the stem's convolutions: together the eight of the VAE.
const STEM_STRIDES: [usize; 8] = [1, 1, 2, 1, 2, 1, 2, 1];

#[derive(Module, Debug)]
pub struct SketchEncoder {
    /// Convolutions at even places, activations at odd ones.
    pub model: Vec<StemLayer>,
    pub zero_layer: [Conv2d; 1],
    pub output_blocks: Vec<(SiLU, Conv2d, SiLU, Conv2d)>,
    pub zero_blocks: Vec<[Conv2d; 1]>,
}

#[derive(Module, Debug)]
pub enum StemLayer {
    Conv(Conv2d),
    Activation(SiLU),
}

impl SketchEncoder {
    pub fn new(config: &SketchEncoderConfig, device: &Device) -> Self {
        let widths: Vec<usize> = config
            .channel_mult
            .iter()
            .map(|factor| factor * config.model_channels)
            .collect();
        let stem_output = widths[0];

        let mut model = Vec::with_capacity(2 * STEM_STRIDES.len() - 1);
        let mut channels = config.in_channels;
        for (width, stride) in config.stem_channels.into_iter().chain([stem_output]).zip(STEM_STRIDES) {
            if !model.is_empty() {
                model.push(StemLayer::Activation(SiLU::new()));
            }
            model.push(StemLayer::Conv(conv3x3(channels, width, stride, device)));
            channels = width;
        }

        let last = widths.len() - 1;
        let mut output_blocks = Vec::with_capacity(widths.len());
        for (level, &width) in widths.iter().enumerate() {
            let stride = if level < last { 2 } else { 1 };
            let first = conv3x3(channels, width, stride, device);
            output_blocks.push((SiLU::new(), first, SiLU::new(), conv3x3(width, width, 1, device)));
            channels = width;
        }
        Self {
            model,
            zero_layer: [zero_conv1x1(stem_output, stem_output, device)],
            output_blocks,
            zero_blocks: widths.into_iter().map(|width| [zero_conv1x1(width, width, device)]).collect(),
        }
    }

    /// `sketch` `[B, 3, H, W]`, ink +1 and paper -1. For latents `h x w` with widths `c`: `[c0, h, w]`, then each level's own width, halved each
    /// time but the last: `[c0, h/2, w/2]`, `[c1, h/4, w/4]`, `[c2, h/8, w/8]`, `[c3, h/8, w/8]`.
    pub fn forward(&self, sketch: Tensor<4>) -> Vec<Tensor<4>> {
        let mut hidden = self.model.iter().fold(sketch, |hidden, layer| match layer {
            StemLayer::Conv(conv) => convolve(conv, hidden),
            StemLayer::Activation(_) => silu(hidden),
        });
        let mut maps = vec![pointwise(&self.zero_layer[0], hidden.clone(), None)];
        for ((_, first, _, second), [zero]) in self.output_blocks.iter().zip(&self.zero_blocks) {
            hidden = convolve(second, silu(convolve(first, silu(hidden))));
            maps.push(pointwise(zero, hidden.clone(), None));
        }
        maps
    }
}
