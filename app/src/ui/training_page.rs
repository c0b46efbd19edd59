//! Training on a person's own pictures: what is chosen, how the run goes, and what came of it. A run goes on while the page is closed.

mod form;
mod plot;
mod progress;
mod runs;
mod sheets;

use std::path::PathBuf;

use egui::{Align, Context, Layout, RichText, ScrollArea, Ui, vec2};

use super::dialogs::{heading, modal, page_button};
use super::panels::welcome::drop_hint;
use super::theme::{ROW, STEP, tokens};
use crate::command::Command;
use crate::session::Session;
use sheets::Sheets;

/// Width of what is chosen, and of how the run stands.
const LEFT: f32 = 400.0;
/// The page at its largest, in points.
const LARGEST: [f32; 2] = [1240.0, 820.0];

/// The page, open or not.
#[derive(Default)]
pub struct TrainingPage {
    open: bool,
    sheets: Sheets,
}

impl TrainingPage {
    /// Another window draws from now on.
    pub fn forget_textures(&mut self) {
        self.sheets = Sheets::default();
    }

    /// Opens the page, and looks at what there is.
    pub fn open(&mut self, session: &mut Session) {
        self.open = true;
        session.look_for_runs();
        session.look_for_models();
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows the page while it is open.
    pub fn show(&mut self, context: &Context, session: &mut Session, commands: &mut Vec<Command>) {
        if !self.open {
            return;
        }
        let room = context.content_rect().size() - vec2(12.0, 16.0) * STEP;
        let modal = modal(context, "training").show(context, |ui| {
            ui.set_width(room.x.min(LARGEST[0]));
            let height = room.y.min(LARGEST[1]) - 2.0 * ROW - 6.0 * STEP;
            ui.horizontal(|ui| {
                heading(ui, "Train on your own pictures");
                if session.is_training() {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let words = "The run goes on while this page is closed; pictures take longer meanwhile.";
                        ui.label(RichText::new(words).small().color(tokens(ui).dim));
                    });
                }
            });
            let size = vec2(ui.available_width(), height);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), |ui| {
                ui.set_min_size(size);
                self.columns(ui, session, commands);
            });
            ui.add_space(STEP);
            if page_button(ui, "Close").clicked() {
                ui.close();
            }
            let hovering = ui.input(|input| !input.raw.hovered_files.is_empty());
            if hovering && session.training().is_none() {
                drop_hint(ui, ui.min_rect(), "Train on the pictures of this folder");
            }
        });
        if modal.should_close() {
            self.open = false;
        }
    }

    fn columns(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let under_way = session.training().is_some();
        let left = vec2(LEFT, ui.available_height());
        ui.allocate_ui_with_layout(left, Layout::top_down(Align::Min), |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                // Beside the bar that scrolls.
                ui.set_max_width(LEFT - 3.0 * STEP);
                match under_way {
                    true => {
                        if progress::show(ui, session) {
                            self.open = false;
                        }
                    }
                    false => form::show(ui, session, commands),
                }
            });
        });
        ui.add_space(2.0 * STEP);
        let right = ui.available_size();
        ui.allocate_ui_with_layout(right, Layout::top_down(Align::Min), |ui| {
            match session.training_mut() {
                Some(run) => {
                    plot::show(ui, &run.record, (right.y * 0.36).max(120.0));
                    ui.add_space(2.0 * STEP);
                    self.sheets.show(ui, run);
                }
                None => {
                    if runs::show(ui, session) {
                        self.open = false;
                    }
                }
            };
        });
    }

    /// The folder that was dropped on the page in this frame; a picture stands for its folder.
    pub fn dropped(&self, ui: &Ui) -> Option<PathBuf> {
        let path = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()))?;
        match path.is_dir() {
            true => Some(path),
            false => path.parent().map(PathBuf::from),
        }
    }
}

/// What was made is used from now on: the studio says where to change that.
fn told(session: &mut Session, name: &str, adapters: bool) {
    let place = match adapters {
        true => "More, Adapters, sets its strength",
        false => "More, Model, chooses another",
    };
    session.notice = Some(crate::session::Notice::info(format!(
        "\u{201c}{name}\u{201d} is in use. {place}."
    )));
}
