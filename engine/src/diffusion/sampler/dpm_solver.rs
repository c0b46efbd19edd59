//! DPM-Solver of orders one to three in `t = -ln sigma` (Lu et al., arXiv 2206.00927), and the two samplers of k-diffusion that are made of it:
//! one with a given number of network calls, one that chooses its steps by the error it makes. Both are ancestral with eta 1, and end at the
//! smallest sigma, not at 0.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{AfterStep, StepNoise, ancestral_step, lay_on};
use crate::diffusion::denoiser::Denoiser;

/// The state at `t`, and the noise that the network sees in it.
struct Here {
    x: Tensor<4>,
    t: f64,
    denoised: Tensor<4>,
    eps: Tensor<4>,
}

fn sigma(t: f64) -> f64 {
    (-t).exp()
}

impl Here {
    fn new(denoiser: &mut Denoiser<'_>, x: Tensor<4>, t: f64) -> Self {
        let denoised = denoiser.denoise(&x, sigma(t));
        let eps = (x.clone() - denoised.clone()) / sigma(t);
        Self { x, t, denoised, eps }
    }

    /// To `to` by the noise seen here.
    fn first(&self, to: f64) -> Tensor<4> {
        self.x.clone() - self.eps.clone() * (sigma(to) * (to - self.t).exp_m1())
    }

    /// How much the noise has changed when a share `r` of the way to `to` is gone.
    fn change(&self, denoiser: &mut Denoiser<'_>, to: f64, r: f64) -> Tensor<4> {
        let t = self.t + r * (to - self.t);
        Self::new(denoiser, self.first(t), t).eps - self.eps.clone()
    }

    /// To `to`, by the `change` at the share `r`.
    fn second(&self, to: f64, r: f64, change: Tensor<4>) -> Tensor<4> {
        self.first(to) - change * (sigma(to) * (to - self.t).exp_m1() / (2.0 * r))
    }

    /// To `to`, by the `change` at a third of the way and the one at two thirds that follows from it.
    fn third(&self, denoiser: &mut Denoiser<'_>, to: f64, change: Tensor<4>) -> Tensor<4> {
        const R: f64 = 2.0 / 3.0;
        let curve = |h: f64| h.exp_m1() / h - 1.0;
        let h = to - self.t;
        let t = self.t + R * h;
        let x = self.first(t) - change * (sigma(t) * 2.0 * curve(R * h));
        let later = Self::new(denoiser, x, t).eps - self.eps.clone();
        self.first(to) - later * (sigma(to) / R * curve(h))
    }
}

/// Where an ancestral step from `t` to `next` walks to, which is never beyond `end`, and the noise that brings it back up.
fn ancestral(t: f64, next: f64, end: f64) -> (f64, f64) {
    let (down, _) = ancestral_step(sigma(t), sigma(next));
    let to = (-down.ln()).min(end);
    (to, (sigma(next).powi(2) - sigma(to).powi(2)).max(0.0).sqrt())
}

/// The orders of the steps that `calls` calls of the network (at least one) are spent on: threes, and what is left.
pub fn orders(calls: u32) -> Vec<u32> {
    let (threes, rest): (_, &[u32]) = match calls % 3 {
        0 => ((calls / 3).saturating_sub(1), &[2, 1]),
        1 => (calls / 3, &[1]),
        _ => (calls / 3, &[2]),
    };
    std::iter::repeat_n(3, threes as usize).chain(rest.iter().copied()).collect()
}

/// DPM fast: steps of equal length in `t` over `range`, largest sigma first.
pub fn fast(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    range: [f64; 2],
    calls: u32,
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    let [begin, end] = range.map(|sigma| -sigma.ln());
    let orders = orders(calls);
    let place = |step: usize| begin + (end - begin) * step as f64 / orders.len() as f64;
    for (step, order) in orders.iter().enumerate() {
        let (t, next) = (place(step), place(step + 1));
        let (to, up) = ancestral(t, next, end);
        let here = Here::new(denoiser, x, t);
        x = match order {
            1 => here.first(to),
            2 => {
                let change = here.change(denoiser, to, 0.5);
                here.second(to, 0.5, change)
            }
            _ => {
                let change = here.change(denoiser, to, 1.0 / 3.0);
                here.third(denoiser, to, change)
            }
        };
        x = lay_on(x, up, || noise.fresh());
        after_step(step, &here.denoised)?;
    }
    ControlFlow::Continue(x)
}

/// DPM adaptive: steps of order three, as long as the difference from order two allows. What is told after an attempt is the share of the
/// way, in so many steps of `told`.
pub fn adaptive(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    range: [f64; 2],
    told: u32,
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    const R: f64 = 1.0 / 3.0;
    const RELATIVE: f64 = 0.05;
    const ABSOLUTE: f64 = 0.0078;
    const FIRST_STEP: f64 = 0.05;
    /// Of the controller: k-diffusion takes it for a stochastic step of order three.
    const ORDER: f64 = 1.5;
    const ACCEPTED: f64 = 0.81;

    let [begin, end] = range.map(|sigma| -sigma.ln());
    let mut before = x.clone();
    let (mut t, mut h) = (begin, FIRST_STEP);
    while t < end - 1e-5 {
        let next = (t + h).min(end);
        let (to, up) = ancestral(t, next, end);
        let here = Here::new(denoiser, x.clone(), t);
        let change = here.change(denoiser, to, R);
        let low = here.second(to, R, change.clone());
        let high = here.third(denoiser, to, change);

        let allowed = (low.clone().abs().max_pair(before.clone().abs()) * RELATIVE).clamp_min(ABSOLUTE);
        let misses = (low.clone() - high.clone()) / allowed;
        let error = f64::from(misses.square().mean().into_scalar::<f32>()).sqrt();
        // What is not a number passes, so that the walk ends; its observer sees what became of it.
        let factor = 1.0 + ((1.0 / (error + 1e-8)).powf(1.0 / ORDER) - 1.0).atan();
        if factor >= ACCEPTED || factor.is_nan() {
            before = low;
            x = lay_on(high, up, || noise.fresh());
            t = next;
        }
        h *= factor;
        let done = ((t - begin) / (end - begin) * f64::from(told)).ceil() as usize;
        after_step(done.clamp(1, told as usize) - 1, &here.denoised)?;
    }
    ControlFlow::Continue(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_use_up_the_calls() {
        assert_eq!(orders(1), [1]);
        assert_eq!(orders(3), [2, 1]);
        assert_eq!(orders(8), [3, 3, 2]);
        assert_eq!(orders(12), [3, 3, 3, 2, 1]);
        assert!((1..=100).all(|calls| orders(calls).iter().sum::<u32>() == calls));
    }
}
