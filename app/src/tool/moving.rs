//! Moves and flips what lies on a layer, or of it what is selected.

use super::lifted::{Lifted, mirrored, shifted};
use super::{Effect, PointerEvent, Target, side_of};
use crate::document::{Combine, Document, LayerId, Pixels, Rect, Side, TileGrid};

/// Holds the pixels that were lifted from a layer.
#[derive(Default)]
pub struct MoveTool {
    held: Option<Held>,
}

struct Held {
    layer: LayerId,
    side: Side,
    /// Where the pointer went down.
    from: [f32; 2],
    before: Pixels,
    selection: Option<TileGrid<u8>>,
    lifted: Lifted,
    by: [i32; 2],
}

impl MoveTool {
    pub fn is_active(&self) -> bool {
        self.held.is_some()
    }

    pub fn handle(&mut self, event: PointerEvent, target: &mut Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                self.end(target);
                let layer = match target.paintable() {
                    Ok(layer) => layer,
                    Err(effect) => return effect,
                };
                let Some(side) = target.side() else { return Effect::Nothing };
                let selection = target.document.selection_on(layer.id).cloned();
                self.held = Some(Held {
                    layer: layer.id,
                    side,
                    from: sample.position,
                    before: layer.pixels.clone(),
                    lifted: Lifted::from(&layer.pixels, selection.as_ref()),
                    selection,
                    by: [0, 0],
                });
                Effect::Nothing
            }
            PointerEvent::Move(sample) => self.shift(sample.position, target),
            PointerEvent::Release(sample) => {
                let effect = self.shift(sample.position, target);
                self.end(target);
                effect
            }
            PointerEvent::Cancel => {
                let effect = self.shift_by([0, 0], target);
                self.held = None;
                effect
            }
        }
    }

    /// With Shift straight along one axis.
    fn shift(&mut self, [x, y]: [f32; 2], target: &mut Target<'_>) -> Effect {
        let Some(held) = &self.held else { return Effect::Nothing };
        // What is no number does not move.
        let mut by = [x - held.from[0], y - held.from[1]].map(|way| way.round() as i32);
        if target.keys.shift {
            by[usize::from(by[0].unsigned_abs() > by[1].unsigned_abs())] = 0;
        }
        self.shift_by(by, target)
    }

    fn shift_by(&mut self, by: [i32; 2], target: &mut Target<'_>) -> Effect {
        let Some(held) = self.held.as_mut().filter(|held| held.by != by) else {
            return Effect::Nothing;
        };
        held.by = by;
        let Some(layer) = target.document.layer_mut(held.layer) else {
            return Effect::Nothing;
        };
        layer.pixels = match by {
            [0, 0] => held.before.clone(),
            _ => held.lifted.laid(by),
        };
        let whole = Rect::of(layer.size());
        if let Some(selection) = &held.selection {
            let moved = match by {
                [0, 0] => selection.clone(),
                _ => shifted(selection, by),
            };
            target.document.select(held.side, &moved, Combine::Replace);
        }
        Effect::Painted(whole)
    }

    /// One entry of history, unless all is where it was.
    fn end(&mut self, target: &mut Target<'_>) {
        let Some(held) = self.held.take().filter(|held| held.by != [0, 0]) else {
            return;
        };
        let mut before = target.document.clone();
        let Some(layer) = before.layer_mut(held.layer) else { return };
        layer.pixels = held.before;
        if let Some(selection) = &held.selection {
            before.select(held.side, selection, Combine::Replace);
        }
        target.history.record("Move", before, target.document);
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
    use crate::document::{Layer, Role};
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

    fn drag(hand: &mut Hand, to: [f32; 2], shift: bool) {
        hand.keys.shift = shift;
        let mut tool = MoveTool::default();
        hand.drag([[50.0, 50.0], to, to], |event, mut target| tool.handle(event, &mut target));
    }

    #[test]
    fn a_layer_moves_and_comes_back() {
        let mut hand = hand();
        drag(&mut hand, [350.0, 60.0], false);
        assert_eq!([hand.color(310, 15), hand.color(320, 15)], [RED, BLUE]);
        assert_eq!(hand.color(10, 5), [0; 4]);
        drag(&mut hand, [60.0, 55.0], true);
        assert_eq!(hand.color(320, 15), RED, "Shift keeps it in its row");
        hand.history.undo(&mut hand.document);
        hand.history.undo(&mut hand.document);
        assert_eq!(hand.color(10, 5), RED);
        drag(&mut hand, [f32::NAN, 50.0], false);
        assert_eq!(hand.history.undo_label(), None);
    }

    #[test]
    fn only_what_is_selected_moves_and_the_selection_with_it() {
        let mut hand = hand();
        let shape = TileGrid::with_pixels([600, 300], [8, 0], 5, &[255; 5 * 10]);
        hand.document.select(Side::Canvas, &shape, Combine::Replace);
        drag(&mut hand, [60.0, 50.0], false);
        assert_eq!(hand.color(10, 5), [0; 4]);
        assert_eq!(hand.color(20, 5), RED, "laid over the blue one, which stays");
        let selected = |hand: &Hand, x| hand.document.selection_on(hand.layer).unwrap().pixel(x, 5);
        assert_eq!((selected(&hand, 10), selected(&hand, 20)), (0, 255));
        hand.history.undo(&mut hand.document);
        assert_eq!((hand.color(20, 5), selected(&hand, 10)), (BLUE, 255));
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
