//! DPM-Solver++ of second order, multistep (Lu et al., arXiv 2211.01095, algorithm 2). diffusers' midpoint DPM is the same
//! function on other sigmas.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{AfterStep, toward};
use crate::diffusion::denoiser::Denoiser;

/// `x = (s'/s) x - expm1(-h) Dd`, `h = ln(s/s')`. `Dd` goes on from the last two estimates to
/// the step's middle, `(1 + 1/(2r)) D - 1/(2r) D_prev` with `r = h_prev/h`; on the first step and where `s' = 0` it is `D`.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    let mut previous: Option<(Tensor<4>, f64)> = None;
    for (step, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        let h = (pair[0] / pair[1]).ln();
        let target = match previous {
            Some((before, h_before)) if h.is_finite() => {
                let ahead = 0.5 * h / h_before;
                denoised.clone() * (1.0 + ahead) - before * ahead
            }
            _ => denoised.clone(),
        };
        x = toward(x, &target, pair[0], pair[1]);
        after_step(step, &denoised)?;
        previous = Some((denoised, h));
    }
    ControlFlow::Continue(x)
}
