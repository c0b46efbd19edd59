//! The board's jobs at the engine: which is next, and what comes of them.

use std::sync::Arc;

use engine::event::{Event, JobId, Preview, Take};
use engine::request::ColorizeRequest;
use image::RgbImage;

use super::{Board, CellTake};
use crate::board::card::SketchCard;
use crate::board::layout::{Parts, Place};
use crate::board::shelf::Shelf;
use crate::generate::jobs::about;
use crate::generate::recipe::{Recipe, RecipeInputs};

/// Jobs at the engine: one that runs and one behind it, so that it never waits and the order can still change.
const AHEAD: usize = 2;

/// Takes that are made ready at once: where the disk is slower than the engine, no more of them wait in memory.
const LANDING: usize = 8;

/// A job at the engine.
pub(super) struct Flight {
    pub(super) job: JobId,
    pub(super) place: Place,
    pub(super) parts: Parts,
    inputs: RecipeInputs,
    sketch: Arc<SketchCard>,
    /// Step and steps, once it runs.
    pub(super) running: Option<(u32, u32)>,
    pub(super) preview: Option<Arc<RgbImage>>,
}

/// A take as it came from the engine, to be made ready for the board away from the window.
pub struct Fresh {
    pub place: Place,
    pub parts: Parts,
    pub inputs: RecipeInputs,
    pub sketch: Arc<SketchCard>,
    pub take: Take,
}

impl Fresh {
    /// What a cell shows of it, which was made on `device`. Waits for the disk: not for the thread that draws.
    pub fn ready(self, device: String, shelf: &Arc<Shelf>) -> CellTake {
        let Self {
            parts,
            inputs,
            sketch,
            take,
            ..
        } = self;
        let recipe = Recipe::of(&take, device, inputs, false);
        CellTake::new(shelf, parts, sketch, take.picture, recipe, 0)
    }
}

impl Board {
    /// The next cell for the engine, if it is to be given one: those that were asked for by themselves, then the hovered, then the visible, then row by row.
    pub fn next(&self) -> Option<(Place, ColorizeRequest)> {
        if self.flights.len() >= AHEAD || self.landing.len() >= LANDING {
            return None;
        }
        let again = self.again.iter().copied().find(|place| self.is_open(*place));
        let place = again.or_else(|| self.next_of_all())?;
        Some((place, self.layout.request(place)?.0))
    }

    fn next_of_all(&self) -> Option<Place> {
        if !self.running || self.tally().open == 0 {
            return None;
        }
        let seen = self.focus.hovered.iter().chain(&self.focus.visible).copied();
        let mut seen = seen.filter(|place| self.is_open(*place));
        let mut all = self
            .layout
            .cells()
            .filter(|(_, parts)| self.lacks(parts))
            .map(|(place, _)| place);
        let wanted = |place: &Place| self.is_wanted(*place);
        seen.find(wanted).or_else(|| all.find(wanted))
    }

    pub(super) fn is_open(&self, place: Place) -> bool {
        self.layout.parts(place).is_some_and(|parts| self.lacks(&parts))
    }

    /// Whether there is no take of these parts, and none is on its way or is not to be tried again.
    pub(super) fn lacks(&self, parts: &Parts) -> bool {
        !self.takes.contains_key(parts)
            && !self.failed.contains_key(parts)
            && !self.cancelled.contains(parts)
            && !self.landing.contains(parts)
            && !self.flights.iter().any(|flight| flight.parts == *parts)
    }

    /// The engine has taken the request of [`Self::next`].
    pub fn submitted(&mut self, place: Place, job: JobId) {
        let (Some(parts), Some((_, inputs))) = (self.layout.parts(place), self.layout.request(place)) else {
            return;
        };
        let Some(sketch) = self.layout.row(place.0).map(|row| row.sketch.clone()) else {
            return;
        };
        self.changed();
        self.again.retain(|known| *known != place);
        self.flights.push(Flight {
            job,
            place,
            parts,
            inputs,
            sketch,
            running: None,
            preview: None,
        });
    }

    /// Jobs that are no longer wanted: what they were given has changed, or was removed.
    pub fn outdated(&self) -> Vec<JobId> {
        let flights = self.flights.iter();
        flights
            .filter(|flight| self.layout.parts(flight.place) != Some(flight.parts))
            .map(|flight| flight.job)
            .collect()
    }

    /// No job is at an engine any more: the cells are open again.
    pub fn forget_jobs(&mut self) {
        if !self.flights.is_empty() {
            self.changed();
            self.flights.clear();
        }
    }

    /// Whether an event is of one of its jobs.
    pub fn concerns(&self, event: &Event) -> bool {
        self.flight_of(event).is_some()
    }

    fn flight_of(&self, event: &Event) -> Option<usize> {
        let job = about(event);
        self.flights.iter().position(|flight| flight.job == job)
    }

    /// Takes in an event; one of a job that is not its own is passed over. What was finished is to be made ready.
    pub fn receive(&mut self, event: Event) -> Option<Fresh> {
        let at = self.flight_of(&event)?;
        // How far a job is changes nothing that is found by looking at every cell.
        match event {
            Event::Started { steps, .. } => self.flights[at].running = Some((0, steps)),
            Event::Progress { step, steps, .. } => self.flights[at].running = Some((step, steps)),
            Event::Finished { take, .. } => {
                let Flight {
                    place,
                    parts,
                    inputs,
                    sketch,
                    ..
                } = self.leave_flight(at);
                self.landing.insert(parts);
                self.pace = Some(take.elapsed);
                return Some(Fresh {
                    place,
                    parts,
                    inputs,
                    sketch,
                    take,
                });
            }
            Event::Cancelled { .. } => {
                self.leave_flight(at);
            }
            Event::Failed { error, .. } => {
                let flight = self.leave_flight(at);
                self.failed.insert(flight.parts, error.to_string());
            }
        }
        None
    }

    fn leave_flight(&mut self, at: usize) -> Flight {
        self.changed();
        self.flights.remove(at)
    }

    /// Takes in a preview of one of its jobs; one of any other is passed over.
    pub fn preview(&mut self, preview: Preview) {
        if let Some(flight) = self.flights.iter_mut().find(|flight| flight.job == preview.job) {
            flight.preview = Some(preview.picture);
        }
    }

    /// A take cannot be made ready.
    pub fn crash(&mut self, parts: Parts, reason: String) {
        self.changed();
        self.landing.remove(&parts);
        self.failed.insert(parts, reason);
    }

    /// A take is ready.
    pub fn land(&mut self, place: Place, take: CellTake) {
        self.changed();
        self.landing.remove(&take.parts);
        self.stand += 1;
        let take = Arc::new(take);
        self.newest.insert(place, take.clone());
        self.takes.insert(take.parts, take);
    }
}
