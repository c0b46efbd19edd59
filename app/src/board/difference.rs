//! How far two pictures are apart, as a picture.

use image::{Rgb, RgbImage};

/// The difference of each channel, `gain` times; black is the same. Of the size that both have in common.
pub fn difference(one: &RgbImage, two: &RgbImage, gain: f32) -> RgbImage {
    let (width, height) = (one.width().min(two.width()), one.height().min(two.height()));
    RgbImage::from_fn(width, height, |x, y| {
        let (Rgb(one), Rgb(two)) = (one.get_pixel(x, y), two.get_pixel(x, y));
        Rgb([0, 1, 2].map(|channel| (f32::from(one[channel].abs_diff(two[channel])) * gain).round() as u8))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_multiplied_and_what_does_not_is_black() {
        let one = RgbImage::from_pixel(4, 2, Rgb([10, 200, 30]));
        let two = RgbImage::from_pixel(3, 5, Rgb([14, 100, 30]));
        let made = difference(&one, &two, 4.0);
        assert_eq!((made.dimensions(), made.get_pixel(2, 1).0), ((3, 2), [16, 255, 0]));
    }
}
