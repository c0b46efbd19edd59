//! The gallery: takes are looked through, compared, rated. Grid, loupe, compare and survey are one view at four magnifications.

mod blind;
mod compare;
mod exports;
mod facts;
mod filters;
mod grid;
pub(super) mod panes;
mod pictures;
mod ranking;

use std::path::{Path, PathBuf};

use egui::{CentralPanel, Frame, Margin, Panel, RichText, Ui};

use super::panels::{status, welcome};
use super::theme::{STEP, tokens};
use super::{command_button, icon};
use crate::command::Command;
use crate::files::Waker;
use crate::gallery::catalogue::Progress;
use crate::gallery::light_table::{LightTable, Magnification};
use crate::gallery::listing::cache_folder;
use crate::gallery::marks::{Decision, Flag, Label};
use crate::session::{Notice, Session};
use blind::Blind;
use compare::Compare;
use exports::Exports;
use facts::Note;
use filters::Facets;
use pictures::Pictures;

/// Width of a tile, in points.
const TILE: std::ops::RangeInclusive<f32> = 96.0..=320.0;

/// The gallery's own state.
pub struct GalleryView {
    waker: Waker,
    /// Where what was read of folders is kept; none: nowhere.
    caches: Option<PathBuf>,
    table: Option<LightTable>,
    pictures: Pictures,
    facets: Facets,
    compare: Compare,
    blind: Blind,
    note: Note,
    exports: Exports,
    search: String,
    tile: f32,
    /// The active picture has changed by a key: it is brought into sight.
    follow: bool,
}

impl GalleryView {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            pictures: Pictures::new(&waker)?,
            waker,
            caches: cache_folder(),
            table: None,
            facets: Facets::default(),
            compare: Compare::default(),
            blind: Blind::default(),
            note: Note::default(),
            exports: Exports::default(),
            search: String::new(),
            tile: 168.0,
            follow: false,
        })
    }

    /// From now on nothing is kept of what folders hold.
    pub fn do_without_cache(&mut self) {
        self.caches = None;
    }

    /// Lays out the pictures of a folder.
    pub fn open(&mut self, folder: &Path) -> std::io::Result<()> {
        self.leave_note();
        // The table before it writes what is still to be written, which may take a moment: not here.
        if let Some(before) = self.table.take() {
            std::thread::Builder::new()
                .name("shiage last ratings".to_owned())
                .spawn(move || drop(before))?;
        }
        self.table = Some(LightTable::open(folder, self.caches.clone(), &self.waker)?);
        self.search.clear();
        self.compare = Compare::default();
        self.blind = Blind::default();
        Ok(())
    }

    /// What lies on the table.
    pub fn table(&self) -> Option<&LightTable> {
        self.table.as_ref()
    }

    /// Takes in what happened since the last frame; whether a folder was opened.
    pub fn catch_up(&mut self, session: &mut Session) -> bool {
        let mut opened = false;
        for (command, path) in session.take_gallery_paths() {
            let shown = path.display().to_string();
            let begun = match (command, &self.table) {
                (Command::OpenFolder, _) => {
                    opened = true;
                    self.open(&path)
                }
                (_, Some(table)) => self.exports.begin(command, path, table, self.blind.review(), &self.waker),
                (_, None) => Ok(()),
            };
            if let Err(error) = begun {
                session.notice = Some(Notice::error(format!(
                    "{shown}: the system lends no thread for this ({error})"
                )));
            }
        }
        self.exports.catch_up(session);
        if let Some(table) = &mut self.table {
            if table.catch_up() {
                self.facets = Facets::count(table);
            }
            if let Some(problem) = table.problem.take() {
                session.notice = Some(Notice::error(problem));
            }
        }
        opened
    }

    /// Whether the command can do anything now.
    pub fn allows(&self, command: Command) -> bool {
        let Some(table) = &self.table else { return false };
        if table.magnification == Magnification::Blind && !leads_on(command) {
            return self.blind.allows(command) && !(command == Command::ExportRanking && self.exports.is_running());
        }
        match command {
            Command::ExportRanking => false,
            Command::Undo => table.can_undo(),
            Command::Redo => table.can_redo(),
            Command::Cancel => table.magnification != Magnification::Grid || self.exports.is_running(),
            Command::ExportSheet | Command::ExportDecisions => !self.exports.is_running() && !table.answer().entries.is_empty(),
            Command::ExportPicked => !self.exports.is_running() && !table.picked().is_empty(),
            Command::ClearFilters => !table.query().filters.is_empty(),
            Command::Compare | Command::Survey | Command::BlindReview => table.answer().entries.len() > 1,
            _ => !table.answer().entries.is_empty(),
        }
    }

    pub fn run(&mut self, command: Command, session: &mut Session) {
        if !self.allows(command) {
            return;
        }
        self.leave_note();
        let Some(table) = &mut self.table else { return };
        let exports = matches!(
            command,
            Command::ExportSheet | Command::ExportDecisions | Command::ExportPicked | Command::ExportRanking
        );
        match command {
            _ if exports => return Exports::ask(command, table, session),
            Command::Cancel if self.exports.is_running() => return self.exports.cancel(),
            _ if table.magnification == Magnification::Blind && !leads_on(command) => return self.blind.run(command),
            _ => {}
        }
        if let Some(decision) = decision(command) {
            table.decide(&decision);
            self.follow = table.advance;
            return;
        }
        let inform = |words: String| Some(Notice::info(words));
        let before = table.magnification;
        match command {
            Command::Undo => {
                session.notice = table
                    .undo()
                    .and_then(|words| inform(format!("Undone: {}", words.to_lowercase())))
            }
            Command::Redo => {
                session.notice = table
                    .redo()
                    .and_then(|words| inform(format!("Done again: {}", words.to_lowercase())))
            }
            Command::ShowGrid | Command::Cancel => table.magnification = Magnification::Grid,
            Command::ShowLoupe => table.magnification = Magnification::Loupe,
            Command::Compare => table.magnification = Magnification::Compare,
            Command::Survey => table.magnification = Magnification::Survey,
            Command::BlindReview => table.magnification = Magnification::Blind,
            Command::NextPicture => table.step(1),
            Command::PreviousPicture => table.step(-1),
            Command::PictureBelow => table.step(table.columns as isize),
            Command::PictureAbove => table.step(-(table.columns as isize)),
            Command::SelectAllPictures => table.choose_all(),
            Command::ClearFilters => {
                table.ask(|query| query.filters.clear());
                self.search.clear();
            }
            Command::ToggleAdvance => {
                table.advance = !table.advance;
                session.notice = inform(match table.advance {
                    true => "Each decision goes on to the next picture.".to_owned(),
                    false => "Decisions stay on the picture.".to_owned(),
                });
            }
            _ => {}
        }
        if table.magnification != before {
            self.compare.fit();
        }
        self.follow = true;
    }

    fn leave_note(&mut self) {
        if let Some(table) = &mut self.table {
            self.note.keep(table);
        }
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        self.pictures.begin(ui.ctx());
        if self.table.is_some() {
            self.desk(ui, commands);
        }
        let frame = Frame::new().fill(tokens(ui).surround);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            let rect = ui.max_rect();
            self.middle(ui, commands);
            status::notice(ui, session, rect);
            self.drop_hint(ui, rect);
        });
        self.pictures.end();
    }

    /// Everything around the pictures.
    fn desk(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(table) = &mut self.table else { return };
        let colors = tokens(ui);
        let bar = |x: i8, y: i8| Frame::new().fill(colors.surface[1]).inner_margin(Margin::symmetric(x, y));
        let base = Frame::new().fill(colors.surface[0]).inner_margin(Margin::symmetric(8, 2));
        Panel::bottom("gallery status").frame(base).exact_size(28.0).show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                let words = RichText::new(state(table)).small().color(colors.dim);
                ui.add(egui::Label::new(words).truncate());
                if let Progress::Reading { read, of } = table.catalogue().progress() {
                    let share = *read as f32 / (*of).max(1) as f32;
                    let bar = egui::ProgressBar::new(share).desired_width(120.0).desired_height(STEP);
                    ui.name_inputs("Reading", |ui| ui.add(bar.fill(colors.accent)));
                }
                self.exports.show(ui);
            });
        });
        // Names and settings would tell what a blind review hides.
        if table.magnification != Magnification::Blind {
            Panel::left("gallery filters")
                .frame(bar(12, 12))
                .resizable(false)
                .exact_size(204.0)
                .show(ui, |ui| filters::panel(ui, table, &self.facets));
            // In a small window the pictures come first.
            let facts = if ui.available_width() < 1200.0 { 248.0 } else { 304.0 };
            Panel::right("gallery facts")
                .frame(bar(12, 12))
                .resizable(false)
                .exact_size(facts)
                .show(ui, |ui| facts::panel(ui, table, &mut self.note, commands));
        }
        let header = Panel::top("gallery bar").frame(bar(12, 4)).exact_size(36.0);
        header.show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                magnifications(ui, table.magnification, commands);
                ui.separator();
                match table.magnification {
                    Magnification::Grid => {
                        filters::bar(ui, table, &self.facets, &mut self.search, commands);
                    }
                    Magnification::Compare => self.compare.bar(ui),
                    Magnification::Blind => self.blind.bar(ui, commands),
                    Magnification::Loupe | Magnification::Survey => {
                        ui.weak("The wheel zooms, a drag moves, a double click shows 100 %. G leads back to the grid.");
                    }
                }
            });
        });
        if matches!(table.magnification, Magnification::Grid | Magnification::Blind) {
            return;
        }
        let strip = Panel::bottom("gallery strip")
            .frame(bar(12, 4))
            .exact_size(80.0)
            .resizable(false);
        strip.show(ui, |ui| grid::strip(ui, table, &mut self.pictures));
    }

    fn middle(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(table) = &mut self.table else {
            let words = "Look through the takes of a folder: rate them with 1 to 5, pick with P, reject with X, compare with C. What you decide is \
                         written into the pictures, where Lightroom, Bridge and digiKam read it.";
            let action = (Command::OpenFolder, "Open a folder");
            welcome::workspace(ui, "No folder is open", words, action, commands);
            return;
        };
        match (table.magnification, table.catalogue().progress()) {
            (_, Progress::Failed(reason)) if table.catalogue().is_empty() => {
                let reason = reason.clone();
                let action = (Command::OpenFolder, "Open another folder");
                welcome::workspace(ui, "The folder cannot be read", &reason, action, commands);
            }
            (_, Progress::Current) if table.catalogue().is_empty() => {
                let words = format!(
                    "{} holds no PNG. Pictures that you export from the studio into it will show here by themselves.",
                    table.catalogue().folder().display()
                );
                let action = (Command::OpenFolder, "Open another folder");
                welcome::workspace(ui, "No pictures here", &words, action, commands);
            }
            (_, Progress::Current) if table.answer().entries.is_empty() => {
                let words = format!("The filters hide all {} pictures of this folder.", table.answer().hidden);
                let action = (Command::ClearFilters, "Remove all filters");
                welcome::workspace(ui, "Nothing passes", &words, action, commands);
            }
            (Magnification::Grid, _) => {
                let follow = std::mem::take(&mut self.follow);
                grid::show(ui, table, &mut self.pictures, self.tile, follow);
                self.sizes(ui);
            }
            (Magnification::Blind, _) => self.blind.show(ui, table, &mut self.pictures, commands),
            _ => self.compare.show(ui, table, &mut self.pictures),
        }
    }

    /// Ctrl and the wheel change the tiles' size.
    fn sizes(&mut self, ui: &Ui) {
        if ui.ui_contains_pointer() {
            let factor = ui.input(egui::InputState::zoom_delta);
            if factor != 1.0 {
                self.tile = (self.tile * factor).clamp(*TILE.start(), *TILE.end());
                self.follow = true;
            }
        }
    }

    fn drop_hint(&self, ui: &Ui, rect: egui::Rect) {
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            welcome::drop_hint(ui, rect, "Drop a folder to look through its pictures");
        }
    }

    /// The folder that was dropped in this frame; a picture stands for its folder.
    pub fn dropped(&self, ui: &Ui) -> Option<PathBuf> {
        let path = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()))?;
        match path.is_dir() {
            true => Some(path),
            false => path.parent().map(Path::to_owned),
        }
    }
}

fn decision(command: Command) -> Option<Decision> {
    Some(match command {
        Command::RateNone => Decision::Stars(0),
        Command::RateOne => Decision::Stars(1),
        Command::RateTwo => Decision::Stars(2),
        Command::RateThree => Decision::Stars(3),
        Command::RateFour => Decision::Stars(4),
        Command::RateFive => Decision::Stars(5),
        Command::Pick => Decision::Flag(Flag::Pick),
        Command::Reject => Decision::Flag(Flag::Reject),
        Command::Unflag => Decision::Flag(Flag::None),
        Command::LabelRed => Decision::Label(Label::Red),
        Command::LabelYellow => Decision::Label(Label::Yellow),
        Command::LabelGreen => Decision::Label(Label::Green),
        Command::LabelBlue => Decision::Label(Label::Blue),
        _ => return None,
    })
}

/// Whether the command leads to another magnification.
fn leads_on(command: Command) -> bool {
    matches!(
        command,
        Command::ShowGrid | Command::ShowLoupe | Command::Compare | Command::Survey | Command::BlindReview | Command::Cancel
    )
}

fn magnifications(ui: &mut Ui, shown: Magnification, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = STEP;
    for (magnification, command, glyph) in [
        (Magnification::Grid, Command::ShowGrid, icon::GRID),
        (Magnification::Loupe, Command::ShowLoupe, icon::LOUPE),
        (Magnification::Compare, Command::Compare, icon::COLUMNS),
        (Magnification::Survey, Command::Survey, icon::SURVEY),
        (Magnification::Blind, Command::BlindReview, icon::EYE_CLOSED),
    ] {
        if command_button(ui, glyph, 16.0, shown == magnification, command) {
            commands.push(command);
        }
    }
}

/// The line at the bottom.
fn state(table: &LightTable) -> String {
    let catalogue = table.catalogue();
    let mut words = vec![catalogue.folder().display().to_string()];
    let (shown, all) = (table.answer().entries.len(), catalogue.len());
    words.push(match shown == all {
        true => format!("{all} pictures"),
        false => format!("{shown} of {all} pictures"),
    });
    if shown > 0 && table.magnification != Magnification::Blind {
        words.push(format!("{} of {shown}", table.place() + 1));
    }
    let picked = table.picked().len();
    if picked > 0 {
        words.push(format!("{picked} picked"));
    }
    if table.advance {
        words.push("advancing".to_owned());
    }
    if let Progress::Failed(reason) = catalogue.progress() {
        words.push(reason.clone());
    }
    words.join("  ·  ")
}
