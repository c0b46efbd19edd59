//! The studio: where one drawing is worked on.

use std::path::PathBuf;

use egui::{CentralPanel, Frame, Margin, Panel, Rect, Ui};

use super::panels::{colorize, layers, menu_bar, pane, status, takes, tools, welcome};
use super::theme::{STEP, tokens};
use super::{command_button, icon, title};
use crate::canvas::Canvas;
use crate::canvas::context::Context;
use crate::command::Command;
use crate::document::{Role, Side};
use crate::session::Session;

/// The studio's own state: what belongs to the window and not to the document.
pub struct Studio {
    canvas: Canvas,
    reference: Canvas,
    gpu: Option<Context>,
    takes: takes::Pictures,
    /// Only the canvas shows.
    canvas_only: bool,
    /// Where the panes stood in the last frame, for files that are dropped.
    panes: Vec<(Side, Rect)>,
    /// The document that the views belong to, by its number of openings.
    title: String,
}

impl Studio {
    /// Without a GPU, pictures are not drawn.
    pub fn new(gpu: Option<Context>) -> Self {
        Self {
            canvas: Canvas::default(),
            reference: Canvas::default(),
            gpu,
            takes: takes::Pictures::default(),
            canvas_only: false,
            panes: Vec::new(),
            title: String::new(),
        }
    }

    /// The commands that concern the view.
    pub fn run(&mut self, command: Command) {
        let view = &mut self.canvas.view;
        match command {
            Command::ZoomIn => view.set_zoom(view.zoom() * 1.25),
            Command::ZoomOut => view.set_zoom(view.zoom() / 1.25),
            Command::ZoomActual => view.set_zoom(1.0),
            Command::ZoomFit => view.fit(),
            Command::ToggleCanvasOnly => self.canvas_only = !self.canvas_only,
            _ => {}
        }
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        if let Some(gpu) = &mut self.gpu {
            gpu.begin_frame();
        }
        self.panes.clear();
        if self.title != session.title() {
            self.title = session.title().to_owned();
            self.canvas.view.fit();
            self.reference.view.fit();
        }
        if !self.canvas_only {
            self.frame(ui, session, commands);
        }
        CentralPanel::no_frame().show(ui, |ui| self.canvas(ui, session, commands));
    }

    /// Everything around the canvas.
    fn frame(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let colors = tokens(ui);
        let bar = |x: i8, y: i8| Frame::new().fill(colors.surface[1]).inner_margin(Margin::symmetric(x, y));
        let base = Frame::new().fill(colors.surface[0]).inner_margin(Margin::symmetric(8, 2));
        Panel::top("menu")
            .frame(base)
            .show(ui, |ui| menu_bar::show(ui, session, commands));
        Panel::bottom("status").frame(base).exact_size(24.0).show(ui, |ui| {
            status::show(ui, session, self.canvas.view.zoom(), commands);
        });
        if session.notice.is_some() {
            Panel::bottom("notice")
                .frame(bar(8, 4).fill(colors.surface[2]))
                .show(ui, |ui| status::notice(ui, session));
        }
        Panel::top("options").frame(bar(12, 4)).exact_size(32.0).show(ui, |ui| {
            ui.horizontal_centered(|ui| tools::options(ui, session));
        });
        Panel::left("tools")
            .frame(bar(4, 8))
            .resizable(false)
            .exact_size(36.0)
            .show(ui, |ui| tools::rail(ui, session, commands));
        Panel::right("side")
            .frame(bar(12, 12))
            .resizable(false)
            .exact_size(284.0)
            .show(ui, |ui| {
                egui::ScrollArea::vertical().show(ui, |ui| {
                    ui.set_max_width(ui.available_width());
                    colorize::show(ui, session, commands);
                    ui.add_space(2.0 * STEP);
                    ui.separator();
                    ui.add_space(STEP);
                    layers::show(ui, session, commands);
                });
            });
        if session
            .document()
            .is_some_and(|document| document.canvas().by_role(Role::Take).is_some())
        {
            Panel::bottom("takes")
                .frame(bar(12, 8))
                .show(ui, |ui| takes::show(ui, session, &mut self.takes));
        }
        if session.document().is_some() {
            let width = (ui.available_width() * 0.38).clamp(160.0, 480.0);
            let panel = Panel::right("reference")
                .frame(Frame::new().fill(colors.surround))
                .default_size(width)
                .min_size(160.0);
            panel.show(ui, |ui| self.reference(ui, session, commands));
        }
    }

    fn canvas(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let rect = ui.max_rect();
        ui.painter().rect_filled(rect, 0.0, tokens(ui).surround);
        self.panes.push((Side::Canvas, rect));
        if session.document().is_some() {
            pane::show(ui, Side::Canvas, session, &mut self.canvas, self.gpu.as_mut());
        } else {
            welcome::studio(ui, session.is_opening(), commands);
        }
        self.drops(ui, session);
    }

    fn reference(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let colors = tokens(ui);
        let header = Frame::new().fill(colors.surface[1]).inner_margin(Margin::symmetric(12, 4));
        Panel::top("reference header").frame(header).exact_size(32.0).show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                title(ui, "Reference");
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if command_button(ui, icon::FOLDER, 16.0, false, Command::OpenReference) {
                        commands.push(Command::OpenReference);
                    }
                });
            });
        });
        let rect = ui.available_rect_before_wrap();
        self.panes.push((Side::Reference, rect));
        CentralPanel::no_frame().show(ui, |ui| {
            if session
                .document()
                .is_some_and(|document| document.sheet(Side::Reference).is_some())
            {
                pane::show(ui, Side::Reference, session, &mut self.reference, self.gpu.as_mut());
            } else {
                welcome::reference(ui, commands);
            }
        });
    }

    /// Files that hang over a pane, or were let go there.
    fn drops(&self, ui: &Ui, session: &mut Session) {
        let pointer = ui.input(|input| input.pointer.latest_pos());
        let over = self
            .panes
            .iter()
            .find(|(_, rect)| pointer.is_some_and(|pointer| rect.contains(pointer)));
        let (side, rect) = over.copied().unwrap_or((Side::Canvas, ui.max_rect()));
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            let words = if side == Side::Reference {
                "Drop to use as the reference"
            } else {
                "Drop to open"
            };
            welcome::drop_hint(ui, rect, words);
        }
        let dropped: Option<PathBuf> = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        if let Some(path) = dropped {
            session.drop_file(side, path);
        }
    }
}
