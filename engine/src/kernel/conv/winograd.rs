//! 3x3 convolution of stride 1 by minimal filtering, F(2x2, 3x3) (Winograd, 1980; Lavin and Gray, 2016): 16 products for four results, not 36.
//!
//! The input is cut into tiles of 4x4 that overlap by two. In another basis, in which neither tiles nor kernels take more than sums and halves, the
//! convolution of a tile is one product a place, and over all channels and tiles one matrix product a place. Its rounding errors are a third of those of
//! the plain sum, whose partial sums grow longer. Larger tiles save more and lose digits.

use std::cell::Cell;
use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::matrix::{Matrix, Parallelism, multiply};
use super::super::simd::vectorized;
use super::super::widening::Weights;
use super::Geometry;

/// Places of a tile.
const PLACES: usize = 16;
/// Numbers of kernels in the other basis that are made at a time, 16 MB: those of the widest layers would take more memory than the picture.
const KERNELS: usize = 1 << 22;
/// Numbers of a channel or an output that a task takes at a place, times those channels or outputs: so many stay in the caches.
const TASK: usize = 1 << 16;
/// Tiles of a task at least: with fewer, kernels are read more often than they are used.
const TILES: usize = 64;
/// Results of an output below which changing the basis of the kernels takes longer than it saves.
const PIXELS: usize = 1024;
/// Channels and outputs below which changing the basis of the tiles does.
const CHANNELS: usize = 32;
/// A product of few outputs by few tiles sums in other steps beyond so many channels, and the number of tiles follows from that of threads.
const ALIKE: [usize; 2] = [64, 512];

/// Whether it pays.
pub fn suits(geometry: Geometry) -> bool {
    let Geometry {
        batch,
        inputs,
        outputs,
        height,
        width,
        stride,
        ..
    } = geometry;
    let alike = outputs > ALIKE[0] || inputs <= ALIKE[1];
    stride == 1 && alike && inputs.min(outputs) >= CHANNELS && batch * height * width >= PIXELS
}

/// Rows of tiles of a task, and outputs whose kernels are made at a time.
fn parts(geometry: Geometry) -> [usize; 2] {
    let Geometry {
        batch,
        inputs,
        outputs,
        height,
        width,
        ..
    } = geometry;
    let (across, down) = (width.div_ceil(2), height.div_ceil(2));
    let tiles = (batch * across * down / (2 * rayon::current_num_threads())).min(TASK / inputs.max(outputs));
    let band = (tiles.max(TILES) / across).clamp(1, down);
    [band, (KERNELS / (PLACES * inputs)).clamp(1, outputs)]
}

/// Numbers that [`convolve`] takes beside its input and its results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scratch {
    /// Tiles in the other basis, which every thread keeps.
    pub tiles: usize,
    /// Results in the other basis, which every thread keeps too.
    pub products: usize,
    /// Kernels in the other basis, given back at the end.
    pub kernels: usize,
}

/// What a convolution of this shape takes; nothing where it does not pay.
pub fn scratch(geometry: Geometry) -> Scratch {
    if !suits(geometry) {
        return Scratch::default();
    }
    let [band, block] = parts(geometry);
    let tiles = PLACES * band * geometry.width.div_ceil(2);
    Scratch {
        tiles: tiles * geometry.inputs,
        products: tiles * block,
        kernels: PLACES * block * geometry.inputs,
    }
}

/// `[batch, inputs, h, w]`, `[outputs, inputs, 3, 3]` and `[outputs]` to `[batch, outputs, h, w]`.
pub fn convolve(geometry: Geometry, input: &[f32], weights: Weights<'_>, bias: Option<&[f32]>) -> Vec<f32> {
    let Geometry {
        batch,
        inputs,
        outputs,
        height,
        width,
        ..
    } = geometry;
    let down = height.div_ceil(2);
    let [band, block] = parts(geometry);
    let bands = down.div_ceil(band);
    let pixels = height * width;
    let mut results = vec![0.0; batch * outputs * pixels];
    let mut kernels = vec![0.0; PLACES * block * inputs];
    for first in (0..outputs).step_by(block) {
        let count = block.min(outputs - first);
        let kernels = &mut kernels[..PLACES * count * inputs];
        change_kernels(weights.part(first * inputs * 9, count * inputs * 9), inputs, kernels);
        let mut tasks: Vec<Task<'_>> = (0..batch * bands)
            .map(|index| Task {
                input: &input[index / bands * inputs * pixels..][..inputs * pixels],
                inputs,
                size: [height, width],
                rows: index % bands * band..((index % bands + 1) * band).min(down),
                kernels,
                bias: bias.map_or(&[], |bias| &bias[first..]),
                results: Vec::with_capacity(count),
            })
            .collect();
        for (picture, values) in results.chunks_exact_mut(outputs * pixels).enumerate() {
            for values in values[first * pixels..][..count * pixels].chunks_exact_mut(pixels) {
                for (at, values) in values.chunks_mut(2 * band * width).enumerate() {
                    tasks[picture * bands + at].results.push(values);
                }
            }
        }
        tasks.into_par_iter().for_each(vectorized);
    }
    results
}

/// `[outputs, inputs, 9]` to `[16, outputs, inputs]`.
fn change_kernels(weights: Weights<'_>, inputs: usize, kernels: &mut [f32]) {
    let outputs = weights.len() / (inputs * 9);
    let mut places: Vec<_> = kernels
        .chunks_exact_mut(outputs * inputs)
        .map(|place| place.chunks_exact_mut(inputs))
        .collect();
    let tasks: Vec<_> = (0..outputs)
        .map(|output| Kernels {
            weights: weights.part(output * inputs * 9, inputs * 9),
            inputs,
            places: places.iter_mut().filter_map(Iterator::next).collect(),
        })
        .collect();
    tasks.into_par_iter().with_min_len(4).for_each(vectorized);
}

/// The kernels of one output.
struct Kernels<'a> {
    weights: Weights<'a>,
    inputs: usize,
    /// By place: one number an input.
    places: Vec<&'a mut [f32]>,
}

/// Kernels that are changed side by side.
const RUN: usize = 16;

// Plain loops over runs and rows, which the compiler turns into vectors.
#[allow(clippy::needless_range_loop)]
impl WithSimd for Kernels<'_> {
    type Output = ();

    /// `G g G^T`, the rows of `G` being 1 0 0, 1/2 1/2 1/2, 1/2 -1/2 1/2 and 0 0 1.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        let mut kernels = [0.0; 9 * RUN];
        let mut taps = [[0.0; RUN]; 9];
        for first in (0..self.inputs).step_by(RUN) {
            let count = RUN.min(self.inputs - first);
            self.weights.part(first * 9, count * 9).copy_to(&mut kernels[..count * 9]);
            for (input, kernel) in kernels.as_chunks::<9>().0.iter().enumerate() {
                for tap in 0..9 {
                    taps[tap][input] = kernel[tap];
                }
            }
            let mut rows = [[[0.0; RUN]; 3]; 4];
            for x in 0..3 {
                for at in 0..RUN {
                    let column = spread([taps[x][at], taps[3 + x][at], taps[6 + x][at]]);
                    for y in 0..4 {
                        rows[y][x][at] = column[y];
                    }
                }
            }
            for y in 0..4 {
                let mut changed = [[0.0; RUN]; 4];
                for at in 0..RUN {
                    let row = spread([rows[y][0][at], rows[y][1][at], rows[y][2][at]]);
                    for x in 0..4 {
                        changed[x][at] = row[x];
                    }
                }
                for x in 0..4 {
                    self.places[4 * y + x][first..first + count].copy_from_slice(&changed[x][..count]);
                }
            }
        }
    }
}

#[inline(always)]
fn spread([a, b, c]: [f32; 3]) -> [f32; 4] {
    [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c]
}

/// Some rows of tiles of one picture.
struct Task<'a> {
    /// `[inputs, h, w]`.
    input: &'a [f32],
    inputs: usize,
    size: [usize; 2],
    /// Of tiles.
    rows: Range<usize>,
    /// `[16, outputs, inputs]`.
    kernels: &'a [f32],
    bias: &'a [f32],
    /// By output: the rows of results.
    results: Vec<&'a mut [f32]>,
}

thread_local! {
    /// Tiles and results in the other basis, kept from task to task: new memory costs more than what is written to it.
    static SCRATCH: Cell<[Vec<f32>; 2]> = const { Cell::new([Vec::new(), Vec::new()]) };
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        let (inputs, outputs) = (self.inputs, self.results.len());
        let tiles = self.rows.len() * self.across();
        let [mut inner, mut products] = SCRATCH.take();
        inner.resize(inner.len().max(PLACES * inputs * tiles), 0.0);
        products.resize(products.len().max(PLACES * outputs * tiles), 0.0);
        self.change_input(&mut inner);
        for place in 0..PLACES {
            let kernels = Matrix {
                values: &self.kernels[place * outputs * inputs..][..outputs * inputs],
                strides: [inputs, 1],
            };
            let inner = Matrix {
                values: &inner[place * inputs * tiles..][..inputs * tiles],
                strides: [tiles, 1],
            };
            let product = &mut products[place * outputs * tiles..][..outputs * tiles];
            multiply(
                [outputs, tiles, inputs],
                product,
                [tiles, 1],
                kernels,
                inner,
                Parallelism::None,
            );
        }
        self.change_output(&products);
        SCRATCH.set([inner, products]);
    }
}

// Plain loops over rows of one length, which the compiler turns into vectors.
#[allow(clippy::needless_range_loop)]
impl Task<'_> {
    /// Tiles of a row.
    fn across(&self) -> usize {
        self.size[1].div_ceil(2)
    }

    /// `B^T d B` of each tile, the rows of `B^T` being 1 0 -1 0, 0 1 1 0, 0 -1 1 0 and 0 1 0 -1: `[16, inputs, tiles]`.
    #[inline(always)]
    fn change_input(&self, inner: &mut [f32]) {
        let ([height, width], across) = (self.size, self.across());
        let tiles = self.rows.len() * across;
        let zeros = vec![0.0; width];
        // Every second column from the border on, and those between.
        let mut columns = vec![0.0; 2 * (across + 1)];
        let (even, odd) = columns.split_at_mut(across + 1);
        for (input, plane) in self.input.chunks_exact(height * width).enumerate() {
            for (number, row) in self.rows.clone().enumerate() {
                let line = |y: usize| (2 * row + y).checked_sub(1).filter(|y| *y < height);
                let lines: [&[f32]; 4] = std::array::from_fn(|y| line(y).map_or(&*zeros, |y| &plane[y * width..][..width]));
                for (y, (first, second, sign)) in [(0, 2, -1.0), (1, 2, 1.0), (2, 1, -1.0), (1, 3, -1.0)]
                    .into_iter()
                    .enumerate()
                {
                    let (pairs, last) = lines[first].as_chunks::<2>();
                    let (others, other) = lines[second].as_chunks::<2>();
                    let targets = odd.iter_mut().zip(&mut even[1..]);
                    for ((odd, even), (pair, other)) in targets.zip(pairs.iter().zip(others)) {
                        *odd = pair[0] + sign * other[0];
                        *even = pair[1] + sign * other[1];
                    }
                    if let ([last], [other]) = (last, other) {
                        odd[across - 1] = last + sign * other;
                        even[across] = 0.0;
                    }
                    let mut places = inner[4 * y * self.inputs * tiles..]
                        .chunks_exact_mut(self.inputs * tiles)
                        .map(|place| &mut place[input * tiles + number * across..][..across]);
                    let (Some(v0), Some(v1), Some(v2), Some(v3)) = (places.next(), places.next(), places.next(), places.next())
                    else {
                        unreachable!("four places a row of a tile")
                    };
                    let (e0, e1, o0, o1) = (&even[..across], &even[1..], &odd[..across], &odd[1..]);
                    for tile in 0..across {
                        v0[tile] = e0[tile] - e1[tile];
                        v1[tile] = o0[tile] + e1[tile];
                        v2[tile] = e1[tile] - o0[tile];
                        v3[tile] = o0[tile] - o1[tile];
                    }
                }
            }
        }
    }

    /// `A^T m A` of each tile of `products [16, outputs, tiles]`, the rows of `A^T` being 1 1 1 0 and 0 1 -1 -1, and the bias.
    #[inline(always)]
    fn change_output(&mut self, products: &[f32]) {
        let (width, across, outputs) = (self.size[1], self.across(), self.results.len());
        let tiles = self.rows.len() * across;
        // By column of a tile: the first row's sums, and the second's.
        let mut sums = [const { Vec::new() }; 8];
        for sums in &mut sums {
            sums.resize(across, 0.0);
        }
        for (output, results) in self.results.iter_mut().enumerate() {
            let bias = self.bias.get(output).copied().unwrap_or(0.0);
            for number in 0..self.rows.len() {
                let at = |place: usize| &products[(place * outputs + output) * tiles + number * across..][..across];
                for (x, sums) in sums.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                    let [m0, m1, m2, m3] = [at(x), at(4 + x), at(8 + x), at(12 + x)];
                    let [first, second] = sums;
                    let (first, second) = (&mut first[..across], &mut second[..across]);
                    for tile in 0..across {
                        first[tile] = m0[tile] + m1[tile] + m2[tile];
                        second[tile] = m1[tile] - m2[tile] - m3[tile];
                    }
                }
                // A picture of odd height ends within the last tile.
                let lines = results[2 * number * width..].chunks_exact_mut(width).take(2);
                for (y, line) in lines.enumerate() {
                    let [s0, s1, s2, s3] = [&sums[y], &sums[2 + y], &sums[4 + y], &sums[6 + y]].map(|sums| &sums[..across]);
                    let (pairs, last) = line.as_chunks_mut::<2>();
                    for (tile, pair) in pairs.iter_mut().enumerate() {
                        *pair = [s0[tile] + s1[tile] + s2[tile] + bias, s1[tile] - s2[tile] - s3[tile] + bias];
                    }
                    if let [last] = last {
                        let tile = across - 1;
                        *last = s0[tile] + s1[tile] + s2[tile] + bias;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_keep_as_much_as_is_said() {
        for [batch, inputs, outputs, height, width] in [[1, 40, 36, 33, 35], [2, 70, 130, 24, 64], [1, 32, 64, 4, 600]] {
            let geometry = Geometry {
                batch,
                inputs,
                outputs,
                height,
                width,
                stride: 1,
                before: 1,
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
            let (weights, input) = (vec![0.1; outputs * inputs * 9], vec![1.0; batch * inputs * height * width]);
            let said = pool.install(|| {
                convolve(geometry, &input, Weights::Full(&weights), None);
                scratch(geometry)
            });
            let kept = pool.broadcast(|_| SCRATCH.take().map(|numbers| numbers.len()));
            let most = |part: usize| kept.iter().map(|kept| kept[part]).max();
            assert_eq!([most(0), most(1)], [Some(said.tiles), Some(said.products)], "{geometry:?}");
        }
    }
}
