//! The journal: every change of a document, appended as it is made, so that what a program had when it died can be put together again.
//!
//! | part | content |
//! |---|---|
//! | `shiage journal 1` and a line feed | what the file is |
//! | record | length of its body (8 bytes), start of the body's blake3 hash (8 bytes), body |
//! | body | modified (1), length of the outline (4), outline, for each of its layers the layer before whose pixels it has (4), tiles to the end |
//! | outline | which layers there are: an OpenRaster file with blank pixels. Of length 0, and without layers after it: as before |
//! | tile | layer, column, row, length (4 each), pixels packed by LZ4; length 0: blank |
//!
//! Numbers are little-endian. Layers are counted over all sheets, from the bottom up. A record that was cut off ends the journal: at whatever byte a
//! kill came, everything before it counts.

mod replay;

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use super::document::Document;
use super::layer::{Layer, Pixels};
use super::openraster;
use super::rect::Rect;
use super::sheet::Sheet;
use super::tile::{Pixel, Tile, TileGrid};
pub use replay::{last_flag, replay};

const MAGIC: &[u8] = b"shiage journal 1\n";
/// Bytes of a record before its body.
const HEAD: u64 = 16;
/// In place of a layer before: it is new, and blank.
const NEW: u32 = u32::MAX;

/// A journal under way.
pub struct Journal {
    file: File,
    /// Bytes of whole records.
    length: u64,
    known: Option<Known>,
}

/// What the records say so far.
#[derive(Clone)]
struct Known {
    document: Document,
    outline: Vec<u8>,
    modified: bool,
}

impl Journal {
    /// Starts a file at `path`. The first commit will hold the whole document.
    pub fn create(path: &Path) -> io::Result<Self> {
        // Not for appending: such a file cannot be cut on Windows.
        let mut file = File::options().write(true).create_new(true).open(path)?;
        file.write_all(MAGIC)?;
        Ok(Self {
            file,
            length: MAGIC.len() as u64,
            known: None,
        })
    }

    /// Starts a file at `path` for what comes after the last commit here.
    pub fn next(&self, path: &Path) -> io::Result<Self> {
        let mut next = Self::create(path)?;
        if let Some(known) = &self.known {
            next.append(&body(Some(known), &known.document, &[], known.modified))?;
            next.known = Some(known.clone());
        }
        Ok(next)
    }

    /// The document as it was at the last commit.
    pub fn document(&self) -> Option<&Document> {
        self.known.as_ref().map(|known| &known.document)
    }

    /// Appends what differs from the last commit, and waits until it is on disk. `modified`: there are changes that the person has not saved.
    /// A commit that fails leaves the journal as it was; the next one holds its changes too.
    pub fn commit(&mut self, document: &Document, modified: bool) -> io::Result<()> {
        let outline = openraster::outline(document, false)?;
        let known = self.known.as_ref();
        let same = known.is_some_and(|known| known.outline == outline);
        let written = match known {
            Some(_) if same => Vec::new(),
            Some(_) => outline.clone(),
            None => openraster::outline(document, true)?,
        };
        let body = body(known, document, &written, modified);
        let empty = 1 + 4;
        if body.len() > empty || known.is_none_or(|known| known.modified != modified) {
            self.append(&body)?;
        }
        self.known = Some(Known {
            document: document.clone(),
            outline,
            modified,
        });
        Ok(())
    }

    fn append(&mut self, body: &[u8]) -> io::Result<()> {
        let mut head = (body.len() as u64).to_le_bytes().to_vec();
        head.extend_from_slice(&blake3::hash(body).as_bytes()[..8]);
        let written = self
            .file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.write_all(&head))
            .and_then(|()| self.file.write_all(body))
            .and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += HEAD + body.len() as u64,
            // What follows a torn record would never be read.
            Err(_) => self.file.set_len(self.length)?,
        }
        written
    }
}

/// All layers, as the journal counts them.
fn layers(document: &Document) -> impl Iterator<Item = &Layer> {
    document.sheets().flat_map(Sheet::layers)
}

/// A record's body. `outline`: empty where the layers are those of `known`.
fn body(known: Option<&Known>, document: &Document, outline: &[u8], modified: bool) -> Vec<u8> {
    let before: Vec<&Layer> = known.iter().flat_map(|known| layers(&known.document)).collect();
    let mut body = vec![u8::from(modified)];
    put(&mut body, &[outline.len() as u32]);
    body.extend_from_slice(outline);
    let mut sources = Vec::new();
    for (index, layer) in layers(document).enumerate() {
        let source = match outline.is_empty() {
            true => Some(index),
            false => before
                .iter()
                .position(|old| old.id == layer.id && alike(&old.pixels, &layer.pixels)),
        };
        sources.push(source);
        if !outline.is_empty() {
            put(&mut body, &[source.map_or(NEW, |source| source as u32)]);
        }
    }
    for (index, (layer, source)) in layers(document).zip(sources).enumerate() {
        let old = source.and_then(|source| before.get(source));
        match &layer.pixels {
            Pixels::Raster(grid) => tiles(&mut body, index as u32, old.and_then(|old| old.raster()), grid),
            Pixels::Mask(grid) => tiles(&mut body, index as u32, old.and_then(|old| old.mask()), grid),
            Pixels::Group(_) => {}
        }
    }
    body
}

/// Whether tiles of the one have their place in the other.
fn alike(a: &Pixels, b: &Pixels) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b) && a.size() == b.size()
}

fn put(body: &mut Vec<u8>, numbers: &[u32]) {
    body.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// The tiles of `after` that are not those of `before`.
fn tiles<P: Pixel + bytemuck::Pod>(body: &mut Vec<u8>, layer: u32, before: Option<&TileGrid<P>>, after: &TileGrid<P>) {
    for span in after.spans(Rect::of(after.size())) {
        let new = after.tile(span.column, span.row);
        let old = before.and_then(|before| before.tile(span.column, span.row));
        if new.map(Tile::revision) == old.map(Tile::revision) {
            continue;
        }
        let packed = new.map(|tile| lz4_flex::block::compress(bytemuck::cast_slice(tile.pixels())));
        let packed = packed.unwrap_or_default();
        put(body, &[layer, span.column, span.row, packed.len() as u32]);
        body.extend_from_slice(&packed);
    }
}

#[cfg(test)]
mod tests;
