//! `shiage colorize`: one sketch, one reference, one PNG.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::device;
use engine::event::{Event, Take};
use engine::request::{ColorizeRequest, Mode, ModelRef, Sampler, Schedule, Settings, SketchPolarity};
use engine::service::Service;
use indicatif::{ProgressBar, ProgressStyle};

use super::BadInput;
use super::inputs::{InputPaths, LoadedInputs, Origins, sample_named};
use crate::gallery::metadata;
use crate::generate::compose::multiply_lines;
use crate::generate::recipe::{Recipe, VERSION, program};
use crate::samples::SAMPLES;

/// What is not given is taken from the recipe or the sample, then from the defaults.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: InputPaths,
    /// Colour a sample that ships with shiage; without a name the first one.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "recipe")]
    sample: Option<String>,
    /// Repeat the take in this PNG: same inputs, same settings, and on the same device the same pixels.
    #[arg(long, value_name = "PNG")]
    recipe: Option<PathBuf>,
    /// Where the picture goes [default: NAME.png for a sample, else SKETCH-color.png].
    #[arg(long, value_name = "PNG")]
    out: Option<PathBuf>,
    /// Also write the preview of every step into this folder.
    #[arg(long, value_name = "DIR")]
    previews: Option<PathBuf>,
    /// Leave the sketch's lines out: the colour layer alone.
    #[arg(long)]
    no_lines: bool,
    #[command(flatten)]
    settings: SettingsArguments,
}

/// Settings as options; each one left out keeps its value.
#[derive(Debug, Args)]
struct SettingsArguments {
    /// How figure and background travel from the reference to the result [default: split with both masks, else what the masks allow].
    #[arg(long, value_enum)]
    mode: Option<ModeName>,
    /// Denoising steps, 1 to 100.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    steps: Option<u32>,
    #[arg(long, value_enum)]
    sampler: Option<SamplerName>,
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// The same seed gives the same picture.
    #[arg(long)]
    seed: Option<u64>,
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
enum ModeName {
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
enum SamplerName {
    #[value(name = "dpmpp-2m")]
    DpmPlusPlus2m,
    Euler,
    Ddim,
    #[value(name = "dpm")]
    DiffusersDpm,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScheduleName {
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
    fn over(&self, base: Settings) -> Settings {
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

/// Runs one job and writes its picture.
pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let recipe = match &arguments.recipe {
        Some(path) => Some((
            path.as_path(),
            metadata::read_recipe(path).map_err(|error| BadInput(error.to_string()))?,
        )),
        None => None,
    };
    let sample = match arguments.sample.as_deref() {
        None => None,
        Some("") => SAMPLES.first(),
        Some(name) => Some(sample_named(name)?),
    };
    let LoadedInputs {
        inputs,
        recipe: recorded,
    } = Origins::new(
        &arguments.inputs,
        sample,
        recipe.as_ref().map(|(path, recipe)| (*path, recipe)),
    )
    .load()?;
    let repeated = recipe.map(|(_, recipe)| recipe);
    let lines = !arguments.no_lines && repeated.as_ref().is_none_or(|recipe| recipe.lines);
    let mut settings = arguments
        .settings
        .over(repeated.map(|recipe| recipe.settings).unwrap_or_default());
    if arguments.settings.mode.is_none() && arguments.recipe.is_none() {
        settings.mode = mode_for(&inputs);
    }
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| match (sample, &arguments.inputs.sketch) {
            (Some(sample), _) => format!("{}.png", sample.name).into(),
            (None, Some(sketch)) => beside(sketch),
            (None, None) => "repeated.png".into(),
        });
    check_writable(&out)?;

    let sketch = inputs.sketch.clone();
    let polarity = settings.sketch_polarity;
    let opened = device::open(choice).map_err(|error| BadInput(error.to_string()))?;
    let device_name = opened.info.name.clone();
    let take = colorize(opened, ColorizeRequest { inputs, settings }, arguments.previews.as_deref())?;

    let picture = if lines {
        multiply_lines(&take.picture, &sketch, polarity)
    } else {
        (*take.picture).clone()
    };
    let recipe = Recipe {
        version: VERSION,
        program: program(),
        model: take.model.clone(),
        device: device_name,
        settings: take.settings.clone(),
        inputs: recorded,
        lines,
    };
    metadata::write_take(&out, &picture, &recipe)?;
    eprintln!(
        "{} ({:.1} s, seed {})",
        out.display(),
        take.elapsed.as_secs_f32(),
        take.settings.seed
    );
    Ok(())
}

/// The best mode that the given masks allow.
fn mode_for(inputs: &engine::request::Inputs) -> Mode {
    let background = inputs.reference_mask.is_some() || inputs.background.is_some();
    if inputs.sketch_mask.is_some() && background {
        Mode::Split
    } else {
        Mode::Vanilla
    }
}

/// `dir/name-color.png` for `dir/name.jpg`.
fn beside(sketch: &Path) -> PathBuf {
    let stem = sketch.file_stem().unwrap_or_default().to_string_lossy();
    sketch.with_file_name(format!("{stem}-color.png"))
}

/// Says before the work, not after it, that the picture has nowhere to go.
fn check_writable(out: &Path) -> Result<(), BadInput> {
    if out.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("png")) {
        return Err(BadInput(format!(
            "{} does not end in .png; shiage writes PNG, which carries the recipe",
            out.display()
        )));
    }
    let folder = out
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(BadInput(format!(
            "the folder {} does not exist; make it, or choose another --out",
            folder.display()
        )));
    }
    Ok(())
}

/// Submits the job and follows it to its end, with a progress bar and, if asked for, a file a preview.
fn colorize(opened: device::Opened, request: ColorizeRequest, previews: Option<&Path>) -> anyhow::Result<Take> {
    if let Some(folder) = previews {
        std::fs::create_dir_all(folder)
            .map_err(|error| BadInput(format!("cannot make the folder {}: {error}", folder.display())))?;
    }
    let service = Service::spawn(&opened, Box::new(|| {}));
    let bar = ProgressBar::new(u64::from(request.settings.steps));
    bar.set_style(
        ProgressStyle::with_template("{msg:<14} {bar:30} {pos}/{len}  {eta} left").expect("the template is a constant"),
    );
    bar.set_message("loading model");
    service.submit(request);
    let outcome = loop {
        match service.wait() {
            Event::Started { .. } => {
                bar.reset_eta();
                bar.set_message("denoising");
            }
            Event::Progress { step, .. } => {
                bar.set_position(u64::from(step));
                if let (Some(folder), Some(preview)) = (previews, service.latest_preview()) {
                    let path = folder.join(format!("step-{:03}.png", preview.step));
                    preview
                        .picture
                        .save(&path)
                        .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
                }
            }
            Event::Finished { take, .. } => break Ok(take),
            Event::Failed { error, .. } => break Err(error),
            Event::Cancelled { .. } => unreachable!("nobody else holds this service"),
        }
    };
    bar.finish_and_clear();
    outcome.map_err(|error| match error.is_input() {
        true => BadInput(error.to_string()).into(),
        false => anyhow::anyhow!("{error}"),
    })
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

    #[test]
    fn the_picture_goes_beside_the_sketch() {
        assert_eq!(beside(Path::new("shot/a.jpg")), Path::new("shot/a-color.png"));
    }

    #[test]
    fn an_out_that_cannot_be_written_is_named() {
        assert!(check_writable(Path::new("a.jpg")).unwrap_err().to_string().contains("a.jpg"));
        assert!(
            check_writable(Path::new("/no/such/folder/a.png"))
                .unwrap_err()
                .to_string()
                .contains("/no/such/folder")
        );
    }
}
