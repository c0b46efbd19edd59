//! What a person does at the desk, driven by real widgets.

mod adjusting;
mod canvas;
mod cells;
mod clipboard;
mod devices;
mod exports;
mod files;
mod gradient;
mod hands;
mod keys;
mod models;
mod more;
mod palettes;
mod pen;
mod seeds;
mod training;
mod undo;
mod words;
