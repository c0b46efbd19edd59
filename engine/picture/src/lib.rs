//! Picture files: PNG, JPEG, WebP and TIFF in and out, with colour profiles. The engine opens its inputs by it, the document the entries of its
//! archives and the layers of PSDs; it knows neither.
//!
//! - [`Picture`] opens: the content decides the format, sizes are checked before anything is decoded, a camera's notes turn the picture upright,
//!   and an embedded profile, or what a PNG says in its place, is converted to sRGB.
//! - [`Profile`] converts colours that come some other way.
//! - [`encode`] writes, tagged as sRGB, with or without what is transparent.
//! - [`open_regular`] and [`replace_file`] are for files of any kind: one way to open what people name, one to write what must be whole, with [`sync_folder`].
//!   [`read_regular`] and [`read_at_most`] read no more than such a file may have.
//! - [`within`] and [`shrunk`] make a picture smaller in its proportions.
//! - [`shortened`], [`plain_name`] and [`hidden_name`] give names that systems take, [`numbered`] and [`distinct`] those that are not taken yet.

mod decode;
mod encode;
mod error;
mod file;
mod jpeg;
mod name;
mod png_colors;
mod profile;
mod replace;
mod resolution;
mod size;

pub use decode::{MAX_SIDE, Picture, pixels};
pub use encode::{DEFAULT_QUALITY, ENDINGS, Format, Samples, encode, png_encoder, srgb_profile};
pub use error::{DecodeError, PictureError};
pub use file::{open_regular, read_at_most, read_regular};
pub use name::{LONGEST_STEM, distinct, hidden_name, numbered, plain_name, shortened};
pub use profile::{Profile, ProfileError};
pub use replace::{replace_file, sync_folder};
pub use size::{shrunk, within};
