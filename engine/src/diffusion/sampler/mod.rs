//! Samplers: which list of sigmas each asks for, where it starts, and the function that walks down the list.
//!
//! diffusers' samplers keep their latent in variance-preserving form, `x / sqrt(sigma^2 + 1)`. Rewritten in sigma space DDIM
//! (eta 0) is Euler, DPM-Solver++ 2M is DPM++ 2M, and the LMS of both is one. What is left of the difference: their own lists of
//! sigmas, whole timesteps, and a start that leaves room for the picture's own variance.
//!
//! A step without noise that holds an estimate `D` fixed is always [`toward`](step::toward): Euler's, and with `h = ln(s/s')` the exponential one of
//! DPM-Solver++, `(s'/s) x - expm1(-h) D`, are the same.

mod dpm2;
mod dpm_solver;
mod dpmpp_2m;
mod dpmpp_2m_sde;
mod dpmpp_2s_a;
mod dpmpp_3m_sde;
mod dpmpp_sde;
mod euler;
mod heun;
mod list;
mod lms;
mod pndm;
mod step;

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::denoiser::{Denoiser, Steer};
use super::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::request::{Sampler, Schedule};
use dpmpp_2m_sde::Correction;
use step::{ancestral_walk, walk};

pub use list::{sigma_list, told_steps};
pub use step::StepNoise;

/// What is known after a step.
pub struct Step<'a> {
    /// Counted from 1.
    pub step: u32,
    pub steps: u32,
    /// The network's estimate of the clean latent, `[B, C, h, w]`, scaled as the network has it.
    pub denoised: &'a Tensor<4>,
}

/// A walk from noise to a clean latent.
pub struct Walk<'a> {
    pub sampler: Sampler,
    pub spacing: Schedule,
    /// At least one is taken.
    pub steps: u32,
    pub schedule: &'a NoiseSchedule,
    pub prediction: Prediction,
    /// Standard normal, `[B, C, h, w]`.
    pub noise: Tensor<4>,
    /// A clean latent of the same shape, scaled as the network has it, that the noise is laid over: the walk then keeps of it what the top of
    /// the schedule leaves.
    pub start: Option<Tensor<4>>,
    /// What is done to every estimate; None for nothing.
    pub steer: Option<&'a Steer<'a>>,
    /// Where the samplers that add noise take it from.
    pub step_noise: &'a mut dyn StepNoise,
}

/// Takes the walk. `network` goes from a latent of variance 1 and a timestep to the raw output, guidance done. `observer` sees every step;
/// when it breaks off there is no latent.
pub fn sample(
    wanted: Walk<'_>,
    network: &mut dyn FnMut(Tensor<4>, f32) -> Tensor<4>,
    observer: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Option<Tensor<4>> {
    let Walk {
        sampler,
        spacing,
        steps,
        schedule,
        prediction,
        noise,
        start,
        steer,
        step_noise: fresh,
    } = wanted;
    let sigmas = sigma_list(schedule, sampler, spacing, steps);
    let range = [schedule.sigma_max(), schedule.sigma_min()];
    let told = told_steps(schedule, sampler, spacing, steps);
    let from_diffusers = matches!(
        sampler,
        Sampler::Ddim | Sampler::DiffusersDpm | Sampler::Pndm | Sampler::DiffusersLms
    );
    let latent = match start {
        Some(clean) => clean + noise * sigmas[0],
        None if from_diffusers => noise * (sigmas[0] * sigmas[0] + 1.0).sqrt(),
        None => noise * sigmas[0],
    };
    let mut denoiser = Denoiser {
        schedule,
        prediction,
        whole_timesteps: from_diffusers && sampler != Sampler::DiffusersLms,
        network,
        steer,
    };
    let mut after_step = |step: usize, denoised: &Tensor<4>| {
        observer(Step {
            step: step as u32 + 1,
            steps: told,
            denoised,
        })
    };
    let (network, x, after) = (&mut denoiser, latent, &mut after_step);
    let end = match sampler {
        Sampler::Euler | Sampler::Ddim => walk(network, x, &sigmas, after, euler::step),
        Sampler::EulerA => ancestral_walk(network, x, &sigmas, fresh, after, euler::step),
        Sampler::Heun => walk(network, x, &sigmas, after, heun::step),
        Sampler::Dpm2 => walk(network, x, &sigmas, after, dpm2::step),
        Sampler::Dpm2A => ancestral_walk(network, x, &sigmas, fresh, after, dpm2::step),
        Sampler::Lms | Sampler::DiffusersLms => lms::walk(network, x, &sigmas, after),
        Sampler::DpmPlusPlus2m | Sampler::DiffusersDpm => dpmpp_2m::walk(network, x, &sigmas, after),
        Sampler::DpmPlusPlus2sA => ancestral_walk(network, x, &sigmas, fresh, after, dpmpp_2s_a::step),
        Sampler::DpmPlusPlusSde => dpmpp_sde::walk(network, x, &sigmas, fresh, after),
        Sampler::DpmPlusPlus2mSde => dpmpp_2m_sde::walk(network, x, &sigmas, Correction::Midpoint, fresh, after),
        Sampler::DpmPlusPlus2mSdeHeun => dpmpp_2m_sde::walk(network, x, &sigmas, Correction::Heun, fresh, after),
        Sampler::DpmPlusPlus3mSde => dpmpp_3m_sde::walk(network, x, &sigmas, fresh, after),
        Sampler::DpmFast => dpm_solver::fast(network, x, range, steps.max(1), fresh, after),
        Sampler::DpmAdaptive => dpm_solver::adaptive(network, x, range, told, fresh, after),
        Sampler::Pndm => pndm::walk(network, x, steps, after),
    };
    end.continue_value()
}

#[cfg(test)]
mod tests;
