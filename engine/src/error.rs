//! What can go wrong in the engine, said so that a person can act on it.

use std::path::PathBuf;

use crate::weights::WeightsError;

/// Every failure of the engine. The text says what happened, to what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },

    #[error(transparent)]
    Weights(#[from] WeightsError),
}
