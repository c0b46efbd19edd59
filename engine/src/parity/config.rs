//! `tiny-config.json`: every hyperparameter of a parity folder, in the release's own names.

use std::path::Path;

use serde::Deserialize;

use super::ParityError;
use crate::model::config::{
    ClipTextConfig, ClipVisionConfig, LoraConfig, LoraRank, ModelConfig, Prediction, RecoveryTransformerConfig, ScheduleConfig,
    SketchEncoderConfig, ThresholdEmbedderConfig, UnetConfig, VaeConfig, Vocabulary,
};

#[derive(Deserialize)]
struct Root {
    model: Model,
    clip: Clip,
    derived: Derived,
}

#[derive(Deserialize)]
struct Model {
    linear_start: f64,
    linear_end: f64,
    timesteps: usize,
    image_size: u32,
    scale_factor: f64,
    parameterization: String,
    unet_config: Part<Unet>,
    first_stage_config: Part<FirstStage>,
    control_encoder_config: Part<ControlEncoder>,
    lora_config: Lora,
    transformer_config: Part<Transformer>,
    thresh_embedder_config: Part<Threshold>,
}

#[derive(Deserialize)]
struct Part<T> {
    params: T,
}

#[derive(Deserialize)]
struct Unet {
    in_channels: usize,
    out_channels: usize,
    model_channels: usize,
    attention_resolutions: Vec<usize>,
    num_res_blocks: usize,
    channel_mult: Vec<usize>,
    num_head_channels: usize,
    context_dim: usize,
}

#[derive(Deserialize)]
struct FirstStage {
    ddconfig: Autoencoder,
}

#[derive(Deserialize)]
struct Autoencoder {
    z_channels: usize,
    ch: usize,
    ch_mult: Vec<usize>,
    num_res_blocks: usize,
}

#[derive(Deserialize)]
struct ControlEncoder {
    in_ch: usize,
    model_channels: usize,
    ch_mults: Vec<usize>,
}

#[derive(Deserialize)]
struct Lora {
    fr: f64,
    br: f64,
}

#[derive(Deserialize)]
struct Transformer {
    dim: usize,
    layers: usize,
    token_length: usize,
}

#[derive(Deserialize)]
struct Threshold {
    embed_dim: usize,
    out_dim: usize,
}

#[derive(Deserialize)]
struct Clip {
    embed_dim: usize,
    vision_cfg: Vision,
    text_cfg: Text,
}

#[derive(Deserialize)]
struct Text {
    context_length: usize,
    vocab_size: usize,
    width: usize,
    heads: usize,
    layers: usize,
}

#[derive(Deserialize)]
struct Vision {
    image_size: usize,
    layers: usize,
    width: usize,
    head_width: usize,
    patch_size: usize,
}

#[derive(Deserialize)]
struct Derived {
    latent_downsample: u32,
    unet_group_norm: Groups,
    vae_group_norm: Groups,
    cluster_transformer: Heads,
}

#[derive(Deserialize)]
struct Groups {
    groups: usize,
}

#[derive(Deserialize)]
struct Heads {
    dim_head: usize,
}

/// Reads a folder's configuration, and that of its text tower.
pub fn read(path: &Path) -> Result<(ModelConfig, ClipTextConfig), ParityError> {
    let failed = |reason: String| ParityError::Fixture {
        path: path.to_owned(),
        reason,
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let Root { model, clip, derived } = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let (unet, vae) = (model.unet_config.params, model.first_stage_config.params.ddconfig);
    let (encoder, recovery) = (model.control_encoder_config.params, model.transformer_config.params);
    let threshold = model.thresh_embedder_config.params;
    let text = ClipTextConfig {
        vocabulary: Vocabulary::BytePairs(clip.text_cfg.vocab_size),
        context_length: clip.text_cfg.context_length,
        width: clip.text_cfg.width,
        layers: clip.text_cfg.layers,
        head_width: clip.text_cfg.width / clip.text_cfg.heads.max(1),
        output_dim: clip.embed_dim,
        repels: true,
    };
    let config = ModelConfig {
        name: "parity".to_owned(),
        native_size: model.image_size * derived.latent_downsample,
        prediction: match model.parameterization.as_str() {
            "eps" => Prediction::Eps,
            "v" => Prediction::V,
            other => return Err(failed(format!("the parameterization {other} is neither eps nor v"))),
        },
        latent_scale: model.scale_factor,
        schedule: ScheduleConfig {
            linear_start: model.linear_start,
            linear_end: model.linear_end,
            timesteps: model.timesteps,
        },
        unet: UnetConfig {
            in_channels: unet.in_channels,
            out_channels: unet.out_channels,
            model_channels: unet.model_channels,
            channel_mult: unet.channel_mult,
            num_res_blocks: unet.num_res_blocks,
            attention_resolutions: unet.attention_resolutions,
            head_channels: unet.num_head_channels,
            context_dim: unet.context_dim,
            norm_groups: derived.unet_group_norm.groups,
            lora: LoraConfig {
                foreground: rank(model.lora_config.fr),
                background: rank(model.lora_config.br),
            },
        },
        sketch_encoder: SketchEncoderConfig {
            in_channels: encoder.in_ch,
            // The release has no name for these: its stem is fixed.
            stem_channels: [16, 16, 32, 32, 96, 96, 256],
            model_channels: encoder.model_channels,
            channel_mult: encoder.ch_mults,
        },
        vae: VaeConfig {
            latent_channels: vae.z_channels,
            base_channels: vae.ch,
            channel_mult: vae.ch_mult,
            num_res_blocks: vae.num_res_blocks,
            norm_groups: derived.vae_group_norm.groups,
        },
        clip_vision: ClipVisionConfig {
            image_size: clip.vision_cfg.image_size,
            patch_size: clip.vision_cfg.patch_size,
            width: clip.vision_cfg.width,
            layers: clip.vision_cfg.layers,
            head_width: clip.vision_cfg.head_width,
            output_dim: clip.embed_dim,
        },
        recovery_transformer: RecoveryTransformerConfig {
            dim: recovery.dim,
            layers: recovery.layers,
            tokens: recovery.token_length,
            head_width: derived.cluster_transformer.dim_head,
        },
        threshold_embedder: ThresholdEmbedderConfig {
            embed_dim: threshold.embed_dim,
            out_dim: threshold.out_dim,
        },
        clip_text: None,
        preview: None,
    };
    Ok((config, text))
}

/// The release writes a rank as a whole number, and a share of the layer's width as one below 1.
fn rank(value: f64) -> LoraRank {
    if value < 1.0 {
        LoraRank::Fraction(value)
    } else {
        LoraRank::Fixed(value as usize)
    }
}
