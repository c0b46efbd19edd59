//! Colours as the eye tells them apart: CIELAB under D65, and the CIEDE2000 difference.

use ::image::{Rgb, RgbImage};
use palette::color_difference::Ciede2000;
use palette::white_point::D65;
use palette::{IntoColor, Srgb};

/// L* 0..=100, a* and b* about -128..=127.
pub type Lab = palette::Lab<D65, f32>;

/// An sRGB pixel in CIELAB.
pub fn lab(Rgb(pixel): Rgb<u8>) -> Lab {
    Srgb::from(pixel).into_format::<f32>().into_color()
}

/// Every pixel of a picture, row by row.
pub fn lab_pixels(picture: &RgbImage) -> Vec<Lab> {
    picture.pixels().map(|pixel| lab(*pixel)).collect()
}

/// CIEDE2000 (Sharma, Wu and Dalal, 2005): about 1 is just seen, above 10 are colours with other names.
pub fn difference(one: Lab, other: Lab) -> f32 {
    one.difference(other)
}

/// Mean of each coordinate; None of no colours.
pub fn mean(colors: impl IntoIterator<Item = Lab>) -> Option<Lab> {
    let mut count = 0_u32;
    let sum = colors.into_iter().fold(Lab::new(0.0, 0.0, 0.0), |sum, color| {
        count += 1;
        sum + color
    });
    (count > 0).then(|| sum / count as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_the_published_table_has_its_difference() {
        // Sharma, Wu and Dalal, table 1, pairs 1 and 25.
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ];
        for ([l, a, b], [m, c, d], expected) in pairs {
            assert!((difference(Lab::new(l, a, b), Lab::new(m, c, d)) - expected).abs() < 1e-3);
        }
    }

    #[test]
    fn white_has_full_lightness_and_no_hue() {
        let white = lab(Rgb([255; 3]));
        assert!((white.l - 100.0).abs() < 0.01 && white.a.abs() < 0.01 && white.b.abs() < 0.01);
    }
}
