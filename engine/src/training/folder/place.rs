//! Where pictures are: files below a folder, and entries of the zip archives among them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use picture::ENDINGS;
use zip::ZipArchive;

use crate::training::TrainingError;

/// Where a file's content is.
#[derive(Clone, Debug)]
pub enum Place {
    File(PathBuf),
    Zip { archive: PathBuf, entry: String },
}

impl Place {
    /// Content, and what messages call it.
    pub fn read(&self) -> Result<(Vec<u8>, PathBuf), TrainingError> {
        match self {
            Self::File(path) => match fs::read(path) {
                Ok(bytes) => Ok((bytes, path.clone())),
                Err(source) => Err(TrainingError::file("read", path, source)),
            },
            Self::Zip { archive, entry } => {
                let read = || -> zip::result::ZipResult<Vec<u8>> {
                    let mut zip = ZipArchive::new(File::open(archive)?)?;
                    let mut file = zip.by_name(entry)?;
                    let mut bytes = Vec::new();
                    file.read_to_end(&mut bytes)?;
                    Ok(bytes)
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
/// neither. What is one of `others` is passed over.
pub fn listed_side(data: &Path, side: &str, others: &[PathBuf]) -> Result<Option<BTreeMap<String, Place>>, TrainingError> {
    let (folder, archive) = (data.join(side), data.join(format!("{side}.zip")));
    if folder.is_dir() {
        listed(&folder, others).map(Some)
    } else if archive.is_file() {
        Ok(Some(inside(&archive)?.into_iter().collect()))
    } else {
        Ok(None)
    }
}

/// Every picture below `folder` and inside its zip archives, by its path without the ending; an archive counts as a folder of its name. What lies
/// in or is one of `others` is passed over.
pub fn listed(folder: &Path, others: &[PathBuf]) -> Result<BTreeMap<String, Place>, TrainingError> {
    let others: Vec<PathBuf> = others.iter().flat_map(fs::canonicalize).collect();
    let passed_over = |path: &Path| fs::canonicalize(path).is_ok_and(|path| others.contains(&path));
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).map_err(|source| TrainingError::file("list", &next, source))?;
        for entry in entries {
            let path = entry.map_err(|source| TrainingError::file("list", &next, source))?.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.extend(Some(path).filter(|path| !passed_over(path)));
            } else if has_ending(&path, &["zip"]) && !passed_over(&path) {
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
        let zip = ZipArchive::new(File::open(archive)?)?;
        zip.file_names().map(|name| Ok(name?.into_owned())).collect()
    };
    let names = names().map_err(|error| TrainingError::Data {
        path: archive.to_owned(),
        reason: error.to_string(),
    })?;
    let pictures = names
        .into_iter()
        .filter(|name| has_ending(Path::new(name), &ENDINGS) && stays_inside(name));
    Ok(pictures
        .map(|entry| {
            let name = Path::new(&entry).with_extension("").to_string_lossy().replace('\\', "/");
            let archive = archive.to_owned();
            (name, Place::Zip { archive, entry })
        })
        .collect())
}

/// Whether a path in an archive stays below it: what is made for a picture is written to a folder of our own under the picture's path, and an
/// archive from a stranger may name one that leads out.
fn stays_inside(entry: &str) -> bool {
    let entry = entry.replace('\\', "/");
    Path::new(&entry)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
