//! What is selected of a layer, as a layer of its own.

use super::regions::Found;
use super::{Notice, Session};
use crate::document::{LayerId, TileGrid};

/// Why nothing is copied.
pub(super) const NOTHING_SELECTED: &str = "There is nothing to copy: nothing is on the layer where it is selected.";

impl Session {
    /// Whether only a part of a layer is copied, for something is selected. Masks have no such parts: there is one of each.
    pub(super) fn copies_part(&self, layer: LayerId) -> bool {
        let canvas = self.document.as_ref().map(|document| document.canvas());
        let layer = canvas
            .filter(|canvas| canvas.selection().is_some())
            .and_then(|canvas| canvas.layer(layer));
        layer.is_some_and(|layer| !layer.role.is_mask())
    }

    /// Makes a layer of what is selected of one of the canvas's, or of all of it without a selection, away from the window. Of a take it becomes paint over all
    /// takes.
    pub fn copy_to_layer(&mut self, source: LayerId) {
        self.alter(move |session| {
            let Some(document) = &session.document else { return };
            let (canvas, opened) = (document.canvas().clone(), session.opened);
            session.await_found(move || Found::Copied {
                opened,
                source,
                pixels: canvas.copied(source),
            });
        });
    }

    pub(super) fn place_copied(&mut self, source: LayerId, pixels: Option<TileGrid<[u8; 4]>>) {
        let Some(pixels) = pixels else {
            self.notice = Some(Notice::info(NOTHING_SELECTED));
            return;
        };
        let copy = self.edit("Copy to a layer", |document| document.canvas_mut().lay_copy(source, pixels));
        // Before what has waited for it.
        copy.into_iter().for_each(|layer| self.choose(layer));
    }
}
