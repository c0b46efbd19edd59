//! What the thread for files has to tell, and what is done with it.

use std::path::PathBuf;

use engine::request::ColorizeRequest;
use image::{GrayImage, RgbaImage};

use super::saving::{Stamp, Version};
use crate::brush::Preset;
use crate::command::{Command, Keymap};
use crate::document::{Role, TileGrid};
use crate::files::Reply;
use crate::palette::Palette;
use crate::pen::PressureCurve;
use crate::session::asking::{Chosen, Typed};
use crate::session::habits::Habits;
use crate::session::opened::Opened;
use crate::session::remake::{Flight, Found, Remade};
use crate::session::{self, Session, cells, sample_takes, swapping, training};

/// What the thread for files has to tell.
pub(in crate::session) enum Answer {
    /// A path was asked for.
    Asked(Typed, Reply),
    /// A path to write to, and whether a file is there already.
    Place(Chosen, bool),
    Opened(Box<Opened>),
    /// With what is wrong with it, as the next.
    Picture(Command, RgbaImage, Option<String>),
    Mask(Role, GrayImage, Option<String>),
    Palette(Result<session::Palette, String>),
    OpenedPalette(Palette),
    /// Where a palette is now.
    PaletteSaved(PathBuf),
    /// Those that were kept.
    Palettes(Vec<Palette>),
    /// A person's presets of the brush and their files, and what is wrong with others.
    Brushes(Vec<(PathBuf, Preset)>, Vec<String>),
    /// What is in the file of the document that was `opened`.
    Stands {
        opened: u64,
        path: PathBuf,
        stands: Option<Stamp>,
    },
    Saved(PathBuf, Version, Option<Stamp>),
    Cells(cells::Looked),
    /// The list of files that were opened and saved last.
    Remembered(Vec<PathBuf>),
    /// The keys, and what is wrong with the file that they are kept in.
    Keys(Keymap, Option<String>),
    /// Where, and whether a recipe stayed behind.
    Exported(PathBuf, bool),
    Pen(PressureCurve),
    /// How a person works, the file that it is kept in, and what is wrong with that.
    Habits(PathBuf, Box<Habits>, Option<String>),
    /// Or why there is none.
    Request(Result<Box<ColorizeRequest>, String>),
    /// Likewise, of what live mode begins; with the number that it has there.
    Live(u64, Result<Box<ColorizeRequest>, String>),
    /// Of the document that was `opened`.
    Take {
        opened: u64,
        pixels: TileGrid<[u8; 4]>,
        recipe: String,
    },
    Board(swapping::BoardAnswer),
    SampleShot(Result<sample_takes::Found, String>),
    SampleTake(Result<(), String>),
    /// A folder to be opened in the gallery.
    Folder(PathBuf),
    Remake(Result<Box<Flight>, String>),
    Remade(Result<Remade, String>),
    Found(Found),
    Training(training::Looked),
    /// Opening failed: what there was stays.
    NotOpened(String),
    NotSaved(String),
    NotExported(String),
    Failed(String),
}

impl Session {
    pub(in crate::session) fn receive(&mut self, answer: Answer) {
        match answer {
            Answer::Asked(typed, reply) => self.asked(typed, reply),
            Answer::Place(chosen, taken) => self.receive_place(chosen, taken),
            Answer::Opened(opened) => self.hold_opened(opened),
            Answer::Picture(command, picture, warning) => self.when_still(move |session| {
                session.set_picture(command, &picture);
                warning.into_iter().for_each(|words| session.warn(words));
            }),
            Answer::Mask(role, picture, warning) => self.when_still(move |session| {
                let mask = session.document.as_ref().and_then(|document| document.by_role(role));
                if !mask.map(|layer| layer.id).is_some_and(|id| session.may_change(id)) {
                    return;
                }
                session.masks_shown = true;
                session.edit("Import a mask", |document| document.set_mask(role, &picture));
                warning.into_iter().for_each(|words| session.warn(words));
            }),
            Answer::Palette(found) => self.receive_palette(found),
            Answer::OpenedPalette(palette) => self.add_palette(palette),
            Answer::PaletteSaved(path) => self.inform(format!("Saved {}", path.display())),
            Answer::Palettes(all) => {
                self.record_parameters();
                self.palettes.receive(all);
                self.take_parameters_for_known();
            }
            Answer::Brushes(own, troubles) => self.receive_brushes(own, &troubles),
            Answer::Stands { opened, path, stands } => self.save_over(opened, path, stands),
            Answer::Saved(path, version, stamp) => self.take_saved(path, version, stamp),
            Answer::Cells(looked) => self.receive_cells(looked),
            Answer::Remembered(paths) => self.look_for_recent(paths),
            Answer::Keys(keymap, trouble) => {
                self.keys.receive(keymap);
                trouble.into_iter().for_each(|words| self.warn(words));
            }
            Answer::Exported(path, left_behind) => {
                self.outgoing.end(false);
                let path = path.display();
                self.inform(match left_behind {
                    true => format!("Exported {path} without the take's recipe, which only a PNG carries; the document keeps it"),
                    false => format!("Exported {path}"),
                });
            }
            Answer::Pen(curve) => self.pen.set_curve(curve),
            Answer::Habits(file, habits, trouble) => self.receive_habits(file, *habits, trouble),
            Answer::Request(request) => self.submit(request),
            Answer::Live(number, request) => self.submit_live(number, request),
            Answer::Take { opened, pixels, recipe } => self.when_still(move |session| {
                if opened == session.opened {
                    session.place_take(pixels, recipe);
                }
            }),
            Answer::Board(answer) => self.receive_for_board(answer),
            Answer::SampleShot(found) => self.begin_sample_takes(found),
            Answer::SampleTake(written) => self.keep_sample_take(written),
            Answer::Folder(folder) => self.open_for(Command::OpenFolder, folder),
            Answer::Remake(found) => self.submit_remake(found),
            Answer::Remade(remade) => self.keep_remade(remade),
            Answer::Found(found) => self.show_found(found),
            Answer::Training(looked) => self.receive_for_training(looked),
            Answer::NotOpened(reason) => {
                (self.opening, self.let_go) = (false, None);
                self.warn(reason);
            }
            Answer::NotSaved(reason) => {
                self.saving.end(true);
                self.warn(reason);
            }
            Answer::NotExported(reason) => {
                self.outgoing.end(true);
                self.warn(reason);
            }
            Answer::Failed(reason) => self.warn(reason),
        }
    }
}
