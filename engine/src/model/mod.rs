//! The networks: one a file, struct fields named as in the published checkpoints, so that a tensor's path in the module tree is its
//! published name behind a prefix a network ([`colorizer`]). Nothing here knows files, threads or checkpoints.
//!
//! Places of a published sequence that hold nothing (dropout) are [`burn::nn::Identity`], so that tuple positions are published indices.

pub mod attention;
pub mod clip_text;
pub mod clip_vision;
pub mod colorizer;
pub mod config;
mod config_check;
pub mod embedding;
pub mod injection;
pub mod layer;
pub mod lora;
pub mod operations;
pub mod recovery_transformer;
pub mod resample;
pub mod resnet;
pub mod sketch_encoder;
pub mod split_attention;
#[cfg(test)]
pub mod test_weights;
pub mod transformer;
pub mod unet;
pub mod vae;

pub use clip_text::ClipText;
pub use clip_vision::ClipVision;
pub use colorizer::Colorizer;
pub use embedding::ThresholdEmbedder;
pub use injection::{Injected, SelfAttention};
pub use lora::Adapter;
pub use recovery_transformer::RecoveryTransformer;
pub use resample::resize_mask;
pub use sketch_encoder::SketchEncoder;
pub use split_attention::{CrossAttentionMap, Split};
pub use unet::{Unet, UnetCondition};
pub use vae::{Posterior, Vae};
