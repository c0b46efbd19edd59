//! Pictures in one line at the bottom: the active one's neighbours, and what is chosen to be compared.

use egui::{
    Align, Button, Color32, Id, Layout, Rect, Response, RichText, Role as Widget, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, vec2,
};

use super::grid::{describe, picture};
use super::pictures::Pictures;
use crate::command::Command;
use crate::gallery::entry::Entry;
use crate::gallery::light_table::LightTable;
use crate::gallery::selection::MOST_COMPARED;
use crate::ui::theme::{ROW, STEP, icon_font, tokens};
use crate::ui::{hint, icon};

/// Side of what takes a picture out of the tray.
const CROSS: f32 = 18.0;
/// Room at the right of the tray, for what is done with the pictures.
const SIDE: f32 = 120.0;

/// The neighbours of the active picture, for when one picture has all the room.
pub fn neighbors(ui: &mut Ui, table: &mut LightTable, pictures: &mut Pictures) {
    let room = ui.available_rect_before_wrap();
    let count = (room.width() / (room.height() + STEP)) as usize;
    let answer = table.answer();
    let last = answer.entries.len().saturating_sub(count);
    let first = table.place().saturating_sub(count / 2).min(last);
    let mut clicked = None;
    for (index, entry) in answer.entries.iter().skip(first).take(count).enumerate() {
        if thumbnail(ui, table, pictures, entry, place(room, index), describe(entry)).clicked() {
            clicked = Some(entry.path.clone());
        }
    }
    if let Some(path) = clicked {
        let modifiers = ui.input(|input| input.modifiers);
        table.choose(&path, modifiers.command, modifiers.shift);
    }
}

/// The chosen pictures that would be compared, wherever in the grid they lie; whether one of them was gone to.
pub fn tray(ui: &mut Ui, table: &mut LightTable, pictures: &mut Pictures, commands: &mut Vec<Command>) -> bool {
    let count = table.selection_count();
    let mut room = ui.available_rect_before_wrap();
    room.max.x -= SIDE;
    let fits = (room.width() / (room.height() + STEP)) as usize;
    let (mut gone_to, mut taken_out) = (None, None);
    for (index, entry) in table.compared().iter().take(fits).enumerate() {
        let rect = place(room, index);
        let words = format!("Go to {}", describe(entry));
        let response = thumbnail(ui, table, pictures, entry, rect, words);
        if cross(ui, entry, rect) || response.clicked() && ui.input(|input| input.modifiers.command) {
            taken_out = Some(entry.path.clone());
        } else if response.clicked() {
            gone_to = Some(entry.path.clone());
        }
    }
    ui.with_layout(Layout::top_down(Align::Max), |ui| {
        let words = format!("Compare {}", count.min(MOST_COMPARED));
        let button = Button::new(words).min_size(vec2(SIDE - 2.0 * STEP, ROW));
        if ui.add(button).on_hover_text(hint(ui, Command::Compare)).clicked() {
            commands.push(Command::Compare);
        }
        let shown = fits.min(MOST_COMPARED);
        if count > shown {
            let words = format!("{shown} of {count} shown");
            ui.label(RichText::new(words).small().color(tokens(ui).dim));
        }
    });
    if let Some(path) = taken_out {
        table.choose(&path, true, false);
    }
    if let Some(path) = &gone_to {
        table.choose_among(path);
    }
    gone_to.is_some()
}

fn place(room: Rect, index: usize) -> Rect {
    let side = room.height();
    Rect::from_min_size(room.min + vec2(index as f32 * (side + STEP), 0.0), Vec2::splat(side))
}

fn thumbnail(ui: &Ui, table: &LightTable, pictures: &mut Pictures, entry: &Entry, rect: Rect, words: String) -> Response {
    let response = ui.interact(rect, Id::unique(("strip", &entry.path)), Sense::click());
    let active = table.is_active(&entry.path);
    response.widget_info(|| WidgetInfo::selected(Widget::Button, true, active, &words));
    picture(ui, pictures, entry, rect, 1.0);
    if active {
        let stroke = Stroke::new(2.0, tokens(ui).accent);
        ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
    }
    response.on_hover_text(entry.name())
}

/// Whether the picture is taken out. The cross shows where the pointer or the focus is.
fn cross(ui: &Ui, entry: &Entry, picture: Rect) -> bool {
    let rect = Rect::from_min_size(picture.right_top() - vec2(CROSS, 0.0), Vec2::splat(CROSS));
    let words = format!("Take {} out", entry.name());
    let response = ui.interact(rect, Id::unique(("take out", &entry.path)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Widget::Button, true, &words));
    if ui.rect_contains_pointer(picture) || response.has_focus() {
        let painter = ui.painter();
        painter.rect_filled(rect, 2.0, Color32::from_black_alpha(160));
        let color = if response.hovered() || response.has_focus() {
            tokens(ui).accent
        } else {
            Color32::WHITE
        };
        painter.text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            icon::CANCEL,
            icon_font(12.0),
            color,
        );
    }
    response.on_hover_text(words).clicked()
}
