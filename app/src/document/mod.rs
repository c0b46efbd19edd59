//! The document: canvas, reference side, layers and masks in tiles, history, and its file. Pure: no window, GPU or tensors.
//!
//! Every part is shared until written (tiles and layers lie behind `Arc`), so a [`Document`] clones in microseconds,
//! and history keeps whole earlier states at the price of the tiles that differ.
//!
//! | files | what is in them |
//! |---|---|
//! | `document`, `sheet`, `layer`, `tile`, `rect`, `reserve` | a document's sheets, their layers, and the tiles that hold the pixels |
//! | `arrange`, `several`, `clipped`, `rows`, `names` | the order of layers, and how a list shows them |
//! | `blend`, `composite`, `covering`, `alone`, `thumbnail` | what shows of layers together |
//! | `merge`, `flatten`, `cutout` | layers made one, and parts of them made others |
//! | `sketch`, `mask`, `selection`, `light_lines`, `line_alpha` | the lines, the masks, and what is selected |
//! | `resize`, `resolution` | another size, in pixels and on paper |
//! | `history`, `journal`, `safekeeping` | the way back, and the way back after a crash |
//! | `openraster`, `psd`, `picture_file`, `kind`, `roles`, `memory`, `error` | files in and out |

mod alone;
mod arrange;
mod blend;
mod clipped;
mod composite;
mod covering;
mod cutout;
#[allow(clippy::module_inception, reason = "the house names each file after the one thing it holds")]
mod document;
mod error;
mod flatten;
mod history;
mod journal;
mod kind;
mod layer;
mod light_lines;
mod line_alpha;
mod mask;
mod memory;
mod merge;
mod names;
mod openraster;
mod picture_file;
mod psd;
mod rect;
mod reserve;
mod resize;
mod resolution;
mod roles;
mod rows;
mod safekeeping;
mod selection;
mod several;
mod sheet;
mod sketch;
#[cfg(test)]
mod test_drawing;
#[cfg(all(test, unix))]
mod test_survival;
mod thumbnail;
mod tile;

pub use arrange::{Place, TOO_DEEP};
pub use blend::{Blend, compose};
pub use composite::{Laid, Step, on_white};
pub use cutout::Cutout;
pub use document::{Document, ForeignEntry, Side};
pub use error::DocumentError;
pub use flatten::Merged;
pub use history::{DEFAULT_LIMIT, History};
pub use kind::FileKind;
pub use layer::{Layer, LayerId, Pixels, Role};
pub use light_lines::darken_light_lines;

pub use openraster::{Opened, mark_of, open, save, save_marked};
pub use picture_file::{open_picture, save_picture};
pub use psd::{open as open_psd, save as save_psd, steps as psd_steps};
pub use rect::Rect;
pub use safekeeping::{About, Copy as WholeCopy, Lost, Safe};
pub use selection::Combine;
pub use sheet::Sheet;
pub use tile::{MAX_SIDE, Pixel, TILE, Tile, TileGrid, TileSpan};
