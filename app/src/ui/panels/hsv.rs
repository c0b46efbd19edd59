//! Hue, saturation and value: how a person turns one colour into another.

/// All three in 0..=1; hue 0 is red, a third is green.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hsv {
    pub hue: f32,
    pub saturation: f32,
    pub value: f32,
}

impl From<[u8; 3]> for Hsv {
    fn from(rgb: [u8; 3]) -> Self {
        let [r, g, b] = rgb.map(|channel| f32::from(channel) / 255.0);
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        let chroma = most - least;
        let sixth = match chroma {
            0.0 => 0.0,
            _ if most == r => ((g - b) / chroma).rem_euclid(6.0),
            _ if most == g => (b - r) / chroma + 2.0,
            _ => (r - g) / chroma + 4.0,
        };
        Self {
            hue: sixth / 6.0,
            saturation: if most > 0.0 { chroma / most } else { 0.0 },
            value: most,
        }
    }
}

impl From<Hsv> for [u8; 3] {
    fn from(hsv: Hsv) -> Self {
        let channel = |offset: f32| {
            let k = (offset + hsv.hue * 6.0).rem_euclid(6.0);
            let share = hsv.value * (1.0 - hsv.saturation * k.min(4.0 - k).clamp(0.0, 1.0));
            (share * 255.0).round().clamp(0.0, 255.0) as u8
        };
        [channel(5.0), channel(3.0), channel(1.0)]
    }
}

impl Hsv {
    /// The same colour, but with what grey and black do not tell taken from `before`, so that a handle does not jump.
    pub fn keeping(self, before: Self) -> Self {
        let grey = self.saturation == 0.0 || self.value == 0.0;
        Self {
            hue: if grey { before.hue } else { self.hue },
            saturation: if self.value == 0.0 {
                before.saturation
            } else {
                self.saturation
            },
            value: self.value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_comes_back() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let rgb = [r, g, b];
                    assert_eq!(<[u8; 3]>::from(Hsv::from(rgb)), rgb);
                }
            }
        }
    }

    #[test]
    fn known_colours_have_known_hues() {
        let hue = |rgb: [u8; 3]| (Hsv::from(rgb).hue * 360.0).round();
        assert_eq!(
            [[255, 0, 0], [255, 255, 0], [0, 255, 255], [255, 0, 255]].map(hue),
            [0.0, 60.0, 180.0, 300.0]
        );
        let grey = Hsv::from([128, 128, 128]);
        assert_eq!((grey.hue, grey.saturation), (0.0, 0.0));
    }

    #[test]
    fn grey_and_black_keep_what_they_do_not_tell() {
        let before = Hsv::from([20, 200, 90]);
        assert_eq!(Hsv::from([90; 3]).keeping(before).hue, before.hue);
        let black = Hsv::from([0; 3]).keeping(before);
        assert_eq!(
            (black.hue, black.saturation, black.value),
            (before.hue, before.saturation, 0.0)
        );
        assert_eq!(Hsv::from([9, 0, 0]).keeping(before).hue, 0.0);
    }
}
