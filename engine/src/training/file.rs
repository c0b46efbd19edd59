//! Small files of a run: whole or not there, whoever else writes them and whenever it breaks off; and the folder that they lie in, for one run at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::TrainingError;
use crate::machine;

/// Locked for as long as a run lasts, however it ends; whose it is stands in it.
const LOCK: &str = "lock";
/// How often a lock is tried for, and how long after the time before: a file server learns a little late that a process is gone.
const TRIES: usize = 7;
const PAUSE: Duration = Duration::from_millis(500);

/// Takes the folder of a run, which is made if it is not there, for as long as what comes back is held. Two runs in one would remove each other's checkpoints.
/// Waits some seconds for another run to let go of it.
///
/// # Errors
/// When the folder cannot be written to, or another run keeps it.
pub(super) fn hold(out: &Path) -> Result<File, TrainingError> {
    fs::create_dir_all(out).map_err(|source| TrainingError::file("create", out, source))?;
    let path = out.join(LOCK);
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|source| TrainingError::file("open", &path, source))?;
    let is_taken = || matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    let mut left = TRIES;
    while is_taken() {
        left -= 1;
        if left == 0 {
            return Err(TrainingError::Busy {
                path: out.to_owned(),
                // Windows lets nobody read what is locked.
                by: fs::read_to_string(&path).unwrap_or_default(),
                lock: path,
            });
        }
        thread::sleep(PAUSE);
    }
    // Whether it is locked, or on a share of another machine that has no locks, where nobody knows. Best effort: it is for people.
    let holder = format!(
        "{}, process {}",
        machine::name().as_deref().unwrap_or("a machine without a name"),
        std::process::id()
    );
    let _ = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
    Ok(file)
}

/// Writes `bytes` to `path`, in a folder that is made if it is not there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|source| TrainingError::file("create", folder, source))?;
    picture::replace_file::<io::Error>(path, |file| file.write_all(bytes))
        .map_err(|source| TrainingError::file("write", path, source))
}
