//! What lies on a layer, or on all layers of a group, or of it what is selected, is taken off and laid down otherwise; the selection goes along.

use super::adjust::Adjustment;
use super::gradient::Gradient;
use super::lifted::Lifted;
use super::transform::{Pose, Quality};
use crate::document::{Combine, Document, LayerId, Pixels, Rect, Side, TileGrid};

/// Pixels of layers of one sheet, and what is selected on it.
#[derive(Clone)]
pub struct Contents {
    side: Side,
    layers: Vec<(LayerId, Pixels)>,
    selection: Option<TileGrid<u8>>,
}

impl Contents {
    /// Of those layers that are there.
    pub fn of(document: &Document, side: Side, layers: &[LayerId]) -> Self {
        let sheet = document.sheet(side);
        let pixels = |id: &LayerId| Some((*id, sheet?.layer(*id)?.pixels.clone()));
        Self {
            side,
            layers: layers.iter().filter_map(pixels).collect(),
            selection: sheet.and_then(|sheet| sheet.selection().cloned()),
        }
    }

    /// Whether nothing was ever painted there where it is selected.
    pub fn is_blank(&self) -> bool {
        let selected = self.selection.as_ref().map(TileGrid::bounds);
        let painted = |pixels: &Pixels| selected.map_or(pixels.bounds(), |selected| pixels.bounds().intersect(selected));
        self.layers.iter().all(|(_, pixels)| painted(pixels).is_empty())
    }

    /// The same with other pixels, of which `change` is told what is selected; the selection stays.
    fn changed(&self, change: impl Fn(&Pixels, Option<&TileGrid<u8>>) -> Pixels) -> Self {
        let layer = |(id, pixels): &(LayerId, Pixels)| (*id, change(pixels, self.selection.as_ref()));
        Self {
            side: self.side,
            layers: self.layers.iter().map(layer).collect(),
            selection: None,
        }
    }

    /// Puts them into the place of what is there. Where nothing was selected, the selection stays.
    pub fn put(self, document: &mut Document) {
        for (id, pixels) in self.layers {
            if let Some(layer) = document.layer_mut(id) {
                layer.pixels = pixels;
            }
        }
        if let Some(selection) = &self.selection {
            document.select(self.side, selection, Combine::Replace);
        }
    }
}

/// How what was lifted is laid down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// So many pixels to the right and down.
    Moved([i32; 2]),
    Posed(Pose, Quality),
    /// Within its own bounds: left and right exchanged, or above and below.
    Flipped(bool),
    /// Where it was, under a gradient.
    Under(Gradient),
    /// Where it was, in other colours.
    Adjusted(Adjustment),
}

/// What was taken off its layers.
pub struct Lift {
    before: Contents,
    layers: Vec<(LayerId, LiftedPixels)>,
    selection: Option<Lifted<u8>>,
    bounds: Rect,
}

enum LiftedPixels {
    Raster(Lifted<[u8; 4]>),
    Mask(Lifted<u8>),
}

impl Lift {
    /// Takes off what is selected.
    pub fn of(before: Contents) -> Self {
        let selection = before.selection.as_ref();
        let lift = |(id, pixels): &(LayerId, Pixels)| {
            let lifted = match pixels {
                Pixels::Raster(grid) => LiftedPixels::Raster(Lifted::from(grid, selection)),
                Pixels::Mask(grid) => LiftedPixels::Mask(Lifted::from(grid, selection)),
                Pixels::Group(_) => return None,
            };
            Some((*id, lifted))
        };
        let layers: Vec<_> = before.layers.iter().filter_map(lift).collect();
        let area = |pixels: &LiftedPixels| match pixels {
            LiftedPixels::Raster(lifted) => lifted.area,
            LiftedPixels::Mask(lifted) => lifted.area,
        };
        let bounds = layers.iter().map(|(_, pixels)| area(pixels)).fold(Rect::EMPTY, Rect::union);
        Self {
            selection: selection.map(|grid| Lifted::from(grid, None)),
            layers,
            bounds,
            before,
        }
    }

    /// Takes nothing off, for what is changed where it is.
    pub fn nothing(before: Contents) -> Self {
        Self {
            before,
            layers: Vec::new(),
            selection: None,
            bounds: Rect::EMPTY,
        }
    }

    /// The smallest rectangle around all of it, where it was taken; empty where there was nothing.
    pub fn bounds(&self) -> Rect {
        self.bounds
    }

    pub fn laid(&self, way: Way) -> Contents {
        let about = self.bounds;
        match way {
            Way::Moved(by) => self.each(|pixels| pixels.moved(by), |mask| mask.moved(by)),
            Way::Posed(pose, quality) => self.each(|pixels| pixels.posed(pose, quality), |mask| mask.posed(pose, quality)),
            Way::Flipped(sideways) => self.each(|pixels| pixels.flipped(sideways, about), |mask| mask.flipped(sideways, about)),
            Way::Under(gradient) => self.before.changed(|pixels, selection| gradient.over(pixels, selection)),
            Way::Adjusted(adjustment) => self.before.changed(|pixels, selection| adjustment.over(pixels, selection)),
        }
    }

    /// What becomes of pictures, and of masks and the selection.
    fn each(
        &self,
        picture: impl Fn(&Lifted<[u8; 4]>) -> TileGrid<[u8; 4]>,
        mask: impl Fn(&Lifted<u8>) -> TileGrid<u8>,
    ) -> Contents {
        let pixels = |lifted: &LiftedPixels| match lifted {
            LiftedPixels::Raster(lifted) => Pixels::Raster(picture(lifted)),
            LiftedPixels::Mask(lifted) => Pixels::Mask(mask(lifted)),
        };
        Contents {
            side: self.before.side,
            layers: self.layers.iter().map(|(id, lifted)| (*id, pixels(lifted))).collect(),
            selection: self.selection.as_ref().map(&mask),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Layer, Place, Role};
    use crate::tool::test_hand::Hand;
    use image::RgbaImage;

    const RED: [u8; 4] = [200, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 200, 255];

    /// A layer, 600 pixels wide, with a red pixel at 10 and a blue one at 20, in row 5.
    fn hand() -> Hand {
        let mut document = Document::from_sketch(&RgbaImage::new(600, 300)).unwrap();
        let mut row = vec![[0; 4]; 11];
        (row[0], row[10]) = (RED, BLUE);
        let layer = paint([10, 5], &row);
        let (id, sketch) = (layer.id, document.by_role(Role::Sketch).unwrap().id);
        document.canvas_mut().insert(layer, Place::Below(sketch));
        Hand::new(document, id)
    }

    /// A layer with a row of pixels from `at` on.
    fn paint(at: [i32; 2], row: &[[u8; 4]]) -> Layer {
        let grid = TileGrid::with_pixels([600, 300], at, row.len() as u32, row);
        Layer::new(Role::Paint, "Paint", Pixels::Raster(grid))
    }

    /// Selects a rectangle of the canvas.
    fn select(hand: &mut Hand, at: [i32; 2], size: [u32; 2]) {
        let shape = TileGrid::with_pixels([600, 300], at, size[0], &vec![255; (size[0] * size[1]) as usize]);
        hand.document.select(Side::Canvas, &shape, Combine::Replace);
    }

    fn selected<const N: usize>(hand: &Hand, places: [u32; N]) -> [u8; N] {
        places.map(|x| hand.document.canvas().selection().unwrap().pixel(x, 5))
    }

    /// Lifts what lies on the layer, and lays it down otherwise.
    fn lay(hand: &mut Hand, way: Way) {
        let contents = Contents::of(&hand.document, Side::Canvas, &[hand.layer]);
        Lift::of(contents).laid(way).put(&mut hand.document);
    }

    #[test]
    fn a_layer_is_laid_elsewhere() {
        let mut hand = hand();
        lay(&mut hand, Way::Moved([300, 10]));
        assert_eq!([hand.color(310, 15), hand.color(320, 15)], [RED, BLUE]);
        assert_eq!(hand.color(10, 5), [0; 4]);
    }

    #[test]
    fn only_what_is_selected_moves_and_the_selection_with_it() {
        let mut hand = hand();
        select(&mut hand, [8, 0], [5, 10]);
        lay(&mut hand, Way::Moved([10, 0]));
        assert_eq!(hand.color(10, 5), [0; 4]);
        assert_eq!(hand.color(20, 5), RED, "laid over the blue one, which stays");
        assert_eq!(selected(&hand, [10, 20]), [0, 255]);
    }

    #[test]
    fn what_is_selected_is_posed_and_the_rest_stays() {
        let mut hand = hand();
        select(&mut hand, [9, 5], [2, 1]);
        let lift = Lift::of(Contents::of(&hand.document, Side::Canvas, &[hand.layer]));
        assert_eq!(lift.bounds(), Rect::new(10, 5, 11, 6), "no larger than what is painted");
        let pose = Pose::at_rest(lift.bounds()).with_offset([300.0, 20.0]);
        lift.laid(Way::Posed(pose, Quality::Fine)).put(&mut hand.document);
        assert_eq!(
            [hand.color(10, 5), hand.color(20, 5), hand.color(310, 25)],
            [[0; 4], BLUE, RED]
        );
        assert_eq!(hand.document.canvas().selection().unwrap().pixel(310, 25), 255);
        let blank = Document::blank([100, 100]).unwrap();
        let mask = blank.by_role(Role::SketchMask).unwrap().id;
        let nothing = Lift::of(Contents::of(&blank, Side::Canvas, &[mask]));
        assert!(nothing.bounds().is_empty());
    }

    #[test]
    fn what_was_erased_is_not_lifted() {
        let mut hand = hand();
        let Pixels::Raster(grid) = &mut hand.document.layer_mut(hand.layer).unwrap().pixels else {
            unreachable!()
        };
        // The eraser takes the coverage and leaves the colour.
        grid.tile_mut(1, 0)[0] = [200, 0, 0, 0];
        lay(&mut hand, Way::Flipped(true));
        assert_eq!((hand.color(10, 5), hand.color(20, 5)), (BLUE, RED));
    }

    #[test]
    fn flipping_twice_changes_nothing() {
        let mut hand = hand();
        select(&mut hand, [10, 5], [11, 1]);
        lay(&mut hand, Way::Flipped(true));
        assert_eq!((hand.color(10, 5), hand.color(20, 5)), (BLUE, RED));
        lay(&mut hand, Way::Flipped(false));
        assert_eq!(hand.color(10, 5), BLUE, "one row stays where it is");
        lay(&mut hand, Way::Flipped(true));
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
        select(&mut hand, [9, 5], [6, 1]);
        lay(&mut hand, Way::Flipped(true));
        assert_eq!([10, 14, 20].map(|x| hand.color(x, 5)), [green, RED, BLUE]);
        assert_eq!(selected(&hand, [9, 10, 15, 16]), [0, 255, 255, 0]);
        lay(&mut hand, Way::Flipped(true));
        assert_eq!([10, 14].map(|x| hand.color(x, 5)), [RED, green]);
        assert_eq!(selected(&hand, [9, 10, 15, 16]), [255, 255, 0, 0]);
    }

    #[test]
    fn several_layers_are_laid_as_one_within_the_bounds_of_all() {
        let mut hand = hand();
        let below = hand.layer;
        let above = paint([25, 5], &[RED, RED, BLUE]);
        hand.layer = above.id;
        hand.document.canvas_mut().insert(above, Place::Above(below));
        let both = Contents::of(&hand.document, Side::Canvas, &[below, hand.layer]);
        let lift = Lift::of(both.clone());
        assert_eq!(lift.bounds(), Rect::new(10, 5, 28, 6));
        lift.laid(Way::Flipped(true)).put(&mut hand.document);
        assert_eq!([10, 11, 12].map(|x| hand.color(x, 5)), [BLUE, RED, RED]);
        assert_eq!(hand.color(27, 5), [0; 4], "each keeps what is its own");
        hand.layer = below;
        assert_eq!([17, 27].map(|x| hand.color(x, 5)), [BLUE, RED]);
        both.put(&mut hand.document);
        assert_eq!([10, 20, 27].map(|x| hand.color(x, 5)), [RED, BLUE, [0; 4]]);
    }
}
