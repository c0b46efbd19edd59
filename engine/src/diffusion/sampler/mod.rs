//! Samplers: which list of sigmas each asks for, where it starts, and the function that walks down the list.
//!
//! diffusers' samplers keep their latent in variance-preserving form, `x / sqrt(sigma^2 + 1)`. Rewritten in sigma space DDIM
//! (eta 0) is Euler, DPM-Solver++ 2M is DPM++ 2M, and the LMS of both is one. What is left of the difference: their own lists of
//! sigmas, whole timesteps, and a start that leaves room for the picture's own variance.
//!
//! A step without noise that holds an estimate `D` fixed is always [`toward`]: Euler's, and with `h = ln(s/s')` the exponential one of
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
mod lms;
mod pndm;

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::denoiser::Denoiser;
use super::schedule::{NoiseSchedule, karras};
use crate::model::config::Prediction;
use crate::request::{Sampler, Schedule};
use dpmpp_2m_sde::Correction;

/// What is known after a step.
pub struct Step<'a> {
    /// Counted from 1.
    pub step: u32,
    pub steps: u32,
    /// The network's estimate of the clean latent, `[B, C, h, w]`, scaled as the network has it.
    pub denoised: &'a Tensor<4>,
}

/// What a sampler calls after every step with the step, counted from 0, and the estimate it was made from.
type AfterStep<'a> = dyn FnMut(usize, &Tensor<4>) -> ControlFlow<()> + 'a;

/// Normal noise that a sampler lays on in its steps, of the latent's shape.
pub trait StepNoise {
    /// Independent of all that came before.
    fn fresh(&mut self) -> Tensor<4>;

    /// `(W(from) - W(to)) / sqrt(from - to)` of one Wiener path `W` over the noise levels, `from > to`: what overlaps is correlated.
    fn between(&mut self, from: f64, to: f64) -> Tensor<4>;
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
    /// Where the samplers that add noise take it from.
    pub step_noise: &'a mut dyn StepNoise,
}

/// Takes the walk. `network` goes from a latent of variance 1 and a timestep to the raw output, guidance done. `observer` sees every step;
/// when it breaks off there is no latent.
pub fn sample(
    walk: Walk<'_>,
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
        step_noise: fresh,
    } = walk;
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
        Sampler::Euler | Sampler::Ddim => euler::walk(network, x, &sigmas, after),
        Sampler::EulerA => euler::ancestral(network, x, &sigmas, fresh, after),
        Sampler::Heun => heun::walk(network, x, &sigmas, after),
        Sampler::Dpm2 => dpm2::walk(network, x, &sigmas, after),
        Sampler::Dpm2A => dpm2::ancestral(network, x, &sigmas, fresh, after),
        Sampler::Lms | Sampler::DiffusersLms => lms::walk(network, x, &sigmas, after),
        Sampler::DpmPlusPlus2m | Sampler::DiffusersDpm => dpmpp_2m::walk(network, x, &sigmas, after),
        Sampler::DpmPlusPlus2sA => dpmpp_2s_a::walk(network, x, &sigmas, fresh, after),
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

/// How many steps an observer is told of: PNDM's are calls of the network, DPM fast's are of up to three calls.
pub fn told_steps(schedule: &NoiseSchedule, sampler: Sampler, spacing: Schedule, steps: u32) -> u32 {
    match sampler {
        Sampler::Pndm => pndm::timesteps(schedule.sigmas().len(), steps).len() as u32 + 9,
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
        (Sampler::Ddim | Sampler::Pndm | Sampler::DiffusersLms, _) => schedule.leading(n, 0..n),
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

/// From `x` at the level `from` to the level `to` as if the estimate `denoised` held all the way: the mean of both that it is, exactly the
/// estimate where `to` is 0.
fn toward(x: Tensor<4>, denoised: &Tensor<4>, from: f64, to: f64) -> Tensor<4> {
    let kept = to / from;
    x * kept + denoised.clone() * (1.0 - kept)
}

/// The noise in `x` at a level above 0, by the estimate: the slope `dx / dsigma` of the probability flow.
fn slope(x: &Tensor<4>, denoised: &Tensor<4>, sigma: f64) -> Tensor<4> {
    (x.clone() - denoised.clone()) / sigma
}

/// An ancestral step from one level to a lower one with eta 1: the level that is walked down to, and the deviation of the noise that is then
/// laid on.
fn ancestral_step(from: f64, to: f64) -> (f64, f64) {
    let share = to / from;
    (to * share, to * (1.0 - share * share).max(0.0).sqrt())
}

/// `x` with noise of the deviation `up` on it, which is only made where there is any.
fn lay_on(x: Tensor<4>, up: f64, noise: impl FnOnce() -> Tensor<4>) -> Tensor<4> {
    if up > 0.0 { x + noise() * up } else { x }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::diffusion::schedule::tests::published;
    use crate::noise::Stream;

    /// The noise that [`run`] starts from.
    const NOISE: [f64; 2] = [1.3, -0.4];

    /// The denoiser of normal data with variance 1/4 and mean 0.7: `D = (x/4 + 0.7 s^2) / (1/4 + s^2)`, as an eps or v network.
    fn network(schedule: &NoiseSchedule, prediction: Prediction) -> impl FnMut(Tensor<4>, f32) -> Tensor<4> {
        move |input, t| {
            let sigma = schedule.t_to_sigma(f64::from(t));
            let scale = (1.0 + sigma * sigma).sqrt();
            let x = input * scale;
            let denoised = (x.clone() * 0.25 + 0.7 * sigma * sigma) / (0.25 + sigma * sigma);
            let eps = (x - denoised.clone()) / sigma;
            match prediction {
                Prediction::Eps => eps,
                Prediction::V => (eps - denoised * sigma) / scale,
            }
        }
    }

    /// Final values from [`NOISE`], and the timesteps at which the network was asked.
    fn run(sampler: Sampler, spacing: Schedule, steps: u32, prediction: Prediction) -> (Vec<f32>, Vec<f32>) {
        let schedule = published();
        let mut asked = Vec::new();
        let mut seen = Vec::new();
        let mut network = network(&schedule, prediction);
        let noise = Tensor::from_data(
            TensorData::new(NOISE.map(|v| v as f32).to_vec(), [2, 1, 1, 1]),
            &Device::flex(),
        );
        let latent = sample(
            Walk {
                sampler,
                spacing,
                steps,
                schedule: &schedule,
                prediction,
                noise,
                start: None,
                step_noise: &mut Stream::new(3, [2, 1, 1, 1], schedule.sigma_max(), &Device::flex()),
            },
            &mut |x, t| {
                asked.push(t);
                network(x, t)
            },
            &mut |step| {
                let told = told_steps(&schedule, sampler, spacing, steps);
                assert_eq!((step.steps, step.denoised.dims()), (told, [2, 1, 1, 1]));
                seen.push(step.step);
                ControlFlow::Continue(())
            },
        );
        assert!(seen.is_sorted(), "{sampler:?}: {seen:?}");
        // The adaptive one may pass several of the steps that it is told in at once.
        seen.dedup();
        let told = told_steps(&schedule, sampler, spacing, steps);
        if sampler != Sampler::DpmAdaptive {
            assert_eq!(seen, (1..=told).collect::<Vec<_>>(), "{sampler:?}");
        }
        assert_eq!(seen.last(), Some(&told), "{sampler:?}");
        (latent.unwrap().try_into_vec_as::<f32>().unwrap(), asked)
    }

    /// Where the exact path ends: `(x - 0.7) / sqrt(sigma^2 + 1/4)` is kept.
    fn exact(noise: f64, start: f64, sigma: f64) -> f64 {
        0.7 + (noise * start - 0.7) * 0.5 / (sigma * sigma + 0.25).sqrt()
    }

    #[test]
    fn every_sampler_comes_to_the_end_of_the_exact_path() {
        for sampler in Sampler::ALL.into_iter().filter(|sampler| !sampler.adds_noise()) {
            for (steps, tolerance) in [(25, 0.08), (100, 0.02)] {
                let sigma = sigma_list(&published(), sampler, Schedule::Automatic, steps)[0];
                let start = match sampler {
                    Sampler::Ddim | Sampler::DiffusersDpm | Sampler::Pndm | Sampler::DiffusersLms => (sigma * sigma + 1.0).sqrt(),
                    _ => sigma,
                };
                let (latent, _) = run(sampler, Schedule::Automatic, steps, Prediction::Eps);
                for (value, noise) in latent.iter().zip(NOISE) {
                    let error = (f64::from(*value) - exact(noise, start, sigma)).abs();
                    assert!(error < tolerance, "{sampler:?}, {steps} steps: off by {error}");
                }
            }
        }
    }

    /// Where noise is added the end is a sample of the data, whose mean is 0.7 and whose deviation is a half, whatever the start was.
    #[test]
    fn samplers_that_add_noise_end_among_the_data() {
        const COUNT: usize = 4000;
        let schedule = published();
        for sampler in Sampler::ALL.into_iter().filter(|sampler| sampler.adds_noise()) {
            let shape = [COUNT, 1, 1, 1];
            let latent = sample(
                Walk {
                    sampler,
                    spacing: Schedule::Automatic,
                    steps: 100,
                    schedule: &schedule,
                    prediction: Prediction::V,
                    noise: crate::noise::tensor(1, shape, &Device::flex()),
                    start: None,
                    step_noise: &mut Stream::new(1, shape, schedule.sigma_max(), &Device::flex()),
                },
                &mut network(&schedule, Prediction::V),
                &mut |_| ControlFlow::Continue(()),
            );
            let values = latent.unwrap().try_into_vec_as::<f32>().unwrap();
            let mean = values.iter().sum::<f32>() / COUNT as f32;
            let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / COUNT as f32).sqrt();
            assert!((mean - 0.7).abs() < 0.04, "{sampler:?}: mean {mean}");
            assert!((deviation - 0.5).abs() < 0.05, "{sampler:?}: deviation {deviation}");
        }
    }

    #[test]
    fn the_parameterisation_does_not_change_the_picture() {
        // PNDM combines outputs of several levels before it reads them, so that to it they are not the same.
        for sampler in Sampler::ALL.into_iter().filter(|sampler| *sampler != Sampler::Pndm) {
            let (eps, _) = run(sampler, Schedule::Automatic, 8, Prediction::Eps);
            let (v, _) = run(sampler, Schedule::Automatic, 8, Prediction::V);
            for (eps, v) in eps.iter().zip(v) {
                assert!((eps - v).abs() < 1e-5, "{sampler:?}: {eps} and {v}");
            }
        }
    }

    #[test]
    fn the_network_is_asked_at_each_familys_timesteps() {
        let asked = |sampler, spacing| run(sampler, spacing, 8, Prediction::V).1;
        assert_eq!(
            asked(Sampler::Ddim, Schedule::Karras),
            [876.0, 751.0, 626.0, 501.0, 376.0, 251.0, 126.0, 1.0]
        );
        assert_eq!(
            asked(Sampler::DiffusersDpm, Schedule::Automatic),
            [889.0, 778.0, 667.0, 556.0, 445.0, 334.0, 223.0, 112.0]
        );
        assert_eq!(
            asked(Sampler::DiffusersDpm, Schedule::Karras),
            [999.0, 890.0, 746.0, 549.0, 299.0, 90.0, 12.0, 0.0]
        );
        let euler = asked(Sampler::Euler, Schedule::Automatic);
        assert!((euler[1] - 856.2857).abs() < 1e-3, "{euler:?}");
    }

    #[test]
    fn automatic_is_the_samplers_own_spacing() {
        let schedule = published();
        let list = |sampler, spacing| sigma_list(&schedule, sampler, spacing, 6);
        assert_eq!(
            list(Sampler::DpmPlusPlus2m, Schedule::Automatic),
            list(Sampler::DpmPlusPlus2m, Schedule::Karras)
        );
        assert_eq!(
            list(Sampler::Euler, Schedule::Automatic),
            list(Sampler::Euler, Schedule::Uniform)
        );
        assert_eq!(
            list(Sampler::Ddim, Schedule::Exponential),
            list(Sampler::Ddim, Schedule::Automatic)
        );
        assert_eq!(list(Sampler::Euler, Schedule::SgmUniform).len(), 7);
    }

    #[test]
    fn an_observer_that_breaks_off_ends_the_walk() {
        let schedule = published();
        for sampler in Sampler::ALL {
            let (mut calls, mut seen) = (0, 0);
            let latent = sample(
                Walk {
                    sampler,
                    spacing: Schedule::Automatic,
                    steps: 8,
                    schedule: &schedule,
                    prediction: Prediction::V,
                    noise: Tensor::zeros([1, 4, 2, 2], &Device::flex()),
                    start: None,
                    step_noise: &mut Stream::new(1, [1, 4, 2, 2], schedule.sigma_max(), &Device::flex()),
                },
                &mut |x, _| {
                    calls += 1;
                    x
                },
                &mut |step| {
                    seen += 1;
                    if step.step == 2 {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                },
            );
            assert!(latent.is_none());
            assert!(seen >= 2 && calls <= 3 * seen, "{sampler:?}: {seen} steps, {calls} calls");
        }
    }

    #[test]
    fn no_steps_are_one_step() {
        assert_eq!(sigma_list(&published(), Sampler::Euler, Schedule::Automatic, 0).len(), 2);
    }
}
