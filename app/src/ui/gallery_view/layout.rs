//! How the gallery is laid out: filters, pictures, facts, and what stands where there is nothing to see.

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::{GalleryView, facts, filters, grid, status, strips};
use crate::command::Command;
use crate::gallery::catalogue::Progress;
use crate::gallery::light_table::Magnification;
use crate::session::Session;
use crate::ui::panels::{status::notice, welcome};
use crate::ui::theme::{STEP, tokens};
use crate::ui::{command_button, icon};

/// What can be looked through.
const WAYS: [(Command, &str); 2] = [
    (Command::OpenFolder, "Open a folder"),
    (Command::ReviewSampleShot, "Look through the sample shot"),
];
/// Width that a line needs for everything about a comparison.
const COMPARING: f32 = 840.0;
/// Width of a tile, in points.
const TILE: std::ops::RangeInclusive<f32> = 96.0..=320.0;

impl GalleryView {
    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        self.pictures.begin(ui.ctx());
        if self.table.is_some() {
            self.desk(ui, session, commands);
        }
        let frame = Frame::new().fill(tokens(ui).surround);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            let rect = ui.max_rect();
            self.middle(ui, commands);
            notice(ui, session, rect);
            self.drop_hint(ui, rect);
        });
        self.pictures.end();
    }

    /// Everything around the pictures.
    fn desk(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let Some(table) = &mut self.table else { return };
        let colors = tokens(ui);
        let bar = |x: i8, y: i8| Frame::new().fill(colors.surface[1]).inner_margin(Margin::symmetric(x, y));
        let base = Frame::new().fill(colors.surface[0]).inner_margin(Margin::symmetric(8, 2));
        Panel::bottom("gallery status")
            .frame(base)
            .exact_size(28.0)
            .show(ui, |ui| status::show(ui, table, &self.exports, session));
        // Names and settings would tell what a blind review hides.
        if table.magnification != Magnification::Blind {
            Panel::left("gallery filters")
                .frame(bar(12, 12))
                .resizable(false)
                .exact_size(204.0)
                .show(ui, |ui| filters::panel(ui, table, &mut self.bound));
            // In a small window the pictures come first.
            let facts = if ui.available_width() < 1200.0 { 248.0 } else { 304.0 };
            Panel::right("gallery facts")
                .frame(bar(12, 12))
                .resizable(false)
                .exact_size(facts)
                .show(ui, |ui| facts::panel(ui, table, &mut self.note, commands));
        }
        let line = |name: &'static str| Panel::top(name).frame(bar(12, 4)).exact_size(36.0);
        let narrow = ui.available_width() < COMPARING;
        let header = line("gallery bar");
        header.show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                magnifications(ui, table.magnification, commands);
                ui.separator();
                match table.magnification {
                    Magnification::Grid => filters::bar(ui, table, &mut self.search),
                    Magnification::Compare => {
                        self.compare.parts(ui, table, commands);
                        if !narrow {
                            self.compare.bar(ui, commands);
                        }
                    }
                    Magnification::Blind => self.blind.bar(ui, commands),
                    Magnification::Loupe | Magnification::Survey => {
                        self.compare.parts(ui, table, commands);
                        ui.weak("The wheel zooms, a drag moves, a double click shows 100 %. G leads back to the grid.");
                    }
                }
            });
        });
        if table.magnification == Magnification::Compare && narrow {
            let ways = line("gallery ways");
            ways.show(ui, |ui| ui.horizontal_centered(|ui| self.compare.bar(ui, commands)));
        }
        if table.magnification == Magnification::Grid && !table.query().filters.is_empty() {
            let line = Panel::top("gallery chips").frame(bar(12, 4)).resizable(false);
            line.show(ui, |ui| filters::chips(ui, table, &mut self.search, commands));
        }
        let strip = Panel::bottom("gallery strip").frame(bar(12, 4));
        let strip = strip.exact_size(80.0).resizable(false);
        match table.magnification {
            Magnification::Blind => {}
            Magnification::Grid if table.selection_count() < 2 => {}
            Magnification::Grid => {
                let tray = strip.show(ui, |ui| strips::tray(ui, table, &mut self.pictures, commands));
                self.follow |= tray.inner;
            }
            Magnification::Loupe | Magnification::Compare | Magnification::Survey => {
                strip.show(ui, |ui| strips::neighbors(ui, table, &mut self.pictures));
            }
        }
    }

    fn middle(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(table) = &mut self.table else {
            let words = "Look through the takes of a folder: rate them with 1 to 5, pick with P, reject with X, compare with C. What you decide is \
                         written into the pictures, where Lightroom, Bridge and digiKam read it. No takes yet? The sample shot is coloured for you: \
                         eight frames in the colours of four references, made while you look.";
            welcome::workspace(ui, "No folder is open", words, &WAYS, commands);
            return;
        };
        match (table.magnification, table.catalogue().progress()) {
            (_, Progress::Failed(reason)) if table.catalogue().is_empty() => {
                let reason = reason.clone();
                welcome::workspace(ui, "The folder cannot be read", &reason, &WAYS, commands);
            }
            (_, Progress::Current) if table.catalogue().is_empty() => {
                let words = format!(
                    "{} holds no PNG. Pictures that you export from the studio into it will show here by themselves.",
                    table.catalogue().folder().display()
                );
                welcome::workspace(ui, "No pictures here", &words, &WAYS, commands);
            }
            (_, Progress::Current) if table.answer().entries.is_empty() => {
                let words = format!("The filters hide all {} pictures of this folder.", table.answer().hidden);
                let ways = [(Command::ClearFilters, "Remove all filters")];
                welcome::workspace(ui, "Nothing passes", &words, &ways, commands);
            }
            (Magnification::Grid, _) => {
                let follow = std::mem::take(&mut self.follow);
                grid::show(ui, table, &mut self.pictures, self.tile, follow);
                self.sizes(ui);
            }
            (Magnification::Blind, _) => self.blind.show(ui, table, &mut self.pictures, commands),
            _ => self.compare.show(ui, table, &mut self.pictures),
        }
    }

    /// Ctrl and the wheel change the tiles' size.
    fn sizes(&mut self, ui: &Ui) {
        if ui.ui_contains_pointer() {
            let factor = ui.input(egui::InputState::zoom_delta);
            if factor != 1.0 {
                self.tile = (self.tile * factor).clamp(*TILE.start(), *TILE.end());
                self.follow = true;
            }
        }
    }

    fn drop_hint(&self, ui: &Ui, rect: egui::Rect) {
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            welcome::drop_hint(ui, rect, "Drop a folder to look through its pictures");
        }
    }
}

fn magnifications(ui: &mut Ui, shown: Magnification, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = STEP;
    for (magnification, command, glyph) in [
        (Magnification::Grid, Command::ShowGrid, icon::GRID),
        (Magnification::Loupe, Command::ShowLoupe, icon::LOUPE),
        (Magnification::Compare, Command::Compare, icon::COLUMNS),
        (Magnification::Survey, Command::Survey, icon::SURVEY),
        (Magnification::Blind, Command::BlindReview, icon::EYE_CLOSED),
    ] {
        if command_button(ui, glyph, 16.0, shown == magnification, command) {
            commands.push(command);
        }
    }
}
