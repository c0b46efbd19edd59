//! The document's file, and pictures that are read for the document. Reading and writing have threads of their own.

mod opening;
mod saving;

use std::path::PathBuf;

use image::RgbaImage;

use super::answer::Answer;
use super::opened::read_picture;
use super::{Session, sentence};
use crate::command::Command;
use crate::document::DocumentError;
use crate::files::{Files, Waker};
pub(super) use saving::{OVERTAKEN, Saving, Stamp, stamp};

/// The file of the document.
pub(super) struct Filed {
    /// None: it has none yet.
    pub path: Option<PathBuf>,
    /// What that was like when it was read or written here.
    pub stamp: Option<Stamp>,
    /// The document's name.
    pub title: String,
    pub saving: Saving,
    /// Saves: whoever saves waits for no export.
    pub saves: Files<Answer>,
}

impl Filed {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            path: None,
            stamp: None,
            title: String::new(),
            saving: Saving::default(),
            saves: Files::new("shiage saves", waker, Answer::Failed)?,
        })
    }
}

/// Said where a file is read for a document, and another one has come since it was chosen.
pub(super) const NOT_TAKEN_IN: &str =
    "The file was not taken in: a different document was opened before it was read. Open it again if this one is to have it.";

impl Session {
    /// Reads for the document that is open a file that was chosen for it. What comes of that is done once the document is still.
    pub(super) fn read(&self, read: impl FnOnce() -> Result<Answer, DocumentError> + Send + 'static) {
        let opened = self.opened;
        self.files.run(move || {
            let answer = read().unwrap_or_else(|error| Answer::Failed(sentence(&error)));
            Some(answer.only_in(opened, Some(NOT_TAKEN_IN)).when_still())
        });
    }

    /// Reads the reference, or the one of the background.
    pub(super) fn open_picture(&self, command: Command, path: PathBuf) {
        self.read(move || {
            let (picture, warning) = read_picture(&path)?;
            let picture = picture.into_rgba();
            Ok(Answer::new(move |session| {
                session.set_picture(command, &picture);
                warning.into_iter().for_each(|words| session.warn(words));
            }))
        });
    }

    pub(super) fn set_picture(&mut self, command: Command, picture: &RgbaImage) {
        let label = match command {
            Command::OpenBackground => "Open a background reference",
            _ => "Open a reference",
        };
        let result = self.edit(label, |document| match command {
            Command::OpenBackground => Some(document.set_background(Some(picture))),
            _ => Some(document.set_reference(Some(picture))),
        });
        if let Some(Err(error)) = result {
            self.warn_of(&error);
        }
    }
}
