//! Shiage's program: the window and the command line, as a library so that tests can drive them.

pub mod brush;
pub mod command;
pub mod document;
pub mod gallery;
pub mod generate;
pub mod samples;
pub mod tool;
