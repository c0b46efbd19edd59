//! A request turned into conditions, steps, previews and a picture.
//!
//! | file | what it does |
//! |---|---|
//! | [`check`] | refuses a request that cannot be carried out, and says why |
//! | [`memory`] | refuses a picture that there is no memory for |
//! | [`canvas`] | the size of the picture that the network makes |
//! | [`cells`](mod@cells) | the sketch mask as the network sees it |
//! | [`conditioning`] | pictures and masks to what the UNet is told |
//! | [`denoise`], [`injection`] | the UNet as a sampler calls it; a picture that self-attentions look at |
//! | [`hints`] | colours that parts of the picture shall have |
//! | [`manipulation`], [`tokenizer`] | words that change what the reference says |
//! | `reading` | what the networks make of a job's pictures, as far as it is not kept |
//! | [`colorize`](mod@colorize) | all of it, the decoding, the take |
//! | [`preview`] | a latent to a small picture, at next to no cost |
//! | [`cache`] | what is kept between jobs: the model, tokens and sketch features |

pub mod cache;
mod canvas;
pub mod cells;
mod check;
pub mod colorize;
pub mod conditioning;
pub mod denoise;
pub mod hints;
pub mod injection;
pub mod manipulation;
mod memory;
pub mod preview;
mod reading;
pub mod tokenizer;

pub use cache::Warm;
pub use canvas::{canvas_size, working_size};
pub use cells::{Cells, cells, levels};
pub use check::check;
pub use colorize::{Report, colorize};
pub use denoise::Plan;
pub use manipulation::heat_map;
pub use memory::Rows;
pub use reading::DILATION;
