//! What is open, and what commands do to it. Knows documents, files and the engine; knows no window.

mod adapters;
mod alone;
mod asking;
mod brushes;
mod carrying;
mod cells;
mod choosing;
mod clipboard;
mod coloring;
mod commands;
mod copying;
mod devices;
mod editing;
mod ending;
mod exporting;
mod filing;
mod flats;
mod habits;
mod holding;
mod importing;
mod kept;
mod keys;
mod layers;
mod laying;
mod line_alpha;
mod live;
mod mask_look;
mod masks;
mod model_desk;
mod models;
mod moving;
mod notice;
mod opened;
mod painting;
mod palette;
mod palettes;
mod parameters;
mod pen;
mod recent;
mod regions;
mod remake;
mod resizing;
mod safekeeping;
mod sample_takes;
mod selecting;
mod swapping;
mod takes;
#[cfg(test)]
mod tests;
mod training;
mod transforming;
mod writing;

use std::path::{Path, PathBuf};

use engine::request::{Batch, Settings};

use crate::board::Board;
use crate::command::Command;
use crate::document::{DEFAULT_LIMIT, Document, History, LayerId, Lost, Side};
use crate::files::{Files, Waker};
use crate::gallery::export::Exporting;
use crate::generate::engine::Engine;
use crate::generate::flats::FlatSettings;
use crate::generate::jobs::Jobs;
use crate::pen::Pen;
use crate::tool::{PointerSample, Toolbox};
pub use asking::{DRAWINGS, FOLDERS, PICTURES, Typed};
pub use coloring::{Shown as ShownPreview, random_seed};
pub use ending::Loss;
pub use exporting::{Export, ExportFormat};
pub use habits::SidePanel;
pub use live::LiveSettings;
pub use mask_look::{MaskLook, MaskShow};
pub use model_desk::ModelDesk;
pub use models::{ModelChoice, Stored, name_of};
pub use notice::Notice;
pub use palette::Palette;
pub use safekeeping::{COPY_EVERY, state_folder};
pub use swapping::Edge;
pub use training::{Stand, TrainingForm, TrainingRun};

/// A document at work.
pub struct Session {
    document: Option<Document>,
    pub history: History,
    /// Where histories are kept that outgrow memory; none: nowhere.
    history_folder: Option<PathBuf>,
    /// Bytes that a history may hold in memory.
    history_limit: usize,
    /// How many changes shall be done: steps of the history are on their way from the disk.
    bound_for: Option<usize>,
    known: parameters::Known,
    /// Whether the pointer is down, anywhere in the window.
    pub pointer_held: bool,
    pub toolbox: Toolbox,
    pub pen: Pen,
    pen_file: Option<PathBuf>,
    pub settings: Settings,
    /// Whether the next generation starts from the colour that is shown, not from noise alone.
    pub start_from_take: bool,
    /// Whether self-attention looks at the reference as well.
    pub inject_reference: bool,
    /// How many pictures the next generation makes.
    pub batch: Batch,
    /// The layers of the canvas that were chosen, the one that is painted on last.
    selected: Vec<LayerId>,
    /// Those that are chosen beside it.
    also: Vec<LayerId>,
    /// The layer that was shown alone last.
    alone: Option<alone::Alone>,
    /// The latest change of an opacity, which the next one may go on from.
    fading: Option<layers::Fading>,
    /// Whether the pointer was down in the last frame.
    was_held: bool,
    /// The pane that a stroke under way began in.
    stroke: Option<Side>,
    last_sample: PointerSample,
    way: carrying::Way,
    /// Whether masks show.
    pub masks_shown: bool,
    pub mask_look: MaskLook,
    /// Whether the outline of the selection shows.
    pub selection_shown: bool,
    pub notice: Option<Notice>,
    /// Sketches against references.
    pub board: Board,
    /// Counts what was put on the board together.
    board_groups: u64,
    /// What came onto the board last was of this group.
    board_added: u64,
    /// The board, or its chosen frames, shall be written once they are ready for it.
    board_export: Option<swapping::BoardExport>,
    path: Option<PathBuf>,
    /// What its file was like when it was read or written here.
    stamp: Option<filing::Stamp>,
    title: String,
    saving: filing::Saving,
    opening: bool,
    /// What was opened, until it takes the document's place: at once where nothing is lost by that, else when the person has said that it may.
    held: Option<Box<opened::Opened>>,
    /// Up to which state of which document the changes may go.
    let_go: Option<(u64, u64)>,
    /// Up to which stand of the board what was made on it may go.
    board_let_go: Option<u64>,
    /// Paths are asked for in dialogs of the system.
    system_dialogs: bool,
    typed: Option<Typed>,
    /// A file that a person has not agreed to lose, and what would write over it.
    replacing: Option<asking::Chosen>,
    export: Export,
    /// A person chooses how to export.
    exporting: bool,
    /// How takes are cut into flats.
    pub flats: FlatSettings,
    /// The take of which a person is asked that.
    cutting: Option<LayerId>,
    /// Takes or layers are being written, into a folder or a file.
    writing: Option<Exporting<writing::Written>>,
    /// How far exports are: takes into folders, and single pictures.
    outgoing: filing::Saving,
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
    /// What is kept from one run of the program to the next: small, behind nothing that takes long, and waited for in the end.
    kept: Files<filing::Answer>,
    /// Saves: whoever saves waits for no export.
    saves: Files<filing::Answer>,
    /// Exports, which may take long.
    exports: Files<filing::Answer>,
    /// What comes onto the board and is made ready for it: hundreds of frames, behind which the studio does not wait.
    board_files: Files<filing::Answer>,
    engine: Box<dyn Engine>,
    /// What became of the device that computed: a server that broke off, a GPU whose driver was reset.
    lost_device: Option<engine::device::DeviceError>,
    jobs: Jobs,
    coloring: coloring::Coloring,
    live: live::LiveDesk,
    remaking: remake::Remaking,
    sample_takes: sample_takes::SampleTakes,
    /// Something that was done elsewhere shows in the studio.
    wants_studio: bool,
    palette: palette::Extraction,
    palettes: palettes::Palettes,
    brushes: brushes::Brushes,
    recent: recent::Recent,
    keys: keys::Keys,
    habits: habits::HabitDesk,
    /// Which panel shows below the generation.
    pub panel: SidePanel,
    /// Whether the person wants a dark window; none: as the system is.
    pub dark: Option<bool>,
    clipboard: clipboard::Clipboard,
    cells: cells::CellDesk,
    /// Looks for regions, and merges layers.
    regions: Files<regions::Found>,
    /// Looks for what may come whenever it is ready.
    arrivals: Files<regions::Found>,
    finding: regions::Finding,
    transforming: transforming::Transforming,
    moving: moving::Moving,
    waiting: laying::Waiting,
    training: training::TrainingDesk,
    devices: devices::DeviceDesk,
    /// The pane that was worked on last.
    side: Side,
    /// The point of the canvas at the middle of its pane.
    pub middle: [f32; 2],
    /// What computes, for the status bar.
    device: String,
    model: Option<String>,
    shelf: models::Shelf,
}

impl Session {
    /// Nothing is open yet. `waker` wakes the window when an answer from a file has come.
    pub fn new(engine: Box<dyn Engine>, device: String, waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            document: None,
            history: History::default(),
            history_folder: None,
            history_limit: DEFAULT_LIMIT,
            bound_for: None,
            known: parameters::Known::default(),
            pointer_held: false,
            toolbox: Toolbox::default(),
            pen: Pen::default(),
            pen_file: None,
            settings: Settings::default(),
            start_from_take: false,
            inject_reference: false,
            batch: Batch::default(),
            selected: Vec::new(),
            also: Vec::new(),
            alone: None,
            fading: None,
            was_held: false,
            stroke: None,
            last_sample: PointerSample::at([0.0; 2]),
            way: carrying::Way::default(),
            masks_shown: true,
            mask_look: MaskLook::default(),
            selection_shown: true,
            notice: None,
            board: Board::default(),
            board_groups: 0,
            board_added: 0,
            board_export: None,
            path: None,
            stamp: None,
            title: String::new(),
            saving: filing::Saving::default(),
            opening: false,
            held: None,
            let_go: None,
            board_let_go: None,
            system_dialogs: true,
            typed: None,
            replacing: None,
            export: Export::default(),
            exporting: false,
            flats: FlatSettings::default(),
            cutting: None,
            writing: None,
            outgoing: filing::Saving::default(),
            gallery_paths: Vec::new(),
            keeper: None,
            lost: Vec::new(),
            recovered: None,
            waker: waker.clone(),
            opened: 0,
            carried: 0,
            files: Files::new("shiage files", waker.clone(), filing::Answer::Failed)?,
            kept: Files::new("shiage settings", waker.clone(), filing::Answer::Failed)?,
            saves: Files::new("shiage saves", waker.clone(), filing::Answer::Failed)?,
            exports: Files::new("shiage exports", waker.clone(), filing::Answer::Failed)?,
            board_files: Files::new("shiage board", waker.clone(), filing::Answer::Failed)?,
            engine,
            lost_device: None,
            jobs: Jobs::default(),
            coloring: coloring::Coloring::default(),
            live: live::LiveDesk::default(),
            remaking: remake::Remaking::default(),
            sample_takes: sample_takes::SampleTakes::default(),
            wants_studio: false,
            palette: palette::Extraction::default(),
            palettes: palettes::Palettes::default(),
            brushes: brushes::Brushes::default(),
            recent: recent::Recent::default(),
            keys: keys::Keys::default(),
            habits: habits::HabitDesk::default(),
            panel: SidePanel::default(),
            dark: None,
            clipboard: clipboard::Clipboard::new(waker.clone())?,
            cells: cells::CellDesk::default(),
            regions: regions::regions(&waker)?,
            arrivals: Files::new("shiage arrivals", waker.clone(), regions::Found::Failed)?,
            finding: regions::Finding::default(),
            transforming: transforming::Transforming::new("shiage transform", waker.clone())?,
            moving: moving::Moving::new("shiage move", waker)?,
            waiting: laying::Waiting::default(),
            training: training::TrainingDesk::default(),
            devices: devices::DeviceDesk::default(),
            side: Side::Canvas,
            middle: [0.0; 2],
            device,
            model: None,
            shelf: models::Shelf::default(),
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

    /// Whether the document has changes that are in no file, or its file is still being written.
    pub fn is_modified(&self) -> bool {
        // A page that says nothing has changed nothing.
        let idle = self.adjusts_nothing() && self.waiting.is_empty();
        let behind = self.is_moving() && !idle || self.is_transforming() || self.is_awaiting();
        self.document.is_some() && (self.is_writing() || behind || self.history.is_modified())
    }

    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Takes in what files and the engine have told since the last frame.
    pub fn catch_up(&mut self) {
        // A slider moves once more in the frame in which it is let go.
        self.fading.take_if(|fading| fading.held && !self.was_held);
        self.was_held = self.pointer_held;
        let threads = [&self.saves, &self.exports, &self.files, &self.kept, &self.board_files];
        let answers: Vec<_> = threads.into_iter().flat_map(Files::answers).collect();
        for answer in answers {
            self.receive(answer);
        }
        self.receive_models();
        self.record_parameters();
        self.tend_opened();
        self.listen();
        self.tend_board();
        self.tend_writing();
        self.tend_sample_takes();
        self.follow();
        self.extract_palette();
        self.look_at_cells();
        self.receive_regions();
        self.receive_clipboard();
        self.tend_transform();
        self.tend_move();
        self.tend_waiting();
        self.tend_history();
        self.tend_training();
        self.tend_devices();
        self.tend_recent();
        self.tend_habits();
        self.safeguard();
    }
}
