//! Decisions about pictures, and the way back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LightTable;
use crate::gallery::entry::Entry;
use crate::gallery::marks::{Decision, Mark};

/// Decisions that were made at one go.
pub(super) struct Change {
    words: &'static str,
    marks: Vec<Changed>,
}

/// A picture, and what was decided of it, before and after. Its other marks are not touched by the way back.
type Changed = (PathBuf, Mark, Mark);

impl LightTable {
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
        self.refuse(entries);
        let marks = entries.iter().filter_map(|entry| {
            let marks = entry.marks()?;
            let after = decision.on(marks);
            let before = after.of(marks);
            (after != before).then(|| (entry.path.clone(), before, after))
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

    /// Says why nothing is decided about those that cannot be read.
    fn refuse(&mut self, entries: &[Arc<Entry>]) {
        let mut broken = entries.iter().filter_map(|entry| Some((entry, entry.facts.as_ref().err()?)));
        let Some((entry, reason)) = broken.next() else { return };
        let name = entry.name();
        self.problem = Some(match (entries.len(), broken.count() + 1) {
            (1, _) => format!("{name} is broken and keeps no decisions: {reason}. Restore it from a copy, or make it again."),
            (all, 1) => format!("One of the {all} chosen pictures is broken and keeps no decisions: {name}, {reason}."),
            (all, count) => {
                format!("{count} of the {all} chosen pictures are broken and keep no decisions, {name} among them: {reason}.")
            }
        });
    }

    fn set(&mut self, path: &Path, mark: Mark) {
        self.catalogue.mark(path, mark.clone());
        self.writer.write(path.to_owned(), mark);
        self.renew(path);
        self.marks_changed();
    }

    /// Takes the last decision back; says which.
    pub fn undo(&mut self) -> Option<&'static str> {
        let change = self.undo.pop()?;
        let words = self.travel(&change, |(path, before, _)| (path, before));
        self.redo.push(change);
        Some(words)
    }

    /// Decides again what was taken back; says what.
    pub fn redo(&mut self) -> Option<&'static str> {
        let change = self.redo.pop()?;
        let words = self.travel(&change, |(path, _, after)| (path, after));
        self.undo.push(change);
        Some(words)
    }

    /// Sets what was decided to one end of a change.
    fn travel(&mut self, change: &Change, end: impl Fn(&Changed) -> (&PathBuf, &Mark)) -> &'static str {
        for changed in &change.marks {
            let (path, mark) = end(changed);
            self.set(path, mark.clone());
        }
        self.show(change);
        change.words
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
}
