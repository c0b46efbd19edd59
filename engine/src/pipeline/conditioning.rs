//! Pictures and masks to what the UNet is told (spec/model.md, section 13).

use ::image::RgbImage;
use burn::tensor::{Device, Tensor};

use crate::diffusion::guidance::Row;
use crate::image;
use crate::image::mask::Mask;
use crate::model::config::{ModelConfig, UnetConfig};
use crate::model::{Colorizer, Split, UnetCondition};
use crate::request::{Mode, Settings};

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

/// The image tower's patch tokens of a picture, `[1, N, C]`.
pub fn tokens(networks: &Colorizer, config: &ModelConfig, picture: &RgbImage, device: &Device) -> Tensor<3> {
    let input = image::clip_input(picture, config.clip_vision.image_size, device);
    let full = networks.clip_vision.forward(input);
    let patches = full.dims()[1] - 1;
    full.narrow(1, 1, patches)
}

/// The background's tokens `Bg`, `[1, N, C]`, for the reference mask threshold `tau_r`.
pub fn background_tokens(
    networks: &Colorizer,
    config: &ModelConfig,
    background: Background<'_>,
    threshold: f32,
    device: &Device,
) -> Tensor<3> {
    let embedded = embed(networks, threshold, device);
    match background {
        Background::Picture(picture) => tokens(networks, config, picture, device) + embedded,
        Background::Reference { picture, mask } => {
            let whitened = image::mask::whiten(picture, mask, threshold);
            let seen = tokens(networks, config, &whitened, device) + embedded;
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
        });
        let scaled = |maps: Vec<Tensor<4>>| maps.into_iter().map(|map| map * settings.sketch_strength).collect();
        Self {
            context,
            sketch: SketchMaps {
                drawn: scaled(sketch.drawn),
                blank: scaled(sketch.blank),
            },
            strength: strengths(&config.unet, settings.reference_strength),
            split,
        }
    }

    /// The conditions of a tiled batch: each of `rows` for `batch` pictures, in order.
    pub fn tile(&self, rows: &[Row], batch: usize) -> UnetCondition {
        let context = rows.iter().map(|row| match row {
            Row::NoReference => self.context.zeros_like(),
            Row::Conditional | Row::NoSketch => self.context.clone(),
        });
        let map = |index: usize| {
            let maps = rows.iter().map(|row| match row {
                Row::NoSketch => self.sketch.blank[index].clone(),
                Row::Conditional | Row::NoReference => self.sketch.drawn[index].clone(),
            });
            Tensor::cat(maps.map(|map| map.repeat_dim(0, batch)).collect(), 0)
        };
        UnetCondition {
            context: Tensor::cat(context.map(|context| context.repeat_dim(0, batch)).collect(), 0),
            sketch: (0..self.sketch.drawn.len()).map(map).collect(),
            strength: self.strength.clone(),
            split: self.split.clone().map(|split| Split {
                mask: split.mask.repeat_dim(0, rows.len() * batch),
                ..split
            }),
        }
    }
}

/// The same strength for every cross-attention.
fn strengths(config: &UnetConfig, strength: f32) -> Vec<f32> {
    if strength == 1.0 {
        Vec::new()
    } else {
        vec![strength; config.cross_attentions()]
    }
}
