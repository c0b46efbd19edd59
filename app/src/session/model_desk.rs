//! The folder of models as a person tends it: what is in it, what comes, goes and is looked through. One thing at a time, each on a thread of its own.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use engine::request::ModelRef;

use super::Session;
use crate::files::Task;
use crate::models::address::hub_endpoint;
use crate::models::download::{self, DownloadError, Progress};
use crate::models::folder::Verdict;
use crate::models::{Entry, Folder, FolderError, Order, OrderError};

/// A file of the folder, as a person reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub path: PathBuf,
    /// What it is, and its size; or why it cannot be used.
    pub what: Result<String, String>,
    pub licence: Option<String>,
    /// Where it came from, and its hash.
    pub source: Option<String>,
}

impl Stored {
    fn of(entry: Entry) -> Self {
        let what = match &entry.inspection {
            Ok(inspection) => {
                let (family, precision) = (inspection.family, inspection.precision());
                Ok(format!("{family}, {} MB, {precision}", inspection.size.div_ceil(1_000_000)))
            }
            Err(error) => Err(error.to_string()),
        };
        Self {
            name: entry.name(),
            what,
            licence: entry.about.as_ref().and_then(|about| about.licence.clone()),
            source: entry.about.map(|about| format!("{}\nblake3 {}", about.source, about.blake3)),
            path: entry.path,
        }
    }
}

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

    fn goes_on(&self) -> ControlFlow<()> {
        match self.cancelled.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// What a thread says at its end.
enum Answer {
    Listed(Vec<Stored>),
    Ordered(Box<Order>),
    /// A sentence; the folder has changed.
    Done(String),
    /// Nobody wants it any more.
    Cancelled,
}

struct Work {
    words: String,
    gauge: Arc<Gauge>,
    task: Task<Result<Answer, String>>,
    can_be_cancelled: bool,
}

/// What is known of the folder, and what is being done to it.
#[derive(Default)]
pub struct ModelDesk {
    stored: Vec<Stored>,
    order: Option<Box<Order>>,
    work: Option<Work>,
    said: Option<Result<String, String>>,
    /// Where Hugging Face is; None: where everybody finds it.
    hub: Option<String>,
}

impl ModelDesk {
    /// By name.
    pub fn stored(&self) -> &[Stored] {
        &self.stored
    }

    /// A file whose licence waits to be accepted.
    pub fn order(&self) -> Option<&Order> {
        self.order.as_deref()
    }

    /// What is being done, how far it is (0..=1, where that is known), and whether it can be cancelled.
    pub fn work(&self) -> Option<(&str, Option<f32>, bool)> {
        self.work.as_ref().map(|work| {
            let [bytes, total] = [&work.gauge.bytes, &work.gauge.total].map(|number| number.load(Ordering::Relaxed));
            let share = (total > 0).then(|| bytes as f32 / total as f32);
            (work.words.as_str(), share, work.can_be_cancelled)
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
}

impl Session {
    pub fn model_desk(&self) -> &ModelDesk {
        &self.shelf.desk
    }

    /// Asks for files of Hugging Face at this address from now on.
    pub fn ask_hub_at(&mut self, endpoint: String) {
        self.shelf.desk.hub = Some(endpoint);
    }

    /// Looks at every file of the folder.
    pub fn list_models(&mut self) {
        self.tend("Looking into the folder of models", false, |folder, _| {
            let stored = folder.entries()?.into_iter().map(Stored::of).collect();
            Ok(Answer::Listed(stored))
        });
    }

    /// Copies a file into the folder.
    pub(super) fn add_model(&mut self, path: PathBuf) {
        let name = file_name(&path);
        self.tend(&format!("Copying {name}"), false, move |folder, gauge| {
            let size = std::fs::metadata(&path).map_or(0, |facts| facts.len());
            let entry = folder.add(&path, None, None, true, &mut |bytes| gauge.set(bytes, size))?;
            Ok(Answer::Done(format!("{} was added.", entry.name())))
        });
    }

    /// Reads a file to its end and compares it with what it was when it came.
    pub fn verify_model(&mut self, stored: &Stored) {
        let Stored { name, path, .. } = stored.clone();
        self.tend(&format!("Reading {name}"), false, move |folder, gauge| {
            let size = std::fs::metadata(&path).map_or(0, |facts| facts.len());
            match folder.verify(&path, &mut |bytes| gauge.set(bytes, size))? {
                Verdict::Whole => Ok(Answer::Done(format!("{name} is whole."))),
                Verdict::Recorded => Ok(Answer::Done(format!("{name} is readable; its hash is recorded now."))),
                Verdict::Changed { .. } => Err(Failure::Words(format!(
                    "{name} is not what it was when it came: remove it, and fetch or add it again."
                ))),
            }
        });
    }

    /// Removes a file from the folder and from the disk. The model in the program takes its place where it was chosen.
    pub fn remove_model(&mut self, stored: &Stored) {
        let Stored { name, path, .. } = stored.clone();
        if matches!(&self.settings.model, ModelRef::Files { checkpoint, .. } if *checkpoint == path) {
            self.settings.model = ModelRef::Embedded;
        }
        self.tend(&format!("Removing {name}"), false, move |folder, _| {
            folder.remove(&file_name(&path))?;
            Ok(Answer::Done(format!("{name} was removed.")))
        });
    }

    /// Looks up a file that is to be fetched: a short name, `OWNER/REPOSITORY/FILE` of Hugging Face, or an address.
    pub fn order_model(&mut self, what: &str) {
        let (what, hub) = (what.trim().to_owned(), self.shelf.desk.hub.clone());
        self.tend(&format!("Looking up {what}"), false, move |folder, _| {
            let endpoint = hub.unwrap_or_else(hub_endpoint);
            let order = Order::new(&download::agent(), folder, &endpoint, &what, None)?;
            Ok(Answer::Ordered(Box::new(order)))
        });
    }

    /// Fetches what was ordered, its licence accepted; or forgets it.
    pub fn answer_order(&mut self, accepted: bool) {
        let Some(order) = self.shelf.desk.order.take().filter(|_| accepted) else {
            return;
        };
        self.tend(&format!("Fetching {}", order.address.file), true, move |_, gauge| {
            let fetched = order.fetch(&download::agent(), None, &mut |progress| {
                let (bytes, total) = match progress {
                    Progress::Received { bytes, total } => (bytes, total.unwrap_or(0)),
                    Progress::Checked { bytes, total } => (bytes, total),
                };
                gauge.set(bytes, total);
                gauge.goes_on()
            });
            match fetched {
                Err(OrderError::Download(DownloadError::Cancelled { .. })) => Ok(Answer::Cancelled),
                fetched => Ok(Answer::Done(format!("{} has come.", fetched?.0.name()))),
            }
        });
    }

    /// Does something to the folder, unless something is being done.
    fn tend(
        &mut self,
        words: &str,
        can_be_cancelled: bool,
        act: impl FnOnce(&Folder, &Gauge) -> Result<Answer, Failure> + Send + 'static,
    ) {
        if let Some(work) = &self.shelf.desk.work {
            self.shelf.desk.said = Some(Err(format!("{} comes first: try again when it is done.", work.words)));
            return;
        }
        let gauge = Arc::new(Gauge::default());
        let (folder, told) = (self.shelf.folder(), gauge.clone());
        let work = move || {
            let done = folder.map_err(Failure::from).and_then(|folder| act(&folder, &told));
            done.map_err(|failure| failure.to_string())
        };
        match Task::start("shiage models", self.waker.clone(), work, Err) {
            Ok(task) => {
                self.shelf.desk.work = Some(Work {
                    words: words.to_owned(),
                    gauge,
                    task,
                    can_be_cancelled,
                });
            }
            Err(error) => self.shelf.desk.said = Some(Err(error.to_string())),
        }
    }

    /// Takes in what the thread says.
    pub(super) fn tend_model_desk(&mut self) {
        let desk = &mut self.shelf.desk;
        let Some(answer) = desk.work.as_ref().and_then(|work| work.task.answer()) else {
            return;
        };
        desk.work = None;
        match answer {
            Ok(Answer::Listed(stored)) => desk.stored = stored,
            Ok(Answer::Ordered(order)) => {
                desk.order = Some(order);
                desk.said = None;
            }
            Ok(Answer::Cancelled) => {
                desk.said = Some(Ok(
                    "Cancelled. What has come so far is kept; fetching it again goes on from there.".to_owned(),
                ))
            }
            Ok(Answer::Done(words)) => {
                desk.said = Some(Ok(words));
                self.list_models();
                self.look_for_models();
            }
            Err(words) => desk.said = Some(Err(words)),
        }
    }
}

/// What went wrong with the folder.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error("{0}")]
    Words(String),
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
