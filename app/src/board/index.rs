//! A board in a folder: the names of its pictures, and what lies beside them, a contact sheet and an index for other programs.

use std::path::{Path, PathBuf};
use std::{fs, io};

use image::RgbImage;
use picture::{distinct, replace_file};
use serde::{Deserialize, Serialize, Serializer};

use crate::generate::recipe::{as_shown, program};

/// The board as one picture, beside its takes.
pub const SHEET: &str = "sheet.png";
/// Says which file is which cell.
pub const INDEX: &str = "index.json";
/// What pictures' names end in.
const ENDING: &str = ".png";

#[derive(Serialize)]
pub struct Index {
    version: u32,
    program: String,
    sheet: &'static str,
    sketches: Vec<Entry>,
    references: Vec<Entry>,
    /// Row by row.
    cells: Vec<Cell>,
}

/// A sketch or a reference. What lies in no file has no path.
#[derive(Serialize)]
pub struct Entry {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "known_as_shown")]
    pub picture: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "known_as_shown")]
    pub mask: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "known_as_shown")]
    pub background: Option<PathBuf>,
}

#[derive(Serialize)]
pub struct Cell {
    pub sketch: String,
    pub reference: String,
    pub file: String,
    pub seed: u64,
}

fn known_as_shown<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => as_shown(path, serializer),
        None => serializer.serialize_none(),
    }
}

/// Why sheet and index are not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("cannot write {path}: {source}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} is there already and is not of a board; choose another folder, or give the file another name", path = path.display())]
    NotOurs { path: PathBuf },
}

/// Refuses a folder in which somebody else's files have the names of sheet and index.
pub fn check_folder(folder: &Path) -> Result<(), WriteError> {
    #[derive(Deserialize)]
    struct Written {
        program: String,
    }
    let [sheet, index] = [SHEET, INDEX].map(|name| folder.join(name));
    let taken = match (sheet.exists(), index.exists()) {
        (_, true) => {
            let written = fs::read(&index).ok();
            let written = written.and_then(|bytes| serde_json::from_slice::<Written>(&bytes).ok());
            let is_ours = written.is_some_and(|written| written.program.starts_with("shiage "));
            // The sheet beside an index of ours is ours, too.
            (!is_ours).then_some(index)
        }
        (true, false) => Some(sheet),
        (false, false) => None,
    };
    taken.map_or(Ok(()), |path| Err(WriteError::NotOurs { path }))
}

impl Index {
    pub fn new(sketches: Vec<Entry>, references: Vec<Entry>, cells: Vec<Cell>) -> Self {
        Self {
            version: 1,
            program: program(),
            sheet: SHEET,
            sketches,
            references,
            cells,
        }
    }

    /// Writes the index and the sheet into `folder`, each as a whole or not at all. The index comes first: it says whose the sheet is.
    pub fn write(&self, folder: &Path, sheet: &RgbImage) -> Result<(), WriteError> {
        let failed = |name: &str| {
            let path = folder.join(name);
            move |source| WriteError::Write { path, source }
        };
        replace_file(&folder.join(INDEX), |file| {
            serde_json::to_writer_pretty(file, self).map_err(io::Error::from)
        })
        .map_err(failed(INDEX))?;
        replace_file(&folder.join(SHEET), |file| {
            sheet
                .write_with_encoder(image::codecs::png::PngEncoder::new(file))
                .map_err(io::Error::other)
        })
        .map_err(failed(SHEET))
    }
}

/// What rows, columns and cells of a board are called in a folder.
pub struct Names {
    pub sketches: Vec<String>,
    pub references: Vec<String>,
    /// The cells' files, row by row.
    pub files: Vec<String>,
}

impl Names {
    /// Of sketches and references by these names. No two cells have the same file, whatever the names are joined to.
    pub fn of<'a>(sketches: impl IntoIterator<Item = &'a str>, references: impl IntoIterator<Item = &'a str>) -> Self {
        let (sketches, references) = (distinct(sketches), distinct(references));
        let pairs = sketches
            .iter()
            .flat_map(|sketch| references.iter().map(move |reference| pair(sketch, reference)));
        let pairs: Vec<String> = pairs.collect();
        let files = distinct(pairs.iter().map(String::as_str)).into_iter();
        Self {
            files: files.map(|name| name + ENDING).collect(),
            sketches,
            references,
        }
    }

    /// The file of a cell.
    pub fn file(&self, row: usize, column: usize) -> &str {
        &self.files[row * self.references.len() + column]
    }
}

fn pair(sketch: &str, reference: &str) -> String {
    format!("{sketch}--{reference}")
}

/// The name of a cell's file, where no other cell has the same.
pub fn file_name(sketch: &str, reference: &str) -> String {
    pair(sketch, reference) + ENDING
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_cells_have_the_same_file() {
        let names = Names::of(["a", "a--b"], ["b--c", "c"]);
        assert_eq!(names.files, ["a--b--c.png", "a--c.png", "a--b--b--c.png", "a--b--c-2.png"]);
        assert_eq!(names.file(1, 0), "a--b--b--c.png");
        assert_eq!(names.file(0, 1), file_name("a", "c"));
    }

    #[test]
    fn long_names_are_cut_to_what_a_file_may_be_called() {
        let long = ["夜", "朝"].map(|last| "線".repeat(70) + last);
        let names = Names::of(long.iter().map(String::as_str), long.iter().map(String::as_str));
        assert_eq!(names.sketches, long);
        let all: HashSet<&String> = names.files.iter().collect();
        assert_eq!(all.len(), 4);
        let fits = |name: &&String| name.len() <= 255 && name.starts_with("線線") && name.ends_with(ENDING);
        assert!(all.iter().all(fits), "{all:?}");
    }

    #[test]
    fn files_of_others_are_not_those_of_a_board() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let taken = |name: &str| {
            let checked = check_folder(folder.path());
            matches!(checked, Err(WriteError::NotOurs { path }) if path == at(name))
        };
        assert!(check_folder(folder.path()).is_ok());
        let sheet = RgbImage::new(4, 4);
        sheet.save(at(SHEET)).unwrap();
        assert!(taken(SHEET));
        for text in ["{}", r#"{"program": "another 1.0"}"#, "no index"] {
            fs::write(at(INDEX), text).unwrap();
            assert!(taken(INDEX), "{text}");
        }
        let entry = |name: &str| Entry {
            name: name.to_owned(),
            picture: Some(name.into()),
            mask: None,
            background: None,
        };
        let index = Index::new(vec![entry("s.png")], vec![entry("r.png")], Vec::new());
        index.write(folder.path(), &sheet).unwrap();
        assert!(check_folder(folder.path()).is_ok());
    }
}
