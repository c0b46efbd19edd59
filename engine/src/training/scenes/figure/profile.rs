//! A head seen from the side: face and hair's cap. Drawn facing right; the caller mirrors it.

use super::super::design::figure::{EYE_WHITE, HAIR, IRIS, MOUTH, SKIN};
use super::super::drawing::Drawing;
use super::super::shape::{Curve, Knot, at, sharp, soft};
use super::face::{Expression, Eyes, Mouth};

/// The face from the side, without hair.
pub fn face(eyes: &Eyes, expression: &Expression) -> Drawing {
    let mut drawing = Drawing::default();
    drawing.piece(
        SKIN,
        Curve::closed([
            soft(-0.5, -1.1),
            soft(0.3, -1.12),
            soft(0.8, -0.6),
            soft(0.85, -0.12),
            soft(0.82, 0.2),
            sharp(1.06, 0.44),
            soft(0.88, 0.52),
            sharp(0.93, 0.66),
            sharp(0.85, 0.73),
            sharp(0.88, 0.82),
            soft(0.8, 0.98),
            soft(0.6, 1.08),
            soft(0.15, 0.92),
            soft(-0.15, 0.55),
            soft(-0.9, 0.4),
            soft(-1.05, -0.4),
        ]),
    );
    eye(&mut drawing, eyes, expression);
    match expression.mouth {
        Mouth::Open | Mouth::Round | Mouth::Teeth => {
            let form = Curve::closed([sharp(0.9, 0.7), soft(0.72, 0.72), soft(0.66, 0.78), sharp(0.86, 0.84)]);
            drawing.piece(MOUTH, form).contour(0.8).unshaded();
        }
        Mouth::Frown => drawing.ink(0.9, Curve::line([at(0.86, 0.74), at(0.74, 0.76), at(0.66, 0.82)])),
        _ => drawing.ink(0.9, Curve::line([at(0.86, 0.75), at(0.74, 0.77), at(0.64, 0.72)])),
    }
    drawing.piece(
        SKIN,
        Curve::closed([
            soft(-0.05, 0.1),
            soft(-0.2, 0.02),
            soft(-0.3, 0.2),
            soft(-0.18, 0.52),
            soft(-0.06, 0.42),
        ]),
    );
    drawing.detail(0.6, Curve::line([at(-0.1, 0.16), at(-0.2, 0.2), at(-0.16, 0.36)]));
    drawing
}

fn eye(drawing: &mut Drawing, eyes: &Eyes, expression: &Expression) {
    let (w, h, x, y) = (eyes.width * 0.72, eyes.height, 0.55, 0.2);
    let p = |dx: f32, dy: f32| at(x + dx * w, y + dy * h);
    if expression.blink {
        drawing.ink(1.5, Curve::line([p(-1.0, 0.3), p(0.1, 0.6), p(0.9, 0.35)]));
    } else {
        let white = Curve::closed([
            sharp(p(-1.0, 0.1).x, p(-1.0, 0.1).y),
            soft(p(-0.3, -0.85).x, p(-0.3, -0.85).y),
            sharp(p(0.8, -0.8).x, p(0.8, -0.8).y),
            soft(p(0.95, 0.0).x, p(0.95, 0.0).y),
            sharp(p(0.7, 0.8).x, p(0.7, 0.8).y),
            soft(p(-0.2, 0.95).x, p(-0.2, 0.95).y),
        ]);
        drawing.piece(EYE_WHITE, white.clone()).contour(0.0).unshaded();
        drawing
            .piece(IRIS, Curve::ellipse(p(0.4, 0.0), w * 0.55, h * 0.9))
            .inside(&white)
            .unshaded()
            .contour(0.7);
        drawing
            .piece(IRIS, Curve::ellipse(p(0.45, -0.1), w * 0.28, h * 0.46))
            .tone(-0.6)
            .contour(0.5)
            .inside(&white)
            .unshaded();
        drawing.ink(1.9, Curve::line([p(-1.25, 0.0), p(-0.4, -0.9), p(0.85, -0.85)]));
        drawing.ink(0.6, Curve::line([p(0.7, 0.85), p(0.0, 1.0), p(-0.6, 0.85)]));
    }
    drawing.ink(eyes.brow, Curve::line([p(-0.9, -1.4), p(0.1, -1.7), p(1.0, -1.5)]));
}

/// The hair over the skull, from the fringe over the crown to the nape and back along the ear. `spikes`: along the crown.
pub fn cap(volume: f32, fringe_depth: f32, spikes: bool) -> Drawing {
    let v = volume;
    let mut knots: Vec<Knot> = vec![sharp(0.92, fringe_depth)];
    if spikes {
        for i in 0..6 {
            let angle = -0.35 - i as f32 * 0.52;
            let (tip, valley) = (1.62 * v, 1.16 * v);
            knots.push(sharp(angle.cos() * tip - 0.1, angle.sin() * tip));
            knots.push(sharp((angle - 0.26).cos() * valley - 0.1, (angle - 0.26).sin() * valley));
        }
    } else {
        knots.extend([
            soft(1.0 * v, -0.55),
            soft(0.62 * v, -1.12),
            soft(-0.1, -1.34 * v),
            soft(-0.86 * v, -1.08),
            soft(-1.22 * v, -0.4),
        ]);
    }
    knots.extend([
        soft(-1.12 * v, 0.3),
        sharp(-0.72, 0.8),
        soft(-0.48, 0.35),
        sharp(-0.24, 0.62),
        soft(-0.16, 0.0),
        sharp(0.06, 0.14),
        soft(0.22, -0.42),
        sharp(0.42, fringe_depth + 0.05),
        soft(0.6, -0.5),
        sharp(0.72, fringe_depth),
        soft(0.82, -0.5),
    ]);
    let mut drawing = Drawing::default();
    drawing.piece(HAIR, Curve::closed(knots));
    for (x, y) in [(-0.75, -0.1), (-0.35, -0.3), (0.1, -0.5)] {
        drawing.detail(
            0.6,
            Curve::line([at(-0.05, -1.15), at((x - 0.15) * 0.8, (y - 1.0) / 2.0), at(x, y)]),
        );
    }
    drawing
}
