//! Patterns. Their forms are smaller than the gaps between them, so that a line drawing tells form from ground.

use super::super::design::ground::*;
use super::super::drawing::Drawing;
use super::super::figure::star;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, at, polar};
use super::Background;
use super::parts::whole;

impl Background {
    pub(super) fn stripes(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        whole(drawing, w, WALL);
        let lean = if self.slanted { rng.side() * rng.range(0.3, 0.8) } else { 0.0 };
        let mut x = -1.0 + rng.range(0.0, self.pitch);
        while x < w + 1.0 {
            drawing
                .piece(
                    PATTERN,
                    Curve::polygon([
                        at(x, -0.05),
                        at(x + self.pitch * 0.3, -0.05),
                        at(x + self.pitch * 0.3 + lean, 1.05),
                        at(x + lean, 1.05),
                    ]),
                )
                .unshaded();
            x += self.pitch;
        }
    }

    pub(super) fn spots(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        whole(drawing, w, WALL);
        let start = rng.point(-self.pitch, -self.pitch, 0.0, 0.0);
        for row in 0..(1.0 / self.pitch) as usize + 3 {
            for column in 0..(w / self.pitch) as usize + 3 {
                let x = start.x + (column as f32 + (row % 2) as f32 * 0.5) * self.pitch;
                let centre = at(x, start.y + row as f32 * self.pitch);
                let form = if self.slanted {
                    star(centre, self.pitch * 0.34)
                } else {
                    Curve::circle(centre, self.pitch * 0.26)
                };
                drawing.piece(PATTERN, form).unshaded();
            }
        }
    }

    pub(super) fn tiles(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        whole(drawing, w, WALL);
        let p = self.pitch;
        let start = rng.point(-p, -p, 0.0, 0.0);
        for row in 0..(1.0 / p) as usize + 3 {
            for column in 0..(w / p) as usize + 3 {
                // Smaller than the gaps between them, so that a line drawing tells tiles from wall.
                let (x, y, r) = (start.x + column as f32 * p, start.y + row as f32 * p, p * 0.36);
                let tile = if self.slanted {
                    Curve::polygon([at(x, y - r), at(x + r, y), at(x, y + r), at(x - r, y)])
                } else {
                    Curve::rectangle(x - r, y - r, x + r, y + r)
                };
                drawing.piece(PATTERN, tile).unshaded();
            }
        }
    }

    pub(super) fn patchwork(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        let n = if self.roof { 3 } else { 2 };
        let columns = if self.sun { n } else { n + 1 };
        // Inner corners move; the fields keep their order, by which their colours can be found.
        let corners: Vec<_> = (0..=n)
            .flat_map(|row| (0..=columns).map(move |column| (row, column)))
            .map(|(row, column)| {
                let reach = |i: usize, count: usize| {
                    if i == 0 {
                        -0.1
                    } else if i == count {
                        1.1
                    } else {
                        i as f32 / count as f32
                    }
                };
                let loose = 0.07 / n as f32 * 3.0;
                at(
                    reach(column, columns) * w + rng.signed() * loose,
                    reach(row, n) + rng.signed() * loose,
                )
            })
            .collect();
        for row in 0..n {
            for column in 0..columns {
                let corner = |dx: usize, dy: usize| corners[(row + dy) * (columns + 1) + column + dx];
                let slot = SHAPES + (row * columns + column) as u8;
                drawing
                    .piece(slot, Curve::polygon([corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]))
                    .unshaded();
            }
        }
    }
}

/// Rays from a point.
pub fn rays(drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
    whole(drawing, w, WALL);
    let centre = rng.point(0.25 * w, 0.25, 0.75 * w, 0.75);
    let count = rng.whole(5, 10);
    let start = rng.unit();
    for i in 0..count {
        // A ray fills a third of its sector: the narrower wedges are the pattern.
        let corner = |share: f32| {
            polar(
                centre,
                ((i as f32 + share) / count as f32 + start) * std::f32::consts::TAU,
                2.5,
            )
        };
        drawing
            .piece(PATTERN, Curve::polygon([centre, corner(0.0), corner(0.33)]))
            .unshaded();
    }
}
