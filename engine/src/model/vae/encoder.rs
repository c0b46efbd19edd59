//! From a picture to the moments of its latent.

use std::ops::ControlFlow;

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use super::block::{EPSILON, Middle, Residual, residuals};
use super::tiles::{Norms, Observer, Tiling};
use crate::kernel::convolve;
use crate::model::config::VaeConfig;
use crate::model::layer::{conv3x3, group_norm, normalize_silu};

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
    pub(super) fn new(config: &VaeConfig, device: &Device) -> Self {
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

    pub(super) fn forward<Stop>(&self, image: Tensor<4>, observer: &mut Observer<'_, Stop>) -> ControlFlow<Stop, Tensor<4>> {
        let Some((last, finer)) = self.down.split_last() else {
            return ControlFlow::Continue(image);
        };
        let tiling = Tiling {
            levels: finer.len(),
            blocks: last.block.len(),
            input: 1 << finer.len(),
            output: 1,
        };
        let part = |image: Tensor<4>, norms: &mut Norms<'_>| self.to_coarsest(finer, image, norms);
        let hidden = tiling.run(image, observer, part)?;
        let hidden = last.block.iter().fold(hidden, |hidden, block| block.forward(hidden));
        let hidden = self.mid.forward(hidden);
        ControlFlow::Continue(convolve(&self.conv_out, normalize_silu(&self.norm_out, hidden)))
    }

    /// From the picture to the input of the level that has the latent's resolution.
    pub(super) fn to_coarsest(&self, finer: &[DownLevel], image: Tensor<4>, norms: &mut Norms<'_>) -> Tensor<4> {
        let mut hidden = convolve(&self.conv_in, image);
        for level in finer {
            hidden = level.block.iter().fold(hidden, |hidden, block| block.run(hidden, norms));
            if let Some(downsample) = &level.downsample {
                hidden = convolve(&downsample.conv, hidden);
            }
        }
        hidden
    }
}
