//! The UNet as a sampler calls it: how the noise is walked down, guidance, windows, injection.

use std::cell::LazyCell;

use burn::tensor::Tensor;

use super::conditioning::Conditions;
use super::injection::Injection;
use crate::diffusion::guidance::{Guidance, Row, Window};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::Colorizer;
use crate::model::config::{ModelConfig, Prediction};
use crate::request::{Sampler, Schedule, Settings};

/// How the noise is walked down.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub sampler: Sampler,
    pub schedule: Schedule,
    pub steps: u32,
    pub prediction: Prediction,
    pub guidance: Guidance,
    pub window: Window,
}

impl Plan {
    pub fn new(settings: &Settings, config: &ModelConfig) -> Self {
        Self {
            sampler: settings.sampler,
            schedule: settings.schedule,
            steps: settings.steps,
            prediction: settings.prediction.unwrap_or(config.prediction),
            guidance: Guidance {
                reference: settings.reference_guidance,
                sketch: settings.sketch_guidance,
            },
            window: Window {
                span: settings.reference_window,
                pause: settings.reference_pause,
                last_timestep: config.schedule.timesteps.saturating_sub(1).max(1) as f32,
            },
        }
    }
}

/// The network as a sampler calls it: from latents `[batch, C, h, w]` of variance 1 and a timestep to the UNet's raw output, guided, every
/// picture of the batch under the same conditions. Guidance costs one larger call of the UNet a step, not several; injection costs a second one.
pub fn guided<'a>(
    networks: &'a Colorizer,
    schedule: &'a NoiseSchedule,
    conditions: &Conditions,
    plan: &Plan,
    mut injection: Option<Injection<'a>>,
    batch: usize,
) -> impl FnMut(Tensor<4>, f32) -> Tensor<4> + 'a {
    let (window, guidance) = (plan.window, plan.guidance);
    let heeded = networks.unet.keep(conditions.tile(guidance.rows(), batch));
    // With nothing to heed there is nothing to guide by the reference either, unless something else tells the rows apart.
    let alone = match guidance.sketch > 1.0 || injection.is_some() {
        true => guidance,
        false => Guidance {
            reference: 1.0,
            ..guidance
        },
    };
    let closed = conditions.without_reference().tile(alone.rows(), batch);
    let closed = LazyCell::new(move || networks.unet.keep(closed));
    move |latent, timestep| {
        let (guidance, condition) = match window.is_open(timestep) {
            true => (guidance, &heeded),
            false => (alone, &*closed),
        };
        let tiled = guidance.tile(latent);
        let timesteps = Tensor::full([tiled.dims()[0]], timestep, &tiled.device());
        let injection = injection
            .as_mut()
            .filter(|injection| window.share(timestep) >= injection.start);
        let output = match injection {
            None => networks.unet.forward(tiled, timesteps, condition),
            Some(injection) => {
                let without = guidance.rows().iter().position(|row| *row == Row::NoReference);
                let own = without.map(|row| row * batch..(row + 1) * batch);
                let injected = injection.tokens(networks, schedule, timestep, condition, own);
                networks.unet.forward_injected(tiled, timesteps, condition, &injected)
            }
        };
        guidance.combine(output)
    }
}
