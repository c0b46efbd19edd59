//! Pixels laid down in another pose. Every new pixel is a weighted mean of those that it comes from, over all that it covers: what shrinks is not aliased.

use rayon::prelude::*;

use super::pose::Pose;
use crate::document::{Rect, TileGrid, TileSpan};
use crate::tool::lifted::{Blendable, Float};

/// How pixels are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Straight between two pixels: for looking at, while the pointer still moves.
    Draft,
    /// The cubic of Catmull and Rom (1974), which keeps lines sharp.
    Fine,
}

impl Quality {
    /// How far the weights reach, in pixels.
    fn radius(self) -> f32 {
        match self {
            Self::Draft => 1.0,
            Self::Fine => 2.0,
        }
    }

    fn weight(self, distance: f32) -> f32 {
        let x = distance.abs();
        match self {
            Self::Draft => (1.0 - x).max(0.0),
            Self::Fine if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Self::Fine if x < 2.0 => ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0,
            Self::Fine => 0.0,
        }
    }
}

/// What was lifted, in another pose, as far as it lies on a layer of `size`.
pub(in crate::tool) fn resampled<P: Blendable>(float: &Float<P>, pose: Pose, size: [u32; 2], quality: Quality) -> Float<P> {
    let pose = pose.on_pixels();
    let area = reached(float.area, pose, size, quality);
    let width = area.width() as usize;
    let mut pixels = vec![P::default(); width * area.height() as usize];
    // Around a pixel, along each side of the box that it came from.
    let stretch = pose.scale.map(|scale| (1.0 / scale.abs()).max(1.0));
    let rows = pixels.par_chunks_exact_mut(width.max(1)).enumerate();
    rows.for_each_init(
        || [Taps::default(), Taps::default()],
        |[across, down], (row, pixels)| {
            let y = area.top as f32 + row as f32 + 0.5;
            for (column, pixel) in pixels.iter_mut().enumerate() {
                let [u, v] = pose.back([area.left as f32 + column as f32 + 0.5, y]);
                across.aim(u - float.area.left as f32, stretch[0], float.area.width(), quality);
                down.aim(v - float.area.top as f32, stretch[1], float.area.height(), quality);
                *pixel = mean(float, across, down);
            }
        },
    );
    Float { area, pixels }
}

/// All of a picture at another size. At its edges what lies inside counts for all: paper stays opaque up to them.
pub(in crate::tool) fn scaled<P: Blendable>(grid: &TileGrid<P>, size: [u32; 2], quality: Quality) -> TileGrid<P> {
    // Of a pixel of the new picture.
    let steps: [f32; 2] = std::array::from_fn(|axis| grid.size()[axis] as f32 / size[axis] as f32);
    let stretch = steps.map(|step| step.max(1.0));
    // What counts for the pixels of a tile, and a little more.
    let source = |span: &TileSpan| {
        let bound = |axis: usize, low: u32, high: u32| {
            let reach = quality.radius() * stretch[axis] + 1.0;
            let [low, high] = [low, high].map(|at| at as f32 * steps[axis]);
            [(low - reach).floor() as i32, (high + reach).ceil() as i32]
        };
        let [left, right] = bound(0, span.rect.left, span.rect.right);
        let [top, bottom] = bound(1, span.rect.top, span.rect.bottom);
        Rect::clipped([left, top, right, bottom], grid.size())
    };
    let painted = |span: &TileSpan| {
        let mut spans = grid.spans(source(span));
        spans.any(|span| grid.tile(span.column, span.row).is_some())
    };
    TileGrid::made(size, Rect::of(size), painted, |span, tile| {
        let area = source(&span);
        let float = Float {
            area,
            pixels: grid.copy(area),
        };
        let middle = |at: u32, axis: usize| (at as f32 + 0.5) * steps[axis];
        let across = |x: u32| Taps::inside(middle(x, 0) - area.left as f32, stretch[0], area.width(), quality);
        let down = |y: u32| Taps::inside(middle(y, 1) - area.top as f32, stretch[1], area.height(), quality);
        let columns: Vec<Taps> = (span.rect.left..span.rect.right).map(across).collect();
        for y in span.rect.top..span.rect.bottom {
            let row = down(y);
            for (pixel, column) in tile[span.range(y)].iter_mut().zip(&columns) {
                *pixel = mean(&float, column, &row);
            }
        }
    })
}

/// The pixels of a layer that something of `area` falls on.
fn reached(area: Rect, pose: Pose, size: [u32; 2], quality: Quality) -> Rect {
    if area.is_empty() {
        return Rect::EMPTY;
    }
    let [left, top, right, bottom] = [area.left, area.top, area.right, area.bottom].map(|edge| edge as f32);
    let corners = [[left, top], [right, top], [right, bottom], [left, bottom]].map(|corner| pose.forth(corner));
    let blur = pose.scale.map(|scale| scale.abs().max(1.0) * quality.radius());
    let blur = blur[0].max(blur[1]);
    let bound = |axis: usize| {
        let along = corners.map(|corner| corner[axis]);
        let (low, high) = along
            .into_iter()
            .fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)));
        [(low - blur).floor() as i32, (high + blur).ceil() as i32]
    };
    let ([left, right], [top, bottom]) = (bound(0), bound(1));
    Rect::clipped([left, top, right, bottom], size)
}

/// The pixels of a line that count, and how much.
#[derive(Default)]
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Taps {
    /// Around `at`, 0 to `length`, where the middle of the first pixel is 0.5.
    fn aim(&mut self, at: f32, stretch: f32, length: u32, quality: Quality) {
        self.weights.clear();
        let (middle, reach) = (at - 0.5, quality.radius() * stretch);
        // What lies outside counts as blank: it has a weight, and no colour.
        let (from, to) = ((middle - reach).ceil() as i64, (middle + reach).floor() as i64);
        let mut sum = 0.0;
        self.first = from.clamp(0, i64::from(length)) as usize;
        for index in from..=to {
            let weight = quality.weight((index as f32 - middle) / stretch);
            sum += weight;
            if (0..i64::from(length)).contains(&index) {
                self.weights.push(weight);
            }
        }
        self.weights.iter_mut().for_each(|weight| *weight /= sum);
    }

    /// Around `at`, as [`Self::aim`] takes it. What lies outside counts for nothing.
    fn inside(at: f32, stretch: f32, length: u32, quality: Quality) -> Self {
        let mut taps = Self::default();
        taps.aim(at, stretch, length, quality);
        let sum: f32 = taps.weights.iter().sum();
        taps.weights.iter_mut().for_each(|weight| *weight /= sum);
        taps
    }
}

fn mean<P: Blendable>(float: &Float<P>, across: &Taps, down: &Taps) -> P {
    let mut sum = [0.0; 4];
    let width = float.area.width() as usize;
    for (row, weight) in down.weights.iter().enumerate() {
        let start = (down.first + row) * width + across.first;
        for (pixel, share) in float.pixels[start..].iter().zip(&across.weights) {
            if *pixel != P::default() {
                let parts = pixel.parts();
                let weight = weight * share;
                sum = std::array::from_fn(|channel| sum[channel] + weight * parts[channel]);
            }
        }
    }
    P::whole(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 40 by 24 pixels of noise, at 100, 60 on a layer of 300 by 200.
    fn noise() -> Float<[u8; 4]> {
        let area = Rect::new(100, 60, 140, 84);
        let mut state = 7_u32;
        let pixels = (0..40 * 24).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [r, g, b, _] = state.to_le_bytes();
            [r, g, b, 255]
        });
        Float {
            area,
            pixels: pixels.collect(),
        }
    }

    const SIZE: [u32; 2] = [300, 200];

    fn at(float: &Float<[u8; 4]>, x: u32, y: u32) -> [u8; 4] {
        let area = float.area;
        let inside = (area.left..area.right).contains(&x) && (area.top..area.bottom).contains(&y);
        match inside {
            true => float.pixels[((y - area.top) * area.width() + x - area.left) as usize],
            false => [0; 4],
        }
    }

    #[test]
    fn moves_flips_and_quarter_turns_keep_every_pixel() {
        let float = noise();
        let rest = Pose::at_rest(float.area);
        for quality in [Quality::Draft, Quality::Fine] {
            let moved = resampled(&float, rest.with_offset([-30.0, 7.0]), SIZE, quality);
            let flipped = resampled(&float, rest.flipped(true), SIZE, quality);
            let quarter = Pose {
                angle: std::f32::consts::FRAC_PI_2,
                ..rest
            };
            let turned = resampled(&float, quarter, SIZE, quality);
            for y in 60..84 {
                for x in 100..140 {
                    let pixel = at(&float, x, y);
                    assert_eq!(at(&moved, x - 30, y + 7), pixel);
                    assert_eq!(at(&flipped, 239 - x, y), pixel);
                    // About 120, 72: right becomes down.
                    assert_eq!(at(&turned, 120 + 71 - y, 72 + x - 120), pixel);
                }
            }
            assert_eq!(at(&moved, 110 - 41, 70), [0; 4]);
        }
    }

    /// A black line, two pixels wide, every eight pixels.
    fn lines() -> Float<[u8; 4]> {
        let pixel = |x: u32| if x % 8 < 2 { [0, 0, 0, 255] } else { [0; 4] };
        Float {
            area: Rect::new(0, 0, 160, 160),
            pixels: (0..160 * 160).map(|index| pixel(index % 160)).collect(),
        }
    }

    #[test]
    fn a_shrunk_drawing_keeps_the_weight_of_its_lines() {
        let float = lines();
        for share in [0.5, 0.31, 0.1] {
            let small = resampled(&float, Pose::at_rest(float.area).with_scale([share; 2]), SIZE, Quality::Fine);
            let sum: f64 = small.pixels.iter().map(|pixel| f64::from(pixel[3])).sum();
            let whole: f64 = float.pixels.iter().map(|pixel| f64::from(pixel[3])).sum();
            let kept = sum / (whole * f64::from(share * share));
            // Between close lines the cubic reaches below nothing, which is cut off.
            assert!((0.97..1.06).contains(&kept), "{share}: {kept}");
        }
        // A line on every pixel's fourth: grey, and the same grey everywhere inside.
        let small = resampled(&float, Pose::at_rest(float.area).with_scale([0.125; 2]), SIZE, Quality::Fine);
        let inside: Vec<u8> = (74..86).map(|x| at(&small, x, 80)[3]).collect();
        assert!(inside.iter().all(|alpha| alpha.abs_diff(64) <= 2), "{inside:?}");
    }

    #[test]
    fn a_picture_is_scaled_as_a_pose_scales_it_and_stays_opaque_up_to_its_edges() {
        let float = noise();
        let grid = TileGrid::with_pixels([40, 24], [0, 0], 40, &float.pixels);
        for size in [[100, 60], [20, 12], [40, 24], [31, 24], [600, 360]] {
            let scale: [f32; 2] = [size[0] as f32 / 40.0, size[1] as f32 / 24.0];
            let scaled = scaled(&grid, size, Quality::Fine);
            let all = scaled.copy(Rect::of(size));
            assert!(all.iter().all(|pixel| pixel[3] == 255), "{size:?}");
            let whole = Float {
                area: Rect::of([40, 24]),
                pixels: float.pixels.clone(),
            };
            let by = [0, 1].map(|axis| (size[axis] as f32 - [40.0, 24.0][axis]) / 2.0);
            let pose = Pose::at_rest(whole.area).with_scale(scale).with_offset(by);
            let posed = resampled(&whole, pose, size, Quality::Fine);
            // Away from the edges they are the same.
            let edge = scale.map(|scale| (2.0 * scale.max(1.0)).ceil() as u32);
            for y in edge[1]..size[1] - edge[1] {
                for x in edge[0]..size[0] - edge[0] {
                    let (one, other) = (scaled.pixel(x, y), at(&posed, x, y));
                    let near = one.iter().zip(other).all(|(one, other)| one.abs_diff(other) <= 1);
                    assert!(near, "{size:?} {x} {y}: {one:?} {other:?}");
                }
            }
        }
        assert_eq!(scaled(&grid, [40, 24], Quality::Fine).copy(Rect::of([40, 24])), float.pixels);
    }

    #[test]
    fn across_tiles_a_picture_is_scaled_without_a_seam_and_paper_stays_one_tile() {
        let ramp: Vec<u8> = (0..900 * 300).map(|index| (index % 900 / 4) as u8).collect();
        let grid = TileGrid::with_pixels([900, 300], [0, 0], 900, &ramp);
        for width in [700, 1800] {
            let scaled = scaled(&grid, [width, 300], Quality::Fine);
            let row: Vec<u8> = (0..width).map(|x| scaled.pixel(x, 150)).collect();
            assert!(
                row.windows(2)
                    .all(|pair| (0..=2).contains(&(i32::from(pair[1]) - i32::from(pair[0])))),
                "{row:?}"
            );
        }
        let paper = TileGrid::filled([1024, 512], [255_u8; 4]);
        let larger = scaled(&paper, [2048, 1024], Quality::Fine);
        assert_eq!((larger.pixel(2047, 1023), larger.bytes()), ([255; 4], 262_144));
        let blank = scaled(&TileGrid::<[u8; 4]>::new([900, 300]), [450, 150], Quality::Fine);
        assert_eq!(blank.bytes(), 0);
    }

    #[test]
    fn a_turn_and_its_reverse_give_the_drawing_back_nearly() {
        let float = lines();
        let turn = |float: &Float<[u8; 4]>, angle: f32| {
            let pose = Pose {
                angle,
                ..Pose::at_rest(Rect::new(0, 0, 160, 160))
            };
            resampled(float, pose.with_offset([70.0, 20.0]), SIZE, Quality::Fine)
        };
        let there = turn(&float, 0.5);
        let area = there.area;
        let back = Pose {
            angle: -0.5,
            center: [80.0, 80.0],
            ..Pose::at_rest(Rect::new(70, 20, 230, 180))
        };
        let back = resampled(&there, back, SIZE, Quality::Fine);
        assert!(!area.is_empty());
        let error = |x: u32, y: u32| u32::from(at(&back, x, y)[3].abs_diff(at(&float, x, y)[3]));
        let errors: u32 = (40..120).flat_map(|y| (40..120).map(move |x| error(x, y))).sum();
        assert!(errors / 6400 < 24, "mean {}", errors / 6400);
    }

    #[test]
    fn masks_are_resampled_and_what_leaves_the_layer_is_cut_off() {
        let float = Float {
            area: Rect::new(280, 190, 300, 200),
            pixels: vec![255_u8; 200],
        };
        let large = resampled(&float, Pose::at_rest(float.area).with_scale([4.0; 2]), SIZE, Quality::Fine);
        assert_eq!([large.area.right, large.area.bottom], SIZE);
        assert_eq!(large.pixels.last(), Some(&255));
        let gone = resampled(
            &float,
            Pose::at_rest(float.area).with_offset([500.0, 0.0]),
            SIZE,
            Quality::Fine,
        );
        assert!(gone.area.is_empty() && gone.pixels.is_empty());
    }
}
