//! Where the parts of the colour model are in each frame.

use std::sync::Arc;

use super::SketchCard;
use super::colors::Area;
use super::layout::{Layout, Row, RowId};

/// The areas of each part in each row, `[part][row]`; none where it was not found.
pub type Followed = Vec<Vec<Vec<usize>>>;

/// Before a row goes, has the parts that were shown to be in it be where they are in the row nearest to it. One that is in no other row goes with it.
pub(super) fn carry(layout: &mut Layout, gone: RowId) {
    let Some(start) = layout.rows.iter().position(|row| row.id == gone) else {
        return;
    };
    let mut parts = std::mem::take(&mut layout.colors.parts);
    let shown: Vec<(usize, Area)> = (parts.iter().enumerate())
        .flat_map(|(number, part)| part.shown.iter().map(move |area| (number, *area)))
        .collect();
    let before = &layout.rows[start].sketch.regions;
    let mut others: Vec<(usize, &Row)> = layout.rows.iter().enumerate().filter(|(at, _)| *at != start).collect();
    others.sort_by_key(|(at, _)| at.abs_diff(start));
    for (number, part) in parts.iter_mut().enumerate() {
        let is_free = |place: &Area| !shown.iter().any(|(other, area)| *other != number && area == place);
        let found = |area: usize| {
            let mut places = others
                .iter()
                .filter_map(|(_, row)| Some((row.id, row.sketch.regions.counterpart(before, area)?)));
            places.find(is_free)
        };
        let mut kept: Vec<Area> = Vec::new();
        for (row, area) in std::mem::take(&mut part.shown) {
            let place = if row == gone { found(area) } else { Some((row, area)) };
            let place = place.filter(|place| !kept.contains(place));
            kept.extend(place);
        }
        part.shown = kept;
    }
    parts.retain(|part| !part.shown.is_empty());
    layout.colors.parts = parts;
}

/// Parts that are to be followed over the frames, which takes long for a whole shot: away from the window.
pub struct Following {
    /// Of all that it says.
    pub hash: u64,
    rows: Vec<(RowId, Arc<SketchCard>)>,
    /// The areas that each part was shown to be.
    parts: Vec<Vec<Area>>,
}

impl Following {
    pub(super) fn new(hash: u64, layout: &Layout) -> Self {
        Self {
            hash,
            rows: layout.rows.iter().map(|row| (row.id, row.sketch.clone())).collect(),
            parts: layout.colors.parts.iter().map(|part| part.shown.clone()).collect(),
        }
    }

    pub fn run(&self) -> Followed {
        let along = |shown: &Vec<Area>| {
            let mut found = vec![Vec::new(); self.rows.len()];
            for (row, area) in shown {
                if let Some(start) = self.rows.iter().position(|(known, _)| known == row) {
                    self.track(start, *area, &mut found);
                }
            }
            found
        };
        self.parts.iter().map(along).collect()
    }

    /// Notes what has become of an area in the frames after it and before it.
    fn track(&self, start: usize, area: usize, found: &mut [Vec<usize>]) {
        let mut note = |at: usize, area: usize| {
            if !found[at].contains(&area) {
                found[at].push(area);
            }
        };
        note(start, area);
        let regions = |at: usize| &self.rows[at].1.regions;
        let mut along = |way: &mut dyn Iterator<Item = usize>| {
            // A part that is hidden for some frames is looked for where it was seen last.
            let mut seen = (start, area);
            for at in way {
                if let Some(here) = regions(at).counterpart(regions(seen.0), seen.1) {
                    note(at, here);
                    seen = (at, here);
                }
            }
        };
        along(&mut (start + 1..self.rows.len()));
        along(&mut (0..start).rev());
    }
}
