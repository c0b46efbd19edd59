//! Writing a PSD: what a person delivers to other programs.
//!
//! | part | there |
//! |---|---|
//! | layers of the canvas, takes and the sketch among them | layers of 8 bits in sRGB, at their places |
//! | groups, names, visibility, opacity, clipping, locks | the same |
//! | a layer that keeps what lies below (`svg:dst-in`) on top of a group | the group's mask |
//! | blend modes | the same where there is one; others are Normal, and hidden where they cut what lies below, with a note |
//! | the picture | merged, on white paper |
//! | masks, hints, the reference side, recipes | left out: other programs do not need them, and the document keeps them |

mod line;

use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use picture::{replace_file, srgb_profile};

use super::pack::{Packed, bands, channels};
use super::record::{MAX_SIDE as LONGEST_SIDE, Part};
use super::{ICC, MOST, RESOLUTION, SIGNATURE, blend};
use crate::document::blend::Blend;
use crate::document::composite::on_white;
use crate::document::document::Document;
use crate::document::error::DocumentError;
use crate::document::flatten::laid_out;
use crate::document::layer::Layer;
use crate::document::names::{moded, quoted};
use crate::document::rect::Rect;
use crate::document::sheet::Sheet;
use crate::document::tile::MAX_SIDE;
use line::{Line, lines, section};

// Larger pictures would need a PSB.
const _: () = assert!(MAX_SIDE as i64 <= LONGEST_SIDE, "a document fits into a PSD");

/// Pixels an inch where nobody has said how many.
const USUAL: f32 = 72.0;
/// Stands before samples that are packed in runs.
const RUNS: [u8; 2] = [0, 1];
/// Stands before samples that are not packed.
const RAW: [u8; 2] = [0, 0];

/// Writes the canvas to `path` as a PSD, whole or not at all; what a person should know of how it was written. `step` hears of each of the [`steps`], and
/// ends it by an error of its own. A layer at a time is unpacked from its tiles.
///
/// # Errors
/// Those of `step`; when the file cannot be written, or would have more bytes or layers than the format has room for.
pub fn save<E: From<DocumentError>>(
    document: &Document,
    path: &Path,
    step: impl FnMut() -> Result<(), E>,
) -> Result<Vec<String>, E> {
    let canvas = document.canvas();
    let lines = lines(canvas);
    let notes = notes(&lines);
    let written = replace_file(path, |file| Output { file, length: 0 }.write(document, lines, step));
    let path = path.to_owned();
    match written {
        Ok(()) => Ok(notes),
        Err(Stop::File(source)) => Err(DocumentError::Write { path, source }.into()),
        Err(Stop::Limit(limit)) => Err(DocumentError::PsdLimit { path, limit }.into()),
        Err(Stop::Told(error)) => Err(error),
    }
}

/// How many steps [`save`] takes: one for each layer, and one for each band of the merged picture.
pub fn steps(document: &Document) -> usize {
    let canvas = document.canvas();
    let layers = lines(canvas).iter().filter(|line| line.part == Part::Layer).count();
    layers + bands(Rect::of(canvas.size()))
}

/// Why a file does not come to its end.
enum Stop<E> {
    File(io::Error),
    /// It would have more than this.
    Limit(&'static str),
    /// By whoever hears of its steps.
    Told(E),
}

impl<E> From<io::Error> for Stop<E> {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// What shows otherwise in other programs.
fn notes(lines: &[Line<'_>]) -> Vec<String> {
    let unknown = lines.iter().filter(|line| blend::key_of(line.layer.blend).is_none());
    let (cutting, covering): (Vec<_>, Vec<_>) = unknown.partition(|line| line.is_stencil());
    let mut notes = Vec::new();
    let mut note = |lines: Vec<&Line<'_>>, sentence: &dyn Fn(&str) -> String| {
        let names = lines.iter().map(|line| moded(&line.layer.name, line.layer.blend.label()));
        let names: Vec<String> = names.collect();
        notes.extend((!names.is_empty()).then(|| sentence(&quoted(&names))));
    };
    note(covering, &|layers| {
        format!(
            "Photoshop has no such blend modes: these layers are Normal in the file ({layers}). Merge them with what lies below if they look \
             wrong."
        )
    });
    note(cutting, &|layers| {
        format!(
            "Photoshop has no layers that cut what lies below them: these are hidden in the file ({layers}). Merge them with what lies below, or, \
             to keep a part of a group, put a layer of the mode \u{201c}{}\u{201d} on top of what lies in the group: it becomes the group's mask.",
            Blend::DstIn.label()
        )
    });
    notes
}

/// The file under way.
struct Output<W> {
    file: W,
    /// Bytes so far.
    length: u64,
}

impl<W: Write + Seek> Output<W> {
    fn write<E>(
        mut self,
        document: &Document,
        lines: Vec<Line<'_>>,
        mut step: impl FnMut() -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        let canvas = document.canvas();
        // Lines are counted in 16 bits.
        if i16::try_from(lines.len()).is_err() {
            return Err(Stop::Limit("32,767 layers and ends of groups"));
        }
        let mut done = |length: u64| within_limit(length).and_then(|()| step().map_err(Stop::Told));
        self.put(&head(canvas.size(), document.resolution().unwrap_or(USUAL))?)?;
        self.layers(lines, &mut done)?;
        self.merged(canvas, &mut done)?;
        within_limit(self.length)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The list of layers, and their channels. How long those are stands in the list, which comes before them, and is known after them.
    fn layers<E>(&mut self, mut lines: Vec<Line<'_>>, mut done: impl FnMut(u64) -> Result<(), Stop<E>>) -> Result<(), Stop<E>> {
        if lines.is_empty() {
            return Ok(self.put(&[0; 4])?);
        }
        let place = self.length;
        self.put(&list(&lines, 0))?;
        let begin = self.length;
        for line in &mut lines {
            self.channels(line)?;
            if line.part == Part::Layer {
                done(self.length)?;
            }
        }
        // The list and the channels together are padded to a multiple of four; two lengths stand before them.
        let bare = self.length - place - 8;
        self.put(&[0; 4][..(bare.next_multiple_of(4) - bare) as usize])?;
        let channels = self.length - begin;
        // No mask for all layers.
        self.put(&[0; 4])?;
        self.file.seek(SeekFrom::Start(place))?;
        self.file.write_all(&list(&lines, channels))?;
        self.file.seek(SeekFrom::Start(self.length))?;
        Ok(())
    }

    fn channels(&mut self, line: &mut Line<'_>) -> io::Result<()> {
        let area = line.layer.bounds();
        let planes = match line.layer.raster().filter(|_| !area.is_empty()) {
            Some(grid) => {
                let [red, green, blue, alpha] = channels::<4, io::Error>(area, |band| Ok(grid.copy(band).into_flattened()))?;
                [alpha, red, green, blue].map(Some)
            }
            None => [None, None, None, None],
        };
        let mask = line.mask.map(coverage).transpose()?;
        for (length, plane) in line.lengths.iter_mut().zip(planes.into_iter().chain(mask)) {
            let before = self.length;
            match plane {
                Some(Packed { lengths, rows }) => {
                    self.put(&RUNS)?;
                    self.put(&lengths)?;
                    self.put(&rows)?;
                }
                None => self.put(&RAW)?,
            }
            *length = (self.length - before) as u32;
        }
        Ok(())
    }

    /// What all layers show together.
    fn merged<E>(&mut self, canvas: &Sheet, mut done: impl FnMut(u64) -> Result<(), Stop<E>>) -> Result<(), Stop<E>> {
        let size = canvas.size();
        let planes = channels::<3, Stop<E>>(Rect::of(size), |band| {
            let shown = laid_out(size, band, |area| canvas.composite(area));
            done(self.length)?;
            Ok(on_white(&shown.to_picture(band)).into_raw())
        })?;
        self.put(&RUNS)?;
        planes.iter().try_for_each(|plane| self.put(&plane.lengths))?;
        planes.iter().try_for_each(|plane| self.put(&plane.rows))?;
        Ok(())
    }
}

fn within_limit<E>(length: u64) -> Result<(), Stop<E>> {
    match length > MOST {
        true => Err(Stop::Limit("2 GB")),
        false => Ok(()),
    }
}

/// How much of what lies below a layer keeps; none where it has no pixels.
fn coverage(layer: &Layer) -> io::Result<Option<Packed>> {
    let area = layer.bounds();
    let Some(grid) = layer.raster().filter(|_| !area.is_empty()) else {
        return Ok(None);
    };
    let faded = |[.., alpha]: &[u8; 4]| (f32::from(*alpha) * layer.opacity + 0.5) as u8;
    let [coverage] = channels::<1, io::Error>(area, |band| Ok(grid.copy(band).iter().map(faded).collect()))?;
    Ok(Some(coverage))
}

/// What stands before the layers: size and kind, no palette, and the resources.
fn head([width, height]: [u32; 2], resolution: f32) -> io::Result<Vec<u8>> {
    let mut head = SIGNATURE.to_vec();
    // Version 1, six bytes that nobody uses, and three channels.
    head.extend([0, 1, 0, 0, 0, 0, 0, 0, 0, 3]);
    head.extend(height.to_be_bytes());
    head.extend(width.to_be_bytes());
    // 8 bits a channel, RGB.
    head.extend([0, 8, 0, 3]);
    section(&mut head, &[]);
    let mut resources = Vec::new();
    // Shown in inches, across and down.
    let along = [&((resolution * 65536.0) as u32).to_be_bytes()[..], &[0, 1, 0, 1]].concat();
    resource(&mut resources, RESOLUTION, &along.repeat(2));
    resource(&mut resources, ICC, &srgb_profile()?);
    section(&mut head, &resources);
    Ok(head)
}

fn resource(resources: &mut Vec<u8>, number: u16, data: &[u8]) {
    resources.extend(b"8BIM");
    resources.extend(number.to_be_bytes());
    // It has no name.
    resources.extend([0; 2]);
    section(resources, data);
    resources.resize(resources.len().next_multiple_of(2), 0);
}

/// The section of the layers up to their channels, of which there are `channels` bytes.
fn list(lines: &[Line<'_>], channels: u64) -> Vec<u8> {
    let mut list = (lines.len() as i16).to_be_bytes().to_vec();
    lines.iter().for_each(|line| line.put(&mut list));
    let layers = list.len() as u64 + channels;
    // With its own length, and that of the section that comes after it.
    let [whole, layers] = [layers + 8, layers].map(|length| (length as u32).to_be_bytes());
    [&whole[..], &layers[..], &list[..]].concat()
}
