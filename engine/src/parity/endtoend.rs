//! Whole runs: noise to latent to picture.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::conditions::{Scene, build};
use super::fixture::Array;
use super::unet::{block_strengths, level_strengths};
use super::{Checks, ParityError, Tolerance};
use crate::diffusion::sampler::sample;
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::pipeline::Plan;
use crate::pipeline::colorize::guided;
use crate::request::{Mode, Sampler, Schedule, Settings};

const STEPS: u32 = 4;

pub fn check(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    let cases: Vec<String> = checks
        .fixture
        .names()
        .filter_map(|name| name.strip_suffix(".latent"))
        .map(str::to_owned)
        .collect();
    for name in cases {
        if let Some(case) = Case::parse(&name) {
            checks.group(&name, Tolerance::Loose, |checks| case.run(checks, &name))?;
        }
    }
    Ok(())
}

/// A recorded run: its shape, its settings, and what settings do not say.
struct Case {
    shape: String,
    settings: Settings,
    background_picture: bool,
    strength: Vec<f32>,
    own_noise: bool,
}

impl Case {
    /// Reads `SHAPE.MODE.SAMPLER.GUIDANCE`; none for what the engine does not do.
    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.splitn(4, '.');
        let (shape, mode, sampler, guidance) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let mut case = Self {
            shape: shape.to_owned(),
            settings: Settings {
                steps: STEPS,
                reference_guidance: 4.0,
                sketch_guidance: 1.0,
                reference_mask_threshold: 0.5,
                sketch_mask_threshold: 0.05,
                prediction: Some(Prediction::Eps),
                ..Settings::default()
            },
            background_picture: mode == "bgimg",
            strength: Vec::new(),
            own_noise: guidance == "bs2_dual",
        };
        let settings = &mut case.settings;
        settings.mode = match mode {
            "vanilla" => Mode::Vanilla,
            "bg" | "bgimg" => Mode::Background,
            "fg" => Mode::Foreground,
            "both" => Mode::Both,
            _ => return None,
        };
        (settings.sampler, settings.schedule) = match sampler {
            "ddim" => (Sampler::Ddim, Schedule::Automatic),
            "dpm" => (Sampler::DiffusersDpm, Schedule::Automatic),
            "dpmpp2m_karras" => (Sampler::DpmPlusPlus2m, Schedule::Karras),
            _ => return None,
        };
        match guidance {
            "none" => settings.reference_guidance = 1.0,
            "ref" => {}
            "ref5" => settings.reference_guidance = 5.0,
            "sketch" => (settings.reference_guidance, settings.sketch_guidance) = (1.0, 2.0),
            "dual" | "bs2_dual" => settings.sketch_guidance = 2.0,
            "ref_vpred" => settings.prediction = Some(Prediction::V),
            // The release forgets the strengths of figure and background, and keeps the share that is merged.
            "strength_asis" => settings.merge = 0.3,
            "strength_fixed" => {
                (settings.foreground_strength, settings.background_strength, settings.merge) = (0.7, 0.4, 0.3);
            }
            "levels" => case.strength = level_strengths(0.5, 0.8, 0.4),
            "blocks" => case.strength = block_strengths(),
            _ => return None,
        }
        Some(case)
    }

    fn run(&self, checks: &Checks<'_>, name: &str) -> Result<Vec<(String, Array)>, ParityError> {
        let (model, shape) = (checks.model, &self.shape);
        let scene = Scene::of(checks, &format!("in.sketch_{shape}_u8"), &format!("in.smask_{shape}"))?;
        let mut conditions = build(checks, &self.settings, &scene, self.background_picture)?;
        if !self.strength.is_empty() {
            conditions.strength = self.strength.clone();
        }
        let noise = if self.own_noise {
            format!("{name}.noise")
        } else {
            format!("in.noise_{shape}")
        };
        let noise = checks.tensor::<4>(&noise)?;
        let plan = Plan::new(&self.settings, &model.config);

        let (mut inputs, mut timesteps) = (Vec::new(), Vec::new());
        let mut network = guided(&model.networks, &conditions, plan.guidance, noise.dims()[0]);
        let latent = sample(
            plan.sampler,
            plan.schedule,
            plan.steps,
            &NoiseSchedule::new(&model.config.schedule),
            plan.prediction,
            noise,
            &mut |latent, t| {
                inputs.push(latent.clone().narrow(0, 0, 1));
                timesteps.push(t);
                network(latent, t)
            },
            &mut |_| ControlFlow::Continue(()),
        );
        let latent = latent.ok_or_else(|| checks.fixture.error(format!("{name} broke off")))?;

        let mut results = vec![
            (format!("{name}.latent"), Array::from_tensor(latent.clone())?),
            (format!("{name}.timesteps"), Array::flat(timesteps)),
        ];
        let recorded = |result: &str| checks.fixture.has(&format!("{name}.{result}"));
        if recorded("step_inputs") {
            results.push((format!("{name}.step_inputs"), Array::from_tensor(Tensor::cat(inputs, 0))?));
        }
        if recorded("image") {
            let picture = model.networks.vae.decode(latent / model.config.latent_scale);
            results.push((format!("{name}.image"), Array::from_tensor(picture)?));
        }
        Ok(results)
    }
}
