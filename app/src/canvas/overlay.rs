//! What lies over the canvas and is not part of the picture: the brush's outline, the mark of a preview.

use super::view::Placement;
use egui::{Align2, Color32, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

/// Radius in points below which a ring is too small to aim with.
const SMALLEST_RING: f32 = 3.0;

/// The outline of a brush of `radius` points at `center`: `color` between two thin dark lines, so that it shows on anything.
pub fn brush_ring(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    let shade = Color32::from_black_alpha(140);
    if radius < SMALLEST_RING {
        for (width, color) in [(3.0, shade), (1.0, color)] {
            for arm in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
                painter.line_segment([center + arm * 3.0, center + arm * 8.0], Stroke::new(width, color));
            }
        }
        return;
    }
    painter.circle_stroke(center, radius, Stroke::new(3.0, shade));
    painter.circle_stroke(center, radius, Stroke::new(1.25, color));
}

/// The shape that is being drawn, in picture pixels: light on dark, so that it shows on anything.
pub fn selection_outline(painter: &Painter, placement: Placement, corners: &[[f32; 2]]) {
    let Some(first) = corners.first() else { return };
    let points: Vec<Pos2> = (corners.iter().chain([first]))
        .map(|[x, y]| placement.to_screen(pos2(*x, *y)))
        .collect();
    painter.line(points.clone(), Stroke::new(3.0, Color32::from_black_alpha(140)));
    painter.line(points, Stroke::new(1.0, Color32::WHITE));
}

/// Half the side of a handle, in points.
pub const HANDLE: f32 = 4.0;

/// The box of a transform with its handles, in picture pixels.
pub fn transform_box(painter: &Painter, placement: Placement, corners: &[[f32; 2]], handles: &[[f32; 2]], fill: Color32) {
    selection_outline(painter, placement, corners);
    for [x, y] in handles {
        let square = Rect::from_center_size(placement.to_screen(pos2(*x, *y)), vec2(2.0, 2.0) * HANDLE);
        painter.rect_filled(square.expand(1.0), 1.0, Color32::from_black_alpha(200));
        painter.rect_filled(square, 1.0, fill);
    }
}

/// The middle of a picture, where strokes are mirrored.
pub fn mirror_axes(painter: &Painter, placement: Placement, size: [u32; 2], sideways: bool, upright: bool) {
    let [width, height] = size.map(|side| side as f32);
    let axes = [
        (sideways, [pos2(width / 2.0, 0.0), pos2(width / 2.0, height)]),
        (upright, [pos2(0.0, height / 2.0), pos2(width, height / 2.0)]),
    ];
    for (_, ends) in axes.into_iter().filter(|(on, _)| *on) {
        let ends = ends.map(|end| placement.to_screen(end));
        painter.line_segment(ends, Stroke::new(2.0, Color32::from_black_alpha(90)));
        painter.add(egui::Shape::dashed_line(&ends, Stroke::new(1.0, Color32::WHITE), 6.0, 6.0));
    }
}

/// The colour that a picker holds, beside the pointer at `center`.
pub fn picked(painter: &Painter, center: Pos2, color: Color32) {
    let swatch = Rect::from_min_size(center + vec2(12.0, -28.0), vec2(24.0, 20.0));
    painter.rect_filled(swatch, 2.0, color);
    painter.rect_stroke(
        swatch,
        2.0,
        Stroke::new(3.0, Color32::from_black_alpha(140)),
        StrokeKind::Outside,
    );
    painter.rect_stroke(swatch, 2.0, Stroke::new(1.0, Color32::WHITE), StrokeKind::Outside);
}

/// Screen pixels per picture pixel from which the grid shows.
const GRID_FROM: f32 = 8.0;

/// The edges of a picture's pixels, where these are large enough on the screen.
pub fn pixel_grid(painter: &Painter, pane: Rect, placement: Placement, size: [u32; 2]) {
    if placement.zoom < GRID_FROM {
        return;
    }
    let corners = [pane.left_top(), pane.right_top(), pane.right_bottom(), pane.left_bottom()];
    let seen = Rect::from_points(&corners.map(|corner| placement.to_picture(corner)));
    let range =
        |low: f32, high: f32, side: u32| (low.floor().max(0.0) as u32).min(side)..=(high.ceil().max(0.0) as u32).min(side);
    let (columns, rows) = (
        range(seen.left(), seen.right(), size[0]),
        range(seen.top(), seen.bottom(), size[1]),
    );
    let line = |from: [u32; 2], to: [u32; 2]| {
        let ends = [from, to].map(|[x, y]| placement.to_screen(pos2(x as f32, y as f32)));
        painter.line_segment(ends, Stroke::new(1.0, Color32::from_gray(128).gamma_multiply(0.35)));
    };
    for x in columns.clone() {
        line([x, *rows.start()], [x, *rows.end()]);
    }
    for y in rows {
        line([*columns.start(), y], [*columns.end(), y]);
    }
}

/// Says that the picture in `rect` is a preview: a hairline around it and a label on it, within `pane`.
pub fn preview_mark(painter: &Painter, pane: Rect, rect: Rect, text: String, accent: Color32, ink: Color32) {
    painter.rect_stroke(rect, 0.0, Stroke::new(1.0, accent), StrokeKind::Outside);
    let seen = rect.intersect(pane);
    if !seen.is_positive() {
        return;
    }
    let galley = painter.layout_no_wrap(text, egui::FontId::proportional(11.0), ink);
    let size = galley.size() + vec2(16.0, 8.0);
    let label = Align2::RIGHT_BOTTOM.anchor_size(seen.max - vec2(8.0, 8.0), size);
    painter.rect_filled(label, 4.0, accent);
    painter.galley(pos2(label.min.x + 8.0, label.min.y + 4.0), galley, ink);
}
