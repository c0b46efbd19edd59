//! The artist's lines over the model's colour.

use engine::request::SketchPolarity;
use image::RgbImage;

/// Multiplies the sketch over the colour, pixel by pixel, as the studio's canvas shows it. Both have the same size.
pub fn multiply_lines(color: &RgbImage, sketch: &RgbImage, polarity: SketchPolarity) -> RgbImage {
    let mut picture = color.clone();
    for (pixel, line) in picture.pixels_mut().zip(sketch.pixels()) {
        for (channel, line) in pixel.0.iter_mut().zip(line.0) {
            let line = match polarity {
                SketchPolarity::DarkLines => line,
                SketchPolarity::LightLines => 255 - line,
            };
            *channel = ((u16::from(*channel) * u16::from(line) + 127) / 255) as u8;
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn white_paper_keeps_the_colour_and_ink_covers_it() {
        let color = RgbImage::from_pixel(3, 1, Rgb([200, 100, 50]));
        let mut sketch = RgbImage::from_pixel(3, 1, Rgb([255, 255, 255]));
        sketch.put_pixel(1, 0, Rgb([0, 0, 0]));
        sketch.put_pixel(2, 0, Rgb([128, 128, 128]));
        let picture = multiply_lines(&color, &sketch, SketchPolarity::DarkLines);
        assert_eq!(picture.get_pixel(0, 0).0, [200, 100, 50]);
        assert_eq!(picture.get_pixel(1, 0).0, [0, 0, 0]);
        assert_eq!(picture.get_pixel(2, 0).0, [100, 50, 25]);
        let inverted = multiply_lines(&color, &sketch, SketchPolarity::LightLines);
        assert_eq!(inverted.get_pixel(1, 0).0, [200, 100, 50]);
    }
}
