//! Small files of a run: whole or not there, whoever else writes them and whenever it breaks off; and the folder that they lie in, for one run at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;

use super::TrainingError;

/// Locked for as long as a run lasts, however it ends.
const LOCK: &str = "lock";

/// Takes the folder of a run, which is made if it is not there, for as long as what comes back is held. Two runs in one would remove each other's checkpoints.
///
/// # Errors
/// When the folder cannot be written to, or another run has it.
pub(super) fn hold(out: &Path) -> Result<File, TrainingError> {
    fs::create_dir_all(out).map_err(|source| TrainingError::file("create", out, source))?;
    let path = out.join(LOCK);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|source| TrainingError::file("open", &path, source))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(TrainingError::Busy { path: out.to_owned() }),
        // Shares of other machines may have no locks: there nobody knows.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// Writes `bytes` to `path`, in a folder that is made if it is not there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|source| TrainingError::file("create", folder, source))?;
    picture::replace_file::<io::Error>(path, |file| file.write_all(bytes))
        .map_err(|source| TrainingError::file("write", path, source))
}
