//! A run on a thread of its own: it is held, let go on and ended from outside, and what it has to say comes out of a channel.

use std::any::Any;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::checkpoint::State;
use super::config::TrainingConfig;
use super::folder::Count;
use super::hardware::Hardware;
use super::{Outcome, Progress, TrainingError, Tuning, train, tune};
use crate::model::config::ModelConfig;
use crate::panic::panic_words;

/// What is trained.
#[derive(Clone, Debug)]
pub enum Job {
    /// A model from nothing, on scenes.
    Model {
        config: Box<TrainingConfig>,
        model: Box<ModelConfig>,
    },
    /// From a finished model, on a person's own pictures.
    Pictures(Tuning),
}

/// What a run says. [`Event::Ended`] is the last of them, and comes once.
#[derive(Debug)]
pub enum Event {
    /// A run on pictures has looked at them, and stands where `state` says.
    Began {
        count: Count,
        state: Box<State>,
    },
    Step(Progress),
    /// It was told to hold, and does.
    Held,
    Ended(Result<Outcome, TrainingError>),
}

/// The thread, and the way to it. Dropping it ends the run at its next step, which leaves a checkpoint, and waits for that.
#[derive(Debug)]
pub struct TrainingThread {
    desk: Arc<Desk>,
    events: Receiver<Event>,
    thread: Option<JoinHandle<()>>,
}

/// What the run is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Go,
    Hold,
    End,
}

#[derive(Debug)]
struct Desk {
    order: Mutex<Order>,
    changed: Condvar,
}

impl TrainingThread {
    /// Begins the run, in the folder `out`. `waker` is called after every event.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(job: Job, hardware: Hardware, out: PathBuf, waker: impl Fn() + Send + 'static) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            order: Mutex::new(Order::Go),
            changed: Condvar::new(),
        });
        let (sender, events) = channel();
        let voice = Voice {
            sender,
            waker: Box::new(waker),
        };
        let at = desk.clone();
        let thread = std::thread::Builder::new()
            .name("shiage training".to_owned())
            .spawn(move || {
                let ended = catch_unwind(AssertUnwindSafe(|| run(&job, &hardware, &out, &at, &voice)));
                let ended = ended.unwrap_or_else(|panic| Err(broken(&*panic)));
                voice.say(Event::Ended(ended.map_err(|error| blamed(error, &hardware))));
            })?;
        Ok(Self {
            desk,
            events,
            thread: Some(thread),
        })
    }

    /// Holds after the step that runs, with all in memory; [`Event::Held`] says when it does.
    pub fn hold(&self) {
        self.desk.tell(Order::Hold);
    }

    /// Lets a held run go on.
    pub fn go_on(&self) {
        self.desk.tell(Order::Go);
    }

    /// Ends the run after the step that runs, with a checkpoint.
    pub fn end(&self) {
        self.desk.tell(Order::End);
    }

    /// What was said since the last call, without waiting.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.events.try_iter()
    }

    /// The next event; waits for it. None once the last has come.
    pub fn wait(&self) -> Option<Event> {
        self.events.recv().ok()
    }
}

impl Drop for TrainingThread {
    fn drop(&mut self) {
        self.end();
        if let Some(thread) = self.thread.take() {
            // A panic of the waker is all that could have ended it early, and was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An end is final.
    fn tell(&self, order: Order) {
        let mut known = self.order();
        if *known != Order::End {
            *known = order;
        }
        self.changed.notify_all();
    }

    /// Waits while the run shall hold.
    fn follow(&self, voice: &Voice) -> ControlFlow<()> {
        let mut order = self.order();
        if *order == Order::Hold {
            voice.say(Event::Held);
        }
        while *order == Order::Hold {
            order = self.changed.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
        match *order {
            Order::End => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// The run's way to whoever listens.
struct Voice {
    sender: Sender<Event>,
    waker: Box<dyn Fn() + Send>,
}

impl Voice {
    fn say(&self, event: Event) {
        // The receiver goes with the handle, when nobody listens any more.
        let _ = self.sender.send(event);
        (self.waker)();
    }
}

fn run(job: &Job, hardware: &Hardware, out: &Path, desk: &Desk, voice: &Voice) -> Result<Outcome, TrainingError> {
    let mut progress = |progress| {
        voice.say(Event::Step(progress));
        desk.follow(voice)
    };
    match job {
        Job::Model { config, model } => train(config, model, hardware, out, &mut progress),
        Job::Pictures(tuning) => {
            let mut begun = |count, state: &State| {
                voice.say(Event::Began {
                    count,
                    state: Box::new(state.clone()),
                });
            };
            tune(tuning, hardware, out, &mut begun, &mut progress)
        }
    }
}

/// The same; or, where it comes of a device that is gone, that.
fn blamed(error: TrainingError, hardware: &Hardware) -> TrainingError {
    match error.may_be_the_device() {
        true => hardware.lost().map_or(error, TrainingError::Lost),
        false => error,
    }
}

/// What a panic means to a person. Nothing but its words tells that memory ran out.
fn broken(panic: &(dyn Any + Send)) -> TrainingError {
    let message = panic_words(panic);
    let words = message.to_lowercase();
    let short = ["out of memory", "outofmemory", "not enough memory", "memory allocation"];
    match short.iter().any(|sign| words.contains(sign)) {
        true => TrainingError::Memory { message },
        false => TrainingError::Panicked { message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_for_want_of_memory_says_what_to_do() {
        let said = |words: &str| broken(&words.to_owned()).to_string();
        assert!(said("wgpu error: Out of Memory").contains("fewer pictures a step"));
        assert!(said("index out of bounds").contains("please report it"));
    }
}
