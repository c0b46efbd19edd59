//! The sketch: the layers whose lines the program works with, one or several.

use image::RgbImage;

use super::blend::Blend;
use super::composite::{Laid, Step, flatten, on_white};
use super::layer::{Layer, LayerId, Role};
use super::rect::Rect;
use super::sheet::Sheet;

impl Sheet {
    /// The layers of the sketch, from the bottom up, whether they show or not.
    pub fn sketches(&self) -> impl Iterator<Item = &Layer> {
        self.layers().filter(|layer| layer.role == Role::Sketch)
    }

    /// The layers of the sketch whose lines count, from the bottom up: those that show, or all where none does. One that is hidden beside others is out of the
    /// drawing, as a backup is; all are hidden to look at the colour, which goes on keeping to them.
    pub fn line_layers(&self) -> Vec<&Layer> {
        let (shown, hidden): (Vec<&Layer>, Vec<&Layer>) = self.sketches().partition(|layer| self.is_in_sight(layer));
        if shown.is_empty() { hidden } else { shown }
    }

    /// `area` of the sketch on white paper: the lines of its layers that count, which multiply, whatever their opacity; none where there is no sketch.
    pub fn line_art(&self, area: Rect) -> Option<RgbImage> {
        let laid = |blend| Laid {
            blend,
            opacity: 1.0,
            clip: false,
        };
        // On nothing the first one looks alike in either mode.
        let blends = std::iter::once(Blend::Normal).chain(std::iter::repeat(Blend::Multiply));
        let steps: Vec<Step<'_>> = (self.line_layers().into_iter().zip(blends))
            .map(|(layer, blend)| Step::Lay(layer, laid(blend)))
            .collect();
        (!steps.is_empty()).then(|| on_white(&flatten(&steps, area)))
    }

    /// Whether a layer is a part of the sketch; a group, whether something lies in it, and nothing else.
    pub fn is_sketch(&self, layer: &Layer) -> bool {
        if !layer.is_group() {
            return layer.role == Role::Sketch;
        }
        let mut inside = self.children(Some(layer.id)).peekable();
        inside.peek().is_some() && inside.all(|layer| self.is_sketch(layer))
    }

    /// Whether a group holds layers of the sketch that multiply, and nothing else that shows: then it is to multiply as well, for in it they have nothing to
    /// lie on.
    pub(super) fn holds_multiplied_lines(&self, group: LayerId) -> bool {
        let are_lines = |layer: &Layer| self.is_sketch(layer) || self.holds_multiplied_lines(layer.id);
        let multiplied = |layer: &&Layer| layer.blend == Blend::Multiply && are_lines(layer);
        let (lines, others): (Vec<&Layer>, Vec<&Layer>) = self.children(Some(group)).partition(multiplied);
        !lines.is_empty() && !others.into_iter().any(|layer| self.lays_paint(layer))
    }

    /// Whether anything shows of a layer, or of what lies in a group, while what lies around it does.
    fn lays_paint(&self, layer: &Layer) -> bool {
        let paints = match layer.is_group() {
            true => self.children(Some(layer.id)).any(|inside| self.lays_paint(inside)),
            false => !layer.bounds().is_empty(),
        };
        paints && layer.visible && !layer.role.is_remark()
    }

    /// The layers of the sketch, or the outermost groups that hold some, that lie together over the colour, from the top down. A take parts them, and what
    /// covers most of what lies below it. Lines below that are none of these: what lies under them would be hidden by it.
    pub fn lines_over_color(&self) -> Vec<LayerId> {
        let outermost = |layer: &Layer| self.groups_of(layer.id).last().map_or(layer.id, |group| group.id);
        // From the bottom up; the layers of a group lie together.
        let mut left: Vec<LayerId> = self.sketches().map(outermost).collect();
        left.dedup();
        let parts = |layer: &Layer| {
            let lies_between = layer.visible && !layer.clip && !layer.role.is_remark();
            layer.role == Role::Take || lies_between && self.covers(layer)
        };
        let mut lines = Vec::new();
        for layer in self.children(None).rev() {
            if left.last() == Some(&layer.id) {
                lines.extend(left.pop());
            } else if left.is_empty() || !lines.is_empty() && parts(layer) {
                break;
            }
        }
        lines
    }

    /// Makes a layer, or all paint that lies in a group, a part of the sketch; what is one already, one no longer. New parts that are Normal are set to
    /// multiply, and with them groups that hold nothing else: their paper would hide the colour below. Whether any were.
    ///
    /// # Errors
    /// A sentence for the person, where there is no such layer, or no sketch would be left.
    pub fn toggle_sketch(&mut self, id: LayerId) -> Result<bool, &'static str> {
        let mut old = Vec::new();
        let mut new = Vec::new();
        let meant = |layer: &Layer| !layer.is_group() && (layer.id == id || self.is_inside(layer.id, id));
        for layer in self.layers().filter(|layer| meant(layer)) {
            match layer.role {
                Role::Sketch => old.push(layer.id),
                Role::Paint => new.push(layer.id),
                _ => {}
            }
        }
        if old.is_empty() && new.is_empty() {
            return Err("Only a paint layer, or a group that holds some, can be the sketch.");
        }
        if new.is_empty() {
            if old.len() == self.sketches().count() {
                return Err("A drawing needs a sketch. Use another layer as the sketch first.");
            }
            for id in old {
                self.layer_mut(id).into_iter().for_each(|layer| layer.role = Role::Paint);
            }
            return Ok(false);
        }
        let mut multiplied = false;
        for id in &new {
            if let Some(layer) = self.layer_mut(*id) {
                layer.role = Role::Sketch;
                multiplied |= multiply(layer);
            }
        }
        let around = |group: &Layer| group.is_group() && new.iter().any(|id| self.is_inside(*id, group.id));
        // In the list inner groups lie before those around them.
        let groups: Vec<LayerId> = (self.layers().filter(|layer| around(layer))).map(|group| group.id).collect();
        for group in groups {
            if self.holds_multiplied_lines(group)
                && let Some(group) = self.layer_mut(group)
            {
                multiplied |= multiply(group);
            }
        }
        Ok(multiplied)
    }

    /// Hides the whole sketch where any of it shows, or else shows it; whether there is one.
    pub fn show_or_hide_sketch(&mut self) -> bool {
        let shown = self.sketches().any(|layer| self.is_in_sight(layer));
        let sketches: Vec<LayerId> = self.sketches().map(|layer| layer.id).collect();
        // Shown in a hidden group they would be seen as little as before.
        let around = sketches.iter().flat_map(|id| self.groups_of(*id)).filter(|_| !shown);
        let around: Vec<LayerId> = around.map(|group| group.id).collect();
        for id in sketches.iter().chain(&around) {
            self.layer_mut(*id).into_iter().for_each(|layer| layer.visible = !shown);
        }
        !sketches.is_empty()
    }
}

/// Sets what is Normal to multiply; whether it was.
fn multiply(layer: &mut Layer) -> bool {
    let normal = layer.blend == Blend::Normal;
    if normal {
        layer.blend = Blend::Multiply;
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Pixels, Place, TileGrid};
    use image::{Rgb, Rgba, RgbaImage};

    const SIZE: [u32; 2] = [4, 1];
    const PAPER: [u8; 4] = [255; 4];
    const INK: [u8; 4] = [0, 0, 0, 255];

    /// Over paint, from the bottom up: lines at 0 and at 1 on paper of their own, at 2 on nothing. The first of them is the sketch.
    fn drawing() -> (Document, [LayerId; 4]) {
        let mut document = Document::from_sketch(&scan(0)).unwrap();
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        let paint = add(&mut document, "Flats", &[[200, 100, 50, 255]; 4], Place::Below(sketch));
        let second = add(&mut document, "Hair", scan(1).as_chunks().0, Place::Above(sketch));
        let third = add(
            &mut document,
            "Face",
            &[[0; 4], [0; 4], [60, 30, 0, 128], [0; 4]],
            Place::Above(second),
        );
        (document, [paint, sketch, second, third])
    }

    fn scan(line: u32) -> RgbaImage {
        RgbaImage::from_fn(4, 1, |x, _| Rgba(if x == line { INK } else { PAPER }))
    }

    fn add(document: &mut Document, name: &str, pixels: &[[u8; 4]], place: Place) -> LayerId {
        let layer = Layer::new(
            Role::Paint,
            name,
            Pixels::Raster(TileGrid::with_pixels(SIZE, [0, 0], 4, pixels)),
        );
        let id = layer.id;
        assert!(document.canvas_mut().insert(layer, place));
        id
    }

    fn lines(document: &Document) -> [[u8; 3]; 4] {
        let picture = document.canvas().line_art(Rect::of(SIZE)).unwrap();
        [0, 1, 2, 3].map(|x| picture.get_pixel(x, 0).0)
    }

    #[test]
    fn the_lines_of_all_layers_count_that_show_or_of_all_where_none_does() {
        let (mut document, [_, sketch, second, third]) = drawing();
        let white = [255; 3];
        assert_eq!(lines(&document), [[0; 3], white, white, white]);
        document.canvas_mut().toggle_sketch(second).unwrap();
        document.canvas_mut().toggle_sketch(third).unwrap();
        let all = [[0; 3], [0; 3], [157, 142, 127], white];
        assert_eq!(lines(&document), all);
        document.layer_mut(second).unwrap().visible = false;
        let shown = [[0; 3], white, [157, 142, 127], white];
        assert_eq!(lines(&document), shown);
        document.layer_mut(second).unwrap().visible = true;
        let group = document.canvas_mut().group(second).unwrap();
        document.layer_mut(group).unwrap().visible = false;
        assert_eq!(lines(&document), shown, "with its group it is hidden");
        for id in [sketch, second, third] {
            let layer = document.layer_mut(id).unwrap();
            (layer.visible, layer.opacity) = (false, 0.3);
        }
        assert_eq!(lines(&document), all);
        let empty = Document::new(SIZE).unwrap();
        assert!(empty.canvas().line_art(Rect::of(SIZE)).is_none());
    }

    #[test]
    fn a_scan_that_becomes_the_sketch_lets_the_colour_through_and_the_last_one_stays() {
        let (mut document, [paint, sketch, second, _]) = drawing();
        let seen = |document: &Document| document.composite(Rect::of(SIZE)).get_pixel(3, 0).0;
        assert_eq!(seen(&document), PAPER, "it hides what lies below");
        let canvas = document.canvas_mut();
        assert_eq!(canvas.toggle_sketch(second), Ok(true));
        assert_eq!(canvas.layer(second).unwrap().blend, Blend::Multiply);
        assert_eq!(seen(&document), [200, 100, 50, 255]);
        let canvas = document.canvas_mut();
        assert_eq!(canvas.toggle_sketch(sketch), Ok(false));
        assert_eq!(canvas.sketches().map(|layer| layer.id).collect::<Vec<_>>(), [second]);
        assert!(canvas.toggle_sketch(second).unwrap_err().contains("needs a sketch"));
        canvas.layer_mut(paint).unwrap().blend = Blend::Darken;
        assert_eq!(canvas.toggle_sketch(paint), Ok(false), "what mixes in another way goes on so");
        let mask = canvas.by_role(Role::SketchMask).unwrap().id;
        assert!(canvas.toggle_sketch(mask).is_err());
        let take = document.place_take(&RgbImage::from_pixel(4, 1, Rgb([9; 3])), String::new());
        assert!(document.canvas_mut().toggle_sketch(take).is_err());
    }

    #[test]
    fn a_group_is_the_sketch_with_all_that_is_painted_in_it_and_multiplies_as_a_whole() {
        let (mut document, [_, sketch, second, third]) = drawing();
        let canvas = document.canvas_mut();
        let inner = canvas.group(second).unwrap();
        let outer = canvas.group(inner).unwrap();
        canvas.move_to(third, Place::Into(outer));
        assert_eq!(canvas.toggle_sketch(outer), Ok(true));
        assert!(canvas.is_sketch(canvas.layer(outer).unwrap()));
        let blends = [inner, outer, third].map(|id| canvas.layer(id).unwrap().blend);
        assert_eq!(blends, [Blend::Multiply; 3]);
        assert_eq!(document.composite(Rect::of(SIZE)).get_pixel(3, 0).0, [200, 100, 50, 255]);
        let canvas = document.canvas_mut();
        assert_eq!(canvas.toggle_sketch(outer), Ok(false));
        assert_eq!(canvas.sketches().map(|layer| layer.id).collect::<Vec<_>>(), [sketch]);
        // A group that holds other paint, too, goes on hiding what lies below.
        let mixed = canvas.group(third).unwrap();
        canvas.move_to(sketch, Place::Into(mixed));
        canvas.layer_mut(third).unwrap().blend = Blend::Normal;
        let flats = canvas.duplicate(third).unwrap();
        assert_eq!(canvas.toggle_sketch(third), Ok(true));
        assert_eq!(canvas.layer(mixed).unwrap().blend, Blend::Normal);
        assert!(!canvas.is_sketch(canvas.layer(flats).unwrap()));
    }

    #[test]
    fn what_does_not_show_in_a_group_of_lines_does_not_bring_its_paper_back() {
        let (mut document, [_, _, second, _]) = drawing();
        let group = document.canvas_mut().group(second).unwrap();
        add(&mut document, "Blank", &[[0; 4]; 4], Place::Into(group));
        let hidden = add(&mut document, "Old colour", &[[9, 9, 9, 255]; 4], Place::Into(group));
        document.layer_mut(hidden).unwrap().visible = false;
        let canvas = document.canvas_mut();
        assert_eq!(canvas.toggle_sketch(second), Ok(true));
        assert_eq!(canvas.layer(group).unwrap().blend, Blend::Multiply);
        assert_eq!(document.composite(Rect::of(SIZE)).get_pixel(3, 0).0, [200, 100, 50, 255]);
        document.layer_mut(hidden).unwrap().visible = true;
        assert!(!document.canvas().holds_multiplied_lines(group), "it would multiply, too");
    }

    #[test]
    fn lines_that_lie_together_lie_over_the_colour_and_those_under_paint_do_not() {
        let (mut document, [paint, sketch, second, third]) = drawing();
        let low = add(&mut document, "Background lines", scan(3).as_chunks().0, Place::Below(paint));
        let hidden = add(&mut document, "Note", &[INK; 4], Place::Below(third));
        document.layer_mut(hidden).unwrap().visible = false;
        add(&mut document, "Blank", &[[0; 4]; 4], Place::Below(second));
        for id in [low, second, third] {
            document.canvas_mut().toggle_sketch(id).unwrap();
        }
        assert_eq!(document.canvas().lines_over_color(), [third, second, sketch]);
        let group = document.canvas_mut().group(second).unwrap();
        assert_eq!(document.canvas().lines_over_color(), [third, group, sketch]);
        document.layer_mut(group).unwrap().blend = Blend::Multiply;
        let take = document.place_take(&RgbImage::from_pixel(4, 1, Rgb([9; 3])), String::new());
        assert_eq!(
            document.composite(Rect::of(SIZE)).get_pixel(3, 0).0,
            [9, 9, 9, 255],
            "it shows"
        );
        document.canvas_mut().move_to(take, Place::Above(sketch));
        assert_eq!(document.canvas().lines_over_color(), [third, group]);
    }

    #[test]
    fn lines_are_parted_by_what_covers_most_of_the_sheet_and_not_by_a_touch_of_paint() {
        let (mut document, [_, sketch, second, _]) = drawing();
        document.canvas_mut().toggle_sketch(second).unwrap();
        let blush = [[200, 90, 90, 255], [0; 4], [0; 4], [0; 4]];
        let touch = add(&mut document, "Blush", &blush, Place::Above(sketch));
        assert_eq!(document.canvas().lines_over_color(), [second, sketch]);
        let grid = |shade: [u8; 4]| Pixels::Raster(TileGrid::filled(SIZE, shade));
        let canvas = document.canvas_mut();
        canvas.layer_mut(touch).unwrap().pixels = grid([200, 90, 90, 255]);
        assert_eq!(canvas.lines_over_color(), [second]);
        canvas.layer_mut(touch).unwrap().blend = Blend::Multiply;
        assert_eq!(canvas.lines_over_color(), [second, sketch], "what lies below shines through");
        canvas.layer_mut(touch).unwrap().blend = Blend::Normal;
        canvas.group(touch).unwrap();
        assert_eq!(canvas.lines_over_color(), [second], "in a group as well");
        canvas.layer_mut(touch).unwrap().pixels = grid([200, 90, 90, 30]);
        assert_eq!(canvas.lines_over_color(), [second, sketch]);
    }

    #[test]
    fn the_sketch_is_shown_and_hidden_as_a_whole() {
        let (mut document, [_, sketch, second, _]) = drawing();
        let canvas = document.canvas_mut();
        canvas.toggle_sketch(second).unwrap();
        canvas.layer_mut(sketch).unwrap().visible = false;
        let shown = |canvas: &Sheet| [sketch, second].map(|id| canvas.layer(id).unwrap().visible);
        assert!(canvas.show_or_hide_sketch());
        assert_eq!(shown(canvas), [false; 2]);
        assert!(canvas.show_or_hide_sketch());
        assert_eq!(shown(canvas), [true; 2]);
        // With the group that hides it.
        let sketch = canvas.sketches().next().unwrap().id;
        let group = canvas.group(sketch).unwrap();
        canvas.layer_mut(group).unwrap().visible = false;
        canvas
            .sketches()
            .map(|layer| layer.id)
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|id| {
                canvas.layer_mut(id).unwrap().visible = id == sketch;
            });
        assert!(canvas.show_or_hide_sketch());
        assert!(canvas.sketches().all(|layer| canvas.is_in_sight(layer)));
        assert!(!Document::new(SIZE).unwrap().canvas_mut().show_or_hide_sketch());
    }
}
