//! Keys to commands. The keys themselves stand in the one list of commands.

use egui::{Context, Event, Key, Modifiers};

use crate::command::{Command, Workspace};

/// A key with the modifiers that must be down, no more and no fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chord {
    modifiers: Modifiers,
    key: Key,
}

/// The commands of `workspace` whose keys were pressed in this frame, in order. While a person types, only those with Ctrl count, and of those not the ones that a text
/// field has too.
pub fn pressed(context: &Context, workspace: Workspace) -> Vec<Command> {
    let typing = context.egui_wants_keyboard_input();
    let events = context.input(|input| input.events.clone());
    let keys = events.iter().filter_map(|event| match event {
        Event::Key {
            key,
            physical_key,
            pressed: true,
            modifiers,
            ..
        } => Some((*key, *physical_key, *modifiers)),
        _ => None,
    });
    keys.filter_map(|(key, physical, modifiers)| {
        let fits = |command: &Command| chord(*command).is_some_and(|chord| chord.fits(key, physical, modifiers));
        let command = Command::all().find(|command| command.belongs_to(workspace) && fits(command))?;
        (!typing || (modifiers.command && !edits_text(key))).then_some(command)
    })
    .collect()
}

/// Whether the key, with Ctrl, does something in a text field.
fn edits_text(key: Key) -> bool {
    use Key::{A, ArrowLeft, ArrowRight, Backspace, C, Delete, End, Home, V, X, Y, Z};
    matches!(
        key,
        A | C | V | X | Y | Z | Backspace | Delete | Home | End | ArrowLeft | ArrowRight
    )
}

fn chord(command: Command) -> Option<Chord> {
    parse(command.shortcut()?)
}

/// Reads keys as people write them: "Ctrl+Shift+S", "[", "+".
fn parse(text: &str) -> Option<Chord> {
    let (modifiers, key) = match text.rsplit_once('+') {
        // The plus itself is the key.
        Some((modifiers, "")) => (modifiers.trim_end_matches('+'), "+"),
        Some((modifiers, key)) => (modifiers, key),
        None => ("", text),
    };
    let mut chord = Chord {
        modifiers: Modifiers::NONE,
        key: Key::from_name(key)?,
    };
    for name in modifiers.split('+').filter(|name| !name.is_empty()) {
        match name {
            "Ctrl" => chord.modifiers.command = true,
            "Alt" => chord.modifiers.alt = true,
            "Shift" => chord.modifiers.shift = true,
            _ => return None,
        }
    }
    Some(chord)
}

impl Chord {
    fn fits(self, key: Key, physical: Option<Key>, modifiers: Modifiers) -> bool {
        // Plus stands above another key on most keyboards, and Shift is needed to reach it.
        let zoom_in = self.key == Key::Plus && matches!(key, Key::Plus | Key::Equals) && !modifiers.command && !modifiers.alt;
        // With Shift down the key "]" calls itself "}"; what it is on the keyboard does not change.
        let key = key == self.key || physical == Some(self.key);
        zoom_in
            || (key
                && modifiers.alt == self.modifiers.alt
                && modifiers.shift == self.modifiers.shift
                && modifiers.command == self.modifiers.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_in_the_list_can_be_pressed() {
        for command in Command::all() {
            assert_eq!(chord(command).is_some(), command.shortcut().is_some(), "{command:?}");
        }
    }

    #[test]
    fn keys_are_read_as_people_write_them() {
        let chord = parse("Ctrl+Shift+Z").unwrap();
        assert!(chord.modifiers.command && chord.modifiers.shift && !chord.modifiers.alt);
        assert_eq!(chord.key, Key::Z);
        assert_eq!(parse("+").unwrap().key, Key::Plus);
        assert_eq!(parse("Hyper+Z"), None);
    }

    #[test]
    fn modifiers_must_match_exactly() {
        let undo = parse("Ctrl+Z").unwrap();
        let command = Modifiers {
            command: true,
            ctrl: true,
            ..Modifiers::NONE
        };
        assert!(undo.fits(Key::Z, None, command));
        assert!(!undo.fits(Key::Z, None, command | Modifiers::SHIFT));
        assert!(!parse("B").unwrap().fits(Key::B, None, command));
    }

    #[test]
    fn a_shifted_bracket_is_still_the_bracket_key() {
        let harder = parse("Shift+]").unwrap();
        assert!(harder.fits(Key::CloseCurlyBracket, Some(Key::CloseBracket), Modifiers::SHIFT));
        assert!(!harder.fits(Key::CloseBracket, Some(Key::CloseBracket), Modifiers::NONE));
    }
}
