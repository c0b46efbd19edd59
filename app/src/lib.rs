//! Shiage's program: the window and the command line, as a library so that tests can drive them.
//!
//! From the ground up; none names one that stands below it here (a test of the house holds them to that).
//!
//! | module | what is in it |
//! |---|---|
//! | [`document`] | canvas, reference side, layers and masks in tiles, history, and its file |
//! | [`brush`] | pointer samples in, dabs out, and what a dab covers |
//! | [`command`] | the one list of what a person can do |
//! | [`files`] | reading, writing and asking for files, away from the thread that draws |
//! | [`palette`], [`models`] | named colours in files; the folder of models |
//! | [`samples`], [`typeface`], `natural` | the scenes and the fonts that ship inside the program; names in the order in which people count |
//! | [`training`] | what is said of a training run, and what is remembered of one |
//! | [`region`] | regions of a picture, as the tools use them |
//! | [`pen`] | pressure and tilt, which the window's library does not tell of |
//! | [`canvas`] | a pane that shows layers of tiles at any zoom |
//! | [`tool`] | small state machines that turn the pointer's way into changes of the document |
//! | [`generate`] | from a document or from files to a request, and from a take to its recipe and its flats |
//! | [`board`] | the swap board: sketches, references, and a take for each pair |
//! | [`gallery`] | the takes of a project: what their files tell, what reviewers decide about them, and what is made of both |
//! | [`session`] | what is open, and what commands do to it |
//! | [`ui`] | what a person sees and touches |
//! | [`app`], [`window`] | the window at work, and how the system opens it |
//! | [`cli`] | the command line: one file a subcommand |

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
