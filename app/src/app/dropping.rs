//! Files that were dropped on the window.

use std::path::PathBuf;

use wgpu::rwh::{HasWindowHandle, RawWindowHandle};

use super::App;
use super::leaving::Leave;
use crate::command::{Command, Workspace};
use crate::document::Side;
use crate::files::has_one_of;
use crate::palette;
use crate::session::Notice;
use crate::ui::dialogs::{self, Dropped};
use crate::ui::dropping;

/// Under Wayland winit 0.30 tells of no file that is dropped.
pub(super) fn note_dropping(creation: &eframe::CreationContext<'_>) {
    let window = creation.window_handle().map(|handle| handle.as_raw());
    if matches!(window, Ok(RawWindowHandle::Wayland(_))) {
        dropping::forgo(&creation.egui_ctx);
    }
}

impl App {
    /// Files that were dropped go to the page that is open, or to the workspace. Behind a question they would do what nobody sees.
    pub(super) fn take_dropped(&mut self, ui: &egui::Ui) {
        let paths: Vec<PathBuf> = ui.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if paths.is_empty() {
            return;
        }
        if self.training.is_open() {
            match (self.training.dropped(ui), self.session.training()) {
                (Some(folder), None) => self.session.choose_training_pictures(folder),
                (_, Some(_)) => self.refuse_dropped("This page shows a run. Go back to the choices, and drop the folder again."),
                (None, None) => {}
            }
            return;
        }
        if self.models.is_open() {
            return self.session.add_models(paths);
        }
        if self.has_question(ui.ctx()) {
            return self.refuse_dropped("Answer the question or close the page that is open, and drop the files again.");
        }
        match self.workspace {
            Workspace::Studio => {
                let side = self.studio.pane_under_files(ui);
                match side.is_none() && !is_palette(&paths) && self.session.takes_in_many_ways(&paths) {
                    true => self.dropped = paths,
                    false => self.take_in(ui.ctx(), side.unwrap_or(Side::Canvas), paths),
                }
            }
            Workspace::Gallery => {
                if let Some(path) = self.gallery.dropped(ui) {
                    self.session.look_through(path);
                }
            }
            Workspace::SwapBoard => {
                if let Some((edge, paths)) = self.swap_board.dropped(ui, &self.session) {
                    self.session.add_to_board(edge, paths);
                }
            }
        }
    }

    fn refuse_dropped(&mut self, words: &str) {
        self.session.notice = Some(Notice::info(words));
    }

    fn take_in(&mut self, context: &egui::Context, side: Side, mut paths: Vec<PathBuf>) {
        if is_palette(&paths) {
            return paths
                .into_iter()
                .for_each(|path| self.session.open_for(Command::OpenPalette, path));
        }
        if self.session.takes_as_layers(side, &paths) {
            return self.session.import_layers(paths);
        }
        let others = paths.split_off(1);
        let Some(path) = paths.pop() else { return };
        if self.session.takes_as_background(side, &path) {
            self.refer_to(Command::OpenBackground, path, &others);
        } else if self.session.takes_as_reference(side, &path) {
            self.refer_to(Command::OpenReference, path, &others);
        } else if others.is_empty() {
            self.leave_safely(context, Leave::Open(path));
        } else {
            self.leave_safely(context, Leave::OpenWith(path, others));
        }
    }

    /// Asks what the pictures are for that were dropped nobody knows where.
    pub(super) fn ask_about_dropped(&mut self, context: &egui::Context) {
        if self.dropped.is_empty() {
            return;
        }
        let Some(purpose) = dialogs::dropped(context, &self.dropped) else {
            return;
        };
        let paths = std::mem::take(&mut self.dropped);
        match (purpose, &paths[..]) {
            (Dropped::Layers, _) => self.session.import_layers(paths),
            (Dropped::Reference, [first, others @ ..]) => self.refer_to(Command::OpenReference, first.clone(), others),
            (Dropped::Open, [path]) => self.leave_safely(context, Leave::Open(path.clone())),
            (Dropped::Open, [path, others @ ..]) => self.leave_safely(context, Leave::OpenWith(path.clone(), others.to_vec())),
            (Dropped::Nothing, _) | (_, []) => {}
        }
    }

    fn refer_to(&mut self, command: Command, path: PathBuf, others: &[PathBuf]) {
        self.session.open_for(command, path);
        if !others.is_empty() {
            self.session.notice = Some(Notice::info(
                "The first of the files becomes the reference; the others were left out.",
            ));
        }
    }
}

fn is_palette(paths: &[PathBuf]) -> bool {
    matches!(paths, [path] if has_one_of(path, palette::ENDINGS))
}
