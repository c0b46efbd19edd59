//! `shiage train`: a model from nothing, or adapters for a person's own pictures; on from where a run was broken off.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::device::{self, DeviceError};
use engine::request::ModelRef;
use engine::training::folder::Count;
use engine::training::thread::{Event, Job, TrainingThread};
use engine::training::{Hardware, Outcome, Progress, Target, TrainingConfig, TrainingError, Tuning};
use engine::weights::WeightsError;
use indicatif::{ProgressBar, ProgressStyle};

use super::BadInput;
use super::models::{find_file, find_model};
use super::settings::{in_range, parse_side};
use crate::training::words;

/// Steps between the lines of a log that no terminal shows.
const LOGGED: usize = 20;

/// A run that finds a checkpoint in its folder goes on from there.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A model from nothing: what is trained, on what and for how long; a RON file such as assets/training/tiny.ron.
    #[arg(long, value_name = "RON", required_unless_present = "data", conflicts_with = "data")]
    config: Option<PathBuf>,
    /// Adapters for your own pictures: a folder with color/ and, if there are any, sketch/ and mask/ of the same names, pictures or zip archives;
    /// or coloured pictures alone, where NAME-mask.png is NAME.png's mask. Sketches are extracted and masks proposed where they are missing.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where checkpoints, sample sheets, the losses' curve and what was trained go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Gradients take less memory and more time: what light operations made is made again on the way back.
    #[arg(long)]
    gradient_checkpointing: bool,
    /// Another device that works on a part of every batch: gpu:N, cpu, or remote:HOST:PORT, which `shiage serve` serves there; several are named one by
    /// one. The step is the same as on one device with as many parts.
    #[arg(long = "helper", value_name = "DEVICE")]
    helpers: Vec<device::Choice>,
    #[command(flatten)]
    tuning: TuningArguments,
}

/// How a run on a person's own pictures goes.
#[derive(Debug, Args)]
struct TuningArguments {
    /// The checkpoint to go out from: a file, or a name that `shiage models list` shows [default: the model in the program].
    #[arg(long, value_name = "MODEL", requires = "data", value_parser = find_model)]
    base: Option<ModelRef>,
    /// The CLIP image tower, where the checkpoint has none [default: the one in the folder of models].
    #[arg(long, value_name = "FILE", requires = "base", value_parser = find_file)]
    clip: Option<PathBuf>,
    /// An autoencoder of Stable Diffusion 1 or 2 instead of the checkpoint's.
    #[arg(long, value_name = "FILE", requires = "base", value_parser = find_file)]
    vae: Option<PathBuf>,
    /// What is trained.
    #[arg(long, value_enum, default_value = "foreground", requires = "data")]
    stage: Stage,
    /// Steps of the run, with --stage both of each of the two. A run of one stage that has ended goes on where more are asked for.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..), requires = "data")]
    steps: u32,
    /// Pictures a step.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1024), requires = "data")]
    batch: u32,
    /// Side of the cuts that are learned from, a multiple of 64 up to 1536 [default: the model's own].
    #[arg(long, value_name = "PIXELS", value_parser = parse_side, requires = "data")]
    size: Option<u32>,
    /// At the beginning, above 0; it falls to a tenth [default: 5e-4 for adapters, 1e-5 for base].
    #[arg(long, value_name = "RATE", value_parser = parse_rate, requires = "data")]
    learning_rate: Option<f64>,
    /// Share of the pictures that are measured on and not trained on, 0 to 0.9; at least one is.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = in_range(0.0..=0.9), requires = "data")]
    validation: f32,
    /// The same seed and pictures give the same adapters, if the run is not broken off.
    #[arg(long, default_value_t = 1, requires = "data")]
    seed: u64,
    /// Steps between checkpoints.
    #[arg(long, value_name = "STEPS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..), requires = "data")]
    checkpoint_every: u32,
    /// Steps between sample sheets and measurements on the pictures that are not trained on.
    #[arg(long, value_name = "STEPS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..), requires = "data")]
    sheet_every: u32,
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok();
    rate.filter(|rate: &f64| *rate > 0.0 && rate.is_finite())
        .ok_or_else(|| "give a number above 0, such as 5e-4".to_owned())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stage {
    /// The figure's adapters: a file of a few MB for --adapter.
    Foreground,
    /// The background's adapters: likewise.
    Background,
    /// The figure's adapters and after them the background's, each for as many steps, in one file.
    Both,
    /// UNet, sketch encoder and image tower: a whole model for --model.
    Base,
}

impl From<Stage> for Target {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Foreground => Self::Foreground,
            Stage::Background => Self::Background,
            Stage::Both => Self::Both,
            Stage::Base => Self::Base,
        }
    }
}

impl TuningArguments {
    fn tuning(&self, data: PathBuf, kind: device::Kind) -> Tuning {
        let target = Target::from(self.stage);
        Tuning {
            base: self
                .base
                .clone()
                .unwrap_or_default()
                .with_parts(self.clip.clone(), self.vae.clone()),
            steps: self.steps as usize,
            batch: self.batch as usize,
            size: self.size,
            learning_rate: self.learning_rate.unwrap_or(target.usual_learning_rate()),
            validation: f64::from(self.validation),
            seed: self.seed,
            shards: Hardware::usual_shards(kind),
            checkpoint_every: self.checkpoint_every as usize,
            sheet_every: self.sheet_every as usize,
            ..Tuning::new(data, target)
        }
    }
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let config = arguments.config.as_deref().map(TrainingConfig::open);
    let config = config.transpose().map_err(|error| BadInput(error.to_string()))?;
    if let Some(data) = arguments.data.as_deref().filter(|data| !data.is_dir()) {
        let words = format!("{} is no folder: give the one that the pictures lie in", data.display());
        return Err(BadInput(words).into());
    }
    let opened = device::open(choice)?;
    println!("training on {}", opened.info.name);
    let helpers = arguments.helpers.iter().map(|helper| -> Result<_, DeviceError> {
        let opened = device::open(helper.clone())?;
        println!("{} helps", opened.info.name);
        Ok(opened.device)
    });
    let hardware = Hardware {
        device: opened.device,
        helpers: helpers.collect::<Result<_, DeviceError>>()?,
    };
    let job = match (config, arguments.data) {
        (Some((config, model)), _) => Job::Model {
            config: Box::new(TrainingConfig {
                gradient_checkpointing: config.gradient_checkpointing || arguments.gradient_checkpointing,
                ..config
            }),
            model: Box::new(model),
        },
        (None, Some(data)) => Job::Pictures(Tuning {
            gradient_checkpointing: arguments.gradient_checkpointing,
            ..arguments.tuning.tuning(data, opened.info.kind)
        }),
        (None, None) => unreachable!("clap asks for one of the two"),
    };
    let thread = TrainingThread::spawn(job, hardware, arguments.out.clone(), || {})?;
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(
        "{prefix} {bar:24} {pos}/{len} {per_sec} {eta} left in this stage  {msg}",
    )?);
    while let Some(event) = thread.wait() {
        match event {
            Event::Began { count, .. } => println!("{}", found(count, &arguments.out)),
            Event::Step(progress) => show(&bar, progress),
            // Nobody here holds a run.
            Event::Held => {}
            Event::Ended(outcome) => {
                bar.finish_and_clear();
                tell(outcome.map_err(at_fault)?);
            }
        }
    }
    Ok(())
}

/// Whose fault an error is.
fn at_fault(error: TrainingError) -> anyhow::Error {
    match error {
        TrainingError::Config { .. }
        | TrainingError::Checkpoint { .. }
        | TrainingError::Damaged { .. }
        | TrainingError::OtherVersion { .. }
        | TrainingError::Data { .. }
        | TrainingError::NoRegions { .. }
        | TrainingError::Weights(WeightsError::Open { .. }) => BadInput(error.to_string()).into(),
        error => error.into(),
    }
}

fn tell(outcome: Outcome) {
    match outcome {
        Outcome::Finished { weights, config } => println!("wrote {} and {}", weights.display(), config.display()),
        Outcome::Adapters { file } => println!("wrote {0}; use it with --adapter {0}", file.display()),
        Outcome::Stopped => {}
    }
}

/// What a folder holds, and where to look at what is made for it.
fn found(count: Count, out: &Path) -> String {
    let made = match words::made(count) {
        Some(made) => format!(
            "; {made}: look at them in {}, and put better ones beside the pictures",
            out.join("extracted").display()
        ),
        None => String::new(),
    };
    format!("{}{made}", words::counted(count))
}

fn show(bar: &ProgressBar, progress: Progress) {
    let Progress {
        stage,
        stages,
        part,
        step,
        steps,
        terms,
        validation,
        measured,
        troubles,
        ..
    } = progress;
    let validated = validation.map(|loss| format!("step {step}: loss {loss:.4} on pictures that are not trained on"));
    let lines = validated.into_iter().chain(measured).chain(troubles);
    let stage = format!("stage {} of {stages}, {part:?}", stage + 1);
    let terms: Vec<_> = terms.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
    let terms = terms.join("  ");
    if std::io::stderr().is_terminal() {
        if bar.prefix() != stage {
            bar.set_length(steps as u64);
            bar.reset();
        }
        bar.set_prefix(stage);
        bar.set_position(step as u64);
        bar.set_message(terms);
        lines.for_each(|line| bar.println(line));
        return;
    }
    if step.is_multiple_of(LOGGED) || step == steps {
        println!("{stage}: {step}/{steps}  {terms}");
    }
    lines.for_each(|line| println!("{line}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learning_rate_learns() {
        assert_eq!(parse_rate("5e-4"), Ok(5e-4));
        for text in ["-1", "0", "nan", "inf", "much"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }
}
