//! A review: what shows of a catalogue, what is chosen, and every decision with the way back. No widget, no pixel.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::catalogue::{Catalogue, Progress};
use super::entry::Entry;
use super::mark_writer::MarkWriter;
use super::marks::{Decision, Flag, Marks};
use super::query::{Answer, Query};
use super::selection::Selection;
use crate::files::Waker;

/// How often the pictures are put in order while their folder is being read.
const ANSWER_EVERY: Duration = Duration::from_millis(250);
/// Pictures that are compared at once.
pub const MOST_COMPARED: usize = 9;

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

/// Decisions that were made at one go.
struct Change {
    words: &'static str,
    marks: Vec<(PathBuf, Marks, Marks)>,
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
    answered: Instant,
    selection: Selection,
    pub magnification: Magnification,
    /// Goes to the next picture after each decision.
    pub advance: bool,
    /// Pictures in a row of the grid.
    pub columns: usize,
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
            answered: Instant::now(),
            selection: Selection::default(),
            magnification: Magnification::Grid,
            advance: false,
            columns: 1,
            undo: Vec::new(),
            redo: Vec::new(),
            writer: MarkWriter::new(waker.clone())?,
            problem: None,
        })
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

    /// Takes in what was read and written since the last frame. Whether files came, went or changed.
    pub fn catch_up(&mut self) -> bool {
        let mut news = self.catalogue.catch_up();
        for written in self.writer.results() {
            let more = self.catalogue.written(&written.marks, written.entry);
            news.files |= more.files;
            news.marks.extend(more.marks);
            self.problem = written.error.or(self.problem.take());
        }
        news.marks.iter().for_each(|path| self.renew(path));
        self.files_changed |= news.files;
        // While a folder is read, news come faster than anybody looks.
        let reading = matches!(self.catalogue.progress(), Progress::Reading { .. });
        let early = reading && self.answer.entries.len() > 1 && self.answered.elapsed() < ANSWER_EVERY;
        if !self.stale && (!self.files_changed || early) {
            return false;
        }
        self.answer = self.query.ask(self.catalogue.folder(), self.catalogue.entries());
        self.selection.settle(&self.answer);
        (self.stale, self.answered) = (false, Instant::now());
        std::mem::take(&mut self.files_changed)
    }

    /// Shows a picture as it is known now; asks again only where that may move it.
    fn renew(&mut self, path: &Path) {
        self.stale |= self.query.follows_marks();
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
        if self.magnification != Magnification::Grid || self.selection.selected() == 0 {
            return self.active().cloned().into_iter().collect();
        }
        self.selection()
    }

    /// The selected pictures and the active one, in order.
    pub fn selection(&self) -> Vec<Arc<Entry>> {
        let places = self.selection.places(&self.answer).into_iter();
        // What the answer holds is as old as the last frame.
        let paths = places.map(|place| &self.answer.entries[place].path);
        paths.filter_map(|path| self.catalogue.get(path).cloned()).collect()
    }

    /// What is done to many at once reaches these: the selected pictures where there are several, else all that show.
    pub fn batch(&self) -> Vec<Arc<Entry>> {
        let selected = self.selection();
        match selected.len() {
            0 | 1 => self.answer.entries.clone(),
            _ => selected,
        }
    }

    /// The pictures that are compared: the selected ones, or the active one and its neighbour.
    pub fn compared(&self) -> Vec<Arc<Entry>> {
        let mut chosen = self.selection();
        if chosen.len() < 2 {
            let next = self.answer.entries.get(self.place() + 1);
            let next = next.or_else(|| self.answer.entries.get(self.place().checked_sub(1)?));
            chosen.extend(next.cloned());
        }
        chosen.truncate(MOST_COMPARED);
        chosen
    }

    /// A click on a picture: alone, with Ctrl added or taken away, with Shift the range from the last click.
    pub fn choose(&mut self, path: &Path, add: bool, range: bool) {
        self.selection.choose(&self.answer, path, add, range);
    }

    /// Makes one of several compared pictures the active one.
    pub fn choose_among(&mut self, path: &Path) {
        let compared = self.compared();
        let Some(place) = self.answer.place(path) else { return };
        // Without a selection, the neighbour would change with the active picture.
        self.selection.select(compared.iter().map(|entry| entry.path.as_path()));
        self.selection.activate(&self.answer, place);
    }

    pub fn choose_all(&mut self) {
        let shown = self.answer.entries.iter();
        self.selection.select(shown.map(|entry| entry.path.as_path()));
    }

    /// Goes `steps` pictures on, with nothing selected; while several are compared, round among them.
    pub fn step(&mut self, steps: isize) {
        if matches!(self.magnification, Magnification::Compare | Magnification::Survey) && self.selection.selected() > 1 {
            let compared = self.compared();
            let at = compared.iter().position(|entry| self.is_active(&entry.path));
            if let Some(at) = at {
                let next = &compared[(at as isize + steps).rem_euclid(compared.len() as isize) as usize];
                if let Some(place) = self.answer.place(&next.path) {
                    self.selection.activate(&self.answer, place);
                }
                return;
            }
        }
        let last = self.answer.entries.len().saturating_sub(1);
        let place = self.place().saturating_add_signed(steps).min(last);
        self.selection.go(&self.answer, place);
    }

    /// Decides about the chosen pictures. A label that all of them have is taken away, as one.
    pub fn decide(&mut self, decision: &Decision) {
        let chosen = self.chosen();
        let single = chosen.len() == 1;
        let decision = match decision {
            Decision::Label(label) if !single => {
                let has = |entry: &Arc<Entry>| entry.marks().is_some_and(|marks| marks.label.as_ref() == Some(label));
                let all = chosen.iter().all(has);
                // On those that have it already the same label would be taken away.
                let chosen: Vec<_> = chosen.into_iter().filter(|entry| all || !has(entry)).collect();
                return self.change(decision, &chosen);
            }
            decision => decision,
        };
        self.change(decision, &chosen);
        if self.advance && single && !matches!(decision, Decision::Note(_)) {
            self.step(1);
        }
    }

    /// Decides about one picture, chosen or not.
    pub fn decide_on(&mut self, path: &Path, decision: &Decision) {
        let entry: Vec<_> = self.catalogue.get(path).cloned().into_iter().collect();
        self.change(decision, &entry);
    }

    fn change(&mut self, decision: &Decision, entries: &[Arc<Entry>]) {
        let marks = entries.iter().filter_map(|entry| {
            let before = entry.marks()?;
            let after = decision.on(before);
            (after != *before).then(|| (entry.path.clone(), before.clone(), after))
        });
        let marks: Vec<_> = marks.collect();
        if marks.is_empty() {
            return;
        }
        for (path, _, after) in &marks {
            self.set(path, after.clone());
        }
        self.undo.push(Change {
            words: decision.words(),
            marks,
        });
        self.redo.clear();
    }

    fn set(&mut self, path: &Path, marks: Marks) {
        self.catalogue.mark(path, marks.clone());
        self.writer.write(path.to_owned(), marks);
        self.renew(path);
    }

    /// Takes the last decision back; says which.
    pub fn undo(&mut self) -> Option<&'static str> {
        let change = self.undo.pop()?;
        for (path, before, _) in &change.marks {
            self.set(path, before.clone());
        }
        self.show(&change);
        let words = change.words;
        self.redo.push(change);
        Some(words)
    }

    /// Decides again what was taken back; says what.
    pub fn redo(&mut self) -> Option<&'static str> {
        let change = self.redo.pop()?;
        for (path, _, after) in &change.marks {
            self.set(path, after.clone());
        }
        self.show(&change);
        let words = change.words;
        self.undo.push(change);
        Some(words)
    }

    /// Nobody sees what is undone elsewhere.
    fn show(&mut self, change: &Change) {
        if let Some((path, ..)) = change.marks.first()
            && let Some(place) = self.answer.place(path)
        {
            self.selection.activate(&self.answer, place);
        }
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// The picked pictures among those that show.
    pub fn picked(&self) -> Vec<Arc<Entry>> {
        let entries = self.answer.entries.iter();
        let picked = entries.filter(|entry| entry.marks().is_some_and(|marks| marks.flag == Flag::Pick));
        picked.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::entry::Stamp;
    use crate::gallery::marks::Label;
    use crate::gallery::query::Filter;

    fn table(names: &[&str]) -> (LightTable, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            image::RgbImage::new(2, 2).save(folder.path().join(name)).unwrap();
        }
        let waker: Waker = Arc::new(|| {});
        let mut table = LightTable::open(folder.path(), None, &waker).unwrap();
        let start = Instant::now();
        while *table.catalogue().progress() != Progress::Current {
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(2));
            table.catch_up();
        }
        (table, folder)
    }

    fn active(table: &LightTable) -> String {
        table.active().map_or(String::new(), |entry| entry.name().into_owned())
    }

    fn stars(table: &LightTable, name: &str) -> u8 {
        let path = table.catalogue().folder().join(name);
        table.catalogue().get(&path).unwrap().marks().unwrap().stars
    }

    #[test]
    fn decisions_reach_the_chosen_and_can_be_undone() {
        let (mut table, folder) = table(&["a.png", "b.png", "c.png", "d.png"]);
        let path = |name: &str| folder.path().join(name);
        table.choose(&path("b.png"), false, false);
        table.choose(&path("d.png"), false, true);
        table.decide(&Decision::Stars(4));
        table.catch_up();
        assert_eq!(
            ["a.png", "b.png", "c.png", "d.png"].map(|name| stars(&table, name)),
            [0, 4, 4, 4]
        );
        assert_eq!(table.undo(), Some("Rate"));
        assert_eq!(["b.png", "d.png"].map(|name| stars(&table, name)), [0, 0]);
        assert_eq!(table.redo(), Some("Rate"));
        table.magnification = Magnification::Loupe;
        table.decide(&Decision::Stars(1));
        assert_eq!(
            ["b.png", "c.png", "d.png"].map(|name| stars(&table, name)),
            [1, 4, 4],
            "undoing shows where it was"
        );
        drop(table);
        let entry = Entry::read(path("b.png"), Stamp::of(&path("b.png")).unwrap());
        assert_eq!(entry.marks().unwrap().stars, 1, "closing has written it");
    }

    #[test]
    fn one_label_on_several_goes_only_when_all_have_it() {
        let (mut table, folder) = table(&["a.png", "b.png"]);
        let label = |table: &LightTable, name: &str| {
            table
                .catalogue()
                .get(&folder.path().join(name))
                .unwrap()
                .marks()
                .unwrap()
                .label
                .clone()
        };
        table.choose(&folder.path().join("a.png"), false, false);
        table.decide(&Decision::Label(Label::Red));
        table.choose_all();
        table.decide(&Decision::Label(Label::Red));
        assert_eq!(
            (label(&table, "a.png"), label(&table, "b.png")),
            (Some(Label::Red), Some(Label::Red))
        );
        table.decide(&Decision::Label(Label::Red));
        assert_eq!((label(&table, "a.png"), label(&table, "b.png")), (None, None));
    }

    #[test]
    fn advancing_goes_on_and_what_a_filter_hides_makes_room_for_the_next() {
        let (mut table, _folder) = table(&["a.png", "b.png", "c.png"]);
        table.advance = true;
        table.decide(&Decision::Stars(2));
        assert_eq!(active(&table), "b.png");
        table.advance = false;
        table.ask(|query| query.toggle(Filter::Flag(Flag::None)));
        table.catch_up();
        table.decide(&Decision::Flag(Flag::Reject));
        table.catch_up();
        assert_eq!((active(&table).as_str(), table.answer().hidden), ("c.png", 1));
        table.undo();
        table.catch_up();
        assert_eq!(table.answer().hidden, 0);
    }

    #[test]
    fn two_neighbours_are_compared_unless_more_are_selected() {
        let (mut table, folder) = table(&["a.png", "b.png", "c.png"]);
        let names = |table: &LightTable| {
            table
                .compared()
                .iter()
                .map(|entry| entry.name().into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&table), ["a.png", "b.png"]);
        table.step(2);
        assert_eq!(names(&table), ["c.png", "b.png"]);
        table.choose(&folder.path().join("a.png"), true, false);
        assert_eq!(names(&table), ["a.png", "c.png"]);
        table.magnification = Magnification::Compare;
        table.step(1);
        assert_eq!(
            (active(&table).as_str(), names(&table).len()),
            ("c.png", 2),
            "the keys go round among them"
        );
    }
}
