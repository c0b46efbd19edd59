//! The softmax itself, for those who want to see it.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::simd::{MAX_LANES, load, vectorized};
use super::numbers::{Geometry, exponentials, maximum, rows};
use super::tile::{BLOCK, Panel, ROWS, Scores, products, spread, weigh};

/// `softmax(q k^T / sqrt(width))`, `[batch, heads, queries, keys]`.
pub fn forward(geometry: Geometry, query: &[f32], key: &[f32]) -> Vec<f32> {
    let Geometry {
        heads, queries, keys, ..
    } = geometry;
    let mut map = vec![0.0; geometry.batch * heads * queries * keys];
    map.par_chunks_mut(queries * keys).enumerate().for_each(|(index, map)| {
        let (picture, head) = (index / heads, index % heads);
        vectorized(Forward {
            geometry,
            query: geometry.head(query, queries, picture, head),
            keys: &geometry.panels(key, picture, head),
            map,
        });
    });
    map
}

/// One head of one picture.
struct Forward<'a> {
    geometry: Geometry,
    query: &'a [f32],
    keys: &'a [Panel],
    map: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Geometry {
            queries, keys, width, ..
        } = self.geometry;
        let mut query = vec![0.0; ROWS * width];
        let mut scores: Scores = [[0.0; BLOCK]; ROWS];
        // No line is cut by a vector.
        let stride = keys.next_multiple_of(MAX_LANES);
        let mut lines = vec![0.0; ROWS * stride];
        let mut done = 0;
        while done < queries {
            let count = ROWS.min(queries - done);
            rows(
                self.query,
                self.geometry.channels(),
                width,
                done,
                count,
                self.geometry.scale(),
                &mut query,
            );
            let mut first = 0;
            while first < keys {
                let block = BLOCK.min(keys - first);
                let padded = block.next_multiple_of(S::F32_LANES);
                products(simd, &query, width, self.keys, first, padded, &mut scores);
                for row in 0..count {
                    lines[row * stride + first..][..block].copy_from_slice(&scores[row][..block]);
                }
                first += block;
            }
            for row in 0..count {
                let line = &mut lines[row * stride..][..stride];
                line[keys..].fill(f32::MIN);
                let largest = maximum(simd, line, f32::MIN);
                let share = exponentials(simd, line, largest).recip();
                for (target, value) in self.map[(done + row) * keys..][..keys].iter_mut().zip(&*line) {
                    *target = value * share;
                }
            }
            done += count;
        }
    }
}

/// Gradients of queries and keys, from the map and its `gradient`.
pub fn backward(geometry: Geometry, query: &[f32], key: &[f32], map: &[f32], gradient: &[f32]) -> [Vec<f32>; 2] {
    let Geometry {
        heads, queries, keys, ..
    } = geometry;
    let parts: Vec<[Vec<f32>; 2]> = (0..geometry.batch * heads)
        .into_par_iter()
        .map(|index| {
            let (picture, head) = (index / heads, index % heads);
            vectorized(Backward {
                geometry,
                query: geometry.head(query, queries, picture, head),
                key: geometry.head(key, keys, picture, head),
                map: &map[index * queries * keys..][..queries * keys],
                gradient: &gradient[index * queries * keys..][..queries * keys],
            })
        })
        .collect();
    [
        geometry.gathered(queries, parts.iter().map(|part| &part[0])),
        geometry.gathered(keys, parts.iter().map(|part| &part[1])),
    ]
}

/// One head of one picture.
struct Backward<'a> {
    geometry: Geometry,
    query: &'a [f32],
    key: &'a [f32],
    map: &'a [f32],
    gradient: &'a [f32],
}

impl WithSimd for Backward<'_> {
    /// `[queries, width]` and `[keys, width]`.
    type Output = [Vec<f32>; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Geometry {
            queries, keys, width, ..
        } = self.geometry;
        let (channels, scale) = (self.geometry.channels(), self.geometry.scale());
        let mut of_queries = vec![0.0; queries * width];
        let mut of_keys = vec![0.0; keys * width];
        let (mut query, mut sums) = (vec![0.0; ROWS * width], vec![0.0; ROWS * width]);
        let mut slopes: Scores = [[0.0; BLOCK]; ROWS];
        let mut done = 0;
        while done < queries {
            let count = ROWS.min(queries - done);
            rows(self.query, channels, width, done, count, scale, &mut query);
            sums.fill(0.0);
            let mut means = [0.0; ROWS];
            for (row, mean) in means.iter_mut().enumerate().take(count) {
                *mean = dot(
                    simd,
                    &self.map[(done + row) * keys..][..keys],
                    &self.gradient[(done + row) * keys..][..keys],
                );
            }
            let mut first = 0;
            while first < keys {
                let block = BLOCK.min(keys - first);
                for row in 0..ROWS {
                    if row >= count {
                        // A row that is only repeated says nothing.
                        slopes[row][..block].fill(0.0);
                        continue;
                    }
                    let at = (done + row) * keys + first;
                    let (map, gradient, target) = (
                        &self.map[at..][..block],
                        &self.gradient[at..][..block],
                        &mut slopes[row][..block],
                    );
                    for key in 0..block {
                        target[key] = map[key] * (gradient[key] - means[row]);
                    }
                }
                weigh(
                    simd,
                    &slopes,
                    block,
                    &self.key[first * channels..],
                    channels,
                    width,
                    &mut sums,
                );
                spread(simd, &slopes, block, &query, width, &mut of_keys[first * width..]);
                first += block;
            }
            for at in 0..count * width {
                of_queries[done * width + at] = sums[at] * scale;
            }
            done += count;
        }
        [of_queries, of_keys]
    }
}

/// The sum of products.
#[inline(always)]
fn dot<S: Simd>(simd: S, left: &[f32], right: &[f32]) -> f32 {
    let mut sum = simd.splat_f32s(0.0);
    let mut at = 0;
    while at + S::F32_LANES <= left.len() {
        sum = simd.mul_add_f32s(load::<S>(left, at), load::<S>(right, at), sum);
        at += S::F32_LANES;
    }
    let mut total = simd.reduce_sum_f32s(sum);
    while at < left.len() {
        total += left[at] * right[at];
        at += 1;
    }
    total
}
