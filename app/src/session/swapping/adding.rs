//! What comes onto the board: files, the sample shot, what is open in the studio.

use std::path::PathBuf;
use std::sync::Arc;

use super::super::filing::Answer;
use super::{BoardAnswer, Change, Edge, Notice, Session};
use crate::board::card::{known_gray, known_rgb};
use crate::board::{ColumnId, ReferenceCard, RowId, SketchCard};
use crate::document::{Layer, Role};
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::Origin;
use crate::generate::request;
use crate::samples::{SHOT_FRAMES, SHOT_REFERENCES};

impl Session {
    /// Puts files, folders and numbered sequences on the board, with the masks and backgrounds that lie beside them.
    pub fn add_to_board(&mut self, edge: Edge, paths: Vec<PathBuf>) {
        self.board_files.run(move || {
            Some(match pictures::list(&paths, None) {
                Ok(found) => Answer::Board(BoardAnswer::Found(edge, found)),
                Err(error) => Answer::Failed(error.to_string()),
            })
        });
    }

    /// Makes another reference of a column's, away from the window.
    pub(super) fn change_column(&mut self, column: ColumnId, change: Change) {
        let Some(from) = self.board.layout().column(column).map(|column| column.reference.clone()) else {
            return;
        };
        self.board_files.run(move || {
            Some(match change(&from) {
                Ok(card) => Answer::Board(BoardAnswer::Replaced {
                    column,
                    from,
                    card: Box::new(card),
                    change,
                }),
                Err(error) => Answer::Failed(error.to_string()),
            })
        });
    }

    pub(super) fn mask_row(&mut self, row: RowId, path: PathBuf) {
        let Some(card) = self.board.layout().row(row).map(|row| row.sketch.clone()) else {
            return;
        };
        self.board_files.run(move || {
            Some(match card.with_mask(&path) {
                Ok(card) => Answer::Board(BoardAnswer::Masked(row, Box::new(card))),
                Err(error) => Answer::Failed(error.to_string()),
            })
        });
    }

    /// The shot that ships with the program.
    pub fn open_sample_shot(&mut self) {
        let group = self.new_group();
        for frame in SHOT_FRAMES {
            self.board_files.run(move || {
                let card = Box::new(SketchCard::sample(frame));
                Some(Answer::Board(BoardAnswer::Sketch { card, group }))
            });
        }
        let group = self.new_group();
        for reference in SHOT_REFERENCES {
            self.board_files.run(move || {
                let card = Box::new(ReferenceCard::sample(reference));
                Some(Answer::Board(BoardAnswer::Reference { card, group }))
            });
        }
    }

    /// The studio's sketch as a row, and its reference as a column.
    pub(super) fn add_studio_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let [rows, columns] = [self.new_group(), self.new_group()];
        let title = self.title.clone();
        let name = title.clone();
        let sketch = document.clone();
        self.board_files.run(move || {
            let picture = request::sketch(&sketch)?;
            let mask = request::mask(sketch.by_role(Role::SketchMask));
            let card = SketchCard::new(
                name,
                None,
                known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
            );
            let card = Box::new(card);
            Some(Answer::Board(BoardAnswer::Sketch { card, group: rows }))
        });
        self.board_files.run(move || {
            let picture = request::picture(document.by_role(Role::Reference))?;
            let mask = request::mask(document.by_role(Role::ReferenceMask));
            let background = request::picture(document.by_role(Role::Background));
            let card = ReferenceCard::new(
                title,
                known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
                background.map(|picture| known_rgb(Arc::unwrap_or_clone(picture), Origin::Document)),
            );
            let card = Box::new(card);
            Some(Answer::Board(BoardAnswer::Reference { card, group: columns }))
        });
    }

    /// Every painted layer of the studio as a row, from the bottom up, whether it is shown or not: frames that lie over each other.
    pub(super) fn add_layers_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let group = self.new_group();
        for layer in self.painted_layers(&[Role::Sketch, Role::Paint]) {
            let mask = (layer.role == Role::Sketch)
                .then(|| document.by_role(Role::SketchMask).cloned())
                .flatten();
            self.board_files.run(move || {
                let picture = request::picture(Some(&layer))?;
                let mask = request::mask(mask.as_ref());
                let card = SketchCard::new(
                    layer.name.clone(),
                    pictures::number_in(&layer.name),
                    known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                    mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
                );
                let card = Box::new(card);
                Some(Answer::Board(BoardAnswer::Sketch { card, group }))
            });
        }
    }

    /// Every painted layer and every take of the studio as a column: frames that were coloured by hand, or chosen. The sketch mask says which part of
    /// them is figure.
    pub(super) fn add_layer_references_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let group = self.new_group();
        for layer in self.painted_layers(&[Role::Take, Role::Paint]) {
            let document = document.clone();
            self.board_files.run(move || {
                let picture = request::picture(Some(&layer))?;
                let mask = request::mask(document.by_role(Role::SketchMask));
                let card = ReferenceCard::new(
                    layer.name.clone(),
                    known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                    mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
                    None,
                );
                let card = Box::new(card);
                Some(Answer::Board(BoardAnswer::Reference { card, group }))
            });
        }
    }

    /// The layers of these roles that are painted on, from the bottom up; where there are none, a person is told.
    fn painted_layers(&mut self, roles: &[Role]) -> Vec<Layer> {
        let layers = self.document.iter().flat_map(|document| document.canvas().layers());
        let painted = |layer: &&Layer| roles.contains(&layer.role) && layer.raster().is_some_and(|grid| !grid.is_blank());
        let layers: Vec<Layer> = layers.filter(painted).cloned().collect();
        if layers.is_empty() {
            self.notice = Some(Notice::info("No such layer in the studio is painted on yet."));
        }
        layers
    }

    /// Names what is put on the board together.
    pub(super) fn new_group(&mut self) -> u64 {
        self.board_groups += 1;
        self.board_groups
    }
}

/// `group`: what it was named together with.
pub(super) fn open(edge: Edge, file: &PictureFile, group: u64) -> Answer {
    let opened = match edge {
        Edge::Sketches => SketchCard::open(file).map(|card| BoardAnswer::Sketch {
            card: Box::new(card),
            group,
        }),
        Edge::References => ReferenceCard::open(file).map(|card| BoardAnswer::Reference {
            card: Box::new(card),
            group,
        }),
    };
    opened.map_or_else(|error| Answer::Failed(error.to_string()), Answer::Board)
}
