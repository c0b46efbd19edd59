//! Another size of the canvas, with all that lies on it.

use super::Session;
use crate::document::{DocumentError, Sheet};
use crate::generate::settings;
use crate::tool::Resize;

impl Session {
    /// Gives the canvas another size, in its turn and away from the window.
    pub fn resize(&mut self, how: Resize) {
        self.alter(move |session| session.begin_resizing(how));
    }

    pub(super) fn begin_resizing(&mut self, how: Resize) {
        let Some(document) = &self.document else { return };
        let canvas = document.canvas().clone();
        self.await_made(how, move |how| how.of(&canvas), Self::place_resized, Self::begin_resizing);
    }

    fn place_resized(&mut self, how: Resize, resized: Result<Option<Sheet>, DocumentError>) {
        match resized {
            Ok(Some(canvas)) => {
                self.record_parameters();
                let size = canvas.size();
                self.edit(how.label(), |document| *document.canvas_mut() = canvas);
                // A picture of the earlier proportions would have margins from now on. It is undone with the size.
                self.settings.size = self.settings.size.map(|made| settings::size_on(size, made));
                self.take_parameters_for_known();
                self.leave_size();
            }
            Ok(None) => self.inform("The canvas has that size already.".to_owned()),
            Err(error) => self.warn_of(&error),
        }
    }

    /// The canvas has another size than it had: the pictures that are being made for that one end, and no line goes on from a place on it.
    pub(super) fn leave_size(&mut self) {
        let was_coloring = self.is_coloring();
        self.cancel_all();
        self.end_live();
        self.live.forget();
        self.toolbox.brush.forget_last();
        self.toolbox.eraser.forget_last();
        if was_coloring {
            let words = "The picture under way was for the canvas at its earlier size and is cancelled. Colorize it again.";
            self.inform(words.to_owned());
        }
    }

    /// Checks that pixels for the whole canvas still fit it; else it is said that they do not.
    pub(super) fn check_canvas(&mut self, size: [u32; 2]) -> bool {
        let fits = (self.document.as_ref()).is_some_and(|document| document.canvas().size() == size);
        if !fits {
            let words = "The canvas has another size by now: what was made for the earlier one is left out. Do it again.";
            self.inform(words.to_owned());
        }
        fits
    }
}
