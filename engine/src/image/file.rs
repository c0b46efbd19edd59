//! Opening pictures that people have, as the engine takes them. What is wrong with a colour profile goes to the log.

use std::path::Path;

use ::image::{GrayImage, RgbImage, RgbaImage};
use picture::{Picture, PictureError};

use crate::error::EngineError;

/// A picture in PNG, JPEG, WebP or TIFF, whatever its name says, upright and in sRGB; transparency shows white paper.
///
/// # Errors
/// When the file cannot be read, is no such picture, is damaged, cut off or in CMYK, or has a side of 0 or more than [`picture::MAX_SIDE`].
pub fn open(path: &Path) -> Result<RgbImage, EngineError> {
    Ok(heard(Picture::open(path)?, path).into_rgb())
}

/// The same from a file's content; `path` is what messages call it. A broken colour profile is ignored without a word.
///
/// # Errors
/// As [`open`].
pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<RgbImage, EngineError> {
    Ok(decode(bytes, path)?.into_rgb())
}

/// The same with its transparency.
///
/// # Errors
/// As [`open`].
pub fn open_rgba(path: &Path) -> Result<RgbaImage, EngineError> {
    Ok(heard(Picture::open(path)?, path).into_rgba())
}

/// A mask: the lightness of a picture, white for the figure; what is transparent is no figure.
///
/// # Errors
/// As [`open`].
pub fn open_mask(path: &Path) -> Result<GrayImage, EngineError> {
    Ok(heard(Picture::open(path)?, path).into_mask())
}

/// The same from a file's content, as [`from_bytes`].
///
/// # Errors
/// As [`open`].
pub fn mask_from_bytes(bytes: &[u8], path: &Path) -> Result<GrayImage, EngineError> {
    Ok(decode(bytes, path)?.into_mask())
}

fn decode(bytes: &[u8], path: &Path) -> Result<Picture, PictureError> {
    Picture::decode(bytes).map_err(|source| PictureError::Decode {
        path: path.to_owned(),
        source,
    })
}

/// The picture, once what there is to say of it is said.
fn heard(picture: Picture, path: &Path) -> Picture {
    if let Some(warning) = &picture.warning {
        tracing::warn!("{} {warning}", path.display());
    }
    picture
}
