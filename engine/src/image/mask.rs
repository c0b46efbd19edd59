//! Masks: one channel, 1 where the figure is. Painted ones are bytes; what the networks get is f32, never rounded to bytes.

use ::image::imageops::{self, FilterType};
use ::image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage};
use burn::tensor::{Device, Tensor};

use super::placement::Placement;
use super::planes;
use super::resample::{Alignment, bicubic, shrink};
use crate::model::vae::LATENT_FACTOR;

/// A mask in [0, 1] (a little outside after bicubic resampling).
pub type Mask = ImageBuffer<Luma<f32>, Vec<f32>>;

/// 0..=255 to [0, 1].
pub fn from_bytes(mask: &GrayImage) -> Mask {
    filled(
        mask.width(),
        mask.height(),
        mask.as_raw().iter().map(|sample| unit(*sample)).collect(),
    )
}

/// The mask at another picture's size (Catmull-Rom, antialiased); the same where the sizes agree.
pub fn fit(mask: &GrayImage, [width, height]: [u32; 2]) -> GrayImage {
    match mask.dimensions() {
        same if same == (width, height) => mask.clone(),
        (0, _) | (_, 0) => GrayImage::new(width, height),
        _ => imageops::resize(mask, width, height, FilterType::CatmullRom),
    }
}

/// A sketch's mask on the canvas of its sketch: the same part of it, 0 outside. Any size of mask fits.
pub fn place(mask: &GrayImage, placement: Placement, canvas: [u32; 2]) -> Mask {
    let mut values = bicubic(mask, [placement.width, placement.height], Alignment::HalfPixel, unit);
    values.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    filled(canvas[0], canvas[1], placement.paste(&values, 1, canvas, 0.0))
}

/// The maximum over a square of `2 radius + 1` pixels a side: a mask that is sure to cover its figure. The release's is 11 x 11.
pub fn dilate(mask: &Mask, radius: usize) -> Mask {
    let width = (mask.width() as usize).max(1);
    let across: Vec<f32> = mask
        .as_raw()
        .chunks_exact(width)
        .flat_map(|row| spread(row, 1, radius))
        .collect();
    filled(mask.width(), mask.height(), spread(&across, width, radius))
}

/// The maximum over every value's neighbours up to `radius` strides before and behind it.
fn spread(values: &[f32], stride: usize, radius: usize) -> Vec<f32> {
    let mut widest = values.to_vec();
    for shift in (1..=radius)
        .map(|steps| steps * stride)
        .take_while(|shift| *shift < values.len())
    {
        for (value, before) in widest[shift..].iter_mut().zip(values) {
            *value = value.max(*before);
        }
        for (value, behind) in widest.iter_mut().zip(&values[shift..]) {
            *value = value.max(*behind);
        }
    }
    widest
}

/// The reference with its figure painted white: where the mask, of the same size, is `threshold` or more (spec/model.md,
/// section 13). Outside a smaller mask nothing is figure.
pub fn whiten(reference: &RgbImage, mask: &Mask, threshold: f32) -> RgbImage {
    let mut background = reference.clone();
    for (x, y, pixel) in background.enumerate_pixels_mut() {
        if mask.get_pixel_checked(x, y).is_some_and(|value| value.0[0] >= threshold) {
            *pixel = Rgb([255; 3]);
        }
    }
    background
}

/// A mask at full size, `[1, 1, height, width]`.
pub fn to_tensor(mask: &Mask, device: &Device) -> Tensor<4> {
    planes(mask.as_raw(), mask.dimensions(), 1, device)
}

/// A canvas mask at the latent's size, `[1, 1, height / 8, width / 8]`: plain bicubic, overshoot left in (spec/model.md,
/// section 3). Made on the host, so that no device decides otherwise on which side of the threshold a pixel lies.
pub fn to_latent(mask: &Mask, device: &Device) -> Tensor<4> {
    let (width, height) = mask.dimensions();
    let values = shrink(mask.as_raw(), [width as usize, height as usize], LATENT_FACTOR);
    let factor = LATENT_FACTOR as u32;
    planes(&values, (width / factor, height / factor), 1, device)
}

fn unit(sample: u8) -> f32 {
    f32::from(sample) / 255.0
}

fn filled(width: u32, height: u32, values: Vec<f32>) -> Mask {
    Mask::from_vec(width, height, values).expect("one value a pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_fitted_to_its_picture() {
        assert_eq!(
            fit(&GrayImage::from_pixel(1, 1, Luma([200])), [3, 2]),
            GrayImage::from_pixel(3, 2, Luma([200]))
        );
        assert_eq!(fit(&GrayImage::new(0, 0), [3, 2]), GrayImage::new(3, 2));
        let same = GrayImage::from_raw(2, 1, vec![7, 250]).unwrap();
        assert_eq!(fit(&same, [2, 1]), same);
    }

    #[test]
    fn a_placed_mask_lies_where_its_sketch_lies() {
        let placement = Placement {
            left: 2,
            top: 0,
            width: 4,
            height: 2,
        };
        let placed = place(&GrayImage::from_pixel(1, 1, Luma([255])), placement, [8, 2]);
        assert_eq!(placed.as_raw()[..8], [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn dilation_spreads_to_a_square() {
        let mut mask = filled(9, 7, vec![0.0; 63]);
        mask.put_pixel(1, 3, Luma([0.75]));
        let wide = dilate(&mask, 2);
        for (x, y, value) in wide.enumerate_pixels() {
            let near = x <= 3 && (1..=5).contains(&y);
            assert_eq!(value.0[0], if near { 0.75 } else { 0.0 }, "{x} {y}");
        }
        assert_eq!(dilate(&filled(0, 0, Vec::new()), 5).dimensions(), (0, 0));
    }

    #[test]
    fn the_threshold_itself_is_figure() {
        let reference = RgbImage::from_pixel(3, 1, Rgb([1, 2, 3]));
        let background = whiten(&reference, &filled(3, 1, vec![0.49, 0.5, 0.51]), 0.5);
        assert_eq!(background.into_raw(), [1, 2, 3, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn latent_masks_keep_their_overshoot() {
        let edge = Mask::from_fn(24, 8, |x, _| Luma([if x < 13 { 1.0 } else { 0.0 }]));
        let latent = to_latent(&edge, &Device::flex());
        assert_eq!(latent.dims(), [1, 1, 1, 3]);
        let values: Vec<f32> = latent.try_into_vec_as::<f32>().unwrap();
        // Taps 10..=13 of the second output: 1, 1, 1, 0.
        for (value, expected) in values.iter().zip([1.0, 1.0 + 3.0 / 32.0, 0.0]) {
            assert!((value - expected).abs() < 1e-6, "{values:?}");
        }
    }
}
