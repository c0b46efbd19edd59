//! The loop: stages in order, optimiser, average, checkpoints, sheets, and the finished model.
//!
//! `steps` makes batches and their gradients, `copies` has the networks on the devices that help; `output` draws sheets and writes what a run leaves.

mod copies;
mod output;
mod steps;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use burn::module::Module;
use burn::optim::{AdamWConfig, ModuleOptimizer};
use burn::tensor::Device;

use super::checkpoint::{Checkpoint, Entry, State, Validated};
use super::clip::clip_gradients;
use super::config::{Part, StageConfig, TrainingConfig};
use super::ema::Average;
use super::hardware::Hardware;
use super::material::{Material, Procedural};
use super::stages::Lesson;
use super::start::balanced;
use super::validation::Validation;
use super::{TrainingError, file};
use crate::diffusion::schedule::NoiseSchedule;
use crate::model::Colorizer;
use crate::model::config::ModelConfig;
use crate::pipeline::preview;
use crate::weights;
use copies::Copies;
pub(super) use output::export;
use output::latent_scale;
use steps::trained;

/// Steps whose losses are averaged into one entry of the history.
const ENTRY_EVERY: usize = 20;

/// Said after every step.
#[derive(Clone, Debug)]
pub struct Progress {
    pub stage: usize,
    pub stages: usize,
    pub part: Part,
    /// Counted from 1.
    pub step: usize,
    pub steps: usize,
    /// The loss of this step: the first of its terms.
    pub loss: f32,
    /// Terms of the loss, averaged over the last steps; the first is the one that counts.
    pub terms: Vec<(String, f32)>,
    /// The loss on pictures that are not trained on, where it was measured after this step.
    pub validation: Option<f32>,
    /// The sample sheet, where one was drawn after this step.
    pub sheet: Option<PathBuf>,
    /// What that sheet measured, in words.
    pub measured: Option<String>,
    /// What went wrong and did not end the run: what could not be saved or read.
    pub troubles: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The model is written.
    Finished { weights: PathBuf, config: PathBuf },
    /// The adapters are written.
    Adapters { file: PathBuf },
    /// Broken off by the caller; the checkpoint holds everything.
    Stopped,
}

impl Outcome {
    /// The file with the weights; an empty path where there is none.
    pub fn file(&self) -> &Path {
        match self {
            Self::Finished { weights, .. } => weights,
            Self::Adapters { file } => file,
            Self::Stopped => Path::new(""),
        }
    }
}

/// Called after every step; may break off.
pub type Observer<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// Trains `model` as `config` says, from nothing or from the latest checkpoint in `out`, and writes the finished model,
/// sheets and the losses' curve there.
///
/// # Errors
/// Files that cannot be written or read, another run in that folder, a checkpoint of another run, a loss that is no longer a number.
pub fn train(
    config: &TrainingConfig,
    model: &ModelConfig,
    hardware: &Hardware,
    out: &Path,
    progress: &mut Observer<'_>,
) -> Result<Outcome, TrainingError> {
    let device = &hardware.device;
    let _held = file::hold(out)?;
    let origin = config.base.as_deref().map(weights::hash_file).transpose()?;
    let mut checkpoint = match Checkpoint::latest(out, config, model, origin.as_deref(), None, device)? {
        Some(checkpoint) => checkpoint,
        None => start(config, model, origin, device)?,
    };
    let run = Run {
        config,
        schedule: &NoiseSchedule::new(&model.schedule),
        hardware,
        out,
        material: Arc::new(Procedural { seed: config.seed }),
        adapters_only: false,
    };
    if run.stages(&mut checkpoint, progress)?.is_break() {
        return Ok(Outcome::Stopped);
    }
    export(config, &checkpoint.state, &checkpoint.average, true, out)
}

fn start(
    config: &TrainingConfig,
    model: &ModelConfig,
    origin: Option<String>,
    device: &Device,
) -> Result<Checkpoint, TrainingError> {
    device.seed(config.seed);
    let mut student = balanced(Colorizer::new(model, device));
    if let Some(base) = &config.base {
        // A tower that is taught words begins without any: those of the base may be others.
        let young = student.clip_text.take_if(|_| config.teaches_words());
        student = weights::overlay(student, base)?;
        student.clip_text = young.or(student.clip_text);
    }
    Ok(Checkpoint {
        state: State::new(config.seed, model.clone(), origin),
        average: student.clone(),
        student,
    })
}

/// What the stages of a run share.
pub(super) struct Run<'a> {
    pub config: &'a TrainingConfig,
    pub schedule: &'a NoiseSchedule,
    pub hardware: &'a Hardware,
    pub out: &'a Path,
    pub material: Arc<dyn Material>,
    /// Nothing but adapters changes: checkpoints hold nothing else.
    pub adapters_only: bool,
}

impl Run<'_> {
    /// Every stage from where `checkpoint` stands; it then holds the end, or where `progress` broke off.
    pub fn stages(&self, checkpoint: &mut Checkpoint, progress: &mut Observer<'_>) -> Result<ControlFlow<()>, TrainingError> {
        let Checkpoint { state, student, average } = checkpoint;
        while let Some(stage) = self.config.stages.get(state.stage) {
            let run = StageRun { run: self, stage };
            (*student, *average) = match run.train(student.clone(), average, state, progress)? {
                ControlFlow::Continue(weights) => (weights.clone(), weights),
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
            };
            let next = self.config.stages.get(state.stage + 1).map(|stage| stage.part);
            if stage.part == Part::Vae && next != Some(Part::Vae) {
                state.model.latent_scale = latent_scale(&*self.material, stage.size, average, &self.hardware.device)?;
                state.model.preview = Some(preview::fit(&average.vae, &state.model, &self.hardware.device)?);
            }
            state.stage += 1;
            state.step = 0;
            self.save(state, student, average)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn save(&self, state: &State, student: &Colorizer, average: &Colorizer) -> Result<(), TrainingError> {
        Checkpoint::write(self.out, state, student, average, self.adapters_only)
    }
}

/// One stage of a run.
struct StageRun<'a> {
    run: &'a Run<'a>,
    stage: &'a StageConfig,
}

impl StageRun<'_> {
    /// From `state.step` to the stage's end: the average. Broken off, after a checkpoint, when `progress` says so.
    fn train(
        &self,
        student: Colorizer,
        average: &Colorizer,
        state: &mut State,
        progress: &mut Observer<'_>,
    ) -> Result<ControlFlow<(), Colorizer>, TrainingError> {
        let (run, config, stage) = (self.run, self.run.config, self.stage);
        let begun = state.step;
        let model = state.model.clone();
        let lesson = Lesson {
            config,
            model: &model,
            schedule: run.schedule,
            device: &run.hardware.device,
        };
        let frozen = student.valid();
        let copies = Copies::new(run.hardware, &frozen, stage.part, config.gradient_checkpointing);
        let mut source = self.source(state);
        let sheet = self.sheet()?;
        let validation = Validation::new(&lesson, &*run.material, stage, &frozen)?;
        let mut student = student.no_grad().set_require_grad_group(trained(stage.part), true).train();
        let decay = config.average.decay.powi(config.average.every as i32);
        let mut average = Average::new(average, decay, (begun / config.average.every) as u64);
        let mut optimizer = self.optimizer();
        let mut means = Means::default();
        let mut clock = Instant::now();
        let mut flow = ControlFlow::Continue(());

        while state.step < stage.steps && flow.is_continue() {
            let (gradients, terms) = self.gradients(&lesson, &student, &frozen, &copies, &mut source, state)?;
            let loss = terms.first().map_or(0.0, |(_, value)| *value as f32);
            if !means.add(terms) {
                return Err(TrainingError::Diverged {
                    stage: state.stage,
                    step: state.step,
                });
            }
            let mut troubles = run.material.take_notes();
            // Only now are the weights known to be good for anything: a checkpoint of those that a step has ruined would take the place of a good one.
            if state.step > begun && state.step.is_multiple_of(config.checkpoint_every) {
                state.seconds += std::mem::replace(&mut clock, Instant::now()).elapsed().as_secs_f64();
                // A full disk takes a checkpoint, not the run: the one before still stands, and the next may find room.
                if let Err(error) = run.save(state, &student.valid(), average.weights()) {
                    troubles.push(format!("{error}; the run goes on, and saves again later"));
                }
            }
            let gradients = clip_gradients(gradients, &student, config.optimizer.clip)?;
            let rate = stage.learning_rate_at(state.step, begun, config.optimizer.warm_up);
            student = optimizer.step(rate, student, gradients);
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
            // The first step shows early whether pictures and model fit together.
            let early = state.step == 1 && state.stage == 0 && validation.is_some();
            let (mut drawn, mut words, mut validated) = (None, None, None);
            if early || due(config.sheet.every) {
                match self.draw(&sheet, &lesson, average.weights(), state) {
                    Ok((path, said)) => (drawn, words) = (Some(path), Some(said)),
                    Err(error) => troubles.push(format!("{error}; the run goes on without this sheet")),
                }
                let held = validation.as_ref();
                validated = held.map(|held| held.loss(&lesson, average.weights(), &frozen)).transpose()?;
                state.validations.extend(validated.map(|loss| Validated {
                    stage: state.stage,
                    step: state.step,
                    loss,
                }));
            }
            flow = progress(Progress {
                stage: state.stage,
                stages: config.stages.len(),
                part: stage.part,
                step: state.step,
                steps: stage.steps,
                loss,
                terms: state.history.last().map(|entry| entry.terms.clone()).unwrap_or_default(),
                validation: validated,
                sheet: drawn,
                measured: words,
                troubles,
            });
            if flow.is_break() && !last {
                state.seconds += std::mem::replace(&mut clock, Instant::now()).elapsed().as_secs_f64();
                run.save(state, &student.valid(), average.weights())?;
            }
        }
        state.seconds += clock.elapsed().as_secs_f64();
        Ok(match flow {
            ControlFlow::Break(()) if state.step < stage.steps => ControlFlow::Break(()),
            _ => ControlFlow::Continue(average.into_weights()),
        })
    }

    fn optimizer(&self) -> ModuleOptimizer {
        let settings = &self.run.config.optimizer;
        AdamWConfig::new()
            .with_beta_1(settings.betas.0)
            .with_beta_2(settings.betas.1)
            .with_epsilon(1e-8)
            .with_weight_decay(settings.weight_decay)
            .init()
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
