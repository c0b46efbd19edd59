//! A sketch or a reference in memory, with what the board wants to know of it.

use std::path::Path;
use std::sync::Arc;

use engine::EngineError;
use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};
use picture::within;

use super::regions::Regions;
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::{InputImage, Origin, hash_gray, hash_rgb};
use crate::samples::ShotPicture;

/// Longest side of what is shown in a cell, in pixels.
pub const SHOWN: u32 = 512;

/// A picture and what a recipe says of it.
pub type Known<T> = (Arc<T>, InputImage);

/// A row's head.
#[derive(Clone, Debug)]
pub struct SketchCard {
    pub name: String,
    /// The number in its name.
    pub frame: Option<u32>,
    pub picture: Known<RgbImage>,
    pub mask: Option<Known<GrayImage>>,
    pub regions: Regions,
    pub small: Arc<RgbImage>,
    /// Of all its pixels.
    pub hash: blake3::Hash,
}

/// A column's head.
#[derive(Clone, Debug)]
pub struct ReferenceCard {
    pub name: String,
    pub picture: Known<RgbImage>,
    pub mask: Option<Known<GrayImage>>,
    /// A second picture, for the background alone.
    pub background: Option<Known<RgbImage>>,
    pub small: Arc<RgbImage>,
    pub small_background: Option<Arc<RgbImage>>,
    pub hash: blake3::Hash,
}

impl SketchCard {
    pub fn new(name: String, frame: Option<u32>, picture: Known<RgbImage>, mask: Option<Known<GrayImage>>) -> Self {
        Self {
            hash: hash([Some(&picture.1), mask.as_ref().map(|mask| &mask.1)]),
            regions: Regions::of(&picture.0),
            small: small(&picture.0),
            name,
            frame,
            picture,
            mask,
        }
    }

    pub fn open(file: &PictureFile) -> Result<Self, EngineError> {
        let mask = file.mask.as_deref().map(pictures::open_mask).transpose()?;
        Ok(Self::new(file.name(), file.frame(), pictures::open(&file.picture)?, mask))
    }

    /// With the mask in a file: white where the figure is.
    pub fn with_mask(&self, file: &Path) -> Result<Self, EngineError> {
        let mask = Some(pictures::open_mask(file)?);
        Ok(Self::new(self.name.clone(), self.frame, self.picture.clone(), mask))
    }

    /// A frame of the sample shot.
    pub fn sample(frame: &ShotPicture) -> Self {
        let origin = || Origin::Sample(format!("shot/frames/{}", frame.name));
        Self::new(
            frame.name.to_owned(),
            pictures::number_in(frame.name),
            known_rgb(frame.picture(), origin()),
            Some(known_gray(frame.mask(), origin())),
        )
    }
}

impl ReferenceCard {
    pub fn new(
        name: String,
        picture: Known<RgbImage>,
        mask: Option<Known<GrayImage>>,
        background: Option<Known<RgbImage>>,
    ) -> Self {
        let parts = [
            Some(&picture.1),
            mask.as_ref().map(|mask| &mask.1),
            background.as_ref().map(|background| &background.1),
        ];
        Self {
            hash: hash(parts),
            small: small(&picture.0),
            small_background: background.as_ref().map(|background| small(&background.0)),
            name,
            picture,
            mask,
            background,
        }
    }

    pub fn open(file: &PictureFile) -> Result<Self, EngineError> {
        let mask = file.mask.as_deref().map(pictures::open_mask).transpose()?;
        let background = file.background.as_deref().map(pictures::open).transpose()?;
        Ok(Self::new(file.name(), pictures::open(&file.picture)?, mask, background))
    }

    /// A colour design of the sample shot.
    pub fn sample(reference: &ShotPicture) -> Self {
        let origin = || Origin::Sample(format!("shot/references/{}", reference.name));
        let mask = Some(known_gray(reference.mask(), origin()));
        Self::new(
            reference.name.to_owned(),
            known_rgb(reference.picture(), origin()),
            mask,
            None,
        )
    }

    /// With another picture behind the figure.
    pub fn with_background(&self, file: &Path) -> Result<Self, EngineError> {
        Ok(self.with(self.mask.clone(), Some(pictures::open(file)?)))
    }

    pub fn without_background(&self) -> Self {
        self.with(self.mask.clone(), None)
    }

    /// With the mask in a file: white where the figure is.
    pub fn with_mask(&self, file: &Path) -> Result<Self, EngineError> {
        Ok(self.with(Some(pictures::open_mask(file)?), self.background.clone()))
    }

    fn with(&self, mask: Option<Known<GrayImage>>, background: Option<Known<RgbImage>>) -> Self {
        Self::new(self.name.clone(), self.picture.clone(), mask, background)
    }
}

/// A picture that lies in no file.
pub fn known_rgb(picture: RgbImage, origin: Origin) -> Known<RgbImage> {
    let hash = hash_rgb(&picture);
    (Arc::new(picture), InputImage { origin, hash })
}

/// As [`known_rgb`], a mask.
pub fn known_gray(mask: GrayImage, origin: Origin) -> Known<GrayImage> {
    let hash = hash_gray(&mask);
    (Arc::new(mask), InputImage { origin, hash })
}

fn hash<const N: usize>(parts: [Option<&InputImage>; N]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.map_or("none", |part| part.hash.as_str()).as_bytes());
        hasher.update(b" ");
    }
    hasher.finalize()
}

/// A copy that is no larger than a cell shows.
pub fn small(picture: &Arc<RgbImage>) -> Arc<RgbImage> {
    shrunk(picture, SHOWN)
}

/// A copy whose longest side has at most `most` pixels, smoother than the mean of boxes.
pub fn shrunk(picture: &Arc<RgbImage>, most: u32) -> Arc<RgbImage> {
    let size = within(picture.dimensions(), most);
    match size == picture.dimensions() {
        true => picture.clone(),
        false => Arc::new(imageops::resize(&**picture, size.0, size.1, FilterType::Triangle)),
    }
}
