//! Lines taken off their paper, away from the window.

use super::regions::Found;
use super::{Notice, Session};
use crate::document::{LayerId, Pixels, TileGrid};

/// Why what changes alpha is not done.
pub(super) const ALPHA_LOCKED: &str = "The layer's alpha is locked. Unlock it first.";

impl Session {
    /// Makes the paper of a layer transparent, where it is selected.
    pub(super) fn take_off_paper(&mut self, id: LayerId) {
        if !self.may_change(id) {
            return;
        }
        let Some(document) = &self.document else { return };
        let Some(layer) = document.layer(id) else { return };
        let refused = match &layer.pixels {
            Pixels::Raster(_) if layer.alpha_locked => ALPHA_LOCKED,
            Pixels::Raster(grid) => {
                let (grid, selection) = (grid.clone(), document.selection_on(id).cloned());
                let (opened, state) = (self.opened, self.history.state());
                return self.await_found(move || Found::Lines {
                    opened,
                    state,
                    layer: id,
                    lines: grid.off_paper(selection.as_ref()),
                });
            }
            Pixels::Mask(_) | Pixels::Group(_) => "A mask has no paper. Choose a layer with lines on white.",
        };
        self.notice = Some(Notice::info(refused));
    }

    /// The layer with its lines alone; or they are looked for anew, if the document has become another since: a take may have come.
    pub(super) fn place_lines(&mut self, state: u64, id: LayerId, lines: TileGrid<[u8; 4]>) {
        if state != self.history.state() {
            return self.take_off_paper(id);
        }
        let stamp = self
            .document
            .as_ref()
            .and_then(|document| document.layer(id))
            .map(|layer| layer.stamp());
        if stamp == Some(lines.stamp()) {
            self.notice = Some(Notice::info(
                "There is no white paper on the layer, or none of it is selected.",
            ));
            return;
        }
        self.edit("Lines off the paper", |document| {
            if let Some(layer) = document.layer_mut(id) {
                layer.pixels = Pixels::Raster(lines);
            }
        });
    }
}
