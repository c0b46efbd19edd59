//! Heun's method: Euler's step, and the mean of the slopes at its ends (Karras et al., arXiv 2206.00364, algorithm 1 without churn).

use burn::tensor::Tensor;

use super::step::{slope, toward};
use crate::diffusion::denoiser::Denoiser;

/// `x += (d + d2) / 2 (s' - s)`, `d2` the slope where Euler's step ends; Euler's step alone where `s' = 0`.
pub fn step(denoiser: &mut Denoiser<'_>, x: Tensor<4>, denoised: &Tensor<4>, [from, to]: [f64; 2]) -> Tensor<4> {
    let probe = toward(x.clone(), denoised, from, to);
    if to == 0.0 {
        return probe;
    }
    let ahead = denoiser.denoise(&probe, to);
    let both = slope(&x, denoised, from) + slope(&probe, &ahead, to);
    x + both * (0.5 * (to - from))
}
