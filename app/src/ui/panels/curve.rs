//! A curve that is bent with the pointer.

use egui::{Id, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::brush::Curve;
use crate::ui::theme::tokens;

/// How near a point the pointer takes it, in points of the screen.
const REACH: f32 = 10.0;
const DOT: f32 = 3.5;
/// Lines that the curve is drawn with.
const LINES: u16 = 48;

/// Bends `curve`: a press on empty ground adds a point, a drag moves one, a double click takes it away.
pub fn curve(ui: &mut Ui, name: &str, curve: &mut Curve, height: f32) -> Response {
    let size = vec2(ui.available_width(), height);
    let (outer, mut response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), name));
    let area = outer.shrink(DOT + 2.0);
    let held = response.id.with("held");
    if let Some(pointer) = response.interact_pointer_pos() {
        let before = *curve;
        bend(ui, &response, curve, area, pointer, held);
        if *curve != before {
            response.mark_changed();
        }
    }
    if !response.is_pointer_button_down_on() {
        ui.data_mut(|data| data.remove::<usize>(held));
    }
    draw(ui, outer, area, curve, response.hover_pos());
    response
}

fn bend(ui: &Ui, response: &Response, curve: &mut Curve, area: Rect, pointer: Pos2, held: Id) {
    let near = curve
        .points()
        .iter()
        .position(|point| on(area, *point).distance(pointer) <= REACH);
    if response.double_clicked() {
        if let Some(at) = near {
            curve.remove(at);
        }
        return;
    }
    if !response.is_pointer_button_down_on() {
        return;
    }
    let taken = ui.data(|data| data.get_temp::<usize>(held));
    let at = taken.or(near).or_else(|| curve.add(value(area, pointer)));
    if let Some(at) = at {
        ui.data_mut(|data| data.insert_temp(held, at));
        if taken.is_some() && response.dragged() {
            curve.drag(at, value(area, pointer));
        }
    }
}

fn draw(ui: &Ui, outer: Rect, area: Rect, curve: &Curve, pointer: Option<Pos2>) {
    if !ui.is_rect_visible(outer) {
        return;
    }
    let colors = tokens(ui);
    let painter = ui.painter();
    colors.card(painter, outer, 0);
    let thin = Stroke::new(1.0, colors.line());
    for quarter in [0.25, 0.5, 0.75] {
        painter.vline(egui::lerp(area.x_range(), quarter), area.y_range(), thin);
        painter.hline(area.x_range(), egui::lerp(area.y_range(), quarter), thin);
    }
    let color = match ui.is_enabled() {
        true => colors.accent,
        false => colors.dim.gamma_multiply(0.5),
    };
    let at = |step: u16| {
        let x = f32::from(step) / f32::from(LINES);
        on(area, [x, curve.at(x)])
    };
    painter.add(Shape::line((0..=LINES).map(at).collect(), Stroke::new(1.5, color)));
    for point in curve.points() {
        let place = on(area, *point);
        let near = pointer.is_some_and(|pointer| pointer.distance(place) <= REACH);
        let fill = if near { color } else { colors.surface[0] };
        painter.circle(place, DOT, fill, Stroke::new(1.5, color));
    }
}

/// Where a point of the curve lies on the screen, and the other way round.
fn on(area: Rect, [x, y]: [f32; 2]) -> Pos2 {
    pos2(egui::lerp(area.x_range(), x), egui::lerp(area.y_range(), 1.0 - y))
}

fn value(area: Rect, place: Pos2) -> [f32; 2] {
    let Vec2 { x, y } = (place - area.left_top()) / area.size();
    [x.clamp(0.0, 1.0), 1.0 - y.clamp(0.0, 1.0)]
}
