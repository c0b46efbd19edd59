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
use crate::natural::natural;

/// How often the folder is looked at.
const PERIOD: Duration = Duration::from_secs(2);
/// How often the cache is written while pictures are rated.
const KEEPING: Duration = Duration::from_secs(30);
/// Entries that are told at once; a screenful comes soon.
const BATCH: usize = 128;

/// What the thread tells.
pub(super) enum Update {
    /// A look at the folder has begun to read this many new or changed files.
    Reading(usize),
    /// What files say, and when the first of them began to be read.
    Read(Vec<Arc<Entry>>, Instant),
    Gone(Vec<PathBuf>),
    /// Everything that is in the folder has been told.
    Current,
    Failed(String),
}

/// The thread's side.
pub(super) struct Reader {
    folder: PathBuf,
    caches: Option<PathBuf>,
    known: HashMap<PathBuf, Arc<Entry>>,
    sender: Sender<Update>,
    waker: Waker,
    closed: Arc<AtomicBool>,
    /// How long it took to list the folder when it was last looked at.
    listing: Duration,
    /// When what could not be read is tried again.
    retry: Instant,
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
            listing: Duration::ZERO,
            retry: Instant::now(),
            failed: false,
            // Without threads of its own it reads on those that all share.
            pool: ThreadPoolBuilder::new()
                .num_threads(thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2)))
                .build()
                .ok(),
        }
    }

    /// Looks at the folder until nobody can ask for it any more. A file that is asked for is read again, even if it is the same.
    pub(super) fn run(&mut self, asked: &Receiver<Option<PathBuf>>) {
        let cached = self.caches.as_deref().map(|caches| listing::load(caches, &self.folder));
        let mut cached = cached.unwrap_or_default();
        let (mut first, mut dirty, mut stored) = (true, false, Instant::now());
        loop {
            match self.look(&mut cached, first) {
                Ok(changed) => dirty |= changed,
                Err(Closed) => return,
            }
            if dirty && (first || stored.elapsed() > KEEPING) {
                self.store();
                (dirty, stored) = (false, Instant::now());
            }
            first = false;
            cached.clear();
            let wish = asked.recv_timeout(rest(self.listing));
            if wish == Err(RecvTimeoutError::Disconnected) {
                break;
            }
            for path in wish.into_iter().chain(asked.try_iter()).flatten() {
                if let Some(entry) = self.known.get_mut(&path) {
                    Arc::make_mut(entry).doubt();
                    self.retry = Instant::now();
                }
            }
        }
        if dirty {
            self.store();
        }
    }

    fn store(&self) {
        let Some(caches) = &self.caches else { return };
        if let Err(error) = listing::store(caches, &self.folder, self.known.values().map(Arc::as_ref)) {
            tracing::warn!("what was read of {} cannot be kept: {error}", self.folder.display());
        }
    }

    /// Reads what is new or has changed; whether anything was. `cached` is taken for what it says where the file is the same.
    fn look(&mut self, cached: &mut HashMap<PathBuf, Entry>, first: bool) -> Result<bool, Closed> {
        let start = Instant::now();
        let listed = listing::list(&self.folder);
        self.listing = start.elapsed();
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                let gone: Vec<PathBuf> = self.known.drain().map(|(path, _)| path).collect();
                let changed = first || !gone.is_empty();
                self.failed = true;
                self.tell_gone(&gone)?;
                self.tell(Update::Failed(format!(
                    "{} cannot be read: {error}. Is the folder still there, and may you open it?",
                    self.folder.display()
                )))?;
                return Ok(changed && !first);
            }
        };
        let same = |entry: &Entry, stamp: &Stamp| entry.stamp == *stamp;
        let mut fresh: Vec<(PathBuf, Stamp)> = Vec::new();
        let mut again: Vec<(PathBuf, Stamp)> = Vec::new();
        let mut kept: Vec<Arc<Entry>> = Vec::new();
        let mut there: HashSet<PathBuf> = HashSet::with_capacity(listed.len());
        for (path, stamp) in listed {
            there.insert(path.clone());
            if let Some(known) = self.known.get(&path).filter(|entry| same(entry, &stamp)) {
                if !known.is_read() {
                    again.push((path, stamp));
                }
                continue;
            }
            match cached.remove(&path).filter(|entry| same(entry, &stamp)) {
                Some(entry) => kept.push(Arc::new(entry)),
                None => fresh.push((path, stamp)),
            }
        }
        let gone: Vec<PathBuf> = self.known.keys().filter(|path| !there.contains(*path)).cloned().collect();
        let mut changed = !fresh.is_empty() || !gone.is_empty() || !cached.is_empty();
        for path in &gone {
            self.known.remove(path);
        }
        self.tell_gone(&gone)?;
        if !fresh.is_empty() {
            self.tell(Update::Reading(kept.len() + fresh.len()))?;
        }
        // As names are sorted, so that what is told first is what stands first.
        kept.sort_by(|a, b| a.natural().cmp(b.natural()));
        for batch in kept.chunks(BATCH) {
            self.keep(batch.to_vec(), start)?;
        }
        fresh.sort_by_cached_key(|(path, _)| natural(&path.file_name().unwrap_or_default().to_string_lossy()));
        for batch in fresh.chunks(BATCH) {
            let begun = Instant::now();
            self.keep(self.read(batch), begun)?;
        }
        let retried = Instant::now();
        if retried < self.retry {
            again.clear();
        }
        // In silence, while it tells nothing else than before.
        for batch in again.chunks(BATCH) {
            let begun = Instant::now();
            let mut read = self.read(batch);
            read.retain(|entry| self.known.get(&entry.path) != Some(entry));
            if !read.is_empty() {
                changed = true;
                self.keep(read, begun)?;
            }
        }
        if !again.is_empty() {
            self.retry = Instant::now() + rest(retried.elapsed());
        }
        if std::mem::take(&mut self.failed) || changed || first {
            self.tell(Update::Current)?;
        }
        Ok(changed)
    }

    /// Reads these, as many of them as there are until the catalogue is closed.
    fn read(&self, wanted: &[(PathBuf, Stamp)]) -> Vec<Arc<Entry>> {
        let closed = &self.closed;
        let read = || {
            let wanted = wanted.par_iter().filter(|_| !closed.load(Ordering::Relaxed));
            wanted
                .map(|(path, stamp)| Arc::new(Entry::read(path.clone(), *stamp)))
                .collect()
        };
        match &self.pool {
            Some(pool) => pool.install(read),
            None => read(),
        }
    }

    fn keep(&mut self, entries: Vec<Arc<Entry>>, begun: Instant) -> Result<(), Closed> {
        entries.iter().for_each(|entry| entry.prepare());
        self.known
            .extend(entries.iter().map(|entry| (entry.path.clone(), entry.clone())));
        self.tell(Update::Read(entries, begun))
    }

    fn tell_gone(&self, gone: &[PathBuf]) -> Result<(), Closed> {
        gone.chunks(BATCH)
            .try_for_each(|batch| self.tell(Update::Gone(batch.to_vec())))
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

/// How long the folder is not looked at after it took so long to list it, nor what could not be read tried again after it took so long to try: neither ever takes
/// more than a fiftieth of the time. How long its pictures took to be read does not count for the folder, or those that come after thousands of others would not
/// show for an hour.
fn rest(took: Duration) -> Duration {
    PERIOD.max(took * 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_slow_to_list_is_looked_at_less_often() {
        let seconds = |listing| rest(Duration::from_secs_f64(listing)).as_secs_f64();
        assert_eq!([0.001, 0.04, 0.1].map(seconds), [2.0, 2.0, 5.0]);
    }

    #[test]
    fn what_reading_takes_is_no_reason_to_rest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        image::RgbImage::new(1, 1).save(&path).unwrap();
        let (sender, told) = std::sync::mpsc::channel();
        // Whoever is told takes its time, as a slow disk does.
        let waker: Waker = Arc::new(|| thread::sleep(Duration::from_millis(50)));
        let mut reader = Reader::new(folder.path().to_owned(), None, sender, waker, Arc::default());
        let begun = Instant::now();
        assert!(reader.look(&mut HashMap::new(), true).is_ok_and(|changed| changed));
        assert!(reader.listing + Duration::from_millis(150) <= begun.elapsed());
        assert_eq!(told.try_iter().count(), 3);
    }

    #[test]
    fn what_could_not_be_read_is_tried_again_and_what_is_broken_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let [whole, torn] = ["a.png", "b.png"].map(|name| folder.path().join(name));
        image::RgbImage::new(1, 1).save(&whole).unwrap();
        std::fs::write(&torn, "torn").unwrap();
        let (sender, told) = std::sync::mpsc::channel();
        let mut reader = Reader::new(folder.path().to_owned(), None, sender, Arc::new(|| {}), Arc::default());
        let look = |reader: &mut Reader| -> Vec<(PathBuf, bool)> {
            assert!(reader.look(&mut HashMap::new(), false).is_ok());
            let read = told.try_iter().filter_map(|update| match update {
                Update::Read(entries, _) => Some(entries),
                _ => None,
            });
            let read = read.flatten();
            read.map(|entry| (entry.path.clone(), entry.facts.is_ok())).collect()
        };
        assert_eq!(look(&mut reader), [(whole.clone(), true), (torn, false)]);
        assert!(look(&mut reader).is_empty());
        // As where the disk has failed for a while.
        let mut unread = Entry::read(folder.path().join("gone.png"), Stamp::of(&whole).unwrap());
        unread.path.clone_from(&whole);
        let unread = Arc::new(unread);
        reader.known.insert(whole.clone(), unread.clone());
        let begun = Instant::now();
        assert_eq!(look(&mut reader), [(whole.clone(), true)]);
        assert!(look(&mut reader).is_empty());
        assert!(reader.retry >= begun + PERIOD, "not at every look");
        reader.known.insert(whole.clone(), unread);
        reader.retry = Instant::now() + crate::PATIENCE;
        assert!(look(&mut reader).is_empty());
        reader.retry = Instant::now();
        assert_eq!(look(&mut reader), [(whole, true)]);
    }
}
