//! Changes that can be undone, and the way back and forth through them.

use super::Session;
use crate::document::Document;

impl Session {
    /// One change that can be undone. A stroke under way is finished by being taken back.
    pub(super) fn edit<T: Default>(&mut self, label: &'static str, change: impl FnOnce(&mut Document) -> T) -> T {
        self.abort_stroke();
        match &mut self.document {
            Some(document) => self.history.edit(document, label, change),
            None => T::default(),
        }
    }

    pub(super) fn travel(&mut self, back: bool) {
        if self.abort_stroke() {
            return;
        }
        if let Some(document) = &mut self.document {
            let label = if back {
                self.history.undo(document)
            } else {
                self.history.redo(document)
            };
            tracing::debug!(?label, back, "history");
        }
    }

    /// Goes to where this many changes of the history are done.
    pub fn go_to(&mut self, done: usize) {
        self.abort_stroke();
        let Some(document) = &mut self.document else { return };
        while self.history.done().len() > done && self.history.undo(document).is_some() {}
        while self.history.done().len() < done && self.history.redo(document).is_some() {}
    }
}
