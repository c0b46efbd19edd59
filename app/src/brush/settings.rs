//! What a brush is set to.

use serde::{Deserialize, Serialize};

use super::Curve;

/// Diameter of the smallest brush in canvas pixels.
pub const MIN_SIZE: f32 = 1.0;
/// Diameter of the largest brush in canvas pixels.
pub const MAX_SIZE: f32 = 1000.0;

/// Flattest brush: the shorter axis as a share of the longer one.
pub const MIN_ROUNDNESS: f32 = 0.05;
/// Farthest that dabs are scattered, in diameters.
pub const MAX_SCATTER: f32 = 2.0;

/// What a stroke does with the layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BrushMode {
    /// Lays the colour.
    #[default]
    Paint,
    /// Drags along what lies under it.
    Smudge,
    /// Lays the colour, and at its end fills the shape that it went around.
    Fill,
}

/// A brush.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrushSettings {
    pub mode: BrushMode,
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
    /// How long a smudging brush carries a colour along, 0 (not at all) to 1 (to the end).
    pub smudge: f32,
    /// The shorter axis as a share of the longer one, `MIN_ROUNDNESS..=1`.
    pub roundness: f32,
    /// Degrees from the right to where the longer axis points, downwards, -90..=90.
    pub angle: f32,
    /// The angle counts from where the stroke goes, not from the right.
    pub follow: bool,
    /// How far beside the way dabs fall at most, in diameters, 0..=`MAX_SCATTER`.
    pub scatter: f32,
    /// Share of the size that dabs may lack, 0..=1.
    pub size_jitter: f32,
    /// How far dabs are turned at most, as a share of a quarter turn to either side, 0..=1.
    pub angle_jitter: f32,
    pub pressure_size: bool,
    pub pressure_opacity: bool,
    pub pressure_flow: bool,
    /// Share of the size by pressure, where that sets it; likewise the other two.
    pub size_curve: Curve,
    pub opacity_curve: Curve,
    pub flow_curve: Curve,
    /// How much larger a pen that lies flat makes the dabs, in diameters, 0..=1.
    pub tilt_size: f32,
    /// How much of the roundness a pen that lies flat takes away, 0..=1.
    pub tilt_roundness: f32,
    /// The longer axis points where the pen leans.
    pub tilt_angle: bool,
}

impl Default for BrushSettings {
    fn default() -> Self {
        Self {
            mode: BrushMode::Paint,
            size: 40.0,
            hardness: 0.9,
            opacity: 1.0,
            flow: 1.0,
            spacing: 0.08,
            stabilizer: 0.0,
            smudge: 0.8,
            roundness: 1.0,
            angle: 0.0,
            follow: false,
            scatter: 0.0,
            size_jitter: 0.0,
            angle_jitter: 0.0,
            pressure_size: false,
            pressure_opacity: false,
            pressure_flow: false,
            size_curve: Curve::default(),
            opacity_curve: Curve::default(),
            flow_curve: Curve::default(),
            tilt_size: 0.0,
            tilt_roundness: 0.0,
            tilt_angle: false,
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
            smudge: within(self.smudge, 0.0, 1.0, default.smudge),
            roundness: within(self.roundness, MIN_ROUNDNESS, 1.0, default.roundness),
            angle: within(self.angle, -90.0, 90.0, default.angle),
            scatter: within(self.scatter, 0.0, MAX_SCATTER, default.scatter),
            size_jitter: within(self.size_jitter, 0.0, 1.0, default.size_jitter),
            angle_jitter: within(self.angle_jitter, 0.0, 1.0, default.angle_jitter),
            tilt_size: within(self.tilt_size, 0.0, 1.0, default.tilt_size),
            tilt_roundness: within(self.tilt_roundness, 0.0, 1.0, default.tilt_roundness),
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
            roundness: -1.0,
            scatter: 9.0,
            angle: f32::INFINITY,
            ..Default::default()
        }
        .clamped();
        assert_eq!((brush.size, brush.hardness, brush.spacing), (1000.0, 0.9, 0.01));
        assert_eq!((brush.roundness, brush.scatter, brush.angle), (0.05, 2.0, 90.0));
    }

    #[test]
    fn files_of_earlier_programs_are_read() {
        let old = "(size: 12.0, hardness: 0.5, opacity: 0.8, flow: 1.0, spacing: 0.1, stabilizer: 0.3, pressure_size: true)";
        let brush: BrushSettings = ron::from_str(old).unwrap();
        let expected = BrushSettings {
            size: 12.0,
            hardness: 0.5,
            opacity: 0.8,
            spacing: 0.1,
            stabilizer: 0.3,
            pressure_size: true,
            ..Default::default()
        };
        assert_eq!(brush, expected);
        let text = ron::to_string(&brush).unwrap();
        assert_eq!(ron::from_str::<BrushSettings>(&text).unwrap(), brush);
    }
}
