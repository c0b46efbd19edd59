//! Animals: sitting and standing cats and rabbits, round blobs, birds.

use super::design::figure::{BELLY, COLLAR, EAR, EYE_WHITE, FUR, IRIS, MOUTH, SHOES, TRIM};
use super::drawing::Drawing;
use super::rng::SceneRng;
use super::shape::{Curve, at, sharp, soft};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Cat,
    Rabbit,
    Bear,
    Dog,
    Ghost,
    Bird,
}

/// An animal's forms. The unit is half the width of its head; the origin is the middle of its head.
pub struct Creature {
    kind: Kind,
    collar: bool,
    muzzle: bool,
    stripes: bool,
    girth: f32,
    eye: f32,
}

impl Creature {
    pub fn random(rng: &mut SceneRng) -> Self {
        Self {
            kind: rng.pick(&[
                Kind::Cat,
                Kind::Cat,
                Kind::Rabbit,
                Kind::Bear,
                Kind::Dog,
                Kind::Ghost,
                Kind::Bird,
            ]),
            collar: rng.chance(0.6),
            muzzle: rng.chance(0.6),
            stripes: rng.chance(0.4),
            girth: rng.range(0.8, 1.15),
            eye: rng.range(0.16, 0.26),
        }
    }

    /// Left, top, right and bottom of the whole animal.
    pub fn extent(&self) -> [f32; 4] {
        match self.kind {
            Kind::Rabbit => [-1.8, -2.5, 1.8, 3.2],
            Kind::Bird => [-1.9, -1.5, 1.9, 2.6],
            Kind::Ghost => [-1.5, -1.4, 1.5, 2.2],
            _ => [-1.9, -1.6, 1.9, 3.2],
        }
    }

    pub fn draw(&self, rng: &mut SceneRng) -> Drawing {
        let mut drawing = Drawing::default();
        let (yaw, lean) = (rng.signed() * 0.8, rng.signed() * 0.15);
        match self.kind {
            Kind::Ghost => self.ghost(&mut drawing, lean, rng),
            Kind::Bird => self.bird(&mut drawing, lean, rng),
            _ => self.sitting(&mut drawing, lean, yaw, rng),
        }
        self.face(&mut drawing, yaw, rng);
        drawing
    }

    fn sitting(&self, drawing: &mut Drawing, lean: f32, yaw: f32, rng: &mut SceneRng) {
        let g = self.girth;
        let side = rng.side();
        if self.kind == Kind::Cat {
            let tip = rng.range(0.4, 1.6);
            let tail = Curve::limb(
                &[
                    at(lean + side * g * 0.7, 2.75),
                    at(side * (g + 0.6), 2.7),
                    at(side * (g + 0.85), tip + 0.6),
                    at(side * (g + 0.55), tip),
                ],
                &[0.2, 0.2, 0.2, 0.18],
                true,
            );
            drawing.piece(FUR, tail);
        } else {
            drawing.piece(BELLY, Curve::circle(at(side * (g + 0.05), 2.6), 0.3));
        }
        drawing.piece(
            FUR,
            Curve::closed([
                soft(-0.55, 0.7),
                soft(lean - g, 2.1),
                soft(lean - g * 0.95, 2.85),
                soft(lean, 3.05),
                soft(lean + g * 0.95, 2.85),
                soft(lean + g, 2.1),
                soft(0.55, 0.7),
            ]),
        );
        drawing
            .piece(BELLY, Curve::ellipse(at(lean * 0.8, 1.95), g * 0.52, 0.8))
            .contour(0.8);
        for side in [-1.0, 1.0] {
            // The leg's upper end melts into the body.
            let x = lean + side * 0.45;
            drawing
                .piece(FUR, Curve::limb(&[at(x, 1.7), at(x, 2.88)], &[0.2, 0.24], false))
                .contour(0.0)
                .unshaded();
            drawing.ink(
                1.0,
                Curve::line([at(x - 0.22, 2.85), at(x - 0.2, 2.2), at(x - side * 0.16, 1.6)]),
            );
            drawing.ink(
                1.0,
                Curve::line([at(x + 0.22, 2.85), at(x + 0.2, 2.2), at(x - side * 0.1, 1.85)]),
            );
            drawing.piece(SHOES, Curve::ellipse(at(lean + side * 0.48, 2.92), 0.33, 0.2));
        }
        if self.collar {
            drawing.piece(
                COLLAR,
                Curve::closed([
                    soft(-0.62, 0.85),
                    soft(0.0, 1.08),
                    soft(0.62, 0.85),
                    soft(0.6, 1.08),
                    soft(0.0, 1.32),
                    soft(-0.6, 1.08),
                ]),
            );
            drawing.piece(TRIM, Curve::circle(at(0.0, 1.32), 0.17));
        }
        for side in [-1.0, 1.0] {
            let x = side * 0.62 - yaw * 0.12;
            match self.kind {
                Kind::Rabbit => {
                    let flop = rng.range(-0.2, 0.5) * side;
                    drawing.piece(
                        FUR,
                        Curve::limb(
                            &[at(x * 0.7, -0.6), at(x * 0.9, -1.5), at(x + flop, -2.3)],
                            &[0.22, 0.3, 0.16],
                            true,
                        ),
                    );
                    drawing
                        .piece(
                            EAR,
                            Curve::limb(
                                &[at(x * 0.75, -0.9), at(x * 0.9, -1.5), at(x + flop * 0.8, -2.1)],
                                &[0.1, 0.15, 0.07],
                                true,
                            ),
                        )
                        .contour(0.7);
                }
                // A dog's ears hang; they are drawn over the head.
                Kind::Dog => {}
                Kind::Bear => {
                    drawing.piece(FUR, Curve::circle(at(x * 1.15, -0.78), 0.36));
                    drawing.piece(EAR, Curve::circle(at(x * 1.15, -0.78), 0.2)).contour(0.7);
                }
                _ => {
                    drawing.piece(
                        FUR,
                        Curve::closed([
                            sharp(x - side * 0.38, -0.68),
                            soft(x + side * 0.06, -1.1),
                            sharp(x + side * 0.3, -1.5),
                            soft(x + side * 0.36, -0.95),
                            sharp(x + side * 0.36, -0.4),
                        ]),
                    );
                    drawing
                        .piece(
                            EAR,
                            Curve::polygon([
                                at(x - side * 0.14, -0.78),
                                at(x + side * 0.24, -1.26),
                                at(x + side * 0.24, -0.62),
                            ]),
                        )
                        .contour(0.7);
                }
            }
        }
        let head = Curve::closed([
            soft(-1.0, 0.05),
            soft(-0.75, -0.7),
            soft(0.0, -0.88),
            soft(0.75, -0.7),
            soft(1.0, 0.05),
            soft(0.78, 0.72),
            soft(0.0, 0.98),
            soft(-0.78, 0.72),
        ]);
        drawing.piece(FUR, head.clone());
        if self.kind == Kind::Dog {
            for side in [-1.0, 1.0] {
                let x = side * 0.72 - yaw * 0.1;
                drawing.piece(
                    EAR,
                    Curve::closed([
                        sharp(x - side * 0.2, -0.82),
                        soft(x + side * 0.38, -0.5),
                        soft(x + side * 0.5, 0.3),
                        soft(x + side * 0.2, 0.42),
                        soft(x - side * 0.05, -0.2),
                    ]),
                );
            }
        }
        if self.stripes {
            for x in [-0.28, 0.0, 0.28] {
                drawing
                    .piece(
                        TRIM,
                        Curve::polygon([at(x - 0.09, -1.0), at(x + 0.09, -1.0), at(x * 0.9, -0.42)]),
                    )
                    .contour(0.7)
                    .inside(&head);
            }
        }
        if self.muzzle {
            drawing
                .piece(BELLY, Curve::ellipse(at(yaw * 0.3, 0.52), 0.48, 0.36))
                .contour(0.8)
                .inside(&head);
        }
    }

    fn ghost(&self, drawing: &mut Drawing, lean: f32, rng: &mut SceneRng) {
        let waves = rng.whole(3, 5);
        let mut knots = vec![
            soft(-1.05, 0.2),
            soft(-0.8, -0.8),
            soft(0.0, -1.15),
            soft(0.8, -0.8),
            soft(1.05, 0.2),
            sharp(1.15 + lean, 1.8),
        ];
        for i in 0..waves {
            let x = |k: f32| lean + 1.15 - 2.3 * k / waves as f32;
            knots.push(soft(x(i as f32 + 0.5), 2.1));
            knots.push(sharp(x(i as f32 + 1.0), 1.75));
        }
        let form = Curve::closed(knots);
        drawing.piece(FUR, form.clone());
        drawing
            .piece(BELLY, Curve::ellipse(at(lean * 0.6, 1.15), 0.6, 0.5))
            .contour(0.8)
            .inside(&form);
        for side in [-1.0, 1.0] {
            drawing.piece(SHOES, Curve::ellipse(at(side * 1.1, 0.95), 0.3, 0.22));
        }
        if self.collar {
            drawing.piece(
                COLLAR,
                Curve::closed([
                    sharp(-0.5, -0.98),
                    soft(0.0, -1.2),
                    sharp(0.5, -0.98),
                    sharp(0.32, -1.55),
                    sharp(0.0, -1.25),
                    sharp(-0.32, -1.55),
                ]),
            );
        }
    }

    fn bird(&self, drawing: &mut Drawing, lean: f32, rng: &mut SceneRng) {
        for side in [-1.0, 1.0] {
            drawing.piece(
                SHOES,
                Curve::polygon([at(side * 0.35, 2.0), at(side * 0.25, 2.4), at(side * 0.75, 2.4)]),
            );
        }
        let lift = rng.range(-0.6, 0.5);
        drawing.piece(
            FUR,
            Curve::closed([
                soft(-1.0, 0.0),
                soft(-0.7, -0.8),
                soft(0.0, -1.0),
                soft(0.7, -0.8),
                soft(1.0, 0.0),
                soft(1.25 * self.girth, 1.2),
                soft(lean + 0.7, 2.0),
                soft(lean - 0.7, 2.0),
                soft(-1.25 * self.girth, 1.2),
            ]),
        );
        drawing
            .piece(BELLY, Curve::ellipse(at(lean * 0.5, 1.35), 0.8 * self.girth, 0.62))
            .contour(0.8);
        for side in [-1.0, 1.0] {
            let w = 1.05 * self.girth;
            drawing.piece(
                TRIM,
                Curve::closed([
                    sharp(side * w, 0.55),
                    soft(side * (w + 0.45), 0.9 + lift),
                    sharp(side * (w + 0.75), 1.5 + lift * 1.6),
                    soft(side * w, 1.6 + lift * 0.3),
                ]),
            );
        }
        if self.collar {
            drawing.piece(
                COLLAR,
                Curve::closed([
                    sharp(-0.1, -0.95),
                    soft(-0.3, -1.3),
                    sharp(-0.1, -1.45),
                    soft(0.1, -1.25),
                    sharp(0.35, -1.35),
                    soft(0.3, -1.0),
                    sharp(0.1, -0.95),
                ]),
            );
        }
    }

    fn face(&self, drawing: &mut Drawing, yaw: f32, rng: &mut SceneRng) {
        let blink = rng.chance(0.08);
        let gaze = rng.signed() * 0.3;
        for side in [-1.0, 1.0] {
            let (x, y, r) = (side * 0.42 + yaw * 0.25, 0.02, self.eye);
            if blink {
                drawing.ink(1.2, Curve::line([at(x - r, y), at(x, y + r * 0.7), at(x + r, y)]));
                continue;
            }
            let white = Curve::ellipse(at(x, y), r, r * 1.3);
            drawing.piece(EYE_WHITE, white.clone()).unshaded();
            drawing
                .piece(IRIS, Curve::ellipse(at(x + gaze * r, y), r * 0.72, r * 1.05))
                .contour(0.7)
                .inside(&white)
                .unshaded();
            drawing
                .piece(IRIS, Curve::ellipse(at(x + gaze * r, y), r * 0.32, r * 0.6))
                .tone(-0.65)
                .contour(0.4)
                .unshaded();
            drawing
                .piece(EYE_WHITE, Curve::circle(at(x + gaze * r - r * 0.25, y - r * 0.45), r * 0.22))
                .contour(0.4)
                .unshaded();
        }
        let x = yaw * 0.3;
        if self.kind == Kind::Bird {
            drawing
                .piece(
                    MOUTH,
                    Curve::closed([sharp(x - 0.26, 0.32), soft(x, 0.2), sharp(x + 0.26, 0.32), sharp(x, 0.68)]),
                )
                .unshaded();
        } else if self.kind == Kind::Ghost {
            drawing.piece(MOUTH, Curve::ellipse(at(x, 0.45), 0.14, 0.18)).unshaded();
        } else {
            drawing
                .piece(
                    MOUTH,
                    Curve::closed([soft(x - 0.12, 0.34), soft(x, 0.3), soft(x + 0.12, 0.34), sharp(x, 0.46)]),
                )
                .unshaded();
            drawing.ink(
                0.8,
                Curve::line([
                    at(x - 0.24, 0.6),
                    at(x - 0.12, 0.68),
                    at(x, 0.5),
                    at(x + 0.12, 0.68),
                    at(x + 0.24, 0.6),
                ]),
            );
            if self.kind == Kind::Cat {
                for side in [-1.0, 1.0] {
                    for dy in [-0.06, 0.08] {
                        drawing.detail(
                            0.5,
                            Curve::line([at(x + side * 0.55, 0.48 + dy), at(x + side * 1.2, 0.42 + dy * 3.0)]),
                        );
                    }
                }
            }
        }
    }
}
