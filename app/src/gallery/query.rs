//! Which pictures show, in which order and in which groups.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{Entry, RecipeKind};
use super::marks::{Flag, Label};
use super::order::{Key, Sorting};
use super::recipe_fields::{MODE, MODEL, REFERENCE, SKETCH, plain};
use super::search::Search;

/// One condition, shown as a chip that can be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// At least so many stars.
    Stars(u8),
    Flag(Flag),
    Label(Label),
    /// In one group of a grouping.
    Group(Grouping, String),
    /// Carries no recipe.
    NoRecipe,
    /// Cannot be read.
    Broken,
    /// See [`Search`].
    Text(String),
}

impl Filter {
    /// What the chip says.
    pub fn words(&self) -> String {
        match self {
            Self::Stars(5) => "5 stars".to_owned(),
            Self::Stars(1) => "1 star or more".to_owned(),
            Self::Stars(stars) => format!("{stars} stars or more"),
            Self::Flag(flag) => flag.words().to_owned(),
            Self::Label(label) => format!("{} label", label.text()),
            Self::Group(grouping, value) => format!("{}: {}", grouping.words(), plain(value)),
            Self::NoRecipe => "No recipe".to_owned(),
            Self::Broken => "Broken".to_owned(),
            Self::Text(text) => format!("\u{201c}{text}\u{201d}"),
        }
    }

    fn passes(&self, folder: &Path, entry: &Entry) -> bool {
        let marks = entry.marks();
        match self {
            Self::Stars(stars) => marks.is_some_and(|marks| marks.stars >= *stars),
            Self::Flag(flag) => marks.is_some_and(|marks| marks.flag == *flag),
            Self::Label(label) => marks.is_some_and(|marks| marks.label.as_ref() == Some(label)),
            Self::Group(grouping, value) => grouping.of(folder, entry) == *value,
            Self::NoRecipe => entry.facts.as_ref().is_ok_and(|facts| facts.recipe == RecipeKind::None),
            Self::Broken => entry.facts.is_err(),
            Self::Text(text) => Search::parse(text).finds(entry),
        }
    }
}

/// What pictures are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    #[default]
    None,
    Sketch,
    Reference,
    /// The folder that the file lies in.
    Shot,
    Mode,
    Model,
    Day,
}

impl Grouping {
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Sketch,
        Self::Reference,
        Self::Shot,
        Self::Mode,
        Self::Model,
        Self::Day,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Self::None => "No groups",
            Self::Sketch => "Sketch",
            Self::Reference => "Reference",
            Self::Shot => "Folder",
            Self::Mode => "Mode",
            Self::Model => "Model",
            Self::Day => "Day",
        }
    }

    /// The group that a picture of `folder` belongs to.
    pub fn of(self, folder: &Path, entry: &Entry) -> String {
        let field = |name| match entry.field(name) {
            "" => NO_RECIPE.to_owned(),
            value => value.to_owned(),
        };
        match self {
            Self::None => String::new(),
            Self::Sketch | Self::Reference | Self::Mode | Self::Model | Self::Day if entry.facts.is_err() => BROKEN.to_owned(),
            Self::Sketch => field(SKETCH),
            Self::Reference => field(REFERENCE),
            Self::Mode => field(MODE),
            Self::Model => field(MODEL),
            Self::Day => entry.day().to_owned(),
            Self::Shot => {
                let inside = entry.path.parent().and_then(|parent| parent.strip_prefix(folder).ok());
                match inside.unwrap_or(Path::new("")).to_string_lossy() {
                    inside if inside.is_empty() => "this folder".to_owned(),
                    inside => inside.into_owned(),
                }
            }
        }
    }

    /// Groups stand in the order of these: by name, and after them those that have none.
    pub fn rank(group: &str) -> (bool, &str) {
        ([NO_RECIPE, BROKEN].contains(&group), group)
    }
}

/// The group of pictures that do not say what they would be grouped by.
const NO_RECIPE: &str = "no recipe";
/// The group of pictures that cannot be read.
const BROKEN: &str = "broken";

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
                // One number of stars and one flag: two would hide everything.
                self.filters.retain(|known| match (&filter, known) {
                    (Filter::Stars(_), Filter::Stars(_)) | (Filter::Flag(_), Filter::Flag(_)) => false,
                    (Filter::Label(_), Filter::Label(_)) => false,
                    (Filter::Group(a, _), Filter::Group(b, _)) => a != b,
                    _ => true,
                });
                self.filters.push(filter);
            }
        }
    }

    /// Whether what is decided about a picture changes whether or where it shows.
    pub fn follows_marks(&self) -> bool {
        let marks = |filter: &Filter| {
            matches!(
                filter,
                Filter::Stars(_) | Filter::Flag(_) | Filter::Label(_) | Filter::Text(_)
            )
        };
        self.sorting.is_by_marks() || self.filters.iter().any(marks)
    }

    /// The pictures of `folder` that pass, in order.
    pub fn ask<'a>(&self, folder: &Path, entries: impl Iterator<Item = &'a Arc<Entry>>) -> Answer {
        let mut all = 0;
        let passing = entries.inspect(|_| all += 1).filter(|entry| {
            let mut filters = self.filters.iter();
            filters.all(|filter| filter.passes(folder, entry))
        });
        let mut keyed: Vec<(String, Key<'_>, &Arc<Entry>)> = passing
            .map(|entry| (self.grouping.of(folder, entry), self.sorting.key(entry), entry))
            .collect();
        keyed.sort_by(|(group_a, key_a, a), (group_b, key_b, b)| {
            let keys = key_a.cmp(key_b).then_with(|| a.path.cmp(&b.path));
            Grouping::rank(group_a)
                .cmp(&Grouping::rank(group_b))
                .then(if self.descending { keys.reverse() } else { keys })
        });
        let mut answer = Answer {
            hidden: all - keyed.len(),
            ..Answer::default()
        };
        for (place, (group, _, entry)) in keyed.into_iter().enumerate() {
            match answer.groups.last_mut().filter(|(title, _)| *title == group) {
                Some((_, length)) => *length += 1,
                None => answer.groups.push((group, 1)),
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
    use crate::gallery::entry::{Facts, Stamp};
    use crate::gallery::marks::Marks;

    fn entry(path: &str, stars: u8, fields: &[(&str, &str)]) -> Arc<Entry> {
        Arc::new(Entry {
            path: format!("/takes/{path}").into(),
            stamp: Stamp::default(),
            facts: Ok(Facts {
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
            }),
        })
    }

    fn takes() -> Vec<Arc<Entry>> {
        vec![
            entry("take 10.png", 1, &[("Seed", "100"), ("Mode", "Split"), ("Steps", "12")]),
            entry("take 9.png", 4, &[("Seed", "20"), ("Mode", "Vanilla"), ("Steps", "30")]),
            entry("shot 2/a.png", 5, &[("Seed", "3"), ("Mode", "Split"), ("Steps", "12")]),
            Arc::new(Entry {
                path: "/takes/broken.png".into(),
                stamp: Stamp::default(),
                facts: Err("cut off".to_owned()),
            }),
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
        query.toggle(Filter::Stars(2));
        query.toggle(Filter::Stars(4));
        assert_eq!(query.filters, [Filter::Stars(4)]);
        assert_eq!(names(&query), ["a.png", "take 9.png"]);
        query.toggle(Filter::Group(Grouping::Mode, "Split".to_owned()));
        assert_eq!(names(&query), ["a.png"]);
        query.toggle(Filter::Stars(4));
        assert_eq!(names(&query), ["a.png", "take 10.png"]);
        query.filters = vec![Filter::Broken];
        assert_eq!(names(&query), ["broken.png"]);
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
