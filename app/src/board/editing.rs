//! Changes to what stands on the board, each of which can be undone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::card::{ReferenceCard, SketchCard};
use super::colors::ColorModel;
use super::following;
use super::grid::Board;
use super::layout::{Column, ColumnId, Layout, Row, RowId};

/// Steps back that are kept.
const STEPS: usize = 100;
/// Changes of one thing that are no farther apart than this, or made with the pointer held down, are undone together.
pub const PAUSE: Duration = Duration::from_millis(700);
const ADD_SKETCHES: &str = "Add sketches";
const ADD_REFERENCES: &str = "Add references";

/// What stood on the board before each change, and after those that were undone.
#[derive(Default)]
pub struct History {
    past: Vec<(&'static str, Layout)>,
    future: Vec<(&'static str, Layout)>,
    /// The latest change, where another one may be of the same thing.
    latest: Option<Change>,
}

/// A change of something that is set step by step: letter by letter, or by a drag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub label: &'static str,
    /// Which of the things that the label may be about.
    pub of: usize,
    /// The pointer is down.
    pub held: bool,
    pub when: Instant,
}

impl Change {
    pub fn now(label: &'static str, of: usize, held: bool) -> Self {
        Self {
            label,
            of,
            held,
            when: Instant::now(),
        }
    }

    /// Whether it goes on with the one before it.
    fn continues(&self, before: &Self) -> bool {
        let lately = self.when.duration_since(before.when) < PAUSE || self.held && before.held;
        self.label == before.label && self.of == before.of && lately
    }
}

/// One place on: towards the end, or towards the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Back,
    On,
}

impl Board {
    /// One change that can be undone.
    pub fn edit(&mut self, label: &'static str, change: impl FnOnce(&mut Layout)) {
        self.changed();
        let before = self.layout.clone();
        change(&mut self.layout);
        let past = &mut self.history.past;
        past.push((label, before));
        if past.len() > STEPS {
            past.remove(0);
        }
        self.history.future.clear();
        self.history.latest = None;
    }

    /// A change that is undone together with the one before it, where it goes on with that.
    pub fn edit_on(&mut self, what: Change, change: impl FnOnce(&mut Layout)) {
        let goes_on = self.history.latest.is_some_and(|latest| what.continues(&latest));
        self.edit_with(what.label, goes_on, change);
        self.history.latest = Some(what);
    }

    /// `before`: undone together with what was changed before it.
    fn edit_with(&mut self, label: &'static str, before: bool, change: impl FnOnce(&mut Layout)) {
        if before && self.undo_label() == Some(label) {
            self.changed();
            change(&mut self.layout);
            self.history.future.clear();
        } else {
            self.edit(label, change);
        }
    }

    pub fn undo(&mut self) -> Option<&'static str> {
        self.history.latest = None;
        let (label, layout) = self.history.past.pop()?;
        self.changed();
        self.history.future.push((label, std::mem::replace(&mut self.layout, layout)));
        Some(label)
    }

    pub fn redo(&mut self) -> Option<&'static str> {
        self.history.latest = None;
        let (label, layout) = self.history.future.pop()?;
        self.changed();
        self.history.past.push((label, std::mem::replace(&mut self.layout, layout)));
        Some(label)
    }

    pub fn undo_label(&self) -> Option<&'static str> {
        self.history.past.last().map(|(label, _)| *label)
    }

    pub fn redo_label(&self) -> Option<&'static str> {
        self.history.future.last().map(|(label, _)| *label)
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// At the end. `more`: it was brought together with those before it, and goes with them.
    pub fn add_sketch(&mut self, sketch: SketchCard, more: bool) -> RowId {
        let id = RowId(self.id());
        let sketch = Arc::new(sketch);
        let change = |layout: &mut Layout| layout.rows.push(Row { id, sketch });
        self.edit_with(ADD_SKETCHES, more, change);
        id
    }

    /// As [`Self::add_sketch`], a reference with its mask in use.
    pub fn add_reference(&mut self, reference: ReferenceCard, more: bool) -> ColumnId {
        let id = ColumnId(self.id());
        let column = Column {
            id,
            reference: Arc::new(reference),
            masked: true,
        };
        let change = |layout: &mut Layout| layout.columns.push(column);
        self.edit_with(ADD_REFERENCES, more, change);
        id
    }

    /// Puts another reference in a column's place; its cells are stale from now on.
    pub fn replace_reference(&mut self, id: ColumnId, reference: ReferenceCard) {
        self.edit("Replace a reference", |layout| {
            let Some(column) = layout.columns.iter_mut().find(|column| column.id == id) else {
                return;
            };
            let is_other_picture = column.reference.picture.1.hash != reference.picture.1.hash;
            column.reference = Arc::new(reference);
            // It brings colours of its own: the parts are named anew. Another mask or background leaves them as they are.
            if layout.chosen == Some(id) && is_other_picture {
                layout.colors = ColorModel::default();
            }
        });
    }

    /// As [`Self::replace_reference`], of a row.
    pub fn replace_sketch(&mut self, id: RowId, sketch: SketchCard) {
        self.edit("Replace a sketch", |layout| {
            if let Some(row) = layout.rows.iter_mut().find(|row| row.id == id) {
                row.sketch = Arc::new(sketch);
            }
        });
    }

    pub fn remove_row(&mut self, id: RowId) {
        self.edit("Remove a sketch", |layout| {
            following::carry(layout, id);
            layout.rows.retain(|row| row.id != id);
        });
    }

    pub fn remove_column(&mut self, id: ColumnId) {
        self.edit("Remove a reference", |layout| {
            layout.columns.retain(|column| column.id != id);
            if layout.chosen == Some(id) {
                layout.choose(None);
            }
        });
    }

    /// Puts a row before the one that stands at `place` now; behind all where there is none.
    pub fn move_row(&mut self, id: RowId, place: usize) {
        if let Some(from) = self.layout.rows.iter().position(|row| row.id == id) {
            self.edit("Move a sketch", |layout| moved(&mut layout.rows, from, place));
        }
    }

    /// As [`Self::move_row`], a column.
    pub fn move_column(&mut self, id: ColumnId, place: usize) {
        if let Some(from) = self.layout.columns.iter().position(|column| column.id == id) {
            self.edit("Move a reference", |layout| moved(&mut layout.columns, from, place));
        }
    }

    /// The active row and column, each with its index: what moves by keys.
    pub fn places_of_active(&self) -> Option<((RowId, usize), (ColumnId, usize))> {
        let (row, column) = self.active()?;
        let at = self.layout.rows.iter().position(|known| known.id == row)?;
        let across = self.layout.columns.iter().position(|known| known.id == column)?;
        Some(((row, at), (column, across)))
    }
}

/// Where [`Board::move_row`] puts what stands at `at` to bring it one place on; None at the end of the way.
pub fn neighbour(at: usize, length: usize, way: Way) -> Option<usize> {
    match way {
        Way::Back => at.checked_sub(1),
        Way::On => (at + 1 < length).then_some(at + 2),
    }
}

fn moved<T>(list: &mut Vec<T>, from: usize, place: usize) {
    let taken = list.remove(from);
    let place = if place > from { place - 1 } else { place };
    list.insert(place.min(list.len()), taken);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_undone_one_by_one_and_drags_and_words_as_a_whole() {
        let mut board = Board::default();
        let start = Instant::now();
        let mut set = |of, held, milliseconds, seed| {
            let when = start + Duration::from_millis(milliseconds);
            let label = "Change the seed";
            let change = Change { label, of, held, when };
            board.edit_on(change, |layout| layout.seed = seed);
        };
        set(0, false, 0, 1);
        set(0, false, 600, 2);
        set(0, false, 60_000, 3);
        set(1, false, 60_100, 4);
        // A drag that rests for a while.
        set(1, true, 70_000, 5);
        set(1, true, 75_000, 6);
        let steps: Vec<u64> = std::iter::from_fn(|| board.undo().map(|_| board.layout.seed)).collect();
        assert_eq!(steps, [4, 3, 2, 0]);
    }

    #[test]
    fn what_is_moved_stands_before_what_stood_there() {
        let order = |from, place| {
            let mut list = vec!['a', 'b', 'c', 'd'];
            moved(&mut list, from, place);
            list.into_iter().collect::<String>()
        };
        assert_eq!(order(0, 2), "bacd");
        assert_eq!(order(3, 0), "dabc");
        assert_eq!(order(1, 9), "acdb");
        assert_eq!(order(1, 1), "abcd");
        let on = neighbour(1, 4, Way::On).unwrap();
        assert_eq!((order(1, on).as_str(), neighbour(3, 4, Way::On)), ("acbd", None));
        let back = neighbour(1, 4, Way::Back).unwrap();
        assert_eq!((order(1, back).as_str(), neighbour(0, 4, Way::Back)), ("bacd", None));
    }
}
