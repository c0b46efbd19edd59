//! The swap board: sketches against references, one take a cell.
//!
//! | file | what is in it |
//! |---|---|
//! | [`tools`] | the strip at the top |
//! | [`cells`] | the grid, and what the pointer does in it |
//! | [`heads`] | references over the columns, sketches beside the rows, the noise in the corner |
//! | [`cell`] | what one cell shows |
//! | [`colors`] | the colour model: parts by name, and what frames keep |
//! | [`stage`] | one frame large: side by side, wiped, subtracted |
//! | [`differences`] | what is subtracted, kept while it is looked at |
//! | [`play`] | rows as frames |
//! | [`lens`] | zoom and pan, locked over all cells or free |
//! | [`textures`] | pictures on the GPU |

mod cell;
mod cells;
mod colors;
mod differences;
mod heads;
mod lens;
mod play;
mod stage;
mod textures;
mod tools;

use std::path::PathBuf;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, Rect, Response, RichText, ScrollArea, Ui, Vec2};

use super::panels::{status, welcome};
use super::theme::{STEP, tokens};
use super::{command_button, hint, icon, tool_bar};
use crate::board::colors::Area;
use crate::board::timing::exposures;
use crate::board::{Layout as BoardLayout, Place};
use crate::command::Command;
use crate::session::{Edge, Notice, Session};

/// How the takes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    Board,
    SideBySide,
    Wipe,
    Difference,
}

/// The board's own state.
pub struct SwapBoard {
    pub show: Show,
    lenses: lens::Lenses,
    textures: textures::Textures,
    differences: differences::Differences,
    player: play::Player,
    /// Width of a cell that a person chose.
    cell_width: Option<f32>,
    /// Whether meters show how colours drift from frame to frame.
    drift: bool,
    /// The colour model shows.
    colors: bool,
    /// Where the part of it was named that clicks add to: its place among the others changes when one of them goes or comes back.
    part: Option<Area>,
    /// The other column shows in the place of the active one.
    flip: bool,
    /// Where the wipe's line stands, 0..=1 of the picture's width.
    split: f32,
    /// The difference is multiplied by this, 1..=32.
    gain: f32,
    /// What is being dragged to another place.
    moving: Option<heads::Move>,
    /// The active cell has changed by a key: it is brought into sight.
    follow: bool,
    /// Where references are dropped.
    heads: Rect,
    now: f64,
}

impl Default for SwapBoard {
    fn default() -> Self {
        Self {
            show: Show::default(),
            lenses: lens::Lenses::default(),
            textures: textures::Textures::default(),
            differences: differences::Differences::default(),
            player: play::Player::default(),
            cell_width: None,
            drift: true,
            colors: false,
            part: None,
            flip: false,
            split: 0.5,
            gain: 4.0,
            moving: None,
            follow: false,
            heads: Rect::NOTHING,
            now: 0.0,
        }
    }
}

impl SwapBoard {
    /// The window that it was drawn in is gone, and so is what was on that one's GPU: it is made anew where it is looked at. The next window has a clock of
    /// its own, so frames that play stop.
    pub fn forget_textures(&mut self, session: &mut Session) {
        if self.player.is_playing() {
            self.stop(session);
        }
        self.textures = textures::Textures::default();
        // One that is being made would wake the window that is gone.
        self.differences = differences::Differences::default();
        self.moving = None;
    }

    /// Whether the frames play.
    pub fn is_playing(&self) -> bool {
        self.player.is_playing()
    }

    /// Screen points per point of a fitted picture.
    pub fn zoom(&self) -> f32 {
        self.lenses.zoom()
    }

    /// Whether a command that means something else in other workspaces can do anything now.
    pub fn allows(&self, command: Command, session: &Session) -> bool {
        match command {
            Command::Undo => session.board.undo_label().is_some(),
            Command::Redo => session.board.redo_label().is_some(),
            Command::Cancel => {
                let works = session.board.is_working() || session.writing().is_some();
                works || self.show != Show::Board || self.player.is_playing()
            }
            _ => session.allows(command),
        }
    }

    /// The commands that concern the view, and those that mean something else in other workspaces.
    pub fn run(&mut self, command: Command, session: &mut Session) {
        if !self.allows(command, session) {
            return;
        }
        let told = |words: &str, label: &str| Some(Notice::info(format!("{words}: {}", label.to_lowercase())));
        match command {
            Command::Undo => session.notice = session.board.undo().and_then(|label| told("Undone", label)),
            Command::Redo => session.notice = session.board.redo().and_then(|label| told("Done again", label)),
            Command::Cancel if self.player.is_playing() => self.stop(session),
            Command::Cancel if self.show != Show::Board => self.show = Show::Board,
            Command::Cancel if session.writing().is_some() => session.cancel_writing(),
            Command::Cancel => session.run(Command::CancelBoard),
            Command::ShowBoard => {
                self.stop(session);
                self.show = Show::Board;
            }
            Command::ShowSideBySide => self.show = Show::SideBySide,
            Command::ShowWipe => self.show = Show::Wipe,
            Command::ShowDifference => self.show = Show::Difference,
            Command::PlayFrames if self.player.is_playing() => self.stop(session),
            Command::PlayFrames => {
                if self.show == Show::Board {
                    self.show = Show::SideBySide;
                }
                self.start(self.now, session);
            }
            Command::LockZoom => self.lenses.toggle(session.board.active()),
            Command::FitCells => self.lenses.fit(),
            Command::ToggleDrift => self.drift = !self.drift,
            Command::ToggleColorModel => self.colors = !self.colors,
            Command::CellRight | Command::CellLeft | Command::CellBelow | Command::CellAbove => self.follow = true,
            _ => {}
        }
    }

    fn exposures(&self, layout: &BoardLayout) -> Vec<u32> {
        let numbers: Vec<_> = layout.rows.iter().map(|row| row.sketch.frame).collect();
        exposures(&numbers, self.player.hold)
    }

    fn start(&mut self, now: f64, session: &Session) {
        let layout = session.board.layout();
        let active = session.board.active().map(|(row, _)| row);
        let row = layout.rows.iter().position(|row| Some(row.id) == active).unwrap_or(0);
        let exposures = self.exposures(layout);
        self.player.start(now, row, &exposures);
    }

    /// Stops on the frame that shows.
    fn stop(&mut self, session: &mut Session) {
        let layout = session.board.layout();
        let row = self.player.row(self.now, &self.exposures(layout));
        let row = row.and_then(|row| layout.rows.get(row)).map(|row| row.id);
        self.player.stop();
        if let (Some(row), Some((_, column))) = (row, session.board.active()) {
            session.board.activate((row, column));
        }
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        self.textures.begin();
        self.now = ui.input(|input| input.time);
        let layout = session.board.layout();
        self.part = self.part.filter(|_| self.part_chosen(layout).is_some());
        let (rows, columns) = (layout.rows.len(), layout.columns.len());
        if rows < 2 {
            self.player.stop();
        }
        self.show = match self.show {
            _ if columns == 0 || rows == 0 => Show::Board,
            // Two are needed to be held against each other.
            Show::Wipe | Show::Difference if columns < 2 => Show::SideBySide,
            shown => shown,
        };
        if !session.board.is_empty() {
            self.around(ui, session, commands);
        }
        let frame = Frame::new().fill(tokens(ui).surround);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            let rect = ui.max_rect();
            self.heads = Rect::from_min_size(rect.min, Vec2::new(rect.width(), heads::SIZE.y + 4.0 * STEP));
            if session.board.is_empty() {
                welcome::board(ui, commands);
            } else if self.show == Show::Board {
                self.cells(ui, session, commands);
                if rows == 0 || columns == 0 {
                    welcome::half_board(ui, rows == 0, commands);
                }
            } else {
                self.stage(ui, session);
            }
            status::notice(ui, session, rect);
            self.drop_hint(ui, session, rect);
        });
    }

    /// Everything around the pictures.
    fn around(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let colors = tokens(ui);
        let base = Frame::new().fill(colors.surface[0]).inner_margin(Margin::symmetric(8, 2));
        Panel::bottom("board status").frame(base).exact_size(28.0).show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                work(ui, session, commands);
                status::writing(ui, session);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let words = RichText::new(state(session)).small().color(colors.dim);
                    ui.add(egui::Label::new(words).truncate());
                });
            });
        });
        let bar = Frame::new().fill(colors.surface[1]).inner_margin(Margin::symmetric(8, 4));
        Panel::top("board bar").frame(bar).exact_size(36.0).show(ui, |ui| {
            tool_bar(ui, |ui| self.tools(ui, session, commands));
        });
        if self.colors {
            let frame = Frame::new().fill(colors.surface[1]).inner_margin(Margin::same(12));
            let panel = Panel::right("board colours").frame(frame).exact_size(256.0).resizable(false);
            panel.show(ui, |ui| {
                ScrollArea::vertical()
                    .auto_shrink(false)
                    .show(ui, |ui| self.color_panel(ui, session, commands));
            });
        }
        if self.show != Show::Board {
            let strip = Panel::bottom("board strip")
                .frame(bar)
                .exact_size(stage::STRIP)
                .resizable(false);
            strip.show(ui, |ui| self.strip(ui, session));
        }
    }

    /// Ctrl and the wheel zoom, a drag moves, all cells at once while they are locked.
    fn navigate(&mut self, ui: &Ui, response: &Response, pane: Rect, place: Place, size: Vec2) {
        let before = self.lenses.of(place);
        let mut lens = before;
        if response.dragged() {
            lens.pan(before.place(size, pane), response.drag_delta());
        }
        if let Some(pointer) = response.hover_pos() {
            let zoom = ui.input(egui::InputState::zoom_delta);
            // Nothing scrolls on the stage: there the wheel alone is enough.
            let wheel = match self.show {
                Show::Board => 1.0,
                _ => ui.input(|input| (input.smooth_scroll_delta().y / 200.0).exp()),
            };
            if zoom * wheel != 1.0 {
                lens.zoom_about(lens.place(size, pane), pane, pointer, zoom * wheel);
            }
        }
        if lens != before {
            self.lenses.set(place, lens);
        }
    }

    /// Which edge files are added to: references on their heads, else sketches, and what is missing where the system does not tell where files hang.
    fn edge(&self, ui: &Ui, session: &Session) -> Edge {
        let layout = session.board.layout();
        match ui.input(|input| input.pointer.latest_pos()) {
            Some(pointer) if self.heads.contains(pointer) => Edge::References,
            None if !layout.rows.is_empty() && layout.columns.is_empty() => Edge::References,
            _ => Edge::Sketches,
        }
    }

    fn drop_hint(&self, ui: &Ui, session: &Session, rect: Rect) {
        if ui.input(|input| input.raw.hovered_files.is_empty()) {
            return;
        }
        let below = Rect::from_min_max(self.heads.left_bottom(), rect.max);
        match self.edge(ui, session) {
            Edge::References => welcome::drop_hint(ui, self.heads, "Drop to add references"),
            Edge::Sketches => welcome::drop_hint(ui, below, "Drop to add sketches; on the upper edge, references"),
        }
    }

    /// The files that were dropped in this frame.
    pub fn dropped(&self, ui: &Ui, session: &Session) -> Option<(Edge, Vec<PathBuf>)> {
        let paths = ui.input(|input| -> Vec<PathBuf> {
            let files = input.raw.dropped_files.iter();
            files.map(|file| file.path().to_owned()).collect()
        });
        (!paths.is_empty()).then(|| (self.edge(ui, session), paths))
    }
}

/// What is being done, how far, how long; and the way to end it.
fn work(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let board = &session.board;
    if !board.is_working() {
        let (done, wanted) = board.progress();
        if done > 0 && done == wanted {
            let button = egui::Button::new(RichText::new("Look through the takes").small());
            if ui.add(button).on_hover_text(hint(ui, Command::ReviewBoard)).clicked() {
                commands.push(Command::ReviewBoard);
            }
        }
        return;
    }
    if command_button(ui, icon::CANCEL, 16.0, false, Command::CancelBoard) {
        commands.push(Command::CancelBoard);
    }
    let (done, wanted) = board.progress();
    let bar = egui::ProgressBar::new(done as f32 / wanted.max(1) as f32)
        .desired_width(120.0)
        .desired_height(STEP)
        .fill(tokens(ui).accent);
    ui.name_inputs("Progress", |ui| ui.add(bar));
    let left = board.remaining().filter(|_| board.is_running());
    let words = format!("{done} of {wanted}{}", status::left(left));
    ui.label(RichText::new(words).small());
    ui.add_space(2.0 * STEP);
}

/// The line at the bottom.
fn state(session: &Session) -> String {
    let board = &session.board;
    let layout = board.layout();
    let count = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let rows = count(layout.rows.len(), "sketch", "sketches");
    let columns = count(layout.columns.len(), "reference", "references");
    let mut words = vec![format!("{rows} × {columns}")];
    if !board.is_working() {
        let (done, wanted) = board.progress();
        words.push(format!("{done} of {wanted} made"));
    }
    let settings = board.settings(&session.settings);
    let own = format!("{:?}, {} steps", settings.mode, settings.steps);
    words.push(
        match std::ptr::eq(settings, &session.settings) || !board.differs_from(&session.settings) {
            true => format!("{own}, as in the studio"),
            false => format!("{own}; the studio has other settings, which Fill the board takes"),
        },
    );
    words.push(session.model().to_owned());
    words.push(session.device().to_owned());
    words.join("  ·  ")
}
