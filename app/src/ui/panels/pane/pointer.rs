//! What the pointer does on a pane goes to the tool in the hand.

use std::time::Instant;

use egui::{Context, Event, Id, Modifiers, PointerButton, Popup, Pos2, TouchPhase, Ui};

use crate::brush::PointerSample;
use crate::canvas::{Canvas, Pointed};
use crate::command::Held;
use crate::document::Side;
use crate::session::Session;
use crate::tool::{Effect, Keys, PointerEvent};

/// Notes whether something hangs over the picture that a click elsewhere closes; to be called before anything of a frame is laid out. What hangs from a bar
/// or a panel has closed by the time that the picture is laid out, where press and release come within one frame.
pub fn note_open(context: &Context) {
    let open = Popup::is_any_open(context);
    context.data_mut(|data| data.insert_temp(Id::unique(OPEN), open));
}

const OPEN: &str = "something hung over the picture";

/// Whether the click under way closes something that hangs over the picture: it paints nothing.
pub(super) fn closes(ui: &Ui) -> bool {
    Popup::is_any_open(ui.ctx()) || ui.data(|data| data.get_temp(Id::unique(OPEN)).unwrap_or_default())
}

/// With R held a click chooses the layer that shows under it, and paints nothing.
pub(super) fn picks_layer(ui: &Ui, side: Side, session: &mut Session, pointed: &Pointed) -> bool {
    let held = ui.input(|input| input.key_down(Held::PickLayer.key()) && input.modifiers.is_none())
        && !ui.ctx().egui_wants_keyboard_input();
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

pub(super) fn keys(ui: &Ui, modifiers: Modifiers) -> Keys {
    Keys {
        shift: modifiers.shift,
        alt: modifiers.alt,
        ctrl: modifiers.command,
        eraser: false,
        line: ui.input(|input| input.key_down(Held::Line.key())) && !ui.ctx().egui_wants_keyboard_input(),
    }
}

/// Gives the tool every move of the pointer since the last frame, not only the last.
/// What is pressed in `aside` is not the canvas's.
pub(super) fn paint(
    ui: &Ui,
    side: Side,
    session: &mut Session,
    canvas: &mut Canvas,
    pointed: &Pointed,
    aside: Option<egui::Rect>,
) {
    let events = ui.input(|input| input.events.clone());
    let (time, held) = ui.input(|input| (input.time, input.modifiers));
    let (now, scale) = (Instant::now(), ui.pixels_per_point());
    // A mouse presses fully and stands upright; a pen was there when it was, not when the frame began.
    // The pen leans on the screen; the brush follows it on the picture, which may be turned or mirrored.
    let on_picture =
        |[x, y]: [f32; 2]| <[f32; 2]>::from(pointed.placement.to_picture_vector(egui::vec2(x, y)) * pointed.placement.scale);
    let sample = |session: &mut Session, pos: Pos2, pressed: bool| {
        let at = pointed.placement.to_picture(pos);
        let mouse = PointerSample {
            time,
            ..PointerSample::at([at.x, at.y])
        };
        let reading = session.pen.at([pos.x * scale, pos.y * scale], pressed, now);
        let sample = reading.map_or(mouse, |pen| PointerSample {
            pressure: pen.pressure,
            tilt: on_picture(pen.tilt),
            time: time - now.saturating_duration_since(pen.when).as_secs_f64(),
            ..mouse
        });
        (sample, reading.is_some_and(|pen| pen.eraser))
    };
    let tool = session.toolbox.at_hand(keys(ui, held));
    let mut panned = false;
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
        // Later positions belong to the view as it was; that the hand lets go counts all the same.
        if panned && !matches!(event, PointerEvent::Release(_) | PointerEvent::Cancel) {
            continue;
        }
        if let Effect::Pan([x, y]) = session.pointer(side, event, keys) {
            canvas
                .view
                .pan(pointed.placement, pointed.placement.to_screen_vector(egui::vec2(x, y)));
            panned = true;
        }
    }
}
