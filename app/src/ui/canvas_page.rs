//! Another size for the canvas, or for the picture on it.

use egui::{Checkbox, Context, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::dialogs::{agree, heading, modal};
use super::theme::{ROW, STEP, tokens};
use super::{pixels, row};
use crate::command::Command;
use crate::document::MAX_SIDE;
use crate::session::Session;
use crate::tool::Resize;

/// Where what is there may stay, row by row.
const PLACES: [[&str; 3]; 3] = [
    ["Top left", "Top", "Top right"],
    ["Left", "Middle", "Right"],
    ["Bottom left", "Bottom", "Bottom right"],
];

/// The page, open for a command or not.
pub struct CanvasPage {
    command: Option<Command>,
    /// The document that it was opened for: see [`Session::opened`].
    opened: u64,
    /// `[width, height]` in pixels as they are, and as they are to be.
    old: [u32; 2],
    size: [u32; 2],
    /// Where what is there stays: see [`Resize::Canvas`].
    anchor: [i32; 2],
    /// Width and height keep their proportions.
    linked: bool,
}

impl Default for CanvasPage {
    fn default() -> Self {
        Self {
            command: None,
            opened: 0,
            old: [1, 1],
            size: [1, 1],
            anchor: [0, 0],
            linked: true,
        }
    }
}

impl CanvasPage {
    /// Opens it for the canvas of the open document, if there is one.
    pub fn open(&mut self, command: Command, session: &Session) {
        *self = Self {
            command: session.document().map(|_| command),
            opened: session.opened(),
            ..Self::default()
        };
    }

    pub fn is_open(&self) -> bool {
        self.command.is_some()
    }

    /// The page goes with its document, and begins with the size that the canvas has by now.
    fn follow(&mut self, session: &Session) {
        let document = session.document().filter(|_| session.opened() == self.opened);
        match document.map(|document| document.canvas().size()) {
            None => self.command = None,
            Some(size) if size != self.old => (self.old, self.size) = (size, size),
            Some(_) => {}
        }
    }

    /// Shows the page while it is open; what is to become of the canvas, once it is chosen.
    pub fn show(&mut self, context: &Context, session: &Session) -> Option<Resize> {
        self.follow(session);
        let scales = self.command? == Command::ScalePicture;
        let (title, verb) = match scales {
            true => ("Scale the picture", "Scale"),
            false => ("Canvas size", "Resize"),
        };
        let modal = modal(context, "canvas").show(context, |ui| {
            ui.set_width(320.0);
            heading(ui, title);
            self.sides(ui, scales);
            match scales {
                true => {
                    ui.add(Checkbox::new(&mut self.linked, "Keep the proportions"));
                }
                false => places(ui, &mut self.anchor),
            }
            ui.add_space(STEP);
            let words = match scales {
                true => "All layers, masks, takes and the selection are scaled with it.",
                false => "What lies outside is cut off on all layers, takes and the sketch mask. Undo brings it back.",
            };
            ui.label(RichText::new(words).color(tokens(ui).dim));
            ui.add_space(3.0 * STEP);
            agree(ui, verb)
        });
        let chosen = (modal.inner == Some(true)).then_some(match scales {
            true => Resize::Scale(self.size),
            false => Resize::Canvas {
                size: self.size,
                anchor: self.anchor,
            },
        });
        if modal.inner.is_some() || modal.should_close() {
            self.command = None;
        }
        chosen
    }

    fn sides(&mut self, ui: &mut Ui, scales: bool) {
        for (axis, name) in ["Width", "Height"].into_iter().enumerate() {
            let field = pixels(&mut self.size[axis], MAX_SIDE);
            let changed = row(ui, name, "In pixels", |ui| ui.add(field)).changed();
            if changed && scales && self.linked {
                let other = 1 - axis;
                self.size[other] = proportional(self.size[axis], self.old[axis], self.old[other]);
            }
        }
    }
}

/// The other side of a picture of which one side becomes `new` that was `old`.
fn proportional(new: u32, old: u32, other: u32) -> u32 {
    let exact = f64::from(other) * f64::from(new) / f64::from(old);
    (exact.round() as u32).clamp(1, MAX_SIDE)
}

/// Where what is there stays, on a little picture of the canvas.
fn places(ui: &mut Ui, anchor: &mut [i32; 2]) {
    row(ui, "Anchor", "Where what is there stays", |ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(STEP / 2.0);
            for (down, names) in (-1..).zip(PLACES) {
                ui.horizontal(|ui| {
                    for (right, name) in (-1..).zip(names) {
                        if place(ui, name, *anchor == [right, down]).clicked() {
                            *anchor = [right, down];
                        }
                    }
                });
            }
        });
    });
}

fn place(ui: &mut Ui, name: &str, chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, name));
    let colors = tokens(ui);
    let lit = response.hovered() || response.has_focus();
    let edge = if lit { colors.accent } else { colors.line() };
    let fill = if chosen { colors.accent } else { colors.surface[2] };
    ui.painter().rect(rect, 2.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    response.on_hover_text(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_side_keeps_the_proportions_and_the_limits() {
        assert_eq!(proportional(500, 1000, 333), 167);
        assert_eq!([proportional(1, 1000, 333), proportional(16000, 1000, 3000)], [1, MAX_SIDE]);
    }
}
