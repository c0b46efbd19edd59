//! The gallery: takes are looked through, compared, rated.

use egui::{CentralPanel, Frame, Ui};

use super::panels::welcome;
use super::theme::tokens;
use crate::command::Command;
use crate::session::Session;

/// The gallery's own state.
#[derive(Default)]
pub struct GalleryView {}

impl GalleryView {
    pub fn show(&mut self, ui: &mut Ui, _: &mut Session, commands: &mut Vec<Command>) {
        let frame = Frame::new().fill(tokens(ui).surround);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            welcome::workspace(
                ui,
                "The gallery is being built",
                "It will show the takes of a folder, to compare, rate and sort them out. Until then, the strip under the studio's \
                 canvas holds the takes of the open drawing.",
                (Command::ShowStudio, "Go to the studio"),
                commands,
            );
        });
    }
}
