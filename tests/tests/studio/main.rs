//! What a person does at the desk, driven by real widgets.

mod cells;
mod clipboard;
mod devices;
mod files;
mod gradient;
mod hands;
mod keys;
mod models;
mod palettes;
mod pen;
mod seeds;
mod training;
mod undo;
mod words;
