//! Undo and redo: earlier states of the document, each at the price of the tiles that differ from the next.

use std::collections::VecDeque;

use super::document::{Document, Side};
use super::sheet::Sheet;

/// Bytes of tiles that history keeps unless told otherwise: 256 MiB, about a thousand mask strokes over four tiles each.
pub const DEFAULT_LIMIT: usize = 256 << 20;

/// What an entry costs beside its tiles, about: the tables of layers and tiles. Bounds the number of entries that touch no pixel.
const ENTRY_BYTES: usize = 4096;

/// A state of the document, what was done to leave it, and which state it is.
struct Entry {
    label: &'static str,
    document: Document,
    state: u64,
    bytes: usize,
}

/// The states before and after the present one. The oldest go when they hold more than the limit; the last change can always be undone.
pub struct History {
    undo: VecDeque<Entry>,
    redo: Vec<Entry>,
    limit: usize,
    /// Names the present state; every recorded change gets a new one.
    state: u64,
    newest: u64,
    saved: u64,
}

impl History {
    /// `limit` in bytes of tiles that only history holds.
    pub fn new(limit: usize) -> Self {
        Self {
            undo: VecDeque::new(),
            redo: Vec::new(),
            limit,
            state: 0,
            newest: 0,
            saved: 0,
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
        });
        self.redo.clear();
        self.newest += 1;
        self.state = self.newest;
        while self.bytes() > self.limit && self.undo.len() > 1 {
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
            Some(entry) => {
                entry.bytes = cost(&entry.document, after);
                self.newest += 1;
                self.state = self.newest;
            }
            None => self.record(label, before, after),
        }
    }

    /// Changes the document and records it as one entry.
    pub fn edit<T>(&mut self, document: &mut Document, label: &'static str, change: impl FnOnce(&mut Document) -> T) -> T {
        let before = document.clone();
        let result = change(document);
        self.record(label, before, document);
        result
    }

    /// Goes back one entry and says which; none when there is nothing to undo.
    pub fn undo(&mut self, document: &mut Document) -> Option<&'static str> {
        let entry = self.undo.pop_back()?;
        let left = self.exchange(entry, document);
        let label = left.label;
        self.redo.push(left);
        Some(label)
    }

    /// Goes forward one entry and says which; none when there is nothing to redo.
    pub fn redo(&mut self, document: &mut Document) -> Option<&'static str> {
        let entry = self.redo.pop()?;
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

    /// Bytes that only history holds.
    pub fn bytes(&self) -> usize {
        self.undo.iter().chain(&self.redo).map(|entry| entry.bytes).sum()
    }

    /// Names the present state among all since the document was opened.
    pub fn state(&self) -> u64 {
        self.state
    }

    /// No state is on disk: the document was put together from what a program left behind.
    pub fn mark_unsaved(&mut self) {
        self.saved = u64::MAX;
    }

    /// The present state is the one on disk.
    pub fn mark_saved(&mut self) {
        self.saved = self.state;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Pixels, Role};
    use image::{Rgba, RgbaImage};

    const MASK_TILE: usize = 65536;

    fn drawing() -> Document {
        Document::from_sketch(&RgbaImage::from_pixel(300, 300, Rgba([255; 4]))).unwrap()
    }

    fn dot(document: &mut Document, value: u8) {
        let id = document.by_role(Role::SketchMask).unwrap().id;
        if let Pixels::Mask(grid) = &mut document.layer_mut(id).unwrap().pixels {
            grid.tile_mut(0, 0)[0] = value;
        }
    }

    fn value(document: &Document) -> u8 {
        document.by_role(Role::SketchMask).unwrap().mask().unwrap().pixel(0, 0)
    }

    #[test]
    fn undo_and_redo_walk_the_same_states() {
        let (mut document, mut history) = (drawing(), History::default());
        for step in 1..=3 {
            history.edit(&mut document, "Brush stroke", |document| dot(document, step));
        }
        assert_eq!(history.undo(&mut document), Some("Brush stroke"));
        assert_eq!(history.undo(&mut document), Some("Brush stroke"));
        assert_eq!(value(&document), 1);
        assert_eq!(history.redo(&mut document), Some("Brush stroke"));
        assert_eq!(value(&document), 2);
        assert_eq!(
            (history.done().len(), history.undone().collect::<Vec<_>>()),
            (2, vec!["Brush stroke"])
        );
        history.edit(&mut document, "Erase", |document| dot(document, 9));
        assert_eq!(history.redo(&mut document), None);
        assert_eq!((history.undo_label(), history.redo_label()), (Some("Erase"), None));
    }

    #[test]
    fn an_entry_costs_the_tiles_that_differ() {
        let (mut document, mut history) = (drawing(), History::default());
        history.edit(&mut document, "Brush stroke", |document| dot(document, 1));
        assert_eq!(
            history.bytes(),
            4096,
            "the tile is new: the state before holds nothing of its own"
        );
        history.edit(&mut document, "Brush stroke", |document| dot(document, 2));
        assert_eq!(history.bytes(), 2 * 4096 + MASK_TILE);
        history.undo(&mut document);
        assert_eq!(
            history.bytes(),
            2 * 4096 + MASK_TILE,
            "now the later state holds a tile of its own"
        );
    }

    #[test]
    fn the_oldest_entries_go_first() {
        let (mut document, mut history) = (drawing(), History::new(3 * (4096 + MASK_TILE)));
        for step in 1..=10 {
            history.edit(&mut document, "Brush stroke", |document| dot(document, step));
        }
        let mut steps = 0;
        while history.undo(&mut document).is_some() {
            steps += 1;
        }
        assert_eq!((steps, value(&document)), (3, 7));
    }

    #[test]
    fn the_last_change_can_be_undone_whatever_it_costs() {
        let (mut document, mut history) = (drawing(), History::new(0));
        for step in 1..=3 {
            history.edit(&mut document, "Brush stroke", |document| dot(document, step));
        }
        assert!(history.undo(&mut document).is_some());
        assert_eq!((value(&document), history.undo_label()), (2, None));
    }

    #[test]
    fn moves_of_a_slider_are_one_entry() {
        let (mut document, mut history) = (drawing(), History::default());
        for step in 1..=5 {
            let before = document.clone();
            dot(&mut document, step);
            history.record_merged("Layer opacity", before, &document);
        }
        history.undo(&mut document);
        assert_eq!((value(&document), history.undo_label()), (0, None));
    }

    #[test]
    fn undoing_to_the_saved_state_is_unmodified() {
        let (mut document, mut history) = (drawing(), History::default());
        history.edit(&mut document, "Brush stroke", |document| dot(document, 1));
        history.mark_saved();
        history.edit(&mut document, "Brush stroke", |document| dot(document, 2));
        assert!(history.is_modified());
        history.undo(&mut document);
        assert!(!history.is_modified());
        history.undo(&mut document);
        assert!(history.is_modified());
    }
}
