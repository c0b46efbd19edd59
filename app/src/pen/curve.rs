//! From the pressure that a device tells to that which brushes get.

use serde::{Deserialize, Serialize};

/// The least way between the lightest and the full touch.
const LEAST: f32 = 0.05;

/// How hard a hand presses. One curve for all brushes; each brush has its own beyond.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PressureCurve {
    /// The device's pressure up to which nothing is felt, 0..=0.9.
    pub lightest: f32,
    /// The device's pressure that counts as full, 0.1..=1.
    pub full: f32,
    /// -1 (a light hand still paints thinly) to 1 (a light hand soon paints fully); 0 is even.
    pub softness: f32,
}

impl Default for PressureCurve {
    fn default() -> Self {
        Self {
            lightest: 0.0,
            full: 1.0,
            softness: 0.0,
        }
    }
}

impl PressureCurve {
    /// Every value brought into its range.
    pub fn clamped(self) -> Self {
        let number = |value: f32, low, high, otherwise| if value.is_nan() { otherwise } else { value.clamp(low, high) };
        let lightest = number(self.lightest, 0.0, 0.9, 0.0);
        Self {
            lightest,
            full: number(self.full, 0.1, 1.0, 1.0).max(lightest + LEAST),
            softness: number(self.softness, -1.0, 1.0, 0.0),
        }
    }

    /// 0..=1 to 0..=1: the way between both ends, to the power of 4^-softness.
    pub fn apply(self, pressure: f32) -> f32 {
        let Self {
            lightest,
            full,
            softness,
        } = self.clamped();
        let share = ((pressure - lightest) / (full - lightest)).clamp(0.0, 1.0);
        share.powf(4.0f32.powf(-softness))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_even_unless_it_is_bent_and_keeps_its_ends() {
        let even = PressureCurve::default();
        assert!(
            [0.0, 0.3, 1.0]
                .into_iter()
                .all(|value| (even.apply(value) - value).abs() < 1e-6)
        );
        let soft = PressureCurve { softness: 1.0, ..even };
        let firm = PressureCurve { softness: -1.0, ..even };
        assert!(soft.apply(0.2) > 0.6 && firm.apply(0.6) < 0.2);
        assert!(
            [soft, firm]
                .iter()
                .all(|curve| curve.apply(0.0) == 0.0 && curve.apply(1.0) == 1.0)
        );
        let short = PressureCurve {
            lightest: 0.2,
            full: 0.6,
            softness: 0.0,
        };
        assert_eq!([0.1, 0.2, 0.6, 0.9].map(|value| short.apply(value)), [0.0, 0.0, 1.0, 1.0]);
        assert!((short.apply(0.4) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn broken_values_are_mended() {
        let broken = PressureCurve {
            lightest: 0.9,
            full: 0.0,
            softness: f32::NAN,
        };
        assert_eq!(broken.apply(0.5), 0.0);
        assert_eq!(broken.apply(1.0), 1.0);
        assert!(broken.clamped().full > broken.clamped().lightest);
    }
}
