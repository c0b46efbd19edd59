//! Memory of tiles. What is gone leaves its memory to what comes, and some is always at hand: the first touch of each page that the system gives costs more
//! than painting on it does.

use std::hint::black_box;
use std::ops::{Deref, DerefMut};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::tile::TILE;

/// Pixels of a tile.
const COUNT: usize = (TILE * TILE) as usize;

/// Tiles of a kind at hand at least: what a broad brush begins within a frame or two.
const LEAST: usize = 16;

/// And at most, 32 MB of colour.
const MOST: usize = 128;

/// What a tile is made of: `[u8; 4]` (straight RGBA) or `u8` (mask). `Default` is what lies where nothing was painted.
pub trait Pixel: Copy + Default + PartialEq + Send + Sync + 'static {
    /// Where the memory of such tiles waits for the next ones.
    fn reserve() -> &'static Reserve<Self>;
}

impl Pixel for [u8; 4] {
    fn reserve() -> &'static Reserve<Self> {
        static RESERVE: Reserve<[u8; 4]> = Reserve::new();
        &RESERVE
    }
}

impl Pixel for u8 {
    fn reserve() -> &'static Reserve<Self> {
        static RESERVE: Reserve<u8> = Reserve::new();
        &RESERVE
    }
}

/// Tiles of one kind of pixel that nobody holds, with whatever was in them.
pub struct Reserve<P>(Mutex<Vec<Box<[P]>>>);

impl<P: Pixel> Reserve<P> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn tiles(&self) -> MutexGuard<'_, Vec<Box<[P]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Box<[P]>> {
        let mut tiles = self.tiles();
        let taken = tiles.pop();
        if tiles.len() < LEAST
            && let Some(filler) = &*FILLER
        {
            // Where it has been told already, it is on its way.
            let _ = filler.try_send(());
        }
        taken
    }

    fn fill(&self) {
        while self.tiles().len() < LEAST {
            let mut pixels = vec![P::default(); COUNT].into_boxed_slice();
            // Or nothing would be written to what is blank already.
            black_box(&mut pixels).fill(P::default());
            self.tiles().push(pixels);
        }
    }
}

/// What wakes the thread that fills the reserves; none where no thread can be had.
static FILLER: LazyLock<Option<SyncSender<()>>> = LazyLock::new(|| {
    let (sender, receiver) = sync_channel(1);
    let fill = move || {
        while receiver.recv().is_ok() {
            <[u8; 4]>::reserve().fill();
            u8::reserve().fill();
        }
    };
    let thread = std::thread::Builder::new().name("tiles".to_owned()).spawn(fill);
    thread.is_ok().then_some(sender)
});

/// A tile's pixels, row by row.
pub(super) struct Store<P: Pixel>(Box<[P]>);

impl<P: Pixel> Store<P> {
    pub fn blank() -> Self {
        Self(match P::reserve().take() {
            Some(mut pixels) => {
                pixels.fill(P::default());
                pixels
            }
            None => vec![P::default(); COUNT].into(),
        })
    }

    /// None where they are not as many as a tile has.
    pub fn of(pixels: Box<[P]>) -> Option<Self> {
        (pixels.len() == COUNT).then_some(Self(pixels))
    }
}

impl<P: Pixel> Clone for Store<P> {
    fn clone(&self) -> Self {
        Self(match P::reserve().take() {
            Some(mut pixels) => {
                pixels.copy_from_slice(&self.0);
                pixels
            }
            None => self.0.clone(),
        })
    }
}

impl<P: Pixel> Drop for Store<P> {
    fn drop(&mut self) {
        let mut tiles = P::reserve().tiles();
        if tiles.len() < MOST {
            tiles.push(std::mem::take(&mut self.0));
        }
    }
}

impl<P: Pixel> Deref for Store<P> {
    type Target = [P];

    fn deref(&self) -> &[P] {
        &self.0
    }
}

impl<P: Pixel> DerefMut for Store<P> {
    fn deref_mut(&mut self) -> &mut [P] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_a_painted_tile_is_blank_or_what_it_is_a_copy_of() {
        for round in 0..2 * MOST {
            let mut painted = Store::<[u8; 4]>::blank();
            assert!(painted.iter().all(|pixel| *pixel == [0; 4]), "{round}");
            painted.fill([7; 4]);
            assert!(painted.clone()[..] == painted[..]);
        }
        assert!(u8::reserve().tiles().len() <= MOST && <[u8; 4]>::reserve().tiles().len() <= MOST);
    }

    #[test]
    fn some_is_at_hand_soon() {
        drop(Store::<u8>::blank());
        let begun = std::time::Instant::now();
        while u8::reserve().tiles().len() < LEAST {
            assert!(begun.elapsed().as_secs() < 60, "nobody fills the reserve");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}
