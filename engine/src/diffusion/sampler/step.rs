//! What samplers have in common: the walk down a list, and the steps between two levels.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use crate::diffusion::denoiser::Denoiser;

/// What a sampler calls after every step with the step, counted from 0, and the estimate it was made from.
pub type AfterStep<'a> = dyn FnMut(usize, &Tensor<4>) -> ControlFlow<()> + 'a;

/// Normal noise that a sampler lays on in its steps, of the latent's shape.
pub trait StepNoise {
    /// Independent of all that came before.
    fn fresh(&mut self) -> Tensor<4>;

    /// `(W(from) - W(to)) / sqrt(from - to)` of one Wiener path `W` over the noise levels, `from > to`: what overlaps is correlated.
    fn between(&mut self, from: f64, to: f64) -> Tensor<4>;
}

/// A step from the first of two levels to the second: the latent `x`, and the estimate made of it, to the next latent.
pub type Single = fn(&mut Denoiser<'_>, Tensor<4>, &Tensor<4>, [f64; 2]) -> Tensor<4>;

/// Down `sigmas` by `step` from each to the next.
pub fn walk(
    denoiser: &mut Denoiser<'_>,
    mut x: Tensor<4>,
    sigmas: &[f64],
    after_step: &mut AfterStep<'_>,
    mut step: impl FnMut(&mut Denoiser<'_>, Tensor<4>, &Tensor<4>, [f64; 2]) -> Tensor<4>,
) -> ControlFlow<(), Tensor<4>> {
    for (number, pair) in sigmas.windows(2).enumerate() {
        let denoised = denoiser.denoise(&x, pair[0]);
        x = step(denoiser, x, &denoised, [pair[0], pair[1]]);
        after_step(number, &denoised)?;
    }
    ControlFlow::Continue(x)
}

/// [`walk`] by `step` to the lower level of an ancestral step, each followed by fresh noise.
pub fn ancestral_walk(
    denoiser: &mut Denoiser<'_>,
    x: Tensor<4>,
    sigmas: &[f64],
    noise: &mut dyn StepNoise,
    after_step: &mut AfterStep<'_>,
    step: Single,
) -> ControlFlow<(), Tensor<4>> {
    walk(denoiser, x, sigmas, after_step, |denoiser, x, denoised, [from, to]| {
        let (down, up) = ancestral_step(from, to);
        lay_on(step(denoiser, x, denoised, [from, down]), up, || noise.fresh())
    })
}

/// From `x` at the level `from` to the level `to` as if the estimate `denoised` held all the way: the mean of both that it is, exactly the
/// estimate where `to` is 0.
pub fn toward(x: Tensor<4>, denoised: &Tensor<4>, from: f64, to: f64) -> Tensor<4> {
    let kept = to / from;
    x * kept + denoised.clone() * (1.0 - kept)
}

/// The noise in `x` at a level above 0, by the estimate: the slope `dx / dsigma` of the probability flow.
pub fn slope(x: &Tensor<4>, denoised: &Tensor<4>, sigma: f64) -> Tensor<4> {
    (x.clone() - denoised.clone()) / sigma
}

/// An ancestral step from one level to a lower one with eta 1: the level that is walked down to, and the deviation of the noise that is then
/// laid on.
pub fn ancestral_step(from: f64, to: f64) -> (f64, f64) {
    let share = to / from;
    (to * share, to * (1.0 - share * share).max(0.0).sqrt())
}

/// `x` with noise of the deviation `up` on it, which is only made where there is any.
pub fn lay_on(x: Tensor<4>, up: f64, noise: impl FnOnce() -> Tensor<4>) -> Tensor<4> {
    if up > 0.0 { x + noise() * up } else { x }
}
