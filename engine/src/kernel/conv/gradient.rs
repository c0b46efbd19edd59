//! Gradients of a convolution with respect to its weights and its bias.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::simd::{load, vectorized};
use super::planes::{Grid, Planes};

/// Vectors whose products are summed before the sum goes to memory: eight gradient planes of so many stay in the first-level cache.
const CHUNK: usize = 64;

/// `[outputs, inputs, 9]`: the sum over all places of `gradient[place] * input[place + tap]`. `gradient` has a border of one zero.
pub fn weight_gradient(gradient: &Planes, input: &Planes, grid: Grid, taps: &[usize; 9]) -> Vec<f32> {
    let (outputs, inputs) = (gradient.channels, input.channels);
    let blocks = outputs.div_ceil(BLOCK);
    let parts = (4 * rayon::current_num_threads()).div_ceil(blocks).clamp(1, inputs);
    let part = inputs.div_ceil(parts);
    let parts = inputs.div_ceil(part);
    let sums: Vec<Vec<f32>> = (0..blocks * parts)
        .into_par_iter()
        .map(|index| {
            let (block, at) = (index / parts, index % parts);
            vectorized(Task {
                gradient,
                input,
                grid,
                taps,
                outputs: block * BLOCK..((block + 1) * BLOCK).min(outputs),
                inputs: at * part..((at + 1) * part).min(inputs),
            })
        })
        .collect();
    let mut result = vec![0.0; outputs * inputs * 9];
    for (index, sums) in sums.iter().enumerate() {
        let (first, channel) = (index / parts * BLOCK, index % parts * part);
        for (at, sums) in sums.as_chunks::<BLOCK>().0.iter().enumerate() {
            for (output, sum) in sums.iter().enumerate().take(outputs - first) {
                result[((first + output) * inputs + channel) * 9 + at] = *sum;
            }
        }
    }
    result
}

/// `[outputs]`: the sum of each channel of `values [batch, outputs, pixels]`.
pub fn bias_gradient(values: &[f32], outputs: usize, pixels: usize) -> Vec<f32> {
    let mut sums = vec![0.0; outputs];
    for picture in values.chunks_exact(outputs * pixels) {
        for (sum, plane) in sums.iter_mut().zip(picture.chunks_exact(pixels)) {
            // Sixteen sums side by side are one vector.
            let (vectors, rest) = plane.as_chunks::<16>();
            let mut lanes = [0.0; 16];
            for vector in vectors {
                for (lane, value) in lanes.iter_mut().zip(vector) {
                    *lane += value;
                }
            }
            *sum += lanes.iter().chain(rest).sum::<f32>();
        }
    }
    sums
}

/// Outputs of a task.
const BLOCK: usize = 8;

struct Task<'a> {
    gradient: &'a Planes,
    input: &'a Planes,
    grid: Grid,
    taps: &'a [usize; 9],
    outputs: Range<usize>,
    inputs: Range<usize>,
}

impl WithSimd for Task<'_> {
    /// `[inputs, 9, BLOCK]`.
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Grid {
            images, rows, columns, ..
        } = self.grid;
        let places: Vec<usize> = if columns.is_multiple_of(S::F32_LANES) {
            let row = self.grid.row();
            let line = |first: usize| (0..columns).step_by(S::F32_LANES).map(move |x| first + x);
            (0..images)
                .flat_map(|image| (0..rows).map(move |y| (image, y)))
                .flat_map(|(image, y)| line(image * self.grid.image() + y * row))
                .collect()
        } else {
            (0..images * self.grid.image()).step_by(S::F32_LANES).collect()
        };
        let mut sums = vec![0.0; self.inputs.len() * 9 * BLOCK];
        // Half as many sums where there are half as many registers.
        let half = S::REGISTER_COUNT < 32 || self.outputs.len() <= BLOCK / 2;
        for group in 0..self.grid.groups {
            for places in places.chunks(CHUNK) {
                if half {
                    self.add::<S, 4>(simd, group, places, 0, &mut sums);
                    if self.outputs.len() > 4 {
                        self.add::<S, 4>(simd, group, places, 4, &mut sums);
                    }
                } else {
                    self.add::<S, BLOCK>(simd, group, places, 0, &mut sums);
                }
            }
        }
        sums
    }
}

// Plain loops: over constant ranges they unroll, and no adapter of the standard library remains a call, before which all registers are saved.
#[allow(clippy::needless_range_loop)]
impl Task<'_> {
    /// Adds the products at `places` for `M` outputs from number `skip` of the block.
    #[inline(always)]
    fn add<S: Simd, const M: usize>(&self, simd: S, group: usize, places: &[usize], skip: usize, sums: &mut [f32]) {
        let center = self.grid.center();
        let (gradients, inputs) = (self.gradient.group(group), self.input.group(group));
        let mut planes = [gradients; M];
        for output in 0..M {
            // Outputs beyond the last repeat it; nobody reads their sums.
            let number = (self.outputs.start + skip + output).min(self.outputs.end - 1);
            planes[output] = &gradients[number * self.gradient.channel..][..self.gradient.channel];
        }
        for channel in 0..self.inputs.len() {
            let plane = &inputs[(self.inputs.start + channel) * self.input.channel..][..self.input.channel];
            for first in [0, 3, 6] {
                let sums = &mut sums[(channel * 9 + first) * BLOCK..][..3 * BLOCK];
                let mut totals = [[simd.splat_f32s(0.0); 3]; M];
                for &place in places {
                    let mut values = [simd.splat_f32s(0.0); 3];
                    for tap in 0..3 {
                        values[tap] = load::<S>(plane, place + self.taps[first + tap]);
                    }
                    for output in 0..M {
                        let gradient = load::<S>(planes[output], place + center);
                        for tap in 0..3 {
                            totals[output][tap] = simd.mul_add_f32s(gradient, values[tap], totals[output][tap]);
                        }
                    }
                }
                for output in 0..M {
                    for tap in 0..3 {
                        sums[tap * BLOCK + skip + output] += simd.reduce_sum_f32s(totals[output][tap]);
                    }
                }
            }
        }
    }
}
