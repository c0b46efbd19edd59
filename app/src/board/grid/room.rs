//! Which of the takes' pictures are in memory.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Board, CellTake};
use crate::board::shelf::{ROOM, Shelf};
use crate::document::DocumentError;

/// Bytes of pictures as large as they were made that may be in memory.
const WHOLE_ROOM: usize = 256 << 20;

/// A picture that is to be read now.
pub struct Fetch {
    pub take: Arc<CellTake>,
    /// As large as it was made; else no larger than a cell shows.
    pub(super) whole: bool,
}

impl Fetch {
    /// Waits for the disk: not for the thread that draws.
    pub fn run(&self) -> Result<(), DocumentError> {
        match self.whole {
            true => self.take.fetch_whole(),
            false => self.take.shown.fetch(),
        }
    }
}

impl Board {
    /// From now on the takes' pictures are put into files, in a folder of their own inside `root`.
    pub fn keep_takes_in(&mut self, root: PathBuf) {
        self.shelf = Shelf::new(root);
    }

    /// Where pictures of new takes go.
    pub fn shelf(&self) -> Arc<Shelf> {
        self.shelf.clone()
    }

    /// The pictures that are to be read now, away from the window. Of the others, those that nobody has looked at for longest leave memory.
    pub fn fetch(&mut self) -> Vec<Fetch> {
        self.fetch_within(ROOM, WHOLE_ROOM)
    }

    pub(super) fn fetch_within(&mut self, room: usize, whole_room: usize) -> Vec<Fetch> {
        self.now += 1;
        let all = || self.takes.values().chain(self.tones.takes());
        let wanted = all().filter(|take| take.shown.used(self.now));
        let wanted = wanted.map(|take| Fetch {
            take: take.clone(),
            whole: false,
        });
        let mut wanted: Vec<Fetch> = wanted.collect();
        let near = all().filter_map(|take| Some((take.shown.movable()?, take))).collect();
        make_room(near, room, |take| take.shown.leave());

        let larger = || all().filter_map(|take| Some((take, take.whole.as_ref()?)));
        let asked: Vec<_> = larger().filter(|(_, whole)| whole.used(self.now)).collect();
        let mut bytes = 0;
        for (take, whole) in asked {
            bytes += whole.bytes();
            // More than there is room for are looked at: the rest stay as large as a cell shows.
            if bytes > whole_room {
                break;
            }
            if whole.begin() {
                let take = take.clone();
                wanted.push(Fetch { take, whole: true });
            }
        }
        let near = larger().filter_map(|(take, whole)| Some((whole.held()?, take))).collect();
        make_room(near, whole_room, |take| take.whole.iter().for_each(|whole| whole.leave()));
        wanted
    }

    /// Bytes of the takes' larger pictures that are in memory.
    pub fn bytes_near(&self) -> usize {
        let all = || self.takes.values().chain(self.tones.takes());
        let shown = all().filter_map(|take| Some(take.shown.movable()?.1));
        let whole = all().filter_map(|take| Some(take.whole.as_ref()?.held()?.1));
        shown.chain(whole).sum()
    }

    /// A take whose file is gone or broken: its cell has to be made again.
    pub fn lose(&mut self, take: &CellTake) {
        self.changed();
        self.takes.remove(&take.parts);
        self.newest.retain(|_, newest| newest.parts != take.parts);
        self.tones.forget(take.parts);
    }
}

/// Has those leave that nobody has looked at for longest, until the rest fits into `room` bytes. Each with when it was looked at, and its bytes.
fn make_room(mut near: Vec<((u64, usize), &Arc<CellTake>)>, room: usize, leave: impl Fn(&CellTake)) {
    let mut bytes: usize = near.iter().map(|((_, bytes), _)| bytes).sum();
    if bytes <= room {
        return;
    }
    near.sort_unstable_by_key(|((last, _), _)| *last);
    for ((_, own), take) in near {
        if bytes <= room {
            break;
        }
        leave(take);
        bytes -= own;
    }
}
