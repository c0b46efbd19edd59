//! Why a picture could not be opened, said so that a person can act on it.

use std::path::PathBuf;

use crate::decode::MAX_SIDE;

/// What is wrong with a picture's bytes; the sentence goes on from the file's name.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("is no PNG, JPEG, WebP or TIFF picture: choose another file, or save it as PNG")]
    NotAPicture,
    #[error("is damaged, cut off or of a rare kind: {0}; copy it again, or save it as PNG")]
    Damaged(image::ImageError),
    #[error("is {width} x {height} pixels, where 1 to {MAX_SIDE} a side can be opened: scale it and try again")]
    Size { width: u32, height: u32 },
    #[error("has {megabytes} MB, more than any picture that can be opened: scale it, or save it as PNG")]
    Long { megabytes: u64 },
    #[error("has the inks of a printing press (CMYK) for colours: convert it to RGB in the program that made it")]
    Cmyk,
}

/// Why a file gave no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("cannot read {path}: {source}. Check that the file is there and that you may read it", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} {source}", path = path.display())]
    Decode { path: PathBuf, source: DecodeError },
}
