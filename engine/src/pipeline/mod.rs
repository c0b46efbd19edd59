//! A request turned into conditions, steps, previews and a picture.
//!
//! | file | what it does |
//! |---|---|
//! | [`check`] | refuses a request that cannot be carried out, and says why |
//! | [`canvas`] | the size of the picture that the network makes |
//! | [`conditioning`] | pictures and masks to what the UNet is told |
//! | [`colorize`](mod@colorize) | the steps, the decoding, the take |
//! | [`preview`] | a latent to a small picture, at next to no cost |
//! | [`cache`] | what is kept between jobs: the model, tokens and sketch features |

pub mod cache;
mod canvas;
mod check;
pub mod colorize;
pub mod conditioning;
pub mod preview;

pub use cache::Warm;
pub use canvas::canvas_size;
pub use check::check;
pub use colorize::{Plan, Report, colorize, denoise};
