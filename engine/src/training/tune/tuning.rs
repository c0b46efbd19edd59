//! What a person chooses for a run on pictures of their own, and the run that follows from it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::Adapter;
use crate::request::ModelRef;
use crate::training::config::{
    AugmentationConfig, AverageConfig, LossConfig, OptimizerConfig, Part, PoolConfig, SheetConfig, StageConfig, TrainingConfig,
};
use crate::training::folder::Count;
use crate::training::{Outcome, TrainingError, file};

/// Name of the file in a run's folder that a later program goes on by.
const FILE: &str = "tuning.ron";

/// What is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// The figure's adapters alone.
    #[default]
    Foreground,
    /// The background's adapters alone.
    Background,
    /// The figure's, and after them the background's, each for as many steps.
    Both,
    /// Everything but adapters and autoencoder: a whole model.
    Base,
}

impl Target {
    pub const ALL: [Self; 4] = [Self::Foreground, Self::Background, Self::Both, Self::Base];

    /// A stage for each.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Foreground => &[Part::Foreground],
            Self::Background => &[Part::Background],
            Self::Both => &[Part::Foreground, Part::Background],
            Self::Base => &[Part::Base],
        }
    }

    /// The adapters that come out; none: a whole model does.
    pub fn adapters(self) -> &'static [Adapter] {
        match self {
            Self::Foreground => &[Adapter::Foreground],
            Self::Background => &[Adapter::Background],
            Self::Both => &[Adapter::Foreground, Adapter::Background],
            Self::Base => &[],
        }
    }

    /// At the beginning: a whole model forgets what it knows where adapters only lean.
    pub fn usual_learning_rate(self) -> f64 {
        if self == Self::Base { 1e-5 } else { 5e-4 }
    }

    /// Name, without ending, of the file that comes out.
    fn output(self) -> &'static str {
        match self {
            Self::Foreground => "foreground",
            Self::Background => "background",
            Self::Both => "adapters",
            Self::Base => "model",
        }
    }
}

/// What a person chooses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Folders `color/`, `sketch/`, `mask/` ([`crate::training::folder::Folder`]).
    pub data: PathBuf,
    pub base: ModelRef,
    pub target: Target,
    /// Of each part that is trained.
    pub steps: usize,
    /// Pictures a step.
    pub batch: usize,
    /// Side of the cuts, in pixels, a multiple of 64. None: what the model was made for.
    pub size: Option<u32>,
    /// At the beginning; it falls to a tenth.
    pub learning_rate: f64,
    /// Share of the pictures that are measured on and not trained on, 0..1.
    pub validation: f64,
    pub seed: u64,
    /// Parts of a batch that are worked on at the same time; 1 on a GPU.
    pub shards: usize,
    /// Gradients take less memory and more time.
    #[serde(default)]
    pub gradient_checkpointing: bool,
    pub checkpoint_every: usize,
    /// Steps between sheets and validations.
    pub sheet_every: usize,
}

impl Tuning {
    /// What is usual: the model in the program, a few hundred steps.
    pub fn new(data: PathBuf, target: Target) -> Self {
        Self {
            data,
            base: ModelRef::Embedded,
            target,
            steps: 400,
            batch: 8,
            size: None,
            learning_rate: target.usual_learning_rate(),
            validation: 0.1,
            seed: 1,
            shards: 1,
            gradient_checkpointing: false,
            checkpoint_every: 50,
            sheet_every: 50,
        }
    }

    /// Reads what a run in the folder `out` was begun with; none where no run was.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn open(out: &Path) -> Result<Option<Self>, TrainingError> {
        let path = out.join(FILE);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(TrainingError::file("read", &path, source)),
            Ok(text) => ron::from_str(&text).map(Some).map_err(|error| TrainingError::Config {
                path,
                reason: error.to_string(),
            }),
        }
    }

    /// Writes it into the run's folder.
    pub(super) fn keep(&self, out: &Path) -> Result<(), TrainingError> {
        let path = out.join(FILE);
        let text = ron::ser::to_string_pretty(self, Default::default()).map_err(|error| TrainingError::Config {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        file::replace(&path, (text + "\n").as_bytes())
    }

    /// What a run in the folder `out` leaves there.
    pub(super) fn outcome(&self, out: &Path) -> Outcome {
        let file = |ending: &str| out.join(format!("{}.{ending}", self.target.output()));
        match self.target.adapters() {
            [] => Outcome::Finished {
                weights: file("safetensors"),
                config: file("ron"),
            },
            _ => Outcome::Adapters {
                file: file("safetensors"),
            },
        }
    }

    /// The run that follows: a stage for each part, with the settings that the release trains with where they carry over.
    pub(super) fn config(&self, native_size: u32, count: Count) -> TrainingConfig {
        let size = self.size.unwrap_or(native_size);
        TrainingConfig {
            model: PathBuf::new(),
            base: None,
            output: self.target.output().to_owned(),
            seed: self.seed,
            shards: self.shards,
            gradient_checkpointing: self.gradient_checkpointing,
            optimizer: OptimizerConfig {
                betas: (0.9, 0.999),
                weight_decay: 0.01,
                clip: 1.0,
                warm_up: 10,
            },
            average: AverageConfig { decay: 0.99, every: 1 },
            // A cut is used a few times before it is cut anew.
            pool: PoolConfig {
                capacity: (count.trained * 2).min(1024).max(self.batch * 2),
                fresh: self.batch.div_ceil(4),
            },
            losses: LossConfig {
                squared: 1.0,
                shrunk: 1.0,
                anchor: 0.0,
                divergence: 0.0,
                // No regions are known here beyond figure and background.
                attention: 0.0,
                recovery: 0.0,
                snr_gamma: 5.0,
                balance: 0.0,
            },
            augmentation: AugmentationConfig {
                quiet_steps: 0,
                drop_reference: 0.1,
                drop_sketch: 0.05,
                whiten_reference: 0.0,
                direct_background: 0.3,
                noise_offset: 0.05,
                thresholds: (0.05, 0.95),
                decoder_noise: 0.0,
            },
            checkpoint_every: self.checkpoint_every,
            sheet: SheetConfig {
                every: self.sheet_every,
                rows: count.held_out.min(4),
                steps: 12,
                guidance: 1.5,
            },
            stages: self
                .target
                .parts()
                .iter()
                .map(|part| StageConfig {
                    part: *part,
                    steps: self.steps,
                    batch: self.batch,
                    scene: size,
                    size,
                    learning_rate: (self.learning_rate, self.learning_rate / 10.0),
                })
                .collect(),
        }
    }
}
