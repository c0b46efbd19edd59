//! The parts of the studio, one a file.

mod adapters;
mod cells;
pub mod color;
mod color_wheel;
pub mod colorize;
mod history;
mod hsv;
mod layer_row;
pub mod layers;
mod live;
mod mask_look;
pub mod menu_bar;
mod mode_pictures;
pub mod model;
mod more;
mod palettes;
pub mod pane;
pub mod side;
pub mod status;
pub mod takes;
pub mod tools;
mod transform;
pub mod welcome;
mod wipe;
mod words;
