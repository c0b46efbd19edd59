//! DPM-Solver-2: the slope in a step's middle (Karras et al., arXiv 2206.00364, algorithm 2 without churn).

use burn::tensor::Tensor;

use super::step::{slope, toward};
use crate::diffusion::denoiser::Denoiser;

/// `x += d2 (s' - s)`, `d2` the slope at `sqrt(s s')`; Euler's step where `s' = 0`.
pub fn step(denoiser: &mut Denoiser<'_>, x: Tensor<4>, denoised: &Tensor<4>, [from, to]: [f64; 2]) -> Tensor<4> {
    if to == 0.0 {
        return toward(x, denoised, from, to);
    }
    let middle = (from * to).sqrt();
    let probe = toward(x.clone(), denoised, from, middle);
    let ahead = denoiser.denoise(&probe, middle);
    x + slope(&probe, &ahead, middle) * (to - from)
}
