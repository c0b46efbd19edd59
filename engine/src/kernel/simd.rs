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
