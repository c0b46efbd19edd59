//! What was done, from the first to the last: a click goes back or forward to it.

use std::ops::RangeInclusive;

use egui::{Align2, DragValue, FontId, Role as Widget, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::session::Session;
use crate::ui::row;
use crate::ui::theme::{ROW, STEP, tokens};

/// Megabytes that a person may give the history.
const LIMITS: RangeInclusive<usize> = 16..=64_000;

pub fn show(ui: &mut Ui, session: &mut Session) {
    if session.document().is_none() {
        ui.weak("Nothing is open.");
        return;
    }
    let done = session.history.done().len();
    let labels: Vec<&str> = (session.history.done()).chain(session.history.undone()).collect();
    let mut wanted = None;
    let room = ui.clip_rect().bottom() - ui.cursor().top() - 5.0 * STEP - ROW;
    ScrollArea::vertical()
        .id_salt("history")
        .max_height(room.max(4.0 * ROW))
        .stick_to_bottom(true)
        .show_rows(ui, ROW, labels.len() + 1, |ui, rows| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for place in rows {
                let words = match place {
                    0 => "Where the history begins",
                    _ => labels[place - 1],
                };
                if step(ui, place, words, place == done, place > done) {
                    wanted = Some(place);
                }
            }
        });
    if let Some(place) = wanted {
        session.go_to(place);
    }
    ui.add_space(STEP);
    memory(ui, session);
}

/// How much memory the history may take.
fn memory(ui: &mut Ui, session: &mut Session) {
    const MB: usize = 1_000_000;
    let held = session.history.bytes().div_ceil(MB);
    // What is on the way there, by a drag or letter by letter, would cost steps that nobody wants to lose.
    let wanted = ui.scope_id().with("wanted limit");
    let mut limit = ui.data(|data| data.get_temp(wanted)).unwrap_or(session.history_limit() / MB);
    let tip = format!("Memory that the steps may take; what is beyond goes to the disk. They take {held} MB now.");
    // A suffix of the field's own would become its name.
    let value = DragValue::new(&mut limit)
        .range(LIMITS)
        .speed(16)
        .custom_formatter(|value, _| format!("{value:.0} MB"))
        .custom_parser(|text| text.trim_end_matches(['M', 'B', ' ']).parse().ok())
        .update_while_editing(false);
    let field = row(ui, "Memory", &tip, |ui| ui.add(value));
    if field.dragged() {
        ui.data_mut(|data| data.insert_temp(wanted, limit));
    } else if field.changed() || field.drag_stopped() {
        ui.data_mut(|data| data.remove_temp::<usize>(wanted));
        session.limit_history(limit * MB);
    }
}

/// One state of the document; whether it was clicked.
fn step(ui: &mut Ui, place: usize, words: &str, present: bool, undone: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Widget::Button, true, present, format!("Step {place}: {words}")));
    let (colors, visuals) = (tokens(ui), ui.visuals());
    let fill = match (present, response.hovered() || response.has_focus()) {
        (true, _) => Some(visuals.selection.bg_fill),
        (false, true) => Some(visuals.widgets.hovered.weak_bg_fill),
        (false, false) => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    let color = if undone { colors.dim } else { colors.text };
    let font = FontId::proportional(TextStyle::Body.resolve(ui.style()).size);
    let at = pos2(rect.left() + 2.0 * STEP, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, words, font, color);
    response.clicked()
}
