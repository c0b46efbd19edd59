//! What a file's layers are for, by their names and places.

use super::record::{Part, Record};
use crate::document::layer::Role;
use crate::document::roles::{Named, by_name, by_names, is_line_art};

/// A role for each record, in order.
pub fn roles(records: &[Record<'_>]) -> Vec<Role> {
    let is_painted = |record: &Record<'_>| record.part == Part::Layer && !record.area.is_empty();
    let any_painted = records.iter().any(is_painted);
    // Where there is paint, a blank layer is not the drawing, whatever its place.
    let counts = |record: &Record<'_>| is_painted(record) || !any_painted && record.part == Part::Layer;
    // Of the groups around: whether they show, and whether one is called as line art is.
    let mut around = vec![(true, false)];
    let mut layers = Vec::new();
    for record in records.iter().rev() {
        let (in_sight, in_line_art) = around.last().copied().unwrap_or((true, false));
        let shown = record.visible && !record.orphan && in_sight;
        match record.part {
            Part::Group { .. } => around.push((shown, in_line_art || is_line_art(&record.name))),
            Part::GroupEnd => {
                around.pop();
            }
            Part::Layer if counts(record) => layers.push(Named {
                name: &record.name,
                shown,
                in_line_art,
            }),
            Part::Layer | Part::Adjustment => {}
        }
    }
    let mut of_layers = by_names(&layers).into_iter().rev();
    let of_records = records.iter().map(|record| {
        let role = match record.part {
            Part::Layer if counts(record) => of_layers.next(),
            Part::Layer => Some(by_name(&record.name)),
            _ => None,
        };
        // All layers of a PSD lie on the canvas.
        role.filter(|role| !role.is_aside()).unwrap_or(Role::Paint)
    });
    of_records.collect()
}
