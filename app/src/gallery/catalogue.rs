//! The pictures of one folder, kept up with what happens to its files. Reading is done by a thread of its own.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::entry::{Entry, Stamp};
use super::listing;
use super::marks::Marks;
use super::order::natural;
use crate::files::Waker;

/// How often the folder is looked at; less often where looking takes long, so that it never costs more than a fiftieth of a processor.
const PERIOD: Duration = Duration::from_secs(2);
/// How often the cache is written while pictures are rated.
const KEEPING: Duration = Duration::from_secs(30);
/// Entries that are read before they are told; a screenful comes soon.
const BATCH: usize = 128;

/// What the thread tells.
enum Update {
    /// A look at the folder has begun to read this many new or changed files.
    Reading(usize),
    Read(Vec<Entry>),
    Gone(Vec<PathBuf>),
    /// Everything that is in the folder has been told.
    Current,
    Failed(String),
}

/// How far the catalogue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Reading {
        read: usize,
        of: usize,
    },
    Current,
    /// The folder cannot be read: why.
    Failed(String),
}

/// What has changed in a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Files came, went or changed, or the progress did.
    pub files: bool,
    /// Pictures about which nothing changed but what is decided.
    pub marks: Vec<PathBuf>,
}

/// All pictures of a folder, as far as they have been read.
pub struct Catalogue {
    folder: PathBuf,
    entries: HashMap<PathBuf, Arc<Entry>>,
    /// Marks that are being written: what the files say meanwhile is older.
    pending: HashMap<PathBuf, Marks>,
    progress: Progress,
    updates: Receiver<Update>,
    /// Asks for a look now; the thread ends when this is dropped.
    looks: Sender<()>,
    closed: Arc<AtomicBool>,
}

impl Catalogue {
    /// Begins to read a folder. `caches` is where earlier readings are kept; none: nowhere.
    pub fn open(folder: &Path, caches: Option<PathBuf>, waker: Waker) -> io::Result<Self> {
        let (sender, updates) = channel();
        let (looks, asked) = channel();
        let closed = Arc::new(AtomicBool::new(false));
        let folder = std::path::absolute(folder)?;
        let mut reader = Reader {
            folder: folder.clone(),
            caches,
            known: HashMap::new(),
            sender,
            waker,
            closed: closed.clone(),
            // Without threads of its own it reads on those that all share.
            pool: ThreadPoolBuilder::new()
                .num_threads(thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2)))
                .build()
                .ok(),
        };
        thread::Builder::new()
            .name("shiage gallery".to_owned())
            .spawn(move || reader.run(&asked))?;
        Ok(Self {
            folder,
            entries: HashMap::new(),
            pending: HashMap::new(),
            progress: Progress::Reading { read: 0, of: 0 },
            updates,
            looks,
            closed,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// In no order.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    pub fn get(&self, path: &Path) -> Option<&Arc<Entry>> {
        self.entries.get(path)
    }

    /// Looks at the folder now rather than in a while.
    pub fn look(&self) {
        // Where the thread has ended, its last word was why.
        let _ = self.looks.send(());
    }

    /// Takes in what was read since the last call.
    pub fn catch_up(&mut self) -> News {
        let mut news = News::default();
        for update in self.updates.try_iter().collect::<Vec<_>>() {
            match update {
                Update::Reading(of) => self.progress = Progress::Reading { read: 0, of },
                Update::Read(entries) => {
                    if let Progress::Reading { read, .. } = &mut self.progress {
                        *read += entries.len();
                    }
                    for entry in entries {
                        self.take_in(entry, &mut news);
                    }
                    continue;
                }
                Update::Gone(paths) => paths.iter().for_each(|path| {
                    self.entries.remove(path);
                }),
                Update::Current => self.progress = Progress::Current,
                Update::Failed(reason) => self.progress = Progress::Failed(reason),
            }
            news.files = true;
        }
        news
    }

    fn take_in(&mut self, mut entry: Entry, news: &mut News) {
        if let (Some(marks), Ok(facts)) = (self.pending.get(&entry.path), &mut entry.facts) {
            facts.marks = marks.clone();
        }
        match self
            .entries
            .get(&entry.path)
            .is_some_and(|known| known.differs_in_marks_alone(&entry))
        {
            true => news.marks.push(entry.path.clone()),
            false => news.files = true,
        }
        self.entries.insert(entry.path.clone(), Arc::new(entry));
    }

    /// Shows `marks` from now on, before they are written.
    pub fn mark(&mut self, path: &Path, marks: Marks) {
        let Some(entry) = self.entries.get_mut(path) else { return };
        if let Ok(facts) = &mut Arc::make_mut(entry).facts {
            facts.marks = marks.clone();
            self.pending.insert(path.to_owned(), marks);
        }
    }

    /// `marks` have been written, or could not be; `entry` is the file as it is now.
    pub fn written(&mut self, marks: &Marks, entry: Option<Entry>) -> News {
        let mut news = News::default();
        let Some(entry) = entry else { return news };
        if self.pending.get(&entry.path) == Some(marks) {
            self.pending.remove(&entry.path);
        }
        if self.entries.contains_key(&entry.path) {
            self.take_in(entry, &mut news);
        }
        news
    }
}

impl Drop for Catalogue {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

/// The thread's side.
struct Reader {
    folder: PathBuf,
    caches: Option<PathBuf>,
    known: HashMap<PathBuf, Entry>,
    sender: Sender<Update>,
    waker: Waker,
    closed: Arc<AtomicBool>,
    /// Half of the processors: what is in sight is decoded meanwhile.
    pool: Option<ThreadPool>,
}

/// The catalogue has been closed.
struct Closed;

impl Reader {
    fn run(&mut self, asked: &Receiver<()>) {
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
        let mut there: std::collections::HashSet<PathBuf> = std::collections::HashSet::with_capacity(listed.len());
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
        if changed || first {
            self.tell(Update::Current)?;
        }
        Ok(changed)
    }

    fn keep(&mut self, entries: Vec<Entry>) -> Result<(), Closed> {
        if entries.is_empty() {
            return Ok(());
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;
    use std::fs;

    fn picture(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        RgbImage::new(2, 2).save(&path).unwrap();
        path
    }

    fn until(catalogue: &mut Catalogue, what: &str, done: impl Fn(&Catalogue) -> bool) {
        let start = Instant::now();
        while !done(catalogue) {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
            thread::sleep(Duration::from_millis(5));
            catalogue.look();
            catalogue.catch_up();
        }
    }

    fn open(folder: &Path, caches: Option<&Path>) -> Catalogue {
        let mut catalogue = Catalogue::open(folder, caches.map(Path::to_owned), Arc::new(|| {})).unwrap();
        until(&mut catalogue, "the folder", |catalogue| {
            *catalogue.progress() == Progress::Current
        });
        catalogue
    }

    #[test]
    fn what_happens_outside_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let a = picture(folder.path(), "a.png");
        let mut catalogue = open(folder.path(), None);
        assert_eq!(catalogue.len(), 1);
        let b = picture(folder.path(), "b.png");
        until(&mut catalogue, "a new file", |catalogue| catalogue.get(&b).is_some());
        fs::write(&a, "broken now").unwrap();
        until(&mut catalogue, "a changed file", |catalogue| {
            catalogue.get(&a).unwrap().facts.is_err()
        });
        fs::rename(&b, folder.path().join("c.png")).unwrap();
        until(&mut catalogue, "a moved file", |catalogue| {
            catalogue.get(&b).is_none() && catalogue.get(&folder.path().join("c.png")).is_some()
        });
        fs::remove_dir_all(folder.path()).unwrap();
        until(&mut catalogue, "the folder's end", |catalogue| {
            catalogue.is_empty() && matches!(catalogue.progress(), Progress::Failed(reason) if reason.contains("cannot be read"))
        });
    }

    #[test]
    fn the_second_opening_reads_no_picture_that_is_the_same() {
        let (folder, caches) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let a = picture(folder.path(), "a.png");
        picture(folder.path(), "b.png");
        let entry = open(folder.path(), Some(caches.path())).get(&a).unwrap().clone();
        // The cache is written after the last word; a word in it that no file says shows that it is used.
        let start = Instant::now();
        while listing::load(caches.path(), folder.path()).len() < 2 {
            assert!(start.elapsed() < Duration::from_secs(20), "no cache was written");
            thread::sleep(Duration::from_millis(5));
        }
        let mut told = (*entry).clone();
        told.facts.as_mut().unwrap().marks.note = "from the cache".to_owned();
        listing::store(caches.path(), folder.path(), [&told].into_iter()).unwrap();
        let again = open(folder.path(), Some(caches.path()));
        assert_eq!(again.get(&a).unwrap().marks().unwrap().note, "from the cache");
        assert_eq!(again.len(), 2);
    }

    #[test]
    fn news_tell_marks_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let a = picture(folder.path(), "a.png");
        let mut catalogue = open(folder.path(), None);
        let mut entry = Entry::read(a.clone(), Stamp::of(&a).unwrap());
        let told = |marks: Vec<PathBuf>, files| News { files, marks };
        entry.facts.as_mut().unwrap().marks.stars = 3;
        let written = |catalogue: &mut Catalogue, entry: &Entry| catalogue.written(&Marks::default(), Some(entry.clone()));
        assert_eq!(written(&mut catalogue, &entry), told(vec![a.clone()], false));
        entry.facts.as_mut().unwrap().size = [9, 9];
        assert_eq!(written(&mut catalogue, &entry), told(Vec::new(), true));
    }

    #[test]
    fn marks_show_before_they_are_written_and_older_readings_do_not_undo_them() {
        let folder = tempfile::tempdir().unwrap();
        let a = picture(folder.path(), "a.png");
        let mut catalogue = open(folder.path(), None);
        let stars = |stars| Marks {
            stars,
            ..Marks::default()
        };
        let shown = |catalogue: &Catalogue| catalogue.get(&a).unwrap().marks().unwrap().stars;
        catalogue.mark(&a, stars(3));
        catalogue.mark(&a, stars(4));
        let entry = |stars_on_disk| {
            let mut entry = Entry::read(a.clone(), Stamp::of(&a).unwrap());
            entry.facts.as_mut().unwrap().marks = stars(stars_on_disk);
            Some(entry)
        };
        catalogue.written(&stars(3), entry(3));
        assert_eq!(shown(&catalogue), 4, "the first of two writings is no news");
        catalogue.written(&stars(4), entry(4));
        catalogue.written(&stars(4), entry(2));
        assert_eq!(shown(&catalogue), 2, "what another program decides later counts");
    }
}
