//! The one list of what a person can do. Menus, shortcuts and tests all issue these.

mod chord;
mod held;
mod keymap;
mod list;

pub use chord::{Chord, Press};
pub use held::Held;
pub use keymap::Keymap;
pub use list::Command;
use list::ENTRIES;

/// The three places of the window. Keys mean something by place: 1 is a zoom in the studio and a star in the gallery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Workspace {
    /// One drawing is worked on.
    #[default]
    Studio,
    /// Sketches against references.
    SwapBoard,
    /// Takes are looked through.
    Gallery,
}

impl Workspace {
    pub const ALL: [Self; 3] = [Self::Studio, Self::SwapBoard, Self::Gallery];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Studio => "Studio",
            Self::SwapBoard => "Swap board",
            Self::Gallery => "Gallery",
        }
    }

    /// What goes there.
    pub const fn command(self) -> Command {
        match self {
            Self::Studio => Command::ShowStudio,
            Self::SwapBoard => Command::ShowSwapBoard,
            Self::Gallery => Command::ShowGallery,
        }
    }
}

/// Where the menu bar shows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Menu {
    File,
    Edit,
    View,
    Layer,
    Board,
    Tool,
    Generate,
    Review,
    Help,
}

impl Menu {
    pub const ALL: [Self; 9] = [
        Self::File,
        Self::Edit,
        Self::View,
        Self::Layer,
        Self::Board,
        Self::Tool,
        Self::Generate,
        Self::Review,
        Self::Help,
    ];

    pub const fn label(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Layer => "Layer",
            Self::Board => "Board",
            Self::Tool => "Tool",
            Self::Generate => "Generate",
            Self::Review => "Review",
            Self::Help => "Help",
        }
    }
}

/// A row of the list: what a person reads, where it stands, and the default keys, by Krita's habits where Krita has the command.
struct Entry {
    command: Command,
    name: &'static str,
    /// Where it can be issued; none: everywhere.
    workspace: Option<Workspace>,
    menu: Menu,
    label: &'static str,
    shortcut: Option<&'static str>,
}

impl Command {
    /// Every command, in the order of the menus.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.command)
    }

    /// The commands of one menu, in order.
    pub fn of(menu: Menu) -> impl Iterator<Item = Self> {
        ENTRIES
            .iter()
            .filter(move |entry| entry.menu == menu)
            .map(|entry| entry.command)
    }

    /// Where alone it can be issued; none: everywhere.
    pub fn workspace(self) -> Option<Workspace> {
        self.entry().workspace
    }

    /// Whether the command can be issued in `workspace`.
    pub fn belongs_to(self, workspace: Workspace) -> bool {
        self.entry().workspace.is_none_or(|own| own == workspace)
    }

    /// What menus and tooltips say. Ends in an ellipsis when more is asked before anything happens.
    pub fn label(self) -> &'static str {
        self.entry().label
    }

    /// What files call it: it never changes.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Default keys as they stand in the list; [`Keymap`] has those that count.
    fn shortcut(self) -> Option<&'static str> {
        self.entry().shortcut
    }

    /// The keys that it has while nobody changes them.
    pub fn default_keys(self) -> Option<Chord> {
        self.shortcut().and_then(Chord::parse)
    }

    /// Whether it goes a step further each time while its keys are held down: what else is asked for is asked for once.
    pub fn is_step(self) -> bool {
        use Command::{
            BrushHarder, BrushLarger, BrushLessOpaque, BrushMoreOpaque, BrushSmaller, BrushSofter, CellAbove, CellBelow,
            CellLeft, CellRight, DarkenColor, LightenColor, NextPicture, NextTake, PictureAbove, PictureBelow, PicturesPageDown,
            PicturesPageUp, PreviousPicture, PreviousTake, Redo, RotateLeft, RotateRight, SelectOnAbove, SelectOnBelow,
            SelectOnLeft, SelectOnRight, Undo, ZoomIn, ZoomOut,
        };
        matches!(
            self,
            Undo | Redo
                | BrushLarger
                | BrushSmaller
                | BrushHarder
                | BrushSofter
                | BrushMoreOpaque
                | BrushLessOpaque
                | DarkenColor
                | LightenColor
                | ZoomIn
                | ZoomOut
                | RotateLeft
                | RotateRight
                | PreviousTake
                | NextTake
                | NextPicture
                | PreviousPicture
                | PictureBelow
                | PictureAbove
                | PicturesPageDown
                | PicturesPageUp
                | SelectOnRight
                | SelectOnLeft
                | SelectOnBelow
                | SelectOnAbove
                | CellRight
                | CellLeft
                | CellBelow
                | CellAbove
        )
    }

    pub fn menu(self) -> Menu {
        self.entry().menu
    }

    fn entry(self) -> &'static Entry {
        &ENTRIES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_commands_of_a_workspace_share_keys_or_words() {
        for workspace in Workspace::ALL {
            let mut keys = HashSet::new();
            let mut labels = HashSet::new();
            for command in Command::all().filter(|command| command.belongs_to(workspace)) {
                assert!(command.shortcut().is_none_or(|shortcut| keys.insert(shortcut)), "{command:?}");
                assert!(labels.insert(command.label()), "{command:?}");
            }
        }
    }

    #[test]
    fn every_workspace_is_reached_from_every_workspace() {
        for workspace in Workspace::ALL {
            assert!(Workspace::ALL.iter().all(|place| place.command().belongs_to(workspace)));
        }
        assert!(Command::ZoomActual.belongs_to(Workspace::Studio));
        assert!(
            !Command::ZoomActual.belongs_to(Workspace::Gallery),
            "1 is a star in the gallery"
        );
    }

    #[test]
    fn menus_show_all_commands() {
        assert_eq!(Menu::ALL.into_iter().flat_map(Command::of).count(), ENTRIES.len());
        assert_eq!(
            Command::of(Menu::Edit).take(2).collect::<Vec<_>>(),
            [Command::Undo, Command::Redo]
        );
        assert_eq!(Command::Colorize.shortcut(), Some("Shift+Enter"));
    }
}
