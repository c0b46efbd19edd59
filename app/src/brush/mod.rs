//! The brush: pointer samples in, dabs out. Pure geometry and coverage; it knows no layer.

mod dab;
mod presets;
mod settings;
mod stabilizer;
mod stroke;

pub use dab::Dab;
pub use presets::{Preset, presets};
pub use settings::{BrushSettings, MAX_SIZE, MIN_SIZE};
pub use stroke::{PointerSample, Stroke};
