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
    #[error("{path} is no PNG, JPEG or WebP picture: choose another file, or save it as PNG", path = path.display())]
    NotAPicture { path: PathBuf },
    #[error("{path} is damaged or cut off: {source}; copy or save it again", path = path.display())]
    DamagedPicture { path: PathBuf, source: ::image::ImageError },
    #[error("{path} is {width} x {height} pixels, where 1 to {limit} a side can be opened: scale it and try again", path = path.display())]
    PictureSize {
        path: PathBuf,
        width: u32,
        height: u32,
        limit: u32,
    },
}
