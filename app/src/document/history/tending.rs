//! States that go to the disk, and those that come back.

use super::away::{AnyTile, Away, Place, alone};
use super::spill::{Done, Spill, Spot};
use super::{Entry, History, NEAR, Tiles};
use crate::document::document::Document;

impl History {
    /// Sends states to the disk and fetches those that are near; to be called once a frame. Something to tell the person, if there is.
    pub fn tend(&mut self, present: &Document) -> Option<String> {
        let done: Vec<Done> = self.spill.iter().flat_map(Spill::done).collect();
        for done in done {
            match done {
                Done::Written(task, Ok(spots)) => self.leave(task, &spots),
                Done::Written(_, Err(error)) => self.stay(&error),
                Done::Read(task, Ok(tiles)) => self.come_back(task, tiles),
                Done::Read(task, Err(error)) => self.lose(task, &error),
            }
        }
        if self.spill.is_some() {
            self.fetch();
            self.send_away(present);
        }
        self.trouble.take()
    }

    /// Asks for the states that a person may want next.
    fn fetch(&mut self) {
        let near = self
            .undo
            .iter_mut()
            .rev()
            .take(NEAR)
            .chain(self.redo.iter_mut().rev().take(NEAR));
        for entry in near {
            if let (Tiles::Away(away), Some(spill)) = (&mut entry.tiles, &self.spill) {
                self.tasks += 1;
                let away = std::mem::take(away);
                spill.read(self.tasks, away.clone());
                entry.tiles = Tiles::Returning(self.tasks, away);
            }
        }
    }

    /// Has states written until the rest is within the limit.
    fn send_away(&mut self, present: &Document) {
        let leaving = |entry: &Entry| matches!(entry.tiles, Tiles::Leaving(..));
        let on_its_way: usize = (self.undo.iter().chain(&self.redo))
            .filter(|entry| leaving(entry))
            .map(|entry| entry.bytes)
            .sum();
        let mut staying = self.bytes() - on_its_way;
        while staying > self.limit {
            // The farther end first: undo counts from the oldest, redo from the latest.
            let here = |entry: &Entry| matches!(entry.tiles, Tiles::Here);
            let back = self.undo.iter().position(here).map(|at| (self.undo.len() - at, at));
            let ahead = self.redo.iter().position(here).map(|at| (self.redo.len() - at, at));
            let (entries, beside, at) = match (back, ahead) {
                (Some((far, at)), other) if far > NEAR && other.is_none_or(|(other, _)| other <= far) => {
                    let beside = self.undo.get(at + 1).map_or(present, |entry| &entry.document);
                    (&self.undo[at], beside, (true, at))
                }
                (_, Some((far, at))) if far > NEAR => {
                    let beside = self.redo.get(at + 1).map_or(present, |entry| &entry.document);
                    (&self.redo[at], beside, (false, at))
                }
                _ => return,
            };
            let (places, tiles): (Vec<Place>, Vec<AnyTile>) = alone(&entries.document, beside).into_iter().unzip();
            let entry = match at {
                (true, at) => &mut self.undo[at],
                (false, at) => &mut self.redo[at],
            };
            self.tasks += 1;
            staying -= entry.bytes;
            entry.tiles = Tiles::Leaving(self.tasks, places);
            if let Some(spill) = &self.spill {
                spill.write(self.tasks, tiles);
            }
        }
    }

    /// A state's tiles are on the disk: it lets go of them, and so do those beyond it, which have some of them too.
    fn leave(&mut self, task: u64, spots: &[Spot]) {
        let Self { undo, redo, .. } = self;
        // A person may have gone there meanwhile, or from there on another way: then it stays.
        let found = |entry: &Entry| matches!(entry.tiles, Tiles::Leaving(own, _) if own == task);
        let beyond: Vec<&mut Entry> = if let Some(at) = undo.iter().position(found) {
            undo.iter_mut().take(at + 1).collect()
        } else if let Some(at) = redo.iter().position(found) {
            redo.iter_mut().take(at + 1).collect()
        } else {
            return;
        };
        let mut beyond = beyond.into_iter().rev();
        let Some(entry) = beyond.next() else { return };
        let Tiles::Leaving(_, places) = std::mem::replace(&mut entry.tiles, Tiles::Here) else {
            return;
        };
        let left: Vec<Away> = places
            .into_iter()
            .zip(spots)
            .map(|(place, spot)| Away { place, spot: *spot })
            .collect();
        for away in &left {
            away.place.clear(&mut entry.document);
        }
        for farther in beyond {
            if let Tiles::Away(own) = &mut farther.tiles {
                own.extend(left.iter().filter(|away| away.place.clear(&mut farther.document)));
            }
        }
        entry.tiles = Tiles::Away(left);
    }

    /// Nothing can be written: the rest stays in memory, as much of it as there is room for.
    fn stay(&mut self, error: &std::io::Error) {
        for entry in self.undo.iter_mut().chain(&mut self.redo) {
            if matches!(entry.tiles, Tiles::Leaving(..)) {
                entry.tiles = Tiles::Here;
            }
        }
        let kept = self.undo.iter().chain(&self.redo).any(|entry| !entry.is_here());
        self.trouble = Some(format!(
            "The history has outgrown memory, and cannot be put on the disk: {error}. The oldest steps are forgotten. Make room on the disk to keep more."
        ));
        // States that were written before are still to be read.
        if !kept {
            self.spill = None;
        }
        while self.bytes() > self.limit && self.undo.len() > 1 {
            self.undo.pop_front();
        }
    }

    fn come_back(&mut self, task: u64, tiles: Vec<AnyTile>) {
        let mut entries = self.undo.iter_mut().chain(&mut self.redo);
        let Some(entry) = entries.find(|entry| entry.returns_by(task)) else {
            return;
        };
        if let Tiles::Returning(_, away) = std::mem::replace(&mut entry.tiles, Tiles::Here) {
            for (away, tile) in away.iter().zip(tiles) {
                away.place.put(&mut entry.document, Some(tile));
            }
        }
    }

    /// A state cannot be read: it is gone, with all that lies beyond it.
    fn lose(&mut self, task: u64, error: &std::io::Error) {
        let found = |entry: &Entry| entry.returns_by(task);
        if let Some(at) = self.undo.iter().position(found) {
            self.undo.drain(..=at);
        }
        if let Some(at) = self.redo.iter().position(found) {
            self.redo.drain(..=at);
        }
        self.trouble = Some(format!(
            "A part of the history cannot be read from the disk: {error}. Earlier steps can no longer be undone; the document itself is whole."
        ));
    }
}
