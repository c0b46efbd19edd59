//! Line art: strokes of varying width with tapered ends, a slight wobble and, here and there, a gap.

use std::f32::consts::TAU;

use tiny_skia::{Path, PathBuilder, Point};

use super::design::Rgb;
use super::dice::Dice;
use super::shape::{Curve, at};

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
    /// Share of the inner lines that is drawn.
    pub detail: f32,
    pub ink: Rgb,
    /// Opacity of the ink, 0..1.
    pub opacity: f32,
    /// Grain of the ink, 0 (pen) ..1 (chalk).
    pub grain: f32,
    pub smooth: bool,
}

impl Finish {
    /// A finish for pictures of `size` pixels a side.
    pub fn random(dice: &mut Dice, size: f32) -> Self {
        let scale = size / 128.0;
        let pencil = dice.chance(0.3);
        Self {
            // Larger pictures have relatively finer lines.
            width: dice.range(0.75, 1.9) * scale.powf(0.8),
            taper: dice.pick(&[0.0, 0.12, 0.25, 0.4]),
            wobble: dice.pick(&[0.0, 0.25, 0.5]) * scale.powf(0.8),
            pressure: dice.range(0.0, 0.5),
            gaps: if dice.chance(0.3) { dice.range(0.1, 0.4) } else { 0.0 },
            detail: dice.pick(&[0.0, 0.5, 1.0, 1.0]),
            ink: [if dice.chance(0.5) { 0 } else { dice.range(0.0, 110.0) as u8 }; 3],
            opacity: if pencil { dice.range(0.6, 0.95) } else { 1.0 },
            grain: if pencil { dice.range(0.1, 0.5) } else { 0.0 },
            smooth: dice.chance(0.92),
        }
    }

    /// A finish for illustrations: clean, sometimes in coloured ink.
    pub fn of_illustration(dice: &mut Dice, size: f32) -> Self {
        let mut finish = Self {
            gaps: 0.0,
            grain: 0.0,
            opacity: 1.0,
            ..Self::random(dice, size)
        };
        if dice.chance(0.35) {
            finish.ink = [dice.range(0.0, 110.0), dice.range(0.0, 70.0), dice.range(0.0, 100.0)].map(|v| v as u8);
        }
        finish
    }
}

/// The strokes of a curve as one fillable path: from corner to corner, or once around a closed curve without corners.
pub fn strokes(curve: &Curve, weight: f32, finish: &Finish, dice: &mut Dice) -> Option<Path> {
    let step = (finish.width * 1.5).max(1.5);
    let (points, corners) = curve.flatten(step);
    if points.len() < 2 {
        return None;
    }
    let mut builder = PathBuilder::new();
    let mut stroke = |points: &[Point]| stroke(&mut builder, points, finish.width * weight, finish, dice);
    let cyclic = |from: usize, to: usize| -> Vec<Point> { (from..=to).map(|i| points[i % points.len()]).collect() };
    match (curve.closed, corners.as_slice()) {
        (false, _) => stroke(&points),
        (true, []) => stroke(&cyclic(0, points.len() + 1)),
        (true, [first, ..]) => {
            let ends = corners.iter().skip(1).copied().chain([first + points.len()]);
            for (from, to) in corners.iter().copied().zip(ends) {
                stroke(&cyclic(from, to));
            }
        }
    }
    builder.finish()
}

fn stroke(builder: &mut PathBuilder, points: &[Point], width: f32, finish: &Finish, dice: &mut Dice) {
    if finish.gaps > 0.0 && points.len() > 8 && dice.chance(finish.gaps) {
        let middle = dice.range(0.2, 0.8) * points.len() as f32;
        let half = dice.range(0.5, 1.5 + points.len() as f32 * 0.06);
        let (end, start) = (
            (middle - half).max(2.0) as usize,
            ((middle + half) as usize + 1).min(points.len() - 2),
        );
        outline(builder, &points[..end], width, finish, dice);
        outline(builder, &points[start..], width, finish, dice);
    } else {
        outline(builder, points, width, finish, dice);
    }
}

/// Adds the outline of one stroke: its points pushed to both sides by half the width.
fn outline(builder: &mut PathBuilder, points: &[Point], width: f32, finish: &Finish, dice: &mut Dice) {
    let last = points.len().saturating_sub(1);
    if last == 0 {
        return;
    }
    // Two slow waves of random phase and length stand for the hand: one moves the line, one presses the pen.
    let (phase, pace) = (dice.range(0.0, TAU), dice.range(0.25, 0.6));
    let (press_phase, press_pace) = (dice.range(0.0, TAU), dice.range(0.1, 0.4));
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
