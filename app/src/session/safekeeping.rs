//! Keeps what is open safe while it is worked on: a thread writes every change into the state folder, and a whole copy from time to time.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Session;
use crate::document::{About, Document, Lost, Safe};
use crate::files::Waker;

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
    Copied(u32),
    NotCopied(String),
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
            changed: false,
            copying: false,
            troubled: false,
            due: Instant::now() + copy_every,
            notes: notes.clone(),
            told: sender,
            waker,
        };
        let thread = thread::Builder::new().name("shiage safekeeping".to_owned()).spawn(move || {
            desk.tell(Told::Found(Lost::find(&desk.root)));
            desk.run(&todo);
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
        if self.notes.send(note).is_err() {
            tracing::error!("the thread that keeps documents safe has died; save, and restart the program");
        }
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

    /// Throws away what was lost.
    pub fn discard_lost(&mut self, index: usize) {
        if index < self.lost.len()
            && let Err(error) = self.lost.remove(index).discard()
        {
            tracing::warn!("the folder of a lost document cannot be removed: {error}");
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
    /// Something was committed since the last whole copy.
    changed: bool,
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
                let Some(safe) = &mut self.safe else { return };
                let done = safe.commit(&document, modified);
                self.changed = true;
                if let Some((_, known, flag)) = &mut self.latest {
                    (*known, *flag) = (document, modified);
                }
                self.check(done);
            }
            Note::Copied(number) => {
                self.copying = false;
                if let Some(safe) = &self.safe {
                    safe.finish_copy(number);
                }
            }
            Note::NotCopied(reason) => {
                self.copying = false;
                self.check(Err(io::Error::other(reason)));
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
        let notes = self.notes.clone();
        let writing = thread::Builder::new().name("shiage copy".to_owned()).spawn(move || {
            let note = match copy.write() {
                Ok(()) => Note::Copied(copy.number),
                Err(error) => Note::NotCopied(error.to_string()),
            };
            // The program is ending: the journals hold it all.
            let _ = notes.send(note);
        });
        self.copying = writing.is_ok();
        self.check(writing.map(|_| ()));
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
