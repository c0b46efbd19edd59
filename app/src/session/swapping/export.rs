//! The board as files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use picture::distinct;

use super::super::writing::{OTHERS, Written};
use super::Session;
use crate::board::card::Known;
use crate::board::index::{self, Cell, Entry, Index, Names};
use crate::board::sheet::Sheet;
use crate::board::{CellTake, Layout};
use crate::files::{Meter, make_folder};
use crate::gallery::export::{ExportError, spare_others};
use crate::gallery::metadata::keep_take;
use crate::generate::recipe::{Origin, Recipe};

/// What is to be written, and where.
pub(in crate::session) enum BoardExport {
    /// What `shiage swap` writes: every finished cell with its recipe, the contact sheet and the index. `review`: then it is opened in the gallery.
    Board { folder: PathBuf, review: bool },
    /// The finished frames of the chosen reference, under the names of their sketches, as `shiage sequence` writes them.
    Frames { folder: PathBuf },
}

impl Session {
    /// Writes it, once all frames have the colours that they are held to; while others are being written it says so instead.
    pub(super) fn export_from_board(&mut self, export: BoardExport) {
        if self.is_writing_takes() {
            return self.refuse_to_write(OTHERS);
        }
        self.outgoing.saving.answer();
        self.boarding.export = Some(export);
        self.tend_export();
    }

    pub(super) fn tend_export(&mut self) {
        if self.board.is_toning() {
            return;
        }
        let Some(export) = self.boarding.export.take() else { return };
        match export {
            BoardExport::Board { folder, review } => self.export_board(folder, review),
            BoardExport::Frames { folder } => self.export_frames(folder),
        }
    }

    fn export_board(&mut self, folder: PathBuf, review: bool) {
        let layout = self.board.layout().clone();
        let takes: Vec<Vec<Option<Arc<CellTake>>>> = (layout.rows.iter())
            .map(|row| {
                (layout
                    .columns
                    .iter()
                    .map(|column| self.board.take((row.id, column.id)).cloned()))
                .collect()
            })
            .collect();
        let stand = self.board.stand();
        self.write(takes.iter().flatten().flatten().count(), move |meter| {
            let count = export(&layout, &takes, &folder, meter)?;
            Ok(Written::Board {
                count,
                folder,
                review,
                stand,
            })
        });
    }

    fn export_frames(&mut self, folder: PathBuf) {
        let layout = self.board.layout().clone();
        let Some(column) = layout.chosen else {
            return self.refuse_to_write("No reference is chosen any more. Choose one, and save its frames again.");
        };
        let names = distinct(layout.rows.iter().map(|row| row.sketch.name.as_str()));
        let frames: Vec<_> = (layout.rows.iter().zip(names))
            .filter_map(|(row, name)| Some((name, self.board.take((row.id, column))?.clone())))
            .collect();
        // Other columns have takes of their own, which stay where they are.
        let stand = (layout.columns.len() == 1).then_some(self.board.stand());
        self.write(frames.len(), move |meter| {
            make_folder(&folder).map_err(ExportError::Folder)?;
            let path = |name: &String| folder.join(format!("{name}.png"));
            frames.iter().try_for_each(|(name, _)| spare_others(&path(name)))?;
            for (name, take) in &frames {
                write_cell(&path(name), take)?;
                meter.step()?;
            }
            let count = frames.len();
            Ok(Written::Frames { count, folder, stand })
        });
    }
}

/// How many pictures were written.
fn export(layout: &Layout, takes: &[Vec<Option<Arc<CellTake>>>], folder: &Path, meter: &Meter) -> Result<usize, ExportError> {
    make_folder(folder).map_err(ExportError::Folder)?;
    let mut sheet = Sheet::new(layout.rows.len(), layout.columns.len(), SIDE);
    let names = Names::of(
        layout.rows.iter().map(|row| row.sketch.name.as_str()),
        layout.columns.iter().map(|column| column.reference.name.as_str()),
    );
    let cells = names.files.iter().zip(takes.iter().flatten());
    let mut made = cells.filter(|(_, take)| take.is_some());
    made.try_for_each(|(name, _)| spare_others(&folder.join(name)))?;
    index::check_folder(folder)?;
    for (at, column) in layout.columns.iter().enumerate() {
        sheet.reference(at, &column.reference.small);
    }
    let mut cells = Vec::new();
    for (down, row) in layout.rows.iter().enumerate() {
        sheet.sketch(down, &row.sketch.small);
        for (across, take) in takes[down].iter().enumerate() {
            let Some(take) = take else { continue };
            sheet.take(down, across, &*take.shown.open()?);
            let file = names.file(down, across);
            write_cell(&folder.join(file), take)?;
            cells.push(Cell {
                sketch: names.sketches[down].clone(),
                reference: names.references[across].clone(),
                file: file.to_owned(),
                seed: layout.seed_of(row),
            });
            meter.step()?;
        }
    }
    let written = cells.len();
    let sketches = layout.rows.iter().zip(names.sketches).map(|(row, name)| Entry {
        name,
        picture: path_of(&row.sketch.picture),
        mask: row.sketch.mask.as_ref().and_then(path_of),
        background: None,
    });
    let references = layout.columns.iter().zip(names.references).map(|(column, name)| Entry {
        name,
        picture: path_of(&column.reference.picture),
        mask: column.mask().and_then(path_of),
        background: column.reference.background.as_ref().and_then(path_of),
    });
    let index = Index::new(sketches.collect(), references.collect(), cells);
    index.write(folder, &sheet.into_picture())?;
    Ok(written)
}

/// Side of a picture on the contact sheet, in pixels.
const SIDE: u32 = 256;

fn write_cell(path: &Path, take: &CellTake) -> Result<(), ExportError> {
    let color = take.color.open()?;
    let picture = take.lined(&color);
    let mut recipe = Recipe {
        lines: true,
        ..take.recipe.clone()
    };
    if take.tone != 0 {
        recipe.program += ", parts brought to the board's colour model";
    }
    Ok(keep_take(path, &picture, Some(&color), &recipe)?)
}

/// Where a picture lies, if it lies in a file.
fn path_of<T>((_, input): &Known<T>) -> Option<PathBuf> {
    match &input.origin {
        Origin::File(path) => Some(path.clone()),
        Origin::Sample(_) | Origin::Document => None,
    }
}
