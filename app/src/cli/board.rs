//! `shiage board`: the window on a swap board.

use std::path::PathBuf;

use clap::Args;
use engine::device;

use super::BadInput;
use crate::generate::pictures;
use crate::{BoardFiles, WindowOptions};

/// Without files it opens the sample shot.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The rows: files, folders, or patterns in quotes such as 'shot/####.png'. Files of one folder stand in the order of their numbers. `NAME-mask.png` beside a
    /// sketch is its mask, and `NAME-color.png` and `NAME-color-2.png`, as `shiage colorize` writes them there, are no sketches.
    #[arg(long, value_name = "FILES|DIR", num_args = 1..)]
    sketches: Vec<PathBuf>,
    /// The columns: files, folders or patterns, in the order in which they are named. `NAME-mask.png` beside a reference is its mask; with `NAME-background.png` it is a pair of character and background.
    #[arg(long, value_name = "FILES|DIR", num_args = 1..)]
    references: Vec<PathBuf>,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let Arguments { sketches, references } = arguments;
    for paths in [&sketches, &references] {
        if !paths.is_empty() {
            pictures::list(paths, None).map_err(|error| BadInput(error.to_string()))?;
        }
    }
    crate::run_window(WindowOptions {
        board: Some(BoardFiles { sketches, references }),
        device: choice,
        ..WindowOptions::default()
    })
}
