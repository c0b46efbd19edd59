//! The settings of a generation as options of the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::request::{Mode, ModelRef, Sampler, Schedule, Settings, SketchPolarity};

/// Settings as options; each one left out keeps its value.
#[derive(Debug, Args)]
pub struct SettingsArguments {
    /// How figure and background travel from the reference to the result [default: split with both masks, else what the masks allow].
    #[arg(long, value_enum)]
    pub mode: Option<ModeName>,
    /// Denoising steps, 1 to 100.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    steps: Option<u32>,
    #[arg(long, value_enum)]
    sampler: Option<SamplerName>,
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// The same seed gives the same picture.
    #[arg(long)]
    pub seed: Option<u64>,
    /// A checkpoint (.safetensors) instead of the model in the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The OpenCLIP image tower (.safetensors), where the checkpoint has none.
    #[arg(long, value_name = "FILE", requires = "model")]
    clip: Option<PathBuf>,
    /// Size of the picture that the network makes, multiples of 64 [default: the model's own, in the sketch's proportions].
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<[u32; 2]>,
    /// How strongly the reference is followed, 1 to 15.
    #[arg(long, value_name = "SCALE", value_parser = in_range(1.0, 15.0))]
    reference_guidance: Option<f32>,
    /// How strongly the sketch is followed, 1 to 5.
    #[arg(long, value_name = "SCALE", value_parser = in_range(1.0, 5.0))]
    sketch_guidance: Option<f32>,
    /// 0 to 1.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0, 1.0))]
    reference_strength: Option<f32>,
    /// 0 to 1.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0, 1.0))]
    foreground_strength: Option<f32>,
    /// 0 to 1.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0, 1.0))]
    background_strength: Option<f32>,
    /// Share of the background that is mixed into the figure, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = in_range(0.0, 1.0))]
    merge: Option<f32>,
    /// 0 to 3.
    #[arg(long, value_name = "STRENGTH", value_parser = in_range(0.0, 3.0))]
    sketch_strength: Option<f32>,
    /// The sketch has light lines on black.
    #[arg(long)]
    light_lines: bool,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SamplerName {
    #[value(name = "dpmpp-2m")]
    DpmPlusPlus2m,
    Euler,
    Ddim,
    #[value(name = "dpm")]
    DiffusersDpm,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ScheduleName {
    Automatic,
    Uniform,
    Karras,
    Exponential,
    SgmUniform,
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

impl From<SamplerName> for Sampler {
    fn from(name: SamplerName) -> Self {
        match name {
            SamplerName::DpmPlusPlus2m => Self::DpmPlusPlus2m,
            SamplerName::Euler => Self::Euler,
            SamplerName::Ddim => Self::Ddim,
            SamplerName::DiffusersDpm => Self::DiffusersDpm,
        }
    }
}

impl From<ScheduleName> for Schedule {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Automatic => Self::Automatic,
            ScheduleName::Uniform => Self::Uniform,
            ScheduleName::Karras => Self::Karras,
            ScheduleName::Exponential => Self::Exponential,
            ScheduleName::SgmUniform => Self::SgmUniform,
        }
    }
}

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let side = |part: &str| {
        part.parse::<u32>()
            .ok()
            .filter(|side| side.is_multiple_of(64) && (64..=4096).contains(side))
    };
    text.split_once('x')
        .and_then(|(width, height)| Some([side(width)?, side(height)?]))
        .ok_or_else(|| "give WIDTHxHEIGHT, both multiples of 64 up to 4096, such as 256x320".to_owned())
}

fn in_range(low: f32, high: f32) -> impl Fn(&str) -> Result<f32, String> + Clone {
    move |text| {
        text.parse()
            .ok()
            .filter(|value| (low..=high).contains(value))
            .ok_or_else(|| format!("give a number from {low} to {high}"))
    }
}

impl SettingsArguments {
    /// The settings to run with: what was typed over `base`.
    pub fn over(&self, base: Settings) -> Settings {
        let model = match &self.model {
            Some(checkpoint) => ModelRef::Files {
                checkpoint: checkpoint.clone(),
                clip: self.clip.clone(),
            },
            None => base.model,
        };
        Settings {
            model,
            mode: self.mode.map_or(base.mode, Mode::from),
            sampler: self.sampler.map_or(base.sampler, Sampler::from),
            schedule: self.schedule.map_or(base.schedule, Schedule::from),
            steps: self.steps.unwrap_or(base.steps),
            seed: self.seed.unwrap_or(base.seed),
            size: self.size.or(base.size),
            reference_guidance: self.reference_guidance.unwrap_or(base.reference_guidance),
            sketch_guidance: self.sketch_guidance.unwrap_or(base.sketch_guidance),
            reference_strength: self.reference_strength.unwrap_or(base.reference_strength),
            foreground_strength: self.foreground_strength.unwrap_or(base.foreground_strength),
            background_strength: self.background_strength.unwrap_or(base.background_strength),
            merge: self.merge.unwrap_or(base.merge),
            sketch_strength: self.sketch_strength.unwrap_or(base.sketch_strength),
            sketch_polarity: if self.light_lines {
                SketchPolarity::LightLines
            } else {
                base.sketch_polarity
            },
            ..base
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_multiples_of_64() {
        assert_eq!(parse_size("256x320"), Ok([256, 320]));
        assert!(parse_size("250x320").is_err());
        assert!(parse_size("256").is_err());
        assert!(parse_size("0x64").is_err());
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(in_range(0.0, 1.0)("0.5"), Ok(0.5));
        assert!(in_range(0.0, 1.0)("1.5").is_err());
        assert!(in_range(0.0, 1.0)("NaN").is_err());
    }
}
