//! Keeps what is open safe while it is worked on: a thread writes every change into the state folder, and a whole copy from time to time.

mod desk;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Session;
use super::answer::{Answer, Version};
use crate::document::{About, Lost};
use crate::files::{Waker, caught};
use desk::{Desk, Note, Told};

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
    known: Option<(Version, bool, About)>,
    /// The program ends with the person's consent.
    settled: bool,
}

impl Keeper {
    /// Looks for what is lost in `root`, then waits for documents.
    pub fn new(root: PathBuf, copy_every: Duration, waker: Waker) -> io::Result<Self> {
        let (mut desk, todo, told) = Desk::new(root, copy_every, waker);
        let notes = desk.notes();
        let thread = thread::Builder::new().name("shiage safekeeping".to_owned()).spawn(move || {
            if let Err(words) = caught(|| desk.run(&todo)) {
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
            settled: false,
        })
    }

    fn send(&self, note: Note) {
        // A thread that has died has told so.
        let _ = self.notes.send(note);
    }
}

/// What keeps the document safe, and what earlier programs lost.
#[derive(Default)]
pub(super) struct Safekeeping {
    keeper: Option<Keeper>,
    pub lost: Vec<Lost>,
    /// What the open document was put together from, until it is kept safe again.
    pub recovered: Option<Lost>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // What a panic leaves behind is exactly what is kept for.
        let missed = self.known.as_ref().is_some_and(|(_, modified, _)| *modified);
        let remove = (self.settled || !missed) && !thread::panicking();
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
        self.safe.keeper = Some(Keeper::new(folder, copy_every, self.waker.clone())?);
        Ok(())
    }

    /// What earlier programs lost, the latest first.
    pub fn lost(&self) -> &[Lost] {
        &self.safe.lost
    }

    /// Opens what was lost, as a document with changes that are not saved.
    pub fn recover(&mut self, index: usize) {
        if index < self.safe.lost.len() {
            let lost = self.safe.lost.remove(index);
            self.open_lost(lost);
        }
    }

    /// Throws away what was lost, away from the window.
    pub fn discard_lost(&mut self, index: usize) {
        if index < self.safe.lost.len() {
            let lost = self.safe.lost.remove(index);
            self.files.run(move || {
                let error = lost.discard().err()?;
                Some(Answer::Failed(format!(
                    "What was lost cannot be deleted: {error}. It is offered again at the next start."
                )))
            });
        }
    }

    /// The program ends with the person's consent: nothing is kept for the next.
    pub fn settle(&mut self) {
        if let Some(keeper) = &mut self.safe.keeper {
            keeper.settled = true;
        }
    }

    /// Hands on what has changed since the last frame, and takes in what the thread says.
    pub(super) fn safeguard(&mut self) {
        let (version, modified) = (self.version(), self.is_modified());
        let Some(keeper) = &mut self.safe.keeper else { return };
        let told: Vec<Told> = keeper.told.try_iter().collect();
        if let Some(document) = &self.document {
            let about = About {
                title: self.filed.title.clone(),
                path: self.filed.path.clone(),
                stamp: self.filed.stamp,
            };
            let now = (version, modified, about);
            if keeper.known.as_ref() != Some(&now) {
                let (.., about) = now.clone();
                let document = || document.clone();
                match &keeper.known {
                    Some(known) if known.0.opened == version.opened => {
                        if known.2 != about {
                            keeper.send(Note::About(about));
                        }
                        if (known.0, known.1) != (version, modified) {
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
                        instead_of: self.safe.recovered.take(),
                    }),
                }
                keeper.known = Some(now);
            }
        }
        for told in told {
            match told {
                Told::Found(lost) => self.safe.lost.extend(lost),
                Told::Trouble(reason) => self.warn(reason),
            }
        }
    }
}
