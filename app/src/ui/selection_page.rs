//! By how much the edge of the selection is to be changed.

use egui::Context;

use super::dialogs::{agree, heading, modal};
use super::theme::STEP;
use super::{pixels, row};
use crate::command::Command;

/// Most pixels that an edge is moved or made broad.
const MOST: u32 = 250;

/// The page, open for a command or not.
pub struct SelectionPage {
    command: Option<Command>,
    /// What was chosen last.
    pixels: u32,
}

impl Default for SelectionPage {
    fn default() -> Self {
        Self {
            command: None,
            pixels: 5,
        }
    }
}

impl SelectionPage {
    pub fn open(&mut self, command: Command) {
        self.command = Some(command);
    }

    pub fn is_open(&self) -> bool {
        self.command.is_some()
    }

    /// Shows the page while it is open; the command and the pixels, once they are chosen.
    pub fn show(&mut self, context: &Context) -> Option<(Command, u32)> {
        let command = self.command?;
        let (words, verb, tip) = match command {
            Command::FeatherSelection => ("Feather the selection", "Feather", "Half the breadth of the soft edge"),
            Command::GrowSelection => ("Grow the selection", "Grow", "How far the edge moves out"),
            _ => ("Shrink the selection", "Shrink", "How far the edge moves in"),
        };
        let modal = modal(context, "selection").show(context, |ui| {
            ui.set_width(280.0);
            heading(ui, words);
            row(ui, "Pixels", tip, |ui| ui.add(pixels(&mut self.pixels, MOST)));
            ui.add_space(3.0 * STEP);
            agree(ui, verb)
        });
        let chosen = (modal.inner == Some(true)).then_some((command, self.pixels));
        if modal.inner.is_some() || modal.should_close() {
            self.command = None;
        }
        chosen
    }
}
