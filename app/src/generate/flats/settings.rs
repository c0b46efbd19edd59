//! How a take is cut into flats, as a person chose it.

use serde::{Deserialize, Serialize};

/// How a take is cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlatSettings {
    pub layers: FlatLayers,
    /// Widest gap in the lines that does not join two parts, 0 to [`Self::WIDEST`]: in pixels of a canvas whose longer side has 1024.
    pub gap: f32,
    /// CIEDE2000 below which colours are the same, 0 to [`Self::FARTHEST`].
    pub apart: f32,
    /// Figure and background, by the sketch mask, share neither colours nor layers.
    pub sides: bool,
    pub colors: FlatColors,
}

/// What gets a layer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlatLayers {
    All,
    Color,
    Region,
}

impl FlatLayers {
    pub const ALL: [Self; 3] = [Self::All, Self::Color, Self::Region];

    /// What a person chooses by.
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "One layer",
            Self::Color => "One layer per colour",
            Self::Region => "One layer per region",
        }
    }

    /// What the command line calls it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::All => "one",
            Self::Color => "color",
            Self::Region => "region",
        }
    }
}

/// Which colours flats have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlatColors {
    /// What the take has most of in each part, the same in parts that are alike.
    Take,
    /// The palette's where one of them is the same; else the take's.
    Near,
    /// The nearest of the palette.
    Palette,
}

impl FlatColors {
    pub const ALL: [Self; 3] = [Self::Take, Self::Near, Self::Palette];

    /// What a person chooses by.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Take => "The take's own",
            Self::Near => "The palette's, where they are close",
            Self::Palette => "The palette's alone",
        }
    }
}

impl Default for FlatSettings {
    fn default() -> Self {
        Self {
            layers: FlatLayers::Color,
            gap: 4.0,
            apart: 7.0,
            sides: true,
            colors: FlatColors::Take,
        }
    }
}

impl FlatSettings {
    pub const WIDEST: f32 = 32.0;
    pub const FARTHEST: f32 = 30.0;

    /// The gap in pixels of a canvas of `size` `[width, height]`.
    pub fn gap_on(self, size: [u32; 2]) -> u32 {
        pixels(self.gap, size)
    }

    /// The widest gap in pixels of such a canvas.
    pub fn widest_on(size: [u32; 2]) -> u32 {
        pixels(Self::WIDEST, size)
    }

    /// Sets the gap in pixels of such a canvas.
    pub fn set_gap_on(&mut self, size: [u32; 2], pixels: u32) {
        self.gap = pixels as f32 / scale(size);
    }

    /// Within its bounds: one that is kept in a file may be outside.
    pub fn clamped(self) -> Self {
        let usual = Self::default();
        Self {
            gap: bounded(self.gap, Self::WIDEST, usual.gap),
            apart: bounded(self.apart, Self::FARTHEST, usual.apart),
            ..self
        }
    }
}

fn bounded(value: f32, most: f32, usual: f32) -> f32 {
    if value.is_finite() { value.clamp(0.0, most) } else { usual }
}

fn pixels(gap: f32, size: [u32; 2]) -> u32 {
    (gap * scale(size)).round() as u32
}

/// How large a canvas is beside the one that gaps are measured on.
fn scale([width, height]: [u32; 2]) -> f32 {
    width.max(height) as f32 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_grows_with_the_canvas_and_is_what_was_set() {
        let mut settings = FlatSettings::default();
        let gaps = [[1024, 600], [600, 2048], [16384, 16384], [256, 256], [90, 40]].map(|size| settings.gap_on(size));
        assert_eq!(gaps, [4, 8, 64, 1, 0]);
        for size in [[1000, 707], [3508, 2480], [16384, 9]] {
            for gap in 0..=FlatSettings::widest_on(size) {
                settings.set_gap_on(size, gap);
                assert_eq!(settings.gap_on(size), gap, "{size:?}");
            }
        }
    }

    #[test]
    fn what_a_file_holds_is_brought_within_its_bounds() {
        let odd = FlatSettings {
            gap: f32::NAN,
            apart: 900.0,
            ..FlatSettings::default()
        };
        let clamped = odd.clamped();
        assert_eq!((clamped.gap, clamped.apart), (4.0, FlatSettings::FARTHEST));
        let read: FlatSettings = ron::from_str("(apart: 3.0)").unwrap();
        assert_eq!((read.apart, read.layers, read.sides), (3.0, FlatLayers::Color, true));
    }
}
