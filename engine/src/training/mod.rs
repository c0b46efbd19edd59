//! Training: of the embedded model, from nothing, on scenes drawn by this program; of adapters on a person's own pictures.
//!
//! | module | what is in it |
//! |---|---|
//! | [`scenes`] | procedural examples with exact masks and regions |
//! | [`config`] | a run's file |
//! | [`material`], [`folder`] | where examples come from: the scenes, or a folder of pictures |
//! | [`dataset`] | scenes drawn ahead on other threads, and the pool that a batch is drawn from |
//! | [`words`] | the names of parts and colours, and scenes to learn them from |
//! | `start` | weights to begin with, where there are none |
//! | [`loss`], [`stages`] | what is minimised, and one step of each stage of the paper |
//! | [`trainer`], [`tune`] | the loop: optimiser, average, checkpoints, sheets, export; the same from a finished model |
//! | [`thread`], [`hardware`] | a run on a thread of its own, for the command line and the window; what it computes on |
//! | `clip`, [`ema`], [`checkpoint`], [`sheet`], `validation` | clipped gradients; the average of the weights; resumption after a kill; what to judge a run by |
//! | `file` | a run's small files, whole or not there; its folder, held by one run |

pub mod checkpoint;
mod clip;
pub mod config;
pub mod dataset;
pub mod ema;
mod file;
pub mod folder;
pub mod hardware;
pub mod loss;
pub mod material;
pub mod scenes;
pub mod sheet;
pub mod stages;
mod start;
pub mod thread;
pub mod trainer;
pub mod tune;
mod validation;
pub mod words;

use std::path::{Path, PathBuf};

pub use config::TrainingConfig;
pub use hardware::Hardware;
pub use trainer::{Outcome, Progress, train};
pub use tune::{Target, Tuning, tune};

use burn::tensor::TensorReadError;

use crate::device::DeviceError;
use crate::weights::WeightsError;

/// What can go wrong in a training run.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    #[error("cannot {action} {path}: {source}", path = path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is not a training configuration that can be followed: {reason}", path = path.display())]
    Config { path: PathBuf, reason: String },
    #[error(
        "another run{by} trains in {path}: wait for its end, or train into another folder; if none does (its machine died), remove {lock}",
        by = in_brackets(by), path = path.display(), lock = lock.display()
    )]
    Busy {
        path: PathBuf,
        /// Its machine and process; empty where nothing tells.
        by: String,
        /// What keeps others out.
        lock: PathBuf,
    },
    #[error(
        "the checkpoint {path} is one of another version of this program ({reason}): go on with that version, or train into another folder",
        path = path.display()
    )]
    OtherVersion { path: PathBuf, reason: String },
    #[error("the checkpoint {path} does not fit this run ({reason}); train into another folder or delete it", path = path.display())]
    Checkpoint { path: PathBuf, reason: String },
    #[error("the checkpoint {path} is damaged ({reason}): delete that folder, and the run begins anew", path = path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "the loss of stage {stage} is no longer a number at step {step}: lower its learning rate and run again; the last checkpoint still stands"
    )]
    Diverged { stage: usize, step: usize },
    #[error("{path} cannot be trained on: {reason}", path = path.display())]
    Data { path: PathBuf, reason: String },
    /// At zero both halves of a pair have no gradient: nothing would be learned, and no mode would take what came out.
    #[error(
        "{path} has no adapters to train, as a v1 (\"mult\") checkpoint has none: choose a v1.5 (\"switch\") checkpoint as the base, or train the whole \
         model (--stage base)",
        path = path.display()
    )]
    NoRegions { path: PathBuf },
    #[error("cannot write the picture {path}: {source}", path = path.display())]
    Picture { path: PathBuf, source: ::image::ImageError },
    #[error(
        "there is not enough memory for this run ({message}): fewer pictures a step or smaller ones need less; the last checkpoint still stands"
    )]
    Memory { message: String },
    #[error("training broke off: {message}; run again to go on from the last checkpoint, and please report it")]
    Panicked { message: String },
    #[error("the device failed while results were read from it: {0}")]
    Device(#[from] TensorReadError),
    #[error("{0}; the same command goes on from the last checkpoint")]
    Lost(DeviceError),
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// What a sentence has to say beside it.
fn in_brackets(words: &str) -> String {
    match words.is_empty() {
        true => String::new(),
        false => format!(" ({words})"),
    }
}

impl TrainingError {
    /// Whether it may come of a device that is gone.
    fn may_be_the_device(&self) -> bool {
        match self {
            Self::Device(_) | Self::Panicked { .. } => true,
            Self::Weights(error) => error.may_be_the_device(),
            _ => false,
        }
    }

    fn file(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
