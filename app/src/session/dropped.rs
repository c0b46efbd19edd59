//! What files become that are dropped on the panes: layers, the reference, the one of the background, or a document of their own.

use std::path::{Path, PathBuf};

use super::Session;
use crate::document::{FileKind, Side};

impl Session {
    /// Whether files that are dropped on a pane together become layers: several on the canvas of what is open.
    pub fn takes_as_layers(&self, side: Side, paths: &[PathBuf]) -> bool {
        self.document.is_some() && side == Side::Canvas && paths.len() > 1
    }

    /// Whether a file that is dropped on a pane becomes the reference: on the reference's own, and everywhere while there is none.
    pub fn takes_as_reference(&self, side: Side, path: &Path) -> bool {
        let missing = self
            .document
            .as_ref()
            .is_some_and(|document| document.sheet(Side::Reference).is_none());
        self.document.is_some() && FileKind::named(path) == FileKind::Picture && (side == Side::Reference || missing)
    }

    /// Whether a file that is dropped on a pane becomes the background reference, in place of the one there.
    pub fn takes_as_background(&self, side: Side, path: &Path) -> bool {
        side == Side::Background && FileKind::named(path) == FileKind::Picture
    }

    /// Whether pictures can become layers, the reference, or a document of their own: where they were dropped decides, or else the person.
    pub fn takes_in_many_ways(&self, paths: &[PathBuf]) -> bool {
        let pictures = paths.iter().all(|path| FileKind::named(path) == FileKind::Picture);
        let waits_for_reference = matches!(paths, [path] if self.takes_as_reference(Side::Canvas, path));
        self.document.is_some() && pictures && !waits_for_reference
    }
}
