//! Bodies with clothes on.

mod garments;
mod prints;

use tiny_skia::{Point, Transform};

use super::super::design::Slot;
use super::super::design::figure::{BOTTOM, JACKET, SHOES, SKIN, SOCKS, TOP, TRIM};
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, at, between, sharp, soft};
use super::body::{Pose, Skeleton};
use prints::Print;

#[derive(Clone, Copy, PartialEq)]
enum Lower {
    Trousers,
    Shorts,
    Skirt,
    LongSkirt,
}

#[derive(Clone, Copy, PartialEq)]
enum Neckline {
    Round,
    Vee,
    Sailor,
    Hood,
    Tie,
}

/// What a character wears.
pub struct Outfit {
    lower: Lower,
    /// Skirt or trousers in the top's colour.
    dress: bool,
    neckline: Neckline,
    /// How far sleeves reach along the arm, 0..1.
    sleeve: f32,
    wide_sleeves: bool,
    puffed: bool,
    /// Trousers with a bib.
    bib: bool,
    jacket: bool,
    socks: f32,
    boots: bool,
    belt: bool,
    /// Bands across the top.
    stripes: usize,
    pleats: bool,
    emblem: bool,
    /// On the top, and on skirts.
    print: [Option<Print>; 2],
}

impl Outfit {
    pub fn random(rng: &mut SceneRng) -> Self {
        Self {
            lower: rng.pick(&[Lower::Trousers, Lower::Shorts, Lower::Skirt, Lower::Skirt, Lower::LongSkirt]),
            dress: rng.chance(0.3),
            neckline: rng.pick(&[
                Neckline::Round,
                Neckline::Vee,
                Neckline::Sailor,
                Neckline::Hood,
                Neckline::Tie,
            ]),
            sleeve: rng.pick(&[0.0, 0.35, 0.5, 0.95, 0.95, 1.0]),
            wide_sleeves: rng.chance(0.25),
            puffed: rng.chance(0.35),
            bib: rng.chance(0.2),
            jacket: rng.chance(0.28),
            socks: rng.pick(&[0.0, 0.25, 0.5, 0.9]),
            boots: rng.chance(0.35),
            belt: rng.chance(0.35),
            stripes: if rng.chance(0.2) { rng.whole(2, 4) } else { 0 },
            pleats: rng.chance(0.5),
            emblem: rng.chance(0.2),
            print: [Print::random(rng), Print::random(rng)],
        }
    }

    /// The clothed body from the neck down.
    pub fn draw(&self, frame: &Skeleton, pose: &Pose, rng: &mut SceneRng) -> Drawing {
        let mut drawing = Drawing::default();
        // Raised or folded arms lie before the trunk, hanging ones behind it; the near one of a turned body before, the far one behind.
        let before = |i: usize| {
            let nearer = if i == 0 { pose.turn } else { -pose.turn };
            let lifted = pose.arms[i][1] < -0.3 || pose.arms[i][1] > 2.0;
            !pose.away && nearer > -0.35 && (lifted || nearer > 0.35)
        };
        if self.neckline == Neckline::Hood {
            let (x, y, s) = (frame.neck.x, frame.neck.y, frame.shoulder);
            drawing
                .piece(TOP, Curve::ellipse(at(x, y + 0.12), s * 1.02, 0.42))
                .tone(-0.15);
        }
        for i in 0..2 {
            if !before(i) {
                self.arm(&mut drawing, frame, i);
            }
        }
        for i in 0..2 {
            self.leg(&mut drawing, frame, i);
        }
        if self.lower == Lower::Trousers || self.lower == Lower::Shorts {
            self.trousers(&mut drawing, frame);
        }
        self.trunk(&mut drawing, frame, pose);
        if self.lower == Lower::Skirt || self.lower == Lower::LongSkirt {
            self.skirt(&mut drawing, frame, pose, rng);
        }
        if self.belt {
            let (y, w) = (frame.waist_y, frame.waist * 1.06);
            let x = frame.hip.x * 0.6;
            drawing.piece(
                TRIM,
                Curve::closed([
                    sharp(x - w, y - 0.09),
                    soft(x, y - 0.04),
                    sharp(x + w, y - 0.09),
                    sharp(x + w, y + 0.11),
                    soft(x, y + 0.16),
                    sharp(x - w, y + 0.11),
                ]),
            );
        }
        if !pose.away {
            let mut front = Drawing::default();
            if self.jacket {
                self.jacket(&mut front, frame);
            }
            self.collar(&mut front, frame);
            // What lies on the middle of the chest moves the way the body turns.
            drawing.over(front.transformed(Transform::from_translate(pose.turn * frame.shoulder * 0.22, 0.0)));
        }
        for i in 0..2 {
            if before(i) {
                self.arm(&mut drawing, frame, i);
            }
        }
        drawing
    }

    fn lower_slot(&self) -> Slot {
        if self.dress { TOP } else { BOTTOM }
    }

    fn leg(&self, drawing: &mut Drawing, frame: &Skeleton, i: usize) {
        let joints = &frame.legs[i];
        let t = frame.thickness;
        drawing.piece(SKIN, Curve::limb(joints, &[t * 1.3, t * 1.05, t * 0.75], false));
        let upward = |share: f32| along(joints, 1.0 - share);
        if self.socks > 0.0 {
            let top = upward(self.socks * 0.9);
            let bones: Vec<Point> = if self.socks > 0.5 {
                vec![top, joints[1], joints[2]]
            } else {
                vec![top, joints[2]]
            };
            let widths: Vec<f32> = if self.socks > 0.5 {
                vec![t * 1.25, t * 1.12, t * 0.85]
            } else {
                vec![t * 1.02, t * 0.85]
            };
            drawing.piece(SOCKS, Curve::limb(&bones, &widths, false));
        }
        if self.boots && self.lower != Lower::Trousers {
            drawing.piece(SHOES, Curve::limb(&[upward(0.36), joints[2]], &[t * 1.15, t * 0.98], false));
        }
        let (foot, side) = (joints[2], if i == 0 { -1.0 } else { 1.0 });
        drawing.piece(
            SHOES,
            Curve::closed([
                soft(foot.x - side * t * 1.0, foot.y - t * 0.4),
                soft(foot.x + side * t * 0.9, foot.y - t * 0.5),
                soft(foot.x + side * t * 2.1, foot.y + t * 0.55),
                sharp(foot.x + side * t * 2.0, foot.y + t * 1.05),
                sharp(foot.x - side * t * 1.05, foot.y + t * 1.05),
            ]),
        );
    }

    fn trunk(&self, drawing: &mut Drawing, frame: &Skeleton, pose: &Pose) {
        let (n, s) = (frame.neck, frame.shoulder);
        let neck = Curve::polygon([at(-0.26, 0.6), at(0.26, 0.6), at(0.3, n.y + 0.35), at(-0.3, n.y + 0.35)]);
        drawing.piece(SKIN, neck.clone());
        drawing.cast(SKIN, Curve::ellipse(at(0.0, 0.75), 0.7, 0.62), &neck);
        let (hip, w) = (frame.hip, frame.waist);
        let hem = if self.lower == Lower::Trousers || self.lower == Lower::Shorts {
            hip.y - 0.05
        } else {
            hip.y - 0.2
        };
        let y = n.y + 0.2;
        let form = Curve::closed([
            sharp(-0.3, y - 0.02),
            soft(-s * 0.8, y + 0.06),
            soft(-s, y + 0.32),
            soft(-(s + w) * 0.5, y + 0.85),
            soft(hip.x * 0.6 - w, frame.waist_y),
            sharp(hip.x - frame.hip_half, hem),
            soft(hip.x, hem + 0.06),
            sharp(hip.x + frame.hip_half, hem),
            soft(hip.x * 0.6 + w, frame.waist_y),
            soft((s + w) * 0.5, y + 0.85),
            soft(s, y + 0.32),
            soft(s * 0.8, y + 0.06),
            sharp(0.3, y - 0.02),
            soft(0.0, y + 0.16),
        ]);
        let jacket_seen = self.jacket && pose.away;
        drawing.piece(if jacket_seen { JACKET } else { TOP }, form.clone());
        if let Some(print) = self.print[0].filter(|_| self.stripes == 0 && !jacket_seen) {
            print.lay(drawing, &form);
        }
        for i in 0..self.stripes {
            let top = y + 0.5 + i as f32 * 0.36;
            drawing
                .piece(
                    TRIM,
                    Curve::closed([
                        sharp(-2.0, top),
                        soft(0.0, top + 0.06),
                        sharp(2.0, top),
                        sharp(2.0, top + 0.16),
                        soft(0.0, top + 0.22),
                        sharp(-2.0, top + 0.16),
                    ]),
                )
                .contour(0.6)
                .inside(&form);
        }
        if self.bib && !self.dress && !self.jacket && !pose.away {
            let (top, x) = (y + 0.5, hip.x * 0.6);
            for side in [-1.0, 1.0] {
                let strap = [
                    at(side * s * 0.62, y + 0.04),
                    at(side * s * 0.44, y + 0.02),
                    at(side * s * 0.34, top + 0.1),
                    at(side * s * 0.52, top + 0.1),
                ];
                drawing.piece(BOTTOM, Curve::polygon(strap)).contour(0.8);
            }
            drawing.piece(
                BOTTOM,
                Curve::polygon([
                    at(-s * 0.56, top),
                    at(s * 0.56, top),
                    at(x + w * 0.9, frame.waist_y + 0.1),
                    at(x - w * 0.9, frame.waist_y + 0.1),
                ]),
            );
        }
        if self.emblem && !self.jacket && !pose.away {
            drawing.piece(TRIM, star(at(0.0, y + 0.85), 0.24));
        }
        for side in [-1.0, 1.0] {
            drawing.detail(
                0.6,
                Curve::line([at(side * s * 0.72, y + 0.55), at(side * s * 0.5, y + 0.72)]),
            );
            drawing.detail(
                0.6,
                Curve::line([
                    at(hip.x * 0.6 + side * w * 0.9, frame.waist_y),
                    at(hip.x * 0.6 + side * w * 0.5, frame.waist_y + 0.08),
                ]),
            );
        }
    }

    fn arm(&self, drawing: &mut Drawing, frame: &Skeleton, i: usize) {
        let joints = &frame.arms[i];
        let t = frame.thickness;
        let reach = between(joints[1], joints[2], 1.12);
        let hand = Curve::limb(
            &[
                between(joints[1], joints[2], 0.96),
                reach,
                between(joints[1], joints[2], 1.28),
            ],
            &[t * 0.68, t * 0.95, t * 0.5],
            true,
        );
        if self.sleeve < 0.95 {
            drawing.piece(SKIN, hand);
            drawing.piece(SKIN, Curve::limb(joints, &[t * 0.95, t * 0.82, t * 0.66], false));
        } else {
            drawing.piece(SKIN, hand);
        }
        let slot = if self.jacket { JACKET } else { TOP };
        let wide = if self.wide_sleeves { 1.75 } else { 1.12 };
        if self.sleeve == 0.0 && !self.jacket {
            return;
        }
        let share = if self.jacket { 0.95 } else { self.sleeve };
        if share > 0.5 {
            let end = along(joints, share);
            drawing.piece(
                slot,
                Curve::limb(&[joints[0], joints[1], end], &[t * 1.2, t * 1.12, t * wide], false),
            );
            drawing
                .piece(
                    TRIM,
                    Curve::limb(
                        &[between(joints[1], end, 0.86), end],
                        &[t * (wide * 0.97 + 0.03), t * (wide + 0.06)],
                        false,
                    ),
                )
                .contour(0.8);
            drawing.detail(
                0.6,
                Curve::line([
                    at(joints[1].x - t * 0.6, joints[1].y),
                    at(joints[1].x + t * 0.3, joints[1].y + t * 0.2),
                ]),
            );
        } else if self.puffed {
            let end = along(joints, share);
            let middle = between(joints[0], end, 0.55);
            drawing.piece(
                slot,
                Curve::limb(&[joints[0], middle, end], &[t * 1.0, t * 2.0, t * 1.25], false),
            );
            drawing
                .piece(
                    TRIM,
                    Curve::limb(
                        &[between(joints[0], end, 0.92), along(joints, share + 0.05)],
                        &[t * 1.3, t * 1.25],
                        false,
                    ),
                )
                .contour(0.8);
        } else {
            drawing.piece(
                slot,
                Curve::limb(&[joints[0], along(joints, share)], &[t * 1.25, t * (wide + 0.2)], false),
            );
        }
    }
}

/// The point a share of the way along a limb's two bones.
fn along(joints: &[Point; 3], share: f32) -> Point {
    if share < 0.5 {
        between(joints[0], joints[1], share * 2.0)
    } else {
        between(joints[1], joints[2], share * 2.0 - 1.0)
    }
}

/// A five-pointed star.
pub fn star(centre: Point, radius: f32) -> Curve {
    Curve::polygon((0..10).map(|i| {
        let angle = i as f32 / 10.0 * std::f32::consts::TAU - std::f32::consts::FRAC_PI_2;
        let reach = if i % 2 == 0 { radius } else { radius * 0.45 };
        at(centre.x + reach * angle.cos(), centre.y + reach * angle.sin())
    }))
}
