//! What a tool holds: it was taken off its layers, and is laid down anew, away from the window, whenever it is wanted otherwise.

use std::sync::Arc;

use crate::files::{Files, Waker};
use crate::tool::{Contents, Lift, Way};

/// What is held, and what is still to be done for it. `S`: what the tool knows of it.
pub(super) struct Holding<S> {
    pub tasks: Files<Done>,
    pub held: Option<Held<S>>,
    /// Counts what was held.
    number: u64,
}

pub(super) struct Held<S> {
    number: u64,
    pub subject: S,
    /// None while it is being lifted.
    pub lift: Option<Arc<Lift>>,
    /// How the document shows it; none: as it was.
    pub shown: Option<Way>,
    /// What is being worked on.
    pub asked: Option<Way>,
}

impl<S> Held<S> {
    /// Whether there was nothing to be lifted.
    pub fn is_empty(&self) -> bool {
        self.lift.as_ref().is_some_and(|lift| lift.bounds().is_empty())
    }
}

/// What was done, of what had the number.
pub(super) enum Done {
    Lifted(u64, Lift),
    Laid(u64, Way, Contents),
    /// A sentence on why neither came.
    Failed(u64, String),
}

/// What has become of what is held.
pub(super) enum News {
    Lifted,
    Laid(Way, Contents),
    Failed(String),
}

impl<S> Holding<S> {
    /// Nothing is held yet. `name` is what the system calls the thread.
    pub fn new(name: &str, waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            // Every task says itself of what it failed.
            tasks: Files::new(name, waker, |words| Done::Failed(0, words))?,
            held: None,
            number: 0,
        })
    }

    /// Takes up `contents`. `lift`: what is taken off their layers.
    pub fn take_up(&mut self, contents: Contents, lift: fn(Contents) -> Lift, subject: S) {
        self.number += 1;
        let number = self.number;
        self.held = Some(Held {
            number,
            subject,
            lift: None,
            shown: None,
            asked: None,
        });
        self.tasks.run_or(
            move || Some(Done::Lifted(number, lift(contents))),
            move |words| Done::Failed(number, words),
        );
    }

    /// Has it laid down so, once it is lifted and nothing else is being worked on.
    pub fn ask(&mut self, way: Way) {
        let Some(held) = &mut self.held else { return };
        if let (Some(lift), None) = (held.lift.clone(), held.asked) {
            held.asked = Some(way);
            let number = held.number;
            self.tasks.run_or(
                move || Some(Done::Laid(number, way, lift.laid(way))),
                move |words| Done::Failed(number, words),
            );
        }
    }

    /// What has come since the last call.
    pub fn news(&mut self) -> Vec<News> {
        let all: Vec<Done> = self.tasks.answers().collect();
        all.into_iter().filter_map(|done| self.receive(done)).collect()
    }

    fn receive(&mut self, done: Done) -> Option<News> {
        Some(match done {
            Done::Lifted(number, lift) => {
                self.of(number)?.lift = Some(Arc::new(lift));
                News::Lifted
            }
            Done::Laid(number, way, laid) => {
                self.of(number)?.asked = None;
                News::Laid(way, laid)
            }
            Done::Failed(number, words) => {
                self.of(number)?.asked = None;
                News::Failed(words)
            }
        })
    }

    /// What has the number, if it is still held.
    fn of(&mut self, number: u64) -> Option<&mut Held<S>> {
        self.held.as_mut().filter(|held| held.number == number)
    }
}
