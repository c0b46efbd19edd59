//! What is open, and what commands do to it. Knows documents, files and the engine; knows no window.
//!
//! | files | what is in them |
//! |---|---|
//! | `commands`, `notice` | what each command does, and what a person is told |
//! | `filing`, `opened`, `asking`, `dropped`, `importing`, `clipboard` | documents and pictures on their way in; the document's own file |
//! | `exporting`, `writing`, `takes` | pictures, layers and takes on their way out |
//! | `safekeeping`, `ending` | what a crash must not take, and what would be lost if the program ended |
//! | `editing`, `parameters` | changes that can be undone |
//! | `layers`, `choosing`, `alone`, `copying`, `resizing`, `line_alpha`, `masks`, `mask_look`, `selecting` | what is done with layers, masks and selections as wholes |
//! | `painting`, `carrying`, `filling`, `holding`, `laying`, `moving`, `transforming`, `brushes` | the tool in the hand, and what it has still to lay down |
//! | `answer`, `finding` | what is made away from the window, and what is done once it is there |
//! | `coloring`, `live`, `cells`, `reference_colors`, `flats`, `adapters` | generations, what they are asked with, and what is made of takes |
//! | `devices`, `models`, `model_desk`, `training` | what computes, with which model, and how one is trained |
//! | `swapping`, `remake`, `sample_takes` | the swap board; pictures of the gallery made again; something to look through |
//! | `kept`, `keys`, `habits`, `palettes`, `pen`, `recent` | what is kept from one run of the program to the next |

mod adapters;
mod alone;
mod answer;
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
mod dropped;
mod editing;
mod ending;
mod exporting;
mod filing;
mod filling;
mod finding;
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
mod palettes;
mod parameters;
mod pen;
mod recent;
mod reference_colors;
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
use crate::document::{Document, History, LayerId, Side};
use crate::files::{Files, Waker};
use crate::generate::engine::Engine;
use crate::generate::flats::FlatSettings;
use crate::generate::jobs::Jobs;
use crate::pen::Pen;
use crate::tool::Toolbox;
use answer::Answer;
pub use asking::{DRAWINGS, FOLDERS, PICTURES, Typed};
pub use coloring::{Shown as ShownPreview, random_seed};
pub use ending::Loss;
pub use exporting::{Export, ExportFormat};
pub use habits::SidePanel;
pub use live::LiveSettings;
pub use mask_look::{MaskLook, MaskShow};
pub use model_desk::ModelDesk;
pub use models::{ModelChoice, Stored, name_of};
pub use notice::{Notice, sentence};
pub use reference_colors::ReferenceColors;
pub use safekeeping::{COPY_EVERY, state_folder};
pub use swapping::Edge;
pub use training::{Stand, TrainingForm, TrainingRun};

/// A document at work, and everything else that a window has open.
pub struct Session {
    // What is open.
    document: Option<Document>,
    pub history: History,
    past: editing::Past,
    /// Counts the documents that were opened.
    opened: u64,
    filed: filing::Filed,
    coming: opened::Coming,
    safe: safekeeping::Safekeeping,

    // What is worked with.
    pub toolbox: Toolbox,
    pub pen: Pen,
    pen_file: Option<PathBuf>,
    pub hand: painting::Hand,
    /// The pane that was worked on last.
    side: Side,
    choice: choosing::Choice,
    /// The latest change of an opacity, which the next one may go on from.
    fading: Option<layers::Fading>,
    pub view: View,
    pub notice: Option<Notice>,
    reference_colors: reference_colors::Extraction,
    palettes: palettes::Palettes,
    brushes: brushes::Brushes,
    recent: recent::Recent,
    keys: keys::Keys,
    habits: habits::HabitDesk,
    clipboard: clipboard::Clipboard,

    // What is done away from the window.
    waker: Waker,
    /// Reads files.
    files: Files<Answer>,
    /// What is kept from one run of the program to the next: small, behind nothing that takes long, and waited for in the end.
    kept: Files<Answer>,
    asking: asking::Asking,
    outgoing: exporting::Outgoing,
    finding: finding::Finding,
    transforming: transforming::Transforming,
    moving: moving::Moving,
    waiting: laying::Waiting,

    // What is generated.
    pub settings: Settings,
    /// Whether the next generation starts from the colour that is shown, not from noise alone.
    pub start_from_take: bool,
    /// Whether self-attention looks at the reference as well.
    pub inject_reference: bool,
    /// How many pictures the next generation makes.
    pub batch: Batch,
    known: parameters::Known,
    engine: Box<dyn Engine>,
    devices: devices::DeviceDesk,
    shelf: models::Shelf,
    jobs: Jobs,
    coloring: coloring::Coloring,
    live: live::LiveDesk,
    remaking: remake::Remaking,
    sample_takes: sample_takes::SampleTakes,
    training: training::TrainingDesk,
    /// How takes are cut into flats.
    pub flats: FlatSettings,
    /// The take of which a person is asked that.
    cutting: Option<LayerId>,

    // The swap board.
    /// Sketches against references.
    pub board: Board,
    boarding: swapping::BoardDesk,
    cells: cells::CellDesk,
    /// Something that was done elsewhere shows in the studio.
    wants_studio: bool,
}

/// How the window shows what is open.
pub struct View {
    /// Whether masks show.
    pub masks: bool,
    pub mask_look: MaskLook,
    /// Whether the outline of the selection shows.
    pub selection: bool,
    /// The point of the canvas at the middle of its pane.
    pub middle: [f32; 2],
    /// Which panel shows below the generation.
    pub panel: SidePanel,
    /// Whether the person wants a dark window; none: as the system is.
    pub dark: Option<bool>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            masks: true,
            mask_look: MaskLook::default(),
            selection: true,
            middle: [0.0; 2],
            panel: SidePanel::default(),
            dark: None,
        }
    }
}

impl Session {
    /// Nothing is open yet. `waker` wakes the window when an answer from a file has come.
    pub fn new(engine: Box<dyn Engine>, device: String, waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            document: None,
            history: History::default(),
            past: editing::Past::default(),
            opened: 0,
            filed: filing::Filed::new(waker.clone())?,
            coming: opened::Coming::default(),
            safe: safekeeping::Safekeeping::default(),
            toolbox: Toolbox::default(),
            pen: Pen::default(),
            pen_file: None,
            hand: painting::Hand::default(),
            side: Side::Canvas,
            choice: choosing::Choice::default(),
            fading: None,
            view: View::default(),
            notice: None,
            reference_colors: reference_colors::Extraction::default(),
            palettes: palettes::Palettes::default(),
            brushes: brushes::Brushes::default(),
            recent: recent::Recent::default(),
            keys: keys::Keys::default(),
            habits: habits::HabitDesk::default(),
            clipboard: clipboard::Clipboard::new(waker.clone())?,
            files: Files::new("shiage files", waker.clone(), Answer::Failed)?,
            kept: Files::new("shiage settings", waker.clone(), Answer::Failed)?,
            asking: asking::Asking::default(),
            outgoing: exporting::Outgoing::new(waker.clone())?,
            finding: finding::Finding::new(&waker)?,
            transforming: transforming::Transforming::new("shiage transform", waker.clone())?,
            moving: moving::Moving::new("shiage move", waker.clone())?,
            waiting: laying::Waiting::default(),
            settings: Settings::default(),
            start_from_take: false,
            inject_reference: false,
            batch: Batch::default(),
            known: parameters::Known::default(),
            engine,
            devices: devices::DeviceDesk::new(device),
            shelf: models::Shelf::default(),
            jobs: Jobs::default(),
            coloring: coloring::Coloring::default(),
            live: live::LiveDesk::default(),
            remaking: remake::Remaking::default(),
            sample_takes: sample_takes::SampleTakes::default(),
            training: training::TrainingDesk::default(),
            flats: FlatSettings::default(),
            cutting: None,
            board: Board::default(),
            boarding: swapping::BoardDesk::new(waker.clone())?,
            cells: cells::CellDesk::default(),
            wants_studio: false,
            waker,
        })
    }

    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    pub fn path(&self) -> Option<&Path> {
        self.filed.path.as_deref()
    }

    /// The document's name, as the window's title shows it.
    pub fn title(&self) -> &str {
        &self.filed.title
    }

    /// Names the document among those that were opened in this window.
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// Counts the references that were carried over from the swap board.
    pub fn carried(&self) -> u64 {
        self.boarding.references_used
    }

    /// A file is being opened.
    pub fn is_opening(&self) -> bool {
        self.coming.reading
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
        self.fading.take_if(|fading| fading.held && !self.hand.was_down);
        self.hand.was_down = self.hand.is_down;
        let threads = [
            &self.filed.saves,
            &self.outgoing.files,
            &self.files,
            &self.kept,
            &self.boarding.files,
        ];
        let answers: Vec<Answer> = threads.into_iter().flat_map(Files::answers).collect();
        for answer in answers {
            answer.give(self);
        }
        self.receive_models();
        self.record_parameters();
        self.tend_opened();
        self.listen();
        self.tend_board();
        self.tend_writing();
        self.tend_sample_takes();
        self.follow();
        self.extract_reference_colors();
        self.look_at_cells();
        self.receive_found();
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
