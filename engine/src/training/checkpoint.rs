//! Where a run stands, on disk: a folder that appears whole or not at all.
//!
//! The optimiser's moments are left out: they are twice the weights, and a resumed run warms them up again within the
//! first steps ([`super::config::OptimizerConfig::warm_up`]).

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::TrainingError;
use super::config::TrainingConfig;
use crate::model::Colorizer;
use crate::model::config::ModelConfig;
use crate::weights::{self, Precision};

const STUDENT: &str = "student.safetensors";
const AVERAGE: &str = "average.safetensors";
const STATE: &str = "state.ron";

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

    /// That of the latest checkpoint in `folder`, and the checkpoint's own folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn latest(folder: &Path) -> Result<Option<(PathBuf, Self)>, TrainingError> {
        let Some(path) = complete(folder)?.pop() else {
            return Ok(None);
        };
        let text =
            fs::read_to_string(path.join(STATE)).map_err(|source| TrainingError::file("read", &path.join(STATE), source))?;
        match ron::from_str(&text) {
            Ok(state) => Ok(Some((path, state))),
            Err(error) => Err(TrainingError::Checkpoint {
                path,
                reason: error.to_string(),
            }),
        }
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
    /// The latest in `folder`, if there is one. `origin`: the run's own, [`State::origin`]. `base`: the networks that it went out from, where its
    /// checkpoints hold only some of their tensors.
    ///
    /// # Errors
    /// When it cannot be read, or belongs to another run or another model.
    pub fn latest(
        folder: &Path,
        config: &TrainingConfig,
        model: &ModelConfig,
        origin: Option<&str>,
        base: Option<&Colorizer>,
        device: &Device,
    ) -> Result<Option<Self>, TrainingError> {
        let Some((path, state)) = State::latest(folder)? else {
            return Ok(None);
        };
        let measured = ModelConfig {
            latent_scale: state.model.latent_scale,
            preview: state.model.preview.clone(),
            ..model.clone()
        };
        let other = |reason: &str| {
            Err(TrainingError::Checkpoint {
                path: path.clone(),
                reason: reason.to_owned(),
            })
        };
        if state.seed != config.seed || state.model != measured || state.stage > config.stages.len() {
            return other("its seed, model or stages are others");
        }
        if state.origin.is_none() && origin.is_some() {
            return other("an older version began it, and did not record what it went out from");
        }
        if state.origin.as_deref() != origin {
            return other("it went out from another model, for other pictures or another stage");
        }
        let load = |name: &str| match base {
            Some(networks) => weights::overlay(networks.clone(), &path.join(name)),
            None => Ok(weights::load_with_config(&state.model, &path.join(name), None, device)?.networks),
        };
        Ok(Some(Self {
            student: load(STUDENT)?,
            average: load(AVERAGE)?,
            state,
        }))
    }

    /// Writes a folder `stage-step` into `folder` and removes the ones before it. What cannot be written whole leaves those as they are.
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
        let older = complete(folder)?;
        let name = format!("checkpoint-{:02}-{:06}", state.stage, state.step);
        let partial = folder.join(format!("{name}.partial"));
        let written = Self::write_files(&partial, state, student, average, adapters_only);
        if written.is_err() {
            // Best effort: what went wrong before is what matters, and half a checkpoint only takes the room that is missing.
            let _ = fs::remove_dir_all(&partial);
        }
        written?;
        let path = folder.join(name);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|source| TrainingError::file("replace", &path, source))?;
        }
        fs::rename(&partial, &path).map_err(|source| TrainingError::file("rename", &partial, source))?;
        for old in older.into_iter().filter(|old| *old != path) {
            fs::remove_dir_all(&old).map_err(|source| TrainingError::file("remove", &old, source))?;
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
        fs::write(folder.join(STATE), text).map_err(|source| TrainingError::file("write", &folder.join(STATE), source))
    }
}

/// Complete checkpoints in `folder`, oldest first.
fn complete(folder: &Path) -> Result<Vec<PathBuf>, TrainingError> {
    let entries = fs::read_dir(folder).map_err(|source| TrainingError::file("list", folder, source))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("checkpoint-") && !name.ends_with(".partial")
        })
        .collect();
    found.sort();
    Ok(found)
}
