//! What characters wear on the head.

use super::super::design::figure::{EAR, HAIR, HAT, PROP_DETAIL, RIBBON};
use super::super::drawing::Drawing;
use super::super::shape::{Curve, at, sharp, soft};
use super::hair::bow;
use super::props::blossom;

#[derive(Clone, Copy, PartialEq)]
pub enum Headwear {
    Bare,
    Straw,
    Beret,
    Cap,
    WitchHat,
    Bow,
    CatEars,
    Crown,
    Headphones,
    Flower,
    Hairband,
}

impl Headwear {
    /// On a head turned by `turn`.
    pub fn draw(self, high: bool, turn: f32) -> Drawing {
        let mut drawing = Drawing::default();
        match self {
            Self::Bare => {}
            Self::Straw => straw(&mut drawing, turn),
            Self::Beret => {
                drawing.piece(
                    HAT,
                    Curve::closed([
                        soft(-1.1, -0.85),
                        soft(-0.9, -1.5),
                        soft(0.1, -1.8),
                        soft(1.2, -1.4),
                        soft(1.25, -0.95),
                        soft(0.2, -0.82),
                    ]),
                );
                drawing.piece(HAT, Curve::ellipse(at(0.15, -1.78), 0.1, 0.12));
            }
            Self::Cap => {
                drawing.piece(
                    HAT,
                    Curve::closed([
                        sharp(-1.15, -0.55),
                        soft(-0.95, -1.2),
                        soft(0.0, -1.55),
                        soft(0.95, -1.2),
                        sharp(1.15, -0.55),
                        soft(0.0, -0.8),
                    ]),
                );
                let side = if turn < 0.0 { -1.0 } else { 1.0 };
                drawing.piece(
                    PROP_DETAIL,
                    Curve::closed([
                        sharp(-side * 0.75, -0.72),
                        soft(side * 0.3, -0.86),
                        sharp(side * 1.12, -0.58),
                        soft(side * 1.45, -0.3),
                        soft(side * 0.4, -0.5),
                    ]),
                );
                drawing.detail(0.6, Curve::line([at(0.0, -1.52), at(0.05 * side, -1.1), at(0.0, -0.82)]));
            }
            Self::WitchHat => {
                drawing.piece(
                    HAT,
                    Curve::closed([
                        sharp(-0.85, -0.8),
                        soft(-0.45, -1.6),
                        sharp(0.35, -2.5),
                        soft(0.4, -1.7),
                        sharp(0.85, -0.8),
                    ]),
                );
                drawing.piece(HAT, Curve::ellipse(at(0.0, -0.82), 1.6, 0.24));
                drawing.piece(
                    RIBBON,
                    Curve::closed([
                        sharp(-0.8, -0.92),
                        soft(0.0, -0.78),
                        sharp(0.8, -0.92),
                        sharp(0.7, -1.15),
                        soft(0.0, -1.02),
                        sharp(-0.7, -1.15),
                    ]),
                );
            }
            Self::Bow => bow(&mut drawing, 0.55 - turn * 0.1, -1.05, 0.42),
            Self::CatEars => {
                for side in [-1.0, 1.0] {
                    let (x, tip) = (side * 0.7 - turn * 0.1, at(side * 0.98 - turn * 0.1, -1.85));
                    drawing.piece(
                        HAIR,
                        Curve::closed([
                            sharp(x - side * 0.36, -1.1),
                            soft(x - side * 0.08, -1.55),
                            sharp(tip.x, tip.y),
                            soft(x + side * 0.42, -1.3),
                            sharp(x + side * 0.42, -0.78),
                        ]),
                    );
                    drawing
                        .piece(
                            EAR,
                            Curve::polygon([
                                at(x - side * 0.1, -1.16),
                                at(tip.x - side * 0.04, -1.66),
                                at(x + side * 0.3, -0.98),
                            ]),
                        )
                        .contour(0.7);
                }
            }
            Self::Crown => {
                let points = (0..7).map(|i| at(-0.6 + i as f32 * 0.2, if i % 2 == 0 { -1.85 } else { -1.5 }));
                drawing.piece(
                    HAT,
                    Curve::polygon([at(0.55, -1.1), at(-0.55, -1.1)].into_iter().chain(points)),
                );
                drawing.piece(RIBBON, Curve::circle(at(0.0, -1.3), 0.1)).contour(0.7);
            }
            Self::Headphones => {
                drawing.piece(
                    HAT,
                    Curve::closed([
                        sharp(-1.2, 0.0),
                        soft(-1.15, -0.85),
                        soft(0.0, -1.52),
                        soft(1.15, -0.85),
                        sharp(1.2, 0.0),
                        sharp(1.08, 0.0),
                        soft(1.0, -0.75),
                        soft(0.0, -1.33),
                        soft(-1.0, -0.75),
                        sharp(-1.08, 0.0),
                    ]),
                );
                for side in [-1.0, 1.0] {
                    drawing.piece(HAT, Curve::ellipse(at(side * 1.14, 0.2), 0.22, 0.36));
                    drawing
                        .piece(PROP_DETAIL, Curve::ellipse(at(side * 1.2, 0.2), 0.1, 0.2))
                        .contour(0.7);
                }
            }
            Self::Flower => blossom(&mut drawing, 0.8 - turn * 0.1, -0.75, 0.36),
            Self::Hairband => {
                let rise = if high { -1.02 } else { -0.98 };
                drawing.piece(
                    RIBBON,
                    Curve::closed([
                        sharp(-1.08, -0.6),
                        soft(0.0, rise - 0.12),
                        sharp(1.08, -0.6),
                        sharp(1.14, -0.4),
                        soft(0.0, rise + 0.12),
                        sharp(-1.14, -0.4),
                    ]),
                );
            }
        }
        drawing
    }
}

/// A wide hat with a band, its ribbon in the wind.
fn straw(drawing: &mut Drawing, turn: f32) {
    let side = if turn < 0.0 { 1.0 } else { -1.0 };
    drawing.piece(
        RIBBON,
        Curve::closed([
            sharp(side * 0.9, -1.05),
            soft(side * 1.4, -1.15),
            sharp(side * 2.0, -1.0),
            sharp(side * 1.85, -0.78),
            sharp(side * 1.95, -0.62),
            soft(side * 1.4, -0.75),
            sharp(side * 0.9, -0.8),
        ]),
    );
    drawing.piece(
        HAT,
        Curve::closed([
            sharp(-1.05, -0.72),
            soft(-1.02, -1.2),
            soft(-0.6, -1.66),
            soft(0.0, -1.76),
            soft(0.6, -1.66),
            soft(1.02, -1.2),
            sharp(1.05, -0.72),
        ]),
    );
    drawing.piece(
        RIBBON,
        Curve::closed([
            sharp(-1.05, -0.95),
            soft(0.0, -1.1),
            sharp(1.05, -0.95),
            sharp(1.06, -0.62),
            soft(0.0, -0.8),
            sharp(-1.06, -0.62),
        ]),
    );
    drawing.piece(
        HAT,
        Curve::closed([
            soft(-1.9, -0.32),
            soft(-1.3, -0.76),
            soft(0.0, -0.96),
            soft(1.3, -0.76),
            soft(1.9, -0.32),
            soft(1.2, -0.46),
            soft(0.0, -0.62),
            soft(-1.2, -0.46),
        ]),
    );
    drawing.detail(0.6, Curve::line([at(-0.5, -1.58), at(-0.62, -1.35), at(-0.66, -1.12)]));
}
