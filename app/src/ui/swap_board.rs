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
                "The swap board is being built",
                "It will lay sketches down the side and references across the top, one take for each pair from the same noise, \
                 so that what differs is the reference alone. Until then, the studio colours one pair at a time.",
                (Command::ShowStudio, "Go to the studio"),
                commands,
            );
        });
    }
}
