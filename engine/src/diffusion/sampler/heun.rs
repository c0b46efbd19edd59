//! Heun's method: Euler's step, and the mean of the slopes at its ends (Karras et al., arXiv 2206.00364, algorithm 1 without churn).

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::{AfterStep, slope, toward};
use crate::diffusion::denoiser::Denoiser;

/// `x += (d + d2) / 2 (s' - s)`, `d2` the slope where Euler's step ends; Euler's step alone where `s' = 0`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        let probe = toward(x.clone(), &denoised, pair[0], pair[1]);
        x = if pair[1] == 0.0 {
            probe
        } else {
            let ahead = denoiser.denoise(&probe, pair[1]);
            let both = slope(&x, &denoised, pair[0]) + slope(&probe, &ahead, pair[1]);
            x + both * (0.5 * (pair[1] - pair[0]))
        };
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}
