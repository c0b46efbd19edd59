//! Pictures made smaller in their proportions.

use std::borrow::Cow;

use image::{ImageBuffer, Pixel, imageops};

/// The size of a picture that is shrunk in its proportions until its longer side has `most` pixels: rounded down, at least 1 a side. A size that fits stays.
pub fn within((width, height): (u32, u32), most: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= most {
        return (width, height);
    }
    let side = |length: u32| ((u64::from(length) * u64::from(most) / u64::from(longer)) as u32).max(1);
    (side(width), side(height))
}

/// A picture [`within`] `most` pixels: as it is, or each pixel the mean of those that it stands for.
pub fn shrunk<P: Pixel<Subpixel = u8> + 'static>(
    picture: &ImageBuffer<P, Vec<u8>>,
    most: u32,
) -> Cow<'_, ImageBuffer<P, Vec<u8>>> {
    let size = within(picture.dimensions(), most);
    match size == picture.dimensions() {
        true => Cow::Borrowed(picture),
        false => Cow::Owned(imageops::thumbnail(picture, size.0, size.1)),
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn the_longer_side_is_the_bound_and_the_other_follows() {
        assert_eq!(within((640, 480), 640), (640, 480));
        assert_eq!(within((1000, 700), 256), (256, 179), "179.2 is rounded down");
        assert_eq!(within((3, 9000), 256), (1, 256));
        let widest = (u32::MAX, u32::MAX / 2);
        assert_eq!(within(widest, 16_384), (16_384, 8191), "no product is too large");
        assert_eq!(within((0, 0), 256), (0, 0));
    }

    #[test]
    fn what_fits_is_not_copied_and_the_rest_is_a_mean() {
        let picture = GrayImage::from_fn(8, 4, |x, _| Luma([if x < 4 { 10 } else { 200 }]));
        assert!(matches!(shrunk(&picture, 8), Cow::Borrowed(_)));
        assert_eq!(shrunk(&picture, 2).as_raw(), &[10, 200]);
    }
}
