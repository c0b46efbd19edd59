//! Patterns for names of files.

/// What means something else than itself, unless it stands in brackets: `[#]`.
const SPECIAL: [char; 5] = ['*', '?', '#', '%', '['];

/// The pattern that fits `text` alone.
pub fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        match SPECIAL.contains(&letter) {
            true => pattern.extend(['[', letter, ']']),
            false => pattern.push(letter),
        }
    }
    pattern
}

/// What stands in brackets at the start of a pattern and would mean something else without them.
fn bracketed(rest: &str) -> Option<char> {
    let mut letters = rest.strip_prefix('[')?.chars();
    let letter = letters.next().filter(|letter| SPECIAL.contains(letter))?;
    (letters.next() == Some(']')).then_some(letter)
}

/// A pattern for names.
pub struct Pattern(Vec<Part>);

enum Part {
    Text(char),
    /// `?`
    Any,
    /// `*`
    Many,
    /// At least so many digits.
    Digits(usize),
}

impl Pattern {
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(letter) = bracketed(rest) {
                parts.push(Part::Text(letter));
                rest = &rest["[*]".len()..];
                continue;
            }
            let mut length = first.len_utf8();
            parts.push(match first {
                '*' => Part::Many,
                '?' => Part::Any,
                '#' => {
                    length = rest.len() - rest.trim_start_matches('#').len();
                    Part::Digits(length)
                }
                '%' if rest[1..].trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('d') => {
                    let digits = &rest[1..rest.find('d').unwrap_or(rest.len())];
                    length = digits.len() + 2;
                    Part::Digits(digits.parse().unwrap_or(1))
                }
                text => Part::Text(text),
            });
            rest = &rest[length..];
        }
        Self(parts)
    }

    /// Whether a name is one of those that are meant.
    pub fn fits(&self, name: &str) -> bool {
        fn fit(parts: &[Part], name: &str) -> bool {
            let Some((part, parts)) = parts.split_first() else {
                return name.is_empty();
            };
            let after = |count: usize| name.char_indices().nth(count).map_or("", |(at, _)| &name[at..]);
            match part {
                Part::Text(text) => name.strip_prefix(*text).is_some_and(|rest| fit(parts, rest)),
                Part::Any => !name.is_empty() && fit(parts, after(1)),
                Part::Many => (0..=name.chars().count()).any(|count| fit(parts, after(count))),
                Part::Digits(least) => {
                    let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                    digits >= *least && fit(parts, &name[digits..])
                }
            }
        }
        fit(&self.0, name)
    }
}
