//! PackBits, the one packing that every program reads: runs and literals, row by row.

use rayon::prelude::*;

use crate::document::rect::Rect;
use crate::document::tile::TILE;

/// Bytes that one run or one literal holds.
const MOST: usize = 128;
/// Bytes that a run must have to be worth breaking a literal for.
const WORTH: usize = 3;

/// A channel: two bytes for the length of each row, and the rows.
#[derive(Default)]
pub struct Packed {
    pub lengths: Vec<u8>,
    pub rows: Vec<u8>,
}

impl Packed {
    fn add(&mut self, row: &[u8]) {
        let before = self.rows.len();
        pack(row, &mut self.rows);
        let length = (self.rows.len() - before) as u16;
        self.lengths.extend(length.to_be_bytes());
    }
}

/// The `N` channels of `area`, a band of rows at a time. `samples` gives those of a band, `N` bytes a pixel, or ends it by an error of its own. Rows have at
/// most 30,000 pixels.
pub fn channels<const N: usize, E>(area: Rect, mut samples: impl FnMut(Rect) -> Result<Vec<u8>, E>) -> Result<[Packed; N], E> {
    let mut channels: [Packed; N] = std::array::from_fn(|_| Packed::default());
    for top in (area.top..area.bottom).step_by(TILE as usize) {
        let bottom = (top + TILE).min(area.bottom);
        let samples = samples(Rect { top, bottom, ..area })?;
        let pixels: &[[u8; N]] = samples.as_chunks().0;
        channels.par_iter_mut().enumerate().for_each(|(channel, packed)| {
            let mut row = Vec::new();
            for pixels in pixels.chunks_exact(area.width() as usize) {
                row.clear();
                row.extend(pixels.iter().map(|pixel| pixel[channel]));
                packed.add(&row);
            }
        });
    }
    Ok(channels)
}

/// How many bands [`channels`] takes.
pub fn bands(area: Rect) -> usize {
    area.height().div_ceil(TILE) as usize
}

/// Appends a row. It grows by a byte in 128 at most.
pub fn pack(row: &[u8], packed: &mut Vec<u8>) {
    // Where the literal begins that is not written yet.
    let mut begin = 0;
    let mut at = 0;
    while at < row.len() {
        let run = run(&row[at..]);
        if run >= WORTH {
            copy(&row[begin..at], packed);
            packed.extend([(257 - run) as u8, row[at]]);
            begin = at + run;
        }
        at += run;
    }
    copy(&row[begin..], packed);
}

/// How many bytes at the front are the same, up to as many as a run holds.
fn run(row: &[u8]) -> usize {
    row.iter().take(MOST).take_while(|byte| **byte == row[0]).count()
}

fn copy(literal: &[u8], packed: &mut Vec<u8>) {
    for part in literal.chunks(MOST) {
        packed.push((part.len() - 1) as u8);
        packed.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rand::{Rng, RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::super::bytes::Bytes;
    use super::super::channel;
    use super::*;

    /// A row as it comes back, and how many bytes it was packed in.
    fn through(row: &[u8]) -> (Vec<u8>, usize) {
        let mut packed = Packed::default();
        packed.add(row);
        let length = packed.rows.len();
        let channel = [vec![0, 1], packed.lengths, packed.rows].concat();
        (channel::plane(Bytes(&channel), [row.len(), 1], 1).unwrap(), length)
    }

    #[test]
    fn rows_of_every_length_come_back() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for length in (1..=400).chain([16_384, 30_000]) {
            let constant = vec![length as u8; length];
            let (back, packed) = through(&constant);
            assert_eq!(back, constant);
            assert!(packed <= 2 * length.div_ceil(MOST) + 2, "{length} in {packed}");
            let mut noise = vec![0; length];
            random.fill_bytes(&mut noise);
            let (back, packed) = through(&noise);
            assert_eq!(back, noise);
            assert!(packed <= length + length.div_ceil(MOST), "{length} in {packed}");
        }
    }

    #[test]
    fn runs_among_noise_come_back_and_never_make_a_row_longer() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        for _ in 0..300 {
            let mut row = Vec::new();
            while row.len() < 700 {
                // Few values, so that runs of two and three come up by chance, too.
                let value = random.random_range(0..3);
                row.resize(row.len() + random.random_range(1_usize..200) / 40 + 1, value);
            }
            let (back, packed) = through(&row);
            assert_eq!(back, row);
            assert!(packed <= row.len() + row.len().div_ceil(MOST), "{} in {packed}", row.len());
        }
    }

    #[test]
    fn the_example_of_the_format_is_packed_as_it_says() {
        // Apple's Technical Note 1023.
        let row = [
            0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA,
            0xAA, 0xAA, 0xAA, 0xAA, 0xAA,
        ];
        let mut packed = Vec::new();
        pack(&row, &mut packed);
        let expected = [
            0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA,
        ];
        assert_eq!(packed, expected);
    }

    #[test]
    fn a_picture_falls_into_its_channels_band_by_band() {
        let area = Rect::new(3, 256, 8, 256 + TILE + 2);
        let mut heights = Vec::new();
        let channels = channels::<2, Infallible>(area, |band| {
            heights.push(band.height());
            let rows = band.top..band.bottom;
            let samples = rows.flat_map(|y| (0..band.width()).flat_map(move |x| [x as u8, (y / 256) as u8]));
            Ok(samples.collect())
        });
        let Ok([low, high]) = channels;
        assert_eq!((heights, bands(area)), (vec![TILE, 2], 2));
        let plane = |packed: Packed| {
            let channel = [vec![0, 1], packed.lengths, packed.rows].concat();
            channel::plane(Bytes(&channel), [5, TILE as usize + 2], 1).unwrap()
        };
        assert_eq!(plane(low), [0, 1, 2, 3, 4].repeat(TILE as usize + 2));
        let (first, rest) = (vec![1; 5 * TILE as usize], vec![2; 10]);
        assert_eq!(plane(high), [first, rest].concat());
    }
}
