//! Pixels as the GPU takes them, and their halving.

use crate::document::{Pixel, TILE};

const SIDE: usize = TILE as usize;

/// A pixel that can be averaged.
pub trait Texel: Pixel {
    /// As it is averaged and uploaded: with its colour premultiplied.
    fn premultiplied(self) -> Self;
    fn mean(four: [Self; 4]) -> Self;
}

impl Texel for u8 {
    #[inline]
    fn premultiplied(self) -> Self {
        self
    }

    #[inline]
    fn mean(four: [Self; 4]) -> Self {
        ((four.iter().map(|&value| u32::from(value)).sum::<u32>() + 2) / 4) as Self
    }
}

impl Texel for [u8; 4] {
    #[inline]
    fn premultiplied(self) -> Self {
        let [r, g, b, a] = self;
        let times = |value: u8| ((u32::from(value) * u32::from(a) + 127) / 255) as u8;
        [times(r), times(g), times(b), a]
    }

    /// Two channels at a time, each with room above it for the sum.
    #[inline]
    fn mean(four: [Self; 4]) -> Self {
        const EVERY_SECOND: u32 = 0x00FF_00FF;
        let four = four.map(u32::from_le_bytes);
        let half = |shift: u32| {
            let sum: u32 = four.iter().map(|pixel| (pixel >> shift) & EVERY_SECOND).sum();
            ((sum + 0x0002_0002) >> 2) & EVERY_SECOND
        };
        (half(0) | half(8) << 8).to_le_bytes()
    }
}

/// Reads pixels of a level as texels: level 0 is straight, those above are premultiplied.
pub fn read<P: Texel>(level: u32, from: &[P], to: &mut [P]) {
    if level == 0 {
        for (to, from) in to.iter_mut().zip(from) {
            *to = from.premultiplied();
        }
    } else {
        to.copy_from_slice(from);
    }
}

/// Halves a tile of `level`, of which `extent` `[width, height]` lies in the picture, into the quarter of the coarser tile that is `[right, down]`. What
/// an odd picture lacks, its edge stands for.
pub fn halve<P: Texel>(level: u32, tile: Option<&[P]>, extent: [usize; 2], quarter: [usize; 2], coarser: &mut [P]) {
    let half = SIDE / 2;
    let mut lines = [[P::default(); SIDE]; 2];
    let rows = coarser.chunks_exact_mut(SIDE).skip(quarter[1] * half).take(half);
    for (y, row) in rows.enumerate() {
        let row = &mut row[quarter[0] * half..][..half];
        let Some(tile) = tile.filter(|_| 2 * y < extent[1]) else {
            row.fill(P::default());
            continue;
        };
        for (y, line) in [2 * y, (2 * y + 1).min(extent[1] - 1)].into_iter().zip(&mut lines) {
            read(level, &tile[y * SIDE..][..extent[0]], &mut line[..extent[0]]);
            if extent[0] < SIDE {
                line[extent[0]] = line[extent[0] - 1];
            }
        }
        let [upper, lower] = lines.each_ref().map(|line| line.as_chunks::<2>().0);
        let pairs = extent[0].div_ceil(2);
        for ((to, upper), lower) in row[..pairs].iter_mut().zip(upper).zip(lower) {
            *to = P::mean([upper[0], upper[1], lower[0], lower[1]]);
        }
        row[pairs..].fill(P::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_the_mean_of_four_pixels_each_and_the_edge_stands_for_what_is_missing() {
        let noise = |at: usize| (at as u32).wrapping_mul(0x9E37_79B1).to_le_bytes();
        let tile: Vec<[u8; 4]> = (0..SIDE * SIDE).map(noise).collect();
        for (level, extent, quarter) in [
            (0, [256, 256], [1, 0]),
            (1, [256, 256], [0, 1]),
            (1, [7, 31], [1, 1]),
            (0, [1, 1], [0, 0]),
        ] {
            let mut coarser = vec![[9; 4]; SIDE * SIDE];
            halve(level, Some(&tile), extent, quarter, &mut coarser);
            let corner = quarter.map(|side| side * SIDE / 2);
            for (x, y) in [(0, 0), (1, 1), (3, 15), (4, 3), (127, 127), (0, 16)] {
                let pixel = |right: usize, down: usize| {
                    let at = (2 * y + down).min(extent[1] - 1) * SIDE + (2 * x + right).min(extent[0] - 1);
                    if level == 0 { tile[at].premultiplied() } else { tile[at] }
                };
                let four = [pixel(0, 0), pixel(1, 0), pixel(0, 1), pixel(1, 1)];
                let mean = |channel: usize| ((four.iter().map(|pixel| u32::from(pixel[channel])).sum::<u32>() + 2) / 4) as u8;
                let is_inside = 2 * x < extent[0] && 2 * y < extent[1];
                let expected = if is_inside { [0, 1, 2, 3].map(mean) } else { [0; 4] };
                assert_eq!(
                    coarser[(corner[1] + y) * SIDE + corner[0] + x],
                    expected,
                    "{extent:?} {x} {y}"
                );
            }
            let beside = (SIDE - 1 - corner[1]) * SIDE + SIDE - 1 - corner[0];
            assert_eq!(coarser[beside], [9; 4], "the other quarters stay");
            halve(level, None::<&[[u8; 4]]>, extent, quarter, &mut coarser);
            assert_eq!(coarser[corner[1] * SIDE + corner[0]], [0; 4]);
        }
    }
}
