//! A take as flats: how it is cut is asked first.

use super::answer::Answer;
use super::{Notice, Session};
use crate::document::{LayerId, TOO_DEEP};
use crate::generate::flats::{Flat, FlatLayers, flats, lay};

impl Session {
    /// Asks how a take is to be cut, which is then said in [`Self::flats`].
    pub fn ask_about_flats(&mut self, take: LayerId) {
        self.cutting = Some(take);
    }

    /// Whether that is being asked, of a take that is there.
    pub fn asks_about_flats(&self) -> bool {
        let take = self.document.as_ref().zip(self.cutting);
        take.is_some_and(|(document, take)| document.layer(take).is_some())
    }

    /// It is said, or the person does not want to.
    pub fn end_asking_about_flats(&mut self, wanted: bool) {
        if let Some(take) = self.cutting.take().filter(|_| wanted) {
            self.when_still(move |session| session.cut_flats(take));
        }
    }

    /// Cuts a take along the sketch's lines, away from the window.
    fn cut_flats(&mut self, take: LayerId) {
        let Some(document) = self.document.clone() else { return };
        let settings = self.flats;
        let swatches = self.palette_in_use().0.swatches.clone();
        self.find(move || {
            let flats = flats(&document, take, settings, &swatches);
            Answer::new(move |session| session.place_flats(take, settings.layers, flats))
        });
    }

    /// A layer over the take, or a group of them.
    fn place_flats(&mut self, take: LayerId, layers: FlatLayers, flats: Vec<Flat>) {
        if flats.is_empty() {
            self.notice = Some(Notice::info("There is nothing to cut: the take has no colours of its own."));
            return;
        }
        let canvas = flats.first().map(|flat| flat.pixels.size());
        if canvas.is_some_and(|size| !self.check_canvas(size)) {
            return;
        }
        let count = flats.len();
        let placed = self.edit_canvas("Send to layers as flats", |canvas| {
            canvas
                .layer(take)
                .ok_or("The take that was being cut into flats is gone. Bring it back, and cut it again.")?;
            lay(canvas, take, layers, flats).ok_or(TOO_DEEP)
        });
        if let Some(placed) = placed {
            self.choose(placed);
            self.notice = Some(Notice::info(match count {
                1 => "One layer of flats lies over the take.".to_owned(),
                _ => format!("{count} layers of flats in a group over the take."),
            }));
        }
    }
}
