//! The board at work. Takes are kept by what made them, so that undoing a change brings its takes back and nothing is computed twice.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use engine::event::{Event, JobId, Preview, Take};
use engine::request::{ColorizeRequest, Settings};
use image::{Rgb, RgbImage};

use super::card::SketchCard;
use super::colors::{Tone, Tones};
use super::editing::History;
use super::layout::{ColumnId, Layout, Parts, Place, RowId};
use super::regions::{Drift, outliers};
use crate::generate::recipe::{Recipe, RecipeInputs};

/// Jobs at the engine: one that runs and one behind it, so that it never waits and the order can still change.
const AHEAD: usize = 2;
/// A finished cell.
#[derive(Debug)]
pub struct CellTake {
    pub parts: Parts,
    /// The colour alone, of the sketch's size.
    pub color: Arc<RgbImage>,
    /// With the lines over it, no larger than a cell shows.
    pub shown: Arc<RgbImage>,
    /// Mean colours of the sketch's areas.
    pub means: Vec<Rgb<u8>>,
    /// With `lines` false.
    pub recipe: Recipe,
    /// Hash of what its colours were shifted by to keep to the model; 0: as it was made.
    pub tone: u64,
}

impl CellTake {
    fn key(&self) -> Tone {
        (self.parts, self.tone)
    }
}

/// How a cell stands.
#[derive(Clone, Debug)]
pub enum State {
    /// Nothing is asked for yet.
    Empty,
    Queued,
    Running {
        step: u32,
        steps: u32,
        preview: Option<Arc<RgbImage>>,
    },
    Done(Arc<CellTake>),
    /// Made from something else than what stands there now; what, in words.
    Stale(Arc<CellTake>, &'static str),
    Failed(String),
    /// Cancelled by the person.
    Cancelled,
}

/// How much is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Cell(Place),
    Row(RowId),
    All,
}

/// What the person looks at: it comes first.
#[derive(Clone, Debug, Default)]
pub struct Focus {
    pub hovered: Option<Place>,
    pub visible: Vec<Place>,
    /// The cell that commands are about.
    pub active: Option<Place>,
    /// The column that the active one is held against.
    pub against: Option<ColumnId>,
}

/// A job at the engine.
struct Flight {
    job: JobId,
    place: Place,
    parts: Parts,
    inputs: RecipeInputs,
    sketch: Arc<SketchCard>,
    /// Step and steps, once it runs.
    running: Option<(u32, u32)>,
    preview: Option<Arc<RgbImage>>,
}

/// A take as it came from the engine, to be made ready for the board away from the window.
pub struct Fresh {
    pub place: Place,
    pub parts: Parts,
    pub inputs: RecipeInputs,
    pub sketch: Arc<SketchCard>,
    pub take: Take,
}

#[derive(Default)]
pub struct Board {
    pub(super) layout: Layout,
    pub(super) history: History,
    takes: HashMap<Parts, Arc<CellTake>>,
    /// The newest take of each cell, shown while it is stale.
    newest: HashMap<Place, Arc<CellTake>>,
    flights: Vec<Flight>,
    /// Finished, and being made ready.
    landing: HashSet<Parts>,
    failed: HashMap<Parts, String>,
    cancelled: HashSet<Parts>,
    running: bool,
    /// How long the latest take took.
    pace: Option<Duration>,
    /// Drifts that were measured, by the two takes.
    drifts: HashMap<[Tone; 2], Option<Drift>>,
    pub(super) tones: Tones,
    pub(super) next_id: u64,
    pub focus: Focus,
}

impl Board {
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn is_empty(&self) -> bool {
        self.layout.rows.is_empty() && self.layout.columns.is_empty()
    }

    /// The cell that commands are about: the active one, or the first.
    pub fn active(&self) -> Option<Place> {
        let layout = &self.layout;
        let stands = |place: &Place| layout.row(place.0).is_some() && layout.column(place.1).is_some();
        self.focus.active.filter(stands).or_else(|| layout.places().next())
    }

    /// The column that the active one is held against: the one that was active before it, or its neighbour.
    pub fn against(&self) -> Option<ColumnId> {
        let (_, active) = self.active()?;
        let columns = &self.layout.columns;
        let chosen = self
            .focus
            .against
            .filter(|id| *id != active && self.layout.column(*id).is_some());
        chosen.or_else(|| {
            let at = columns.iter().position(|column| column.id == active)?;
            let next = columns.get(at + 1).or_else(|| columns.get(at.checked_sub(1)?))?;
            Some(next.id)
        })
    }

    /// Makes a cell the active one; the column that was active before it is what it is held against.
    pub fn activate(&mut self, place: Place) {
        let before = self.active().map(|(_, column)| column);
        if before.is_some_and(|before| before != place.1) {
            self.focus.against = before;
        }
        self.focus.active = Some(place);
    }

    /// Goes so many columns to the right and rows down.
    pub fn step(&mut self, right: isize, down: isize) {
        let Some((row, column)) = self.active() else { return };
        let row = self.layout.rows.iter().position(|known| known.id == row);
        let column = self.layout.columns.iter().position(|known| known.id == column);
        let next = |at: Option<usize>, step: isize, length: usize| Some(at?.saturating_add_signed(step).min(length - 1));
        let row = next(row, down, self.layout.rows.len());
        let column = next(column, right, self.layout.columns.len());
        if let (Some(row), Some(column)) = (row, column) {
            self.activate((self.layout.rows[row].id, self.layout.columns[column].id));
        }
    }

    /// Begins, or goes on; cells that failed or were cancelled are tried again.
    pub fn run(&mut self, settings: &Settings) {
        let wanted = Settings {
            seed: 0,
            ..settings.clone()
        };
        if *self.layout.settings() != wanted {
            self.edit("Change the settings", |layout| layout.set_settings(wanted));
        }
        self.failed.clear();
        self.cancelled.clear();
        self.running = true;
    }

    /// Submits nothing more; what runs is finished.
    pub fn pause(&mut self) {
        self.running = false;
    }

    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Takes cells out of the queue; the jobs to cancel at the engine.
    pub fn cancel(&mut self, scope: Scope) -> Vec<JobId> {
        let within = |place: &Place| match scope {
            Scope::Cell(cell) => *place == cell,
            Scope::Row(row) => place.0 == row,
            Scope::All => true,
        };
        if scope == Scope::All {
            self.running = false;
        } else {
            let places: Vec<Place> = self.layout.places().filter(within).collect();
            let open = places.into_iter().filter_map(|place| self.layout.parts(place));
            self.cancelled
                .extend(open.filter(|parts| !self.takes.contains_key(parts)).collect::<Vec<_>>());
        }
        let flights = self.flights.iter().filter(|flight| within(&flight.place));
        flights.map(|flight| flight.job).collect()
    }

    /// Lets a cell that was cancelled or failed be tried again.
    pub fn retry(&mut self, place: Place) {
        if let Some(parts) = self.layout.parts(place) {
            self.failed.remove(&parts);
            self.cancelled.remove(&parts);
        }
        self.running = true;
    }

    pub fn state(&self, place: Place) -> State {
        let Some(parts) = self.layout.parts(place) else {
            return State::Empty;
        };
        if let Some(take) = self.take(place) {
            return State::Done(take.clone());
        }
        if let Some(flight) = self.flights.iter().find(|flight| flight.parts == parts) {
            return match flight.running {
                Some((step, steps)) => State::Running {
                    step,
                    steps,
                    preview: flight.preview.clone(),
                },
                None => State::Queued,
            };
        }
        if let Some(reason) = self.failed.get(&parts) {
            return State::Failed(reason.clone());
        }
        if self.cancelled.contains(&parts) {
            return State::Cancelled;
        }
        if let Some(take) = self.newest.get(&place) {
            return State::Stale(take.clone(), why(&take.parts, &parts));
        }
        match self.running && self.is_wanted(place) || self.landing.contains(&parts) {
            true => State::Queued,
            false => State::Empty,
        }
    }

    /// Once a reference is chosen only its column is worked on.
    fn is_wanted(&self, (_, column): Place) -> bool {
        self.layout.chosen.is_none_or(|chosen| chosen == column)
    }

    /// Finished cells, and all that are wanted.
    pub fn progress(&self) -> (usize, usize) {
        let wanted: Vec<Place> = self.layout.places().filter(|place| self.is_wanted(*place)).collect();
        let done = wanted.iter().filter_map(|place| self.layout.parts(*place));
        (done.filter(|parts| self.takes.contains_key(parts)).count(), wanted.len())
    }

    /// Whether cells are being made, or wait for their turn.
    pub fn is_working(&self) -> bool {
        let waits = || self.layout.places().any(|place| self.is_wanted(place) && self.is_open(place));
        !self.flights.is_empty() || !self.landing.is_empty() || (self.running && waits())
    }

    /// Time left at the latest pace; none before the first take.
    pub fn remaining(&self) -> Option<Duration> {
        let waiting = self
            .layout
            .places()
            .filter(|place| self.is_wanted(*place) && self.is_open(*place));
        let open = waiting.count() + self.flights.len();
        self.pace.map(|pace| pace * u32::try_from(open).unwrap_or(u32::MAX))
    }

    /// The take of a cell that is up to date, in the colours that its frames keep.
    pub fn take(&self, place: Place) -> Option<&Arc<CellTake>> {
        let made = self.made(place)?;
        Some(self.toned(place, made.parts).unwrap_or(made))
    }

    /// The take of a cell that is up to date, as it was made.
    pub(super) fn made(&self, place: Place) -> Option<&Arc<CellTake>> {
        self.takes.get(&self.layout.parts(place)?)
    }

    /// The next cell for the engine, if it is to be given one: the hovered first, then the visible, then row by row.
    pub fn next(&self) -> Option<(Place, ColorizeRequest)> {
        if !self.running || self.flights.len() >= AHEAD {
            return None;
        }
        let order = (self.focus.hovered.into_iter())
            .chain(self.focus.visible.iter().copied())
            .chain(self.layout.places());
        let place = order
            .into_iter()
            .find(|place| self.is_wanted(*place) && self.is_open(*place))?;
        Some((place, self.layout.request(place)?.0))
    }

    fn is_open(&self, place: Place) -> bool {
        self.layout.parts(place).is_some_and(|parts| {
            !self.takes.contains_key(&parts)
                && !self.failed.contains_key(&parts)
                && !self.cancelled.contains(&parts)
                && !self.landing.contains(&parts)
                && !self.flights.iter().any(|flight| flight.parts == parts)
        })
    }

    /// The engine has taken the request of [`Self::next`].
    pub fn submitted(&mut self, place: Place, job: JobId) {
        let (Some(parts), Some((_, inputs))) = (self.layout.parts(place), self.layout.request(place)) else {
            return;
        };
        let Some(sketch) = self.layout.row(place.0).map(|row| row.sketch.clone()) else {
            return;
        };
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

    /// Whether an event is of one of its jobs.
    pub fn concerns(&self, event: &Event) -> bool {
        self.flight_of(event).is_some()
    }

    fn flight_of(&self, event: &Event) -> Option<usize> {
        let (Event::Started { job, .. }
        | Event::Progress { job, .. }
        | Event::Finished { job, .. }
        | Event::Cancelled { job }
        | Event::Failed { job, .. }) = event;
        self.flights.iter().position(|flight| flight.job == *job)
    }

    /// Takes in an event; one of a job that is not its own is passed over. What was finished is to be made ready.
    pub fn receive(&mut self, event: Event) -> Option<Fresh> {
        let at = self.flight_of(&event)?;
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
                } = self.flights.remove(at);
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
                self.flights.remove(at);
            }
            Event::Failed { error, .. } => {
                let flight = self.flights.remove(at);
                self.failed.insert(flight.parts, error.to_string());
            }
        }
        None
    }

    /// Takes in a preview of one of its jobs; one of any other is passed over.
    pub fn preview(&mut self, preview: Preview) {
        if let Some(flight) = self.flights.iter_mut().find(|flight| flight.job == preview.job) {
            flight.preview = Some(preview.picture);
        }
    }

    /// A take is ready.
    pub fn land(&mut self, place: Place, take: CellTake) {
        self.landing.remove(&take.parts);
        let take = Arc::new(take);
        self.newest.insert(place, take.clone());
        self.takes.insert(take.parts, take);
    }

    /// How far each row's colours are from those of the row before it, in a column, and whether that stands out.
    pub fn drifts(&mut self, column: ColumnId) -> Vec<(Option<Drift>, bool)> {
        let rows = &self.layout.rows;
        let takes: Vec<_> = rows.iter().map(|row| self.take((row.id, column)).cloned()).collect();
        let known = &mut self.drifts;
        let mut drift = |at: usize| {
            let before = at.checked_sub(1)?;
            let (own, other) = (takes[at].as_ref()?, takes[before].as_ref()?);
            *known.entry([own.key(), other.key()]).or_insert_with(|| {
                let [here, there] = [at, before].map(|at| &rows[at].sketch.regions);
                here.drift(&own.means, there, &other.means)
            })
        };
        let drifts: Vec<Option<Drift>> = (0..rows.len()).map(&mut drift).collect();
        let marked = outliers(&drifts);
        drifts.into_iter().zip(marked).collect()
    }
}

/// What has changed since a take was made.
fn why(made: &Parts, now: &Parts) -> &'static str {
    if made.sketch != now.sketch {
        "the sketch has changed"
    } else if made.reference != now.reference {
        "the reference has changed"
    } else if made.masked != now.masked {
        "the mask was switched"
    } else if made.seed != now.seed {
        "the noise has changed"
    } else {
        "the settings have changed"
    }
}
