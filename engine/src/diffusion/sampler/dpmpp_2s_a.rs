//! DPM-Solver++ of second order in single steps (Lu et al., arXiv 2211.01095, algorithm 1); ancestral, as samplers have it.

use burn::tensor::Tensor;

use super::step::toward;
use crate::diffusion::denoiser::Denoiser;

/// With the middle `sqrt(s s')`: a step there by `D`, then the whole way by the estimate made there. Euler's step where `s' = 0`.
pub fn step(denoiser: &mut Denoiser<'_>, x: Tensor<4>, denoised: &Tensor<4>, [from, to]: [f64; 2]) -> Tensor<4> {
    if to == 0.0 {
        return toward(x, denoised, from, to);
    }
    let middle = (from * to).sqrt();
    let ahead = denoiser.denoise(&toward(x.clone(), denoised, from, middle), middle);
    toward(x, &ahead, from, to)
}
