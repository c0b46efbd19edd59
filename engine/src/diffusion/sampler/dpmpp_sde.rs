//! DPM-Solver++ of second order for the stochastic equation, in single steps, as k-diffusion has it (eta 1, r 1/2).

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{self, AfterStep, StepNoise, ancestral_step, lay_on, toward};
use crate::diffusion::denoiser::Denoiser;

/// To the middle `sqrt(s s')` by `D`, and from `s` the whole way by the estimate made there; both ways are ancestral, and their noise is of one
/// path, so that it overlaps as they do. Euler's step where `s' = 0`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    step::walk(denoiser, x, sigmas, after_step, |denoiser, x, denoised, [from, to]| {
        if to == 0.0 {
            return toward(x, denoised, from, to);
        }
        let middle = (from * to).sqrt();
        let (down, up) = ancestral_step(from, middle);
        let probe = lay_on(toward(x.clone(), denoised, from, down), up, || noise.between(from, middle));
        let ahead = denoiser.denoise(&probe, middle);
        let (down, up) = ancestral_step(from, to);
        lay_on(toward(x, &ahead, from, down), up, || noise.between(from, to))
    })
}
