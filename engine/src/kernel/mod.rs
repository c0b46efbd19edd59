//! Operations that burn's CPU backend is slow at, in kernels of ours: tested against burn's own, used on the CPU device alone, for inference and training. And
//! one with weights in half precision on GPUs, in operations of burn's ([`columns`]).
//!
//! | file | what is in it |
//! |---|---|
//! | [`operation`] | how an operation with a gradient of its own joins burn's tensors |
//! | [`simd`] | vectors whose width is chosen at run time |
//! | [`activation`] | SiLU, GELU and the gated unit in one pass |
//! | [`addition`] | the bias of a matrix product, and what the product lies on |
//! | [`attention`](mod@attention) | attention without the map of scores in memory, and that map for those who want it |
//! | [`columns`] | 3x3 convolutions of GPUs, with weights in half precision |
//! | [`conv`], [`convolution`] | 3x3 convolutions of stride 1 and 2: numbers, and layers |
//! | [`doubling`] | each pixel as four |
//! | [`normalization`] | group norm with SiLU, and layer norm |
//! | [`widening`] | weights kept in half precision |
//! | [`product`], [`matrix`] | matrix products with such weights: tensors, and numbers |

mod activation;
mod addition;
mod attention;
mod columns;
#[cfg(test)]
pub mod comparison;
mod conv;
mod convolution;
mod doubling;
mod matrix;
mod normalization;
mod operation;
mod product;
#[cfg(test)]
mod repetition;
mod simd;
mod widening;

pub use activation::{geglu, gelu, silu};
pub use addition::{add_to_planes, add_to_tokens};
pub use attention::{attend, attention_map};
pub use conv::{Geometry, scratch as convolution_scratch};
pub use convolution::convolve;
pub use doubling::double;
pub use matrix::transpose;
pub use normalization::{group_norm, layer_norm};
pub use product::{SCRATCH as PRODUCT_SCRATCH, linear, multiply_planes, multiply_tokens};
pub use widening::{attends_in_halves, multiplies_halves, widen};
