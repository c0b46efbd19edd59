//! What a job needs, as plain data. Nothing that changes the picture lives elsewhere.

use std::path::PathBuf;
use std::sync::Arc;

use ::image::{GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

use crate::model::config::Prediction;

/// One picture to make: the images, and the settings that a recipe records.
#[derive(Clone, Debug)]
pub struct ColorizeRequest {
    pub inputs: Inputs,
    pub settings: Settings,
}

/// The images of a job. Masks are white where the figure is, and have the size of the picture they belong to.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Dark lines on white, as drawn.
    pub sketch: Arc<RgbImage>,
    pub reference: Arc<RgbImage>,
    pub sketch_mask: Option<Arc<GrayImage>>,
    pub reference_mask: Option<Arc<GrayImage>>,
    /// A second reference, for the background alone.
    pub background: Option<Arc<RgbImage>>,
}

/// Every setting of a generation. `Default` is what the program offers a newcomer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub model: ModelRef,
    pub mode: Mode,
    pub sampler: Sampler,
    pub schedule: Schedule,
    /// 1..=100.
    pub steps: u32,
    pub seed: u64,
    /// Size of the picture that the network makes, in pixels, a multiple of 64 a side. None: the model's native size, in the sketch's proportions.
    pub size: Option<[u32; 2]>,
    /// Classifier-free guidance by the reference, 1..=15; active above 1.
    pub reference_guidance: f32,
    /// Guidance by the sketch, 1..=5; active above 1.
    pub sketch_guidance: f32,
    /// Strength of the reference in every cross-attention, 0..=1.
    pub reference_strength: f32,
    /// 0..=1.
    pub foreground_strength: f32,
    /// 0..=1.
    pub background_strength: f32,
    /// Share of the background branch that is mixed into the figure, 0..=1.
    pub merge: f32,
    /// 0..=3.
    pub sketch_strength: f32,
    /// A sketch mask value above this is figure, 0..=1.
    pub sketch_mask_threshold: f32,
    /// A reference mask value at or above this is figure, 0..=1.
    pub reference_mask_threshold: f32,
    pub sketch_polarity: SketchPolarity,
    /// Overrules what the model says of itself.
    pub prediction: Option<Prediction>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: ModelRef::default(),
            mode: Mode::Split,
            sampler: Sampler::DpmPlusPlus2m,
            schedule: Schedule::Automatic,
            steps: 12,
            seed: 0,
            size: None,
            reference_guidance: 1.5,
            sketch_guidance: 1.0,
            reference_strength: 1.0,
            foreground_strength: 1.0,
            background_strength: 1.0,
            merge: 0.0,
            sketch_strength: 1.0,
            sketch_mask_threshold: 0.05,
            reference_mask_threshold: 0.5,
            sketch_polarity: SketchPolarity::DarkLines,
            prediction: None,
        }
    }
}

/// Which model a job runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModelRef {
    /// The one in the program.
    #[default]
    Embedded,
    /// Published or self-trained files.
    Files {
        /// The checkpoint, `.safetensors`.
        checkpoint: PathBuf,
        /// The OpenCLIP image tower, where the checkpoint has none.
        clip: Option<PathBuf>,
    },
}

/// Which adapters and tokens are active (spec/model.md, section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// Context `E`, no mask, no adapters.
    Vanilla,
    /// `[E + Th, Bg]`, background adapters: "BG enhance" of the release.
    Background,
    /// `[E, E]`, foreground adapters: "FG enhance" of the release.
    Foreground,
    /// `[E + Th, Bg, E + Th, Bg]`, both: what the release does when both are ticked; its halves are alike.
    Both,
    /// `[E + Th, Bg]`, both adapters: the paper's split.
    Split,
}

impl Mode {
    pub const ALL: [Self; 5] = [Self::Split, Self::Background, Self::Foreground, Self::Both, Self::Vanilla];

    /// Whether the sketch mask is used.
    pub fn needs_sketch_mask(self) -> bool {
        self != Self::Vanilla
    }

    /// Whether the reference mask is used, unless a background image stands in for it.
    pub fn needs_reference_mask(self) -> bool {
        matches!(self, Self::Background | Self::Both | Self::Split)
    }

    /// Whether the foreground adapters are on.
    pub fn foreground_adapters(self) -> bool {
        matches!(self, Self::Foreground | Self::Both | Self::Split)
    }

    /// Whether the background adapters are on.
    pub fn background_adapters(self) -> bool {
        matches!(self, Self::Background | Self::Both | Self::Split)
    }
}

/// Samplers by their names in the field (spec/model.md, section 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sampler {
    DpmPlusPlus2m,
    Euler,
    /// diffusers' DDIM, eta 0.
    Ddim,
    /// diffusers' DPM-Solver++ 2M: the default of the authors' interface.
    DiffusersDpm,
}

impl Sampler {
    pub const ALL: [Self; 4] = [Self::DpmPlusPlus2m, Self::Euler, Self::Ddim, Self::DiffusersDpm];
}

/// How the steps are spread over the noise levels (spec/model.md, sections 16 and 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Schedule {
    /// The sampler's own default.
    Automatic,
    Uniform,
    Karras,
    Exponential,
    SgmUniform,
}

impl Schedule {
    pub const ALL: [Self; 5] = [
        Self::Automatic,
        Self::Uniform,
        Self::Karras,
        Self::Exponential,
        Self::SgmUniform,
    ];
}

/// What the sketch looks like as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SketchPolarity {
    /// Dark lines on white paper; negated for the network.
    DarkLines,
    /// Light lines on black, as the network wants it.
    LightLines,
}
