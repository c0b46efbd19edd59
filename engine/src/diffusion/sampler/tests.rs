//! Every sampler against a network whose exact path is known.

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
    run_on(published(), sampler, spacing, steps, prediction)
}

fn run_on(
    schedule: NoiseSchedule,
    sampler: Sampler,
    spacing: Schedule,
    steps: u32,
    prediction: Prediction,
) -> (Vec<f32>, Vec<f32>) {
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
            steer: None,
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
                steer: None,
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
                steer: None,
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
fn pndm_starts_where_its_warm_up_does_however_few_its_steps() {
    let four = run(Sampler::Pndm, Schedule::Automatic, 4, Prediction::Eps);
    for steps in 1..4 {
        assert_eq!(
            run(Sampler::Pndm, Schedule::Automatic, steps, Prediction::Eps),
            four,
            "{steps} steps"
        );
    }
}

/// A picture to start from leaves a part of the table, which may have fewer levels than there are steps.
#[test]
fn pndm_walks_any_part_of_the_table_to_its_end() {
    for share in [0.002, 0.003, 0.005, 0.02] {
        let part = published().below(share);
        let levels = part.sigmas().len();
        let sigma = sigma_list(&part, Sampler::Pndm, Schedule::Automatic, 100)[0];
        let (latent, asked) = run_on(part, Sampler::Pndm, Schedule::Automatic, 100, Prediction::Eps);
        assert!(asked.contains(&1.0), "{levels} levels: {asked:?}");
        for (value, noise) in latent.iter().zip(NOISE) {
            let error = (f64::from(*value) - exact(noise, (sigma * sigma + 1.0).sqrt(), sigma)).abs();
            assert!(error < 0.02, "{levels} levels: off by {error}");
        }
    }
}

#[test]
fn no_steps_are_one_step() {
    assert_eq!(sigma_list(&published(), Sampler::Euler, Schedule::Automatic, 0).len(), 2);
}
