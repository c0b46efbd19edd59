//! Undo and redo: earlier states of the document, each at the price of the tiles that differ from the next.
//!
//! What is beyond the limit of memory goes to the disk, those states first that are farthest from the present one, and comes back before it is needed.

mod away;
mod spill;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::PathBuf;

use super::document::{Document, Side};
use super::sheet::Sheet;

use away::{AnyTile, Away, alone};
use spill::{Done, Spill};

/// Bytes of tiles that history keeps in memory unless told otherwise: 1 GB, some thousand mask strokes over four tiles each.
pub const DEFAULT_LIMIT: usize = 1_000_000_000;

/// States this near to the present one are in memory, whatever they cost: one goes there without waiting.
const NEAR: usize = 4;

/// What an entry costs beside its tiles, about: the tables of layers and tiles. Bounds the number of entries that touch no pixel.
const ENTRY_BYTES: usize = 4096;

/// A state of the document, what was done to leave it, and which state it is.
struct Entry {
    label: &'static str,
    document: Document,
    state: u64,
    bytes: usize,
    tiles: Tiles,
}

/// Where the tiles are that a state holds alone.
enum Tiles {
    Here,
    /// They are here, and are being written; the number is the task's.
    Leaving(u64, Vec<away::Place>),
    Away(Vec<Away>),
    /// They are being read.
    Returning(u64, Vec<Away>),
}

impl Entry {
    fn is_here(&self) -> bool {
        matches!(self.tiles, Tiles::Here | Tiles::Leaving(..))
    }

    fn returns_by(&self, task: u64) -> bool {
        matches!(self.tiles, Tiles::Returning(own, _) if own == task)
    }
}

/// The states before and after the present one. Without a disk to go to, or when that is full, the oldest go when all hold more than the limit; the last
/// change can always be undone.
pub struct History {
    undo: VecDeque<Entry>,
    redo: Vec<Entry>,
    limit: usize,
    /// Names the present state; every recorded change gets a new one.
    state: u64,
    newest: u64,
    saved: u64,
    spill: Option<Spill>,
    /// Counts what the disk was asked for.
    tasks: u64,
    trouble: Option<String>,
}

impl History {
    /// `limit` in bytes of tiles that only history holds in memory.
    pub fn new(limit: usize) -> Self {
        Self {
            undo: VecDeque::new(),
            redo: Vec::new(),
            limit,
            state: 0,
            newest: 0,
            saved: 0,
            spill: None,
            tasks: 0,
            trouble: None,
        }
    }

    /// Keeps what is beyond the limit in a file in `folder`, which is gone with the history. `waker` is called from a thread when a state was written or
    /// read, for somebody to call [`Self::tend`].
    pub fn spill_into(&mut self, folder: PathBuf, waker: impl Fn() + Send + 'static) {
        match Spill::new(folder, waker) {
            Ok(spill) => self.spill = Some(spill),
            Err(error) => tracing::warn!("the history stays in memory: its thread cannot be started: {error}"),
        }
    }

    /// One entry: `label` is what was done (as in "Undo brush stroke"), `before` the document as it was, `after` as it is.
    pub fn record(&mut self, label: &'static str, before: Document, after: &Document) {
        let bytes = cost(&before, after);
        self.undo.push_back(Entry {
            label,
            document: before,
            state: self.state,
            bytes,
            tiles: Tiles::Here,
        });
        self.redo.clear();
        self.newest += 1;
        self.state = self.newest;
        self.forget();
    }

    /// Drops the oldest states where there is no disk to put them on.
    fn forget(&mut self) {
        while self.spill.is_none() && self.bytes() > self.limit && self.undo.len() > 1 {
            self.undo.pop_front();
        }
    }

    /// Like [`Self::record`], but one entry for a run of equal changes, such as the moves of one slider.
    pub fn record_merged(&mut self, label: &'static str, before: Document, after: &Document) {
        match self
            .undo
            .back_mut()
            .filter(|entry| entry.label == label && self.redo.is_empty())
        {
            Some(entry) if entry.is_here() => {
                entry.bytes = cost(&entry.document, after);
                // What was being written may be less now than what the state holds alone.
                entry.tiles = Tiles::Here;
                self.newest += 1;
                self.state = self.newest;
            }
            _ => self.record(label, before, after),
        }
    }

    /// Changes the document and records it as one entry.
    pub fn edit<T>(&mut self, document: &mut Document, label: &'static str, change: impl FnOnce(&mut Document) -> T) -> T {
        let before = document.clone();
        let result = change(document);
        self.record(label, before, document);
        result
    }

    /// Goes back one entry and says which; none when there is nothing to undo, or it is still being read from the disk.
    pub fn undo(&mut self, document: &mut Document) -> Option<&'static str> {
        let entry = self.undo.pop_back_if(|entry| entry.is_here())?;
        let left = self.exchange(entry, document);
        let label = left.label;
        self.redo.push(left);
        Some(label)
    }

    /// Goes forward one entry and says which; none when there is nothing to redo, or it is still being read from the disk.
    pub fn redo(&mut self, document: &mut Document) -> Option<&'static str> {
        let entry = self.redo.pop_if(|entry| entry.is_here())?;
        let left = self.exchange(entry, document);
        let label = left.label;
        self.undo.push_back(left);
        Some(label)
    }

    /// Puts the entry's state in the document's place, and gives back the entry that leads here again.
    fn exchange(&mut self, entry: Entry, document: &mut Document) -> Entry {
        let left = std::mem::replace(document, entry.document);
        Entry {
            label: entry.label,
            bytes: cost(&left, document),
            document: left,
            tiles: Tiles::Here,
            state: std::mem::replace(&mut self.state, entry.state),
        }
    }

    /// What [`Self::undo`] would take back.
    pub fn undo_label(&self) -> Option<&'static str> {
        self.undo.back().map(|entry| entry.label)
    }

    /// What [`Self::redo`] would bring back.
    pub fn redo_label(&self) -> Option<&'static str> {
        self.redo.last().map(|entry| entry.label)
    }

    /// What was done, the first that can be undone first.
    pub fn done(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.undo.iter().map(|entry| entry.label)
    }

    /// What was undone, in the order in which it would be done again.
    pub fn undone(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.redo.iter().rev().map(|entry| entry.label)
    }

    /// Bytes that only history holds in memory.
    pub fn bytes(&self) -> usize {
        let entries = self.undo.iter().chain(&self.redo);
        entries.filter(|entry| entry.is_here()).map(|entry| entry.bytes).sum()
    }

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
            let (places, tiles): (Vec<away::Place>, Vec<AnyTile>) = alone(&entries.document, beside).into_iter().unzip();
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
    fn leave(&mut self, task: u64, spots: &[spill::Spot]) {
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
            "The history has outgrown memory, and cannot be put on the disk: {error}. The oldest steps are forgotten"
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
            "A part of the history cannot be read from the disk: {error}. It begins later now"
        ));
    }

    /// Names the present state among all since the document was opened.
    pub fn state(&self) -> u64 {
        self.state
    }

    /// Another limit from now on: bytes of tiles that only history holds in memory.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.forget();
    }

    /// Whether what led to `state` is done now.
    pub fn includes(&self, state: u64) -> bool {
        self.state == state || self.undo.iter().any(|entry| entry.state == state)
    }

    /// No state is on disk: the document was put together from what a program left behind.
    pub fn mark_unsaved(&mut self) {
        self.saved = u64::MAX;
    }

    /// This state is the one on disk; see [`Self::state`].
    pub fn mark_saved(&mut self, state: u64) {
        self.saved = state;
    }

    /// Whether the present state differs from the one on disk.
    pub fn is_modified(&self) -> bool {
        self.state != self.saved
    }
}

impl Default for History {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

/// Bytes held by `kept` and not by `beside`, the state next to it.
fn cost(kept: &Document, beside: &Document) -> usize {
    let of_sheet = |sheet: &Sheet| -> usize {
        let layers = sheet.shared().iter();
        layers.map(|layer| layer.bytes_beyond(beside.layer(layer.id))).sum()
    };
    let selected = |side| -> usize {
        let selection = |document: &Document| document.sheet(side)?.selection().cloned();
        selection(kept).map_or(0, |own| own.bytes_beyond(selection(beside).as_ref()))
    };
    ENTRY_BYTES + kept.sheets().map(of_sheet).sum::<usize>() + Side::ALL.map(selected).iter().sum::<usize>()
}
