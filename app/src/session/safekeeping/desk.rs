//! The thread that keeps a document safe, and what it works at.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::document::{About, Document, Lost, Safe};
use crate::files::{Waker, caught};

/// What the thread is told.
pub(super) enum Note {
    Begin {
        about: About,
        document: Document,
        modified: bool,
        instead_of: Option<Lost>,
    },
    About(About),
    State {
        document: Document,
        modified: bool,
    },
    /// What became of a whole copy: its number, or what went wrong. The thread tells itself.
    Copied {
        /// The folder that it is of, as [`Desk::begun`] counts.
        of: u64,
        copied: Result<u32, String>,
    },
    End {
        remove: bool,
    },
}

/// What the thread has to say.
pub(super) enum Told {
    Found(Vec<Lost>),
    Trouble(String),
}

/// What the thread works at.
pub(super) struct Desk {
    root: PathBuf,
    copy_every: Duration,
    safe: Option<Safe>,
    /// For another try, where keeping it safe has failed.
    latest: Option<(About, Document, bool)>,
    /// Counts the folders that were begun.
    begun: u64,
    /// Something was committed since the last whole copy that is in no file of the person's.
    changed: bool,
    /// A copy is being written for the folder that there is.
    copying: bool,
    /// Trouble was told, and has not ended yet.
    troubled: bool,
    due: Instant,
    notes: Sender<Note>,
    told: Sender<Told>,
    waker: Waker,
}

impl Desk {
    /// Without a document yet. With what it is to be told, and what it tells.
    pub fn new(root: PathBuf, copy_every: Duration, waker: Waker) -> (Self, Receiver<Note>, Receiver<Told>) {
        let ((notes, todo), (told, heard)) = (channel(), channel());
        let desk = Self {
            root,
            copy_every,
            safe: None,
            latest: None,
            begun: 0,
            changed: false,
            copying: false,
            troubled: false,
            due: Instant::now() + copy_every,
            notes,
            told,
            waker,
        };
        (desk, todo, heard)
    }

    /// The way to tell it something.
    pub fn notes(&self) -> Sender<Note> {
        self.notes.clone()
    }

    /// Looks for what earlier programs lost, then keeps documents safe until it is told to end.
    pub fn run(&mut self, todo: &Receiver<Note>) {
        self.tell(Told::Found(Lost::find(&self.root)));
        loop {
            match todo.recv_timeout(self.due.saturating_duration_since(Instant::now())) {
                Ok(Note::End { remove }) => {
                    if remove && let Some(Err(error)) = self.safe.take().map(Safe::remove) {
                        tracing::warn!("the folder that kept the document safe cannot be removed: {error}");
                    }
                    return;
                }
                Ok(note) => self.take(note),
                Err(RecvTimeoutError::Timeout) => {
                    self.due = Instant::now() + self.copy_every;
                    self.copy();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Begin {
                about,
                document,
                modified,
                instead_of,
            } => {
                self.latest = Some((about, document, modified));
                self.begun += 1;
                (self.changed, self.copying) = (false, false);
                // The person was asked before: what was open may go.
                if let Some(Err(error)) = self.safe.take().map(Safe::remove) {
                    tracing::warn!("the folder that kept the last document safe cannot be removed: {error}");
                }
                if self.begin()
                    && let Some(Err(error)) = instead_of.map(Lost::discard)
                {
                    tracing::warn!("the folder of a recovered document cannot be removed: {error}");
                }
            }
            Note::About(about) => {
                if let Some(safe) = &self.safe {
                    safe.describe(&about);
                }
                if let Some((known, ..)) = &mut self.latest {
                    *known = about;
                }
            }
            Note::State { document, modified } => {
                let done = self.safe.as_mut().map(|safe| safe.commit(&document, modified));
                // Without a folder the next try to make one begins with this.
                if let Some((_, known, flag)) = &mut self.latest {
                    (*known, *flag) = (document, modified);
                }
                if let Some(done) = done {
                    // What was saved needs no copy, though it was changed before.
                    self.changed = modified;
                    self.check(done);
                }
            }
            // The document that it was a copy of has gone, and its folder with it.
            Note::Copied { of, .. } if of != self.begun => {}
            Note::Copied { copied, .. } => {
                self.copying = false;
                match (copied, &self.safe) {
                    (Ok(number), Some(safe)) => safe.finish_copy(number),
                    (Ok(_), None) => {}
                    (Err(reason), _) => drop(self.check(Err(io::Error::other(reason)))),
                }
            }
            Note::End { .. } => {}
        }
    }

    /// Whether it is safe now.
    fn begin(&mut self) -> bool {
        let Some((about, document, modified)) = &self.latest else {
            return false;
        };
        match Safe::begin(&self.root, about, document, *modified) {
            Ok(safe) => {
                self.safe = Some(safe);
                self.check(Ok(()))
            }
            Err(error) => self.check(Err(error)),
        }
    }

    /// Writes a whole copy, on a thread of its own: strokes go into the journal meanwhile.
    fn copy(&mut self) {
        if self.safe.is_none() {
            self.begin();
            return;
        }
        // What there was no room for may fit now, whether or not more has come since.
        if self.troubled && !self.catch_up() {
            return;
        }
        if !self.changed || self.copying {
            return;
        }
        let copy = match self.safe.as_mut().map(Safe::start_copy) {
            Some(Ok(Some(copy))) => copy,
            Some(Err(error)) => {
                self.check(Err(error));
                return;
            }
            _ => return,
        };
        self.changed = false;
        let (notes, of) = (self.notes.clone(), self.begun);
        let writing = thread::Builder::new().name("shiage copy".to_owned()).spawn(move || {
            let written = caught(|| copy.write().map_err(|error| error.to_string()));
            let copied = written.and_then(|written| written).map(|()| copy.number);
            // The program is ending: the journals hold it all.
            let _ = notes.send(Note::Copied { of, copied });
        });
        self.copying = writing.is_ok();
        self.check(writing.map(|_| ()));
    }

    /// Commits what should have been by now. Whether all of it is safe.
    fn catch_up(&mut self) -> bool {
        let (Some(safe), Some((about, document, modified))) = (&mut self.safe, &self.latest) else {
            return false;
        };
        let done = safe.commit(document, *modified);
        // What there was no room for then may fit now.
        safe.describe(about);
        self.check(done)
    }

    /// Tells of trouble when it begins; whether there is none.
    fn check(&mut self, done: io::Result<()>) -> bool {
        let trouble = done.err();
        if let Some(error) = trouble.as_ref().filter(|_| !self.troubled) {
            self.tell(Told::Trouble(format!(
                "Changes cannot be kept safe in {}: {error}. Make room there, and save your work meanwhile.",
                self.root.display()
            )));
        }
        self.troubled = trouble.is_some();
        !self.troubled
    }

    pub fn tell(&self, told: Told) {
        // The window is gone: so is whoever wanted to know.
        let _ = self.told.send(told);
        (self.waker)();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use image::{Rgba, RgbaImage};

    use super::super::COPY_EVERY;
    use super::*;
    use crate::document::Role;

    /// Without its thread.
    fn desk(root: &Path) -> (Desk, Receiver<Told>) {
        let (desk, _, heard) = Desk::new(root.to_owned(), COPY_EVERY, Arc::new(|| {}));
        (desk, heard)
    }

    fn drawing(value: u8) -> Document {
        Document::from_sketch(&RgbaImage::from_pixel(64, 64, Rgba([value, 0, 0, 255]))).unwrap()
    }

    fn begin(document: &Document) -> Note {
        Note::Begin {
            about: About::default(),
            document: document.clone(),
            modified: false,
            instead_of: None,
        }
    }

    #[test]
    fn what_was_done_while_nothing_could_be_written_is_kept_as_soon_as_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("recovery");
        // Where a file lies there can be no folder.
        fs::write(&root, "").unwrap();
        let (mut desk, _heard) = desk(&root);
        let mut document = drawing(1);
        desk.take(begin(&document));
        document.set_mask(Role::SketchMask, &image::GrayImage::from_pixel(64, 64, image::Luma([200])));
        desk.take(Note::State {
            document,
            modified: true,
        });
        assert!(desk.safe.is_none());
        fs::remove_file(&root).unwrap();
        desk.copy();
        drop(desk);
        let lost = Lost::find(&root).remove(0).recover().unwrap();
        assert_eq!(lost.by_role(Role::SketchMask).unwrap().mask().unwrap().pixel(9, 9), 200);
    }

    #[test]
    fn what_was_restored_and_saved_is_not_copied_and_what_is_changed_after_that_is() {
        let root = tempfile::tempdir().unwrap();
        let (mut desk, _heard) = desk(root.path());
        let document = drawing(1);
        let state = |modified| Note::State {
            document: document.clone(),
            modified,
        };
        desk.take(Note::Begin {
            about: About::default(),
            document: document.clone(),
            modified: true,
            instead_of: None,
        });
        let next = fs::read_dir(root.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
            .join("1.journal");
        desk.take(state(false));
        desk.copy();
        assert!(!next.exists(), "it is in the person's file");
        desk.take(state(true));
        desk.copy();
        assert!(next.exists());
    }

    #[test]
    fn a_copy_of_a_document_that_has_gone_says_nothing_of_the_next() {
        let root = tempfile::tempdir().unwrap();
        let (mut desk, heard) = desk(root.path());
        desk.take(begin(&drawing(1)));
        desk.copying = true;
        desk.take(begin(&drawing(2)));
        assert!(!desk.copying, "the next one may be copied at once");
        desk.take(Note::Copied {
            of: 1,
            copied: Err("its folder has gone".to_owned()),
        });
        assert!(heard.try_recv().is_err(), "that is no trouble");
        desk.take(Note::Copied { of: 1, copied: Ok(7) });
        let folder = fs::read_dir(root.path()).unwrap().next().unwrap().unwrap().path();
        assert!(folder.join("0.journal").exists(), "its journal is the next one's own");
    }
}
