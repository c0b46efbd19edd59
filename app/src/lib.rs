//! Shiage's program: the window and the command line, as a library so that tests can drive them.

pub mod app;
pub mod board;
pub mod brush;
pub mod canvas;
pub mod cli;
pub mod command;
pub mod document;
pub mod files;
pub mod gallery;
pub mod generate;
pub mod models;
mod natural;
pub mod palette;
pub mod pen;
pub mod region;
pub mod samples;
pub mod session;
pub mod tool;
pub mod training;
pub mod typeface;
pub mod ui;
pub mod window;

pub use window::{BoardFiles, WindowOptions, run_window};

/// How long a test waits for what another thread does: longer than the slowest machine takes.
#[cfg(test)]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(180);
