//! A review: what shows of a catalogue, what is chosen, and every decision with the way back. No widget, no pixel.

mod decisions;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use decisions::Change;

use super::catalogue::{Catalogue, Progress};
use super::entry::Entry;
use super::mark_writer::MarkWriter;
use super::marks::Flag;
use super::query::{Answer, Query};
use super::selection::{MOST_COMPARED, Selection};
use crate::files::Waker;

/// How often the pictures are put in order while their folder is being read.
const ANSWER_EVERY: Duration = Duration::from_millis(250);
/// Where that takes long, only so small a part of the time is spent on it.
const ANSWER_SHARE: u32 = 25;
/// The magnifications of one view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Magnification {
    #[default]
    Grid,
    Loupe,
    /// Up to nine, with one zoom.
    Compare,
    /// Up to nine, each as large as it fits.
    Survey,
    /// Without names and settings: see [`super::blind`].
    Blind,
}

/// A catalogue on the table.
pub struct LightTable {
    catalogue: Catalogue,
    query: Query,
    answer: Answer,
    /// The query has changed since the answer, or what it follows has.
    stale: bool,
    /// The files have changed since the answer.
    files_changed: bool,
    /// When the answer was made, and how long that took.
    answered: (Instant, Duration),
    /// How many of the pictures that show are picked, once somebody has asked.
    picked: OnceCell<usize>,
    selection: Selection,
    pub magnification: Magnification,
    /// Goes to the next picture after each decision.
    pub advance: bool,
    /// Pictures in a row of the grid.
    pub columns: usize,
    /// Rows of the grid that are wholly in sight.
    pub rows: usize,
    undo: Vec<Change>,
    redo: Vec<Change>,
    writer: MarkWriter,
    /// What could not be written; the view shows and takes it.
    pub problem: Option<String>,
}

impl LightTable {
    /// Lays out a folder; see [`Catalogue::open`].
    pub fn open(folder: &Path, caches: Option<PathBuf>, waker: &Waker) -> std::io::Result<Self> {
        Ok(Self {
            catalogue: Catalogue::open(folder, caches, waker.clone())?,
            query: Query::default(),
            answer: Answer::default(),
            stale: true,
            files_changed: false,
            answered: (Instant::now(), Duration::ZERO),
            picked: OnceCell::new(),
            selection: Selection::default(),
            magnification: Magnification::Grid,
            advance: false,
            columns: 1,
            rows: 1,
            undo: Vec::new(),
            redo: Vec::new(),
            writer: MarkWriter::new(waker.clone())?,
            problem: None,
        })
    }

    /// Takes the place of the table `before`, whose last decisions are written first. What is left of it, of which letting go takes a moment where it is much.
    pub fn follow(&self, before: Self) -> impl Send + use<> {
        self.writer.follow(before.writer);
        (before.catalogue, before.answer)
    }

    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Changes what is asked.
    pub fn ask(&mut self, change: impl FnOnce(&mut Query)) {
        let before = self.query.clone();
        change(&mut self.query);
        self.stale |= self.query != before;
    }

    /// What shows, in order.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Takes in what was read and written since the last frame.
    pub fn catch_up(&mut self) {
        let mut news = self.catalogue.catch_up();
        for written in self.writer.results() {
            self.problem = written.error.clone().or(self.problem.take());
            let more = self.catalogue.written(written);
            news.files |= more.files;
            news.marks |= more.marks;
            news.again.extend(more.again);
        }
        news.again.iter().for_each(|path| self.renew(path));
        if news.marks {
            self.marks_changed();
        }
        self.files_changed |= news.files;
        // While a folder is read, news come faster than anybody looks.
        let reading = matches!(self.catalogue.progress(), Progress::Reading { .. });
        let (when, took) = self.answered;
        let early = reading && self.answer.entries.len() > 1 && when.elapsed() < ANSWER_EVERY.max(took * ANSWER_SHARE);
        if !self.stale && (!self.files_changed || early) {
            return;
        }
        let begun = Instant::now();
        self.answer = self.query.ask(self.catalogue.folder(), self.catalogue.entries());
        self.selection.settle(&self.answer);
        self.picked.take();
        self.answered = (Instant::now(), begun.elapsed());
        (self.stale, self.files_changed) = (false, false);
    }

    /// Asks again where what is decided may move a picture.
    fn marks_changed(&mut self) {
        self.stale |= self.query.follows_marks();
        self.picked.take();
    }

    /// Shows a picture as it is known now, in its place.
    fn renew(&mut self, path: &Path) {
        if let Some(entry) = self.catalogue.get(path) {
            self.answer.renew(entry);
        }
    }

    /// The picture that keys act on.
    pub fn active(&self) -> Option<&Arc<Entry>> {
        self.catalogue.get(self.selection.active()?)
    }

    /// Where the active picture stands among those that show.
    pub fn place(&self) -> usize {
        self.selection.place()
    }

    pub fn is_active(&self, path: &Path) -> bool {
        self.selection.active() == Some(path)
    }

    /// Whether a decision would reach the picture.
    pub fn is_chosen(&self, path: &Path) -> bool {
        self.selection.holds(path)
    }

    /// The chosen pictures, in order; the active one alone in the loupe.
    pub fn chosen(&self) -> Vec<Arc<Entry>> {
        match self.is_alone() {
            true => self.active().cloned().into_iter().collect(),
            false => self.selection(),
        }
    }

    /// How many these are.
    pub fn chosen_count(&self) -> usize {
        match self.is_alone() {
            true => usize::from(self.active().is_some()),
            false => self.selection_count(),
        }
    }

    /// Whether decisions reach the active picture alone.
    fn is_alone(&self) -> bool {
        self.magnification != Magnification::Grid || self.selection.selected() == 0
    }

    /// The selected pictures and the active one, in order.
    pub fn selection(&self) -> Vec<Arc<Entry>> {
        self.at(self.selection.places())
    }

    /// How many these are.
    pub fn selection_count(&self) -> usize {
        self.selection.places().len()
    }

    /// The pictures at places of the answer, as they are known now: what the answer holds is as old as the last frame.
    fn at(&self, places: &[usize]) -> Vec<Arc<Entry>> {
        let paths = places.iter().map(|place| &self.answer.entries[*place].path);
        paths.filter_map(|path| self.catalogue.get(path).cloned()).collect()
    }

    /// What is done to many at once reaches these: the selected pictures where there are several, else all that show.
    pub fn batch(&self) -> Vec<Arc<Entry>> {
        match self.selection_count() {
            0 | 1 => self.answer.entries.clone(),
            _ => self.selection(),
        }
    }

    /// How many these are.
    pub fn batch_count(&self) -> usize {
        match self.selection_count() {
            0 | 1 => self.answer.entries.len(),
            count => count,
        }
    }

    /// The pictures that are compared: the selected ones, of many the active one and those around it; or the active one and its neighbour.
    pub fn compared(&self) -> Vec<Arc<Entry>> {
        let mut compared = self.at(self.selection.compared());
        if compared.len() < 2 {
            let next = self.answer.entries.get(self.place() + 1);
            let next = next.or_else(|| self.answer.entries.get(self.place().checked_sub(1)?));
            compared.extend(next.cloned());
        }
        compared
    }

    /// Where more are selected than are compared: how many are, and of how many.
    pub fn left_out(&self) -> Option<[usize; 2]> {
        let all = self.selection_count();
        let compares = matches!(self.magnification, Magnification::Compare | Magnification::Survey);
        (compares && all > MOST_COMPARED).then_some([MOST_COMPARED, all])
    }

    /// A click on a picture: alone, with Ctrl added or taken away, with Shift the range from the last click.
    pub fn choose(&mut self, path: &Path, add: bool, range: bool) {
        self.selection.choose(&self.answer, path, add, range);
    }

    /// Makes one of several compared pictures the active one.
    pub fn choose_among(&mut self, path: &Path) {
        let Some(place) = self.answer.place(path) else { return };
        if self.selection_count() < 2 {
            // Without a selection, the neighbour would change with the active picture.
            let compared = self.compared();
            let paths = compared.iter().map(|entry| entry.path.as_path());
            self.selection.select(&self.answer, paths);
        }
        self.selection.activate(&self.answer, place);
    }

    pub fn choose_all(&mut self) {
        let shown = self.answer.entries.iter();
        self.selection.select(&self.answer, shown.map(|entry| entry.path.as_path()));
    }

    /// Selects the picked pictures, and goes to one of them.
    pub fn choose_picked(&mut self) {
        let picked = self.picked();
        let paths = picked.iter().map(|entry| entry.path.as_path());
        let active = paths.clone().find(|path| self.is_active(path)).or(paths.clone().next());
        if let Some(place) = active.and_then(|path| self.answer.place(path)) {
            self.selection.go(&self.answer, place);
            self.selection.select(&self.answer, paths);
        }
    }

    /// Selects nothing beside the active picture.
    pub fn choose_alone(&mut self) {
        self.selection.go(&self.answer, self.selection.place());
    }

    /// Takes the active picture out of several that are selected.
    pub fn let_go(&mut self) {
        self.selection.let_go(&self.answer);
    }

    /// Goes `steps` pictures on, with nothing selected; while several are compared, round among all that are selected.
    pub fn step(&mut self, steps: isize) {
        let round = self.round();
        match round.iter().position(|place| *place == self.place()) {
            Some(at) => {
                let next = (at as isize + steps).rem_euclid(round.len() as isize) as usize;
                self.selection.activate(&self.answer, round[next]);
            }
            None => self.selection.go(&self.answer, self.reach(steps)),
        }
    }

    /// Goes to the first or the last picture, with nothing selected; while several are compared, of all that are selected.
    pub fn step_to_end(&mut self, last: bool) {
        let round = self.round();
        let end = if last { round.last() } else { round.first() };
        match end {
            Some(place) => self.selection.activate(&self.answer, *place),
            None => self
                .selection
                .go(&self.answer, self.reach(if last { isize::MAX } else { isize::MIN })),
        }
    }

    /// Selects all from where the selection began to the picture `steps` on, which becomes the active one.
    pub fn select_on(&mut self, steps: isize) {
        if let Some(entry) = self.answer.entries.get(self.reach(steps)) {
            self.selection.choose(&self.answer, &entry.path, false, true);
        }
    }

    /// The place of the picture `steps` on, or of the last one on that way.
    fn reach(&self, steps: isize) -> usize {
        let last = self.answer.entries.len().saturating_sub(1);
        self.place().saturating_add_signed(steps).min(last)
    }

    /// Places of the selected pictures that keys go round among while they are compared; else none.
    fn round(&self) -> Vec<usize> {
        if !matches!(self.magnification, Magnification::Compare | Magnification::Survey) || self.selection.selected() < 2 {
            return Vec::new();
        }
        self.selection.places().to_vec()
    }

    /// The picked pictures among those that show.
    pub fn picked(&self) -> Vec<Arc<Entry>> {
        self.answer.entries.iter().filter(is_picked).cloned().collect()
    }

    /// How many these are.
    pub fn picked_count(&self) -> usize {
        *self
            .picked
            .get_or_init(|| self.answer.entries.iter().filter(is_picked).count())
    }
}

fn is_picked(entry: &&Arc<Entry>) -> bool {
    entry.marks().is_some_and(|marks| marks.flag == Flag::Pick)
}
