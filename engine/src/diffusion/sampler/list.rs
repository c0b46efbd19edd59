//! Which sigmas each sampler walks along, and how many steps that is.

use super::{dpm_solver, pndm};
use crate::diffusion::schedule::{NoiseSchedule, karras};
use crate::request::{Sampler, Schedule};

/// How many steps an observer is told of: PNDM's are calls of the network, DPM fast's are of up to three calls.
pub fn told_steps(schedule: &NoiseSchedule, sampler: Sampler, spacing: Schedule, steps: u32) -> u32 {
    match sampler {
        Sampler::Pndm => pndm::calls(schedule.sigmas().len(), steps),
        Sampler::DpmFast => dpm_solver::orders(steps.max(1)).len() as u32,
        Sampler::DpmAdaptive => steps.max(1),
        _ => sigma_list(schedule, sampler, spacing, steps).len() as u32 - 1,
    }
}

/// The falling sigmas that a sampler walks along: one a step, then 0. Of DPM fast and DPM adaptive, which have none, evenly spaced ones.
///
/// The diffusers family knows no spacing but its own, and for DPM and LMS Karras' (spec/model.md, section 17).
pub fn sigma_list(schedule: &NoiseSchedule, sampler: Sampler, spacing: Schedule, steps: u32) -> Vec<f64> {
    let n = steps.max(1) as usize;
    let mut sigmas = match (sampler, spacing) {
        (Sampler::DiffusersDpm, Schedule::Karras) => schedule.karras(n),
        (Sampler::DiffusersDpm, _) => schedule.leading(n + 1, 1..n + 1),
        (Sampler::DiffusersLms, Schedule::Karras) => {
            let own = schedule.leading(n, 0..n);
            karras(own[0], own[own.len() - 1], own.len())
        }
        // The first of them is where the walk starts, and with few steps that is not DDIM's.
        (Sampler::Pndm, _) => {
            let timesteps = pndm::timesteps(schedule.sigmas().len(), steps).into_iter();
            timesteps.map(|t| schedule.sigmas()[t]).collect()
        }
        (Sampler::Ddim | Sampler::DiffusersLms, _) => schedule.leading(n, 0..n),
        // The smallest sigma of one more step is left out, and the last step is as long as two.
        (Sampler::Dpm2 | Sampler::Dpm2A | Sampler::DpmPlusPlus3mSde, _) => {
            let mut sigmas = spaced(schedule, sampler, spacing, n + 1);
            sigmas.pop();
            sigmas
        }
        _ => spaced(schedule, sampler, spacing, n),
    };
    sigmas.push(0.0);
    sigmas
}

fn spaced(schedule: &NoiseSchedule, sampler: Sampler, spacing: Schedule, n: usize) -> Vec<f64> {
    let spacing = match spacing {
        Schedule::Automatic => sampler.own_schedule(),
        chosen => chosen,
    };
    match spacing {
        Schedule::Automatic | Schedule::Uniform => schedule.uniform(n),
        Schedule::Karras => schedule.karras(n),
        // k-diffusion's polyexponential list with rho 1 is the exponential one.
        Schedule::Exponential | Schedule::Polyexponential => schedule.exponential(n),
        Schedule::SgmUniform => schedule.sgm_uniform(n),
    }
}
