//! Writing the document.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::command::Command;
use crate::document;
use crate::session::Session;
use crate::session::answer::{Answer, Version};
use crate::session::asking::Chosen;
use crate::session::opened::stem;

/// Said where a document is to be written, and another one has come since that was asked for.
pub(in crate::session) const OVERTAKEN: &str = "Nothing was saved: a different document was opened before saving could start.";

/// Tells whether a file is still the one that was read or written here: its length, and when it was written.
pub(in crate::session) type Stamp = (u64, Option<SystemTime>);

/// None where no file is.
pub(in crate::session) fn stamp(path: &Path) -> Option<Stamp> {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.len(), facts.modified().ok()))
}

/// How far writing is: of documents, or of what is exported.
#[derive(Default)]
pub(in crate::session) struct Saving {
    /// A path is asked for.
    asked: bool,
    /// What is being written.
    writes: usize,
    /// The last time no file came of it.
    missed: bool,
    /// The person waits no longer for what is being written.
    given_up: bool,
}

impl Saving {
    pub fn ask(&mut self) {
        (self.asked, self.missed) = (true, false);
    }

    /// The path is known; it is written there later.
    pub fn answer(&mut self) {
        self.asked = false;
    }

    /// The person thought better of it.
    pub fn call_off(&mut self) {
        self.missed |= std::mem::take(&mut self.asked);
    }

    pub fn begin(&mut self) {
        *self = Self {
            asked: false,
            writes: self.writes + 1,
            missed: false,
            given_up: false,
        };
    }

    pub fn end(&mut self, missed: bool) {
        match self.writes.checked_sub(1) {
            Some(writes) => self.writes = writes,
            None => tracing::error!("something was written that had not begun"),
        }
        self.missed |= missed;
    }

    pub fn is_asked(&self) -> bool {
        self.asked
    }

    pub fn is_writing(&self) -> bool {
        self.writes > 0 && !self.given_up
    }

    /// Whether the person waits for what is being written.
    pub fn await_end(&mut self, awaited: bool) {
        self.given_up = !awaited;
    }

    /// From now on counts what goes wrong.
    pub fn expect(&mut self) {
        self.missed = false;
    }

    /// Something went wrong that is not written here.
    pub fn miss(&mut self) {
        self.missed = true;
    }

    pub fn has_missed(&self) -> bool {
        self.missed
    }
}

impl Session {
    /// A file is being saved, or a path for it asked for.
    pub fn is_saving(&self) -> bool {
        self.filed.saving.is_asked() || self.is_writing()
    }

    /// A file is being saved.
    pub fn is_writing(&self) -> bool {
        self.filed.saving.is_writing()
    }

    /// The last time that the document was to be saved no file came of it: that failed, or the person thought better of it.
    pub fn has_missed_saving(&self) -> bool {
        self.filed.saving.has_missed()
    }

    /// Saves to the document's own file; where another program or window has written that since, it is asked first.
    pub(in crate::session) fn save_again(&mut self, path: PathBuf) {
        self.filed.saving.ask();
        let opened = self.opened;
        // After those that are still being written.
        self.filed.saves.run(move || {
            let stands = stamp(&path);
            Some(Answer::new(move |session| session.save_over(opened, path, stands)))
        });
    }

    /// What stands in the own file of the document that was `opened` is known.
    fn save_over(&mut self, opened: u64, path: PathBuf, stands: Option<Stamp>) {
        let is_theirs = stands.is_some() && stands != self.filed.stamp;
        let own = Chosen {
            command: Command::Save,
            path,
            opened,
        };
        self.receive_place(own, is_theirs);
    }

    /// Saves to `path`, which becomes the document's own.
    pub fn save(&mut self, path: PathBuf) {
        if self.document.is_some() {
            self.filed.saving.begin();
            self.write_when_still(
                move |session| session.write_to(path),
                |session| session.filed.saving.end(true),
            );
        }
    }

    /// Writes of the document when it is still. Where another one has come before that, it says so, and calls `overtaken`.
    pub(in crate::session) fn write_when_still(
        &mut self,
        write: impl FnOnce(&mut Self) + 'static,
        overtaken: impl FnOnce(&mut Self) + 'static,
    ) {
        let opened = self.opened;
        self.when_still(move |session| match opened == session.opened {
            true => write(session),
            false => {
                overtaken(session);
                session.warn(OVERTAKEN.to_owned());
            }
        });
    }

    fn write_to(&mut self, path: PathBuf) {
        self.record_parameters();
        let Some(document) = self.document.clone() else {
            return self.filed.saving.end(true);
        };
        // What is painted from now on is not in the file.
        let (version, to) = (self.version(), path.clone());
        let write = move || {
            let saved = document::save(&document, &to).map(|()| stamp(&to));
            saved.map_err(|error| error.to_string())
        };
        self.filed
            .saves
            .run_then(write, move |session, saved| session.take_saved(path, version, saved));
    }

    /// A document is in its file: from now on, not before, it is safe there. Or it is not, for this reason.
    fn take_saved(&mut self, path: PathBuf, version: Version, saved: Result<Option<Stamp>, String>) {
        self.filed.saving.end(saved.is_err());
        let stamp = match saved {
            Ok(stamp) => stamp,
            Err(reason) => return self.warn_of(&reason),
        };
        self.inform(format!("Saved {}", path.display()));
        self.remember(&path);
        // Another document may have been opened meanwhile.
        if version.opened == self.opened {
            self.history.mark_saved(version.state);
            self.filed.title = stem(&path);
            (self.filed.path, self.filed.stamp) = (Some(path), stamp);
        }
    }
}
