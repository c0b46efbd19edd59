//! How well pictures are done that are not trained on.

use burn::module::Module;
use burn::tensor::{Tensor, TensorReadError};

use super::TrainingError;
use super::config::{AugmentationConfig, Part, StageConfig, TrainingConfig};
use super::dataset::{Scene, rng};
use super::material::Material;
use super::stages::{Batch, Lesson};
use crate::model::Colorizer;

/// Noise levels that every picture is measured at.
const ROUNDS: u64 = 4;
/// Numbers the draws of a validation, apart from all others.
const PURPOSE: u64 = 4;

/// Held-out pictures with their latents: measured with the same noise each time, so that only the weights make a difference.
pub struct Validation {
    part: Part,
    batch: Batch,
    latents: Tensor<4>,
}

impl Validation {
    /// The material's held-out pictures; none where it holds none out, and for the stages that have no denoising loss.
    pub fn new(
        lesson: &Lesson<'_>,
        material: &dyn Material,
        stage: &StageConfig,
        networks: &Colorizer,
    ) -> Result<Option<Self>, TrainingError> {
        if material.validated() == 0 || stage.part.is_autoencoder() || stage.part == Part::Recovery {
            return Ok(None);
        }
        let tower = &lesson.model.clip_vision;
        let seed = lesson.config.seed;
        let scenes = (0..material.validated())
            .map(|number| {
                let example = material.held_out(number, stage.size)?;
                Ok(Scene::new(&example, stage.size, tower, &mut rng(seed, PURPOSE, 0)))
            })
            .collect::<Result<Vec<_>, TrainingError>>()?;
        Ok(Some(Self {
            part: stage.part,
            latents: lesson.encode(networks, &scenes, &mut rng(seed, PURPOSE, 1)),
            batch: Batch::new(
                &scenes.iter().collect::<Vec<_>>(),
                lesson.config.losses.balance,
                lesson.device,
            ),
        }))
    }

    /// The denoising error of `networks`, nothing dropped. `frozen`: as the stage began.
    ///
    /// # Errors
    /// When the device fails.
    pub fn loss(&self, lesson: &Lesson<'_>, networks: &Colorizer, frozen: &Colorizer) -> Result<f32, TensorReadError> {
        let config = TrainingConfig {
            augmentation: AugmentationConfig {
                drop_reference: 0.0,
                drop_sketch: 0.0,
                whiten_reference: 0.0,
                direct_background: 0.0,
                noise_offset: 0.0,
                ..lesson.config.augmentation.clone()
            },
            ..lesson.config.clone()
        };
        let lesson = Lesson {
            config: &config,
            ..*lesson
        };
        let networks = networks.clone().no_grad().train();
        let count = self.latents.dims()[0];
        let mut sum = 0.0;
        for round in 0..ROUNDS {
            let mut rng = rng(config.seed, PURPOSE, 2 + round);
            // One at a time: as many pictures as fit into a training batch are not known here.
            for index in 0..count {
                let range = index..index + 1;
                let latent = self.latents.clone().slice_dim(0, range.clone());
                let losses = lesson.denoiser(self.part, &networks, frozen, &self.batch.part(range), latent, &mut rng);
                sum += losses.terms[0].1.clone().try_into_scalar::<f32>()?;
            }
        }
        Ok(sum / (ROUNDS as usize * count) as f32)
    }
}
