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
}

/// Mean losses over the steps since the entry before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub stage: usize,
    pub step: usize,
    pub terms: Vec<(String, f32)>,
}

/// A run as it was when it was last written.
#[derive(Debug)]
pub struct Checkpoint {
    pub state: State,
    pub student: Colorizer,
    pub average: Colorizer,
}

impl Checkpoint {
    /// The latest in `folder`, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or belongs to another run or another model.
    pub fn latest(
        folder: &Path,
        config: &TrainingConfig,
        model: &ModelConfig,
        device: &Device,
    ) -> Result<Option<Self>, TrainingError> {
        let Some(path) = complete(folder)?.pop() else {
            return Ok(None);
        };
        let text =
            fs::read_to_string(path.join(STATE)).map_err(|source| TrainingError::file("read", &path.join(STATE), source))?;
        let state: State = ron::from_str(&text).map_err(|error| TrainingError::Checkpoint {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let measured = ModelConfig {
            latent_scale: state.model.latent_scale,
            preview: state.model.preview.clone(),
            ..model.clone()
        };
        if state.seed != config.seed || state.model != measured || state.stage > config.stages.len() {
            return Err(TrainingError::Checkpoint {
                path,
                reason: "its seed, model or stages are others".to_owned(),
            });
        }
        let load = |name: &str| weights::load_with_config(&state.model, &path.join(name), None, device);
        Ok(Some(Self {
            student: load(STUDENT)?.networks,
            average: load(AVERAGE)?.networks,
            state,
        }))
    }

    /// Writes a folder `stage-step` into `folder` and removes the ones before it.
    pub fn write(folder: &Path, state: &State, student: &Colorizer, average: &Colorizer) -> Result<(), TrainingError> {
        let older = complete(folder)?;
        let name = format!("checkpoint-{:02}-{:06}", state.stage, state.step);
        let partial = folder.join(format!("{name}.partial"));
        fs::create_dir_all(&partial).map_err(|source| TrainingError::file("create", &partial, source))?;
        weights::save(student, &partial.join(STUDENT), Precision::F32)?;
        weights::save(average, &partial.join(AVERAGE), Precision::F32)?;
        let text = ron::ser::to_string_pretty(state, Default::default()).map_err(|error| TrainingError::Checkpoint {
            path: partial.clone(),
            reason: error.to_string(),
        })?;
        fs::write(partial.join(STATE), text).map_err(|source| TrainingError::file("write", &partial.join(STATE), source))?;
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
