//! Photoshop's documents, read and never written: the format is public ("Adobe Photoshop File Formats Specification"), and the crates for it panic on
//! damaged files and know no 16 bits.
//!
//! | part | here |
//! |---|---|
//! | RGB and grey, 8 and 16 bits, colour profile | sRGB at 8 bits |
//! | layers, groups, clipping, opacity and fill, visibility, locks | the same |
//! | blend modes | ours where there is one; others show as normal, with a note |
//! | a layer's mask | applied to the layer, with a note |
//! | a group's mask | a layer in it that keeps what lies below (`svg:dst-in`) |
//! | text, shapes, smart objects | their pixels |
//! | adjustments, fills, effects | left out, with a note |
//! | no layers | the picture as the sketch |
//!
//! Layers get their roles by their names, as in an OpenRaster file of another program.

mod blend;
mod bytes;
mod channel;
mod header;
mod layers;
mod record;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::path::Path;

use image::DynamicImage;
use picture::Profile;

use super::document::Document;
use super::error::DocumentError;
use super::openraster::Opened;
use bytes::{Bytes, Fault};
use header::Header;

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
        profile: profile(resources, &mut notes),
    };
    let found = record::layers(&mut layer_section, &header)?;
    let document = match found {
        Some(records) if !records.is_empty() => layers::document(&header, &records, &colors, &mut notes)?,
        _ => {
            let picture = channel::merged(&mut rest, &header)?;
            let picture = colors.to_srgb(picture).into_rgba8();
            Document::from_sketch(&picture).map_err(|error| Fault::new(format!("cannot be opened: {error}")))?
        }
    };
    Ok(Opened { document, notes })
}

/// What the numbers of the file's colours mean.
struct Colors {
    profile: Option<Profile>,
}

impl Colors {
    fn to_srgb(&self, picture: DynamicImage) -> DynamicImage {
        let converted = self.profile.as_ref().map(|profile| profile.to_srgb(&picture));
        // That it is of grey for a picture in colour was found out when it was read.
        converted.and_then(Result::ok).flatten().unwrap_or(picture)
    }
}

/// The resource that holds the colour profile.
const ICC: u16 = 1039;

fn profile(mut resources: Bytes<'_>, notes: &mut Vec<String>) -> Option<Profile> {
    let icc = loop {
        match resource(&mut resources) {
            Some((ICC, data)) => break data,
            Some(_) => {}
            None => return None,
        }
    };
    match Profile::read(icc.0) {
        Ok(profile) => Some(profile),
        Err(error) => {
            notes.push(format!(
                "The file's colour profile was ignored: {error}. Its colours may look different."
            ));
            None
        }
    }
}

/// The next image resource: its number and its data. None at the end, or where what follows is none: they are no part of the picture.
fn resource<'a>(resources: &mut Bytes<'a>) -> Option<(u16, Bytes<'a>)> {
    let signature = resources.take(4).ok()?;
    if signature.0 != b"8BIM" {
        return None;
    }
    let number = resources.u16().ok()?;
    let name = resources.u8().ok()?;
    // Name and data are padded to even lengths, the name's with its length byte.
    resources.take(usize::from(name | 1)).ok()?;
    let length = resources.u32().ok()? as usize;
    let data = resources.take(length).ok()?;
    let _ = resources.take(length % 2);
    Some((number, data))
}
