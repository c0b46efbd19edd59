//! Changes that can be undone, and the way back and forth through them.

use std::path::PathBuf;

use super::Session;
use crate::command::Command;
use crate::document::{DEFAULT_LIMIT, Document, History};

/// The least that a history is given, in bytes.
const LEAST: usize = 16_000_000;

/// What is set for histories, and where the one at hand is bound for.
pub(super) struct Past {
    /// Where histories are kept that outgrow memory; none: nowhere.
    folder: Option<PathBuf>,
    /// Bytes that a history may hold in memory.
    pub(super) limit: usize,
    /// How many changes shall be done: steps of the history are on their way from the disk.
    pub(super) bound_for: Option<usize>,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            folder: None,
            limit: DEFAULT_LIMIT,
            bound_for: None,
        }
    }
}

impl Session {
    /// Histories that outgrow their share of memory are kept in `folder` from now on.
    pub fn keep_history_in(&mut self, folder: PathBuf) {
        self.past.folder = Some(folder);
        self.history = self.new_history();
    }

    /// The history of a document that is about to be opened.
    pub(super) fn new_history(&self) -> History {
        let mut history = History::new(self.past.limit);
        if let Some(folder) = &self.past.folder {
            let waker = self.waker.clone();
            history.spill_into(folder.clone(), move || waker());
        }
        history
    }

    /// Bytes that the history may hold in memory.
    pub fn history_limit(&self) -> usize {
        self.past.limit
    }

    /// Lets the history hold so many bytes in memory from now on, 16 MB at least.
    pub fn limit_history(&mut self, bytes: usize) {
        self.past.limit = bytes.max(LEAST);
        self.history.set_limit(self.past.limit);
    }

    /// One change that can be undone.
    pub(super) fn edit<T: Default>(&mut self, label: &'static str, change: impl FnOnce(&mut Document) -> T) -> T {
        self.past.bound_for = None;
        match &mut self.document {
            Some(document) => self.history.edit(document, label, change),
            None => T::default(),
        }
    }

    /// One entry of what has become of the document since `before`; `joined`: together with the last entry, if that has the same label.
    pub(super) fn record(&mut self, label: &'static str, before: Document, joined: bool) {
        // Where the history was bound for is not where the person is now.
        self.past.bound_for = None;
        let Some(document) = &self.document else { return };
        match joined {
            true => self.history.record_merged(label, before, document),
            false => self.history.record(label, before, document),
        }
    }

    /// One step back or forth. The first to go back is the stroke under way.
    pub(super) fn step(&mut self, command: Command) {
        if !self.take_back_stroke() {
            self.do_in_turn(command, Self::travel);
        }
    }

    fn travel(&mut self, command: Command) {
        self.record_parameters();
        let done = self.history.done().len();
        let from = self.past.bound_for.unwrap_or(done);
        let back = command == Command::Undo;
        self.set_out(if back { from.saturating_sub(1) } else { from + 1 });
    }

    /// Goes to where this many changes of the history are done. Steps that lie on the disk come when they are read: see [`Self::tend_history`].
    pub fn go_to(&mut self, done: usize) {
        self.alter(move |session| session.set_out(done));
    }

    fn set_out(&mut self, done: usize) {
        self.record_parameters();
        self.past.bound_for = Some(done.min(self.history.done().len() + self.history.undone().len()));
        self.go_on();
    }

    /// Whether steps of the history are on their way from the disk.
    pub fn is_travelling(&self) -> bool {
        self.past.bound_for.is_some()
    }

    fn go_on(&mut self) {
        let (Some(bound_for), Some(document)) = (self.past.bound_for, &mut self.document) else {
            self.past.bound_for = None;
            return;
        };
        let before = self.history.done().len();
        // The canvas may end at the size that it has, and have had another one on the way.
        let mut resized = false;
        while self.history.done().len() != bound_for {
            let size = document.canvas().size();
            let is_ahead = self.history.done().len() > bound_for;
            let step = match is_ahead {
                true => self.history.undo(document),
                false => self.history.redo(document),
            };
            if step.is_none() {
                break;
            }
            resized |= document.canvas().size() != size;
        }
        let done = self.history.done().len();
        // What could not be read is gone, and the way ends earlier.
        let reachable = bound_for.min(done + self.history.undone().len());
        if done == reachable {
            self.past.bound_for = None;
        }
        if done != before {
            self.recall_parameters();
        }
        if resized {
            self.leave_size();
        }
    }

    /// Writes what history holds beyond its share of memory, and takes in what was read.
    pub(super) fn tend_history(&mut self) {
        if let Some(document) = &self.document
            && let Some(trouble) = self.history.tend(document)
        {
            self.warn(trouble);
        }
        if self.past.bound_for.is_some() {
            // A stroke that began meanwhile is where the person is now.
            match self.toolbox.is_active() {
                true => self.past.bound_for = None,
                false => self.go_on(),
            }
        }
    }
}
