//! The pictures of one folder, kept up with what happens to its files. Reading is done by a thread of its own.

mod reader;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use reader::{Reader, Update};

use super::entry::Entry;
use super::facets::Facets;
use super::mark_writer::Written;
use super::marks::Mark;
use crate::files::Waker;

/// Entries after which [`Catalogue::catch_up`] leaves the rest to the next call: it is a part of a frame.
const TAKEN_IN: usize = 512;

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
    /// Files came, went or changed.
    pub files: bool,
    /// Pictures that were read anew, and tell what they told before but for what is decided.
    pub again: Vec<PathBuf>,
    /// What is decided about one of them has changed.
    pub marks: bool,
}

/// All pictures of a folder, as far as they have been read.
pub struct Catalogue {
    folder: PathBuf,
    entries: HashMap<PathBuf, Arc<Entry>>,
    /// What they are.
    facets: Facets,
    /// Marks that are being written, the oldest first: what the files say of them meanwhile is older.
    pending: HashMap<PathBuf, Vec<Mark>>,
    /// When marks of a file were written last.
    written: HashMap<PathBuf, Instant>,
    /// Files that marks were written into before they were read, and when.
    unread: HashMap<PathBuf, (Instant, Arc<Entry>)>,
    progress: Progress,
    updates: Receiver<Update>,
    waker: Waker,
    /// Asks for a look now, at this file even if it is the same; the thread ends when this is dropped.
    looks: Sender<Option<PathBuf>>,
    closed: Arc<AtomicBool>,
}

impl Catalogue {
    /// Begins to read a folder. `caches` is where earlier readings are kept; none: nowhere.
    pub fn open(folder: &Path, caches: Option<PathBuf>, waker: Waker) -> io::Result<Self> {
        let (sender, updates) = channel();
        let (looks, asked) = channel();
        let closed = Arc::new(AtomicBool::new(false));
        let folder = std::path::absolute(folder)?;
        let mut reader = Reader::new(folder.clone(), caches, sender, waker.clone(), closed.clone());
        thread::Builder::new()
            .name("shiage gallery".to_owned())
            .spawn(move || reader.run(&asked))?;
        Ok(Self {
            folder,
            entries: HashMap::new(),
            facets: Facets::default(),
            pending: HashMap::new(),
            written: HashMap::new(),
            unread: HashMap::new(),
            progress: Progress::Reading { read: 0, of: 0 },
            updates,
            waker,
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

    /// How many of them there are of each kind.
    pub fn facets(&self) -> &Facets {
        &self.facets
    }

    /// Looks at the folder now rather than in a while.
    pub fn look(&self) {
        // Where the thread has ended, its last word was why.
        let _ = self.looks.send(None);
    }

    /// Takes in what was read since the last call; where that is much, the rest another time, for which the waker is called.
    pub fn catch_up(&mut self) -> News {
        let (mut news, mut taken) = (News::default(), 0);
        while taken < TAKEN_IN {
            let Ok(update) = self.updates.try_recv() else { return news };
            match update {
                Update::Reading(of) => self.progress = Progress::Reading { read: 0, of },
                Update::Read(entries, begun) => {
                    if let Progress::Reading { read, .. } = &mut self.progress {
                        *read += entries.len();
                    }
                    taken += entries.len();
                    for entry in entries {
                        if !self.is_outdated(&entry, begun) {
                            let entry = self.newest(entry, begun);
                            self.take_in(entry, &mut news);
                        }
                    }
                }
                Update::Gone(paths) => {
                    taken += paths.len();
                    for path in paths {
                        let gone = self.entries.remove(&path);
                        gone.iter().for_each(|entry| self.facets.remove(&self.folder, entry));
                        news.files |= gone.is_some();
                    }
                }
                Update::Current => {
                    // What was begun before has been told by now.
                    self.unread.clear();
                    self.progress = Progress::Current;
                }
                Update::Failed(reason) => self.progress = Progress::Failed(reason),
            }
        }
        (self.waker)();
        news
    }

    /// Whether a reading that began at this moment tells of a file before marks were written into it, as is known: the thread that reads knows nothing of
    /// the one that writes.
    fn is_outdated(&self, entry: &Entry, begun: Instant) -> bool {
        let since = self.written.get(&entry.path).is_some_and(|written| begun < *written);
        since && self.is_newer(entry)
    }

    /// What a reading that began at this moment tells, or what was written into the file while it was read for the first time.
    fn newest(&mut self, entry: Arc<Entry>, begun: Instant) -> Arc<Entry> {
        let written = self.unread.remove(&entry.path);
        let newer = |(when, written): &(Instant, Arc<Entry>)| begun < *when && written.stamp.written() > entry.stamp.written();
        written.filter(newer).map_or(entry, |(_, written)| written)
    }

    /// Whether the file that is known is newer than that of `entry`.
    fn is_newer(&self, entry: &Entry) -> bool {
        let known = self.entries.get(&entry.path);
        known.is_some_and(|known| known.stamp.written() > entry.stamp.written())
    }

    fn take_in(&mut self, mut entry: Arc<Entry>, news: &mut News) {
        if let Some(marks) = self.pending.get(&entry.path)
            && let Ok(facts) = &mut Arc::make_mut(&mut entry).facts
        {
            marks.iter().for_each(|mark| mark.set(&mut facts.marks));
        }
        match self.entries.get(&entry.path) {
            Some(known) if known.differs_in_marks_alone(&entry) => {
                self.facets.marks_changed(known.marks(), entry.marks());
                news.marks |= known.marks() != entry.marks();
                news.again.push(entry.path.clone());
            }
            known => {
                known.iter().for_each(|known| self.facets.remove(&self.folder, known));
                self.facets.add(&self.folder, &entry);
                news.files = true;
            }
        }
        self.entries.insert(entry.path.clone(), entry);
    }

    /// Shows `mark` from now on, before it is written.
    pub fn mark(&mut self, path: &Path, mark: Mark) {
        let Some(entry) = self.entries.get_mut(path) else { return };
        if let Ok(facts) = &mut Arc::make_mut(entry).facts {
            let before = facts.marks.clone();
            mark.set(&mut facts.marks);
            self.facets.marks_changed(Some(&before), Some(&facts.marks));
            self.pending.entry(path.to_owned()).or_default().push(mark);
        }
    }

    /// Marks of a file have been written, or could not be.
    pub fn written(&mut self, written: Written) -> News {
        let mut news = News::default();
        if let Some(pending) = self.pending.get_mut(&written.path) {
            pending.drain(..written.decisions.min(pending.len()));
            if pending.is_empty() {
                self.pending.remove(&written.path);
            }
        }
        let Some(entry) = written.entry.map(Arc::new) else {
            return news;
        };
        if !entry.is_read() {
            // The thread that reads knows nothing of it, and would take the file for the one that it has read.
            let _ = self.looks.send(Some(entry.path.clone()));
        }
        if !self.entries.contains_key(&entry.path) {
            if entry.path.starts_with(&self.folder) {
                self.unread.insert(written.path, (written.when, entry));
            }
        } else if !self.is_newer(&entry) {
            // What was read of it since, because another program has written it, is newer.
            self.written.insert(written.path, written.when);
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
