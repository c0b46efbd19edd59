//! A key with modifiers.

use std::fmt::{self, Display, Formatter};

use egui::{Event, Key, Modifiers};

/// A key with the modifiers that must be down, no more and no fewer. Written, on all systems, as people write it: modifiers `Ctrl`, `Alt`, `Shift` in this order,
/// then the key, joined by `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    ctrl: bool,
    alt: bool,
    shift: bool,
    key: Key,
}

/// The modifiers as they are written.
const WRITTEN: [&str; 3] = ["Ctrl", "Alt", "Shift"];
/// The same as Apple's keyboards have them.
const APPLES: [&str; 3] = ["Cmd", "Option", "Shift"];

/// A key that went down.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    /// What it says on the keyboard at hand.
    key: Key,
    /// What it says on an American keyboard.
    physical: Option<Key>,
    modifiers: Modifiers,
    /// It has been down for a while, and the system says so again.
    repeated: bool,
}

impl Press {
    /// None for anything but a key that went down.
    pub fn of(event: &Event) -> Option<Self> {
        let (key, physical, modifiers, repeated) = match event {
            Event::Key {
                key,
                physical_key,
                pressed: true,
                modifiers,
                repeat,
            } => (*key, *physical_key, *modifiers, *repeat),
            // The window's own library makes these of the keys.
            Event::Copy => (Key::C, None, Modifiers::COMMAND, false),
            Event::Cut => (Key::X, None, Modifiers::COMMAND, false),
            Event::Paste(_) | Event::PasteImage(_) => (Key::V, None, Modifiers::COMMAND, false),
            _ => return None,
        };
        (!is_modifier(key)).then_some(Self {
            key,
            physical,
            modifiers,
            repeated,
        })
    }

    /// Whether it is one of those that the system makes while a key is held down.
    pub fn is_repeated(self) -> bool {
        self.repeated
    }

    pub fn is_escape(self) -> bool {
        self.key == Key::Escape && self.modifiers.is_none()
    }

    /// Whether a text field has a use for it.
    pub fn is_for_text(self) -> bool {
        use Key::{A, ArrowLeft, ArrowRight, Backspace, C, Delete, End, Home, V, X, Y, Z};
        let edits = matches!(
            self.key,
            A | C | V | X | Y | Z | Backspace | Delete | Home | End | ArrowLeft | ArrowRight
        );
        !self.modifiers.command || edits
    }

    /// What was pressed, as a command's keys.
    pub fn chord(self) -> Chord {
        let Modifiers { alt, shift, command, .. } = self.modifiers;
        let chord = |shift, key| Chord {
            ctrl: command,
            alt,
            shift,
            key,
        };
        match (self.key, self.physical) {
            (Key::Plus, _) => chord(false, Key::Plus),
            (key, Some(physical)) if shift && is_shifted(key) => chord(true, physical),
            (key, _) => chord(shift, key),
        }
    }

    /// Whether it is `chord` by what the keys say.
    pub(super) fn is(self, chord: Chord) -> bool {
        self.fits(chord, self.key) || chord.key == Key::Plus && self.fits(chord, Key::Plus) && self.key == Key::Equals
    }

    /// Whether it is `chord` by where the keys stand: with Shift down "]" calls itself "}", and what it is on the keyboard does not change. Letters and digits are
    /// what they say: on a German keyboard Ctrl+Y, which stands where Z is elsewhere, undoes nothing.
    pub(super) fn stands_at(self, chord: Chord) -> bool {
        let says = self.key.symbol_or_name();
        let speaks = says.len() == 1 && says.as_bytes()[0].is_ascii_alphanumeric();
        !speaks && self.physical.is_some_and(|physical| self.fits(chord, physical))
    }

    fn fits(self, chord: Chord, key: Key) -> bool {
        let Modifiers { alt, shift, command, .. } = self.modifiers;
        // Plus stands above another key on most keyboards, and Shift is needed to reach it.
        let shift = shift && chord.key != Key::Plus;
        key == chord.key && (command, alt, shift) == (chord.ctrl, chord.alt, chord.shift)
    }
}

/// Keys that are held, and do nothing by themselves.
fn is_modifier(key: Key) -> bool {
    use Key::{AltLeft, AltRight, ControlLeft, ControlRight, Fn, ShiftLeft, ShiftRight, SuperLeft, SuperRight};
    matches!(
        key,
        AltLeft | AltRight | ControlLeft | ControlRight | Fn | ShiftLeft | ShiftRight | SuperLeft | SuperRight
    )
}

/// Names that a key has only while Shift is down.
fn is_shifted(key: Key) -> bool {
    use Key::{CloseCurlyBracket, Colon, Exclamationmark, OpenCurlyBracket, Pipe, Questionmark};
    matches!(
        key,
        CloseCurlyBracket | Colon | Exclamationmark | OpenCurlyBracket | Pipe | Questionmark
    )
}

impl Chord {
    /// As a person reads it, by the names on the keyboards of the system at hand.
    pub fn shown(self) -> String {
        self.named(if cfg!(target_os = "macos") { APPLES } else { WRITTEN })
    }

    fn named(self, modifiers: [&'static str; 3]) -> String {
        let key = match self.key {
            Key::Minus => "-",
            Key::Quote => "'",
            // The type has no arrows.
            Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp => self.key.name(),
            key => key.symbol_or_name(),
        };
        let held = [self.ctrl, self.alt, self.shift].into_iter().zip(modifiers);
        let names = held.filter_map(|(held, name)| held.then_some(name));
        names.chain([key]).collect::<Vec<_>>().join("+")
    }

    /// Whether it is that key without modifiers.
    pub(super) fn is_alone(self, key: Key) -> bool {
        self.key == key && !(self.ctrl || self.alt || self.shift)
    }

    /// Reads keys as people write them: "Ctrl+Shift+S", "[", "+".
    pub fn parse(text: &str) -> Option<Self> {
        let (modifiers, key) = match text.rsplit_once('+') {
            // The plus itself is the key.
            Some((modifiers, "")) => (modifiers.trim_end_matches('+'), "+"),
            Some((modifiers, key)) => (modifiers, key),
            None => ("", text),
        };
        let mut chord = Self {
            ctrl: false,
            alt: false,
            shift: false,
            key: Key::from_name(key)?,
        };
        for name in modifiers.split('+').filter(|name| !name.is_empty()) {
            match name {
                "Ctrl" => chord.ctrl = true,
                "Alt" => chord.alt = true,
                "Shift" => chord.shift = true,
                _ => return None,
            }
        }
        Some(chord)
    }
}

impl Display for Chord {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.named(WRITTEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, physical: Option<Key>, modifiers: Modifiers) -> Press {
        Press {
            key,
            physical,
            modifiers,
            repeated: false,
        }
    }

    #[test]
    fn keys_are_read_as_people_write_them_and_written_as_they_were_read() {
        for text in [
            "Ctrl+Shift+Z",
            "Ctrl+Alt+Shift+F12",
            "+",
            "Ctrl++",
            "-",
            "[",
            "'",
            "Left",
            "PageUp",
        ] {
            assert_eq!(Chord::parse(text).map(|chord| chord.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Chord::parse("Shift+Ctrl+a"), Chord::parse("Ctrl+Shift+A"));
        for text in ["", "Hyper+Z", "Ctrl+Ö"] {
            assert_eq!(Chord::parse(text), None, "{text}");
        }
    }

    #[test]
    fn apples_modifiers_are_shown_by_their_names_and_written_as_on_all_systems() {
        let chord = Chord::parse("Ctrl+Alt+Shift+S").unwrap();
        assert_eq!(chord.to_string(), "Ctrl+Alt+Shift+S");
        assert_eq!(chord.named(APPLES), "Cmd+Option+Shift+S");
        assert_eq!(chord.shown() == chord.to_string(), !cfg!(target_os = "macos"));
    }

    #[test]
    fn modifiers_must_match_exactly() {
        let undo = Chord::parse("Ctrl+Z").unwrap();
        assert!(press(Key::Z, None, Modifiers::COMMAND).is(undo));
        assert!(!press(Key::Z, None, Modifiers::COMMAND | Modifiers::SHIFT).is(undo));
        assert!(!press(Key::B, None, Modifiers::COMMAND).is(Chord::parse("B").unwrap()));
    }

    #[test]
    fn a_shifted_bracket_is_still_the_bracket_key() {
        let harder = Chord::parse("Shift+]").unwrap();
        let shifted = press(Key::CloseCurlyBracket, Some(Key::CloseBracket), Modifiers::SHIFT);
        assert!(shifted.stands_at(harder) && !shifted.is(harder));
        assert_eq!(shifted.chord(), harder);
        assert!(!press(Key::CloseBracket, Some(Key::CloseBracket), Modifiers::NONE).stands_at(harder));
    }

    #[test]
    fn plus_needs_no_shift_and_a_letter_is_what_it_says() {
        let plus = Chord::parse("+").unwrap();
        let above = press(Key::Plus, Some(Key::Equals), Modifiers::SHIFT);
        assert!(above.is(plus) && above.chord() == plus);
        assert!(press(Key::Equals, Some(Key::Equals), Modifiers::NONE).is(plus));
        // On a French keyboard A stands where the American one has Q.
        assert_eq!(press(Key::A, Some(Key::Q), Modifiers::SHIFT).chord().to_string(), "Shift+A");
    }

    #[test]
    fn what_the_library_makes_of_keys_are_keys() {
        assert_eq!(Press::of(&Event::Cut).unwrap().chord().to_string(), "Ctrl+X");
        assert_eq!(Press::of(&Event::Paste("a".into())).unwrap().chord().to_string(), "Ctrl+V");
        let shift = Event::Key {
            key: Key::ShiftLeft,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::SHIFT,
        };
        assert!(Press::of(&shift).is_none() && Press::of(&Event::PointerGone).is_none());
    }
}
