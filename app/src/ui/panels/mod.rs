//! The parts of the studio, one a file.

pub mod colorize;
pub mod layers;
mod live;
pub mod menu_bar;
mod mode_pictures;
pub mod pane;
pub mod status;
pub mod takes;
pub mod tools;
pub mod welcome;
