//! What places are made of: planes, hills, clouds, trees, houses.

use tiny_skia::Point;

use super::super::design::ground::*;
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, Knot, at, sharp, soft};

/// The whole picture in one colour.
pub fn whole(drawing: &mut Drawing, w: f32, slot: u8) {
    drawing
        .piece(slot, Curve::rectangle(-0.2, -0.2, w + 0.2, 1.2))
        .contour(0.0)
        .unshaded();
}

/// Everything below a level line.
pub fn level(drawing: &mut Drawing, slot: u8, w: f32, y: f32) {
    drawing.piece(slot, Curve::rectangle(-0.2, y, w + 0.2, 1.2)).unshaded();
}

/// Everything below a line of hills or peaks.
pub fn ridge(drawing: &mut Drawing, slot: u8, w: f32, y: f32, height: f32, peaked: bool, rng: &mut SceneRng) {
    let mut knots: Vec<Knot> = vec![sharp(w + 0.3, 1.2), sharp(-0.3, 1.2)];
    let count = rng.whole(3, 5);
    for i in 0..=count {
        let x = -0.25 + (w + 0.5) * (i as f32 + rng.range(-0.2, 0.2)) / count as f32;
        let rise = if i % 2 == 0 { 0.0 } else { height * rng.range(0.6, 1.3) };
        let knot = if peaked { sharp } else { soft };
        knots.push(knot(x, y - rise));
    }
    drawing.piece(slot, Curve::closed(knots)).unshaded();
}

pub fn cloud(drawing: &mut Drawing, centre: Point, size: f32, rng: &mut SceneRng) {
    let (x, y, s) = (centre.x, centre.y, size);
    let lift = rng.range(0.35, 0.55) * s;
    drawing.piece(
        CLOUD,
        Curve::closed([
            sharp(x - s, y),
            soft(x - s * 0.95, y - s * 0.32),
            sharp(x - s * 0.5, y - s * 0.34),
            soft(x - s * 0.05, y - lift - s * 0.2),
            sharp(x + s * 0.42, y - s * 0.34),
            soft(x + s * 0.95, y - s * 0.3),
            sharp(x + s, y),
        ]),
    );
}

/// A tree of three tiers, or with a round crown.
pub fn tree(drawing: &mut Drawing, foot: Point, size: f32, round: bool, rng: &mut SceneRng) {
    let (x, y, s) = (foot.x, foot.y, size);
    drawing.piece(
        TRUNK,
        Curve::closed([
            sharp(x - s * 0.12, y),
            soft(x - s * 0.06, y - s * 0.3),
            sharp(x - s * 0.06, y - s * 0.7),
            sharp(x + s * 0.06, y - s * 0.7),
            soft(x + s * 0.06, y - s * 0.3),
            sharp(x + s * 0.12, y),
        ]),
    );
    if round {
        drawing.piece(LEAVES, scallops(at(x, y - s * 0.85), s * 0.42, s * 0.45, rng.whole(6, 9)));
    } else {
        for k in 0..3 {
            let base = y - s * (0.25 + 0.28 * k as f32);
            let half = s * (0.42 - 0.09 * k as f32);
            drawing.piece(
                LEAVES,
                Curve::closed([
                    sharp(x - half, base),
                    soft(x - half * 0.3, base - s * 0.22),
                    sharp(x, base - s * 0.5),
                    soft(x + half * 0.3, base - s * 0.22),
                    sharp(x + half, base),
                    soft(x, base + s * 0.06),
                ]),
            );
        }
    }
}

pub fn house(drawing: &mut Drawing, x: f32, foot: f32, s: f32, rng: &mut SceneRng) {
    drawing.piece(HOUSE, Curve::rectangle(x, foot - s * 0.7, x + s, foot));
    drawing.piece(
        ROOF,
        Curve::polygon([
            at(x - s * 0.12, foot - s * 0.66),
            at(x + s * 0.5, foot - s * 1.25),
            at(x + s * 1.12, foot - s * 0.66),
        ]),
    );
    drawing.piece(DOOR, Curve::rectangle(x + s * 0.12, foot - s * 0.42, x + s * 0.36, foot));
    let y = foot - s * rng.range(0.42, 0.5);
    drawing.piece(WINDOW, Curve::rectangle(x + s * 0.55, y, x + s * 0.83, y + s * 0.24));
}

pub fn windows(drawing: &mut Drawing, x: f32, top: f32, width: f32, height: f32, rng: &mut SceneRng) {
    let (columns, rows) = (rng.whole(2, 3), ((height / 0.13) as usize).clamp(1, 5));
    let (dx, dy) = (width / columns as f32, height / rows as f32);
    for column in 0..columns {
        for row in 0..rows {
            let (left, y) = (x + dx * (column as f32 + 0.25), top + dy * (row as f32 + 0.25));
            drawing
                .piece(WINDOW, Curve::rectangle(left, y, left + dx * 0.5, y + dy * 0.5))
                .contour(0.7)
                .unshaded();
        }
    }
}

pub fn path(drawing: &mut Drawing, w: f32, horizon: f32, rng: &mut SceneRng) {
    let (far, near) = (rng.range(0.3, 0.7) * w, rng.range(0.2, 0.8) * w);
    let middle = (far + near) / 2.0 + rng.range(-0.15, 0.15);
    drawing
        .piece(
            ROAD,
            Curve::closed([
                sharp(far - 0.015, horizon),
                sharp(far + 0.015, horizon),
                soft(middle + 0.07, (horizon + 1.0) / 2.0),
                sharp(near + 0.2, 1.1),
                sharp(near - 0.2, 1.1),
                soft(middle - 0.07, (horizon + 1.0) / 2.0),
            ]),
        )
        .unshaded();
}

pub fn tufts(drawing: &mut Drawing, w: f32, top: f32, rng: &mut SceneRng) {
    for _ in 0..rng.whole(2, 6) {
        let p = rng.point(0.0, top.min(0.9), w, 0.98);
        drawing.detail(
            0.7,
            Curve::line([at(p.x - 0.02, p.y - 0.03), p, at(p.x + 0.005, p.y - 0.045)]),
        );
    }
}

fn scallops(centre: Point, rx: f32, ry: f32, count: usize) -> Curve {
    Curve::closed((0..count).flat_map(|i| {
        let knot = |share: f32, reach: f32, corner: bool| {
            let angle = (i as f32 + share) / count as f32 * std::f32::consts::TAU;
            Knot {
                at: at(centre.x + angle.cos() * rx * reach, centre.y + angle.sin() * ry * reach),
                corner,
            }
        };
        [knot(0.0, 0.86, true), knot(0.5, 1.1, false)]
    }))
}
