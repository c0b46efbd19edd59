//! One print of the brush, as anti-aliased coverage.

// `clamp` keeps what is no number, and is not one instruction for each bound of a vector.
#![allow(clippy::manual_clamp)]

#[cfg(test)]
mod tests;

use super::disc::disc_area;

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

/// Pixels of a row that are printed together: as many as fill a vector, of bytes and of numbers alike.
pub const BLOCK: usize = 16;

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
        let (sin, cos) = self.turn();
        let reach = |along: f32, across: f32| self.radius * along.hypot(across * self.roundness);
        let (width, height) = (reach(cos, sin), reach(sin, cos));
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

    /// Raises coverage 0..=255 to that of the dabs where they cover more, in rows of `width` pixels from `corner` rightwards and down.
    /// Sets bit `n` of a row's mark where any of the pixels from `n * BLOCK` on changed; a mark has room for 16 of them.
    #[inline(always)]
    pub fn print(dabs: &[Self], corner: [i32; 2], width: usize, rows: &mut [u8], marks: &mut [u16]) {
        let mut rest = dabs;
        while let [first, ..] = rest {
            let alike = rest
                .iter()
                .take(RUN)
                .take_while(|dab| dab.is_like(first) && first.flow >= 1.0);
            let (run, others) = rest.split_at(alike.count().max(1));
            rest = others;
            first.print_run(run, corner, width, rows, marks);
        }
    }

    /// [`Self::print`] of dabs that are alike: of what full flow prints the most counts, which is that of the nearest dab.
    #[inline(always)]
    fn print_run(&self, run: &[Self], corner: [i32; 2], width: usize, rows: &mut [u8], marks: &mut [u16]) {
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
                self.raise_all(run, sheet, distance, share);
            } else {
                self.raise_all(run, sheet, |x, y| x * x + y * y, |square| share(square.sqrt()));
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
            self.raise_all(run, sheet, uncovered, |sum| sum * -most * between * between);
        } else if self.roundness < 1.0 {
            let uncovered = |x: f32, y: f32| {
                let (u, v) = (x * cos + y * sin, (y * cos - x * sin) * flat);
                let distance = (u * u + v * v).sqrt().max(1e-3);
                // How much faster than in a circle the distance grows: the length of its gradient.
                let growth = ((u * u + v * v * flat * flat).sqrt() / distance).max(1.0);
                let width = (edge / growth).max(SHARP);
                -narrow((radius - distance) / growth + 0.5, width, 1.0 / width)
            };
            self.raise_all(run, sheet, uncovered, |share| share * -most);
        } else if radius >= STRAIGHT {
            // A bulging edge leaves a little more of the pixel free than the straight one: the mean of x^2 / 2r over its width.
            let reach = radius + 0.5 - 1.0 / (24.0 * radius);
            let square = |x: f32, y: f32| x * x + y * y;
            if edge > SHARP {
                let part = 1.0 / edge;
                self.raise_all(run, sheet, square, |square| most * narrow(reach - square.sqrt(), edge, part));
            } else {
                let reach = reach - 0.5 * edge;
                self.raise_all(run, sheet, square, |square| most * (reach - square.sqrt()).max(0.0).min(1.0));
            }
        } else {
            let uncovered = |x: f32, y: f32| -self.disc_share(f64::from(x), f64::from(y));
            self.raise_all(run, sheet, uncovered, |share| share * -most);
        }
    }

    /// Raises what a run of dabs touches to `share` of the least that `far` says of a pixel, given its place from a dab's centre.
    #[inline(always)]
    fn raise_all(&self, run: &[Self], sheet: Sheet<'_>, far: impl Fn(f32, f32) -> f32, share: impl Fn(f32) -> f32) {
        let full = [(self.opacity * 255.0).round(); BLOCK];
        let row_of = Rows::of(self);
        let mut parts = [Part::default(); RUN];
        for ((at, row), mark) in sheet.rows.chunks_exact_mut(sheet.width).enumerate().zip(sheet.marks) {
            let (mut first, mut last) = (usize::MAX, 0);
            for (dab, part) in run.iter().zip(&mut parts) {
                let from = |axis: usize| (f64::from(sheet.corner[axis]) + 0.5 - f64::from(dab.center[axis])) as f32;
                *part = row_of.part(from(0), from(1) + at as f32, sheet.width);
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
                let before = *values;
                let parts = &parts[..run.len()];
                let is_solid = |part: &Part| part.solid_start <= start && start + BLOCK <= part.solid_end;
                if parts.iter().any(is_solid) {
                    self.raise(values, full);
                } else {
                    let mut least = [f32::MAX; BLOCK];
                    for part in parts.iter().filter(|part| part.start < start + BLOCK && start < part.end) {
                        let from = part.left + start as f32;
                        for (at, least) in least.iter_mut().enumerate() {
                            *least = least.min(far(from + at as f32, part.y));
                        }
                    }
                    for least in &mut least {
                        *least = share(*least);
                    }
                    self.raise(values, least);
                }
                *mark |= u16::from(before != *values) << number;
            }
        }
    }

    /// Moves values towards shares that are higher; every dab gains something, or little flow would never arrive.
    #[inline(always)]
    fn raise(&self, values: &mut [u8; BLOCK], shares: [f32; BLOCK]) {
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

/// Where dabs are printed: rows of `width` pixels from `corner` on, and a mark for each.
struct Sheet<'a> {
    corner: [i32; 2],
    width: usize,
    rows: &'a mut [u8],
    marks: &'a mut [u16],
}

/// What a dab has to do with a row.
#[derive(Clone, Copy, Default)]
struct Part {
    /// From the dab's centre to that of the row's first pixel.
    left: f32,
    /// From the dab's centre to the middle of the row.
    y: f32,
    /// The pixels that it may touch.
    start: usize,
    end: usize,
    /// Those among them that it surely covers.
    solid_start: usize,
    solid_end: usize,
}

/// An ellipse of radius r about the origin, a x^2 + 2 b x y + c y^2 = r^2, as a row of pixels meets it.
struct Rows {
    slant: f32,
    /// (a c - b^2) / a^2, of y^2.
    height: f32,
    outer: f32,
    inner: f32,
    /// So small that the width of a row is not worth reckoning.
    small: Option<f32>,
}

impl Rows {
    #[inline(always)]
    fn of(dab: &Dab) -> Self {
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
            small: (dab.roundness == 1.0 && dab.radius < SMALL).then_some(dab.radius + margin),
        }
    }

    #[inline(always)]
    fn part(&self, left: f32, y: f32, width: usize) -> Part {
        let middle = -self.slant * y - left;
        let index = |at: f32| at.max(0.0).min(width as f32) as usize;
        let mut part = Part {
            left,
            y,
            ..Part::default()
        };
        let square = |most: f32| most - self.height * y * y;
        let outer = match self.small {
            Some(reach) if y.abs() < reach => reach,
            None if square(self.outer) > 0.0 => square(self.outer).sqrt(),
            _ => return part,
        };
        (part.start, part.end) = (index(middle - outer), index(middle + outer + 1.0));
        if self.small.is_none() && square(self.inner) > 0.0 {
            let inner = square(self.inner).sqrt();
            (part.solid_start, part.solid_end) = (index(middle - inner + 1.0), index(middle + inner));
        }
        part
    }
}

/// Share of a pixel that lies `depth` behind the outer end of an edge that is `width` wide, both in pixels: the mean over the edge of how far it
/// reaches in. `part` is 1 by the width.
#[inline(always)]
fn narrow(depth: f32, width: f32, part: f32) -> f32 {
    let integral = |depth: f32| {
        let inside = depth.max(0.0).min(1.0);
        0.5 * inside * inside + (depth - 1.0).max(0.0)
    };
    // Deeper than this it is 1, which a difference of large numbers would miss.
    let depth = depth.min(width + 1.0);
    (integral(depth) - integral(depth - width)) * part
}

/// Adding it leaves a number up to its own size rounded in the last bits.
const ROUND: f32 = 8_388_608.0;

/// The nearest whole number, of 0 and above.
#[inline(always)]
fn rounded(value: f32) -> f32 {
    (value + ROUND) - ROUND
}

/// The nearest byte to 0..=255.
#[inline(always)]
fn byte(value: f32) -> u8 {
    (value + ROUND).to_bits() as u8
}
