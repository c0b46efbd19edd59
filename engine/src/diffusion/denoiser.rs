//! The network as samplers want it: the estimate of the clean latent at a noise level.

use burn::tensor::Tensor;

use super::schedule::NoiseSchedule;
use crate::model::config::Prediction;

/// A network together with what its input and output mean.
pub struct Denoiser<'a> {
    pub schedule: &'a NoiseSchedule,
    pub prediction: Prediction,
    /// Whether timesteps are rounded to whole numbers, as diffusers does, or stay fractional, as k-diffusion has them.
    pub whole_timesteps: bool,
    /// From a latent of variance 1 (`[B, C, h, w]`) and a timestep to the raw output, guidance done.
    pub network: &'a mut dyn FnMut(Tensor<4>, f32) -> Tensor<4>,
    pub steer: Option<&'a Steer<'a>>,
}

/// Changes an estimate of the clean latent, `[B, C, h, w]`, made at a noise level `sigma`. Whatever the sampler, the picture becomes what its
/// estimates say.
pub type Steer<'a> = dyn Fn(Tensor<4>, f64) -> Tensor<4> + 'a;

impl Denoiser<'_> {
    /// The estimate of the clean latent from `x = clean + sigma * noise`, `[B, C, h, w]`; `sigma` above 0.
    ///
    /// eps: `x - sigma e`; v: `x / (sigma^2 + 1) - v sigma / sqrt(sigma^2 + 1)` (spec/model.md, section 16).
    pub fn denoise(&mut self, x: &Tensor<4>, sigma: f64) -> Tensor<4> {
        let t = self.schedule.sigma_to_t(sigma);
        let t = if self.whole_timesteps { t.round() } else { t };
        let output = self.output(x, sigma, t);
        self.estimate(x, sigma, output)
    }

    /// The network's raw output for `x` of noise level `sigma` at the timestep `t`, which a sampler may choose otherwise than by the level.
    pub fn output(&mut self, x: &Tensor<4>, sigma: f64, t: f64) -> Tensor<4> {
        (self.network)(x.clone() / (sigma * sigma + 1.0).sqrt(), t as f32)
    }

    /// The estimate of the clean latent that `output` means for `x` of noise level `sigma`.
    pub fn estimate(&self, x: &Tensor<4>, sigma: f64, output: Tensor<4>) -> Tensor<4> {
        let scale = 1.0 / (sigma * sigma + 1.0).sqrt();
        let estimate = match self.prediction {
            Prediction::Eps => x.clone() - output * sigma,
            Prediction::V => x.clone() * (scale * scale) - output * (sigma * scale),
        };
        match self.steer {
            Some(steer) => steer(estimate, sigma),
            None => estimate,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::diffusion::schedule::tests::published;

    /// One value through a network that says what it was given: `0.3 x + 0.001 t`.
    fn denoised(prediction: Prediction, whole_timesteps: bool, x: f32, sigma: f64) -> f32 {
        let x = Tensor::<4>::full([1, 1, 1, 1], x, &Device::flex());
        Denoiser {
            schedule: &published(),
            prediction,
            whole_timesteps,
            network: &mut |x, t| x * 0.3 + 0.001 * t,
            steer: None,
        }
        .denoise(&x, sigma)
        .into_scalar()
    }

    #[test]
    fn estimates_follow_the_parameterisation() {
        // x = 2, sigma = 1: the input is sqrt(2), t is 353.89, the output 0.3 * 1.41421 + 0.35389 = 0.77815.
        assert!((denoised(Prediction::Eps, false, 2.0, 1.0) - 1.221_845).abs() < 1e-5);
        assert!((denoised(Prediction::V, false, 2.0, 1.0) - 0.449_762).abs() < 1e-5);
    }

    #[test]
    fn whole_timesteps_are_rounded() {
        // t = 354 instead of 353.89.
        assert!((denoised(Prediction::Eps, true, 2.0, 1.0) - 1.221_736).abs() < 1e-5);
    }
}
