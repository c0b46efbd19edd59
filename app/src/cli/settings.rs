//! The settings of a generation as options of the command line.

mod of_inputs;
mod parsing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::model::config::Prediction;
use engine::request::{
    AdapterFile, LevelStrengths, Mode, ModelRef, Named, Prompt, Sampler, Schedule, Settings, SketchPreprocess,
};

use super::models::{find_file, find_model};
pub use of_inputs::InputSettingsArguments;
use parsing::{Choice, Seed, or_word, parse_adapter, parse_prediction, parse_seed, parse_size, parse_span, whole_in};
pub use parsing::{in_range, keyed, parse_side};

/// Settings as options; each one left out keeps its value.
#[derive(Debug, Args)]
pub struct SettingsArguments {
    /// How figure and background travel from the reference to the result [default: split with both masks, else what the masks allow].
    #[arg(long, ignore_case = true, value_enum)]
    pub mode: Option<ModeName>,
    /// Denoising steps, 1 to 100 [default: 12].
    #[arg(long, value_parser = whole_in(Settings::STEPS))]
    steps: Option<u32>,
    /// How noise is taken away, step by step [default: dpmpp-2m].
    #[arg(long, ignore_case = true, value_parser = keyed(&Sampler::ALL, Sampler::key))]
    sampler: Option<Sampler>,
    /// How the steps are spread over the noise [default: automatic, what suits the sampler].
    #[arg(long, ignore_case = true, value_parser = keyed(&Schedule::ALL, Schedule::key))]
    schedule: Option<Schedule>,
    /// The same seed gives the same picture [default: 0]; "random", or -1, draws one, but not for `swap` and `sequence`, whose pictures belong together.
    #[arg(long, value_parser = parse_seed)]
    seed: Option<Seed>,
    /// Seed of the noise that samplers add on the way [default: "own", the picture's].
    #[arg(long, value_name = "SEED", value_parser = or_word("own", parse_seed))]
    step_seed: Option<Choice<Seed>>,
    /// A checkpoint instead of the model in the program: a file (.safetensors, .ckpt, .pth), or a name that `shiage models list` shows; "built-in" for the
    /// one in the program, though --recipe has another.
    #[arg(long, value_name = "MODEL", value_parser = find_model)]
    model: Option<ModelRef>,
    /// The CLIP ViT-H-14 image tower as OpenCLIP or transformers publish it, where the checkpoint has none [default: the one in the folder of
    /// models].
    #[arg(long, value_name = "FILE", requires = "model", value_parser = find_file)]
    clip: Option<PathBuf>,
    /// An autoencoder of Stable Diffusion 1 or 2 instead of the checkpoint's.
    #[arg(long, value_name = "FILE", requires = "model", value_parser = find_file)]
    vae: Option<PathBuf>,
    /// What the network predicts: "eps" noise, "v" velocity [default: "auto", what its configuration says, else what a trial shows].
    #[arg(long, value_parser = or_word("auto", parse_prediction))]
    prediction: Option<Choice<Prediction>>,
    /// A file of adapters that `shiage train --data` wrote, and how much of what it changes is wanted, 0 to 2 [default: 1]; several add up.
    #[arg(long = "adapter", value_name = "FILE[:STRENGTH]", value_parser = parse_adapter)]
    adapters: Vec<AdapterFile>,
    /// None, though --recipe has some.
    #[arg(long, conflicts_with = "adapters")]
    no_adapters: bool,
    /// Size of the picture that the network makes, multiples of 64 up to 4096 [default: "auto", the model's own, in the sketch's proportions].
    #[arg(long, value_name = "WxH", value_parser = or_word("auto", parse_size))]
    size: Option<Choice<[u32; 2]>>,
    /// How strongly the reference is followed, 1 to 15 [default: 1.5]; above 1 a step costs more.
    #[arg(long, value_name = "SCALE", value_parser = in_range(Settings::REFERENCE_GUIDANCE))]
    reference_guidance: Option<f32>,
    /// How strongly the sketch is followed, 1 to 5 [default: 1]; above 1 a step costs more.
    #[arg(long, value_name = "SCALE", value_parser = in_range(Settings::SKETCH_GUIDANCE))]
    sketch_guidance: Option<f32>,
    /// The part of the way from noise (0) to picture (1) on which the reference is heeded [default: 0..1].
    #[arg(long, value_name = "FROM..TO", value_parser = parse_span)]
    reference_window: Option<[f32; 2]>,
    /// A part of that way on which it is not [default: none].
    #[arg(long, value_name = "FROM..TO", value_parser = parse_span)]
    reference_pause: Option<[f32; 2]>,
    /// None, though --recipe has one.
    #[arg(long, conflicts_with = "reference_pause")]
    no_reference_pause: bool,
    /// Strength of the reference, 0 to 1 [default: 1]: times each of the next three.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    reference_strength: Option<f32>,
    /// Strength of the reference on the UNet's way in, at full resolution, 0 to 1 [default: 1].
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    encoder_strength: Option<f32>,
    /// Strength of the reference at half resolution, 0 to 1 [default: 1].
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    color_strength: Option<f32>,
    /// Strength of the reference at a quarter of the resolution, 0 to 1 [default: 1].
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    semantics_strength: Option<f32>,
    /// Strength of the reference for each cross-attention in turn, 0 to 1, instead of the four above.
    #[arg(long, value_name = "STRENGTH", value_delimiter = ',', value_parser = in_range(0.0..=1.0))]
    block_strengths: Vec<f32>,
    /// The four above, though --recipe has strengths for each cross-attention.
    #[arg(long, conflicts_with = "block_strengths")]
    no_block_strengths: bool,
    /// Strength of the reference in the figure, 0 to 1 [default: 1]: times those above; it needs a mode with masks.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    foreground_strength: Option<f32>,
    /// Strength of the reference, or of its background picture, in the background, 0 to 1 [default: 1]: likewise.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0..=1.0))]
    background_strength: Option<f32>,
    /// Share of the background that is mixed into the figure, 0 to 1 [default: 0]; it needs a mode with masks.
    #[arg(long, value_name = "SHARE", value_parser = in_range(0.0..=1.0))]
    merge: Option<f32>,
    /// The sketch mask's grey says how much of the figure and how much of the background there is, instead of a hard threshold.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    soft_mask: Option<bool>,
    /// How strongly the lines count for the network, 0 to 3 [default: 1]; those that lie over the picture stay as they are.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(Settings::SKETCH_STRENGTH))]
    sketch_strength: Option<f32>,
    /// Where the sketch mask is lighter than this is figure, 0 to 1 [default: 0.05].
    #[arg(long, value_name = "LEVEL", value_parser = in_range(0.0..=1.0))]
    sketch_mask_threshold: Option<f32>,
    /// Where the reference mask is at least this light is figure, 0 to 1 [default: 0.5].
    #[arg(long, value_name = "LEVEL", value_parser = in_range(0.0..=1.0))]
    reference_mask_threshold: Option<f32>,
    /// How wide the reference is made with white paper on both sides, as a multiple of its own width, 1 to 2 [default: 1]: what fills a picture is taken for smaller.
    #[arg(long, value_name = "FACTOR", value_parser = in_range(Settings::REFERENCE_PADDING))]
    reference_padding: Option<f32>,
    /// Leave out the figure that --background's picture has.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    background_alone: Option<bool>,
    /// Make the result white where there is no figure, by the sketch mask if there is one.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    figure_alone: Option<bool>,
    /// Words that change what the reference says, as the authors' interface writes them, such as "[target] blonde hair; [anchor] black hair;
    /// [control] hair; [scale] 8; [enhanced] False". Given several times, each after the one before. The model in the program knows the names of some
    /// parts and colours, and says which when it meets another word; a published one with its text tower knows English.
    #[arg(long = "prompt", value_name = "LINE")]
    prompts: Vec<Prompt>,
    /// None, though --recipe has some.
    #[arg(long, conflicts_with = "prompts")]
    no_prompts: bool,
    /// What is done to the sketch [default: invert]: "invert" is for dark lines on white, "none" for light lines on black, "line-art" for dark lines on paper that is
    /// grey, stained or unevenly lit.
    #[arg(long, ignore_case = true, value_parser = keyed(&SketchPreprocess::ALL, SketchPreprocess::key))]
    sketch_preprocess: Option<SketchPreprocess>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ModeName {
    /// The paper's split: figure from figure, background from background, both adapters.
    Split,
    /// Background adapters only ("BG enhance" of the release).
    Background,
    /// Foreground adapters only ("FG enhance" of the release).
    Foreground,
    /// Both adapters as the release runs them.
    Both,
    /// No masks.
    Vanilla,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Split => Self::Split,
            ModeName::Background => Self::Background,
            ModeName::Foreground => Self::Foreground,
            ModeName::Both => Self::Both,
            ModeName::Vanilla => Self::Vanilla,
        }
    }
}

impl SettingsArguments {
    /// Whether the model is the one that a recipe names.
    pub fn keeps_model(&self) -> bool {
        self.model.is_none()
    }

    /// The seed that was drawn instead of typed, with the option that asked for it.
    pub fn drawn_seed(&self) -> Option<(&'static str, u64)> {
        let typed = [("--seed", self.seed), ("--step-seed", Choice::over(self.step_seed, None))];
        let mut drawn = typed
            .into_iter()
            .filter_map(|(option, seed)| Some((option, seed.filter(|seed| seed.is_drawn)?.value)));
        drawn.next()
    }

    /// The settings to run with: what was typed over `base`.
    pub fn over(&self, base: Settings) -> Settings {
        let model = match &self.model {
            Some(model) => model.clone().with_parts(self.clip.clone(), self.vae.clone()),
            None => base.model,
        };
        Settings {
            model,
            adapters: match self.adapters.as_slice() {
                _ if self.no_adapters => Vec::new(),
                [] => base.adapters,
                typed => typed.to_vec(),
            },
            mode: self.mode.map_or(base.mode, Mode::from),
            sampler: self.sampler.unwrap_or(base.sampler),
            schedule: self.schedule.unwrap_or(base.schedule),
            steps: self.steps.unwrap_or(base.steps),
            seed: self.seed.map_or(base.seed, |seed| seed.value),
            size: Choice::over(self.size, base.size),
            prediction: Choice::over(self.prediction, base.prediction),
            reference_guidance: self.reference_guidance.unwrap_or(base.reference_guidance),
            sketch_guidance: self.sketch_guidance.unwrap_or(base.sketch_guidance),
            reference_strength: self.reference_strength.unwrap_or(base.reference_strength),
            foreground_strength: self.foreground_strength.unwrap_or(base.foreground_strength),
            background_strength: self.background_strength.unwrap_or(base.background_strength),
            merge: self.merge.unwrap_or(base.merge),
            sketch_strength: self.sketch_strength.unwrap_or(base.sketch_strength),
            sketch_preprocess: self.sketch_preprocess.unwrap_or(base.sketch_preprocess),
            soft_mask: self.soft_mask.unwrap_or(base.soft_mask),
            prompts: match self.prompts.as_slice() {
                _ if self.no_prompts => Vec::new(),
                [] => base.prompts,
                typed => typed.to_vec(),
            },
            step_seed: Choice::over(self.step_seed, base.step_seed.map(Seed::chosen)).map(|seed| seed.value),
            reference_window: self.reference_window.unwrap_or(base.reference_window),
            reference_pause: self
                .reference_pause
                .or(base.reference_pause.filter(|_| !self.no_reference_pause)),
            level_strengths: LevelStrengths {
                encoder: self.encoder_strength.unwrap_or(base.level_strengths.encoder),
                color: self.color_strength.unwrap_or(base.level_strengths.color),
                semantics: self.semantics_strength.unwrap_or(base.level_strengths.semantics),
            },
            block_strengths: match self.block_strengths.as_slice() {
                _ if self.no_block_strengths => Vec::new(),
                [] => base.block_strengths,
                typed => typed.to_vec(),
            },
            sketch_mask_threshold: self.sketch_mask_threshold.unwrap_or(base.sketch_mask_threshold),
            reference_mask_threshold: self.reference_mask_threshold.unwrap_or(base.reference_mask_threshold),
            reference_padding: self.reference_padding.unwrap_or(base.reference_padding),
            background_alone: self.background_alone.unwrap_or(base.background_alone),
            figure_alone: self.figure_alone.unwrap_or(base.figure_alone),
            ..base
        }
    }
}
