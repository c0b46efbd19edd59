//! Euler's method on the probability flow (Karras et al., arXiv 2206.00364, algorithm 1 without churn). On the sigmas of
//! diffusers' DDIM it is DDIM with eta 0.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::AfterStep;
use crate::diffusion::denoiser::Denoiser;

/// `x += (x - D) / s (s' - s)`, written as the mean of `x` and `D` that it is: exactly `D` where `s' = 0`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        let kept = pair[1] / pair[0];
        x = x * kept + denoised.clone() * (1.0 - kept);
        after_step(step, &denoised)?;
    }
    ControlFlow::Continue(x)
}
