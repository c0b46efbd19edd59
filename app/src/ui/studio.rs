//! The studio: where one drawing is worked on.

use std::path::PathBuf;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, Rect, Ui};

use super::panels::{color, colorize, pane, side, status, takes, tools, welcome};
use super::theme::{STEP, tokens};
use super::{command_button, icon, title, tool_bar};
use crate::canvas::Canvas;
use crate::canvas::context::Context;
use crate::canvas::view::View;
use crate::command::Command;
use crate::document::Side;
use crate::session::Session;

/// Degrees by which a key turns the view, as in Krita.
const TURN: f32 = 15.0;

/// Height of the background reference's pane.
const BACKGROUND: f32 = 120.0;

/// The studio's own state: what belongs to the window and not to the document.
pub struct Studio {
    canvas: Canvas,
    reference: Canvas,
    background: Canvas,
    gpu: Option<Context>,
    takes: takes::TakeStrip,
    side: side::SidePanels,
    /// Only the canvas shows.
    canvas_only: bool,
    /// Where the panes stood in the last frame, for files that are dropped.
    panes: Vec<(Side, Rect)>,
    /// The document that the views belong to.
    opened: u64,
    /// The canvas's size: at another one its view is fitted anew.
    size: Option<[u32; 2]>,
}

impl Studio {
    /// Without a GPU, pictures are not drawn.
    pub fn new(gpu: Option<Context>) -> Self {
        Self {
            canvas: Canvas::default(),
            reference: Canvas::default(),
            background: Canvas::default(),
            gpu,
            takes: takes::TakeStrip::default(),
            side: side::SidePanels::default(),
            canvas_only: false,
            panes: Vec::new(),
            opened: 0,
            size: None,
        }
    }

    /// The commands that concern the view.
    pub fn run(&mut self, command: Command, session: &mut Session) {
        let view = &mut self.canvas.view;
        match command {
            Command::ZoomIn => view.set_zoom(view.zoom() * 1.25),
            Command::ZoomOut => view.set_zoom(view.zoom() / 1.25),
            Command::ZoomActual => view.set_zoom(1.0),
            Command::ZoomFit => view.fit(),
            Command::ZoomWidth => view.fit_width(),
            Command::RotateLeft => view.rotate(-TURN),
            Command::RotateRight => view.rotate(TURN),
            Command::ResetRotation => view.reset_rotation(),
            Command::ResetView => *view = View::default(),
            Command::MirrorView => view.mirror(),
            Command::TogglePaper => self.canvas.bare = !self.canvas.bare,
            Command::TogglePixelGrid => self.canvas.grid = !self.canvas.grid,
            Command::ToggleCanvasOnly => self.canvas_only = !self.canvas_only,
            Command::CompareTakes => self.takes.compare(session),
            _ => self.side.run(command, session),
        }
    }

    pub fn is_canvas_only(&self) -> bool {
        self.canvas_only
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        if let Some(gpu) = &mut self.gpu {
            gpu.begin_frame();
        }
        self.panes.clear();
        if self.opened != session.opened() {
            self.opened = session.opened();
            for canvas in [&mut self.canvas, &mut self.reference, &mut self.background] {
                canvas.view.fit();
            }
        }
        let size = session.document().map(|document| document.canvas().size());
        if self.size != size {
            self.size = size;
            self.canvas.view.fit();
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
        Panel::bottom("status").frame(base).exact_size(28.0).show(ui, |ui| {
            status::show(ui, session, &self.canvas.view, commands);
        });
        Panel::top("options").frame(bar(12, 4)).exact_size(32.0).show(ui, |ui| {
            tool_bar(ui, |ui| tools::options(ui, session, commands));
        });
        Panel::left("tools")
            .frame(bar(4, 8))
            .resizable(false)
            .exact_size(36.0)
            .show(ui, |ui| tools::rail(ui, session, commands));
        // The bar that scrolls stands in the margin.
        let mut beside = bar(12, 12);
        let margin = std::mem::take(&mut beside.inner_margin.right);
        Panel::right("side")
            .frame(beside)
            .resizable(false)
            .exact_size(300.0)
            .show(ui, |ui| {
                egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    ui.set_max_width(ui.available_width() - f32::from(margin));
                    colorize::show(ui, session, commands);
                    ui.add_space(2.0 * STEP);
                    ui.separator();
                    ui.add_space(STEP);
                    self.side.show(ui, session, commands);
                });
            });
        if session.document().is_none() {
            return;
        }
        let strip = Panel::bottom("takes").frame(bar(12, 8)).exact_size(takes::STRIP);
        strip.resizable(false).show(ui, |ui| self.takes.show(ui, session, commands));
        let width = (ui.available_width() * 0.38).clamp(160.0, 480.0);
        let panel = Panel::right("reference")
            .frame(Frame::new().fill(colors.surround))
            .default_size(width)
            .min_size(160.0);
        panel.show(ui, |ui| self.reference(ui, session, commands));
    }

    fn canvas(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let rect = ui.max_rect();
        ui.painter().rect_filled(rect, 0.0, tokens(ui).surround);
        self.panes.push((Side::Canvas, rect));
        if session.document().is_some() {
            let other = self.takes.other(session);
            let wipe = other.map(|other| (other, &mut self.takes.line));
            pane::show(ui, Side::Canvas, session, &mut self.canvas, self.gpu.as_mut(), wipe, commands);
        } else {
            welcome::studio(ui, session.is_opening(), commands);
        }
        status::notice(ui, session, rect);
        self.hovering(ui, session);
    }

    fn reference(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let has = |side| session.document().is_some_and(|document| document.sheet(side).is_some());
        let (reference, background) = (has(Side::Reference), has(Side::Background));
        let buttons: &[_] = match reference {
            true => &[
                (Command::ProposeReferenceMask, icon::SPARKLE),
                (Command::OpenReference, icon::FOLDER),
            ],
            false => &[(Command::OpenReference, icon::FOLDER)],
        };
        header(ui, Panel::top("reference header"), "Reference", buttons, commands);
        if background {
            let panel = Panel::bottom("background")
                .frame(Frame::NONE)
                .resizable(false)
                .exact_size(BACKGROUND);
            panel.show(ui, |ui| {
                self.panes.push((Side::Background, ui.available_rect_before_wrap()));
                pane::show(
                    ui,
                    Side::Background,
                    session,
                    &mut self.background,
                    self.gpu.as_mut(),
                    None,
                    commands,
                )
            });
        }
        let buttons: &[_] = match background {
            true => &[
                (Command::RemoveBackground, icon::TRASH),
                (Command::OpenBackground, icon::FOLDER),
            ],
            false => &[(Command::OpenBackground, icon::PLUS)],
        };
        header(
            ui,
            Panel::bottom("background header"),
            "Background reference",
            buttons,
            commands,
        );
        if reference {
            reference_colors(ui, session);
        }
        self.panes.push((Side::Reference, ui.available_rect_before_wrap()));
        CentralPanel::no_frame().show(ui, |ui| match reference {
            true => pane::show(
                ui,
                Side::Reference,
                session,
                &mut self.reference,
                self.gpu.as_mut(),
                None,
                commands,
            ),
            false => welcome::reference(ui, commands),
        });
    }

    /// The pane that files hang over or were let go on; few systems tell where that is.
    pub fn pane_under_files(&self, ui: &Ui) -> Option<Side> {
        let pointer = ui.input(|input| input.pointer.latest_pos())?;
        let pane = self.panes.iter().find(|(_, rect)| rect.contains(pointer));
        pane.map(|(side, _)| *side)
    }

    fn hovering(&self, ui: &Ui, session: &Session) {
        let side = self.pane_under_files(ui);
        let pane = side.unwrap_or(Side::Canvas);
        let Some(rect) = self.panes.iter().find(|(known, _)| *known == pane).map(|(_, rect)| *rect) else {
            return;
        };
        let paths: Vec<PathBuf> = ui.input(|input| {
            let files = input.raw.hovered_files.iter();
            files.map(|file| file.path.clone().unwrap_or_default()).collect()
        });
        if let Some(path) = paths.first() {
            let words = match side {
                None if session.takes_in_many_ways(&paths) => "Drop, and choose what for",
                _ if session.takes_as_layers(pane, &paths) => "Drop to make layers of them",
                _ if session.takes_as_background(pane, path) => "Drop to use as the background reference",
                _ if session.takes_as_reference(pane, path) => "Drop to use as the reference",
                _ => "Drop to open",
            };
            welcome::drop_hint(ui, rect, words);
        }
    }
}

/// The reference's own colours under its picture: a click paints with one.
fn reference_colors(ui: &mut Ui, session: &mut Session) {
    let found = session.reference_colors().clone();
    let sides = [("Figure colour", found.figure), ("Background colour", found.background)];
    let frame = Frame::new()
        .fill(tokens(ui).surface[1])
        .inner_margin(Margin::symmetric(12, 4));
    Panel::bottom("palette").frame(frame).resizable(false).show(ui, |ui| {
        for (name, colors) in sides.iter().filter(|(_, colors)| !colors.is_empty()) {
            if let Some(chosen) = color::swatches(ui, name, colors) {
                session.toolbox.colors.brush = chosen;
            }
        }
    });
}

/// The title of a part of the window, with buttons at its end, the last of them leftmost.
fn header(ui: &mut Ui, panel: Panel, words: &str, buttons: &[(Command, &str)], commands: &mut Vec<Command>) {
    let frame = Frame::new()
        .fill(tokens(ui).surface[1])
        .inner_margin(Margin::symmetric(12, 4));
    panel.frame(frame).resizable(false).exact_size(32.0).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for &(command, glyph) in buttons {
                if command_button(ui, glyph, 16.0, false, command) {
                    commands.push(command);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| title(ui, words));
        });
    });
}
