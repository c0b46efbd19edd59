//! Pictures in panes: how the room is shared out, how a picture is moved about in its pane, how it is drawn.

use egui::{Color32, CursorIcon, Id, PointerButton, Rect, Response, Role as Widget, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::grid;
use super::pictures::Pictures;
use crate::canvas::view::{Placement, View};
use crate::gallery::decoding::Form;
use crate::gallery::entry::Entry;
use crate::gallery::look::Look;
use crate::ui::fitted;
use crate::ui::theme::tokens;

/// Lets a picture of `size` be zoomed by wheel and pinch and moved by drags in its pane, which screen readers call `name`.
pub fn navigate(
    ui: &mut Ui,
    view: &mut View,
    pane: Rect,
    size: [u32; 2],
    id: impl std::hash::Hash + std::fmt::Debug,
    name: &str,
) -> (Response, Placement) {
    let response = ui.interact(pane, Id::unique(("pane", id)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Widget::Image, true, name));
    let scale = ui.pixels_per_point();
    let before = view.place(size, pane, scale);
    if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle) {
        view.pan(before, response.drag_delta());
    }
    if let Some(pointer) = response.hover_pos() {
        let factor = ui.input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y / 200.0).exp());
        if factor != 1.0 {
            view.zoom_about(before, pointer, factor);
        }
    }
    if response.double_clicked() {
        match view.zoom() == 1.0 {
            true => view.fit(),
            false => view.set_zoom(1.0),
        }
    }
    (response, view.place(size, pane, scale))
}

/// Panes for `count` pictures, as square as may be.
pub fn panes(room: Rect, count: usize) -> Vec<Rect> {
    let columns = (1..=count)
        .max_by(|a, b| {
            let side = |columns: usize| (room.width() / columns as f32).min(room.height() / count.div_ceil(columns) as f32);
            // The fewest columns of those that are equally good.
            side(*a).total_cmp(&side(*b)).then(b.cmp(a))
        })
        .unwrap_or(1);
    let rows = count.div_ceil(columns);
    let size = vec2(room.width() / columns as f32, room.height() / rows as f32);
    let at = |index: usize| room.min + vec2((index % columns) as f32, (index / columns) as f32) * size;
    (0..count)
        .map(|index| Rect::from_min_size(at(index), size).shrink(1.0))
        .collect()
}

/// The line between two pictures that lie in one `place` of a pane, at the horizontal position `line`; a drag sets its share `split` of the place.
pub fn wipe_line(ui: &mut Ui, id: Id, pane: Rect, place: Rect, line: f32, split: &mut f32) {
    let grip = Rect::from_x_y_ranges(line - 6.0..=line + 6.0, pane.y_range());
    let response = ui
        .interact(grip, id, Sense::drag())
        .on_hover_cursor(CursorIcon::ResizeHorizontal);
    response.widget_info(|| WidgetInfo::slider(true, f64::from(*split), "Wipe line"));
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        *split = ((pointer.x - place.left()) / place.width().max(1.0)).clamp(0.0, 1.0);
    }
    let accent = tokens(ui).accent;
    ui.painter_at(pane).vline(line, pane.y_range(), Stroke::new(2.0, accent));
}

/// The picture as it is looked at, its thumbnail while the whole of it is being decoded, or why there is none.
pub fn draw(ui: &Ui, pictures: &mut Pictures, entry: &Entry, pane: Rect, place: Rect, opacity: f32, look: Look) {
    if let Err(reason) = &entry.facts {
        grid::broken(ui, pane, &format!("Broken: {reason}"));
        return;
    }
    let whole = pictures.get(entry, Form::Whole(look)).cloned();
    let shown = whole.or_else(|| {
        let thumbnail = pictures.get(entry, Form::Thumbnail);
        thumbnail.filter(|_| look == Look::default()).cloned()
    });
    match shown {
        Some(Ok(picture)) => {
            // A picture of other proportions is not stretched.
            let place = fitted(picture.size, place);
            picture.paint(&ui.painter_at(pane), place, Color32::WHITE.gamma_multiply(opacity));
        }
        Some(Err(reason)) => grid::broken(ui, pane, &format!("{} cannot be shown: {reason}", look.words())),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn panes_are_as_square_as_may_be_and_do_not_overlap() {
        let room = Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 600.0));
        for (count, columns) in [(1, 1), (2, 2), (3, 2), (4, 2), (6, 3), (9, 3)] {
            let panes = panes(room, count);
            assert_eq!(panes.len(), count);
            let tops = panes.iter().filter(|pane| pane.top() == panes[0].top()).count();
            assert_eq!(tops, columns, "{count}");
            for (index, pane) in panes.iter().enumerate() {
                assert!(room.contains_rect(*pane));
                assert!(panes[index + 1..].iter().all(|other| !other.intersects(*pane)));
            }
        }
    }
}
