//! A pane with a picture: the canvas, or the reference. What the pointer does on it goes to the tool in the hand.

use std::time::Duration;

use egui::{CursorIcon, Event, PointerButton, Pos2, Role as Widget, Ui, WidgetInfo};

use crate::brush::PointerSample;
use crate::canvas::composite::Mode;
use crate::canvas::context::Context;
use crate::canvas::{Canvas, Pixels, Pointed, Shown, Tint, overlay};
use crate::document::{self, Blend, Layer, Role, Side};
use crate::session::{Session, ShownPreview};
use crate::tool::{Effect, PointerEvent, ToolKind};
use crate::ui::theme::{Tokens, tokens};

/// How long a preview takes to replace the one before it.
const FADE: Duration = Duration::from_millis(120);
/// Opacity of the tint on the figure's side of a mask, and on the other.
const TINT: [f32; 2] = [0.38, 0.20];

/// Shows the picture of `side` with its masks, and hands the pointer to the tool.
pub fn show(ui: &mut Ui, side: Side, session: &mut Session, canvas: &mut Canvas, gpu: Option<&mut Context>) {
    let colors = tokens(ui);
    let pointed = {
        let Some(sheet) = session.document().and_then(|document| document.sheet(side)) else {
            return;
        };
        let preview = session.preview().filter(|_| side == Side::Canvas);
        let fade = preview.map_or(1.0, |shown| fade(ui, shown));
        let mut layers = Vec::new();
        for layer in sheet.layers() {
            if let Some(preview) =
                preview.filter(|_| matches!(layer.role, Role::Sketch | Role::SketchMask) && !has_preview(&layers))
            {
                push_preview(&mut layers, preview, fade);
            }
            if layer.visible {
                layers.extend(shown(layer).filter(|_| session.shows_masks() || !layer.role.is_mask()));
            }
        }
        under_the_lines(&mut layers);
        let tint = Tint {
            foreground: colors.foreground,
            background: colors.background,
            opacity: TINT,
        };
        let size = sheet.size();
        let pointed = canvas.show(ui, gpu, size, &layers, tint);
        if let Some(shown) = preview {
            mark(ui, &pointed, size, shown, colors);
        }
        pointed
    };
    pointed
        .response
        .widget_info(|| WidgetInfo::labeled(Widget::Canvas, true, name(side)));
    if side == Side::Background {
        return;
    }
    paint(ui, side, session, canvas, &pointed);
    cursor(ui, side, session, &pointed);
}

/// What a screen reader calls the pane.
fn name(side: Side) -> &'static str {
    match side {
        Side::Canvas => "Canvas",
        Side::Reference => "Reference picture",
        Side::Background => "Background picture",
    }
}

fn shown(layer: &Layer) -> Option<Shown<'_>> {
    let (pixels, mode) = match (&layer.pixels, layer.blend) {
        (document::Pixels::Mask(grid), _) => (Pixels::Mask(layer.id, grid), Mode::Tint),
        (document::Pixels::Raster(grid), Blend::Normal) => (Pixels::Colour(layer.id, grid), Mode::Normal),
        (document::Pixels::Raster(grid), Blend::Multiply) => (Pixels::Colour(layer.id, grid), Mode::Multiply),
    };
    Some(Shown {
        pixels,
        mode,
        opacity: layer.opacity,
    })
}

fn has_preview(layers: &[Shown<'_>]) -> bool {
    layers.iter().any(|layer| matches!(layer.pixels, Pixels::Stretched(..)))
}

fn push_preview<'a>(layers: &mut Vec<Shown<'a>>, shown: &'a ShownPreview, fade: f32) {
    if let Some((number, picture)) = &shown.before {
        layers.push(Shown {
            pixels: Pixels::Stretched(*number, picture),
            mode: Mode::Normal,
            opacity: 1.0,
        });
    }
    layers.push(Shown {
        pixels: Pixels::Stretched(shown.number, &shown.preview.picture),
        mode: Mode::Normal,
        opacity: fade,
    });
}

/// Masks tint what lies under the drawing, so that its lines stay black.
fn under_the_lines(layers: &mut [Shown<'_>]) {
    layers.sort_by_key(|layer| match layer.mode {
        Mode::Normal => 0,
        Mode::Tint => 1,
        Mode::Multiply => 2,
    });
}

/// How far a preview has come in; asks for another frame until it is there.
fn fade(ui: &Ui, shown: &ShownPreview) -> f32 {
    let share = shown.since.elapsed().as_secs_f32() / FADE.as_secs_f32();
    if share < 1.0 {
        ui.ctx().request_repaint();
    }
    share.min(1.0)
}

fn mark(ui: &Ui, pointed: &Pointed, size: [u32; 2], shown: &ShownPreview, colors: &Tokens) {
    let pane = pointed.response.rect;
    let words = match shown.live {
        true => "Live: not a take yet".to_owned(),
        false => format!("Preview {}/{}", shown.preview.step, shown.preview.steps),
    };
    overlay::preview_mark(
        &ui.painter_at(pane),
        pane,
        pointed.placement.rect(size),
        words,
        colors.accent,
        colors.on_accent(),
    );
}

/// Gives the tool every move of the pointer since the last frame, not only the last.
fn paint(ui: &Ui, side: Side, session: &mut Session, canvas: &mut Canvas, pointed: &Pointed) {
    let events = ui.input(|input| input.events.clone());
    let time = ui.input(|input| input.time);
    let sample = |pos: Pos2| {
        let at = pointed.placement.to_picture(pos);
        PointerSample {
            position: [at.x, at.y],
            pressure: 1.0,
            time,
        }
    };
    for event in events {
        let event = match event {
            Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed: true,
                ..
            } if !pointed.panning && pointed.response.contains_pointer() => PointerEvent::Press(sample(pos)),
            Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed: false,
                ..
            } if session.stroke() == Some(side) => PointerEvent::Release(sample(pos)),
            Event::PointerMoved(pos) if session.stroke() == Some(side) => PointerEvent::Move(sample(pos)),
            Event::PointerGone | Event::WindowFocused(false) if session.stroke() == Some(side) => PointerEvent::Cancel,
            _ => continue,
        };
        if let Effect::Pan([x, y]) = session.pointer(side, event) {
            canvas.view.pan(pointed.placement, egui::vec2(x, y) * pointed.placement.scale);
            // The positions of later events belong to the view as it was.
            break;
        }
    }
}

fn cursor(ui: &Ui, side: Side, session: &mut Session, pointed: &Pointed) {
    let Some(pointer) = pointed.response.hover_pos().or_else(|| {
        let dragging = session.stroke() == Some(side);
        ui.input(|input| input.pointer.latest_pos()).filter(|_| dragging)
    }) else {
        return;
    };
    let tool = session.toolbox.selected();
    if pointed.panning || tool == ToolKind::Pan {
        let held = pointed.response.is_pointer_button_down_on();
        ui.ctx()
            .set_cursor_icon(if held { CursorIcon::Grabbing } else { CursorIcon::Grab });
        return;
    }
    let radius = session.toolbox.settings_mut().map_or(0.0, |settings| settings.size / 2.0);
    ui.ctx().set_cursor_icon(CursorIcon::None);
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
