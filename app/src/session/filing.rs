//! Opening, saving, importing and exporting, by way of the thread for files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::request::ColorizeRequest;
use image::{GrayImage, RgbImage, RgbaImage};
use picture::Format;

use super::asking::Typed;
use super::habits::Habits;
use super::opened::{Opened, stem};
use super::remake::{Found, Prepared, Remade};
use super::{Notice, Session};
use crate::brush::Preset;
use crate::command::{Command, Keymap};
use crate::document::{self, About, DocumentError, FileKind, Lost, Rect, Role, Side, TileGrid, on_white};
use crate::files::Reply;
use crate::gallery::metadata::write_take;
use crate::generate::recipe::Recipe;
use crate::generate::settings;
use crate::palette::Palette;
use crate::pen::PressureCurve;

/// What the thread for files has to tell.
pub(super) enum Answer {
    /// A path was asked for.
    Asked(Typed, Reply),
    /// A path to write to, and whether a file is there already.
    Place(Command, PathBuf, bool),
    Opened(Box<Opened>),
    /// With what is wrong with it, as the next.
    Picture(Command, RgbaImage, Option<String>),
    Mask(Role, GrayImage, Option<String>),
    Palette(Result<super::Palette, String>),
    OpenedPalette(Palette),
    /// Those that were kept.
    Palettes(Vec<Palette>),
    /// A person's presets of the brush and their files, and what is wrong with others.
    Brushes(Vec<(PathBuf, Preset)>, Vec<String>),
    Saved(PathBuf, Version),
    Cells(super::cells::Looked),
    Recent(Vec<PathBuf>),
    /// The keys, and what is wrong with the file that they are kept in.
    Keys(Keymap, Option<String>),
    /// Where, and whether a recipe stayed behind.
    Exported(PathBuf, bool),
    Pen(PressureCurve),
    /// How a person works, the file that it is kept in, and what is wrong with that.
    Habits(PathBuf, Box<Habits>, Option<String>),
    /// Or why there is none.
    Request(Result<Box<ColorizeRequest>, String>),
    Live(Result<Box<ColorizeRequest>, String>),
    Take {
        pixels: TileGrid<[u8; 4]>,
        recipe: String,
        thumbnail: Arc<RgbImage>,
    },
    Board(super::swapping::BoardAnswer),
    SampleShot(Result<super::sample_takes::Found, String>),
    SampleTake(Result<(), String>),
    /// A folder to be opened in the gallery.
    Folder(PathBuf),
    Remake(Result<Box<Prepared>, String>),
    Remade(Result<Remade, String>),
    Found(Found),
    Training(super::training::Looked),
    /// Opening failed: what there was stays.
    NotOpened(String),
    NotSaved(String),
    Failed(String),
}

/// What of a document a file holds.
#[derive(Clone, Copy)]
pub(super) struct Version {
    /// Which of the documents that were opened.
    opened: u64,
    /// Which state of its history.
    state: u64,
}

/// How far saving is.
#[derive(Default)]
pub(super) struct Saving {
    /// A path is asked for.
    asked: bool,
    /// Files that are being written.
    writes: usize,
    /// The last time no file came of it.
    missed: bool,
}

impl Saving {
    pub fn ask(&mut self) {
        (self.asked, self.missed) = (true, false);
    }

    /// The person thought better of it.
    pub fn call_off(&mut self) {
        self.missed |= std::mem::take(&mut self.asked);
    }

    fn begin(&mut self) {
        *self = Self {
            asked: false,
            writes: self.writes + 1,
            missed: false,
        };
    }

    fn end(&mut self, missed: bool) {
        self.writes -= 1;
        self.missed |= missed;
    }
}

impl Session {
    /// Opens a document, or a picture as a new one.
    pub fn open(&mut self, path: PathBuf) {
        self.open_by(move || Opened::read(&path));
    }

    /// As [`Self::open`], with a layer over it for each of the others.
    pub fn open_with(&mut self, path: PathBuf, others: Vec<PathBuf>) {
        self.open_by(move || {
            let mut opened = Opened::read(&path)?;
            opened.add_layers(&others);
            Ok(opened)
        });
    }

    /// Opens a new document of `size` `[width, height]` to draw on.
    pub fn open_blank(&mut self, size: [u32; 2]) {
        self.open_by(move || Opened::blank(size));
    }

    pub fn open_sample(&mut self) {
        self.open_by(Opened::sample);
    }

    /// Puts together what an earlier program lost.
    pub(super) fn open_lost(&mut self, lost: Lost) {
        self.open_by(move || {
            let About { title, path } = lost.about.clone();
            let note = format!("Restored \u{201c}{title}\u{201d} with every finished stroke. It is not saved yet.");
            let document = lost.recover()?;
            Ok(Opened {
                notes: vec![note],
                lost: Some(lost),
                ..Opened::new(document, path, title)
            })
        });
    }

    pub(super) fn open_by(&mut self, read: impl FnOnce() -> Result<Opened, DocumentError> + Send + 'static) {
        self.opening = true;
        let read = move || {
            Some(match read() {
                Ok(opened) => Answer::Opened(Box::new(opened)),
                Err(error) => Answer::NotOpened(error.to_string()),
            })
        };
        self.files.run_or(read, Answer::NotOpened);
    }

    /// A file is being saved, or a path for it asked for.
    pub fn is_saving(&self) -> bool {
        self.saving.asked || self.is_writing()
    }

    /// A file is being saved.
    pub fn is_writing(&self) -> bool {
        self.saving.writes > 0
    }

    /// The last time that the document was to be saved no file came of it: that failed, or the person thought better of it.
    pub fn has_missed_saving(&self) -> bool {
        self.saving.missed
    }

    /// Saves to `path`, which becomes the document's own.
    pub fn save(&mut self, path: PathBuf) {
        if self.document.is_some() {
            self.saving.begin();
            self.when_laid(move |session| session.write_to(path));
        }
    }

    fn write_to(&mut self, path: PathBuf) {
        self.record_parameters();
        let Some(document) = &self.document else { return };
        let document = document.clone();
        // What is painted from now on is not in the file.
        let version = Version {
            opened: self.opened,
            state: self.history.state(),
        };
        let write = move || {
            Some(match document::save(&document, &path) {
                Ok(()) => Answer::Saved(path, version),
                Err(error) => Answer::NotSaved(error.to_string()),
            })
        };
        self.saves.run_or(write, Answer::NotSaved);
    }

    pub(super) fn read(&self, read: impl FnOnce() -> Result<Answer, DocumentError> + Send + 'static) {
        self.files
            .run(move || Some(read().unwrap_or_else(|error| Answer::Failed(error.to_string()))));
    }

    /// Writes what the canvas shows, without tints; where one take shows, a PNG with its recipe. The path's ending decides the format.
    pub(super) fn export(&mut self, path: PathBuf) {
        self.when_laid(move |session| session.export_to(path));
    }

    fn export_to(&mut self, path: PathBuf) {
        let chosen = self.export;
        let format = Format::of(&path, chosen.quality).unwrap_or_else(|| chosen.format());
        let Some(document) = self.document.clone() else { return };
        self.exports.run(move || {
            let area = Rect::of(document.canvas().size());
            let picture = on_white(&document.composite(area));
            let bare = document.canvas().showing(|layer| layer.role != Role::Sketch);
            let plain = on_white(&bare.composite(area));
            let take = document.by_role(Role::Take).filter(|take| take.visible);
            let recipe = take.and_then(|take| ron::from_str::<Recipe>(take.recipe.as_deref()?).ok());
            let left_behind = recipe.is_some() && !format.carries_recipe();
            let written = match recipe {
                Some(recipe) if format.carries_recipe() => {
                    // A hidden sketch lays no lines.
                    let lines = picture != plain;
                    write_take(&path, &picture, Some(&plain), &Recipe { lines, ..recipe }).map_err(|error| error.to_string())
                }
                _ => document::save_picture(&picture, format, &path).map_err(|error| error.to_string()),
            };
            Some(match written {
                Ok(()) => Answer::Exported(path, left_behind),
                Err(reason) => Answer::Failed(reason),
            })
        });
    }

    pub(super) fn receive(&mut self, answer: Answer) {
        match answer {
            Answer::Asked(typed, reply) => self.asked(typed, reply),
            Answer::Place(command, path, taken) => self.receive_place(command, path, taken),
            Answer::Opened(opened) => self.hold_opened(opened),
            Answer::Picture(command, picture, warning) => {
                self.set_picture(command, &picture);
                warning.into_iter().for_each(|words| self.warn(words));
            }
            Answer::Mask(role, picture, warning) => {
                self.masks_shown = true;
                self.edit("Import a mask", |document| document.set_mask(role, &picture));
                warning.into_iter().for_each(|words| self.warn(words));
            }
            Answer::Palette(found) => self.receive_palette(found),
            Answer::OpenedPalette(palette) => self.add_palette(palette),
            Answer::Palettes(all) => {
                self.record_parameters();
                self.palettes.receive(all);
                self.take_parameters_for_known();
            }
            Answer::Brushes(own, troubles) => self.receive_brushes(own, &troubles),
            Answer::Saved(path, version) => self.take_saved(path, version),
            Answer::Cells(looked) => self.receive_cells(looked),
            Answer::Recent(paths) => self.recent.receive(paths),
            Answer::Keys(keymap, trouble) => {
                self.keys.receive(keymap);
                trouble.into_iter().for_each(|words| self.warn(words));
            }
            Answer::Exported(path, false) => self.inform(format!("Exported {}", path.display())),
            Answer::Exported(path, true) => self.inform(format!(
                "Exported {} without the take's recipe, which only a PNG carries; the document keeps it",
                path.display()
            )),
            Answer::Pen(curve) => self.pen.set_curve(curve),
            Answer::Habits(file, habits, trouble) => self.receive_habits(file, *habits, trouble),
            Answer::Request(request) => self.submit(request),
            Answer::Live(request) => self.submit_live(request),
            Answer::Take {
                pixels,
                recipe,
                thumbnail,
            } => self.place_take(pixels, recipe, thumbnail),
            Answer::Board(answer) => self.receive_for_board(answer),
            Answer::SampleShot(found) => self.begin_sample_takes(found),
            Answer::SampleTake(written) => self.keep_sample_take(written),
            Answer::Folder(folder) => self.open_for(Command::OpenFolder, folder),
            Answer::Remake(prepared) => self.submit_remake(prepared),
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
            Answer::Failed(reason) => self.warn(reason),
        }
    }

    /// A document has come. It takes its place at the end of the frame, if nothing is lost by that.
    pub(super) fn hold_opened(&mut self, opened: Box<Opened>) {
        self.opening = false;
        self.drop_opened();
        self.held = Some(opened);
    }

    /// A document has come, and would take the place of one that was changed since it was asked for.
    pub fn holds_opened(&self) -> bool {
        self.held.is_some() && !self.pointer_held
    }

    /// Puts what was opened in the place of what is there.
    pub fn begin_opened(&mut self) {
        if let Some(opened) = self.held.take() {
            self.begin(*opened);
        }
    }

    /// What was opened is not wanted any more.
    pub fn drop_opened(&mut self) {
        // What an earlier program lost is offered again.
        self.lost.extend(self.held.take().and_then(|opened| opened.lost));
    }

    /// Begins with what was opened unless changes would be lost; in mid-stroke it waits.
    pub(super) fn tend_opened(&mut self) {
        let may_go = self.let_go == Some((self.opened, self.history.state()));
        if self.holds_opened() && !self.is_laying() && (may_go || !self.is_modified()) {
            self.begin_opened();
        }
    }

    pub(super) fn begin(&mut self, opened: Opened) {
        self.cancel_all();
        self.end_live();
        self.live.forget();
        self.abort_stroke();
        self.let_go = None;
        self.notice = None;
        self.history = self.new_history();
        self.bound_for = None;
        if let Some(source) = &opened.source {
            self.remember(source);
        }
        if opened.lost.is_some() {
            self.history.mark_unsaved();
        }
        self.recovered = opened.lost;
        self.selected = opened.chosen.into_iter().collect();
        self.side = Side::Canvas;
        // A tint over takes falsifies their colours, and over a blank page the paper's.
        self.masks_shown = opened.thumbnails.is_empty() && opened.chosen.is_none();
        self.thumbnails = opened.thumbnails.into_iter().collect();
        self.path = opened.path;
        self.title = opened.title;
        self.opened += 1;
        if !opened.notes.is_empty() {
            self.inform(opened.notes.join(" "));
        }
        match settings::of(&opened.document) {
            Ok(settings) => self.settings = settings,
            Err(error) => self.warn(format!(
                "The document's settings cannot be read, the defaults are used: {error}"
            )),
        }
        self.document = Some(opened.document);
        self.take_parameters_for_known();
    }

    /// A document is in its file: from now on, not before, it is safe there.
    fn take_saved(&mut self, path: PathBuf, version: Version) {
        self.saving.end(false);
        self.inform(format!("Saved {}", path.display()));
        self.remember(&path);
        // Another document may have been opened meanwhile.
        if version.opened == self.opened {
            self.history.mark_saved(version.state);
            self.title = stem(&path);
            self.path = Some(path);
        }
    }

    pub(super) fn set_picture(&mut self, command: Command, picture: &RgbaImage) {
        let result = self.edit("Open a reference", |document| match command {
            Command::OpenBackground => Some(document.set_background(Some(picture))),
            _ => Some(document.set_reference(Some(picture))),
        });
        if let Some(Err(error)) = result {
            self.warn(error.to_string());
        }
    }

    pub(super) fn inform(&mut self, text: String) {
        self.notice = Some(Notice::info(text));
    }

    pub(super) fn warn(&mut self, text: String) {
        self.notice = Some(Notice::error(text));
    }

    /// Whether files that are dropped on a pane together become layers: several on the canvas of what is open.
    pub fn takes_as_layers(&self, side: Side, paths: &[PathBuf]) -> bool {
        self.document.is_some() && side == Side::Canvas && paths.len() > 1
    }

    /// Whether a file that is dropped on a pane becomes the reference: on the reference's own, and everywhere while there is none.
    pub fn takes_as_reference(&self, side: Side, path: &Path) -> bool {
        let missing = self
            .document
            .as_ref()
            .is_some_and(|document| document.sheet(Side::Reference).is_none());
        self.document.is_some() && FileKind::named(path) == FileKind::Picture && (side == Side::Reference || missing)
    }
}
