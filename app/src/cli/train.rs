//! `shiage train`: a model from nothing, or adapters for a person's own pictures; on from where a run was broken off.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::device;
use engine::request::ModelRef;
use engine::training::config::Part;
use engine::training::folder::Count;
use engine::training::{Outcome, Progress, TrainingConfig, TrainingError, Tuning, train, tune};
use engine::weights::WeightsError;
use indicatif::{ProgressBar, ProgressStyle};

use super::BadInput;

/// Steps between the lines of a log that no terminal shows.
const LOGGED: usize = 20;

/// A run that finds a checkpoint in its folder goes on from there.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A model from nothing: what is trained, on what and for how long; a RON file such as assets/training/tiny.ron.
    #[arg(long, value_name = "RON", required_unless_present = "data", conflicts_with = "data")]
    config: Option<PathBuf>,
    /// Adapters for your own pictures: a folder with color/ and, if there are any, sketch/ and mask/ of the same names, pictures or zip archives;
    /// or coloured pictures alone. Sketches are extracted and masks proposed where they are missing.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where checkpoints, sample sheets, the losses' curve and what was trained go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    tuning: TuningArguments,
}

/// How a run on a person's own pictures goes.
#[derive(Debug, Args)]
struct TuningArguments {
    /// The checkpoint (.safetensors) to go out from [default: the model in the program].
    #[arg(long, value_name = "FILE", requires = "data")]
    base: Option<PathBuf>,
    /// The OpenCLIP image tower (.safetensors), where the checkpoint has none.
    #[arg(long, value_name = "FILE", requires = "base")]
    clip: Option<PathBuf>,
    /// What is trained.
    #[arg(long, value_enum, default_value = "foreground", requires = "data")]
    stage: Stage,
    /// Steps of the run.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..), requires = "data")]
    steps: u32,
    /// Pictures a step.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1024), requires = "data")]
    batch: u32,
    /// Side of the cuts that are learned from, a multiple of 64 [default: the model's own].
    #[arg(long, value_name = "PIXELS", requires = "data")]
    size: Option<u32>,
    /// At the beginning; it falls to a tenth [default: 5e-4 for adapters, 1e-5 for base].
    #[arg(long, value_name = "RATE", requires = "data")]
    learning_rate: Option<f64>,
    /// Share of the pictures that are measured on and not trained on, 0 to 0.9; at least one is.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = super::settings::in_range(0.0, 0.9), requires = "data")]
    validation: f32,
    /// The same seed and pictures give the same adapters.
    #[arg(long, default_value_t = 1, requires = "data")]
    seed: u64,
    /// Steps between checkpoints.
    #[arg(long, value_name = "STEPS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..), requires = "data")]
    checkpoint_every: u32,
    /// Steps between sample sheets and measurements on the pictures that are not trained on.
    #[arg(long, value_name = "STEPS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..), requires = "data")]
    sheet_every: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stage {
    /// The figure's adapters: a file of a few MB for --adapter.
    Foreground,
    /// The background's adapters: likewise.
    Background,
    /// UNet, sketch encoder and image tower: a whole model for --model.
    Base,
}

impl TuningArguments {
    fn tuning(&self, data: PathBuf, kind: device::Kind) -> Tuning {
        let (part, usual) = match self.stage {
            Stage::Foreground => (Part::Foreground, 5e-4),
            Stage::Background => (Part::Background, 5e-4),
            Stage::Base => (Part::Base, 1e-5),
        };
        Tuning {
            data,
            base: match &self.base {
                Some(checkpoint) => ModelRef::Files {
                    checkpoint: checkpoint.clone(),
                    clip: self.clip.clone(),
                    vae: None,
                },
                None => ModelRef::Embedded,
            },
            part,
            steps: self.steps as usize,
            batch: self.batch as usize,
            size: self.size,
            learning_rate: self.learning_rate.unwrap_or(usual),
            validation: f64::from(self.validation),
            seed: self.seed,
            // On a CPU two halves of a batch keep two cores busy.
            shards: if kind == device::Kind::Cpu { 2 } else { 1 },
            checkpoint_every: self.checkpoint_every as usize,
            sheet_every: self.sheet_every as usize,
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
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(
        "{prefix} {bar:24} {pos}/{len} {per_sec} {eta} left in this stage  {msg}",
    )?);
    let mut progress = |progress| {
        show(&bar, progress);
        ControlFlow::Continue(())
    };
    let (device, out) = (&opened.device, &arguments.out);
    let outcome = match (config, arguments.data) {
        (Some((config, model)), _) => train(&config, &model, device, out, &mut progress),
        (None, Some(data)) => {
            let tuning = arguments.tuning.tuning(data, opened.info.kind);
            tune(
                &tuning,
                device,
                out,
                &mut |count| println!("{}", found(count, out)),
                &mut progress,
            )
        }
        (None, None) => unreachable!("clap asks for one of the two"),
    };
    let outcome = outcome.map_err(|error| match error {
        TrainingError::Config { .. }
        | TrainingError::Checkpoint { .. }
        | TrainingError::Data { .. }
        | TrainingError::Weights(WeightsError::Open { .. }) => anyhow::Error::new(BadInput(error.to_string())),
        error => error.into(),
    })?;
    bar.finish_and_clear();
    match outcome {
        Outcome::Finished { weights, config } => println!("wrote {} and {}", weights.display(), config.display()),
        Outcome::Adapters { file } => println!("wrote {0}; use it with --adapter {0}", file.display()),
        Outcome::Stopped => {}
    }
    Ok(())
}

/// What a folder holds, and where to look at what was made for it.
fn found(count: Count, out: &Path) -> String {
    let Count {
        trained,
        held_out,
        without_sketch,
        without_mask,
    } = count;
    let made = match (without_sketch, without_mask) {
        (0, 0) => String::new(),
        (sketches, masks) => format!(
            "; {sketches} sketches are extracted and {masks} masks proposed: look at them in {}, and put better ones beside the pictures",
            out.join("extracted").display()
        ),
    };
    format!("{trained} pictures to train on, {held_out} to measure on{made}")
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
        note,
    } = progress;
    let measured = validation.map(|loss| format!("step {step}: loss {loss:.4} on pictures that are not trained on"));
    let note = [measured, note].into_iter().flatten().reduce(|a, b| format!("{a}\n{b}"));
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
        if let Some(note) = note {
            bar.println(note);
        }
        return;
    }
    if step.is_multiple_of(LOGGED) || step == steps {
        println!("{stage}: {step}/{steps}  {terms}");
    }
    if let Some(note) = note {
        println!("{note}");
    }
}
