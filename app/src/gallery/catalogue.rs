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

use reader::{Reader, Update};

use super::entry::Entry;
use super::marks::Mark;
use crate::files::Waker;

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
    /// Marks that are being written, the oldest first: what the files say of them meanwhile is older.
    pending: HashMap<PathBuf, Vec<Mark>>,
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
        let mut reader = Reader::new(folder.clone(), caches, sender, waker, closed.clone());
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
            marks.iter().for_each(|mark| mark.set(&mut facts.marks));
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

    /// Shows `mark` from now on, before it is written.
    pub fn mark(&mut self, path: &Path, mark: Mark) {
        let Some(entry) = self.entries.get_mut(path) else { return };
        if let Ok(facts) = &mut Arc::make_mut(entry).facts {
            mark.set(&mut facts.marks);
            self.pending.entry(path.to_owned()).or_default().push(mark);
        }
    }

    /// The first so many marks of a file have been written, or could not be; `entry` is the file as it is now.
    pub fn written(&mut self, path: &Path, marks: usize, entry: Option<Entry>) -> News {
        let mut news = News::default();
        if let Some(pending) = self.pending.get_mut(path) {
            pending.drain(..marks.min(pending.len()));
            if pending.is_empty() {
                self.pending.remove(path);
            }
        }
        // What was read of it since, because another program has written it, is newer.
        let newest = |entry: &Entry| {
            self.entries
                .get(path)
                .is_some_and(|known| known.stamp.written() <= entry.stamp.written())
        };
        if let Some(entry) = entry.filter(newest) {
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
