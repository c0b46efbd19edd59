//! Keys that do something for as long as they are down.

use egui::Key;

use super::{Chord, Workspace};

/// What a key does while it is held. No command can have that key there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Line,
    PickLayer,
    Hand,
    Flip,
}

impl Held {
    const ALL: [Self; 4] = [Self::Line, Self::PickLayer, Self::Hand, Self::Flip];

    pub fn key(self) -> Key {
        match self {
            Self::Line => Key::V,
            Self::PickLayer => Key::R,
            Self::Hand => Key::Space,
            Self::Flip => Key::F,
        }
    }

    fn workspace(self) -> Workspace {
        match self {
            Self::Line | Self::PickLayer | Self::Hand => Workspace::Studio,
            Self::Flip => Workspace::SwapBoard,
        }
    }

    /// What it does, as the end of a sentence that begins with the key.
    pub fn words(self) -> &'static str {
        match self {
            Self::Line => "draws straight lines while it is held down",
            Self::PickLayer => "chooses the layer under a click while it is held down",
            Self::Hand => "moves the view while it is held down",
            Self::Flip => "flips two references while it is held down",
        }
    }

    /// What `chord` does while it is held where a command of `workspace` (none: of all) can be issued.
    pub fn of(chord: Chord, workspace: Option<Workspace>) -> Option<Self> {
        let there = |held: &Self| workspace.is_none_or(|place| place == held.workspace());
        Self::ALL.into_iter().find(|held| chord.is_alone(held.key()) && there(held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;

    #[test]
    fn no_command_has_the_keys_that_are_held() {
        for command in Command::all() {
            let keys = command.default_keys();
            assert_eq!(
                keys.and_then(|chord| Held::of(chord, command.workspace())),
                None,
                "{command:?}"
            );
        }
        let chord = |words| Chord::parse(words).unwrap();
        assert_eq!(Held::of(chord("Space"), Some(Workspace::SwapBoard)), None);
        assert_eq!(Held::of(chord("Space"), None), Some(Held::Hand));
        assert_eq!(Held::of(chord("Shift+V"), Some(Workspace::Studio)), None);
    }
}
