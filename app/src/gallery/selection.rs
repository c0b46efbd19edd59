//! What is chosen among the pictures that show: one that keys act on, and those that were selected beside it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::query::Answer;

/// Pictures that are compared at once.
pub const MOST_COMPARED: usize = 9;

/// Pictures by their files. All places are those of an [`Answer`].
#[derive(Debug, Default)]
pub struct Selection {
    active: Option<PathBuf>,
    /// Where the active picture stood, for when it goes.
    place: usize,
    selected: HashSet<PathBuf>,
    /// Where the active picture and the selected ones stand, in order.
    places: Vec<usize>,
    /// Which of the places is the first that is compared.
    first: usize,
    /// Where a range of selected pictures begins.
    anchor: Option<PathBuf>,
}

impl Selection {
    /// The picture that keys act on.
    pub fn active(&self) -> Option<&Path> {
        self.active.as_deref()
    }

    /// Where the active picture stands.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Whether a picture is the active one or selected.
    pub fn holds(&self, path: &Path) -> bool {
        self.selected.contains(path) || self.active() == Some(path)
    }

    /// Pictures beside the active one; it may be among them.
    pub fn selected(&self) -> usize {
        self.selected.len()
    }

    /// The active picture and the selected ones, in order.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Those of these places that are compared: the active picture is among them.
    pub fn compared(&self) -> &[usize] {
        let rest = &self.places[self.first..];
        &rest[..rest.len().min(MOST_COMPARED)]
    }

    /// Finds where all of them stand, which takes long where they are thousands: whenever they change, not whenever somebody asks.
    fn find(&mut self, answer: &Answer) {
        let paths = self.selected.iter().chain(&self.active);
        self.places.clear();
        self.places.extend(paths.filter_map(|path| answer.place(path)));
        self.places.sort_unstable();
        self.places.dedup();
        // What is compared moves on by no more than the active picture takes.
        let active = self.places.partition_point(|place| *place < self.place);
        let last = self.places.len().saturating_sub(MOST_COMPARED);
        self.first = self.first.clamp((active + 1).saturating_sub(MOST_COMPARED), active).min(last);
    }

    /// After another answer: what no longer shows is let go, and what takes the place of the active picture becomes active.
    pub fn settle(&mut self, answer: &Answer) {
        self.selected.retain(|path| answer.place(path).is_some());
        match self.active().and_then(|path| answer.place(path)) {
            Some(place) => self.activate(answer, place),
            None => {
                self.active = None;
                self.activate(answer, self.place.min(answer.entries.len().saturating_sub(1)));
            }
        }
    }

    /// A click on a picture: alone, with `add` added or taken away, with `range` all from the last click or, without one, from the active picture.
    pub fn choose(&mut self, answer: &Answer, path: &Path, add: bool, range: bool) {
        let Some(place) = answer.place(path) else { return };
        let anchor = |from: &Option<PathBuf>| from.as_deref().and_then(|anchor| answer.place(anchor));
        if anchor(&self.anchor).is_none() {
            self.anchor.clone_from(&self.active);
        }
        match anchor(&self.anchor).filter(|_| range) {
            Some(anchor) => {
                let entries = &answer.entries[anchor.min(place)..=anchor.max(place)];
                self.selected = entries.iter().map(|entry| entry.path.clone()).collect();
            }
            None => {
                if !add {
                    self.selected.clear();
                } else if self.holds(path) && self.places.len() > 1 {
                    return self.take_out(answer, place);
                } else if let Some(active) = self.active.clone().filter(|_| self.selected.is_empty()) {
                    self.selected.insert(active);
                }
                self.selected.insert(path.to_owned());
                self.anchor = Some(path.to_owned());
            }
        }
        self.activate(answer, place);
    }

    /// Selects exactly these; the active picture stays.
    pub fn select<'a>(&mut self, answer: &Answer, paths: impl Iterator<Item = &'a Path>) {
        self.selected = paths.map(Path::to_owned).collect();
        self.find(answer);
    }

    /// Takes the active picture out of several that are selected.
    pub fn let_go(&mut self, answer: &Answer) {
        self.take_out(answer, self.place);
    }

    /// Takes a picture out of several that are selected. Were it the active one, the next of them is that now, or the last.
    fn take_out(&mut self, answer: &Answer, place: usize) {
        let others = || self.places.iter().copied().filter(|other| *other != place);
        let next = others().find(|other| *other > place).or(others().next_back());
        if let (Some(next), Some(entry)) = (next, answer.entries.get(place)) {
            self.selected.remove(&entry.path);
            self.activate(answer, if self.place == place { next } else { self.place });
            self.anchor.clone_from(&self.active);
        }
    }

    /// Makes the picture at `place` the active one; what is selected stays.
    pub fn activate(&mut self, answer: &Answer, place: usize) {
        if let Some(entry) = answer.entries.get(place) {
            self.place = place;
            self.active = Some(entry.path.clone());
        }
        self.find(answer);
    }

    /// Goes to the picture at `place`, with nothing selected beside it.
    pub fn go(&mut self, answer: &Answer, place: usize) {
        self.selected.clear();
        self.activate(answer, place);
        self.anchor.clone_from(&self.active);
    }
}
