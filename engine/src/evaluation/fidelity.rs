//! The usual measures of likeness.

use ::image::RgbImage;

/// Scales of MS-SSIM and the weight of each, finest first.
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/// Window of SSIM: 11 taps, standard deviation 1.5.
const REACH: isize = 5;
const DEVIATION: f64 = 1.5;
/// (0.01 * 255)^2 and (0.03 * 255)^2.
const LUMINANCE: f64 = 6.5025;
const CONTRAST: f64 = 58.5225;

/// Peak signal to noise ratio, 10 log10(255² / mean squared error), in dB over all samples, of differences in floating point; infinite for equal pictures.
pub fn psnr(one: &RgbImage, other: &RgbImage) -> f64 {
    let samples = one.as_raw().iter().zip(other.as_raw());
    let sum: f64 = samples.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * one.as_raw().len() as f64 / sum).log10()
}

/// MS-SSIM of the lightness (Wang, Simoncelli and Bovik, 2003), 0..=1: five scales where the pictures are large enough
/// for the window, else as many as are, with their weights made to sum to 1.
pub fn ms_ssim(one: &RgbImage, other: &RgbImage) -> f64 {
    let (mut one, mut other) = (Plane::luma(one), Plane::luma(other));
    let smallest = one.width.min(one.height);
    let scales = (1..=WEIGHTS.len())
        .rev()
        .find(|scales| smallest >> (scales - 1) >= 11)
        .unwrap_or(1);
    let total: f64 = WEIGHTS[..scales].iter().sum();
    let mut product = 1.0;
    for (scale, weight) in WEIGHTS[..scales].iter().enumerate() {
        let (whole, structure) = similarity(&one, &other);
        let value = if scale + 1 == scales { whole } else { structure };
        product *= value.max(0.0).powf(weight / total);
        (one, other) = (one.halved(), other.halved());
    }
    product
}

/// Means over the picture of SSIM, and of its contrast-and-structure part.
fn similarity(one: &Plane, other: &Plane) -> (f64, f64) {
    let [mean, other_mean] = [one.blurred(), other.blurred()];
    let product = |a: &Plane, b: &Plane| a.with(b, |a, b| a * b).blurred();
    let [square, other_square, cross] = [product(one, one), product(other, other), product(one, other)];
    let (mut whole, mut structure) = (0.0, 0.0);
    for place in 0..mean.values.len() {
        let (m, n) = (mean.values[place], other_mean.values[place]);
        let variances = square.values[place] - m * m + other_square.values[place] - n * n;
        let covariance = cross.values[place] - m * n;
        let part = (2.0 * covariance + CONTRAST) / (variances + CONTRAST);
        structure += part;
        whole += part * (2.0 * m * n + LUMINANCE) / (m * m + n * n + LUMINANCE);
    }
    let count = mean.values.len() as f64;
    (whole / count, structure / count)
}

struct Plane {
    width: usize,
    height: usize,
    values: Vec<f64>,
}

impl Plane {
    /// ITU-R BT.601, 0..=255.
    fn luma(picture: &RgbImage) -> Self {
        let luma = |[r, g, b]: [u8; 3]| 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            values: picture.pixels().map(|pixel| luma(pixel.0)).collect(),
        }
    }

    fn with(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let values = self.values.iter().zip(&other.values);
        Self {
            values: values.map(|(a, b)| combine(*a, *b)).collect(),
            ..*self
        }
    }

    /// Gaussian mean around every pixel, over what of the window lies inside.
    fn blurred(&self) -> Self {
        self.along(true).along(false)
    }

    fn along(&self, across: bool) -> Self {
        let weight = |tap: isize| (-((tap * tap) as f64) / (2.0 * DEVIATION * DEVIATION)).exp();
        let weights: Vec<f64> = (-REACH..=REACH).map(weight).collect();
        let side = if across { self.width } else { self.height } as isize;
        let stride = if across { 1 } else { self.width as isize };
        let values = (0..self.values.len()).map(|place| {
            let position = if across { place % self.width } else { place / self.width } as isize;
            let (mut sum, mut total) = (0.0, 0.0);
            for (weight, tap) in weights.iter().zip(-REACH..) {
                if (0..side).contains(&(position + tap)) {
                    sum += weight * self.values[(place as isize + tap * stride) as usize];
                    total += weight;
                }
            }
            sum / total
        });
        Self {
            values: values.collect(),
            ..*self
        }
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let at = |x: usize, y: usize| self.values[y * self.width + x];
        let mean = |x: usize, y: usize| (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0;
        Self {
            width,
            height,
            values: (0..width * height)
                .map(|place| mean(place % width * 2, place / width * 2))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ::image::Rgb;

    use super::*;

    fn noise(seed: u32) -> RgbImage {
        RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 37 + y * 91 + seed * (x * y + 7)) as u8; 3]))
    }

    #[test]
    fn equal_pictures_are_as_like_as_can_be() {
        assert!(psnr(&noise(1), &noise(1)).is_infinite());
        assert!((ms_ssim(&noise(1), &noise(1)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_difference_of_one_step_everywhere_is_48_decibels() {
        let one = RgbImage::from_pixel(16, 16, Rgb([100; 3]));
        let other = RgbImage::from_pixel(16, 16, Rgb([101; 3]));
        assert!((psnr(&one, &other) - 48.1308).abs() < 1e-3);
    }

    #[test]
    fn structure_counts_more_than_brightness() {
        let brighter = RgbImage::from_fn(64, 64, |x, y| Rgb(noise(1).get_pixel(x, y).0.map(|v| v.saturating_add(6))));
        assert!(ms_ssim(&noise(1), &brighter) > 0.9);
        assert!(ms_ssim(&noise(1), &noise(5)) < 0.5);
    }
}
