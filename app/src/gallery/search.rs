//! A search in words, as a person types it.

use std::cmp::Ordering;

use super::entry::Entry;
use super::marks::Label;

/// A search: every word must be found. `field:word` looks in one field, `field>number` and `field<number` compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Search(Vec<Term>);

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Anywhere(String),
    In(String, String),
    Compared(String, Ordering, f64),
}

impl Search {
    pub fn parse(text: &str) -> Self {
        let terms = text.to_lowercase();
        let terms = terms.split_whitespace().map(|word| {
            let field = |field: &str| field.replace('_', " ");
            for (mark, order) in [('>', Ordering::Greater), ('<', Ordering::Less)] {
                if let Some((name, value)) = word.split_once(mark)
                    && let Ok(value) = value.parse()
                {
                    return Term::Compared(field(name), order, value);
                }
            }
            match word.split_once(':') {
                Some((name, value)) if !name.is_empty() => Term::In(field(name), value.to_owned()),
                _ => Term::Anywhere(word.to_owned()),
            }
        });
        Self(terms.collect())
    }

    pub fn finds(&self, entry: &Entry) -> bool {
        self.0.iter().all(|term| term.finds(entry))
    }
}

impl Term {
    fn finds(&self, entry: &Entry) -> bool {
        let holds = |text: &str, word: &str| text.to_lowercase().contains(word);
        match self {
            Self::Anywhere(word) => {
                holds(&entry.name(), word)
                    || entry.facts.as_ref().is_ok_and(|facts| {
                        let label = facts.marks.label.as_ref().map_or("", Label::text);
                        holds(&facts.marks.note, word)
                            || holds(label, word)
                            || facts.fields.iter().any(|(_, value)| holds(value, word))
                    })
            }
            Self::In(name, word) => values(entry, name).iter().any(|value| holds(value, word)),
            Self::Compared(name, order, number) => {
                let numbers = values(entry, name);
                let mut numbers = numbers.iter().filter_map(|value| value.parse::<f64>().ok());
                numbers.any(|value| value.partial_cmp(number) == Some(*order))
            }
        }
    }
}

/// The values of the fields whose name begins with `name`, in lower case; what a reviewer decided is among them.
fn values(entry: &Entry, name: &str) -> Vec<String> {
    let Ok(facts) = &entry.facts else { return Vec::new() };
    let marks = &facts.marks;
    let mut values: Vec<String> = facts
        .fields
        .iter()
        .filter(|(field, _)| field.to_lowercase().starts_with(name))
        .map(|(_, value)| value.clone())
        .collect();
    let own = [
        ("name", entry.name().into_owned()),
        ("note", marks.note.clone()),
        (
            "label",
            marks.label.as_ref().map_or(String::new(), |label| label.text().to_owned()),
        ),
        ("stars", marks.stars.to_string()),
        ("flag", marks.flag.words().to_owned()),
        ("day", entry.day().to_owned()),
        ("width", facts.size[0].to_string()),
        ("height", facts.size[1].to_string()),
    ];
    values.extend(own.into_iter().filter(|(field, _)| *field == name).map(|(_, value)| value));
    values
}
