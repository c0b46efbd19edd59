//! A document on its way from a file, from the samples, or from what a program lost.

mod take;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbImage, RgbaImage};
use picture::Picture;

use super::filing::{Stamp, stamp};
use crate::document::{self, Document, DocumentError, FileKind, Layer, LayerId, Lost, Rect, Role, on_white};
use crate::samples::SAMPLES;

/// Longer side of a take's small picture.
const THUMBNAIL: u32 = 128;

/// A document as it comes from a file or from the samples.
pub(super) struct Opened {
    pub document: Document,
    pub path: Option<PathBuf>,
    /// What the file was like that was read.
    pub stamp: Option<Stamp>,
    pub title: String,
    /// The file that was read: the document itself, or the drawing that it begins with.
    pub source: Option<PathBuf>,
    pub thumbnails: Vec<(LayerId, Arc<RgbImage>)>,
    /// What could not be taken over from the file.
    pub notes: Vec<String>,
    /// The layer that a person begins on.
    pub chosen: Option<LayerId>,
    /// It was put together from this.
    pub lost: Option<Lost>,
}

/// A small copy, in its own proportions.
pub(super) fn thumbnail(picture: &RgbImage) -> Arc<RgbImage> {
    let scale = f64::from(THUMBNAIL) / f64::from(picture.width().max(picture.height()).max(1));
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    Arc::new(imageops::resize(
        picture,
        side(picture.width()),
        side(picture.height()),
        FilterType::Triangle,
    ))
}

pub(super) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or(OsStr::new("drawing"))
        .to_string_lossy()
        .into_owned()
}

/// A picture, and what there is to say of it.
pub(super) fn read_picture(path: &Path) -> Result<(Picture, Option<String>), DocumentError> {
    let picture = Picture::open(path)?;
    let warning = picture.warning.as_ref();
    let warning = warning.map(|warning| format!("{} {warning}.", path.display()));
    Ok((picture, warning))
}

fn layer_picture(layer: &Layer) -> Option<RgbImage> {
    let grid = layer.raster()?;
    Some(on_white(&grid.to_picture(Rect::of(grid.size()))))
}

impl Opened {
    pub fn new(document: Document, path: Option<PathBuf>, title: String) -> Self {
        let takes = document.canvas().layers().filter(|layer| layer.role == Role::Take);
        let thumbnails = takes
            .filter_map(|take| Some((take.id, thumbnail(&layer_picture(take)?))))
            .collect();
        Self {
            document,
            path,
            stamp: None,
            title,
            thumbnails,
            source: None,
            notes: Vec::new(),
            chosen: None,
            lost: None,
        }
    }

    /// An OpenRaster document; a PSD as a new document; or a picture as the sketch of one. The content decides which it is.
    pub fn read(path: &Path) -> Result<Self, DocumentError> {
        let stamp = stamp(path);
        let opened = match FileKind::of(path) {
            FileKind::OpenRaster => Self::document(document::open(path)?, Some(path.to_owned()), path),
            FileKind::Psd => Self::document(document::open_psd(path)?, None, path),
            FileKind::Picture => {
                let (picture, warning) = read_picture(path)?;
                let resolution = picture.resolution;
                let mut opened = Self::drawing(picture.into_rgba(), stem(path))?;
                opened.notes.extend(warning);
                if let Some(resolution) = resolution {
                    opened.document.set_resolution(resolution);
                }
                opened
            }
        };
        Ok(Self {
            stamp,
            source: Some(path.to_owned()),
            ..opened
        })
    }

    /// `own`: where it is saved.
    fn document(opened: document::Opened, own: Option<PathBuf>, path: &Path) -> Self {
        let document::Opened { document, notes } = opened;
        Self {
            notes,
            ..Self::new(document, own, stem(path))
        }
    }

    /// A picture as the sketch of a new document.
    pub fn drawing(mut sketch: RgbaImage, title: String) -> Result<Self, DocumentError> {
        let inverted = document::darken_light_lines(&mut sketch);
        let mut opened = Self::new(Document::from_sketch(&sketch)?, None, title);
        if inverted {
            opened
                .notes
                .push("The drawing has light lines on a dark ground: it was opened inverted.".to_owned());
        }
        Ok(opened)
    }

    /// A new document of `size` `[width, height]` with white paper to draw on; `resolution`: pixels an inch, where that is known.
    pub fn blank(size: [u32; 2], resolution: Option<f32>) -> Result<Self, DocumentError> {
        let mut document = Document::blank(size)?;
        if let Some(resolution) = resolution {
            document.set_resolution(resolution);
        }
        let chosen = document.by_role(Role::Sketch).map(|layer| layer.id);
        Ok(Self {
            chosen,
            ..Self::new(document, None, "New drawing".to_owned())
        })
    }

    /// The first sample that ships with the program.
    pub fn sample() -> Result<Self, DocumentError> {
        let sample = &SAMPLES[0];
        let rgba = |picture: RgbImage| DynamicImage::from(picture).into_rgba8();
        let mut document = Document::from_sketch(&rgba(sample.sketch()))?;
        document.set_mask(Role::SketchMask, &sample.sketch_mask());
        document.set_reference(Some(&rgba(sample.reference())))?;
        document.set_mask(Role::ReferenceMask, &sample.reference_mask());
        Ok(Self::new(document, None, format!("Sample: {}", sample.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_keeps_the_proportions() {
        assert_eq!(thumbnail(&RgbImage::new(1024, 512)).dimensions(), (128, 64));
        assert_eq!(thumbnail(&RgbImage::new(3, 9000)).dimensions(), (1, 128));
    }
}
