//! What the UNet is told, mode by mode.

use burn::tensor::Tensor;

use super::fixture::Array;
use super::preprocessing::{every, mask};
use super::{Checks, ParityError, Tolerance};
use crate::image;
use crate::pipeline::conditioning::{Background, Conditions, Features, background_tokens, image_tower, sketch_maps, tokens};
use crate::request::{Mode, Settings};

pub fn check(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    for (name, sketch_strength) in [("vanilla", 1.0), ("vanilla_ctl0.7", 0.7)] {
        checks.group(name, Tolerance::Stage, |checks| {
            let settings = Settings {
                mode: Mode::Vanilla,
                sketch_strength,
                ..Settings::default()
            };
            let conditions = build(checks, &settings, &Scene::of(checks, "in.sketch_u8", "in.smask")?, false)?;
            let mut results = vec![(format!("{name}.context"), Array::from_tensor(conditions.context)?)];
            for (kind, maps) in [
                ("control", conditions.sketch.drawn),
                ("uncond_control", conditions.sketch.blank),
            ] {
                for (i, map) in maps.into_iter().enumerate() {
                    results.push((format!("{name}.{kind}{i}"), Array::from_tensor(map)?));
                }
            }
            Ok(results)
        })?;
    }
    for (name, reference, sketch, picture) in [
        ("bg", 0.5, 0.05, false),
        ("bg_thr", 0.25, 0.4, false),
        ("bg_image", 0.5, 0.05, true),
    ] {
        checks.group(name, Tolerance::Stage, |checks| {
            let settings = Settings {
                mode: Mode::Background,
                reference_mask_threshold: reference,
                sketch_mask_threshold: sketch,
                ..Settings::default()
            };
            let conditions = build(checks, &settings, &Scene::of(checks, "in.sketch_u8", "in.smask")?, picture)?;
            Ok(vec![(format!("{name}.context"), Array::from_tensor(conditions.context)?)])
        })?;
    }
    checks.group("bg.masked_reference", Tolerance::Stage, |checks| {
        let reference = checks.fixture.picture("in.reference_u8")?;
        let whitened = image::mask::whiten(&reference, &mask(checks, "in.rmask")?, 0.5);
        let sample = every(every(image::to_tensor(&whitened, checks.device), 2, 2), 3, 2);
        Ok(vec![("bg.masked_reference_every2", Array::from_tensor(sample)?)])
    })?;
    checks.group("in.smask", Tolerance::Stage, |checks| {
        let latent = image::mask::to_latent(&mask(checks, "in.smask_full")?, checks.device);
        Ok(vec![("in.smask", Array::from_tensor(latent)?)])
    })
}

/// The recorded sketch, and its mask at the latent's size.
pub struct Scene {
    sketch: Tensor<4>,
    mask: Tensor<4>,
}

impl Scene {
    pub fn of(checks: &Checks<'_>, sketch: &str, mask: &str) -> Result<Self, ParityError> {
        Ok(Self {
            sketch: image::to_tensor(&checks.fixture.picture(sketch)?, checks.device).neg(),
            mask: checks.tensor(mask)?,
        })
    }
}

/// The conditions that the settings' mode makes of the recorded pictures; `picture`: the background has a reference of its own.
pub fn build(checks: &Checks<'_>, settings: &Settings, scene: &Scene, picture: bool) -> Result<Conditions, ParityError> {
    let (networks, config) = (&checks.model.networks, &checks.model.config);
    let reference = checks.fixture.picture("in.reference_u8")?;
    let mask = mask(checks, "in.rmask")?;
    let background = match picture {
        true => Some(checks.fixture.picture("in.background_u8")?),
        false => None,
    };
    let from = match &background {
        Some(picture) => Background::Picture(picture),
        None => Background::Reference {
            picture: &reference,
            mask: &mask,
        },
    };
    let needed = settings.mode.needs_reference_mask();
    let (threshold, tower) = (settings.reference_mask_threshold, image_tower(networks, checks.device));
    let features = Features {
        reference: Some(tokens(&tower, config, &reference, checks.device)),
        background: needed.then(|| background_tokens(networks, &tower, config, from, threshold, checks.device)),
        mask: settings.mode.needs_sketch_mask().then(|| scene.mask.clone()),
        sketch: sketch_maps(networks, scene.sketch.clone()),
    };
    Ok(Conditions::new(networks, config, settings, features))
}
