//! Characters: what stays the same from picture to picture (the look) and what does not (the pose).
//!
//! The unit is half the width of the face; the origin lies in the middle of the face, x to the right, y down.

mod body;
mod clothes;
mod face;
mod hair;
mod headwear;
mod profile;
mod props;

use tiny_skia::{Point, Transform};

use super::drawing::Drawing;
use super::rng::SceneRng;
use super::shape::at;

pub use body::{Pose, Proportions};
pub use clothes::Outfit;
pub use clothes::star;
pub use face::Eyes;
pub use hair::Hair;
pub use props::Extras;

/// A character's forms: with a palette, this is its design sheet.
pub struct Look {
    pub proportions: Proportions,
    pub hair: Hair,
    pub eyes: Eyes,
    pub outfit: Outfit,
    pub extras: Extras,
}

impl Look {
    pub fn random(rng: &mut SceneRng) -> Self {
        Self {
            proportions: Proportions::random(rng),
            hair: Hair::random(rng),
            eyes: Eyes::random(rng),
            outfit: Outfit::random(rng),
            extras: Extras::random(rng),
        }
    }

    /// The character in a pose.
    pub fn draw(&self, pose: &Pose, rng: &mut SceneRng) -> Drawing {
        let frame = body::Skeleton::new(&self.proportions, pose);
        let head = head_transform(pose);
        let mut drawing = Drawing::default();
        drawing.over(self.extras.behind(&frame));
        drawing.over(self.hair.behind(pose, rng).transformed(head));
        drawing.over(self.outfit.draw(&frame, pose, rng));
        if pose.away {
            drawing.over(self.hair.back(pose, rng).transformed(head));
            return drawing;
        }
        drawing.over(self.extras.on_body(&frame));
        let face = match pose.profile() {
            Some(side) => profile::face(&self.eyes, &pose.expression).transformed(Transform::from_scale(side, 1.0)),
            None => face::draw(&self.eyes, pose, &self.hair),
        };
        drawing.over(face.transformed(head));
        drawing.over(self.hair.front(pose, rng).transformed(head));
        drawing.over(self.extras.on_head(&self.hair, pose).transformed(head));
        drawing.over(self.extras.in_hand(&frame));
        drawing
    }

    /// Top and bottom of what a framing shows, in the character's units.
    pub fn extent(&self, framing: Framing) -> [f32; 2] {
        let p = &self.proportions;
        let top = if self.extras.tall_head() || self.hair.tall() {
            -2.1
        } else {
            -1.6
        };
        let feet = p.hip_y() + 2.0 * p.leg + 0.4;
        match framing {
            Framing::Face => [-1.1, 1.25],
            Framing::Head => [top, 1.75],
            Framing::Bust => [top, 1.3 + p.torso * 0.72],
            Framing::Half => [top, p.hip_y() + 0.55],
            Framing::Full => [top, feet],
        }
    }
}

/// How much of a character the picture shows.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Framing {
    /// The face alone.
    Face,
    Head,
    Bust,
    Half,
    Full,
}

/// Turns the head about the neck.
fn head_transform(pose: &Pose) -> Transform {
    let pivot: Point = at(0.0, 1.0);
    Transform::from_rotate_at(pose.tilt, pivot.x, pivot.y)
}
