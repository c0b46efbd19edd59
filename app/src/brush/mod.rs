//! The brush: pointer samples in, dabs out, and what a dab covers. Pure geometry and coverage; it knows no layer.

mod curve;
mod dab;
mod disc;
mod presets;
mod settings;
mod stabilizer;
mod stroke;
mod wide;

pub use curve::Curve;
pub use dab::{BLOCK, Dab, Print, STEPS, rounded};
pub use presets::{Preset, PresetIcon, presets};
pub use settings::{BrushMode, BrushSettings, MAX_SCATTER, MAX_SIZE, MIN_ROUNDNESS, MIN_SIZE};
pub use stroke::{PointerSample, Stroke};
pub use wide::widest;
