//! Names of files: their order, and patterns for them.

use std::cmp::Ordering;

/// Text by its characters, numbers by their values.
pub fn natural(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (mut a, mut b) = (a, b);
    loop {
        let (digits_a, digits_b) = (number(a), number(b));
        let order = if digits_a > 0 && digits_b > 0 {
            let (value_a, value_b) = (a[..digits_a].trim_start_matches('0'), b[..digits_b].trim_start_matches('0'));
            let order = value_a.len().cmp(&value_b.len()).then_with(|| value_a.cmp(value_b));
            (a, b) = (&a[digits_a..], &b[digits_b..]);
            order.then(digits_a.cmp(&digits_b))
        } else {
            let (mut rest_a, mut rest_b) = (a.chars(), b.chars());
            match (rest_a.next(), rest_b.next()) {
                (None, None) => return Ordering::Equal,
                (next_a, next_b) => {
                    (a, b) = (rest_a.as_str(), rest_b.as_str());
                    next_a.cmp(&next_b)
                }
            }
        };
        if order.is_ne() {
            return order;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order_reads_numbers() {
        assert_eq!(natural("a2", "a10"), Ordering::Less);
        assert_eq!(natural("a02", "a2"), Ordering::Greater);
        assert_eq!(natural("a", "a1"), Ordering::Less);
        assert_eq!(natural("1b", "1a"), Ordering::Greater);
    }
}
