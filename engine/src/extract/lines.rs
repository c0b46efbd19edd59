//! Line art from a coloured picture: extended differences of Gaussians (Winnemöller, Kyprianidis and Olsen, "XDoG", Computers & Graphics 2012).

use image::imageops::blur;
use image::{GrayImage, ImageBuffer, Luma, RgbImage};

/// Deviations of the inner Gaussian for a picture whose shorter side is [`REFERENCE_SIDE`], in pixels: half the widths of fine and of bold lines.
const DEVIATIONS: [f32; 2] = [0.8, 1.3];
const REFERENCE_SIDE: f32 = 512.0;
/// The outer Gaussian's deviation over the inner one's: a difference of Gaussians then comes nearest to a Laplacian (Marr and Hildreth, 1980).
const RATIO: f32 = 1.6;
/// How much darker than its surroundings ink must be, of a channel's range.
const FAINT: f32 = 0.025;
/// How soon what is darker yet is wholly ink. (Both Gaussians weigh the same, so that flat tones stay paper however dark they are.)
const STEEP: f32 = 30.0;

/// Dark lines on white, of the picture's size: what is darker than its surroundings in any channel.
pub fn lines(picture: &RgbImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let mut drawn = GrayImage::from_pixel(width, height, Luma([255]));
    if width == 0 || height == 0 {
        return drawn;
    }
    let scale = (width.min(height) as f32 / REFERENCE_SIDE).max(1.0);
    for channel in 0..3 {
        let plane: ImageBuffer<Luma<f32>, Vec<f32>> = ImageBuffer::from_fn(width, height, |x, y| {
            Luma([f32::from(picture.get_pixel(x, y)[channel]) / 255.0])
        });
        for deviation in DEVIATIONS {
            let (inner, outer) = (blur(&plane, deviation * scale), blur(&plane, deviation * scale * RATIO));
            for ((drawn, inner), outer) in drawn.pixels_mut().zip(inner.pixels()).zip(outer.pixels()) {
                let depth = outer[0] - inner[0] - FAINT;
                let paper = 1.0 - (STEEP * depth.max(0.0)).tanh();
                drawn.0[0] = drawn.0[0].min((paper * 255.0) as u8);
            }
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_line_becomes_ink_and_flat_tones_paper_light_or_dark() {
        for tone in [[230, 200, 180], [60, 30, 90]] {
            let picture = RgbImage::from_fn(96, 96, |x, _| Rgb(if (46..49).contains(&x) { [8, 8, 8] } else { tone }));
            let drawn = lines(&picture);
            assert!(
                drawn.get_pixel(47, 50)[0] < 120,
                "{tone:?}: line {}",
                drawn.get_pixel(47, 50)[0]
            );
            assert!(drawn.get_pixel(20, 50)[0] > 250 && drawn.get_pixel(80, 50)[0] > 250);
        }
    }
}
