//! Files that were dropped on the window.

use std::path::PathBuf;

use super::App;
use super::leaving::Leave;
use crate::command::{Command, Workspace};
use crate::document::Side;
use crate::files::has_one_of;
use crate::palette;
use crate::session::Notice;

impl App {
    /// Files that were dropped go to the page that is open, or to the workspace. Behind a question they would do what nobody sees.
    pub(super) fn take_dropped(&mut self, ui: &egui::Ui) {
        let Some(first) = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned())) else {
            return;
        };
        if self.training.is_open() {
            match (self.training.dropped(ui), self.session.training()) {
                (Some(folder), None) => self.session.choose_training_pictures(folder),
                (_, Some(_)) => self.refuse_dropped("This page shows a run. Go back to the choices, and drop the folder again."),
                (None, None) => {}
            }
            return;
        }
        if self.models.is_open() {
            return self.session.open_for(Command::AddModel, first);
        }
        if self.has_question(ui.ctx()) {
            return self.refuse_dropped("Answer the question or close the page that is open, and drop the files again.");
        }
        match self.workspace {
            Workspace::Studio => {
                if let Some((side, paths)) = self.studio.dropped(ui) {
                    self.take_in(ui.ctx(), side, paths);
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
        if let [path] = &paths[..]
            && has_one_of(path, palette::ENDINGS)
        {
            return self.session.open_for(Command::OpenPalette, path.clone());
        }
        if self.session.takes_as_layers(side, &paths) {
            return self.session.import_layers(paths);
        }
        let others = paths.split_off(1);
        let Some(path) = paths.pop() else { return };
        if self.session.takes_as_reference(side, &path) {
            self.session.open_for(Command::OpenReference, path);
            if !others.is_empty() {
                self.session.notice = Some(Notice::info(
                    "The first of the files becomes the reference; the others were left out.",
                ));
            }
        } else if others.is_empty() {
            self.leave_safely(context, Leave::Open(path));
        } else {
            self.leave_safely(context, Leave::OpenWith(path, others));
        }
    }
}
