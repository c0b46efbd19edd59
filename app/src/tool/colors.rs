//! The two colours at hand, and those that were painted with lately.

/// How many colours are remembered.
const REMEMBERED: usize = 12;
/// What part of the way to black or white a step goes.
const STEPS: u8 = 10;

/// What tools paint with: sRGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colors {
    /// What the brush paints.
    pub brush: [u8; 3],
    /// The other one: it waits until the two are swapped.
    pub second: [u8; 3],
    recent: Vec<[u8; 3]>,
}

impl Default for Colors {
    fn default() -> Self {
        Self {
            brush: [0; 3],
            second: [255; 3],
            recent: Vec::new(),
        }
    }
}

impl Colors {
    pub fn swap(&mut self) {
        std::mem::swap(&mut self.brush, &mut self.second);
    }

    /// Black and white; what was painted with lately stays.
    pub fn reset(&mut self) {
        (self.brush, self.second) = ([0; 3], [255; 3]);
    }

    /// The brush's colour a step nearer to black.
    pub fn darken(&mut self) {
        self.brush = self.brush.map(|channel| channel - channel.div_ceil(STEPS));
    }

    /// The brush's colour a step nearer to white.
    pub fn lighten(&mut self) {
        self.brush = self.brush.map(|channel| channel + (255 - channel).div_ceil(STEPS));
    }

    /// A colour came onto the canvas.
    pub fn used(&mut self, color: [u8; 3]) {
        self.recent.retain(|other| *other != color);
        self.recent.insert(0, color);
        self.recent.truncate(REMEMBERED);
    }

    /// What was painted with before the program started, the latest first.
    pub fn remember(&mut self, recent: Vec<[u8; 3]>) {
        self.recent = recent;
        self.recent.truncate(REMEMBERED);
    }

    /// What was painted with lately, the latest first.
    pub fn recent(&self) -> &[[u8; 3]] {
        &self.recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_colour_is_remembered_once_and_the_oldest_is_forgotten() {
        let mut colors = Colors::default();
        for value in (0..20).chain([15]) {
            colors.used([value; 3]);
        }
        assert_eq!(colors.recent().len(), REMEMBERED);
        assert_eq!(colors.recent()[..3], [[15; 3], [19; 3], [18; 3]]);
        assert_eq!(colors.recent().iter().filter(|color| **color == [15; 3]).count(), 1);
    }

    #[test]
    fn steps_lead_to_black_and_white_and_keep_the_hue() {
        let mut colors = Colors {
            brush: [200, 100, 50],
            ..Colors::default()
        };
        colors.darken();
        assert_eq!(colors.brush, [180, 90, 45]);
        colors.lighten();
        assert_eq!(colors.brush, [188, 107, 66]);
        (0..200).for_each(|_| colors.darken());
        assert_eq!(colors.brush, [0; 3]);
        (0..200).for_each(|_| colors.lighten());
        assert_eq!(colors.brush, [255; 3]);
    }

    #[test]
    fn swapping_twice_changes_nothing() {
        let mut colors = Colors::default();
        colors.swap();
        assert_eq!((colors.brush, colors.second), ([255; 3], [0; 3]));
        colors.swap();
        assert_eq!(colors, Colors::default());
    }
}
