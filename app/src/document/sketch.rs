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

    /// `area` of the sketch on white paper: the lines of all its layers, which multiply, whether they show or not and whatever their opacity; none where
    /// there is no sketch.
    pub fn line_art(&self, area: Rect) -> Option<RgbImage> {
        let laid = |blend| Laid {
            blend,
            opacity: 1.0,
            clip: false,
        };
        // On nothing the first one looks alike in either mode.
        let blends = std::iter::once(Blend::Normal).chain(std::iter::repeat(Blend::Multiply));
        let steps: Vec<Step<'_>> = (self.sketches().zip(blends))
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

    /// Whether a group holds nothing but layers of the sketch that multiply: then it is to multiply as well, for in it they have nothing to lie on.
    pub(super) fn holds_multiplied_lines(&self, group: LayerId) -> bool {
        let mut inside = self.children(Some(group)).peekable();
        inside.peek().is_some() && inside.all(|layer| layer.blend == Blend::Multiply && self.is_sketch(layer))
    }

    /// The layers of the sketch, or the outermost groups that hold some, that lie together over the colour, from the top down. Remarks, and what is clipped,
    /// hidden or blank, do not part them; a take does. Lines below other paint are none of these: what lies under them would be hidden by it.
    pub fn lines_over_color(&self) -> Vec<LayerId> {
        let outermost = |layer: &Layer| self.groups_of(layer.id).last().map_or(layer.id, |group| group.id);
        let holders: Vec<LayerId> = self.sketches().map(outermost).collect();
        let parts = |layer: &Layer| {
            let shows = layer.visible && (layer.is_group() || !layer.bounds().is_empty());
            layer.role == Role::Take || shows && !layer.clip && !layer.role.is_remark()
        };
        let mut lines = Vec::new();
        for layer in self.children(None).rev() {
            if holders.contains(&layer.id) {
                lines.push(layer.id);
            } else if !lines.is_empty() && parts(layer) {
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
        let shown = self.sketches().any(|layer| layer.visible);
        let sketches: Vec<LayerId> = self.sketches().map(|layer| layer.id).collect();
        for id in &sketches {
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
    fn the_lines_of_all_layers_count_whether_they_show_or_not() {
        let (mut document, [_, sketch, second, third]) = drawing();
        let white = [255; 3];
        assert_eq!(lines(&document), [[0; 3], white, white, white]);
        document.canvas_mut().toggle_sketch(second).unwrap();
        document.canvas_mut().toggle_sketch(third).unwrap();
        let all = [[0; 3], [0; 3], [157, 142, 127], white];
        assert_eq!(lines(&document), all);
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
        assert!(!Document::new(SIZE).unwrap().canvas_mut().show_or_hide_sketch());
    }
}
