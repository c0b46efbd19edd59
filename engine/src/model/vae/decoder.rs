//! From a latent to a picture.

use std::ops::ControlFlow;

use burn::module::Module;
use burn::nn::GroupNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::block::{EPSILON, Middle, Residual, residuals};
use super::tiles::{Norms, Observer, Tiling};
use crate::kernel::convolve;
use crate::model::config::VaeConfig;
use crate::model::layer::{conv3x3, group_norm};
use crate::model::resample::Upsample;

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
    pub(super) fn new(config: &VaeConfig, device: &Device) -> Self {
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

    pub(super) fn forward<Stop>(&self, latent: Tensor<4>, observer: &mut Observer<'_, Stop>) -> ControlFlow<Stop, Tensor<4>> {
        let mut hidden = self.mid.forward(convolve(&self.conv_in, latent));
        let Some((coarsest, finer)) = self.up.split_last() else {
            return ControlFlow::Continue(hidden);
        };
        hidden = coarsest.block.iter().fold(hidden, |hidden, block| block.forward(hidden));
        let tiling = Tiling {
            levels: finer.len(),
            blocks: coarsest.block.len(),
            input: 1,
            output: 1 << finer.len(),
        };
        tiling.run(hidden, observer, |hidden, norms| {
            let hidden = coarsest.upsample.iter().fold(hidden, |hidden, layer| layer.forward(hidden));
            self.to_picture(finer, hidden, norms)
        })
    }

    /// From the input of the levels above the latent's resolution to the picture.
    pub(super) fn to_picture(&self, finer: &[UpLevel], mut hidden: Tensor<4>, norms: &mut Norms<'_>) -> Tensor<4> {
        for level in finer.iter().rev() {
            hidden = level.block.iter().fold(hidden, |hidden, block| block.run(hidden, norms));
            if let Some(upsample) = &level.upsample {
                hidden = upsample.forward(hidden);
            }
        }
        convolve(&self.conv_out, norms.normalize_silu(&self.norm_out, hidden))
    }
}
