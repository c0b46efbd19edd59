//! Backgrounds: a kind of place with its colours is the design; where things stand in it is the layout.
//!
//! The unit is the picture's height; x runs from 0 to the picture's aspect.

mod depth;
mod indoors;
mod outdoors;
mod parts;
mod patterns;

use super::design::ground::WALL;
use super::dice::Dice;
use super::drawing::Drawing;
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
    pub fn random(dice: &mut Dice) -> Self {
        use Place::*;
        Self {
            place: dice.pick(&[
                Meadow, Meadow, Town, Town, Sea, Sea, Room, Room, Park, Park, Night, Forest, Curtain, Plain, Stripes, Spots,
                Tiles, Rays, Patchwork, Patchwork, Hall, Hall, Hall, Street, Street, Street,
            ]),
            pitch: dice.range(0.14, 0.3),
            slanted: dice.chance(0.5),
            sun: dice.chance(0.5),
            clouds: dice.chance(0.75),
            roof: dice.chance(0.5),
            round_trees: dice.chance(0.5),
            haze: dice.chance(0.3),
        }
    }

    /// The place in a new layout.
    pub fn draw(&self, aspect: f32, dice: &mut Dice) -> Drawing {
        let mut drawing = Drawing::default();
        let w = aspect;
        match self.place {
            Place::Meadow => self.meadow(&mut drawing, w, dice),
            Place::Park => self.park(&mut drawing, w, dice),
            Place::Town => self.town(&mut drawing, w, dice),
            Place::Sea => self.sea(&mut drawing, w, dice),
            Place::Room => self.room(&mut drawing, w, dice),
            Place::Curtain => curtain(&mut drawing, w, dice),
            Place::Plain => whole(&mut drawing, w, WALL),
            Place::Stripes => self.stripes(&mut drawing, w, dice),
            Place::Spots => self.spots(&mut drawing, w, dice),
            Place::Tiles => self.tiles(&mut drawing, w, dice),
            Place::Night => self.night(&mut drawing, w, dice),
            Place::Forest => self.forest(&mut drawing, w, dice),
            Place::Hall => self.hall(&mut drawing, w, dice),
            Place::Street => self.street(&mut drawing, w, dice),
            Place::Patchwork => self.patchwork(&mut drawing, w, dice),
            Place::Rays => rays(&mut drawing, w, dice),
        }
        drawing
    }
}
