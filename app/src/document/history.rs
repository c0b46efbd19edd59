//! Undo and redo: earlier states of the document, each at the price of the tiles that differ from the next.
//!
//! What is beyond the limit of memory goes to the disk, those states first that are farthest from the present one, and comes back before it is needed.

mod away;
mod spill;
mod tending;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::PathBuf;

use super::document::{Document, Side};
use super::sheet::Sheet;

use away::Away;
use spill::Spill;

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

    /// Goes back one entry as if it had never been: nothing brings it back. Whether it could, as for [`Self::undo`].
    pub fn call_off(&mut self, document: &mut Document) -> bool {
        let undone = self.undo(document).is_some();
        if undone {
            self.redo.pop();
        }
        undone
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
