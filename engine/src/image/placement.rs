//! Where a sketch lies on the canvas that the network sees, and the way back.

use std::borrow::Cow;

use ::image::imageops::{self, FilterType};
use ::image::{ImageBuffer, Pixel, RgbImage};
use burn::tensor::{Device, Tensor};

use super::line_art::line_art;
use super::resample::{Alignment, bicubic};
use super::{bounded, planes, signed};
use crate::request::SketchPreprocess;

/// The part of the canvas that the sketch fills, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

impl Placement {
    /// As large as the canvas allows in the sketch's own proportions, and centred; at least a pixel a side.
    pub fn new(sketch: [u32; 2], canvas: [u32; 2]) -> Self {
        let ratio = (f64::from(canvas[1]) / f64::from(sketch[1])).min(f64::from(canvas[0]) / f64::from(sketch[0]));
        let side = |axis: usize| ((f64::from(sketch[axis]) * ratio) as u32).clamp(1, canvas[axis].max(1));
        let (width, height) = (side(0), side(1));
        Self {
            left: canvas[0].saturating_sub(width) / 2,
            top: canvas[1].saturating_sub(height) / 2,
            width,
            height,
        }
    }

    /// `values`, rows of interleaved channels of this placement's size, on a canvas filled with `ground`.
    pub(super) fn paste(&self, values: &[f32], channels: usize, canvas: [u32; 2], ground: f32) -> Vec<f32> {
        let [width, height] = canvas.map(|side| side as usize);
        let mut output = vec![ground; width * height * channels];
        let stride = self.width as usize * channels;
        for (row, samples) in values.chunks_exact(stride).enumerate() {
            let at = ((self.top as usize + row) * width + self.left as usize) * channels;
            output[at..at + stride].copy_from_slice(samples);
        }
        output
    }
}

/// The sketch as the encoder wants it, `[1, 3, height, width]` of `canvas` (`[width, height]`): ink towards +1, paper and
/// everything outside the sketch -1 (spec/model.md, section 3). Bicubic overshoot is left in.
pub fn place_sketch(
    sketch: &RgbImage,
    preprocess: SketchPreprocess,
    placement: Placement,
    canvas: [u32; 2],
    device: &Device,
) -> Tensor<4> {
    let size = [placement.width, placement.height];
    let values = match preprocess {
        SketchPreprocess::Invert => bicubic(sketch, size, Alignment::HalfPixel, |sample| -signed(sample)),
        SketchPreprocess::None => bicubic(sketch, size, Alignment::HalfPixel, signed),
        SketchPreprocess::LineArt => bicubic(&line_art(&bounded(sketch)), size, Alignment::HalfPixel, signed),
    };
    planes(&placement.paste(&values, 3, canvas, -1.0), canvas.into(), 3, device)
}

/// A picture stretched to where the sketch lies on the canvas, white around it: `[1, 3, height, width]`, nominally in [-1, 1].
pub fn place_picture(picture: &RgbImage, placement: Placement, canvas: [u32; 2], device: &Device) -> Tensor<4> {
    let size = [placement.width, placement.height];
    let values = bicubic(picture, size, Alignment::HalfPixel, signed);
    planes(&placement.paste(&values, 3, canvas, 1.0), canvas.into(), 3, device)
}

/// A finished canvas cut to the sketch's part of it and brought to the sketch's own size (Catmull-Rom), so that it fits under the
/// artist's lines pixel by pixel.
pub fn crop_to_sketch(canvas: &RgbImage, placement: Placement, sketch: [u32; 2]) -> RgbImage {
    let Placement {
        left,
        top,
        width,
        height,
    } = placement;
    let cut = imageops::crop_imm(canvas, left, top, width, height).to_image();
    if sketch == [width, height] {
        cut
    } else {
        imageops::resize(&cut, sketch[0], sketch[1], FilterType::CatmullRom)
    }
}

/// The picture centred on `ground`, `int(width * factor)` wide and as high as it was; `factor` of 1 or less changes nothing.
pub fn pad_margin<P: Pixel<Subpixel = u8> + 'static>(
    picture: &ImageBuffer<P, Vec<u8>>,
    factor: f32,
    ground: P,
) -> Cow<'_, ImageBuffer<P, Vec<u8>>> {
    let (width, height) = picture.dimensions();
    let wide = widened(width, factor);
    if wide <= width {
        return Cow::Borrowed(picture);
    }
    let mut padded = ImageBuffer::from_pixel(wide, height, ground);
    imageops::replace(&mut padded, picture, i64::from((wide - width) / 2), 0);
    Cow::Owned(padded)
}

/// `int(width * factor)`, with the factor as it was written: 1.4 becomes a little less as an `f32`, and 500 pixels would become 699.
fn widened(width: u32, factor: f32) -> u32 {
    let written = factor.to_string().parse().unwrap_or(f64::from(factor));
    (f64::from(width) * written) as u32
}

#[cfg(test)]
mod tests {
    use ::image::{Luma, Rgb};

    use super::*;

    #[test]
    fn a_margin_is_as_wide_as_its_factor_was_written() {
        let wide = [1.3, 1.4, 1.5, 1.8, 1.9, 2.0].map(|factor| widened(500, factor));
        assert_eq!(wide, [650, 700, 750, 900, 950, 1000]);
    }

    #[test]
    fn a_sketch_is_centred_in_its_own_proportions() {
        assert_eq!(
            Placement::new([90, 150], [192, 128]),
            Placement {
                left: 58,
                top: 0,
                width: 76,
                height: 128
            }
        );
        assert_eq!(
            Placement::new([100, 60], [128, 128]),
            Placement {
                left: 0,
                top: 26,
                width: 128,
                height: 76
            }
        );
        assert_eq!(
            Placement::new([16384, 1], [256, 256]),
            Placement {
                left: 0,
                top: 127,
                width: 256,
                height: 1
            }
        );
        assert_eq!(
            Placement::new([0, 0], [64, 64]),
            Placement {
                left: 31,
                top: 31,
                width: 1,
                height: 1
            }
        );
    }

    #[test]
    fn ink_is_positive_and_the_outside_is_paper() {
        let black = RgbImage::new(4, 8);
        let placement = Placement::new([4, 8], [16, 8]);
        for (preprocess, inside) in [(SketchPreprocess::Invert, 1.0), (SketchPreprocess::None, -1.0)] {
            let tensor = place_sketch(&black, preprocess, placement, [16, 8], &Device::flex());
            assert_eq!(tensor.dims(), [1, 3, 8, 16]);
            assert_eq!(
                placement,
                Placement {
                    left: 6,
                    top: 0,
                    width: 4,
                    height: 8
                }
            );
            let values: Vec<f32> = tensor.try_into_vec_as::<f32>().unwrap();
            assert_eq!(values[..6], [-1.0; 6]);
            assert_eq!(values[6..10], [inside; 4]);
            assert_eq!(values[10..16], [-1.0; 6]);
        }
    }

    #[test]
    fn a_picture_to_start_from_lies_where_the_sketch_does() {
        let placement = Placement::new([4, 8], [16, 8]);
        let tensor = place_picture(&RgbImage::new(2, 2), placement, [16, 8], &Device::flex());
        let values = tensor.try_into_vec_as::<f32>().unwrap();
        let values: Vec<f32> = values.iter().map(|value| value.round()).collect();
        assert_eq!(
            (values[..6].to_vec(), values[6..10].to_vec(), values[10..16].to_vec()),
            (vec![1.0; 6], vec![-1.0; 4], vec![1.0; 6])
        );
    }

    #[test]
    fn a_canvas_is_cut_and_brought_to_the_sketchs_size() {
        let mut canvas = RgbImage::from_pixel(16, 8, Rgb([255; 3]));
        let placement = Placement {
            left: 6,
            top: 0,
            width: 4,
            height: 8,
        };
        (0..8).for_each(|y| (6..10).for_each(|x| canvas.put_pixel(x, y, Rgb([10, 20, 30]))));
        let large = crop_to_sketch(&canvas, placement, [40, 80]);
        assert_eq!(large, RgbImage::from_pixel(40, 80, Rgb([10, 20, 30])));
        for sketch in [[4, 8], [2, 4], [5, 8]] {
            assert_eq!(
                crop_to_sketch(&canvas, placement, sketch),
                RgbImage::from_pixel(sketch[0], sketch[1], Rgb([10, 20, 30]))
            );
        }
    }

    #[test]
    fn a_margin_is_white_and_centred() {
        let picture = RgbImage::new(3, 2);
        let padded = pad_margin(&picture, 1.7, Rgb([255; 3]));
        assert_eq!(padded.dimensions(), (5, 2));
        let row: Vec<u8> = padded.rows().next().unwrap().map(|pixel| pixel.0[0]).collect();
        assert_eq!(row, [255, 0, 0, 0, 255]);
        for factor in [0.5, 1.0, 1.3] {
            assert!(
                matches!(pad_margin(&picture, factor, Rgb([255; 3])), Cow::Borrowed(_)),
                "{factor}"
            );
        }
        let mask = ::image::GrayImage::from_pixel(2, 1, Luma([255]));
        assert_eq!(pad_margin(&mask, 2.0, Luma([0])).as_raw(), &[0, 255, 255, 0]);
    }
}
