//! Takes on their way into a folder, and layers into a folder or a file: on a thread of their own, with how far they are, and the way to break it off.

use std::path::PathBuf;

use super::{Notice, Session};
use crate::command::Command;
use crate::files::{Exporting, Meter, no_thread};
use crate::gallery::export::ExportError;

/// What was written, and where.
pub(super) enum Written {
    Board {
        count: usize,
        folder: PathBuf,
        /// It is to be opened in the gallery.
        review: bool,
        /// How the board stood then.
        stand: u64,
    },
    /// The frames of the board's chosen reference. `stand`: how the board stood then, if it has no others.
    Frames {
        count: usize,
        folder: PathBuf,
        stand: Option<u64>,
    },
    /// All takes of the document, to be opened in the gallery.
    Takes { count: usize, folder: PathBuf },
    /// The layers of the document that show.
    Layers { count: usize, folder: PathBuf },
    /// The document's layers, in a file of Photoshop's. `notes`: sentences about what is not in it as it is here.
    Psd { path: PathBuf, notes: Vec<String> },
    /// Such a file was called off, and nothing of it is there.
    NoPsd,
}

/// Why nothing is written while something is.
pub(super) const OTHERS: &str = "Other pictures are being written. Try again when that is done.";

impl Session {
    /// Writes `of` pictures by `make`; while others are being written it says so instead.
    pub(super) fn write(&mut self, of: usize, make: impl FnOnce(&Meter) -> Result<Written, ExportError> + Send + 'static) {
        if self.outgoing.under_way.is_some() {
            return self.refuse_to_write(OTHERS);
        }
        match Exporting::start(of, self.waker.clone(), make, ExportError::Failed) {
            Ok(writing) => {
                self.outgoing.saving.begin();
                self.outgoing.under_way = Some(writing);
            }
            Err(error) => self.refuse_to_write(&no_thread(&error)),
        }
    }

    /// Nothing is written, although a person has chosen a folder: why.
    pub(super) fn refuse_to_write(&mut self, reason: &str) {
        self.outgoing.saving.answer();
        self.outgoing.saving.miss();
        self.warn(reason.to_owned());
    }

    /// Takes or layers are being written, or will be.
    pub(super) fn is_writing_takes(&self) -> bool {
        self.outgoing.under_way.is_some() || self.boarding.export.is_some()
    }

    /// Takes or layers that were written, and all that are; none while none are.
    pub fn writing(&self) -> Option<[usize; 2]> {
        self.outgoing.under_way.as_ref().map(Exporting::progress)
    }

    /// Pictures are being written into files, or will be.
    pub fn is_exporting(&self) -> bool {
        self.outgoing.saving.is_writing() || self.is_writing_takes()
    }

    /// A folder for takes is asked for.
    pub fn asks_for_folder(&self) -> bool {
        self.outgoing.saving.is_asked()
    }

    /// From now on counts whether an export fails.
    pub fn expect_exports(&mut self) {
        self.outgoing.saving.expect();
    }

    /// An export of somebody else's has failed.
    pub fn miss_export(&mut self) {
        self.outgoing.saving.miss();
    }

    /// An export has failed, or the person thought better of it.
    pub fn has_missed_export(&self) -> bool {
        self.outgoing.saving.has_missed()
    }

    /// Writes no more takes; those that are written stay.
    pub fn cancel_writing(&self) {
        self.outgoing.under_way.iter().for_each(Exporting::cancel);
    }

    /// As [`Self::cancel_writing`]; those that were to be written are not, and nobody waits for a picture that is being written.
    pub fn give_up_exports(&mut self) {
        self.boarding.export = None;
        self.outgoing.saving.await_end(false);
        self.cancel_writing();
    }

    pub(super) fn tend_writing(&mut self) {
        let Some(outcome) = self.outgoing.under_way.as_ref().and_then(Exporting::outcome) else {
            return;
        };
        self.outgoing.under_way = None;
        self.outgoing
            .saving
            .end(matches!(&outcome, Err(error) if !matches!(error, ExportError::Cancelled)));
        match outcome {
            Ok(written) => self.tell(written),
            Err(ExportError::Cancelled) => self.inform("No more pictures are written; those that were stay.".to_owned()),
            Err(error) => self.warn_of(&error),
        }
    }

    fn tell(&mut self, written: Written) {
        let (words, review) = match written {
            Written::Board {
                count,
                folder,
                review,
                stand,
            } => {
                self.board.keep(stand);
                let place = folder.display();
                let words = format!(
                    "{count} {} a contact sheet and an index are in {place}",
                    takes(count, "take,", "takes,")
                );
                (words, review.then_some(folder))
            }
            Written::Frames { count, folder, stand } => {
                stand.into_iter().for_each(|stand| self.board.keep(stand));
                let words = format!("{count} {} in {}", takes(count, "frame is", "frames are"), folder.display());
                (words, None)
            }
            Written::Takes { count, folder } => {
                let words = format!("{count} {} in {}", takes(count, "take is", "takes are"), folder.display());
                (words, Some(folder))
            }
            Written::Layers { count, folder } => {
                let words = format!("{count} {} in {}", takes(count, "layer is", "layers are"), folder.display());
                (words, None)
            }
            Written::Psd { path, notes } => {
                let exported = format!("Exported {}", path.display());
                let words = match notes.is_empty() {
                    true => exported,
                    false => format!("{exported}. {}", notes.join(" ")),
                };
                (words, None)
            }
            Written::NoPsd => ("The PSD was not written.".to_owned(), None),
        };
        self.notice = Some(Notice::info(words));
        if let Some(folder) = review {
            self.open_for(Command::OpenFolder, folder);
        }
    }
}

fn takes<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}
