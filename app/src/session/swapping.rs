//! The swap board: its pictures come from files and layers, its jobs go to the engine, its takes are made ready away from the window.

mod adding;
mod commands;
mod export;

pub(super) use export::BoardExport;

use std::sync::Arc;

use engine::event::Event;
use engine::request::ColorizeRequest;

use super::answer::Answer;
use super::opened::{Opened, rgba};
use super::{Notice, Session, sentence};
use crate::board::colors::{Tone, Toning};
use crate::board::following::Followed;
use crate::board::grid::Fresh;
use crate::board::layout::{Column, Parts};
use crate::board::shelf::Shelf;
use crate::board::{CellTake, ColumnId, Place, Scope};
use crate::document::{Document, DocumentError, Role};
use crate::files::{Files, Waker};
use crate::generate::compose::of_document;
use crate::generate::settings;

/// Where pictures go on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Down the side.
    Sketches,
    /// Across the top.
    References,
}

/// What comes onto the board and leaves it.
pub(super) struct BoardDesk {
    /// Counts what was put on the board together.
    groups: u64,
    /// What came onto the board last was of this group.
    added: u64,
    /// The board, or its chosen frames, shall be written once they are ready for it.
    pub export: Option<BoardExport>,
    /// Counts the references that were taken to the studio.
    pub references_used: u64,
    /// Makes pictures ready for the board: hundreds of frames, behind which the studio does not wait.
    pub files: Files<Answer>,
}

impl BoardDesk {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            groups: 0,
            added: 0,
            export: None,
            references_used: 0,
            files: Files::new("shiage board", waker, Answer::Failed)?,
        })
    }
}

impl Session {
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
            self.boarding.files.run_then(
                move || Ok(following.run()),
                move |session, followed| session.receive_followed(hash, followed),
            );
        }
        for toning in self.board.tone() {
            let (shelf, key) = (self.board.shelf(), toning.tone);
            let failed = move |reason| Answer::new(move |session| session.give_up_tone(key, reason));
            self.boarding.files.run_or(move || Some(tone(&toning, &shelf)), failed);
        }
        self.tend_export();
        for fetch in self.board.fetch() {
            let take = fetch.take.clone();
            self.boarding.files.run_then(
                move || fetch.run().map_err(|error| error.to_string()),
                move |session, fetched| session.receive_fetched(&take, fetched),
            );
        }
    }

    /// The parts of the colour model, as their hash says, were followed over the frames. Those that cannot be are nowhere: what waits for them goes on.
    pub(super) fn receive_followed(&mut self, hash: u64, followed: Result<Followed, String>) {
        let followed = followed.unwrap_or_else(|reason| {
            self.warn(reason);
            Followed::new()
        });
        self.board.keep_followed(hash, followed);
    }

    /// A take is not brought to the model's colours.
    fn give_up_tone(&mut self, tone: Tone, reason: String) {
        self.board.give_up_tone(tone);
        self.warn(reason);
    }

    /// A take's picture is in memory again; or it cannot be read.
    fn receive_fetched(&mut self, take: &CellTake, fetched: Result<(), String>) {
        if let Err(reason) = fetched {
            self.board.lose(take);
            self.warn(format!(
                "{} The cell has to be made again: fill the board.",
                sentence(&reason)
            ));
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
        let (device, shelf) = (self.devices.name.clone(), self.board.shelf());
        let (place, parts) = (fresh.place, fresh.parts);
        self.boarding.files.run_then(
            move || Ok(fresh.ready(device, &shelf)),
            move |session, take| session.receive_landed(place, parts, take),
        );
    }

    /// A take is ready to be shown; or it could not be made so.
    pub(super) fn receive_landed(&mut self, place: Place, parts: Parts, take: Result<CellTake, String>) {
        match take {
            Ok(take) => self.board.land(place, take),
            Err(reason) => self.board.crash(parts, reason),
        }
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
            Some(Err(error)) => self.warn_of(&error),
            _ => self.boarding.references_used += 1,
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
            let title = format!("{} × {}", sketch.name, column.reference.name);
            Ok(Opened::new(document, None, title))
        });
    }
}

/// Brings a take to the colours that its frames keep.
fn tone(Toning { tone, take, shifts }: &Toning, shelf: &Arc<Shelf>) -> Answer {
    let color = match take.color.open() {
        Ok(color) => take.sketch.regions.shifted(&color, shifts),
        Err(error) => {
            let (take, unread) = (take.clone(), Err(error.to_string()));
            return Answer::new(move |session| session.receive_fetched(&take, unread));
        }
    };
    let (tone, sketch, recipe) = (*tone, take.sketch.clone(), take.recipe.clone());
    let toned = CellTake::new(shelf, take.parts, sketch, Arc::new(color), recipe, tone.1);
    Answer::new(move |session| session.board.keep_tone(tone, toned))
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
