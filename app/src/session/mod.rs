//! What is open, and what commands do to it. Knows documents, files and the engine; knows no window.

mod coloring;
mod filing;
mod layers;
mod live;
mod palette;
mod regions;
mod remake;
mod safekeeping;
mod swapping;
mod takes;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use engine::request::{Batch, Settings};
use image::RgbImage;

use crate::board::Board;
use crate::command::{Command, Workspace};
use crate::document::{Document, History, LayerId, Lost, Pixels, Role, Side};
use crate::files::{Files, Waker};
use crate::generate::engine::Engine;
use crate::generate::jobs::Jobs;
use crate::tool::{Effect, Keys, PointerEvent, Target, ToolKind, Toolbox};
pub use coloring::{Shown as ShownPreview, random_seed};
pub use filing::{DRAWINGS, FOLDERS, PICTURES, Typed};
pub use live::LiveSettings;
pub use palette::Palette;
pub use safekeeping::{COPY_EVERY, state_folder};
pub use swapping::Edge;

/// A sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Something went wrong: it stays until it is dismissed.
    pub grave: bool,
    pub text: String,
    pub since: Instant,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Self {
            grave: false,
            text: text.into(),
            since: Instant::now(),
        }
    }

    pub fn error(text: impl Into<String>) -> Self {
        Self {
            grave: true,
            ..Self::info(text)
        }
    }
}

/// How masks show on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskLook {
    pub show: MaskShow,
    /// Of the tint, 0..=1.
    pub strength: f32,
    /// Of the figure's side and of the other; none: the theme's own.
    pub colors: Option<[[u8; 3]; 2]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaskShow {
    #[default]
    Tint,
    Outline,
    /// The mask that is painted on, white on black, over all else.
    Alone,
}

impl Default for MaskLook {
    fn default() -> Self {
        Self {
            show: MaskShow::Tint,
            strength: 0.38,
            colors: None,
        }
    }
}

/// A document at work.
pub struct Session {
    document: Option<Document>,
    pub history: History,
    pub toolbox: Toolbox,
    pub settings: Settings,
    /// Whether the next generation starts from the colour that is shown, not from noise alone.
    pub start_from_take: bool,
    /// Whether self-attention looks at the reference as well.
    pub inject_reference: bool,
    /// How many pictures the next generation makes.
    pub batch: Batch,
    /// The layer of the canvas that is painted on.
    selected: Option<LayerId>,
    /// The pane that a stroke under way began in.
    stroke: Option<Side>,
    /// Whether masks show.
    pub masks_shown: bool,
    pub mask_look: MaskLook,
    pub notice: Option<Notice>,
    /// Sketches against references.
    pub board: Board,
    thumbnails: HashMap<LayerId, Arc<RgbImage>>,
    path: Option<PathBuf>,
    title: String,
    save_failed: bool,
    saving: bool,
    opening: bool,
    /// Paths are asked for in dialogs of the system.
    system_dialogs: bool,
    typed: Option<Typed>,
    /// Chosen for the gallery, which takes them.
    gallery_paths: Vec<(Command, PathBuf)>,
    keeper: Option<safekeeping::Keeper>,
    /// What earlier programs lost.
    lost: Vec<Lost>,
    /// What the open document was put together from, until it is kept safe again.
    recovered: Option<Lost>,
    waker: Waker,
    /// Counts the documents that were opened.
    opened: u64,
    /// Counts the references that were carried over from the swap board.
    carried: u64,
    files: Files<filing::Answer>,
    engine: Box<dyn Engine>,
    jobs: Jobs,
    coloring: coloring::Coloring,
    live: live::LiveDesk,
    remaking: remake::Remaking,
    /// Something that was done elsewhere shows in the studio.
    wants_studio: bool,
    palette: palette::Extraction,
    /// Looks for regions.
    regions: Files<regions::Found>,
    /// How many are looked for.
    finding: usize,
    /// The pane that was worked on last.
    side: Side,
    /// What computes, for the status bar.
    device: String,
    model: Option<String>,
}

impl Session {
    /// Nothing is open yet. `waker` wakes the window when an answer from a file has come.
    pub fn new(engine: Box<dyn Engine>, device: String, waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            document: None,
            history: History::default(),
            toolbox: Toolbox::default(),
            settings: Settings::default(),
            start_from_take: false,
            inject_reference: false,
            batch: Batch::default(),
            selected: None,
            stroke: None,
            masks_shown: true,
            mask_look: MaskLook::default(),
            notice: None,
            board: Board::default(),
            thumbnails: HashMap::new(),
            path: None,
            title: String::new(),
            save_failed: false,
            saving: false,
            opening: false,
            system_dialogs: true,
            typed: None,
            gallery_paths: Vec::new(),
            keeper: None,
            lost: Vec::new(),
            recovered: None,
            waker: waker.clone(),
            opened: 0,
            carried: 0,
            files: Files::new("shiage files", waker.clone())?,
            engine,
            jobs: Jobs::default(),
            coloring: coloring::Coloring::default(),
            live: live::LiveDesk::default(),
            remaking: remake::Remaking::default(),
            wants_studio: false,
            palette: palette::Extraction::default(),
            regions: Files::new("shiage regions", waker)?,
            finding: 0,
            side: Side::Canvas,
            device,
            model: None,
        })
    }

    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The document's name, as the window's title shows it.
    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn device(&self) -> &str {
        &self.device
    }

    /// The model that the next generation uses.
    pub fn model(&self) -> &str {
        self.model.as_deref().unwrap_or("built-in model")
    }

    /// Names the document among those that were opened in this window.
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// Counts the references that were carried over from the swap board.
    pub fn carried(&self) -> u64 {
        self.carried
    }

    /// A file is being opened.
    pub fn is_opening(&self) -> bool {
        self.opening
    }

    pub fn is_modified(&self) -> bool {
        self.document.is_some() && (self.save_failed || self.history.is_modified())
    }

    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// A small picture of a take.
    pub fn thumbnail(&self, take: LayerId) -> Option<&Arc<RgbImage>> {
        self.thumbnails.get(&take)
    }

    /// The layer that strokes on a pane paint.
    pub fn target(&self, side: Side) -> Option<LayerId> {
        let document = self.document.as_ref()?;
        match side {
            Side::Canvas => {
                let selected = self.selected.filter(|id| document.canvas().layer(*id).is_some());
                selected.or_else(|| document.canvas().by_role(Role::SketchMask).map(|layer| layer.id))
            }
            Side::Reference => document.sheet(side)?.by_role(Role::ReferenceMask).map(|layer| layer.id),
            Side::Background => None,
        }
    }

    pub fn select(&mut self, layer: LayerId) {
        if !self.toolbox.is_active() {
            self.selected = Some(layer);
        }
    }

    /// Whether the command can do anything now.
    pub fn allows(&self, command: Command) -> bool {
        let open = self.document.is_some();
        let has = |role| {
            self.document
                .as_ref()
                .is_some_and(|document| document.by_role(role).is_some())
        };
        match command {
            Command::RestoreWork => !self.lost.is_empty(),
            Command::Undo => self.history.undo_label().is_some(),
            Command::Redo => self.history.redo_label().is_some(),
            Command::RemoveBackground => has(Role::Background),
            Command::ImportReferenceMask => has(Role::ReferenceMask),
            Command::Cancel => self.is_coloring() || self.toolbox.is_active(),
            Command::ToggleTake | Command::PreviousTake | Command::NextTake => has(Role::Take),
            Command::UseRecipe | Command::FlattenTake => self.shown_take().is_some(),
            Command::CompareTakes => self.takes().len() > 1,
            Command::ToggleLive => open && (self.is_live() || has(Role::Reference)),
            Command::KeepLive => self.has_live_picture(),
            Command::Colorize => open && has(Role::Reference),
            Command::Open
            | Command::OpenSample
            | Command::NewFromSketch
            | Command::OpenFolder
            | Command::FindCommand
            | Command::Quit
            | Command::ShowStudio
            | Command::ShowSwapBoard
            | Command::ShowGallery => true,
            _ if command.workspace() == Some(Workspace::SwapBoard) => self.allows_on_board(command),
            _ => open,
        }
    }

    /// Does what a command says, as far as it concerns the document. The view's own commands are the window's business.
    pub fn run(&mut self, command: Command) {
        if !self.allows(command) {
            return;
        }
        match command {
            Command::Undo | Command::Redo => self.travel(command == Command::Undo),
            Command::SelectBrush => self.toolbox.select(ToolKind::Brush),
            Command::SelectEraser => self.toolbox.select(ToolKind::Eraser),
            Command::SelectFill => self.toolbox.select(ToolKind::Fill),
            Command::SelectRectangle => self.toolbox.select(ToolKind::Rectangle),
            Command::SelectEllipse => self.toolbox.select(ToolKind::Ellipse),
            Command::SelectLasso => self.toolbox.select(ToolKind::Lasso),
            Command::SelectWand => self.toolbox.select(ToolKind::Wand),
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
            Command::MirrorPaintSideways => self.toolbox.brush.mirror.sideways ^= true,
            Command::MirrorPaintUpright => self.toolbox.brush.mirror.upright ^= true,
            Command::RemoveBackground => self.edit("Remove the background reference", |document| {
                // Taking a picture away cannot be refused.
                let _ = document.set_background(None);
            }),
            Command::NewLayer
            | Command::DuplicateLayer
            | Command::GroupLayer
            | Command::MergeDown
            | Command::RemoveLayer
            | Command::LayerUp
            | Command::LayerDown
            | Command::ToggleLock
            | Command::ToggleAlphaLock
            | Command::ToggleClip
            | Command::UseAsSketch => self.arrange(command),
            Command::LayerAbove => self.select_neighbour(1),
            Command::LayerBelow => self.select_neighbour(-1),
            Command::InvertMask => self.change_mask("Invert the mask", |mask| mask.inverted()),
            Command::ClearMask => self.change_mask("Clear the mask", |mask| crate::document::TileGrid::new(mask.size())),
            Command::SelectAll
            | Command::SelectNothing
            | Command::InvertSelection
            | Command::FillBrushColor
            | Command::FillSecondColor
            | Command::Clear => self.select_by(command),
            Command::ToggleLayer => self.toggle(self.target(Side::Canvas)),
            Command::PreviousTake | Command::NextTake | Command::UseRecipe | Command::FlattenTake => self.with_take(command),
            Command::ToggleSketch => self.toggle(self.by_role(Role::Sketch)),
            Command::ToggleTake => self.toggle(self.by_role(Role::Take)),
            Command::ToggleMaskOverlay => self.masks_shown = !self.masks_shown,
            Command::Colorize => self.colorize(),
            Command::ToggleLive => self.toggle_live(),
            Command::KeepLive => self.keep_live(),
            Command::NewSeed => self.settings.seed = coloring::random_seed(),
            Command::Cancel => self.cancel(),
            Command::NewFromSketch
            | Command::OpenSample
            | Command::Open
            | Command::Save
            | Command::SaveAs
            | Command::ExportPng
            | Command::OpenReference
            | Command::OpenBackground
            | Command::ImportSketchMask
            | Command::ImportReferenceMask
            | Command::OpenFolder => self.file(command),
            _ if command.workspace() == Some(Workspace::SwapBoard) => self.run_on_board(command),
            // The window's business, or the gallery's.
            _ => {}
        }
    }

    /// Takes in what files and the engine have told since the last frame.
    pub fn catch_up(&mut self) {
        let answers: Vec<_> = self.files.answers().collect();
        for answer in answers {
            self.receive(answer);
        }
        self.listen();
        self.tend_board();
        self.follow();
        self.extract_palette();
        self.receive_regions();
        self.safeguard();
    }

    /// Gives the tool in the hand what the pointer did on a pane, in pixels of its picture.
    pub fn pointer(&mut self, side: Side, event: PointerEvent, keys: Keys) -> Effect {
        let side = self.stroke.unwrap_or(side);
        let Some(layer) = self.target(side).or_else(|| self.topmost(side)) else {
            return Effect::Nothing;
        };
        let tool = self.toolbox.at_hand(keys);
        let Some(document) = &mut self.document else {
            return Effect::Nothing;
        };
        if matches!(event, PointerEvent::Press(_)) && tool.changes_pixels() {
            // Nobody paints a mask that does not show.
            self.masks_shown |= document.layer(layer).is_some_and(|layer| layer.role.is_mask());
        }
        let effect = self.toolbox.handle(
            event,
            Target {
                document,
                history: &mut self.history,
                layer,
                keys,
            },
        );
        if matches!(event, PointerEvent::Press(_)) && tool != ToolKind::Picker {
            self.side = side;
        }
        self.stroke = self.toolbox.is_active().then_some(side);
        if let Effect::Region(at, then) = effect {
            self.find_region(side, layer, at, then);
        }
        if let Effect::Refused(reason) = effect {
            self.notice = Some(Notice::info(reason));
        }
        effect
    }

    /// What the pointer is over where nothing is painted on.
    fn topmost(&self, side: Side) -> Option<LayerId> {
        let sheet = self.document.as_ref()?.sheet(side)?;
        sheet.layers().next_back().map(|layer| layer.id)
    }

    /// The pane that a stroke under way began in.
    pub fn stroke(&self) -> Option<Side> {
        self.stroke
    }

    /// Shows one take, or none.
    pub fn show_take(&mut self, take: Option<LayerId>) {
        self.edit("Choose a take", |document| document.show_take(take));
    }

    pub fn toggle(&mut self, layer: Option<LayerId>) {
        let Some(layer) = layer else { return };
        self.edit("Show or hide a layer", |document| {
            if let Some(layer) = document.layer_mut(layer) {
                layer.visible = !layer.visible;
            }
        });
    }

    pub fn set_opacity(&mut self, layer: LayerId, opacity: f32) {
        let Some(document) = &mut self.document else { return };
        let before = document.clone();
        if let Some(layer) = document.layer_mut(layer) {
            layer.opacity = opacity;
            self.history.record_merged("Layer opacity", before, document);
        }
    }

    fn by_role(&self, role: Role) -> Option<LayerId> {
        self.document.as_ref()?.by_role(role).map(|layer| layer.id)
    }

    /// One change that can be undone. A stroke under way is finished by being taken back.
    fn edit<T: Default>(&mut self, label: &'static str, change: impl FnOnce(&mut Document) -> T) -> T {
        self.abort_stroke();
        match &mut self.document {
            Some(document) => self.history.edit(document, label, change),
            None => T::default(),
        }
    }

    fn travel(&mut self, back: bool) {
        if self.abort_stroke() {
            return;
        }
        if let Some(document) = &mut self.document {
            let label = if back {
                self.history.undo(document)
            } else {
                self.history.redo(document)
            };
            tracing::debug!(?label, back, "history");
        }
    }

    /// Goes to where this many changes of the history are done.
    pub fn go_to(&mut self, done: usize) {
        self.abort_stroke();
        let Some(document) = &mut self.document else { return };
        while self.history.done().len() > done && self.history.undo(document).is_some() {}
        while self.history.done().len() < done && self.history.redo(document).is_some() {}
    }

    /// Whether there was one.
    fn abort_stroke(&mut self) -> bool {
        let active = self.toolbox.is_active();
        if active {
            self.pointer(Side::Canvas, PointerEvent::Cancel, Keys::default());
        }
        active
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

    fn select_neighbour(&mut self, step: isize) {
        let (Some(document), Some(target)) = (&self.document, self.target(Side::Canvas)) else {
            return;
        };
        let canvas = document.canvas();
        // What a folded group holds is not in sight.
        let listed = canvas
            .layers()
            .filter(|layer| !canvas.groups_of(layer.id).any(|group| group.folded));
        let layers: Vec<LayerId> = listed.map(|layer| layer.id).collect();
        let next = layers
            .iter()
            .position(|id| *id == target)
            .and_then(|place| place.checked_add_signed(step));
        if let Some(layer) = next.and_then(|place| layers.get(place)) {
            self.select(*layer);
        }
    }

    /// Changes the mask that the canvas is painted on, or the sketch mask.
    fn change_mask(
        &mut self,
        label: &'static str,
        change: impl FnOnce(&crate::document::TileGrid<u8>) -> crate::document::TileGrid<u8>,
    ) {
        let Some(document) = &self.document else { return };
        let selected = self
            .target(Side::Canvas)
            .and_then(|id| document.layer(id))
            .filter(|layer| layer.role.is_mask());
        let Some(mask) = selected.or_else(|| document.by_role(Role::SketchMask)) else {
            return;
        };
        let (id, pixels) = (mask.id, mask.mask().map(change));
        self.masks_shown = true;
        self.edit(label, |document| {
            if let (Some(layer), Some(pixels)) = (document.layer_mut(id), pixels) {
                layer.pixels = Pixels::Mask(pixels);
            }
        });
    }
}
