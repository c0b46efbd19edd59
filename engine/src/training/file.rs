//! Small files of a run: whole or not there, whoever else writes them and whenever it breaks off.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::TrainingError;

/// Writes `bytes` to `path`, in a folder that is made if it is not there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|source| TrainingError::file("create", folder, source))?;
    picture::replace_file::<io::Error>(path, |file| file.write_all(bytes))
        .map_err(|source| TrainingError::file("write", path, source))
}
