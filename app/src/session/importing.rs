//! Files that become layers of the open document. They are read away from the window.

use std::path::{Path, PathBuf};

use image::RgbaImage;

use super::answer::Answer;
use super::clipboard::placed;
use super::filing::NOT_TAKEN_IN;
use super::opened::{Opened, read_picture, stem};
use super::{Notice, Session, sentence};
use crate::document::{self, DocumentError, FileKind, Layer, LayerId, Pixels, Place, Rect, Role, Sheet, Side, TileGrid};

/// A file's picture on a canvas.
struct Imported {
    name: String,
    pixels: TileGrid<[u8; 4]>,
    /// What there is to say of it.
    notes: Vec<String>,
}

impl Imported {
    /// Reads a picture, or what a document shows, for the middle of a canvas of `size` `[width, height]`.
    fn read(path: &Path, size: [u32; 2]) -> Result<Self, DocumentError> {
        let (picture, mut notes) = shown(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (width, height) = picture.dimensions();
        let at = placed([width, height], size.map(|side| side as f32 / 2.0), size);
        if width > size[0] || height > size[1] {
            notes.push(format!("{name} is larger than the canvas: what reaches outside was cut off."));
        }
        Ok(Self {
            name: stem(path),
            pixels: TileGrid::with_pixels(size, at, width, picture.as_chunks().0),
            notes,
        })
    }
}

/// What a file shows, and what of it could not be read, or is wrong with it.
fn shown(path: &Path) -> Result<(RgbaImage, Vec<String>), DocumentError> {
    let opened = match FileKind::of(path) {
        FileKind::Picture => {
            let (picture, warning) = read_picture(path)?;
            return Ok((picture.into_rgba(), warning.into_iter().collect()));
        }
        FileKind::OpenRaster => document::open(path)?,
        FileKind::Psd => document::open_psd(path)?,
    };
    let document::Opened { document, notes, .. } = opened;
    let picture = document.composite(Rect::of(document.canvas().size()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((picture, notes.iter().map(|note| format!("{name}: {note}")).collect()))
}

/// Every file as a layer, and why others are none.
fn read(paths: &[PathBuf], size: [u32; 2]) -> (Vec<Imported>, Vec<String>) {
    let (mut layers, mut troubles) = (Vec::new(), Vec::new());
    for path in paths {
        match Imported::read(path, size) {
            Ok(layer) => layers.push(layer),
            Err(error) => troubles.push(sentence(&error)),
        }
    }
    troubles.extend(layers.iter_mut().flat_map(|layer| std::mem::take(&mut layer.notes)));
    (layers, troubles)
}

/// Lays them over `target` in their order; the topmost.
fn lay(canvas: &mut Sheet, layers: Vec<Imported>, target: LayerId) -> Option<LayerId> {
    let mut top = None;
    for Imported { name, pixels, .. } in layers {
        let mut layer = Layer::new(Role::Paint, &canvas.free_name(&name), Pixels::Raster(pixels));
        let id = layer.id;
        let place = top.map_or_else(|| canvas.place_of_new(target), Place::Above);
        layer.clip = canvas.is_within_clipping(place);
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
        let size = document.canvas().size();
        self.find_or_warn(NOT_TAKEN_IN, move || {
            let (layers, troubles) = read(&paths, size);
            Answer::new(move |session| session.place_imported(layers, troubles))
        });
    }

    fn place_imported(&mut self, layers: Vec<Imported>, troubles: Vec<String>) {
        let canvas = layers.first().map(|layer| layer.pixels.size());
        if canvas.is_some_and(|size| !self.check_canvas(size)) {
            return;
        }
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use image::RgbaImage;

    use super::*;

    #[test]
    fn what_of_a_document_could_not_be_read_is_told_with_its_layer() {
        let folder = tempfile::tempdir().unwrap();
        let [picture, path] = ["a.png", "big.ora"].map(|name| folder.path().join(name));
        RgbaImage::new(8, 8).save(&picture).unwrap();
        let stack =
            br#"<image w="8" h="8"><stack><layer name="ink" src="data/a.png" composite-op="svg:vivid-light"/></stack></image>"#;
        let mut file = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (entry, bytes) in [("stack.xml", &stack[..]), ("data/a.png", &std::fs::read(&picture).unwrap())] {
            file.start_file(entry, zip::write::SimpleFileOptions::default()).unwrap();
            file.write_all(bytes).unwrap();
        }
        file.finish().unwrap();
        let (layers, troubles) = read(&[path], [4, 4]);
        assert_eq!(layers.len(), 1);
        let [mode, cut] = &troubles[..] else {
            panic!("{troubles:?}");
        };
        assert!(
            mode.starts_with("big.ora: Blend modes") && mode.contains("ink: svg:vivid-light"),
            "{mode}"
        );
        assert!(cut.starts_with("big.ora is larger than the canvas"), "{cut}");
    }
}
