//! DPM-Solver++ of second order for the stochastic equation, multistep, as k-diffusion has it (eta 1).

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::step::{AfterStep, StepNoise, ancestral_step, lay_on, toward};
use crate::diffusion::denoiser::Denoiser;

/// How the change between the last two estimates is carried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    Midpoint,
    Heun,
}

/// With eta 1 `(s'/s) e^-h` is `down / s`, so the first-order part is an ancestral step. To it comes `(D - D_prev) h / h_prev` times
/// `-expm1(-2h) / 2` (midpoint) or `1 + expm1(-2h) / 2h` (Heun), as soon as there is a previous estimate.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    correction: Correction,
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
) -> ControlFlow<(), Tensor<4>> {
    let mut previous: Option<(Tensor<4>, f64)> = None;
    for (step, pair) in sigmas.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let denoised = denoiser.denoise(&x, from);
        let (down, up) = ancestral_step(from, to);
        let h = (from / to).ln();
        x = toward(x, &denoised, from, down);
        if let Some((before, h_before)) = previous
            && h.is_finite()
        {
            let gone = -(-2.0 * h).exp_m1();
            let weight = match correction {
                Correction::Midpoint => gone / 2.0,
                Correction::Heun => 1.0 - gone / (2.0 * h),
            };
            x = x + (denoised.clone() - before) * (weight * h / h_before);
        }
        x = lay_on(x, up, || noise.between(from, to));
        after_step(step, &denoised)?;
        previous = Some((denoised, h));
    }
    ControlFlow::Continue(x)
}
