//! A search in words, as a person types it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::entry::Entry;
use super::marks::Label;

/// A search: every word must be found; words in quotes stand together. `field:word` looks in one field; `field=word` is all that the field says;
/// `field>number`, `<`, `>=` and `<=` compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Search(Vec<Term>);

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Anywhere(String),
    In(String, String),
    Is(String, String),
    Compared(String, &'static [Ordering], f64),
}

/// Longer signs before those that they begin with.
const SIGNS: [(&str, &[Ordering]); 4] = [
    (">=", &[Ordering::Greater, Ordering::Equal]),
    ("<=", &[Ordering::Less, Ordering::Equal]),
    (">", &[Ordering::Greater]),
    ("<", &[Ordering::Less]),
];

/// Fields that every picture has.
pub const OWN_FIELDS: [&str; 8] = ["name", "note", "label", "stars", "flag", "day", "width", "height"];

impl Search {
    pub fn parse(text: &str) -> Self {
        Self(words(&text.to_lowercase()).into_iter().map(Term::new).collect())
    }

    pub fn finds(&self, entry: &Entry) -> bool {
        self.0.iter().all(|term| term.finds(entry))
    }

    /// A field that is asked for and that none of `entries` has.
    pub fn unknown_field(&self, entries: &[Arc<Entry>]) -> Option<&str> {
        let mut names = self.0.iter().filter_map(|term| match term {
            Term::Anywhere(_) => None,
            Term::In(name, _) | Term::Is(name, _) | Term::Compared(name, ..) => Some(name.as_str()),
        });
        names.find(|name| entries.iter().all(|entry| values(entry, name).is_empty()))
    }
}

/// A word without its quotes, and how much of it stands before the first of them: no sign behind that means anything.
fn words(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (mut word, mut quoted, mut plain) = (String::new(), false, None);
        let end = rest.find(|c: char| {
            match c {
                '"' => {
                    quoted = !quoted;
                    plain.get_or_insert(word.len());
                }
                c if c.is_whitespace() && !quoted => return true,
                c => word.push(c),
            }
            false
        });
        rest = rest[end.unwrap_or(rest.len())..].trim_start();
        let plain = plain.unwrap_or(word.len());
        found.push((word, plain));
    }
    found
}

impl Term {
    fn new((word, plain): (String, usize)) -> Self {
        let Some(at) = word[..plain].find(['<', '>', '=', ':']).filter(|at| *at > 0) else {
            return Self::Anywhere(word);
        };
        let name = match word[..at].replace('_', " ") {
            // What XMP calls the stars.
            name if name == "rating" => "stars".to_owned(),
            name => name,
        };
        let rest = &word[at..];
        for (sign, orders) in SIGNS {
            if let Some(value) = rest.strip_prefix(sign) {
                return match value.parse() {
                    Ok(value) => Self::Compared(name, orders, value),
                    Err(_) => Self::Anywhere(word),
                };
            }
        }
        match rest.strip_prefix('=') {
            Some(value) => Self::Is(name, value.to_owned()),
            None => Self::In(name, rest[1..].to_owned()),
        }
    }

    fn finds(&self, entry: &Entry) -> bool {
        match self {
            Self::Anywhere(word) => {
                entry.lowercase().contains(word)
                    || entry.marks().is_some_and(|marks| {
                        let label = marks.label.as_ref().map_or("", Label::text);
                        lower(&marks.note).contains(word) || lower(label).contains(word)
                    })
            }
            Self::In(name, word) => values(entry, name).iter().any(|value| lower(value).contains(word)),
            Self::Is(name, word) => {
                let same = |value: &str| match (value.parse::<f64>(), word.parse::<f64>()) {
                    (Ok(value), Ok(word)) => value == word,
                    _ => lower(value) == *word,
                };
                values(entry, name).iter().any(|value| same(value))
            }
            Self::Compared(name, orders, number) => {
                let numbers = values(entry, name);
                let mut numbers = numbers.iter().filter_map(|value| value.parse::<f64>().ok());
                numbers.any(|value| value.partial_cmp(number).is_some_and(|order| orders.contains(&order)))
            }
        }
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        true => text.to_lowercase().into(),
        false => text.into(),
    }
}

/// The values of the fields whose name begins with `name`, in lower case; what a reviewer decided is among them.
fn values<'a>(entry: &'a Entry, name: &str) -> Vec<Cow<'a, str>> {
    let Ok(facts) = &entry.facts else { return Vec::new() };
    let marks = &facts.marks;
    let begins = |field: &str| match field.is_ascii() {
        true => field.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)),
        false => field.to_lowercase().starts_with(name),
    };
    let fields = facts.fields.iter().filter(|(field, _)| begins(field));
    let mut values: Vec<Cow<'a, str>> = fields.map(|(_, value)| value.into()).collect();
    values.extend(match name {
        "name" => Some(entry.name()),
        "note" => Some(marks.note.as_str().into()),
        "label" => Some(marks.label.as_ref().map_or("", Label::text).into()),
        "stars" => Some(marks.stars.to_string().into()),
        "flag" => Some(marks.flag.words().into()),
        "day" => Some(entry.day().into()),
        "width" => Some(facts.size[0].to_string().into()),
        "height" => Some(facts.size[1].to_string().into()),
        _ => None,
    });
    values
}
