//! Which pictures show, in which order and in which groups.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::Entry;
use super::filter::{Bound, Filter, Sieve};
use super::grouping::Grouping;
use super::order::{Key, Sorting};

/// What is asked of the catalogue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub filters: Vec<Filter>,
    pub grouping: Grouping,
    pub sorting: Sorting,
    /// The other way round.
    pub descending: bool,
}

/// Pictures in order.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub entries: Vec<Arc<Entry>>,
    /// Title and length of each group; one without a title where there are no groups.
    pub groups: Vec<(String, usize)>,
    /// Pictures that the filters hide.
    pub hidden: usize,
    places: HashMap<PathBuf, usize>,
}

impl Answer {
    /// Where a picture stands.
    pub fn place(&self, path: &Path) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// A picture that shows is known anew, and stays in its place.
    pub fn renew(&mut self, entry: &Arc<Entry>) {
        if let Some(place) = self.place(&entry.path) {
            self.entries[place] = entry.clone();
        }
    }
}

impl Query {
    /// Adds a condition, or takes it away where it is one already.
    pub fn toggle(&mut self, filter: Filter) {
        match self.filters.iter().position(|known| *known == filter) {
            Some(place) => drop(self.filters.remove(place)),
            None => {
                // Any of several bounds would be the widest of them; exact numbers of stars stand beside each other.
                if let Filter::Stars(bound, _) = filter {
                    let stays = |known: &Filter| match known {
                        Filter::Stars(known, _) => [*known, bound] == [Bound::Exactly; 2],
                        _ => true,
                    };
                    self.filters.retain(stays);
                }
                self.filters.push(filter);
            }
        }
    }

    /// Whether what is decided about a picture changes whether or where it shows.
    pub fn follows_marks(&self) -> bool {
        self.sorting.is_by_marks() || self.filters.iter().any(Filter::follows_marks)
    }

    /// The pictures of `folder` that pass, in order.
    pub fn ask<'a>(&self, folder: &Path, entries: impl Iterator<Item = &'a Arc<Entry>>) -> Answer {
        let mut all = 0;
        let sieve = Sieve::new(&self.filters);
        let passing = entries.inspect(|_| all += 1).filter(|entry| sieve.passes(folder, entry));
        let mut keyed: Vec<(Cow<'_, str>, Key<'_>, &Arc<Entry>)> = passing
            .map(|entry| (self.grouping.of(folder, entry), self.sorting.key(entry), entry))
            .collect();
        keyed.sort_by(|(group_a, key_a, a), (group_b, key_b, b)| {
            let keys = key_a.cmp(key_b).then_with(|| a.path.cmp(&b.path));
            Grouping::rank(group_a)
                .cmp(&Grouping::rank(group_b))
                .then(if self.descending { keys.reverse() } else { keys })
        });
        let mut answer = Answer {
            entries: Vec::with_capacity(keyed.len()),
            groups: Vec::new(),
            hidden: all - keyed.len(),
            places: HashMap::with_capacity(keyed.len()),
        };
        for (place, (group, _, entry)) in keyed.into_iter().enumerate() {
            match answer.groups.last_mut().filter(|(title, _)| *title == group) {
                Some((_, length)) => *length += 1,
                None => answer.groups.push((group.into_owned(), 1)),
            }
            answer.places.insert(entry.path.clone(), place);
            answer.entries.push(entry.clone());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::entry::{Facts, RecipeKind, Stamp};
    use crate::gallery::marks::{Flag, Label, Marks};

    fn entry(path: &str, stars: u8, fields: &[(&str, &str)]) -> Arc<Entry> {
        let facts = Facts {
            size: [512, 512],
            recipe: RecipeKind::Own,
            lines: Default::default(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            marks: Marks {
                stars,
                note: format!("note of {path}"),
                ..Marks::default()
            },
            created: "2026-11-25T10:00:00Z".to_owned(),
            day: "2026-11-25".to_owned(),
        };
        Arc::new(Entry::new(format!("/takes/{path}").into(), Stamp::default(), Ok(facts)))
    }

    fn takes() -> Vec<Arc<Entry>> {
        vec![
            entry("take 10.png", 1, &[("Seed", "100"), ("Mode", "Split"), ("Steps", "12")]),
            entry("take 9.png", 4, &[("Seed", "20"), ("Mode", "Vanilla"), ("Steps", "30")]),
            entry("shot 2/a.png", 5, &[("Seed", "3"), ("Mode", "Split"), ("Steps", "12")]),
            Arc::new(Entry::new(
                "/takes/broken.png".into(),
                Stamp::default(),
                Err("cut off".to_owned()),
            )),
        ]
    }

    fn names(query: &Query) -> Vec<String> {
        let answer = query.ask(Path::new("/takes"), takes().iter());
        assert_eq!(answer.entries.len() + answer.hidden, 4);
        answer.entries.iter().map(|entry| entry.name().into_owned()).collect()
    }

    #[test]
    fn names_are_sorted_as_people_count_and_fields_as_numbers() {
        let mut query = Query::default();
        assert_eq!(names(&query), ["a.png", "broken.png", "take 9.png", "take 10.png"]);
        query.sorting = Sorting::Field("Seed".to_owned());
        assert_eq!(names(&query), ["a.png", "take 9.png", "take 10.png", "broken.png"]);
        query.sorting = Sorting::Stars;
        query.descending = true;
        assert_eq!(names(&query), ["a.png", "take 9.png", "take 10.png", "broken.png"]);
    }

    #[test]
    fn decisions_are_an_order_too() {
        let marked = |path: &str, flag, label, note: &str| {
            let mut entry = entry(path, 0, &[]);
            let marks = &mut Arc::make_mut(&mut entry).facts.as_mut().unwrap().marks;
            (marks.flag, marks.label, marks.note) = (flag, label, note.to_owned());
            entry
        };
        let entries = [
            marked("a.png", Flag::Pick, None, "b: too dark"),
            marked("b.png", Flag::Reject, Some(Label::Yellow), ""),
            marked("c.png", Flag::None, Some(Label::Blue), "a: good"),
        ];
        for (sorting, expected) in [(Sorting::Flag, "bca"), (Sorting::Label, "acb"), (Sorting::Note, "bca")] {
            let query = Query {
                sorting,
                ..Query::default()
            };
            assert!(query.follows_marks());
            let answer = query.ask(Path::new("/takes"), entries.iter());
            let order: String = answer.entries.iter().map(|entry| entry.name()[..1].to_owned()).collect();
            assert_eq!(order, expected);
        }
    }

    #[test]
    fn filters_hide_and_the_same_filter_again_goes() {
        let mut query = Query::default();
        query.toggle(Filter::Stars(Bound::AtLeast, 2));
        query.toggle(Filter::Stars(Bound::AtLeast, 4));
        assert_eq!(query.filters, [Filter::Stars(Bound::AtLeast, 4)]);
        assert_eq!(names(&query), ["a.png", "take 9.png"]);
        query.toggle(Filter::Group(Grouping::Mode, "Split".to_owned()));
        assert_eq!(names(&query), ["a.png"]);
        query.toggle(Filter::Stars(Bound::AtLeast, 4));
        assert_eq!(names(&query), ["a.png", "take 10.png"]);
        query.filters = vec![Filter::Broken];
        assert_eq!(names(&query), ["broken.png"]);
    }

    #[test]
    fn of_several_values_of_one_kind_any_will_do() {
        let mut query = Query::default();
        query.toggle(Filter::Stars(Bound::Exactly, 1));
        query.toggle(Filter::Stars(Bound::Exactly, 5));
        assert_eq!(names(&query), ["a.png", "take 10.png"]);
        query.toggle(Filter::Stars(Bound::AtMost, 4));
        assert_eq!(names(&query), ["take 9.png", "take 10.png"], "a bound stands alone");
        query.toggle(Filter::Group(Grouping::Mode, "Split".to_owned()));
        query.toggle(Filter::Group(Grouping::Mode, "Vanilla".to_owned()));
        assert_eq!(names(&query), ["take 9.png", "take 10.png"]);
        query.toggle(Filter::Group(Grouping::Shot, "shot 2".to_owned()));
        assert_eq!(names(&query), [""; 0], "all kinds must be met");
        query.filters = vec![Filter::Broken, Filter::NoRecipe];
        assert_eq!(names(&query), ["broken.png"]);
    }

    #[test]
    fn flags_and_labels_of_all_programs_are_kinds_too() {
        let marked = |name: &str, flag, label: &str| {
            let mut entry = entry(name, 0, &[]);
            let marks = &mut Arc::make_mut(&mut entry).facts.as_mut().unwrap().marks;
            (marks.flag, marks.label) = (flag, Label::from_text(label));
            entry
        };
        let entries = [
            marked("a.png", Flag::Pick, "Red"),
            marked("b.png", Flag::None, ""),
            marked("c.png", Flag::Reject, "To print"),
            marked("d.png", Flag::None, "Blue"),
        ];
        let found = |filters: &[Filter]| -> String {
            let mut query = Query::default();
            filters.iter().cloned().for_each(|filter| query.toggle(filter));
            let answer = query.ask(Path::new("/takes"), entries.iter());
            answer.entries.iter().map(|entry| entry.name()[..1].to_owned()).collect()
        };
        let label = |text: &str| Filter::Label(Label::from_text(text));
        assert_eq!(found(&[Filter::Flag(Flag::Pick), Filter::Flag(Flag::None)]), "abd");
        assert_eq!(found(&[label("Red"), label("Blue")]), "ad");
        assert_eq!(found(&[label(""), label("To print")]), "bc");
        assert_eq!(found(&[label("Red"), Filter::Flag(Flag::None)]), "");
    }

    #[test]
    fn searches_look_everywhere_or_in_a_field() {
        let found = |text: &str| {
            let query = Query {
                filters: vec![Filter::Text(text.to_owned())],
                ..Query::default()
            };
            names(&query)
        };
        assert_eq!(found("TAKE 9"), ["take 9.png"]);
        assert_eq!(found("vanilla"), ["take 9.png"]);
        assert_eq!(found("note:shot"), ["a.png"]);
        assert_eq!(found("seed:3"), ["a.png"]);
        assert_eq!(found("steps>12"), ["take 9.png"]);
        assert_eq!(found("stars<5 mode:split"), ["take 10.png"]);
        assert_eq!(found("steps>many"), [""; 0]);
        assert_eq!(found("stars>=4"), ["a.png", "take 9.png"]);
        assert_eq!(found("stars<=4 steps>=30"), ["take 9.png"]);
        assert_eq!(found("rating:4"), ["take 9.png"]);
        assert_eq!(found("seed=20"), ["take 9.png"], "and not 200 or 120");
        assert_eq!(found("mode=SPLIT"), ["a.png", "take 10.png"]);
        assert_eq!(found("mode=spl"), [""; 0]);
        assert_eq!(found("\"take 9\""), ["take 9.png"]);
        assert_eq!(found("\"9 take\""), [""; 0], "the words stand in this order");
        assert_eq!(found("note:\"of take\""), ["take 9.png", "take 10.png"]);
        assert_eq!(found("\"note:shot\""), [""; 0], "in quotes it names no field");
        assert_eq!(found("\"take 1"), ["take 10.png"], "while it is typed");
    }

    #[test]
    fn groups_come_with_their_lengths() {
        let query = Query {
            grouping: Grouping::Shot,
            ..Query::default()
        };
        let answer = query.ask(Path::new("/takes"), takes().iter());
        assert_eq!(answer.groups, [("shot 2".to_owned(), 1), ("this folder".to_owned(), 3)]);
        assert_eq!(answer.place(Path::new("/takes/take 10.png")), Some(3));
        assert_eq!(answer.place(Path::new("/takes/none.png")), None);
    }
}
