//! The order of pictures: by name as people count, by time, by stars, by any field of the recipe.

use std::cmp::Ordering;

use super::entry::Entry;
use super::marks::{Flag, Label};

/// What the pictures of a group are ordered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sorting {
    #[default]
    Name,
    Made,
    Stars,
    /// The picked last.
    Flag,
    /// By the label's name.
    Label,
    /// By the note's text.
    Note,
    /// By a field of the recipe, as a number where it is one.
    Field(String),
}

impl Sorting {
    /// All but the fields of recipes.
    pub const PLAIN: [Self; 6] = [Self::Name, Self::Made, Self::Stars, Self::Flag, Self::Label, Self::Note];

    /// Whether decisions change it.
    pub fn is_by_marks(&self) -> bool {
        matches!(self, Self::Stars | Self::Flag | Self::Label | Self::Note)
    }

    pub fn words(&self) -> &str {
        match self {
            Self::Name => "Name",
            Self::Made => "Time",
            Self::Stars => "Stars",
            Self::Flag => "Flag",
            Self::Label => "Label",
            Self::Note => "Note",
            Self::Field(field) => field,
        }
    }

    /// What the picture is put in order by.
    pub(super) fn key<'a>(&self, entry: &'a Entry) -> Key<'a> {
        let text = match self {
            Sorting::Name => return Key::Natural(entry.natural()),
            Sorting::Made => entry.facts.as_ref().map_or("", |facts| facts.created.as_str()),
            Sorting::Stars => return Key::Number(f64::from(entry.marks().map_or(0, |marks| marks.stars))),
            Sorting::Flag => {
                return Key::Number(match entry.marks().map_or(Flag::None, |marks| marks.flag) {
                    Flag::Reject => 0.0,
                    Flag::None => 1.0,
                    Flag::Pick => 2.0,
                });
            }
            Sorting::Label => return Key::Text(entry.marks().and_then(|marks| marks.label.as_ref()).map_or("", Label::text)),
            Sorting::Note => return Key::Text(entry.marks().map_or("", |marks| marks.note.as_str())),
            Sorting::Field(field) => entry.field(field),
        };
        text.parse().map_or(Key::Text(text), Key::Number)
    }
}

/// What is compared when sorting; computed once a picture.
pub(super) enum Key<'a> {
    Number(f64),
    Text(&'a str),
    Natural(&'a [(String, u64)]),
}

impl Key<'_> {
    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Natural(a), Self::Natural(b)) => a.cmp(b),
            // Numbers go before words.
            (Self::Number(_), _) => Ordering::Less,
            (_, Self::Number(_)) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    }
}
