//! The document: canvas, reference side, layers and masks in tiles, history, and its file. Pure: no window, GPU or engine.
//!
//! Every part is shared until written (tiles and layers lie behind `Arc`), so a [`Document`] clones in microseconds,
//! and history keeps whole earlier states at the price of the tiles that differ.

mod atomic;
mod composite;
#[allow(clippy::module_inception, reason = "the house names each file after the one thing it holds")]
mod document;
mod error;
mod history;
mod journal;
mod layer;
mod mask;
mod openraster;

mod picture;
mod safekeeping;
mod sheet;
mod tile;

pub use atomic::replace_file;
pub use composite::{blend, on_white};
pub use document::{Document, ForeignEntry, Side};
pub use error::DocumentError;
pub use history::{DEFAULT_LIMIT, History};
pub use layer::{Blend, Layer, LayerId, Pixels, Role};

pub use openraster::{Opened, open, save};
pub use picture::{open_mask, open_picture, save_png};
pub use safekeeping::{About, Copy as WholeCopy, Lost, Safe};
pub use sheet::Sheet;
pub use tile::{MAX_SIDE, Pixel, Rect, TILE, Tile, TileGrid, TileSpan};
