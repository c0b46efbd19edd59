//! The layers of the canvas, topmost first: a list to choose, drag, name, hide and lock them, and what the chosen ones are set to.

use egui::style::ScrollAnimation;
use egui::{Align, ComboBox, DragAndDrop, Layout, ScrollArea, Ui, vec2};

use super::layer_row::{Choice, Row, THUMBNAIL, Touched};
use super::mask_look;
use super::thumbnails::Thumbnails;
use crate::command::Command;
use crate::document::{Blend, LayerId, Place, Side};
use crate::session::Session;
use crate::ui::theme::{ROW, STEP};
use crate::ui::{command_button, icon, percent, row, slider_row};

/// Rows that show however low the window is.
const FEWEST_ROWS: f32 = 3.0;
/// Rows a second, at most, by which the list moves under a row that is carried.
const PACE: f32 = 8.0;

/// The list's own state: what belongs to the window and not to the document.
#[derive(Default)]
pub struct LayerList {
    thumbnails: Thumbnails<THUMBNAIL>,
    /// The layer that is being named, and its name so far.
    naming: Option<(LayerId, String)>,
    /// The chosen layer is to be named.
    rename: bool,
}

impl LayerList {
    /// Lets the person name the chosen layer.
    pub fn rename(&mut self) {
        self.rename = true;
    }

    pub fn show(&mut self, ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            ui.label("Mask");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_enabled_ui(session.document().is_some(), |ui| {
                    mask_look::button(ui, session);
                    for (command, glyph) in [
                        (Command::ClearMask, icon::TRASH),
                        (Command::InvertMask, icon::INVERT),
                        (Command::ProposeSketchMask, icon::SPARKLE),
                    ] {
                        if command_button(ui, glyph, 16.0, false, command) {
                            commands.push(command);
                        }
                    }
                });
            });
        });
        if session.document().is_none() {
            ui.weak("Nothing is open.");
            return;
        }
        properties(ui, session, commands);
        buttons(ui, session, commands);
        ui.add_space(STEP);
        self.list(ui, session);
    }

    fn list(&mut self, ui: &mut Ui, session: &mut Session) {
        let (target, chosen) = (session.target(Side::Canvas), session.chosen());
        let naming = (self.naming.as_ref().map(|(id, _)| *id)).or(target.filter(|_| self.rename));
        let Some(canvas) = session.document().map(|document| document.canvas()) else {
            return;
        };
        if std::mem::take(&mut self.rename) {
            self.naming = target.and_then(|id| Some((id, canvas.layer(id)?.name.clone())));
        }
        let settled = !session.toolbox.is_active();
        let rows = (canvas.listed().rev())
            .map(|layer| {
                let choice = match chosen.contains(&layer.id) {
                    true if target == Some(layer.id) => Choice::PaintedOn,
                    true => Choice::Beside,
                    false => Choice::No,
                };
                Row::of(canvas, layer, choice, self.thumbnails.of(ui, canvas, layer.id, settled))
            })
            .collect::<Vec<_>>();
        let mut touched = None;
        let mut drop = None;
        // To the lower end of the panel, and the list scrolls by itself.
        let room = ui.clip_rect().bottom() - ui.cursor().top() - 3.0 * STEP;
        let height = room.max(FEWEST_ROWS * (Row::HEIGHT + STEP));
        ScrollArea::vertical()
            .id_salt("layer list")
            .max_height(height)
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = STEP;
                for row in &rows {
                    let name = self.naming.as_mut().filter(|_| naming == Some(row.id)).map(|(_, name)| name);
                    let shown = row.show(ui, name);
                    touched = shown.touched.map(|what| (row.id, what)).or(touched.take());
                    shown.response.dnd_set_drag_payload(row.id);
                    if dragged(ui).is_some_and(|dragged| dragged != row.id) {
                        drop = row.place_under_pointer(ui, shown.response.rect).or(drop);
                    }
                }
                if dragged(ui).is_some() {
                    follow_pointer(ui);
                }
            });
        if let Some((id, what)) = touched {
            self.act(session, id, what);
        }
        let released = ui.input(|input| input.pointer.any_released());
        if let (true, Some(dragged), Some(place)) = (released, dragged(ui), drop) {
            session.move_layer(dragged, place);
        }
    }

    fn act(&mut self, session: &mut Session, id: LayerId, what: Touched) {
        match what {
            Touched::Eye => session.toggle(Some(id)),
            Touched::Alone => session.show_alone(id),
            Touched::Name => session.select(id),
            Touched::Also => session.select_also(id),
            Touched::Range => session.select_to(id),
            Touched::Picture => session.select_painted_on(id),
            Touched::Fold => session.change_layer(id, "Fold or open a group", |layer| layer.folded = !layer.folded),
            Touched::Rename => {
                let layer = session.document().and_then(|document| document.layer(id));
                self.naming = layer.map(|layer| (id, layer.name.clone()));
            }
            Touched::Named => {
                if let Some((id, name)) = self.naming.take() {
                    session.rename_layer(id, &name);
                }
            }
            Touched::NotNamed => self.naming = None,
        }
    }
}

/// The layer whose row is carried by the pointer; none any more once Escape was pressed.
fn dragged(ui: &Ui) -> Option<LayerId> {
    DragAndDrop::payload(ui.ctx()).map(|id| *id)
}

/// Moves a list, where there is more of it, while the pointer carries a row near an end of what shows of it, or past that.
fn follow_pointer(ui: &Ui) {
    let Some(pointer) = ui.input(|input| input.pointer.latest_pos()) else {
        return;
    };
    let (shown, all) = (ui.clip_rect(), ui.min_rect());
    let up = shown.top() + Row::HEIGHT - pointer.y;
    let down = pointer.y + Row::HEIGHT - shown.bottom();
    let pull = match () {
        () if !shown.x_range().contains(pointer.x) => 0.0,
        () if up > 0.0 && all.top() < shown.top() => up,
        () if down > 0.0 && all.bottom() > shown.bottom() => -down,
        () => 0.0,
    };
    if pull != 0.0 {
        let pace = pull.clamp(-Row::HEIGHT, Row::HEIGHT) * PACE;
        let moved = pace * ui.input(|input| input.stable_dt);
        ui.scroll_with_delta_animation(vec2(0.0, moved), ScrollAnimation::none());
        ui.ctx().request_repaint();
    }
}

/// Blend mode, opacity and locks of the layer that is painted on; they are set for all that are chosen.
fn properties(ui: &mut Ui, session: &mut Session, commands: &mut Vec<Command>) {
    let chosen = session.target(Side::Canvas).and_then(|id| session.document()?.layer(id));
    let Some(layer) = chosen else { return };
    let (id, is_mask, mut opacity, mut blend) = (layer.id, layer.role.is_mask(), layer.opacity, layer.blend);
    let is_remark = layer.role.is_remark();
    let switches = [
        (Command::ToggleLock, icon::LOCK, layer.locked, true),
        (
            Command::ToggleAlphaLock,
            icon::ALPHA_LOCK,
            layer.alpha_locked,
            !is_mask && !layer.is_group(),
        ),
        (Command::ToggleClip, icon::CLIP, layer.clip, !is_remark),
    ];
    row(ui, "Blend", "How the chosen layers mix with what lies below them", |ui| {
        let room = ui.available_width() - 3.0 * (ROW + 2.0 * STEP);
        ui.add_enabled_ui(!is_remark, |ui| {
            ComboBox::from_id_salt("blend mode")
                .width(room.max(72.0))
                .height(480.0)
                .selected_text(if is_mask { "Tint" } else { blend.label() })
                .show_ui(ui, |ui| {
                    for choice in Blend::ALL {
                        ui.selectable_value(&mut blend, choice, choice.label());
                    }
                });
        });
        ui.spacing_mut().item_spacing.x = STEP;
        for (command, glyph, on, possible) in switches {
            ui.add_enabled_ui(possible, |ui| {
                if command_button(ui, glyph, 16.0, on, command) {
                    commands.push(command);
                }
            });
        }
    });
    if slider_row(
        ui,
        "Opacity",
        "Opacity of the chosen layers",
        percent(&mut opacity, 0.0..=1.0),
    )
    .changed()
    {
        session.set_opacity(id, opacity);
    }
    let before = session
        .document()
        .and_then(|document| document.layer(id))
        .map(|layer| layer.blend);
    if before.is_some_and(|before| before != blend) {
        session.set_blend(id, blend);
    }
    ui.add_space(STEP);
}

/// What can be done with the chosen layers.
fn buttons(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let chosen = session.target(Side::Canvas).and_then(|id| session.document()?.layer(id));
    let is_sketch = (session.document().zip(chosen)).is_some_and(|(document, layer)| document.canvas().is_sketch(layer));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        for (command, glyph) in [
            (Command::NewLayer, icon::LAYER),
            (Command::NewHintLayer, icon::PALETTE),
            (Command::GroupLayer, icon::GROUP_NEW),
            (Command::DuplicateLayer, icon::COPY),
            (Command::MergeDown, icon::MERGE),
            (Command::UseAsSketch, icon::PEN),
        ] {
            let on = command == Command::UseAsSketch && is_sketch;
            ui.add_enabled_ui(session.allows(command), |ui| {
                if command_button(ui, glyph, 16.0, on, command) {
                    commands.push(command);
                }
            });
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if command_button(ui, icon::TRASH, 16.0, false, Command::RemoveLayer) {
                commands.push(Command::RemoveLayer);
            }
        });
    });
}

impl Row {
    /// Where a layer that is let go here would lie, and a mark there.
    fn place_under_pointer(&self, ui: &Ui, rect: egui::Rect) -> Option<Place> {
        let pointer = ui.input(|input| input.pointer.latest_pos())?;
        // The gap to the next row belongs to this one.
        let reach = rect.expand2(vec2(0.0, STEP / 2.0));
        // What lies outside the list is not seen.
        if !reach.intersect(ui.clip_rect()).contains(pointer) {
            return None;
        }
        let share = (pointer.y - rect.top()) / rect.height();
        Some(match share {
            _ if self.is_group && (0.3..0.7).contains(&share) => {
                self.mark_into(ui, rect);
                Place::Into(self.id)
            }
            _ if share < 0.5 => {
                self.mark_edge(ui, rect, rect.top() - STEP / 2.0);
                Place::Above(self.id)
            }
            _ => {
                self.mark_edge(ui, rect, rect.bottom() + STEP / 2.0);
                Place::Below(self.id)
            }
        })
    }
}
