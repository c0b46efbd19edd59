//! Schedules, samplers and guidance, without a network: the recordings hold an analytic denoiser,
//! `D(x, s) = (x / 4 + s^2 mu) / (1 / 4 + s^2)`.

mod run;
mod schedules;

use burn::tensor::Tensor;

use super::fixture::Array;
use super::{Checks, ParityError, Tolerance};
use crate::diffusion::denoiser::Denoiser;
use crate::diffusion::guidance::Guidance;
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::request::{Sampler, Schedule};
use run::{preserving_run, sigma_run};
use schedules::{lists, tables};

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
                steer: None,
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
