//! All that shows, made one layer.
//!
//! What the program works with by its role stays a layer of its own: masks and hints are no part of the picture and are left alone; the sketch and the takes
//! are in the merged picture and lie hidden over it, so that the drawing can be coloured again, a recipe brought back, and a take looked at. What of the
//! sketch lies over all else stays as it is, for lines to be drawn on it, and only what lies below is merged.

use image::RgbaImage;
use rayon::prelude::*;

use super::arrange::Place;
use super::composite::Step;
use super::layer::{Layer, LayerId, Pixels, Role};
use super::rect::Rect;
use super::sheet::Sheet;
use super::tile::{TileGrid, TileSpan};

/// Tiles that are composed before they are laid down: what is in memory twice at a time, 16 MB.
const BATCH: usize = 64;

/// What has become of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    pub layer: LayerId,
    /// Hidden layers that are gone.
    pub dropped: usize,
}

impl Sheet {
    /// Layers that show become one; hidden ones stay. The error is a sentence for the person. Takes time: not for the thread that draws.
    pub fn merge_visible(&mut self) -> Result<Merged, &'static str> {
        self.merge_shown("Merged", false)
    }

    /// The same, and hidden paint layers go.
    pub fn flatten(&mut self) -> Result<Merged, &'static str> {
        self.merge_shown("Picture", true)
    }

    fn merge_shown(&mut self, name: &str, drops_hidden: bool) -> Result<Merged, &'static str> {
        let lines = self.lines_on_top();
        let mut below = self.clone();
        for id in lines {
            below.layer_mut(id).into_iter().for_each(|lines| lines.visible = false);
        }
        let shown: Vec<LayerId> = below.steps().iter().filter_map(laid).collect();
        let paints = self.layers().filter(|layer| layer.role.is_mergeable() && !layer.is_group());
        let (merged, hidden): (Vec<&Layer>, Vec<&Layer>) = paints.partition(|layer| shown.contains(&layer.id));
        let going: Vec<LayerId> = (merged.iter().chain(hidden.iter().filter(|_| drops_hidden)))
            .map(|layer| layer.id)
            .collect();
        let kept: Vec<LayerId> = shown.iter().copied().filter(|id| !going.contains(id)).collect();
        if shown.is_empty() || going.len() + kept.len() < 2 {
            return Err("There is only one layer, or none, so nothing is merged.");
        }
        if going.iter().any(|id| self.is_locked(*id)) {
            return Err("One of the layers is locked. Unlock it first.");
        }
        let dropped = going.len() - merged.len();
        let whole = Rect::of(self.size());
        let pixels = laid_out(self.size(), whole, |area| below.composite(area));
        let layer = Layer::new(Role::Paint, &self.free_name(name), Pixels::Raster(pixels));
        let id = layer.id;
        let place = self.lowest_of(&[Role::Sketch, Role::Take]);
        // Not the lowest of all, which may lie in a group: that would show the picture as the group does.
        let lowest = place.or_else(|| self.children(None).next().map(|layer| layer.id));
        if !lowest.is_some_and(|lowest| self.insert(layer, Place::Below(lowest))) {
            return Err("There is no such layer.");
        }
        self.set_lines_aside(&self.line_ids());
        for id in kept {
            self.layer_mut(id).into_iter().for_each(|layer| layer.visible = false);
        }
        for id in going {
            self.remove(id);
        }
        while let Some(empty) = self.empty_group(drops_hidden) {
            self.remove(empty);
        }
        Ok(Merged { layer: id, dropped })
    }

    /// The layers of the sketch, and groups of nothing else, that lie over all else that shows.
    fn lines_on_top(&self) -> Vec<LayerId> {
        let seen = (self.children(None).rev()).filter(|layer| layer.visible && !layer.role.is_remark());
        let lines = seen.take_while(|layer| !layer.clip && self.is_sketch(layer));
        lines.map(|layer| layer.id).collect()
    }

    fn empty_group(&self, hidden_too: bool) -> Option<LayerId> {
        let is_empty = |group: &&Layer| group.is_group() && self.children(Some(group.id)).next().is_none();
        let mut groups = self.layers().filter(is_empty);
        groups.find(|group| group.visible || hidden_too).map(|group| group.id)
    }
}

/// `area` of a layer of `size`, composed some tiles at a time. `picture` says what lies in a part of it.
pub(super) fn laid_out(size: [u32; 2], area: Rect, picture: impl Fn(Rect) -> RgbaImage + Sync) -> TileGrid<[u8; 4]> {
    let mut grid = TileGrid::new(size);
    let spans: Vec<TileSpan> = grid.spans(area).collect();
    for batch in spans.chunks(BATCH) {
        let pictures: Vec<RgbaImage> = batch.par_iter().map(|span| picture(span.rect)).collect();
        let painted = batch
            .iter()
            .zip(&pictures)
            .filter(|(_, picture)| picture.iter().any(|byte| *byte != 0));
        for (span, picture) in painted {
            let tile = grid.tile_mut(span.column, span.row);
            let rows = picture.as_raw().as_chunks().0.chunks_exact(span.rect.width() as usize);
            for (y, row) in (span.rect.top..span.rect.bottom).zip(rows) {
                tile[span.range(y)].copy_from_slice(row);
            }
        }
    }
    grid
}

fn laid(step: &Step<'_>) -> Option<LayerId> {
    match step {
        Step::Lay(layer, _) => Some(layer.id),
        Step::Push(_) | Step::Pop(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Blend, Document};
    use image::{Rgb, RgbImage, Rgba};

    const SIZE: [u32; 2] = [300, 4];

    /// A sketch over a shade that multiplies, in a group, over a take; hints and a hidden layer over all. The shade is half the width.
    fn document() -> Document {
        let mut sketch = RgbaImage::from_pixel(SIZE[0], SIZE[1], Rgba([255; 4]));
        sketch.put_pixel(270, 2, Rgba([0, 0, 0, 255]));
        let mut document = Document::from_sketch(&sketch).unwrap();
        let take = document.place_take(
            &RgbImage::from_pixel(SIZE[0], SIZE[1], Rgb([200, 100, 50])),
            "recipe".to_owned(),
        );
        document.add_hints(None);
        let shade = add(&mut document, "shade", 150, [100, 100, 200, 128], Place::Above(take));
        document.layer_mut(shade).unwrap().blend = Blend::Multiply;
        let group = document.canvas_mut().group(shade).unwrap();
        document.layer_mut(group).unwrap().opacity = 0.7;
        let hidden = add(&mut document, "hidden", 9, [9, 9, 9, 255], Place::Above(group));
        document.layer_mut(hidden).unwrap().visible = false;
        document
    }

    fn add(document: &mut Document, name: &str, width: u32, color: [u8; 4], place: Place) -> LayerId {
        let grid = TileGrid::with_pixels(SIZE, [0, 0], width, &vec![color; (width * SIZE[1]) as usize]);
        let layer = Layer::new(Role::Paint, name, Pixels::Raster(grid));
        let id = layer.id;
        assert!(document.canvas_mut().insert(layer, place));
        id
    }

    /// From the bottom up, those in brackets that do not show.
    fn names(document: &Document) -> Vec<String> {
        let name = |layer: &Layer| match layer.visible {
            true => layer.name.clone(),
            false => format!("({})", layer.name),
        };
        document.canvas().layers().map(name).collect()
    }

    #[test]
    fn what_shows_looks_as_before_and_lines_takes_and_remarks_stay() {
        for flatten in [false, true] {
            let mut document = document();
            let before = document.composite(Rect::of(SIZE));
            let merged = match flatten {
                true => document.canvas_mut().flatten().unwrap(),
                false => document.canvas_mut().merge_visible().unwrap(),
            };
            assert_eq!(document.composite(Rect::of(SIZE)), before);
            let (dropped, expected): (_, &[&str]) = match flatten {
                true => (1, &["Picture", "(Take 1)", "Sketch", "Hints", "Sketch mask"]),
                false => (0, &["Merged", "(Take 1)", "(hidden)", "Sketch", "Hints", "Sketch mask"]),
            };
            assert_eq!(
                (names(&document), merged.dropped),
                (expected.iter().map(|name| name.to_string()).collect(), dropped)
            );
            assert_eq!(document.by_role(Role::Take).unwrap().recipe.as_deref(), Some("recipe"));
            assert!(
                document.canvas_mut().flatten().is_err() == flatten,
                "one layer is left, or a hidden one goes"
            );
        }
    }

    #[test]
    fn lines_under_paint_are_merged_and_the_sketch_is_kept_out_of_sight() {
        let mut document = document();
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        add(&mut document, "light", 280, [255, 255, 255, 90], Place::Above(sketch));
        let before = document.composite(Rect::of(SIZE));
        let merged = document.canvas_mut().flatten().unwrap();
        assert_eq!(document.composite(Rect::of(SIZE)), before);
        assert_eq!(names(&document), ["Picture", "(Take 1)", "(Sketch)", "Hints", "Sketch mask"]);
        assert!(document.layer(merged.layer).is_some_and(|layer| layer.name == "Picture"));
        assert_eq!(document.by_role(Role::Sketch).unwrap().id, sketch);
    }

    #[test]
    fn all_of_the_sketch_that_lies_over_all_else_stays() {
        let mut document = document();
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        let hair = add(&mut document, "Hair", 9, [0, 0, 0, 255], Place::Above(sketch));
        document.canvas_mut().toggle_sketch(hair).unwrap();
        document.canvas_mut().group(hair).unwrap();
        let before = document.composite(Rect::of(SIZE));
        document.canvas_mut().flatten().unwrap();
        assert_eq!(document.composite(Rect::of(SIZE)), before);
        assert_eq!(
            names(&document),
            ["Picture", "(Take 1)", "Sketch", "Hair", "Group 2", "Hints", "Sketch mask"]
        );
    }

    #[test]
    fn without_lines_or_takes_the_merged_layer_lies_in_no_group() {
        let mut sheet = Sheet::new(SIZE);
        for color in [[200, 0, 0, 255], [0, 0, 200, 90]] {
            let pixels = Pixels::Raster(TileGrid::filled(SIZE, color));
            sheet.push(Layer::new(Role::Paint, "Paint", pixels));
        }
        let low = sheet.layers().next().unwrap().id;
        let group = sheet.group(low).unwrap();
        sheet.layer_mut(group).unwrap().opacity = 0.5;
        // It stays, and its group with it.
        let hidden = sheet.duplicate(low).unwrap();
        sheet.layer_mut(hidden).unwrap().visible = false;
        let before = sheet.composite(Rect::of(SIZE));
        let merged = sheet.merge_visible().unwrap();
        assert_eq!(sheet.layer(merged.layer).unwrap().parent, None);
        assert_eq!(sheet.composite(Rect::of(SIZE)), before);
    }

    #[test]
    fn a_locked_layer_is_not_merged() {
        let mut document = document();
        let group = document.canvas().layers().find(|layer| layer.is_group()).unwrap().id;
        document.layer_mut(group).unwrap().locked = true;
        assert!(document.canvas_mut().merge_visible().unwrap_err().contains("locked"));
        assert_eq!(document.canvas().layers().len(), 7);
    }
}
