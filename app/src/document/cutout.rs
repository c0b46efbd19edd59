//! A part of a sheet as a picture, and as a layer, of its own.

use image::{DynamicImage, RgbaImage, imageops};

use super::arrange::Place;
use super::layer::{Layer, LayerId, Pixels, Role};
use super::rect::Rect;
use super::sheet::Sheet;
use super::tile::TileGrid;

/// A part of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Cutout {
    /// Straight RGBA.
    pub picture: RgbaImage,
    /// Where it was, in pixels of the sheet; as large as the picture.
    pub area: Rect,
}

impl Sheet {
    /// What is selected of a layer, of what lies in a group, or without a layer of what the sheet shows; of a mask in grey. Cut to where there is something:
    /// none where there is nothing. Takes time: not for the thread that draws.
    pub fn cutout(&self, layer: Option<LayerId>) -> Option<Cutout> {
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
        let [left, top] = [area.left + seen.left, area.top + seen.top];
        Some(Cutout {
            picture: imageops::crop_imm(&picture, seen.left, seen.top, seen.width(), seen.height()).to_image(),
            area: Rect::new(left, top, left + seen.width(), top + seen.height()),
        })
    }

    /// What is selected of a layer, or of what lies in a group, as a layer's pixels, where it was; all of it without a selection. None where there is
    /// nothing. Takes time: not for the thread that draws.
    pub fn copied(&self, layer: LayerId) -> Option<TileGrid<[u8; 4]>> {
        if let (None, Some(all)) = (self.selection(), self.layer(layer)?.raster()) {
            return (!all.is_blank()).then(|| all.clone());
        }
        let Cutout { picture, area } = self.cutout(Some(layer))?;
        let at = [area.left as i32, area.top as i32];
        Some(TileGrid::with_pixels(self.size(), at, area.width(), picture.as_chunks().0))
    }

    /// How far a layer covers, or all that shows of a group, 0..=255; of a mask the figure. None where there is no such layer. Takes time: not for the thread
    /// that draws.
    pub fn coverage(&self, layer: LayerId) -> Option<TileGrid<u8>> {
        if let Some(mask) = self.layer(layer)?.mask() {
            return Some(mask.clone());
        }
        let size = self.size();
        let picture = self.picture_of(layer, Rect::of(size));
        let alpha: Vec<u8> = picture.pixels().map(|pixel| pixel.0[3]).collect();
        Some(TileGrid::with_pixels(size, [0, 0], size[0], &alpha))
    }

    /// Lays pixels that were copied of a layer over it, as a new layer that shows as that does. Those of a take, which nobody paints on, lie as paint over all
    /// takes. None where the layer is gone.
    pub fn lay_copy(&mut self, source: LayerId, pixels: TileGrid<[u8; 4]>) -> Option<LayerId> {
        let own = self.layer(source)?;
        let (below, name) = match own.role {
            Role::Take => (
                self.layers().rfind(|layer| layer.role == Role::Take)?,
                format!("{} as paint", own.name),
            ),
            _ => (own, own.name.clone()),
        };
        // A second sketch would count beside the first in the next generation.
        let role = if own.role == Role::Hints { Role::Hints } else { Role::Paint };
        let mut copy = Layer::new(role, &self.free_name(&name), Pixels::Raster(pixels));
        let (id, place) = (copy.id, Place::Above(below.id));
        // What is clipped to the layer below goes on showing on all of that, not on the copy alone.
        let clip = below.clip || self.is_within_clipping(place);
        (copy.blend, copy.opacity, copy.clip) = (own.blend, own.opacity, clip);
        self.insert(copy, place).then_some(id)
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
    use crate::document::{Combine, Document, Side};
    use image::{Rgb, RgbImage, Rgba};

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
        assert_eq!(whole.area, Rect::new(250, 100, 270, 120));
        assert_eq!(
            (whole.picture.dimensions(), whole.picture.get_pixel(19, 19).0),
            ((20, 20), [200, 0, 0, 255])
        );
        let part = TileGrid::with_pixels([600, 300], [0, 0], 256, &[128; 256 * 105]);
        document.select(Side::Canvas, &part, Combine::Replace);
        let cut = document.canvas().cutout(Some(paint)).unwrap();
        assert_eq!(
            (cut.area, cut.picture.get_pixel(0, 0).0),
            (Rect::new(250, 100, 256, 105), [200, 0, 0, 128])
        );
        let apart = TileGrid::with_pixels([600, 300], [0, 0], 10, &[255; 100]);
        document.select(Side::Canvas, &apart, Combine::Replace);
        assert_eq!(document.canvas().cutout(Some(paint)), None);
    }

    #[test]
    fn without_a_layer_it_is_what_shows_and_a_mask_is_grey() {
        let (mut document, _) = document();
        let Cutout { picture: all, area } = document.canvas().cutout(None).unwrap();
        assert_eq!((all.dimensions(), area), ((600, 300), Rect::of([600, 300])));
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
            Some(Cutout {
                picture: RgbaImage::from_pixel(2, 2, Rgba([255; 4])),
                area: Rect::new(5, 5, 7, 7),
            })
        );
    }

    #[test]
    fn what_is_copied_lies_in_its_place_and_what_is_clipped_goes_on_showing() {
        let (mut document, paint) = document();
        let canvas = document.canvas_mut();
        let shade = Layer::new(
            Role::Paint,
            "Shade",
            Pixels::Raster(TileGrid::filled([600, 300], [0, 0, 90, 255])),
        );
        let (shade_id, mut shade) = (shade.id, shade);
        shade.clip = true;
        canvas.insert(shade, Place::Above(paint));
        let before = canvas.composite(Rect::of([600, 300]));
        let corner = TileGrid::with_pixels([600, 300], [240, 90], 20, &[255; 400]);
        document.select(Side::Canvas, &corner, Combine::Replace);
        let canvas = document.canvas_mut();
        let pixels = canvas.copied(paint).unwrap();
        assert_eq!(
            [(249, 100), (250, 100), (259, 109), (260, 110)].map(|(x, y)| pixels.pixel(x, y)[3]),
            [0, 255, 255, 0]
        );
        let copy = canvas.lay_copy(paint, pixels).unwrap();
        let order: Vec<LayerId> = canvas.layers().map(|layer| layer.id).skip(1).take(3).collect();
        assert_eq!(order, [paint, copy, shade_id]);
        assert_eq!(canvas.layer(copy).unwrap().name, "Paint 2");
        assert!(
            canvas.composite(Rect::of([600, 300])) == before,
            "the shade lies on all of the square"
        );
    }

    #[test]
    fn of_a_take_it_becomes_paint_over_all_takes_and_of_the_sketch_no_second_sketch() {
        let (mut document, _) = document();
        let first = document.place_take(&RgbImage::from_pixel(600, 300, Rgb([9, 8, 7])), String::new());
        let last = document.place_take(&RgbImage::from_pixel(600, 300, Rgb([1, 2, 3])), String::new());
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        let canvas = document.canvas_mut();
        for (source, below, name) in [(first, last, "Take 1 as paint"), (sketch, sketch, "Sketch 2")] {
            let pixels = canvas.copied(source).unwrap();
            assert_eq!(pixels.stamp(), canvas.layer(source).unwrap().stamp(), "the same tiles");
            let id = canvas.lay_copy(source, pixels).unwrap();
            let copy = canvas.layer(id).unwrap();
            assert_eq!((copy.role, copy.name.as_str()), (Role::Paint, name));
            assert_eq!(copy.blend, canvas.layer(source).unwrap().blend);
            let at = |id: LayerId| canvas.layers().position(|layer| layer.id == id).unwrap();
            assert_eq!(at(id), at(below) + 1);
        }
        assert_eq!(canvas.by_role(Role::Sketch).unwrap().id, sketch);
    }

    #[test]
    fn a_layer_and_what_shows_of_a_group_cover_as_they_are_painted() {
        let (mut document, paint) = document();
        let canvas = document.canvas_mut();
        let group = canvas.group(paint).unwrap();
        let at = |canvas: &Sheet, id| canvas.coverage(id).map(|cover| [249, 250].map(|x| cover.pixel(x, 110)));
        assert_eq!([paint, group].map(|id| at(canvas, id)), [Some([0, 255]); 2]);
        canvas.layer_mut(paint).unwrap().visible = false;
        assert!(canvas.coverage(group).is_some_and(|cover| cover.is_blank()));
    }
}
