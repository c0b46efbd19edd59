//! A layer that shows alone, and what showed before.

use super::Session;
use crate::document::{LayerId, Role};

/// A layer was shown alone.
pub(super) struct Alone {
    layer: LayerId,
    /// Which layers showed before; masks, which are no part of it, aside.
    before: Vec<(LayerId, bool)>,
    /// One of them was a take.
    had_take: bool,
}

impl Session {
    /// Shows a layer of the canvas alone, masks aside; what showed before again, if it is alone.
    pub fn show_alone(&mut self, layer: LayerId) {
        self.alter(move |session| session.show_alone_or_all(layer));
    }

    fn show_alone_or_all(&mut self, layer: LayerId) {
        let Some(canvas) = self.document.as_ref().map(|document| document.canvas()) else {
            return;
        };
        if canvas.layer(layer).is_none() {
            return;
        }
        let shows_take = self.shown_take().is_some();
        if canvas.shows_alone(layer) {
            let mut before = self.alone.as_ref().map(|alone| alone.before.clone()).unwrap_or_default();
            // Where takes were looked through meanwhile, the one that shows now stays.
            if shows_take && self.alone.as_ref().is_some_and(|alone| alone.had_take) {
                before.retain(|(id, _)| canvas.layer(*id).is_some_and(|layer| layer.role != Role::Take));
            }
            self.edit_canvas("Show the other layers", |canvas| {
                let words = "The other layers were not hidden together. Show them one by one by their eyes.";
                canvas.set_visible(before).then_some(()).ok_or(words)
            });
            return;
        }
        // On the way from one layer to the next it is still what showed before the first that comes back.
        let goes_on = self.alone.take().filter(|alone| canvas.shows_alone(alone.layer));
        let others = canvas.layers().filter(|layer| !layer.role.is_mask());
        let alone = goes_on.unwrap_or_else(|| Alone {
            layer,
            before: others.map(|layer| (layer.id, layer.visible)).collect(),
            had_take: shows_take,
        });
        self.alone = Some(Alone { layer, ..alone });
        self.edit_canvas("Show a layer alone", |canvas| {
            canvas.show_alone(layer);
            Ok(())
        });
    }
}
