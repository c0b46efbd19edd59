//! What jobs away from the window answer: whoever gives a job away also says what is done with the session once it is through.

use std::fmt::Display;

use super::{Session, sentence};
use crate::files::Files;

/// What is done with the session once a job away from the window is through.
pub(super) enum Answer {
    Act(Box<dyn FnOnce(&mut Session) + Send>),
    /// A sentence on what went wrong, which the person is warned with.
    Failed(String),
}

/// Which document, in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// Counts the documents that were opened.
    pub opened: u64,
    /// The state of its history.
    pub state: u64,
}

impl Answer {
    pub fn new(act: impl FnOnce(&mut Session) + Send + 'static) -> Self {
        Self::Act(Box::new(act))
    }

    /// Does `act` with what a job came to; or warns of its error.
    pub fn of<T: Send + 'static>(done: Result<T, impl Display>, act: impl FnOnce(&mut Session, T) + Send + 'static) -> Self {
        match done {
            Ok(done) => Self::new(move |session| act(session, done)),
            Err(error) => Self::Failed(sentence(&error)),
        }
    }

    /// Tells the person so.
    pub fn told(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::new(move |session| session.inform(words))
    }

    /// The same in that document alone that was `opened`. Where another one has come by then it is dropped, and the person warned with `overtaken`, if that is
    /// anything. What went wrong is told of in either.
    pub fn only_in(self, opened: u64, overtaken: Option<&'static str>) -> Self {
        let Self::Act(act) = self else { return self };
        Self::new(move |session| match session.opened == opened {
            true => act(session),
            false => overtaken.into_iter().for_each(|words| session.warn(words.to_owned())),
        })
    }

    /// The same as soon as the document is still: see [`Session::when_still`].
    pub fn when_still(self) -> Self {
        let Self::Act(act) = self else { return self };
        Self::new(move |session| session.when_still(act))
    }

    pub fn give(self, session: &mut Session) {
        match self {
            Self::Act(act) => act(session),
            Self::Failed(words) => session.warn(words),
        }
    }
}

impl Files<Answer> {
    /// Runs `job` after those before it, and gives the session what it came to; if it panics, the sentence that says so is its error.
    pub(super) fn run_then<T, E>(
        &self,
        job: impl FnOnce() -> Result<T, E> + Send + 'static,
        receive: impl FnOnce(&mut Session, Result<T, E>) + Clone + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<String> + Send + 'static,
    {
        let failed = receive.clone();
        self.run_or(
            move || {
                let done = job();
                Some(Answer::new(move |session| receive(session, done)))
            },
            move |words| Answer::new(move |session| failed(session, Err(words.into()))),
        );
    }
}

impl Session {
    /// Which document is open, in which state: what is made of it is for that.
    pub(super) fn version(&self) -> Version {
        Version {
            opened: self.opened,
            state: self.history.state(),
        }
    }
}
