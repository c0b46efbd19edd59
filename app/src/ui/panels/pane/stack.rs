//! What a pane shows, layer on layer.

use std::time::Duration;

use egui::{Color32, Ui};

use crate::canvas::composite::{DEPTH, Mode};
use crate::canvas::{Pixels, Pointed, Shown, Tint, overlay};
use crate::document::{Blend, Document, Laid, Layer, LayerId, Sheet, Side, Step};
use crate::session::{MaskLook, MaskShow, Session, ShownPreview};
use crate::ui::theme::Tokens;

/// How long a preview takes to replace the one before it.
const FADE: Duration = Duration::from_millis(120);

/// Strength of a mask's tint behind the figure, as a share of that on it.
const BEHIND: f32 = 0.53;

/// A preview, and the layer that stands where its take will lie.
#[derive(Clone, Copy)]
pub(super) struct Coming<'a> {
    pub take: LayerId,
    pub shown: &'a ShownPreview,
    /// How far it has come in, 0..=1.
    pub fade: f32,
}

/// The document with another take on its canvas.
pub(super) fn showing(document: &Document, take: LayerId) -> Document {
    let mut other = document.clone();
    other.show_take(Some(take));
    other
}

/// What the pane shows, from the bottom up: a preview lies where its take will, tints right under the lines, which stay black.
pub(super) fn stacked<'a>(session: &'a Session, sheet: &'a Sheet, side: Side, coming: Option<Coming<'a>>) -> Vec<Shown<'a>> {
    let masks = || (sheet.layers().rev()).filter(|layer| session.shows_masks() && layer.visible && layer.mask().is_some());
    let look = session.view.mask_look.show;
    let mut layers = Vec::new();
    let mut under = Some(());
    // The model's own view takes the place of the tint.
    let tints = look == MaskShow::Tint && session.shows_masks() && !(side == Side::Canvas && session.shows_cells());
    // What paint lies between lines is looked at for the tints' sake alone.
    let lines = if tints { sheet.lines_over_color() } else { Vec::new() };
    let mut lay_under = |layers: &mut Vec<Shown<'a>>| {
        if under.take().is_some() && tints {
            layers.extend(masks().filter_map(|layer| mask(layer, Mode::Tint)));
        }
    };
    let mut depth = 0;
    for step in sheet.steps() {
        if let Step::Push(id) | Step::Lay(&Layer { id, .. }, _) = step
            && lines.contains(&id)
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
            Step::Lay(layer, Laid { blend, opacity, clip }) => match coming {
                Some(Coming { take, shown, fade }) if take == layer.id => push_preview(&mut layers, shown, fade),
                _ => layers.extend(layer.raster().map(|grid| Shown {
                    pixels: Pixels::Colour(layer.id, grid),
                    mode: Mode::Layer { blend, clip },
                    opacity,
                })),
            },
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
    layers.extend(sheet.selection().filter(|_| session.view.selection).map(|grid| Shown {
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

pub(super) fn tint(colors: &Tokens, look: MaskLook) -> Tint {
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
pub(super) fn fade(ui: &Ui, shown: &ShownPreview) -> f32 {
    let share = shown.since.elapsed().as_secs_f32() / FADE.as_secs_f32();
    if share < 1.0 {
        ui.ctx().request_repaint();
    }
    share.min(1.0)
}

pub(super) fn mark(ui: &Ui, pointed: &Pointed, size: [u32; 2], shown: &ShownPreview, colors: &Tokens) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Role;
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
