//! Pictures and masks to what the UNet is told (spec/model.md, section 13).

use ::image::RgbImage;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::diffusion::guidance::Row;
use crate::image;
use crate::image::mask::Mask;
use crate::model::config::{ModelConfig, UnetConfig};
use crate::model::{ClipVision, Colorizer, Split, UnetCondition};
use crate::request::{LevelStrengths, Mode, Settings};

/// Where the background's tokens come from.
#[derive(Clone, Copy, Debug)]
pub enum Background<'a> {
    /// The reference with its figure painted white, rewritten by the background transformer. The mask has the reference's size.
    Reference { picture: &'a RgbImage, mask: &'a Mask },
    /// A picture of its own, which skips the transformer.
    Picture(&'a RgbImage),
}

/// The sketch encoder's five maps each, `[1, C, h, w]`, before any strength.
#[derive(Clone, Debug)]
pub struct SketchMaps {
    pub drawn: Vec<Tensor<4>>,
    /// Of an empty sketch of the same size.
    pub blank: Vec<Tensor<4>>,
}

/// The image tower on a device: itself, unless it waits elsewhere. Then all of it is brought over.
pub fn image_tower(networks: &Colorizer, device: &Device) -> ClipVision {
    networks.clip_vision.clone().to_device(device)
}

/// All of the image tower's tokens of a picture, `[1, 1 + N, C]`: the class, then the patches.
pub fn all_tokens(tower: &ClipVision, config: &ModelConfig, picture: &RgbImage, device: &Device) -> Tensor<3> {
    tower.forward(image::clip_input(picture, config.clip_vision.image_size, device))
}

/// The patches' tokens alone, `[1, N, C]`.
pub fn patches(tokens: Tensor<3>) -> Tensor<3> {
    let count = tokens.dims()[1] - 1;
    tokens.narrow(1, 1, count)
}

/// The image tower's patch tokens of a picture, `[1, N, C]`.
pub fn tokens(tower: &ClipVision, config: &ModelConfig, picture: &RgbImage, device: &Device) -> Tensor<3> {
    patches(all_tokens(tower, config, picture, device))
}

/// The background's tokens `Bg`, `[1, N, C]`, for the reference mask threshold `tau_r`.
pub fn background_tokens(
    networks: &Colorizer,
    tower: &ClipVision,
    config: &ModelConfig,
    background: Background<'_>,
    threshold: f32,
    device: &Device,
) -> Tensor<3> {
    let embedded = embed(networks, threshold, device);
    match background {
        Background::Picture(picture) => tokens(tower, config, picture, device) + embedded,
        Background::Reference { picture, mask } => {
            let whitened = image::mask::whiten(picture, mask, threshold);
            let seen = tokens(tower, config, &whitened, device) + embedded;
            networks.recovery_transformer.forward(seen)
        }
    }
}

/// `Th(threshold)`, `[1, 1, C]`.
fn embed(networks: &Colorizer, threshold: f32, device: &Device) -> Tensor<3> {
    networks.threshold_embedder.forward(Tensor::from_floats([threshold], device))
}

/// The maps of a sketch `[1, 3, H, W]` (ink +1, paper -1), and of an empty one, in one run of the encoder.
pub fn sketch_maps(networks: &Colorizer, sketch: Tensor<4>) -> SketchMaps {
    let blank = sketch.full_like(-1.0);
    let maps = networks.sketch_encoder.forward(Tensor::cat(vec![sketch, blank], 0));
    let (drawn, blank) = maps
        .into_iter()
        .map(|map| (map.clone().narrow(0, 0, 1), map.narrow(0, 1, 1)))
        .unzip();
    SketchMaps { drawn, blank }
}

/// What the networks made of a job's pictures.
#[derive(Clone, Debug)]
pub struct Features {
    /// `E`, `[1, N, C]`; None: there is no reference, and zeros stand in for it.
    pub reference: Option<Tensor<3>>,
    /// `Bg`, `[1, N, C]`, for the modes that have background tokens.
    pub background: Option<Tensor<3>>,
    /// The sketch mask at the latent's size, `[1, 1, h, w]`, for the modes that split.
    pub mask: Option<Tensor<4>>,
    pub sketch: SketchMaps,
}

/// Everything that the UNet is told, for one picture; the same at every step.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// `[1, N, C]`.
    pub context: Tensor<3>,
    /// Times the sketch strength.
    pub sketch: SketchMaps,
    /// One factor a cross-attention; empty for all 1.
    pub strength: Vec<f32>,
    pub split: Option<Split>,
}

impl Conditions {
    /// Puts together what the settings ask for. A mode whose mask or background tokens are not among the features goes without them;
    /// [`check`](super::check) sees to it that a request has them.
    pub fn new(networks: &Colorizer, config: &ModelConfig, settings: &Settings, features: Features) -> Self {
        let Features {
            reference,
            background,
            mask,
            sketch,
        } = features;
        let device = sketch.drawn[0].device();
        let mode = settings.mode;
        let reference = reference.unwrap_or_else(|| {
            let grid = config.clip_vision.grid();
            Tensor::zeros([1, grid * grid, config.unet.context_dim], &device)
        });
        let figure = || reference.clone() + embed(networks, settings.sketch_mask_threshold, &device);
        let context = match (mode, background) {
            (Mode::Split | Mode::Background, Some(background)) => Tensor::cat(vec![figure(), background], 1),
            (Mode::Both, Some(background)) => Tensor::cat(vec![figure(), background], 1).repeat_dim(1, 2),
            (Mode::Foreground, _) => Tensor::cat(vec![reference.clone(), reference], 1),
            (Mode::Vanilla, _) | (_, None) => reference,
        };
        let split = mask.filter(|_| mode.needs_sketch_mask()).map(|mask| Split {
            mask,
            threshold: Tensor::from_floats([settings.sketch_mask_threshold], &device),
            foreground_adapters: mode.foreground_adapters(),
            background_adapters: mode.background_adapters(),
            foreground_scale: settings.foreground_strength,
            background_scale: settings.background_strength,
            merge: settings.merge,
            soft: settings.soft_mask,
        });
        let scaled = |maps: Vec<Tensor<4>>| maps.into_iter().map(|map| map * settings.sketch_strength).collect();
        Self {
            context,
            sketch: SketchMaps {
                drawn: scaled(sketch.drawn),
                blank: scaled(sketch.blank),
            },
            strength: strengths(&config.unet, settings),
            split,
        }
    }

    /// The same with zeros for a context, which cross-attention makes nothing of, in the figure and around it alike.
    pub fn without_reference(&self) -> Self {
        let [_, _, width] = self.context.dims();
        Self {
            context: Tensor::zeros([1, 1, width], &self.context.device()),
            split: None,
            ..self.clone()
        }
    }

    /// The conditions of a tiled batch: each of `rows` for `batch` pictures, in order.
    pub fn tile(&self, rows: &[Row], batch: usize) -> UnetCondition {
        let blind = rows.iter().position(|row| *row == Row::NoReference);
        let blind = blind.map_or(0..0, |row| row * batch..(row + 1) * batch);
        let seeing = rows.len() * batch - blind.len();
        let map = |index: usize| {
            let maps = rows.iter().map(|row| match row {
                Row::NoSketch => self.sketch.blank[index].clone(),
                Row::Conditional | Row::NoReference => self.sketch.drawn[index].clone(),
            });
            Tensor::cat(maps.map(|map| map.repeat_dim(0, batch)).collect(), 0)
        };
        UnetCondition {
            context: self.context.clone().repeat_dim(0, seeing),
            sketch: (0..self.sketch.drawn.len()).map(map).collect(),
            strength: self.strength.clone(),
            split: self.split.clone().map(|split| Split {
                mask: split.mask.repeat_dim(0, seeing),
                ..split
            }),
            blind,
            kept: None,
        }
    }
}

/// A strength for every cross-attention in the order they run: what is set for each, or else by levels (spec/model.md, section 10). Empty where
/// all are 1. [`check_model`](super::check::check_model) sees to it that no more are set than there are.
fn strengths(config: &UnetConfig, settings: &Settings) -> Vec<f32> {
    let mut strengths = match settings.block_strengths.as_slice() {
        [] => by_levels(config, &settings.level_strengths, settings.reference_strength),
        blocks => blocks.to_vec(),
    };
    strengths.resize(config.cross_attentions(), 1.0);
    if strengths.iter().all(|strength| *strength == 1.0) {
        strengths.clear();
    }
    strengths
}

/// The middle and the way out at full resolution belong to no level and keep 1, as in the release.
fn by_levels(config: &UnetConfig, levels: &LevelStrengths, factor: f32) -> Vec<f32> {
    let LevelStrengths {
        encoder,
        color,
        semantics,
    } = *levels;
    let attended = config.attended();
    let run = |level: usize, blocks: usize, full: f32| {
        let strength = match level {
            0 => full,
            1 => color * factor,
            _ => semantics * factor,
        };
        std::iter::repeat_n(strength, blocks)
    };
    let way_in = attended
        .clone()
        .flat_map(|level| run(level, config.num_res_blocks, encoder * factor));
    let way_out = attended.rev().flat_map(|level| run(level, config.num_res_blocks + 1, 1.0));
    way_in.chain([1.0]).chain(way_out).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::{LoraConfig, LoraRank};

    #[test]
    fn levels_reach_their_blocks_and_blocks_overrule_them() {
        let config = UnetConfig {
            in_channels: 4,
            out_channels: 4,
            model_channels: 320,
            channel_mult: vec![1, 2, 4, 4],
            num_res_blocks: 2,
            attention_resolutions: vec![4, 2, 1],
            head_channels: 64,
            context_dim: 1024,
            norm_groups: 32,
            lora: LoraConfig {
                foreground: LoraRank::Fixed(4),
                background: LoraRank::Fraction(0.5),
            },
        };
        let mut settings = Settings {
            reference_strength: 0.5,
            level_strengths: LevelStrengths {
                encoder: 0.5,
                color: 0.8,
                semantics: 0.4,
            },
            ..Settings::default()
        };
        let (encoder, color, semantics) = (0.25, 0.4, 0.2);
        let mut expected = vec![encoder, encoder, color, color, semantics, semantics, 1.0];
        expected.extend([semantics, semantics, semantics, color, color, color, 1.0, 1.0, 1.0]);
        assert_eq!(strengths(&config, &settings), expected);
        settings.block_strengths = vec![0.1, 0.2];
        let set = strengths(&config, &settings);
        assert_eq!((set.len(), &set[..3]), (16, &[0.1, 0.2, 1.0][..]));
        assert!(strengths(&config, &Settings::default()).is_empty());
    }
}
