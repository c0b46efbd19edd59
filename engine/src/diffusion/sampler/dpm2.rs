//! DPM-Solver-2: the slope in a step's middle (Karras et al., arXiv 2206.00364, algorithm 2 without churn), and its ancestral form.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::{AfterStep, StepNoise, ancestral_step, lay_on, slope, toward};
use crate::diffusion::denoiser::Denoiser;

/// `x += d2 (s' - s)`, `d2` the slope at `sqrt(s s')`; Euler's step where `s' = 0`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        x = by_the_middle(denoiser, x, &denoised, pair[0], pair[1]);
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}

/// The same down to `down`, then `up` of fresh noise.
pub fn ancestral(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        let (down, up) = ancestral_step(pair[0], pair[1]);
        x = lay_on(by_the_middle(denoiser, x, &denoised, pair[0], down), up, || noise.fresh());
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}

fn by_the_middle(denoiser: &mut Denoiser<'_>, x: Tensor<4>, denoised: &Tensor<4>, from: f64, to: f64) -> Tensor<4> {
    if to == 0.0 {
        return toward(x, denoised, from, to);
    }
    let middle = (from * to).sqrt();
    let probe = toward(x.clone(), denoised, from, middle);
    let ahead = denoiser.denoise(&probe, middle);
    x + slope(&probe, &ahead, middle) * (to - from)
}
