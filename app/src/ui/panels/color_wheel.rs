//! A ring of hues, and in it a square of saturation and brightness.

use egui::epaint::Vertex;
use egui::{Color32, Mesh, Pos2, Rect, Response, Role as Widget, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::hsv::Hsv;

/// Width of the ring.
const RING: f32 = 16.0;
/// Between ring and square.
const GAP: f32 = 4.0;
/// Parts of the ring, and of each side of the square: enough that the eye sees no edges between them.
const PARTS: usize = 96;
const CELLS: usize = 16;

/// What a drag turns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Hue,
    Shade,
}

/// The wheel, of `side` points; `color` follows the pointer.
pub fn wheel(ui: &mut Ui, side: f32, color: &mut Hsv) -> Response {
    let (rect, mut response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Widget::ColorWell, true, "Colour wheel"));
    let (center, radius) = (rect.center(), side / 2.0);
    let square = Rect::from_center_size(center, Vec2::splat((radius - RING - GAP) * std::f32::consts::SQRT_2));
    let held = ui.scope_id().with("wheel");
    if let Some(pointer) = response.interact_pointer_pos() {
        let begun = response.drag_started() || response.clicked() || response.is_pointer_button_down_on();
        let before = ui.data(|data| data.get_temp::<Option<Held>>(held)).flatten();
        let what = before.unwrap_or(match (pointer - center).length() > radius - RING - GAP / 2.0 {
            true => Held::Hue,
            false => Held::Shade,
        });
        if begun || response.dragged() {
            turn(color, what, pointer, center, square);
            response.mark_changed();
        }
        ui.data_mut(|data| data.insert_temp(held, Some(what)));
    }
    if !response.is_pointer_button_down_on() && !response.dragged() {
        ui.data_mut(|data| data.insert_temp::<Option<Held>>(held, None));
    }
    if ui.is_rect_visible(rect) {
        paint(ui, center, radius, square, *color);
    }
    response
}

fn turn(color: &mut Hsv, what: Held, pointer: Pos2, center: Pos2, square: Rect) {
    match what {
        Held::Hue => {
            let way = pointer - center;
            color.hue = (way.angle() / std::f32::consts::TAU).rem_euclid(1.0);
        }
        Held::Shade => {
            let share = (pointer - square.min) / square.size();
            color.saturation = share.x.clamp(0.0, 1.0);
            color.value = 1.0 - share.y.clamp(0.0, 1.0);
        }
    }
}

fn rgb(hsv: Hsv) -> Color32 {
    let [r, g, b] = hsv.into();
    Color32::from_rgb(r, g, b)
}

fn paint(ui: &Ui, center: Pos2, radius: f32, square: Rect, color: Hsv) {
    let pure = |hue: f32| Hsv {
        hue,
        saturation: 1.0,
        value: 1.0,
    };
    let painter = ui.painter();
    let mut ring = Mesh::default();
    for part in 0..=PARTS {
        let hue = part as f32 / PARTS as f32;
        let way = Vec2::angled(hue * std::f32::consts::TAU);
        for length in [radius - RING, radius - 1.0] {
            vertex(&mut ring, center + way * length, rgb(pure(hue % 1.0)));
        }
        if part > 0 {
            quad(&mut ring, 2 * part as u32 - 2, 2);
        }
    }
    painter.add(Shape::mesh(ring));
    let mut shades = Mesh::default();
    for row in 0..=CELLS {
        for column in 0..=CELLS {
            let share = vec2(column as f32, row as f32) / CELLS as f32;
            let shade = Hsv {
                hue: color.hue,
                saturation: share.x,
                value: 1.0 - share.y,
            };
            vertex(&mut shades, square.lerp_inside(share), rgb(shade));
            if row > 0 && column > 0 {
                let row_length = CELLS as u32 + 1;
                quad(&mut shades, (row as u32 - 1) * row_length + column as u32 - 1, row_length);
            }
        }
    }
    painter.add(Shape::mesh(shades));
    let way = Vec2::angled(color.hue * std::f32::consts::TAU);
    handle(ui, center + way * (radius - RING / 2.0), rgb(pure(color.hue)));
    let at = square.lerp_inside(vec2(color.saturation, 1.0 - color.value));
    handle(ui, at, rgb(color));
}

fn vertex(mesh: &mut Mesh, pos: Pos2, color: Color32) {
    mesh.vertices.push(Vertex {
        pos,
        uv: pos2(0.0, 0.0),
        color,
    });
}

/// Two triangles between the vertices at `first` and after it, and those `stride` further on.
fn quad(mesh: &mut Mesh, first: u32, stride: u32) {
    mesh.add_triangle(first, first + 1, first + stride);
    mesh.add_triangle(first + 1, first + stride + 1, first + stride);
}

/// Seen on every colour: light in dark.
fn handle(ui: &Ui, at: Pos2, color: Color32) {
    let painter = ui.painter();
    painter.circle_filled(at, 6.0, color);
    painter.circle_stroke(at, 6.5, Stroke::new(3.0, Color32::from_black_alpha(160)));
    painter.circle_stroke(at, 6.5, Stroke::new(1.5, Color32::WHITE));
}
