//! Takes on their way into a folder: on a thread of their own, with how far they are, and the way to break it off.

use std::path::PathBuf;

use super::{Notice, Session};
use crate::command::Command;
use crate::gallery::export::{ExportError, Exporting, Meter};

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
    /// The frames of the board's chosen reference.
    Frames { count: usize, folder: PathBuf, stand: u64 },
    /// All takes of the document, to be opened in the gallery.
    Takes { count: usize, folder: PathBuf },
}

impl Session {
    /// Writes `of` pictures by `make`, unless others are being written.
    pub(super) fn write(&mut self, of: usize, make: impl FnOnce(&Meter) -> Result<Written, ExportError> + Send + 'static) {
        if self.writing.is_some() {
            return;
        }
        match Exporting::start(of, self.waker.clone(), make) {
            Ok(writing) => self.writing = Some(writing),
            Err(error) => {
                self.saving_board = false;
                self.warn(format!("The takes cannot be written: {error}"));
            }
        }
    }

    /// Takes are being written into a folder, or will be.
    pub(super) fn is_writing_takes(&self) -> bool {
        self.writing.is_some() || self.board_export.is_some()
    }

    /// Takes that were written into a folder, and all that are; none while none are.
    pub fn writing(&self) -> Option<[usize; 2]> {
        self.writing.as_ref().map(Exporting::progress)
    }

    /// The board's takes are being written, or a folder for them is asked for.
    pub fn is_saving_board(&self) -> bool {
        self.saving_board
    }

    /// Writes no more takes; those that are written stay.
    pub fn cancel_writing(&self) {
        self.writing.iter().for_each(Exporting::cancel);
    }

    pub(super) fn tend_writing(&mut self) {
        let Some(outcome) = self.writing.as_ref().and_then(Exporting::outcome) else {
            return;
        };
        self.writing = None;
        self.saving_board = false;
        match outcome {
            Ok(written) => self.tell(written),
            Err(ExportError::Cancelled) => self.inform("No more takes are written; those that were stay.".to_owned()),
            Err(error) => self.warn(format!("{error}.")),
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
                self.board.keep(stand);
                let words = format!("{count} {} in {}", takes(count, "frame is", "frames are"), folder.display());
                (words, None)
            }
            Written::Takes { count, folder } => {
                let words = format!("{count} {} in {}", takes(count, "take is", "takes are"), folder.display());
                (words, Some(folder))
            }
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
