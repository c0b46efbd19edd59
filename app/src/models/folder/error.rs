//! What can go wrong with the folder of models.

use std::io;
use std::path::{Path, PathBuf};

use engine::weights::{Family, WeightsError};

use super::{EXTENSIONS, VARIABLE};

/// What can go wrong with the folder. The text says what, with which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("this system names no folder for a program's data: set {VARIABLE} to the folder that models are to be in")]
    NoFolder,
    #[error("cannot {what} {path}: {source}", path = path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("there is no model \"{name}\" in {folder}; {there}", folder = folder.display())]
    Unknown {
        name: String,
        folder: PathBuf,
        /// What is there instead.
        there: String,
    },
    #[error("\"{name}\" may be {names}: write the whole name")]
    Ambiguous { name: String, names: String },
    #[error("{path} is there already: remove it first, or give the new one another name", path = path.display())]
    Exists { path: PathBuf },
    #[error("another process is fetching or copying {path} at this moment: wait until it is done", path = path.display())]
    Busy { path: PathBuf },
    #[error("the name {name} does not end in {list}", list = EXTENSIONS.map(|ending| format!(".{ending}")).join(", "))]
    Ending { name: String },
    #[error("{path} is an {family}, not a checkpoint: name the checkpoint, and it is used with it", path = path.display())]
    NotACheckpoint { path: PathBuf, family: Family },
    /// Nobody waits for it any more.
    #[error("{what} {path} was cancelled", path = path.display())]
    Cancelled { what: &'static str, path: PathBuf },
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

impl FolderError {
    /// Whether what is in a file is wrong, rather than what was to be done with it.
    pub(in crate::models) fn blames_the_file(&self) -> bool {
        matches!(self, Self::Weights(error) if !matches!(error, WeightsError::Open { .. }))
    }
}

pub(super) fn io_error(what: &'static str, path: &Path, source: io::Error) -> FolderError {
    FolderError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}
