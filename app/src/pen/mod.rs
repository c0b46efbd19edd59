//! Pens: pressure and tilt, which the window's library does not tell of. A source says what a pen did; [`Pen`] finds what belongs to a place of the pointer.
//!
//! | system | source | what comes |
//! |---|---|---|
//! | X11 | [`xinput`]: XInput2, on a connection and a thread of its own | pressure and tilt; the pointer comes from the window's library as well |
//! | Wayland, Windows | `tablet`: octotablet, asked once a frame | pressure and tilt; on Wayland also the pointer, see [`PenInput::is_pointer`] |
//! | all | [`touch`]: what the window's library says of touches, while none of those knows a pen | pressure |
//!
//! On macOS the window's library hands on no pen, and neither source knows that system: a pen paints as a mouse does.

mod curve;
mod desk;
mod open;
pub mod pointer;
#[cfg(any(windows, all(unix, not(target_os = "macos"))))]
mod tablet;
pub mod touch;
#[cfg(all(unix, not(target_os = "macos")))]
mod valuators;
#[cfg(all(unix, not(target_os = "macos")))]
pub mod xinput;

use std::sync::Arc;
use std::time::Instant;

pub use curve::PressureCurve;
pub use desk::{Pen, Reading};
pub use open::open;

/// How a pen is held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Axes {
    /// 0..=1, as the device tells it.
    pub pressure: f32,
    /// How far the upper end leans to the right and toward the person, in shares of 90 degrees, -1..=1 each; zeros where the device does not tell.
    pub tilt: [f32; 2],
}

/// A pen at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct PenSample {
    /// Physical pixels of the screen, from the window's top left corner.
    pub position: [f32; 2],
    pub axes: Axes,
    pub when: Instant,
    /// What the system calls the pen.
    pub device: Arc<str>,
    /// It is the other end of the pen.
    pub eraser: bool,
}

/// What a source tells.
#[derive(Clone, Debug, PartialEq)]
pub enum PenEvent {
    /// The pens that there are now, by their names.
    Devices(Vec<String>),
    Sample(PenSample),
    /// The tip touched the surface or left it; only from sources whose pens are no pointers.
    Tip(bool),
    /// A button on the pen's side, likewise.
    Barrel(bool),
    /// The pen is out of reach, likewise.
    Gone,
    /// There is no more to come: why, for a person.
    Failed(String),
}

/// Where pens are heard of. Tests put a scripted one in its place.
pub trait PenInput {
    /// What came since the last call, in order; returns at once. `scale`: physical pixels of the screen for one of the system's own units.
    fn poll(&mut self, scale: f32) -> Vec<PenEvent>;

    /// Whether the window's library makes a pointer of these pens. On Wayland it does not: a compositor stops to move the pointer with a pen as soon as the
    /// program listens to the pen itself.
    fn is_pointer(&self) -> bool;

    /// Whether the window sleeps on while pens have something to tell, so that it must wake by itself and ask. Not where there is no tablet.
    fn is_silent(&self) -> bool {
        false
    }

    /// How this way of hearing of pens is called.
    fn name(&self) -> &'static str;
}
