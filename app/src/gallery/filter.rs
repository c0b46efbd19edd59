//! Conditions that pictures must meet to show.

use std::collections::HashMap;
use std::path::Path;

use super::entry::{Entry, RecipeKind};
use super::grouping::Grouping;
use super::marks::{Flag, Label};
use super::search::Search;

/// One condition, shown as a chip that can be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Of 0..=5 stars.
    Stars(Bound, u8),
    Flag(Flag),
    /// None: without a label.
    Label(Option<Label>),
    /// In one group of a grouping.
    Group(Grouping, String),
    /// Carries no recipe.
    NoRecipe,
    /// Cannot be read.
    Broken,
    /// See [`Search`].
    Text(String),
}

/// How a number of stars is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    #[default]
    AtLeast,
    Exactly,
    AtMost,
}

impl Bound {
    pub const ALL: [Self; 3] = [Self::AtLeast, Self::Exactly, Self::AtMost];

    /// What stands before a number of stars.
    pub fn words(self) -> &'static str {
        match self {
            Self::AtLeast => "At least",
            Self::Exactly => "Exactly",
            Self::AtMost => "At most",
        }
    }

    /// Whether some numbers of stars are so and others are not.
    pub fn divides(self, stars: u8) -> bool {
        !matches!((self, stars), (Self::AtLeast, 0) | (Self::AtMost, 5..))
    }
}

/// Filters of one kind: any of them will do. Of different kinds all must be met.
#[derive(PartialEq, Eq, Hash)]
enum Kind {
    Stars,
    Flag,
    Label,
    Group(Grouping),
    /// What the file itself is.
    File,
    Text,
}

impl Filter {
    /// What the chip says.
    pub fn words(&self) -> String {
        match self {
            Self::Stars(Bound::AtLeast | Bound::Exactly, 5) => "5 stars".to_owned(),
            Self::Stars(Bound::Exactly | Bound::AtMost, 0) => "No stars".to_owned(),
            Self::Stars(Bound::Exactly, stars) => format!("Exactly {}", counted(*stars)),
            Self::Stars(Bound::AtLeast, stars) => format!("{} or more", counted(*stars)),
            Self::Stars(Bound::AtMost, stars) => format!("{} or fewer", counted(*stars)),
            Self::Flag(flag) => flag.words().to_owned(),
            Self::Label(Some(label)) => format!("{} label", label.text()),
            Self::Label(None) => "No label".to_owned(),
            Self::Group(grouping, value) => format!("{}: {}", grouping.words(), grouping.plain(value)),
            Self::NoRecipe => "No recipe".to_owned(),
            Self::Broken => "Broken".to_owned(),
            Self::Text(text) => format!("\u{201c}{text}\u{201d}"),
        }
    }

    /// Whether what is decided about a picture changes whether it passes.
    pub fn follows_marks(&self) -> bool {
        matches!(self, Self::Stars(..) | Self::Flag(_) | Self::Label(_) | Self::Text(_))
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Stars(..) => Kind::Stars,
            Self::Flag(_) => Kind::Flag,
            Self::Label(_) => Kind::Label,
            Self::Group(grouping, _) => Kind::Group(*grouping),
            Self::NoRecipe | Self::Broken => Kind::File,
            Self::Text(_) => Kind::Text,
        }
    }
}

fn counted(stars: u8) -> String {
    match stars {
        1 => "1 star".to_owned(),
        stars => format!("{stars} stars"),
    }
}

/// Filters made ready for many pictures.
pub struct Sieve<'a>(Vec<Vec<Test<'a>>>);

enum Test<'a> {
    Plain(&'a Filter),
    Text(Search),
}

impl<'a> Sieve<'a> {
    pub fn new(filters: &'a [Filter]) -> Self {
        let mut kinds: HashMap<Kind, Vec<Test<'a>>> = HashMap::new();
        for filter in filters {
            let test = match filter {
                Filter::Text(text) => Test::Text(Search::parse(text)),
                filter => Test::Plain(filter),
            };
            kinds.entry(filter.kind()).or_default().push(test);
        }
        Self(kinds.into_values().collect())
    }

    /// Whether a picture of `folder` meets a filter of each kind.
    pub fn passes(&self, folder: &Path, entry: &Entry) -> bool {
        self.0.iter().all(|kind| kind.iter().any(|test| test.passes(folder, entry)))
    }
}

impl Test<'_> {
    fn passes(&self, folder: &Path, entry: &Entry) -> bool {
        let marks = entry.marks();
        let filter = match self {
            Self::Plain(filter) => filter,
            Self::Text(search) => return search.finds(entry),
        };
        match filter {
            Filter::Stars(bound, stars) => marks.is_some_and(|marks| match bound {
                Bound::AtLeast => marks.stars >= *stars,
                Bound::Exactly => marks.stars == *stars,
                Bound::AtMost => marks.stars <= *stars,
            }),
            Filter::Flag(flag) => marks.is_some_and(|marks| marks.flag == *flag),
            Filter::Label(label) => marks.is_some_and(|marks| marks.label == *label),
            Filter::Group(grouping, value) => grouping.of(folder, entry) == *value,
            Filter::NoRecipe => entry.facts.as_ref().is_ok_and(|facts| facts.recipe == RecipeKind::None),
            Filter::Broken => entry.facts.is_err(),
            Filter::Text(_) => false,
        }
    }
}
