//! What the person looks at, and the cell that keys act on.

use super::Board;
use crate::board::layout::{ColumnId, Place};

/// What the person looks at: it comes first.
#[derive(Clone, Debug, Default)]
pub struct Focus {
    pub hovered: Option<Place>,
    pub visible: Vec<Place>,
    /// The cell that commands are about.
    pub active: Option<Place>,
    /// The column that the active one is held against.
    pub against: Option<ColumnId>,
}

impl Board {
    /// The cell that commands are about: the active one, or the first.
    pub fn active(&self) -> Option<Place> {
        let layout = &self.layout;
        let stands = |place: &Place| layout.row(place.0).is_some() && layout.column(place.1).is_some();
        self.focus.active.filter(stands).or_else(|| layout.places().next())
    }

    /// The column that the active one is held against: the one that was active before it, or its neighbour.
    pub fn against(&self) -> Option<ColumnId> {
        let (_, active) = self.active()?;
        let columns = &self.layout.columns;
        let chosen = self
            .focus
            .against
            .filter(|id| *id != active && self.layout.column(*id).is_some());
        chosen.or_else(|| {
            let at = columns.iter().position(|column| column.id == active)?;
            let next = columns.get(at + 1).or_else(|| columns.get(at.checked_sub(1)?))?;
            Some(next.id)
        })
    }

    /// Makes a cell the active one; the column that was active before it is what it is held against.
    pub fn activate(&mut self, place: Place) {
        let before = self.active().map(|(_, column)| column);
        if before.is_some_and(|before| before != place.1) {
            self.focus.against = before;
        }
        self.focus.active = Some(place);
    }

    /// Goes so many columns to the right and rows down.
    pub fn step(&mut self, right: isize, down: isize) {
        let Some((row, column)) = self.active() else { return };
        let row = self.layout.rows.iter().position(|known| known.id == row);
        let column = self.layout.columns.iter().position(|known| known.id == column);
        let next = |at: Option<usize>, step: isize, length: usize| Some(at?.saturating_add_signed(step).min(length - 1));
        let row = next(row, down, self.layout.rows.len());
        let column = next(column, right, self.layout.columns.len());
        if let (Some(row), Some(column)) = (row, column) {
            self.activate((self.layout.rows[row].id, self.layout.columns[column].id));
        }
    }
}
