//! Attention over rows of numbers, without the map of all scores in memory (Dao et al., 2022).

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::simd::{MAX_LANES, exp, load, store, vectorized};
use super::tile::{BLOCK, Panel, ROWS, Scores, products, spread, weigh};

/// Queries `[batch, queries, heads * width]`, keys and values `[batch, keys, heads * width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub batch: usize,
    pub heads: usize,
    pub queries: usize,
    pub keys: usize,
    /// Of a head; a multiple of [`MAX_LANES`].
    pub width: usize,
}

impl Geometry {
    pub fn channels(&self) -> usize {
        self.heads * self.width
    }

    pub fn scale(&self) -> f32 {
        (self.width as f32).sqrt().recip()
    }

    /// The numbers of one picture, `[rows, heads * width]`, from one of its heads on.
    pub fn head<'a>(&self, values: &'a [f32], rows: usize, batch: usize, head: usize) -> &'a [f32] {
        &values[batch * rows * self.channels() + head * self.width..][..(rows - 1) * self.channels() + self.width]
    }

    /// One head of `[batch, keys, channels]`, in panels of keys whose numbers of one kind lie together: `[panels, width]` of [`MAX_LANES`] keys each, zeros
    /// where there is no key. So a tile reads memory from front to back; along lines of thousands of keys each vector would be on a page of its own.
    pub fn panels(&self, values: &[f32], batch: usize, head: usize) -> Vec<Panel> {
        let (width, channels) = (self.width, self.channels());
        let values = self.head(values, self.keys, batch, head);
        let mut panels = vec![[0.0; MAX_LANES]; self.keys.div_ceil(MAX_LANES) * width];
        for (number, panel) in panels.chunks_exact_mut(width).enumerate() {
            let first = number * MAX_LANES;
            for key in 0..MAX_LANES.min(self.keys - first) {
                let row = &values[(first + key) * channels..][..width];
                for (target, value) in panel.iter_mut().zip(row) {
                    target[key] = *value;
                }
            }
        }
        panels
    }

    /// One head of `[batch, keys, channels]` by itself, `[keys, width]`.
    fn apart(&self, values: &[f32], batch: usize, head: usize) -> Vec<f32> {
        let mut rows = Vec::with_capacity(self.keys * self.width);
        for row in self.head(values, self.keys, batch, head).chunks(self.channels()) {
            rows.extend_from_slice(&row[..self.width]);
        }
        rows
    }

    /// `[batch, length, channels]` from the heads, `[length, width]` each.
    pub fn gathered<'a>(&self, length: usize, parts: impl Iterator<Item = &'a Vec<f32>>) -> Vec<f32> {
        let channels = self.channels();
        let mut result = vec![0.0; self.batch * length * channels];
        for (index, part) in parts.enumerate() {
            let at = index / self.heads * length * channels + index % self.heads * self.width;
            for (target, row) in result[at..].chunks_mut(channels).zip(part.chunks_exact(self.width)) {
                target[..self.width].copy_from_slice(row);
            }
        }
        result
    }
}

/// Queries of a task.
const QUERIES: usize = 8 * ROWS;

/// `softmax(q k^T / sqrt(width)) v`, `[batch, queries, channels]`, and for the gradient the logarithm of each softmax's divisor,
/// `[batch, heads, queries]`.
pub fn forward(geometry: Geometry, query: &[f32], key: &[f32], value: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let Geometry {
        batch,
        heads,
        queries,
        width,
        ..
    } = geometry;
    let pairs: Vec<(Vec<Panel>, Vec<f32>)> = (0..batch * heads)
        .into_par_iter()
        .map(|index| {
            let (picture, head) = (index / heads, index % heads);
            (geometry.panels(key, picture, head), geometry.apart(value, picture, head))
        })
        .collect();
    let blocks = queries.div_ceil(QUERIES);
    let parts: Vec<(Vec<f32>, Vec<f32>)> = (0..batch * heads * blocks)
        .into_par_iter()
        .map(|index| {
            let (pair, block) = (index / blocks, index % blocks);
            let (picture, head) = (pair / heads, pair % heads);
            vectorized(Forward {
                geometry,
                query: geometry.head(query, queries, picture, head),
                keys: &pairs[pair].0,
                values: &pairs[pair].1,
                first: block * QUERIES,
                count: QUERIES.min(queries - block * QUERIES),
            })
        })
        .collect();
    let mut output = vec![0.0; batch * queries * geometry.channels()];
    let mut divisors = Vec::with_capacity(batch * heads * queries);
    for (index, (rows, logarithms)) in parts.iter().enumerate() {
        let (pair, block) = (index / blocks, index % blocks);
        let at = (pair / heads * queries + block * QUERIES) * geometry.channels() + pair % heads * width;
        for (target, row) in output[at..].chunks_mut(geometry.channels()).zip(rows.chunks_exact(width)) {
            target[..width].copy_from_slice(row);
        }
        divisors.extend_from_slice(logarithms);
    }
    (output, divisors)
}

/// Some queries of one head.
struct Forward<'a> {
    geometry: Geometry,
    query: &'a [f32],
    keys: &'a [Panel],
    /// `[keys, width]`.
    values: &'a [f32],
    first: usize,
    count: usize,
}

/// `ROWS` rows of `width` numbers from every `channels`, times `factor`; the last is repeated where there are no more.
#[inline(always)]
pub fn rows(values: &[f32], channels: usize, width: usize, first: usize, count: usize, factor: f32, rows: &mut [f32]) {
    for row in 0..ROWS {
        let line = &values[(first + row.min(count - 1)) * channels..][..width];
        for j in 0..width {
            rows[row * width + j] = line[j] * factor;
        }
    }
}

impl WithSimd for Forward<'_> {
    /// `[count, width]` and `[count]`.
    type Output = (Vec<f32>, Vec<f32>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Geometry { keys, width, .. } = self.geometry;
        let mut output = vec![0.0; self.count * width];
        let mut logarithms = vec![0.0; self.count];
        let mut tiles: Vec<Tile> = (0..self.count).step_by(ROWS).map(|done| self.tile(done)).collect();
        let mut scores: Scores = [[0.0; BLOCK]; ROWS];
        // A block of keys serves all tiles while it is in the second-level cache.
        for first in (0..keys).step_by(BLOCK) {
            let block = BLOCK.min(keys - first);
            let padded = block.next_multiple_of(S::F32_LANES);
            let values = &self.values[first * width..][..block * width];
            for tile in &mut tiles {
                products(simd, &tile.query, width, self.keys, first, padded, &mut scores);
                for (row, line) in scores.iter_mut().enumerate() {
                    for lane in line[block..padded].iter_mut() {
                        *lane = f32::MIN;
                    }
                    let before = tile.largest[row];
                    tile.largest[row] = maximum(simd, &line[..padded], before);
                    let sum = exponentials(simd, &mut line[..padded], tile.largest[row]);
                    let shrink = (before - tile.largest[row]).exp();
                    tile.divisors[row] = tile.divisors[row] * shrink + sum;
                    if first > 0 {
                        for sum in tile.sums[row * width..][..width].iter_mut() {
                            *sum *= shrink;
                        }
                    }
                }
                weigh(simd, &scores, block, values, width, width, &mut tile.sums);
            }
        }
        let results = output.chunks_mut(ROWS * width).zip(logarithms.chunks_mut(ROWS));
        for (tile, (output, logarithms)) in tiles.iter().zip(results) {
            for (row, (output, logarithm)) in output.chunks_exact_mut(width).zip(logarithms).enumerate() {
                let divisor = tile.divisors[row].recip();
                for (target, sum) in output.iter_mut().zip(&tile.sums[row * width..]) {
                    *target = sum * divisor;
                }
                *logarithm = tile.largest[row] + tile.divisors[row].ln();
            }
        }
        (output, logarithms)
    }
}

/// What a tile of queries has come to.
struct Tile {
    /// `[ROWS, width]`, scaled.
    query: Vec<f32>,
    /// `[ROWS, width]`.
    sums: Vec<f32>,
    largest: [f32; ROWS],
    divisors: [f32; ROWS],
}

impl Forward<'_> {
    fn tile(&self, done: usize) -> Tile {
        let Geometry { width, .. } = self.geometry;
        let count = ROWS.min(self.count - done);
        let mut query = vec![0.0; ROWS * width];
        rows(
            self.query,
            self.geometry.channels(),
            width,
            self.first + done,
            count,
            self.geometry.scale(),
            &mut query,
        );
        Tile {
            query,
            sums: vec![0.0; ROWS * width],
            largest: [f32::MIN; ROWS],
            divisors: [0.0; ROWS],
        }
    }
}

/// The largest of `values` and `least`; whole vectors.
#[inline(always)]
pub fn maximum<S: Simd>(simd: S, values: &[f32], least: f32) -> f32 {
    let mut largest = simd.splat_f32s(least);
    let mut at = 0;
    while at < values.len() {
        largest = simd.max_f32s(largest, load::<S>(values, at));
        at += S::F32_LANES;
    }
    simd.reduce_max_f32s(largest)
}

/// `exp(value - shift)` in place, and the sum; whole vectors.
#[inline(always)]
pub fn exponentials<S: Simd>(simd: S, values: &mut [f32], shift: f32) -> f32 {
    let shift = simd.splat_f32s(shift);
    let mut sum = simd.splat_f32s(0.0);
    let mut at = 0;
    while at < values.len() {
        let value = exp(simd, simd.sub_f32s(load::<S>(values, at), shift));
        sum = simd.add_f32s(sum, value);
        store::<S>(values, at, value);
        at += S::F32_LANES;
    }
    simd.reduce_sum_f32s(sum)
}

/// What the forward pass was given and found, and the gradient of its result.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub query: &'a [f32],
    pub key: &'a [f32],
    pub value: &'a [f32],
    pub output: &'a [f32],
    pub divisors: &'a [f32],
    pub gradient: &'a [f32],
}

/// Gradients of queries, keys and values.
pub fn backward(geometry: Geometry, seen: Seen<'_>) -> [Vec<f32>; 3] {
    let heads = geometry.heads;
    let parts: Vec<[Vec<f32>; 3]> = (0..geometry.batch * heads)
        .into_par_iter()
        .map(|index| {
            vectorized(Backward {
                geometry,
                seen,
                batch: index / heads,
                head: index % heads,
            })
        })
        .collect();
    let gather = |number: usize, length: usize| geometry.gathered(length, parts.iter().map(|part| &part[number]));
    [
        gather(0, geometry.queries),
        gather(1, geometry.keys),
        gather(2, geometry.keys),
    ]
}

/// One head of one picture.
struct Backward<'a> {
    geometry: Geometry,
    seen: Seen<'a>,
    batch: usize,
    head: usize,
}

impl WithSimd for Backward<'_> {
    /// `[queries, width]`, `[keys, width]`, `[keys, width]`.
    type Output = [Vec<f32>; 3];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Self {
            geometry,
            seen,
            batch,
            head,
        } = self;
        let Geometry {
            heads,
            queries,
            keys,
            width,
            ..
        } = geometry;
        let (channels, scale) = (geometry.channels(), geometry.scale());
        let of = |values, rows| geometry.head(values, rows, batch, head);
        let (all_queries, all_keys) = (of(seen.query, queries), of(seen.key, keys));
        let (outputs, gradients) = (of(seen.output, queries), of(seen.gradient, queries));
        let (keys_across, values_across) = (
            geometry.panels(seen.key, batch, head),
            geometry.panels(seen.value, batch, head),
        );
        let divisors = &seen.divisors[(batch * heads + head) * queries..][..queries];

        let mut of_queries = vec![0.0; queries * width];
        let mut of_keys = vec![0.0; keys * width];
        let mut of_values = vec![0.0; keys * width];
        let (mut query, mut gradient, mut sums) = (vec![0.0; ROWS * width], vec![0.0; ROWS * width], vec![0.0; ROWS * width]);
        let mut weights: Scores = [[0.0; BLOCK]; ROWS];
        let mut slopes: Scores = [[0.0; BLOCK]; ROWS];
        let mut done = 0;
        while done < queries {
            let count = ROWS.min(queries - done);
            rows(all_queries, channels, width, done, count, scale, &mut query);
            rows(gradients, channels, width, done, count, 1.0, &mut gradient);
            // A softmax's slope is taken from the mean slope of its row: the product of result and gradient.
            let mut means = [0.0; ROWS];
            for row in 0..count {
                let output = &outputs[(done + row) * channels..][..width];
                for j in 0..width {
                    means[row] += output[j] * gradient[row * width + j];
                }
            }
            sums.fill(0.0);
            let mut first = 0;
            while first < keys {
                let block = BLOCK.min(keys - first);
                let padded = block.next_multiple_of(S::F32_LANES);
                products(simd, &query, width, &keys_across, first, padded, &mut weights);
                products(simd, &gradient, width, &values_across, first, padded, &mut slopes);
                for row in 0..ROWS {
                    if row >= count {
                        // A row that is only repeated says nothing.
                        weights[row][..padded].fill(0.0);
                        slopes[row][..padded].fill(0.0);
                        continue;
                    }
                    exponentials(simd, &mut weights[row][..padded], divisors[done + row]);
                    let mean = simd.splat_f32s(means[row]);
                    let mut at = 0;
                    while at < padded {
                        let slope = simd.sub_f32s(load::<S>(&slopes[row], at), mean);
                        let slope = simd.mul_f32s(slope, load::<S>(&weights[row], at));
                        store::<S>(&mut slopes[row], at, slope);
                        at += S::F32_LANES;
                    }
                }
                weigh(
                    simd,
                    &slopes,
                    block,
                    &all_keys[first * channels..],
                    channels,
                    width,
                    &mut sums,
                );
                spread(simd, &slopes, block, &query, width, &mut of_keys[first * width..]);
                spread(simd, &weights, block, &gradient, width, &mut of_values[first * width..]);
                first += block;
            }
            for row in 0..count {
                for j in 0..width {
                    of_queries[(done + row) * width + j] = sums[row * width + j] * scale;
                }
            }
            done += count;
        }
        [of_queries, of_keys, of_values]
    }
}
