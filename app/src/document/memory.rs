//! How much memory a file's layers may take while it is opened.

use engine::machine::{free_memory, whole_memory};

use super::layer::Layer;

/// Most pixels that are decoded at the same time on any machine.
const MAX_TOGETHER: u64 = 96 << 20;
/// Bytes that a pixel takes until it is in a tile: what is packed, and four channels of 16 bits as they are unpacked and as they are converted.
const UNPACKING: u64 = 24;

const GIBIBYTE: u64 = 1 << 30;
/// What tiles may take on any machine that has so much.
const LEAST: u64 = 4 * GIBIBYTE;
/// And at most: sixty-four of the largest sheets, painted all over.
const MOST: u64 = 64 * GIBIBYTE;

/// Most pixels that are decoded at the same time, unless one picture alone has more: they take a quarter of what is left now.
pub(super) fn most_together() -> u64 {
    MAX_TOGETHER.min(free_memory() / 4 / UNPACKING)
}

/// The layers of a file so far. Each counts by the tiles that it has: its outline says little.
pub(super) struct Kept {
    bytes: u64,
    most: u64,
}

impl Kept {
    /// None yet. They may take most of what the machine has, whatever takes it now: other programs make room for the one that a person works with. The rest is
    /// for what unpacking them takes.
    pub fn new() -> Self {
        Self {
            bytes: 0,
            most: most_of(whole_memory()),
        }
    }

    /// None yet, and as many as there are.
    pub fn unbounded() -> Self {
        Self {
            bytes: 0,
            most: u64::MAX,
        }
    }

    /// Counts a layer.
    ///
    /// # Errors
    /// Where that is too much: how many gibibytes all of them may take.
    pub fn add(&mut self, layer: &Layer) -> Result<(), u64> {
        self.bytes += layer.bytes() as u64;
        match self.bytes <= self.most {
            true => Ok(()),
            false => Err(self.most / GIBIBYTE),
        }
    }
}

/// What tiles may take on a machine with so much memory.
fn most_of(memory: u64) -> u64 {
    (memory / 4 * 3).max(LEAST.min(memory)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, Role, TileGrid};

    #[test]
    fn layers_count_by_their_tiles() {
        let size = [600, 600];
        let layer = |pixels| Layer::new(Role::Paint, "a", pixels);
        let one = layer(Pixels::Raster(TileGrid::with_pixels(size, [5, 5], 1, &[[9; 4]])));
        let blank = layer(Pixels::Raster(TileGrid::new(size)));
        let mask = layer(Pixels::Mask(TileGrid::with_pixels(size, [5, 5], 1, &[9])));
        let most = 2 * GIBIBYTE;
        let mut kept = Kept {
            bytes: most - 5 * 65536,
            most,
        };
        assert_eq!([&one, &blank, &mask].map(|layer| kept.add(layer)), [Ok(()); 3]);
        assert_eq!(kept.add(&mask), Err(2));
        assert_eq!(Kept::unbounded().add(&one), Ok(()));
    }

    #[test]
    fn a_small_machine_is_filled_and_of_a_large_one_a_quarter_is_left() {
        let most = [2, 4, 5, 16, 1000].map(|memory| most_of(memory * GIBIBYTE) / GIBIBYTE);
        assert_eq!(most, [2, 4, 4, 12, 64]);
        assert!(Kept::new().most > 0);
    }
}
