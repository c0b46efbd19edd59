//! The one named thread that owns all tensor work.
//!
//! Jobs go in through a queue and through a live slot, where a later job replaces an earlier one. Out come a stream of events and, in a slot of its
//! own, the latest preview. After each of either the waker is called. Queued jobs come before the live one, in the order in which they were submitted.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::device::Opened;
use crate::error::EngineError;
use crate::event::{Event, JobId, Preview, Take};
use crate::pipeline::cache::Loader;
use crate::pipeline::{Report, Warm, colorize};
use crate::request::ColorizeRequest;
use crate::weights;

/// Called after every event and preview, from whichever thread caused it: asks the window to look.
pub type Waker = Box<dyn Fn() + Send + Sync>;

/// The engine's thread, and the way to it. Dropping it cancels everything and waits for the step that is running.
pub struct Service {
    shared: Arc<Shared>,
    events: Receiver<Event>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    desk: Mutex<Desk>,
    work: Condvar,
    preview: Mutex<Option<Preview>>,
    events: Sender<Event>,
    waker: Waker,
}

/// What waits, and what runs.
#[derive(Default)]
struct Desk {
    submitted: u64,
    queue: VecDeque<Job>,
    live: Option<Job>,
    running: Option<Running>,
    closing: bool,
}

struct Job {
    id: JobId,
    request: ColorizeRequest,
    live: bool,
}

#[derive(Clone, Copy)]
struct Running {
    id: JobId,
    live: bool,
    cancelled: bool,
    /// Another live job waits in its place, or did.
    replaced: bool,
}

impl Service {
    /// Starts the engine on a device. Models are loaded when the first job asks for them, and the latest is kept.
    pub fn spawn(opened: &Opened, waker: Waker) -> Self {
        Self::spawn_with(opened, waker, Box::new(weights::load_observed))
    }

    /// [`Self::spawn`], with another way to open models.
    fn spawn_with(opened: &Opened, waker: Waker, loader: Box<Loader>) -> Self {
        let (sender, events) = channel();
        let shared = Arc::new(Shared {
            desk: Mutex::default(),
            work: Condvar::new(),
            preview: Mutex::default(),
            events: sender,
            waker,
        });
        let (desk, device) = (shared.clone(), opened.device.clone());
        let thread = std::thread::Builder::new()
            .name("shiage-engine".to_owned())
            .spawn(move || desk.run(&mut Warm::new(device, loader)))
            .expect("the system starts a thread");
        Self {
            shared,
            events,
            thread: Some(thread),
        }
    }

    /// Puts a job at the end of the queue.
    pub fn submit(&self, request: ColorizeRequest) -> JobId {
        let mut desk = self.shared.desk();
        let id = desk.next_id();
        desk.queue.push_back(Job {
            id,
            request,
            live: false,
        });
        self.shared.work.notify_one();
        id
    }

    /// Puts a job into the live slot. A live job that waits there, or runs, is cancelled; a model that it is opening for both comes to be.
    pub fn submit_live(&self, request: ColorizeRequest) -> JobId {
        let mut desk = self.shared.desk();
        let id = desk.next_id();
        let replaced = desk.live.replace(Job { id, request, live: true });
        if let Some(running) = desk.running.as_mut().filter(|running| running.live) {
            running.replaced = true;
        }
        self.shared.work.notify_one();
        drop(desk);
        if let Some(Job { id: job, .. }) = replaced {
            self.shared.say(Event::Cancelled { job });
        }
        id
    }

    /// Cancels a job: at once if it waits, after the current step if it runs. Any other id is ignored.
    pub fn cancel(&self, id: JobId) {
        let mut desk = self.shared.desk();
        if let Some(running) = desk.running.as_mut().filter(|running| running.id == id) {
            running.cancelled = true;
            return;
        }
        let waiting = desk.queue.iter().position(|job| job.id == id);
        let taken = match waiting {
            Some(at) => desk.queue.remove(at),
            None => desk.live.take_if(|job| job.id == id),
        };
        drop(desk);
        if taken.is_some() {
            self.shared.say(Event::Cancelled { job: id });
        }
    }

    /// The events since the last call, oldest first, without waiting.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.events.try_iter()
    }

    /// The next event; waits for it.
    pub fn wait(&self) -> Event {
        self.events.recv().expect("the service itself holds a sender")
    }

    /// The latest preview, if there is one that was not taken yet.
    pub fn latest_preview(&self) -> Option<Preview> {
        lock(&self.shared.preview).take()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let mut desk = self.shared.desk();
        desk.closing = true;
        if let Some(running) = &mut desk.running {
            running.cancelled = true;
        }
        drop(desk);
        self.shared.work.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the waker is all that could have ended it early, and was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn next_id(&mut self) -> JobId {
        self.submitted += 1;
        JobId(self.submitted)
    }

    /// Whether the job that runs goes on. A live job opens its model even for the one in its place: who paints on would wait for it forever otherwise.
    fn wants(&self, request: &ColorizeRequest, report: &Report) -> bool {
        let same_model = |next: &Job| next.request.settings.model == request.settings.model;
        let passed_on = matches!(report, Report::Opening) && self.live.as_ref().is_some_and(same_model);
        self.running
            .is_none_or(|running| !running.cancelled && (!running.replaced || passed_on))
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }

    fn say(&self, event: Event) {
        // The receiver goes with the service, when nobody listens any more.
        let _ = self.events.send(event);
        (self.waker)();
    }

    /// The engine's thread.
    fn run(&self, warm: &mut Warm) {
        while let Some(job) = self.next() {
            let id = job.id;
            let event = match self.work(warm, &job) {
                Ok(Some(take)) => Event::Finished { job: id, take },
                Ok(None) => Event::Cancelled { job: id },
                Err(error) => Event::Failed {
                    job: id,
                    error: Arc::new(error),
                },
            };
            self.desk().running = None;
            self.say(event);
        }
    }

    /// The next job, marked as running; None when the service closes.
    fn next(&self) -> Option<Job> {
        let mut desk = self.desk();
        loop {
            if desk.closing {
                return None;
            }
            if let Some(job) = desk.queue.pop_front().or_else(|| desk.live.take()) {
                desk.running = Some(Running {
                    id: job.id,
                    live: job.live,
                    cancelled: false,
                    replaced: false,
                });
                return Some(job);
            }
            desk = self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self, warm: &mut Warm, job: &Job) -> Result<Option<Take>, EngineError> {
        let id = job.id;
        let mut begun = Instant::now();
        colorize(warm, &job.request, &mut |report| {
            if !self.desk().wants(&job.request, &report) {
                return ControlFlow::Break(());
            }
            match report {
                Report::Opening | Report::Working => {}
                Report::Started { steps } => {
                    begun = Instant::now();
                    self.say(Event::Started { job: id, steps });
                }
                Report::Step { step, steps, preview } => {
                    let preview = Arc::new(preview);
                    *lock(&self.preview) = Some(Preview {
                        job: id,
                        step,
                        steps,
                        picture: preview.clone(),
                    });
                    self.say(Event::Progress {
                        job: id,
                        step,
                        steps,
                        elapsed: begun.elapsed(),
                        preview,
                    });
                }
            }
            ControlFlow::Continue(())
        })
    }
}

/// What these locks guard is whole at every moment, so a panic while one was held spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
