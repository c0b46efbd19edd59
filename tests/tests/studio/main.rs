//! What a person does at the desk, driven by real widgets.

mod cells;
mod clipboard;
mod gradient;
mod keys;
mod palettes;
mod training;
