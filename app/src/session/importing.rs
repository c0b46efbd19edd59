//! Files that become layers of the open document. They are read away from the window.

use std::path::{Path, PathBuf};

use image::RgbaImage;
use picture::Picture;

use super::clipboard::placed;
use super::opened::{Opened, stem};
use super::regions::Found;
use super::{Notice, Session};
use crate::document::{self, DocumentError, FileKind, Layer, LayerId, Pixels, Place, Rect, Role, Sheet, Side, TileGrid};

/// A file's picture on a canvas.
pub(super) struct Imported {
    name: String,
    pixels: TileGrid<[u8; 4]>,
    /// What there is to say of it.
    note: Option<String>,
}

impl Imported {
    /// Reads a picture, or what a document shows, for the middle of a canvas of `size` `[width, height]`.
    fn read(path: &Path, size: [u32; 2]) -> Result<Self, DocumentError> {
        let (picture, warning) = shown(path)?;
        let (width, height) = picture.dimensions();
        let at = placed([width, height], size.map(|side| side as f32 / 2.0), size);
        let cut = width > size[0] || height > size[1];
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let words = format!("{name} is larger than the canvas: what reaches outside was cut off.");
        Ok(Self {
            name: stem(path),
            pixels: TileGrid::with_pixels(size, at, width, picture.as_chunks().0),
            note: warning.or(cut.then_some(words)),
        })
    }
}

/// What a file shows, and what is wrong with it.
fn shown(path: &Path) -> Result<(RgbaImage, Option<String>), DocumentError> {
    let opened = match FileKind::of(path) {
        FileKind::Picture => {
            let picture = Picture::open(path)?;
            let warning = picture.warning.as_ref();
            let warning = warning.map(|warning| format!("{} {warning}.", path.display()));
            return Ok((picture.into_rgba(), warning));
        }
        FileKind::OpenRaster => document::open(path)?,
        FileKind::Psd => document::open_psd(path)?,
    };
    let document = opened.document;
    Ok((document.composite(Rect::of(document.canvas().size())), None))
}

/// Every file as a layer, and why others are none.
fn read(paths: &[PathBuf], size: [u32; 2]) -> (Vec<Imported>, Vec<String>) {
    let (mut layers, mut troubles) = (Vec::new(), Vec::new());
    for path in paths {
        match Imported::read(path, size) {
            Ok(layer) => layers.push(layer),
            Err(error) => troubles.push(error.to_string()),
        }
    }
    troubles.extend(layers.iter_mut().filter_map(|layer| layer.note.take()));
    (layers, troubles)
}

/// Lays them over `target` in their order; the topmost.
fn lay(canvas: &mut Sheet, layers: Vec<Imported>, target: LayerId) -> Option<LayerId> {
    let mut top = None;
    for Imported { name, pixels, .. } in layers {
        let layer = Layer::new(Role::Paint, &canvas.free_name(&name), Pixels::Raster(pixels));
        let id = layer.id;
        let place = top.map_or_else(|| canvas.place_of_new(target), Place::Above);
        top = canvas.insert(layer, place).then_some(id).or(top);
    }
    top
}

impl Opened {
    /// Lays a layer for each file over what was opened, under the lines.
    pub fn add_layers(&mut self, paths: &[PathBuf]) {
        let canvas = self.document.canvas_mut();
        let (layers, troubles) = read(paths, canvas.size());
        let top = canvas.layers().next_back().map(|layer| layer.id);
        if let Some(top) = top {
            lay(canvas, layers, top);
        }
        self.notes.extend(troubles);
    }
}

impl Session {
    /// Makes a layer of each file, as one change: over the layer that is chosen, the first file lowest.
    pub fn import_layers(&mut self, paths: Vec<PathBuf>) {
        let Some(document) = &self.document else { return };
        let (size, opened) = (document.canvas().size(), self.opened);
        self.find(move || {
            let (layers, troubles) = read(&paths, size);
            Found::Imported {
                opened,
                layers,
                troubles,
            }
        });
    }

    pub(super) fn place_imported(&mut self, layers: Vec<Imported>, troubles: Vec<String>) {
        if let Some(target) = self.target(Side::Canvas).filter(|_| !layers.is_empty()) {
            let label = if layers.len() == 1 {
                "Import a layer"
            } else {
                "Import layers"
            };
            let top = self.edit(label, |document| lay(document.canvas_mut(), layers, target));
            top.into_iter().for_each(|layer| self.select(layer));
        }
        if !troubles.is_empty() {
            self.notice = Some(Notice::error(troubles.join(" ")));
        }
    }
}
