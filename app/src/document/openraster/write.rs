//! Saving.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Cursor, Seek, Write};
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbaImage};
use picture::{replace_file, within};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::clipping::{self, Part};
use super::stack::{self, Content, Node, Stack};
use super::{FOLDED, MERGED, MIMETYPE, OPERATOR, OURS, OurLayer, Ours, STACK, THUMBNAIL, shows_elsewhere};
use crate::document::blend::Blend;
use crate::document::document::{Document, Side};
use crate::document::error::DocumentError;
use crate::document::layer::{Layer, LayerId, Pixels};
use crate::document::rect::Rect;
use crate::document::sheet::Sheet;
use crate::document::thumbnail::reduced;

/// Longest side of the thumbnail.
const THUMBNAIL_SIDE: u32 = 256;

/// Writes the document to `path`, whole or not at all.
pub fn save(document: &Document, path: &Path) -> Result<(), DocumentError> {
    save_marked(document, path, "")
}

/// As [`save`], with a mark on the file, 64 KB at most, for [`super::mark_of`]. Whatever saves the document again leaves it out: a file with a mark is as it was
/// written.
pub fn save_marked(document: &Document, path: &Path, mark: &str) -> Result<(), DocumentError> {
    replace_file(path, |file| {
        let mut archive = Archive::new(file, Extent::Whole);
        archive.zip.set_comment(mark)?;
        archive.write(document)
    })
    .map_err(|source| DocumentError::Write {
        path: path.to_owned(),
        source,
    })
}

/// The document as a file with blank layers: which layers there are and how they show, in few bytes. The same layers give the same bytes.
/// `foreign`: with the entries that we do not know.
pub fn outline(document: &Document, foreign: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    Archive::new(&mut bytes, Extent::Outline { foreign }).write(document)?;
    Ok(bytes.into_inner())
}

#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Whole,
    /// Without pixels and merged picture; with or without the entries that we do not know.
    Outline {
        foreign: bool,
    },
}

/// The file under way. PNG entries are stored: they are compressed already.
struct Archive<W: Write + Seek> {
    zip: ZipWriter<W>,
    extent: Extent,
    written: HashSet<String>,
}

impl<W: Write + Seek> Archive<W> {
    fn new(file: W, extent: Extent) -> Self {
        Self {
            zip: ZipWriter::new(file),
            extent,
            written: HashSet::new(),
        }
    }

    fn write(mut self, document: &Document) -> io::Result<()> {
        let mut ours = Ours {
            settings: document.settings.clone(),
            reference: document.sheet(Side::Reference).map(Sheet::size),
            background: document.sheet(Side::Background).map(Sheet::size),
            ..Ours::default()
        };
        self.entry("mimetype", CompressionMethod::Stored, MIMETYPE.as_bytes())?;
        let size = document.canvas().size();
        let mut nodes = self.nodes(document.canvas(), None, &mut ours)?;
        let mut reference = Vec::new();
        for side in [Side::Reference, Side::Background] {
            if let Some(sheet) = document.sheet(side) {
                reference.extend(self.nodes(sheet, None, &mut ours)?);
            }
        }
        if !reference.is_empty() {
            nodes.push(Node {
                visible: false,
                ..Node::group("Reference side", reference)
            });
        }
        let stack = stack::write(&Stack {
            size,
            nodes,
            foreign: document.foreign_attributes.to_vec(),
            unknown: BTreeSet::new(),
        })?;
        self.entry(STACK, CompressionMethod::Deflated, &stack)?;
        let text = ron::ser::to_string_pretty(&ours, ron::ser::PrettyConfig::default()).map_err(io::Error::other)?;
        self.entry(OURS, CompressionMethod::Deflated, text.as_bytes())?;
        if self.extent == Extent::Whole {
            let merged = document.composite(Rect::of(size));
            self.picture(THUMBNAIL, &thumbnail(&merged))?;
            self.picture(MERGED, &merged)?;
        }
        if self.extent != (Extent::Outline { foreign: false }) {
            for entry in document.foreign.iter() {
                if !self.written.contains(&entry.name) {
                    self.entry(&entry.name, CompressionMethod::Deflated, &entry.bytes)?;
                }
            }
        }
        self.zip.finish()?;
        Ok(())
    }

    /// Writes the pixels of a group's layers, or of the sheet's own, and what is ours of them; their part of the stack, from the top down.
    fn nodes(&mut self, sheet: &Sheet, parent: Option<LayerId>, ours: &mut Ours) -> io::Result<Vec<Node>> {
        let mut siblings = Vec::new();
        for layer in sheet.children(parent).rev() {
            let content = if layer.is_group() {
                Content::Group(self.nodes(sheet, Some(layer.id), ours)?)
            } else {
                let src = format!("data/shiage-{:03}.png", ours.layers.len());
                let at = self.layer(&src, layer)?;
                let saved = OurLayer {
                    role: layer.role,
                    visible: layer.visible,
                    alpha_locked: layer.alpha_locked,
                    recipe: layer.recipe.clone(),
                    picked: layer.picked,
                    set_aside: layer.set_aside,
                };
                ours.layers.insert(src.clone(), saved);
                Content::Layer { src, at }
            };
            let node = Node {
                name: layer.name.clone(),
                opacity: layer.opacity,
                visible: layer.visible && shows_elsewhere(layer.role),
                locked: layer.locked,
                operator: operator(layer).to_owned(),
                mark: layer.folded.then(|| FOLDED.to_owned()),
                foreign: layer.foreign.iter().filter(|(name, _)| stays(layer, name)).cloned().collect(),
                content,
            };
            let part = match (layer.role.is_remark(), layer.clip) {
                (true, _) => Part::Remark,
                (false, true) => Part::Clipped,
                (false, false) => Part::Plain,
            };
            siblings.push((node, part));
        }
        Ok(clipping::wrap(siblings))
    }

    /// Writes a layer's painted tiles as one picture; where it lies. A blank layer is one blank pixel.
    fn layer(&mut self, src: &str, layer: &Layer) -> io::Result<[i32; 2]> {
        let pixels = match self.extent {
            Extent::Whole => layer.pixels.clone(),
            Extent::Outline { .. } => layer.pixels.blank(),
        };
        let bounds = pixels.bounds();
        let area = if bounds.is_empty() { Rect::new(0, 0, 1, 1) } else { bounds };
        match &pixels {
            Pixels::Raster(grid) => self.picture(src, &grid.to_picture(area))?,
            Pixels::Mask(grid) => {
                let gray = grid.to_gray(area);
                self.png(src, gray.as_raw(), gray.dimensions(), ExtendedColorType::L8)?;
            }
            Pixels::Group(_) => {}
        }
        Ok([area.left as i32, area.top as i32])
    }

    fn picture(&mut self, name: &str, picture: &RgbaImage) -> io::Result<()> {
        self.png(name, picture.as_raw(), picture.dimensions(), ExtendedColorType::Rgba8)
    }

    fn png(&mut self, name: &str, bytes: &[u8], (width, height): (u32, u32), color: ExtendedColorType) -> io::Result<()> {
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
        encoder.write_image(bytes, width, height, color).map_err(io::Error::other)?;
        self.entry(name, CompressionMethod::Stored, &png)
    }

    fn entry(&mut self, name: &str, method: CompressionMethod, bytes: &[u8]) -> io::Result<()> {
        let large = bytes.len() > 0xFFFF_0000;
        self.zip.start_file(
            name,
            SimpleFileOptions::default().compression_method(method).large_file(large),
        )?;
        self.written.insert(name.to_owned());
        self.zip.write_all(bytes)
    }
}

/// Whether an attribute of another program goes back as it is.
fn stays(layer: &Layer, name: &str) -> bool {
    // MyPaint shows such a picture, repeated without end, in the place of the layer's pixels: of those that were painted on nothing would be seen.
    let is_in_their_place = name == "background_tile" || name.ends_with(":background-tile");
    name != OPERATOR && !(is_in_their_place && layer.stamp() != layer.foreign_stamp)
}

/// Another program's operator goes back as it came, unless a person chose one of ours.
fn operator(layer: &Layer) -> &str {
    let theirs = layer.foreign.iter().find(|(name, _)| name == OPERATOR);
    match theirs {
        Some((_, operator)) if layer.blend == Blend::Normal => operator,
        _ => layer.blend.operator(),
    }
}

fn thumbnail(picture: &RgbaImage) -> RgbaImage {
    let (width, height) = picture.dimensions();
    let size = within((width, height), THUMBNAIL_SIDE);
    if size == (width, height) {
        return picture.clone();
    }
    let all = width.max(height).div_ceil(THUMBNAIL_SIDE);
    reduced([width, height], size.into(), all, |x, y| picture.get_pixel(x, y).0)
}
