//! The sum over channels and taps, for a tile of results that stays in registers.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::simd::{MAX_LANES, load, store, vectorized};
use super::super::widening::Weights;
use super::planes::{Grid, Planes};

// Large inputs do not fit the caches: read once for every eight outputs they came from memory each time. A task therefore takes a part of the channels, of
// a band of rows, and of the outputs at a time, and what it reads of that stays in the second-level cache, its sums too. Measured on two cores with AVX-512.
/// Channels whose products are summed before the sums leave their registers.
const CHANNELS: usize = 64;
/// Places of a band, unless a single row is longer.
const PLACES: usize = 1024;
/// Blocks of outputs of a task at most.
const BLOCKS: usize = 8;

/// `sum over channels and taps of weight * planes[place + tap]` at the places of `rows` x `columns` in each picture of `grid`, and a bias:
/// `[batch, outputs, rows * columns]`. However the work is cut, each sum is made in the same order.
///
/// The weights, `[outputs, channels, taps]`, are read where they lie. Put in a tile's order first, those of the widest layers would go to memory
/// and back at every call, which took longer than the sums of small pictures. Those in half precision are widened by the task that uses them, as many
/// as it takes at a time: one vector's work for what then takes part in all the task's places.
pub fn convolve(
    planes: &Planes,
    grid: Grid,
    [rows, columns]: [usize; 2],
    taps: &[usize],
    weights: Weights<'_>,
    bias: Option<&[f32]>,
) -> Vec<f32> {
    convolve_by(planes, grid, [rows, columns], taps, weights, bias, |task| vectorized(task))
}

/// [`convolve`], with each task given to `run`.
fn convolve_by(
    planes: &Planes,
    grid: Grid,
    [rows, columns]: [usize; 2],
    taps: &[usize],
    weights: Weights<'_>,
    bias: Option<&[f32]>,
    run: fn(Task<'_>),
) -> Vec<f32> {
    let line = planes.channels * taps.len();
    let outputs = weights.len() / line;
    // Outputs of a block.
    let width = if outputs > 4 { 8 } else { 4 };
    let mut results = vec![0.0; grid.groups * grid.images * outputs * rows * columns];
    let blocks = outputs.div_ceil(width);
    let wanted = 4 * rayon::current_num_threads();
    // Few blocks are cut into more bands than the caches ask for, so that every core has some.
    let band = if grid.images > 1 {
        rows
    } else {
        let bands = wanted.div_ceil(grid.groups * blocks).clamp(1, rows.div_ceil(4));
        rows.div_ceil(bands).min(PLACES.div_ceil(grid.row()))
    };
    let bands = rows.div_ceil(band);
    let together = (grid.groups * bands * blocks / wanted).clamp(1, BLOCKS);
    let parts = blocks.div_ceil(together);
    // The parts of a band follow one another: they read the same inputs.
    let mut tasks: Vec<Task<'_>> = (0..grid.groups * bands * parts)
        .map(|index| {
            let (group, at, part) = (index / parts / bands, index / parts % bands, index % parts);
            let first = part * together * width;
            Task {
                planes: planes.group(group),
                channel: planes.channel,
                grid,
                columns,
                rows: at * band..((at + 1) * band).min(rows),
                height: rows,
                taps,
                weights: weights.part(first * line, (together * width).min(outputs - first) * line),
                width,
                bias: bias.map_or(&[], |bias| &bias[first..]),
                results: Vec::with_capacity(together * width * grid.images),
            }
        })
        .collect();
    for (picture, values) in results.chunks_exact_mut(outputs * rows * columns).enumerate() {
        let group = picture / grid.images;
        for (output, values) in values.chunks_exact_mut(rows * columns).enumerate() {
            for (at, values) in values.chunks_mut(band * columns).enumerate() {
                let part = output / (together * width);
                tasks[(group * bands + at) * parts + part].results.push(values);
            }
        }
    }
    tasks.into_par_iter().for_each(run);
    results
}

/// Vectors of the largest tile, outputs times places.
const TILE: usize = 24;

/// Some blocks of outputs on a band of rows.
struct Task<'a> {
    planes: &'a [f32],
    channel: usize,
    grid: Grid,
    /// Of the result, as many as the grid's or one more.
    columns: usize,
    rows: Range<usize>,
    height: usize,
    taps: &'a [usize],
    /// `[outputs, channels, taps]`.
    weights: Weights<'a>,
    /// Outputs of a block, 8 or 4, as tasks are cut.
    width: usize,
    /// From the first output on; none is zero.
    bias: &'a [f32],
    /// By picture, then by output: the band's rows.
    results: Vec<&'a mut [f32]>,
}

/// A part of a task's sums: over some channels, at some places.
struct Share<'a> {
    channels: Range<usize>,
    kernels: Kernels<'a>,
    places: &'a [usize],
    /// What earlier channels came to, tile by tile and in each block by block; nothing where all channels are summed at once.
    sums: &'a mut [f32],
}

/// The weights of some channels at 32 bits.
#[derive(Clone, Copy)]
struct Kernels<'a> {
    values: &'a [f32],
    /// From one output to the next.
    line: usize,
    /// The channel that a line begins with.
    first: usize,
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let places: Vec<usize> = if self.columns.is_multiple_of(S::F32_LANES) && self.grid.images == 1 {
            let line = |row: usize| (0..self.columns).step_by(S::F32_LANES).map(move |x| (row, x));
            let row = self.grid.row();
            self.rows.clone().flat_map(line).map(|(y, x)| y * row + x).collect()
        } else {
            let last = (self.grid.images - 1) * self.grid.image() + (self.rows.end - 1) * self.grid.row() + self.columns;
            (self.rows.start * self.grid.row()..last).step_by(S::F32_LANES).collect()
        };
        let channels = self.channels();
        let step = channels.div_ceil(channels.div_ceil(CHANNELS));
        // As many sums as registers hold beside the inputs and a weight.
        let many = S::REGISTER_COUNT >= 32;
        let outputs = match self.width {
            8 if !many => self.outputs_of_sixteen_registers(),
            width => width,
        };
        let sums = if step < channels {
            places.len() * S::F32_LANES * self.blocks(outputs) * outputs
        } else {
            0
        };
        let mut sums = vec![0.0; sums];
        let mut widened = Vec::new();
        for first in (0..channels).step_by(step) {
            let chosen = first..(first + step).min(channels);
            let share = Share {
                channels: chosen.clone(),
                kernels: self.kernels(chosen, &mut widened),
                places: &places,
                sums: &mut sums,
            };
            match (outputs, many) {
                (8, _) => {
                    let rest = self.tiles::<S, 8, 3>(simd, share);
                    let rest = self.tiles::<S, 8, 2>(simd, rest);
                    self.tiles::<S, 8, 1>(simd, rest);
                }
                (6, _) => {
                    let rest = self.tiles::<S, 6, 2>(simd, share);
                    self.tiles::<S, 6, 1>(simd, rest);
                }
                (_, true) => {
                    let rest = self.tiles::<S, 4, 6>(simd, share);
                    let rest = self.tiles::<S, 4, 2>(simd, rest);
                    self.tiles::<S, 4, 1>(simd, rest);
                }
                (_, false) => {
                    let rest = self.tiles::<S, 4, 2>(simd, share);
                    self.tiles::<S, 4, 1>(simd, rest);
                }
            }
        }
    }
}

// Plain loops: over constant ranges they unroll, and no adapter of the standard library remains a call, before which all registers are saved.
#[allow(clippy::needless_range_loop)]
impl Task<'_> {
    fn channels(&self) -> usize {
        self.planes.len() / self.channel
    }

    /// Weights of an output.
    fn line(&self) -> usize {
        self.channels() * self.taps.len()
    }

    /// Outputs of a tile where there are few registers: six, unless more of the last block than a ninth of all would be for nothing.
    fn outputs_of_sixteen_registers(&self) -> usize {
        let outputs = self.weights.len() / self.line();
        let with = |tile: usize| outputs.next_multiple_of(tile);
        if 8 * with(6) > 9 * with(4) { 4 } else { 6 }
    }

    /// Blocks of so many outputs.
    fn blocks(&self, outputs: usize) -> usize {
        (self.weights.len() / self.line()).div_ceil(outputs)
    }

    /// The weights of some channels, where they lie or in `widened`.
    fn kernels<'s>(&self, channels: Range<usize>, widened: &'s mut Vec<f32>) -> Kernels<'s>
    where
        Self: 's,
    {
        if let Weights::Full(values) = self.weights {
            return Kernels {
                values,
                line: self.line(),
                first: 0,
            };
        }
        let line = channels.len() * self.taps.len();
        widened.resize(self.weights.len() / self.line() * line, 0.0);
        for (output, target) in widened.chunks_exact_mut(line).enumerate() {
            let start = output * self.line() + channels.start * self.taps.len();
            self.weights.part(start, line).copy_to(target);
        }
        Kernels {
            values: widened,
            line,
            first: channels.start,
        }
    }

    /// Tiles of `M` outputs at `N` vectors each; what is left over.
    #[inline(always)]
    fn tiles<'s, S: Simd, const M: usize, const N: usize>(&mut self, simd: S, share: Share<'s>) -> Share<'s> {
        let Share {
            channels,
            kernels,
            places,
            mut sums,
        } = share;
        let (tiles, rest) = places.as_chunks::<N>();
        let last = channels.end == self.channels();
        // The sums leave their registers once, to here or to `sums`: what is read by a changing index cannot stay in any.
        let mut values = [0.0; TILE * MAX_LANES];
        let values = &mut values[..M * N * S::F32_LANES];
        for places in tiles {
            for block in 0..self.blocks(M) {
                let (tile, others) = sums.split_at_mut(values.len().min(sums.len()));
                sums = others;
                let before = (channels.start > 0).then_some(&*tile);
                let sums = self.tile::<S, M, N>(simd, block, channels.clone(), kernels, places, before);
                let target = if last { &mut *values } else { tile };
                for output in 0..M {
                    for vector in 0..N {
                        store::<S>(target, (output * N + vector) * S::F32_LANES, sums[output][vector]);
                    }
                }
                if last {
                    for (vector, &place) in places.iter().enumerate() {
                        self.write::<S, M>(place, block, &values[vector * S::F32_LANES..], N * S::F32_LANES);
                    }
                }
            }
        }
        Share {
            channels,
            kernels,
            places: rest,
            sums,
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const M: usize, const N: usize>(
        &self,
        simd: S,
        block: usize,
        channels: Range<usize>,
        kernels: Kernels<'_>,
        places: &[usize; N],
        before: Option<&[f32]>,
    ) -> [[S::f32s; N]; M] {
        let mut sums = [[simd.splat_f32s(0.0); N]; M];
        for output in 0..M {
            for vector in 0..N {
                sums[output][vector] = match before {
                    Some(before) => load::<S>(before, (output * N + vector) * S::F32_LANES),
                    None => simd.splat_f32s(self.bias.get(block * M + output).copied().unwrap_or(0.0)),
                };
            }
        }
        let Kernels { values, line, first } = kernels;
        let taps = self.taps.len();
        // A block may have fewer outputs at the end: the last one's weights serve for those that are not there, and what they come to is not written.
        let last = values.len() / line - 1;
        let mut rows: [&[f32]; M] = [&[]; M];
        for output in 0..M {
            rows[output] = &values[(block * M + output).min(last) * line..][..line];
        }
        let farthest = |values: &[usize]| values.iter().max().copied().unwrap_or(0);
        assert!(
            farthest(places) + farthest(self.taps) + S::F32_LANES <= self.channel,
            "the grid lies within its planes"
        );
        for channel in channels {
            let plane = &self.planes[channel * self.channel..][..self.channel];
            let mut weights: [&[f32]; M] = [&[]; M];
            for output in 0..M {
                weights[output] = &rows[output][(channel - first) * taps..][..taps];
            }
            for tap in 0..taps {
                let mut inputs = [simd.splat_f32s(0.0); N];
                for vector in 0..N {
                    let at = places[vector] + self.taps[tap];
                    // Unsafe because a check before every load takes more than half of the time (measured with AVX2).
                    // SAFETY: the plane has as many numbers as a channel, within which the farthest vector was just asserted to end.
                    #[allow(unsafe_code)]
                    let vector_of = unsafe { plane.get_unchecked(at..at + S::F32_LANES) };
                    inputs[vector] = load::<S>(vector_of, 0);
                }
                for output in 0..M {
                    let weight = simd.splat_f32s(weights[output][tap]);
                    for vector in 0..N {
                        sums[output][vector] = simd.mul_add_f32s(weight, inputs[vector], sums[output][vector]);
                    }
                }
            }
        }
        sums
    }

    /// A vector of each of `block`'s outputs, `step` numbers apart, as far as they fall on results.
    #[inline(always)]
    fn write<S: Simd, const M: usize>(&mut self, place: usize, block: usize, values: &[f32], step: usize) {
        let row = self.grid.row();
        let outputs = self.results.len() / self.grid.images;
        let mut done = 0;
        while done < S::F32_LANES {
            let (line, x) = ((place + done) / row, (place + done) % row);
            let (image, y) = (line / (self.grid.rows + 1), line % (self.grid.rows + 1));
            let length = (row - x).min(S::F32_LANES - done);
            let kept = self.columns.saturating_sub(x).min(length);
            if y < self.height && y < self.rows.end && image < self.grid.images {
                let at = (y - self.rows.start) * self.columns + x;
                let targets = &mut self.results[image * outputs..][..outputs][block * M..];
                for (target, values) in targets.iter_mut().take(M).zip(values.chunks(step)) {
                    let (target, values) = (&mut target[at..at + kept], &values[done..][..kept]);
                    // A whole vector is one instruction.
                    match (target.as_chunks_mut::<16>(), values.as_chunks::<16>()) {
                        (([target], []), ([values], [])) => *target = *values,
                        _ => {
                            for (target, value) in target.iter_mut().zip(values) {
                                *target = *value;
                            }
                        }
                    }
                }
            }
            done += length;
        }
    }
}

#[cfg(test)]
mod tests;
