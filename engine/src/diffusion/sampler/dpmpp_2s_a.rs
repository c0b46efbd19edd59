//! DPM-Solver++ of second order in single steps (Lu et al., arXiv 2211.01095, algorithm 1), ancestral.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::{AfterStep, StepNoise, ancestral_step, lay_on, toward};
use crate::diffusion::denoiser::Denoiser;

/// With the middle `sqrt(s down)`: a step there by `D`, then the whole way to `down` by the estimate made there, then `up` of fresh noise. Euler's
/// step where `down = 0`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        let (down, up) = ancestral_step(pair[0], pair[1]);
        let target = if down == 0.0 {
            denoised.clone()
        } else {
            let middle = (pair[0] * down).sqrt();
            denoiser.denoise(&toward(x.clone(), &denoised, pair[0], middle), middle)
        };
        x = lay_on(toward(x, &target, pair[0], down), up, || noise.fresh());
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}
