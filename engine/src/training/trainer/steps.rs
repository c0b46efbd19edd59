//! Batches, and the gradients of a step.

use std::panic::resume_unwind;

use ::image::RgbImage;
use burn::module::ParamGroup;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor, TensorReadError};
use rand::Rng;

use super::StageRun;
use super::copies::Copies;
use crate::model::Colorizer;
use crate::training::TrainingError;
use crate::training::checkpoint::State;
use crate::training::config::Part;
use crate::training::dataset::{self, Feed, Pool, rng};
use crate::training::stages::{Batch, Lesson, Repaints};
use crate::training::words::Repaint;

/// Numbers the draws of the stages, apart from those of the data.
const FIRST_STAGE_PURPOSE: u64 = 16;

/// Gradients of a batch's mean loss, and that loss's terms; or what a shard adds to them.
type Gradients = (GradientsParams, Vec<(&'static str, f64)>);

/// Where a stage's batches come from.
pub enum Source {
    Pictures(Feed<Result<Vec<RgbImage>, TrainingError>>),
    Scenes(Pool),
    Repaints(Feed<Option<Repaint>>),
}

/// A batch, or a shard of one.
enum Work {
    Pictures(Tensor<4>),
    Scenes(Batch, Tensor<4>),
    Repaints(Repaints),
}

impl Work {
    /// How many examples it has.
    fn count(&self) -> usize {
        match self {
            Self::Pictures(pictures) => pictures.dims()[0],
            Self::Scenes(_, latents) => latents.dims()[0],
            Self::Repaints(repaints) => repaints.count(),
        }
    }

    /// Shard number `index` of `count`, in order and as even as they come, on `device`.
    fn part(&self, index: usize, count: usize, device: &Device) -> Self {
        let total = self.count();
        let range = index * total / count..(index + 1) * total / count;
        match self {
            Self::Pictures(pictures) => Self::Pictures(pictures.clone().slice_dim(0, range).to_device(device)),
            Self::Scenes(batch, latents) => {
                let latents = latents.clone().slice_dim(0, range.clone()).to_device(device);
                Self::Scenes(batch.part(range).on(device), latents)
            }
            Self::Repaints(repaints) => Self::Repaints(repaints.part(range, device)),
        }
    }
}

impl Source {
    fn batch(&mut self, lesson: &Lesson<'_>, frozen: &Colorizer, size: usize, rng: &mut impl Rng) -> Result<Work, TrainingError> {
        match self {
            Self::Pictures(feed) => {
                let mut pictures = Vec::new();
                while pictures.len() < size {
                    pictures.extend(feed.take()?);
                }
                Ok(Work::Pictures(dataset::colors(&pictures[..size], lesson.device)))
            }
            Self::Scenes(pool) => {
                pool.refresh(size, |scenes| lesson.encode(frozen, scenes, rng))?;
                let (scenes, latents) = pool.draw(size, rng);
                let balance = lesson.config.losses.balance;
                Ok(Work::Scenes(Batch::new(&scenes, balance, lesson.device), latents))
            }
            Self::Repaints(feed) => {
                // Scenes without a part that has a name come as nothing.
                let repaints: Vec<Repaint> = std::iter::from_fn(|| Some(feed.take())).flatten().take(size).collect();
                Ok(Work::Repaints(Repaints::new(&repaints, lesson.device)))
            }
        }
    }
}

impl StageRun<'_> {
    /// Examples that no earlier stage or step has seen.
    pub fn source(&self, state: &State) -> Source {
        let (config, stage, material) = (self.run.config, self.stage, self.run.material.clone());
        let first = (state.stage as u64) << 32 | (state.step * stage.batch) as u64;
        if stage.part.is_autoencoder() {
            return Source::Pictures(dataset::pictures(material, config.seed, first, stage));
        }
        let tower = &state.model.clip_vision;
        if stage.part == Part::Text {
            let (seed, side, tower) = (config.seed, stage.scene, tower.clone());
            return Source::Repaints(Feed::start(first, 16, move |index| Repaint::new(seed, index, side, &tower)));
        }
        Source::Scenes(Pool::new(&config.pool, material, config.seed, first, stage, tower))
    }

    /// Gradients of the mean loss of a batch, and the terms of that loss. The batch is split into shards, each on a
    /// thread of its own: the CPU's operations leave most of a second core idle otherwise, and every device that helps has one.
    pub fn gradients(
        &self,
        lesson: &Lesson<'_>,
        student: &Colorizer,
        frozen: &Colorizer,
        copies: &Copies,
        source: &mut Source,
        state: &State,
    ) -> Result<Gradients, TrainingError> {
        let (seed, number, part) = (self.run.config.seed, state.step as u64, self.stage.part);
        let purpose = FIRST_STAGE_PURPOSE + state.stage as u64;
        let hardware = self.run.hardware;
        let shards = self
            .run
            .config
            .shards
            .max(1 + hardware.helpers.len())
            .clamp(1, self.stage.batch);
        let whole = source.batch(lesson, frozen, self.stage.batch, &mut rng(seed, purpose, number))?;
        let step = if state.stage == 0 { state.step } else { usize::MAX };
        let work = |shard: usize| {
            let device = hardware.of_shard(shard);
            let (frozen, student) = copies.pair(student, frozen, hardware.helper(shard));
            let share = whole.part(shard, shards, device);
            // One may have an example more than another, and each example counts alike.
            let weight = share.count() as f64 / whole.count() as f64;
            let lesson = Lesson { device, ..*lesson };
            let mut rng = rng(seed, purpose, number ^ (shard as u64 + 1) << 32);
            move || -> Result<Gradients, TrainingError> {
                let losses = match share {
                    Work::Pictures(pictures) if part == Part::Decoder => lesson.decoder(&student, pictures, &mut rng),
                    Work::Pictures(pictures) => lesson.vae(&student, pictures, step, &mut rng),
                    Work::Repaints(batch) => lesson.text(&student, &frozen, &batch, &mut rng),
                    Work::Scenes(batch, _) if part == Part::Recovery => lesson.recovery(&student, &frozen, &batch, &mut rng),
                    Work::Scenes(batch, latents) => lesson.denoiser(part, &student, &frozen, &batch, latents, &mut rng),
                };
                let total = losses.total * weight;
                let gradients = GradientsParams::from_grads(total.backward(), &student);
                // Moving what a device has failed to compute would panic.
                device.sync().map_err(TensorReadError::from)?;
                let gradients = gradients.to_device(&hardware.device, &student);
                let terms = losses.terms.into_iter();
                let terms = terms.map(|(name, value)| Ok((name, weight * f64::from(value.try_into_scalar::<f32>()?))));
                Ok((gradients, terms.collect::<Result<_, TensorReadError>>()?))
            }
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..shards).map(|shard| scope.spawn(work(shard))).collect();
            let first = work(0)();
            // A panic is told with its own words, to whoever catches it.
            let others = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            std::iter::once(first).chain(others).collect()
        });
        let mut sum = GradientsAccumulator::new();
        let mut terms: Vec<(&'static str, f64)> = Vec::new();
        for result in results {
            let (gradients, part) = result?;
            sum.accumulate(student, gradients);
            terms.resize(part.len(), ("", 0.0));
            for (mean, (name, value)) in terms.iter_mut().zip(part) {
                *mean = (name, mean.1 + value);
            }
        }
        Ok((sum.grads(), terms))
    }
}

/// The parameters that a stage trains.
pub fn trained(part: Part) -> ParamGroup {
    let adapters = ParamGroup::from_predicate("lora_");
    match part {
        Part::Vae => ParamGroup::from_predicate("vae."),
        Part::Base => ParamGroup::from_any_predicates(vec!["unet.", "sketch_encoder.", "clip_vision."]).exclude(adapters),
        Part::Recovery => ParamGroup::from_any_predicates(vec!["recovery_transformer.", "threshold_embedder."]),
        Part::Switch => ParamGroup::from_any_predicates(vec!["lora_", "recovery_transformer.", "threshold_embedder."]),
        Part::Foreground => ParamGroup::from_any_predicates(vec!["lora_down_fg", "lora_up_fg"]),
        Part::Background => ParamGroup::from_any_predicates(vec!["lora_down_bg", "lora_up_bg"]),
        Part::Decoder => ParamGroup::from_any_predicates(vec!["vae.decoder.", "vae.post_quant_conv."]),
        Part::Text => ParamGroup::from_predicate("clip_text."),
    }
}
