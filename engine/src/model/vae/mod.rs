//! The autoencoder between pictures and latents an eighth their size (KL-f8; Rombach et al., 2022; spec/model.md, section 7).
//!
//! | file | what it does |
//! |---|---|
//! | [`encoder`], [`decoder`] | the two halves |
//! | [`block`] | what both are built from |
//! | [`tiles`] | large pictures piece by piece, in bounded memory |

mod block;
mod decoder;
mod encoder;
mod tiles;

use std::convert::Infallible;
use std::ops::ControlFlow;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::config::VaeConfig;
use super::layer::{conv1x1, pointwise};

pub use block::{Middle, PixelAttention, Residual};
pub use decoder::{Decoder, UpLevel};
pub use encoder::{DownLevel, Downsample, Encoder};
pub use tiles::{Observer, WHOLE};

/// Pixels of a picture's side for one of its latent: what the sketch encoder's stem, every mask and every size of picture are made for.
pub const LATENT_FACTOR: usize = 8;
/// Pixels that every side of a picture is a multiple of: the UNet halves its latent three times.
pub const GRAIN: u32 = 8 * LATENT_FACTOR as u32;

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

    /// `image` `[B, 3, H, W]` in `[-1, 1]`, sides multiples of `2^(levels - 1)`. In tiles where its latent has more than [`WHOLE`] pixels.
    pub fn encode(&self, image: Tensor<4>) -> Posterior {
        let ControlFlow::Continue(posterior) = self.encode_observed::<Infallible>(image, &mut || ControlFlow::Continue(()));
        posterior
    }

    /// [`Self::encode`], which asks the `observer` before each tile whether to go on.
    pub fn encode_observed<Stop>(&self, image: Tensor<4>, observer: &mut Observer<'_, Stop>) -> ControlFlow<Stop, Posterior> {
        let moments = pointwise(&self.quant_conv, self.encoder.forward(image, observer)?, None);
        let channels = moments.dims()[1] / 2;
        ControlFlow::Continue(Posterior {
            mean: moments.clone().narrow(1, 0, channels),
            log_variance: moments.narrow(1, channels, channels).clamp(-30.0, 20.0),
        })
    }

    /// An unscaled latent `[B, C, h, w]` to a picture `[B, 3, H, W]`, nominally in `[-1, 1]`, not clamped. In tiles where the latent has more
    /// than [`WHOLE`] pixels.
    pub fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        let ControlFlow::Continue(picture) = self.decode_observed::<Infallible>(latent, &mut || ControlFlow::Continue(()));
        picture
    }

    /// [`Self::decode`], which asks the `observer` before each tile whether to go on.
    pub fn decode_observed<Stop>(&self, latent: Tensor<4>, observer: &mut Observer<'_, Stop>) -> ControlFlow<Stop, Tensor<4>> {
        self.decoder.forward(pointwise(&self.post_quant_conv, latent, None), observer)
    }
}
