//! The swap board: its pictures come from files and layers, its jobs go to the engine, its takes are made ready away from the window.

mod commands;
mod export;

pub(super) use export::BoardExport;

use std::path::PathBuf;
use std::sync::Arc;

use engine::EngineError;
use engine::event::Event;
use engine::request::ColorizeRequest;
use image::{DynamicImage, RgbImage};

use super::filing::Answer;
use super::{Notice, Session};
use crate::board::card::{known_gray, known_rgb};
use crate::board::colors::{Tone, Toning};
use crate::board::following::Followed;
use crate::board::grid::Fresh;
use crate::board::layout::Column;
use crate::board::shelf::Shelf;
use crate::board::{CellTake, ColumnId, Place, ReferenceCard, RowId, Scope, SketchCard};
use crate::document::{Document, DocumentError, Layer, Role};
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::{Origin, Recipe, VERSION, program};
use crate::generate::{request, settings};
use crate::samples::{SHOT_FRAMES, SHOT_REFERENCES};

/// Where pictures go on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Down the side.
    Sketches,
    /// Across the top.
    References,
}

/// What the thread for files has to tell of the board.
pub(super) enum BoardAnswer {
    /// Pictures that are to be opened, one after another.
    Found(Edge, Vec<PictureFile>),
    /// What is named together has the same `group`: it is undone together.
    Sketch {
        card: Box<SketchCard>,
        group: u64,
    },
    Reference {
        card: Box<ReferenceCard>,
        group: u64,
    },
    Replaced(ColumnId, Box<ReferenceCard>),
    /// A row's sketch with another mask.
    Masked(RowId, Box<SketchCard>),
    Landed(Place, Box<CellTake>),
    /// The parts of the colour model, as their hash says, were followed over the frames.
    Followed(u64, Followed),
    Toned(Tone, Box<CellTake>),
    /// A take's picture is in memory again.
    Fetched,
    /// It cannot be read: why.
    Gone(Arc<CellTake>, String),
}

impl Session {
    /// Puts files, folders and numbered sequences on the board, with the masks and backgrounds that lie beside them.
    pub fn add_to_board(&mut self, edge: Edge, paths: Vec<PathBuf>) {
        self.files.run(move || {
            Some(match pictures::list(&paths, None) {
                Ok(found) => Answer::Board(BoardAnswer::Found(edge, found)),
                Err(error) => Answer::Failed(error.to_string()),
            })
        });
    }

    /// Makes another reference of a column's, away from the window.
    fn change_column(
        &mut self,
        column: ColumnId,
        change: impl FnOnce(&ReferenceCard) -> Result<ReferenceCard, EngineError> + Send + 'static,
    ) {
        let Some(card) = self.board.layout().column(column).map(|column| column.reference.clone()) else {
            return;
        };
        self.files.run(move || {
            Some(match change(&card) {
                Ok(card) => Answer::Board(BoardAnswer::Replaced(column, Box::new(card))),
                Err(error) => Answer::Failed(error.to_string()),
            })
        });
    }

    fn mask_row(&mut self, row: RowId, path: PathBuf) {
        let Some(card) = self.board.layout().row(row).map(|row| row.sketch.clone()) else {
            return;
        };
        self.files.run(move || {
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
            self.files.run(move || {
                let card = Box::new(SketchCard::sample(frame));
                Some(Answer::Board(BoardAnswer::Sketch { card, group }))
            });
        }
        let group = self.new_group();
        for reference in SHOT_REFERENCES {
            self.files.run(move || {
                let card = Box::new(ReferenceCard::sample(reference));
                Some(Answer::Board(BoardAnswer::Reference { card, group }))
            });
        }
    }

    /// The studio's sketch as a row, and its reference as a column.
    fn add_studio_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let [rows, columns] = [self.new_group(), self.new_group()];
        let title = self.title.clone();
        let name = title.clone();
        let sketch = document.clone();
        self.files.run(move || {
            let picture = request::picture(sketch.by_role(Role::Sketch))?;
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
        self.files.run(move || {
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
    fn add_layers_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let group = self.new_group();
        for layer in self.painted_layers(&[Role::Sketch, Role::Paint]) {
            let mask = (layer.role == Role::Sketch)
                .then(|| document.by_role(Role::SketchMask).cloned())
                .flatten();
            self.files.run(move || {
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
    fn add_layer_references_to_board(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let group = self.new_group();
        for layer in self.painted_layers(&[Role::Take, Role::Paint]) {
            let document = document.clone();
            self.files.run(move || {
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
    fn new_group(&mut self) -> u64 {
        self.board_groups += 1;
        self.board_groups
    }

    pub(super) fn receive_for_board(&mut self, answer: BoardAnswer) {
        match answer {
            BoardAnswer::Found(edge, found) => {
                let group = self.new_group();
                for file in found {
                    self.files.run(move || Some(open(edge, &file, group)));
                }
            }
            BoardAnswer::Sketch { card, group } => {
                let more = std::mem::replace(&mut self.board_added, group) == group;
                self.board.add_sketch(*card, more);
            }
            BoardAnswer::Reference { card, group } => {
                let more = std::mem::replace(&mut self.board_added, group) == group;
                self.board.add_reference(*card, more);
            }
            BoardAnswer::Replaced(column, card) => self.board.replace_reference(column, *card),
            BoardAnswer::Masked(row, card) => self.board.replace_sketch(row, *card),
            BoardAnswer::Landed(place, take) => self.board.land(place, *take),
            BoardAnswer::Followed(hash, followed) => self.board.keep_followed(hash, followed),
            BoardAnswer::Toned(tone, take) => self.board.keep_tone(tone, *take),
            BoardAnswer::Fetched => {}
            BoardAnswer::Gone(take, reason) => {
                self.board.lose(&take);
                self.warn(format!("{reason}. The cell has to be made again: fill the board."));
            }
        }
    }

    /// Begins to fill the board with the studio's settings, or goes on.
    fn run_board(&mut self) {
        let settings = self.settings.clone();
        self.board.run(&settings);
    }

    fn cancel_on_board(&mut self, scope: Scope) {
        for job in self.board.cancel(scope) {
            self.engine.cancel(job);
        }
    }

    /// Gives the engine the next cells, and takes back those that nobody wants any more.
    pub(super) fn tend_board(&mut self) {
        for job in self.board.outdated() {
            self.engine.cancel(job);
        }
        while let Some((place, request)) = self.board.next() {
            let job = self.engine.submit(request);
            self.board.submitted(place, job);
        }
        if let Some(following) = self.board.follow() {
            self.files
                .run(move || Some(Answer::Board(BoardAnswer::Followed(following.hash, following.run()))));
        }
        for toning in self.board.tone() {
            let shelf = self.board.shelf();
            self.files.run(move || Some(tone(&toning, &shelf)));
        }
        self.tend_export();
        for fetch in self.board.fetch() {
            self.files.run(move || {
                let fetched = fetch.run();
                Some(Answer::Board(match fetched {
                    Ok(()) => BoardAnswer::Fetched,
                    Err(error) => BoardAnswer::Gone(fetch.take, error.to_string()),
                }))
            });
        }
    }

    /// Takes in an event of one of the board's jobs.
    pub(super) fn hear_board(&mut self, event: Event) {
        if let Some(fresh) = self.board.receive(event) {
            self.model = Some(fresh.take.model.name.clone());
            self.land_on_board(fresh);
        }
    }

    /// Makes a take of the board's ready to be shown, away from the window.
    fn land_on_board(&self, fresh: Fresh) {
        let (device, shelf) = (self.device.clone(), self.board.shelf());
        self.files.run(move || {
            let Fresh {
                place,
                parts,
                inputs,
                sketch,
                take,
            } = fresh;
            let recipe = Recipe {
                version: VERSION,
                program: program(),
                model: take.model,
                device,
                settings: take.settings,
                inputs,
                lines: false,
            };
            let take = CellTake::new(&shelf, parts, sketch, take.picture, recipe, 0);
            Some(Answer::Board(BoardAnswer::Landed(place, Box::new(take))))
        });
    }

    /// Carries a column to the studio: reference, its mask, its background.
    fn use_reference(&mut self, column: ColumnId) {
        let Some(column) = self.board.layout().column(column).cloned() else {
            return;
        };
        if self.document.is_none() {
            let words = "The studio has no drawing yet: open a cell there, or open a drawing.";
            self.notice = Some(Notice::info(words));
            return;
        }
        match self.edit("Use a reference", |document| Some(put_reference(document, &column))) {
            Some(Err(error)) => self.warn(error.to_string()),
            _ => self.carried += 1,
        }
    }

    /// Opens a cell as a document of its own: sketch, reference, masks, what the cell is asked with, and its take if there is one.
    fn open_cell(&mut self, place: Place) {
        let layout = self.board.layout();
        let (Some(row), Some(column)) = (layout.row(place.0), layout.column(place.1)) else {
            return;
        };
        // As asked for: the recipe's own settings say which size they came to, and would be others than the board's.
        let Some((ColorizeRequest { settings, .. }, _)) = layout.request(place) else {
            return;
        };
        let (sketch, column) = (row.sketch.clone(), column.clone());
        let take = self.board.take(place).cloned();
        self.open_by(move || {
            let mut document = Document::from_sketch(&rgba(&sketch.picture.0))?;
            if let Some((mask, _)) = &sketch.mask {
                document.set_mask(Role::SketchMask, mask);
            }
            put_reference(&mut document, &column)?;
            if let Err(error) = settings::keep(&mut document, &settings) {
                tracing::warn!("the settings of a cell cannot be kept in its document: {error}");
            }
            if let Some(take) = take
                && let Ok(recipe) = ron::to_string(&take.recipe)
            {
                document.place_take(&*take.color.open()?, recipe);
            }
            Ok(super::opened::Opened::new(
                document,
                None,
                format!("{} × {}", sketch.name, column.reference.name),
            ))
        });
    }
}

fn open(edge: Edge, file: &PictureFile, group: u64) -> Answer {
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

/// Brings a take to the colours that its frames keep.
fn tone(Toning { tone, take, shifts }: &Toning, shelf: &Arc<Shelf>) -> Answer {
    let color = match take.color.open() {
        Ok(color) => take.sketch.regions.shifted(&color, shifts),
        Err(error) => return Answer::Board(BoardAnswer::Gone(take.clone(), error.to_string())),
    };
    let (sketch, recipe) = (take.sketch.clone(), take.recipe.clone());
    let toned = CellTake::new(shelf, take.parts, sketch, Arc::new(color), recipe, tone.1);
    Answer::Board(BoardAnswer::Toned(*tone, Box::new(toned)))
}

fn rgba(picture: &RgbImage) -> image::RgbaImage {
    DynamicImage::from(picture.clone()).into_rgba8()
}

/// A column's reference, with the mask that its cells are made with, and its background.
fn put_reference(document: &mut Document, column: &Column) -> Result<(), DocumentError> {
    document.set_reference(Some(&rgba(&column.reference.picture.0)))?;
    if let Some((mask, _)) = column.mask() {
        document.set_mask(Role::ReferenceMask, mask);
    }
    let background = column.reference.background.as_ref().map(|(picture, _)| rgba(picture));
    document.set_background(background.as_ref())
}
