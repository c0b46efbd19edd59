//! Pixels to tensors and back: ranges, resizing, placing, masks, files.
//!
//! All of it runs on the host, in f32, so that every device is given the same numbers. Pictures become tensors `[1, 3, H, W]` in
//! [-1, 1] by `(u8 / 255 - 0.5) / 0.5`.

mod file;
pub mod lab;
mod line_art;
pub mod mask;
pub mod palette;
mod placement;
pub(crate) mod resample;

pub use file::{from_bytes, mask_from_bytes, open, open_mask, open_rgba};
pub use placement::{Placement, crop_to_sketch, pad_margin, place_picture, place_sketch};

use std::borrow::Cow;

use ::image::{ImageBuffer, Pixel, RgbImage};
use burn::tensor::{Device, Tensor, TensorData, TensorReadError};
use picture::shrunk;

use resample::{Alignment, bicubic};

/// What OpenCLIP subtracts from, and divides, the channels of a picture in [0, 1] by.
const CLIP_MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const CLIP_STD: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];

/// Longest side at which lines are cleaned and masks are widened, the longest side of a canvas. At 16384 pixels a side, which files may have, line art
/// would take 5.4 GB and a mask's widening 4.3 GB.
pub const LONGEST: u32 = 4096;

/// A picture at most [`LONGEST`] a side: as it is, or each pixel the mean of those that it stands for.
pub fn bounded<P: Pixel<Subpixel = u8> + 'static>(picture: &ImageBuffer<P, Vec<u8>>) -> Cow<'_, ImageBuffer<P, Vec<u8>>> {
    shrunk(picture, LONGEST)
}

/// A picture as the networks want it: `[1, 3, H, W]` in [-1, 1].
pub fn to_tensor(picture: &RgbImage, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = picture.as_raw().iter().map(|sample| signed(*sample)).collect();
    planes(&values, picture.dimensions(), 3, device)
}

/// Decoded pictures `[B, 3, H, W]`: clamped to [-1, 1], then `(x + 1) * 127.5`, truncated as the release does. What is no number is black.
///
/// # Errors
/// When the device that holds the tensor fails while it is read.
pub fn to_pictures(tensor: Tensor<4>) -> Result<Vec<RgbImage>, TensorReadError> {
    Ok(Decoded::read(tensor)?.pictures())
}

/// [`to_pictures`] of numbers only: none where one is not finite.
///
/// # Errors
/// When the device that holds the tensor fails while it is read.
pub fn to_sound_pictures(tensor: Tensor<4>) -> Result<Option<Vec<RgbImage>>, TensorReadError> {
    let decoded = Decoded::read(tensor)?;
    let sound = decoded.samples.iter().all(|sample| sample.is_finite());
    Ok(sound.then(|| decoded.pictures()))
}

/// What a decoder has made, row by row.
struct Decoded {
    /// Width, height.
    size: [usize; 2],
    samples: Vec<f32>,
}

impl Decoded {
    fn read(tensor: Tensor<4>) -> Result<Self, TensorReadError> {
        let [_, _, height, width] = tensor.dims();
        Ok(Self {
            size: [width, height],
            samples: tensor.swap_dims(1, 2).swap_dims(2, 3).try_into_vec_as()?,
        })
    }

    fn pictures(&self) -> Vec<RgbImage> {
        let [width, height] = self.size;
        let byte = |sample: &f32| ((sample.clamp(-1.0, 1.0) + 1.0) * 127.5) as u8;
        let pictures = self.samples.chunks_exact((width * height * 3).max(1));
        pictures
            .map(|samples| {
                let bytes = samples.iter().map(byte).collect();
                RgbImage::from_raw(width as u32, height as u32, bytes).expect("three bytes a pixel")
            })
            .collect()
    }
}

/// The image tower's input, `[1, 3, size, size]`: squashed to a square whatever the picture's proportions, by antialiased bicubic
/// with the release's "align corners", then to [0, 1] and normalised per channel. Neither clamped nor cropped (spec/model.md,
/// section 5).
pub fn clip_input(picture: &RgbImage, size: usize, device: &Device) -> Tensor<4> {
    let side = size as u32;
    let mut values = bicubic(picture, [side, side], Alignment::Corners, signed);
    for pixel in values.chunks_exact_mut(3) {
        for channel in 0..3 {
            pixel[channel] = ((pixel[channel] + 1.0) / 2.0 - CLIP_MEAN[channel]) / CLIP_STD[channel];
        }
    }
    planes(&values, (side, side), 3, device)
}

/// 0..=255 to [-1, 1].
fn signed(sample: u8) -> f32 {
    (f32::from(sample) / 255.0 - 0.5) / 0.5
}

/// Interleaved rows to a tensor `[1, channels, height, width]`.
fn planes(values: &[f32], (width, height): (u32, u32), channels: usize, device: &Device) -> Tensor<4> {
    let planar: Vec<f32> = (0..channels)
        .flat_map(|channel| values.iter().skip(channel).step_by(channels).copied())
        .collect();
    Tensor::from_data(
        TensorData::new(planar, [1, channels, height as usize, width as usize]),
        device,
    )
}

#[cfg(test)]
mod tests {
    use ::image::Rgb;

    use super::*;

    #[test]
    fn only_what_is_longer_than_any_canvas_is_made_smaller() {
        let small = RgbImage::new(LONGEST, 3);
        assert!(matches!(bounded(&small), Cow::Borrowed(_)));
        let long = RgbImage::from_pixel(4 * LONGEST, 40, Rgb([9, 8, 7]));
        assert_eq!(*bounded(&long), RgbImage::from_pixel(LONGEST, 10, Rgb([9, 8, 7])));
        assert_eq!(bounded(&RgbImage::new(4 * LONGEST, 1)).dimensions(), (LONGEST, 1));
    }

    #[test]
    fn a_picture_becomes_planes_in_minus_one_to_one() {
        let picture = RgbImage::from_raw(2, 1, vec![0, 51, 255, 255, 102, 0]).unwrap();
        let tensor = to_tensor(&picture, &Device::flex());
        assert_eq!(tensor.dims(), [1, 3, 1, 2]);
        let values: Vec<f32> = tensor.try_into_vec_as::<f32>().unwrap();
        for (value, expected) in values.iter().zip([-1.0, 1.0, -0.6, -0.2, 1.0, -1.0]) {
            assert!((value - expected).abs() < 1e-6, "{values:?}");
        }
    }

    #[test]
    fn pictures_are_clamped_and_truncated() {
        let data = TensorData::new(vec![-3.0_f32, 0.0, 1.0, 7.0, f32::NAN, -0.999], [2, 3, 1, 1]);
        let decoded = Tensor::from_data(data, &Device::flex());
        assert!(to_sound_pictures(decoded.clone()).unwrap().is_none());
        assert_eq!(to_sound_pictures(decoded.clone().narrow(0, 0, 1)).unwrap().unwrap().len(), 1);
        let pictures = to_pictures(decoded).unwrap();
        assert_eq!(pictures[0].get_pixel(0, 0), &Rgb([0, 127, 255]));
        assert_eq!(pictures[1].get_pixel(0, 0), &Rgb([255, 0, 0]));
    }

    #[test]
    fn every_byte_comes_back_within_one() {
        let picture = RgbImage::from_fn(16, 16, |x, y| Rgb([(x + 16 * y) as u8; 3]));
        let back = &to_pictures(to_tensor(&picture, &Device::flex())).unwrap()[0];
        assert!(
            picture
                .iter()
                .zip(back.iter())
                .all(|(before, after)| before.abs_diff(*after) <= 1)
        );
    }

    #[test]
    fn clip_normalises_each_channel() {
        let white = RgbImage::from_pixel(30, 10, Rgb([255; 3]));
        let input = clip_input(&white, 8, &Device::flex());
        assert_eq!(input.dims(), [1, 3, 8, 8]);
        let values: Vec<f32> = input.try_into_vec_as::<f32>().unwrap();
        for (channel, expected) in [1.930_336, 2.074_885, 2.145_897].into_iter().enumerate() {
            assert!(
                values[channel * 64..][..64]
                    .iter()
                    .all(|value| (value - expected).abs() < 1e-5),
                "{channel}"
            );
        }
    }
}
