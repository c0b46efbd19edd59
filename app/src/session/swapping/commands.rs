//! What the commands of the swap board do.

use std::path::PathBuf;
use std::sync::Arc;

use super::super::coloring::random_seed;
use super::export::BoardExport;
use super::{Edge, Session};
use crate::board::editing::{Way, neighbour};
use crate::board::{ColumnId, Noise, Place, ReferenceCard, RowId, Scope};
use crate::command::Command;
use crate::generate::pictures::{self, PictureFile};

/// The active row and column with their indices.
type Places = ((RowId, usize), (ColumnId, usize));

impl Session {
    /// Whether a command of the swap board can do anything now.
    pub(in crate::session) fn allows_on_board(&self, command: Command) -> bool {
        let board = &self.board;
        let (rows, columns) = (board.layout().rows.len(), board.layout().columns.len());
        let movable = |at: fn(&Places) -> usize, length, way| {
            let places = board.places_of_active();
            places.is_some_and(|places| neighbour(at(&places), length, way).is_some())
        };
        let row = |((_, at), _): &Places| *at;
        let column = |(_, (_, at)): &Places| *at;
        match command {
            Command::OpenSampleShot
            | Command::AddSketches
            | Command::AddSketchFolder
            | Command::AddSequence
            | Command::AddReferences
            | Command::AddReferenceFolder => true,
            Command::AddFromStudio | Command::AddLayers | Command::AddLayerReferences => self.document.is_some(),
            Command::ExportBoard | Command::ReviewBoard | Command::ExportFrames if self.is_writing_takes() => false,
            Command::ExportBoard | Command::ReviewBoard => board.has_takes(),
            // Once a reference is chosen, its cells alone are wanted.
            Command::ExportFrames => board.layout().chosen.is_some() && board.progress().0 > 0,
            Command::SketchUp => movable(row, rows, Way::Back),
            Command::SketchDown => movable(row, rows, Way::On),
            Command::ReferenceLeft => movable(column, columns, Way::Back),
            Command::ReferenceRight => movable(column, columns, Way::On),
            Command::PauseBoard => board.is_running() && board.is_working(),
            Command::RunCellAgain => board.active().is_some_and(|place| board.can_retry(place)),
            Command::CancelCell => board.active().is_some_and(|place| board.can_cancel(place)),
            Command::CancelRow => board.active().is_some_and(|(row, _)| {
                let mut places = board.layout().columns.iter().map(|column| (row, column.id));
                places.any(|place| board.can_cancel(place))
            }),
            Command::CancelBoard => board.is_working(),
            Command::ToggleReferenceMask => board.active().is_some_and(|(_, column)| {
                let column = board.layout().column(column);
                column.is_some_and(|column| column.reference.mask.is_some())
            }),
            Command::UnpairBackground => board.active().is_some_and(|(_, column)| {
                let column = board.layout().column(column);
                column.is_some_and(|column| column.reference.background.is_some())
            }),
            Command::PlayFrames => rows > 1 && columns > 0,
            Command::ShowSideBySide => rows > 0 && columns > 0,
            Command::ShowWipe | Command::ShowDifference => rows > 0 && columns > 1,
            Command::ToggleRowNoise
            | Command::NewBoardSeed
            | Command::LockZoom
            | Command::ToggleDrift
            | Command::ToggleColorModel => !board.is_empty(),
            _ => board.active().is_some(),
        }
    }

    /// Does what a command of the swap board says. Its view's own commands are the window's business.
    pub(in crate::session) fn run_on_board(&mut self, command: Command) {
        match command {
            Command::OpenSampleShot => return self.open_sample_shot(),
            Command::AddFromStudio => return self.add_studio_to_board(),
            Command::AddLayers => return self.add_layers_to_board(),
            Command::AddLayerReferences => return self.add_layer_references_to_board(),
            Command::FillBoard => return self.run_board(),
            Command::PauseBoard => return self.board.pause(),
            Command::CancelBoard => return self.cancel_on_board(Scope::All),
            Command::NewBoardSeed => {
                let seed = random_seed();
                return self.board.edit("New noise", |layout| layout.seed = seed);
            }
            Command::ToggleRowNoise => {
                return self.board.edit("Share the noise", |layout| {
                    layout.noise = match layout.noise {
                        Noise::Board => Noise::Row,
                        Noise::Row => Noise::Board,
                    };
                });
            }
            Command::AddSketches
            | Command::AddSketchFolder
            | Command::AddSequence
            | Command::AddReferences
            | Command::AddReferenceFolder
            | Command::ReplaceReference
            | Command::PairBackground
            | Command::MaskReference
            | Command::MaskSketch
            | Command::ExportBoard
            | Command::ReviewBoard
            | Command::ExportFrames => return self.file(command),
            _ => {}
        }
        let Some(((row, at), (column, across))) = self.board.places_of_active() else {
            return;
        };
        let place = (row, column);
        let (rows, columns) = (self.board.layout().rows.len(), self.board.layout().columns.len());
        match command {
            Command::RemoveSketch => self.board.remove_row(row),
            Command::RemoveReference => self.board.remove_column(column),
            Command::SketchUp | Command::SketchDown => {
                let way = if command == Command::SketchUp { Way::Back } else { Way::On };
                neighbour(at, rows, way)
                    .into_iter()
                    .for_each(|to| self.board.move_row(row, to));
            }
            Command::ReferenceLeft | Command::ReferenceRight => {
                let way = if command == Command::ReferenceLeft {
                    Way::Back
                } else {
                    Way::On
                };
                neighbour(across, columns, way)
                    .into_iter()
                    .for_each(|to| self.board.move_column(column, to));
            }
            Command::ToggleReferenceMask => self.board.edit("Switch a mask", |layout| {
                if let Some(column) = layout.columns.get_mut(across) {
                    column.masked = !column.masked;
                }
            }),
            Command::UnpairBackground => self.change_column(column, Arc::new(|card| Ok(card.without_background()))),
            Command::CellRight => self.board.step(1, 0),
            Command::CellLeft => self.board.step(-1, 0),
            Command::CellBelow => self.board.step(0, 1),
            Command::CellAbove => self.board.step(0, -1),
            Command::RunCellAgain => self.board.retry(place, &self.settings),
            Command::CancelCell => self.cancel_on_board(Scope::Cell(place)),
            Command::CancelRow => self.cancel_on_board(Scope::Row(row)),
            Command::ChooseReference => self.board.edit("Choose a reference", |layout| {
                let chosen = (layout.chosen != Some(column)).then_some(column);
                layout.choose(chosen);
            }),
            Command::UseReference => self.use_reference(column),
            Command::OpenCell => self.open_cell(place),
            _ => {}
        }
    }

    /// Paths were chosen or typed for a command of the board; those for one row or column are for that of `cell`.
    pub(in crate::session) fn chosen_for_board(&mut self, command: Command, cell: Option<Place>, paths: Vec<PathBuf>) {
        let edge = match command {
            Command::ExportBoard | Command::ReviewBoard | Command::ExportFrames => {
                let Some(folder) = paths.into_iter().next() else { return };
                let review = command == Command::ReviewBoard;
                return self.export_from_board(match command {
                    Command::ExportFrames => BoardExport::Frames { folder },
                    _ => BoardExport::Board { folder, review },
                });
            }
            Command::ReplaceReference | Command::PairBackground | Command::MaskReference | Command::MaskSketch => {
                let (Some((row, column)), Some(path)) = (cell, paths.into_iter().next()) else {
                    return;
                };
                return match command {
                    Command::PairBackground => self.change_column(column, Arc::new(move |card| card.with_background(&path))),
                    Command::MaskReference => self.change_column(column, Arc::new(move |card| card.with_mask(&path))),
                    Command::MaskSketch => self.mask_row(row, path),
                    _ => self.change_column(
                        column,
                        Arc::new(move |_| ReferenceCard::open(&PictureFile::new(path.clone(), None))),
                    ),
                };
            }
            Command::AddReferences | Command::AddReferenceFolder => Edge::References,
            _ => Edge::Sketches,
        };
        let paths = match command {
            Command::AddSequence => paths.iter().map(|path| pictures::sequence_of(path)).collect(),
            _ => paths,
        };
        self.add_to_board(edge, paths);
    }
}
