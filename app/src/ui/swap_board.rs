//! The swap board: sketches against references, one take a cell.

use egui::{CentralPanel, Frame, Ui};

use super::panels::welcome;
use super::theme::tokens;
use crate::command::Command;
use crate::session::Session;

/// The board's own state.
#[derive(Default)]
pub struct SwapBoard {}

impl SwapBoard {
    pub fn show(&mut self, ui: &mut Ui, _: &mut Session, commands: &mut Vec<Command>) {
        let frame = Frame::new().fill(tokens(ui).surround);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            welcome::workspace(
                ui,
                "The swap board runs from the command line",
                "shiage swap --sketches FOLDER --references FOLDER --out FOLDER lays sketches down the side and references across \
                 the top and makes a take for each pair from the same noise. The gallery shows and compares them. A board in this \
                 window is not there yet.",
                (Command::ShowGallery, "Look at takes in the gallery"),
                commands,
            );
        });
    }
}
