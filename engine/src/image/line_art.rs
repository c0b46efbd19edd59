//! Clean lines from a drawing on paper that is not white: "line-art standard" of the release (spec/model.md, section 3).

use ::image::RgbImage;

/// Of the blur that stands for the paper, in pixels.
const DEVIATION: f32 = 6.0;
/// Taps on either side: four deviations.
const RADIUS: usize = 24;
/// How much darker than the paper a line must be, 0..=255, to count in the lines' usual strength.
const FAINT: f32 = 8.0;
/// The least strength that lines are taken to have, so that the grain of an empty sheet stays faint.
const LEAST: f32 = 16.0;

/// Light lines on black: how much darker each pixel is than its surroundings in the channel where it is least so, scaled so that lines of the
/// usual strength come to half of the range.
pub fn line_art(sketch: &RgbImage) -> RgbImage {
    let (width, height) = (sketch.width() as usize, sketch.height() as usize);
    let mut lines = vec![f32::INFINITY; width * height];
    for channel in 0..3 {
        let plane: Vec<f32> = sketch.pixels().map(|pixel| f32::from(pixel.0[channel])).collect();
        let paper = blur(&plane, width, height);
        for (line, (paper, sample)) in lines.iter_mut().zip(paper.iter().zip(&plane)) {
            *line = line.min(paper - sample).clamp(0.0, 255.0);
        }
    }
    let mut strong: Vec<f32> = lines.iter().copied().filter(|line| *line > FAINT).collect();
    let scale = 127.0 / median(&mut strong).unwrap_or_default().max(LEAST);
    let mut drawn = RgbImage::new(sketch.width(), sketch.height());
    for (pixel, line) in drawn.pixels_mut().zip(lines) {
        pixel.0 = [(line * scale).min(255.0) as u8; 3];
    }
    drawn
}

/// The middle value, of an even number the mean of the two.
fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let half = values.len() / 2;
    let upper = *values.get(half)?;
    Some(match values.len() % 2 {
        0 => (values[half - 1] + upper) / 2.0,
        _ => upper,
    })
}

/// A Gaussian blur of a plane, mirrored at its borders.
fn blur(plane: &[f32], width: usize, height: usize) -> Vec<f32> {
    let weights: Vec<f32> = (0..=2 * RADIUS)
        .map(|tap| {
            let x = tap as f32 - RADIUS as f32;
            (-x * x / (2.0 * DEVIATION * DEVIATION)).exp()
        })
        .collect();
    let sum: f32 = weights.iter().sum();
    let mut rows = vec![0.0; plane.len()];
    for (row, output) in plane.chunks_exact(width.max(1)).zip(rows.chunks_exact_mut(width.max(1))) {
        for (x, value) in output.iter_mut().enumerate() {
            let taps = weights.iter().enumerate();
            *value = taps.map(|(tap, weight)| weight * row[mirrored(x + tap, width)]).sum::<f32>() / sum;
        }
    }
    let mut blurred = vec![0.0; plane.len()];
    for (y, output) in blurred.chunks_exact_mut(width.max(1)).enumerate() {
        for (tap, weight) in weights.iter().enumerate() {
            let at = mirrored(y + tap, height) * width;
            for (value, sample) in output.iter_mut().zip(&rows[at..at + width]) {
                *value += weight / sum * sample;
            }
        }
    }
    blurred
}

/// The place of a tap, counted from `RADIUS` before the first pixel; beyond a border the picture goes on backwards without repeating the pixel
/// there.
fn mirrored(place: usize, length: usize) -> usize {
    if length < 2 {
        return 0;
    }
    let period = 2 * (length - 1);
    let at = (place + period * RADIUS - RADIUS) % period;
    at.min(period - at)
}

#[cfg(test)]
mod tests {
    use ::image::Rgb;

    use super::*;

    /// A line of four pixels on paper that darkens from left to right.
    fn scan() -> RgbImage {
        RgbImage::from_fn(120, 40, |x, y| {
            let paper = 230 - x as u8 / 2;
            Rgb([if (18..20).contains(&y) { paper - 90 } else { paper }; 3])
        })
    }

    #[test]
    fn lines_are_light_and_even_on_black_paper() {
        let lines = line_art(&scan());
        assert_eq!(lines.get_pixel(60, 2).0, [0; 3]);
        let along: Vec<u8> = (0..120).map(|x| lines.get_pixel(x, 18).0[0]).collect();
        let (least, most) = (along.iter().min().unwrap(), along.iter().max().unwrap());
        assert!(*least > 120 && most - least < 12, "{along:?}");
    }

    #[test]
    fn an_empty_sheet_is_black_and_any_size_is_drawn() {
        for size in [(1, 1), (2, 3), (200, 1)] {
            let sheet = RgbImage::from_pixel(size.0, size.1, Rgb([200; 3]));
            assert!(line_art(&sheet).iter().all(|sample| *sample == 0), "{size:?}");
        }
    }

    #[test]
    fn borders_are_mirrors_without_their_edge() {
        let places: Vec<usize> = (RADIUS - 3..RADIUS + 8).map(|place| mirrored(place, 5)).collect();
        assert_eq!(places, [3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1]);
        assert!((0..200).all(|place| mirrored(place, 2) < 2));
    }
}
