//! What the program has to say to the person.

use std::time::Instant;

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
