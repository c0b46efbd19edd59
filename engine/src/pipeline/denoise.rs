//! The UNet as a sampler calls it: how the noise is walked down, guidance, windows, injection.

use std::cell::LazyCell;
use std::ops::Range;

use burn::tensor::Tensor;

use super::conditioning::Conditions;
use super::injection::Injection;
use super::memory::Rows;
use crate::diffusion::guidance::{Guidance, Row, Window};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::{ModelConfig, Prediction};
use crate::model::{Colorizer, Unet, UnetCondition};
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
/// picture of the batch under the same conditions. Guidance costs one larger call of the UNet a step, or one for each of its `rows`; injection
/// doubles them.
pub fn guided<'a>(
    networks: &'a Colorizer,
    schedule: &'a NoiseSchedule,
    conditions: &Conditions,
    plan: &Plan,
    mut injection: Option<Injection<'a>>,
    batch: usize,
    rows: Rows,
) -> impl FnMut(Tensor<4>, f32) -> Tensor<4> + 'a {
    let (window, guidance) = (plan.window, plan.guidance);
    let heeded = calls(&networks.unet, conditions, guidance.rows(), batch, rows);
    // With nothing to heed there is nothing to guide by the reference either, unless something else tells the rows apart.
    let alone = match guidance.sketch > 1.0 || injection.is_some() {
        true => guidance,
        false => Guidance {
            reference: 1.0,
            ..guidance
        },
    };
    let without = conditions.without_reference();
    let closed = LazyCell::new(move || calls(&networks.unet, &without, alone.rows(), batch, rows));
    move |latent, timestep| {
        let (guidance, calls) = match window.is_open(timestep) {
            true => (guidance, &heeded),
            false => (alone, &*closed),
        };
        let mut injection = injection
            .as_mut()
            .filter(|injection| window.share(timestep) >= injection.start);
        let noised = injection.as_mut().map(|injection| injection.noised(schedule, timestep));
        let outputs = calls.iter().map(|call| {
            let tiled = latent.clone().repeat_dim(0, call.rows);
            let timesteps = Tensor::full([call.rows * batch], timestep, &tiled.device());
            match injection.as_deref().zip(noised.clone()) {
                None => networks.unet.forward(tiled, timesteps, &call.condition),
                Some((injection, noised)) => {
                    let injected = injection.tokens(networks, noised, timestep, &call.condition, call.own.clone());
                    networks.unet.forward_injected(tiled, timesteps, &call.condition, &injected)
                }
            }
        });
        guidance.combine(Tensor::cat(outputs.collect(), 0))
    }
}

/// A call of the UNet: some rows of guidance for every picture of the batch.
struct Call {
    condition: UnetCondition,
    /// How many of them.
    rows: usize,
    /// The latents among them that are told nothing of the reference.
    own: Option<Range<usize>>,
}

/// The calls that `rows` of guidance take.
fn calls(unet: &Unet, conditions: &Conditions, rows: &[Row], batch: usize, at_once: Rows) -> Vec<Call> {
    if at_once == Rows::Together || rows.len() == 1 {
        let without = rows.iter().position(|row| *row == Row::NoReference);
        return vec![Call {
            condition: unet.keep(conditions.tile(rows, batch)),
            rows: rows.len(),
            own: without.map(|row| row * batch..(row + 1) * batch),
        }];
    }
    // What is made of the reference is the same with and without the sketch.
    let seeing = unet.keep(conditions.tile(&[Row::Conditional], batch));
    let call = |row: &Row| Call {
        condition: match row {
            Row::Conditional => seeing.clone(),
            Row::NoSketch => UnetCondition {
                sketch: conditions.tile(&[Row::NoSketch], batch).sketch,
                ..seeing.clone()
            },
            Row::NoReference => unet.keep(conditions.without_reference().tile(&[Row::Conditional], batch)),
        },
        rows: 1,
        own: (*row == Row::NoReference).then_some(0..batch),
    };
    rows.iter().map(call).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::ops::ControlFlow;

    use burn::tensor::{Device, TensorData};

    use super::super::conditioning::sketch_maps;
    use super::*;
    use crate::model::Split;
    use crate::model::test_weights::drawn;
    use crate::noise;
    use crate::request::InjectionSettings;

    fn random<const D: usize>(stream: u64, shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(noise::normal(5, stream, shape), shape), &Device::flex())
    }

    #[test]
    fn rows_one_after_the_other_give_the_same_picture() {
        let config: ModelConfig = ron::from_str(include_str!("../training/micro.ron")).expect("the micro model is right");
        let device = Device::flex();
        let networks = drawn(Colorizer::new(&config, &device));
        let schedule = NoiseSchedule::new(&config.schedule);
        let conditions = Conditions {
            context: random(1, [1, 8, config.unet.context_dim]),
            sketch: sketch_maps(&networks, random(2, [1, 3, 64, 64])),
            strength: Vec::new(),
            split: Some(Split::new(random(3, [1, 1, 8, 8]), Tensor::from_floats([0.1], &device))),
        };
        let shape = [1, config.vae.latent_channels, 8, 8];
        let picture = ::image::RgbImage::from_pixel(64, 64, ::image::Rgb([200, 40, 90]));
        for (reference, sketch, injected) in [(4.0, 1.0, false), (4.0, 2.0, false), (4.0, 2.0, true)] {
            let settings = Settings {
                reference_guidance: reference,
                sketch_guidance: sketch,
                // The last of the timesteps below lies outside.
                reference_window: [0.0, 0.8],
                ..Settings::default()
            };
            let plan = Plan::new(&settings, &config);
            let run = |rows: Rows| {
                let injection = injected.then(|| {
                    let mut draws = 10;
                    let draw = move || {
                        draws += 1;
                        random(draws, shape)
                    };
                    let settings = InjectionSettings::default();
                    let mut observer = || ControlFlow::<Infallible>::Continue(());
                    let ControlFlow::Continue(injection) =
                        Injection::new(&networks, &config, &picture, &settings, [64, 64], draw, &mut observer);
                    injection
                });
                let mut network = guided(&networks, &schedule, &conditions, &plan, injection, 1, rows);
                let outputs = [900.0, 400.0, 20.0].map(|timestep| network(random(4, shape), timestep));
                Tensor::cat(outputs.to_vec(), 0)
            };
            let [together, in_turn] = [Rows::Together, Rows::InTurn].map(run);
            let scale: f32 = together.clone().abs().max().into_scalar();
            let error: f32 = (in_turn - together).abs().max().into_scalar();
            assert!(
                scale > 0.1 && error < 2e-5 * scale,
                "{reference} {sketch} {injected}: {error} of {scale}"
            );
        }
    }
}
