//! The tables that follow from a noise schedule, and the lists of sigmas that are spaced over it.

use super::floats;
use crate::diffusion::sampler::sigma_list;
use crate::diffusion::schedule::NoiseSchedule;
use crate::parity::fixture::Array;
use crate::parity::{Checks, ParityError, Tolerance};
use crate::request::{Sampler, Schedule};

pub fn tables(checks: &mut Checks<'_>, schedule: &NoiseSchedule) -> Result<(), ParityError> {
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
pub fn lists(checks: &mut Checks<'_>, schedule: &NoiseSchedule) -> Result<(), ParityError> {
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
