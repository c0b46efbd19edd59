//! Heads without hair: face, ears, eyes, brows, nose, mouth.

use tiny_skia::Transform;

use super::super::design::figure::{EYE_WHITE, IRIS, MOUTH, SKIN};
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, at, sharp, soft};
use super::body::Pose;
use super::hair::Hair;

/// The form of the eyes, half sizes in face units.
pub struct Eyes {
    pub(super) width: f32,
    pub(super) height: f32,
    /// How far the outer corner lies above the inner.
    slant: f32,
    apart: f32,
    pub(super) brow: f32,
    cheeks: bool,
}

impl Eyes {
    pub fn random(rng: &mut SceneRng) -> Self {
        Self {
            width: rng.range(0.2, 0.27),
            height: rng.range(0.22, 0.34),
            slant: rng.range(-0.05, 0.08),
            apart: rng.range(0.4, 0.48),
            brow: rng.range(0.6, 1.4),
            cheeks: rng.chance(0.4),
        }
    }
}

/// What a face does.
pub struct Expression {
    pub blink: bool,
    pub wink: bool,
    pub mouth: Mouth,
    /// Closed eyes curve up.
    glad: bool,
    /// How far the brows' inner ends sink (anger) or rise (worry), -1..1.
    brows: f32,
    /// Size of the irises, 1 usually: smaller in fright.
    iris: f32,
    /// A drop on the cheek.
    tear: bool,
    /// Where the eyes look, -1..1.
    pub gaze: f32,
}

#[derive(Clone, Copy)]
pub enum Mouth {
    Smile,
    Flat,
    Open,
    Small,
    Frown,
    Round,
    Teeth,
    Cat,
}

impl Expression {
    pub fn random(rng: &mut SceneRng) -> Self {
        Self {
            blink: rng.chance(0.09),
            wink: rng.chance(0.05),
            mouth: rng.pick(&[
                Mouth::Smile,
                Mouth::Smile,
                Mouth::Flat,
                Mouth::Open,
                Mouth::Open,
                Mouth::Small,
                Mouth::Frown,
                Mouth::Round,
                Mouth::Teeth,
                Mouth::Cat,
            ]),
            glad: rng.chance(0.5),
            brows: if rng.chance(0.5) { rng.signed() } else { 0.0 },
            iris: if rng.chance(0.12) { 0.6 } else { 1.0 },
            tear: rng.chance(0.05),
            gaze: rng.signed(),
        }
    }
}

/// Face and features, seen from the front or turned by the pose's yaw.
pub fn draw(eyes: &Eyes, pose: &Pose, hair: &Hair) -> Drawing {
    let mut drawing = Drawing::default();
    let turn = pose.yaw;
    if !hair.covers_ears() {
        for side in [-1.0, 1.0] {
            let x = side * 0.97 - turn * 0.08;
            drawing.piece(SKIN, Curve::ellipse(at(x, 0.28), 0.17, 0.26));
            drawing.detail(
                0.6,
                Curve::line([at(x + side * 0.06, 0.16), at(x - side * 0.02, 0.28), at(x + side * 0.04, 0.4)]),
            );
        }
    }
    let face = outline(turn);
    drawing.piece(SKIN, face.clone());
    drawing.cast(SKIN, hair.cap(turn).transformed(Transform::from_translate(0.02, 0.16)), &face);
    if eyes.cheeks {
        for side in [-1.0, 1.0] {
            let cheek = Curve::ellipse(at(side * 0.56 + turn * 0.2, 0.6), 0.2, 0.1);
            drawing.piece(MOUTH, cheek).tone(0.55).contour(0.0).inside(&face).unshaded();
        }
    }
    for side in [-1.0, 1.0] {
        let closed = pose.expression.blink || (pose.expression.wink && side > 0.0);
        eye(&mut drawing, eyes, pose, side, closed);
    }
    drawing.ink(
        0.6,
        Curve::line([
            at(turn * 0.27 + 0.02, 0.5),
            at(turn * 0.33 + 0.05, 0.56),
            at(turn * 0.3, 0.59),
        ]),
    );
    mouth(&mut drawing, pose.expression.mouth, turn * 0.24);
    if pose.expression.tear {
        let x = 0.5 + turn * 0.2;
        let drop = Curve::closed([sharp(x, 0.45), soft(x + 0.09, 0.62), soft(x, 0.7), soft(x - 0.09, 0.62)]);
        drawing.piece(EYE_WHITE, drop).contour(0.7).unshaded();
    }
    drawing
}

fn outline(turn: f32) -> Curve {
    let x = |x: f32, share: f32| x + turn * share;
    Curve::closed([
        soft(-0.97, -0.35),
        soft(x(-0.93, 0.05), 0.3),
        soft(x(-0.62, 0.12), 0.78),
        soft(x(-0.18, 0.18), 1.08),
        soft(x(0.18, 0.18), 1.08),
        soft(x(0.62, 0.12), 0.78),
        soft(x(0.93, 0.05), 0.3),
        soft(0.97, -0.35),
        soft(0.6, -1.0),
        soft(0.0, -1.15),
        soft(-0.6, -1.0),
    ])
}

fn eye(drawing: &mut Drawing, eyes: &Eyes, pose: &Pose, side: f32, closed: bool) {
    // The eye on the far side of a turned head is narrower.
    let far = 1.0 - 0.3 * (-pose.yaw * side).max(0.0);
    let (w, h) = (eyes.width * far, eyes.height);
    let (cx, cy) = (side * eyes.apart * (1.0 - 0.1 * pose.yaw.abs()) + pose.yaw * 0.22, 0.2);
    let p = |x: f32, y: f32| at(cx + side * x * w, cy + y * h - side.abs() * x * eyes.slant);
    if closed {
        let bow = if pose.expression.glad { -0.3 } else { 0.75 };
        drawing.ink(1.5, Curve::line([p(-1.0, 0.35), p(0.0, bow), p(1.0, 0.3)]));
    } else {
        let knot = |x: f32, y: f32| soft(p(x, y).x, p(x, y).y);
        let corner = |x: f32, y: f32| sharp(p(x, y).x, p(x, y).y);
        let white = Curve::closed([
            corner(-1.0, 0.25),
            knot(-0.65, -0.72),
            knot(0.1, -1.0),
            knot(0.8, -0.65),
            corner(1.05, 0.1),
            knot(0.7, 0.82),
            knot(0.0, 1.0),
            knot(-0.65, 0.8),
        ]);
        drawing.piece(EYE_WHITE, white.clone()).contour(0.0).unshaded();
        let gaze = at(cx + pose.expression.gaze * 0.13 * w + pose.yaw * 0.1 * w, cy + 0.02 * h);
        let iris_size = pose.expression.iris;
        let iris = Curve::ellipse(gaze, w * 0.68 * iris_size, h * 0.92 * iris_size);
        drawing.piece(IRIS, iris).inside(&white).unshaded().contour(0.7);
        drawing
            .piece(
                IRIS,
                Curve::ellipse(at(gaze.x, gaze.y - 0.1 * h), w * 0.34 * iris_size, h * 0.46 * iris_size),
            )
            .tone(-0.6)
            .contour(0.5)
            .inside(&white)
            .unshaded();
        let shine = at(gaze.x - 0.24 * w, gaze.y - 0.42 * h);
        drawing
            .piece(EYE_WHITE, Curve::ellipse(shine, w * 0.22, h * 0.24))
            .contour(0.4)
            .unshaded();
        drawing.ink(
            1.9,
            Curve::line([p(-1.05, 0.1), p(-0.65, -0.76), p(0.1, -1.05), p(0.8, -0.72), p(1.25, 0.05)]),
        );
        drawing.ink(0.6, Curve::line([p(0.75, 0.8), p(0.1, 1.02), p(-0.5, 0.9)]));
    }
    let lift = if closed { 0.3 } else { 0.0 };
    drawing.ink(
        eyes.brow,
        Curve::line([
            p(-0.9, -1.45 + lift + 0.4 * pose.expression.brows),
            p(0.1, -1.75 + lift + 0.1 * pose.expression.brows),
            p(1.1, -1.4 + lift - 0.25 * pose.expression.brows),
        ]),
    );
}

fn mouth(drawing: &mut Drawing, mouth: Mouth, x: f32) {
    match mouth {
        Mouth::Smile => drawing.ink(0.9, Curve::line([at(x - 0.2, 0.76), at(x, 0.82), at(x + 0.2, 0.76)])),
        Mouth::Flat => drawing.ink(0.9, Curve::line([at(x - 0.13, 0.8), at(x + 0.13, 0.79)])),
        Mouth::Small => drawing.ink(0.9, Curve::line([at(x - 0.08, 0.81), at(x, 0.78), at(x + 0.08, 0.81)])),
        Mouth::Frown => drawing.ink(0.9, Curve::line([at(x - 0.18, 0.86), at(x, 0.78), at(x + 0.18, 0.86)])),
        Mouth::Cat => drawing.ink(
            0.9,
            Curve::line([
                at(x - 0.2, 0.75),
                at(x - 0.1, 0.83),
                at(x, 0.76),
                at(x + 0.1, 0.83),
                at(x + 0.2, 0.75),
            ]),
        ),
        Mouth::Round => {
            drawing
                .piece(MOUTH, Curve::ellipse(at(x, 0.83), 0.09, 0.12))
                .contour(0.8)
                .unshaded();
        }
        Mouth::Teeth => {
            let form = Curve::closed([
                sharp(x - 0.24, 0.74),
                soft(x, 0.78),
                sharp(x + 0.24, 0.74),
                soft(x + 0.16, 0.88),
                soft(x - 0.16, 0.88),
            ]);
            drawing.piece(EYE_WHITE, form).contour(0.8).unshaded();
            drawing.detail(0.5, Curve::line([at(x - 0.2, 0.82), at(x, 0.84), at(x + 0.2, 0.82)]));
        }
        Mouth::Open => {
            let form = Curve::closed([
                sharp(x - 0.2, 0.73),
                soft(x, 0.76),
                sharp(x + 0.2, 0.73),
                soft(x + 0.1, 0.88),
                soft(x, 0.92),
                soft(x - 0.1, 0.88),
            ]);
            drawing.piece(MOUTH, form).contour(0.8).unshaded();
        }
    }
}
