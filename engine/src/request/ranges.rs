//! The ranges of settings, both ends included: what the engine checks, and what the command line and the window offer. All other numbers are shares, 0..=1.

use std::ops::RangeInclusive;

use super::{AdapterFile, InjectionSettings, Prompt, Settings};
use crate::model::vae::GRAIN;

impl Settings {
    pub const STEPS: RangeInclusive<u32> = 1..=100;
    pub const REFERENCE_GUIDANCE: RangeInclusive<f32> = 1.0..=15.0;
    pub const SKETCH_GUIDANCE: RangeInclusive<f32> = 1.0..=5.0;
    pub const SKETCH_STRENGTH: RangeInclusive<f32> = 0.0..=3.0;
    /// As a multiple of the reference's own width.
    pub const REFERENCE_PADDING: RangeInclusive<f32> = 1.0..=2.0;
    pub const START_STRENGTH: RangeInclusive<f32> = 0.02..=1.0;
    /// Of a side of the picture that the network makes, in pixels. Only multiples of [`GRAIN`] will do.
    pub const SIDE: RangeInclusive<u32> = GRAIN..=4096;

    /// Whether the network can make pictures with a side of so many pixels.
    pub fn allows_side(side: u32) -> bool {
        side.is_multiple_of(GRAIN) && Self::SIDE.contains(&side)
    }
}

impl AdapterFile {
    pub const STRENGTH: RangeInclusive<f32> = 0.0..=2.0;
}

impl InjectionSettings {
    pub const SKETCH_FIDELITY: RangeInclusive<f32> = 0.0..=2.0;
}

impl Prompt {
    pub const SCALE: RangeInclusive<f32> = 0.0..=15.0;
}
