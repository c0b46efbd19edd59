//! What a command does, as far as it concerns the document, and whether it can do anything now.

use super::laying::act_if_allowed;
use super::{Session, random_seed};
use crate::command::{Command, Workspace};
use crate::document::{Role, Side};
use crate::tool::{Resize, ToolKind};

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
            Command::RestoreWork => !self.safe.lost.is_empty(),
            // What tools have still to lay down is a change, too.
            Command::Undo => {
                self.is_moving() || self.is_transforming() || self.is_awaiting() || self.history.undo_label().is_some()
            }
            Command::Redo => self.history.redo_label().is_some(),
            Command::SelectNothing => Side::ALL.into_iter().any(|side| self.selects_on(side)),
            Command::InvertSelection | Command::FeatherSelection | Command::GrowSelection | Command::ShrinkSelection => {
                self.selects_on(self.side)
            }
            Command::CropToSelection => self.selects_on(Side::Canvas),
            Command::Reselect => self.document.as_ref().is_some_and(|document| document.can_reselect()),
            Command::RemoveBackground => has(Role::Background),
            Command::ImportReferenceMask | Command::ProposeReferenceMask => has(Role::ReferenceMask),
            Command::ProposeSketchMask => has(Role::Sketch),
            Command::Cancel if self.outgoing.under_way.is_some() => true,
            // Of a stroke the tool knows nothing yet while that waits for what is still to be laid down.
            Command::Cancel if self.stroke().is_some() || self.is_laying() => true,
            Command::Cancel => self.is_coloring() || self.toolbox.is_active() || self.toolbox.selected() == ToolKind::Transform,
            Command::CancelOne => self.is_coloring(),
            Command::Apply => self.toolbox.selected() == ToolKind::Transform || self.toolbox.is_waiting(),
            Command::ToggleTake | Command::PreviousTake | Command::NextTake => has(Role::Take),
            Command::PickTake | Command::UseRecipe | Command::TakeToLayer | Command::SendAsFlats => self.shown_take().is_some(),
            Command::ReviewTakes => has(Role::Take) && !self.is_writing_takes(),
            Command::ExportLayers => open && !self.is_writing_takes(),
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
            | Command::About
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

    /// Does what a command says, as far as it concerns the document: at once, or in its turn. The view's own commands are the window's business.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::Undo | Command::Redo => self.step(command),
            Command::LayerAbove | Command::LayerBelow => self.do_in_turn(command, Self::select_neighbour),
            Command::PreviousTake
            | Command::NextTake
            | Command::PickTake
            | Command::UseRecipe
            | Command::TakeToLayer
            | Command::SendAsFlats => self.do_in_turn(command, Self::with_take),
            Command::SelectBrush
            | Command::SelectEraser
            | Command::SelectFill
            | Command::SelectGradient
            | Command::SelectRectangle
            | Command::SelectEllipse
            | Command::SelectLasso
            | Command::SelectPolygon
            | Command::SelectWand
            | Command::SelectMove
            | Command::SelectTransform
            | Command::SelectPicker
            | Command::SelectPan
            | Command::Apply
            | Command::SwapColors
            | Command::ResetColors
            | Command::DarkenColor
            | Command::LightenColor
            | Command::ToggleCarry
            | Command::MirrorPaintSideways
            | Command::MirrorPaintUpright => self.set_by(command, Self::take_in_hand),
            Command::BrushLarger
            | Command::BrushSmaller
            | Command::BrushHarder
            | Command::BrushSofter
            | Command::BrushMoreOpaque
            | Command::BrushLessOpaque => self.set_by(command, Self::adjust_brush),
            Command::PreviousPreset | Command::SavePreset | Command::RemovePreset => self.set_by(command, Self::preset_by),
            Command::RemoveBackground
            | Command::NewLayer
            | Command::NewHintLayer
            | Command::DuplicateLayer
            | Command::GroupLayer
            | Command::MergeDown
            | Command::MergeVisible
            | Command::FlattenPicture
            | Command::RemoveLayer
            | Command::LayerUp
            | Command::LayerDown
            | Command::ToggleLayer
            | Command::ToggleSketch
            | Command::ToggleTake
            | Command::ToggleLock
            | Command::ToggleAlphaLock
            | Command::ToggleClip
            | Command::UseAsSketch
            | Command::LinesOffPaper => self.alter_by(command, Self::arrange),
            Command::InvertMask | Command::ClearMask => self.alter_by(command, Self::mask_by),
            // What only looks at the document waits for the stroke, and takes none back.
            Command::ProposeSketchMask | Command::ProposeReferenceMask => {
                self.when_still(act_if_allowed(command, Self::mask_by));
            }
            Command::Copy | Command::CopyMerged => self.when_still(act_if_allowed(command, Self::clip)),
            Command::SelectAll
            | Command::SelectNothing
            | Command::InvertSelection
            | Command::FillBrushColor
            | Command::FillSecondColor
            | Command::FillBare
            | Command::Clear
            | Command::FlipSideways
            | Command::FlipUpright => self.alter_by(command, Self::select_by),
            Command::Reselect | Command::SelectByMask | Command::SelectPainted => self.alter_by(command, Self::select_what),
            Command::AdjustColors => self.alter_by(command, |session, _| session.adjust_colors()),
            Command::CropToSelection => self.alter_by(command, |session, _| session.begin_resizing(Resize::Crop)),
            Command::Cut | Command::Paste | Command::PasteReference | Command::PasteNew => {
                self.alter_by(command, Self::clip);
            }
            Command::UseReference => self.alter_by(command, Self::run_on_board),
            Command::Colorize | Command::QueueAnother => self.when_still(act_if_allowed(command, Self::generate)),
            _ if self.allows(command) => self.perform(command),
            _ => {}
        }
    }

    /// What waits for nothing.
    fn perform(&mut self, command: Command) {
        match command {
            Command::ToggleMaskOverlay => self.view.masks = !self.view.masks,
            Command::ToggleSelectionOutline => self.view.selection = !self.view.selection,
            Command::ToggleCells => self.show_cells(!self.shows_cells()),
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
            | Command::ExportLayers
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
            Command::AddToPalette | Command::AddReferenceColors | Command::NewPalette | Command::RemovePalette => {
                self.palette_by(command);
            }
            _ if command.workspace() == Some(Workspace::SwapBoard) => self.run_on_board(command),
            // The window's business, or the gallery's.
            _ => {}
        }
    }

    /// Another tool, or another colour on it.
    fn take_in_hand(&mut self, command: Command) {
        let tools = &mut self.toolbox;
        match command {
            Command::SelectBrush => tools.select(ToolKind::Brush),
            Command::SelectEraser => tools.select(ToolKind::Eraser),
            Command::SelectFill => tools.select(ToolKind::Fill),
            Command::SelectGradient => tools.select(ToolKind::Gradient),
            Command::SelectRectangle => tools.select(ToolKind::Rectangle),
            Command::SelectEllipse => tools.select(ToolKind::Ellipse),
            Command::SelectLasso => tools.select(ToolKind::Lasso),
            Command::SelectPolygon => tools.select(ToolKind::Polygon),
            Command::SelectWand => tools.select(ToolKind::Wand),
            Command::SelectMove => tools.select(ToolKind::Move),
            Command::SelectTransform => tools.select(ToolKind::Transform),
            Command::SelectPicker => tools.select(ToolKind::Picker),
            Command::SelectPan => tools.select(ToolKind::Pan),
            Command::SwapColors => tools.colors.swap(),
            Command::ResetColors => tools.colors.reset(),
            Command::DarkenColor => tools.colors.darken(),
            Command::LightenColor => tools.colors.lighten(),
            Command::ToggleCarry => tools.carries ^= true,
            Command::MirrorPaintSideways => tools.brush.mirror.sideways ^= true,
            Command::MirrorPaintUpright => tools.brush.mirror.upright ^= true,
            Command::Apply => self.apply(),
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
