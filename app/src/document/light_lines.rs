//! Drawings in light lines on a dark ground, turned into dark lines on a light one: a sketch layer multiplies, so that only its dark parts show.

use image::RgbaImage;

/// Below it a ground is dark, and above its counterpart a line is light; 0..=255.
const DARK: u32 = 80;
/// Mean distance between the largest and the smallest channel up to which a picture is a drawing and not a painting, 0..=255.
const GREY: u64 = 24;
/// Alpha below which a pixel is not seen.
const SEEN: u8 = 16;

/// Inverts the colours if most of the picture is a dark ground, or if it is light lines on nothing; whether it did. A picture in colours is left
/// alone.
pub fn darken_light_lines(picture: &mut RgbaImage) -> bool {
    let seen = || picture.pixels().map(|pixel| pixel.0).filter(|pixel| pixel[3] >= SEEN);
    let count = seen().count() as u64;
    let chroma: u64 = seen().map(|[r, g, b, _]| u64::from(r.max(g).max(b) - r.min(g).min(b))).sum();
    if count == 0 || chroma > GREY * count {
        return false;
    }
    let brightness = |[r, g, b, _]: [u8; 4]| (u32::from(r) + u32::from(g) + u32::from(b)) / 3;
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    let light = if 2 * count < pixels {
        // On nothing: what is seen are the lines.
        2 * seen().filter(|pixel| brightness(*pixel) > 255 - DARK).count() as u64 > count
    } else {
        2 * seen().filter(|pixel| brightness(*pixel) < DARK).count() as u64 > count
    };
    if light {
        for pixel in picture.pixels_mut() {
            let [r, g, b, alpha] = pixel.0;
            pixel.0 = [255 - r, 255 - g, 255 - b, alpha];
        }
    }
    light
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    fn drawing(ground: [u8; 4], line: [u8; 4]) -> RgbaImage {
        RgbaImage::from_fn(20, 20, |x, _| Rgba(if x % 10 == 0 { line } else { ground }))
    }

    #[test]
    fn light_lines_become_dark_ones() {
        for ground in [[0, 0, 0, 255], [30, 32, 28, 255], [255, 255, 255, 0]] {
            let mut picture = drawing(ground, [250, 250, 250, 255]);
            assert!(darken_light_lines(&mut picture), "{ground:?}");
            assert_eq!(picture.get_pixel(0, 0).0, [5, 5, 5, 255]);
            assert!(!darken_light_lines(&mut picture), "it is dark on light now: {ground:?}");
        }
    }

    #[test]
    fn dark_lines_and_paintings_stay_as_they_are() {
        for (ground, line) in [
            ([255, 255, 255, 255], [0, 0, 0, 255]),
            ([0, 0, 0, 0], [20, 20, 20, 255]),
            ([10, 10, 90, 255], [240, 200, 40, 255]),
            ([0, 0, 0, 0], [0, 0, 0, 0]),
        ] {
            let mut picture = drawing(ground, line);
            assert!(!darken_light_lines(&mut picture), "{ground:?}");
            assert_eq!(picture, drawing(ground, line));
        }
    }
}
