//! Which of the takes' pictures are in memory.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Board, CellTake};
use crate::board::shelf::{ROOM, Shelf};

impl Board {
    /// From now on the takes' pictures are put into files, in a folder of their own inside `root`.
    pub fn keep_takes_in(&mut self, root: PathBuf) {
        self.shelf = Shelf::new(root);
    }

    /// Where pictures of new takes go.
    pub fn shelf(&self) -> Arc<Shelf> {
        self.shelf.clone()
    }

    /// The takes whose pictures are to be read now, away from the window. Of the others, those that nobody has looked at for longest leave memory.
    pub fn fetch(&mut self) -> Vec<Arc<CellTake>> {
        self.fetch_within(ROOM)
    }

    pub(super) fn fetch_within(&mut self, room: usize) -> Vec<Arc<CellTake>> {
        self.now += 1;
        let all = || self.takes.values().chain(self.tones.takes());
        let wanted = all().filter(|take| take.shown.used(self.now)).cloned().collect();
        let mut near: Vec<_> = all().filter_map(|take| Some((take.shown.movable()?, take))).collect();
        let mut bytes: usize = near.iter().map(|((_, bytes), _)| bytes).sum();
        if bytes > room {
            near.sort_unstable_by_key(|((last, _), _)| *last);
            for ((_, own), take) in near {
                if bytes <= room {
                    break;
                }
                take.shown.leave();
                bytes -= own;
            }
        }
        wanted
    }

    /// Bytes of the takes' larger pictures that are in memory.
    pub fn bytes_near(&self) -> usize {
        let all = self.takes.values().chain(self.tones.takes());
        all.filter_map(|take| Some(take.shown.movable()?.1)).sum()
    }

    /// A take whose file is gone or broken: its cell has to be made again.
    pub fn lose(&mut self, take: &CellTake) {
        self.takes.remove(&take.parts);
        self.newest.retain(|_, newest| newest.parts != take.parts);
        self.tones.forget(take.parts);
    }
}
