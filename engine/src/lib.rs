//! The diffusion engine of Shiage: it knows tensors and images, and knows no window.
//!
//! | module | what is in it |
//! |---|---|
//! | [`request`], [`event`] | what a job needs, and what it says while it runs: plain data |
//! | [`service`] | the one named thread that owns all tensor work |
//! | [`device`] | wgpu, CPU or remote, chosen at run time |
//! | [`machine`] | how much memory there is and how much is left, and what the machine is called |
//! | [`error`], [`panic`](mod@panic) | what can go wrong, said so that a person can act on it; the words of a panic |
//! | [`image`], [`noise`] | pixels to tensors and back; seeded noise made on the host |
//! | [`model`] | the networks, one file each, fields named as in the published checkpoints |
//! | `kernel` | what burn's CPU backend is slow at, in kernels of ours; convolutions of GPUs in half precision, as products of columns |
//! | [`weights`] | opening published files: families, key tables, precision, the report |
//! | [`diffusion`] | schedule, denoiser, guidance, samplers |
//! | [`pipeline`] | a request turned into conditions, steps, previews and a picture |
//! | [`parity`] | the engine against numbers recorded from the authors' release |
//! | [`extract`] | what pictures tell by themselves: line art, a proposal for a mask, what hints reach, the regions between lines |
//! | [`evaluation`] | colour error, leakage and line fidelity on held-out scenes |
//! | [`training`] | procedural scenes, losses, stages and the trainer |

pub mod device;
pub mod diffusion;
pub mod error;
pub mod evaluation;
pub mod event;
pub mod extract;
pub mod image;
mod kernel;
pub mod machine;
pub mod model;
pub mod noise;
pub mod panic;
pub mod parity;
pub mod pipeline;
pub mod request;
pub mod service;
pub mod training;
pub mod weights;

pub use error::EngineError;
