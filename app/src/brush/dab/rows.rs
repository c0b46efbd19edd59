//! Where a dab meets a row of pixels.

use super::{Dab, MARGIN};

/// What a dab has to do with a row.
#[derive(Clone, Copy, Default)]
pub(super) struct Part {
    /// From the dab's centre to that of the row's first pixel.
    pub left: f32,
    /// From the dab's centre to the middle of the row.
    pub y: f32,
    /// The pixels that it may touch.
    pub start: usize,
    pub end: usize,
    /// Those among them that it surely covers.
    pub solid_start: usize,
    pub solid_end: usize,
}

/// An ellipse of radius r about the origin, a x^2 + 2 b x y + c y^2 = r^2, as a row of pixels meets it.
pub(super) struct Rows {
    slant: f32,
    /// (a c - b^2) / a^2, of y^2.
    height: f32,
    outer: f32,
    inner: f32,
}

impl Rows {
    #[inline(always)]
    pub fn of(dab: &Dab) -> Self {
        let (sin, cos) = dab.turn();
        let flat = 1.0 / (dab.roundness * dab.roundness);
        let a = cos * cos + sin * sin * flat;
        let b = sin * cos * (1.0 - flat);
        let c = sin * sin + cos * cos * flat;
        let margin = MARGIN / dab.roundness;
        Self {
            slant: b / a,
            height: (a * c - b * b) / (a * a),
            outer: (dab.radius + margin).powi(2) / a,
            inner: (dab.radius * dab.hardness - margin).max(0.0).powi(2) / a,
        }
    }

    #[inline(always)]
    pub fn part(&self, left: f32, y: f32, width: usize) -> Part {
        let middle = -self.slant * y - left;
        let index = |at: f32| at.max(0.0).min(width as f32) as usize;
        let mut part = Part {
            left,
            y,
            ..Part::default()
        };
        let square = |most: f32| most - self.height * y * y;
        if square(self.outer) > 0.0 {
            let outer = square(self.outer).sqrt();
            (part.start, part.end) = (index(middle - outer), index(middle + outer + 1.0));
        }
        if square(self.inner) > 0.0 {
            let inner = square(self.inner).sqrt();
            (part.solid_start, part.solid_end) = (index(middle - inner + 1.0), index(middle + inner));
        }
        part
    }
}
