//! One print of the brush, as anti-aliased coverage.

// `clamp` keeps what is no number, and is not one instruction for each bound of a vector.
#![allow(clippy::manual_clamp)]

mod block;
mod rows;
#[cfg(test)]
mod tests;

use super::disc::disc_area;
pub use block::{BLOCK, STEPS, rounded};
use block::{byte, narrow, near, near_square, put};
use pulp::{Simd, WithSimd};
use rows::{Part, Rows};

/// An elliptic print. Coverage falls from full at `hardness * radius` to nothing at `radius`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dab {
    /// `[x, y]` in pixels; a pixel's centre lies at .5.
    pub center: [f32; 2],
    /// In pixels, above 0: half of the longer axis.
    pub radius: f32,
    /// The shorter axis as a share of the longer one, above 0 and up to 1, which is a circle.
    pub roundness: f32,
    /// Radians from the right to where the longer axis points, downwards.
    pub angle: f32,
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

/// Points along a side of a pixel at which a small ellipse is looked at.
const POINTS: usize = 4;

/// Below this radius, in pixels, a row of a circle is a block or two.
const SMALL: f32 = 12.0;

/// Dabs that are printed together.
const RUN: usize = 8;

/// How far beyond its centre a pixel may be met, in pixels: a little more than half its diagonal.
const MARGIN: f32 = 0.75;

impl Dab {
    /// A circle that covers all of itself.
    pub fn sharp(center: [f32; 2], radius: f32) -> Self {
        Self {
            center,
            radius,
            roundness: 1.0,
            angle: 0.0,
            hardness: 1.0,
            opacity: 1.0,
            flow: 1.0,
        }
    }

    /// `[left, top, right, bottom]` of the pixels that the dab can touch, half-open; may reach outside the canvas.
    pub fn bounds(&self) -> [i32; 4] {
        let [x, y] = self.center;
        let (width, height) = if self.roundness < 1.0 {
            let (sin, cos) = self.turn();
            let reach = |along: f32, across: f32| self.radius * along.hypot(across * self.roundness);
            (reach(cos, sin), reach(sin, cos))
        } else {
            (self.radius, self.radius)
        };
        [
            (x - width).floor() as i32,
            (y - height).floor() as i32,
            (x + width).ceil() as i32,
            (y + height).ceil() as i32,
        ]
    }

    /// Sine and cosine of the angle; a circle is not turned.
    fn turn(&self) -> (f32, f32) {
        if self.roundness < 1.0 {
            self.angle.sin_cos()
        } else {
            (0.0, 1.0)
        }
    }

    /// Whether both print the same, but for the place.
    fn is_like(&self, other: &Self) -> bool {
        Self {
            center: self.center,
            ..*other
        } == *self
    }

    /// [`Print`] of dabs that are alike.
    #[inline(always)]
    fn print_run<S: Simd>(&self, simd: S, run: &[Self], corner: [i32; 2], width: usize, rows: &mut [u8], marks: &mut [u16]) {
        let sheet = Sheet {
            corner,
            width,
            rows,
            marks,
        };
        let (sin, cos) = self.turn();
        let (radius, flat, most) = (self.radius, 1.0 / self.roundness, self.opacity * 255.0);
        let edge = radius * (1.0 - self.hardness);
        // Distance from the middle where the ellipse is a circle.
        let distance = move |x: f32, y: f32| {
            let (u, v) = (x * cos + y * sin, (y * cos - x * sin) * flat);
            (u * u + v * v).sqrt()
        };
        if edge * self.roundness >= SOFT_EDGE {
            let slope = most / edge;
            let share = |distance: f32| ((radius - distance) * slope).max(0.0).min(most);
            if self.roundness < 1.0 {
                self.raise_all(run, sheet, |least, left, y| near(least, left, |x| distance(x, y)), share);
            } else {
                self.raise_circles(simd, run, sheet, |square| share(square.sqrt()));
            }
        } else if self.roundness < 1.0 && radius * self.roundness < STRAIGHT {
            let between = 1.0 / POINTS as f32;
            let (slope, outside) = if edge > between {
                (1.0 / edge, 0.0)
            } else {
                (POINTS as f32, 0.5)
            };
            let offset = |index: usize| (index as f32 + 0.5) * between - 0.5;
            let uncovered = |x: f32, y: f32| {
                let mut sum = 0.0;
                for index in 0..POINTS * POINTS {
                    let distance = distance(x + offset(index % POINTS), y + offset(index / POINTS));
                    sum -= ((radius - distance) * slope + outside).max(0.0).min(1.0);
                }
                sum
            };
            self.raise_all(
                run,
                sheet,
                |least, left, y| near(least, left, |x| uncovered(x, y)),
                |sum| sum * -most * between * between,
            );
        } else if self.roundness < 1.0 {
            let uncovered = |x: f32, y: f32| {
                let (u, v) = (x * cos + y * sin, (y * cos - x * sin) * flat);
                let distance = (u * u + v * v).sqrt().max(1e-3);
                // How much faster than in a circle the distance grows: the length of its gradient.
                let growth = ((u * u + v * v * flat * flat).sqrt() / distance).max(1.0);
                let width = (edge / growth).max(SHARP);
                -narrow((radius - distance) / growth + 0.5, width, 1.0 / width)
            };
            self.raise_all(
                run,
                sheet,
                |least, left, y| near(least, left, |x| uncovered(x, y)),
                |share| share * -most,
            );
        } else if radius >= STRAIGHT {
            // A bulging edge leaves a little more of the pixel free than the straight one: the mean of x^2 / 2r over its width.
            let reach = radius + 0.5 - 1.0 / (24.0 * radius);
            if edge > SHARP {
                let part = 1.0 / edge;
                self.raise_circles(simd, run, sheet, |square| most * narrow(reach - square.sqrt(), edge, part));
            } else {
                let reach = reach - 0.5 * edge;
                self.raise_circles(simd, run, sheet, |square| most * (reach - square.sqrt()).max(0.0).min(1.0));
            }
        } else {
            let uncovered = |x: f32, y: f32| -self.disc_share(f64::from(x), f64::from(y));
            self.raise_all(
                run,
                sheet,
                |least, left, y| near(least, left, |x| uncovered(x, y)),
                |share| share * -most,
            );
        }
    }

    /// Raises what a run of dabs touches to `share` of how far a pixel lies from a dab's centre: `near` lowers what is known of a block to what is said of
    /// one dab, given the place of its first pixel. Of what full flow prints the most counts, which is that of the nearest dab.
    #[inline(always)]
    fn raise_all(&self, run: &[Self], sheet: Sheet<'_>, near: impl Fn(&mut [f32; BLOCK], f32, f32), share: impl Fn(f32) -> f32) {
        let full = [(self.opacity * 255.0).round(); BLOCK];
        let row_of = Rows::of(self);
        let from = sheet.from(run);
        let mut parts = [Part::default(); RUN];
        let parts = &mut parts[..run.len()];
        for ((at, row), mark) in sheet.rows.chunks_exact_mut(sheet.width).enumerate().zip(sheet.marks) {
            let (mut first, mut last) = (usize::MAX, 0);
            for ([left, top], part) in from.into_iter().zip(&mut *parts) {
                *part = row_of.part(left, top + at as f32, sheet.width);
                if part.end > part.start {
                    first = first.min(part.start / BLOCK);
                    last = last.max(part.end.div_ceil(BLOCK));
                }
            }
            for number in first..last {
                let start = number * BLOCK;
                let Some(values) = row[start..].first_chunk_mut::<BLOCK>() else {
                    break;
                };
                let mut raised = *values;
                let is_solid = |part: &Part| part.solid_start <= start && start + BLOCK <= part.solid_end;
                let met = parts.iter().filter(|part| part.start < start + BLOCK && start < part.end);
                if self.flow < 1.0 {
                    for part in met {
                        let mut shares = full;
                        if !is_solid(part) {
                            shares = [f32::MAX; BLOCK];
                            near(&mut shares, part.left + start as f32, part.y);
                            for value in &mut shares {
                                *value = share(*value);
                            }
                        }
                        raised = self.raised(raised, shares);
                    }
                } else if parts.iter().any(is_solid) {
                    raised = self.raised(raised, full);
                } else {
                    let mut least = [f32::MAX; BLOCK];
                    for part in met {
                        near(&mut least, part.left + start as f32, part.y);
                    }
                    for least in &mut least {
                        *least = share(*least);
                    }
                    raised = self.raised(raised, least);
                }
                *mark |= put(values, raised) << number;
            }
        }
    }

    /// [`Self::raise_all`] of circles; `share` is of the square of the distance.
    #[inline(always)]
    fn raise_circles<S: Simd>(&self, simd: S, run: &[Self], sheet: Sheet<'_>, share: impl Fn(f32) -> f32) {
        if self.radius < SMALL {
            self.raise_small(simd, run, sheet, share);
        } else {
            self.raise_all(run, sheet, |least, left, y| near_square(simd, least, left, y), share);
        }
    }

    /// [`Self::raise_circles`] of which every row is taken for as long as the middle one, which is a block or two.
    #[inline(always)]
    fn raise_small<S: Simd>(&self, simd: S, run: &[Self], sheet: Sheet<'_>, share: impl Fn(f32) -> f32) {
        let reach = self.radius + MARGIN;
        let from = sheet.from(run);
        let from = &from[..run.len()];
        let index = |at: f32, most: usize| at.max(0.0).min(most as f32) as usize;
        let ends = |axis: usize, most: usize| {
            let start = from.iter().map(|from| index(-from[axis] - reach, most)).min();
            let end = from.iter().map(|from| index(-from[axis] + reach + 1.0, most)).max();
            start.unwrap_or(0)..end.unwrap_or(0)
        };
        let (columns, rows) = (ends(0, sheet.width), ends(1, sheet.marks.len()));
        let blocks = columns.start / BLOCK..columns.end.div_ceil(BLOCK);
        let marked = sheet.rows.chunks_exact_mut(sheet.width).zip(sheet.marks).enumerate();
        for (at, (row, mark)) in marked.take(rows.end).skip(rows.start) {
            for number in blocks.clone() {
                let start = number * BLOCK;
                let Some(values) = row[start..].first_chunk_mut::<BLOCK>() else {
                    break;
                };
                let (mut raised, mut least) = (*values, [f32::MAX; BLOCK]);
                for [left, top] in from {
                    near_square(simd, &mut least, left + start as f32, top + at as f32);
                    if self.flow < 1.0 {
                        for least in &mut least {
                            *least = share(*least);
                        }
                        raised = self.raised(raised, std::mem::replace(&mut least, [f32::MAX; BLOCK]));
                    }
                }
                if self.flow >= 1.0 {
                    for least in &mut least {
                        *least = share(*least);
                    }
                    raised = self.raised(raised, least);
                }
                *mark |= put(values, raised) << number;
            }
        }
    }

    /// Values moved towards shares that are higher; every dab gains something, or little flow would never arrive.
    #[inline(always)]
    fn raised(&self, mut values: [u8; BLOCK], shares: [f32; BLOCK]) -> [u8; BLOCK] {
        if self.flow >= 1.0 {
            for (value, share) in values.iter_mut().zip(shares) {
                *value = (*value).max(byte(share));
            }
        } else {
            for (value, share) in values.iter_mut().zip(shares) {
                let old = f32::from(*value);
                let way = (rounded(share) - old).max(0.0);
                // All but one half, so that what is no whole number goes up.
                *value = byte(old + rounded(way * self.flow + 0.499_99));
            }
        }
        values
    }

    /// Share 0..=1 of the pixel whose centre lies at `dx`, `dy` from a circle's: the mean over discs with radii spread evenly over the edge.
    fn disc_share(&self, dx: f64, dy: f64) -> f32 {
        let radius = f64::from(self.radius);
        if dx.hypot(dy) > radius + f64::from(MARGIN) {
            return 0.0;
        }
        let width = radius * (1.0 - f64::from(self.hardness));
        if width == 0.0 {
            return disc_area(radius, dx, dy) as f32;
        }
        let discs = (0..DISCS).map(|disc| radius - width * (f64::from(disc) + 0.5) / f64::from(DISCS));
        (discs.map(|radius| disc_area(radius, dx, dy)).sum::<f64>() / f64::from(DISCS)) as f32
    }
}

/// Raises coverage 0..=255 to that of dabs where they cover more; to be run by [`super::widest`].
pub struct Print<'a> {
    pub dabs: &'a [Dab],
    /// Where the first pixel lies.
    pub corner: [i32; 2],
    /// Pixels of a row.
    pub width: usize,
    /// Rightwards and down from the corner.
    pub rows: &'a mut [u8],
    /// One for each row: bit `n` is set where any of the pixels from `n * BLOCK` on changed; there is room for 16 of them.
    pub marks: &'a mut [u16],
}

impl WithSimd for Print<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut rest = self.dabs;
        while let [first, ..] = rest {
            let alike = rest.iter().take(RUN).take_while(|dab| dab.is_like(first));
            let (run, others) = rest.split_at(alike.count().max(1));
            rest = others;
            first.print_run(simd, run, self.corner, self.width, self.rows, self.marks);
        }
    }
}

/// Where dabs are printed: rows of `width` pixels from `corner` on, and a mark for each.
struct Sheet<'a> {
    corner: [i32; 2],
    width: usize,
    rows: &'a mut [u8],
    marks: &'a mut [u16],
}

impl Sheet<'_> {
    /// From the centres of up to [`RUN`] dabs to that of the first pixel.
    #[inline(always)]
    fn from(&self, run: &[Dab]) -> [[f32; 2]; RUN] {
        let mut all = [[0.0; 2]; RUN];
        for (from, dab) in all.iter_mut().zip(run) {
            *from = [0, 1].map(|axis| (f64::from(self.corner[axis]) + 0.5 - f64::from(dab.center[axis])) as f32);
        }
        all
    }
}
