//! One cell: its take, or how far it is.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Painter, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::lens::{Lens, size_of};
use super::textures::Textures;
use crate::board::card::SHOWN;
use crate::board::regions::Drift;
use crate::board::{CellTake, SketchCard, State};
use crate::ui::theme::{STEP, Tokens, icon_font, tokens};
use crate::ui::{WHOLE, fitted, icon};

/// A drift of this many ΔE fills the meter.
const FULL: f32 = 20.0;

/// What a screen reader says of a cell's state.
pub fn words(state: &State) -> String {
    match state {
        State::Empty => "not made yet".to_owned(),
        State::Queued => "waiting".to_owned(),
        State::Running { step, steps, .. } => format!("step {step} of {steps}"),
        State::Done(_) => "done".to_owned(),
        State::Stale(_, why) => format!("out of date: {why}"),
        State::Failed(reason) => format!("failed: {reason}"),
        State::Cancelled => "cancelled".to_owned(),
    }
}

/// Draws a cell into `rect`; `lens` is what it shows of its picture. `hasty`: its picture is gone in a moment, and need not be as large as it was made.
pub fn paint(ui: &Ui, textures: &mut Textures, rect: Rect, state: &State, sketch: &SketchCard, lens: Lens, hasty: bool) {
    let colors = tokens(ui);
    let painter = ui.painter_at(rect);
    let ground = match state {
        // Colours are judged on neutral grey.
        State::Done(_) | State::Stale(..) | State::Running { .. } => colors.surround,
        _ => colors.surface[0],
    };
    painter.rect_filled(rect, 0.0, ground);
    let place = lens.place(size_of(&sketch.small), rect);
    match state {
        State::Done(take) => made(ui, textures, &painter, take, place, Color32::WHITE, hasty),
        State::Stale(take, why) => {
            made(ui, textures, &painter, take, place, Color32::WHITE.gamma_multiply(0.3), hasty);
            label(&painter, rect, colors, why, colors.warn);
        }
        State::Running { step, steps, preview } => {
            running(ui, textures, &painter, place, sketch, preview.as_ref());
            let share = *step as f32 / (*steps).max(1) as f32;
            let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 3.0), rect.max);
            painter.rect_filled(line, 0.0, colors.surface[0]);
            let done = Rect::from_min_size(line.min, vec2(line.width() * share, line.height()));
            painter.rect_filled(done, 0.0, colors.accent);
            label(&painter, rect, colors, &format!("preview {step}/{steps}"), colors.text);
        }
        State::Queued => note(&painter, rect, icon::HOURGLASS, "Waiting", colors),
        State::Cancelled => note(&painter, rect, icon::CANCEL, "Cancelled", colors),
        State::Failed(reason) => {
            note(&painter, rect, icon::WARNING, "Failed", colors);
            let room = rect.width() - 2.0 * STEP;
            let text = painter.layout(reason.clone(), FontId::proportional(11.0), colors.dim, room.max(20.0));
            painter.galley(pos2(rect.left() + STEP, rect.center().y + 28.0), text, colors.dim);
        }
        // The drawing waits for its colour.
        State::Empty => picture(
            ui,
            textures,
            &painter,
            &sketch.small,
            place,
            Color32::WHITE.gamma_multiply(0.2),
        ),
    }
}

/// The colour as it comes, under the lines as they are.
fn running(
    ui: &Ui,
    textures: &mut Textures,
    painter: &Painter,
    place: Rect,
    sketch: &SketchCard,
    preview: Option<&Arc<image::RgbImage>>,
) {
    match preview {
        Some(preview) => picture(ui, textures, painter, preview, place, Color32::WHITE),
        None => {
            painter.rect_filled(place, 0.0, tokens(ui).surface[2].gamma_multiply(0.5));
        }
    }
    if let Some(ink) = textures.ink(ui, &sketch.small) {
        painter.image(ink.id(), place, WHOLE, Color32::WHITE);
    }
}

pub fn picture(ui: &Ui, textures: &mut Textures, painter: &Painter, picture: &Arc<image::RgbImage>, place: Rect, tint: Color32) {
    if let Some(texture) = textures.picture(ui, picture) {
        painter.image(texture.id(), place, WHOLE, tint);
    }
}

/// A take, with the pixels that a place needs; as squares where they are shown larger than they are.
fn made(ui: &Ui, textures: &mut Textures, painter: &Painter, take: &CellTake, place: Rect, tint: Color32, hasty: bool) {
    let side = place.size().max_elem() * ui.pixels_per_point();
    let (picture, is_all) = take.picture(if hasty { side.min(SHOWN as f32) } else { side });
    let magnified = is_all && side > picture.width().max(picture.height()) as f32;
    let texture = match magnified {
        true => textures.pixels(ui, &picture),
        false => textures.picture(ui, &picture),
    };
    if let Some(texture) = texture {
        painter.image(texture.id(), place, WHOLE, tint);
    }
}

/// A picture that is shown far below its own size.
pub fn thumbnail(ui: &Ui, textures: &mut Textures, painter: &Painter, picture: &Arc<image::RgbImage>, frame: Rect) {
    if let Some(texture) = textures.thumbnail(ui, picture) {
        painter.image(texture.id(), fitted(size_of(picture), frame), WHOLE, Color32::WHITE);
    }
}

/// A short word on a dark ground in the lower left corner.
fn label(painter: &Painter, rect: Rect, colors: &Tokens, words: &str, color: Color32) {
    let text = painter.layout(
        words.to_owned(),
        FontId::proportional(11.0),
        color,
        (rect.width() - 6.0 * STEP).max(20.0),
    );
    let size = text.size() + vec2(2.0 * STEP, STEP);
    let ground = Rect::from_min_size(pos2(rect.left() + STEP, rect.bottom() - 2.0 * STEP - size.y), size);
    painter.rect_filled(ground, 3.0, colors.surface[0].gamma_multiply(0.85));
    painter.galley(ground.min + vec2(STEP, 0.5 * STEP), text, color);
}

fn note(painter: &Painter, rect: Rect, glyph: &str, words: &str, colors: &Tokens) {
    let center = rect.center();
    painter.text(
        center - vec2(0.0, 10.0),
        Align2::CENTER_CENTER,
        glyph,
        icon_font(16.0),
        colors.dim,
    );
    painter.text(
        center + vec2(0.0, 10.0),
        Align2::CENTER_CENTER,
        words,
        FontId::proportional(11.0),
        colors.dim,
    );
}

/// What a screen reader and a tooltip say of a drift.
pub fn drift_words(drift: &Drift, outlier: bool) -> String {
    let stands_out = if outlier { ", which stands out" } else { "" };
    format!("ΔE {:.1} from the frame before{stands_out}", drift.mean)
}

/// How far a cell's colours are from those of the frame before, as a bar on its right edge; what stands out is marked.
pub fn meter(ui: &Ui, rect: Rect, drift: &Drift, outlier: bool) {
    let colors = tokens(ui);
    let painter = ui.painter_at(rect);
    let rail = Rect::from_min_max(pos2(rect.right() - 6.0, rect.top()), rect.max);
    painter.rect_filled(rail, 0.0, colors.surface[0].gamma_multiply(0.7));
    let share = (drift.mean / FULL).clamp(0.02, 1.0);
    let bar = Rect::from_min_max(pos2(rail.left() + 1.0, rail.bottom() - rail.height() * share), rail.max);
    let color = if outlier { colors.warn } else { colors.dim };
    painter.rect_filled(bar, 0.0, color);
    if outlier {
        painter.rect_stroke(rect, 0.0, Stroke::new(1.0, colors.warn), StrokeKind::Inside);
        let words = format!("ΔE {:.1}", drift.mean);
        let text = painter.layout_no_wrap(words, FontId::proportional(11.0), colors.warn);
        let ground = Rect::from_min_size(
            pos2(rail.left() - text.size().x - 3.0 * STEP, rect.top() + STEP),
            text.size() + vec2(2.0 * STEP, STEP),
        );
        painter.rect_filled(ground, 3.0, colors.surface[0].gamma_multiply(0.85));
        painter.galley(ground.min + vec2(STEP, 0.5 * STEP), text, colors.warn);
    }
}
