//! How much memory a file's layers may take while it is opened.

use engine::machine::free_memory;

use super::layer::Layer;

/// Most pixels that are decoded at the same time, unless one picture alone has more.
pub(super) const MAX_TOGETHER: u64 = 96 << 20;

const GIBIBYTE: u64 = 1 << 30;
/// What tiles may take on any machine: not every system says rightly what it has left.
const LEAST: u64 = GIBIBYTE;
/// And at most: sixty-four of the largest sheets, painted all over.
const MOST: u64 = 64 * GIBIBYTE;

/// The layers of a file so far. Each counts by the tiles that it has: its outline says little.
pub(super) struct Kept {
    bytes: u64,
    most: u64,
}

impl Kept {
    /// None yet. They may take most of the memory that is left now; the rest is for what unpacking them takes.
    pub fn new() -> Self {
        Self {
            bytes: 0,
            most: (free_memory() / 4 * 3).clamp(LEAST, MOST),
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
        assert!((LEAST..=MOST).contains(&Kept::new().most));
    }
}
