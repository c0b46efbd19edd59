//! The line between two takes that are compared on the canvas.

use egui::{Align2, Color32, CursorIcon, FontId, Rect, Role as Widget, Sense, Stroke, Ui, Vec2, WidgetInfo, lerp, pos2, vec2};

use crate::canvas::Pointed;
use crate::document::LayerId;
use crate::session::Session;
use crate::ui::icon;
use crate::ui::theme::{icon_font, tokens};

/// Width of what can be grabbed.
const GRIP: f32 = 16.0;

/// Draws the line with the takes' names on both sides, and lets it be dragged; where it can be.
pub fn line(ui: &mut Ui, session: &Session, pointed: &Pointed, other: LayerId, at: &mut f32) -> Rect {
    let pane = pointed.response.rect;
    let x = lerp(pane.x_range(), *at);
    let grip = Rect::from_center_size(pos2(x, pane.center().y), vec2(GRIP, pane.height()));
    let response = ui.interact(grip, ui.scope_id().with("wipe line"), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Widget::Splitter, true, "Line between the takes"));
    if let Some(pointer) = response.interact_pointer_pos() {
        *at = ((pointer.x - pane.left()) / pane.width()).clamp(0.02, 0.98);
    }
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    let (colors, painter) = (tokens(ui), ui.painter_at(pane));
    let shade = Stroke::new(3.0, Color32::from_black_alpha(120));
    painter.vline(x, pane.y_range(), shade);
    painter.vline(x, pane.y_range(), Stroke::new(1.0, colors.accent));
    let knob = pos2(x, pane.center().y);
    painter.circle(knob, 10.0, colors.surface[2], Stroke::new(1.0, colors.accent));
    painter.text(knob, Align2::CENTER_CENTER, icon::SIDEWAYS, icon_font(13.0), colors.text);
    let name = |take: Option<LayerId>| {
        let layer = take.and_then(|take| session.document()?.layer(take));
        layer.map(|layer| layer.name.clone()).unwrap_or_default()
    };
    let sides = [
        (name(Some(other)), Align2::RIGHT_TOP, -1.0),
        (name(session.shown_take()), Align2::LEFT_TOP, 1.0),
    ];
    for (words, align, side) in sides {
        let galley = painter.layout_no_wrap(words, FontId::proportional(11.0), colors.text);
        let corner = pos2(x + side * 12.0, pane.top() + 8.0);
        let chip = align.anchor_size(corner, galley.size() + Vec2::new(16.0, 8.0));
        painter.rect_filled(chip, 4.0, colors.surface[2]);
        painter.galley(chip.min + vec2(8.0, 4.0), galley, colors.text);
    }
    grip
}
