//! Photoshop's documents: the format is public ("Adobe Photoshop File Formats Specification"), and the crates for it panic on damaged files and know no
//! 16 bits. What is written of a document, for other programs, `write` says; what is read of a file:
//!
//! | part | here |
//! |---|---|
//! | RGB and grey, 8 and 16 bits, colour profile | sRGB at 8 bits |
//! | layers, groups, clipping, opacity and fill, visibility, locks | the same |
//! | blend modes | ours where there is one; others show as normal, with a note |
//! | a layer's mask, with its density | applied to the layer, with a note; without its feather, with another |
//! | a group's mask | a layer in it that keeps what lies below (`svg:dst-in`) |
//! | text, shapes, smart objects | their pixels |
//! | adjustments, fills, effects, Blend If | left out, with a note |
//! | what is clipped to something left out | hidden, with a note |
//! | groups that lie deeper in each other than they can here | taken apart, with a note |
//! | no layers | the picture as the sketch |
//!
//! Layers get their roles by their names, as in an OpenRaster file of another program.

mod blend;
mod bytes;
mod channel;
mod header;
mod layers;
mod pack;
mod pixels;
mod record;
mod roles;
#[cfg(test)]
mod tests;
mod write;

use std::io::{self, Read};
use std::path::Path;

use image::DynamicImage;
use picture::Profile;

use super::document::Document;
use super::error::DocumentError;
use super::openraster::Opened;
use bytes::{Bytes, Fault};
use header::Header;
pub use write::{save, steps};

/// How its files begin.
pub const SIGNATURE: &[u8] = b"8BPS";

/// Opens a PSD file as a new document.
pub fn open(path: &Path) -> Result<Opened, DocumentError> {
    let bytes = content(path).map_err(|source| DocumentError::Read {
        path: path.to_owned(),
        source,
    })?;
    read(&bytes).map_err(|fault| DocumentError::Psd {
        path: path.to_owned(),
        fault: fault.to_string(),
    })
}

/// The longest file that the format knows.
const MOST: u64 = 2 << 30;

/// What is in a file; of one that is no PSD the first bytes alone.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, length) = picture::open_regular(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(SIGNATURE.len() as u64).read_to_end(&mut bytes)?;
    if bytes != SIGNATURE {
        return Ok(bytes);
    }
    if length > MOST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a PSD file; the fault is a sentence that goes on from the file's name.
fn read(file: &[u8]) -> Result<Opened, Fault> {
    let mut rest = Bytes(file);
    let header = Header::read(&mut rest)?;
    // The palette of a kind that is not opened.
    rest.section()?;
    let resources = rest.section()?;
    let mut layer_section = rest.section()?;
    let mut notes = Vec::new();
    let colors = Colors {
        profile: profile(resources, &header, &mut notes),
    };
    let found = record::layers(&mut layer_section, &header)?;
    let mut document = match found {
        Some(records) if !records.is_empty() => layers::document(&header, &records, &colors, &mut notes)?,
        _ => {
            let picture = channel::merged(&mut rest, &header)?;
            let picture = colors.to_srgb(picture).into_rgba8();
            Document::from_sketch(&picture).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?
        }
    };
    if let Some(resolution) = resolution(resources) {
        document.set_resolution(resolution);
    }
    Ok(Opened {
        document,
        notes,
        may_replace: false,
    })
}

/// What the numbers of the file's colours mean.
struct Colors {
    profile: Option<Profile>,
}

impl Colors {
    fn to_srgb(&self, picture: DynamicImage) -> DynamicImage {
        let converted = self.profile.as_ref().map(|profile| profile.to_srgb(&picture));
        // It was tried on such a picture when it was read.
        converted.and_then(Result::ok).flatten().unwrap_or(picture)
    }
}

/// The resource that holds the colour profile.
const ICC: u16 = 1039;

fn profile(resources: Bytes<'_>, header: &Header, notes: &mut Vec<String>) -> Option<Profile> {
    let icc = find(resources, ICC)?;
    // What the file's pictures are, with transparency and without.
    let kinds = match header.gray {
        true => [DynamicImage::new_luma8(1, 1), DynamicImage::new_luma_a8(1, 1)],
        false => [DynamicImage::new_rgb8(1, 1), DynamicImage::new_rgba8(1, 1)],
    };
    let tried = |profile: Profile| {
        let mut kinds = kinds.iter();
        kinds.try_for_each(|kind| profile.to_srgb(kind).map(drop)).map(|()| profile)
    };
    match Profile::read(icc.0).and_then(tried) {
        Ok(profile) => Some(profile),
        Err(error) => {
            notes.push(format!(
                "The file's colour profile was ignored: {error}. Its colours may look different."
            ));
            None
        }
    }
}

/// The resource that holds how many pixels make an inch on paper, in 65536ths, and how to show that.
const RESOLUTION: u16 = 1005;

fn resolution(resources: Bytes<'_>) -> Option<f32> {
    let across = find(resources, RESOLUTION)?.u32().ok()?;
    Some(across as f32 / 65536.0)
}

/// The signature of Photoshop's own image resources.
const OWN: [u8; 4] = *b"8BIM";
/// Those of other programs' among them: ImageReady's, PhotoDeluxe's and more. Their numbers are their own.
const OTHERS: [[u8; 4]; 4] = [*b"MeSa", *b"AgHg", *b"PHUT", *b"DCSR"];

/// The data of Photoshop's image resource of a number.
fn find(mut resources: Bytes<'_>, wanted: u16) -> Option<Bytes<'_>> {
    let mut all = std::iter::from_fn(|| resource(&mut resources));
    all.find(|(signature, number, _)| (*signature, *number) == (OWN, wanted))
        .map(|(.., data)| data)
}

/// The next image resource: its signature, number and data. None at the end, or where what follows is none: they are no part of the picture.
fn resource<'a>(resources: &mut Bytes<'a>) -> Option<([u8; 4], u16, Bytes<'a>)> {
    let signature = resources.key().ok()?;
    if signature != OWN && !OTHERS.contains(&signature) {
        return None;
    }
    let number = resources.u16().ok()?;
    let name = resources.u8().ok()?;
    // Name and data are padded to even lengths, the name's with its length byte.
    resources.take(usize::from(name | 1)).ok()?;
    let length = resources.u32().ok()? as usize;
    let data = resources.take(length).ok()?;
    let _ = resources.take(length % 2);
    Some((signature, number, data))
}
