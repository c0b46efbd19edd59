//! A pane with a picture: the canvas, or the reference. What the pointer does on it goes to the tool in the hand.

use std::time::{Duration, Instant};

use egui::{Color32, CursorIcon, Event, Modifiers, PointerButton, Pos2, Role as Widget, TouchPhase, Ui, WidgetInfo};

use super::{at_hand, cells, wipe};
use crate::brush::PointerSample;
use crate::canvas::composite::{DEPTH, Mode};
use crate::canvas::context::Context;
use crate::canvas::view::Placement;
use crate::canvas::{Canvas, Pixels, Pointed, Shown, Tint, Wipe, overlay};
use crate::document::{Blend, Document, Laid, Layer, LayerId, Role, Sheet, Side, Step};
use crate::session::{MaskLook, MaskShow, Session, ShownPreview};
use crate::tool::{Effect, Grip, Keys, PointerEvent, ToolKind};
use crate::ui::theme::{Tokens, tokens};

/// How long a preview takes to replace the one before it.
const FADE: Duration = Duration::from_millis(120);
/// Strength of a mask's tint behind the figure, as a share of that on it.
const BEHIND: f32 = 0.53;

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
) {
    let colors = tokens(ui);
    let pointed = {
        let Some(sheet) = session.document().and_then(|document| document.sheet(side)) else {
            return;
        };
        let preview = session.preview().filter(|_| side == Side::Canvas);
        let fade = preview.map_or(1.0, |shown| fade(ui, shown));
        let layers = stacked(session, sheet, side, preview.map(|preview| (preview, fade)));
        let tint = tint(colors, session.mask_look);
        let size = sheet.size();
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
        session.middle = pointed.placement.to_picture(pointed.response.rect.center()).into();
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
    session.toolbox.set_reach(1.5 * overlay::HANDLE / pointed.placement.scale);
    let aside = session.stroke().is_none() && (at_hand_open(ui) || picks_layer(ui, side, session, &pointed));
    if !aside {
        paint(ui, side, session, canvas, &pointed, line);
    }
    at_hand::show(&pointed.response, session);
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

/// Whether something hangs over the picture that a click elsewhere closes: that click paints nothing.
fn at_hand_open(ui: &Ui) -> bool {
    egui::Popup::is_any_open(ui.ctx())
}

/// With R held a click chooses the layer that shows under it, and paints nothing.
fn picks_layer(ui: &Ui, side: Side, session: &mut Session, pointed: &Pointed) -> bool {
    let held =
        ui.input(|input| input.key_down(egui::Key::R) && input.modifiers.is_none()) && !ui.ctx().egui_wants_keyboard_input();
    if !held {
        return false;
    }
    let pressed = ui.input(|input| {
        input
            .pointer
            .primary_pressed()
            .then(|| input.pointer.interact_pos())
            .flatten()
    });
    if let Some(pos) = pressed.filter(|_| side == Side::Canvas && pointed.response.contains_pointer()) {
        let at = pointed.placement.to_picture(pos);
        session.pick_layer([at.x, at.y]);
    }
    true
}

fn keys(ui: &Ui, modifiers: Modifiers) -> Keys {
    Keys {
        shift: modifiers.shift,
        alt: modifiers.alt,
        ctrl: modifiers.command,
        eraser: false,
        line: ui.input(|input| input.key_down(egui::Key::V)) && !ui.ctx().egui_wants_keyboard_input(),
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

/// The document with another take on its canvas.
fn showing(document: &Document, take: LayerId) -> Document {
    let mut other = document.clone();
    other.show_take(Some(take));
    other
}

/// What the pane shows, from the bottom up: previews and tints lie right under the lines, which stay black.
fn stacked<'a>(session: &'a Session, sheet: &'a Sheet, side: Side, preview: Option<(&'a ShownPreview, f32)>) -> Vec<Shown<'a>> {
    let lines = sheet.lowest_of(&[Role::Sketch]);
    let masks = || (sheet.layers().rev()).filter(|layer| session.shows_masks() && layer.visible && layer.mask().is_some());
    let look = session.mask_look.show;
    let mut layers = Vec::new();
    let mut under = Some(());
    let mut lay_under = |layers: &mut Vec<Shown<'a>>| {
        if under.take().is_some() {
            preview
                .into_iter()
                .for_each(|(preview, fade)| push_preview(layers, preview, fade));
            // The model's own view takes the place of the tint.
            if look == MaskShow::Tint && !(side == Side::Canvas && session.shows_cells()) {
                layers.extend(masks().filter_map(|layer| mask(layer, Mode::Tint)));
            }
        }
    };
    let mut depth = 0;
    for step in sheet.steps() {
        if let Step::Push(id) | Step::Lay(&Layer { id, .. }, _) = step
            && Some(id) == lines
        {
            lay_under(&mut layers);
        }
        match step {
            Step::Push(_) => {
                depth += 1;
                layers.extend((depth <= DEPTH).then(|| structure(Mode::Push, 1.0)));
            }
            Step::Pop(Laid { blend, opacity, clip }) => {
                layers.extend((depth <= DEPTH).then(|| structure(Mode::Pop { blend, clip }, opacity)));
                depth -= 1;
            }
            Step::Lay(layer, Laid { blend, opacity, clip }) => layers.extend(layer.raster().map(|grid| Shown {
                pixels: Pixels::Colour(layer.id, grid),
                mode: Mode::Layer { blend, clip },
                opacity,
            })),
        }
    }
    lay_under(&mut layers);
    layers.extend(sheet.hints().filter_map(|layer| {
        Some(Shown {
            pixels: Pixels::Colour(layer.id, layer.raster()?),
            mode: Mode::NORMAL,
            opacity: layer.opacity,
        })
    }));
    match look {
        MaskShow::Tint => {}
        MaskShow::Outline => layers.extend(masks().filter_map(|layer| mask(layer, Mode::Outline))),
        MaskShow::Alone => {
            let target = session.target(side).and_then(|id| sheet.layer(id));
            layers.extend(
                target
                    .filter(|_| session.shows_masks())
                    .and_then(|layer| mask(layer, Mode::Alone)),
            );
        }
    }
    layers.extend(sheet.selection().map(|grid| Shown {
        pixels: Pixels::Selection(grid),
        mode: Mode::March,
        opacity: 1.0,
    }));
    layers
}

/// Whether groups lie so deep in each other that the canvas shows them without their opacity and mode, which exports have.
pub fn is_plainer(sheet: &Sheet) -> bool {
    let mut depth = 0;
    sheet.steps().into_iter().any(|step| match step {
        Step::Push(_) => {
            depth += 1;
            false
        }
        Step::Pop(Laid { blend, opacity, clip }) => {
            depth -= 1;
            depth >= DEPTH && (blend != Blend::Normal || opacity < 1.0 || clip)
        }
        Step::Lay(..) => false,
    })
}

fn mask(layer: &Layer, mode: Mode) -> Option<Shown<'_>> {
    Some(Shown {
        pixels: Pixels::Mask(layer.id, layer.mask()?),
        mode,
        opacity: if mode == Mode::Tint { layer.opacity } else { 1.0 },
    })
}

fn structure<'a>(mode: Mode, opacity: f32) -> Shown<'a> {
    Shown {
        pixels: Pixels::Nothing,
        mode,
        opacity,
    }
}

fn tint(colors: &Tokens, look: MaskLook) -> Tint {
    let chosen = look.colors.map(|sides| sides.map(|[r, g, b]| Color32::from_rgb(r, g, b)));
    let [foreground, background] = chosen.unwrap_or([colors.foreground, colors.background]);
    Tint {
        foreground,
        background,
        opacity: [look.strength, look.strength * BEHIND],
    }
}

fn push_preview<'a>(layers: &mut Vec<Shown<'a>>, shown: &'a ShownPreview, fade: f32) {
    let mut push = |number, picture, opacity| {
        layers.push(Shown {
            pixels: Pixels::Stretched(number, picture),
            mode: Mode::NORMAL,
            opacity,
        });
    };
    if let Some((number, picture)) = &shown.before {
        push(*number, picture, 1.0);
    }
    push(shown.number, &shown.preview.picture, fade);
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
/// What is pressed in `aside` is not the canvas's.
fn paint(ui: &Ui, side: Side, session: &mut Session, canvas: &mut Canvas, pointed: &Pointed, aside: Option<egui::Rect>) {
    let events = ui.input(|input| input.events.clone());
    let (time, held) = ui.input(|input| (input.time, input.modifiers));
    let (now, scale) = (Instant::now(), ui.pixels_per_point());
    // A mouse presses fully and stands upright; a pen was there when it was, not when the frame began.
    let sample = |session: &mut Session, pos: Pos2, pressed: bool| {
        let at = pointed.placement.to_picture(pos);
        let mouse = PointerSample {
            time,
            ..PointerSample::at([at.x, at.y])
        };
        let reading = session.pen.at([pos.x * scale, pos.y * scale], pressed, now);
        let sample = reading.map_or(mouse, |pen| PointerSample {
            pressure: pen.pressure,
            tilt: pen.tilt,
            time: time - now.saturating_duration_since(pen.when).as_secs_f64(),
            ..mouse
        });
        (sample, reading.is_some_and(|pen| pen.eraser))
    };
    let tool = session.toolbox.at_hand(keys(ui, held));
    for (at, event) in events.iter().enumerate() {
        // What the pointer passed over is laid out again for nothing where only its place counts.
        let moves = |event: Option<&Event>| matches!(event, Some(Event::PointerMoved(_)));
        if moves(Some(event)) && moves(events.get(at + 1)) && !tool.follows() {
            continue;
        }
        let mut held = held;
        if let Event::PointerButton { modifiers, .. } = *event {
            held = modifiers;
        }
        let mut keys = keys(ui, held);
        let event = match *event {
            Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed: true,
                ..
            } if !pointed.panning
                && pointed.response.contains_pointer()
                && session.stroke().is_none_or(|stroke| stroke == side)
                && !aside.is_some_and(|rect| rect.contains(pos)) =>
            {
                let (sample, eraser) = sample(session, pos, true);
                keys.eraser = eraser;
                PointerEvent::Press(sample)
            }
            Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed: false,
                ..
            } if session.stroke() == Some(side) => PointerEvent::Release(sample(session, pos, false).0),
            Event::PointerMoved(pos) if session.stroke() == Some(side) => PointerEvent::Move(sample(session, pos, false).0),
            // Another window is in front: what was painted stays. Beyond the window's edge the stroke goes on for as long as the button is down.
            Event::WindowFocused(false) if session.stroke() == Some(side) && !session.toolbox.is_waiting() => {
                PointerEvent::Release(session.last_sample())
            }
            // The system says that it was no touch after all, but the palm of a hand.
            Event::Touch {
                phase: TouchPhase::Cancel,
                ..
            } if session.stroke() == Some(side) => PointerEvent::Cancel,
            _ => continue,
        };
        if let Effect::Pan([x, y]) = session.pointer(side, event, keys) {
            canvas
                .view
                .pan(pointed.placement, pointed.placement.to_screen_vector(egui::vec2(x, y)));
            // The positions of later events belong to the view as it was.
            break;
        }
    }
}

fn cursor(ui: &Ui, side: Side, session: &mut Session, pointed: &Pointed, tool: ToolKind) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbaImage;

    #[test]
    fn groups_that_show_plainer_than_they_are_exported_are_known() {
        let mut document = Document::from_sketch(&RgbaImage::new(8, 8)).unwrap();
        let mut outermost = document.by_role(Role::Sketch).unwrap().id;
        let canvas = document.canvas_mut();
        for depth in 1..=DEPTH + 1 {
            assert!(!is_plainer(canvas), "{depth}");
            outermost = canvas.group(outermost).unwrap();
        }
        assert!(!is_plainer(canvas), "they have the usual opacity and mode");
        let deepest = canvas.groups_of(canvas.by_role(Role::Sketch).unwrap().id).next().unwrap().id;
        canvas.layer_mut(deepest).unwrap().opacity = 0.5;
        assert!(is_plainer(canvas));
        canvas.layer_mut(deepest).unwrap().opacity = 1.0;
        canvas.layer_mut(outermost).unwrap().opacity = 0.5;
        assert!(!is_plainer(canvas), "that one shows as it is");
    }
}
