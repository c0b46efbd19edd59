//! Regions of a drawing: where paint runs to between lines, with gaps closed, grown or shrunk. Pure: planes of bytes in and out.

mod flood;
mod morphology;
mod parts;

use image::{GrayImage, RgbImage};

pub use flood::{Reach, flood};
pub use morphology::{grown, shrunk};
pub use parts::{Parts, parts, room};

/// How much lighter or darker than its paper, 0..=255, a line is at least.
const LINE: u8 = 48;

/// One byte a pixel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane {
    pub width: usize,
    pub height: usize,
    pub cells: Vec<u8>,
}

impl Plane {
    /// All zero.
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            cells: vec![0; width * height],
        }
    }

    /// 1 where a sketch has no line: where it is about as light as its paper, which is what there is most of.
    pub fn between_lines(sketch: &RgbImage) -> Self {
        let light = GrayImage::from_fn(sketch.width(), sketch.height(), |x, y| {
            let sum: u16 = sketch.get_pixel(x, y).0.into_iter().map(u16::from).sum();
            image::Luma([(sum / 3) as u8])
        });
        let mut counts = [0_u32; 256];
        light.as_raw().iter().for_each(|value| counts[usize::from(*value)] += 1);
        let paper = (0..=255_u8).max_by_key(|value| counts[usize::from(*value)]).unwrap_or(255);
        Self {
            width: sketch.width() as usize,
            height: sketch.height() as usize,
            cells: light
                .as_raw()
                .iter()
                .map(|value| u8::from(value.abs_diff(paper) <= LINE))
                .collect(),
        }
    }

    pub(super) fn neighbours(&self, index: usize) -> impl Iterator<Item = usize> + use<> {
        neighbours([self.width, self.height], index)
    }
}

/// The cells left, right, above and below of a cell, in a plane of `size` `[width, height]`.
pub fn neighbours([width, height]: [usize; 2], index: usize) -> impl Iterator<Item = usize> + use<> {
    let (x, y) = (index % width, index / width);
    [
        (x > 0).then(|| index - 1),
        (x + 1 < width).then(|| index + 1),
        (y > 0).then(|| index - width),
        (y + 1 < height).then(|| index + width),
    ]
    .into_iter()
    .flatten()
}

/// A plane from rows of text: `.` is 0, anything else 1.
#[cfg(test)]
fn drawn(rows: &[&str]) -> Plane {
    Plane {
        width: rows[0].len(),
        height: rows.len(),
        cells: rows.concat().bytes().map(|cell| u8::from(cell != b'.')).collect(),
    }
}
