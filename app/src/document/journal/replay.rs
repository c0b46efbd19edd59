//! Reading a journal: the document that its whole records tell.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use super::{HEAD, MAGIC, NEW, alike, layers};
use crate::document::document::Document;
use crate::document::layer::{Layer, LayerId, Pixels};
use crate::document::openraster;
use crate::document::tile::{Pixel, TILE, TileGrid};

/// Puts together what the journal at `path` tells, after `document`, which the journal before it or a whole copy told.
/// None where there was none before, and the journal has no whole record.
pub fn replay(mut document: Option<Document>, path: &Path) -> io::Result<Option<Document>> {
    let mut records = Records::open(path)?;
    while let Some(body) = records.next()? {
        let Some(next) = Body(&body).apply(document.as_ref()) else {
            break;
        };
        document = Some(next);
    }
    Ok(document)
}

/// Whether the last commit of the journal at `path` had changes that the person had not saved; none where it has no commit.
pub fn last_flag(path: &Path) -> io::Result<Option<bool>> {
    let mut last = None;
    let mut records = Records::open(path)?;
    while let Some(body) = records.next()? {
        last = Some(body.first().is_some_and(|flag| *flag != 0));
    }
    Ok(last)
}

/// The whole records of a journal, in order.
struct Records {
    reader: BufReader<File>,
    left: u64,
}

impl Records {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut left = file.metadata()?.len();
        let mut reader = BufReader::new(file);
        let mut magic = [0; MAGIC.len()];
        match left.checked_sub(MAGIC.len() as u64) {
            Some(rest) => {
                reader.read_exact(&mut magic)?;
                left = rest;
                if magic != MAGIC {
                    return Err(io::Error::other("it is no journal, or of a newer program"));
                }
            }
            None => left = 0,
        }
        Ok(Self { reader, left })
    }

    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(left) = self.left.checked_sub(HEAD) else {
            return Ok(None);
        };
        let mut head = [0; HEAD as usize];
        self.reader.read_exact(&mut head)?;
        let (length, hash) = head.split_at(8);
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        let Some(left) = left.checked_sub(length).filter(|_| length > 0) else {
            return Ok(None);
        };
        let mut body = vec![0; length as usize];
        self.reader.read_exact(&mut body)?;
        self.left = left;
        Ok(Some(body).filter(|body| blake3::hash(body).as_bytes()[..8] == *hash))
    }
}

/// What is not yet read of a body.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// The document after this record; none if it does not fit the one before.
    fn apply(mut self, before: Option<&Document>) -> Option<Document> {
        self.take(1)?;
        let length = self.number()? as usize;
        let mut document = match self.take(length)? {
            [] => before?.clone(),
            outline => self.outlined(outline, before)?,
        };
        let ids: Vec<LayerId> = layers(&document).map(|layer| layer.id).collect();
        while !self.0.is_empty() {
            let [layer, column, row] = [self.number()?, self.number()?, self.number()?];
            let length = self.number()? as usize;
            let packed = self.take(length)?;
            match &mut document.layer_mut(*ids.get(layer as usize)?)?.pixels {
                Pixels::Raster(grid) => unpack(grid, column, row, packed)?,
                Pixels::Mask(grid) => unpack(grid, column, row, packed)?,
                Pixels::Group(_) => return None,
            }
        }
        if length > 0 {
            // What goes with a layer's pixels alone is in the outline where they are as they came, and only there.
            for id in ids {
                let layer = document.layer_mut(id)?;
                layer.foreign_stamp = layer.stamp();
            }
        }
        Some(document)
    }

    /// The layers of an outline, with the pixels that they had before.
    fn outlined(&mut self, outline: &[u8], before: Option<&Document>) -> Option<Document> {
        let mut document = openraster::read(Cursor::new(outline), Path::new("the journal"))
            .ok()?
            .document;
        let old: Vec<&Layer> = before.into_iter().flat_map(layers).collect();
        let ids: Vec<LayerId> = layers(&document).map(|layer| layer.id).collect();
        for id in ids {
            let source = self.number()?;
            if source != NEW {
                let pixels = &old.get(source as usize)?.pixels;
                let layer = document.layer_mut(id)?;
                if alike(pixels, &layer.pixels) {
                    layer.pixels = pixels.clone();
                }
            }
        }
        if let Some(before) = before {
            document.foreign = before.foreign.clone();
        }
        Some(document)
    }
}

fn unpack<P: Pixel + bytemuck::Pod>(grid: &mut TileGrid<P>, column: u32, row: u32, packed: &[u8]) -> Option<()> {
    if column >= grid.columns() || row >= grid.rows() {
        return None;
    }
    if packed.is_empty() {
        grid.clear_tile(column, row);
        return Some(());
    }
    let size = (TILE * TILE) as usize * size_of::<P>();
    let bytes = lz4_flex::block::decompress(packed, size)
        .ok()
        .filter(|bytes| bytes.len() == size)?;
    grid.tile_mut(column, row).copy_from_slice(bytemuck::cast_slice(&bytes));
    Some(())
}
