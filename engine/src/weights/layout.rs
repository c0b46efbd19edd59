//! What other programs call the tensors of an image tower or an autoencoder, in the names of a whole-model file (spec/model.md, section 22).
//!
//! | program | image tower | autoencoder |
//! |---|---|---|
//! | OpenCLIP, latent diffusion | `visual.transformer.resblocks.0.attn.in_proj_weight` | `decoder.up.3.block.0.conv1.weight` |
//! | Hugging Face transformers, diffusers | `vision_model.encoder.layers.0.self_attn.q_proj.weight` | `decoder.up_blocks.0.resnets.0.conv1.weight` |

use super::family::{TOWER, VAE};

/// A tensor's name in a whole-model file, and which part of that tensor it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    pub name: String,
    pub part: Part,
}

/// How a stored tensor goes into the one that is wanted. (Axes of one at the end are free: a matrix serves as a 1x1 convolution.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// A matrix with its axes swapped.
    Transposed,
    /// The queries' (0), keys' (1) or values' (2) third of a tensor that has them one below the other.
    Third(usize),
}

impl Canonical {
    fn whole(name: String) -> Self {
        Self { name, part: Part::Whole }
    }
}

/// A tensor of a file with an image tower: OpenCLIP's names, those of transformers, or those of a whole model.
pub fn tower(name: &str) -> Canonical {
    if name.starts_with(TOWER) {
        return Canonical::whole(name.to_owned());
    }
    let (inner, part) = open_clip(name).unwrap_or_else(|| (name.to_owned(), Part::Whole));
    Canonical {
        name: format!("{TOWER}{inner}"),
        part,
    }
}

/// OpenCLIP's name of a tensor that transformers or a variant of OpenCLIP names otherwise; none where it is OpenCLIP's own, or unknown.
fn open_clip(name: &str) -> Option<(String, Part)> {
    let whole = |name: &str| Some((name.to_owned(), Part::Whole));
    match name {
        "visual_projection.weight" => return Some(("visual.proj".to_owned(), Part::Transposed)),
        "text_projection.weight" => return Some(("text_projection".to_owned(), Part::Transposed)),
        "vision_model.embeddings.class_embedding" => return whole("visual.class_embedding"),
        "vision_model.embeddings.position_embedding.weight" => return whole("visual.positional_embedding"),
        "vision_model.embeddings.patch_embedding.weight" => return whole("visual.conv1.weight"),
        "text_model.embeddings.token_embedding.weight" => return whole("token_embedding.weight"),
        "text_model.embeddings.position_embedding.weight" => return whole("positional_embedding"),
        _ => {}
    }
    const NORMS: [(&str, &str); 3] = [
        // Written so in transformers.
        ("vision_model.pre_layrnorm.", "visual.ln_pre."),
        ("vision_model.post_layernorm.", "visual.ln_post."),
        ("text_model.final_layer_norm.", "ln_final."),
    ];
    for (theirs, ours) in NORMS {
        if let Some(leaf) = name.strip_prefix(theirs) {
            return whole(&format!("{ours}{leaf}"));
        }
    }
    const BLOCKS: [(&str, &str); 3] = [
        ("vision_model.encoder.layers.", "visual.transformer.resblocks."),
        ("text_model.encoder.layers.", "transformer.resblocks."),
        ("visual.transformer.resblocks.", "visual.transformer.resblocks."),
    ];
    BLOCKS.iter().find_map(|(theirs, ours)| {
        let (number, leaf) = name.strip_prefix(theirs)?.split_once('.')?;
        let (leaf, part) = block(leaf)?;
        Some((format!("{ours}{number}.{leaf}"), part))
    })
}

/// A tensor of a transformer block in OpenCLIP's name.
fn block(name: &str) -> Option<(String, Part)> {
    const LAYERS: [(&str, &str); 5] = [
        ("layer_norm1.", "ln_1."),
        ("layer_norm2.", "ln_2."),
        ("mlp.fc1.", "mlp.c_fc."),
        ("mlp.fc2.", "mlp.c_proj."),
        ("self_attn.out_proj.", "attn.out_proj."),
    ];
    for (theirs, ours) in LAYERS {
        if let Some(leaf) = name.strip_prefix(theirs) {
            return Some((format!("{ours}{leaf}"), Part::Whole));
        }
    }
    let attention = name.strip_prefix("self_attn.").or_else(|| name.strip_prefix("attn."))?;
    const PROJECTIONS: [(&str, Part); 7] = [
        ("q_proj.", Part::Third(0)),
        ("k_proj.", Part::Third(1)),
        ("v_proj.", Part::Third(2)),
        ("qkv_proj.", Part::Whole),
        ("qkv.", Part::Whole),
        ("in_proj.", Part::Whole),
        ("in_proj_", Part::Whole),
    ];
    PROJECTIONS.iter().find_map(|(theirs, part)| {
        let leaf = attention.strip_prefix(theirs)?;
        Some((format!("attn.in_proj_{leaf}"), *part))
    })
}

/// A tensor of a file with an autoencoder of `levels` levels: latent diffusion's names, with or without `first_stage_model.`, or those of
/// diffusers. None for what is not part of one.
pub fn vae(name: &str, levels: usize) -> Option<Canonical> {
    if name.starts_with(VAE) {
        return Some(Canonical::whole(name.to_owned()));
    }
    let parts = ["encoder.", "decoder.", "quant_conv.", "post_quant_conv."];
    parts.iter().any(|part| name.starts_with(part)).then(|| {
        let inner = diffusers(name, levels).unwrap_or_else(|| name.to_owned());
        Canonical::whole(format!("{VAE}{inner}"))
    })
}

/// Latent diffusion's name of a tensor that diffusers names otherwise.
fn diffusers(name: &str, levels: usize) -> Option<String> {
    let (side, rest) = name.split_once('.')?;
    if let Some(leaf) = rest.strip_prefix("conv_norm_out.") {
        return Some(format!("{side}.norm_out.{leaf}"));
    }
    if let Some(rest) = rest.strip_prefix("mid_block.") {
        if let Some(rest) = rest.strip_prefix("resnets.") {
            let (number, leaf) = rest.split_once('.')?;
            return Some(format!(
                "{side}.mid.block_{}.{leaf}",
                number.parse::<usize>().ok()?.checked_add(1)?
            ));
        }
        let leaf = rest.strip_prefix("attentions.0.")?;
        const LAYERS: [(&str, &str); 9] = [
            ("group_norm.", "norm."),
            ("to_q.", "q."),
            ("to_k.", "k."),
            ("to_v.", "v."),
            ("to_out.0.", "proj_out."),
            ("query.", "q."),
            ("key.", "k."),
            ("value.", "v."),
            ("proj_attn.", "proj_out."),
        ];
        return LAYERS.iter().find_map(|(theirs, ours)| {
            let leaf = leaf.strip_prefix(theirs)?;
            Some(format!("{side}.mid.attn_1.{ours}{leaf}"))
        });
    }
    let (row, rest) = rest.split_once('.')?;
    let (level, rest) = rest.split_once('.')?;
    let level: usize = level.parse().ok()?;
    let (row, level) = match row {
        "down_blocks" => ("down", level),
        // Counted from the lowest resolution there, from the highest here.
        "up_blocks" => ("up", levels.checked_sub(level.checked_add(1)?)?),
        _ => return None,
    };
    let rest = match rest.split_once('.')? {
        ("resnets", rest) => format!("block.{}", rest.replace("conv_shortcut.", "nin_shortcut.")),
        ("downsamplers", rest) => rest.replacen("0.", "downsample.", 1),
        ("upsamplers", rest) => rest.replacen("0.", "upsample.", 1),
        _ => return None,
    };
    Some(format!("{side}.{row}.{level}.{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towers_are_named_alike() {
        let name = |theirs: &str| tower(theirs).name.split_off(TOWER.len());
        for (theirs, ours) in [
            ("visual.ln_pre.bias", "visual.ln_pre.bias"),
            ("cond_stage_model.model.visual.proj", "visual.proj"),
            ("vision_model.pre_layrnorm.bias", "visual.ln_pre.bias"),
            (
                "vision_model.encoder.layers.31.mlp.fc1.weight",
                "visual.transformer.resblocks.31.mlp.c_fc.weight",
            ),
            (
                "visual.transformer.resblocks.3.attn.in_proj_weight",
                "visual.transformer.resblocks.3.attn.in_proj_weight",
            ),
            (
                "visual.transformer.resblocks.3.attn.out_proj.bias",
                "visual.transformer.resblocks.3.attn.out_proj.bias",
            ),
            (
                "text_model.encoder.layers.2.layer_norm2.weight",
                "transformer.resblocks.2.ln_2.weight",
            ),
        ] {
            assert_eq!(name(theirs), ours);
            assert_eq!(tower(theirs).part, Part::Whole);
        }
        assert_eq!(tower("visual_projection.weight").part, Part::Transposed);
        let third = tower("vision_model.encoder.layers.0.self_attn.v_proj.bias");
        assert_eq!(third.part, Part::Third(2));
        assert_eq!(third.name, format!("{TOWER}visual.transformer.resblocks.0.attn.in_proj_bias"));
    }

    #[test]
    fn autoencoders_are_named_alike() {
        let name = |theirs: &str| vae(theirs, 4).map(|canonical| canonical.name);
        for (theirs, ours) in [
            ("decoder.up.3.block.0.conv1.weight", "decoder.up.3.block.0.conv1.weight"),
            ("first_stage_model.quant_conv.bias", "quant_conv.bias"),
            ("decoder.up_blocks.0.resnets.2.conv2.bias", "decoder.up.3.block.2.conv2.bias"),
            (
                "encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
                "encoder.down.1.block.0.nin_shortcut.weight",
            ),
            (
                "encoder.down_blocks.2.downsamplers.0.conv.bias",
                "encoder.down.2.downsample.conv.bias",
            ),
            (
                "decoder.up_blocks.2.upsamplers.0.conv.bias",
                "decoder.up.1.upsample.conv.bias",
            ),
            ("encoder.mid_block.resnets.1.norm1.bias", "encoder.mid.block_2.norm1.bias"),
            (
                "decoder.mid_block.attentions.0.to_out.0.weight",
                "decoder.mid.attn_1.proj_out.weight",
            ),
            (
                "decoder.mid_block.attentions.0.proj_attn.weight",
                "decoder.mid.attn_1.proj_out.weight",
            ),
            ("encoder.conv_norm_out.weight", "encoder.norm_out.weight"),
        ] {
            assert_eq!(name(theirs), Some(format!("{VAE}{ours}")));
        }
        assert_eq!(name("loss.discriminator.main.0.weight"), None);
        assert_eq!(
            name("decoder.up_blocks.9.resnets.0.conv1.weight").as_deref(),
            Some("first_stage_model.decoder.up_blocks.9.resnets.0.conv1.weight")
        );
    }
}
