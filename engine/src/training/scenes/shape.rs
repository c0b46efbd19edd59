//! Outlines and lines as smooth curves through a few knots.

use std::f32::consts::TAU;

use tiny_skia::{Path, PathBuilder, Point, Transform};

/// A point, for short.
pub fn at(x: f32, y: f32) -> Point {
    Point::from_xy(x, y)
}

/// The point a share `t` of the way from `a` to `b`.
pub fn between(a: Point, b: Point, t: f32) -> Point {
    at(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
}

/// `a` moved by `length` along `angle` (0 = right, a quarter turn = down).
pub fn polar(a: Point, angle: f32, length: f32) -> Point {
    at(a.x + angle.cos() * length, a.y + angle.sin() * length)
}

/// A point that a curve passes through, smoothly or with a corner.
#[derive(Clone, Copy, PartialEq)]
pub struct Knot {
    pub at: Point,
    pub corner: bool,
}

/// A knot that the curve passes smoothly.
pub fn soft(x: f32, y: f32) -> Knot {
    Knot {
        at: at(x, y),
        corner: false,
    }
}

/// A knot where the curve turns sharply; contours are drawn as strokes from corner to corner.
pub fn sharp(x: f32, y: f32) -> Knot {
    Knot {
        at: at(x, y),
        corner: true,
    }
}

/// A curve through knots: cubic Hermite pieces whose tangents follow the neighbours, scaled by each piece's chord so that
/// unevenly spaced knots do not overshoot.
#[derive(Clone, PartialEq)]
pub struct Curve {
    pub knots: Vec<Knot>,
    pub closed: bool,
}

impl Curve {
    pub fn closed(knots: impl IntoIterator<Item = Knot>) -> Self {
        Self {
            knots: knots.into_iter().collect(),
            closed: true,
        }
    }

    /// An open, smooth line.
    pub fn line(points: impl IntoIterator<Item = Point>) -> Self {
        Self {
            knots: points.into_iter().map(|at| Knot { at, corner: false }).collect(),
            closed: false,
        }
    }

    pub fn ellipse(centre: Point, rx: f32, ry: f32) -> Self {
        let knot = |i: usize| {
            let angle = i as f32 / 8.0 * TAU;
            soft(centre.x + rx * angle.cos(), centre.y + ry * angle.sin())
        };
        Self::closed((0..8).map(knot))
    }

    pub fn circle(centre: Point, radius: f32) -> Self {
        Self::ellipse(centre, radius, radius)
    }

    /// A polygon with corners.
    pub fn polygon(points: impl IntoIterator<Item = Point>) -> Self {
        Self::closed(points.into_iter().map(|at| Knot { at, corner: true }))
    }

    pub fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self::polygon([at(left, top), at(right, top), at(right, bottom), at(left, bottom)])
    }

    /// A limb around a bone line: `widths` are half widths at the bones' joints; both ends are blunt corners, the second round when asked.
    pub fn limb(joints: &[Point], widths: &[f32], round: bool) -> Self {
        let last = joints.len() - 1;
        let normal = |i: usize| {
            let (before, after) = (joints[i.saturating_sub(1)], joints[(i + 1).min(last)]);
            let mut along = after - before;
            along.normalize();
            at(-along.y, along.x)
        };
        let offset = |i: usize, sign: f32| {
            let n = normal(i);
            let corner = (i == 0 || i == last) && !(i == last && round);
            Knot {
                at: at(joints[i].x + n.x * widths[i] * sign, joints[i].y + n.y * widths[i] * sign),
                corner,
            }
        };
        let mut knots: Vec<Knot> = (0..=last).map(|i| offset(i, 1.0)).collect();
        if round {
            let n = normal(last);
            knots.push(soft(joints[last].x + n.y * widths[last], joints[last].y - n.x * widths[last]));
        }
        knots.extend((0..=last).rev().map(|i| offset(i, -1.0)));
        Self::closed(knots)
    }

    /// Left, top, right and bottom of the knots.
    pub fn bounds(&self) -> [f32; 4] {
        let none = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        self.knots.iter().fold(none, |[left, top, right, bottom], knot| {
            let Point { x, y } = knot.at;
            [left.min(x), top.min(y), right.max(x), bottom.max(y)]
        })
    }

    pub fn transformed(mut self, transform: Transform) -> Self {
        for knot in &mut self.knots {
            transform.map_point(&mut knot.at);
        }
        self
    }

    /// The curve as points about `step` apart, and the places of its corners among them. A closed curve repeats no point.
    pub fn flatten(&self, step: f32) -> (Vec<Point>, Vec<usize>) {
        let count = self.knots.len();
        let segments = if self.closed { count } else { count.saturating_sub(1) };
        let (mut points, mut corners) = (Vec::with_capacity(segments * 8), Vec::new());
        for i in 0..segments {
            let (a, b) = (self.knots[i], self.knots[(i + 1) % count]);
            if a.corner {
                corners.push(points.len());
            }
            let chord = b.at - a.at;
            let length = chord.length();
            let pieces = ((length / step).ceil() as usize).clamp(1, 64);
            if a.corner && b.corner {
                points.extend((0..pieces).map(|k| between(a.at, b.at, k as f32 / pieces as f32)));
                continue;
            }
            let (start, end) = (self.tangent(i), self.tangent((i + 1) % count));
            let natural = |other: Point| {
                at(
                    (3.0 * chord.x - other.x * length) / 2.0,
                    (3.0 * chord.y - other.y * length) / 2.0,
                )
            };
            let scaled = |direction: Point| at(direction.x * length, direction.y * length);
            let (m0, m1) = match (start, end) {
                (Some(m0), Some(m1)) => (scaled(m0), scaled(m1)),
                (Some(m0), None) => (scaled(m0), natural(m0)),
                (None, Some(m1)) => (natural(m1), scaled(m1)),
                (None, None) => (chord, chord),
            };
            points.extend((0..pieces).map(|k| hermite(a.at, m0, b.at, m1, k as f32 / pieces as f32)));
        }
        if !self.closed && count > 0 {
            points.push(self.knots[count - 1].at);
        }
        (points, corners)
    }

    /// Unit tangent at a knot; none at corners and open ends.
    fn tangent(&self, i: usize) -> Option<Point> {
        let count = self.knots.len();
        if self.knots[i].corner || (!self.closed && (i == 0 || i == count - 1)) {
            return None;
        }
        let (before, here, after) = (
            self.knots[(i + count - 1) % count].at,
            self.knots[i].at,
            self.knots[(i + 1) % count].at,
        );
        // Weighted by the neighbouring chords (as for non-uniform Catmull-Rom), so that the shorter side rules.
        let (d0, d1) = (here.distance(before).max(1e-6), after.distance(here).max(1e-6));
        let mut along = at(
            (here.x - before.x) / d0 * d1 + (after.x - here.x) / d1 * d0,
            (here.y - before.y) / d0 * d1 + (after.y - here.y) / d1 * d0,
        );
        along.normalize().then_some(along)
    }
}

fn hermite(p0: Point, m0: Point, p1: Point, m1: Point, t: f32) -> Point {
    let (t2, t3) = (t * t, t * t * t);
    let (a, b, c, d) = (2.0 * t3 - 3.0 * t2 + 1.0, t3 - 2.0 * t2 + t, 3.0 * t2 - 2.0 * t3, t3 - t2);
    at(
        a * p0.x + b * m0.x + c * p1.x + d * m1.x,
        a * p0.y + b * m0.y + c * p1.y + d * m1.y,
    )
}

/// A closed path through flattened points; none if they span no area.
pub fn path_of(points: &[Point]) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut builder = PathBuilder::with_capacity(points.len() + 2, points.len() + 2);
    builder.move_to(first.x, first.y);
    for point in rest {
        builder.line_to(point.x, point.y);
    }
    builder.close();
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flattened_circle_stays_on_the_circle() {
        let (points, corners) = Curve::circle(at(3.0, 4.0), 10.0).flatten(1.0);
        assert!(corners.is_empty());
        assert!(points.len() > 50);
        for point in points {
            assert!((point.distance(at(3.0, 4.0)) - 10.0).abs() < 0.05);
        }
    }

    #[test]
    fn a_polygon_keeps_its_corners_and_straight_edges() {
        let (points, corners) = Curve::rectangle(0.0, 0.0, 4.0, 2.0).flatten(1.0);
        assert_eq!(corners, [0, 4, 6, 10]);
        assert_eq!(points[1], at(1.0, 0.0));
        assert_eq!(points.len(), 12);
    }

    #[test]
    fn an_open_line_ends_at_its_last_knot() {
        let (points, _) = Curve::line([at(0.0, 0.0), at(5.0, 3.0), at(9.0, 0.0)]).flatten(1.0);
        assert_eq!(points[0], at(0.0, 0.0));
        assert_eq!(*points.last().unwrap(), at(9.0, 0.0));
    }
}
