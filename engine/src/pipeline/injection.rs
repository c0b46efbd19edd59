//! A picture whose tokens the UNet's self-attentions look at, noised anew in every step (spec/model.md, section 18).

use std::ops::{ControlFlow, Range};

use ::image::RgbImage;
use burn::tensor::Tensor;

use crate::diffusion::schedule::NoiseSchedule;
use crate::image::{self, Placement};
use crate::model::config::ModelConfig;
use crate::model::vae::Observer;
use crate::model::{Colorizer, Injected, UnetCondition};
use crate::request::InjectionSettings;

/// The picture as the UNet sees it, and where its noise comes from.
pub struct Injection<'a> {
    /// Scaled, `[1, C, h, w]`.
    latent: Tensor<4>,
    /// The maps of its negative, times their strength; empty for none.
    sketch: Vec<Tensor<4>>,
    fidelity: f32,
    /// The share of the way from noise to picture from where on it is injected.
    pub start: f32,
    /// Standard normal, of the latent's shape.
    draw: Box<dyn FnMut() -> Tensor<4> + 'a>,
}

impl<'a> Injection<'a> {
    /// `picture`, stretched to `size`, is encoded with the first of the draws, as the release does. The `observer` is asked as
    /// [`Vae::encode_observed`](crate::model::Vae::encode_observed) does.
    pub fn new<Stop>(
        networks: &Colorizer,
        config: &ModelConfig,
        picture: &RgbImage,
        settings: &InjectionSettings,
        size: [u32; 2],
        mut draw: impl FnMut() -> Tensor<4> + 'a,
        observer: &mut Observer<'_, Stop>,
    ) -> ControlFlow<Stop, Self> {
        let noise = draw();
        let [width, height] = size;
        let whole = Placement {
            left: 0,
            top: 0,
            width,
            height,
        };
        let pixels = image::place_picture(picture, whole, size, &noise.device());
        let sketch = match settings.sketch_fidelity > 0.0 {
            true => networks.sketch_encoder.forward(pixels.clone().neg()),
            false => Vec::new(),
        };
        let posterior = networks.vae.encode_observed(pixels, observer)?;
        ControlFlow::Continue(Self {
            latent: posterior.sample(noise) * config.latent_scale,
            sketch: sketch.into_iter().map(|map| map * settings.sketch_fidelity).collect(),
            fidelity: settings.reference_fidelity,
            start: settings.start,
            draw: Box::new(draw),
        })
    }

    /// The picture's latent at the noise level of `timestep`, each time with noise of its own: `[1, C, h, w]`.
    pub fn noised(&mut self, schedule: &NoiseSchedule, timestep: f32) -> Tensor<4> {
        let table = schedule.alphas_cumprod();
        let kept = table[(timestep.round() as usize).min(table.len() - 1)];
        self.latent.clone() * kept.sqrt() + (self.draw)() * (1.0 - kept).sqrt()
    }

    /// What the self-attentions see in the picture, [`noised`](Self::noised) for `timestep`, in a call with `condition`. Of the rows `own` the share
    /// that is set looks at its own tokens alone.
    pub fn tokens(
        &self,
        networks: &Colorizer,
        noised: Tensor<4>,
        timestep: f32,
        condition: &UnetCondition,
        own: Option<Range<usize>>,
    ) -> Injected {
        let batch = condition.context.dims()[0] + condition.blind.len();
        let seen = UnetCondition {
            sketch: self.sketch.iter().map(|map| map.clone().repeat_dim(0, batch)).collect(),
            ..condition.clone()
        };
        let timesteps = Tensor::full([batch], timestep, &noised.device());
        Injected {
            tokens: networks.unet.tokens(noised.repeat_dim(0, batch), timesteps, &seen),
            own: own.map(|rows| (rows, self.fidelity)).filter(|(_, share)| *share > 1e-5),
        }
    }
}
