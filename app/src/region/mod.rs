//! Regions of a picture: where a fill runs to, with gaps closed, grown or shrunk. Pure: planes of bytes and tiles in and out.

mod flood;
mod morphology;
mod parts;
mod polygon;

pub use flood::{Reach, flood};
pub use morphology::{grown, shrunk};
pub use parts::{Parts, parts};
pub use polygon::polygon;

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

    fn neighbours(&self, index: usize) -> impl Iterator<Item = usize> + use<> {
        let (x, y, width, height) = (index % self.width, index / self.width, self.width, self.height);
        [
            (x > 0).then(|| index - 1),
            (x + 1 < width).then(|| index + 1),
            (y > 0).then(|| index - width),
            (y + 1 < height).then(|| index + width),
        ]
        .into_iter()
        .flatten()
    }
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
