//! Where a run stands, on disk: a folder that appears whole or not at all.
//!
//! The optimiser's moments are left out: they are twice the weights, and a resumed run warms them up again within the
//! first steps ([`super::config::OptimizerConfig::warm_up`]).

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::config::{StageConfig, TrainingConfig};
use super::{TrainingError, file};
use crate::model::Colorizer;
use crate::model::config::ModelConfig;
use crate::weights::{self, Precision};

const STUDENT: &str = "student.safetensors";
const AVERAGE: &str = "average.safetensors";
const STATE: &str = "state.ron";
/// How the name of a checkpoint ends that is not whole, as it comes or goes.
const PARTIAL: &str = "partial";

/// What a run knows beside its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The run's own file: a checkpoint of another seed or data is refused.
    pub seed: u64,
    /// Index of the stage, and the steps of it that are done.
    pub stage: usize,
    pub step: usize,
    /// With what has been measured so far.
    pub model: ModelConfig,
    /// Seconds of work, without those that a kill threw away.
    pub seconds: f64,
    pub history: Vec<Entry>,
    /// Losses on pictures that are not trained on, in order.
    #[serde(default)]
    pub validations: Vec<Validated>,
    /// What a run that goes out from a finished model belongs to: that model's hash; the pictures and what is trained, where those are a person's own.
    #[serde(default)]
    pub origin: Option<String>,
}

impl State {
    /// At the beginning of everything.
    pub fn new(seed: u64, model: ModelConfig, origin: Option<String>) -> Self {
        Self {
            seed,
            stage: 0,
            step: 0,
            model,
            seconds: 0.0,
            history: Vec::new(),
            validations: Vec::new(),
            origin,
        }
    }

    /// That of the latest checkpoint in `folder`, and the checkpoint's own folder. One whose state makes no sense is passed over where there is another.
    ///
    /// # Errors
    /// When a file cannot be read, another version of the program wrote a state, or no state makes sense.
    pub fn latest(folder: &Path) -> Result<Option<(PathBuf, Self)>, TrainingError> {
        Ok(Self::all(folder)?.into_iter().next())
    }

    /// Those of the checkpoints in `folder`, the latest first; as for [`Self::latest`].
    fn all(folder: &Path) -> Result<Vec<(PathBuf, Self)>, TrainingError> {
        let mut all = Vec::new();
        let mut damaged = None;
        for path in complete(folder)? {
            match Self::read(&path) {
                Ok(state) => all.push((path, state)),
                Err(error @ TrainingError::Damaged { .. }) => damaged = Some(error),
                Err(error) => return Err(error),
            }
        }
        match damaged {
            Some(error) if all.is_empty() => return Err(error),
            Some(TrainingError::Damaged { path, reason }) => {
                tracing::warn!("{} is passed over, for its state makes no sense: {reason}", path.display());
            }
            _ => {}
        }
        all.sort_by(|(_, one), (_, other)| other.order(one));
        Ok(all)
    }

    /// That of the checkpoint at `path`.
    fn read(path: &Path) -> Result<Self, TrainingError> {
        let file = path.join(STATE);
        let bytes = fs::read(&file).map_err(|source| TrainingError::file("read", &file, source))?;
        ron::de::from_bytes(&bytes).map_err(|error| {
            let (path, reason) = (path.to_owned(), error.to_string());
            match error.code {
                // What is damaged does not spell such names, and what is cut off ends too soon.
                ron::Error::NoSuchStructField { .. }
                | ron::Error::NoSuchEnumVariant { .. }
                | ron::Error::MissingStructField { .. } => TrainingError::OtherVersion { path, reason },
                _ => TrainingError::Damaged { path, reason },
            }
        })
    }

    /// Which of two states of a run is the later one. The work that it took only grows; the stage falls when a run is [opened again](Self::reopen).
    fn order(&self, other: &Self) -> Ordering {
        let place = |state: &Self| (state.stage, state.step);
        self.seconds.total_cmp(&other.seconds).then(place(self).cmp(&place(other)))
    }

    /// A run that has come to its end goes on with the last of its `stages` where that ended, if it shall have more `steps` now: with the average that
    /// it left, and with an optimiser that warms up again, as after any resumption.
    pub(super) fn reopen(&mut self, stages: usize, steps: usize) {
        let last = stages.checked_sub(1).filter(|_| self.stage == stages);
        let ended = last.and_then(|last| Some((last, self.ended(last)?)));
        if let Some((stage, step)) = ended.filter(|(_, step)| *step < steps) {
            (self.stage, self.step) = (stage, step);
        }
    }

    /// Steps that a stage ended with: its last one always leaves an entry.
    fn ended(&self, stage: usize) -> Option<usize> {
        let last = self.history.iter().rfind(|entry| entry.stage == stage);
        last.map(|entry| entry.step)
    }

    /// Why this is not a run of these settings that went out from `origin`, if it is not.
    fn mismatch(&self, config: &TrainingConfig, model: &ModelConfig, origin: Option<&str>) -> Option<String> {
        let measured = ModelConfig {
            latent_scale: self.model.latent_scale,
            preview: self.model.preview.clone(),
            ..model.clone()
        };
        let reason = if self.seed != config.seed || self.model != measured || self.stage > config.stages.len() {
            "its seed, model or stages are others"
        } else if self.origin.is_none() && origin.is_some() {
            "an older version began it, and did not record what it went out from"
        } else if self.origin.as_deref() != origin {
            "it went out from another model, for other pictures or another stage"
        } else {
            return None;
        };
        Some(reason.to_owned())
    }

    /// Why a run of these stages cannot go on from here, if one before this shall have more steps than it ended with: the later ones build on it.
    fn shortfall(&self, stages: &[StageConfig]) -> Option<String> {
        let before = stages.iter().enumerate().take(self.stage);
        let mut short = before.filter_map(|(index, stage)| Some((index + 1, self.ended(index)?, stage.steps)));
        let (number, ended, wanted) = short.find(|(_, ended, wanted)| ended < wanted)?;
        let all = stages.len();
        Some(format!(
            "stage {number} of {all} ended with {ended} steps, and {wanted} are wanted of it now"
        ))
    }
}

/// Mean losses over the steps since the entry before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub stage: usize,
    pub step: usize,
    pub terms: Vec<(String, f32)>,
}

/// A loss on pictures that are not trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validated {
    pub stage: usize,
    pub step: usize,
    pub loss: f32,
}

/// A run as it was when it was last written.
#[derive(Debug)]
pub struct Checkpoint {
    pub state: State,
    pub student: Colorizer,
    pub average: Colorizer,
}

impl Checkpoint {
    /// The latest in `folder`, if there is one; the last stage of a run that has ended is open again where it shall have more steps. One whose files are
    /// damaged is passed over where there is another. `origin`: the run's own, [`State::origin`]. `base`: the networks that it went out from, where its
    /// checkpoints hold only some of their tensors.
    ///
    /// # Errors
    /// When it cannot be read, is one of another version of the program, belongs to another run or another model, or an earlier stage shall have more steps.
    pub fn latest(
        folder: &Path,
        config: &TrainingConfig,
        model: &ModelConfig,
        origin: Option<&str>,
        base: Option<&Colorizer>,
        device: &Device,
    ) -> Result<Option<Self>, TrainingError> {
        let mut damaged = None;
        for (path, mut state) in State::all(folder)? {
            if let Some(reason) = state.mismatch(config, model, origin) {
                return Err(TrainingError::Checkpoint { path, reason });
            }
            state.reopen(config.stages.len(), config.stages.last().map_or(0, |stage| stage.steps));
            if let Some(reason) = state.shortfall(&config.stages) {
                return Err(TrainingError::Checkpoint { path, reason });
            }
            let load = |name: &str| match base {
                Some(networks) => weights::overlay(networks.clone(), &path.join(name)),
                None => Ok(weights::load_with_config(&state.model, &path.join(name), None, device)?.networks),
            };
            match load(STUDENT).and_then(|student| Ok((student, load(AVERAGE)?))) {
                Ok((student, average)) => {
                    return Ok(Some(Self { state, student, average }));
                }
                Err(error) if error.is_damage() => {
                    tracing::warn!("the checkpoint {} is passed over: {error}", path.display());
                    let reason = error.to_string();
                    damaged.get_or_insert(TrainingError::Damaged { path, reason });
                }
                Err(error) => return Err(error.into()),
            }
        }
        damaged.map_or(Ok(None), Err)
    }

    /// Writes a folder `checkpoint-STAGE-STEP` into `folder` and removes the ones before it. What cannot be written whole leaves those as they are.
    ///
    /// # Errors
    /// When there is no room, or the folder may not be written.
    pub fn write(
        folder: &Path,
        state: &State,
        student: &Colorizer,
        average: &Colorizer,
        adapters_only: bool,
    ) -> Result<(), TrainingError> {
        for left in named(folder, PARTIAL)? {
            // Best effort: what a kill left only takes room.
            let _ = fs::remove_dir_all(&left);
        }
        let older = complete(folder)?;
        let path = free_place(folder, state);
        let partial = path.with_extension(PARTIAL);
        let written = Self::write_files(&partial, state, student, average, adapters_only);
        if written.is_err() {
            // Best effort: what went wrong before is what matters, and half a checkpoint only takes the room that is missing.
            let _ = fs::remove_dir_all(&partial);
        }
        written?;
        fs::rename(&partial, &path).map_err(|source| TrainingError::file("rename", &partial, source))?;
        // Before the new one has its name on the disk itself, a power cut could take both.
        picture::sync_folder(&path);
        for old in older {
            // A kill in the middle of it leaves nothing that looks like a whole one.
            let going = old.with_extension(PARTIAL);
            fs::rename(&old, &going).map_err(|source| TrainingError::file("rename", &old, source))?;
            fs::remove_dir_all(&going).map_err(|source| TrainingError::file("remove", &going, source))?;
        }
        Ok(())
    }

    fn write_files(
        folder: &Path,
        state: &State,
        student: &Colorizer,
        average: &Colorizer,
        adapters_only: bool,
    ) -> Result<(), TrainingError> {
        fs::create_dir_all(folder).map_err(|source| TrainingError::file("create", folder, source))?;
        let wanted = |name: &str| !adapters_only || name.contains(".lora_");
        for (networks, name) in [(student, STUDENT), (average, AVERAGE)] {
            weights::save_part(networks, &folder.join(name), Precision::F32, &wanted, None)?;
        }
        let text = ron::ser::to_string_pretty(state, Default::default()).map_err(|error| TrainingError::Checkpoint {
            path: folder.to_owned(),
            reason: error.to_string(),
        })?;
        file::replace(&folder.join(STATE), text.as_bytes())
    }
}

/// Where a checkpoint of `state` is to be. The end of a run that was opened again has the name of the end before, which stands until this one is whole: the
/// number of its step has more digits then.
fn free_place(folder: &Path, state: &State) -> PathBuf {
    let mut digits = 6;
    loop {
        let path = folder.join(format!("checkpoint-{:02}-{:0digits$}", state.stage, state.step));
        if !path.exists() {
            return path;
        }
        digits += 1;
    }
}

/// Complete checkpoints in `folder`.
fn complete(folder: &Path) -> Result<Vec<PathBuf>, TrainingError> {
    let mut found = named(folder, "")?;
    found.retain(|path| path.join(STATE).is_file());
    Ok(found)
}

/// The folders in `folder` that have the name of a checkpoint, with this ending. Other names are a person's own: a copy of a checkpoint is neither gone on
/// from nor removed.
fn named(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, TrainingError> {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let is_ours = |path: &PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()?.strip_prefix("checkpoint-"));
        name.and_then(|numbers| numbers.split_once('-'))
            .is_some_and(|(stage, step)| is_number(stage) && is_number(step))
            && path.extension().unwrap_or_default() == ending
            && path.is_dir()
    };
    let entries = fs::read_dir(folder).map_err(|source| TrainingError::file("list", folder, source))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(is_ours).collect())
}
