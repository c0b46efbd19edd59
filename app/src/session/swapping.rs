//! The swap board: its pictures come from files and layers, its jobs go to the engine, its takes are made ready away from the window.

mod adding;
mod commands;
mod export;

pub(super) use export::BoardExport;

use std::sync::Arc;

use engine::EngineError;
use engine::event::Event;
use engine::request::ColorizeRequest;
use image::{DynamicImage, RgbImage};

use super::filing::Answer;
use super::{Notice, Session};
use crate::board::colors::{Tone, Toning};
use crate::board::following::Followed;
use crate::board::grid::Fresh;
use crate::board::layout::{Column, Parts};
use crate::board::shelf::Shelf;
use crate::board::{CellTake, ColumnId, Place, ReferenceCard, RowId, Scope, SketchCard};
use crate::document::{Document, DocumentError, Role};
use crate::generate::compose::of_document;
use crate::generate::pictures::PictureFile;
use crate::generate::recipe::Recipe;
use crate::generate::settings;

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
    /// A column's reference after a change, and what it was changed from.
    Replaced {
        column: ColumnId,
        from: Arc<ReferenceCard>,
        card: Box<ReferenceCard>,
        change: Change,
    },
    /// A row's sketch with another mask.
    Masked(RowId, Box<SketchCard>),
    Landed(Place, Box<CellTake>),
    /// A take could not be made ready: why.
    NotLanded(Parts, String),
    /// The parts of the colour model, as their hash says, were followed over the frames, or why not.
    Followed(u64, Result<Followed, String>),
    /// A take in the model's colours, or why it is not.
    Toned(Tone, Result<Box<CellTake>, String>),
    /// A take's picture is in memory again.
    Fetched,
    /// It cannot be read: why.
    Gone(Arc<CellTake>, String),
}

/// Makes another reference of one.
pub(in crate::session) type Change = Arc<dyn Fn(&ReferenceCard) -> Result<ReferenceCard, EngineError> + Send + Sync>;

impl Session {
    pub(super) fn receive_for_board(&mut self, answer: BoardAnswer) {
        match answer {
            BoardAnswer::Found(edge, found) => {
                let group = self.new_group();
                for file in found {
                    self.board_files.run(move || Some(adding::open(edge, &file, group)));
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
            BoardAnswer::Replaced {
                column,
                from,
                card,
                change,
            } => match self.board.layout().column(column) {
                Some(now) if Arc::ptr_eq(&now.reference, &from) => self.board.replace_reference(column, *card),
                // Another change came before: both count.
                Some(_) => self.change_column(column, change),
                None => {}
            },
            BoardAnswer::Masked(row, card) if self.board.layout().row(row).is_some() => self.board.replace_sketch(row, *card),
            BoardAnswer::Masked(..) => {}
            BoardAnswer::Landed(place, take) => self.board.land(place, *take),
            BoardAnswer::NotLanded(parts, reason) => self.board.crash(parts, reason),
            BoardAnswer::Followed(hash, followed) => {
                // Parts that cannot be followed are nowhere: what waits for them goes on.
                let followed = followed.unwrap_or_else(|reason| {
                    self.warn(reason);
                    Followed::new()
                });
                self.board.keep_followed(hash, followed);
            }
            BoardAnswer::Toned(tone, Ok(take)) => self.board.keep_tone(tone, *take),
            BoardAnswer::Toned(tone, Err(reason)) => {
                self.board.give_up_tone(tone);
                self.warn(reason);
            }
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
            let hash = following.hash;
            let answer = move |followed| Answer::Board(BoardAnswer::Followed(hash, followed));
            self.board_files
                .run_or(move || Some(answer(Ok(following.run()))), move |words| answer(Err(words)));
        }
        for toning in self.board.tone() {
            let shelf = self.board.shelf();
            let key = toning.tone;
            let failed = move |words| Answer::Board(BoardAnswer::Toned(key, Err(words)));
            self.board_files.run_or(move || Some(tone(&toning, &shelf)), failed);
        }
        self.tend_export();
        for fetch in self.board.fetch() {
            let take = fetch.take.clone();
            let gone = move |reason| Answer::Board(BoardAnswer::Gone(take, reason));
            let failed = gone.clone();
            self.board_files.run_or(
                move || {
                    Some(match fetch.run() {
                        Ok(()) => Answer::Board(BoardAnswer::Fetched),
                        Err(error) => gone(error.to_string()),
                    })
                },
                failed,
            );
        }
    }

    /// Takes in an event of one of the board's jobs.
    pub(super) fn hear_board(&mut self, event: Event) {
        if let Some(fresh) = self.board.receive(event) {
            self.learn_name(&fresh.take);
            self.land_on_board(fresh);
        }
    }

    /// Makes a take of the board's ready to be shown, away from the window.
    fn land_on_board(&self, fresh: Fresh) {
        let (device, shelf, key) = (self.device.clone(), self.board.shelf(), fresh.parts);
        let land = move || {
            let Fresh {
                place,
                parts,
                inputs,
                sketch,
                take,
            } = fresh;
            let recipe = Recipe::of(&take, device, inputs, false);
            let take = CellTake::new(&shelf, parts, sketch, take.picture, recipe, 0);
            Some(Answer::Board(BoardAnswer::Landed(place, Box::new(take))))
        };
        self.board_files
            .run_or(land, move |words| Answer::Board(BoardAnswer::NotLanded(key, words)));
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
            let (lines, settings) = of_document(&sketch.picture.0, &settings);
            let mut document = Document::from_sketch(&rgba(&lines))?;
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

/// Brings a take to the colours that its frames keep.
fn tone(Toning { tone, take, shifts }: &Toning, shelf: &Arc<Shelf>) -> Answer {
    let color = match take.color.open() {
        Ok(color) => take.sketch.regions.shifted(&color, shifts),
        Err(error) => return Answer::Board(BoardAnswer::Gone(take.clone(), error.to_string())),
    };
    let (sketch, recipe) = (take.sketch.clone(), take.recipe.clone());
    let toned = CellTake::new(shelf, take.parts, sketch, Arc::new(color), recipe, tone.1);
    Answer::Board(BoardAnswer::Toned(*tone, Ok(Box::new(toned))))
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
