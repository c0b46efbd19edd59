//! Scenes of nested shapes, so that a model learns to match forms and not only figures.
//!
//! A shape's form is its identity: the same form has the same colour in picture and reference, wherever it lies. The unit is the picture's height.

use std::f32::consts::TAU;

use tiny_skia::{Point, Transform};

use super::design::{Slot, figure, ground};
use super::drawing::Drawing;
use super::figure::star;
use super::rng::SceneRng;
use super::shape::{Curve, at, polar, sharp, soft};

#[derive(Clone, Copy)]
enum Form {
    Circle,
    Ring,
    Polygon(usize),
    Star,
    Cross,
    Crescent,
    Heart,
    Drop,
    /// Waves around a circle: how many, how deep.
    Blob(usize, f32),
}

impl Form {
    fn random(rng: &mut SceneRng) -> Self {
        match rng.whole(0, 9) {
            0 => Self::Circle,
            1 => Self::Ring,
            2 => Self::Star,
            3 => Self::Cross,
            4 => Self::Crescent,
            5 => Self::Heart,
            6 => Self::Drop,
            7 => Self::Blob(rng.whole(3, 7), rng.range(0.12, 0.3)),
            _ => Self::Polygon(rng.whole(3, 6)),
        }
    }

    /// The form around the origin, at most 1 in radius.
    fn curve(self) -> Curve {
        let origin = at(0.0, 0.0);
        match self {
            Self::Circle | Self::Ring => Curve::circle(origin, 1.0),
            Self::Polygon(corners) => {
                Curve::polygon((0..corners).map(|i| polar(origin, i as f32 / corners as f32 * TAU - TAU / 4.0, 1.0)))
            }
            Self::Star => star(origin, 1.0),
            Self::Cross => {
                let (a, b) = (0.33, 0.95);
                Curve::polygon([
                    at(-a, -b),
                    at(a, -b),
                    at(a, -a),
                    at(b, -a),
                    at(b, a),
                    at(a, a),
                    at(a, b),
                    at(-a, b),
                    at(-a, a),
                    at(-b, a),
                    at(-b, -a),
                    at(-a, -a),
                ])
            }
            Self::Crescent => Curve::closed([
                sharp(0.35, -0.9),
                soft(-0.55, -0.75),
                soft(-0.95, 0.0),
                soft(-0.55, 0.75),
                sharp(0.35, 0.9),
                soft(-0.15, 0.45),
                soft(-0.3, 0.0),
                soft(-0.15, -0.45),
            ]),
            Self::Heart => Curve::closed([
                sharp(0.0, -0.4),
                soft(0.45, -0.85),
                soft(0.95, -0.4),
                soft(0.65, 0.25),
                sharp(0.0, 0.95),
                soft(-0.65, 0.25),
                soft(-0.95, -0.4),
                soft(-0.45, -0.85),
            ]),
            Self::Drop => Curve::closed([
                sharp(0.0, -1.0),
                soft(0.42, -0.15),
                soft(0.62, 0.4),
                soft(0.0, 0.95),
                soft(-0.62, 0.4),
                soft(-0.42, -0.15),
            ]),
            Self::Blob(waves, depth) => Curve::closed((0..waves * 2).map(|i| {
                let reach = if i % 2 == 0 { 1.0 } else { 1.0 - 2.0 * depth };
                let p = polar(origin, i as f32 / (waves * 2) as f32 * TAU, reach);
                soft(p.x, p.y)
            })),
        }
    }
}

/// One shape of the design, with up to three smaller ones inside it.
struct Member {
    form: Form,
    stretch: f32,
    slot: Slot,
    nested: Vec<(Form, Slot)>,
}

impl Member {
    fn random(rng: &mut SceneRng, slots: &mut impl Iterator<Item = Slot>) -> Self {
        let mut slot = || slots.next().unwrap_or(figure::SHAPES);
        let first = slot();
        let nested = (0..rng.whole(0, 2)).map(|_| (Form::random(rng), slot())).collect();
        Self {
            form: Form::random(rng),
            stretch: rng.range(0.65, 1.0),
            slot: first,
            nested,
        }
    }

    fn draw(&self, drawing: &mut Drawing, centre: Point, radius: f32, turn: f32) {
        let place = |scale: f32, stretch: f32| {
            Transform::from_row(radius * scale * stretch, 0.0, 0.0, radius * scale, 0.0, 0.0)
                .post_rotate(turn)
                .post_translate(centre.x, centre.y)
        };
        let outer = self.form.curve().transformed(place(1.0, self.stretch));
        drawing.piece(self.slot, outer.clone());
        if matches!(self.form, Form::Ring) {
            // A ring shows a second tone of its own in its middle.
            drawing
                .piece(
                    self.slot,
                    Curve::circle(at(0.0, 0.0), 1.0).transformed(place(0.55, self.stretch)),
                )
                .tone(0.5);
        }
        for (i, (form, slot)) in self.nested.iter().enumerate() {
            let scale = 0.62 * 0.55_f32.powi(i as i32);
            drawing
                .piece(*slot, form.curve().transformed(place(scale, self.stretch)))
                .inside(&outer);
        }
    }
}

/// A cluster of shapes that counts as figure, and loose shapes that count as background.
pub struct Shapes {
    cluster: Vec<Member>,
    loose: Vec<Member>,
    bands: usize,
    turn: bool,
}

/// Where a layout puts the shapes.
pub struct Layout {
    cluster: Vec<(Point, f32, f32)>,
    loose: Vec<(Point, f32, f32)>,
    bands: Vec<f32>,
}

impl Shapes {
    pub fn random(rng: &mut SceneRng) -> Self {
        let (mut figures, mut grounds) = (figure::SHAPES..100, ground::SHAPES + 10..200);
        Self {
            cluster: (0..rng.whole(2, 5)).map(|_| Member::random(rng, &mut figures)).collect(),
            loose: (0..rng.whole(0, 5)).map(|_| Member::random(rng, &mut grounds)).collect(),
            bands: rng.whole(0, 3),
            turn: rng.chance(0.5),
        }
    }

    /// A new layout for pictures of the given aspect.
    pub fn layout(&self, aspect: f32, rng: &mut SceneRng) -> Layout {
        let turn = |rng: &mut SceneRng| {
            if self.turn {
                rng.range(-180.0, 180.0)
            } else {
                rng.range(-12.0, 12.0)
            }
        };
        let centre = rng.point(0.3 * aspect, 0.3, 0.7 * aspect, 0.7);
        let spread = if self.cluster.len() > 1 { rng.range(0.14, 0.26) } else { 0.05 };
        let start = rng.range(0.0, TAU);
        let cluster = (0..self.cluster.len())
            .map(|i| {
                let angle = start + i as f32 / self.cluster.len() as f32 * TAU;
                let radius = rng.range(0.13, 0.24) + if self.cluster.len() < 3 { 0.09 } else { 0.0 };
                (polar(centre, angle, spread * rng.range(0.7, 1.2)), radius, turn(rng))
            })
            .collect();
        let loose = (0..self.loose.len())
            .map(|_| (rng.point(0.0, 0.0, aspect, 1.0), rng.range(0.09, 0.22), turn(rng)))
            .collect();
        let bands = (0..self.bands)
            .map(|i| (i as f32 + 1.0 + rng.range(-0.3, 0.3)) / (self.bands as f32 + 1.0))
            .collect();
        Layout { cluster, loose, bands }
    }

    /// Background and figure in a layout.
    pub fn draw(&self, layout: &Layout, aspect: f32) -> Drawing {
        let mut drawing = self.draw_background(layout, aspect);
        for (member, &(centre, radius, turn)) in self.cluster.iter().zip(&layout.cluster) {
            member.draw(&mut drawing, centre, radius, turn);
        }
        drawing
    }

    /// Bands and loose shapes.
    pub fn draw_background(&self, layout: &Layout, aspect: f32) -> Drawing {
        let mut drawing = Drawing::default();
        super::background::whole(&mut drawing, aspect, ground::SHAPES);
        for (slot, &top) in (ground::SHAPES + 1..).zip(&layout.bands) {
            drawing.piece(slot, Curve::rectangle(-0.2, top, aspect + 0.2, 1.3)).unshaded();
        }
        for (member, &(centre, radius, turn)) in self.loose.iter().zip(&layout.loose) {
            member.draw(&mut drawing, centre, radius, turn);
        }
        drawing
    }
}

impl Layout {
    /// The same places, each shifted a little.
    pub fn jittered(&self, rng: &mut SceneRng) -> Self {
        let mut shift = |places: &[(Point, f32, f32)]| {
            places
                .iter()
                .map(|&(p, r, t)| {
                    (
                        at(p.x + rng.signed() * 0.04, p.y + rng.signed() * 0.04),
                        r * rng.range(0.85, 1.15),
                        t,
                    )
                })
                .collect()
        };
        Self {
            cluster: shift(&self.cluster),
            loose: shift(&self.loose),
            bands: self.bands.clone(),
        }
    }
}
