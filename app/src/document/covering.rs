//! Whether a layer hides what lies below it, or is hidden by what lies above it.

use super::blend::compose;
use super::composite::flatten;
use super::layer::{Layer, LayerId, Pixels, Role};
use super::rect::Rect;
use super::sheet::Sheet;
use super::tile::TileGrid;

/// Places along each side that are looked at.
const PLACES: u32 = 12;

impl Sheet {
    /// Whether what lies above a layer that fills the sheet covers more than half of it. The lines aside, which are meant to lie over it.
    pub fn is_covered(&self, id: LayerId) -> bool {
        if self.groups_of(id).any(|group| !group.visible) {
            return false;
        }
        // It shows where another colour of it would be seen, whatever groups and blend modes lie between.
        let [dark, light] = [0, 255].map(|value| {
            let mut sheet = self.showing(|layer| layer.role != Role::Sketch);
            if let Some(layer) = sheet.layer_mut(id) {
                layer.pixels = Pixels::Raster(TileGrid::filled(self.size(), [value, value, value, 255]));
            }
            sheet
        });
        let [dark, light] = [dark.steps(), light.steps()];
        self.mostly(|pixel| flatten(&dark, pixel) == flatten(&light, pixel))
    }

    /// Whether a layer, or what shows of a group, hides more than half of what lies below it, as it would show if no group held it.
    pub(super) fn covers(&self, layer: &Layer) -> bool {
        let steps = self.steps_within(layer.id);
        self.mostly(|pixel| {
            let above = flatten(&steps, pixel).get_pixel(0, 0).0;
            let over = |value| compose([value, value, value, 255], above, layer.opacity, layer.blend, false);
            over(0) == over(255)
        })
    }

    /// Whether more than half of the places that are looked at are so, a pixel each.
    fn mostly(&self, is_so: impl Fn(Rect) -> bool) -> bool {
        let [width, height] = self.size();
        let at = |place: u32, side: u32| (2 * place + 1) * side / (2 * PLACES);
        let places = (0..PLACES * PLACES).map(|number| [at(number % PLACES, width), at(number / PLACES, height)]);
        let so = places.filter(|[x, y]| is_so(Rect::new(*x, *y, x + 1, y + 1)));
        2 * so.count() as u32 > PLACES * PLACES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Blend, Document, Layer, Place};
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    #[test]
    fn opaque_paint_over_most_of_it_covers_a_take_and_lines_and_shades_do_not() {
        const SIZE: [u32; 2] = [60, 30];
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(60, 30, Rgba([0, 0, 0, 255]))).unwrap();
        let take = document.place_take(&RgbImage::from_pixel(60, 30, Rgb([255; 3])), String::new());
        let canvas = document.canvas_mut();
        assert!(!canvas.is_covered(take));
        let flats = |width: u32| {
            Pixels::Raster(TileGrid::with_pixels(
                SIZE,
                [0, 0],
                width,
                &vec![[255; 4]; width as usize * 30],
            ))
        };
        let layer = Layer::new(Role::Paint, "Flats", flats(20));
        let paint = layer.id;
        canvas.insert(layer, Place::Above(take));
        let group = canvas.group(paint).unwrap();
        assert!(!canvas.is_covered(take), "a third of it");
        canvas.layer_mut(paint).unwrap().pixels = flats(50);
        assert!(canvas.is_covered(take));
        canvas.layer_mut(paint).unwrap().blend = Blend::Multiply;
        assert!(canvas.is_covered(take), "in its group it lies on nothing");
        canvas.layer_mut(group).unwrap().blend = Blend::Multiply;
        assert!(!canvas.is_covered(take));
        canvas.layer_mut(group).unwrap().blend = Blend::Normal;
        canvas.layer_mut(group).unwrap().visible = false;
        assert!(!canvas.is_covered(take));
        canvas.layer_mut(group).unwrap().visible = true;
        canvas.move_to(group, Place::Below(take));
        assert!(!canvas.is_covered(take));
    }
}
