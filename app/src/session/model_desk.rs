//! The folder of models as a person tends it: what comes, goes and is looked through. One thing at a time, each on a thread of its own.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use engine::request::ModelRef;

use super::{Session, Stored, sentence};
use crate::files::{Task, no_thread};
use crate::models::address::hub_endpoint;
use crate::models::download::{self, DownloadError, Progress};
use crate::models::folder::{Verdict, file_name};
use crate::models::{Folder, FolderError, Order, OrderError};

/// How far the work at hand is, and whether it is still wanted.
#[derive(Debug, Default)]
struct Gauge {
    bytes: AtomicU64,
    /// 0: not known.
    total: AtomicU64,
    cancelled: AtomicBool,
}

impl Gauge {
    fn set(&self, bytes: u64, total: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Told how many bytes of a file are done.
    fn of(&self, path: &Path) -> impl FnMut(u64) -> ControlFlow<()> {
        let size = std::fs::metadata(path).map_or(0, |facts| facts.len());
        move |bytes| {
            self.set(bytes, size);
            self.goes_on()
        }
    }

    fn goes_on(&self) -> ControlFlow<()> {
        match self.cancelled.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// What a thread says at its end.
enum Outcome {
    Ordered(Box<Order>),
    /// A sentence.
    Done(String),
    /// The same, of a file that was removed; and what the model that was chosen is without it.
    Removed {
        words: String,
        chosen: ModelRef,
        left: ModelRef,
    },
    /// Nobody wants it any more.
    Cancelled,
}

/// What is done, in a person's words.
struct Errand {
    words: String,
    /// What is said of it once it is cancelled; None: it cannot be.
    cancelled: Option<&'static str>,
}

impl Errand {
    fn new(words: String, cancelled: Option<&'static str>) -> Self {
        Self { words, cancelled }
    }
}

const CANCELLED: &str = "Cancelled.";
const RESUMED: &str = "Cancelled. What has come so far is kept; fetching it again goes on from there.";

struct Work {
    errand: Errand,
    gauge: Arc<Gauge>,
    task: Task<Result<Outcome, String>>,
}

/// What is being done to the folder.
#[derive(Default)]
pub struct ModelDesk {
    order: Option<Box<Order>>,
    work: Option<Work>,
    said: Option<Result<String, String>>,
    /// Where Hugging Face is; None: where everybody finds it.
    hub: Option<String>,
}

impl ModelDesk {
    /// A file whose licence waits to be accepted.
    pub fn order(&self) -> Option<&Order> {
        self.order.as_deref()
    }

    /// What is being done, how far it is (0..=1, where that is known), and whether it can be cancelled.
    pub fn work(&self) -> Option<(&str, Option<f32>, bool)> {
        self.work.as_ref().map(|work| {
            let [bytes, total] = [&work.gauge.bytes, &work.gauge.total].map(|number| number.load(Ordering::Relaxed));
            let share = (total > 0).then(|| bytes as f32 / total as f32);
            (work.errand.words.as_str(), share, work.errand.cancelled.is_some())
        })
    }

    /// What came of the last work: a sentence, or what went wrong.
    pub fn said(&self) -> Option<&Result<String, String>> {
        self.said.as_ref()
    }

    pub fn cancel(&self) {
        if let Some(work) = &self.work {
            work.gauge.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Whether nothing is being done, and says what is otherwise: one thing comes after the other.
    fn is_free(&mut self) -> bool {
        if let Some(work) = &self.work {
            let words = &work.errand.words;
            self.said = Some(Err(format!("{words} comes first: try again when it is done.")));
        }
        self.work.is_none()
    }
}

impl Session {
    pub fn model_desk(&self) -> &ModelDesk {
        &self.shelf.desk
    }

    /// Asks for files of Hugging Face at this address from now on.
    pub fn ask_hub_at(&mut self, endpoint: String) {
        self.shelf.desk.hub = Some(endpoint);
    }

    /// Copies files into the folder. One that cannot be is told of; the others come all the same.
    pub fn add_models(&mut self, paths: Vec<PathBuf>) {
        let named = match &paths[..] {
            [path] => file_name(path),
            paths => format!("{} files", paths.len()),
        };
        self.tend(
            Errand::new(format!("Copying {named}"), Some(CANCELLED)),
            move |folder, gauge| {
                let (mut added, mut failures) = (Vec::new(), Vec::new());
                for path in &paths {
                    match folder.add(path, None, None, true, &mut gauge.of(path)) {
                        Ok(entry) => added.push(format!("{} was added.", entry.name())),
                        Err(error @ FolderError::Cancelled { .. }) => return Err(error.into()),
                        Err(error) => failures.push(sentence(&error)),
                    }
                }
                let is_whole = failures.is_empty();
                let words = added.into_iter().chain(failures).collect::<Vec<_>>().join(" ");
                match is_whole {
                    true => Ok(Outcome::Done(words)),
                    false => Err(Failure::Words(words)),
                }
            },
        );
    }

    /// Reads a file to its end and compares it with what it was when it came.
    pub fn verify_model(&mut self, stored: &Stored) {
        let Stored { name, path, .. } = stored.clone();
        let errand = Errand::new(format!("Reading {name}"), Some(CANCELLED));
        self.tend(errand, move |folder, gauge| {
            match folder.verify(&path, &mut gauge.of(&path))? {
                Verdict::Whole => Ok(Outcome::Done(format!("{name} is whole."))),
                Verdict::Recorded => Ok(Outcome::Done(format!("{name} is readable; its hash is recorded now."))),
                Verdict::Changed { .. } => Err(Failure::Words(format!(
                    "{name} is not what it was when it came: remove it, and fetch or add it again."
                ))),
            }
        });
    }

    /// Removes a file from the folder and from the disk. Once it is gone, the model in the program takes its place where it was chosen; an image tower or
    /// an autoencoder gives way to another of the folder.
    pub fn remove_model(&mut self, stored: &Stored) {
        let Stored { name, path, .. } = stored.clone();
        let chosen = self.settings.model.clone();
        self.tend(Errand::new(format!("Removing {name}"), None), move |folder, _| {
            folder.remove(&file_name(&path))?;
            let words = format!("{name} was removed.");
            Ok(match chosen.without(&path) {
                None => Outcome::Done(words),
                Some(left) => Outcome::Removed {
                    words,
                    chosen,
                    left: folder.completed(left),
                },
            })
        });
    }

    /// Looks up a file that is to be fetched: a short name, `OWNER/REPOSITORY/FILE` of Hugging Face, or an address.
    pub fn order_model(&mut self, what: &str) {
        let (what, hub) = (what.trim().to_owned(), self.shelf.desk.hub.clone());
        let errand = Errand::new(format!("Looking up {what}"), Some(CANCELLED));
        self.tend(errand, move |folder, gauge| {
            let endpoint = hub.unwrap_or_else(hub_endpoint);
            let order = Order::new(&download::agent(), folder, &endpoint, &what, None, &mut || gauge.goes_on())?;
            Ok(Outcome::Ordered(Box::new(order)))
        });
    }

    /// Fetches what was ordered, its licence accepted; or forgets it. While something else is being done it waits to be accepted still.
    pub fn answer_order(&mut self, accepted: bool) {
        let desk = &mut self.shelf.desk;
        if accepted && !desk.is_free() {
            return;
        }
        let Some(order) = desk.order.take().filter(|_| accepted) else {
            return;
        };
        let errand = Errand::new(format!("Fetching {}", order.address.file), Some(RESUMED));
        self.tend(errand, move |_, gauge| {
            let (entry, _) = order.fetch(&download::agent(), None, &mut |progress| {
                let (bytes, total) = match progress {
                    Progress::Received { bytes, total } => (bytes, total.unwrap_or(0)),
                    Progress::Checked { bytes, total } => (bytes, total),
                };
                gauge.set(bytes, total);
                gauge.goes_on()
            })?;
            Ok(Outcome::Done(format!("{} has come.", entry.name())))
        });
    }

    /// Does something to the folder, unless something is being done.
    fn tend(&mut self, errand: Errand, act: impl FnOnce(&Folder, &Gauge) -> Result<Outcome, Failure> + Send + 'static) {
        if !self.shelf.desk.is_free() {
            return;
        }
        let gauge = Arc::new(Gauge::default());
        let (folder, told) = (self.shelf.folder(), gauge.clone());
        let work = move || {
            let done = folder.map_err(Failure::from).and_then(|folder| act(&folder, &told));
            match done {
                Err(failure) if failure.is_cancelled() => Ok(Outcome::Cancelled),
                done => done.map_err(|failure| match failure {
                    Failure::Words(words) => words,
                    failure => sentence(&failure),
                }),
            }
        };
        match Task::start("shiage models", self.waker.clone(), work, Err) {
            Ok(task) => {
                self.shelf.desk.work = Some(Work { errand, gauge, task });
                self.shelf.desk.said = None;
            }
            Err(error) => self.shelf.desk.said = Some(Err(no_thread(&error))),
        }
    }

    /// Takes in what the thread says.
    pub(super) fn tend_model_desk(&mut self) {
        let desk = &mut self.shelf.desk;
        let Some(answer) = desk.work.as_ref().and_then(|work| work.task.answer()) else {
            return;
        };
        let cancelled = desk.work.take().and_then(|work| work.errand.cancelled);
        match answer {
            Ok(Outcome::Ordered(order)) => {
                desk.order = Some(order);
                desk.said = None;
            }
            Ok(Outcome::Cancelled) => desk.said = cancelled.map(|words| Ok(words.to_owned())),
            Ok(Outcome::Done(words)) => desk.said = Some(Ok(words)),
            Ok(Outcome::Removed { words, chosen, left }) => {
                desk.said = Some(Ok(words));
                if self.settings.model == chosen {
                    self.settings.model = left;
                }
            }
            Err(words) => desk.said = Some(Err(words)),
        }
        // Whatever came of it: what failed may have found that a file is gone.
        self.look_for_models();
    }
}

/// What went wrong with the folder.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Sentences.
    #[error("{0}")]
    Words(String),
}

impl Failure {
    fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Folder(FolderError::Cancelled { .. }) | Self::Order(OrderError::Download(DownloadError::Cancelled { .. }))
        )
    }
}
