//! Files that were dropped on the window.

use std::path::PathBuf;

use super::App;
use super::leaving::Leave;
use crate::command::{Command, Workspace};
use crate::document::Side;
use crate::session::Notice;

impl App {
    /// Files that were dropped go to the page that is open, or to the workspace.
    pub(super) fn take_dropped(&mut self, ui: &egui::Ui) {
        if self.training.is_open() {
            if let Some(folder) = self.training.dropped(ui).filter(|_| self.session.training().is_none()) {
                self.session.choose_training_pictures(folder);
            }
            return;
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

    fn take_in(&mut self, context: &egui::Context, side: Side, mut paths: Vec<PathBuf>) {
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
