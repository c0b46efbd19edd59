//! How a cell shows its picture: zoom and pan, for all cells together or each on its own.

use std::collections::HashMap;

use egui::{Pos2, Rect, Vec2, vec2};

use crate::board::Place;
use crate::ui::fitted;

/// How much larger than fitted a picture can be shown.
const LARGEST: f32 = 16.0;

/// Zoom and pan as shares of the picture, so that pictures of different sizes show the same part of themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// 1 is fitted.
    zoom: f32,
    /// The point of the picture in the middle of the cell, 0..=1.
    center: Vec2,
}

impl Default for Lens {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            center: Vec2::splat(0.5),
        }
    }
}

impl Lens {
    /// Where a picture of `size` lies that is shown in `pane`.
    pub fn place(&self, size: Vec2, pane: Rect) -> Rect {
        let shown = fitted(size, pane).size() * self.zoom;
        Rect::from_min_size(pane.center() - shown * self.center, shown)
    }

    /// Moves a picture that lies at `place` by `points`.
    pub fn pan(&mut self, place: Rect, points: Vec2) {
        self.center -= points / place.size().max(Vec2::splat(1.0));
        self.settle();
    }

    /// Zooms by `factor`, and keeps what is under `pointer` there.
    pub fn zoom_about(&mut self, place: Rect, pane: Rect, pointer: Pos2, factor: f32) {
        let held = (pointer - place.min) / place.size().max(Vec2::splat(1.0));
        let before = self.zoom;
        self.zoom = (self.zoom * factor).clamp(1.0, LARGEST);
        let size = place.size() * (self.zoom / before);
        self.center = held - (pointer - pane.center()) / size.max(Vec2::splat(1.0));
        self.settle();
    }

    /// A picture is never dragged out of its cell.
    fn settle(&mut self) {
        let half = 0.5 / self.zoom;
        self.center = self.center.clamp(Vec2::splat(half), Vec2::splat(1.0 - half));
    }
}

/// The lenses of a board.
pub struct Lenses {
    pub locked: bool,
    shared: Lens,
    own: HashMap<Place, Lens>,
}

impl Default for Lenses {
    fn default() -> Self {
        Self {
            locked: true,
            shared: Lens::default(),
            own: HashMap::new(),
        }
    }
}

impl Lenses {
    pub fn of(&self, place: Place) -> Lens {
        match self.locked {
            true => self.shared,
            false => self.own.get(&place).copied().unwrap_or(self.shared),
        }
    }

    pub fn set(&mut self, place: Place, lens: Lens) {
        match self.locked {
            true => self.shared = lens,
            false => {
                self.own.insert(place, lens);
            }
        }
    }

    /// Shows whole pictures again.
    pub fn fit(&mut self) {
        self.shared = Lens::default();
        self.own.clear();
    }

    /// Locked again, all cells show what `place` shows.
    pub fn toggle(&mut self, place: Option<Place>) {
        if !self.locked
            && let Some(place) = place
        {
            self.shared = self.of(place);
            self.own.clear();
        }
        self.locked = !self.locked;
    }

    /// Of the cells that zoom together.
    pub fn zoom(&self) -> f32 {
        self.shared.zoom
    }
}

/// The size of a picture as the interface counts.
pub fn size_of(picture: &image::RgbImage) -> Vec2 {
    vec2(picture.width() as f32, picture.height() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{ColumnId, RowId};
    use egui::pos2;

    const PANE: Rect = Rect {
        min: pos2(100.0, 100.0),
        max: pos2(300.0, 200.0),
    };

    #[test]
    fn a_fresh_lens_shows_the_whole_picture() {
        let place = Lens::default().place(vec2(50.0, 50.0), PANE);
        assert_eq!(place, Rect::from_min_max(pos2(150.0, 100.0), pos2(250.0, 200.0)));
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer_and_panning_ends_at_the_edge() {
        let (mut lens, size) = (Lens::default(), vec2(200.0, 100.0));
        let pointer = pos2(150.0, 140.0);
        lens.zoom_about(lens.place(size, PANE), PANE, pointer, 4.0);
        let place = lens.place(size, PANE);
        let held = (pointer - place.min) / place.size();
        assert!((held - vec2(0.25, 0.4)).length() < 1e-4, "{held:?}");
        lens.pan(place, vec2(10_000.0, 0.0));
        assert!((lens.place(size, PANE).left() - PANE.left()).abs() < 1e-2);
    }

    #[test]
    fn locked_cells_move_together_and_free_ones_alone() {
        let (one, two) = ((RowId(1), ColumnId(1)), (RowId(1), ColumnId(2)));
        let mut lenses = Lenses::default();
        let near = Lens {
            zoom: 3.0,
            ..Lens::default()
        };
        lenses.set(one, near);
        assert_eq!(lenses.of(two), near);
        lenses.toggle(Some(one));
        lenses.set(two, Lens::default());
        assert_eq!((lenses.of(one), lenses.of(two)), (near, Lens::default()));
        lenses.toggle(Some(two));
        assert_eq!(lenses.of(one), Lens::default());
    }
}
