//! `shiage swap`: every sketch in the colours of every reference, with a contact sheet and an index.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::device;
use serde::Serialize;

use super::BadInput;
use super::batch::{Batch, BatchArguments, Reference, Task};
use crate::board::sheet::Sheet;
use crate::document::replace_file;
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::program;

/// Cells that are whole and made from the same files and settings are left alone, so a board that was broken off goes on, and one with a changed
/// reference makes only that column again.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The rows: files, folders, or patterns in quotes such as 'shot/*.png'. `NAME-mask.png` beside a sketch is its mask.
    #[arg(long, value_name = "FILES|DIR", num_args = 1.., required = true)]
    sketches: Vec<PathBuf>,
    /// The columns, likewise. `NAME-mask.png` beside a reference is its mask; with `NAME-background.png` it is a pair of character and background.
    #[arg(long, value_name = "FILES|DIR", num_args = 1.., required = true)]
    references: Vec<PathBuf>,
    /// Masks of the sketches, in a folder of their own, under the sketches' names.
    #[arg(long, value_name = "DIR")]
    sketch_masks: Option<PathBuf>,
    /// Masks of the references, likewise.
    #[arg(long, value_name = "DIR")]
    reference_masks: Option<PathBuf>,
    /// Where the pictures, `sheet.png` and `index.json` go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Whether all cells start from the same noise, or each row from its own.
    #[arg(long, value_enum, default_value = "board")]
    noise: Noise,
    #[command(flatten)]
    batch: BatchArguments,
}

/// Which cells share their noise. Those of a row always do: what differs along it is the reference alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Noise {
    Board,
    Row,
}

/// Side of a picture on the contact sheet, in pixels.
const SIDE: u32 = 256;

/// What lies in the folder, for other programs.
#[derive(Serialize)]
struct Index {
    version: u32,
    program: String,
    sheet: &'static str,
    sketches: Vec<Entry>,
    references: Vec<Entry>,
    /// Row by row.
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    files: Files,
}

#[derive(Serialize)]
struct Files {
    picture: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background: Option<PathBuf>,
}

#[derive(Serialize)]
struct Cell {
    sketch: String,
    reference: String,
    file: String,
    seed: u64,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let bad = |error: &dyn std::fmt::Display| BadInput(error.to_string());
    let list = |paths: &[PathBuf], masks: &Option<PathBuf>| pictures::list(paths, masks.as_deref()).map_err(|error| bad(&error));
    let sketches = list(&arguments.sketches, &arguments.sketch_masks)?;
    let columns = list(&arguments.references, &arguments.reference_masks)?;
    let references = columns.iter().map(Reference::open).collect::<Result<Vec<_>, _>>();
    let references = references.map_err(|error| bad(&error))?;
    let settings = arguments.batch.settings(&sketches, &references)?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| BadInput(format!("cannot make the folder {}: {error}", arguments.out.display())))?;

    let (row_names, column_names) = (distinct(&sketches), distinct(&columns));
    let mut tasks = Vec::new();
    let mut cells = Vec::new();
    for (row, sketch) in sketches.iter().enumerate() {
        let seed = match arguments.noise {
            Noise::Board => settings.seed,
            Noise::Row => settings.seed.wrapping_add(row as u64),
        };
        for (reference, column) in column_names.iter().enumerate() {
            let file = format!("{}--{}.png", row_names[row], column);
            tasks.push(Task {
                name: format!("{} × {}", row_names[row], column),
                sketch: sketch.clone(),
                reference,
                seed,
                out: arguments.out.join(&file),
            });
            cells.push(Cell {
                sketch: row_names[row].clone(),
                reference: column.clone(),
                file,
                seed,
            });
        }
    }
    let mut batch = Batch::new(&arguments.batch, settings, &references, choice, tasks.len())?;
    let summary = batch.run(&tasks)?;
    if summary.is_complete() {
        let sheet = draw(&mut batch, &tasks, &sketches, &references)?;
        let index = Index {
            version: 1,
            program: program(),
            sheet: SHEET,
            sketches: entries(&row_names, &sketches),
            references: entries(&column_names, &columns),
            cells,
        };
        write(&arguments.out, &sheet, &index)?;
    } else {
        eprintln!("the contact sheet and the index are written when every cell is there: run this again, or with --wait");
    }
    summary.conclude(&arguments.out)
}

const SHEET: &str = "sheet.png";

fn draw(
    batch: &mut Batch<'_>,
    tasks: &[Task],
    sketches: &[PictureFile],
    references: &[Reference],
) -> anyhow::Result<image::RgbImage> {
    let mut sheet = Sheet::new(sketches.len(), references.len(), SIDE);
    for (column, reference) in references.iter().enumerate() {
        sheet.reference(column, reference.picture());
    }
    for (row, file) in sketches.iter().enumerate() {
        let (sketch, _) = pictures::open(&file.picture).map_err(|error| BadInput(error.to_string()))?;
        sheet.sketch(row, &sketch);
        for (column, task) in tasks[row * references.len()..][..references.len()].iter().enumerate() {
            let picture = batch.finished(task);
            let picture =
                picture.ok_or_else(|| anyhow::anyhow!("{} was changed meanwhile; run this again", task.out.display()))?;
            sheet.take(row, column, &picture);
        }
    }
    Ok(sheet.into_picture())
}

fn write(out: &Path, sheet: &image::RgbImage, index: &Index) -> anyhow::Result<()> {
    let failed = |path: &Path, error: std::io::Error| anyhow::anyhow!("cannot write {}: {error}", path.display());
    let path = out.join(SHEET);
    replace_file(&path, |file| {
        sheet
            .write_with_encoder(image::codecs::png::PngEncoder::new(file))
            .map_err(std::io::Error::other)
    })
    .map_err(|error| failed(&path, error))?;
    let path = out.join("index.json");
    replace_file(&path, |file| {
        serde_json::to_writer_pretty(file, index).map_err(std::io::Error::from)
    })
    .map_err(|error| failed(&path, error))
}

fn entries(names: &[String], files: &[PictureFile]) -> Vec<Entry> {
    let entries = names.iter().zip(files).map(|(name, file)| Entry {
        name: name.clone(),
        files: Files {
            picture: file.picture.clone(),
            mask: file.mask.clone(),
            background: file.background.clone(),
        },
    });
    entries.collect()
}

/// The pictures' names; those that come again, from another folder, are numbered.
fn distinct(files: &[PictureFile]) -> Vec<String> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    for file in files {
        let base = file.name();
        let count = seen.entry(base.clone()).or_default();
        let name = loop {
            *count += 1;
            let name = if *count == 1 {
                base.clone()
            } else {
                format!("{base}-{count}")
            };
            if !names.contains(&name) {
                break name;
            }
        };
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let files = ["a/x.png", "b/x.png", "c/x-2.png", "d/x.png"].map(|path| PictureFile::new(path.into(), None));
        assert_eq!(distinct(&files), ["x", "x-2", "x-2-2", "x-3"]);
    }
}
