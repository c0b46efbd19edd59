//! Samplers: which list of sigmas each asks for, where it starts, and the function that walks down the list.
//!
//! diffusers' samplers keep their latent in variance-preserving form, `x / sqrt(sigma^2 + 1)`. Rewritten in sigma space DDIM
//! (eta 0) is Euler and DPM-Solver++ 2M is DPM++ 2M. What is left of the difference: their own lists of sigmas, whole
//! timesteps, and a start that leaves room for the picture's own variance.

mod dpmpp_2m;
mod euler;

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::denoiser::Denoiser;
use super::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::request::{Sampler, Schedule};

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

/// Walks from standard normal `noise` (`[B, C, h, w]`) to a clean latent in `steps` steps (at least one is taken).
///
/// `network` goes from a latent of variance 1 and a timestep to the raw output, guidance done. `observer` sees every step;
/// when it breaks off there is no latent.
pub fn sample(
    sampler: Sampler,
    spacing: Schedule,
    steps: u32,
    schedule: &NoiseSchedule,
    prediction: Prediction,
    noise: Tensor<4>,
    network: &mut dyn FnMut(Tensor<4>, f32) -> Tensor<4>,
    observer: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Option<Tensor<4>> {
    let sigmas = sigma_list(schedule, sampler, spacing, steps);
    let steps = (sigmas.len() - 1) as u32;
    let from_diffusers = matches!(sampler, Sampler::Ddim | Sampler::DiffusersDpm);
    let scale = if from_diffusers {
        (sigmas[0] * sigmas[0] + 1.0).sqrt()
    } else {
        sigmas[0]
    };
    let mut denoiser = Denoiser {
        schedule,
        prediction,
        whole_timesteps: from_diffusers,
        network,
    };
    let mut after_step = |step: usize, denoised: &Tensor<4>| {
        observer(Step {
            step: step as u32 + 1,
            steps,
            denoised,
        })
    };
    let walk = match sampler {
        Sampler::Euler | Sampler::Ddim => euler::walk,
        Sampler::DpmPlusPlus2m | Sampler::DiffusersDpm => dpmpp_2m::walk,
    };
    walk(&mut denoiser, noise * scale, &sigmas, &mut after_step).continue_value()
}

/// The falling sigmas that a sampler walks along: one a step, then 0.
///
/// The diffusers family knows no spacing but its own, and for DPM Karras' (spec/model.md, section 17).
pub fn sigma_list(schedule: &NoiseSchedule, sampler: Sampler, spacing: Schedule, steps: u32) -> Vec<f64> {
    let n = steps.max(1) as usize;
    let mut sigmas = match (sampler, spacing) {
        (Sampler::Ddim, _) => schedule.leading(n, 0..n),
        (Sampler::DiffusersDpm, Schedule::Karras) => schedule.karras(n),
        (Sampler::DiffusersDpm, _) => schedule.leading(n + 1, 1..n + 1),
        (Sampler::Euler, Schedule::Automatic) => schedule.uniform(n),
        (Sampler::DpmPlusPlus2m, Schedule::Automatic) => schedule.karras(n),
        (_, Schedule::Uniform) => schedule.uniform(n),
        (_, Schedule::Karras) => schedule.karras(n),
        (_, Schedule::Exponential) => schedule.exponential(n),
        (_, Schedule::SgmUniform) => schedule.sgm_uniform(n),
    };
    sigmas.push(0.0);
    sigmas
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::diffusion::schedule::tests::published;

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
            sampler,
            spacing,
            steps,
            &schedule,
            prediction,
            noise,
            &mut |x, t| {
                asked.push(t);
                network(x, t)
            },
            &mut |step| {
                assert_eq!((step.steps, step.denoised.dims()), (steps, [2, 1, 1, 1]));
                seen.push(step.step);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen, (1..=steps).collect::<Vec<_>>());
        (latent.unwrap().try_into_vec_as::<f32>().unwrap(), asked)
    }

    /// Where the exact path ends: `(x - 0.7) / sqrt(sigma^2 + 1/4)` is kept.
    fn exact(noise: f64, start: f64, sigma: f64) -> f64 {
        0.7 + (noise * start - 0.7) * 0.5 / (sigma * sigma + 0.25).sqrt()
    }

    #[test]
    fn every_sampler_comes_to_the_end_of_the_exact_path() {
        for sampler in Sampler::ALL {
            for (steps, tolerance) in [(25, 0.08), (100, 0.02)] {
                let sigma = sigma_list(&published(), sampler, Schedule::Automatic, steps)[0];
                let start = match sampler {
                    Sampler::Ddim | Sampler::DiffusersDpm => (sigma * sigma + 1.0).sqrt(),
                    Sampler::Euler | Sampler::DpmPlusPlus2m => sigma,
                };
                let (latent, _) = run(sampler, Schedule::Automatic, steps, Prediction::Eps);
                for (value, noise) in latent.iter().zip(NOISE) {
                    let error = (f64::from(*value) - exact(noise, start, sigma)).abs();
                    assert!(error < tolerance, "{sampler:?}, {steps} steps: off by {error}");
                }
            }
        }
    }

    #[test]
    fn the_parameterisation_does_not_change_the_picture() {
        for sampler in Sampler::ALL {
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
            let mut calls = 0;
            let latent = sample(
                sampler,
                Schedule::Automatic,
                8,
                &schedule,
                Prediction::V,
                Tensor::zeros([1, 4, 2, 2], &Device::flex()),
                &mut |x, _| {
                    calls += 1;
                    x
                },
                &mut |step| {
                    if step.step == 3 {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                },
            );
            assert!(latent.is_none());
            assert_eq!(calls, 3, "{sampler:?}");
        }
    }

    #[test]
    fn no_steps_are_one_step() {
        assert_eq!(sigma_list(&published(), Sampler::Euler, Schedule::Automatic, 0).len(), 2);
    }
}
