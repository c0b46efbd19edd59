//! Whose a file that comes into the folder is, and how the server called what has come of it so far.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::folder::beside;

/// How the server called the state of the file of which a part has come, in `NAME.partial.tag`; empty where nothing can go on from that part. Locked for
/// one process.
#[derive(Debug)]
pub(super) struct Tag {
    path: PathBuf,
    file: File,
    /// Of no use any more: it goes with this.
    pub(super) done: bool,
}

impl Tag {
    /// That of a file of which a part is there, or will be. None: another process has it.
    pub(super) fn of(partial: &Path) -> io::Result<Option<Self>> {
        let path = beside(partial, "tag");
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path, file, done: false })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(super) fn read(&mut self) -> Option<String> {
        let mut text = String::new();
        self.file.rewind().ok()?;
        self.file.read_to_string(&mut text).ok()?;
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn write(&mut self, tag: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(tag.as_bytes())
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        if self.done {
            // An empty file that stays is only untidy.
            let _ = fs::remove_file(&self.path);
        }
    }
}
