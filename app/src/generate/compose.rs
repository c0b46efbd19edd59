//! The artist's lines over the model's colour.

use engine::request::{Settings, SketchPreprocess};
use image::{Rgb, RgbImage};

use crate::document::{Blend, compose};

/// What stands around pictures, and where one is left out: neutral grey, or colours are misjudged.
pub const SURROUND: Rgb<u8> = Rgb([0x3A, 0x3D, 0x42]);

/// Multiplies the sketch over the colour, pixel by pixel, as the studio's canvas shows it. Both have the same size.
pub fn multiply_lines(color: &RgbImage, sketch: &RgbImage, preprocess: SketchPreprocess) -> RgbImage {
    let mut picture = color.clone();
    for (pixel, line) in picture.pixels_mut().zip(sketch.pixels()) {
        let Rgb([red, green, blue]) = dark(*line, preprocess);
        let [r, g, b] = pixel.0;
        let [r, g, b, _] = compose([r, g, b, 255], [red, green, blue, 255], 1.0, Blend::Multiply, false);
        pixel.0 = [r, g, b];
    }
    picture
}

/// A drawing and the settings that it is coloured with, as a document has them: its lines dark on white, and told as such.
pub fn of_document(sketch: &RgbImage, settings: &Settings) -> (RgbImage, Settings) {
    let mut lines = sketch.clone();
    lines
        .pixels_mut()
        .for_each(|pixel| *pixel = dark(*pixel, settings.sketch_preprocess));
    let settings = Settings {
        sketch_preprocess: match settings.sketch_preprocess {
            SketchPreprocess::None => SketchPreprocess::Invert,
            dark => dark,
        },
        ..settings.clone()
    };
    (lines, settings)
}

fn dark(line: Rgb<u8>, preprocess: SketchPreprocess) -> Rgb<u8> {
    match preprocess {
        SketchPreprocess::Invert | SketchPreprocess::LineArt => line,
        SketchPreprocess::None => Rgb(line.0.map(|sample| 255 - sample)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_paper_keeps_the_colour_and_ink_covers_it() {
        let color = RgbImage::from_pixel(3, 1, Rgb([200, 100, 50]));
        let mut sketch = RgbImage::from_pixel(3, 1, Rgb([255, 255, 255]));
        sketch.put_pixel(1, 0, Rgb([0, 0, 0]));
        sketch.put_pixel(2, 0, Rgb([128, 128, 128]));
        let picture = multiply_lines(&color, &sketch, SketchPreprocess::Invert);
        assert_eq!(picture.get_pixel(0, 0).0, [200, 100, 50]);
        assert_eq!(picture.get_pixel(1, 0).0, [0, 0, 0]);
        assert_eq!(picture.get_pixel(2, 0).0, [100, 50, 25]);
        let light = multiply_lines(&color, &sketch, SketchPreprocess::None);
        assert_eq!(light.get_pixel(1, 0).0, [200, 100, 50]);
        let settings = Settings {
            sketch_preprocess: SketchPreprocess::None,
            ..Settings::default()
        };
        let (dark, settings) = of_document(&sketch, &settings);
        assert_eq!(multiply_lines(&color, &dark, settings.sketch_preprocess), light);
        assert_eq!(of_document(&dark, &settings), (dark.clone(), settings.clone()));
    }
}
