//! The grid itself. Heads stay in sight while the cells scroll; only cells in sight are drawn.

use std::time::{Duration, Instant};

use egui::scroll_area::ScrollSource;
use egui::{
    DragAndDrop, Id, Pos2, Rect, Role as Widget, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::heads::{self, GAP, Head, Line, Move, SIZE};
use super::lens::size_of;
use super::{SwapBoard, cell};
use crate::board::layout::{Column, Layout, Row};
use crate::board::regions::Drift;
use crate::board::{Board, Place, State};
use crate::command::Command;
use crate::session::{Edge, Session};
use crate::ui::theme::{STEP, tokens};
use crate::ui::{fitted, frame_aspect};

/// Width of a cell, in points.
pub const WIDTHS: std::ops::RangeInclusive<f32> = 72.0..=480.0;
/// Width of the line around the active cell.
const OUTLINE: f32 = GAP - 1.0;
/// How long drifts are measured in a frame: those of a large board take as long as many.
const MEASURING: Duration = Duration::from_millis(4);
/// A smaller cell shows itself larger while the pointer rests on it.
const ENLARGED: f32 = 320.0;
const CELL_COMMANDS: [Command; 6] = [
    Command::OpenCell,
    Command::ChooseReference,
    Command::UseReference,
    Command::RunCellAgain,
    Command::CancelCell,
    Command::CancelRow,
];

/// Where things lie in the room for the board.
struct Plan {
    /// Where columns' and rows' heads meet.
    corner: Rect,
    body: Rect,
    cell: Vec2,
    offset: Vec2,
}

impl Plan {
    fn pitch(&self) -> Vec2 {
        self.cell + Vec2::splat(GAP)
    }

    /// A cell, from the top left corner of all.
    fn cell(&self, row: usize, column: usize) -> Rect {
        Rect::from_min_size((vec2(column as f32, row as f32) * self.pitch()).to_pos2(), self.cell)
    }

    fn on_screen(&self, at: Pos2) -> Pos2 {
        self.body.min + at.to_vec2() - self.offset
    }

    /// Where the heads of an edge lie.
    fn strip(&self, edge: Edge) -> Rect {
        let beyond = self.body.min - Vec2::splat(GAP);
        match edge {
            Edge::References => Rect::from_min_max(pos2(self.body.left(), beyond.y - SIZE.y), self.body.right_top()),
            Edge::Sketches => Rect::from_min_max(pos2(beyond.x - SIZE.x, self.body.top()), self.body.left_bottom()),
        }
    }

    fn head(&self, edge: Edge, at: usize) -> Rect {
        let strip = self.strip(edge);
        match edge {
            Edge::References => {
                let left = self.on_screen(self.cell(0, at).min).x;
                Rect::from_min_size(pos2(left, strip.top()), vec2(self.cell.x, SIZE.y))
            }
            Edge::Sketches => {
                let top = self.on_screen(self.cell(at, 0).min).y;
                Rect::from_min_size(pos2(strip.left(), top), vec2(SIZE.x, self.cell.y))
            }
        }
    }
}

impl SwapBoard {
    /// Shows the grid in all the room there is.
    pub(super) fn cells(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        let room = ui.available_rect_before_wrap().shrink(2.0 * STEP);
        let layout = session.board.layout().clone();
        let body = Rect::from_min_max(room.min + SIZE + Vec2::splat(GAP), room.max);
        let mut plan = Plan {
            corner: Rect::from_min_size(room.min, SIZE),
            body,
            cell: self.cell_size(&layout, body.width()),
            offset: Vec2::ZERO,
        };
        plan.offset = self.body(ui, &plan, &layout, session, commands);
        if !DragAndDrop::has_payload_of_type::<Line>(ui.ctx()) {
            // Escape calls a move off.
            self.moving = None;
        }
        match self.moving {
            Some(way) => heads::bin(ui, plan.corner, way.to.is_none()),
            None => heads::corner(ui, plan.corner, session, commands),
        }
        for edge in [Edge::References, Edge::Sketches] {
            self.heads_along(ui, edge, &plan, &layout, session, commands);
        }
        if ui.input(|input| input.pointer.any_released()) {
            self.let_go(&mut session.board);
        }
    }

    /// In the proportions of the first sketch; as wide as lets all columns be seen, unless a person chose a width.
    fn cell_size(&self, layout: &Layout, room: f32) -> Vec2 {
        let first = layout.rows.first().map_or(Vec2::splat(1.0), |row| size_of(&row.sketch.small));
        let aspect = frame_aspect(first);
        let count = layout.columns.len().max(3) as f32;
        let scroll = 12.0;
        let fitting = ((room - scroll - SIZE.x) / count - GAP).clamp(112.0, 300.0);
        let width = self.cell_width.unwrap_or(fitting).clamp(*WIDTHS.start(), *WIDTHS.end());
        vec2(width, width / aspect).round()
    }

    /// Shows the cells; how far they are scrolled.
    fn body(&mut self, ui: &mut Ui, plan: &Plan, layout: &Layout, session: &mut Session, commands: &mut Vec<Command>) -> Vec2 {
        session.board.focus.hovered = None;
        session.board.focus.visible.clear();
        let follow = std::mem::take(&mut self.follow);
        ui.scope_builder(UiBuilder::new().max_rect(plan.body), |ui| {
            let area = ScrollArea::both()
                .id_salt("board cells")
                .auto_shrink(false)
                .scroll_source(ScrollSource::SCROLL_BAR | ScrollSource::MOUSE_WHEEL);
            let output = area.show_viewport(ui, |ui, viewport| {
                let origin = ui.max_rect().min;
                let count = vec2(layout.columns.len() as f32, layout.rows.len() as f32);
                // Room for what adds a column, and a row.
                ui.allocate_space(count * plan.pitch() + SIZE);
                let until = Instant::now() + MEASURING;
                let columns = layout.columns.iter().filter(|_| self.drift);
                let drifts: Vec<_> = columns.map(|column| session.board.drifts(column.id, until)).collect();
                if drifts.iter().any(Option::is_none) {
                    ui.ctx().request_repaint();
                }
                for (down, row) in layout.rows.iter().enumerate() {
                    for (across, column) in layout.columns.iter().enumerate() {
                        let place = (row.id, column.id);
                        let rect = plan.cell(down, across);
                        let screen = rect.translate(origin.to_vec2());
                        if follow && session.board.active() == Some(place) {
                            ui.scroll_to_rect(screen.expand(GAP), None);
                        }
                        if !viewport.intersects(rect) {
                            continue;
                        }
                        session.board.focus.visible.push(place);
                        let drift = drifts.get(across).and_then(|column| column.as_ref()?.get(down));
                        let drift = drift.and_then(|(drift, outlier)| Some(((*drift)?, *outlier)));
                        self.cell(ui, screen, (row, column), drift, session, commands);
                    }
                }
            });
            output.state.clamped_offset()
        })
        .inner
    }

    /// `drift`: how far its colours are from those of the row before, and whether that stands out.
    fn cell(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        (row, column): (&Row, &Column),
        drift: Option<(Drift, bool)>,
        session: &mut Session,
        commands: &mut Vec<Command>,
    ) {
        let place = (row.id, column.id);
        let shown = self.flipped(session, place);
        let state = session.board.state(shown);
        let response = ui.interact(rect, Id::unique(("cell", row.id, column.id)), Sense::click_and_drag());
        let active = session.board.active() == Some(place);
        let drift_words = drift.map(|(drift, outlier)| cell::drift_words(&drift, outlier));
        let name = format!(
            "Cell {} × {}, {}{}",
            row.sketch.name,
            column.reference.name,
            cell::words(&state),
            drift_words.iter().map(|words| format!(", {words}")).collect::<String>(),
        );
        response.widget_info(|| WidgetInfo::selected(Widget::Button, true, active, &name));
        self.navigate(ui, &response, rect, place, size_of(&row.sketch.small));
        let lens = self.lenses.of(place);
        cell::paint(ui, &mut self.textures, rect, &state, &row.sketch, lens, false);
        let colors = tokens(ui);
        let chosen = session.board.layout().chosen;
        if chosen.is_some_and(|chosen| chosen != column.id) {
            ui.painter().rect_filled(rect, 0.0, colors.surround.gamma_multiply(0.6));
        }
        let line = match (response.has_focus(), response.hovered()) {
            (true, _) => colors.accent,
            (false, true) => colors.text,
            (false, false) => colors.line(),
        };
        ui.painter()
            .rect_stroke(rect, 0.0, Stroke::new(1.0, line), StrokeKind::Inside);
        if active {
            // In the gap around the picture, where no colour of it can hide the line; at the edge of what scrolls, too.
            let mut painter = ui.painter().clone();
            painter.set_clip_rect(ui.clip_rect().expand(OUTLINE));
            painter.rect_stroke(rect, 0.0, Stroke::new(1.0, colors.surface[0]), StrokeKind::Inside);
            painter.rect_stroke(rect, 2.0, Stroke::new(OUTLINE, colors.accent), StrokeKind::Outside);
        }
        if let Some((drift, outlier)) = drift {
            cell::meter(ui, rect, &drift, outlier);
        }
        if response.hovered() {
            session.board.focus.hovered = Some(place);
        }
        if response.clicked() || response.secondary_clicked() {
            session.board.activate(place);
        }
        if response.double_clicked() {
            commands.push(Command::ShowSideBySide);
        }
        response.context_menu(|ui| heads::entries(ui, &CELL_COMMANDS, session, commands));
        if rect.width() < ENLARGED * 0.75
            && let State::Done(take) | State::Stale(take, _) = &state
        {
            response.on_hover_ui(|ui| {
                let size = size_of(&row.sketch.small);
                let size = size * (ENLARGED / size.max_elem());
                let (large, _) = ui.allocate_exact_size(size, Sense::hover());
                let place = fitted(size, large);
                cell::picture(
                    ui,
                    &mut self.textures,
                    ui.painter(),
                    &take.shown.get(),
                    place,
                    egui::Color32::WHITE,
                );
                ui.weak(format!("{} × {}", row.sketch.name, column.reference.name));
                if let Some(words) = drift_words {
                    ui.weak(words);
                }
            });
        } else if let Some(words) = drift_words {
            response.on_hover_text(words);
        }
    }

    /// The heads of an edge, and what adds to it behind the last.
    fn heads_along(
        &mut self,
        ui: &mut Ui,
        edge: Edge,
        plan: &Plan,
        layout: &Layout,
        session: &mut Session,
        commands: &mut Vec<Command>,
    ) {
        let strip = plan.strip(edge);
        let (count, axis) = match edge {
            Edge::References => (layout.columns.len(), 0),
            Edge::Sketches => (layout.rows.len(), 1),
        };
        let active = session.board.active();
        ui.scope_builder(UiBuilder::new().max_rect(strip), |ui| {
            ui.shrink_clip_rect(strip.expand(1.0));
            for at in 0..count {
                let rect = plan.head(edge, at);
                if !strip.intersects(rect) {
                    continue;
                }
                // The cell of the head that a click makes the active one.
                let own = active.map(|(row, column)| match edge {
                    Edge::References => (row, layout.columns[at].id),
                    Edge::Sketches => (layout.rows[at].id, column),
                });
                let is_active = own.is_some() && own == active;
                let head = Head {
                    rect,
                    active: is_active,
                    session,
                };
                let mut wanted = Vec::new();
                let (what, response) = match edge {
                    Edge::References => {
                        let column = &layout.columns[at];
                        let response = heads::column(ui, &mut self.textures, &head, column, &mut wanted);
                        (Line::Column(column.id), response)
                    }
                    Edge::Sketches => {
                        let row = &layout.rows[at];
                        let response = heads::row(ui, &mut self.textures, &head, row, &mut wanted);
                        (Line::Row(row.id), response)
                    }
                };
                response.context_menu(|ui| heads::entries(ui, heads::commands(edge), session, &mut wanted));
                if let Some(own) = own
                    && (response.clicked() || response.secondary_clicked() || !wanted.is_empty())
                    && !is_active
                {
                    session.board.activate(own);
                }
                commands.append(&mut wanted);
                response.dnd_set_drag_payload(what);
                if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
                    let (start, pitch) = (plan.head(edge, 0).min[axis], plan.pitch()[axis]);
                    let to = heads::target(pointer[axis], start, pitch, count);
                    let to = Some(to).filter(|_| !plan.corner.contains(pointer));
                    self.moving = Some(Move { what, to });
                    if let Some(to) = to {
                        let mut ends = [strip.min, strip.max];
                        ends.iter_mut()
                            .for_each(|end| end[axis] = start + to as f32 * pitch - GAP / 2.0);
                        heads::drop_line(ui, ends);
                    }
                }
            }
            let (words, command, size) = match edge {
                Edge::References => (
                    "Add references",
                    Command::AddReferences,
                    vec2(plan.cell.x.min(SIZE.x), SIZE.y),
                ),
                Edge::Sketches => (
                    "Add sketches",
                    Command::AddSketches,
                    vec2(SIZE.x, plan.cell.y.min(SIZE.y * 0.5)),
                ),
            };
            let rect = Rect::from_min_size(plan.head(edge, count).min, size);
            if strip.intersects(rect) {
                heads::adder(ui, rect, words, command, commands);
            }
        });
    }

    /// A head that was dragged goes where it is let go.
    fn let_go(&mut self, board: &mut Board) {
        let Some(Move { what, to }) = self.moving.take() else { return };
        match (what, to) {
            (Line::Row(row), Some(to)) => board.move_row(row, to),
            (Line::Column(column), Some(to)) => board.move_column(column, to),
            (Line::Row(row), None) => board.remove_row(row),
            (Line::Column(column), None) => board.remove_column(column),
        }
    }

    /// The cell whose take a place shows: that of the other column while the two are flipped.
    pub(super) fn flipped(&self, session: &Session, (row, column): Place) -> Place {
        let board = &session.board;
        let is_active = board.active().is_some_and(|(_, active)| active == column);
        match board.against().filter(|_| self.flip && is_active) {
            Some(other) => (row, other),
            None => (row, column),
        }
    }
}
