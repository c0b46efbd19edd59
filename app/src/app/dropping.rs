//! Files that were dropped on the window.

use std::path::PathBuf;

use super::App;
use super::leaving::Leave;
use crate::command::{Command, Workspace};
use crate::document::Side;

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
                if let Some((side, path)) = self.studio.dropped(ui) {
                    self.take_in(ui.ctx(), side, path);
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

    fn take_in(&mut self, context: &egui::Context, side: Side, path: PathBuf) {
        if self.session.takes_as_reference(side, &path) {
            self.session.open_for(Command::OpenReference, path);
        } else {
            self.leave_safely(context, Leave::Open(path));
        }
    }
}
