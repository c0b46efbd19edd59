//! Whose a file that comes into the folder is, and how the server called what has come of it so far.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::folder::beside;

/// How the server called the state of the file of which a part has come, in `NAME.partial.tag`, or that it has come whole; empty where nothing can go on from
/// that part. Locked for one process.
#[derive(Debug)]
pub(super) struct Tag {
    path: PathBuf,
    file: File,
    /// Whether no other process can have it: a file system without locks does not tell.
    pub(super) locked: bool,
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
        let locked = held(file.try_lock());
        Ok(locked.map(|locked| Self {
            path,
            file,
            locked,
            done: false,
        }))
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

/// Whether a lock is held that was tried; None: another process holds it.
fn held(tried: Result<(), TryLockError>) -> Option<bool> {
    match tried {
        Ok(()) => Some(true),
        Err(TryLockError::WouldBlock) => None,
        // Shares of other machines may have no locks, and models are kept there as well.
        Err(TryLockError::Error(_)) => Some(false),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_another_process_holds_is_refused() {
        let without_locks = TryLockError::Error(io::ErrorKind::Unsupported.into());
        let tried = [Ok(()), Err(without_locks), Err(TryLockError::WouldBlock)];
        assert_eq!(tried.map(held), [Some(true), Some(false), None]);
    }
}
