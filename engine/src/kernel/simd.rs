//! One source for every vector width: AVX-512 or AVX2 on x86-64, chosen at run time; elsewhere what pulp knows.

use pulp::{Simd, WithSimd};

/// Runs `op` with the widest vectors of this processor. Everything below it must be `#[inline(always)]`, or it falls back to the baseline.
pub fn vectorized<Op: WithSimd>(op: Op) -> Op::Output {
    // `Arch` knows AVX2 only with a feature of pulp's that its other users here leave off.
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = pulp::x86::V4::try_new() {
            return Simd::vectorize(simd, op);
        }
        if let Some(simd) = pulp::x86::V3::try_new() {
            return Simd::vectorize(simd, op);
        }
    }
    pulp::Arch::new().dispatch(op)
}

/// The widest vector that any processor has, in numbers: how far beyond its last number a buffer may be read.
pub const MAX_LANES: usize = 16;

/// A vector from `values[at..]`, aligned or not.
#[inline(always)]
pub fn load<S: Simd>(values: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&values[at..at + S::F32_LANES]).0[0]
}

/// A vector to `values[at..]`, aligned or not.
#[inline(always)]
pub fn store<S: Simd>(values: &mut [f32], at: usize, vector: S::f32s) {
    S::as_mut_simd_f32s(&mut values[at..at + S::F32_LANES]).0[0] = vector;
}

/// `e^x` to 2 units in the last place, for `x` up to 88; below -87 what it is there, which is next to nothing (Cephes' polynomial).
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    // Adding it leaves a whole number in the last bits.
    const SHIFT: f32 = 12_582_912.0;
    let x = simd.max_f32s(x, simd.splat_f32s(-87.0));
    let shifted = simd.mul_add_f32s(x, simd.splat_f32s(std::f32::consts::LOG2_E), simd.splat_f32s(SHIFT));
    let whole = simd.sub_f32s(shifted, simd.splat_f32s(SHIFT));
    // ln 2 in two parts, so that the remainder is exact.
    let rest = simd.mul_add_f32s(whole, simd.splat_f32s(-0.693_359_4), x);
    let rest = simd.mul_add_f32s(whole, simd.splat_f32s(2.121_944_4e-4), rest);
    let mut value = simd.splat_f32s(1.987_569_1e-4);
    for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1, 1.0, 1.0] {
        value = simd.mul_add_f32s(value, rest, simd.splat_f32s(factor));
    }
    let exponent = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(value), exponent))
}

/// A vector from `values[at..]`, zeros behind the end.
#[inline(always)]
pub fn fetch<S: Simd>(simd: S, values: &[f32], at: usize) -> S::f32s {
    if at + S::F32_LANES <= values.len() {
        load::<S>(values, at)
    } else {
        simd.partial_load_f32s(&values[at..])
    }
}

/// A vector to `values[at..]`, as far as they go.
#[inline(always)]
pub fn put<S: Simd>(simd: S, values: &mut [f32], at: usize, vector: S::f32s) {
    if at + S::F32_LANES <= values.len() {
        store::<S>(values, at, vector);
    } else {
        simd.partial_store_f32s(&mut values[at..], vector);
    }
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    // Bounded, so that the exponential stays a number; there the result is 0 or 1 to the last bit but a few.
    let x = simd.min_f32s(simd.neg_f32s(x), simd.splat_f32s(87.0));
    simd.div_f32s(one, simd.add_f32s(one, exp(simd, x)))
}

/// Distribution and density of the standard normal distribution at `x`, the first within 1.5e-7 (Abramowitz and Stegun, 7.1.26).
#[inline(always)]
pub fn normal<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    let one = simd.splat_f32s(1.0);
    let size = simd.abs_f32s(x);
    let bell = exp(simd, simd.mul_f32s(simd.mul_f32s(x, x), simd.splat_f32s(-0.5)));
    let slope = simd.splat_f32s(0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2);
    let t = simd.div_f32s(one, simd.mul_add_f32s(size, slope, one));
    let mut sum = simd.splat_f32s(1.061_405_4);
    for factor in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        sum = simd.mul_add_f32s(sum, t, simd.splat_f32s(factor));
    }
    // What lies beyond `size`: half of erfc(size / sqrt 2).
    let beyond = simd.mul_f32s(simd.mul_f32s(simd.mul_f32s(sum, t), bell), simd.splat_f32s(0.5));
    let below = simd.less_than_f32s(x, simd.splat_f32s(0.0));
    let distribution = simd.select_f32s(below, beyond, simd.sub_f32s(one, beyond));
    (distribution, simd.mul_f32s(bell, simd.splat_f32s(0.398_942_3)))
}
