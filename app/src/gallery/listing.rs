//! The pictures of a folder, and the cache that makes opening it again quick.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picture::replace_file;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Stamp, sidecars};
use crate::board::index;
use crate::files::has_one_of;

/// Layout of the cache; another one is thrown away and read anew from the files.
const VERSION: u32 = 4;
/// Folders in folders are followed this far.
const DEPTH: usize = 8;

/// All PNGs in a folder and the folders in it, hidden ones aside. A folder inside that cannot be read is passed over; the first one is an error.
pub fn list(folder: &Path) -> io::Result<Vec<(PathBuf, Stamp)>> {
    let mut found = Vec::new();
    let mut beside = HashMap::new();
    walk(folder, DEPTH, &mut found, &mut beside)?;
    for (path, stamp) in &mut found {
        if !beside.is_empty() {
            let sidecar = sidecars(path).into_iter().find_map(|path| beside.get(&path));
            *stamp = stamp.with_sidecar(sidecar);
        }
    }
    Ok(found)
}

/// Whether a picture written to `path` would be one of those that [`list`] finds in a folder. The sheet of a board counts: it is not to be written over.
pub fn would_list(folder: &Path, path: &Path) -> bool {
    let inside = || {
        let path = std::path::absolute(path).ok()?;
        let place = path.parent()?.canonicalize().ok()?;
        let place = place.strip_prefix(folder.canonicalize().ok()?).ok()?;
        Some(place.join(path.file_name()?))
    };
    let is_found = |inside: PathBuf| {
        let is_hidden = inside.iter().any(|name| name.as_encoded_bytes().starts_with(b"."));
        !is_hidden && inside.iter().count() <= DEPTH + 1
    };
    has_one_of(path, &["png"]) && inside().is_some_and(is_found)
}

/// Reads every picture of a folder, as it lies on the disk now. Waits until that is done.
pub fn read(folder: &Path) -> io::Result<Vec<Arc<Entry>>> {
    let listed = list(folder)?;
    let read = listed.into_par_iter().map(|(path, stamp)| Arc::new(Entry::read(path, stamp)));
    Ok(read.collect())
}

fn walk(
    folder: &Path,
    depth: usize,
    found: &mut Vec<(PathBuf, Stamp)>,
    beside: &mut HashMap<PathBuf, fs::Metadata>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let ending = path.extension().unwrap_or(OsStr::new("")).to_ascii_lowercase();
        let is_folder = entry.file_type()?.is_dir();
        if is_folder && depth > 0 {
            if let Err(error) = walk(&path, depth - 1, found, beside) {
                tracing::debug!("{} is passed over: {error}", path.display());
            }
        } else if !is_folder && (ending == "png" || ending == "xmp") {
            // The sheet that a board was written with shows what lies beside it.
            if entry.file_name() == index::SHEET && folder.join(index::INDEX).exists() {
                continue;
            }
            // A file that has just gone is none; who reads a pipe waits for whoever writes it.
            let Some(metadata) = fs::metadata(&path).ok().filter(fs::Metadata::is_file) else {
                continue;
            };
            if ending == "png" {
                found.push((path, Stamp::from(&metadata)));
            } else {
                beside.insert(path, metadata);
            }
        }
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct Cache<T> {
    version: u32,
    folder: PathBuf,
    entries: T,
}

/// Where the program keeps what it can read again.
pub fn cache_folder() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("shiage").join("gallery"))
}

/// The cache's file for a folder.
fn cache_file(caches: &Path, folder: &Path) -> PathBuf {
    let hash = blake3::hash(folder.as_os_str().as_encoded_bytes());
    caches.join(format!("{}.json", &hash.to_hex()[..32]))
}

/// What was read of a folder when it was last open. Whatever is wrong with the cache, the files are there to be read again.
pub fn load(caches: &Path, folder: &Path) -> HashMap<PathBuf, Entry> {
    let bytes = fs::read(cache_file(caches, folder)).unwrap_or_default();
    match serde_json::from_slice::<Cache<Vec<Entry>>>(&bytes) {
        Ok(cache) if cache.version == VERSION && cache.folder == folder => {
            cache.entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect()
        }
        _ => HashMap::new(),
    }
}

/// Keeps what was read of a folder; what could not be read may be there the next time. A cache is text: files whose names are none are left out and read anew each time, and so is a whole folder of such a name.
pub fn store<'a>(caches: &Path, folder: &Path, entries: impl Iterator<Item = &'a Entry>) -> io::Result<()> {
    if folder.to_str().is_none() {
        return Ok(());
    }
    fs::create_dir_all(caches)?;
    let cache = Cache {
        version: VERSION,
        folder: folder.to_owned(),
        entries: entries
            .filter(|entry| entry.is_read() && entry.path.to_str().is_some())
            .collect::<Vec<_>>(),
    };
    replace_file(&cache_file(caches, folder), |file| {
        serde_json::to_writer(file, &cache).map_err(io::Error::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    #[test]
    fn pictures_are_found_with_their_sidecars_and_hidden_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("shot 3");
        for made in [&inside, &folder.path().join(".hidden")] {
            fs::create_dir(made).unwrap();
            RgbImage::new(1, 1).save(made.join("b.png")).unwrap();
        }
        RgbImage::new(1, 1).save(folder.path().join("A.PNG")).unwrap();
        fs::write(folder.path().join("A.xmp"), "<a/>").unwrap();
        fs::write(folder.path().join("notes.txt"), "").unwrap();
        RgbImage::new(1, 1).save(inside.join(index::SHEET)).unwrap();
        fs::write(inside.join(index::INDEX), "{}").unwrap();
        let mut found = list(folder.path()).unwrap();
        found.sort();
        let names: Vec<_> = found.iter().map(|(path, stamp)| (path.clone(), stamp.sidecar != 0)).collect();
        assert_eq!(names, [(folder.path().join("A.PNG"), true), (inside.join("b.png"), false)]);
        assert_eq!(Stamp::of(&found[0].0).unwrap(), found[0].1);
        assert!(list(&folder.path().join("none")).is_err());
    }

    #[test]
    fn what_would_be_found_is_known_before_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let shot = folder.path().join("shot");
        let deep = |count| (0..count).fold(shot.clone(), |path, _| path.join("in"));
        fs::create_dir_all(deep(DEPTH + 1)).unwrap();
        fs::create_dir(shot.join(".hidden")).unwrap();
        let places = [
            shot.join("a.PNG"),
            deep(DEPTH).join("a.png"),
            deep(DEPTH + 1).join("a.png"),
            shot.join(".a.png"),
            shot.join(".hidden/a.png"),
            folder.path().join("a.png"),
            shot.join("a.pdf"),
        ];
        let would = places.each_ref().map(|path| would_list(&shot, path));
        assert_eq!(would, [true, true, false, false, false, false, false]);
        places
            .iter()
            .for_each(|path| RgbImage::new(1, 1).save_with_format(path, image::ImageFormat::Png).unwrap());
        let found = list(&shot).unwrap();
        let found = places.each_ref().map(|path| found.iter().any(|(found, _)| found == path));
        assert_eq!(would, found);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_no_picture() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.png");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success() && pipe.exists());
        assert!(list(folder.path()).unwrap().is_empty());
    }

    fn broken(path: PathBuf) -> Entry {
        Entry::new(path, Stamp::default(), Err("the file is cut off".to_owned()))
    }

    #[test]
    fn a_cache_is_of_one_folder_and_a_broken_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (caches, shown) = (folder.path().join("cache"), Path::new("/takes"));
        let entry = broken("/takes/a.png".into());
        let unread = Entry::read(folder.path().join("gone.png"), Stamp::default());
        store(&caches, shown, [&entry, &unread].into_iter()).unwrap();
        let kept = load(&caches, shown);
        assert_eq!((kept.len(), kept.get(&entry.path)), (1, Some(&entry)));
        assert!(load(&caches, Path::new("/other")).is_empty());
        fs::write(cache_file(&caches, shown), "{").unwrap();
        assert!(load(&caches, shown).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_keeps_no_other_from_the_cache() {
        use std::os::unix::ffi::OsStrExt;
        let (folder, shown) = (tempfile::tempdir().unwrap(), Path::new("/takes"));
        let odd = shown.join(OsStr::from_bytes(b"\x90\xfc.png"));
        let entries = [odd, shown.join("a.png")].map(broken);
        store(folder.path(), shown, entries.iter()).unwrap();
        let kept = load(folder.path(), shown);
        assert_eq!((kept.len(), kept.get(&entries[1].path)), (1, Some(&entries[1])));
    }
}
