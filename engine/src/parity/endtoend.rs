//! Whole runs: noise to latent to picture.

use std::convert::Infallible;
use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::conditions::{Scene, build};
use super::fixture::Array;
use super::unet::block_strengths;
use super::{Checks, ParityError, Tolerance};
use crate::diffusion::sampler::{Walk, sample};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::noise;
use crate::pipeline::denoise::guided;
use crate::pipeline::injection::Injection;
use crate::pipeline::{Plan, Rows};
use crate::request::{InjectionSettings, LevelStrengths, Mode, Sampler, Schedule, Settings};

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
    own_noise: bool,
    injection: bool,
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
            own_noise: guidance == "bs2_dual" || guidance.starts_with("inj_"),
            injection: guidance.starts_with("inj_"),
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
            "lms_karras" => (Sampler::DiffusersLms, Schedule::Karras),
            "pndm" => (Sampler::Pndm, Schedule::Automatic),
            "heun" => (Sampler::Heun, Schedule::Automatic),
            "dpm2" => (Sampler::Dpm2, Schedule::Automatic),
            _ => return None,
        };
        match guidance {
            "none" | "inj_none" => settings.reference_guidance = 1.0,
            "ref" | "inj_ref" => {}
            "inj_dual_ctl" => {
                settings.sketch_guidance = 2.0;
                settings.injection = InjectionSettings {
                    reference_fidelity: 0.3,
                    sketch_fidelity: 0.8,
                    start: 0.3,
                }
            }
            "ref5" => settings.reference_guidance = 5.0,
            "sketch" => (settings.reference_guidance, settings.sketch_guidance) = (1.0, 2.0),
            "dual" | "bs2_dual" => settings.sketch_guidance = 2.0,
            "ref_vpred" => settings.prediction = Some(Prediction::V),
            // The release forgets the strengths of figure and background, and keeps the share that is merged.
            "strength_asis" => settings.merge = 0.3,
            "strength_fixed" => {
                (settings.foreground_strength, settings.background_strength, settings.merge) = (0.7, 0.4, 0.3);
            }
            "levels" => {
                settings.level_strengths = LevelStrengths {
                    encoder: 0.5,
                    color: 0.8,
                    semantics: 0.4,
                }
            }
            "blocks" => settings.block_strengths = block_strengths(),
            "window_0.4_0.9" => settings.reference_window = [0.4, 0.9],
            "nowindow_0.4_0.6" => settings.reference_pause = Some([0.4, 0.6]),
            _ => return None,
        }
        Some(case)
    }

    /// The recorded picture, with the recorded noise for its posterior and for each of its passes.
    fn injection(&self, checks: &Checks<'_>, name: &str) -> Result<Injection<'static>, ParityError> {
        let picture = checks.fixture.picture("in.injection_image_u8")?;
        let steps = checks.tensor::<4>(&format!("{name}.ref_step_noise"))?;
        let posterior = checks.tensor::<4>(&format!("{name}.posterior_noise"))?;
        let mut noise = std::iter::once(posterior).chain(steps.split(1, 0));
        let draw = move || noise.next().expect("noise for every pass");
        let (model, size) = (checks.model, picture.dimensions().into());
        let settings = &self.settings.injection;
        let mut observer = || ControlFlow::<Infallible>::Continue(());
        let ControlFlow::Continue(injection) =
            Injection::new(&model.networks, &model.config, &picture, settings, size, draw, &mut observer);
        Ok(injection)
    }

    fn run(&self, checks: &Checks<'_>, name: &str) -> Result<Vec<(String, Array)>, ParityError> {
        let (model, place) = (checks.model, &self.shape);
        let scene = Scene::of(checks, &format!("in.sketch_{place}_u8"), &format!("in.smask_{place}"))?;
        let conditions = build(checks, &self.settings, &scene, self.background_picture)?;
        let noise = if self.own_noise {
            format!("{name}.noise")
        } else {
            format!("in.noise_{place}")
        };
        let noise = checks.tensor::<4>(&noise)?;
        let shape = noise.dims();
        let plan = Plan::new(&self.settings, &model.config);

        let (mut inputs, mut timesteps) = (Vec::new(), Vec::new());
        let schedule = NoiseSchedule::new(&model.config.schedule);
        let injection = self.injection.then(|| self.injection(checks, name)).transpose()?;
        let mut network = guided(
            &model.networks,
            &schedule,
            &conditions,
            &plan,
            injection,
            shape[0],
            Rows::Together,
        );
        let latent = sample(
            Walk {
                sampler: plan.sampler,
                spacing: plan.schedule,
                steps: plan.steps,
                schedule: &schedule,
                prediction: plan.prediction,
                noise,
                start: None,
                steer: None,
                // None of these samplers adds noise.
                step_noise: &mut noise::Stream::new(0, shape, 1.0, checks.device),
            },
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
