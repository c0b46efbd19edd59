//! What lies beside the pictures of a board in a folder: a contact sheet, and an index for other programs.

use std::io;
use std::path::{Path, PathBuf};

use image::RgbImage;
use serde::Serialize;

use crate::document::replace_file;
use crate::generate::recipe::program;

/// The board as one picture, beside its takes.
pub const SHEET: &str = "sheet.png";
/// Says which file is which cell.
pub const INDEX: &str = "index.json";

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<PathBuf>,
}

#[derive(Serialize)]
pub struct Cell {
    pub sketch: String,
    pub reference: String,
    pub file: String,
    pub seed: u64,
}

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}", path = path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
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

    /// Writes the sheet and the index into `folder`, each as a whole or not at all.
    pub fn write(&self, folder: &Path, sheet: &RgbImage) -> Result<(), WriteError> {
        let failed = |name: &str| {
            let path = folder.join(name);
            move |source| WriteError { path, source }
        };
        replace_file(&folder.join(SHEET), |file| {
            sheet
                .write_with_encoder(image::codecs::png::PngEncoder::new(file))
                .map_err(io::Error::other)
        })
        .map_err(failed(SHEET))?;
        replace_file(&folder.join(INDEX), |file| {
            serde_json::to_writer_pretty(file, self).map_err(io::Error::from)
        })
        .map_err(failed(INDEX))
    }
}

/// The name of a cell's file.
pub fn file_name(sketch: &str, reference: &str) -> String {
    format!("{sketch}--{reference}.png")
}

/// Names for files: what no file may be called is replaced, and those that come again are numbered.
pub fn distinct<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names {
        let base = name.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], " ");
        let numbered = (1..).map(|count| match count {
            1 => base.clone(),
            count => format!("{base}-{count}"),
        });
        let name = numbered.into_iter().find(|name| !distinct.contains(name));
        distinct.extend(name);
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_can_be_those_of_files() {
        assert_eq!(distinct(["x", "x", "x-2", "x"]), ["x", "x-2", "x-2-2", "x-3"]);
        assert_eq!(distinct(["夜: a/b"]), ["夜  a b"]);
    }
}
