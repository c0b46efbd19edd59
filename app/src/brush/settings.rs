//! What a brush is set to.

use serde::{Deserialize, Serialize};

/// Diameter of the smallest brush in canvas pixels.
pub const MIN_SIZE: f32 = 1.0;
/// Diameter of the largest brush in canvas pixels.
pub const MAX_SIZE: f32 = 1000.0;

/// A round brush.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrushSettings {
    /// Diameter in canvas pixels, `MIN_SIZE..=MAX_SIZE`.
    pub size: f32,
    /// Share of the radius that is fully covered, 0 (soft) to 1 (sharp edge).
    pub hardness: f32,
    /// 0..=1. One stroke never covers more than this, however often it crosses itself.
    pub opacity: f32,
    /// How much of that a single dab brings, 0.01..=1: below 1 a slow stroke builds it up.
    pub flow: f32,
    /// Distance between dabs as a share of the diameter, 0.01..=1.
    pub spacing: f32,
    /// How far the brush lags behind the hand, 0 (off) to 1.
    pub stabilizer: f32,
    pub pressure_size: bool,
    pub pressure_opacity: bool,
}

impl Default for BrushSettings {
    fn default() -> Self {
        Self {
            size: 40.0,
            hardness: 0.9,
            opacity: 1.0,
            flow: 1.0,
            spacing: 0.08,
            stabilizer: 0.0,
            pressure_size: false,
            pressure_opacity: false,
        }
    }
}

impl BrushSettings {
    /// Every value brought into its range; a number that is none becomes the default's.
    pub fn clamped(self) -> Self {
        let default = Self::default();
        let within =
            |value: f32, low: f32, high: f32, fallback: f32| if value.is_nan() { fallback } else { value.clamp(low, high) };
        Self {
            size: within(self.size, MIN_SIZE, MAX_SIZE, default.size),
            hardness: within(self.hardness, 0.0, 1.0, default.hardness),
            opacity: within(self.opacity, 0.0, 1.0, default.opacity),
            flow: within(self.flow, 0.01, 1.0, default.flow),
            spacing: within(self.spacing, 0.01, 1.0, default.spacing),
            stabilizer: within(self.stabilizer, 0.0, 1.0, default.stabilizer),
            ..self
        }
    }

    /// One step larger: a tenth, and at least a pixel.
    pub fn grow(&mut self) {
        self.size = (self.size + (self.size * 0.1).max(1.0)).round().clamp(MIN_SIZE, MAX_SIZE);
    }

    /// One step smaller: what [`Self::grow`] came from, about.
    pub fn shrink(&mut self) {
        self.size = (self.size - (self.size / 11.0).max(1.0)).round().clamp(MIN_SIZE, MAX_SIZE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_step_and_stay_in_range() {
        let mut brush = BrushSettings {
            size: 1.0,
            ..Default::default()
        };
        let sizes: Vec<f32> = (0..13)
            .map(|_| {
                brush.grow();
                brush.size
            })
            .collect();
        assert_eq!(sizes, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0]);
        brush.size = 950.0;
        brush.grow();
        assert_eq!(brush.size, 1000.0);
        brush.shrink();
        assert_eq!(brush.size, 909.0);
        brush.size = 1.0;
        brush.shrink();
        assert_eq!(brush.size, 1.0);
    }

    #[test]
    fn broken_values_are_mended() {
        let brush = BrushSettings {
            size: 1e9,
            hardness: f32::NAN,
            spacing: 0.0,
            ..Default::default()
        }
        .clamped();
        assert_eq!((brush.size, brush.hardness, brush.spacing), (1000.0, 0.9, 0.01));
    }
}
