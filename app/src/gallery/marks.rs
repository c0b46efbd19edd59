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

    /// What it makes of a picture's marks; of the others it says nothing.
    pub fn on(&self, marks: &Marks) -> Mark {
        match self {
            Self::Stars(stars) => Mark::Stars((*stars).min(5)),
            Self::Flag(flag) => Mark::Flag(*flag),
            Self::Label(label) => Mark::Label((marks.label.as_ref() != Some(label)).then(|| label.clone())),
            Self::Note(note) => Mark::Note(note.clone()),
        }
    }
}

/// One of a picture's marks. A decision is about one, and leaves to others what they write meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Stars(u8),
    Flag(Flag),
    Label(Option<Label>),
    Note(String),
}

impl Mark {
    /// Puts it among others.
    pub fn set(&self, marks: &mut Marks) {
        match self {
            Self::Stars(stars) => marks.stars = *stars,
            Self::Flag(flag) => marks.flag = *flag,
            Self::Label(label) => marks.label.clone_from(label),
            Self::Note(note) => marks.note.clone_from(note),
        }
    }

    /// The mark of this kind that a picture has.
    pub fn of(&self, marks: &Marks) -> Self {
        match self {
            Self::Stars(_) => Self::Stars(marks.stars),
            Self::Flag(_) => Self::Flag(marks.flag),
            Self::Label(_) => Self::Label(marks.label.clone()),
            Self::Note(_) => Self::Note(marks.note.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_label_again_takes_it_away() {
        let red = Decision::Label(Label::Red);
        let mut marks = Marks::default();
        red.on(&marks).set(&mut marks);
        assert_eq!(marks.label, Some(Label::Red));
        assert_eq!(red.on(&marks), Mark::Label(None));
        assert_eq!(Decision::Label(Label::Blue).on(&marks), Mark::Label(Some(Label::Blue)));
    }

    #[test]
    fn labels_of_other_programs_stay_as_they_are() {
        assert_eq!(Label::from_text("green"), Some(Label::Green));
        assert_eq!(Label::from_text(" "), None);
        assert_eq!(Label::from_text("To print").unwrap().text(), "To print");
    }
}
