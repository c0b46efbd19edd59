//! What a command does, as far as it concerns the document, and whether it can do anything now.

use super::{Session, random_seed};
use crate::command::{Command, Workspace};
use crate::document::{Role, Side};
use crate::tool::ToolKind;

impl Session {
    /// Whether the command can do anything now.
    pub fn allows(&self, command: Command) -> bool {
        let open = self.document.is_some();
        let has = |role| {
            self.document
                .as_ref()
                .is_some_and(|document| document.by_role(role).is_some())
        };
        match command {
            Command::RemovePreset => self.uses_own_preset(),
            Command::PreviousPreset => self.has_previous_preset(),
            Command::SavePreset => self.toolbox.settings().is_some(),
            Command::RestoreWork => !self.lost.is_empty(),
            // What tools have still to lay down is a change, too.
            Command::Undo => self.is_moving() || self.is_transforming() || self.history.undo_label().is_some(),
            Command::Redo => self.history.redo_label().is_some(),
            Command::SelectNothing => Side::ALL.into_iter().any(|side| self.selects_on(side)),
            Command::InvertSelection | Command::FeatherSelection | Command::GrowSelection | Command::ShrinkSelection => {
                self.selects_on(self.side)
            }
            Command::Reselect => self.document.as_ref().is_some_and(|document| document.can_reselect()),
            Command::RemoveBackground => has(Role::Background),
            Command::ImportReferenceMask | Command::ProposeReferenceMask => has(Role::ReferenceMask),
            Command::ProposeSketchMask => has(Role::Sketch),
            Command::Cancel if self.writing.is_some() => true,
            // Of a stroke the tool knows nothing yet while that waits for what is still to be laid down.
            Command::Cancel if self.stroke().is_some() => true,
            Command::Cancel => self.is_coloring() || self.toolbox.is_active() || self.toolbox.selected() == ToolKind::Transform,
            Command::CancelOne => self.is_coloring(),
            Command::Apply => self.toolbox.selected() == ToolKind::Transform || self.toolbox.is_waiting(),
            Command::ToggleTake | Command::PreviousTake | Command::NextTake => has(Role::Take),
            Command::UseRecipe | Command::FlatsOnOne | Command::FlatsByColor | Command::FlatsByRegion => {
                self.shown_take().is_some()
            }
            Command::ReviewTakes => has(Role::Take) && !self.is_writing_takes(),
            Command::ReviewSampleShot => self.has_room_for_samples(),
            Command::CompareTakes => self.takes().len() > 1,
            Command::ToggleLive => open && (self.is_live() || has(Role::Reference)),
            Command::KeepLive => self.has_live_picture(),
            Command::Colorize | Command::QueueAnother => open && has(Role::Reference),
            Command::New
            | Command::Open
            | Command::OpenSample
            | Command::NewFromSketch
            | Command::OpenFolder
            | Command::AddAdapter
            | Command::AddModel
            | Command::ManageModels
            | Command::Train
            | Command::ChooseTrainingPictures
            | Command::FindCommand
            | Command::ChangeKeys
            | Command::ToggleFullScreen
            | Command::RenewWindow
            | Command::PenSettings
            | Command::Paste
            | Command::PasteNew
            | Command::OpenPalette
            | Command::SavePalette
            | Command::AddToPalette
            | Command::NewPalette
            | Command::RemovePalette
            | Command::Quit
            | Command::ShowStudio
            | Command::ShowSwapBoard
            | Command::ShowGallery => true,
            _ if command.workspace() == Some(Workspace::SwapBoard) => self.allows_on_board(command),
            _ => open,
        }
    }

    /// Whether a part of a pane's picture is selected.
    fn selects_on(&self, side: Side) -> bool {
        let sheet = self.document.as_ref().and_then(|document| document.sheet(side));
        sheet.is_some_and(|sheet| sheet.selection().is_some())
    }

    /// Does what a command says, as far as it concerns the document. The view's own commands are the window's business.
    pub fn run(&mut self, command: Command) {
        if self.allows(command) {
            self.perform_in_turn(command);
        }
    }

    pub(super) fn perform(&mut self, command: Command) {
        match command {
            Command::Undo | Command::Redo => self.travel(command == Command::Undo),
            Command::SelectBrush => self.toolbox.select(ToolKind::Brush),
            Command::SelectEraser => self.toolbox.select(ToolKind::Eraser),
            Command::SelectFill => self.toolbox.select(ToolKind::Fill),
            Command::SelectGradient => self.toolbox.select(ToolKind::Gradient),
            Command::SelectRectangle => self.toolbox.select(ToolKind::Rectangle),
            Command::SelectEllipse => self.toolbox.select(ToolKind::Ellipse),
            Command::SelectLasso => self.toolbox.select(ToolKind::Lasso),
            Command::SelectPolygon => self.toolbox.select(ToolKind::Polygon),
            Command::SelectWand => self.toolbox.select(ToolKind::Wand),
            Command::SelectMove => self.toolbox.select(ToolKind::Move),
            Command::SelectTransform => self.toolbox.select(ToolKind::Transform),
            Command::Apply => self.apply(),
            Command::SelectPicker => self.toolbox.select(ToolKind::Picker),
            Command::SelectPan => self.toolbox.select(ToolKind::Pan),
            Command::BrushLarger
            | Command::BrushSmaller
            | Command::BrushHarder
            | Command::BrushSofter
            | Command::BrushMoreOpaque
            | Command::BrushLessOpaque => self.adjust_brush(command),
            Command::SwapColors => self.toolbox.colors.swap(),
            Command::ResetColors => self.toolbox.colors.reset(),
            Command::DarkenColor => self.toolbox.colors.darken(),
            Command::LightenColor => self.toolbox.colors.lighten(),
            Command::ToggleCarry => self.toolbox.carries ^= true,
            Command::Reselect | Command::SelectByMask | Command::SelectPainted => self.select_what(command),
            Command::MirrorPaintSideways => self.toolbox.brush.mirror.sideways ^= true,
            Command::MirrorPaintUpright => self.toolbox.brush.mirror.upright ^= true,
            Command::RemoveBackground => self.edit("Remove the background reference", |document| {
                // Taking a picture away cannot be refused.
                let _ = document.set_background(None);
            }),
            Command::NewLayer
            | Command::NewHintLayer
            | Command::DuplicateLayer
            | Command::GroupLayer
            | Command::MergeDown
            | Command::MergeVisible
            | Command::FlattenPicture
            | Command::RemoveLayer
            | Command::LayerUp
            | Command::LayerDown
            | Command::ToggleLock
            | Command::ToggleAlphaLock
            | Command::ToggleClip
            | Command::UseAsSketch => self.arrange(command),
            Command::LayerAbove => self.select_neighbour(1),
            Command::LayerBelow => self.select_neighbour(-1),
            Command::InvertMask | Command::ClearMask | Command::ProposeSketchMask | Command::ProposeReferenceMask => {
                self.mask_by(command);
            }
            Command::SelectAll
            | Command::SelectNothing
            | Command::InvertSelection
            | Command::FillBrushColor
            | Command::FillSecondColor
            | Command::Clear
            | Command::FlipSideways
            | Command::FlipUpright => self.select_by(command),
            Command::Cut | Command::Copy | Command::CopyMerged | Command::Paste | Command::PasteReference | Command::PasteNew => {
                self.clip(command)
            }
            Command::ToggleLayer => self.toggle(self.target(Side::Canvas)),
            Command::PreviousTake
            | Command::NextTake
            | Command::UseRecipe
            | Command::FlatsOnOne
            | Command::FlatsByColor
            | Command::FlatsByRegion => self.with_take(command),
            Command::ToggleSketch => self.toggle(self.by_role(Role::Sketch)),
            Command::ToggleTake => self.toggle(self.by_role(Role::Take)),
            Command::ToggleMaskOverlay => self.masks_shown = !self.masks_shown,
            Command::ToggleSelectionOutline => self.selection_shown = !self.selection_shown,
            Command::ToggleCells => self.show_cells(!self.shows_cells()),
            Command::Colorize => self.colorize(),
            Command::QueueAnother => self.queue_another(),
            Command::CancelOne => self.cancel_one(),
            Command::ToggleLive => self.toggle_live(),
            Command::KeepLive => self.keep_live(),
            Command::NewSeed => self.settings.seed = random_seed(),
            Command::Cancel => self.cancel(),
            Command::NewFromSketch
            | Command::OpenSample
            | Command::Open
            | Command::Save
            | Command::SaveAs
            | Command::Export
            | Command::OpenReference
            | Command::OpenBackground
            | Command::ImportSketchMask
            | Command::ImportReferenceMask
            | Command::ImportLayer
            | Command::OpenPalette
            | Command::SavePalette
            | Command::ReviewTakes
            | Command::AddAdapter
            | Command::AddModel
            | Command::ChooseTrainingPictures
            | Command::OpenFolder => self.file(command),
            Command::ReviewSampleShot => self.review_sample_shot(),
            Command::PreviousPreset | Command::SavePreset | Command::RemovePreset => self.preset_by(command),
            Command::AddToPalette | Command::AddReferenceColors | Command::NewPalette | Command::RemovePalette => {
                self.palette_by(command);
            }
            _ if command.workspace() == Some(Workspace::SwapBoard) => self.run_on_board(command),
            // The window's business, or the gallery's.
            _ => {}
        }
    }

    fn adjust_brush(&mut self, command: Command) {
        let Some(settings) = self.toolbox.settings_mut() else { return };
        match command {
            Command::BrushLarger => settings.grow(),
            Command::BrushSmaller => settings.shrink(),
            Command::BrushHarder => settings.hardness += 0.1,
            Command::BrushSofter => settings.hardness -= 0.1,
            Command::BrushMoreOpaque => settings.opacity += 0.1,
            Command::BrushLessOpaque => settings.opacity -= 0.1,
            _ => {}
        }
        *settings = settings.clamped();
    }
}
