//! Which family a file belongs to, and the configuration that follows from its tensors' shapes. The file's name plays no part.

use super::error::WeightsError;
use super::sources::Sources;
use crate::model::config::{
    ClipVisionConfig, LoraConfig, LoraRank, ModelConfig, Prediction, RecoveryTransformerConfig, ScheduleConfig,
    SketchEncoderConfig, ThresholdEmbedderConfig, UnetConfig, VaeConfig,
};

/// Where a whole-model file keeps its image tower.
pub const TOWER: &str = "cond_stage_model.model.";

/// Where a whole-model file keeps its autoencoder.
pub const VAE: &str = "first_stage_model.";

/// What a file holds, by its tensor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A checkpoint of ColorizeDiffusion or of this program: the UNet and the sketch encoder, with or without the rest.
    Checkpoint {
        /// Adapters, background transformer and threshold embedder, as v1.5 has them ("switch") and v1 does not ("mult").
        regions: bool,
        /// The image tower, under `cond_stage_model.model.visual`.
        tower: bool,
        /// The autoencoder, under `first_stage_model`.
        vae: bool,
    },
    /// A CLIP model, as OpenCLIP or as transformers names it, of which the image tower is used.
    ImageTower,
    /// An autoencoder of Stable Diffusion, alone or in a checkpoint, as latent diffusion or as diffusers names it.
    Autoencoder,
}

impl Family {
    /// None when the names belong to no family.
    pub fn of(has: impl Fn(&str) -> bool) -> Option<Self> {
        let tower = has("cond_stage_model.model.visual.conv1.weight");
        let vae = has("first_stage_model.decoder.conv_in.weight");
        let unet = has("model.diffusion_model.input_blocks.0.0.weight");
        if unet && has("control_encoder.model.0.weight") {
            // One of the three is enough: what then is missing of the others is said by name.
            let regions = [
                "transformer.embedding",
                "thresh_embedder.embed_layer.0.weight",
                "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.lora_down_bg.weight",
            ];
            Some(Self::Checkpoint {
                regions: regions.into_iter().any(&has),
                tower,
                vae,
            })
        } else if !unet && (tower || has("visual.conv1.weight") || has("vision_model.embeddings.patch_embedding.weight")) {
            Some(Self::ImageTower)
        } else if vae || has("decoder.conv_in.weight") {
            Some(Self::Autoencoder)
        } else {
            None
        }
    }
}

/// Whether a tensor is known and of no use here: the schedule's vectors follow from two numbers, the text tower is opened apart, and
/// averaged weights, discriminators and position numbers are for training.
pub fn is_ignored(name: &str) -> bool {
    const SCHEDULE: [&str; 14] = [
        "betas",
        "alphas_cumprod",
        "alphas_cumprod_prev",
        "sqrt_alphas_cumprod",
        "sqrt_one_minus_alphas_cumprod",
        "log_one_minus_alphas_cumprod",
        "sqrt_recip_alphas_cumprod",
        "sqrt_recipm1_alphas_cumprod",
        "posterior_variance",
        "posterior_log_variance_clipped",
        "posterior_mean_coef1",
        "posterior_mean_coef2",
        "logvar",
        "scale_factor",
    ];
    const TEXT: [&str; 6] = [
        "positional_embedding",
        "text_projection",
        "logit_scale",
        "token_embedding.weight",
        "ln_final.weight",
        "ln_final.bias",
    ];
    const TRAINING: [&str; 3] = ["model_ema.", "loss.", "first_stage_model.loss."];
    SCHEDULE.contains(&name)
        || TRAINING.iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with(".position_ids")
        || name
            .strip_prefix(TOWER)
            .is_some_and(|rest| TEXT.contains(&rest) || rest.starts_with("transformer.resblocks."))
}

/// The configuration of a published checkpoint with its image tower, from the shapes of its tensors.
///
/// What shapes do not show is taken as published: heads of 64 (80 or 104 in image towers that wide), 32 groups in the norms, the
/// latent scale, the schedule, 512 pixels. Whether the weights predict noise or velocity is measured when they are in place
/// ([`prediction`](super::prediction)). A model without adapters gets the smallest ones there are, and they stay zero.
pub fn infer(name: String, sources: &Sources) -> Result<ModelConfig, WeightsError> {
    let regions = sources.has_regions();
    let (unet, clip_vision) = (unet(sources)?, clip_vision(sources)?);
    let config = ModelConfig {
        name,
        native_size: 512,
        prediction: Prediction::V,
        latent_scale: 0.18215,
        schedule: ScheduleConfig {
            linear_start: 0.00085,
            linear_end: 0.012,
            timesteps: 1000,
        },
        sketch_encoder: sketch_encoder(sources)?,
        vae: vae(sources)?,
        recovery_transformer: if regions {
            let [tokens, dim] = sources.shape("transformer.embedding")?;
            RecoveryTransformerConfig {
                dim,
                layers: sources.count(|layer| format!("transformer.layers.{layer}.0.weight")),
                tokens,
                head_width: 64,
            }
        } else {
            RecoveryTransformerConfig {
                dim: unet.context_dim,
                layers: 0,
                tokens: clip_vision.grid() * clip_vision.grid(),
                head_width: unet.context_dim,
            }
        },
        threshold_embedder: if regions {
            let [out_dim, embed_dim] = sources.shape("thresh_embedder.embed_layer.0.weight")?;
            ThresholdEmbedderConfig { embed_dim, out_dim }
        } else {
            ThresholdEmbedderConfig {
                embed_dim: 2,
                out_dim: unet.context_dim,
            }
        },
        unet,
        clip_vision,
        clip_text: None,
        preview: None,
    };
    config.check().map_err(|reason| sources.inference_error(reason))?;
    Ok(config)
}

fn unet(sources: &Sources) -> Result<UnetConfig, WeightsError> {
    const PREFIX: &str = "model.diffusion_model";
    let [model_channels, in_channels, _, _] = sources.shape(&format!("{PREFIX}.input_blocks.0.0.weight"))?;
    let [out_channels, ..] = sources.shape::<4>(&format!("{PREFIX}.out.2.weight"))?;
    let attention = format!("{PREFIX}.middle_block.1.transformer_blocks.0.attn2");
    let [d_output, context_dim] = sources.shape(&format!("{attention}.to_k.weight"))?;
    let lora = if sources.has_regions() {
        let [foreground, _] = sources.shape(&format!("{attention}.to_k.lora_down_fg.weight"))?;
        let [background, _] = sources.shape(&format!("{attention}.to_k.lora_down_bg.weight"))?;
        LoraConfig {
            foreground: LoraRank::Fixed(foreground),
            background: LoraRank::Fraction(background as f64 / context_dim.min(d_output).max(1) as f64),
        }
    } else {
        LoraConfig {
            foreground: LoraRank::Fixed(1),
            background: LoraRank::Fixed(1),
        }
    };

    let mut channel_mult = Vec::new();
    let mut attention_resolutions = Vec::new();
    let mut num_res_blocks = 0;
    // Block 0 is the stem; a level ends with a convolution named `op`.
    let mut level = 0;
    for block in 1.. {
        let block = format!("{PREFIX}.input_blocks.{block}");
        if sources.has(&format!("{block}.0.op.weight")) {
            level += 1;
        } else if sources.has(&format!("{block}.0.in_layers.2.weight")) {
            let [width, ..] = sources.shape::<4>(&format!("{block}.0.in_layers.2.weight"))?;
            if channel_mult.len() == level {
                channel_mult.push(sources.multiple(width, model_channels)?);
            }
            num_res_blocks += usize::from(level == 0);
            let factor = 1 << level;
            if sources.has(&format!("{block}.1.norm.weight")) && !attention_resolutions.contains(&factor) {
                attention_resolutions.push(factor);
            }
        } else {
            break;
        }
    }
    Ok(UnetConfig {
        in_channels,
        out_channels,
        model_channels,
        channel_mult,
        num_res_blocks,
        attention_resolutions,
        head_channels: 64,
        context_dim,
        norm_groups: 32,
        lora,
    })
}

fn sketch_encoder(sources: &Sources) -> Result<SketchEncoderConfig, WeightsError> {
    let width = |name: String| sources.shape::<4>(&name).map(|[width, ..]| width);
    let [_, in_channels, _, _] = sources.shape("control_encoder.model.0.weight")?;
    let mut stem_channels = [0; 7];
    for (i, channels) in stem_channels.iter_mut().enumerate() {
        *channels = width(format!("control_encoder.model.{}.weight", 2 * i))?;
    }
    // The first level's multiple is 1 in every published model.
    let model_channels = width("control_encoder.model.14.weight".to_owned())?;
    let levels = sources.count(|level| format!("control_encoder.output_blocks.{level}.3.weight"));
    let channel_mult = (0..levels)
        .map(|level| {
            sources.multiple(
                width(format!("control_encoder.output_blocks.{level}.3.weight"))?,
                model_channels,
            )
        })
        .collect::<Result<_, _>>()?;
    Ok(SketchEncoderConfig {
        in_channels,
        stem_channels,
        model_channels,
        channel_mult,
    })
}

fn vae(sources: &Sources) -> Result<VaeConfig, WeightsError> {
    const PREFIX: &str = "first_stage_model";
    let [latent_channels, ..] = sources.shape::<4>(&format!("{PREFIX}.post_quant_conv.weight"))?;
    let [base_channels, ..] = sources.shape::<4>(&format!("{PREFIX}.encoder.conv_in.weight"))?;
    let levels = sources.count(|level| format!("{PREFIX}.encoder.down.{level}.block.0.conv1.weight"));
    let channel_mult = (0..levels)
        .map(|level| {
            let [width, ..] = sources.shape::<4>(&format!("{PREFIX}.encoder.down.{level}.block.0.conv1.weight"))?;
            sources.multiple(width, base_channels)
        })
        .collect::<Result<_, _>>()?;
    Ok(VaeConfig {
        latent_channels,
        base_channels,
        channel_mult,
        num_res_blocks: sources.count(|block| format!("{PREFIX}.encoder.down.0.block.{block}.conv1.weight")),
        norm_groups: 32,
    })
}

fn clip_vision(sources: &Sources) -> Result<ClipVisionConfig, WeightsError> {
    let [width, _, patch_size, _] = sources.shape(&format!("{TOWER}visual.conv1.weight"))?;
    let [positions, _] = sources.shape(&format!("{TOWER}visual.positional_embedding"))?;
    let [_, output_dim] = sources.shape(&format!("{TOWER}visual.proj"))?;
    let grid = (positions.saturating_sub(1)).isqrt();
    if grid * grid + 1 != positions {
        return Err(sources.inference_error(format!(
            "{positions} positions of the image tower are no square and a class token"
        )));
    }
    Ok(ClipVisionConfig {
        image_size: grid * patch_size,
        patch_size,
        width,
        layers: sources.count(|layer| format!("{TOWER}visual.transformer.resblocks.{layer}.ln_1.weight")),
        // OpenCLIP's head widths: ViT-H 80, ViT-bigG 104, all others 64.
        head_width: match width {
            1280 => 80,
            1664 => 104,
            _ => 64,
        },
        output_dim,
    })
}

/// Whether a parameter belongs to what tells figure from background, which a model may lack.
pub fn is_regional(name: &str) -> bool {
    name.starts_with("transformer.") || name.starts_with("thresh_embedder.") || name.contains(".lora_")
}
