//! A document on its way from a file, from the samples, or from what a program lost.

mod take;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use image::{DynamicImage, RgbImage, RgbaImage};
use picture::Picture;

use super::answer::Version;
use super::filing::{Stamp, stamp};
use crate::document::{self, Document, DocumentError, FileKind, LayerId, Lost, Role};
use crate::samples::SAMPLES;

/// A document as it comes from a file or from the samples.
pub(super) struct Opened {
    pub document: Document,
    pub path: Option<PathBuf>,
    /// What the file was like that was read.
    pub stamp: Option<Stamp>,
    pub title: String,
    /// The file that was read: the document itself, or the drawing that it begins with.
    pub source: Option<PathBuf>,
    /// What could not be taken over from the file.
    pub notes: Vec<String>,
    /// The layer that a person begins on.
    pub chosen: Option<LayerId>,
    /// It was put together from this.
    pub lost: Option<Lost>,
}

/// A document on its way here, and what may go for it.
#[derive(Default)]
pub(super) struct Coming {
    /// A file is being read.
    pub reading: bool,
    /// What was opened, until it takes the document's place: at once where nothing is lost by that, else when the person has said that it may.
    pub held: Option<Box<Opened>>,
    /// Up to which state of which document the changes may go.
    pub let_go: Option<Version>,
    /// Up to which stand of the board what was made on it may go.
    pub board_let_go: Option<u64>,
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

/// The picture, opaque.
pub(super) fn rgba(picture: &RgbImage) -> RgbaImage {
    DynamicImage::from(picture.clone()).into_rgba8()
}

impl Opened {
    pub fn new(document: Document, path: Option<PathBuf>, title: String) -> Self {
        Self {
            document,
            path,
            stamp: None,
            title,
            source: None,
            notes: Vec::new(),
            chosen: None,
            lost: None,
        }
    }

    /// An OpenRaster document; a PSD, or one that lacks layers of its file, as a new document; or a picture as the sketch of one. The content decides which
    /// it is.
    pub fn read(path: &Path) -> Result<Self, DocumentError> {
        let stamp = stamp(path);
        let opened = match FileKind::of(path) {
            FileKind::OpenRaster => Self::document(document::open(path)?, path),
            FileKind::Psd => Self::document(document::open_psd(path)?, path),
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

    fn document(opened: document::Opened, path: &Path) -> Self {
        let document::Opened {
            document,
            notes,
            may_replace,
        } = opened;
        Self {
            notes,
            ..Self::new(document, may_replace.then(|| path.to_owned()), stem(path))
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
        let mut document = Document::from_sketch(&rgba(&sample.sketch()))?;
        document.set_mask(Role::SketchMask, &sample.sketch_mask());
        document.set_reference(Some(&rgba(&sample.reference())))?;
        document.set_mask(Role::ReferenceMask, &sample.reference_mask());
        Ok(Self::new(document, None, format!("Sample: {}", sample.name)))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn a_document_that_lacks_a_layer_of_its_file_is_not_saved_over_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.ora");
        let mut picture = Cursor::new(Vec::new());
        RgbaImage::new(8, 8).write_to(&mut picture, image::ImageFormat::Png).unwrap();
        let picture = picture.into_inner();
        for (logo, content, own) in [("logo.png", &picture[..], true), ("logo.svg", &b"<svg/>"[..], false)] {
            let stack = format!(
                r#"<image w="8" h="8"><stack><layer name="ink" src="ink.png"/><layer name="logo" src="{logo}"/></stack></image>"#
            );
            let mut zip = ZipWriter::new(File::create(&path).unwrap());
            for (name, bytes) in [("stack.xml", stack.as_bytes()), ("ink.png", &picture[..]), (logo, content)] {
                zip.start_file(name, SimpleFileOptions::default()).unwrap();
                zip.write_all(bytes).unwrap();
            }
            zip.finish().unwrap();
            assert_eq!(Opened::read(&path).unwrap().path.is_some(), own, "{logo}");
        }
    }
}
