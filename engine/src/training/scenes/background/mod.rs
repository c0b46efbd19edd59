//! Backgrounds: a kind of place with its colours is the design; where things stand in it is the layout.
//!
//! The unit is the picture's height; x runs from 0 to the picture's aspect.

mod depth;
mod indoors;
mod outdoors;
mod parts;
mod patterns;

use super::design::ground::WALL;
use super::drawing::Drawing;
use super::rng::SceneRng;
use indoors::curtain;
pub use parts::whole;
use patterns::rays;

#[derive(Clone, Copy)]
enum Place {
    Meadow,
    Town,
    Sea,
    Room,
    Park,
    Curtain,
    Plain,
    Stripes,
    Spots,
    Tiles,
    Rays,
    Night,
    Forest,
    /// Fields of different colours, edge to edge.
    Patchwork,
    /// A room in perspective.
    Hall,
    /// A street in perspective.
    Street,
}

/// A place.
pub struct Background {
    place: Place,
    /// Rough width of stripes and tiles, as a share of the height.
    pitch: f32,
    slanted: bool,
    sun: bool,
    clouds: bool,
    roof: bool,
    round_trees: bool,
    /// The sky pales towards the horizon.
    haze: bool,
}

impl Background {
    pub fn random(rng: &mut SceneRng) -> Self {
        use Place::*;
        Self {
            place: rng.pick(&[
                Meadow, Meadow, Town, Town, Sea, Sea, Room, Room, Park, Park, Night, Forest, Curtain, Plain, Stripes, Spots,
                Tiles, Rays, Patchwork, Patchwork, Hall, Hall, Hall, Street, Street, Street,
            ]),
            pitch: rng.range(0.14, 0.3),
            slanted: rng.chance(0.5),
            sun: rng.chance(0.5),
            clouds: rng.chance(0.75),
            roof: rng.chance(0.5),
            round_trees: rng.chance(0.5),
            haze: rng.chance(0.3),
        }
    }

    /// The place in a new layout.
    pub fn draw(&self, aspect: f32, rng: &mut SceneRng) -> Drawing {
        let mut drawing = Drawing::default();
        let w = aspect;
        match self.place {
            Place::Meadow => self.meadow(&mut drawing, w, rng),
            Place::Park => self.park(&mut drawing, w, rng),
            Place::Town => self.town(&mut drawing, w, rng),
            Place::Sea => self.sea(&mut drawing, w, rng),
            Place::Room => self.room(&mut drawing, w, rng),
            Place::Curtain => curtain(&mut drawing, w, rng),
            Place::Plain => whole(&mut drawing, w, WALL),
            Place::Stripes => self.stripes(&mut drawing, w, rng),
            Place::Spots => self.spots(&mut drawing, w, rng),
            Place::Tiles => self.tiles(&mut drawing, w, rng),
            Place::Night => self.night(&mut drawing, w, rng),
            Place::Forest => self.forest(&mut drawing, w, rng),
            Place::Hall => self.hall(&mut drawing, w, rng),
            Place::Street => self.street(&mut drawing, w, rng),
            Place::Patchwork => self.patchwork(&mut drawing, w, rng),
            Place::Rays => rays(&mut drawing, w, rng),
        }
        drawing
    }
}
