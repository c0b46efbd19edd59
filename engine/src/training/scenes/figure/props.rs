//! What characters wear around the body or hold in the hand.

use super::super::design::figure::{COLLAR, PROP, PROP_DETAIL, RIBBON};
use super::super::drawing::Drawing;
use super::super::rng::SceneRng;
use super::super::shape::{Curve, at, polar, sharp, soft};
use super::body::{Pose, Skeleton};
use super::clothes::star;
use super::hair::Hair;
use super::headwear::Headwear;

#[derive(Clone, Copy, PartialEq)]
enum Hand {
    Empty,
    Balloon,
    Wand,
    Umbrella,
    Book,
    Bag,
    Sword,
    Blossom,
}

impl Hand {
    fn is_held_up(self) -> bool {
        matches!(self, Self::Balloon | Self::Wand | Self::Umbrella | Self::Sword)
    }
}

/// Accessories and props.
pub struct Extras {
    head: Headwear,
    hand: Hand,
    /// The hand that holds it: 0 left, 1 right.
    holder: usize,
    glasses: bool,
    scarf: bool,
    cape: bool,
}

impl Extras {
    pub fn random(rng: &mut SceneRng) -> Self {
        use Hand::*;
        use Headwear::*;
        Self {
            head: rng.pick(&[
                Bare, Bare, Bare, Bare, Straw, Straw, Beret, Cap, WitchHat, Bow, CatEars, CatEars, Crown, Headphones, Flower,
                Hairband,
            ]),
            hand: rng.pick(&[
                Empty, Empty, Empty, Empty, Empty, Balloon, Wand, Umbrella, Book, Bag, Sword, Blossom,
            ]),
            holder: rng.whole(0, 1),
            glasses: rng.chance(0.1),
            scarf: rng.chance(0.15),
            cape: rng.chance(0.12),
        }
    }

    pub fn tall_head(&self) -> bool {
        matches!(self.head, Headwear::WitchHat | Headwear::CatEars | Headwear::Crown)
    }

    /// What lies behind the body: a cape, and whatever is held up, lest it hide the face.
    pub fn behind(&self, frame: &Skeleton) -> Drawing {
        let mut drawing = Drawing::default();
        if self.hand.is_held_up() {
            drawing.over(self.prop(frame));
        }
        if self.cape {
            let (s, bottom) = (frame.shoulder, frame.hip.y + frame.leg_length * 1.2);
            let foot = s * 1.9;
            drawing.piece(
                COLLAR,
                Curve::closed([
                    sharp(-s * 0.7, 1.35),
                    sharp(s * 0.7, 1.35),
                    soft(s * 1.35, 2.4),
                    sharp(foot, bottom),
                    soft(foot * 0.5, bottom + 0.2),
                    sharp(0.0, bottom),
                    soft(-foot * 0.5, bottom + 0.2),
                    sharp(-foot, bottom),
                    soft(-s * 1.35, 2.4),
                ]),
            );
        }
        drawing
    }

    /// A scarf around the neck.
    pub fn on_body(&self, frame: &Skeleton) -> Drawing {
        let mut drawing = Drawing::default();
        if self.scarf {
            let y = frame.neck.y;
            drawing.piece(
                COLLAR,
                Curve::closed([
                    sharp(0.2, y + 0.2),
                    sharp(0.62, y + 0.1),
                    soft(0.68, y + 0.8),
                    sharp(0.62, y + 1.3),
                    sharp(0.26, y + 1.35),
                    soft(0.3, y + 0.8),
                ]),
            );
            drawing.piece(
                COLLAR,
                Curve::closed([
                    soft(-0.62, y - 0.02),
                    soft(0.0, y + 0.12),
                    soft(0.62, y - 0.02),
                    soft(0.66, y + 0.28),
                    soft(0.0, y + 0.46),
                    soft(-0.66, y + 0.28),
                ]),
            );
        }
        drawing
    }

    pub fn on_head(&self, hair: &Hair, pose: &Pose) -> Drawing {
        let mut drawing = Drawing::default();
        let turn = pose.yaw.clamp(-1.0, 1.0);
        if self.glasses && pose.profile().is_none() {
            for side in [-1.0, 1.0] {
                drawing.ink(0.9, Curve::circle(at(side * 0.43 + turn * 0.2, 0.24), 0.34));
            }
            drawing.ink(0.9, Curve::line([at(turn * 0.2 - 0.1, 0.2), at(turn * 0.2 + 0.1, 0.2)]));
        }
        drawing.over(self.head.draw(hair.tall(), turn));
        drawing
    }

    /// What is held before the body.
    pub fn in_hand(&self, frame: &Skeleton) -> Drawing {
        if self.hand.is_held_up() {
            Drawing::default()
        } else {
            self.prop(frame)
        }
    }

    fn prop(&self, frame: &Skeleton) -> Drawing {
        let mut drawing = Drawing::default();
        let joints = &frame.arms[self.holder];
        let side = if self.holder == 0 { -1.0 } else { 1.0 };
        let hand = polar(
            joints[2],
            (joints[2].y - joints[1].y).atan2(joints[2].x - joints[1].x),
            frame.thickness * 0.9,
        );
        let (x, y) = (hand.x, hand.y);
        match self.hand {
            Hand::Empty => {}
            Hand::Balloon => {
                let (bx, by) = (x + side * 0.5, y - 2.4);
                drawing.ink(0.7, Curve::line([at(x, y), at(x + side * 0.4, y - 0.7), at(bx, by + 0.9)]));
                drawing.piece(PROP, Curve::ellipse(at(bx, by), 0.72, 0.85));
                drawing.piece(
                    PROP,
                    Curve::polygon([at(bx, by + 0.82), at(bx + 0.12, by + 1.0), at(bx - 0.12, by + 1.0)]),
                );
            }
            Hand::Wand => {
                drawing.piece(
                    PROP_DETAIL,
                    Curve::limb(
                        &[at(x - side * 0.25, y + 0.6), at(x + side * 0.4, y - 1.0)],
                        &[0.07, 0.07],
                        false,
                    ),
                );
                drawing.piece(PROP, star(at(x + side * 0.5, y - 1.25), 0.48));
            }
            Hand::Umbrella => {
                drawing.piece(
                    PROP_DETAIL,
                    Curve::limb(&[at(x, y + 0.4), at(x + side * 0.1, y - 2.4)], &[0.06, 0.06], false),
                );
                let (cx, cy) = (x + side * 0.1, y - 2.3);
                drawing.piece(
                    PROP,
                    Curve::closed([
                        sharp(cx - 1.7, cy),
                        soft(cx - 1.1, cy - 1.0),
                        soft(cx, cy - 1.4),
                        soft(cx + 1.1, cy - 1.0),
                        sharp(cx + 1.7, cy),
                        soft(cx + 1.1, cy - 0.2),
                        sharp(cx + 0.6, cy),
                        soft(cx, cy - 0.2),
                        sharp(cx - 0.6, cy),
                        soft(cx - 1.1, cy - 0.2),
                    ]),
                );
                for k in [-0.6, 0.6] {
                    drawing.ink(
                        0.7,
                        Curve::line([at(cx, cy - 1.4), at(cx + k * 0.85, cy - 0.8), at(cx + k, cy)]),
                    );
                }
            }
            Hand::Book => {
                drawing.piece(PROP, Curve::rectangle(x - 0.42, y - 0.6, x + 0.42, y + 0.5));
                drawing
                    .piece(PROP_DETAIL, Curve::rectangle(x - 0.26, y - 0.4, x + 0.26, y - 0.08))
                    .contour(0.7);
            }
            Hand::Bag => {
                drawing.ink(
                    1.0,
                    Curve::line([at(x - 0.3, y + 0.55), at(x, y - 0.02), at(x + 0.3, y + 0.55)]),
                );
                drawing.piece(
                    PROP,
                    Curve::closed([
                        sharp(x - 0.5, y + 0.5),
                        sharp(x + 0.5, y + 0.5),
                        soft(x + 0.6, y + 1.1),
                        soft(x + 0.4, y + 1.3),
                        soft(x - 0.4, y + 1.3),
                        soft(x - 0.6, y + 1.1),
                    ]),
                );
                drawing.piece(
                    PROP_DETAIL,
                    Curve::closed([sharp(x - 0.52, y + 0.5), sharp(x + 0.52, y + 0.5), soft(x, y + 1.0)]),
                );
            }
            Hand::Sword => {
                let tip = at(x + side * 1.0, y - 2.5);
                drawing.piece(
                    PROP,
                    Curve::polygon([
                        at(x - 0.12, y - 0.25),
                        at(tip.x - 0.12, tip.y + 0.3),
                        tip,
                        at(tip.x + 0.1, tip.y + 0.4),
                        at(x + 0.14, y - 0.2),
                    ]),
                );
                drawing.piece(
                    PROP_DETAIL,
                    Curve::limb(&[at(x - 0.4, y - 0.34), at(x + 0.4, y - 0.14)], &[0.1, 0.1], false),
                );
                drawing.piece(
                    PROP_DETAIL,
                    Curve::limb(&[at(x, y - 0.2), at(x - side * 0.18, y + 0.4)], &[0.09, 0.09], false),
                );
            }
            Hand::Blossom => {
                drawing.piece(
                    PROP_DETAIL,
                    Curve::limb(
                        &[at(x - side * 0.1, y + 0.5), at(x + side * 0.15, y - 0.8)],
                        &[0.05, 0.05],
                        false,
                    ),
                );
                blossom(&mut drawing, x + side * 0.15, y - 0.95, 0.42);
            }
        }
        drawing
    }
}

/// A flower of five petals.
pub fn blossom(drawing: &mut Drawing, x: f32, y: f32, size: f32) {
    for i in 0..5 {
        let angle = i as f32 / 5.0 * std::f32::consts::TAU + 0.3;
        drawing.piece(PROP, Curve::circle(polar(at(x, y), angle, size * 0.6), size * 0.45));
    }
    drawing.piece(RIBBON, Curve::circle(at(x, y), size * 0.32));
}
