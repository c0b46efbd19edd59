//! Memory of tiles. What is gone leaves its memory to what comes, and some is always at hand: the first touch of each page that the system gives costs more
//! than painting on it does.

use std::hint::black_box;
use std::ops::{Deref, DerefMut};
use std::ptr::fn_addr_eq;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::tile::{Pixel, TILE};

/// Pixels of a tile.
const COUNT: usize = (TILE * TILE) as usize;

/// Tiles of a kind at hand at least: what a broad brush begins within a frame or two.
const LEAST: usize = 16;

/// And at most, 32 MB of colour: what a gradient or an undo takes anew in a frame.
const MOST: usize = 128;

/// How long more than the least is kept after it was needed.
const REST: Duration = Duration::from_secs(5);

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
        if tiles.len() < LEAST {
            Self::call_keeper();
        }
        taken
    }

    fn give_back(&self, pixels: Box<[P]>) {
        let mut tiles = self.tiles();
        if tiles.len() < MOST {
            tiles.push(pixels);
        }
        if tiles.len() == LEAST + 1 {
            Self::call_keeper();
        }
    }

    fn call_keeper() {
        if let Some(keeper) = &*KEEPER {
            // Where so much lies before it, the next call comes soon.
            let _ = keeper.try_send(|most| P::reserve().keep_within(most));
        }
    }

    /// Fills it to the least, and leaves `most` of what is more.
    fn keep_within(&self, most: usize) {
        let surplus = {
            let mut tiles = self.tiles();
            let kept = tiles.len().min(most);
            tiles.split_off(kept)
        };
        // Nobody waits for the lock meanwhile.
        drop(surplus);
        while self.tiles().len() < LEAST {
            let mut pixels = Vec::new();
            // Where memory is short none is put by.
            if pixels.try_reserve_exact(COUNT).is_err() {
                return;
            }
            // Written to, or the system would give it at its first use.
            black_box(&mut pixels).resize(COUNT, P::default());
            let mut tiles = self.tiles();
            if tiles.len() < LEAST {
                tiles.push(pixels.into_boxed_slice());
            }
        }
    }
}

/// Keeps a reserve filled, and within so many tiles.
type KeepWithin = fn(usize);

/// The way to the thread that keeps the reserves; none where no thread can be had.
static KEEPER: LazyLock<Option<SyncSender<KeepWithin>>> = LazyLock::new(|| {
    let (sender, receiver) = sync_channel(4);
    let thread = std::thread::Builder::new().name("tiles".to_owned());
    thread.spawn(move || keep(&receiver)).is_ok().then_some(sender)
});

fn keep(calls: &Receiver<KeepWithin>) {
    // Those that may hold more than the least.
    let mut called: Vec<KeepWithin> = Vec::new();
    loop {
        let call = match called.is_empty() {
            true => calls.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => calls.recv_timeout(REST),
        };
        match call {
            Ok(keep_within) => {
                keep_within(MOST);
                if !called.iter().any(|other| fn_addr_eq(*other, keep_within)) {
                    called.push(keep_within);
                }
            }
            Err(RecvTimeoutError::Timeout) => called.drain(..).for_each(|keep_within| keep_within(LEAST)),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

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
        P::reserve().give_back(std::mem::take(&mut self.0));
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

    /// A kind of pixel that no other test has tiles of; `N` tells those of the tests here apart.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Own<const N: usize>(u16);

    impl Pixel for Own<0> {
        fn reserve() -> &'static Reserve<Self> {
            static RESERVE: Reserve<Own<0>> = Reserve::new();
            &RESERVE
        }
    }

    impl Pixel for Own<1> {
        fn reserve() -> &'static Reserve<Self> {
            static RESERVE: Reserve<Own<1>> = Reserve::new();
            &RESERVE
        }
    }

    #[test]
    fn what_comes_after_a_painted_tile_is_blank_or_what_it_is_a_copy_of() {
        let mut held = Vec::new();
        for round in 0..2 * MOST {
            let mut painted = Store::<Own<0>>::blank();
            assert!(painted.iter().all(|pixel| pixel.0 == 0), "{round}");
            painted.fill(Own(7));
            assert!(painted.clone()[..] == painted[..]);
            held.push(painted);
        }
        drop(held);
        let at_hand = || Own::<0>::reserve().tiles().len();
        assert!((LEAST..=MOST).contains(&at_hand()), "{}", at_hand());
        Own::<0>::reserve().keep_within(LEAST);
        assert_eq!(at_hand(), LEAST);
    }

    #[test]
    fn some_is_at_hand_soon() {
        drop(Store::<Own<1>>::blank());
        let begun = std::time::Instant::now();
        while Own::<1>::reserve().tiles().len() < LEAST {
            assert!(begun.elapsed() < crate::PATIENCE, "nobody fills the reserve");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
