//! What a job needs, as plain data. Nothing that changes the picture lives elsewhere.

mod batch;
mod prompt;
mod ranges;
mod sampling;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::image::{GrayImage, RgbImage, RgbaImage};
use serde::{Deserialize, Serialize};

use crate::model::config::Prediction;

pub use batch::Batch;
pub use prompt::{Prompt, PromptError};
pub use sampling::{Named, Sampler, Schedule};

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
    /// A coloured picture to start from instead of noise alone, laid where the sketch lies: an earlier take, or colours that were painted.
    /// [`Settings::start_strength`] says how much of it is painted over.
    pub start: Option<Arc<RgbImage>>,
    /// A picture that the UNet's self-attentions look at: its textures and shading, rather than its colours. Stretched to the picture that is made.
    pub injection: Option<Arc<RgbImage>>,
    /// Dabs of paint over the sketch, which say what colour the parts that they lie in shall have; transparent elsewhere. Of any size, stretched to
    /// the sketch.
    pub hints: Option<Arc<RgbaImage>>,
}

impl Inputs {
    /// A sketch and a reference, and nothing else.
    pub fn new(sketch: Arc<RgbImage>, reference: Arc<RgbImage>) -> Self {
        Self {
            sketch,
            reference,
            sketch_mask: None,
            reference_mask: None,
            background: None,
            start: None,
            injection: None,
            hints: None,
        }
    }
}

/// Every setting of a generation. `Default` is what the program offers a newcomer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub model: ModelRef,
    /// Files of adapters that were trained for that model, over its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adapters: Vec<AdapterFile>,
    pub mode: Mode,
    pub sampler: Sampler,
    pub schedule: Schedule,
    /// In [`Self::STEPS`].
    pub steps: u32,
    pub seed: u64,
    /// Seed of the noise that samplers lay on while they walk, where it is not [`Self::seed`].
    pub step_seed: Option<u64>,
    /// Size of the picture that the network makes, in pixels, each side in [`Self::SIDE`]. None: the model's native size, in the sketch's proportions.
    pub size: Option<[u32; 2]>,
    /// Classifier-free guidance by the reference, in [`Self::REFERENCE_GUIDANCE`]; active above 1.
    pub reference_guidance: f32,
    /// Guidance by the sketch, in [`Self::SKETCH_GUIDANCE`]; active above 1.
    pub sketch_guidance: f32,
    /// The share of the way from noise (0) to picture (1) on which the reference is heeded, `[from, to]`; outside of it the UNet is told nothing
    /// of it.
    pub reference_window: [f32; 2],
    /// A share of the way on which the reference is not heeded either, both ends included.
    pub reference_pause: Option<[f32; 2]>,
    /// Strength of the reference, 0..=1: times each of [`Self::level_strengths`], so that cross-attentions of no level keep theirs, 1, as in the
    /// release's own interface.
    pub reference_strength: f32,
    pub level_strengths: LevelStrengths,
    /// Strength of the reference for each cross-attention in the order they run, 0..=1, instead of those above; ones that are not there have 1.
    /// Empty: those above hold.
    pub block_strengths: Vec<f32>,
    /// 0..=1.
    pub foreground_strength: f32,
    /// 0..=1.
    pub background_strength: f32,
    /// Share of the background branch that is mixed into the figure, 0..=1.
    pub merge: f32,
    /// In [`Self::SKETCH_STRENGTH`].
    pub sketch_strength: f32,
    /// A sketch mask value above this is figure, 0..=1.
    pub sketch_mask_threshold: f32,
    /// A reference mask value at or above this is figure, 0..=1.
    pub reference_mask_threshold: f32,
    /// Width of the reference with white paper on either side, as a multiple of its own, in [`Self::REFERENCE_PADDING`]: what fills a picture is taken for smaller.
    pub reference_padding: f32,
    /// The figure that a background picture has is painted white before it is looked at, where its outline is proposed to be.
    pub background_alone: bool,
    /// The result is white where there is no figure: by the sketch mask, or by a proposal where there is none.
    pub figure_alone: bool,
    #[serde(alias = "sketch_polarity")]
    pub sketch_preprocess: SketchPreprocess,
    /// How far the picture that a job starts from is painted over, in [`Self::START_STRENGTH`]: 1 leaves next to nothing of it. The steps are spread over that
    /// share of the noise levels. Without such a picture it counts for nothing.
    pub start_strength: f32,
    /// The sketch mask's grey says how much of the figure's branch and how much of the background's there is, instead of a hard threshold.
    pub soft_mask: bool,
    /// How a picture is injected into attention; without one it counts for nothing.
    pub injection: InjectionSettings,
    /// How colour hints are followed; without any they count for nothing.
    pub hints: HintSettings,
    /// Words that change what the reference says, each after the one before. They need a model with a text tower.
    pub prompts: Vec<Prompt>,
    /// Overrules what the model says of itself.
    pub prediction: Option<Prediction>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: ModelRef::default(),
            adapters: Vec::new(),
            mode: Mode::Split,
            sampler: Sampler::DpmPlusPlus2m,
            schedule: Schedule::Automatic,
            steps: 12,
            seed: 0,
            step_seed: None,
            size: None,
            reference_guidance: 1.5,
            sketch_guidance: 1.0,
            reference_window: [0.0, 1.0],
            reference_pause: None,
            reference_strength: 1.0,
            level_strengths: LevelStrengths::default(),
            block_strengths: Vec::new(),
            foreground_strength: 1.0,
            background_strength: 1.0,
            merge: 0.0,
            sketch_strength: 1.0,
            sketch_mask_threshold: 0.05,
            reference_mask_threshold: 0.5,
            reference_padding: 1.0,
            background_alone: false,
            figure_alone: false,
            sketch_preprocess: SketchPreprocess::Invert,
            start_strength: 0.6,
            soft_mask: false,
            injection: InjectionSettings::default(),
            hints: HintSettings::default(),
            prompts: Vec::new(),
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
        /// The checkpoint, `.safetensors` or a file of PyTorch's.
        checkpoint: PathBuf,
        /// The CLIP image tower, where the checkpoint has none.
        clip: Option<PathBuf>,
        /// An autoencoder of Stable Diffusion, instead of the checkpoint's.
        #[serde(default)]
        vae: Option<PathBuf>,
    },
}

impl ModelRef {
    /// Without the file at `path`: the model in the program in place of a checkpoint, no file in place of a part. None where the model does not use it.
    pub fn without(&self, path: &Path) -> Option<Self> {
        let Self::Files { checkpoint, clip, vae } = self else {
            return None;
        };
        if checkpoint == path {
            return Some(Self::Embedded);
        }
        let is_other = |part: &PathBuf| part != path;
        let left = Self::Files {
            checkpoint: checkpoint.clone(),
            clip: clip.clone().filter(is_other),
            vae: vae.clone().filter(is_other),
        };
        (left != *self).then_some(left)
    }

    /// With another image tower or autoencoder, where one is given; the model in the program has its own.
    pub fn with_parts(self, other_clip: Option<PathBuf>, other_vae: Option<PathBuf>) -> Self {
        match self {
            Self::Embedded => Self::Embedded,
            Self::Files { checkpoint, clip, vae } => Self::Files {
                checkpoint,
                clip: other_clip.or(clip),
                vae: other_vae.or(vae),
            },
        }
    }
}

/// A file of adapters, and how much of what it changes is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterFile {
    pub file: PathBuf,
    /// In [`Self::STRENGTH`]; 1 as it was trained.
    pub strength: f32,
    /// blake3 of the file, in hex: filled in when it is read. One that is given must be the file's.
    pub hash: Option<String>,
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

    /// As it is typed.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Vanilla => "vanilla",
            Self::Background => "background",
            Self::Foreground => "foreground",
            Self::Both => "both",
            Self::Split => "split",
        }
    }

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

/// Strengths of the reference in the UNet's levels, 0..=1 (spec/model.md, section 10).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LevelStrengths {
    /// On the way in, at full resolution.
    pub encoder: f32,
    /// At half resolution.
    pub color: f32,
    /// At a quarter.
    pub semantics: f32,
}

impl Default for LevelStrengths {
    fn default() -> Self {
        Self {
            encoder: 1.0,
            color: 1.0,
            semantics: 1.0,
        }
    }
}

/// How a picture is injected into self-attention (spec/model.md, section 18). Every step costs two calls of the UNet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InjectionSettings {
    /// 0..=1: how little of the picture the part without the reference sees, so that guidance by the reference leads to it.
    pub reference_fidelity: f32,
    /// In [`Self::SKETCH_FIDELITY`]: how strongly the picture's own shapes count when it is looked at.
    pub sketch_fidelity: f32,
    /// The share of the way from noise (0) to picture (1) from where on it is injected.
    pub start: f32,
}

impl Default for InjectionSettings {
    fn default() -> Self {
        Self {
            reference_fidelity: 0.5,
            sketch_fidelity: 0.0,
            start: 0.0,
        }
    }
}

/// How colour hints are followed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HintSettings {
    /// 0..=1.
    pub strength: f32,
    /// A hint is the colour of all that the lines enclose around it; else it holds exactly where it is painted.
    pub spread: bool,
}

impl Default for HintSettings {
    fn default() -> Self {
        Self {
            strength: 1.0,
            spread: true,
        }
    }
}

/// What is done to a sketch before the network sees it, light lines on black (spec/model.md, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SketchPreprocess {
    /// Dark lines on white paper: negated.
    #[serde(alias = "DarkLines")]
    Invert,
    /// Light lines on black: taken as they are.
    #[serde(alias = "LightLines")]
    None,
    /// Dark lines on paper that is grey, stained or unevenly lit: what is darker than its surroundings, at an even strength.
    LineArt,
}

impl SketchPreprocess {
    pub const ALL: [Self; 3] = [Self::Invert, Self::None, Self::LineArt];

    /// As it is typed.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Invert => "invert",
            Self::None => "none",
            Self::LineArt => "line-art",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_goes_with_its_checkpoint_and_stays_without_a_part() {
        let files = |clip: Option<&str>, vae: Option<&str>| ModelRef::Files {
            checkpoint: "a.ckpt".into(),
            clip: clip.map(PathBuf::from),
            vae: vae.map(PathBuf::from),
        };
        let model = files(Some("b"), Some("c"));
        let without = |path: &str| model.without(Path::new(path));
        assert_eq!(without("a.ckpt"), Some(ModelRef::Embedded));
        assert_eq!(without("b"), Some(files(None, Some("c"))));
        assert_eq!(without("c"), Some(files(Some("b"), None)));
        assert_eq!(without("d"), None);
        assert_eq!(ModelRef::Embedded.without(Path::new("a.ckpt")), None);
    }
}
