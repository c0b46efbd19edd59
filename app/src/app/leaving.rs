//! Before the window closes or something else is opened: nothing is lost without a question.

use std::path::PathBuf;

use egui::ViewportCommand;

use super::App;
use crate::command::Command;
use crate::session::Notice;
use crate::ui::dialogs::{self, Answer};

/// What would lose the changes that are not saved.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leave {
    Quit,
    Run(Command),
    Open(PathBuf),
    /// The others are laid over it as layers.
    OpenWith(PathBuf, Vec<PathBuf>),
    /// A new drawing of `[width, height]` pixels.
    Blank([u32; 2]),
    /// What a picture of the gallery was made from.
    OpenTake(PathBuf),
    /// What an earlier program lost, by its place in the list.
    Restore(usize),
    /// What has been opened meanwhile takes the document's place.
    Begin,
}

/// What is gone for good once the person has agreed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Parting {
    /// What an earlier program lost, by its place in the list.
    Lost(usize),
    /// The preset that the tool in the hand is set to.
    Preset,
}

/// How far quitting is, where a training run is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Ending {
    #[default]
    No,
    Asked,
    /// The window closes once the run has left its checkpoint.
    Waiting,
}

/// How far quitting is, where the board has takes that are in no folder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum BoardEnding {
    #[default]
    No,
    Asked,
    /// The window closes once the takes are in a folder.
    Saving,
    /// The person has said that they may go.
    Discarded,
}

impl App {
    /// Asks before changes are lost.
    pub(super) fn ask(&mut self, ui: &egui::Ui) {
        let context = ui.ctx();
        let closing = context.input(|input| input.viewport().close_requested()) && !self.may_leave && !self.wants_window();
        if closing && (self.session.is_modified() || self.session.board.is_unsaved() || self.session.is_training()) {
            context.send_viewport_cmd(ViewportCommand::CancelClose);
            self.board_ending = BoardEnding::No;
            self.leave_safely(context, Leave::Quit);
        }
        self.end_board(context);
        self.end(context);
        if !self.session.is_saving()
            && let Some(leave) = self.after_saving.take()
        {
            match (self.session.is_modified(), self.session.has_missed_saving()) {
                (false, _) => self.leave(context, leave),
                // It was written, and more was done meanwhile.
                (true, false) => self.leaving = Some(leave),
                // What went wrong was told, or the person thought better of it.
                (true, true) => {}
            }
        }
        if self.session.holds_opened() && self.leaving.is_none() && self.after_saving.is_none() {
            self.leave_safely(context, Leave::Begin);
        }
        let Some(leave) = self.leaving.clone() else { return };
        let Some(answer) = dialogs::unsaved(context, self.session.title()) else {
            return;
        };
        self.leaving = None;
        match answer {
            Answer::Stay if leave == Leave::Begin => self.session.drop_opened(),
            Answer::Stay => {}
            Answer::Save => {
                self.session.run(Command::Save);
                self.after_saving = Some(leave);
            }
            Answer::Discard => {
                self.session.let_go();
                self.leave(context, leave);
            }
        }
    }

    /// Leaves at once where nothing would be lost; else waits for the file that is being written, or asks.
    pub(super) fn leave_safely(&mut self, context: &egui::Context, leave: Leave) {
        match self.session.is_modified() {
            false => self.leave(context, leave),
            true if self.session.is_writing() => {
                self.session.notice = Some(Notice::info("The document is still being saved; it goes on from there."));
                self.after_saving = Some(leave);
            }
            true => self.leaving = Some(leave),
        }
    }

    fn leave(&mut self, context: &egui::Context, leave: Leave) {
        match leave {
            Leave::Quit if self.session.board.is_unsaved() && self.board_ending != BoardEnding::Discarded => {
                self.board_ending = BoardEnding::Asked;
            }
            Leave::Quit if self.session.is_training() => self.ending = Ending::Asked,
            Leave::Quit => self.quit(context),
            Leave::Run(command) => self.session.run(command),
            Leave::Open(path) => self.session.open(path),
            Leave::OpenWith(path, others) => self.session.open_with(path, others),
            Leave::Blank(size) => self.session.open_blank(size),
            Leave::OpenTake(path) => self.session.open_take(path),
            Leave::Restore(index) => self.session.recover(index),
            Leave::Begin => self.session.begin_opened(),
        }
    }

    /// Asks once more before something goes for good.
    pub(super) fn part(&mut self, context: &egui::Context) {
        let Some(parting) = self.parting else { return };
        let name = match parting {
            Parting::Lost(index) => self.session.lost().get(index).map(|lost| lost.about.title.clone()),
            Parting::Preset => self.session.preset_name(),
        };
        let name = name.unwrap_or_default();
        let (title, words, verb) = match parting {
            Parting::Lost(_) => (
                "Discard what was not saved",
                "has strokes that are in no file. They cannot be brought back",
                "Discard",
            ),
            Parting::Preset => (
                "Remove the brush preset",
                "is deleted with its file. It cannot be brought back",
                "Remove",
            ),
        };
        let agreed = dialogs::confirm(context, "part", title, &format!("\u{201c}{name}\u{201d} {words}."), verb);
        if agreed.is_some() {
            self.parting = None;
        }
        match parting {
            _ if agreed != Some(true) => {}
            Parting::Lost(index) => self.session.discard_lost(index),
            Parting::Preset => self.session.run(Command::RemovePreset),
        }
    }

    fn quit(&mut self, context: &egui::Context) {
        self.may_leave = true;
        self.session.settle();
        context.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Asks before the board's takes are lost, and goes on once they are in a folder.
    fn end_board(&mut self, context: &egui::Context) {
        match self.board_ending {
            BoardEnding::Asked => match dialogs::board(context) {
                Some(Answer::Save) => {
                    self.session.run(Command::ExportBoard);
                    self.board_ending = BoardEnding::Saving;
                }
                Some(Answer::Discard) => {
                    self.board_ending = BoardEnding::Discarded;
                    self.leave(context, Leave::Quit);
                }
                Some(Answer::Stay) => self.board_ending = BoardEnding::No,
                None => {}
            },
            BoardEnding::Saving if !self.session.is_saving_board() => {
                self.board_ending = BoardEnding::No;
                // It failed, or the person went back.
                if !self.session.board.is_unsaved() {
                    self.leave(context, Leave::Quit);
                }
            }
            _ => {}
        }
    }

    /// Asks before a training run is ended, and closes the window once it has left its checkpoint.
    fn end(&mut self, context: &egui::Context) {
        if self.ending == Ending::No {
            return;
        }
        if !self.session.is_training() {
            // It may have come to its end by itself while the question stood.
            self.ending = Ending::No;
            return self.quit(context);
        }
        match dialogs::training(context, self.ending == Ending::Waiting) {
            Some(true) => {
                self.session.stop_training();
                self.ending = Ending::Waiting;
            }
            Some(false) => self.ending = Ending::No,
            None => {}
        }
    }
}
