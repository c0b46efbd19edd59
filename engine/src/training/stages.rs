//! One step of each stage: what is fed to which network, and the loss that comes of it.

mod batch;
mod condition;
mod text;

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngExt};

use super::config::{AugmentationConfig, Part, TrainingConfig};
use super::dataset::{self, Scene};
use super::loss::{self, Losses};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::config::{ModelConfig, Prediction};
use crate::model::{Colorizer, CrossAttentionMap};
pub use batch::Batch;
pub use condition::local_tokens;
use condition::{Conditioned, Recovered, recover};
pub use text::Repaints;

/// Regions below this number belong to the figure, from it on to the background.
const FIRST_BACKGROUND_REGION: f32 = 100.0;

/// What every step of a run shares.
#[derive(Debug)]
pub struct Lesson<'a> {
    pub config: &'a TrainingConfig,
    pub model: &'a ModelConfig,
    pub schedule: &'a NoiseSchedule,
    /// Without autodiff.
    pub device: &'a Device,
}

/// Latents at random noise levels, and what the network should make of them.
struct Noised {
    latents: Tensor<4>,
    timesteps: Tensor<1>,
    target: Tensor<4>,
    weights: Tensor<1>,
}

impl Lesson<'_> {
    fn column(&self, values: Vec<f32>) -> Tensor<1> {
        let count = values.len();
        Tensor::from_data(TensorData::new(values, [count]), self.device)
    }

    /// 0 with `probability`, otherwise 1: `[B,1,1,1]`.
    fn keep(&self, batch: usize, probability: f64, rng: &mut impl Rng) -> Tensor<4> {
        let values = (0..batch)
            .map(|_| if rng.random_bool(probability) { 0.0 } else { 1.0 })
            .collect();
        self.column(values).reshape([batch, 1, 1, 1])
    }

    fn normal(&self, shape: [usize; 4], rng: &mut impl Rng) -> Tensor<4> {
        crate::noise::tensor(rng.random(), shape, self.device)
    }

    fn noise(&self, latents: Tensor<4>, rng: &mut impl Rng) -> Noised {
        let shape @ [batch, channels, ..] = latents.dims();
        let offset = self.normal([batch, channels, 1, 1], rng) * self.config.augmentation.noise_offset;
        let noise = self.normal(shape, rng) + offset;
        let alphas = self.schedule.alphas_cumprod();
        let timesteps: Vec<usize> = (0..batch).map(|_| rng.random_range(0..alphas.len())).collect();
        let of = |value: &dyn Fn(f64) -> f64| self.column(timesteps.iter().map(|t| value(alphas[*t]) as f32).collect());
        let signal = of(&|alpha| alpha.sqrt()).reshape([batch, 1, 1, 1]);
        let spread = of(&|alpha| (1.0 - alpha).sqrt()).reshape([batch, 1, 1, 1]);
        let gamma = self.config.losses.snr_gamma;
        let prediction = self.model.prediction;
        Noised {
            target: match prediction {
                Prediction::Eps => noise.clone(),
                Prediction::V => signal.clone() * noise.clone() - spread.clone() * latents.clone(),
            },
            latents: signal * latents + spread * noise,
            timesteps: self.column(timesteps.iter().map(|t| *t as f32).collect()),
            weights: of(&|alpha| loss::snr_weight(alpha, gamma, prediction)),
        }
    }

    /// Scaled latents `[B,4,h,w]` of scenes, sampled from their posterior.
    pub fn encode(&self, networks: &Colorizer, scenes: &[Scene], rng: &mut impl Rng) -> Tensor<4> {
        let posterior = networks
            .vae
            .encode(dataset::colors(scenes.iter().map(|scene| &scene.color), self.device));
        let noise = self.normal(posterior.mean.dims(), rng);
        posterior.sample(noise) * self.model.latent_scale
    }

    /// Reconstruction of `pictures [B,3,H,W]` at step `step` of the run's first stage, or later.
    pub fn vae(&self, student: &Colorizer, pictures: Tensor<4>, step: usize, rng: &mut impl Rng) -> Losses {
        let posterior = student.vae.encode(pictures.clone());
        let loudness = (step as f64 / self.config.augmentation.quiet_steps.max(1) as f64).min(1.0);
        let noise = self.normal(posterior.mean.dims(), rng) * loudness;
        let output = student.vae.decode(posterior.clone().sample(noise));
        loss::reconstruction(output, pictures, posterior, 1.0 - loudness, &self.config.losses)
    }

    /// Reconstruction of `pictures [B,3,H,W]` by the decoder, from latents as the denoiser may leave them.
    pub fn decoder(&self, student: &Colorizer, pictures: Tensor<4>, rng: &mut impl Rng) -> Losses {
        let posterior = student.vae.encode(pictures.clone());
        let shape @ [batch, ..] = posterior.mean.dims();
        let loudest = (self.config.augmentation.decoder_noise / self.model.latent_scale) as f32;
        let levels = self.column((0..batch).map(|_| loudest * rng.random::<f32>()).collect());
        let left = self.normal(shape, rng) * levels.reshape([batch, 1, 1, 1]);
        let latents = posterior.clone().sample(self.normal(shape, rng)) + left;
        let output = student.vae.decode(latents);
        loss::reconstruction(output, pictures, posterior, 0.0, &self.config.losses)
    }

    /// One step of `part`, which is `Base` or one that splits. `frozen`: the networks as they were when the stage began,
    /// without autodiff. `latents [B,4,h,w]`: of the batch, scaled.
    pub fn denoiser(
        &self,
        part: Part,
        student: &Colorizer,
        frozen: &Colorizer,
        batch: &Batch,
        latents: Tensor<4>,
        rng: &mut impl Rng,
    ) -> Losses {
        let AugmentationConfig {
            drop_reference,
            drop_sketch,
            ..
        } = self.config.augmentation;
        let [size, _, height, width] = latents.dims();
        let noised = self.noise(latents, rng);
        let keep_sketch = self.keep(size, drop_sketch, rng);
        let sketch = (batch.sketch.clone() + 1.0) * keep_sketch - 1.0;
        let keep = self.keep(size, drop_reference, rng);
        let mut maps = Vec::new();
        let Conditioned {
            condition,
            tokens,
            background_tokens,
            recovery,
        } = match part {
            part if part.splits() => self.switch_condition(student, frozen, batch, sketch, &keep, rng),
            _ => self.base_condition(student, batch, sketch, &keep, rng),
        };
        let output = student
            .unet
            .forward_observed(noised.latents, noised.timesteps, &condition, &mut maps);
        let shares = batch.shares[0].clone().reshape([size, 1, height, width]);
        let error = loss::weighted_squared_error(output, noised.target, noised.weights, shares);
        let kept = keep.reshape([size, 1]);
        let attention = maps_loss(
            maps,
            batch,
            tokens * kept.clone(),
            background_tokens.map(|tokens| tokens * kept),
        );
        let mut total = error.clone() + attention.clone() * self.config.losses.attention;
        let mut terms = vec![("error", error), ("attention", attention)];
        if let Some(recovery) = recovery {
            total = total + recovery.clone() * self.config.losses.recovery;
            terms.push(("recovery", recovery));
        }
        Losses { total, terms }
    }

    /// The recovery transformer's share of a `Switch` step, alone.
    pub fn recovery(&self, student: &Colorizer, frozen: &Colorizer, batch: &Batch, rng: &mut impl Rng) -> Losses {
        let size = batch.sketch.dims()[0];
        let threshold = self.thresholds(size, rng);
        let bare = local_tokens(frozen, batch.whitened(threshold.clone()));
        let Recovered { loss, .. } = recover(student, bare, threshold, batch);
        Losses {
            total: loss.clone(),
            terms: vec![("recovery", loss)],
        }
    }

    /// `[B]`, uniform.
    fn thresholds(&self, size: usize, rng: &mut impl Rng) -> Tensor<1> {
        let (low, high) = self.config.augmentation.thresholds;
        self.column((0..size).map(|_| rng.random_range(low..=high)).collect())
    }
}

/// Mean of the attention's loss over all maps: the figure's cells on the first half of the context and the
/// background's on the second, or all on the whole.
fn maps_loss(maps: Vec<CrossAttentionMap>, batch: &Batch, tokens: Tensor<2>, background_tokens: Option<Tensor<2>>) -> Tensor<1> {
    let count = maps.len() as f64;
    let side = (batch.cells[0].dims()[1] as f64).sqrt() as usize;
    let losses = maps.into_iter().map(|map| {
        let level = (side / map.height).ilog2() as usize;
        let (cells, shares) = (batch.cells[level].clone(), batch.shares[level].clone());
        match (map.background, &background_tokens) {
            (Some(background), Some(background_tokens)) => {
                let outside = cells.clone().greater_equal_elem(FIRST_BACKGROUND_REGION).float();
                let figure = cells.clone() * (outside.clone().neg() + 1.0);
                loss::attention(map.foreground, figure, tokens.clone(), shares.clone())
                    + loss::attention(background, cells * outside, background_tokens.clone(), shares)
            }
            _ => loss::attention(map.foreground, cells, tokens.clone(), shares),
        }
    });
    let total = losses.reduce(|sum, loss| sum + loss).expect("the UNet has cross-attentions");
    total / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ModelRef;
    use crate::{noise, weights};

    #[test]
    fn the_decoder_learns_from_latents_as_noisy_as_asked() {
        let device = Device::flex();
        // A trained one: what random weights make of noise is left to chance.
        let loaded = weights::load(&ModelRef::Embedded, &device).unwrap_or_else(|error| panic!("{error}"));
        let model = loaded.config.clone();
        let decoded = |decoder_noise: f64| -> f32 {
            let mut config: TrainingConfig =
                ron::from_str(include_str!("../../../assets/training/tiny.ron")).expect("the shipped run is right");
            config.augmentation.decoder_noise = decoder_noise;
            let lesson = Lesson {
                config: &config,
                model: &model,
                schedule: &NoiseSchedule::new(&model.schedule),
                device: &device,
            };
            let pictures = noise::tensor(3, [2, 3, 64, 64], &device) * 0.2;
            let losses = lesson.decoder(&loaded.networks, pictures, &mut dataset::rng(1, 1, 1));
            losses.terms[0].1.clone().into_scalar()
        };
        let [clean, again, quiet, loud] = [0.0, 0.0, 0.2, 20.0].map(decoded);
        assert_eq!(clean, again);
        assert_ne!(clean, quiet);
        assert!(quiet < loud, "{clean} {quiet} {loud}");
    }
}
