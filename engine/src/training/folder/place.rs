//! Where pictures are: files below a folder, and entries of the zip archives among them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use picture::{ENDINGS, open_regular, read_at_most, read_regular};
use zip::ZipArchive;

use crate::training::TrainingError;

/// Most bytes of a picture's file: what the largest take that is not packed at all.
const MAX: u64 = 2 << 30;

/// Where a file's content is.
#[derive(Clone, Debug)]
pub enum Place {
    File(PathBuf),
    Zip { archive: PathBuf, entry: String },
}

impl Place {
    /// Content, and what messages call it.
    ///
    /// # Errors
    /// When it cannot be read, is a pipe or a device, or longer than a picture's file.
    pub fn read(&self) -> Result<(Vec<u8>, PathBuf), TrainingError> {
        match self {
            Self::File(path) => match read_regular(path, MAX) {
                Ok(bytes) => Ok((bytes, path.clone())),
                Err(source) => Err(TrainingError::file("read", path, source)),
            },
            Self::Zip { archive, entry } => {
                let read = || -> zip::result::ZipResult<Vec<u8>> {
                    let mut zip = ZipArchive::new(open_regular(archive)?.0)?;
                    let file = zip.by_name(entry)?;
                    let length = file.size();
                    Ok(read_at_most(file, length, MAX)?)
                };
                match read() {
                    Ok(bytes) => Ok((bytes, archive.join(entry))),
                    Err(error) => Err(TrainingError::Data {
                        path: archive.join(entry),
                        reason: error.to_string(),
                    }),
                }
            }
        }
    }
}

/// Whether two paths lead to the same file or folder, by whatever links.
pub fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// The pictures of one side of the published layout, `color`, `sketch` or `mask`: a folder or a zip archive of that name in `data`; none where it has
/// neither. What is one of `others` is passed over; `most` as for [`listed`].
pub fn listed_side(
    data: &Path,
    side: &str,
    others: &[PathBuf],
    most: usize,
) -> Result<Option<BTreeMap<String, Place>>, TrainingError> {
    let (folder, archive) = (data.join(side), data.join(format!("{side}.zip")));
    if folder.is_dir() {
        listed(&folder, others, most).map(Some)
    } else if archive.is_file() {
        Ok(Some(inside(&archive)?.into_iter().collect()))
    } else {
        Ok(None)
    }
}

/// Every picture below `folder` and inside its zip archives, by its path without the ending; an archive counts as a folder of its name. What lies
/// in or is one of `others` is passed over, and so is what systems keep beside pictures, hidden or in `__MACOSX`. A folder counts once, by whatever
/// links it is reached, and one that this lies in never. No more than `most` files and folders
/// are looked at.
///
/// # Errors
/// A folder or archive that cannot be read, or more than `most`.
pub fn listed(folder: &Path, others: &[PathBuf], most: usize) -> Result<BTreeMap<String, Place>, TrainingError> {
    let mut passed_over: BTreeSet<PathBuf> = others.iter().map(|other| canonical(other)).collect();
    passed_over.extend(canonical(folder).ancestors().skip(1).map(Path::to_owned));
    let (mut found, mut looked_at) = (BTreeMap::new(), 0);
    // Links come last: what lies below the folder goes by its own path.
    let (mut folders, mut links) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = folders.pop().or_else(|| links.pop()) {
        if !passed_over.insert(canonical(&next)) && next != folder {
            continue;
        }
        let entries = fs::read_dir(&next).map_err(|source| TrainingError::file("list", &next, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| TrainingError::file("list", &next, source))?;
            looked_at += 1;
            if looked_at > most {
                return Err(TrainingError::Data {
                    path: folder.to_owned(),
                    reason: format!("it holds more than {most} files and folders: put the pictures into a folder of their own"),
                });
            }
            if is_kept_beside(&entry.file_name()) {
                continue;
            }
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                match entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                    true => links.push(path),
                    false => folders.push(path),
                }
            } else if has_ending(&path, &["zip"]) && !passed_over.contains(&canonical(&path)) {
                for (inner, place) in inside(&path)? {
                    found.insert(format!("{name}/{inner}"), place);
                }
            } else if has_ending(&path, &ENDINGS) {
                found.insert(name, Place::File(path));
            }
        }
    }
    Ok(found)
}

fn inside(archive: &Path) -> Result<Vec<(String, Place)>, TrainingError> {
    let names = || -> zip::result::ZipResult<Vec<String>> {
        let zip = ZipArchive::new(open_regular(archive)?.0)?;
        zip.file_names().map(|name| Ok(name?.into_owned())).collect()
    };
    let names = names().map_err(|error| TrainingError::Data {
        path: archive.to_owned(),
        reason: error.to_string(),
    })?;
    let pictures = names
        .into_iter()
        .filter(|name| has_ending(Path::new(name), &ENDINGS) && is_ours(name));
    Ok(pictures
        .map(|entry| {
            let name = Path::new(&entry).with_extension("").to_string_lossy().replace('\\', "/");
            let archive = archive.to_owned();
            (name, Place::Zip { archive, entry })
        })
        .collect())
}

/// Whether a path in an archive stays below it and is not kept beside the pictures: what is made for a picture is written to a folder of our own under
/// the picture's path, and an archive from a stranger may name one that leads out.
fn is_ours(entry: &str) -> bool {
    let entry = entry.replace('\\', "/");
    Path::new(&entry).components().all(|part| match part {
        Component::Normal(name) => !is_kept_beside(name),
        part => part == Component::CurDir,
    })
}

/// Whether a file or folder of this name is what systems keep beside pictures: `._a.png` of macOS has the ending of a picture and is none.
fn is_kept_beside(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name == b"__MACOSX"
}

/// Where a path leads by all its links; the path itself where that is not known.
fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_a_files_place_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = |name: &str| {
            let path = folder.path().join(name);
            assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
            path
        };
        let refused = Place::File(pipe("a.png")).read().unwrap_err().to_string();
        assert!(refused.contains("a.png") && refused.contains("not a file"), "{refused}");
        pipe("b.zip");
        let refused = listed(folder.path(), &[], 10).unwrap_err().to_string();
        assert!(refused.contains("b.zip") && refused.contains("not a file"), "{refused}");
    }
}
