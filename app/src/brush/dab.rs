//! One print of the brush, as anti-aliased coverage.

use std::ops::Range;

/// A round print. Coverage falls from full at `hardness * radius` to nothing at `radius`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dab {
    /// `[x, y]` in pixels; a pixel's centre lies at .5.
    pub center: [f32; 2],
    /// In pixels, above 0.
    pub radius: f32,
    /// 0..=1.
    pub hardness: f32,
    /// 0..=1.
    pub opacity: f32,
    /// Share 0..=1 of the way to its own coverage that the dab brings a pixel: below 1 paint builds up where dabs lie on each other.
    pub flow: f32,
}

/// Edges at least this wide, in pixels, are smooth enough to be sampled at pixel centres.
const SOFT_EDGE: f32 = 4.0;

/// From this radius on, in pixels, an edge is taken for straight within a pixel. The area of a smaller disc is reckoned exactly, which takes ten times as long.
const STRAIGHT: f32 = 3.0;

/// Edges up to this wide, in pixels, are sharp.
const SHARP: f32 = 0.05;

/// Discs whose mean makes a narrow edge of a small dab.
const DISCS: u32 = 4;

impl Dab {
    /// `[left, top, right, bottom]` of the pixels that the dab can touch, half-open; may reach outside the canvas.
    pub fn bounds(&self) -> [i32; 4] {
        let [x, y] = self.center;
        [
            (x - self.radius).floor() as i32,
            (y - self.radius).floor() as i32,
            (x + self.radius).ceil() as i32,
            (y + self.radius).ceil() as i32,
        ]
    }

    /// Raises `row`, the coverage 0..=255 of pixels from `[x, y]` rightwards, to that of the dab where the dab covers more.
    pub fn raise(&self, x: i32, y: i32, row: &mut [u8]) {
        let radius = f64::from(self.radius);
        let full = (self.opacity * 255.0).round() as u8;
        let dy = f64::from(y) + 0.5 - f64::from(self.center[1]);
        let left = f64::from(x) + 0.5 - f64::from(self.center[0]);
        // The span of pixels that the dab may touch, and the span within it that it surely covers.
        let reach = (radius + 0.75).powi(2) - dy * dy;
        if reach <= 0.0 {
            return;
        }
        let core = radius * f64::from(self.hardness) - 0.75;
        let inner = if core > 0.0 { core * core - dy * dy } else { 0.0 };
        let index = |at: f64| (at - left).clamp(0.0, row.len() as f64) as usize;
        let (start, end) = (index(-reach.sqrt()), index(reach.sqrt() + 1.0));
        let (solid_start, solid_end) = match inner > 0.0 {
            true => (index(-inner.sqrt() + 1.0), index(inner.sqrt())),
            false => (end, end),
        };
        let mut edge = |range: Range<usize>| self.raise_edge(left + range.start as f64, dy, &mut row[range]);
        if solid_start < solid_end {
            edge(start..solid_start);
            edge(solid_end..end);
            for value in &mut row[solid_start..solid_end] {
                *value = self.raised(*value, full);
            }
        } else {
            edge(start..end);
        }
    }

    /// `value` on its way up to `full`; every dab gains something, or little flow would never arrive.
    fn raised(&self, value: u8, full: u8) -> u8 {
        match full.checked_sub(value) {
            Some(way) if self.flow < 1.0 => value + (f32::from(way) * self.flow).ceil() as u8,
            _ => full.max(value),
        }
    }

    /// Raises pixels whose first centre lies at `dx`, `dy` from the dab's and that it may cover in part.
    fn raise_edge(&self, dx: f64, dy: f64, row: &mut [u8]) {
        let width = self.radius * (1.0 - self.hardness);
        if width >= SOFT_EDGE {
            // In single precision and without a branch: this is where the time of a large soft brush goes.
            let (dx, square, most, flowing) = (dx as f32, (dy * dy) as f32, self.opacity * 255.0, self.flow < 1.0);
            for (at, value) in row.iter_mut().enumerate() {
                let x = dx + at as f32;
                let share = (self.radius - (x * x + square).sqrt()) * (most / width);
                let full = (share.min(most) + 0.5) as u8;
                *value = if flowing {
                    self.raised(*value, full)
                } else {
                    full.max(*value)
                };
            }
            return;
        }
        if self.radius >= STRAIGHT {
            return self.raise_straight_edge(dx as f32, dy as f32, width, row);
        }
        let most = f64::from(self.opacity) * 255.0;
        for (at, value) in row.iter_mut().enumerate() {
            let share = self.disc_share(dx + at as f64, dy) * most;
            *value = self.raised(*value, (share + 0.5) as u8);
        }
    }

    /// [`Self::raise_edge`] of a dab whose edge is as good as straight within a pixel, and narrow: a pixel's share follows from its distance alone.
    fn raise_straight_edge(&self, dx: f32, dy: f32, width: f32, row: &mut [u8]) {
        let (most, square, flowing) = (self.opacity * 255.0, dy * dy, self.flow < 1.0);
        // A bulging edge leaves a little more of the pixel free than the straight one: the mean of x^2 / 2r over its width.
        let reach = self.radius + 0.5 - 1.0 / (24.0 * self.radius);
        // Integral of a pixel's share over how far a sharp edge reaches into it.
        let integral = |depth: f32| {
            let inside = depth.clamp(0.0, 1.0);
            0.5 * inside * inside + (depth - 1.0).max(0.0)
        };
        for (at, value) in row.iter_mut().enumerate() {
            let x = dx + at as f32;
            let depth = reach - (x * x + square).sqrt();
            let share = match width > SHARP {
                true => (integral(depth) - integral(depth - width)) / width,
                false => (depth - 0.5 * width).clamp(0.0, 1.0),
            };
            let full = (share * most + 0.5) as u8;
            *value = if flowing {
                self.raised(*value, full)
            } else {
                full.max(*value)
            };
        }
    }

    /// Share 0..=1 of the pixel whose centre lies at `dx`, `dy` from the dab's: the mean over discs with radii spread evenly over the edge.
    fn disc_share(&self, dx: f64, dy: f64) -> f64 {
        let radius = f64::from(self.radius);
        let width = radius * (1.0 - f64::from(self.hardness));
        if width == 0.0 {
            return disc_area(radius, dx, dy);
        }
        let discs = (0..DISCS).map(|disc| radius - width * (f64::from(disc) + 0.5) / f64::from(DISCS));
        discs.map(|radius| disc_area(radius, dx, dy)).sum::<f64>() / f64::from(DISCS)
    }
}

/// Area that a disc of `radius` about the origin shares with the unit square about `x`, `y`.
fn disc_area(radius: f64, x: f64, y: f64) -> f64 {
    let corner = |a: f64, b: f64| a.signum() * b.signum() * quadrant_area(radius, a.abs(), b.abs());
    let (left, right, top, bottom) = (x - 0.5, x + 0.5, y - 0.5, y + 0.5);
    let area = corner(right, bottom) - corner(left, bottom) - corner(right, top) + corner(left, top);
    area.clamp(0.0, 1.0)
}

/// Area of the disc within `[0, a] x [0, b]`: the rectangle up to where the circle crosses its top, then the integral of the circle's height.
fn quadrant_area(radius: f64, a: f64, b: f64) -> f64 {
    let (a, b) = (a.min(radius), b.min(radius));
    let square = radius * radius;
    if a * a + b * b <= square {
        return a * b;
    }
    let crossing = (square - b * b).max(0.0).sqrt();
    let primitive = |x: f64| 0.5 * (x * (square - x * x).max(0.0).sqrt() + square * (x / radius).clamp(-1.0, 1.0).asin());
    b * crossing + primitive(a) - primitive(crossing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sharp(center: [f32; 2], radius: f32) -> Dab {
        Dab {
            center,
            radius,
            hardness: 1.0,
            opacity: 1.0,
            flow: 1.0,
        }
    }

    fn print(dab: Dab, width: usize, height: i32) -> Vec<Vec<u8>> {
        (0..height)
            .map(|y| {
                let mut row = vec![0; width];
                dab.raise(0, y, &mut row);
                row
            })
            .collect()
    }

    #[test]
    fn the_area_of_a_disc_in_a_square_is_exact() {
        assert!((disc_area(0.5, 0.0, 0.0) - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
        assert!((disc_area(1.0, 0.5, 0.5) - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
        assert_eq!(disc_area(100.0, 3.0, 4.0), 1.0);
        assert_eq!(disc_area(2.0, 5.0, 0.0), 0.0);
    }

    #[test]
    fn a_sharp_dab_covers_what_geometry_says() {
        // Radius 1.5 about a pixel's centre: corners share 0.5451 of their area, edges 0.9719 (closed form).
        let rows = print(sharp([2.5, 2.5], 1.5), 5, 5);
        assert_eq!(rows[0], [0, 0, 0, 0, 0]);
        assert_eq!(rows[1], [0, 139, 248, 139, 0]);
        assert_eq!(rows[2], [0, 248, 255, 248, 0]);
        assert_eq!(rows[3], rows[1]);
        // The smallest brush, on the corner of four pixels: a quarter of pi / 4 each.
        assert_eq!(print(sharp([1.0, 1.0], 0.5), 2, 2), [[50, 50], [50, 50]]);
    }

    #[test]
    fn all_coverage_adds_up_to_the_area_of_the_disc() {
        for (radius, center) in [(0.5, [3.2, 4.9]), (7.3, [20.1, 20.7]), (60.0, [64.5, 64.25])] {
            let sum: f64 = print(sharp(center, radius), 130, 130)
                .iter()
                .flatten()
                .map(|&v| f64::from(v) / 255.0)
                .sum();
            let area = std::f64::consts::PI * f64::from(radius).powi(2);
            assert!(
                (sum - area).abs() < 0.002 * area + 0.01,
                "radius {radius}: {sum} against {area}"
            );
        }
    }

    #[test]
    fn a_straight_edge_is_close_to_the_exact_one() {
        for (radius, hardness) in [(3.0, 1.0), (3.2, 0.5), (8.0, 0.9), (20.0, 0.9), (39.0, 0.9)] {
            let dab = Dab {
                hardness,
                ..sharp([50.3, 50.8], radius)
            };
            for (y, row) in (0..).zip(print(dab, 100, 100)) {
                for (x, value) in (0..).zip(row) {
                    let exact = dab.disc_share(f64::from(x) + 0.5 - 50.3_f32 as f64, f64::from(y) + 0.5 - 50.8_f32 as f64);
                    let difference = (f64::from(value) / 255.0 - exact).abs();
                    assert!(difference < 0.08, "radius {radius}, {x} {y}: {value} against {exact}");
                }
            }
        }
    }

    #[test]
    fn a_soft_dab_falls_evenly_from_hardness_to_radius() {
        let dab = Dab {
            center: [10.5, 0.5],
            radius: 10.0,
            hardness: 0.5,
            opacity: 1.0,
            flow: 1.0,
        };
        let mut row = [0; 21];
        dab.raise(0, 0, &mut row);
        assert_eq!(
            row,
            [
                0, 51, 102, 153, 204, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 204, 153, 102, 51, 0
            ]
        );
    }

    #[test]
    fn dabs_raise_and_never_add() {
        let dab = Dab {
            opacity: 0.4,
            ..sharp([4.0, 0.5], 30.0)
        };
        let mut row = [0, 50, 200, 0];
        dab.raise(0, 0, &mut row);
        dab.raise(0, 0, &mut row);
        assert_eq!(row, [102, 102, 200, 102]);
    }

    #[test]
    fn flow_builds_up_to_the_opacity_and_no_further() {
        for hardness in [1.0, 0.1] {
            let dab = Dab {
                opacity: 0.8,
                flow: 0.5,
                hardness,
                ..sharp([15.5, 0.5], 40.0)
            };
            let mut row = [0; 31];
            let middle: Vec<u8> = (0..9)
                .map(|_| {
                    dab.raise(0, 0, &mut row);
                    row[15]
                })
                .collect();
            assert_eq!(middle, [102, 153, 179, 192, 198, 201, 203, 204, 204], "hardness {hardness}");
        }
    }

    #[test]
    fn rows_may_start_anywhere() {
        let dab = sharp([300.0, 300.0], 100.0);
        let mut whole = vec![0; 512];
        dab.raise(0, 260, &mut whole);
        let mut part = vec![0; 100];
        dab.raise(200, 260, &mut part);
        assert_eq!(part, whole[200..300]);
        assert_eq!(dab.bounds(), [200, 200, 400, 400]);
        let mut far = [0; 4];
        dab.raise(-4000, 260, &mut far);
        dab.raise(0, 9000, &mut far);
        assert_eq!(far, [0; 4]);
    }
}
