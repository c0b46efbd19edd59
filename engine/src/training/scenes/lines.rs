//! Line art, from clean pen lines to rough pencil: strokes of varying width with tapered ends and a wobble, broken, drawn twice or too far.

use std::f32::consts::TAU;

use tiny_skia::{Path, PathBuilder, Point};

use super::design::Rgb;
use super::rng::SceneRng;
use super::shape::{Curve, at, between};

/// How a drawing's lines are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Finish {
    /// Full width of an ordinary line, in pixels.
    pub width: f32,
    /// Share of a stroke's length over which each end thins out, 0..0.5.
    pub taper: f32,
    /// How far lines stray, in pixels.
    pub wobble: f32,
    /// How much a line's width varies along it, 0..1.
    pub pressure: f32,
    /// Chance that a stroke is broken.
    pub gaps: f32,
    /// Most times that a stroke is gone over.
    pub passes: usize,
    /// How far the passes of a stroke lie apart, in pixels.
    pub scatter: f32,
    /// How far strokes run on past their ends, in pixels.
    pub overshoot: f32,
    /// Chance that a large form shows the faint oval that it was built on.
    pub guides: f32,
    /// Share of the inner lines that is drawn.
    pub detail: f32,
    pub ink: Rgb,
    /// Opacity of the ink, 0..1.
    pub opacity: f32,
    /// Grain of the ink, 0 (pen) ..1 (chalk).
    pub grain: f32,
    pub smooth: bool,
    pub paper: Paper,
}

/// What the sketch was drawn on, and how it came from there.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// Grey of the sheet, 0..=255.
    pub tone: f32,
    /// How much darker it becomes towards one side.
    pub falloff: f32,
    /// Height of its grain, in greys.
    pub grain: f32,
    /// Lost a little sharpness to a scanner.
    pub soft: bool,
    /// Quality, 1..=100, of the JPEG file that it went through; none: it never did.
    pub jpeg: Option<u8>,
}

impl Paper {
    pub const WHITE: Self = Self {
        tone: 255.0,
        falloff: 0.0,
        grain: 0.0,
        soft: false,
        jpeg: None,
    };

    fn random(rng: &mut SceneRng) -> Self {
        let toned = rng.chance(0.3);
        Self {
            tone: if toned { rng.range(212.0, 252.0) } else { 255.0 },
            falloff: if toned { rng.range(0.0, 22.0) } else { 0.0 },
            grain: if toned { rng.range(0.0, 9.0) } else { 0.0 },
            soft: rng.chance(0.15),
            jpeg: rng.chance(0.25).then(|| rng.range(25.0, 85.0) as u8),
        }
    }
}

impl Finish {
    /// A finish for pictures of `size` pixels a side.
    pub fn random(rng: &mut SceneRng, size: f32) -> Self {
        let scale = size / 128.0;
        let pencil = rng.chance(0.35);
        let rough = rng.chance(if pencil { 0.5 } else { 0.12 });
        Self {
            // Larger pictures have relatively finer lines.
            width: rng.range(0.75, 1.9) * scale.powf(0.8),
            taper: rng.pick(&[0.0, 0.12, 0.25, 0.4]),
            wobble: rng.pick(&[0.0, 0.25, 0.5]) * scale.powf(0.8) * if rough { 1.4 } else { 1.0 },
            pressure: rng.range(0.0, 0.5),
            gaps: if rng.chance(0.3) { rng.range(0.1, 0.4) } else { 0.0 },
            passes: if rough { rng.whole(1, 3) } else { 1 },
            scatter: rng.range(0.5, 1.1) * scale.powf(0.8),
            overshoot: if rough { rng.range(0.0, 4.0) * scale.powf(0.8) } else { 0.0 },
            guides: if rough && rng.chance(0.5) { rng.range(0.1, 0.5) } else { 0.0 },
            detail: rng.pick(&[0.0, 0.5, 1.0, 1.0]),
            ink: [if rng.chance(0.5) { 0 } else { rng.range(0.0, 110.0) as u8 }; 3],
            opacity: if pencil { rng.range(0.5, 0.95) } else { 1.0 },
            grain: if pencil { rng.range(0.1, 0.5) } else { 0.0 },
            smooth: rng.chance(0.92),
            paper: Paper::random(rng),
        }
    }

    /// This finish as clean lines on white.
    pub fn cleaned(self) -> Self {
        Self {
            gaps: 0.0,
            passes: 1,
            overshoot: 0.0,
            guides: 0.0,
            grain: 0.0,
            opacity: 1.0,
            paper: Paper::WHITE,
            ..self
        }
    }

    /// A finish for illustrations: clean, sometimes in coloured ink.
    pub fn of_illustration(rng: &mut SceneRng, size: f32) -> Self {
        let mut finish = Self::random(rng, size).cleaned();
        if rng.chance(0.35) {
            finish.ink = [rng.range(0.0, 110.0), rng.range(0.0, 70.0), rng.range(0.0, 100.0)].map(|v| v as u8);
        }
        finish
    }
}

/// The strokes of a curve as one fillable path: from corner to corner, or once around a closed curve without corners.
pub fn strokes(curve: &Curve, weight: f32, finish: &Finish, rng: &mut SceneRng) -> Option<Path> {
    let step = (finish.width * 1.5).max(1.5);
    let (points, corners) = curve.flatten(step);
    if points.len() < 2 {
        return None;
    }
    let mut builder = PathBuilder::new();
    let passes = if finish.passes > 1 { rng.whole(1, finish.passes) } else { 1 };
    let mut draw = |points: &[Point]| {
        let width = finish.width * weight / (passes as f32).sqrt();
        stroke(&mut builder, points, width, finish, rng);
        for _ in 1..passes {
            stroke(&mut builder, &gone_over(points, finish.scatter, rng), width, finish, rng);
        }
    };
    let cyclic = |from: usize, to: usize| -> Vec<Point> { (from..=to).map(|i| points[i % points.len()]).collect() };
    match (curve.closed, corners.as_slice()) {
        (false, _) => draw(&points),
        (true, []) => draw(&cyclic(0, points.len() + 1)),
        (true, [first, ..]) => {
            let ends = corners.iter().skip(1).copied().chain([first + points.len()]);
            for (from, to) in corners.iter().copied().zip(ends) {
                draw(&cyclic(from, to));
            }
        }
    }
    builder.finish()
}

/// A second try at a stroke: shifted, a little turned, and begun or ended elsewhere.
fn gone_over(points: &[Point], scatter: f32, rng: &mut SceneRng) -> Vec<Point> {
    let [from, to] = [0, 1].map(|_| at(rng.signed() * scatter, rng.signed() * scatter));
    let skipped = (points.len() as f32 * rng.range(0.0, 0.25)) as usize;
    let kept = if rng.chance(0.5) {
        &points[skipped..]
    } else {
        &points[..points.len() - skipped]
    };
    let last = kept.len().saturating_sub(1).max(1) as f32;
    let shift = |i: usize| between(from, to, i as f32 / last);
    kept.iter().enumerate().map(|(i, point)| *point + shift(i)).collect()
}

fn stroke(builder: &mut PathBuilder, points: &[Point], width: f32, finish: &Finish, rng: &mut SceneRng) {
    if finish.gaps > 0.0 && points.len() > 8 && rng.chance(finish.gaps) {
        let middle = rng.range(0.2, 0.8) * points.len() as f32;
        let half = rng.range(0.5, 1.5 + points.len() as f32 * 0.06);
        let (end, start) = (
            (middle - half).max(2.0) as usize,
            ((middle + half) as usize + 1).min(points.len() - 2),
        );
        outline(builder, &points[..end], width, finish, rng);
        outline(builder, &points[start..], width, finish, rng);
    } else {
        outline(builder, points, width, finish, rng);
    }
}

/// Adds the outline of one stroke: its points pushed to both sides by half the width.
fn outline(builder: &mut PathBuilder, points: &[Point], width: f32, finish: &Finish, rng: &mut SceneRng) {
    let last = points.len().saturating_sub(1);
    if last == 0 {
        return;
    }
    let longer = (finish.overshoot > 0.0).then(|| {
        let mut beyond = |end: Point, inner: Point| {
            let mut along = end - inner;
            along.normalize();
            let length = finish.overshoot * rng.unit();
            at(end.x + along.x * length, end.y + along.y * length)
        };
        let mut points = points.to_vec();
        (points[0], points[last]) = (beyond(points[0], points[1]), beyond(points[last], points[last - 1]));
        points
    });
    let points = longer.as_deref().unwrap_or(points);
    // Two slow waves of random phase and length stand for the hand: one moves the line, one presses the pen.
    let (phase, pace) = (rng.range(0.0, TAU), rng.range(0.25, 0.6));
    let (press_phase, press_pace) = (rng.range(0.0, TAU), rng.range(0.1, 0.4));
    let (mut left, mut right) = (Vec::with_capacity(last + 1), Vec::with_capacity(last + 1));
    for (i, point) in points.iter().enumerate() {
        let mut along = points[(i + 1).min(last)] - points[i.saturating_sub(1)];
        along.normalize();
        let share = i as f32 / last as f32;
        let end = share.min(1.0 - share);
        let taper = if finish.taper > 0.0 {
            (end / finish.taper).min(1.0)
        } else {
            1.0
        };
        let press = 1.0 + finish.pressure * (i as f32 * press_pace + press_phase).sin();
        let half = 0.5 * width * press * (0.25 + 0.75 * taper);
        let stray = finish.wobble * (i as f32 * pace + phase).sin();
        let normal = at(-along.y, along.x);
        left.push(at(point.x + normal.x * (stray + half), point.y + normal.y * (stray + half)));
        right.push(at(point.x + normal.x * (stray - half), point.y + normal.y * (stray - half)));
    }
    builder.move_to(left[0].x, left[0].y);
    for point in left[1..].iter().chain(right.iter().rev()) {
        builder.line_to(point.x, point.y);
    }
    builder.close();
}
