//! What is selected of layers, as layers of their own.

use super::Session;
use super::answer::Answer;
use super::layers::{copy_of, label};
use crate::document::{LayerId, Side, TileGrid};

/// Why nothing is copied.
pub(super) const NOTHING_SELECTED: &str = "There is nothing to copy: nothing is painted in what is selected.";

impl Session {
    /// Whether only parts of the chosen layers are copied, for something is selected. Masks have no such parts: there is one of each.
    pub(super) fn copies_parts(&self) -> bool {
        let canvas = self.document.as_ref().map(|document| document.canvas());
        canvas.is_some_and(|canvas| canvas.selection().is_some()) && !self.has_chosen(|layer| layer.role.is_mask())
    }

    /// Makes a layer of what is selected of each of some of the canvas's, or of all of it without a selection, away from the window. Of a take it becomes paint
    /// over all takes.
    pub fn copy_to_layers(&mut self, sources: Vec<LayerId>) {
        self.alter(move |session| {
            let Some(document) = &session.document else { return };
            let canvas = document.canvas().clone();
            let sources = canvas.outermost(&sources);
            if sources.is_empty() {
                return;
            }
            session.await_found(move || {
                let parts = sources
                    .into_iter()
                    .filter_map(|source| Some((source, canvas.copied(source)?)))
                    .collect();
                Answer::new(move |session| session.place_copied(parts))
            });
        });
    }

    /// Each over what it is a part of. The copies are chosen then, that of the layer that is painted on to paint on.
    fn place_copied(&mut self, parts: Vec<(LayerId, TileGrid<[u8; 4]>)>) {
        if parts.is_empty() {
            return self.inform(NOTHING_SELECTED.to_owned());
        }
        let sources: Vec<LayerId> = parts.iter().map(|(source, _)| *source).collect();
        let Some(target) = self.target(Side::Canvas) else { return };
        let copies = self.edit_canvas(label(&sources, ["Copy to a layer", "Copy to layers"]), |canvas| {
            let lay = |(source, pixels)| Some((source, canvas.lay_copy(source, pixels)?));
            let copies: Vec<(LayerId, LayerId)> = parts.into_iter().filter_map(lay).collect();
            if copies.is_empty() { Err("") } else { Ok(copies) }
        });
        if let Some((first, others)) = copy_of(target, copies.unwrap_or_default()) {
            // Before what has waited for it.
            self.choose_together(first, others);
        }
    }
}
