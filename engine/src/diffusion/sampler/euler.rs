//! Euler's method on the probability flow (Karras et al., arXiv 2206.00364, algorithm 1 without churn). On the sigmas of diffusers' DDIM it is
//! DDIM with eta 0.

use burn::tensor::Tensor;

use super::step::toward;
use crate::diffusion::denoiser::Denoiser;

/// `x += (x - D) / s (s' - s)`.
pub fn step(_: &mut Denoiser<'_>, x: Tensor<4>, denoised: &Tensor<4>, [from, to]: [f64; 2]) -> Tensor<4> {
    toward(x, denoised, from, to)
}
