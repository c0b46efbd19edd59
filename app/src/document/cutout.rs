//! A part of a sheet as a picture of its own.

use image::{DynamicImage, RgbaImage, imageops};

use super::layer::{LayerId, Pixels};
use super::rect::Rect;
use super::sheet::Sheet;

impl Sheet {
    /// What is selected of a layer, of what lies in a group, or without a layer of what the sheet shows; of a mask in grey. Straight RGBA, cut to where there is
    /// something: none where there is nothing.
    pub fn cutout(&self, layer: Option<LayerId>) -> Option<RgbaImage> {
        let whole = Rect::of(self.size());
        let own = layer.and_then(|id| self.layer(id));
        let painted = match own.map(|layer| &layer.pixels) {
            Some(pixels @ Pixels::Raster(_)) => pixels.bounds(),
            _ => whole,
        };
        let area = self
            .selection()
            .map_or(painted, |selection| painted.intersect(selection.bounds()));
        let mut picture = match (own.map(|layer| &layer.pixels), layer) {
            (Some(Pixels::Mask(mask)), _) => DynamicImage::from(mask.to_gray(area)).into_rgba8(),
            (_, Some(id)) => self.picture_of(id, area),
            (_, None) => self.composite(area),
        };
        if let Some(selection) = self.selection() {
            let shares = selection.copy(area);
            for (pixel, share) in picture.pixels_mut().zip(shares) {
                pixel.0[3] = ((u32::from(pixel.0[3]) * u32::from(share) + 127) / 255) as u8;
            }
        }
        let seen = seen(&picture)?;
        Some(imageops::crop_imm(&picture, seen.left, seen.top, seen.width(), seen.height()).to_image())
    }
}

/// The smallest rectangle around all that is not transparent.
fn seen(picture: &RgbaImage) -> Option<Rect> {
    let rows = picture.rows().enumerate().filter_map(|(y, row)| {
        let left = row.clone().position(|pixel| pixel.0[3] > 0)?;
        let right = row.clone().rposition(|pixel| pixel.0[3] > 0)? + 1;
        Some(Rect::new(left as u32, y as u32, right as u32, y as u32 + 1))
    });
    rows.reduce(Rect::union)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Combine, Document, Layer, Place, Role, Side, TileGrid};
    use image::Rgba;

    /// White paper of 600x300 with a red square of 20 pixels at 250, 100 on a layer of its own.
    fn document() -> (Document, LayerId) {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(600, 300, Rgba([255; 4]))).unwrap();
        let square = TileGrid::with_pixels([600, 300], [250, 100], 20, &[[200, 0, 0, 255]; 400]);
        let layer = Layer::new(Role::Paint, "Paint", Pixels::Raster(square));
        let (id, sketch) = (layer.id, document.by_role(Role::Sketch).unwrap().id);
        document.canvas_mut().insert(layer, Place::Above(sketch));
        (document, id)
    }

    #[test]
    fn a_layer_is_cut_to_what_is_on_it_and_selected() {
        let (mut document, paint) = document();
        let whole = document.canvas().cutout(Some(paint)).unwrap();
        assert_eq!((whole.dimensions(), whole.get_pixel(19, 19).0), ((20, 20), [200, 0, 0, 255]));
        let part = TileGrid::with_pixels([600, 300], [0, 0], 256, &[128; 256 * 105]);
        document.select(Side::Canvas, &part, Combine::Replace);
        let cut = document.canvas().cutout(Some(paint)).unwrap();
        assert_eq!((cut.dimensions(), cut.get_pixel(0, 0).0), ((6, 5), [200, 0, 0, 128]));
        let apart = TileGrid::with_pixels([600, 300], [0, 0], 10, &[255; 100]);
        document.select(Side::Canvas, &apart, Combine::Replace);
        assert_eq!(document.canvas().cutout(Some(paint)), None);
    }

    #[test]
    fn without_a_layer_it_is_what_shows_and_a_mask_is_grey() {
        let (mut document, _) = document();
        let all = document.canvas().cutout(None).unwrap();
        assert_eq!(all.dimensions(), (600, 300));
        assert_eq!(
            [all.get_pixel(0, 0).0, all.get_pixel(260, 110).0],
            [[255; 4], [200, 0, 0, 255]]
        );
        let mask = document.by_role(Role::SketchMask).unwrap().id;
        let shape = TileGrid::with_pixels([600, 300], [5, 5], 2, &[255; 4]);
        document.layer_mut(mask).unwrap().pixels = Pixels::Mask(shape.clone());
        document.select(Side::Canvas, &shape, Combine::Replace);
        assert_eq!(
            document.canvas().cutout(Some(mask)),
            Some(RgbaImage::from_pixel(2, 2, Rgba([255; 4])))
        );
    }
}
