//! The resampling kernels that the networks were trained behind (spec/model.md, section 4).

use ::image::{ImageBuffer, Pixel};

/// How outputs lie over inputs. Centres are at half pixels either way; only the scale differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// `inputs / outputs`.
    HalfPixel,
    /// `(inputs - 1) / (outputs - 1)`, what the release's CLIP preprocessing does under the name of "align corners".
    Corners,
}

/// Antialiased bicubic, a = -1/2 (Catmull-Rom), to `[width, height]`: rows of interleaved channels. `value` turns a sample
/// into a number. Overshoot is left in. A picture without pixels gives zeros.
pub fn bicubic<P: Pixel>(
    picture: &ImageBuffer<P, Vec<P::Subpixel>>,
    [width, height]: [u32; 2],
    alignment: Alignment,
    value: impl Fn(P::Subpixel) -> f32,
) -> Vec<f32> {
    let channels = usize::from(P::CHANNEL_COUNT);
    let columns = taps(picture.width(), width, alignment);
    let rows = taps(picture.height(), height, alignment);

    let mut narrow: Vec<f32> = Vec::with_capacity(picture.height() as usize * columns.len() * channels);
    let mut row: Vec<f32> = Vec::with_capacity(picture.width() as usize * channels);
    for samples in picture.as_raw().chunks_exact((picture.width() as usize * channels).max(1)) {
        row.clear();
        row.extend(samples.iter().map(|sample| value(*sample)));
        for column in &columns {
            for channel in 0..channels {
                let inputs = row[column.first * channels + channel..].iter().step_by(channels);
                narrow.push(inputs.zip(&column.weights).map(|(input, weight)| input * weight).sum());
            }
        }
    }

    let stride = columns.len() * channels;
    let mut output = vec![0.0; rows.len() * stride];
    for (row, sums) in rows.iter().zip(output.chunks_exact_mut(stride.max(1))) {
        for (inputs, weight) in narrow[row.first * stride..].chunks_exact(stride.max(1)).zip(&row.weights) {
            for (sum, input) in sums.iter_mut().zip(inputs) {
                *sum += input * weight;
            }
        }
    }
    output
}

/// Consecutive inputs, from `first` on, that make one output.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

fn taps(inputs: u32, outputs: u32, alignment: Alignment) -> Vec<Taps> {
    let scale = match alignment {
        Alignment::HalfPixel => f64::from(inputs) / f64::from(outputs),
        Alignment::Corners if outputs > 1 => (f64::from(inputs) - 1.0) / (f64::from(outputs) - 1.0),
        Alignment::Corners => 0.0,
    };
    let stretch = scale.max(1.0);
    (0..outputs)
        .map(|output| {
            let centre = scale * (f64::from(output) + 0.5);
            // A cast truncates, and takes a negative number to 0.
            let end = ((centre + 2.0 * stretch + 0.5) as u32).min(inputs);
            let first = ((centre - 2.0 * stretch + 0.5) as u32).min(end);
            let weights: Vec<f64> = (first..end)
                .map(|tap| cubic((f64::from(tap) - centre + 0.5) / stretch, -0.5))
                .collect();
            let sum: f64 = weights.iter().sum();
            Taps {
                first: first as usize,
                weights: weights.iter().map(|weight| (weight / sum) as f32).collect(),
            }
        })
        .collect()
}

/// Keys' cubic convolution kernel with parameter `a`.
fn cubic(x: f64, a: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        a * (((x - 5.0) * x + 8.0) * x - 4.0)
    } else {
        0.0
    }
}

/// Plain bicubic, a = -3/4, from `[width, height]` to another size: rows of its width. Not antialiased; overshoot is left in, and at the border the
/// outermost inputs repeat.
pub fn plain(values: &[f32], [width, height]: [usize; 2], size: [u32; 2]) -> Vec<f32> {
    let taps = |output: u32, outputs: u32, inputs: usize| {
        let centre = (f64::from(output) + 0.5) * inputs as f64 / f64::from(outputs) - 0.5;
        let first = centre.floor();
        (-1..=2).map(move |tap| {
            let at = first as i64 + tap;
            (
                at.clamp(0, inputs as i64 - 1) as usize,
                cubic(centre - at as f64, -0.75) as f32,
            )
        })
    };
    let columns: Vec<Vec<_>> = (0..size[0]).map(|x| taps(x, size[0], width).collect()).collect();
    let rows = (0..size[1]).map(|y| taps(y, size[1], height).collect::<Vec<_>>());
    let along = |row: &[f32], taps: &[(usize, f32)]| taps.iter().map(|(x, weight)| row[*x] * weight).sum::<f32>();
    let wide: Vec<Vec<f32>> = values
        .chunks_exact(width)
        .map(|row| columns.iter().map(|taps| along(row, taps)).collect())
        .collect();
    rows.flat_map(|taps| {
        let wide = &wide;
        (0..size[0] as usize).map(move |x| taps.iter().map(|(y, weight)| wide[*y][x] * weight).sum())
    })
    .collect()
}

/// Plain bicubic, a = -3/4, by exactly 1/`factor`, an even number: rows of `floor(width / factor)`. Not antialiased; overshoot
/// is left in. Every output lies in the middle between two inputs, so the taps are the same everywhere; at the border the
/// outermost inputs repeat.
pub fn shrink(values: &[f32], [width, height]: [usize; 2], factor: usize) -> Vec<f32> {
    const TAPS: [f32; 4] = [-3.0 / 32.0, 19.0 / 32.0, 19.0 / 32.0, -3.0 / 32.0];
    let inputs = |output: usize, length: usize| {
        let before = output * factor + factor / 2 - 1;
        [before.saturating_sub(1), before, before + 1, (before + 2).min(length - 1)]
            .into_iter()
            .zip(TAPS)
    };
    let mut output = Vec::with_capacity((width / factor) * (height / factor));
    for y in 0..height / factor {
        for x in 0..width / factor {
            let row = |y: usize| {
                inputs(x, width)
                    .map(|(x, weight)| values[y * width + x] * weight)
                    .sum::<f32>()
            };
            output.push(inputs(y, height).map(|(y, weight)| row(y) * weight).sum());
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use ::image::GrayImage;

    use super::*;

    fn line(samples: &[u8], outputs: u32, alignment: Alignment) -> Vec<f32> {
        let picture = GrayImage::from_raw(samples.len() as u32, 1, samples.to_vec()).unwrap();
        bicubic(&picture, [outputs, 1], alignment, f32::from)
    }

    #[test]
    fn plain_bicubic_halves_as_shrink_does_and_enlarges_evenly() {
        let values: Vec<f32> = (0..32).map(|at| ((at * 7) % 11) as f32).collect();
        assert_close(&plain(&values, [8, 4], [4, 2]), &shrink(&values, [8, 4], 2));
        assert_close(&plain(&[2.0; 4], [2, 2], [5, 3]), &[2.0; 15]);
        let rising = plain(&[0.0, 1.0], [2, 1], [4, 1]);
        assert!(rising.is_sorted() && (rising[0] + rising[3] - 1.0).abs() < 1e-6, "{rising:?}");
    }

    fn assert_close(actual: &[f32], expected: &[f32]) {
        assert_eq!(actual.len(), expected.len());
        assert!(
            actual.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4),
            "{actual:?} is not {expected:?}"
        );
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        for alignment in [Alignment::HalfPixel, Alignment::Corners] {
            assert_close(&line(&[3, 200, 17], 3, alignment), &[3.0, 200.0, 17.0]);
        }
    }

    #[test]
    fn doubling_weighs_four_neighbours() {
        // Quarter fractions of the kernel with a = -1/2: -9/128, 111/128, 29/128, -3/128; cut taps are made up for.
        let doubled = line(&[0, 0, 128, 0, 0], 10, Alignment::HalfPixel);
        assert_close(&doubled[3..7], &[29.0, 111.0, 111.0, 29.0]);
        assert_close(&doubled[7..9], &[-9.0 * 128.0 / 131.0, -3.0 * 128.0 / 137.0]);
    }

    #[test]
    fn halving_averages_over_eight() {
        // Taps at odd eighths of the kernel's width, times 1/2; the last taps of output 3 are cut.
        let halved = line(&[0, 0, 0, 0, 255, 0, 0, 0, 0, 0], 5, Alignment::HalfPixel);
        assert_close(&halved[2..3], &[255.0 * 111.0 / 256.0]);
        assert_close(&halved[3..], &[-255.0 * 9.0 / 259.0, 0.0]);
    }

    #[test]
    fn corners_change_the_scale_alone() {
        // Scale 3/2 instead of 4/3: the last centre lies at 3.75 of 4, not at 3.33.
        assert!(line(&[0, 0, 0, 255], 3, Alignment::Corners)[2] > line(&[0, 0, 0, 255], 3, Alignment::HalfPixel)[2]);
        assert_close(&line(&[7; 9], 4, Alignment::Corners), &[7.0; 4]);
        assert_close(&line(&[7; 9], 1, Alignment::Corners), &[7.0]);
    }

    #[test]
    fn extreme_sizes_do_not_break() {
        assert_close(&line(&[9], 5, Alignment::HalfPixel), &[9.0; 5]);
        assert_eq!(
            bicubic(&GrayImage::new(0, 0), [2, 2], Alignment::HalfPixel, f32::from),
            [0.0; 4]
        );
    }

    #[test]
    fn shrinking_by_two_uses_the_four_nearest() {
        let row = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        let picture: Vec<f32> = row.iter().chain(&row).copied().collect();
        assert_close(&shrink(&picture, [6, 2], 2), &[-3.0 / 32.0, 19.0 / 32.0, 0.0]);
        assert_eq!(shrink(&[0.5; 64], [8, 8], 8), [0.5]);
        assert_eq!(shrink(&[0.5; 64], [8, 8], 16), [0.0; 0]);
    }
}
