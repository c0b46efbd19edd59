//! A picture made ready for the GPU: in its own size and in smaller ones, each cut into tiles that one frame can bring there.

use std::sync::Arc;

use egui::{ColorImage, Rect, pos2};
use image::{Rgb, RgbImage};

/// Longer side of a tile with its margins: 16 MB, a few milliseconds for whoever copies it.
const TILE: u32 = 2048;
/// Pixels of the neighbours around a tile, so that no seam shows where a picture is scaled.
const MARGIN: u32 = 1;

/// A picture in several sizes.
pub struct Bitmap {
    /// `[width, height]`.
    pub size: [u32; 2],
    /// The first in the picture's own size, each of the others half of the one before.
    pub levels: Vec<Level>,
}

/// A picture in one size.
pub struct Level {
    /// Pixels from left to right.
    pub width: u32,
    pub tiles: Vec<Tile>,
}

/// A part of a level.
pub struct Tile {
    /// Where it lies in the picture, 0..=1.
    pub place: Rect,
    /// What of the image shows there, 0..=1.
    pub shown: Rect,
    pub image: Arc<ColorImage>,
}

impl Bitmap {
    /// Halves the picture until its longer side is `smallest` or less.
    pub fn new(picture: &RgbImage, smallest: u32) -> Self {
        let mut levels = vec![Level::of(picture)];
        let mut half = None;
        loop {
            let finer: &RgbImage = half.as_ref().unwrap_or(picture);
            if finer.width().max(finer.height()) <= smallest {
                break;
            }
            let next = halved(finer);
            levels.push(Level::of(&next));
            half = Some(next);
        }
        Self {
            size: [picture.width(), picture.height()],
            levels,
        }
    }
}

impl Level {
    fn of(picture: &RgbImage) -> Self {
        let (width, height) = picture.dimensions();
        let inner = TILE - 2 * MARGIN;
        let starts = |length: u32| (0..length).step_by(inner as usize);
        let tiles = starts(height).flat_map(|top| starts(width).map(move |left| [left, top]));
        let tile = |[left, top]: [u32; 2]| {
            let (right, bottom) = ((left + inner).min(width), (top + inner).min(height));
            let (from, to) = (
                [left.saturating_sub(MARGIN), top.saturating_sub(MARGIN)],
                [(right + MARGIN).min(width), (bottom + MARGIN).min(height)],
            );
            let size = [to[0] - from[0], to[1] - from[1]];
            let mut bytes = Vec::with_capacity((size[0] * size[1] * 3) as usize);
            for y in from[1]..to[1] {
                let row = (y as usize * width as usize + from[0] as usize) * 3;
                bytes.extend_from_slice(&picture.as_raw()[row..row + size[0] as usize * 3]);
            }
            let share = |x: u32, y: u32, origin: [u32; 2], of: [u32; 2]| {
                pos2((x - origin[0]) as f32 / of[0] as f32, (y - origin[1]) as f32 / of[1] as f32)
            };
            let part = |origin, of| Rect::from_min_max(share(left, top, origin, of), share(right, bottom, origin, of));
            Tile {
                place: part([0, 0], [width, height]),
                shown: part(from, size),
                image: Arc::new(ColorImage::from_rgb(size.map(|side| side as usize), &bytes)),
            }
        };
        Self {
            width,
            tiles: tiles.map(tile).collect(),
        }
    }
}

/// A picture of half the size, each pixel the mean of four; of an odd length the last pixel counts twice.
fn halved(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width.div_ceil(2), height.div_ceil(2), |x, y| {
        let (left, right) = (2 * x, (2 * x + 1).min(width - 1));
        let (top, bottom) = (2 * y, (2 * y + 1).min(height - 1));
        let four = [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| picture.get_pixel(x, y).0);
        let mean = |channel: usize| (four.iter().map(|pixel| u32::from(pixel[channel])).sum::<u32>() + 2) / 4;
        Rgb([mean(0) as u8, mean(1) as u8, mean(2) as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_lines_grow_faint_and_do_not_break_up() {
        let lines = RgbImage::from_fn(1024, 512, |x, _| Rgb([if x % 8 == 3 { 0 } else { 255 }; 3]));
        let bitmap = Bitmap::new(&lines, 256);
        assert_eq!(
            bitmap.levels.iter().map(|level| level.width).collect::<Vec<_>>(),
            [1024, 512, 256]
        );
        for (level, dark) in bitmap.levels.iter().zip([0, 128, 191]) {
            let image = &level.tiles[0].image;
            let period = image.size[0] / 128;
            for line in 0..128 {
                let pixels = &image.pixels[line * period..(line + 1) * period];
                let darkest = pixels.iter().map(|pixel| pixel.r()).min().unwrap();
                assert!(darkest.abs_diff(dark) <= 1, "line {line} of {}: {darkest}", level.width);
            }
        }
    }

    #[test]
    fn tiles_cover_a_picture_once_and_hold_what_is_there() {
        let size = [2 * TILE + 100, 70];
        let picture = RgbImage::from_fn(size[0], size[1], |x, y| Rgb([(x % 251) as u8, (x / 251) as u8, y as u8]));
        let level = &Bitmap::new(&picture, size[0]).levels[0];
        assert_eq!(level.tiles.len(), 3);
        let area: f32 = level.tiles.iter().map(|tile| tile.place.area()).sum();
        assert!((area - 1.0).abs() < 1e-4, "{area}");
        for tile in &level.tiles {
            assert!(tile.image.size.iter().all(|side| *side <= TILE as usize));
            // The middle of the first pixel that shows.
            let [x, y] = [tile.place.left() * size[0] as f32, tile.place.top() * size[1] as f32].map(|at| at.round() as u32);
            let inside = [
                tile.shown.left() * tile.image.size[0] as f32,
                tile.shown.top() * tile.image.size[1] as f32,
            ];
            let [inner_x, inner_y] = inside.map(|at| at.round() as usize);
            let found = tile.image.pixels[inner_y * tile.image.size[0] + inner_x];
            assert_eq!([found.r(), found.g(), found.b()], picture.get_pixel(x, y).0);
        }
    }

    #[test]
    fn odd_sizes_keep_their_edges() {
        let picture = RgbImage::from_fn(5, 3, |x, _| Rgb([if x == 4 { 200 } else { 0 }; 3]));
        let bitmap = Bitmap::new(&picture, 1);
        assert_eq!(
            bitmap.levels.iter().map(|level| level.width).collect::<Vec<_>>(),
            [5, 3, 2, 1]
        );
        assert_eq!(bitmap.levels[1].tiles[0].image.pixels[2].r(), 200);
    }
}
