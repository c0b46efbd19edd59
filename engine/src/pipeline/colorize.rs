//! From a request to a take.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use ::image::{GrayImage, Luma, Rgb, RgbImage};
use burn::tensor::{Device, Tensor};

use super::cache::{Model, Warm, key};
use super::conditioning::{
    Background, Conditions, Features, SketchMaps, all_tokens, background_tokens, image_tower, patches, sketch_maps,
};
use super::denoise::{Plan, guided};
use super::hints::Hints;
use super::injection::Injection;
use super::manipulation::{Words, manipulated};
use super::memory::Work;
use super::{check, manipulation, memory, preview, working_size};
use crate::device;
use crate::diffusion::denoiser::Steer;
use crate::diffusion::sampler::{self, Step, Walk};
use crate::diffusion::schedule::NoiseSchedule;
use crate::error::EngineError;
use crate::event::Take;
use crate::extract::hints::hinted;
use crate::extract::reference_mask;
use crate::image::{self, Placement, mask};
use crate::model::vae::Observer;
use crate::noise;
use crate::request::{ColorizeRequest, HintSettings, Inputs, Prompt, Settings};
use crate::weights::WeightsError;

/// The release widens a reference's mask by this many pixels on every side, so that no rim of the figure is taken for background.
pub const DILATION: usize = 5;
/// Where a proposed mask is above this is figure: what a person chooses for their own masks says nothing of it.
const PROPOSED: f32 = 0.5;

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
    warm.guarded(|warm| carry_out(warm, request, observer))
}

fn carry_out(
    warm: &mut Warm,
    request: &ColorizeRequest,
    observer: &mut dyn FnMut(Report) -> ControlFlow<()>,
) -> Result<Option<Take>, EngineError> {
    check(request)?;
    let device = warm.device().clone();
    let (model, adapters) = (&request.settings.model, &request.settings.adapters);
    let Some(model) = unless_cancelled(warm.model(model, adapters, &mut || observer(Report::Opening)))? else {
        return Ok(None);
    };
    check::check_model(&request.settings, &model.loaded)?;
    let sketch = request.inputs.sketch.dimensions().into();
    let size = working_size(&request.settings, model.loaded.config.native_size, sketch);
    let settings = Settings {
        size: Some(size),
        adapters: model.adapters().to_vec(),
        ..request.settings.clone()
    };
    let plan = Plan::new(&settings, &model.loaded.config);
    if observer(Report::Working).is_break() {
        return Ok(None);
    }
    let heeded = Prompt::heeded(&settings.prompts);
    let words = manipulation::words(model, &settings.model, heeded, &device, &mut || observer(Report::Opening));
    let Some(words) = unless_cancelled(words)? else {
        return Ok(None);
    };
    // What a text tower takes it has given back by now, as far as it does.
    let work = Work {
        config: &model.loaded.config,
        request,
        size,
        rows: plan.guidance.rows().len(),
    };
    let rows = memory::check(work, &device)?;
    if observer(Report::Working).is_break() {
        return Ok(None);
    }
    let (features, placement) = features(model, &request.inputs, &settings, &words, size, &device);
    if observer(Report::Working).is_break() {
        return Ok(None);
    }
    let mut working = || observer(Report::Working);
    let ControlFlow::Continue(start) = start_latent(model, &request.inputs, placement, size, &device, &mut working) else {
        return Ok(None);
    };
    let hints = hints(model, &request.inputs, settings.hints, placement, size, &device, &mut working);
    let ControlFlow::Continue(hints) = hints else {
        return Ok(None);
    };

    let Model { loaded, preview, .. } = model;
    let (networks, config) = (&loaded.networks, &loaded.config);
    let conditions = Conditions::new(networks, config, &settings, features);
    let [width, height] = size.map(|side| side as usize / 8);
    let shape = [1, config.vae.latent_channels, height, width];
    let noise = noise::tensor(settings.seed, shape, &device);

    let share = if start.is_some() { settings.start_strength } else { 1.0 };
    let schedule = NoiseSchedule::new(&config.schedule).below(share);
    let steps = sampler::told_steps(&schedule, plan.sampler, plan.schedule, plan.steps);

    let injection = match &request.inputs.injection {
        Some(picture) => {
            let (seed, on, mut number) = (settings.seed, device.clone(), 0);
            let draw = move || {
                number += 1;
                noise::of_stream(seed, noise::INJECTION + number, shape, &on)
            };
            match Injection::new(networks, config, picture, &settings.injection, size, draw, &mut working) {
                ControlFlow::Continue(injection) => Some(injection),
                ControlFlow::Break(()) => return Ok(None),
            }
        }
        None => None,
    };

    let begun = Instant::now();
    if observer(Report::Started { steps }).is_break() {
        return Ok(None);
    }
    let halves = device::halves(&device);
    let mut failure = None;
    let mut after_step = |step: Step<'_>| match preview::picture(step.denoised.clone(), preview) {
        Ok(Some(picture)) => observer(Report::Step {
            step: step.step,
            steps: step.steps,
            preview: picture,
        }),
        Ok(None) => {
            failure = Some(EngineError::NotFinite {
                step: Some(step.step),
                halves,
            });
            ControlFlow::Break(())
        }
        Err(error) => {
            failure = Some(error.into());
            ControlFlow::Break(())
        }
    };
    let step_seed = settings.step_seed.unwrap_or(settings.seed);
    let steer = hints.map(|hints| {
        let (schedule, window, strength) = (&schedule, plan.window, settings.hints.strength);
        move |estimate, sigma| hints.steer(estimate, window.share(schedule.sigma_to_t(sigma) as f32), strength)
    });
    let mut network = guided(networks, &schedule, &conditions, &plan, injection, shape[0], rows);
    let latent = sampler::sample(
        Walk {
            sampler: plan.sampler,
            spacing: plan.schedule,
            steps: plan.steps,
            schedule: &schedule,
            prediction: plan.prediction,
            start,
            steer: steer.as_ref().map(|steer| steer as &Steer<'_>),
            step_noise: &mut noise::Stream::new(step_seed, shape, schedule.sigma_max(), &device),
            noise,
        },
        &mut network,
        &mut after_step,
    );
    if let Some(failure) = failure {
        return Err(failure);
    }
    let Some(latent) = latent else {
        return Ok(None);
    };
    let latent = latent / config.latent_scale;
    let ControlFlow::Continue(decoded) = networks.vae.decode_observed(latent, &mut || observer(Report::Working)) else {
        return Ok(None);
    };
    let pictures = image::to_sound_pictures(decoded)?.ok_or(EngineError::NotFinite { step: None, halves })?;
    Ok(pictures.first().map(|picture| {
        let picture = image::crop_to_sketch(picture, placement, sketch);
        Take {
            picture: Arc::new(match settings.figure_alone {
                true => without_background(picture, request.inputs.sketch_mask.as_deref(), settings.sketch_mask_threshold),
                false => picture,
            }),
            settings,
            model: loaded.identity.clone(),
            elapsed: begun.elapsed(),
        }
    }))
}

/// None: the observer broke off.
fn unless_cancelled<T>(opened: Result<T, EngineError>) -> Result<Option<T>, EngineError> {
    match opened {
        Err(EngineError::Weights(WeightsError::Cancelled)) => Ok(None),
        opened => opened.map(Some),
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

/// The scaled latent of the picture that a job starts from, if there is one, laid where the sketch lies.
fn start_latent(
    model: &mut Model,
    inputs: &Inputs,
    placement: Placement,
    size: [u32; 2],
    device: &Device,
    observer: &mut Observer<'_, ()>,
) -> ControlFlow<(), Option<Tensor<4>>> {
    let Some(picture) = &inputs.start else {
        return ControlFlow::Continue(None);
    };
    let Model { loaded, starts, .. } = model;
    let facts = format!("{:?} {placement:?} {size:?}", picture.dimensions());
    let latent = starts.get_observed(key(&[facts.as_bytes(), picture.as_raw()]), || {
        let placed = image::place_picture(picture, placement, size, device);
        let posterior = loaded.networks.vae.encode_observed(placed, observer)?;
        ControlFlow::Continue(posterior.mode() * loaded.config.latent_scale)
    })?;
    ControlFlow::Continue(Some(latent))
}

/// The hints of a job, if there are any that count.
fn hints(
    model: &mut Model,
    inputs: &Inputs,
    HintSettings { strength, spread }: HintSettings,
    placement: Placement,
    size: [u32; 2],
    device: &Device,
    observer: &mut Observer<'_, ()>,
) -> ControlFlow<(), Option<Hints>> {
    let Some(painted) = inputs.hints.as_ref().filter(|_| strength > 0.0) else {
        return ControlFlow::Continue(None);
    };
    let Model { loaded, hints, .. } = model;
    let mask = inputs.sketch_mask.as_deref();
    let facts = format!(
        "{:?} {:?} {:?} {spread} {placement:?} {size:?}",
        painted.dimensions(),
        inputs.sketch.dimensions(),
        mask.map(|mask| mask.dimensions()),
    );
    let mask_bytes = mask.map_or(&[][..], |mask| &mask.as_raw()[..]);
    let key = key(&[facts.as_bytes(), painted.as_raw(), inputs.sketch.as_raw(), mask_bytes]);
    hints.get_observed(key, || {
        let Some(hinted) = hinted(painted, &inputs.sketch, mask, spread) else {
            return ControlFlow::Continue(None);
        };
        let (vae, config) = (&loaded.networks.vae, &loaded.config);
        let hints = Hints::new(vae, config, &hinted, placement, size, device, observer)?;
        ControlFlow::Continue(Some(hints))
    })
}

/// A background picture without the figure that it is proposed to have.
fn without_figure(picture: &RgbImage) -> RgbImage {
    let picture = image::bounded(picture);
    let figure = mask::from_bytes(&reference_mask::propose(&picture));
    mask::whiten(&picture, &mask::dilate(&figure, DILATION), PROPOSED)
}

/// What the networks make of the pictures, as far as it is not kept from an earlier job, and where the sketch lies.
fn features(
    model: &mut Model,
    inputs: &Inputs,
    settings: &Settings,
    words: &[Words<'_>],
    size: [u32; 2],
    device: &Device,
) -> (Features, Placement) {
    let Model {
        loaded,
        tokens: kept,
        sketches,
        ..
    } = model;
    let (networks, config) = (&loaded.networks, &loaded.config);
    let mode = settings.mode;

    let placement = Placement::new(inputs.sketch.dimensions().into(), size);
    let facts = format!("{:?} {size:?} {:?}", inputs.sketch.dimensions(), settings.sketch_preprocess);
    let sketch: SketchMaps = sketches.get(key(&[facts.as_bytes(), inputs.sketch.as_raw()]), || {
        let sketch = image::place_sketch(&inputs.sketch, settings.sketch_preprocess, placement, size, device);
        sketch_maps(networks, sketch)
    });

    // Brought over at most once, and not at all where its tokens are kept.
    let tower = LazyCell::new(|| image_tower(networks, device));
    let padding = settings.reference_padding;
    let facts = format!("{:?} {padding}", inputs.reference.dimensions());
    let reference = kept.get(key(&[facts.as_bytes(), inputs.reference.as_raw()]), || {
        let padded = image::pad_margin(&*inputs.reference, padding, Rgb([255; 3]));
        all_tokens(&tower, config, &padded, device)
    });
    let reference = match words {
        [] => patches(reference),
        words => manipulated(reference, words),
    };

    let threshold = settings.reference_mask_threshold;
    let background = match (&inputs.background, &inputs.reference_mask) {
        _ if !mode.needs_reference_mask() => None,
        (Some(picture), _) => {
            let alone = settings.background_alone;
            let facts = format!("background {:?} {threshold} {alone}", picture.dimensions());
            Some(kept.get(key(&[facts.as_bytes(), picture.as_raw()]), || {
                let picture = if alone {
                    Cow::Owned(without_figure(picture))
                } else {
                    Cow::Borrowed(&**picture)
                };
                background_tokens(networks, &tower, config, Background::Picture(&picture), threshold, device)
            }))
        }
        (None, Some(painted)) => {
            let facts = format!(
                "masked {:?} {:?} {threshold} {padding}",
                inputs.reference.dimensions(),
                painted.dimensions()
            );
            Some(
                kept.get(key(&[facts.as_bytes(), inputs.reference.as_raw(), painted.as_raw()]), || {
                    let picture = image::bounded(&*inputs.reference);
                    let fitted = mask::fit(&image::bounded(&**painted), picture.dimensions().into());
                    let picture = &image::pad_margin(&picture, padding, Rgb([255; 3]));
                    let fitted = image::pad_margin(&fitted, padding, Luma([0]));
                    let mask = &mask::dilate(&mask::from_bytes(&fitted), DILATION);
                    let from = Background::Reference { picture, mask };
                    background_tokens(networks, &tower, config, from, threshold, device)
                }),
            )
        }
        (None, None) => None,
    };
    let mask = inputs.sketch_mask.as_ref().filter(|_| mode.needs_sketch_mask());
    let mask = mask.map(|painted| mask::to_latent(&mask::place(painted, placement, size), device));
    (
        Features {
            reference: Some(reference),
            background,
            mask,
            sketch,
        },
        placement,
    )
}
