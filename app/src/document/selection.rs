//! What of a sheet is selected: tools change nothing outside it.

use std::collections::HashSet;

use super::document::{Document, Side};
use super::layer::LayerId;
use super::rect::Rect;
use super::tile::{Tile, TileGrid, TileSpan};

/// How a new selection goes with the one that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    #[default]
    Replace,
    Add,
    Subtract,
    Intersect,
}

impl Combine {
    fn of(self, old: u8, new: u8) -> u8 {
        match self {
            Self::Replace => new,
            Self::Add => old.max(new),
            Self::Subtract => old.min(255 - new),
            Self::Intersect => old.min(new),
        }
    }
}

impl Document {
    /// The selection of the sheet that a layer lies on; none: all is selected.
    pub fn selection_on(&self, layer: LayerId) -> Option<&TileGrid<u8>> {
        self.sheets().find(|sheet| sheet.layer(layer).is_some())?.selection.as_ref()
    }

    /// Selects `shape` on a sheet, by itself or with what is selected there. A selection of nothing is none.
    pub fn select(&mut self, side: Side, shape: &TileGrid<u8>, how: Combine) {
        let Some(sheet) = self.sheet_mut(side).filter(|sheet| sheet.size() == shape.size()) else {
            return;
        };
        let none = TileGrid::new(shape.size());
        let combined = combined(sheet.selection.as_ref().unwrap_or(&none), shape, how);
        sheet.selection = (!combined.is_blank()).then_some(combined);
    }

    /// Selects all of a sheet, which shows as an outline around it.
    pub fn select_all(&mut self, side: Side) {
        if let Some(sheet) = self.sheet_mut(side) {
            sheet.selection = Some(TileGrid::filled(sheet.size(), 255));
        }
    }

    /// Nothing is selected, so that tools work everywhere. [`Self::reselect`] brings back what was.
    pub fn deselect(&mut self) {
        for side in Side::ALL {
            if let Some(sheet) = self.sheet_mut(side)
                && let Some(selection) = sheet.selection.take()
            {
                sheet.deselected = Some(selection);
            }
        }
    }

    /// Selects again on every sheet what was selected there last, where nothing is now.
    pub fn reselect(&mut self) {
        for side in Side::ALL {
            if let Some(sheet) = self.sheet_mut(side).filter(|sheet| sheet.selection.is_none()) {
                sheet.selection = sheet.deselected.take();
            }
        }
    }

    /// Whether there is something to select again.
    pub fn can_reselect(&self) -> bool {
        self.sheets()
            .any(|sheet| sheet.selection.is_none() && sheet.deselected.is_some())
    }

    /// What was not selected is; without a selection nothing changes.
    pub fn invert_selection(&mut self, side: Side) {
        if let Some(sheet) = self.sheet_mut(side)
            && let Some(selection) = &sheet.selection
        {
            let all = TileGrid::filled(selection.size(), 255);
            let rest = combined(&all, selection, Combine::Subtract);
            sheet.selection = (!rest.is_blank()).then_some(rest);
        }
    }
}

impl TileGrid<u8> {
    /// Whether all of a span is selected whole.
    pub fn is_full(&self, span: &TileSpan) -> bool {
        let whole = |tile: &Tile<u8>| {
            (span.rect.top..span.rect.bottom).all(|y| tile.pixels()[span.range(y)].iter().all(|share| *share == 255))
        };
        self.tile(span.column, span.row).is_some_and(whole)
    }
}

fn combined(old: &TileGrid<u8>, new: &TileGrid<u8>, how: Combine) -> TileGrid<u8> {
    if how == Combine::Replace {
        return new.clone();
    }
    let mut combined = old.clone();
    // Tiles that are selected whole, or not at all, are settled at once; the others are written several at a time.
    let mut partial = HashSet::new();
    let area = Rect::of(old.size());
    for span in old.spans(area) {
        let (column, row) = (span.column, span.row);
        match (old.tile(column, row).is_some(), new.tile(column, row).is_some(), how) {
            (true, false, Combine::Intersect) => combined.clear_tile(column, row),
            (false, true, Combine::Add) => combined.share_tile(new, column, row),
            (false, ..) | (_, false, _) => {}
            _ if new.is_full(&span) => match how {
                Combine::Subtract => combined.clear_tile(column, row),
                Combine::Add => combined.share_tile(new, column, row),
                Combine::Intersect | Combine::Replace => {}
            },
            _ => _ = partial.insert((column, row)),
        }
    }
    let is_partial = |span: &TileSpan| partial.contains(&(span.column, span.row));
    combined.write_tiles(area, is_partial, |span, pixels| {
        let Some(new) = new.tile(span.column, span.row) else { return };
        for (old, new) in pixels.iter_mut().zip(new.pixels()) {
            *old = how.of(*old, *new);
        }
    });
    combined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Role;
    use image::RgbaImage;

    fn document() -> Document {
        Document::from_sketch(&RgbaImage::new(600, 300)).unwrap()
    }

    fn square(x: i32) -> TileGrid<u8> {
        TileGrid::with_pixels([600, 300], [x, 10], 100, &[255; 100 * 100])
    }

    fn at(document: &Document, x: u32) -> Option<u8> {
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        document.selection_on(sketch).map(|selection| selection.pixel(x, 50))
    }

    #[test]
    fn selections_are_combined() {
        let mut document = document();
        document.select(Side::Canvas, &square(0), Combine::Replace);
        document.select(Side::Canvas, &square(50), Combine::Add);
        assert_eq!([20, 120, 160].map(|x| at(&document, x)), [Some(255), Some(255), Some(0)]);
        document.select(Side::Canvas, &square(20), Combine::Subtract);
        assert_eq!([10, 60, 130].map(|x| at(&document, x)), [Some(255), Some(0), Some(255)]);
        document.select(Side::Canvas, &square(100), Combine::Intersect);
        assert_eq!([10, 130].map(|x| at(&document, x)), [Some(0), Some(255)]);
        document.select(Side::Canvas, &square(400), Combine::Intersect);
        assert_eq!(at(&document, 130), None, "nothing is left, so nothing is selected");
        document.select(Side::Reference, &square(0), Combine::Replace);
        assert_eq!(at(&document, 20), None, "there is no reference");
    }

    #[test]
    fn all_inverted_is_nothing_and_a_part_inverted_is_the_rest() {
        let mut document = document();
        document.select_all(Side::Canvas);
        assert_eq!(at(&document, 599), Some(255));
        document.invert_selection(Side::Canvas);
        assert_eq!(at(&document, 599), None);
        document.select(Side::Canvas, &square(0), Combine::Replace);
        document.invert_selection(Side::Canvas);
        assert_eq!([20, 300, 599].map(|x| at(&document, x)), [Some(0), Some(255), Some(255)]);
        document.deselect();
        assert_eq!(at(&document, 300), None);
        assert!(document.can_reselect());
        document.reselect();
        assert_eq!([20, 300].map(|x| at(&document, x)), [Some(0), Some(255)]);
        assert!(!document.can_reselect());
    }
}
