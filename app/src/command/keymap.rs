//! Which keys issue which command: the defaults, and what a person changed of them.

use std::collections::BTreeMap;

use super::{Chord, Command, Press, Workspace};

/// The keys of every command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    /// By the number of the command.
    chords: Vec<Option<Chord>>,
}

impl Default for Keymap {
    /// The keys of the list of commands.
    fn default() -> Self {
        let chords = Command::all().map(Command::default_keys);
        Self {
            chords: chords.collect(),
        }
    }
}

impl Keymap {
    pub fn keys(&self, command: Command) -> Option<Chord> {
        self.chords[command as usize]
    }

    /// As a person reads them; empty without keys.
    pub fn words(&self, command: Command) -> String {
        self.keys(command).map(Chord::shown).unwrap_or_default()
    }

    /// Whether a person changed the keys of the command.
    pub fn is_changed(&self, command: Command) -> bool {
        self.keys(command) != command.default_keys()
    }

    /// The other commands that `chord` issues wherever `command` can be issued.
    pub fn rivals(&self, command: Command, chord: Chord) -> Vec<Command> {
        let meets = |other: &Command| match (other.workspace(), command.workspace()) {
            (Some(one), Some(another)) => one == another,
            _ => true,
        };
        Command::all()
            .filter(|other| *other != command && self.keys(*other) == Some(chord) && meets(other))
            .collect()
    }

    /// Gives the command its keys, and takes them from its rivals.
    pub fn assign(&mut self, command: Command, keys: Option<Chord>) {
        for rival in keys.map(|chord| self.rivals(command, chord)).unwrap_or_default() {
            self.chords[rival as usize] = None;
        }
        self.chords[command as usize] = keys;
    }

    /// The command of `workspace` that a press issues. What the keys say counts for more than where they stand.
    pub fn pressed(&self, workspace: Workspace, press: Press) -> Option<Command> {
        let find = |fits: fn(Press, Chord) -> bool| {
            let mut own = Command::all().filter(|command| command.belongs_to(workspace));
            own.find(|command| self.keys(*command).is_some_and(|chord| fits(press, chord)))
        };
        find(Press::is).or_else(|| find(Press::stands_at))
    }

    /// What was changed, as RON: the command's name, and its keys; empty: none.
    pub fn to_ron(&self) -> String {
        let changed = Command::all().filter(|command| self.is_changed(*command));
        let written = |command| self.keys(command).map(|chord| chord.to_string()).unwrap_or_default();
        let named: BTreeMap<&str, String> = changed.map(|command| (command.name(), written(command))).collect();
        ron::ser::to_string_pretty(&named, ron::ser::PrettyConfig::default()).expect("a map of texts can be written")
    }

    /// Reads what [`Self::to_ron`] wrote. Lines that say nothing to this program are given back, and left out.
    pub fn from_ron(text: &str) -> Result<(Self, Vec<String>), ron::error::SpannedError> {
        let named: BTreeMap<String, String> = ron::from_str(text)?;
        let (mut keymap, mut strange) = (Self::default(), Vec::new());
        for (name, keys) in named {
            let command = Command::all().find(|command| command.name() == name);
            match (command, Chord::parse(&keys)) {
                (Some(command), Some(chord)) => keymap.assign(command, Some(chord)),
                (Some(command), None) if keys.is_empty() => keymap.assign(command, None),
                _ => strange.push(format!("{name}: {keys}")),
            }
        }
        Ok((keymap, strange))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Event, Key, Modifiers};

    fn chord(text: &str) -> Option<Chord> {
        Chord::parse(text)
    }

    /// A key that says one thing, and stands where the American keyboard has another.
    fn press(key: Key, physical_key: Key, modifiers: Modifiers) -> Press {
        let down = Event::Key {
            key,
            physical_key: Some(physical_key),
            pressed: true,
            repeat: false,
            modifiers,
        };
        Press::of(&down).expect("it is a key that went down")
    }

    #[test]
    fn letters_are_what_they_say_and_marks_where_they_stand() {
        let studio = |press| Keymap::default().pressed(Workspace::Studio, press);
        // German: Y and Z have changed places.
        assert_eq!(studio(press(Key::Y, Key::Z, Modifiers::COMMAND)), None);
        assert_eq!(studio(press(Key::Z, Key::Y, Modifiers::COMMAND)), Some(Command::Undo));
        let shifted = press(Key::CloseCurlyBracket, Key::CloseBracket, Modifiers::SHIFT);
        assert_eq!(studio(shifted), Some(Command::BrushHarder));
    }

    #[test]
    fn every_default_can_be_pressed_and_reads_as_it_stands_in_the_list() {
        let keymap = Keymap::default();
        for command in Command::all() {
            let keys = keymap.keys(command).map(|chord| chord.to_string());
            assert_eq!(keys.as_deref(), command.shortcut(), "{command:?}");
            let rivals = |chord| keymap.rivals(command, chord);
            assert_eq!(keymap.keys(command).map(rivals).unwrap_or_default(), [], "{command:?}");
        }
    }

    #[test]
    fn new_keys_are_taken_from_whoever_had_them_in_the_same_place() {
        let mut keymap = Keymap::default();
        let e = chord("E").unwrap();
        assert_eq!(keymap.rivals(Command::SelectBrush, e), [Command::SelectEraser]);
        keymap.assign(Command::SelectBrush, Some(e));
        assert_eq!(keymap.words(Command::SelectBrush), "E");
        assert_eq!(keymap.keys(Command::SelectEraser), None);
        assert_eq!(keymap.words(Command::ShowLoupe), "E", "the gallery's own");
        // What can be issued everywhere meets all.
        assert_eq!(keymap.rivals(Command::Save, e).len(), 3);
        keymap.assign(Command::SelectBrush, None);
        assert!(keymap.is_changed(Command::SelectBrush) && !keymap.is_changed(Command::Undo));
    }

    #[test]
    fn what_is_changed_is_kept_and_what_is_strange_is_told() {
        let mut keymap = Keymap::default();
        keymap.assign(Command::SelectBrush, chord("Ctrl+Alt+B"));
        keymap.assign(Command::SelectFill, None);
        let text = keymap.to_ron();
        assert_eq!(Keymap::from_ron(&text).unwrap(), (keymap, Vec::new()));
        assert!(!text.contains("SelectEraser"), "defaults may change: {text}");
        let (read, strange) = Keymap::from_ron(r#"{"Undo": "Shift+Ctrl+u", "Fly": "F", "Redo": "Hyper+R"}"#).unwrap();
        assert_eq!(read.keys(Command::Undo), chord("Ctrl+Shift+U"));
        assert_eq!(strange, ["Fly: F", "Redo: Hyper+R"]);
        assert!(Keymap::from_ron("{\"Undo").is_err());
    }
}
