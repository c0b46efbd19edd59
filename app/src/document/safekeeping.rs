//! The folder in which an open document is kept safe: whole copies, the journals between them, and a lock that tells whether its program lives.
//!
//! | file | content |
//! |---|---|
//! | `lock` | locked for as long as the program lives, however it ends |
//! | `about.ron` | the document's title and path |
//! | `N.ora` | a whole copy; there is none for 0 |
//! | `N.journal` | what changed after copy N, and before copy N + 1 |
//!
//! A copy takes seconds. While it is being made the next journal runs already, so that its changes are safe at once: what is put together is the
//! newest whole copy and all journals from it on.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use picture::replace_file;
use serde::{Deserialize, Serialize, Serializer};

use super::document::Document;
use super::error::DocumentError;
use super::journal::{self, Journal};
use super::openraster;

const LOCK: &str = "lock";
const ABOUT: &str = "about.ron";

/// What a person knows a document by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub title: String,
    /// Where it was saved last; not noted where the path is no text.
    #[serde(serialize_with = "if_text")]
    pub path: Option<PathBuf>,
    /// What that file was like when it was read or written last: its length, and when it was written.
    #[serde(default)]
    pub stamp: Option<(u64, Option<SystemTime>)>,
}

/// Writes a path that is Unicode, and none in place of another: there is no way to write that.
fn if_text<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().filter(|path| path.to_str().is_some()).serialize(serializer)
}

/// A document being kept safe. Dropping it leaves the folder; [`Safe::remove`] ends it.
pub struct Safe {
    folder: PathBuf,
    journal: Journal,
    number: u32,
    _lock: File,
}

impl Safe {
    /// Makes a folder in `root` and writes all of `document` into it; where that fails, nothing is left of it.
    pub fn begin(root: &Path, about: &About, document: &Document, modified: bool) -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let folder = root.join(format!("{}-{}-{number}", since.as_millis(), std::process::id()));
        fs::create_dir_all(&folder)?;
        let begun = Self::begin_in(folder.clone(), about, document, modified);
        if begun.is_err() {
            // The error that matters is the one at hand; a leftover is only untidy.
            let _ = fs::remove_dir_all(&folder);
        }
        begun
    }

    fn begin_in(folder: PathBuf, about: &About, document: &Document, modified: bool) -> io::Result<Self> {
        let lock = File::create_new(folder.join(LOCK))?;
        lock.lock()?;
        let mut safe = Self {
            journal: Journal::create(&journal_path(&folder, 0))?,
            folder,
            number: 0,
            _lock: lock,
        };
        safe.journal.commit(document, modified)?;
        safe.describe(about);
        Ok(safe)
    }

    /// Notes another title or path. A failure is only logged: without them the document is as safe.
    pub fn describe(&self, about: &About) {
        let path = self.folder.join(ABOUT);
        let text = ron::to_string(about).map_err(io::Error::other);
        let noted = text.and_then(|text| replace_file(&path, |file| io::Write::write_all(file, text.as_bytes())));
        if let Err(error) = noted {
            tracing::warn!("what a document is called cannot be noted in {}: {error}", path.display());
        }
    }

    /// Appends what has changed. When it returns, a kill cannot take it any more.
    pub fn commit(&mut self, document: &Document, modified: bool) -> io::Result<()> {
        self.journal.commit(document, modified)
    }

    /// Starts the next journal; the copy that it follows is yet to be written, anywhere.
    pub fn start_copy(&mut self) -> io::Result<Option<Copy>> {
        let Some(document) = self.journal.document().cloned() else {
            return Ok(None);
        };
        let number = self.number + 1;
        let path = journal_path(&self.folder, number);
        let next = self.journal.next(&path).inspect_err(|_| {
            // What a full disk left half-written would stand in the way of the next copy.
            let _ = fs::remove_file(&path);
        });
        self.journal = next?;
        self.number = number;
        Ok(Some(Copy {
            document,
            path: copy_path(&self.folder, number),
            number,
        }))
    }

    /// Copy `number` is written: what came before it is not needed any more.
    pub fn finish_copy(&self, number: u32) {
        for old in 0..number {
            for path in [journal_path(&self.folder, old), copy_path(&self.folder, old)] {
                // Most are long gone; one that stays takes room, no more.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// The document is where the person wants it: the folder goes.
    pub fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

/// A whole copy that is to be written.
pub struct Copy {
    document: Document,
    path: PathBuf,
    pub number: u32,
}

impl Copy {
    pub fn write(&self) -> Result<(), DocumentError> {
        openraster::save(&self.document, &self.path)
    }
}

fn journal_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number}.journal"))
}

fn copy_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number}.ora"))
}

/// A document whose program died before it was saved.
pub struct Lost {
    folder: PathBuf,
    pub about: About,
    /// When it was changed last.
    pub changed: SystemTime,
    /// Whoever holds it recovers it: two programs do not offer the same.
    lock: File,
}

impl Lost {
    /// The documents in `root` that hold what is in no file, the latest first. Folders that hold nothing are swept away.
    pub fn find(root: &Path) -> Vec<Self> {
        let folders = fs::read_dir(root).into_iter().flatten().flatten();
        let mut found: Vec<Self> = folders.filter_map(|entry| Self::look(entry.path())).collect();
        found.sort_by_key(|lost| std::cmp::Reverse(lost.changed));
        found
    }

    fn look(folder: PathBuf) -> Option<Self> {
        let lock = File::options().write(true).open(folder.join(LOCK)).ok()?;
        lock.try_lock().ok()?;
        let about = fs::read_to_string(folder.join(ABOUT)).unwrap_or_default();
        let newest = (journals(&folder).last()).and_then(|(_, path)| fs::metadata(path).ok()?.modified().ok());
        let lost = Self {
            about: ron::from_str(&about).unwrap_or_default(),
            changed: newest.unwrap_or(SystemTime::UNIX_EPOCH),
            folder,
            lock,
        };
        match lost.is_modified() {
            // What cannot be read now may be readable by hand.
            Ok(true) | Err(_) => Some(lost),
            Ok(false) => {
                let _ = lost.discard();
                None
            }
        }
    }

    fn is_modified(&self) -> io::Result<bool> {
        let mut modified = false;
        for (_, path) in journals(&self.folder) {
            modified = journal::last_flag(&path)?.unwrap_or(modified);
        }
        Ok(modified)
    }

    /// Puts the document together: the newest whole copy, then every journal from there on.
    pub fn recover(&self) -> Result<Document, DocumentError> {
        let journals = journals(&self.folder);
        let start = (journals.iter().rev()).find_map(|&(number, _)| copy_path(&self.folder, number).exists().then_some(number));
        let mut document = match start {
            Some(number) => Some(openraster::open_own(&copy_path(&self.folder, number))?.document),
            None => None,
        };
        for (_, path) in journals.iter().filter(|(number, _)| *number >= start.unwrap_or(0)) {
            document = journal::replay(document, path).map_err(|source| DocumentError::Read {
                path: path.clone(),
                source,
            })?;
        }
        document.ok_or_else(|| DocumentError::MissingEntry {
            path: self.folder.clone(),
            entry: "a whole document".to_owned(),
        })
    }

    /// The folder goes, and what was in it.
    pub fn discard(self) -> io::Result<()> {
        drop(self.lock);
        fs::remove_dir_all(&self.folder)
    }
}

/// The journals of a folder by their numbers, in order.
fn journals(folder: &Path) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let number = path.file_name()?.to_str()?.strip_suffix(".journal")?.parse().ok()?;
            Some((number, path))
        })
        .collect();
    found.sort();
    found
}
