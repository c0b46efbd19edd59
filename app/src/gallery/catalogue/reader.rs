//! The thread's side: looks at the folder again and again, and reads what is new in it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::files::Waker;
use crate::gallery::entry::{Entry, Stamp};
use crate::gallery::listing;
use crate::gallery::natural::natural;

/// How often the folder is looked at; less often where looking takes long, so that it never costs more than a fiftieth of a processor.
const PERIOD: Duration = Duration::from_secs(2);
/// How often the cache is written while pictures are rated.
const KEEPING: Duration = Duration::from_secs(30);
/// Entries that are read before they are told; a screenful comes soon.
const BATCH: usize = 128;

/// What the thread tells.
pub(super) enum Update {
    /// A look at the folder has begun to read this many new or changed files.
    Reading(usize),
    Read(Vec<Entry>),
    Gone(Vec<PathBuf>),
    /// Everything that is in the folder has been told.
    Current,
    Failed(String),
}

/// The thread's side.
pub(super) struct Reader {
    folder: PathBuf,
    caches: Option<PathBuf>,
    known: HashMap<PathBuf, Entry>,
    sender: Sender<Update>,
    waker: Waker,
    closed: Arc<AtomicBool>,
    /// The last look at the folder has failed.
    failed: bool,
    /// Half of the processors: what is in sight is decoded meanwhile.
    pool: Option<ThreadPool>,
}

/// The catalogue has been closed.
struct Closed;

impl Reader {
    pub(super) fn new(
        folder: PathBuf,
        caches: Option<PathBuf>,
        sender: Sender<Update>,
        waker: Waker,
        closed: Arc<AtomicBool>,
    ) -> Self {
        Self {
            folder,
            caches,
            known: HashMap::new(),
            sender,
            waker,
            closed,
            failed: false,
            // Without threads of its own it reads on those that all share.
            pool: ThreadPoolBuilder::new()
                .num_threads(thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2)))
                .build()
                .ok(),
        }
    }

    pub(super) fn run(&mut self, asked: &Receiver<()>) {
        let cached = self.caches.as_deref().map(|caches| listing::load(caches, &self.folder));
        let mut cached = cached.unwrap_or_default();
        let (mut first, mut dirty, mut stored) = (true, false, Instant::now());
        loop {
            let start = Instant::now();
            match self.look(&mut cached, first) {
                Ok(changed) => dirty |= changed,
                Err(Closed) => return,
            }
            let took = start.elapsed();
            if dirty && (first || stored.elapsed() > KEEPING) {
                self.store();
                (dirty, stored) = (false, Instant::now());
            }
            first = false;
            cached.clear();
            if asked.recv_timeout(PERIOD.max(took * 50)) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
            asked.try_iter().for_each(drop);
        }
        if dirty {
            self.store();
        }
    }

    fn store(&self) {
        let Some(caches) = &self.caches else { return };
        if let Err(error) = listing::store(caches, &self.folder, self.known.values()) {
            tracing::warn!("what was read of {} cannot be kept: {error}", self.folder.display());
        }
    }

    /// Reads what is new or has changed; whether anything was. `cached` is taken for what it says where the file is the same.
    fn look(&mut self, cached: &mut HashMap<PathBuf, Entry>, first: bool) -> Result<bool, Closed> {
        let listed = match listing::list(&self.folder) {
            Ok(listed) => listed,
            Err(error) => {
                let gone: Vec<PathBuf> = self.known.drain().map(|(path, _)| path).collect();
                let changed = first || !gone.is_empty();
                self.failed = true;
                self.tell(Update::Gone(gone))?;
                self.tell(Update::Failed(format!(
                    "{} cannot be read: {error}. Is the folder still there, and may you open it?",
                    self.folder.display()
                )))?;
                return Ok(changed && !first);
            }
        };
        let same = |entry: &Entry, stamp: &Stamp| entry.stamp == *stamp;
        let mut fresh: Vec<(PathBuf, Stamp)> = Vec::new();
        let mut kept: Vec<Entry> = Vec::new();
        let mut there: HashSet<PathBuf> = HashSet::with_capacity(listed.len());
        for (path, stamp) in listed {
            there.insert(path.clone());
            if self.known.get(&path).is_some_and(|entry| same(entry, &stamp)) {
                continue;
            }
            match cached.remove(&path).filter(|entry| same(entry, &stamp)) {
                Some(entry) => kept.push(entry),
                None => fresh.push((path, stamp)),
            }
        }
        let gone: Vec<PathBuf> = self.known.keys().filter(|path| !there.contains(*path)).cloned().collect();
        let changed = !fresh.is_empty() || !gone.is_empty() || !cached.is_empty();
        for path in &gone {
            self.known.remove(path);
        }
        if !gone.is_empty() {
            self.tell(Update::Gone(gone))?;
        }
        if !fresh.is_empty() {
            self.tell(Update::Reading(kept.len() + fresh.len()))?;
        }
        self.keep(kept)?;
        // As names are sorted, so that what is read first is what stands first.
        fresh.sort_by_cached_key(|(path, _)| natural(&path.file_name().unwrap_or_default().to_string_lossy()));
        for batch in fresh.chunks(BATCH) {
            let closed = &self.closed;
            let read = || {
                let wanted = batch.par_iter().filter(|_| !closed.load(Ordering::Relaxed));
                wanted.map(|(path, stamp)| Entry::read(path.clone(), *stamp)).collect()
            };
            let read = match &self.pool {
                Some(pool) => pool.install(read),
                None => read(),
            };
            self.keep(read)?;
        }
        if std::mem::take(&mut self.failed) || changed || first {
            self.tell(Update::Current)?;
        }
        Ok(changed)
    }

    fn keep(&mut self, entries: Vec<Entry>) -> Result<(), Closed> {
        if entries.is_empty() {
            return Ok(());
        }
        entries.iter().for_each(Entry::prepare);
        self.known
            .extend(entries.iter().map(|entry| (entry.path.clone(), entry.clone())));
        self.tell(Update::Read(entries))
    }

    fn tell(&self, update: Update) -> Result<(), Closed> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Closed);
        }
        self.sender.send(update).map_err(|_| Closed)?;
        (self.waker)();
        Ok(())
    }
}
