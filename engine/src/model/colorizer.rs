//! All networks of one model.

use burn::module::Module;
use burn::tensor::Device;

use super::clip_text::ClipText;
use super::clip_vision::ClipVision;
use super::config::ModelConfig;
use super::embedding::ThresholdEmbedder;
use super::recovery_transformer::RecoveryTransformer;
use super::sketch_encoder::SketchEncoder;
use super::unet::Unet;
use super::vae::Vae;

/// The networks of a model. Published prefix of each in its comment.
#[derive(Module, Debug)]
pub struct Colorizer {
    /// `model.diffusion_model`
    pub unet: Unet,
    /// `control_encoder`
    pub sketch_encoder: SketchEncoder,
    /// `first_stage_model`
    pub vae: Vae,
    /// `cond_stage_model.model.visual` in a checkpoint, `visual` in OpenCLIP's own file.
    pub clip_vision: ClipVision,
    /// `transformer`
    pub recovery_transformer: RecoveryTransformer,
    /// `thresh_embedder`
    pub threshold_embedder: ThresholdEmbedder,
    /// `cond_stage_model.model`
    pub clip_text: Option<ClipText>,
}

impl Colorizer {
    /// Networks as they are before training: PyTorch's defaults, zero where a new branch must not disturb (spec/training.md, section 1).
    /// Nothing is drawn until a parameter is first read, so a model that is filled from a file costs no random numbers.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        Self {
            unet: Unet::new(&config.unet, device),
            sketch_encoder: SketchEncoder::new(&config.sketch_encoder, device),
            vae: Vae::new(&config.vae, device),
            clip_vision: ClipVision::new(&config.clip_vision, device),
            recovery_transformer: RecoveryTransformer::new(&config.recovery_transformer, device),
            threshold_embedder: ThresholdEmbedder::new(&config.threshold_embedder, device),
            clip_text: config.clip_text.as_ref().map(|config| ClipText::new(config, device)),
        }
    }
}
