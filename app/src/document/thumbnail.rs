//! Small pictures of layers.

use image::{Rgba, RgbaImage};

use super::layer::{Layer, Pixels};

/// Pixels read along each side of what becomes one pixel: enough that thin lines do not vanish, few enough to do it between two frames.
const TAPS: u32 = 4;

impl Layer {
    /// The layer at most `side` pixels wide and high, in its own proportions; masks in gray, groups blank.
    pub fn thumbnail(&self, side: u32) -> RgbaImage {
        let [width, height] = self.size();
        let longest = width.max(height).max(1);
        let scaled = |length: u32| (u64::from(length) * u64::from(side) / u64::from(longest)).max(1) as u32;
        let size = [scaled(width), scaled(height)];
        match &self.pixels {
            Pixels::Raster(grid) => reduced(self.size(), size, TAPS, |x, y| grid.pixel(x, y)),
            Pixels::Mask(grid) => reduced(self.size(), size, TAPS, |x, y| {
                let value = grid.pixel(x, y);
                [value, value, value, 255]
            }),
            Pixels::Group(_) => RgbaImage::new(size[0], size[1]),
        }
    }
}

/// A picture of `from` `[width, height]` at the size `to`: each pixel the mean of `side` times `side` of it, as much as they cover. `side` in 1..=128.
pub(super) fn reduced(from: [u32; 2], to: [u32; 2], side: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> RgbaImage {
    // The middles of `side` equal parts of each pixel, along one axis.
    let taps = |pixel: u32, length: u32, small: u32| {
        let at = move |tap: u32| (u64::from(pixel * side + tap) * 2 + 1) * u64::from(length) / u64::from(2 * small * side);
        (0..side).map(move |tap| at(tap) as u32)
    };
    RgbaImage::from_fn(to[0], to[1], |x, y| {
        let mut sum = [0u32; 4];
        for row in taps(y, from[1], to[1]) {
            for column in taps(x, from[0], to[0]) {
                let [r, g, b, a] = pixel(column, row).map(u32::from);
                for (sum, value) in sum.iter_mut().zip([r * a, g * a, b * a, a]) {
                    *sum += value;
                }
            }
        }
        let [r, g, b, a] = sum;
        let straight = |value: u32| ((value + a / 2) / a.max(1)) as u8;
        Rgba([straight(r), straight(g), straight(b), (a / (side * side)) as u8])
    })
}

#[cfg(test)]
mod tests {
    use crate::document::{Layer, Pixels, Role, TileGrid};

    #[test]
    fn a_thumbnail_is_the_mean_in_the_layers_own_proportions() {
        let pixels: Vec<[u8; 4]> = (0..80 * 40)
            .map(|at| if at % 80 < 40 { [200, 0, 0, 255] } else { [0; 4] })
            .collect();
        let grid = TileGrid::with_pixels([80, 40], [0, 0], 80, &pixels);
        let small = Layer::new(Role::Paint, "a", Pixels::Raster(grid)).thumbnail(10);
        assert_eq!(small.dimensions(), (10, 5));
        assert_eq!((small.get_pixel(4, 2).0, small.get_pixel(5, 2).0), ([200, 0, 0, 255], [0; 4]));
        let odd = Layer::new(Role::Paint, "a", Pixels::Mask(TileGrid::new([3, 9000]))).thumbnail(30);
        assert_eq!((odd.dimensions(), odd.get_pixel(0, 7).0), ((1, 30), [0, 0, 0, 255]));
    }
}
