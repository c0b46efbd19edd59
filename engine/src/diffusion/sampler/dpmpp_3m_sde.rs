//! DPM-Solver++ of third order for the stochastic equation, multistep, as k-diffusion has it (eta 1).

use std::collections::VecDeque;
use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{AfterStep, StepNoise, ancestral_step, lay_on, toward};
use crate::diffusion::denoiser::Denoiser;

/// The first-order part is an ancestral step. With `H = 2h`, `phi2 = 1 + expm1(-H)/H` and `phi3 = phi2/H - 1/2` comes to it
/// `phi2 d1 - phi3 d2`, where `d1` and `d2` are the first and second differences of the last three estimates over the steps' lengths.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    // Estimates with the length of the step that followed each, newest first.
    let mut previous: VecDeque<(Tensor<4>, f64)> = VecDeque::with_capacity(3);
    for (step, pair) in sigmas.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let denoised = denoiser.denoise(&x, from);
        let (down, up) = ancestral_step(from, to);
        let h = (from / to).ln();
        x = toward(x, &denoised, from, down);
        if let Some((before, h_before)) = previous.front()
            && h.is_finite()
        {
            let phi2 = 1.0 + (-2.0 * h).exp_m1() / (2.0 * h);
            let near = h_before / h;
            let first = (denoised.clone() - before.clone()) / near;
            x = match previous.get(1) {
                None => x + first * phi2,
                Some((earlier, h_earlier)) => {
                    let phi3 = phi2 / (2.0 * h) - 0.5;
                    let far = h_earlier / h;
                    let second = (first.clone() - (before.clone() - earlier.clone()) / far) / (near + far);
                    x + (first + second.clone() * near) * phi2 - second * phi3
                }
            };
        }
        x = lay_on(x, up, || noise.between(from, to));
        after_step(step, &denoised)?;
        previous.truncate(1);
        previous.push_front((denoised, h));
    }
    ControlFlow::Continue(x)
}
