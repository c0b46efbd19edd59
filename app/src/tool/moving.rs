//! Moves and flips what lies on a layer, or of it what is selected.

use super::lifted::{Lifted, mirrored, shifted};
use super::{Effect, PointerEvent, Target, Transformed, side_of};
use crate::document::{Combine, Document, LayerId, Pixels, TileGrid};

/// Follows the pointer. What moves is laid down by whoever holds the [`MoveLift`].
#[derive(Default)]
pub struct MoveTool {
    /// Where the pointer went down.
    from: Option<[f32; 2]>,
    by: [i32; 2],
}

impl MoveTool {
    pub fn is_active(&self) -> bool {
        self.from.is_some()
    }

    /// How far the pointer has come, or had come when it let go, in whole pixels of the layer.
    pub fn by(&self) -> [i32; 2] {
        self.by
    }

    pub fn handle(&mut self, event: PointerEvent, target: &Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                *self = Self::default();
                if let Err(effect) = target.paintable() {
                    return effect;
                }
                self.from = Some(sample.position);
            }
            PointerEvent::Move(sample) => self.follow(sample.position, target.keys.shift),
            PointerEvent::Release(sample) => {
                self.follow(sample.position, target.keys.shift);
                self.from = None;
            }
            PointerEvent::Cancel => *self = Self::default(),
        }
        Effect::Nothing
    }

    /// With Shift straight along one axis.
    fn follow(&mut self, [x, y]: [f32; 2], straight: bool) {
        let Some(from) = self.from else { return };
        // What is no number does not move.
        self.by = [x - from[0], y - from[1]].map(|way| way.round() as i32);
        if straight {
            self.by[usize::from(self.by[0].unsigned_abs() > self.by[1].unsigned_abs())] = 0;
        }
    }
}

/// What was taken off a layer to be laid down elsewhere, and the selection that goes along.
pub struct MoveLift {
    lifted: Lifted,
    selection: Option<TileGrid<u8>>,
}

impl MoveLift {
    pub fn of(pixels: &Pixels, selection: Option<TileGrid<u8>>) -> Self {
        Self {
            lifted: Lifted::from(pixels, selection.as_ref()),
            selection,
        }
    }

    /// Laid down so many pixels to the right and down of where it was.
    pub fn laid(&self, by: [i32; 2]) -> Transformed {
        Transformed {
            pixels: self.lifted.laid(by),
            selection: self.selection.as_ref().map(|selection| shifted(selection, by)),
        }
    }
}

/// Flips what lies on a layer, or of it what is selected, within its own bounds; the selection goes along.
pub fn flip(document: &mut Document, id: LayerId, sideways: bool) {
    let selection = document.selection_on(id).cloned();
    let Some(layer) = document.layer_mut(id) else { return };
    let mut lifted = Lifted::from(&layer.pixels, selection.as_ref());
    let area = lifted.area();
    if area.is_empty() {
        return;
    }
    lifted.flip(sideways);
    layer.pixels = lifted.laid([0, 0]);
    if let (Some(selection), Some(side)) = (selection, side_of(document, id)) {
        document.select(side, &mirrored(&selection, area, sideways), Combine::Replace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Layer, Role, Side};
    use crate::tool::hand::Hand;
    use image::RgbaImage;

    const RED: [u8; 4] = [200, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 200, 255];

    /// A layer, 600 pixels wide, with a red pixel at 10 and a blue one at 20, in row 5.
    fn hand() -> Hand {
        let mut document = Document::from_sketch(&RgbaImage::new(600, 300)).unwrap();
        let mut row = vec![[0; 4]; 11];
        (row[0], row[10]) = (RED, BLUE);
        let pixels = Pixels::Raster(TileGrid::with_pixels([600, 300], [10, 5], 11, &row));
        let layer = Layer::new(Role::Paint, "Paint", pixels);
        let (id, sketch) = (layer.id, document.by_role(Role::Sketch).unwrap().id);
        document.canvas_mut().insert(layer, crate::document::Place::Below(sketch));
        Hand::new(document, id)
    }

    /// How far a drag from (50, 50) to a place moves.
    fn drag(hand: &mut Hand, to: [f32; 2], shift: bool) -> [i32; 2] {
        hand.keys.shift = shift;
        let mut tool = MoveTool::default();
        hand.drag([[50.0, 50.0], to, to], |event, target| tool.handle(event, &target));
        assert!(!tool.is_active());
        tool.by()
    }

    /// Lays what was lifted so far from where it was.
    fn shift(hand: &mut Hand, by: [i32; 2]) {
        let selection = hand.document.selection_on(hand.layer).cloned();
        let layer = hand.document.layer_mut(hand.layer).unwrap();
        let laid = MoveLift::of(&layer.pixels, selection).laid(by);
        layer.pixels = laid.pixels;
        if let Some(selection) = laid.selection {
            hand.document.select(Side::Canvas, &selection, Combine::Replace);
        }
    }

    #[test]
    fn the_pointer_moves_by_whole_pixels_and_with_shift_along_one_axis() {
        let mut hand = hand();
        assert_eq!(drag(&mut hand, [350.4, 59.6], false), [300, 10]);
        assert_eq!(drag(&mut hand, [60.0, 55.0], true), [10, 0]);
        assert_eq!(drag(&mut hand, [60.0, 90.0], true), [0, 40]);
        assert_eq!(drag(&mut hand, [f32::NAN, 50.0], false), [0, 0]);
        hand.document.layer_mut(hand.layer).unwrap().locked = true;
        assert_eq!(drag(&mut hand, [90.0, 90.0], false), [0, 0], "it is locked");
    }

    #[test]
    fn a_layer_is_laid_elsewhere() {
        let mut hand = hand();
        shift(&mut hand, [300, 10]);
        assert_eq!([hand.color(310, 15), hand.color(320, 15)], [RED, BLUE]);
        assert_eq!(hand.color(10, 5), [0; 4]);
    }

    #[test]
    fn only_what_is_selected_moves_and_the_selection_with_it() {
        let mut hand = hand();
        let shape = TileGrid::with_pixels([600, 300], [8, 0], 5, &[255; 5 * 10]);
        hand.document.select(Side::Canvas, &shape, Combine::Replace);
        shift(&mut hand, [10, 0]);
        assert_eq!(hand.color(10, 5), [0; 4]);
        assert_eq!(hand.color(20, 5), RED, "laid over the blue one, which stays");
        let selected = |hand: &Hand, x| hand.document.selection_on(hand.layer).unwrap().pixel(x, 5);
        assert_eq!((selected(&hand, 10), selected(&hand, 20)), (0, 255));
    }

    #[test]
    fn flipping_twice_changes_nothing() {
        let mut hand = hand();
        let shape = TileGrid::with_pixels([600, 300], [10, 5], 11, &[255; 11]);
        hand.document.select(Side::Canvas, &shape, Combine::Replace);
        flip(&mut hand.document, hand.layer, true);
        assert_eq!((hand.color(10, 5), hand.color(20, 5)), (BLUE, RED));
        flip(&mut hand.document, hand.layer, false);
        assert_eq!(hand.color(10, 5), BLUE, "one row stays where it is");
        flip(&mut hand.document, hand.layer, true);
        assert_eq!(hand.color(10, 5), RED);
    }

    #[test]
    fn only_what_is_selected_is_flipped_and_the_selection_with_it() {
        let mut hand = hand();
        let green = [0, 200, 0, 255];
        let layer = hand.document.layer_mut(hand.layer).unwrap();
        let Pixels::Raster(grid) = &mut layer.pixels else {
            unreachable!()
        };
        grid.tile_mut(0, 0)[5 * 256 + 14] = green;
        // Red at 10 and green at 14 are selected, blue at 20 is not; the selection reaches one pixel farther to the left.
        let shape = TileGrid::with_pixels([600, 300], [9, 5], 6, &[255; 6]);
        hand.document.select(Side::Canvas, &shape, Combine::Replace);
        flip(&mut hand.document, hand.layer, true);
        assert_eq!([10, 14, 20].map(|x| hand.color(x, 5)), [green, RED, BLUE]);
        let selected = |hand: &Hand| [9, 10, 15, 16].map(|x| hand.document.selection_on(hand.layer).unwrap().pixel(x, 5));
        assert_eq!(selected(&hand), [0, 255, 255, 0]);
        flip(&mut hand.document, hand.layer, true);
        assert_eq!(
            ([10, 14].map(|x| hand.color(x, 5)), selected(&hand)),
            ([RED, green], [255, 255, 0, 0])
        );
    }
}
