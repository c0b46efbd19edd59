//! How strongly something answers: a curve through a few points.

use serde::{Deserialize, Serialize};

/// Points that a curve has room for.
const MOST: usize = 6;
/// Points keep at least this far apart sideways.
const GAP: f32 = 0.02;

/// A curve over 0..=1 with values in 0..=1, through two to six points from left to right; the first lies at 0, the last at 1. Between points it never
/// leaves their range. In files it is the list of its points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<[f32; 2]>", into = "Vec<[f32; 2]>")]
pub struct Curve {
    points: [[f32; 2]; MOST],
    count: usize,
}

impl Default for Curve {
    /// The straight line: as much comes out as goes in.
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl From<Vec<[f32; 2]>> for Curve {
    /// Brought in order and into range; what is missing or no number is as in the straight line.
    fn from(mut points: Vec<[f32; 2]>) -> Self {
        points.retain(|point| point.iter().all(|value| value.is_finite()));
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let end = |point: Option<&[f32; 2]>, at: f32| [at, point.map_or(at, |point| point[1].clamp(0.0, 1.0))];
        let (first, last) = match points.len() {
            0 | 1 => ([0.0, 0.0], [1.0, 1.0]),
            _ => (end(points.first(), 0.0), end(points.last(), 1.0)),
        };
        let mut curve = Self {
            points: [[0.0; 2]; MOST],
            count: 2,
        };
        (curve.points[0], curve.points[1]) = (first, last);
        let inner = points.len().saturating_sub(1).max(1);
        for point in points.iter().take(inner).skip(1) {
            curve.add(*point);
        }
        curve
    }
}

impl From<Curve> for Vec<[f32; 2]> {
    fn from(curve: Curve) -> Self {
        curve.points().to_vec()
    }
}

impl Curve {
    /// `[x, y]` from left to right.
    pub fn points(&self) -> &[[f32; 2]] {
        &self.points[..self.count]
    }

    /// Adds a point; its place among the others, or none where there is no room for it.
    pub fn add(&mut self, [x, y]: [f32; 2]) -> Option<usize> {
        let at = self.points().iter().position(|point| point[0] > x)?;
        let room = at > 0 && self.count < MOST && x - self.points[at - 1][0] >= GAP && self.points[at][0] - x >= GAP;
        if !room {
            return None;
        }
        self.points.copy_within(at..self.count, at + 1);
        self.points[at] = [x, y.clamp(0.0, 1.0)];
        self.count += 1;
        Some(at)
    }

    /// Moves a point as far as its neighbours let it; the ends move up and down only.
    pub fn drag(&mut self, at: usize, [x, y]: [f32; 2]) {
        if at >= self.count || x.is_nan() || y.is_nan() {
            return;
        }
        let last = self.count - 1;
        let x = match at {
            0 => 0.0,
            at if at == last => 1.0,
            at => {
                let (low, high) = (self.points[at - 1][0] + GAP, self.points[at + 1][0] - GAP);
                x.clamp(low, high.max(low))
            }
        };
        self.points[at] = [x, y.clamp(0.0, 1.0)];
    }

    /// Takes a point away; the ends stay.
    pub fn remove(&mut self, at: usize) {
        if at > 0 && at + 1 < self.count {
            self.points.copy_within(at + 1..self.count, at);
            self.count -= 1;
            self.points[self.count] = [0.0; 2];
        }
    }

    /// The value at `x`: cubic pieces whose slopes keep them within their ends (Fritsch and Carlson, 1980, in the form of Steffen, 1990).
    pub fn at(&self, x: f32) -> f32 {
        let points = self.points();
        let x = x.clamp(0.0, 1.0);
        let piece = points.windows(2).position(|ends| x <= ends[1][0]).unwrap_or(points.len() - 2);
        let ([x0, y0], [x1, y1]) = (points[piece], points[piece + 1]);
        let width = x1 - x0;
        let t = (x - x0) / width;
        let (m0, m1) = (self.slope(piece) * width, self.slope(piece + 1) * width);
        let (square, cube) = (t * t, t * t * t);
        let value = (2.0 * cube - 3.0 * square + 1.0) * y0
            + (cube - 2.0 * square + t) * m0
            + (3.0 * square - 2.0 * cube) * y1
            + (cube - square) * m1;
        value.clamp(0.0, 1.0)
    }

    fn slope(&self, at: usize) -> f32 {
        let secant = |from: usize| {
            let ([x0, y0], [x1, y1]) = (self.points[from], self.points[from + 1]);
            (y1 - y0) / (x1 - x0)
        };
        match at {
            0 => secant(0),
            at if at + 1 == self.count => secant(at - 1),
            at => {
                let (before, after) = (secant(at - 1), secant(at));
                let (left, right) = (
                    self.points[at][0] - self.points[at - 1][0],
                    self.points[at + 1][0] - self.points[at][0],
                );
                let parabola = (before * right + after * left) / (left + right);
                let least = before.abs().min(after.abs()).min(0.5 * parabola.abs());
                (before.signum() + after.signum()) * least
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_gives_what_it_takes() {
        for x in [0.0, 0.25, 0.5, 0.8, 1.0] {
            assert!((Curve::default().at(x) - x).abs() < 1e-6);
        }
        assert_eq!((Curve::default().at(-3.0), Curve::default().at(7.0)), (0.0, 1.0));
    }

    #[test]
    fn it_goes_through_its_points_and_never_beyond_them() {
        let curve = Curve::from(vec![[0.0, 0.2], [0.3, 0.8], [0.6, 0.8], [1.0, 0.1]]);
        for point in curve.points() {
            assert!((curve.at(point[0]) - point[1]).abs() < 1e-6);
        }
        let mut last = 0.0;
        for step in 0..=100 {
            let (x, y) = (step as f32 / 100.0, curve.at(step as f32 / 100.0));
            assert!((0.1..=0.800_001).contains(&y), "{x}: {y}");
            assert!(x > 0.3 || y >= last, "it rises to the second point");
            last = y;
        }
        assert!((curve.at(0.45) - 0.8).abs() < 1e-6, "level between level points");
    }

    #[test]
    fn points_are_added_moved_and_removed_within_bounds() {
        let mut curve = Curve::default();
        assert_eq!(curve.add([0.5, 2.0]), Some(1));
        assert_eq!(curve.points(), [[0.0, 0.0], [0.5, 1.0], [1.0, 1.0]]);
        assert_eq!(curve.add([0.505, 0.1]), None, "too near");
        curve.drag(1, [7.0, 0.25]);
        curve.drag(0, [0.4, 0.1]);
        assert_eq!(curve.points(), [[0.0, 0.1], [0.98, 0.25], [1.0, 1.0]]);
        curve.remove(0);
        curve.remove(1);
        assert_eq!(curve.points(), [[0.0, 0.1], [1.0, 1.0]]);
        let added = (1..9).filter(|step| curve.add([*step as f32 / 10.0, 0.5]).is_some());
        assert_eq!(added.count(), MOST - 2);
    }

    #[test]
    fn files_hold_its_points_and_broken_ones_are_mended() {
        let curve = Curve::from(vec![[0.0, 0.5], [0.5, 0.25], [1.0, 1.0]]);
        let text = ron::to_string(&curve).unwrap();
        assert_eq!(text, "[(0.0,0.5),(0.5,0.25),(1.0,1.0)]");
        assert_eq!(ron::from_str::<Curve>(&text).unwrap(), curve);
        let broken = Curve::from(vec![[0.9, 7.0], [0.5, f32::NAN], [-3.0, 0.5]]);
        assert_eq!(broken.points(), [[0.0, 0.5], [1.0, 1.0]]);
        assert_eq!(Curve::from(vec![[0.3, 0.3]]), Curve::default());
    }
}
