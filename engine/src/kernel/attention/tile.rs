//! Eight queries against a block of keys: small matrix products whose sums stay in registers.

use pulp::Simd;

use super::super::simd::{MAX_LANES, load, store};

/// Queries of a tile.
pub const ROWS: usize = 8;
/// Those whose sums two vectors each leave room for in sixteen registers.
const HALF: usize = ROWS / 2;
/// Keys of a block: the scores of a tile fill a quarter of the first-level cache.
pub const BLOCK: usize = 384;

/// The numbers of one kind of some keys: see `Geometry::panels`.
pub type Panel = [f32; MAX_LANES];

/// A number for each query and key of a tile.
pub type Scores = [[f32; BLOCK]; ROWS];

/// `scores[row][key] = sum over j of rows[row][j] * keys[first + key][j]` for the first `count` keys, a multiple of the vector's length.
/// `rows [ROWS, width]`; `keys [panels, width]`.
#[inline(always)]
pub fn products<S: Simd>(simd: S, rows: &[f32], width: usize, keys: &[Panel], first: usize, count: usize, scores: &mut Scores) {
    let lanes = S::F32_LANES;
    let mut at = 0;
    if S::REGISTER_COUNT >= 32 {
        while at + 3 * lanes <= count {
            products_at::<S, ROWS, 3>(simd, rows, width, keys, first, 0, at, scores);
            at += 3 * lanes;
        }
    } else {
        while at + 2 * lanes <= count {
            products_at::<S, HALF, 2>(simd, rows, width, keys, first, 0, at, scores);
            products_at::<S, HALF, 2>(simd, rows, width, keys, first, HALF, at, scores);
            at += 2 * lanes;
        }
    }
    while at + lanes <= count {
        products_at::<S, ROWS, 1>(simd, rows, width, keys, first, 0, at, scores);
        at += lanes;
    }
}

/// Of `M` rows from number `top` on, with `N` vectors of keys from `at` on.
// Plain loops over constant ranges unroll; see `conv`.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn products_at<S: Simd, const M: usize, const N: usize>(
    simd: S,
    rows: &[f32],
    width: usize,
    keys: &[Panel],
    first: usize,
    top: usize,
    at: usize,
    scores: &mut Scores,
) {
    let mut lines: [&[f32]; M] = [&[]; M];
    for row in 0..M {
        lines[row] = &rows[(top + row) * width..][..width];
    }
    let mut panels: [&[Panel]; N] = [&[]; N];
    let mut lanes = [0; N];
    for vector in 0..N {
        let key = first + at + vector * S::F32_LANES;
        panels[vector] = &keys[key / MAX_LANES * width..][..width];
        lanes[vector] = key % MAX_LANES;
    }
    let mut sums = [[simd.splat_f32s(0.0); N]; M];
    for j in 0..width {
        let mut inputs = [simd.splat_f32s(0.0); N];
        for vector in 0..N {
            inputs[vector] = load::<S>(&panels[vector][j], lanes[vector]);
        }
        for row in 0..M {
            let factor = simd.splat_f32s(lines[row][j]);
            for vector in 0..N {
                sums[row][vector] = simd.mul_add_f32s(factor, inputs[vector], sums[row][vector]);
            }
        }
    }
    for row in 0..M {
        for vector in 0..N {
            store::<S>(&mut scores[top + row], at + vector * S::F32_LANES, sums[row][vector]);
        }
    }
}

/// `sums[row][j] += sum over keys of scores[row][key] * values[key][j]`; `values` begins at the first key, `stride` numbers a key.
#[inline(always)]
pub fn weigh<S: Simd>(simd: S, scores: &Scores, count: usize, values: &[f32], stride: usize, width: usize, sums: &mut [f32]) {
    let lanes = S::F32_LANES;
    let mut j = 0;
    while j + 2 * lanes <= width {
        if S::REGISTER_COUNT >= 32 {
            weigh_at::<S, ROWS, 2>(simd, scores, count, &values[j..], stride, width, 0, j, sums);
        } else {
            weigh_at::<S, HALF, 2>(simd, scores, count, &values[j..], stride, width, 0, j, sums);
            weigh_at::<S, HALF, 2>(simd, scores, count, &values[j..], stride, width, HALF, j, sums);
        }
        j += 2 * lanes;
    }
    while j < width {
        weigh_at::<S, ROWS, 1>(simd, scores, count, &values[j..], stride, width, 0, j, sums);
        j += lanes;
    }
}

/// Of `M` rows from number `top` on, to `N` vectors of results: `values` begins at the first of them.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn weigh_at<S: Simd, const M: usize, const N: usize>(
    simd: S,
    scores: &Scores,
    count: usize,
    values: &[f32],
    stride: usize,
    width: usize,
    top: usize,
    j: usize,
    sums: &mut [f32],
) {
    let mut lines: [&[f32; BLOCK]; M] = [&scores[0]; M];
    let mut totals = [[simd.splat_f32s(0.0); N]; M];
    for row in 0..M {
        lines[row] = &scores[top + row];
        for vector in 0..N {
            totals[row][vector] = load::<S>(sums, (top + row) * width + j + vector * S::F32_LANES);
        }
    }
    for (key, values) in (0..count.min(BLOCK)).zip(values.chunks(stride)) {
        let values = &values[..N * S::F32_LANES];
        let mut inputs = [simd.splat_f32s(0.0); N];
        for vector in 0..N {
            inputs[vector] = load::<S>(values, vector * S::F32_LANES);
        }
        for row in 0..M {
            let factor = simd.splat_f32s(lines[row][key]);
            for vector in 0..N {
                totals[row][vector] = simd.mul_add_f32s(factor, inputs[vector], totals[row][vector]);
            }
        }
    }
    for row in 0..M {
        for vector in 0..N {
            store::<S>(sums, (top + row) * width + j + vector * S::F32_LANES, totals[row][vector]);
        }
    }
}

/// `sums[key][j] += sum over rows of scores[row][key] * rows[row][j]`; `sums` begins at the first key, `width` numbers a key.
#[inline(always)]
pub fn spread<S: Simd>(simd: S, scores: &Scores, count: usize, rows: &[f32], width: usize, sums: &mut [f32]) {
    let lanes = S::F32_LANES;
    let mut j = 0;
    if S::REGISTER_COUNT >= 32 {
        while j + 2 * lanes <= width {
            spread_at::<S, 2>(simd, scores, count, rows, width, j, sums);
            j += 2 * lanes;
        }
    }
    while j < width {
        spread_at::<S, 1>(simd, scores, count, rows, width, j, sums);
        j += lanes;
    }
}

#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn spread_at<S: Simd, const N: usize>(
    simd: S,
    scores: &Scores,
    count: usize,
    rows: &[f32],
    width: usize,
    j: usize,
    sums: &mut [f32],
) {
    let mut factors = [[simd.splat_f32s(0.0); N]; ROWS];
    for row in 0..ROWS {
        for vector in 0..N {
            factors[row][vector] = load::<S>(rows, row * width + j + vector * S::F32_LANES);
        }
    }
    for key in 0..count.min(BLOCK) {
        let line = &mut sums[key * width + j..][..N * S::F32_LANES];
        let mut totals = [simd.splat_f32s(0.0); N];
        for vector in 0..N {
            totals[vector] = load::<S>(line, vector * S::F32_LANES);
        }
        for row in 0..ROWS {
            let factor = simd.splat_f32s(scores[row][key]);
            for vector in 0..N {
                totals[vector] = simd.mul_add_f32s(factor, factors[row][vector], totals[vector]);
            }
        }
        for vector in 0..N {
            store::<S>(line, vector * S::F32_LANES, totals[vector]);
        }
    }
}
