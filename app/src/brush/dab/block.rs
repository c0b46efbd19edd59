//! Blocks of pixels, in vectors.

use pulp::Simd;

/// Pixels of a row that are printed together: as many as fill a vector, of bytes and of numbers alike.
pub const BLOCK: usize = 16;

/// From the first of them to each.
pub const STEPS: [f32; BLOCK] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
];

/// Share of a pixel that lies `depth` behind the outer end of an edge that is `width` wide, both in pixels: the mean over the edge of how far it
/// reaches in. `part` is 1 by the width.
#[inline(always)]
pub fn narrow(depth: f32, width: f32, part: f32) -> f32 {
    let integral = |depth: f32| {
        let inside = depth.max(0.0).min(1.0);
        0.5 * inside * inside + (depth - 1.0).max(0.0)
    };
    // Deeper than this it is 1, which a difference of large numbers would miss.
    let depth = depth.min(width + 1.0);
    (integral(depth) - integral(depth - width)) * part
}

/// Lowers what is known of a block to what `far` says of its pixels, given their places, `left` and so on.
#[inline(always)]
pub fn near(least: &mut [f32; BLOCK], left: f32, far: impl Fn(f32) -> f32) {
    for (least, step) in least.iter_mut().zip(STEPS) {
        *least = least.min(far(left + step));
    }
}

/// The same with the square of the distance. In vectors by hand: as a loop the compiler takes it to pieces.
#[inline(always)]
pub fn near_square<S: Simd>(simd: S, least: &mut [f32; BLOCK], left: f32, y: f32) {
    let (left, square) = (simd.splat_f32s(left), simd.splat_f32s(y * y));
    for (least, step) in S::as_mut_simd_f32s(least).0.iter_mut().zip(S::as_simd_f32s(&STEPS).0) {
        let x = simd.add_f32s(left, *step);
        *least = simd.min_f32s(*least, simd.add_f32s(simd.mul_f32s(x, x), square));
    }
}

/// Puts values in their place; 1 where they are others than before. Byte by byte, which the compiler makes one comparison of vectors; of arrays it makes
/// several of registers.
#[inline(always)]
pub fn put(place: &mut [u8; BLOCK], values: [u8; BLOCK]) -> u16 {
    let mut differing = 0;
    for (old, new) in place.iter().zip(&values) {
        differing |= old ^ new;
    }
    *place = values;
    u16::from(differing != 0)
}

/// Adding it leaves a number up to its own size rounded in the last bits.
const ROUND: f32 = 8_388_608.0;

/// The nearest whole number, of 0 and above.
#[inline(always)]
pub fn rounded(value: f32) -> f32 {
    (value + ROUND) - ROUND
}

/// The nearest byte to 0..=255.
#[inline(always)]
pub fn byte(value: f32) -> u8 {
    (value + ROUND).to_bits() as u8
}
