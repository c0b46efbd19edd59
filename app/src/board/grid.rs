//! The board at work. Takes are kept by what made them, so that undoing a change brings its takes back and nothing is computed twice.

mod cell;
mod flights;
mod focus;
mod room;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::event::JobId;
use engine::request::Settings;

pub use cell::{CellTake, State};
use flights::Flight;
pub use flights::Fresh;
pub use focus::Focus;
pub use room::Fetch;

use super::colors::{Tone, Tones};
use super::editing::History;
use super::layout::{ColumnId, Layout, Parts, Place, RowId};
use super::regions::{Drift, outliers};
use super::shelf::Shelf;

/// How much is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Cell(Place),
    Row(RowId),
    All,
}

/// How far each row's colours are from those of the row before it, and whether that stands out.
pub type ColumnDrifts = Arc<[(Option<Drift>, bool)]>;

/// Cells, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    wanted: usize,
    /// Of the wanted.
    done: usize,
    /// Of the wanted, those that the engine is to be given.
    open: usize,
    /// Some cell, wanted or not, has a take that is up to date.
    any: bool,
}

/// The board at work: what stands on it with the way back, the takes by what made them, and what the engine is asked for next. It draws nothing, and knows
/// no thread: what takes long is handed out, and taken in when it is done.
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
    /// Cells that were asked for by themselves.
    again: Vec<Place>,
    /// How long the latest take took.
    pace: Option<Duration>,
    /// Drifts that were measured, by the two takes.
    drifts: HashMap<[Tone; 2], Option<Drift>>,
    /// Those of columns, and the version that they are of.
    column_drifts: HashMap<ColumnId, (u64, ColumnDrifts)>,
    tally: Cell<Option<(u64, Tally)>>,
    /// Counts changes of the layout, the takes and the jobs: what is found by looking at every cell is kept until the next.
    pub(super) version: u64,
    pub(super) tones: Tones,
    pub(super) next_id: u64,
    pub focus: Focus,
    /// Where the takes' pictures are.
    pub(super) shelf: Arc<Shelf>,
    /// Counts the calls of [`Self::fetch`].
    now: u64,
    /// Counts what would be lost with the board: takes that were made, parts that were named.
    pub(super) stand: u64,
    /// What the count was when the board was last in a folder.
    kept: u64,
}

impl Board {
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn is_empty(&self) -> bool {
        self.layout.rows.is_empty() && self.layout.columns.is_empty()
    }

    /// Names how the board stands: another number after each take that is made and each part that is named.
    pub fn stand(&self) -> u64 {
        self.stand
    }

    /// What stood on the board at `stand` is in a folder of the person's.
    pub fn keep(&mut self, stand: u64) {
        self.kept = stand;
    }

    /// Whether it has takes or named parts that are in no folder.
    pub fn is_unsaved(&self) -> bool {
        self.stand != self.kept && !self.is_empty() && !self.takes.is_empty()
    }

    /// Whether a cell has a take that is up to date, be it of the chosen reference or not.
    pub fn has_takes(&self) -> bool {
        self.tally().any
    }

    pub(super) fn changed(&mut self) {
        self.version += 1;
    }

    fn tally(&self) -> Tally {
        if let Some((version, tally)) = self.tally.get()
            && version == self.version
        {
            return tally;
        }
        let mut tally = Tally::default();
        for (place, parts) in self.layout.cells() {
            let made = self.takes.contains_key(&parts);
            tally.any |= made;
            if self.is_wanted(place) {
                tally.wanted += 1;
                tally.done += usize::from(made);
                tally.open += usize::from(self.lacks(&parts));
            }
        }
        self.tally.set(Some((self.version, tally)));
        tally
    }

    /// Begins, or goes on; cells that failed or were cancelled are tried again.
    pub fn run(&mut self, settings: &Settings) {
        self.take_settings(settings);
        self.changed();
        self.failed.clear();
        self.cancelled.clear();
        self.running = true;
    }

    fn take_settings(&mut self, settings: &Settings) {
        if self.differs_from(settings) {
            self.edit("Change the settings", |layout| layout.set_settings(settings.clone()));
        }
    }

    /// Whether filling the board with these settings would make its cells anew.
    pub fn differs_from(&self, settings: &Settings) -> bool {
        let seed = self.layout.settings().seed;
        let alike = Settings {
            seed,
            ..settings.clone()
        };
        *self.layout.settings() != alike
    }

    /// What cells are made with: until there are any, `studio`'s settings.
    pub fn settings<'a>(&'a self, studio: &'a Settings) -> &'a Settings {
        match self.newest.is_empty() && !self.is_working() {
            true => studio,
            false => self.layout.settings(),
        }
    }

    /// Submits nothing more; what runs is finished.
    pub fn pause(&mut self) {
        self.running = false;
        self.again.clear();
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
        self.changed();
        self.again.retain(|place| !within(place));
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

    /// Whether a cell can be run by itself. One that is up to date would come out the same.
    pub fn can_retry(&self, place: Place) -> bool {
        let state = self.state(place);
        let is_missing = matches!(state, State::Empty | State::Stale(..) | State::Failed(_) | State::Cancelled);
        is_missing && !self.waits(place)
    }

    /// Runs a cell alone, whatever became of it before. A board on which nothing was made yet takes `settings`.
    pub fn retry(&mut self, place: Place, settings: &Settings) {
        if self.newest.is_empty() {
            self.take_settings(settings);
        }
        self.changed();
        if let Some(parts) = self.layout.parts(place) {
            self.failed.remove(&parts);
            self.cancelled.remove(&parts);
        }
        if !self.again.contains(&place) {
            self.again.push(place);
        }
    }

    /// Whether a cell is being made, or waits for its turn.
    pub fn can_cancel(&self, place: Place) -> bool {
        let parts = self.layout.parts(place);
        self.waits(place) || self.flights.iter().any(|flight| Some(flight.parts) == parts)
    }

    /// Whether the engine will be given a cell.
    fn waits(&self, place: Place) -> bool {
        self.is_open(place) && (self.again.contains(&place) || self.running && self.is_wanted(place))
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
            return State::Stale(take.clone(), cell::why(&take.parts, &parts));
        }
        match self.waits(place) || self.landing.contains(&parts) {
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
        let Tally { done, wanted, .. } = self.tally();
        (done, wanted)
    }

    /// Whether cells are being made, or wait for their turn.
    pub fn is_working(&self) -> bool {
        let again = || self.again.iter().any(|place| self.is_open(*place));
        !self.flights.is_empty() || !self.landing.is_empty() || again() || (self.running && self.tally().open > 0)
    }

    /// Time left at the latest pace; none before the first take.
    pub fn remaining(&self) -> Option<Duration> {
        let open = self.tally().open + self.flights.len();
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

    /// The drifts of a column's rows. Where they take longer to be measured than `until`, there are none yet: the next call goes on.
    pub fn drifts(&mut self, column: ColumnId, until: Instant) -> Option<ColumnDrifts> {
        let version = self.version;
        if let Some((known, drifts)) = self.column_drifts.get(&column)
            && *known == version
        {
            return Some(drifts.clone());
        }
        let drifts = self.measure(column, until)?;
        self.column_drifts.insert(column, (version, drifts.clone()));
        Some(drifts)
    }

    fn measure(&mut self, column: ColumnId, until: Instant) -> Option<ColumnDrifts> {
        let rows = &self.layout.rows;
        let takes: Vec<_> = rows.iter().map(|row| self.take((row.id, column)).cloned()).collect();
        let known = &mut self.drifts;
        // One at least is measured in each call.
        let mut is_late = false;
        let mut drifts: Vec<Option<Drift>> = vec![None; rows.len()];
        for (at, drift) in drifts.iter_mut().enumerate().skip(1) {
            let before = at - 1;
            let (Some(own), Some(other)) = (&takes[at], &takes[before]) else {
                continue;
            };
            *drift = match known.entry([own.key(), other.key()]) {
                Entry::Occupied(measured) => *measured.get(),
                Entry::Vacant(_) if is_late => return None,
                Entry::Vacant(place) => {
                    let [here, there] = [at, before].map(|at| &rows[at].sketch.regions);
                    let measured = *place.insert(here.drift(&own.means, there, &other.means));
                    is_late = Instant::now() >= until;
                    measured
                }
            };
        }
        let marked = outliers(&drifts);
        Some(drifts.into_iter().zip(marked).collect())
    }
}
