//! `shiage train`: a model from nothing, or on from where a run was broken off.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use engine::device;
use engine::training::{Outcome, Progress, TrainingConfig, TrainingError, train};
use indicatif::{ProgressBar, ProgressStyle};

use super::BadInput;

/// Steps between the lines of a log that no terminal shows.
const LOGGED: usize = 20;

/// A run that finds a checkpoint in its folder goes on from there.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What is trained, on what and for how long: a RON file such as assets/training/tiny.ron.
    #[arg(long, value_name = "RON")]
    config: PathBuf,
    /// Where checkpoints, sample sheets, the losses' curve and the finished model go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let (config, model) = TrainingConfig::open(&arguments.config).map_err(|error| BadInput(error.to_string()))?;
    let opened = device::open(choice)?;
    println!("training on {}", opened.info.name);
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(
        "{prefix} {bar:24} {pos}/{len} {per_sec} {eta} left in this stage  {msg}",
    )?);
    let outcome = train(&config, &model, &opened.device, &arguments.out, &mut |progress| {
        show(&bar, progress);
        ControlFlow::Continue(())
    })
    .map_err(|error| match error {
        TrainingError::Config { .. } | TrainingError::Checkpoint { .. } => anyhow::Error::new(BadInput(error.to_string())),
        error => error.into(),
    })?;
    bar.finish_and_clear();
    if let Outcome::Finished { weights, config } = outcome {
        println!("wrote {} and {}", weights.display(), config.display());
    }
    Ok(())
}

fn show(bar: &ProgressBar, progress: Progress) {
    let Progress {
        stage,
        stages,
        part,
        step,
        steps,
        terms,
        note,
    } = progress;
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
