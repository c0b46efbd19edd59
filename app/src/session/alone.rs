//! A layer that shows alone, and what showed before.

use super::Session;
use crate::document::LayerId;

/// A layer was shown alone.
pub(super) struct Alone {
    layer: LayerId,
    /// Which layers showed before.
    before: Vec<(LayerId, bool)>,
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
        if canvas.shows_alone(layer) {
            let before = self.alone.as_ref().map(|alone| alone.before.clone()).unwrap_or_default();
            self.edit_canvas("Show the other layers", |canvas| {
                let words = "The other layers were not hidden together. Show them one by one by their eyes.";
                canvas.set_visible(before).then_some(()).ok_or(words)
            });
            return;
        }
        // On the way from one layer to the next it is still what showed before the first that comes back.
        let goes_on = self.alone.take().filter(|alone| canvas.shows_alone(alone.layer));
        let before = match goes_on {
            Some(alone) => alone.before,
            None => canvas.layers().map(|layer| (layer.id, layer.visible)).collect(),
        };
        self.alone = Some(Alone { layer, before });
        self.edit_canvas("Show a layer alone", |canvas| {
            canvas.show_alone(layer);
            Ok(())
        });
    }
}
