//! A sampler's whole way, call by call.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::{analytic, floats};
use crate::diffusion::sampler::{StepNoise, Walk, sample, sigma_list};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::Prediction;
use crate::parity::fixture::Array;
use crate::parity::{Checks, ParityError, Tolerance};
use crate::request::{Sampler, Schedule};

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
struct Replay {
    noise: std::vec::IntoIter<Tensor<4>>,
    /// The levels that noise of a path was asked for, in pairs.
    levels: Vec<f32>,
}

impl Replay {
    fn new(checks: &Checks<'_>, name: &str) -> Result<Self, ParityError> {
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
                steer: None,
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
pub fn sigma_run(
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
pub fn preserving_run(
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
