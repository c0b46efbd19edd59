//! What the command line and the window say of a training run, and what the window remembers of one. Knows no window.

pub mod record;
pub mod words;
