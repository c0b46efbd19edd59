//! A pane with a picture: the canvas, or the reference. What the pointer does on it goes to the tool in the hand.

mod cursor;
mod pointer;
mod stack;

use egui::{Role as Widget, Ui, WidgetInfo};

use super::{at_hand, cells, wipe};
use crate::canvas::context::Context;
use crate::canvas::{Canvas, Wipe, overlay};
use crate::command::Command;
use crate::document::{LayerId, Side, TileGrid};
use crate::session::Session;
use crate::tool::ToolKind;
use crate::ui::theme::tokens;
use cursor::cursor;
pub use pointer::note_open;
use pointer::{closes, keys, paint, picks_layer};
pub use stack::is_plainer;
use stack::{Coming, fade, mark, showing, stacked, tint};

/// Shows the picture of `side` with its masks, and hands the pointer to the tool.
///
/// `wipe`: another take left of a line, and where the line stands.
pub fn show(
    ui: &mut Ui,
    side: Side,
    session: &mut Session,
    canvas: &mut Canvas,
    gpu: Option<&mut Context>,
    mut wipe: Option<(LayerId, &mut f32)>,
    commands: &mut Vec<Command>,
) {
    let colors = tokens(ui);
    let pointed = {
        let Some(sheet) = session.document().and_then(|document| document.sheet(side)) else {
            return;
        };
        let preview = session.preview().filter(|_| side == Side::Canvas);
        let size = sheet.size();
        let expecting = preview.and_then(|_| Some(session.document()?.expecting(TileGrid::new(size))));
        let layers = match (preview, &expecting) {
            (Some(shown), Some((document, take))) => {
                let coming = Coming {
                    take: *take,
                    shown,
                    fade: fade(ui, shown),
                };
                stacked(session, document.canvas(), side, Some(coming))
            }
            _ => stacked(session, sheet, side, None),
        };
        let tint = tint(colors, session.view.mask_look);
        let other = (wipe.as_ref()).and_then(|(take, _)| Some(showing(session.document()?, *take)));
        let left = other.as_ref().map(|document| stacked(session, document.canvas(), side, None));
        // Right of the line stands what shows without it.
        let pointed = match (&left, &wipe) {
            (Some(left), Some((_, at))) => {
                let wipe = Wipe {
                    layers: &layers,
                    at: **at,
                };
                canvas.show(ui, gpu, size, left, Some(wipe), tint)
            }
            _ => canvas.show(ui, gpu, size, &layers, None, tint),
        };
        if side == Side::Canvas {
            let painter = ui.painter_at(pointed.response.rect);
            cells::draw(ui, &painter, session, size, pointed.placement, tint);
        }
        if let Some(shown) = preview {
            mark(ui, &pointed, size, shown, colors);
        }
        pointed
    };
    pointed
        .response
        .widget_info(|| WidgetInfo::labeled(Widget::Canvas, true, name(side)));
    if side == Side::Canvas {
        session.view.middle = pointed.placement.to_picture(pointed.response.rect.center()).into();
    }
    let mirror = session.toolbox.brush.mirror;
    if side == Side::Canvas && (mirror.sideways || mirror.upright) {
        let size = session.document().map_or([1, 1], |document| document.canvas().size());
        let painter = ui.painter_at(pointed.response.rect);
        overlay::mirror_axes(&painter, pointed.placement, size, mirror.sideways, mirror.upright);
    }
    let line = wipe.as_mut().map(|(other, at)| wipe::line(ui, session, &pointed, *other, at));
    let tool = session.toolbox.at_hand(keys(ui, ui.input(|input| input.modifiers)));
    // The background reference has nothing that could be painted on.
    if side == Side::Background && tool != ToolKind::Picker {
        return;
    }
    let placement = pointed.placement;
    let right = placement.to_picture_vector(egui::Vec2::X) * placement.scale;
    (session.toolbox).set_view(1.5 * overlay::HANDLE / placement.scale, [right.x, right.y]);
    let aside = session.stroke().is_none() && (closes(ui) || picks_layer(ui, side, session, &pointed));
    if !aside {
        paint(ui, side, session, canvas, &pointed, line);
    }
    at_hand::show(&pointed.response, session, commands);
    if session.transform_side() == Some(side)
        && let Some(pose) = session.toolbox.transform.pose
    {
        let painter = ui.painter_at(pointed.response.rect);
        overlay::transform_box(&painter, pointed.placement, &pose.corners(), &pose.handles(), colors.accent);
    }
    if session.stroke() == Some(side) {
        let corners = session.toolbox.outline();
        overlay::selection_outline(&ui.painter_at(pointed.response.rect), pointed.placement, &corners);
    }
    let over_line = line.is_some_and(|line| ui.rect_contains_pointer(line));
    if session.stroke().is_some() || !over_line {
        cursor(ui, side, session, &pointed, tool);
    }
}

/// What a screen reader calls the pane.
fn name(side: Side) -> &'static str {
    match side {
        Side::Canvas => "Canvas",
        Side::Reference => "Reference picture",
        Side::Background => "Background picture",
    }
}
