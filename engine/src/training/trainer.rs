//! The loop: stages in order, optimiser, average, checkpoints, sheets, and the finished model.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ::image::RgbImage;
use burn::module::{Module, ParamGroup};
use burn::optim::{AdamWConfig, GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use rand::Rng;

use super::TrainingError;
use super::checkpoint::{Checkpoint, Entry, State};
use super::clip::clip_gradients;
use super::config::{Part, StageConfig, TrainingConfig};
use super::dataset::{self, Feed, Pool, dice};
use super::ema::Average;
use super::sheet::{self, Sheet};
use super::stages::{Batch, Lesson};
use super::start::balanced;
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::Colorizer;
use crate::model::config::ModelConfig;
use crate::pipeline::preview;
use crate::weights::{self, Precision};

/// Steps whose losses are averaged into one entry of the history.
const ENTRY_EVERY: usize = 20;
/// Scenes that the latents' scale is measured on.
const MEASURED: u64 = 48;
/// Numbers the draws of the stages, apart from those of the data.
const FIRST_STAGE_PURPOSE: u64 = 16;

/// Said after every step.
#[derive(Clone, Debug)]
pub struct Progress {
    pub stage: usize,
    pub stages: usize,
    pub part: Part,
    /// Counted from 1.
    pub step: usize,
    pub steps: usize,
    /// Terms of the loss, averaged over the last steps; the first is the one that counts.
    pub terms: Vec<(String, f32)>,
    /// A line for the log, now and then: what a sheet measured, what was saved.
    pub note: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The model is written.
    Finished { weights: PathBuf, config: PathBuf },
    /// Broken off by the caller; the checkpoint holds everything.
    Stopped,
}

/// Trains `model` as `config` says, from nothing or from the latest checkpoint in `out`, and writes the finished model,
/// sheets and the losses' curve there. `progress` is called after every step and may break off.
///
/// # Errors
/// Files that cannot be written or read, a checkpoint of another run, a loss that is no longer a number.
pub fn train(
    config: &TrainingConfig,
    model: &ModelConfig,
    device: &Device,
    out: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, TrainingError> {
    fs::create_dir_all(out).map_err(|source| TrainingError::file("create", out, source))?;
    let schedule = NoiseSchedule::new(&model.schedule);
    let Checkpoint {
        mut state,
        mut student,
        mut average,
    } = match Checkpoint::latest(out, config, model, device)? {
        Some(checkpoint) => checkpoint,
        None => start(config, model, device),
    };
    while let Some(stage) = config.stages.get(state.stage) {
        let run = StageRun {
            config,
            schedule: &schedule,
            device,
            out,
            stage,
        };
        (student, average) = match run.train(student, average, &mut state, progress)? {
            ControlFlow::Continue(weights) => (weights.clone(), weights),
            ControlFlow::Break(()) => return Ok(Outcome::Stopped),
        };
        let next = config.stages.get(state.stage + 1).map(|stage| stage.part);
        if stage.part == Part::Vae && next != Some(Part::Vae) {
            state.model.latent_scale = run.latent_scale(&average);
            state.model.preview = Some(preview::fit(&average.vae, &state.model, device)?);
        }
        state.stage += 1;
        state.step = 0;
        Checkpoint::write(out, &state, &student, &average)?;
    }
    export(config, &state, &average, out)
}

fn start(config: &TrainingConfig, model: &ModelConfig, device: &Device) -> Checkpoint {
    device.seed(config.seed);
    let student = balanced(Colorizer::new(model, device));
    Checkpoint {
        state: State {
            seed: config.seed,
            stage: 0,
            step: 0,
            model: model.clone(),
            seconds: 0.0,
            history: Vec::new(),
        },
        average: student.clone(),
        student,
    }
}

fn export(config: &TrainingConfig, state: &State, networks: &Colorizer, out: &Path) -> Result<Outcome, TrainingError> {
    let weights = out.join(format!("{}.safetensors", config.output));
    weights::save(networks, &weights, Precision::F16)?;
    let path = out.join(format!("{}.ron", config.output));
    let text = ron::ser::to_string_pretty(&state.model, Default::default()).map_err(|error| TrainingError::Config {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    fs::write(&path, text + "\n").map_err(|source| TrainingError::file("write", &path, source))?;
    Ok(Outcome::Finished { weights, config: path })
}

/// A batch, or a shard of one.
enum Work {
    Pictures(Tensor<4>),
    Scenes(Batch, Tensor<4>),
}

impl Work {
    /// Shard number `index` of `count`, in order and as even as they come.
    fn part(&self, index: usize, count: usize) -> Self {
        let range = |total: usize| index * total / count..(index + 1) * total / count;
        match self {
            Self::Pictures(pictures) => Self::Pictures(pictures.clone().slice_dim(0, range(pictures.dims()[0]))),
            Self::Scenes(batch, latents) => {
                let range = range(latents.dims()[0]);
                Self::Scenes(batch.part(range.clone()), latents.clone().slice_dim(0, range))
            }
        }
    }
}

impl Source {
    fn batch(&mut self, lesson: &Lesson<'_>, frozen: &Colorizer, size: usize, dice: &mut impl Rng) -> Work {
        match self {
            Self::Pictures(feed) => {
                let mut pictures = Vec::new();
                while pictures.len() < size {
                    pictures.extend(feed.take());
                }
                Work::Pictures(dataset::colors(&pictures[..size], lesson.device))
            }
            Self::Scenes(pool) => {
                pool.refresh(size, |scenes| lesson.encode(frozen, scenes, dice));
                let (scenes, latents) = pool.draw(size, dice);
                Work::Scenes(Batch::new(&scenes, lesson.device), latents)
            }
        }
    }
}

/// One stage of a run.
struct StageRun<'a> {
    config: &'a TrainingConfig,
    schedule: &'a NoiseSchedule,
    device: &'a Device,
    out: &'a Path,
    stage: &'a StageConfig,
}

/// Where a stage's batches come from.
enum Source {
    Pictures(Feed<Vec<RgbImage>>),
    Scenes(Pool),
}

impl StageRun<'_> {
    /// From `state.step` to the stage's end: the average. Broken off, after a checkpoint, when `progress` says so.
    fn train(
        &self,
        student: Colorizer,
        average: Colorizer,
        state: &mut State,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Colorizer>, TrainingError> {
        let (config, stage) = (self.config, self.stage);
        let begun = state.step;
        let model = state.model.clone();
        let lesson = Lesson {
            config,
            model: &model,
            schedule: self.schedule,
            device: self.device,
        };
        let frozen = student.valid();
        let mut source = self.source(state);
        let sheet = Sheet::new(config.seed, config.sheet.rows, stage.size);
        let mut student = student.no_grad().set_require_grad_group(trained(stage.part), true).train();
        let mut average = Average::new(&average, config.average.decay.powi(config.average.every as i32));
        let mut optimizer = self.optimizer();
        let mut means = Means::default();
        let mut clock = Instant::now();
        let mut flow = ControlFlow::Continue(());

        while state.step < stage.steps && flow.is_continue() {
            let (gradients, terms) = self.gradients(&lesson, &student, &frozen, &mut source, state);
            let gradients = clip_gradients(gradients, &student, config.optimizer.clip);
            let rate = stage.learning_rate_at(state.step, begun, config.optimizer.warm_up);
            student = optimizer.step(rate, student, gradients);
            if !means.add(terms) {
                return Err(TrainingError::Diverged {
                    stage: state.stage,
                    step: state.step,
                });
            }
            state.step += 1;
            let last = state.step == stage.steps;
            let due = |every: usize| last || state.step.is_multiple_of(every);
            if due(config.average.every) {
                average = average.update(&student);
            }
            if due(ENTRY_EVERY) {
                state.history.push(Entry {
                    stage: state.stage,
                    step: state.step,
                    terms: means.take(),
                });
            }
            let (draw, save) = (due(config.sheet.every), due(config.checkpoint_every));
            let mut note = None;
            if draw {
                note = Some(self.draw(&sheet, &lesson, average.weights(), state)?);
            }
            flow = progress(Progress {
                stage: state.stage,
                stages: config.stages.len(),
                part: stage.part,
                step: state.step,
                steps: stage.steps,
                terms: state.history.last().map(|entry| entry.terms.clone()).unwrap_or_default(),
                note,
            });
            if (save || flow.is_break()) && !last {
                state.seconds += std::mem::replace(&mut clock, Instant::now()).elapsed().as_secs_f64();
                Checkpoint::write(self.out, state, &student.valid(), average.weights())?;
            }
        }
        state.seconds += clock.elapsed().as_secs_f64();
        Ok(match flow {
            ControlFlow::Break(()) if state.step < stage.steps => ControlFlow::Break(()),
            _ => ControlFlow::Continue(average.into_weights()),
        })
    }

    fn optimizer(&self) -> ModuleOptimizer {
        let settings = &self.config.optimizer;
        AdamWConfig::new()
            .with_beta_1(settings.betas.0)
            .with_beta_2(settings.betas.1)
            .with_epsilon(1e-8)
            .with_weight_decay(settings.weight_decay)
            .init()
    }

    /// Scenes that no earlier stage or step has seen.
    fn source(&self, state: &State) -> Source {
        let (config, stage) = (self.config, self.stage);
        let first = (state.stage as u64) << 32 | (state.step * stage.batch) as u64;
        match stage.part {
            Part::Vae | Part::Decoder => Source::Pictures(dataset::pictures(config.seed, first, stage)),
            Part::Base | Part::Recovery | Part::Switch => {
                Source::Scenes(Pool::new(&config.pool, config.seed, first, stage, &state.model.clip_vision))
            }
        }
    }

    /// Gradients of the mean loss of a batch, and the terms of that loss. The batch is split into shards, each on a
    /// thread of its own: the CPU's operations leave most of a second core idle otherwise.
    fn gradients(
        &self,
        lesson: &Lesson<'_>,
        student: &Colorizer,
        frozen: &Colorizer,
        source: &mut Source,
        state: &State,
    ) -> (GradientsParams, Vec<(&'static str, f64)>) {
        let (seed, number) = (self.config.seed, state.step as u64);
        let purpose = FIRST_STAGE_PURPOSE + state.stage as u64;
        let shards = self.config.shards.clamp(1, self.stage.batch);
        let whole = source.batch(lesson, frozen, self.stage.batch, &mut dice(seed, purpose, number));
        let step = if state.stage == 0 { state.step } else { usize::MAX };
        let work = |shard: usize| {
            // A copy with leaves of its own, so that the shards' graphs share no node.
            let student = student.valid().train();
            let part = whole.part(shard, shards);
            let mut dice = dice(seed, purpose, number ^ (shard as u64 + 1) << 32);
            move || {
                let losses = match part {
                    Work::Pictures(pictures) if self.stage.part == Part::Decoder => lesson.decoder(&student, pictures, &mut dice),
                    Work::Pictures(pictures) => lesson.vae(&student, pictures, step, &mut dice),
                    Work::Scenes(batch, _) if self.stage.part == Part::Recovery => {
                        lesson.recovery(&student, &frozen.clone(), &batch, &mut dice)
                    }
                    Work::Scenes(batch, latents) => {
                        lesson.denoiser(self.stage.part, &student, &frozen.clone(), &batch, latents, &mut dice)
                    }
                };
                let total = losses.total / shards as f64;
                let gradients = GradientsParams::from_grads(total.backward(), &student);
                let terms = losses
                    .terms
                    .into_iter()
                    .map(|(name, value)| (name, f64::from(value.into_scalar::<f32>())));
                (gradients, terms.collect::<Vec<_>>())
            }
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..shards).map(|shard| scope.spawn(work(shard))).collect();
            let first = work(0)();
            let others = threads
                .into_iter()
                .map(|thread| thread.join().expect("a shard does not panic"));
            std::iter::once(first).chain(others).collect()
        });
        let mut sum = GradientsAccumulator::new();
        let mut terms: Vec<(&'static str, f64)> = Vec::new();
        for (gradients, part) in results {
            sum.accumulate(student, gradients);
            terms.resize(part.len(), ("", 0.0));
            for (mean, (name, value)) in terms.iter_mut().zip(part) {
                *mean = (name, mean.1 + value / shards as f64);
            }
        }
        (sum.grads(), terms)
    }

    /// Writes the sheet and the curve; says what the sheet measured.
    fn draw(&self, sheet: &Sheet, lesson: &Lesson<'_>, networks: &Colorizer, state: &State) -> Result<String, TrainingError> {
        let drawn = match self.stage.part {
            Part::Vae | Part::Decoder => sheet.reconstructions(lesson, networks),
            part => sheet.results(lesson, networks, part),
        };
        let name = format!("samples-{:02}-{:06}.png", state.stage, state.step);
        save(&drawn.picture, &self.out.join(&name))?;
        if let Some(curve) = sheet::curve(&state.history) {
            save(&curve, &self.out.join("loss.png"))?;
        }
        Ok(format!(
            "{name}: mean error {:.1} of 255 in figures, {:.1} in backgrounds",
            drawn.figure_error, drawn.background_error
        ))
    }

    /// The scale that gives latents a standard deviation of 1.
    fn latent_scale(&self, networks: &Colorizer) -> f64 {
        let size = self.stage.size;
        let pictures: Vec<_> = (0..MEASURED)
            .map(|index| super::scenes::example(self.config.seed, u64::MAX - index, size).color)
            .collect();
        let latents = pictures
            .chunks(8)
            .map(|part| networks.vae.encode(dataset::colors(part, self.device)).mode());
        let latents = Tensor::cat(latents.collect(), 0);
        let centred = latents.clone() - latents.mean().reshape([1, 1, 1, 1]);
        let deviation: f32 = centred.square().mean().sqrt().into_scalar();
        f64::from(1.0 / deviation.max(1e-6))
    }
}

fn save(picture: &RgbImage, path: &Path) -> Result<(), TrainingError> {
    picture.save(path).map_err(|source| TrainingError::Picture {
        path: path.to_owned(),
        source,
    })
}

/// The parameters that a stage trains.
fn trained(part: Part) -> ParamGroup {
    let adapters = ParamGroup::from_predicate("lora_");
    match part {
        Part::Vae => ParamGroup::from_predicate("vae."),
        Part::Base => ParamGroup::from_any_predicates(vec!["unet.", "sketch_encoder.", "clip_vision."]).exclude(adapters),
        Part::Recovery => ParamGroup::from_any_predicates(vec!["recovery_transformer.", "threshold_embedder."]),
        Part::Switch => ParamGroup::from_any_predicates(vec!["lora_", "recovery_transformer.", "threshold_embedder."]),
        Part::Decoder => ParamGroup::from_any_predicates(vec!["vae.decoder.", "vae.post_quant_conv."]),
    }
}

/// Running means of the losses' terms.
#[derive(Default)]
struct Means {
    sums: Vec<(String, f64)>,
    count: usize,
}

impl Means {
    /// False when a term is not a number.
    fn add(&mut self, terms: Vec<(&'static str, f64)>) -> bool {
        self.count += 1;
        self.sums.resize_with(terms.len(), || (String::new(), 0.0));
        terms.into_iter().zip(&mut self.sums).all(|((name, value), sum)| {
            *sum = (name.to_owned(), sum.1 + value);
            value.is_finite()
        })
    }

    fn take(&mut self) -> Vec<(String, f32)> {
        let Self { sums, count } = std::mem::take(self);
        sums.into_iter()
            .map(|(name, sum)| (name, (sum / count as f64) as f32))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micro() -> (TrainingConfig, ModelConfig) {
        let model = ron::from_str(include_str!("micro.ron")).expect("the micro model is right");
        let mut config: TrainingConfig =
            ron::from_str(include_str!("../../../assets/training/tiny.ron")).expect("the shipped run is right");
        let stage = |part| StageConfig {
            part,
            steps: 2,
            batch: 2,
            scene: 64,
            size: 64,
            learning_rate: (1e-3, 1e-3),
        };
        config.stages = vec![stage(Part::Vae), stage(Part::Base), stage(Part::Switch), stage(Part::Decoder)];
        config.sheet.rows = 2;
        config.sheet.steps = 2;
        (config, model)
    }

    /// Runs to the end, or until `stop` steps are done.
    fn run(out: &Path, stop: usize) -> (Outcome, Vec<(usize, usize)>) {
        let (config, model) = micro();
        let mut steps = Vec::new();
        let outcome = train(&config, &model, &Device::flex(), out, &mut |progress| {
            steps.push((progress.stage, progress.step));
            if steps.len() == stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        (outcome.expect("a micro run works"), steps)
    }

    #[test]
    fn a_run_goes_on_where_it_was_broken_off_and_ends_with_a_model_that_loads() {
        let folder = tempfile::tempdir().unwrap();
        let (outcome, steps) = run(folder.path(), 3);
        assert_eq!((outcome, steps), (Outcome::Stopped, vec![(0, 1), (0, 2), (1, 1)]));
        let (outcome, steps) = run(folder.path(), 0);
        assert_eq!(steps, [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]);
        let Outcome::Finished { weights, config } = outcome else {
            panic!("the run did not finish");
        };
        assert!(config.exists() && folder.path().join("loss.png").exists());
        let model = crate::request::ModelRef::Files {
            checkpoint: weights,
            clip: None,
        };
        let loaded = crate::weights::load(&model, &Device::flex()).unwrap();
        assert!(loaded.config.preview.is_some());
        assert_ne!(loaded.config.latent_scale, 1.0);
        let left = std::fs::read_dir(folder.path()).unwrap().flatten();
        assert_eq!(
            left.filter(|entry| entry.path().is_dir()).count(),
            1,
            "older checkpoints are removed"
        );
    }

    #[test]
    fn a_checkpoint_of_another_seed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), 1);
        let (mut config, model) = micro();
        config.seed += 1;
        let again = train(&config, &model, &Device::flex(), folder.path(), &mut |_| {
            ControlFlow::Continue(())
        });
        assert!(again.unwrap_err().to_string().contains("does not fit this run"));
    }

    #[test]
    fn a_stage_moves_its_own_part_and_no_other() {
        let (config, model) = micro();
        let networks = Colorizer::new(&model, &Device::flex());
        let count = |part| {
            let trained = networks.clone().no_grad().set_require_grad_group(trained(part), true).train();
            let mut counter = Counter::default();
            trained.visit(&mut counter);
            counter
        };
        let parts = config.stages.iter().map(|stage| count(stage.part)).collect::<Vec<_>>();
        assert_eq!(parts[0].trained, networks.vae.num_params());
        let adapters = parts[2].trained - networks.recovery_transformer.num_params() - networks.threshold_embedder.num_params();
        let base = networks.unet.num_params() + networks.sketch_encoder.num_params() + networks.clip_vision.num_params();
        assert_eq!(parts[1].trained, base - adapters);
        assert_eq!(parts[..3].iter().map(|part| part.trained).sum::<usize>(), parts[0].all);
        let decoder = networks.vae.decoder.num_params() + networks.vae.post_quant_conv.num_params();
        assert_eq!(parts[3].trained, decoder);
    }

    #[derive(Default)]
    struct Counter {
        trained: usize,
        all: usize,
    }

    impl burn::module::ModuleVisitor for Counter {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let count = param.val().shape().num_elements();
            self.all += count;
            self.trained += if param.val().is_require_grad() { count } else { 0 };
        }
    }
}
