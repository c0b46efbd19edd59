//! diffusers' PNDM: Adams and Bashforth's four-step formula over network outputs, begun with three steps of Runge and Kutta's
//! (Liu et al., arXiv 2202.09778; spec/model.md, section 17b).
//!
//! Its update from one level to another is DDIM's, in sigma space Euler's. What is its own: outputs are combined before they are read as
//! noise or velocity, and the network is asked at whole timesteps, in the warm-up halfway between two.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{AfterStep, toward};
use crate::diffusion::denoiser::Denoiser;

/// Steps of the warm-up, and one more.
const FEWEST: usize = 4;

/// The timesteps of `steps` steps, falling, no two alike: at least the four that the warm-up takes, and at most what the table has above its first
/// level. A table of fewer than five levels has them all.
pub fn timesteps(table: usize, steps: u32) -> Vec<usize> {
    let most = table.saturating_sub(1).max(1);
    let steps = (steps as usize).max(FEWEST).min(most);
    let stride = (table / steps).max(1);
    (0..steps)
        .rev()
        .map(|k| (k * stride + 1).min(table.saturating_sub(1)))
        .collect()
}

/// Weights of the outputs of up to four steps, the latest first, in parts of 24.
const ADAMS_BASHFORTH: [&[f64]; 4] = [&[24.0], &[36.0, -12.0], &[46.0, -32.0, 10.0], &[55.0, -59.0, 37.0, -9.0]];

/// How often the network is called: four times for each step of the warm-up, once for every other.
pub fn calls(table: usize, steps: u32) -> u32 {
    let timesteps = timesteps(table, steps).len();
    match timesteps < FEWEST {
        true => timesteps as u32,
        false => timesteps as u32 + 9,
    }
}

/// Walks down the table's timesteps, each call of the network told as a step. Ends at the table's first level, with a latent of variance 1.
pub fn walk(denoiser: &mut Denoiser<'_>, x: Tensor<4>, steps: u32, after_step: &mut AfterStep<'_>) -> ControlFlow<(), Tensor<4>> {
    let schedule = denoiser.schedule;
    let timesteps = timesteps(schedule.sigmas().len(), steps);
    // The last two lie as far apart as any; where there is one alone, it is as far from the table's first level.
    let stride = timesteps[0] - timesteps.get(1).copied().unwrap_or(0);
    let half = stride / 2;
    // A table too short for the warm-up begins with the formulas of fewer steps.
    let warm_up = if timesteps.len() < FEWEST {
        &[][..]
    } else {
        &timesteps[..FEWEST]
    };
    let mut walk = Pndm {
        denoiser,
        after_step,
        calls: 0,
        x,
        // Below zero the table's first level stands.
        level: |t: i64| schedule.sigmas()[t.max(0) as usize],
    };
    let mut outputs: VecDeque<Tensor<4>> = VecDeque::with_capacity(4);
    for pair in warm_up.windows(2) {
        let [start, end] = [pair[0] as i64, pair[1] as i64];
        let half = half as i64;
        let begin = walk.x.clone();
        let first = walk.call(start, start)?;
        walk.advance(&begin, first.clone(), start, start - half);
        let second = walk.call(start - half, end + half)?;
        walk.advance(&begin, second.clone(), start, end + half);
        let third = walk.call(end + half, end + half)?;
        walk.advance(&begin, third.clone(), start, end);
        let fourth = walk.call(end, end)?;
        let mean = (first.clone() + fourth) / 6.0 + (second + third) / 3.0;
        walk.advance(&begin, mean, start, end);
        outputs.push_front(first);
    }
    for t in &timesteps[warm_up.len().saturating_sub(1)..] {
        let t = *t as i64;
        outputs.truncate(3);
        outputs.push_front(walk.call(t, t)?);
        let weighted = outputs.iter().zip(ADAMS_BASHFORTH[outputs.len() - 1]);
        let combined = weighted
            .map(|(output, weight)| output.clone() * (weight / 24.0))
            .reduce(|sum, more| sum + more)
            .expect("an output was just added");
        let begin = walk.x.clone();
        walk.advance(&begin, combined, t, t - stride as i64);
    }
    let last = schedule.sigma_min();
    ControlFlow::Continue(walk.x / (last * last + 1.0).sqrt())
}

struct Pndm<'a, 'b, 'c, Level> {
    denoiser: &'a mut Denoiser<'b>,
    after_step: &'a mut AfterStep<'c>,
    calls: usize,
    x: Tensor<4>,
    /// The sigma of a timestep.
    level: Level,
}

impl<Level: Fn(i64) -> f64> Pndm<'_, '_, '_, Level> {
    /// The network's output for the state, which is at the level of `at`, asked for the timestep `t`.
    fn call(&mut self, at: i64, t: i64) -> ControlFlow<(), Tensor<4>> {
        let sigma = (self.level)(at);
        let output = self.denoiser.output(&self.x, sigma, t as f64);
        let denoised = self.denoiser.estimate(&self.x, sigma, output.clone());
        (self.after_step)(self.calls, &denoised)?;
        self.calls += 1;
        ControlFlow::Continue(output)
    }

    /// Goes from `begin` at the level of `from` to that of `to` by an output.
    fn advance(&mut self, begin: &Tensor<4>, output: Tensor<4>, from: i64, to: i64) {
        let [from, to] = [from, to].map(&self.level);
        let denoised = self.denoiser.estimate(begin, from, output);
        self.x = toward(begin.clone(), &denoised, from, to);
    }
}
