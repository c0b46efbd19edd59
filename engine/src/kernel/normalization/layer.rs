//! Layer normalisation of rows (Ba et al., 2016).

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::simd::{fetch, put, vectorized};
use super::total;

/// Numbers of a task.
const CHUNK: usize = 16 * 1024;

/// `(x - mean) / deviation * scale + shift` of each row as long as `scale`.
pub fn forward(input: &[f32], scale: &[f32], shift: &[f32], epsilon: f32) -> Vec<f32> {
    let chunk = scale.len() * (CHUNK / scale.len()).max(1);
    let mut output = vec![0.0; input.len()];
    let parts = output.par_chunks_mut(chunk).zip(input.par_chunks(chunk));
    parts.for_each(|(output, input)| {
        vectorized(Forward {
            input,
            scale,
            shift,
            epsilon,
            output,
        });
    });
    output
}

/// Mean and inverse deviation.
#[inline(always)]
fn moments<S: Simd>(simd: S, row: &[f32], epsilon: f32) -> [f32; 2] {
    let mean = total(simd, row, None) / row.len() as f32;
    let variance = total(simd, row, Some(mean)) / row.len() as f32;
    [mean, (variance + epsilon).sqrt().recip()]
}

struct Forward<'a> {
    input: &'a [f32],
    scale: &'a [f32],
    shift: &'a [f32],
    epsilon: f32,
    output: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.scale.len();
        for row in 0..self.input.len() / width {
            let input = &self.input[row * width..][..width];
            let output = &mut self.output[row * width..][..width];
            let [mean, inverse] = moments(simd, input, self.epsilon);
            let (mean, inverse) = (simd.splat_f32s(mean), simd.splat_f32s(inverse));
            let mut at = 0;
            while at < width {
                let normed = simd.mul_f32s(simd.sub_f32s(fetch(simd, input, at), mean), inverse);
                let value = simd.mul_add_f32s(normed, fetch(simd, self.scale, at), fetch(simd, self.shift, at));
                put(simd, output, at, value);
                at += S::F32_LANES;
            }
        }
    }
}

/// Gradients of input, scale and shift.
pub fn backward(input: &[f32], scale: &[f32], epsilon: f32, gradient: &[f32]) -> [Vec<f32>; 3] {
    let width = scale.len();
    let chunk = width * (CHUNK / width).max(1);
    let mut of_input = vec![0.0; input.len()];
    let parts = of_input
        .par_chunks_mut(chunk)
        .zip(input.par_chunks(chunk))
        .zip(gradient.par_chunks(chunk));
    let sums: Vec<[Vec<f32>; 2]> = parts
        .map(|((output, input), gradient)| {
            vectorized(Backward {
                input,
                scale,
                epsilon,
                gradient,
                output,
            })
        })
        .collect();
    let (mut of_scale, mut of_shift) = (vec![0.0; width], vec![0.0; width]);
    for [scales, shifts] in sums {
        for at in 0..width {
            of_scale[at] += scales[at];
            of_shift[at] += shifts[at];
        }
    }
    [of_input, of_scale, of_shift]
}

struct Backward<'a> {
    input: &'a [f32],
    scale: &'a [f32],
    epsilon: f32,
    gradient: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    /// Gradients of scale and shift.
    type Output = [Vec<f32>; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [Vec<f32>; 2] {
        let width = self.scale.len();
        let (mut scales, mut shifts) = (vec![0.0; width], vec![0.0; width]);
        for row in 0..self.input.len() / width {
            let input = &self.input[row * width..][..width];
            let gradient = &self.gradient[row * width..][..width];
            let output = &mut self.output[row * width..][..width];
            let [mean, inverse] = moments(simd, input, self.epsilon);
            let (mean, inverse) = (simd.splat_f32s(mean), simd.splat_f32s(inverse));
            let (mut slopes, mut products) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
            let mut at = 0;
            while at < width {
                let normed = simd.mul_f32s(simd.sub_f32s(fetch(simd, input, at), mean), inverse);
                let gradient = fetch(simd, gradient, at);
                let slope = simd.mul_f32s(gradient, fetch(simd, self.scale, at));
                slopes = simd.add_f32s(slopes, slope);
                products = simd.mul_add_f32s(slope, normed, products);
                let sum = simd.mul_add_f32s(gradient, normed, fetch(simd, &scales, at));
                put(simd, &mut scales, at, sum);
                let sum = simd.add_f32s(gradient, fetch(simd, &shifts, at));
                put(simd, &mut shifts, at, sum);
                at += S::F32_LANES;
            }
            let slope_share = simd.splat_f32s(simd.reduce_sum_f32s(slopes) / width as f32);
            let product_share = simd.splat_f32s(simd.reduce_sum_f32s(products) / width as f32);
            let mut at = 0;
            while at < width {
                let normed = simd.mul_f32s(simd.sub_f32s(fetch(simd, input, at), mean), inverse);
                let slope = simd.mul_f32s(fetch(simd, gradient, at), fetch(simd, self.scale, at));
                let common = simd.mul_add_f32s(normed, product_share, slope_share);
                put(simd, output, at, simd.mul_f32s(simd.sub_f32s(slope, common), inverse));
                at += S::F32_LANES;
            }
        }
        [scales, shifts]
    }
}
