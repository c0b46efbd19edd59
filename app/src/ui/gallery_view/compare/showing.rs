//! How pictures are drawn in the loupe and against each other.

use std::sync::Arc;
use std::time::Duration;

use egui::{Align2, Color32, FontId, Id, Painter, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{Compare, How, entries};
use crate::canvas::view::{Placement, View};
use crate::gallery::decoding::Form;
use crate::gallery::entry::Entry;
use crate::gallery::light_table::{LightTable, Magnification};
use crate::ui::gallery_view::grid;
use crate::ui::gallery_view::panes::{draw, navigate, panes, wipe_line};
use crate::ui::gallery_view::pictures::{Picture, Pictures};
use crate::ui::theme::{STEP, tokens};

impl Compare {
    /// Shows the loupe, or what is compared, in all the room there is.
    pub fn show(&mut self, ui: &mut Ui, table: &mut LightTable, pictures: &mut Pictures) {
        let room = ui.available_rect_before_wrap();
        let entries = entries(table);
        let Some(first) = entries.first().cloned() else {
            ui.painter().text(
                room.center(),
                Align2::CENTER_CENTER,
                "Nothing shows: remove a filter",
                FontId::proportional(13.0),
                tokens(ui).dim,
            );
            return;
        };
        let survey = table.magnification == Magnification::Survey;
        let how = match table.magnification {
            Magnification::Compare if entries.len() > 1 => self.how,
            _ => How::SideBySide,
        };
        let size = first.facts.as_ref().map_or([1, 1], |facts| facts.size);
        let panes = match how {
            How::SideBySide => panes(room, entries.len()),
            _ => vec![room],
        };
        let mut pointed = None;
        for (pane, entry) in panes.into_iter().zip(&entries) {
            let own = entry.facts.as_ref().map_or([1, 1], |facts| facts.size);
            let mut alone = View::default();
            let (view, size) = if survey { (&mut alone, own) } else { (&mut self.view, size) };
            let (response, placement) = navigate(ui, view, pane, size, &entry.path, &format!("Picture {}", entry.name()));
            match how {
                How::SideBySide => self.side(ui, table, pictures, entry, pane, placement.rect(size)),
                _ => self.stacked(ui, how, table, pictures, &entries, pane, placement, size),
            }
            if response.clicked() && entries.len() > 1 {
                table.choose_among(&entry.path);
            }
            if let Some(pointer) = response.hover_pos() {
                pointed = Some(placement.to_picture(pointer));
            }
        }
        self.pointed = pointed;
        // Stepping on shows the next one at once.
        for step in [1, -1] {
            let next = table.place().checked_add_signed(step);
            let next = next.and_then(|place| table.answer().entries.get(place));
            if let Some(entry) = next.filter(|entry| entry.facts.is_ok() && table.magnification == Magnification::Loupe) {
                pictures.get(entry, Form::Whole(self.look));
            }
        }
        if !survey {
            self.colors(ui, pictures, &entries, room, size);
        }
    }

    fn side(&self, ui: &Ui, table: &LightTable, pictures: &mut Pictures, entry: &Entry, pane: Rect, place: Rect) {
        draw(ui, pictures, entry, pane, place, 1.0, self.look);
        let colors = tokens(ui);
        let painter = ui.painter_at(pane);
        let caption = Rect::from_min_max(pos2(pane.left(), pane.bottom() - 24.0), pane.max);
        painter.rect_filled(caption, 0.0, colors.surface[0].gamma_multiply(0.85));
        let name = painter.text(
            caption.left_center() + vec2(2.0 * STEP, 0.0),
            Align2::LEFT_CENTER,
            self.caption(entry),
            FontId::proportional(11.0),
            colors.text,
        );
        if let Some(marks) = entry.marks() {
            let line = Rect::from_min_max(
                pos2(name.right() + 3.0 * STEP, caption.top()),
                caption.max - vec2(2.0 * STEP, 0.0),
            );
            grid::marks(ui, marks, line);
        }
        if table.is_active(&entry.path) && table.magnification != Magnification::Loupe {
            painter.rect_stroke(pane, 0.0, Stroke::new(2.0, colors.accent), StrokeKind::Inside);
        }
    }

    /// All pictures in one place; of those that are held against each other, the first and the active one, or the second.
    fn stacked(
        &mut self,
        ui: &mut Ui,
        how: How,
        table: &LightTable,
        pictures: &mut Pictures,
        entries: &[Arc<Entry>],
        pane: Rect,
        placement: Placement,
        size: [u32; 2],
    ) {
        let place = placement.rect(size);
        let active = entries.iter().skip(1).find(|entry| table.is_active(&entry.path));
        let (first, second) = (&entries[0], active.unwrap_or(&entries[1]));
        let look = self.look;
        let names = format!("{}  |  {}", self.caption(first), self.caption(second));
        let caption = match how {
            How::Wipe => {
                let line = place.left() + self.split * place.width();
                let left = pane.intersect(Rect::everything_left_of(line));
                let right = pane.intersect(Rect::everything_right_of(line));
                draw(ui, pictures, first, left, place, 1.0, look);
                draw(ui, pictures, second, right, place, 1.0, look);
                wipe_line(ui, Id::unique("wipe"), pane, place, line, &mut self.split);
                names
            }
            How::Onion => {
                draw(ui, pictures, first, pane, place, 1.0, look);
                draw(ui, pictures, second, pane, place, self.mix, look);
                names
            }
            How::Difference => {
                let form = Form::Difference(second.path.clone(), second.stamp, look);
                match pictures.get(first, form) {
                    Some(Ok(picture)) => subtracted(&ui.painter_at(pane), picture, place, self.gain),
                    Some(Err(reason)) => grid::broken(ui, pane, &format!("The difference cannot be shown: {reason}")),
                    None => {}
                }
                names
            }
            How::SideBySide | How::Flicker => {
                let time = ui.input(|input| input.time);
                let entry = &entries[(time / f64::from(self.pace)) as usize % entries.len()];
                draw(ui, pictures, entry, pane, place, 1.0, look);
                // Decoded before their turn comes.
                for entry in entries.iter().filter(|entry| entry.facts.is_ok()) {
                    pictures.get(entry, Form::Whole(look));
                }
                ui.ctx().request_repaint_after(Duration::from_secs_f32(self.pace / 2.0));
                self.caption(entry)
            }
        };
        let colors = tokens(ui);
        let strip = Rect::from_min_max(pos2(pane.left(), pane.bottom() - 24.0), pane.max);
        let painter = ui.painter_at(pane);
        painter.rect_filled(strip, 0.0, colors.surface[0].gamma_multiply(0.85));
        painter.text(
            strip.left_center() + vec2(2.0 * STEP, 0.0),
            Align2::LEFT_CENTER,
            caption,
            FontId::proportional(11.0),
            colors.text,
        );
    }
}

/// How far two pictures are apart, `gain` times: light on light adds up, so a gain of 4 is the picture four times over itself.
fn subtracted(painter: &Painter, picture: &Picture, place: Rect, gain: f32) {
    painter.rect_filled(place, 0.0, Color32::BLACK);
    let mut left = gain;
    while left > 0.0 {
        let share = (left.min(1.0) * 255.0) as u8;
        picture.paint(painter, place, Color32::from_rgba_premultiplied(share, share, share, 0));
        left -= 1.0;
    }
}
