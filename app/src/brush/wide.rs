//! Loops over pixels with the widest vectors of this processor: plain loops, which the compiler turns into vectors of the width that is asked for.

use pulp::{Simd, WithSimd};

/// Runs `op`. Everything below it must be `#[inline(always)]`, or it is compiled for any processor.
pub fn widest<Op: WithSimd>(op: Op) -> Op::Output {
    // pulp's own choice knows AVX2 only with a feature that its other users leave off.
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
