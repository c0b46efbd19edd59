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

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Write};
use std::path::Path;

use super::document::Document;
use super::layer::{Layer, LayerId, Pixels};
use super::openraster;
use super::sheet::Sheet;
use super::tile::{Pixel, Rect, TILE, Tile, TileGrid};

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
        let mut file = File::options().append(true).create_new(true).open(path)?;
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
            .write_all(&head)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Role;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn drawing() -> Document {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(300, 270, Rgba([9, 9, 9, 255]))).unwrap();
        document
            .set_reference(Some(&RgbaImage::from_pixel(40, 30, Rgba([200, 0, 0, 255]))))
            .unwrap();
        document
    }

    fn dot(document: &mut Document, role: Role, value: u8) {
        let id = document.by_role(role).unwrap().id;
        if let Pixels::Mask(grid) = &mut document.layer_mut(id).unwrap().pixels {
            grid.tile_mut(0, 0)[3] = value;
        }
    }

    /// Everything that a person would miss.
    fn describe(document: &Document) -> Vec<(String, Role, bool, Option<String>, blake3::Hash)> {
        layers(document)
            .map(|layer| {
                let area = Rect::of(layer.size());
                let pixels = match &layer.pixels {
                    Pixels::Raster(grid) => blake3::hash(grid.to_picture(area).as_raw()),
                    Pixels::Mask(grid) => blake3::hash(grid.to_gray(area).as_raw()),
                    Pixels::Group(_) => blake3::hash(&[]),
                };
                (layer.name.clone(), layer.role, layer.visible, layer.recipe.clone(), pixels)
            })
            .collect()
    }

    /// A drawing, two strokes, a take, another reference, and the settings: each state after one commit.
    fn history() -> Vec<Document> {
        let mut document = drawing();
        let mut states = vec![document.clone()];
        let steps: [&dyn Fn(&mut Document); 7] = [
            &|document| dot(document, Role::SketchMask, 255),
            &|document| dot(document, Role::ReferenceMask, 100),
            &|document| {
                document.place_take(&RgbImage::from_pixel(300, 270, Rgb([1, 2, 3])), "(seed: 1)".into());
            },
            &|document| {
                document
                    .set_reference(Some(&RgbaImage::from_pixel(600, 20, Rgba([1; 4]))))
                    .unwrap()
            },
            &|document| {
                let sketch = document.by_role(Role::Sketch).unwrap().id;
                document.canvas_mut().group(sketch).unwrap();
            },
            &|document| document.settings = Some("(seed: 9)".into()),
            &|document| dot(document, Role::SketchMask, 7),
        ];
        for step in steps {
            step(&mut document);
            states.push(document.clone());
        }
        states
    }

    #[test]
    fn every_state_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal");
        let mut journal = Journal::create(&path).unwrap();
        assert!(replay(None, &path).unwrap().is_none());
        for (step, state) in history().iter().enumerate() {
            journal.commit(state, step > 0).unwrap();
            let document = replay(None, &path).unwrap().unwrap();
            assert_eq!(describe(&document), describe(state), "after step {step}");
            assert_eq!(document.settings, state.settings);
            assert_eq!(last_flag(&path).unwrap(), Some(step > 0));
        }
    }

    #[test]
    fn a_stroke_costs_its_tiles_and_saving_next_to_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal");
        let size = || std::fs::metadata(&path).unwrap().len();
        let mut journal = Journal::create(&path).unwrap();
        let mut document = drawing();
        journal.commit(&document, false).unwrap();
        let whole = size();
        dot(&mut document, Role::SketchMask, 255);
        journal.commit(&document, true).unwrap();
        assert!(size() - whole < 2000, "a tile of one dot takes {} bytes", size() - whole);
        let stroked = size();
        journal.commit(&document, true).unwrap();
        assert_eq!(size(), stroked, "nothing has changed");
        journal.commit(&document, false).unwrap();
        assert_eq!(size() - stroked, HEAD + 5);
        assert_eq!(last_flag(&path).unwrap(), Some(false));
    }

    #[test]
    fn a_kill_at_any_byte_loses_no_earlier_commit() {
        let folder = tempfile::tempdir().unwrap();
        let (path, cut) = (folder.path().join("a.journal"), folder.path().join("cut.journal"));
        let mut journal = Journal::create(&path).unwrap();
        let mut ends = Vec::new();
        let states = history();
        for state in &states {
            journal.commit(state, true).unwrap();
            ends.push(journal.length);
        }
        let bytes = std::fs::read(&path).unwrap();
        // Every byte near the ends of records, and a share of those between.
        let near = |at: usize| ends.iter().any(|end| end.abs_diff(at as u64) < 24);
        for at in (0..=bytes.len()).filter(|at| near(*at) || at % 97 == 0) {
            std::fs::write(&cut, &bytes[..at]).unwrap();
            let whole = ends.iter().filter(|end| **end <= at as u64).count();
            let told = replay(None, &cut).unwrap();
            assert_eq!(
                told.as_ref().map(describe),
                whole.checked_sub(1).map(|last| describe(&states[last])),
                "cut at byte {at}"
            );
        }
    }

    #[test]
    fn a_flipped_bit_ends_the_journal_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal");
        let mut journal = Journal::create(&path).unwrap();
        let states = history();
        journal.commit(&states[0], true).unwrap();
        let first = journal.length as usize;
        journal.commit(&states[1], true).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[first + 40] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(describe(&replay(None, &path).unwrap().unwrap()), describe(&states[0]));
    }

    #[test]
    fn the_next_journal_goes_on_from_a_whole_copy() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second, copy] = ["0.journal", "1.journal", "1.ora"].map(|name| folder.path().join(name));
        let states = history();
        let mut journal = Journal::create(&first).unwrap();
        for state in &states[..4] {
            journal.commit(state, true).unwrap();
        }
        openraster::save(journal.document().unwrap(), &copy).unwrap();
        let mut journal = journal.next(&second).unwrap();
        for state in &states[4..] {
            journal.commit(state, true).unwrap();
        }
        let last = describe(&states[states.len() - 1]);
        let copied = openraster::open(&copy).unwrap().document;
        let told = replay(Some(copied), &second).unwrap().unwrap();
        assert_eq!(describe(&told), last, "after the copy");
        let told = replay(replay(None, &first).unwrap(), &second).unwrap().unwrap();
        assert_eq!(describe(&told), last, "without it");
    }
}
