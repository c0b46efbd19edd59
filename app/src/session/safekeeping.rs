//! Keeps what is open safe while it is worked on: a thread writes every change into the state folder, and a whole copy from time to time.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Session;
use super::filing::Answer;
use crate::document::{About, Document, Lost, Safe};
use crate::files::{Waker, caught};

/// From one whole copy to the next, while there are changes.
pub const COPY_EVERY: Duration = Duration::from_secs(60);

/// Where the system keeps what a program wants to find again: `$XDG_STATE_HOME/shiage/recovery` on Linux.
pub fn state_folder() -> Option<PathBuf> {
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(folder.join("shiage").join("recovery"))
}

/// The thread, and the way to it.
pub(super) struct Keeper {
    notes: Sender<Note>,
    told: Receiver<Told>,
    thread: Option<JoinHandle<()>>,
    /// What the thread knows: which document, in which state, whether it has changes that are in no file, and its name.
    known: Option<(u64, u64, bool, About)>,
    /// Nothing would be missed if the program ended now.
    settled: bool,
}

enum Note {
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
    /// What became of a whole copy: its number, or what went wrong.
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

impl Keeper {
    /// Looks for what is lost in `root`, then waits for documents.
    pub fn new(root: PathBuf, copy_every: Duration, waker: Waker) -> io::Result<Self> {
        let (notes, todo) = channel();
        let (sender, told) = channel();
        let mut desk = Desk {
            root,
            copy_every,
            safe: None,
            latest: None,
            begun: 0,
            changed: false,
            copying: false,
            troubled: false,
            due: Instant::now() + copy_every,
            notes: notes.clone(),
            told: sender,
            waker,
        };
        let thread = thread::Builder::new().name("shiage safekeeping".to_owned()).spawn(move || {
            let kept = caught(|| {
                desk.tell(Told::Found(Lost::find(&desk.root)));
                desk.run(&todo);
            });
            if let Err(words) = kept {
                desk.tell(Told::Trouble(format!(
                    "Changes are not kept safe any more: save your work. {words}"
                )));
            }
        })?;
        Ok(Self {
            notes,
            told,
            thread: Some(thread),
            known: None,
            settled: true,
        })
    }

    fn send(&self, note: Note) {
        // A thread that has died has told so.
        let _ = self.notes.send(note);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // What a panic leaves behind is exactly what is kept for.
        let remove = self.settled && !thread::panicking();
        self.send(Note::End { remove });
        if let Some(thread) = self.thread.take() {
            // Its own panic was printed; the folder stays for the next start.
            let _ = thread.join();
        }
    }
}

impl Session {
    /// Keeps documents safe in `folder` from now on, and looks there for what an earlier program lost.
    pub fn keep_safe(&mut self, folder: PathBuf, copy_every: Duration) -> io::Result<()> {
        self.keeper = Some(Keeper::new(folder, copy_every, self.waker.clone())?);
        Ok(())
    }

    /// What earlier programs lost, the latest first.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// Opens what was lost, as a document with changes that are not saved.
    pub fn recover(&mut self, index: usize) {
        if index < self.lost.len() {
            let lost = self.lost.remove(index);
            self.open_lost(lost);
        }
    }

    /// Throws away what was lost, away from the window.
    pub fn discard_lost(&mut self, index: usize) {
        if index < self.lost.len() {
            let lost = self.lost.remove(index);
            self.files.run(move || {
                let error = lost.discard().err()?;
                Some(Answer::Failed(format!(
                    "What was lost cannot be deleted: {error}. It is offered again at the next start."
                )))
            });
        }
    }

    /// The person has said that the changes up to now may go.
    pub fn let_go(&mut self) {
        self.let_go = Some((self.opened, self.history.state()));
    }

    /// The program ends with the person's consent: nothing is kept for the next.
    pub fn settle(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            keeper.settled = true;
        }
    }

    /// Hands on what has changed since the last frame, and takes in what the thread says.
    pub(super) fn safeguard(&mut self) {
        let modified = self.is_modified();
        let Some(keeper) = &mut self.keeper else { return };
        let told: Vec<Told> = keeper.told.try_iter().collect();
        if let Some(document) = &self.document {
            let about = About {
                title: self.title.clone(),
                path: self.path.clone(),
            };
            let now = (self.opened, self.history.state(), modified, about);
            if keeper.known.as_ref() != Some(&now) {
                let (opened, state, modified, about) = now.clone();
                let document = || document.clone();
                match &keeper.known {
                    Some(known) if known.0 == opened => {
                        if known.3 != about {
                            keeper.send(Note::About(about));
                        }
                        if (known.1, known.2) != (state, modified) {
                            keeper.send(Note::State {
                                document: document(),
                                modified,
                            });
                        }
                    }
                    _ => keeper.send(Note::Begin {
                        about,
                        document: document(),
                        modified,
                        instead_of: self.recovered.take(),
                    }),
                }
                keeper.known = Some(now);
                keeper.settled = !modified;
            }
        }
        for told in told {
            match told {
                Told::Found(lost) => self.lost.extend(lost),
                Told::Trouble(reason) => self.warn(reason),
            }
        }
    }
}

/// What the thread works at.
struct Desk {
    root: PathBuf,
    copy_every: Duration,
    safe: Option<Safe>,
    /// For another try, where keeping it safe has failed.
    latest: Option<(About, Document, bool)>,
    /// Counts the folders that were begun.
    begun: u64,
    /// Something was committed since the last whole copy.
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
    fn run(&mut self, todo: &Receiver<Note>) {
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
                let described = self.safe.as_ref().map(|safe| safe.describe(&about));
                if let Some((known, ..)) = &mut self.latest {
                    *known = about;
                }
                self.check(described.unwrap_or(Ok(())));
            }
            Note::State { document, modified } => {
                let done = self.safe.as_mut().map(|safe| safe.commit(&document, modified));
                // Without a folder the next try to make one begins with this.
                if let Some((_, known, flag)) = &mut self.latest {
                    (*known, *flag) = (document, modified);
                }
                if let Some(done) = done {
                    self.changed = true;
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
        let done = safe.describe(about).and_then(|()| safe.commit(document, *modified));
        self.check(done)
    }

    /// Tells of trouble when it begins; whether there is none.
    fn check(&mut self, done: io::Result<()>) -> bool {
        let trouble = done.err();
        if let Some(error) = trouble.as_ref().filter(|_| !self.troubled) {
            self.tell(Told::Trouble(format!(
                "Changes cannot be kept safe in {}: {error}. Make room there, and save your work meanwhile",
                self.root.display()
            )));
        }
        self.troubled = trouble.is_some();
        !self.troubled
    }

    fn tell(&self, told: Told) {
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

    use super::*;
    use crate::document::Role;

    /// Without its thread.
    fn desk(root: &Path) -> (Desk, Receiver<Told>) {
        let ((notes, _), (told, heard)) = (channel(), channel());
        let desk = Desk {
            root: root.to_owned(),
            copy_every: COPY_EVERY,
            safe: None,
            latest: None,
            begun: 0,
            changed: false,
            copying: false,
            troubled: false,
            due: Instant::now(),
            notes,
            told,
            waker: Arc::new(|| {}),
        };
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
