//! Schedules, samplers and guidance, without a network: the recordings hold an analytic denoiser,
//! `D(x, s) = (x / 4 + s^2 mu) / (1 / 4 + s^2)`.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::fixture::Array;
use super::{Checks, ParityError, Tolerance};
use crate::diffusion::denoiser::Denoiser;
use crate::diffusion::guidance::Guidance;
use crate::diffusion::sampler::{StepNoise, Walk, sample, sigma_list};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::request::{Sampler, Schedule};

/// The arithmetic of guidance, which is recorded among the stages.
pub fn check_guidance(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    let combined = |checks: &Checks<'_>, guidance: Guidance, rows: &[&str]| {
        let rows = rows
            .iter()
            .map(|row| checks.tensor(&format!("cfg.{row}")))
            .collect::<Result<_, _>>()?;
        Array::from_tensor(guidance.combine(Tensor::cat(rows, 0)))
    };
    checks.group("cfg", Tolerance::Stage, |checks| {
        let single = Guidance {
            reference: 4.5,
            sketch: 1.0,
        };
        let dual = Guidance { sketch: 2.0, ..single };
        Ok(vec![
            ("cfg.single_4.5", combined(checks, single, &["cond", "uncond_ref"])?),
            (
                "cfg.dual_4.5_2.0",
                combined(checks, dual, &["cond", "uncond_ref", "uncond_sketch"])?,
            ),
        ])
    })
}

pub fn check(checks: &mut Checks<'_>) -> Result<(), ParityError> {
    let schedule = NoiseSchedule::new(&checks.model.config.schedule);
    tables(checks, &schedule)?;
    lists(checks, &schedule)?;
    denoisers(checks, &schedule)?;
    let spacings = [
        ("", Schedule::Automatic),
        (".karras", Schedule::Karras),
        (".exponential", Schedule::Exponential),
        (".uniform", Schedule::Uniform),
        (".sgm_uniform", Schedule::SgmUniform),
    ];
    for (name, sampler) in [
        ("euler", Sampler::Euler),
        ("euler_a", Sampler::EulerA),
        ("heun", Sampler::Heun),
        ("lms", Sampler::Lms),
        ("dpm2", Sampler::Dpm2),
        ("dpm2_a", Sampler::Dpm2A),
        ("dpmpp_2m", Sampler::DpmPlusPlus2m),
        ("dpmpp_2s_a", Sampler::DpmPlusPlus2sA),
        ("dpmpp_sde", Sampler::DpmPlusPlusSde),
        ("dpmpp_2m_sde", Sampler::DpmPlusPlus2mSde),
        ("dpmpp_2m_sde_heun", Sampler::DpmPlusPlus2mSdeHeun),
        ("dpmpp_3m_sde", Sampler::DpmPlusPlus3mSde),
        ("dpm_fast", Sampler::DpmFast),
        ("dpm_adaptive", Sampler::DpmAdaptive),
    ] {
        for (suffix, spacing) in spacings {
            sigma_run(checks, &schedule, &format!("k.{name}{suffix}"), sampler, spacing)?;
        }
    }
    for (name, sampler) in [
        ("ddim", Sampler::Ddim),
        ("dpm", Sampler::DiffusersDpm),
        ("pndm", Sampler::Pndm),
        ("lms", Sampler::DiffusersLms),
    ] {
        for (suffix, spacing) in &spacings[..2] {
            for (network, prediction) in [("eps", Prediction::Eps), ("v", Prediction::V)] {
                for steps in [4, 8, 20] {
                    let name = format!("d.{name}{suffix}.{network}.{steps}");
                    preserving_run(checks, &schedule, &name, sampler, *spacing, prediction, steps)?;
                }
            }
        }
    }
    Ok(())
}

fn floats(values: impl IntoIterator<Item = f64>) -> Array {
    Array::flat(values.into_iter().map(|value| value as f32).collect())
}

fn tables(checks: &mut Checks<'_>, schedule: &NoiseSchedule) -> Result<(), ParityError> {
    checks.group("schedule", Tolerance::Stage, |_| {
        let sigmas = schedule.sigmas();
        Ok(vec![
            ("schedule.alphas_cumprod", floats(schedule.alphas_cumprod().iter().copied())),
            ("schedule.sigmas", floats(sigmas.iter().copied())),
            ("schedule.log_sigmas", floats(sigmas.iter().map(|sigma| sigma.ln()))),
        ])
    })?;
    checks.group("schedule's buffers", Tolerance::Loose, |_| {
        Ok(buffers(schedule.alphas_cumprod()))
    })?;
    checks.group("map", Tolerance::Stage, |checks| {
        let read = |name: &str| Ok::<_, ParityError>(checks.fixture.array(name)?.values.iter().map(|value| f64::from(*value)));
        Ok(vec![
            (
                "map.sigma_to_t",
                floats(read("map.sigma")?.map(|sigma| schedule.sigma_to_t(sigma))),
            ),
            ("map.t_to_sigma", floats(read("map.t")?.map(|t| schedule.t_to_sigma(t)))),
        ])
    })
}

/// The other tables that a checkpoint carries; each follows from the cumulative products (Ho et al., 2020).
fn buffers(alphas_cumprod: &[f64]) -> Vec<(&'static str, Array)> {
    let previous = || [1.0].into_iter().chain(alphas_cumprod.iter().copied());
    let each = |value: fn(f64, f64) -> f64| floats(alphas_cumprod.iter().zip(previous()).map(|(a, p)| value(*a, p)));
    fn beta(a: f64, previous: f64) -> f64 {
        1.0 - a / previous
    }
    fn variance(a: f64, previous: f64) -> f64 {
        beta(a, previous) * (1.0 - previous) / (1.0 - a)
    }
    vec![
        ("schedule.betas", each(beta)),
        ("schedule.alphas_cumprod_prev", each(|_, previous| previous)),
        ("schedule.sqrt_alphas_cumprod", each(|a, _| a.sqrt())),
        ("schedule.sqrt_one_minus_alphas_cumprod", each(|a, _| (1.0 - a).sqrt())),
        ("schedule.log_one_minus_alphas_cumprod", each(|a, _| (1.0 - a).ln())),
        ("schedule.sqrt_recip_alphas_cumprod", each(|a, _| (1.0 / a).sqrt())),
        ("schedule.sqrt_recipm1_alphas_cumprod", each(|a, _| (1.0 / a - 1.0).sqrt())),
        ("schedule.posterior_variance", each(variance)),
        (
            "schedule.posterior_log_variance_clipped",
            each(|a, previous| variance(a, previous).max(1e-20).ln()),
        ),
        (
            "schedule.posterior_mean_coef1",
            each(|a, previous| beta(a, previous) * previous.sqrt() / (1.0 - a)),
        ),
        (
            "schedule.posterior_mean_coef2",
            each(|a, previous| (1.0 - previous) * (a / previous).sqrt() / (1.0 - a)),
        ),
    ]
}

/// The lists of sigmas that a person can choose by name; "automatic" stands for a sampler without a default of its own.
fn lists(checks: &mut Checks<'_>, schedule: &NoiseSchedule) -> Result<(), ParityError> {
    let spacings = [
        ("automatic", Schedule::Automatic),
        ("uniform", Schedule::Uniform),
        ("karras", Schedule::Karras),
        ("exponential", Schedule::Exponential),
        ("polyexponential", Schedule::Polyexponential),
        ("sgm_uniform", Schedule::SgmUniform),
    ];
    for (name, spacing) in spacings {
        checks.group(&format!("sigmas.{name}"), Tolerance::Stage, |_| {
            // Those that leave the smallest sigma out have all a default of their own.
            let discarding = match spacing {
                Schedule::Automatic => Schedule::Uniform,
                named => named,
            };
            let lists = [5, 10, 20].map(|steps| {
                let list = |sampler, spacing| floats(sigma_list(schedule, sampler, spacing, steps));
                [
                    (format!("sigmas.{name}.{steps}"), list(Sampler::Euler, spacing)),
                    (format!("sigmas.{name}.{steps}.discard"), list(Sampler::Dpm2, discarding)),
                ]
            });
            Ok(lists.concat())
        })?;
    }
    Ok(())
}

fn denoisers(checks: &mut Checks<'_>, schedule: &NoiseSchedule) -> Result<(), ParityError> {
    let predictions = [("eps", Prediction::Eps), ("v", Prediction::V)];
    checks.group("wrap", Tolerance::Stage, |checks| {
        let sigmas = &checks.fixture.array("wrap.sigma")?.values;
        let results = predictions.into_iter().map(|(name, prediction)| {
            let mut denoiser = Denoiser {
                schedule,
                prediction,
                whole_timesteps: false,
                network: &mut |x, t| x * 0.3 + 0.001 * t,
            };
            let rows = checks.tensor::<4>("wrap.x")?.split(1, 0).into_iter().zip(sigmas);
            let denoised = rows.map(|(x, sigma)| denoiser.denoise(&x, f64::from(*sigma))).collect();
            Ok((format!("wrap.{name}.denoised"), Array::from_tensor(Tensor::cat(denoised, 0))?))
        });
        results.collect()
    })?;
    checks.group("analytic.net", Tolerance::Stage, |checks| {
        let timesteps = &checks.fixture.array("analytic.net.t")?.values;
        let results = predictions.into_iter().map(|(name, prediction)| {
            let means = checks.tensor::<4>("analytic.mu")?.split(1, 0);
            let inputs = checks.tensor::<4>("analytic.net.x")?.split(1, 0);
            let rows = inputs.into_iter().zip(timesteps).zip(means);
            let outputs = rows
                .map(|((x, t), mean)| analytic(schedule, prediction, mean)(x, *t))
                .collect();
            Ok((format!("analytic.net.{name}"), Array::from_tensor(Tensor::cat(outputs, 0))?))
        });
        results.collect()
    })
}

/// The analytic denoiser as a network for latents of variance 1.
fn analytic(schedule: &NoiseSchedule, prediction: Prediction, mean: Tensor<4>) -> impl Fn(Tensor<4>, f32) -> Tensor<4> {
    move |input, t| {
        let sigma = schedule.t_to_sigma(f64::from(t));
        let (variance, scale) = (sigma * sigma, (1.0 + sigma * sigma).sqrt());
        let x = input * scale;
        let denoised = (x.clone() * 0.25 + mean.clone() * variance) / (0.25 + variance);
        let eps = (x - denoised.clone()) / sigma;
        match prediction {
            Prediction::Eps => eps,
            Prediction::V => (eps - denoised * sigma) / scale,
        }
    }
}

/// A run from the recorded noise, and everything that was seen on the way.
struct Run {
    /// What the network was given and asked.
    inputs: Vec<Tensor<4>>,
    timesteps: Vec<f32>,
    outputs: Vec<Tensor<4>>,
    /// See [`Replay`].
    levels: Vec<f32>,
    latent: Tensor<4>,
}

/// The recorded normals in the order of their use, whichever way they are asked for. Runs without any have none.
pub struct Replay {
    noise: std::vec::IntoIter<Tensor<4>>,
    /// The levels that noise of a path was asked for, in pairs.
    levels: Vec<f32>,
}

impl Replay {
    pub fn new(checks: &Checks<'_>, name: &str) -> Result<Self, ParityError> {
        let noise = match checks.fixture.has(name) {
            true => checks.tensor::<5>(name)?.split(1, 0),
            false => Vec::new(),
        };
        let noise: Vec<_> = noise.into_iter().map(|noise| noise.squeeze_dim::<4>(0)).collect();
        Ok(Self {
            noise: noise.into_iter(),
            levels: Vec::new(),
        })
    }
}

impl StepNoise for Replay {
    fn fresh(&mut self) -> Tensor<4> {
        self.noise.next().expect("the recording has noise for every step")
    }

    fn between(&mut self, from: f64, to: f64) -> Tensor<4> {
        self.levels.extend([from as f32, to as f32]);
        self.fresh()
    }
}

impl Run {
    fn new(
        checks: &Checks<'_>,
        schedule: &NoiseSchedule,
        name: &str,
        (sampler, spacing): (Sampler, Schedule),
        prediction: Prediction,
        steps: u32,
    ) -> Result<Self, ParityError> {
        let network = analytic(schedule, prediction, checks.tensor("analytic.mu")?);
        let (mut inputs, mut timesteps, mut outputs) = (Vec::new(), Vec::new(), Vec::new());
        let mut replay = Replay::new(checks, &format!("{name}.noise"))?;
        let latent = sample(
            Walk {
                sampler,
                spacing,
                steps,
                schedule,
                prediction,
                noise: checks.tensor("analytic.noise0")?,
                start: None,
                step_noise: &mut replay,
            },
            &mut |input, t| {
                inputs.push(input.clone());
                timesteps.push(t);
                let output = network(input, t);
                outputs.push(output.clone());
                output
            },
            &mut |_| ControlFlow::Continue(()),
        );
        Ok(Self {
            inputs,
            timesteps,
            outputs,
            levels: replay.levels,
            latent: latent.ok_or_else(|| checks.fixture.error("a run broke off".to_owned()))?,
        })
    }
}

fn stack(tensors: Vec<Tensor<4>>) -> Result<Array, ParityError> {
    Array::from_tensor(Tensor::stack::<5>(tensors, 0))
}

/// A sampler that lives in sigma space: `x = clean + sigma noise`.
fn sigma_run(
    checks: &mut Checks<'_>,
    schedule: &NoiseSchedule,
    name: &str,
    sampler: Sampler,
    spacing: Schedule,
) -> Result<(), ParityError> {
    const STEPS: u32 = 8;
    if !checks.fixture.has(&format!("{name}.out")) {
        return Ok(());
    }
    checks.group(name, Tolerance::Stage, |checks| {
        let run = Run::new(checks, schedule, name, (sampler, spacing), Prediction::Eps, STEPS)?;
        let asked: Vec<f64> = run.timesteps.iter().map(|t| schedule.t_to_sigma(f64::from(*t))).collect();
        let scaled = run.inputs.into_iter().zip(&asked);
        let states: Vec<Tensor<4>> = scaled.map(|(input, sigma)| input * (sigma * sigma + 1.0).sqrt()).collect();
        let calls = states.iter().zip(run.outputs).zip(&asked);
        let denoised = calls.map(|((x, eps), sigma)| x.clone() - eps * *sigma).collect();
        let mut results = vec![
            (
                format!("{name}.sigmas"),
                floats(sigma_list(schedule, sampler, spacing, STEPS)),
            ),
            (format!("{name}.x_init"), Array::from_tensor(states[0].clone())?),
            (format!("{name}.call_x"), stack(states)?),
            (format!("{name}.call_sigma"), floats(asked)),
            (format!("{name}.call_denoised"), stack(denoised)?),
            (format!("{name}.out"), Array::from_tensor(run.latent)?),
        ];
        let pairs = format!("{name}.noise_sigma_pairs");
        match run.levels.is_empty() {
            false => results.push((pairs, Array::of_shape([run.levels.len() / 2, 2], run.levels))),
            // Fresh noise has no levels; those that are recorded follow from the calls.
            true if checks.fixture.has(&pairs) => drop(checks.fixture.array(&pairs)?),
            true => {}
        }
        Ok(results)
    })
}

/// A sampler whose latent keeps a variance of 1.
fn preserving_run(
    checks: &mut Checks<'_>,
    schedule: &NoiseSchedule,
    name: &str,
    sampler: Sampler,
    spacing: Schedule,
    prediction: Prediction,
    steps: u32,
) -> Result<(), ParityError> {
    if !checks.fixture.has(&format!("{name}.out")) {
        return Ok(());
    }
    checks.group(name, Tolerance::Stage, |checks| {
        let run = Run::new(checks, schedule, name, (sampler, spacing), prediction, steps)?;
        // LMS alone keeps its latent in sigma space.
        let states: Vec<Tensor<4>> = match sampler {
            Sampler::DiffusersLms => {
                let levels = run.timesteps.iter().map(|t| schedule.t_to_sigma(f64::from(*t)));
                let scaled = run.inputs.iter().zip(levels);
                scaled
                    .map(|(input, sigma)| input.clone() * (sigma * sigma + 1.0).sqrt())
                    .collect()
            }
            _ => run.inputs.clone(),
        };
        let start = Array::from_tensor(states[0].clone())?;
        let ratio = start.values[0] / checks.fixture.array("analytic.noise0")?.values[0];
        let mut results = vec![
            (format!("{name}.call_t"), Array::flat(run.timesteps)),
            (
                format!("{name}.init_noise_sigma"),
                Array {
                    shape: Vec::new(),
                    values: vec![ratio],
                },
            ),
            (format!("{name}.out"), Array::from_tensor(run.latent.clone())?),
        ];
        if checks.fixture.has(&format!("{name}.call_x")) {
            // The latent after a call is what the next call is given.
            let after = states.into_iter().skip(1).chain([run.latent]).collect();
            results.push((format!("{name}.x_after"), stack(after)?));
            results.push((format!("{name}.call_x"), stack(run.inputs)?));
            results.push((format!("{name}.call_out"), stack(run.outputs)?));
        }
        if checks.fixture.has(&format!("{name}.sigmas")) {
            results.push((
                format!("{name}.sigmas"),
                floats(sigma_list(schedule, sampler, spacing, steps)),
            ));
        }
        Ok(results)
    })
}
