//! Small files of a run: whole or not there, whoever else writes them and whenever it breaks off.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::TrainingError;

/// Writes `bytes` beside `path` under a name that nobody else uses, and puts that in its place.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|source| TrainingError::file("create", folder, source))?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut partial = path.to_owned().into_os_string();
    partial.push(format!(".{}-{number}.partial", std::process::id()));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| {
        // Best effort: half a file only takes the room that is missing.
        let _ = fs::remove_file(&partial);
        TrainingError::file("write", path, source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_of_one_file_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/a.txt");
        std::thread::scope(|scope| {
            for letter in [b'a', b'b', b'c', b'd'] {
                let path = &path;
                scope.spawn(move || (0..50).for_each(|_| replace(path, &[letter; 4096]).unwrap()));
            }
        });
        let kept = fs::read(&path).unwrap();
        assert!(kept.len() == 4096 && kept.iter().all(|letter| *letter == kept[0]));
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }
}
