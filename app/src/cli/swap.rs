//! `shiage swap`: every sketch in the colours of every reference, with a contact sheet and an index.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::device;

use super::BadInput;
use super::batch::{Batch, BatchArguments, Reference, Task, apart_from, bad};
use crate::board::index::{self, Cell, Entry, Index, Names};
use crate::board::sheet::Sheet;
use crate::generate::pictures::{self, PictureFile};

/// Cells that are whole and made from the same files and settings are left alone, so a board that was broken off goes on, and one with a changed
/// reference makes only that column again. So are pictures that this program did not make: the sheet shows them.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The rows: files, folders, or patterns in quotes such as 'shot/*.png'. Files of one folder stand in the order of their numbers. `NAME-mask.png` beside a
    /// sketch is its mask, and `NAME-color.png` and `NAME-color-2.png`, as `shiage colorize` writes them there, are no sketches.
    #[arg(long, value_name = "FILES|DIR", num_args = 1.., required = true)]
    sketches: Vec<PathBuf>,
    /// The columns: files, folders or patterns, in the order in which they are named. `NAME-mask.png` beside a reference is its mask; with `NAME-background.png` it is a pair of character and background.
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

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let named = pictures::drawings_as_named(&arguments.sketches, arguments.sketch_masks.as_deref()).map_err(bad)?;
    let sketches = pictures::in_order(named.clone(), &arguments.sketches);
    let columns = pictures::list(&arguments.references, arguments.reference_masks.as_deref()).map_err(bad)?;
    apart_from(&arguments.out, sketches.iter().chain(&columns))?;
    index::check_folder(&arguments.out).map_err(bad)?;
    let references = columns.iter().map(Reference::open).collect::<Result<Vec<_>, _>>()?;
    let settings = arguments.batch.settings(&sketches, &references)?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| BadInput(format!("cannot make the folder {}: {error}", arguments.out.display())))?;

    let given = [&sketches, &columns].map(|files| files.iter().map(PictureFile::name).collect::<Vec<_>>());
    let [rows, across] = given.each_ref().map(|names| names.iter().map(String::as_str));
    let names = Names::of(rows, across);
    let mut tasks = Vec::new();
    let mut cells = Vec::new();
    for (row, sketch) in sketches.iter().enumerate() {
        // By the frame's number where it has one, as on the window's board: a frame keeps its noise, whatever else stands there. Otherwise by its place as named,
        // which boards have had since before rows stood in order.
        let place = || named.iter().position(|other| other == sketch).unwrap_or(row) as u64;
        let seed = match arguments.noise {
            Noise::Board => settings.seed,
            Noise::Row => settings.seed.wrapping_add(sketch.frame().map_or_else(place, u64::from)),
        };
        for (reference, column) in names.references.iter().enumerate() {
            let file = names.file(row, reference);
            tasks.push(Task {
                name: format!("{} × {column}", names.sketches[row]),
                sketch: sketch.clone(),
                reference,
                seed,
                out: arguments.out.join(file),
            });
            cells.push(Cell {
                sketch: names.sketches[row].clone(),
                reference: column.clone(),
                file: file.to_owned(),
                seed,
            });
        }
    }
    let mut batch = Batch::new(&arguments.batch, settings, &references, choice, tasks.len())?;
    let summary = batch.run(&tasks)?;
    if summary.is_complete() {
        let sheet = draw(&mut batch, &tasks, &sketches, &references)?;
        let index = Index::new(
            entries(&names.sketches, &sketches),
            entries(&names.references, &columns),
            cells,
        );
        index.write(&arguments.out, &sheet)?;
    } else {
        eprintln!("the contact sheet and the index are written when every cell is there: run this again, or with --wait");
    }
    summary.conclude(&arguments.out)
}

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
        let (sketch, _) = pictures::open(&file.picture).map_err(bad)?;
        sheet.sketch(row, &sketch);
        for (column, task) in tasks[row * references.len()..][..references.len()].iter().enumerate() {
            let kept = batch.picture(task);
            let kept = kept.ok_or_else(|| anyhow::anyhow!("{} was changed meanwhile; run this again", task.out.display()))?;
            sheet.take(row, column, &kept.picture);
        }
    }
    Ok(sheet.into_picture())
}

fn entries(names: &[String], files: &[PictureFile]) -> Vec<Entry> {
    let entries = names.iter().zip(files).map(|(name, file)| Entry {
        name: name.clone(),
        picture: Some(file.picture.clone()),
        mask: file.mask.clone(),
        background: file.background.clone(),
    });
    entries.collect()
}
