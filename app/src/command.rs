//! The one list of what a person can do. Menus, shortcuts and tests all issue these.

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

/// Something to do. Which keys the window really listens to is the business of `ui::shortcuts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    NewFromSketch,
    OpenSample,
    Open,
    Save,
    SaveAs,
    ExportPng,
    RestoreWork,
    Quit,
    Undo,
    Redo,
    SelectAll,
    SelectNothing,
    InvertSelection,
    FillBrushColor,
    FillSecondColor,
    Clear,
    FlipSideways,
    FlipUpright,
    SelectBrush,
    SelectEraser,
    SelectFill,
    SelectRectangle,
    SelectEllipse,
    SelectLasso,
    SelectWand,
    SelectMove,
    SelectPicker,
    SelectPan,
    BrushLarger,
    BrushSmaller,
    BrushHarder,
    BrushSofter,
    BrushMoreOpaque,
    BrushLessOpaque,
    SwapColors,
    ResetColors,
    MirrorPaintSideways,
    MirrorPaintUpright,
    OpenReference,
    OpenBackground,
    RemoveBackground,
    ImportSketchMask,
    ImportReferenceMask,
    NewLayer,
    DuplicateLayer,
    GroupLayer,
    MergeDown,
    RemoveLayer,
    RenameLayer,
    LayerAbove,
    LayerBelow,
    LayerUp,
    LayerDown,
    ToggleLayer,
    ToggleLock,
    ToggleAlphaLock,
    ToggleClip,
    UseAsSketch,
    InvertMask,
    ClearMask,
    ToggleSketch,
    ToggleTake,
    ToggleMaskOverlay,
    ZoomIn,
    ZoomOut,
    ZoomActual,
    ZoomFit,
    RotateLeft,
    RotateRight,
    ResetRotation,
    MirrorView,
    TogglePixelGrid,
    ToggleCanvasOnly,
    ShowLayers,
    ShowColor,
    ShowHistory,
    FindCommand,
    ShowStudio,
    ShowSwapBoard,
    ShowGallery,
    ShowGrid,
    ShowLoupe,
    Compare,
    Survey,
    BlindReview,
    NextPicture,
    PreviousPicture,
    PictureBelow,
    PictureAbove,
    Colorize,
    ToggleLive,
    KeepLive,
    NewSeed,
    PreviousTake,
    NextTake,
    CompareTakes,
    UseRecipe,
    FlattenTake,
    OpenFolder,
    ExportSheet,
    ExportPicked,
    ExportDecisions,
    ExportRanking,
    MakeAgain,
    AnotherSeed,
    OpenInStudio,
    SelectAllPictures,
    ClearFilters,
    RateNone,
    RateOne,
    RateTwo,
    RateThree,
    RateFour,
    RateFive,
    Pick,
    Reject,
    Unflag,
    LabelRed,
    LabelYellow,
    LabelGreen,
    LabelBlue,
    ToggleAdvance,
    OpenSampleShot,
    AddSketches,
    AddSketchFolder,
    AddSequence,
    AddReferences,
    AddReferenceFolder,
    AddFromStudio,
    ExportBoard,
    ExportFrames,
    ReplaceReference,
    PairBackground,
    ToggleReferenceMask,
    RemoveSketch,
    RemoveReference,
    SketchUp,
    SketchDown,
    ReferenceLeft,
    ReferenceRight,
    ShowBoard,
    ShowSideBySide,
    ShowWipe,
    ShowDifference,
    PlayFrames,
    LockZoom,
    FitCells,
    ToggleDrift,
    ToggleColorModel,
    CellRight,
    CellLeft,
    CellBelow,
    CellAbove,
    FillBoard,
    PauseBoard,
    RunCellAgain,
    CancelCell,
    CancelRow,
    CancelBoard,
    ToggleRowNoise,
    NewBoardSeed,
    ChooseReference,
    UseReference,
    OpenCell,
    Cancel,
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
}

impl Menu {
    pub const ALL: [Self; 8] = [
        Self::File,
        Self::Edit,
        Self::View,
        Self::Layer,
        Self::Board,
        Self::Tool,
        Self::Generate,
        Self::Review,
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
        }
    }
}

/// A row of the list: what a person reads, where it stands, and the default keys, by Krita's habits where Krita has the command.
struct Entry {
    command: Command,
    /// Where it can be issued; none: everywhere.
    workspace: Option<Workspace>,
    menu: Menu,
    label: &'static str,
    shortcut: Option<&'static str>,
}

/// A command of the studio.
const fn entry(command: Command, menu: Menu, label: &'static str, shortcut: &'static str) -> Entry {
    Entry {
        command,
        workspace: Some(Workspace::Studio),
        menu,
        label,
        shortcut: if shortcut.is_empty() { None } else { Some(shortcut) },
    }
}

/// A command of the gallery.
const fn review(command: Command, menu: Menu, label: &'static str, shortcut: &'static str) -> Entry {
    Entry {
        workspace: Some(Workspace::Gallery),
        ..entry(command, menu, label, shortcut)
    }
}

/// A command of the swap board.
const fn swap(command: Command, menu: Menu, label: &'static str, shortcut: &'static str) -> Entry {
    Entry {
        workspace: Some(Workspace::SwapBoard),
        ..entry(command, menu, label, shortcut)
    }
}

/// A command of all workspaces.
const fn everywhere(command: Command, menu: Menu, label: &'static str, shortcut: &'static str) -> Entry {
    Entry {
        workspace: None,
        ..entry(command, menu, label, shortcut)
    }
}

/// In the order of [`Command`], which is that of the menus.
const ENTRIES: &[Entry] = &[
    everywhere(Command::NewFromSketch, Menu::File, "New from a drawing…", "Ctrl+N"),
    everywhere(Command::OpenSample, Menu::File, "Open the sample", ""),
    everywhere(Command::Open, Menu::File, "Open…", "Ctrl+O"),
    everywhere(Command::Save, Menu::File, "Save", "Ctrl+S"),
    everywhere(Command::SaveAs, Menu::File, "Save as…", "Ctrl+Shift+S"),
    entry(Command::ExportPng, Menu::File, "Export PNG…", "Ctrl+Alt+S"),
    everywhere(Command::RestoreWork, Menu::File, "Restore unsaved work…", ""),
    everywhere(Command::Quit, Menu::File, "Quit", "Ctrl+Q"),
    everywhere(Command::Undo, Menu::Edit, "Undo", "Ctrl+Z"),
    everywhere(Command::Redo, Menu::Edit, "Redo", "Ctrl+Shift+Z"),
    entry(Command::SelectAll, Menu::Edit, "Select all", "Ctrl+A"),
    entry(Command::SelectNothing, Menu::Edit, "Select nothing", "Ctrl+Shift+A"),
    entry(Command::InvertSelection, Menu::Edit, "Invert the selection", "Ctrl+Shift+I"),
    entry(
        Command::FillBrushColor,
        Menu::Edit,
        "Fill with the brush colour",
        "Shift+Backspace",
    ),
    entry(
        Command::FillSecondColor,
        Menu::Edit,
        "Fill with the second colour",
        "Backspace",
    ),
    entry(Command::Clear, Menu::Edit, "Clear", "Delete"),
    entry(Command::FlipSideways, Menu::Edit, "Flip left and right", ""),
    entry(Command::FlipUpright, Menu::Edit, "Flip above and below", ""),
    entry(Command::SelectBrush, Menu::Tool, "Brush", "B"),
    entry(Command::SelectEraser, Menu::Tool, "Eraser", "E"),
    entry(Command::SelectFill, Menu::Tool, "Fill", "F"),
    entry(Command::SelectRectangle, Menu::Tool, "Select a rectangle", "Ctrl+R"),
    entry(Command::SelectEllipse, Menu::Tool, "Select an ellipse", "J"),
    entry(Command::SelectLasso, Menu::Tool, "Select freely", "L"),
    entry(Command::SelectWand, Menu::Tool, "Select a region", "W"),
    entry(Command::SelectMove, Menu::Tool, "Move", "T"),
    entry(Command::SelectPicker, Menu::Tool, "Colour picker", "P"),
    entry(Command::SelectPan, Menu::Tool, "Pan", "H"),
    entry(Command::BrushLarger, Menu::Tool, "Larger brush", "]"),
    entry(Command::BrushSmaller, Menu::Tool, "Smaller brush", "["),
    entry(Command::BrushHarder, Menu::Tool, "Harder brush", "Shift+]"),
    entry(Command::BrushSofter, Menu::Tool, "Softer brush", "Shift+["),
    entry(Command::BrushMoreOpaque, Menu::Tool, "More opaque brush", "O"),
    entry(Command::BrushLessOpaque, Menu::Tool, "Less opaque brush", "I"),
    entry(Command::SwapColors, Menu::Tool, "Swap the two colours", "X"),
    entry(Command::ResetColors, Menu::Tool, "Black and white", "D"),
    entry(Command::MirrorPaintSideways, Menu::Tool, "Paint left and right alike", ""),
    entry(Command::MirrorPaintUpright, Menu::Tool, "Paint above and below alike", ""),
    entry(Command::OpenReference, Menu::Layer, "Open a reference…", "Ctrl+Shift+R"),
    entry(Command::OpenBackground, Menu::Layer, "Open a background reference…", ""),
    entry(Command::RemoveBackground, Menu::Layer, "Remove the background reference", ""),
    entry(Command::ImportSketchMask, Menu::Layer, "Import a sketch mask…", ""),
    entry(Command::ImportReferenceMask, Menu::Layer, "Import a reference mask…", ""),
    entry(Command::NewLayer, Menu::Layer, "New layer", "Insert"),
    entry(Command::DuplicateLayer, Menu::Layer, "Duplicate the layer", "Ctrl+J"),
    entry(Command::GroupLayer, Menu::Layer, "Group the layer", "Ctrl+G"),
    entry(Command::MergeDown, Menu::Layer, "Merge down", "Ctrl+E"),
    entry(Command::RemoveLayer, Menu::Layer, "Remove the layer", "Shift+Delete"),
    entry(Command::RenameLayer, Menu::Layer, "Rename the layer…", "F2"),
    entry(Command::LayerAbove, Menu::Layer, "Select the layer above", "PageUp"),
    entry(Command::LayerBelow, Menu::Layer, "Select the layer below", "PageDown"),
    entry(Command::LayerUp, Menu::Layer, "Move the layer up", "Ctrl+PageUp"),
    entry(Command::LayerDown, Menu::Layer, "Move the layer down", "Ctrl+PageDown"),
    entry(Command::ToggleLayer, Menu::Layer, "Show or hide the layer", ""),
    entry(Command::ToggleLock, Menu::Layer, "Lock or unlock the layer", ""),
    entry(Command::ToggleAlphaLock, Menu::Layer, "Lock or unlock the layer's alpha", ""),
    entry(Command::ToggleClip, Menu::Layer, "Clip to the layer below", "Ctrl+Shift+G"),
    entry(Command::UseAsSketch, Menu::Layer, "Use the layer as the sketch", ""),
    entry(Command::InvertMask, Menu::Layer, "Invert the mask", "Ctrl+I"),
    entry(Command::ClearMask, Menu::Layer, "Clear the mask", ""),
    entry(Command::ToggleSketch, Menu::View, "Show the sketch", "Alt+1"),
    entry(Command::ToggleTake, Menu::View, "Show the colour", "Alt+2"),
    entry(Command::ToggleMaskOverlay, Menu::View, "Show the masks", "Ctrl+H"),
    entry(Command::ZoomIn, Menu::View, "Zoom in", "+"),
    entry(Command::ZoomOut, Menu::View, "Zoom out", "-"),
    entry(Command::ZoomActual, Menu::View, "Zoom to 100 %", "1"),
    entry(Command::ZoomFit, Menu::View, "Fit the canvas", "2"),
    entry(Command::RotateLeft, Menu::View, "Turn the view left", "4"),
    entry(Command::RotateRight, Menu::View, "Turn the view right", "6"),
    entry(Command::ResetRotation, Menu::View, "Turn the view upright", "5"),
    entry(Command::MirrorView, Menu::View, "Mirror the view", "M"),
    entry(Command::TogglePixelGrid, Menu::View, "Show the pixel grid", "Ctrl+Shift+'"),
    entry(Command::ToggleCanvasOnly, Menu::View, "Canvas only", "Tab"),
    entry(Command::ShowLayers, Menu::View, "Layers panel", "F7"),
    entry(Command::ShowColor, Menu::View, "Colour panel", "F6"),
    entry(Command::ShowHistory, Menu::View, "History panel", "F8"),
    everywhere(Command::FindCommand, Menu::View, "Find a command…", "Ctrl+K"),
    everywhere(Command::ShowStudio, Menu::View, "Go to the studio", "Ctrl+1"),
    everywhere(Command::ShowSwapBoard, Menu::View, "Go to the swap board", "Ctrl+2"),
    everywhere(Command::ShowGallery, Menu::View, "Go to the gallery", "Ctrl+3"),
    review(Command::ShowGrid, Menu::View, "Grid", "G"),
    review(Command::ShowLoupe, Menu::View, "Loupe", "E"),
    review(Command::Compare, Menu::View, "Compare", "C"),
    review(Command::Survey, Menu::View, "Survey", "N"),
    review(Command::BlindReview, Menu::View, "Blind review", "B"),
    review(Command::NextPicture, Menu::View, "Next picture", "Right"),
    review(Command::PreviousPicture, Menu::View, "Previous picture", "Left"),
    review(Command::PictureBelow, Menu::View, "Picture below", "Down"),
    review(Command::PictureAbove, Menu::View, "Picture above", "Up"),
    entry(Command::Colorize, Menu::Generate, "Colorize", "Shift+Enter"),
    entry(Command::ToggleLive, Menu::Generate, "Live", "Ctrl+Shift+L"),
    entry(Command::KeepLive, Menu::Generate, "Keep the live picture", "Ctrl+Shift+Enter"),
    entry(Command::NewSeed, Menu::Generate, "New seed", ""),
    entry(Command::PreviousTake, Menu::Generate, "Previous take", ","),
    entry(Command::NextTake, Menu::Generate, "Next take", "."),
    entry(Command::CompareTakes, Menu::Generate, "Compare two takes", "C"),
    entry(Command::UseRecipe, Menu::Generate, "Bring back the take's recipe", ""),
    entry(Command::FlattenTake, Menu::Generate, "Send the take to layers as flats", ""),
    everywhere(
        Command::OpenFolder,
        Menu::File,
        "Open a folder in the gallery…",
        "Ctrl+Shift+O",
    ),
    review(Command::ExportSheet, Menu::File, "Export a contact sheet…", "Ctrl+P"),
    review(Command::ExportPicked, Menu::File, "Copy the picked pictures…", "Ctrl+Shift+E"),
    review(Command::ExportDecisions, Menu::File, "Export the decisions…", ""),
    review(Command::ExportRanking, Menu::File, "Export the ranking…", ""),
    review(Command::MakeAgain, Menu::Generate, "Make this again", "Ctrl+R"),
    review(Command::AnotherSeed, Menu::Generate, "Same with another seed", "Ctrl+Shift+R"),
    review(Command::OpenInStudio, Menu::Generate, "Open in the studio", "Ctrl+E"),
    review(Command::SelectAllPictures, Menu::Edit, "Select all", "Ctrl+A"),
    review(Command::ClearFilters, Menu::View, "Remove all filters", "Ctrl+L"),
    review(Command::RateNone, Menu::Review, "No stars", "0"),
    review(Command::RateOne, Menu::Review, "1 star", "1"),
    review(Command::RateTwo, Menu::Review, "2 stars", "2"),
    review(Command::RateThree, Menu::Review, "3 stars", "3"),
    review(Command::RateFour, Menu::Review, "4 stars", "4"),
    review(Command::RateFive, Menu::Review, "5 stars", "5"),
    review(Command::Pick, Menu::Review, "Pick", "P"),
    review(Command::Reject, Menu::Review, "Reject", "X"),
    review(Command::Unflag, Menu::Review, "Unflag", "U"),
    review(Command::LabelRed, Menu::Review, "Red label", "6"),
    review(Command::LabelYellow, Menu::Review, "Yellow label", "7"),
    review(Command::LabelGreen, Menu::Review, "Green label", "8"),
    review(Command::LabelBlue, Menu::Review, "Blue label", "9"),
    review(
        Command::ToggleAdvance,
        Menu::Review,
        "Advance after each decision",
        "CapsLock",
    ),
    swap(Command::OpenSampleShot, Menu::File, "Open the sample shot", ""),
    swap(Command::AddSketches, Menu::File, "Add sketches…", "Ctrl+Shift+K"),
    swap(Command::AddSketchFolder, Menu::File, "Add a folder of sketches…", ""),
    swap(Command::AddSequence, Menu::File, "Add a numbered sequence…", ""),
    swap(Command::AddReferences, Menu::File, "Add references…", "Ctrl+Shift+R"),
    swap(Command::AddReferenceFolder, Menu::File, "Add a folder of references…", ""),
    swap(Command::AddFromStudio, Menu::File, "Add what is open in the studio", ""),
    swap(
        Command::ExportBoard,
        Menu::File,
        "Save the board into a folder…",
        "Ctrl+Alt+S",
    ),
    swap(Command::ExportFrames, Menu::File, "Save the chosen frames into a folder…", ""),
    swap(Command::ReplaceReference, Menu::Board, "Replace the reference…", ""),
    swap(Command::PairBackground, Menu::Board, "Add a background to the reference…", ""),
    swap(Command::ToggleReferenceMask, Menu::Board, "Use the reference's mask", "M"),
    swap(Command::RemoveSketch, Menu::Board, "Remove the sketch", "Delete"),
    swap(Command::RemoveReference, Menu::Board, "Remove the reference", "Shift+Delete"),
    swap(Command::SketchUp, Menu::Board, "Move the sketch up", "Ctrl+Up"),
    swap(Command::SketchDown, Menu::Board, "Move the sketch down", "Ctrl+Down"),
    swap(Command::ReferenceLeft, Menu::Board, "Move the reference left", "Ctrl+Left"),
    swap(Command::ReferenceRight, Menu::Board, "Move the reference right", "Ctrl+Right"),
    swap(Command::ShowBoard, Menu::View, "Board", "G"),
    swap(Command::ShowSideBySide, Menu::View, "Side by side", "E"),
    swap(Command::ShowWipe, Menu::View, "Wipe", "W"),
    swap(Command::ShowDifference, Menu::View, "Difference", "D"),
    swap(Command::PlayFrames, Menu::View, "Play the frames", "Space"),
    swap(Command::LockZoom, Menu::View, "Lock the zoom over all cells", "L"),
    swap(Command::FitCells, Menu::View, "Fit the pictures", "2"),
    swap(Command::ToggleDrift, Menu::View, "Show the drift of colours", "T"),
    swap(Command::ToggleColorModel, Menu::View, "Show the colour model", "K"),
    swap(Command::CellRight, Menu::View, "Cell to the right", "Right"),
    swap(Command::CellLeft, Menu::View, "Cell to the left", "Left"),
    swap(Command::CellBelow, Menu::View, "Cell below", "Down"),
    swap(Command::CellAbove, Menu::View, "Cell above", "Up"),
    swap(Command::FillBoard, Menu::Generate, "Fill the board", "Shift+Enter"),
    swap(Command::PauseBoard, Menu::Generate, "Pause", "Ctrl+."),
    swap(Command::RunCellAgain, Menu::Generate, "Run the cell again", "R"),
    swap(Command::CancelCell, Menu::Generate, "Cancel the cell", "X"),
    swap(Command::CancelRow, Menu::Generate, "Cancel the row", "Shift+X"),
    swap(Command::CancelBoard, Menu::Generate, "Cancel all cells", "Ctrl+Shift+X"),
    swap(Command::ToggleRowNoise, Menu::Generate, "Noise of its own for each row", "N"),
    swap(Command::NewBoardSeed, Menu::Generate, "New noise", ""),
    swap(
        Command::ChooseReference,
        Menu::Board,
        "Use this reference for all frames",
        "P",
    ),
    swap(
        Command::UseReference,
        Menu::Board,
        "Use this reference in the studio",
        "Ctrl+Enter",
    ),
    swap(Command::OpenCell, Menu::Board, "Open the cell in the studio", "Enter"),
    everywhere(Command::Cancel, Menu::Generate, "Cancel", "Escape"),
];

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

    /// Default keys as people write them: modifiers `Ctrl`, `Alt`, `Shift` in this order, then the key, joined by `+`.
    pub fn shortcut(self) -> Option<&'static str> {
        self.entry().shortcut
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
    fn the_list_is_in_the_order_of_the_commands() {
        for (index, command) in Command::all().enumerate() {
            assert_eq!(command as usize, index, "{command:?}");
        }
        assert_eq!(Command::Cancel as usize + 1, ENTRIES.len(), "the last command ends the list");
    }

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
