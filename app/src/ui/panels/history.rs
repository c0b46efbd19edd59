//! What was done, from the first to the last: a click goes back or forward to it.

use egui::{Align2, FontId, Role as Widget, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::session::Session;
use crate::ui::theme::{ROW, STEP, tokens};

pub fn show(ui: &mut Ui, session: &mut Session) {
    if session.document().is_none() {
        ui.weak("Nothing is open.");
        return;
    }
    let done = session.history.done().len();
    let labels: Vec<&str> = (session.history.done()).chain(session.history.undone()).collect();
    let mut wanted = None;
    let room = ui.clip_rect().bottom() - ui.cursor().top() - 3.0 * STEP;
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
