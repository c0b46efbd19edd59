//! Group normalisation and SiLU in one pass (Wu and He, 2018).

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::simd::{fetch, put, sigmoid, vectorized};
use super::total;

/// Of `[batch, channels, pixels]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    pub batch: usize,
    pub channels: usize,
    pub pixels: usize,
    /// 0: nothing is normalised, only scaled and shifted.
    pub groups: usize,
    pub epsilon: f32,
    /// Whether SiLU follows.
    pub activates: bool,
}

impl Geometry {
    /// Channels that are normalised together.
    fn together(&self) -> usize {
        self.channels.checked_div(self.groups).unwrap_or(1)
    }
}

/// Mean and inverse deviation of each group of each picture.
pub type Moments = Vec<[f32; 2]>;

/// `silu((x - mean) / deviation * scale + shift)`.
pub fn forward(geometry: Geometry, input: &[f32], scale: &[f32], shift: &[f32]) -> (Vec<f32>, Moments) {
    let together = geometry.together();
    let length = together * geometry.pixels;
    let mut output = vec![0.0; input.len()];
    let parts = output.par_chunks_mut(length).zip(input.par_chunks(length)).enumerate();
    let moments = parts.map(|(index, (output, input))| {
        let first = index * together % geometry.channels;
        vectorized(Forward {
            geometry,
            input,
            scale: &scale[first..][..together],
            shift: &shift[first..][..together],
            output,
        })
    });
    let moments = moments.collect();
    (output, moments)
}

/// One group of one picture.
struct Forward<'a> {
    geometry: Geometry,
    input: &'a [f32],
    scale: &'a [f32],
    shift: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f32; 2] {
        let Geometry {
            pixels,
            groups,
            epsilon,
            activates,
            ..
        } = self.geometry;
        let [mean, inverse] = match groups {
            0 => [0.0, 1.0],
            _ => {
                let mean = total(simd, self.input, None) / self.input.len() as f32;
                let variance = total(simd, self.input, Some(mean)) / self.input.len() as f32;
                [mean, (variance + epsilon).sqrt().recip()]
            }
        };
        for channel in 0..self.scale.len() {
            let factor = self.scale[channel] * inverse;
            let (factor, mean) = (simd.splat_f32s(factor), simd.splat_f32s(mean));
            let shift = simd.splat_f32s(self.shift[channel]);
            let input = &self.input[channel * pixels..][..pixels];
            let output = &mut self.output[channel * pixels..][..pixels];
            let mut at = 0;
            while at < pixels {
                let value = simd.mul_add_f32s(simd.sub_f32s(fetch(simd, input, at), mean), factor, shift);
                let value = match activates {
                    true => simd.mul_f32s(value, sigmoid(simd, value)),
                    false => value,
                };
                put(simd, output, at, value);
                at += S::F32_LANES;
            }
        }
        [mean, inverse]
    }
}

/// Gradients of input, scale and shift.
pub fn backward(
    geometry: Geometry,
    input: &[f32],
    scale: &[f32],
    shift: &[f32],
    moments: &Moments,
    gradient: &[f32],
) -> [Vec<f32>; 3] {
    let together = geometry.together();
    let length = together * geometry.pixels;
    let mut of_input = vec![0.0; input.len()];
    let parts = of_input
        .par_chunks_mut(length)
        .zip(input.par_chunks(length))
        .zip(gradient.par_chunks(length));
    let sums: Vec<Vec<[f32; 2]>> = parts
        .enumerate()
        .map(|(index, ((output, input), gradient))| {
            let first = index * together % geometry.channels;
            vectorized(Backward {
                geometry,
                input,
                scale: &scale[first..][..together],
                shift: &shift[first..][..together],
                moments: moments[index],
                gradient,
                output,
            })
        })
        .collect();
    let (mut of_scale, mut of_shift) = (vec![0.0; geometry.channels], vec![0.0; geometry.channels]);
    for (index, [scale, shift]) in sums.into_iter().flatten().enumerate() {
        of_scale[index % geometry.channels] += scale;
        of_shift[index % geometry.channels] += shift;
    }
    [of_input, of_scale, of_shift]
}

/// One group of one picture.
struct Backward<'a> {
    geometry: Geometry,
    input: &'a [f32],
    scale: &'a [f32],
    shift: &'a [f32],
    moments: [f32; 2],
    gradient: &'a [f32],
    /// First the gradient before SiLU, then that of the input.
    output: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    /// Gradients of scale and shift, by channel.
    type Output = Vec<[f32; 2]>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<[f32; 2]> {
        let Geometry {
            pixels,
            groups,
            activates,
            ..
        } = self.geometry;
        let [mean, inverse] = self.moments;
        let (means, inverses, one) = (simd.splat_f32s(mean), simd.splat_f32s(inverse), simd.splat_f32s(1.0));
        let mut sums = vec![[0.0; 2]; self.scale.len()];
        let (mut slope_sum, mut product_sum) = (0.0, 0.0);
        for (channel, total) in sums.iter_mut().enumerate() {
            let (scale, shift) = (simd.splat_f32s(self.scale[channel]), simd.splat_f32s(self.shift[channel]));
            let range = channel * pixels..(channel + 1) * pixels;
            let (input, gradient, output) = (
                &self.input[range.clone()],
                &self.gradient[range.clone()],
                &mut self.output[range],
            );
            let (mut slopes, mut products) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
            let mut at = 0;
            while at < pixels {
                let normed = simd.mul_f32s(simd.sub_f32s(fetch(simd, input, at), means), inverses);
                // Zero behind the end, and so is what is summed.
                let mut slope = fetch(simd, gradient, at);
                if activates {
                    let value = simd.mul_add_f32s(normed, scale, shift);
                    let sigmoid = sigmoid(simd, value);
                    let rest = simd.mul_f32s(value, simd.sub_f32s(one, sigmoid));
                    slope = simd.mul_f32s(slope, simd.mul_add_f32s(sigmoid, rest, sigmoid));
                }
                slopes = simd.add_f32s(slopes, slope);
                products = simd.mul_add_f32s(slope, normed, products);
                put(simd, output, at, slope);
                at += S::F32_LANES;
            }
            let sum = [simd.reduce_sum_f32s(products), simd.reduce_sum_f32s(slopes)];
            product_sum += sum[0] * self.scale[channel];
            slope_sum += sum[1] * self.scale[channel];
            *total = sum;
        }
        let count = self.input.len() as f32;
        let shares = if groups == 0 {
            [0.0; 2]
        } else {
            [slope_sum / count, product_sum / count]
        };
        let (slope_share, product_share) = (simd.splat_f32s(shares[0]), simd.splat_f32s(shares[1]));
        for channel in 0..sums.len() {
            let scale = simd.splat_f32s(self.scale[channel]);
            let range = channel * pixels..(channel + 1) * pixels;
            let (input, output) = (&self.input[range.clone()], &mut self.output[range]);
            let mut at = 0;
            while at < pixels {
                let normed = simd.mul_f32s(simd.sub_f32s(fetch(simd, input, at), means), inverses);
                let slope = simd.mul_f32s(fetch(simd, output, at), scale);
                let common = simd.mul_add_f32s(normed, product_share, slope_share);
                put(simd, output, at, simd.mul_f32s(simd.sub_f32s(slope, common), inverses));
                at += S::F32_LANES;
            }
        }
        sums
    }
}
