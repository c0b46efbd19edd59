//! The estimate of the finished picture as a small picture: a linear map from a latent's channels to RGB, applied on the host.

use ::image::{Rgb, RgbImage};
use burn::tensor::{Device, Tensor, TensorData, TensorReadError};

use crate::model::Vae;
use crate::model::config::{ModelConfig, PreviewMap};
use crate::model::vae::LATENT_FACTOR;
use crate::noise;

/// Side of the pictures that a map is fitted to, in pixels.
const SIDE: usize = 128;
/// Sides of the even patches that the pictures are made of, in pixels; one picture each.
const PATCHES: [usize; 4] = [8, 16, 32, 64];

/// The first latent of a batch `[B, C, h, w]`, scaled, as a picture of `w` x `h` pixels; None if it holds a number that is not finite.
///
/// # Errors
/// When the device that holds the latent fails while it is read.
pub fn picture(latent: Tensor<4>, map: &PreviewMap) -> Result<Option<RgbImage>, TensorReadError> {
    let [_, _, height, width] = latent.dims();
    let values = latent.narrow(0, 0, 1).try_into_vec_as::<f32>()?;
    if !values.iter().all(|value| value.is_finite()) {
        return Ok(None);
    }
    let plane = width * height;
    let color = |pixel: usize, row: usize| {
        let channels = values[pixel..].iter().step_by(plane);
        let sum: f32 = map.matrix[row]
            .iter()
            .zip(channels)
            .map(|(factor, value)| factor * value)
            .sum();
        ((sum + map.bias[row]).clamp(-1.0, 1.0) + 1.0) * 127.5
    };
    Ok(Some(RgbImage::from_fn(width as u32, height as u32, |x, y| {
        let pixel = y as usize * width + x as usize;
        Rgb([0, 1, 2].map(|row| color(pixel, row) as u8))
    })))
}

/// The map that best turns the VAE's latents into the pictures they were encoded from, each pixel the mean of its 8 x 8: least squares over
/// patches of random colours.
///
/// # Errors
/// When the device fails while the latents are read.
pub fn fit(vae: &Vae, config: &ModelConfig, device: &Device) -> Result<PreviewMap, TensorReadError> {
    let pictures = PATCHES
        .iter()
        .enumerate()
        .map(|(stream, patch)| patches(stream as u64, *patch))
        .collect::<Vec<_>>();
    let data = TensorData::new(pictures.concat(), [PATCHES.len(), 3, SIDE, SIDE]);
    let latents = vae.encode(Tensor::from_data(data, device)).mode() * config.latent_scale;
    let latents = latents.try_into_vec_as::<f32>()?;

    let (side, channels) = (SIDE / LATENT_FACTOR, config.vae.latent_channels);
    let mut sums = LeastSquares::new(channels);
    for (picture, latent) in pictures.iter().zip(latents.chunks_exact(channels * side * side)) {
        for at in 0..side * side {
            let corner = (at / side) * LATENT_FACTOR * SIDE + (at % side) * LATENT_FACTOR;
            // Patches are whole multiples of the factor: one pixel is the mean of its square.
            let color = [0, 1, 2].map(|row| f64::from(picture[row * SIDE * SIDE + corner]));
            let values = latent[at..].iter().step_by(side * side).map(|value| f64::from(*value));
            sums.add(values.collect(), color);
        }
    }
    Ok(sums.solve())
}

/// Planes of a picture of `SIDE` x `SIDE`, even within squares of `patch` pixels, in [-1, 1].
fn patches(stream: u64, patch: usize) -> Vec<f32> {
    let count = SIDE / patch;
    let colors = noise::normal(0, stream, [3, count, count]);
    (0..3 * SIDE * SIDE)
        .map(|at| {
            let (row, y, x) = (at / (SIDE * SIDE), at / SIDE % SIDE, at % SIDE);
            (0.6 * colors[(row * count + y / patch) * count + x / patch]).clamp(-1.0, 1.0)
        })
        .collect()
}

/// Normal equations of `color = matrix * values + bias`.
struct LeastSquares {
    /// Rows `[A | b]`, one for each channel and one for the bias; `b` has a column for each of R, G, B.
    rows: Vec<Vec<f64>>,
}

impl LeastSquares {
    fn new(channels: usize) -> Self {
        // A small ridge: a channel that says nothing gets the factor 0.
        let unknowns = channels + 1;
        let row = |at| {
            (0..unknowns + 3)
                .map(|column| if column == at { 1e-6 } else { 0.0 })
                .collect()
        };
        Self {
            rows: (0..unknowns).map(row).collect(),
        }
    }

    fn add(&mut self, mut values: Vec<f64>, color: [f64; 3]) {
        values.push(1.0);
        for (row, value) in self.rows.iter_mut().zip(&values) {
            for (sum, other) in row.iter_mut().zip(values.iter().chain(&color)) {
                *sum += value * other;
            }
        }
    }

    /// Gauss-Jordan elimination. The matrix is symmetric and positive definite, so no pivot vanishes.
    fn solve(mut self) -> PreviewMap {
        let unknowns = self.rows.len();
        for pivot in 0..unknowns {
            let factor = self.rows[pivot][pivot];
            self.rows[pivot].iter_mut().for_each(|value| *value /= factor);
            let known = self.rows[pivot].clone();
            for (_, row) in self.rows.iter_mut().enumerate().filter(|(at, _)| *at != pivot) {
                let factor = row[pivot];
                row.iter_mut().zip(&known).for_each(|(value, known)| *value -= factor * known);
            }
        }
        let column = |color: usize| self.rows.iter().map(move |row| row[unknowns + color] as f32);
        PreviewMap {
            matrix: [0, 1, 2].map(|color| column(color).take(unknowns - 1).collect()),
            bias: [0, 1, 2].map(|color| column(color).next_back().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_map_is_found_again() {
        let matrix = [[0.5, -0.25, 1.0], [0.0, 2.0, 0.125], [-1.0, 0.75, 0.0]];
        let bias = [0.1, -0.2, 0.3];
        let samples = noise::normal(1, 0, [200, 3]);
        let mut sums = LeastSquares::new(3);
        for sample in samples.chunks_exact(3) {
            let values: Vec<f64> = sample.iter().map(|value| f64::from(*value)).collect();
            let color = [0, 1, 2].map(|row| (0..3).map(|at| matrix[row][at] * values[at]).sum::<f64>() + bias[row]);
            sums.add(values, color);
        }
        let map = sums.solve();
        for row in 0..3 {
            assert!((f64::from(map.bias[row]) - bias[row]).abs() < 1e-5);
            for (found, expected) in map.matrix[row].iter().zip(matrix[row]) {
                assert!((f64::from(*found) - expected).abs() < 1e-5, "{map:?}");
            }
        }
    }

    #[test]
    fn a_channel_that_says_nothing_gets_no_weight() {
        let mut sums = LeastSquares::new(2);
        for value in [-1.0, 0.0, 1.0, 2.0] {
            sums.add(vec![value, 0.0], [value, 2.0 * value, 0.5]);
        }
        let map = sums.solve();
        assert!(
            (map.matrix[1][0] - 2.0).abs() < 1e-4 && map.matrix[1][1].abs() < 1e-4,
            "{map:?}"
        );
        assert!((map.bias[2] - 0.5).abs() < 1e-4, "{map:?}");
    }

    #[test]
    fn a_latent_becomes_a_picture_of_its_size() {
        let map = PreviewMap {
            matrix: [vec![1.0, 0.0], vec![0.0, 1.0], vec![0.0, 0.0]],
            bias: [0.0, 0.0, 1.0],
        };
        let latent = Tensor::<4>::from_floats([[[[-1.0, 5.0]], [[0.0, 0.0]]]], &Device::flex());
        let small = picture(latent, &map).unwrap().unwrap();
        assert_eq!(
            (small.dimensions(), small.into_raw()),
            ((2, 1), vec![0, 127, 255, 255, 127, 255])
        );
    }

    #[test]
    fn a_latent_that_is_not_finite_is_no_picture() {
        let map = PreviewMap {
            matrix: [vec![0.0], vec![0.0], vec![0.0]],
            bias: [0.0; 3],
        };
        let latent = Tensor::<4>::from_floats([[[[f32::NAN]]]], &Device::flex());
        assert!(picture(latent, &map).unwrap().is_none());
    }
}
