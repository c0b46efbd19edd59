//! From a request to a take.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use ::image::{GrayImage, Rgb, RgbImage};
use burn::tensor::{Device, Tensor, TensorReadError};

use super::cache::{Model, Warm};
use super::conditioning::Conditions;
use super::denoise::{Plan, guided};
use super::hints::Hints;
use super::injection::Injection;
use super::memory::{Rows, Work};
use super::reading::{PROPOSED, features, hints, start_latent};
use super::{check, manipulation, memory, preview, working_size};
use crate::device;
use crate::diffusion::denoiser::Steer;
use crate::diffusion::sampler::{self, Step, Walk};
use crate::diffusion::schedule::NoiseSchedule;
use crate::error::EngineError;
use crate::event::Take;
use crate::extract::reference_mask;
use crate::image::{self, Placement, mask};
use crate::model::config::PreviewMap;
use crate::model::vae::LATENT_FACTOR;
use crate::noise;
use crate::request::{ColorizeRequest, Inputs, Prompt, Settings};
use crate::weights::{Loaded, WeightsError};

/// What a job says while it runs. It breaks off where the observer says so.
pub enum Report {
    /// A tensor of the model or of its text tower is about to be read: what has been read is lost where it breaks off here.
    Opening,
    /// A part of the work outside of the steps begins: reading the pictures, a tile of the picture at the end.
    Working,
    /// Everything is in memory and the first step begins.
    Started { steps: u32 },
    /// `step` of `steps` is done, counted from 1; the estimate is an eighth of the picture's side.
    Step { step: u32, steps: u32, preview: RgbImage },
}

/// Carries out a request; `Ok(None)` when the observer broke off. The same request gives the same bytes on the same CPU; on the same GPU,
/// as long as the program runs (see [`device`]).
///
/// # Errors
/// When the request cannot be carried out, its model cannot be opened, or the device fails.
pub fn colorize(
    warm: &mut Warm,
    request: &ColorizeRequest,
    observer: &mut dyn FnMut(Report) -> ControlFlow<()>,
) -> Result<Option<Take>, EngineError> {
    warm.guarded(|warm| match carry_out(warm, request, observer) {
        Ok(take) => Ok(Some(take)),
        Err(Ended::BrokenOff) => Ok(None),
        Err(Ended::Failed(error)) => Err(error),
    })
}

/// Hears what a job says, and whether it goes on is up to it.
type Observer<'a> = dyn FnMut(Report) -> ControlFlow<()> + 'a;

/// Why a job ends without a take.
enum Ended {
    /// The observer wanted it so.
    BrokenOff,
    Failed(EngineError),
}

impl From<EngineError> for Ended {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Weights(WeightsError::Cancelled) => Self::BrokenOff,
            error => Self::Failed(error),
        }
    }
}

impl From<TensorReadError> for Ended {
    fn from(error: TensorReadError) -> Self {
        Self::Failed(error.into())
    }
}

/// What came of work that an observer may break off.
fn unbroken<T>(work: ControlFlow<(), T>) -> Result<T, Ended> {
    work.continue_value().ok_or(Ended::BrokenOff)
}

fn carry_out(warm: &mut Warm, request: &ColorizeRequest, observer: &mut Observer<'_>) -> Result<Take, Ended> {
    check(request)?;
    let device = warm.device().clone();
    let (model, adapters) = (&request.settings.model, &request.settings.adapters);
    let model = warm.model(model, adapters, &mut || observer(Report::Opening))?;
    let mut job = Job::prepare(model, request, device, observer)?;
    let begun = Instant::now();
    let latent = job.sample(observer)?;
    let picture = job.finish(latent, &request.inputs, observer)?;
    Ok(Take {
        picture: Arc::new(picture),
        settings: job.settings,
        model: job.loaded.identity.clone(),
        elapsed: begun.elapsed(),
    })
}

/// A job whose pictures have been read.
struct Job<'a> {
    loaded: &'a Loaded,
    preview: &'a PreviewMap,
    device: Device,
    /// As submitted, with size and hashes filled in.
    settings: Settings,
    plan: Plan,
    rows: Rows,
    schedule: NoiseSchedule,
    /// Of the latent, `[1, C, h, w]`.
    shape: [usize; 4],
    /// Where the sketch lies on the canvas.
    placement: Placement,
    conditions: Conditions,
    hints: Option<Hints>,
    /// The scaled latent that is started from, until it is.
    start: Option<Tensor<4>>,
    /// Until the first step.
    injection: Option<Injection<'static>>,
}

impl<'a> Job<'a> {
    /// Checks the settings against the model and the memory, and reads the pictures.
    fn prepare(
        model: &'a mut Model,
        request: &ColorizeRequest,
        device: Device,
        observer: &mut Observer<'_>,
    ) -> Result<Self, Ended> {
        check::check_model(&request.settings, &model.loaded)?;
        let inputs = &request.inputs;
        let native = model.loaded.config.native_size;
        let size = working_size(&request.settings, native, inputs.sketch.dimensions().into());
        let settings = Settings {
            size: Some(size),
            adapters: model.adapters().to_vec(),
            ..request.settings.clone()
        };
        let plan = Plan::new(&settings, &model.loaded.config);
        unbroken(observer(Report::Working))?;
        let heeded = Prompt::heeded(&settings.prompts);
        let mut opening = || observer(Report::Opening);
        let words = manipulation::words(model, &settings.model, heeded, &device, &mut opening)?;
        // What a text tower takes it has given back by now, as far as it does.
        let work = Work {
            config: &model.loaded.config,
            request,
            size,
            rows: plan.guidance.rows().len(),
        };
        let rows = memory::check(work, &device)?;
        unbroken(observer(Report::Working))?;
        let (features, placement) = features(model, inputs, &settings, &words, size, &device);
        unbroken(observer(Report::Working))?;
        let mut working = || observer(Report::Working);
        let start = unbroken(start_latent(model, inputs, placement, size, &device, &mut working))?;
        let hints = unbroken(hints(model, inputs, settings.hints, placement, size, &device, &mut working))?;

        let Model { loaded, preview, .. } = &*model;
        let (networks, config) = (&loaded.networks, &loaded.config);
        let conditions = Conditions::new(networks, config, &settings, features);
        let [width, height] = size.map(|side| side as usize / LATENT_FACTOR);
        let shape = [1, config.vae.latent_channels, height, width];
        let share = if start.is_some() { settings.start_strength } else { 1.0 };
        let schedule = NoiseSchedule::new(&config.schedule).below(share);
        let injection = inputs.injection.as_ref().map(|picture| {
            let (seed, on, mut number) = (settings.seed, device.clone(), 0);
            let draw = move || {
                number += 1;
                noise::of_stream(seed, noise::INJECTION + number, shape, &on)
            };
            let injection = &settings.injection;
            unbroken(Injection::new(networks, config, picture, injection, size, draw, &mut working))
        });
        let injection = injection.transpose()?;
        Ok(Self {
            loaded,
            preview,
            device,
            settings,
            plan,
            rows,
            schedule,
            shape,
            placement,
            conditions,
            hints,
            start,
            injection,
        })
    }

    /// Walks from noise to the picture's latent, scaled as the network has it.
    fn sample(&mut self, observer: &mut Observer<'_>) -> Result<Tensor<4>, Ended> {
        let (start, injection) = (self.start.take(), self.injection.take());
        let (schedule, shape, settings, plan) = (&self.schedule, self.shape, &self.settings, &self.plan);
        let steps = sampler::told_steps(schedule, plan.sampler, plan.schedule, plan.steps);
        unbroken(observer(Report::Started { steps }))?;
        let steer = self.hints.as_ref().map(|hints| {
            let (window, strength) = (plan.window, settings.hints.strength);
            move |estimate, sigma| hints.steer(estimate, window.share(schedule.sigma_to_t(sigma) as f32), strength)
        });
        let networks = &self.loaded.networks;
        let mut network = guided(networks, schedule, &self.conditions, plan, injection, shape[0], self.rows);
        let mut ended = None;
        let mut after_step = |step: Step<'_>| match self.tell(step, observer) {
            Ok(()) => ControlFlow::Continue(()),
            Err(why) => {
                ended = Some(why);
                ControlFlow::Break(())
            }
        };
        let step_seed = settings.step_seed.unwrap_or(settings.seed);
        let latent = sampler::sample(
            Walk {
                sampler: plan.sampler,
                spacing: plan.schedule,
                steps: plan.steps,
                schedule,
                prediction: plan.prediction,
                noise: noise::tensor(settings.seed, shape, &self.device),
                start,
                steer: steer.as_ref().map(|steer| steer as &Steer<'_>),
                step_noise: &mut noise::Stream::new(step_seed, shape, schedule.sigma_max(), &self.device),
            },
            &mut network,
            &mut after_step,
        );
        latent.ok_or_else(|| ended.unwrap_or(Ended::BrokenOff))
    }

    /// Tells of a step and what it came to.
    fn tell(&self, step: Step<'_>, observer: &mut Observer<'_>) -> Result<(), Ended> {
        let Step { step, steps, denoised } = step;
        let preview = preview::picture(denoised.clone(), self.preview)?;
        let preview = preview.ok_or_else(|| self.not_finite(Some(step)))?;
        unbroken(observer(Report::Step { step, steps, preview }))
    }

    /// The picture of a scaled latent, as large as the sketch.
    fn finish(&self, latent: Tensor<4>, inputs: &Inputs, observer: &mut Observer<'_>) -> Result<RgbImage, Ended> {
        let Loaded { networks, config, .. } = self.loaded;
        let latent = latent / config.latent_scale;
        let decoded = unbroken(networks.vae.decode_observed(latent, &mut || observer(Report::Working)))?;
        let pictures = image::to_sound_pictures(decoded)?.ok_or_else(|| self.not_finite(None))?;
        let picture = pictures.first().expect("one latent becomes one picture");
        let picture = image::crop_to_sketch(picture, self.placement, inputs.sketch.dimensions().into());
        let (mask, threshold) = (inputs.sketch_mask.as_deref(), self.settings.sketch_mask_threshold);
        Ok(match self.settings.figure_alone {
            true => without_background(picture, mask, threshold),
            false => picture,
        })
    }

    fn not_finite(&self, step: Option<u32>) -> EngineError {
        let halves = device::halves(&self.device);
        EngineError::NotFinite { step, halves }
    }
}

/// A result that is white outside of its figure.
fn without_background(mut picture: RgbImage, mask: Option<&GrayImage>, threshold: f32) -> RgbImage {
    let (mask, threshold) = match mask {
        Some(painted) => (mask::fit(painted, picture.dimensions().into()), threshold),
        None => (reference_mask::propose(&picture), PROPOSED),
    };
    for (pixel, figure) in picture.pixels_mut().zip(mask.pixels()) {
        if f32::from(figure.0[0]) / 255.0 <= threshold {
            *pixel = Rgb([255; 3]);
        }
    }
    picture
}
