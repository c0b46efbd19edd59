//! Named configurations of every network, written as RON in `assets/models`.

use serde::{Deserialize, Serialize};

/// Everything that the shapes of a model's weights follow from, and what its training fixed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// The name that a person reads and types.
    pub name: String,
    /// Side of the pictures that the model was trained on, in pixels.
    pub native_size: u32,
    /// What the UNet predicts.
    pub prediction: Prediction,
    /// Latents are the VAE's moments times this.
    pub latent_scale: f64,
    pub schedule: ScheduleConfig,
    pub unet: UnetConfig,
    pub sketch_encoder: SketchEncoderConfig,
    pub vae: VaeConfig,
    pub clip_vision: ClipVisionConfig,
    pub recovery_transformer: RecoveryTransformerConfig,
    pub threshold_embedder: ThresholdEmbedderConfig,
    /// The text tower of a model that was trained with one. None: it is in the published files, if anywhere, and is opened when a text is to be read.
    #[serde(default)]
    pub clip_text: Option<ClipTextConfig>,
    /// Linear map from a scaled latent to RGB in `[-1, 1]`, fitted from the model's own VAE; none until it is fitted.
    pub preview: Option<PreviewMap>,
}

/// What the network's output stands for (spec/model.md, section 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Prediction {
    /// The noise.
    Eps,
    /// The velocity `sqrt(a) noise - sqrt(1-a) x0` (Salimans and Ho, 2022).
    V,
}

impl Prediction {
    pub const ALL: [Self; 2] = [Self::Eps, Self::V];

    /// As it is typed.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Eps => "eps",
            Self::V => "v",
        }
    }
}

/// "Scaled linear" betas: squares of a linear ramp between the square roots of the ends.
///
/// What is left of the picture at the last timestep should drown in the noise, or the network learns to read the colours of large areas off it, which
/// pure noise then does not have (Lin et al., 2024, arXiv 2305.08891). The fewer cells a latent has, the farther the ramp must reach: the published 0.012
/// leaves a signal of 0.07; at 32 x 32 cells that was worth 7 of ΔE00 in a part's colour. 0.03 leaves 0.0025.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleConfig {
    /// Beta of the first timestep, above 0.
    pub linear_start: f64,
    /// Beta of the last, below 1.
    pub linear_end: f64,
    /// How many there are, at least 2.
    pub timesteps: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnetConfig {
    /// Channels of the latent.
    pub in_channels: usize,
    /// Channels of what is predicted: the latent's.
    pub out_channels: usize,
    /// Channels of the first level.
    pub model_channels: usize,
    /// Width of each level as a multiple of `model_channels`, highest resolution first.
    pub channel_mult: Vec<usize>,
    /// Residual blocks of a level on the way down; one more on the way up.
    pub num_res_blocks: usize,
    /// Downsampling factors at which transformers stand (the middle always has one).
    pub attention_resolutions: Vec<usize>,
    /// Width of one attention head; the number of heads follows.
    pub head_channels: usize,
    /// Width C of the context tokens.
    pub context_dim: usize,
    /// Groups of channels that are normalised together; they divide `model_channels`.
    pub norm_groups: usize,
    pub lora: LoraConfig,
}

impl UnetConfig {
    /// How many cross-attentions there are: one a residual block of each level that has transformers, down and up, and one in the middle.
    pub fn cross_attentions(&self) -> usize {
        self.attended().count() * (2 * self.num_res_blocks + 1) + 1
    }

    /// The levels that have transformers, highest resolution first.
    pub fn attended(&self) -> impl DoubleEndedIterator<Item = usize> + Clone {
        (0..self.channel_mult.len()).filter(|level| self.attends(*level))
    }

    pub fn attends(&self, level: usize) -> bool {
        self.attention_resolutions.contains(&(1 << level))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoraConfig {
    pub foreground: LoraRank,
    pub background: LoraRank,
}

/// Rank of an adapter pair.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum LoraRank {
    Fixed(usize),
    /// `int(f * min(in, out))`, at least 1.
    Fraction(f64),
}

impl LoraRank {
    /// The rank for a layer of `d_input` inputs and `d_output` outputs.
    pub fn of(self, d_input: usize, d_output: usize) -> usize {
        match self {
            Self::Fixed(rank) => rank,
            Self::Fraction(fraction) => ((fraction * d_input.min(d_output) as f64) as usize).max(1),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SketchEncoderConfig {
    /// Channels of the sketch: 3.
    pub in_channels: usize,
    /// Widths of the seven convolutions before the stem's last one; published: `[16, 16, 32, 32, 96, 96, 256]`.
    pub stem_channels: [usize; 7],
    /// As the UNet's.
    pub model_channels: usize,
    /// As the UNet's: its maps are added to the UNet's on every level.
    pub channel_mult: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaeConfig {
    /// Channels of the latent.
    pub latent_channels: usize,
    /// Channels at the picture's resolution.
    pub base_channels: usize,
    /// Width of each level as a multiple of `base_channels`, highest resolution first.
    pub channel_mult: Vec<usize>,
    /// Residual blocks of a level in the encoder; one more in the decoder.
    pub num_res_blocks: usize,
    /// Published: 32. 0 leaves normalisation out and keeps its scale and shift.
    pub norm_groups: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipVisionConfig {
    /// Side of the picture that the tower reads, in pixels; a multiple of `patch_size`.
    pub image_size: usize,
    /// Side of what becomes a token, in pixels.
    pub patch_size: usize,
    /// Channels of the tokens on their way through the tower.
    pub width: usize,
    /// Transformer blocks.
    pub layers: usize,
    /// Width of one attention head; the number of heads follows.
    pub head_width: usize,
    /// Width C of the projected tokens.
    pub output_dim: usize,
}

impl ClipVisionConfig {
    /// Patches along one side.
    pub fn grid(&self) -> usize {
        self.image_size / self.patch_size
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipTextConfig {
    pub vocabulary: Vocabulary,
    /// Ids in a text, its start and end among them.
    pub context_length: usize,
    /// Channels of the tokens on their way through the tower.
    pub width: usize,
    /// Transformer blocks. The last one is not run.
    pub layers: usize,
    /// Width of one attention head; the number of heads follows.
    pub head_width: usize,
    /// Width C of the projected tokens: the image tower's.
    pub output_dim: usize,
    /// Whether a prompt takes its target away from where its control is not, as published (spec/model.md, section 19). In a small model all parts show
    /// their colours along the same directions: to take red away from all but the hair paints the rest green.
    pub repels: bool,
}

/// What the rows of a text tower's table stand for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vocabulary {
    /// The tokens of CLIP's byte pair encoding, so many of them.
    BytePairs(usize),
    /// Whole words.
    Words(WordList),
}

/// A vocabulary small enough to ship: each list's words in order, then the start of a text and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordList {
    pub parts: Vec<String>,
    pub colors: Vec<String>,
    /// What stands between them.
    pub others: Vec<String>,
}

impl Vocabulary {
    /// As many tokens as CLIP's byte pair encoding has.
    pub const BYTE_PAIRS: usize = 49408;

    /// Rows of the table.
    pub fn size(&self) -> usize {
        match self {
            Self::BytePairs(count) => *count,
            Self::Words(words) => words.all().count() + 2,
        }
    }
}

impl WordList {
    /// In the order of their rows.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.parts, &self.colors, &self.others];
        lists.into_iter().flatten().map(String::as_str)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryTransformerConfig {
    /// Width C of the tokens: the UNet's context.
    pub dim: usize,
    /// Transformer blocks.
    pub layers: usize,
    /// Learned tokens; as many as the image tower's patches.
    pub tokens: usize,
    /// Width of one attention head; published: always 64.
    pub head_width: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdEmbedderConfig {
    /// Width of the sinusoid, even.
    pub embed_dim: usize,
    /// Width C of the token that is made of it: the UNet's context.
    pub out_dim: usize,
}

/// `rgb = matrix * latent + bias`, rows R, G, B in `[-1, 1]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewMap {
    /// Three rows of `latent_channels` factors.
    pub matrix: [Vec<f32>; 3],
    pub bias: [f32; 3],
}
