//! Changes to what stands on the board, each of which can be undone.

use std::sync::Arc;

use super::card::{ReferenceCard, SketchCard};
use super::grid::Board;
use super::layout::{Column, ColumnId, Layout, Row, RowId};

/// Steps back that are kept.
const STEPS: usize = 100;
const ADD_SKETCHES: &str = "Add sketches";
const ADD_REFERENCES: &str = "Add references";

/// What stood on the board before each change, and after those that were undone.
#[derive(Default)]
pub struct History {
    past: Vec<(&'static str, Layout)>,
    future: Vec<(&'static str, Layout)>,
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
        let before = self.layout.clone();
        change(&mut self.layout);
        let past = &mut self.history.past;
        past.push((label, before));
        if past.len() > STEPS {
            past.remove(0);
        }
        self.history.future.clear();
    }

    /// One more change of the same kind, undone together with those before it.
    pub fn edit_merged(&mut self, label: &'static str, change: impl FnOnce(&mut Layout)) {
        if self.undo_label() == Some(label) {
            change(&mut self.layout);
            self.history.future.clear();
        } else {
            self.edit(label, change);
        }
    }

    pub fn undo(&mut self) -> Option<&'static str> {
        let (label, layout) = self.history.past.pop()?;
        self.history.future.push((label, std::mem::replace(&mut self.layout, layout)));
        Some(label)
    }

    pub fn redo(&mut self) -> Option<&'static str> {
        let (label, layout) = self.history.future.pop()?;
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
        match more {
            true => self.edit_merged(ADD_SKETCHES, change),
            false => self.edit(ADD_SKETCHES, change),
        }
        id
    }

    /// Likewise.
    pub fn add_reference(&mut self, reference: ReferenceCard, more: bool) -> ColumnId {
        let id = ColumnId(self.id());
        let column = Column {
            id,
            reference: Arc::new(reference),
            masked: true,
        };
        let change = |layout: &mut Layout| layout.columns.push(column);
        match more {
            true => self.edit_merged(ADD_REFERENCES, change),
            false => self.edit(ADD_REFERENCES, change),
        }
        id
    }

    /// Puts another picture in a column's place; its cells are stale from now on.
    pub fn replace_reference(&mut self, id: ColumnId, reference: ReferenceCard) {
        self.edit("Replace a reference", |layout| {
            if let Some(column) = layout.columns.iter_mut().find(|column| column.id == id) {
                column.reference = Arc::new(reference);
            }
        });
    }

    pub fn remove_row(&mut self, id: RowId) {
        self.edit("Remove a sketch", |layout| layout.rows.retain(|row| row.id != id));
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

    /// Likewise.
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
