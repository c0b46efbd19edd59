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

    /// Rows of table 1 in Sharma, Wu and Dalal that reach every branch.
    #[test]
    fn the_published_pairs_have_their_differences_both_ways() {
        let rows = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
            ([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373),
            ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for (one, other, expected) in rows {
            let [one, other] = [one, other].map(|[l, a, b]| Lab::new(l, a, b));
            for found in [difference(one, other), difference(other, one)] {
                assert!((found - expected).abs() < 1e-3, "{one:?} {other:?}: {found}");
            }
        }
    }

    #[test]
    fn srgb_primaries_are_where_they_belong() {
        let red = lab(Rgb([255, 0, 0]));
        assert!((red.l - 53.24).abs() < 0.02 && (red.a - 80.09).abs() < 0.02 && (red.b - 67.20).abs() < 0.02);
        assert_eq!(difference(red, red), 0.0);
    }

    #[test]
    fn white_has_full_lightness_and_no_hue() {
        let white = lab(Rgb([255; 3]));
        assert!((white.l - 100.0).abs() < 0.01 && white.a.abs() < 0.01 && white.b.abs() < 0.01);
    }
}
