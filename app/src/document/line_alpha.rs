//! Lines without their paper: how far a pixel is from white becomes its alpha.
//!
//! A pixel that shows as `c` on white, its channels 0..=1, gets alpha `1 - min(c)`, the least that can show so, and the colour `1 - (1 - c) / alpha`. On white
//! it shows as before to the last bit, and multiplied over a colour but for rounding: black stays black, and a coloured line keeps its colour.

use super::blend::{Blend, compose};
use super::flatten::laid_out;
use super::tile::TileGrid;

impl TileGrid<[u8; 4]> {
    /// The lines alone; what is not selected stays as it is, and so do tiles without paper. Takes time: not for the thread that draws.
    pub fn off_paper(&self, selection: Option<&TileGrid<u8>>) -> Self {
        let area = selection.map_or(self.bounds(), |selection| self.bounds().intersect(selection.bounds()));
        let lines = laid_out(self.size(), area, |part| {
            let mut picture = self.to_picture(part);
            let shares = selection.map(|selection| selection.copy(part));
            for (at, pixel) in picture.pixels_mut().enumerate() {
                let share = shares.as_ref().map_or(255, |shares| shares[at]);
                pixel.0 = toward(pixel.0, off_white(pixel.0), share);
            }
            picture
        });
        let mut all = self.clone();
        for span in self.spans(area) {
            let Some(before) = self.tile(span.column, span.row) else {
                continue;
            };
            let same = match lines.tile(span.column, span.row) {
                Some(after) => before.pixels() == after.pixels(),
                None => before.pixels().iter().all(|pixel| *pixel == [0; 4]),
            };
            if !same {
                all.share_tile(&lines, span.column, span.row);
            }
        }
        all
    }
}

/// A pixel without the white in it; straight RGBA, as everywhere here. One that has none stays as it is.
fn off_white(pixel: [u8; 4]) -> [u8; 4] {
    if pixel[3] == 0 {
        return pixel;
    }
    let [r, g, b, _] = compose([255; 4], pixel, 1.0, Blend::Normal, false);
    let alpha = 255 - r.min(g).min(b);
    if alpha == pixel[3] {
        return pixel;
    }
    if alpha == 0 {
        return [0; 4];
    }
    let straight = |value: u8| {
        let ink = u32::from(255 - value) * 255;
        255 - ((ink + u32::from(alpha) / 2) / u32::from(alpha)) as u8
    };
    [straight(r), straight(g), straight(b), alpha]
}

/// As far from one pixel to the other as `share` of 255 says.
fn toward(from: [u8; 4], to: [u8; 4], share: u8) -> [u8; 4] {
    let [r, g, b, alpha] = from;
    match share {
        0 => from,
        255 => to,
        _ => {
            let left = (u32::from(alpha) * u32::from(255 - share) + 127) / 255;
            compose([r, g, b, left as u8], to, f32::from(share) / 255.0, Blend::Plus, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Layer, Pixels, Place, Rect, Role};
    use image::{Rgba, RgbaImage};

    #[test]
    fn white_is_gone_black_stays_and_a_coloured_line_keeps_its_colour() {
        assert_eq!(off_white([255; 4]), [0; 4]);
        assert_eq!(off_white([0, 0, 0, 255]), [0, 0, 0, 255]);
        assert_eq!(off_white([127, 127, 127, 255]), [0, 0, 0, 128], "the edge of a black line");
        assert_eq!(off_white([200, 0, 40, 255]), [200, 0, 40, 255]);
        assert_eq!(off_white([228, 128, 148, 255]), [201, 0, 40, 127], "the edge of a red one");
        assert_eq!(off_white([60, 30, 0, 90]), [60, 30, 0, 90], "a line without paper");
        assert_eq!(off_white([9, 8, 7, 0]), [9, 8, 7, 0], "what does not show");
    }

    #[test]
    fn on_white_every_pixel_shows_as_before_and_a_second_time_changes_nothing() {
        let shown = |pixel| compose([255; 4], pixel, 1.0, Blend::Normal, false);
        for at in 0..1_u32 << 18 {
            // Sixty-four values of each channel, and alphas of all kinds.
            let channel = |shift: u32| (((at >> shift) & 63) * 4 + (at >> 16)) as u8;
            let pixel = [
                channel(0),
                channel(6),
                channel(12),
                if at % 5 == 0 { (at % 251) as u8 } else { 255 },
            ];
            let line = off_white(pixel);
            assert_eq!(shown(line), shown(pixel), "{pixel:?}");
            assert_eq!(off_white(line), line, "{pixel:?}");
        }
    }

    /// A scan of two tiles and a bit: black at 270, else white; nothing right of 600.
    fn scan() -> TileGrid<[u8; 4]> {
        let picture = RgbaImage::from_fn(700, 4, |x, _| match x {
            270 => Rgba([0, 0, 0, 255]),
            0..600 => Rgba([255; 4]),
            _ => Rgba([0; 4]),
        });
        TileGrid::from_picture(&picture)
    }

    #[test]
    fn a_scan_loses_its_paper_where_it_is_selected_and_a_generation_sees_the_same_lines() {
        let scan = scan();
        let lines = scan.off_paper(None);
        assert_eq!([lines.pixel(269, 1), lines.pixel(270, 1)], [[0; 4], [0, 0, 0, 255]]);
        assert!(lines.tile(0, 0).is_none(), "paper alone leaves nothing in memory");
        assert_eq!(
            lines.off_paper(None).stamp(),
            lines.stamp(),
            "and nothing is left to take off"
        );

        let mut document = Document::from_sketch(&RgbaImage::from_pixel(700, 4, Rgba([90, 60, 200, 70]))).unwrap();
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        let layer = Layer::new(Role::Sketch, "Scan", Pixels::Raster(scan.clone()));
        let id = layer.id;
        document.canvas_mut().insert(layer, Place::Above(sketch));
        let seen = |document: &Document| document.canvas().line_art(Rect::of([700, 4]));
        let before = seen(&document);
        document.layer_mut(id).unwrap().pixels = Pixels::Raster(lines);
        assert_eq!(seen(&document), before);

        // The first tile whole, and a half of what is at 300.
        let mut shares = vec![0; 700 * 4];
        shares.iter_mut().enumerate().for_each(|(at, share)| {
            *share = match at % 700 {
                0..256 => 255,
                300 => 128,
                _ => 0,
            }
        });
        let selection = TileGrid::with_pixels([700, 4], [0, 0], 700, &shares);
        let part = scan.off_paper(Some(&selection));
        assert_eq!(
            [0, 299, 300].map(|x| part.pixel(x, 2)),
            [[0; 4], [255; 4], [255, 255, 255, 127]]
        );
        assert_eq!(
            part.tile(2, 0).map(|tile| tile.revision()),
            scan.tile(2, 0).map(|tile| tile.revision())
        );
    }
}
