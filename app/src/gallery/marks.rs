//! What a reviewer decides about a take.

use serde::{Deserialize, Serialize};

/// Stars, flag, label and note of one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Marks {
    /// 0..=5; 0 is none.
    pub stars: u8,
    pub flag: Flag,
    pub label: Option<Label>,
    pub note: String,
}

/// Picked, rejected, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Flag {
    #[default]
    None,
    Pick,
    Reject,
}

impl Flag {
    pub const ALL: [Self; 3] = [Self::Pick, Self::None, Self::Reject];

    pub fn words(self) -> &'static str {
        match self {
            Self::None => "Unflagged",
            Self::Pick => "Picked",
            Self::Reject => "Rejected",
        }
    }
}

/// A colour label by the names that Lightroom and Bridge write.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Label {
    Red,
    Yellow,
    Green,
    Blue,
    /// A label of another program, kept as it is.
    Other(String),
}

impl Label {
    /// In the order of their keys, 6 to 9.
    pub const ALL: [Self; 4] = [Self::Red, Self::Yellow, Self::Green, Self::Blue];

    /// As it stands in the file; empty text is no label.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let known = Self::ALL.into_iter().find(|label| label.text().eq_ignore_ascii_case(text));
        known.or_else(|| (!text.is_empty()).then(|| Self::Other(text.to_owned())))
    }

    pub fn text(&self) -> &str {
        match self {
            Self::Red => "Red",
            Self::Yellow => "Yellow",
            Self::Green => "Green",
            Self::Blue => "Blue",
            Self::Other(text) => text,
        }
    }
}

/// One decision, as a key or a button makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Stars(u8),
    Flag(Flag),
    /// The same label again takes it away, as in Lightroom.
    Label(Label),
    Note(String),
}

impl Decision {
    /// What undoing it is called.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Stars(_) => "Rate",
            Self::Flag(_) => "Flag",
            Self::Label(_) => "Label",
            Self::Note(_) => "Note",
        }
    }

    /// The marks after the decision.
    pub fn on(&self, marks: &Marks) -> Marks {
        let mut after = marks.clone();
        match self {
            Self::Stars(stars) => after.stars = (*stars).min(5),
            Self::Flag(flag) => after.flag = *flag,
            Self::Label(label) if after.label.as_ref() == Some(label) => after.label = None,
            Self::Label(label) => after.label = Some(label.clone()),
            Self::Note(note) => after.note.clone_from(note),
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_label_again_takes_it_away() {
        let red = Decision::Label(Label::Red);
        let once = red.on(&Marks::default());
        assert_eq!(once.label, Some(Label::Red));
        assert_eq!(red.on(&once), Marks::default());
        assert_eq!(Decision::Label(Label::Blue).on(&once).label, Some(Label::Blue));
    }

    #[test]
    fn labels_of_other_programs_stay_as_they_are() {
        assert_eq!(Label::from_text("green"), Some(Label::Green));
        assert_eq!(Label::from_text(" "), None);
        assert_eq!(Label::from_text("To print").unwrap().text(), "To print");
    }
}
