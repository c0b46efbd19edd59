//! How the pointer looks over a pane: what a press would do.

use egui::{Color32, CursorIcon, Ui};

use crate::canvas::view::Placement;
use crate::canvas::{Pointed, overlay};
use crate::document::Side;
use crate::session::Session;
use crate::tool::{Grip, ToolKind};
use crate::ui::theme::tokens;

pub(super) fn cursor(ui: &Ui, side: Side, session: &mut Session, pointed: &Pointed, tool: ToolKind) {
    let Some(pointer) = pointed.response.hover_pos().or_else(|| {
        let dragging = session.stroke() == Some(side);
        ui.input(|input| input.pointer.latest_pos()).filter(|_| dragging)
    }) else {
        return;
    };
    if tool == ToolKind::Picker && !pointed.panning {
        let [r, g, b] = session.toolbox.colors.brush;
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        overlay::picked(&ui.painter_at(pointed.response.rect), pointer, Color32::from_rgb(r, g, b));
        return;
    }
    if pointed.panning || tool == ToolKind::Pan {
        let held = pointed.response.is_pointer_button_down_on();
        ui.ctx()
            .set_cursor_icon(if held { CursorIcon::Grabbing } else { CursorIcon::Grab });
        return;
    }
    if tool == ToolKind::Transform {
        let at = pointed.placement.to_picture(pointer);
        let grip = session.toolbox.transform.grip([at.x, at.y]);
        let grip = grip.filter(|_| session.transform_side() == Some(side));
        return ui.ctx().set_cursor_icon(transform_cursor(session, pointed.placement, grip));
    }
    let Some(radius) = session.toolbox.settings_mut().map(|settings| settings.size / 2.0) else {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        return;
    };
    ui.ctx().set_cursor_icon(CursorIcon::None);
    let resized = session.toolbox.resized_at().filter(|_| session.stroke() == Some(side));
    let pointer = resized.map_or(pointer, |[x, y]| pointed.placement.to_screen(egui::pos2(x, y)));
    let colors = tokens(ui);
    let color = if tool == ToolKind::Eraser {
        colors.background
    } else {
        colors.foreground
    };
    overlay::brush_ring(
        &ui.painter_at(pointed.response.rect),
        pointer,
        radius * pointed.placement.scale,
        color,
    );
}

/// What a drag would do with the box.
fn transform_cursor(session: &Session, placement: Placement, grip: Option<Grip>) -> CursorIcon {
    let side = match grip {
        None => return CursorIcon::Crosshair,
        Some(Grip::Inside) => return CursorIcon::Move,
        // No system has a sign for turning.
        Some(Grip::Outside) => return CursorIcon::Alias,
        Some(Grip::Handle(side)) => side,
    };
    let [x, y] = session.toolbox.transform.pose.map_or([1.0, 0.0], |pose| pose.arm(side));
    let angle = placement.to_screen_vector(egui::vec2(x, y)).angle();
    match (angle / std::f32::consts::FRAC_PI_4).round() as i32 {
        -3 | 1 => CursorIcon::ResizeNwSe,
        -1 | 3 => CursorIcon::ResizeNeSw,
        -2 | 2 => CursorIcon::ResizeVertical,
        _ => CursorIcon::ResizeHorizontal,
    }
}
