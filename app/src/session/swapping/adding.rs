//! What comes onto the board: files, the sample shot, what is open in the studio.

use std::path::PathBuf;
use std::sync::Arc;

use engine::EngineError;

use super::super::answer::Answer;
use super::{Edge, Notice, Session};
use crate::board::card::{known_gray, known_rgb};
use crate::board::{ColumnId, ReferenceCard, RowId, SketchCard};
use crate::document::{Layer, Role};
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::Origin;
use crate::generate::request;
use crate::samples::{SHOT_FRAMES, SHOT_REFERENCES};

/// Makes another reference of one.
pub(super) type Change = Arc<dyn Fn(&ReferenceCard) -> Result<ReferenceCard, EngineError> + Send + Sync>;

impl Session {
    /// Puts files, folders and numbered sequences on the board, with the masks and backgrounds that lie beside them.
    pub fn add_to_board(&mut self, edge: Edge, paths: Vec<PathBuf>) {
        self.boarding.files.run(move || {
            let found = match edge {
                Edge::Sketches => pictures::drawings(&paths, None),
                Edge::References => pictures::list(&paths, None),
            };
            Some(Answer::of(found, move |session, found| session.open_on_board(edge, found)))
        });
    }

    /// Opens pictures, one after the other. What is put on the board together has the same group: it is undone together.
    fn open_on_board(&mut self, edge: Edge, files: Vec<PictureFile>) {
        let group = self.new_group();
        for file in files {
            self.boarding.files.run(move || {
                Some(match edge {
                    Edge::Sketches => Answer::of(SketchCard::open(&file), move |session, card| session.add_sketch(card, group)),
                    Edge::References => Answer::of(ReferenceCard::open(&file), move |session, card| {
                        session.add_reference(card, group)
                    }),
                })
            });
        }
    }

    fn add_sketch(&mut self, card: SketchCard, group: u64) {
        let more = std::mem::replace(&mut self.boarding.added, group) == group;
        self.board.add_sketch(card, more);
    }

    fn add_reference(&mut self, card: ReferenceCard, group: u64) {
        let more = std::mem::replace(&mut self.boarding.added, group) == group;
        self.board.add_reference(card, more);
    }

    /// Makes another reference of a column's, away from the window.
    pub(super) fn change_column(&mut self, column: ColumnId, change: Change) {
        let Some(from) = self.board.layout().column(column).map(|column| column.reference.clone()) else {
            return;
        };
        self.boarding.files.run(move || {
            let changed = change(&from);
            Some(Answer::of(changed, move |session, card| {
                session.replace_reference(column, &from, card, change)
            }))
        });
    }

    /// `from`: what `change` has made the card of.
    fn replace_reference(&mut self, column: ColumnId, from: &Arc<ReferenceCard>, card: ReferenceCard, change: Change) {
        match self.board.layout().column(column) {
            Some(now) if Arc::ptr_eq(&now.reference, from) => self.board.replace_reference(column, card),
            // Another change came before: both count.
            Some(_) => self.change_column(column, change),
            None => {}
        }
    }

    pub(super) fn mask_row(&mut self, row: RowId, path: PathBuf) {
        let Some(card) = self.board.layout().row(row).map(|row| row.sketch.clone()) else {
            return;
        };
        self.boarding.files.run(move || {
            let masked = card.with_mask(&path);
            Some(Answer::of(masked, move |session, card| session.replace_sketch(row, card)))
        });
    }

    fn replace_sketch(&mut self, row: RowId, card: SketchCard) {
        if self.board.layout().row(row).is_some() {
            self.board.replace_sketch(row, card);
        }
    }

    /// The shot that ships with the program.
    pub fn open_sample_shot(&mut self) {
        let group = self.new_group();
        for frame in SHOT_FRAMES {
            self.boarding.files.run(move || {
                let card = SketchCard::sample(frame);
                Some(Answer::new(move |session| session.add_sketch(card, group)))
            });
        }
        let group = self.new_group();
        for reference in SHOT_REFERENCES {
            self.boarding.files.run(move || {
                let card = ReferenceCard::sample(reference);
                Some(Answer::new(move |session| session.add_reference(card, group)))
            });
        }
    }

    /// The studio's sketch as a row, and its reference as a column.
    pub(super) fn add_studio_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let [rows, columns] = [self.new_group(), self.new_group()];
        let title = self.filed.title.clone();
        let name = title.clone();
        let sketch = document.clone();
        self.boarding.files.run(move || {
            let picture = request::sketch(&sketch)?;
            let mask = request::mask(sketch.by_role(Role::SketchMask));
            let card = SketchCard::new(
                name,
                None,
                known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
            );
            Some(Answer::new(move |session| session.add_sketch(card, rows)))
        });
        self.boarding.files.run(move || {
            let picture = request::picture(document.by_role(Role::Reference))?;
            let mask = request::mask(document.by_role(Role::ReferenceMask));
            let background = request::picture(document.by_role(Role::Background));
            let card = ReferenceCard::new(
                title,
                known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
                background.map(|picture| known_rgb(Arc::unwrap_or_clone(picture), Origin::Document)),
            );
            Some(Answer::new(move |session| session.add_reference(card, columns)))
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
            self.boarding.files.run(move || {
                let picture = request::picture(Some(&layer))?;
                let mask = request::mask(mask.as_ref());
                let card = SketchCard::new(
                    layer.name.clone(),
                    pictures::number_in(&layer.name),
                    known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                    mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
                );
                Some(Answer::new(move |session| session.add_sketch(card, group)))
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
            self.boarding.files.run(move || {
                let picture = request::picture(Some(&layer))?;
                let mask = request::mask(document.by_role(Role::SketchMask));
                let card = ReferenceCard::new(
                    layer.name.clone(),
                    known_rgb(Arc::unwrap_or_clone(picture), Origin::Document),
                    mask.map(|mask| known_gray(Arc::unwrap_or_clone(mask), Origin::Document)),
                    None,
                );
                Some(Answer::new(move |session| session.add_reference(card, group)))
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
        self.boarding.groups += 1;
        self.boarding.groups
    }
}
