//! A drawing before it is painted: pieces and lines, back to front.

use tiny_skia::Transform;

use super::design::Slot;
use super::shape::Curve;

/// One thing laid onto the drawing.
#[derive(Clone)]
pub enum Mark {
    Piece(Piece),
    Ink(Ink),
}

/// A filled form with its contour.
#[derive(Clone)]
pub struct Piece {
    pub outline: Curve,
    pub slot: Slot,
    /// How far the slot's colour is lightened (1) or darkened (-1).
    pub tone: f32,
    /// Weight of the contour line; 0 leaves it out.
    pub contour: f32,
    /// Painted only inside this form.
    pub clip: Option<Curve>,
    pub light: Light,
}

/// What light does to a piece.
#[derive(Clone, Copy, PartialEq)]
pub enum Light {
    Shaded,
    /// Flat even in shaded pictures: eyes, patterns, distant planes.
    Plain,
    /// A shadow that another form casts: absent from flat pictures.
    Cast,
    /// Pales from top to bottom.
    Haze,
}

/// A line inside a form.
#[derive(Clone)]
pub struct Ink {
    pub curve: Curve,
    pub weight: f32,
    /// A line that a sparse sketch leaves out.
    pub detail: bool,
}

/// Marks from back to front.
#[derive(Clone, Default)]
pub struct Drawing {
    pub marks: Vec<Mark>,
}

impl Drawing {
    /// Adds a piece with an ordinary contour; the answer can be adjusted.
    pub fn piece(&mut self, slot: Slot, outline: Curve) -> &mut Piece {
        self.marks.push(Mark::Piece(Piece {
            outline,
            slot,
            tone: 0.0,
            contour: 1.0,
            clip: None,
            light: Light::Shaded,
        }));
        match self.marks.last_mut() {
            Some(Mark::Piece(piece)) => piece,
            _ => unreachable!("a piece was pushed on the line above"),
        }
    }

    /// Adds the shadow that `caster` throws onto a form of `slot`.
    pub fn cast(&mut self, slot: Slot, caster: Curve, onto: &Curve) {
        let piece = self.piece(slot, caster).contour(0.0).inside(onto);
        piece.light = Light::Cast;
    }

    /// Adds a line that every sketch keeps.
    pub fn ink(&mut self, weight: f32, curve: Curve) {
        self.marks.push(Mark::Ink(Ink {
            curve,
            weight,
            detail: false,
        }));
    }

    /// Adds a line that sparse sketches leave out.
    pub fn detail(&mut self, weight: f32, curve: Curve) {
        self.marks.push(Mark::Ink(Ink {
            curve,
            weight,
            detail: true,
        }));
    }

    /// Lays another drawing over this one.
    pub fn over(&mut self, other: Drawing) {
        self.marks.extend(other.marks);
    }

    /// The same forms in the slots that lie `above` theirs.
    pub fn raised(mut self, above: Slot) -> Self {
        for mark in &mut self.marks {
            if let Mark::Piece(piece) = mark {
                piece.slot += above;
            }
        }
        self
    }

    /// The whole drawing moved, turned or scaled.
    pub fn transformed(mut self, transform: Transform) -> Self {
        for mark in &mut self.marks {
            let curves: [Option<&mut Curve>; 2] = match mark {
                Mark::Piece(piece) => [Some(&mut piece.outline), piece.clip.as_mut()],
                Mark::Ink(ink) => [Some(&mut ink.curve), None],
            };
            for curve in curves.into_iter().flatten() {
                for knot in &mut curve.knots {
                    transform.map_point(&mut knot.at);
                }
            }
        }
        self
    }
}

impl Piece {
    pub fn tone(&mut self, tone: f32) -> &mut Self {
        self.tone = tone;
        self
    }

    pub fn contour(&mut self, weight: f32) -> &mut Self {
        self.contour = weight;
        self
    }

    pub fn inside(&mut self, form: &Curve) -> &mut Self {
        self.clip = Some(form.clone());
        self
    }

    pub fn unshaded(&mut self) -> &mut Self {
        self.light = Light::Plain;
        self
    }
}
