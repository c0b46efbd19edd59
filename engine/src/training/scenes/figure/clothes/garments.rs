//! Trousers, skirts, jackets and collars.

use super::super::super::design::figure::{JACKET, RIBBON, SKIN, TRIM};
use super::super::super::drawing::Drawing;
use super::super::super::rng::SceneRng;
use super::super::super::shape::{Curve, Knot, at, sharp, soft};
use super::super::body::{Pose, Skeleton};
use super::super::hair::bow;
use super::{Lower, Neckline, Outfit, along};

impl Outfit {
    pub(super) fn trousers(&self, drawing: &mut Drawing, frame: &Skeleton) {
        let t = frame.thickness;
        let slot = self.lower_slot();
        for joints in &frame.legs {
            let legs = if self.lower == Lower::Shorts {
                Curve::limb(&[joints[0], along(joints, 0.3)], &[t * 1.6, t * 1.65], false)
            } else {
                Curve::limb(
                    &[joints[0], joints[1], along(joints, 0.93)],
                    &[t * 1.5, t * 1.35, t * 1.3],
                    false,
                )
            };
            drawing.piece(slot, legs);
        }
        let (x, y, w) = (frame.hip.x, frame.hip.y, frame.hip_half);
        let waist = frame.waist_y;
        drawing
            .piece(
                slot,
                Curve::closed([
                    sharp(x * 0.6 - frame.waist, waist),
                    sharp(x * 0.6 + frame.waist, waist),
                    soft(x + w * 1.02, y - 0.1),
                    soft(x + w, y + t * 0.6),
                    sharp(x, y + t * 1.3),
                    soft(x - w, y + t * 0.6),
                    soft(x - w * 1.02, y - 0.1),
                ]),
            )
            .contour(0.0);
        drawing.ink(0.8, Curve::line([at(x, y + t * 1.3), at(x, y - 0.1)]));
    }

    pub(super) fn skirt(&self, drawing: &mut Drawing, frame: &Skeleton, pose: &Pose, rng: &mut SceneRng) {
        let (x, y) = (frame.hip.x * 0.6, frame.waist_y);
        let long = self.lower == Lower::LongSkirt;
        let drop = (frame.hip.y - y) + frame.leg_length * if long { 1.55 } else { 0.62 };
        let flare = frame.hip_half * if long { 1.6 } else { 1.5 };
        let swing = pose.sway * 0.15;
        let hem_y = y + drop;
        let folds = rng.whole(3, 5);
        let mut knots: Vec<Knot> = vec![
            sharp(x - frame.waist, y),
            soft(x, y + 0.04),
            sharp(x + frame.waist, y),
            soft(x + flare * 0.82, y + drop * 0.45),
            sharp(x + flare + swing, hem_y),
        ];
        for i in 0..folds {
            let at_share = |k: f32| x + swing + flare * (1.0 - 2.0 * k / folds as f32);
            knots.push(soft(at_share(i as f32 + 0.5), hem_y + 0.14));
            knots.push(sharp(
                at_share(i as f32 + 1.0),
                hem_y + if i + 1 < folds { 0.02 } else { 0.0 },
            ));
        }
        knots.push(soft(x - flare * 0.82, y + drop * 0.45));
        let form = Curve::closed(knots);
        drawing.piece(self.lower_slot(), form.clone());
        if let Some(print) = self.print[1] {
            print.lay(drawing, &form);
        }
        if self.pleats {
            for i in 1..folds {
                let k = 1.0 - 2.0 * i as f32 / folds as f32;
                drawing.detail(
                    0.7,
                    Curve::line([at(x + swing + flare * k, hem_y), at(x + frame.waist * k, y + drop * 0.2)]),
                );
            }
        } else if self.dress {
            let band = Curve::closed([
                sharp(x - 4.0, hem_y - 0.3),
                soft(x, hem_y - 0.2),
                sharp(x + 4.0, hem_y - 0.3),
                sharp(x + 4.0, hem_y - 0.12),
                soft(x, hem_y - 0.02),
                sharp(x - 4.0, hem_y - 0.12),
            ]);
            drawing.piece(TRIM, band).contour(0.6).inside(&form);
        }
    }

    pub(super) fn jacket(&self, drawing: &mut Drawing, frame: &Skeleton) {
        let (s, y, hip) = (frame.shoulder * 1.04, frame.neck.y + 0.2, frame.hip);
        for side in [-1.0, 1.0] {
            let half = Curve::closed([
                sharp(side * 0.3, y - 0.06),
                soft(side * s * 0.82, y + 0.03),
                soft(side * s, y + 0.3),
                soft(side * (s + frame.waist) * 0.52, y + 0.85),
                soft(hip.x * 0.6 + side * frame.waist * 1.1, frame.waist_y),
                sharp(hip.x + side * frame.hip_half * 1.08, hip.y + 0.02),
                sharp(hip.x + side * 0.34, hip.y + 0.1),
                soft(side * 0.3, frame.waist_y),
                soft(side * 0.24, y + 0.5),
            ]);
            drawing.piece(JACKET, half);
            drawing
                .piece(
                    TRIM,
                    Curve::polygon([
                        at(side * 0.3, y - 0.08),
                        at(side * 0.5, y + 0.2),
                        at(side * 0.4, y + 0.55),
                        at(side * 0.22, y + 0.62),
                    ]),
                )
                .contour(0.8);
        }
    }

    pub(super) fn collar(&self, drawing: &mut Drawing, frame: &Skeleton) {
        let y = frame.neck.y + 0.2;
        match self.neckline {
            Neckline::Round | Neckline::Hood => {
                drawing.piece(
                    TRIM,
                    Curve::closed([
                        sharp(-0.34, y - 0.06),
                        soft(0.0, y + 0.13),
                        sharp(0.34, y - 0.06),
                        sharp(0.36, y + 0.06),
                        soft(0.0, y + 0.27),
                        sharp(-0.36, y + 0.06),
                    ]),
                );
            }
            Neckline::Vee => {
                drawing
                    .piece(
                        SKIN,
                        Curve::polygon([at(-0.28, y - 0.04), at(0.28, y - 0.04), at(0.0, y + 0.5)]),
                    )
                    .tone(-0.06);
            }
            Neckline::Sailor => {
                drawing.piece(
                    SKIN,
                    Curve::polygon([at(-0.28, y - 0.04), at(0.28, y - 0.04), at(0.0, y + 0.42)]),
                );
                for side in [-1.0, 1.0] {
                    drawing.piece(
                        TRIM,
                        Curve::closed([
                            sharp(side * 0.28, y - 0.1),
                            sharp(side * frame.shoulder * 0.82, y + 0.12),
                            soft(side * frame.shoulder * 0.6, y + 0.4),
                            sharp(0.0, y + 0.62),
                        ]),
                    );
                }
                bow(drawing, 0.0, y + 0.66, 0.24);
            }
            Neckline::Tie => {
                for side in [-1.0, 1.0] {
                    drawing.piece(
                        TRIM,
                        Curve::polygon([at(side * 0.3, y - 0.1), at(side * 0.36, y + 0.18), at(0.0, y + 0.22)]),
                    );
                }
                drawing.piece(
                    RIBBON,
                    Curve::polygon([
                        at(-0.09, y + 0.3),
                        at(0.09, y + 0.3),
                        at(0.17, y + 0.95),
                        at(0.0, y + 1.12),
                        at(-0.17, y + 0.95),
                    ]),
                );
                drawing.piece(
                    RIBBON,
                    Curve::polygon([
                        at(-0.12, y + 0.16),
                        at(0.12, y + 0.16),
                        at(0.08, y + 0.32),
                        at(-0.08, y + 0.32),
                    ]),
                );
            }
        }
    }
}
