//! One frame large: all references side by side, or two of them wiped or subtracted in one place; the frames as a strip below.

use egui::{Align2, Color32, FontId, Id, Rect, Role as Widget, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::lens::size_of;
use super::{Show, SwapBoard, cell};
use crate::board::card::SHOWN;
use crate::board::layout::{Column, Layout, Row};
use crate::board::{ColumnId, Place};
use crate::session::{Notice, Session};
use crate::ui::gallery_view::panes::{panes, wipe_line};
use crate::ui::theme::{STEP, semibold, tokens};

/// Columns that stand side by side at the most.
const MOST: usize = 9;
/// Height of the strip of frames.
pub const STRIP: f32 = 76.0;
/// Height of a caption.
const CAPTION: f32 = 24.0;
impl SwapBoard {
    /// Shows the frame in all the room there is.
    pub(super) fn stage(&mut self, ui: &mut Ui, session: &mut Session) {
        let room = ui.available_rect_before_wrap();
        let layout = session.board.layout().clone();
        let Some(row) = self.row_shown(ui, session, &layout).cloned() else {
            return;
        };
        let Some((_, active)) = session.board.active() else { return };
        let against = session.board.against();
        let pair = against.and_then(|against| Some((layout.column(active)?, layout.column(against)?)));
        session.board.focus.visible = layout.columns.iter().map(|column| (row.id, column.id)).collect();
        match (self.show, pair) {
            (Show::Wipe, Some((one, two))) => self.wipe(ui, session, room, &row, one, two),
            (Show::Difference, Some((one, two))) => self.subtract(ui, session, room, &row, one, two),
            _ => self.side_by_side(ui, session, room, &row, &layout, active),
        }
    }

    fn side_by_side(&mut self, ui: &mut Ui, session: &mut Session, room: Rect, row: &Row, layout: &Layout, active: ColumnId) {
        let at = layout.columns.iter().position(|column| column.id == active).unwrap_or(0);
        let first = at.saturating_sub(MOST / 2).min(layout.columns.len().saturating_sub(MOST));
        let columns: Vec<&Column> = layout.columns.iter().skip(first).take(MOST).collect();
        for (pane, column) in panes(room, columns.len()).into_iter().zip(columns) {
            let place = (row.id, column.id);
            let picture = Rect::from_min_max(pane.min, pane.max - vec2(0.0, CAPTION));
            let shown = self.flipped(session, place);
            let response = self.pane(
                ui,
                picture,
                row,
                place,
                &format!("Picture {} × {}", row.sketch.name, column.reference.name),
            );
            if response.clicked() {
                session.board.activate(place);
                if self.colors && layout.chosen == Some(column.id) {
                    self.name_part(session, &response, picture, row, place);
                }
            }
            let state = session.board.state(shown);
            let (lens, hasty) = (self.lenses.of(place), self.player.is_playing());
            cell::paint(ui, &mut self.textures, picture, &state, &row.sketch, lens, hasty);
            let mut words = column.reference.name.clone();
            if shown != place
                && let Some(other) = layout.column(shown.1)
            {
                words = format!("{} in its place", other.reference.name);
            }
            if layout.chosen == Some(column.id) {
                words += "  ·  chosen";
            }
            caption(ui, pane, &words, column.id == active);
        }
    }

    /// A click on the chosen reference's picture takes the part there into the colour model, or adds it to the part that is selected.
    fn name_part(&self, session: &mut Session, response: &egui::Response, picture: Rect, row: &Row, place: Place) {
        let Some(pointer) = response.interact_pointer_pos() else {
            return;
        };
        let shown = self.lenses.of(place).place(size_of(&row.sketch.small), picture);
        let at = (pointer - shown.min) / shown.size();
        let board = &mut session.board;
        let known = match self.part_chosen(board.layout()) {
            Some(part) => board.add_to_part(part, row.id, [at.x, at.y]),
            None => board.name_part(row.id, [at.x, at.y]),
        };
        if !known {
            let words = "No closed part of the drawing is here that has no name yet.";
            session.notice = Some(Notice::info(words));
        }
    }

    fn wipe(&mut self, ui: &mut Ui, session: &Session, room: Rect, row: &Row, one: &Column, two: &Column) {
        let picture = Rect::from_min_max(room.min, room.max - vec2(0.0, CAPTION));
        let place = (row.id, one.id);
        let names = format!("{}  |  {}", one.reference.name, two.reference.name);
        self.pane(ui, picture, row, place, &format!("Wipe {names}"));
        let takes = [one, two].map(|column| session.board.state((row.id, column.id)));
        let shown = self.lenses.of(place).place(size_of(&row.sketch.small), picture);
        let line = (shown.left() + self.split * shown.width()).clamp(picture.left(), picture.right());
        let halves = [
            picture.intersect(Rect::everything_left_of(line)),
            picture.intersect(Rect::everything_right_of(line)),
        ];
        for (half, state) in halves.into_iter().zip(&takes) {
            let before = ui.clip_rect();
            ui.shrink_clip_rect(half);
            let (lens, hasty) = (self.lenses.of(place), self.player.is_playing());
            cell::paint(ui, &mut self.textures, picture, state, &row.sketch, lens, hasty);
            ui.set_clip_rect(before);
        }
        wipe_line(ui, Id::unique("board wipe"), picture, shown, line, &mut self.split);
        caption(ui, room, &names, true);
    }

    fn subtract(&mut self, ui: &mut Ui, session: &Session, room: Rect, row: &Row, one: &Column, two: &Column) {
        let picture = Rect::from_min_max(room.min, room.max - vec2(0.0, CAPTION));
        let place = (row.id, one.id);
        let names = format!("{} minus {}", one.reference.name, two.reference.name);
        self.pane(ui, picture, row, place, &format!("Difference {names}"));
        let takes = [one, two].map(|column| session.board.take((row.id, column.id)));
        if let [Some(a), Some(b)] = takes {
            let shown = self.lenses.of(place).place(size_of(&row.sketch.small), picture);
            let side = shown.size().max_elem() * ui.pixels_per_point();
            let painter = ui.painter_at(picture);
            painter.rect_filled(picture, 0.0, tokens(ui).surround);
            // Both are asked for; the small ones would differ by what making them small did.
            let near = a.shown.near().zip(b.shown.near());
            let close = !self.player.is_playing() && side > SHOWN as f32;
            let whole = match [a, b].map(|take| close.then(|| take.picture(side))) {
                [Some((a, true)), Some((b, true))] => Some((a, b)),
                _ => None,
            };
            let mut of = |(a, b)| self.differences.of(ui.ctx(), [a, b], self.gain);
            if let Some(made) = whole.and_then(&mut of).or_else(|| near.and_then(&mut of)) {
                cell::picture(ui, &mut self.textures, &painter, &made, shown, Color32::WHITE);
            }
            caption(ui, room, &format!("{names}; black is the same"), true);
        } else {
            let missing = [one, two].map(|column| session.board.state((row.id, column.id)));
            let state = &missing[usize::from(takes[0].is_some())];
            let lens = self.lenses.of(place);
            cell::paint(ui, &mut self.textures, picture, state, &row.sketch, lens, true);
            caption(ui, room, &format!("{names}: both cells must be made for this"), true);
        }
    }

    /// A pane that zooms and pans like a cell.
    fn pane(&mut self, ui: &Ui, rect: Rect, row: &Row, place: Place, name: &str) -> egui::Response {
        let response = ui.interact(rect, Id::unique(("board pane", place)), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Widget::Image, true, name));
        self.navigate(ui, &response, rect, place, size_of(&row.sketch.small));
        response
    }

    /// The frames in a line; a click shows one.
    pub(super) fn strip(&mut self, ui: &mut Ui, session: &mut Session) {
        let layout = session.board.layout().clone();
        let Some((active, column)) = session.board.active() else {
            return;
        };
        let shown = self.row_shown(ui, session, &layout).map_or(active, |row| row.id);
        let at = layout.rows.iter().position(|row| row.id == shown).unwrap_or(0);
        let room = ui.available_rect_before_wrap();
        let width = room.height() * 1.2;
        let count = ((room.width() / (width + STEP)) as usize).max(1);
        let first = at.saturating_sub(count / 2).min(layout.rows.len().saturating_sub(count));
        for (index, row) in layout.rows.iter().skip(first).take(count).enumerate() {
            let left = room.left() + index as f32 * (width + STEP);
            let rect = Rect::from_min_size(pos2(left, room.top()), vec2(width, room.height()));
            let response = ui.interact(rect, Id::unique(("frame", row.id)), Sense::click());
            let is_shown = row.id == shown;
            response.widget_info(|| WidgetInfo::selected(Widget::Button, true, is_shown, format!("Frame {}", row.sketch.name)));
            let take = session.board.take((row.id, column)).map(|take| take.shown.small().clone());
            let picture = take.unwrap_or_else(|| row.sketch.small.clone());
            let colors = tokens(ui);
            let painter = ui.painter_at(rect);
            painter.rect_filled(rect, 2.0, colors.surround);
            cell::thumbnail(ui, &mut self.textures, &painter, &picture, rect.shrink(2.0));
            if is_shown || response.hovered() || response.has_focus() {
                let color = if is_shown { colors.accent } else { colors.text };
                painter.rect_stroke(rect, 2.0, Stroke::new(2.0, color), StrokeKind::Inside);
            }
            if response.on_hover_text(&row.sketch.name).clicked() {
                self.player.stop();
                session.board.activate((row.id, column));
            }
        }
    }

    /// The row of the active cell, or the one whose turn it is while the frames play.
    fn row_shown<'a>(&self, ui: &Ui, session: &Session, layout: &'a Layout) -> Option<&'a Row> {
        let now = ui.input(|input| input.time);
        if let Some(at) = self.player.row(now, &self.exposures(layout)) {
            if let Some(next) = self.player.next_in(now) {
                ui.ctx().request_repaint_after(next);
            }
            return layout.rows.get(at);
        }
        layout.row(session.board.active()?.0)
    }
}

fn caption(ui: &Ui, pane: Rect, words: &str, active: bool) {
    let colors = tokens(ui);
    let strip = Rect::from_min_max(pos2(pane.left(), pane.bottom() - CAPTION), pane.max);
    let painter = ui.painter_at(pane);
    painter.rect_filled(strip, 0.0, colors.surface[1]);
    let font = if active { semibold(11.0) } else { FontId::proportional(11.0) };
    let color = if active { colors.text } else { colors.dim };
    painter.text(
        strip.left_center() + Vec2::new(2.0 * STEP, 0.0),
        Align2::LEFT_CENTER,
        words,
        font,
        color,
    );
}
