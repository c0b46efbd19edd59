//! Before the window closes or something else is opened: nothing is lost without a question.

use std::path::PathBuf;

use egui::ViewportCommand;

use super::App;
use crate::command::Command;
use crate::session::{Loss, Notice, Stand};
use crate::ui::dialogs::{self, Answer};

/// What would lose the changes that are not saved.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leave {
    Quit,
    Run(Command),
    Open(PathBuf),
    /// The others are laid over it as layers.
    OpenWith(PathBuf, Vec<PathBuf>),
    /// A new drawing of `[width, height]` pixels, and how many of them make an inch.
    Blank([u32; 2], Option<f32>),
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

/// How far quitting is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Ending {
    #[default]
    No,
    /// What would be lost is asked about, one thing after another.
    Asking,
    /// Pictures are on their way into files, or a folder for them is asked for.
    Exporting,
    /// A training run may be ended, or is on its way to its end.
    Training,
}

impl App {
    /// Asks before changes are lost.
    pub(super) fn ask(&mut self, ui: &egui::Ui) {
        let context = ui.ctx();
        let closing = context.input(|input| input.viewport().close_requested()) && !self.may_leave && !self.wants_window();
        if closing && self.ending == Ending::No {
            // What was let go for something else, which came to nothing, is asked about.
            self.session.hold_on();
        }
        if closing && self.would_lose().is_some() {
            context.send_viewport_cmd(ViewportCommand::CancelClose);
            // What was wanted before gives way.
            (self.leaving, self.after_saving) = (None, None);
            if self.ending == Ending::No {
                self.ending = Ending::Asking;
            }
        }
        self.end(context);
        if !self.session.is_saving()
            && let Some(leave) = self.after_saving.take()
        {
            match (self.session.is_modified(), self.session.has_missed_saving()) {
                (false, _) => self.leave(context, leave),
                // It was written, and more was done meanwhile.
                (true, false) => self.leaving = Some(leave),
                // What went wrong was told, or the person thought better of it.
                (true, true) => self.stay(),
            }
        }
        let is_asked = self.session.holds_opened() && self.session.would_lose() == Some(Loss::Changes);
        if is_asked && self.leaving.is_none() && self.after_saving.is_none() && self.ending == Ending::No {
            self.leave_safely(context, Leave::Begin);
        }
        let Some(leave) = self.leaving.clone() else { return };
        let Some(answer) = dialogs::unsaved(context, self.session.title()) else {
            return;
        };
        self.leaving = None;
        match answer {
            Answer::Stay if leave == Leave::Begin => self.session.drop_opened(),
            Answer::Stay => self.stay(),
            Answer::Save => {
                // What the page of adjusted colours shows is saved with the rest.
                self.session.end_adjusting(true);
                self.session.run(Command::Save);
                self.after_saving = Some(leave);
            }
            Answer::Discard => {
                self.session.end_adjusting(false);
                self.session.let_go();
                self.leave(context, leave);
            }
        }
    }

    /// Leaves at once where nothing would be lost; else waits for the file that is being written, or asks.
    pub(super) fn leave_safely(&mut self, context: &egui::Context, leave: Leave) {
        match self.session.is_modified() {
            false => {
                // A page of colours that says nothing holds up nothing.
                self.session.end_adjusting(false);
                self.leave(context, leave);
            }
            true if self.session.is_writing() => {
                self.session.notice = Some(Notice::info("The document is still being saved; it goes on from there."));
                self.after_saving = Some(leave);
            }
            true => self.leaving = Some(leave),
        }
    }

    fn leave(&mut self, context: &egui::Context, leave: Leave) {
        match leave {
            Leave::Quit => {
                self.ending = Ending::Asking;
                self.end(context);
            }
            Leave::Run(command) => self.session.run(command),
            Leave::Open(path) => self.session.open(path),
            Leave::OpenWith(path, others) => self.session.open_with(path, others),
            Leave::Blank(size, resolution) => self.session.open_blank(size, resolution),
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
        (self.may_leave, self.ending) = (true, Ending::No);
        self.session.settle();
        context.send_viewport_cmd(ViewportCommand::Close);
    }

    fn is_exporting(&self) -> bool {
        self.session.is_exporting() || self.gallery.is_exporting()
    }

    /// What would be lost first if the window closed now, but for what the person has let go.
    fn would_lose(&self) -> Option<Loss> {
        let exports = self.gallery.is_exporting().then_some(Loss::Exports);
        self.session.would_lose().or(exports)
    }

    /// Asks about one thing after another that would be lost, and closes the window once nothing would be: what came while the person answered, or while
    /// files were written, counts too.
    fn end(&mut self, context: &egui::Context) {
        if self.leaving.is_some() || self.after_saving.is_some() {
            return;
        }
        if self.ending == Ending::Exporting && !self.is_exporting() && !self.session.asks_for_folder() {
            // What went wrong was told, or the person thought better of it.
            match self.session.has_missed_export() {
                true => self.stay(),
                false => self.ending = Ending::Asking,
            }
        }
        if self.ending == Ending::Training && !self.session.is_training() {
            // A run that could not leave its checkpoint has told so: nobody would read it if the window closed now.
            let run = self.session.training();
            match run.is_some_and(|run| matches!(run.stand, Stand::Failed(_))) {
                true => self.stay(),
                false => self.ending = Ending::Asking,
            }
        }
        match (self.ending, self.would_lose()) {
            (Ending::No, _) => {}
            (Ending::Exporting, _) => self.wait_for_exports(context),
            (Ending::Asking, None) => self.quit(context),
            (Ending::Asking, Some(Loss::Changes)) => self.leave_safely(context, Leave::Quit),
            (Ending::Asking, Some(Loss::Exports)) => {
                self.session.expect_exports();
                self.ending = Ending::Exporting;
                self.wait_for_exports(context);
            }
            (Ending::Asking, Some(Loss::Board)) => self.end_board(context),
            (Ending::Asking, Some(Loss::Training)) => {
                self.ending = Ending::Training;
                self.end_training(context);
            }
            (Ending::Training, _) => self.end_training(context),
        }
    }

    /// The person does not quit after all.
    fn stay(&mut self) {
        self.ending = Ending::No;
        self.session.hold_on();
    }

    /// Tells what is waited for; the person may have less of it.
    fn wait_for_exports(&mut self, context: &egui::Context) {
        // The question for the folder stands by itself.
        if !self.is_exporting() {
            return;
        }
        match dialogs::exporting(context) {
            Some(true) => {
                self.session.give_up_exports();
                self.gallery.cancel_export();
            }
            Some(false) => self.stay(),
            None => {}
        }
    }

    /// Asks before what was made on the board is lost.
    fn end_board(&mut self, context: &egui::Context) {
        match dialogs::board(context, self.session.allows(Command::ExportBoard)) {
            Some(Answer::Save) => {
                self.session.run(Command::ExportBoard);
                self.ending = Ending::Exporting;
            }
            Some(Answer::Discard) => {
                self.session.let_board_go();
                self.end(context);
            }
            Some(Answer::Stay) => self.stay(),
            None => {}
        }
    }

    /// Asks before a training run is ended, which leaves its checkpoint first.
    fn end_training(&mut self, context: &egui::Context) {
        let stopping = self.session.training().is_some_and(|run| run.stand == Stand::Stopping);
        match dialogs::training(context, stopping) {
            Some(true) => self.session.stop_training(),
            Some(false) => self.stay(),
            None => {}
        }
    }
}
