//! What the program has to say to the person.

use std::fmt::Display;
use std::time::Instant;

use super::Session;

/// A sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Something went wrong: it stays until it is dismissed.
    pub grave: bool,
    pub text: String,
    pub since: Instant,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Self {
            grave: false,
            text: text.into(),
            since: Instant::now(),
        }
    }

    pub fn error(text: impl Into<String>) -> Self {
        Self {
            grave: true,
            ..Self::info(text)
        }
    }
}

impl Session {
    pub(super) fn inform(&mut self, text: String) {
        self.notice = Some(Notice::info(text));
    }

    pub(super) fn warn(&mut self, text: String) {
        self.notice = Some(Notice::error(text));
    }

    /// [`Self::warn`] of what stops something, by itself.
    pub(super) fn warn_of(&mut self, reason: &impl Display) {
        self.warn(sentence(reason));
    }
}

/// A reason as a sentence of its own: large at its beginning, unless that is a path or a number, and with a stop at its end.
pub fn sentence(reason: &dyn Display) -> String {
    let mut words = reason.to_string();
    let first = words.split_whitespace().next().unwrap_or_default();
    if first.chars().all(char::is_alphabetic)
        && let Some(letter) = words.chars().next()
    {
        words.replace_range(..letter.len_utf8(), &letter.to_uppercase().to_string());
    }
    if !words.ends_with('.') {
        words.push('.');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_becomes_one_sentence() {
        for (reason, told) in [
            ("there is no picture; pick one", "There is no picture; pick one."),
            ("the disk is full. Make room.", "The disk is full. Make room."),
            ("a/line.png is not there", "a/line.png is not there."),
            ("übrig", "Übrig."),
        ] {
            assert_eq!(sentence(&reason), told);
        }
    }
}
