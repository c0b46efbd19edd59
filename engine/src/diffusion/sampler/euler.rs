//! Euler's method on the probability flow (Karras et al., arXiv 2206.00364, algorithm 1 without churn), and its ancestral form. On the
//! sigmas of diffusers' DDIM the first is DDIM with eta 0.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::{AfterStep, StepNoise, ancestral_step, lay_on, toward};
use crate::diffusion::denoiser::Denoiser;

/// `x += (x - D) / s (s' - s)`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        x = toward(x, &denoised, pair[0], pair[1]);
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}

/// `x += (x - D) / s (down - s)`, then `up` of fresh noise.
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
        x = lay_on(toward(x, &denoised, pair[0], down), up, || noise.fresh());
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}
