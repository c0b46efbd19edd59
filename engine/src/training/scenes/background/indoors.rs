//! Rooms and stages.

use super::super::design::ground::*;
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, Knot, at, sharp, soft};
use super::Background;
use super::parts::{level, whole};

impl Background {
    pub(super) fn room(&self, drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
        whole(drawing, w, WALL);
        let floor = rng.range(0.68, 0.9);
        if self.clouds {
            let (x, y) = (rng.range(0.05, (w - 0.45).max(0.1)), rng.range(0.08, 0.2));
            let (dx, dy) = (rng.range(0.3, 0.42), rng.range(0.32, 0.44));
            drawing.piece(FRAME, Curve::rectangle(x - 0.03, y - 0.03, x + dx + 0.03, y + dy + 0.03));
            drawing.piece(SKY, Curve::rectangle(x, y, x + dx, y + dy));
            drawing
                .piece(FRAME, Curve::rectangle(x + dx * 0.5 - 0.012, y, x + dx * 0.5 + 0.012, y + dy))
                .contour(0.7);
            drawing
                .piece(FRAME, Curve::rectangle(x, y + dy * 0.5 - 0.012, x + dx, y + dy * 0.5 + 0.012))
                .contour(0.7);
            for side in [-1.0, 1.0] {
                let edge = if side < 0.0 { x } else { x + dx };
                drawing.piece(
                    CURTAIN,
                    Curve::closed([
                        sharp(edge - side * 0.1, y - 0.06),
                        sharp(edge + side * 0.09, y - 0.06),
                        soft(edge + side * 0.08, y + dy * 0.5),
                        sharp(edge + side * 0.1, y + dy + 0.1),
                        sharp(edge + side * 0.0, y + dy + 0.1),
                        soft(edge + side * 0.02, y + dy * 0.5),
                    ]),
                );
            }
        }
        if self.sun {
            let p = rng.point(0.05, 0.1, w - 0.2, 0.35);
            drawing.piece(FRAME, Curve::rectangle(p.x, p.y, p.x + 0.2, p.y + 0.16));
            drawing
                .piece(PICTURE, Curve::rectangle(p.x + 0.025, p.y + 0.025, p.x + 0.175, p.y + 0.135))
                .contour(0.7);
        }
        level(drawing, FLOOR, w, floor);
        drawing
            .piece(FENCE, Curve::rectangle(-0.1, floor - 0.03, w + 0.1, floor))
            .contour(0.8);
        if self.roof {
            let x = rng.range(-0.05, w - 0.3);
            let (top, width) = (floor - rng.range(0.25, 0.5), rng.range(0.25, 0.4));
            drawing.piece(FURNITURE, Curve::rectangle(x, top, x + width, floor + 0.05));
            for shelf in 0..2 {
                let y = top + 0.04 + shelf as f32 * 0.15;
                drawing
                    .piece(DOOR, Curve::rectangle(x + 0.03, y, x + width - 0.03, y + 0.12))
                    .contour(0.8);
                let mut b = x + 0.05;
                while b < x + width - 0.1 {
                    let thick = rng.range(0.02, 0.05);
                    drawing
                        .piece(BOOKS, Curve::rectangle(b, y + rng.range(0.01, 0.05), b + thick, y + 0.12))
                        .contour(0.6);
                    b += thick + 0.008;
                }
            }
        }
        if self.slanted {
            let p = at(rng.range(0.0, w), floor + 0.06);
            drawing.piece(
                DOOR,
                Curve::polygon([
                    at(p.x - 0.06, p.y - 0.1),
                    at(p.x + 0.06, p.y - 0.1),
                    at(p.x + 0.045, p.y + 0.03),
                    at(p.x - 0.045, p.y + 0.03),
                ]),
            );
            for lean in [-1.0, -0.4, 0.4, 1.0] {
                let tip = at(p.x + lean * 0.13, p.y - 0.28 + lean.abs() * 0.08);
                drawing.piece(
                    LEAVES,
                    Curve::closed([
                        sharp(p.x, p.y - 0.1),
                        soft(p.x + lean * 0.03 - 0.03, p.y - 0.2),
                        sharp(tip.x, tip.y),
                        soft(p.x + lean * 0.09 + 0.03, p.y - 0.16),
                    ]),
                );
            }
        }
    }
}

/// A stage between curtains.
pub fn curtain(drawing: &mut Drawing, w: f32, rng: &mut SceneRng) {
    whole(drawing, w, WALL);
    level(drawing, FLOOR, w, rng.range(0.75, 0.92));
    for side in [-1.0, 1.0] {
        let (edge, reach) = (if side < 0.0 { -0.05 } else { w + 0.05 }, w * rng.range(0.22, 0.42));
        let x = |share: f32| edge - side * reach * share;
        let hem = rng.range(0.85, 1.0);
        drawing.piece(
            CURTAIN,
            Curve::closed([
                sharp(edge, -0.1),
                sharp(x(1.1), -0.1),
                soft(x(0.95), 0.3),
                soft(x(0.45), 0.6),
                sharp(x(0.7), hem),
                sharp(edge, hem + 0.03),
            ]),
        );
        for share in [0.25, 0.5, 0.75] {
            drawing.detail(
                0.8,
                Curve::line([at(x(share * 1.1), 0.0), at(x(share * 0.8), 0.35), at(x(share * 0.42), 0.6)]),
            );
        }
        drawing.piece(FRAME, Curve::ellipse(at(x(0.25), 0.6), reach * 0.3, 0.03));
    }
    let valance: Vec<Knot> = [sharp(w + 0.1, -0.1), sharp(-0.1, -0.1)]
        .into_iter()
        .chain((0..5).flat_map(|i| {
            [
                sharp(-0.1 + i as f32 * (w + 0.2) / 5.0, 0.08),
                soft(-0.1 + (i as f32 + 0.5) * (w + 0.2) / 5.0, 0.15),
            ]
        }))
        .chain([sharp(w + 0.1, 0.08)])
        .collect();
    drawing.piece(PATTERN, Curve::closed(valance));
}
