//! Layers flattened on the CPU: for export, thumbnails and tests. The canvas shader does the same on the GPU.

use image::{Rgb, RgbImage, RgbaImage};

use super::document::Document;
use super::layer::{Blend, Layer};
use super::sheet::Sheet;
use super::tile::Rect;

impl Document {
    /// The canvas as a person sees it, without mask tints: `area` of the visible layers, straight RGBA.
    pub fn composite(&self, area: Rect) -> RgbaImage {
        self.canvas().composite(area)
    }
}

impl Sheet {
    /// `area` of the visible raster layers over nothing, straight RGBA. Masks do not show.
    pub fn composite(&self, area: Rect) -> RgbaImage {
        let mut picture = RgbaImage::new(area.width(), area.height());
        for layer in self.layers().filter(|layer| layer.visible && layer.opacity > 0.0) {
            lay(&mut picture, layer, area);
        }
        picture
    }
}

fn lay(picture: &mut RgbaImage, layer: &Layer, area: Rect) {
    let Some(grid) = layer.raster() else { return };
    let width = picture.width() as usize;
    let backdrop = picture.as_chunks_mut::<4>().0;
    for span in grid.spans(area) {
        let Some(tile) = grid.tile(span.column, span.row) else {
            continue;
        };
        for y in span.rect.top..span.rect.bottom {
            let start = (y - area.top) as usize * width + (span.rect.left - area.left) as usize;
            let source = &tile.pixels()[span.range(y)];
            for (below, above) in backdrop[start..].iter_mut().zip(source) {
                *below = blend(*below, *above, layer.opacity, layer.blend);
            }
        }
    }
}

/// One pixel over another: `co = cs as (1 - ab) + cb ab (1 - as) + as ab B(cb, cs)` (W3C Compositing and Blending, section 9), divided by the
/// alpha of the result. Straight RGBA in, straight RGBA out.
pub fn blend(below: [u8; 4], above: [u8; 4], opacity: f32, mode: Blend) -> [u8; 4] {
    if above[3] == 0 || opacity <= 0.0 {
        return below;
    }
    if above[3] == 255 && opacity >= 1.0 && mode == Blend::Normal {
        return above;
    }
    let (source, backdrop) = (f32::from(above[3]) / 255.0 * opacity, f32::from(below[3]) / 255.0);
    let alpha = source + backdrop * (1.0 - source);
    // Weights of the layer alone, of what lies below alone, and of both mixed; on opaque ground there is nothing to divide by.
    let scale = if below[3] == 255 { 1.0 } else { 1.0 / alpha };
    let [alone, ground, both] =
        [source * (1.0 - backdrop), backdrop * (1.0 - source), source * backdrop].map(|share| share * scale);
    let channel = |index: usize| {
        let (cs, cb) = (f32::from(above[index]), f32::from(below[index]));
        let mixed = match mode {
            Blend::Normal => cs,
            Blend::Multiply => cs * cb / 255.0,
        };
        (cs * alone + cb * ground + mixed * both + 0.5) as u8
    };
    [channel(0), channel(1), channel(2), (alpha * 255.0 + 0.5) as u8]
}

/// `picture` on white paper.
pub fn on_white(picture: &RgbaImage) -> RgbImage {
    let mut paper = RgbImage::new(picture.width(), picture.height());
    for (to, from) in paper.pixels_mut().zip(picture.pixels()) {
        let [r, g, b, _] = blend([255; 4], from.0, 1.0, Blend::Normal);
        *to = Rgb([r, g, b]);
    }
    paper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Role;
    use image::Rgba;

    #[test]
    fn pixels_mix_as_the_formula_says() {
        let multiply = |below, above| blend(below, above, 1.0, Blend::Multiply);
        assert_eq!(multiply([200, 100, 50, 255], [128, 128, 128, 255]), [100, 50, 25, 255]);
        assert_eq!(multiply([200, 100, 50, 255], [255; 4]), [200, 100, 50, 255], "paper vanishes");
        assert_eq!(
            multiply([0; 4], [12, 34, 56, 255]),
            [12, 34, 56, 255],
            "over nothing a layer shows as it is"
        );
        assert_eq!(blend([0, 0, 0, 255], [255; 4], 0.5, Blend::Normal), [128, 128, 128, 255]);
        assert_eq!(
            blend([10, 20, 30, 128], [40, 50, 60, 128], 1.0, Blend::Normal),
            [30, 40, 50, 192]
        );
    }

    #[test]
    fn the_sketch_multiplies_over_the_take_and_masks_do_not_show() {
        let mut sketch = RgbaImage::from_pixel(300, 2, Rgba([255; 4]));
        sketch.put_pixel(257, 1, Rgba([0, 0, 0, 255]));
        let mut document = Document::from_sketch(&sketch).unwrap();
        document.set_mask(Role::SketchMask, &image::GrayImage::from_pixel(300, 2, image::Luma([255])));
        document.place_take(&RgbImage::from_pixel(300, 2, Rgb([10, 200, 30])), String::new());
        let picture = document.composite(Rect::new(256, 1, 259, 2));
        assert_eq!(picture.into_raw(), [10, 200, 30, 255, 0, 0, 0, 255, 10, 200, 30, 255]);
    }

    #[test]
    fn white_paper_shows_where_a_picture_does_not() {
        let picture = RgbaImage::from_raw(2, 1, vec![9, 9, 9, 0, 0, 0, 0, 128]).unwrap();
        assert_eq!(on_white(&picture).into_raw(), [255, 255, 255, 127, 127, 127]);
    }
}
