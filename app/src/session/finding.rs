//! What is looked for in the document, or made of it, away from the window.

use std::io;

use super::Session;
use super::answer::Answer;
use crate::files::{Files, Waker, no_thread};

/// What the system calls the thread that the person waits for.
const AWAITED: &str = "shiage awaited";

/// All that is being looked for.
pub(super) struct Finding {
    /// Whatever the person does next waits for it: a region, a merged layer, another size of the canvas.
    pub awaited: Search,
    /// It comes in whenever it is ready: a proposal, flats, files for layers.
    pub unawaited: Search,
}

/// A thread that looks for one thing after the other.
pub(super) struct Search {
    pub thread: Files<Answer>,
    /// What it was asked for and has not come in yet.
    pending: usize,
}

impl Finding {
    pub fn new(waker: &Waker) -> io::Result<Self> {
        Ok(Self {
            awaited: Search::new(AWAITED, waker)?,
            unawaited: Search::new("shiage finding", waker)?,
        })
    }
}

impl Search {
    fn new(name: &str, waker: &Waker) -> io::Result<Self> {
        Ok(Self {
            thread: Files::new(name, waker.clone(), Answer::Failed)?,
            pending: 0,
        })
    }

    fn begin(&mut self, look: impl FnOnce() -> Answer + Send + 'static) {
        self.pending += 1;
        self.thread.run(move || Some(look()));
    }
}

impl Session {
    /// Something is being looked for.
    pub fn is_finding(&self) -> bool {
        self.finding.awaited.pending + self.finding.unawaited.pending > 0
    }

    /// Something is being looked for in which, or on which, the person acts next.
    pub(super) fn is_awaiting(&self) -> bool {
        self.finding.awaited.pending > 0
    }

    /// Looks for something in the document that is open. Whatever the person does meanwhile comes before it.
    pub(super) fn find(&mut self, look: impl FnOnce() -> Answer + Send + 'static) {
        let opened = self.opened;
        self.finding.unawaited.begin(move || look().only_in(opened, None));
    }

    /// As [`Self::find`]; the person is warned with `overtaken` where another document comes before it.
    pub(super) fn find_or_warn(&mut self, overtaken: &'static str, look: impl FnOnce() -> Answer + Send + 'static) {
        let opened = self.opened;
        self.finding.unawaited.begin(move || look().only_in(opened, Some(overtaken)));
    }

    /// Looks for something in the document that is open; whatever the person does meanwhile waits for it.
    pub(super) fn await_found(&mut self, look: impl FnOnce() -> Answer + Send + 'static) {
        let opened = self.opened;
        self.finding.awaited.begin(move || look().only_in(opened, None));
    }

    /// Makes something of the document as it is, for `place` to put into it; whatever the person does meanwhile waits for it. If the document has become another by
    /// then, for a take may have come, `again` begins it anew. Both are given the `subject`.
    pub(super) fn await_made<S, T>(
        &mut self,
        subject: S,
        make: impl FnOnce(&S) -> T + Send + 'static,
        place: fn(&mut Self, S, T),
        again: fn(&mut Self, S),
    ) where
        S: Send + 'static,
        T: Send + 'static,
    {
        let version = self.version();
        self.await_found(move || {
            let made = make(&subject);
            Answer::new(move |session| match session.version() == version {
                true => place(session, subject, made),
                false => again(session, subject),
            })
        });
    }

    /// Nobody waits any more for what is being looked for; whether there was such a thing. What comes next is looked for by another thread, at once.
    pub(super) fn forsake_found(&mut self) -> bool {
        if !self.is_awaiting() {
            return false;
        }
        match Search::new(AWAITED, &self.waker) {
            Ok(fresh) => self.finding.awaited = fresh,
            Err(error) => self.warn(format!("This cannot be cancelled. {}", no_thread(&error))),
        }
        true
    }

    /// Takes in what was found. In mid-stroke it waits: the stroke's layer is to be undone by itself. What nobody waits for comes after what waits.
    pub(super) fn receive_found(&mut self) {
        if self.is_drawing() || self.is_setting_down() {
            return;
        }
        self.take_in(|finding| &mut finding.awaited);
        if self.toolbox.is_active() || !self.is_settled() {
            return;
        }
        self.take_in(|finding| &mut finding.unawaited);
    }

    fn take_in(&mut self, which: fn(&mut Finding) -> &mut Search) {
        let answers: Vec<Answer> = which(&mut self.finding).thread.answers().collect();
        for answer in answers {
            let search = which(&mut self.finding);
            search.pending = search.pending.saturating_sub(1);
            answer.give(self);
        }
    }
}
