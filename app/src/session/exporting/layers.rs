//! Every layer that shows as a picture of its own.

use std::path::{Path, PathBuf};

use picture::{Format, Picture, Samples, distinct};

use crate::document::{Document, Layer, Rect, Step, TileGrid, save_picture};
use crate::files::{Meter, make_folder};
use crate::gallery::export::ExportError;
use crate::session::Session;
use crate::session::writing::Written;

impl Session {
    /// Writes every layer that shows into a folder.
    pub(in crate::session) fn write_layers(&mut self, folder: PathBuf) {
        self.write_when_still(
            move |session| session.write_layers_to(folder),
            |session| session.outgoing.saving.call_off(),
        );
    }

    fn write_layers_to(&mut self, folder: PathBuf) {
        let Some(document) = self.document.clone() else { return };
        let count = shown(&document).len();
        if count == 0 {
            return self.refuse_to_write("No layer is visible, so there is nothing to save. Show the layers that you want.");
        }
        let title = self.filed.title.clone();
        self.write(count, move |meter| {
            write_all(&document, &title, &folder, meter)?;
            Ok(Written::Layers { count, folder })
        });
    }
}

/// What is laid on the canvas, from the bottom up; groups are none themselves, and masks and hints no part of the picture.
fn shown(document: &Document) -> Vec<(&Layer, &TileGrid<[u8; 4]>)> {
    let laid = document.canvas().steps().into_iter().filter_map(|step| match step {
        Step::Lay(layer, _) => Some((layer, layer.raster()?)),
        Step::Push(_) | Step::Pop(_) => None,
    });
    laid.collect()
}

/// Each layer as a PNG of the canvas's size that keeps what is transparent: its pixels as they are, for whoever lays them over each other sets opacities and
/// blend modes again.
fn write_all(document: &Document, title: &str, folder: &Path, meter: &Meter) -> Result<(), ExportError> {
    make_folder(folder).map_err(ExportError::Folder)?;
    let layers = shown(document);
    let names: Vec<String> = layers.iter().map(|(layer, _)| format!("{title} {}", layer.name)).collect();
    let names = distinct(names.iter().map(String::as_str));
    let whole = Rect::of(document.canvas().size());
    for (name, (_, grid)) in names.iter().zip(layers) {
        let path = folder.join(format!("{name}.png"));
        let picture = grid.to_picture(whole);
        match path.exists() {
            false => save_picture(Samples::from(&picture).at(document.resolution()), Format::Png, &path)?,
            true if Picture::open(&path).is_ok_and(|there| there.into_rgba() == picture) => {}
            true => return Err(ExportError::Exists { path }),
        }
        meter.step()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;
    use crate::document::{LayerId, Pixels, Place, Role};

    const SIZE: [u32; 2] = [40, 30];

    fn paint(document: &mut Document, name: &str, color: [u8; 4], place: Place) -> LayerId {
        let grid = TileGrid::with_pixels(SIZE, [3, 4], 10, &[color; 100]);
        let layer = Layer::new(Role::Paint, name, Pixels::Raster(grid));
        let id = layer.id;
        assert!(document.canvas_mut().insert(layer, place));
        id
    }

    #[test]
    fn every_layer_that_shows_is_a_picture_that_keeps_what_is_transparent() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(SIZE[0], SIZE[1], Rgba([255; 4]))).unwrap();
        let take = document.place_take(&RgbImage::from_pixel(SIZE[0], SIZE[1], Rgb([200, 30, 30])), String::new());
        let shade = paint(&mut document, "shade: 1/2", [0, 0, 200, 128], Place::Above(take));
        let group = document.canvas_mut().group(shade).unwrap();
        paint(&mut document, "Shade: 1/2", [9, 9, 9, 255], Place::Into(group));
        let hidden = paint(&mut document, "hidden", [9; 4], Place::Into(group));
        document.layer_mut(hidden).unwrap().visible = false;
        document.layer_mut(shade).unwrap().opacity = 0.5;
        document.add_hints(None);
        let folder = tempfile::tempdir().unwrap();
        let write = || write_all(&document, "girl", &folder.path().join("new"), &Meter::default());
        write().unwrap();
        let mut names: Vec<String> = (std::fs::read_dir(folder.path().join("new")).unwrap())
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = [
            "girl Shade  1 2-2.png",
            "girl Sketch.png",
            "girl Take 1.png",
            "girl shade  1 2.png",
        ];
        assert_eq!(names, expected);
        let open = |name: &str| Picture::open(&folder.path().join("new").join(name)).unwrap().into_rgba();
        let picture = open("girl shade  1 2.png");
        assert_eq!(picture.dimensions(), (SIZE[0], SIZE[1]));
        let pixels = [[3, 4], [12, 13], [13, 13]].map(|[x, y]| picture.get_pixel(x, y).0);
        assert_eq!(
            pixels,
            [[0, 0, 200, 128], [0, 0, 200, 128], [0; 4]],
            "its own opacity is not in it"
        );
        write().unwrap();
    }

    #[test]
    fn no_file_of_another_picture_is_written_over() {
        let document = Document::from_sketch(&RgbaImage::from_pixel(SIZE[0], SIZE[1], Rgba([255; 4]))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("girl Sketch.png");
        std::fs::write(&path, "mine").unwrap();
        let refused = write_all(&document, "girl", folder.path(), &Meter::default());
        assert!(matches!(refused, Err(ExportError::Exists { path: taken }) if taken == path));
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    }
}
