//! What a person does with the layers of the canvas.

use std::time::Instant;

use super::{Notice, Session};
use crate::board::editing::PAUSE;
use crate::command::Command;
use crate::document::{Blend, Layer, LayerId, Merged, Pixels, Place, Role, Sheet, Side, TOO_DEEP, TileGrid};

/// What the history calls layers that are shown, or are no longer.
const SHOW_OR_HIDE: [&str; 2] = ["Show or hide a layer", "Show or hide layers"];
/// What the history calls layers that go to another place.
const MOVE: [&str; 2] = ["Move a layer", "Move layers"];
/// Why masks stay in theirs.
const MASKS_STAY: &str = "A mask lies over all layers.";

/// The latest change of an opacity.
pub(super) struct Fading {
    layers: Vec<LayerId>,
    /// The state of the history that it led to.
    state: u64,
    when: Instant,
    /// The pointer was down: it was dragged.
    pub held: bool,
}

/// Which layers become one.
enum Merge {
    /// These; or a single one and what is below it; or a group.
    Chosen(Vec<LayerId>),
    /// What shows; hidden layers stay.
    Shown,
    /// What shows; hidden layers go.
    All,
}

impl Merge {
    fn label(&self) -> &'static str {
        match self {
            Self::Chosen(_) => "Merge layers",
            Self::Shown => "Merge visible layers",
            Self::All => "Flatten the picture",
        }
    }

    fn done(&self, canvas: &mut Sheet) -> Result<Merged, &'static str> {
        match self {
            Self::Chosen(layers) => canvas.merge_all(layers).map(|layer| Merged { layer, dropped: 0 }),
            Self::Shown => canvas.merge_visible(),
            Self::All => canvas.flatten(),
        }
    }
}

impl Session {
    /// Shows a layer of the canvas, or hides it.
    pub fn toggle(&mut self, layer: Option<LayerId>) {
        if let Some(layer) = layer {
            self.alter(move |session| session.show_or_hide(SHOW_OR_HIDE[0], layer, vec![layer]));
        }
    }

    /// Sets the opacity, 0..=1, of a layer and of those that are chosen with it. What is set while the pointer is held, or by one key press soon after
    /// another, is one entry of history.
    pub fn set_opacity(&mut self, layer: LayerId, opacity: f32) {
        let now = Instant::now();
        self.alter(move |session| session.fade(layer, opacity, now));
    }

    /// Sets an opacity at `when`.
    pub(super) fn fade(&mut self, layer: LayerId, opacity: f32, when: Instant) {
        let layers = self.together(layer);
        let goes_on = self.fading.as_ref().is_some_and(|last| {
            let soon = !self.hand.is_down && when.duration_since(last.when) < PAUSE;
            last.layers == layers && last.state == self.history.state() && (last.held || soon)
        });
        let Some(document) = &mut self.document else { return };
        if document.layer(layer).is_none() {
            return;
        }
        let before = document.clone();
        for id in &layers {
            document.layer_mut(*id).into_iter().for_each(|layer| layer.opacity = opacity);
        }
        self.record("Layer opacity", before, goes_on);
        self.fading = Some(Fading {
            layers,
            state: self.history.state(),
            when,
            held: self.hand.is_down,
        });
    }

    /// Sets how a layer, and those that are chosen with it, mix with what lies below them. Masks and hints are no part of the picture.
    pub fn set_blend(&mut self, layer: LayerId, blend: Blend) {
        self.alter(move |session| {
            let layers = session.together(layer);
            session.edit_canvas("Blend mode", |canvas| {
                canvas.layer(layer).ok_or("")?;
                for id in layers {
                    if let Some(layer) = canvas.layer_mut(id).filter(|layer| !layer.role.is_remark()) {
                        layer.blend = blend;
                    }
                }
                Ok(())
            });
        });
    }

    pub(super) fn by_role(&self, role: Role) -> Option<LayerId> {
        self.document.as_ref()?.by_role(role).map(|layer| layer.id)
    }

    /// The commands that concern layers, most of them those that are chosen.
    pub(super) fn arrange(&mut self, command: Command) {
        let Some(target) = self.target(Side::Canvas) else { return };
        match command {
            Command::RemoveBackground => self.edit("Remove the background reference", |document| {
                // Taking a picture away cannot be refused.
                let _ = document.set_background(None);
            }),
            Command::ToggleLayer => {
                let layers = self.chosen();
                self.show_or_hide(label(&layers, SHOW_OR_HIDE), target, layers);
            }
            Command::ToggleSketch => {
                self.edit_canvas("Show or hide the sketch", |canvas| {
                    canvas.show_or_hide_sketch().then_some(()).ok_or("")
                });
            }
            Command::ToggleTake => self.toggle(self.by_role(Role::Take)),
            Command::NewLayer => self.new_layer(target),
            Command::NewHintLayer => {
                // Tints would falsify the colours that are about to be painted.
                self.view.masks = false;
                let made = self.edit("New hint layer", |document| Some(document.add_hints(None)));
                self.take_up(made);
            }
            Command::GroupLayer => {
                let layers = self.chosen();
                let group = self.edit_canvas("Group layers", |canvas| match have_mask(canvas, &layers) {
                    true => Err("Masks sit above all layers and cannot be grouped."),
                    false => canvas.group_all(&layers),
                });
                self.take_up(group);
            }
            Command::DuplicateLayer if self.copies_parts() => self.copy_to_layers(self.chosen()),
            Command::DuplicateLayer => self.duplicate_layers(target),
            Command::MergeDown => self.merge(Merge::Chosen(self.chosen())),
            Command::MergeVisible => self.merge(Merge::Shown),
            Command::FlattenPicture => self.merge(Merge::All),
            Command::RemoveLayer => self.remove_layers(),
            Command::LayerUp | Command::LayerDown => {
                let (layers, up) = (self.chosen(), command == Command::LayerUp);
                self.edit_canvas(label(&layers, MOVE), |canvas| match have_mask(canvas, &layers) {
                    true => Err(MASKS_STAY),
                    false => canvas.step_all(&layers, up).then_some(()).ok_or(""),
                });
            }
            Command::ToggleLock => {
                self.switch(target, ["Lock or unlock a layer", "Lock or unlock layers"], |layer| {
                    &mut layer.locked
                });
            }
            Command::ToggleAlphaLock => self.switch(target, ["Lock or unlock alpha"; 2], |layer| &mut layer.alpha_locked),
            Command::ToggleClip if self.has_chosen(|layer| layer.role.is_remark()) => {
                let words = "Masks and hints are no part of the picture. Choose another layer to clip.";
                self.notice = Some(Notice::info(words));
            }
            Command::ToggleClip => {
                self.switch(target, ["Clip or release a layer", "Clip or release layers"], |layer| {
                    &mut layer.clip
                });
            }
            Command::UseAsSketch => self.use_as_sketch(),
            Command::LinesOffPaper => self.take_off_paper(self.chosen()),
            _ => {}
        }
    }

    /// Turns a switch of all chosen layers to what it is not on the one that is painted on.
    fn switch(&mut self, target: LayerId, labels: [&'static str; 2], switch: fn(&mut Layer) -> &mut bool) {
        let layers = self.chosen();
        self.edit_canvas(label(&layers, labels), |canvas| {
            let on = canvas.layer_mut(target).map(|layer| !*switch(layer)).ok_or("")?;
            for id in &layers {
                canvas.layer_mut(*id).into_iter().for_each(|layer| *switch(layer) = on);
            }
            Ok(())
        });
    }

    /// A blank layer over the chosen one; over the colour and under the lines while a mask or hints are chosen.
    fn new_layer(&mut self, target: LayerId) {
        if let Some(document) = &self.document {
            let blank = TileGrid::new(document.canvas().size());
            self.add_layer("New layer", "Paint", blank, target);
        }
    }

    /// A layer of its own with these pixels, where [`Self::new_layer`] says.
    pub(super) fn add_layer(&mut self, label: &'static str, name: &str, pixels: TileGrid<[u8; 4]>, target: LayerId) {
        let made = self.edit_canvas(label, |canvas| {
            let mut layer = Layer::new(Role::Paint, &canvas.free_name(name), Pixels::Raster(pixels));
            let (id, place) = (layer.id, canvas.place_of_new(target));
            layer.clip = canvas.is_within_clipping(place);
            canvas.insert(layer, place).then_some(id).ok_or("There is no such layer.")
        });
        self.take_up(made);
    }

    /// Makes one layer of several, away from the window.
    fn merge(&mut self, what: Merge) {
        let Some(document) = &self.document else { return };
        let mut canvas = document.canvas().clone();
        let merge = move |what: &Merge| what.done(&mut canvas).map(|merged| (canvas, merged));
        self.await_made(what, merge, Self::place_merged, Self::merge);
    }

    fn place_merged(&mut self, what: Merge, merged: Result<(Sheet, Merged), &'static str>) {
        let merged = self.edit_canvas(what.label(), |canvas| {
            let (sheet, merged) = merged?;
            *canvas = sheet;
            Ok(merged)
        });
        let Some(Merged { layer, dropped }) = merged else { return };
        // Before what has waited for it.
        self.choose(layer);
        self.notice = match dropped {
            0 => None,
            1 => Some(Notice::info("One hidden layer is gone. Undo brings it back.")),
            _ => Some(Notice::info(format!(
                "{dropped} hidden layers are gone. Undo brings them back."
            ))),
        };
    }

    /// The copies are chosen then, that of the layer that is painted on to paint on.
    fn duplicate_layers(&mut self, target: LayerId) {
        let layers = self.chosen();
        let label = label(&layers, ["Duplicate a layer", "Duplicate layers"]);
        let copies = self.edit_canvas(label, |canvas| match have_mask(canvas, &layers) {
            true => Err("There is one sketch mask; it is not duplicated."),
            false => Ok(canvas.duplicate_all(&layers)),
        });
        if let Some((first, others)) = copy_of(target, copies.unwrap_or_default()) {
            self.select_together(first, others);
        }
    }

    fn remove_layers(&mut self) {
        let layers = self.chosen();
        let next = self.edit_canvas(label(&layers, ["Remove a layer", "Remove layers"]), |canvas| {
            if have_mask(canvas, &layers) {
                return Err("The sketch mask stays. Clear it instead.");
            }
            if layers.iter().any(|id| canvas.is_locked(*id)) {
                return Err(match layers.len() {
                    1 => "The layer is locked, or a group that it lies in. Unlock it first.",
                    _ => "One of the layers is locked, or a group that it lies in. Unlock it first.",
                });
            }
            let lies_inside = |layer: &Layer| layers.iter().any(|group| canvas.is_inside(layer.id, *group));
            if canvas.layers().any(|layer| layer.locked && lies_inside(layer)) {
                return Err("A layer in the group is locked. Unlock it first.");
            }
            canvas.remove_all(&layers).ok_or("")
        });
        self.take_up(next);
    }

    /// Adds the chosen layers to the sketch, or takes them out.
    fn use_as_sketch(&mut self) {
        let layers = self.chosen();
        if self.edit_canvas("Choose the sketch", |canvas| canvas.toggle_sketch_all(&layers)) == Some(true) {
            let words = match layers.len() {
                1 => "Its blend mode is Multiply now: white paper would hide the colours below.",
                _ => "Their blend mode is Multiply now: white paper would hide the colours below.",
            };
            self.notice = Some(Notice::info(words));
        }
    }

    /// Drags a layer, and those that are chosen with it, to another place.
    pub fn move_layer(&mut self, id: LayerId, place: Place) {
        self.alter(move |session| {
            let layers = session.together(id);
            session.edit_canvas(label(&layers, MOVE), |canvas| match have_mask(canvas, &layers) {
                true => Err(MASKS_STAY),
                false if canvas.is_too_deep(&layers, place) => Err(TOO_DEEP),
                false => canvas.move_all(&layers, place).then_some(()).ok_or(""),
            });
        });
    }

    pub fn rename_layer(&mut self, id: LayerId, name: &str) {
        let name = name.trim();
        let same = self
            .document()
            .and_then(|document| document.layer(id))
            .is_none_or(|layer| layer.name == name);
        if !name.is_empty() && !same {
            let name = name.to_owned();
            self.change_layer(id, "Rename a layer", move |layer| layer.name = name);
        }
    }

    /// One change of a layer that can be undone. What is done before its turn may take the layer away.
    pub fn change_layer(&mut self, id: LayerId, label: &'static str, change: impl FnOnce(&mut Layer) + 'static) {
        self.alter(move |session| {
            let Some(document) = &mut session.document else { return };
            let before = document.clone();
            if let Some(layer) = document.layer_mut(id) {
                change(layer);
                session.record(label, before, false);
            }
        });
    }

    /// Changes the canvas's layers as one entry of history, or says why not; an empty reason is a person's own business.
    pub(super) fn edit_canvas<T>(
        &mut self,
        label: &'static str,
        change: impl FnOnce(&mut Sheet) -> Result<T, &'static str>,
    ) -> Option<T> {
        let document = self.document.as_mut()?;
        let before = document.clone();
        match change(document.canvas_mut()) {
            Ok(result) => {
                self.record(label, before, false);
                Some(result)
            }
            Err(reason) => {
                *document = before;
                if !reason.is_empty() {
                    self.notice = Some(Notice::info(reason));
                }
                None
            }
        }
    }

    fn take_up(&mut self, layer: Option<LayerId>) {
        layer.into_iter().for_each(|layer| self.select(layer));
    }
}

/// Of copies, each named after what it is a copy of, that of `target`, or else the first, and the others.
pub(super) fn copy_of(target: LayerId, copies: Vec<(LayerId, LayerId)>) -> Option<(LayerId, Vec<LayerId>)> {
    let place = copies.iter().position(|(of, _)| *of == target).unwrap_or_default();
    let mut copies: Vec<LayerId> = copies.into_iter().map(|(_, copy)| copy).collect();
    if copies.is_empty() {
        return None;
    }
    let first = copies.remove(place);
    Some((first, copies))
}

/// What the history calls a change: of one layer, or of several.
pub(super) fn label(layers: &[LayerId], [one, several]: [&'static str; 2]) -> &'static str {
    if layers.len() == 1 { one } else { several }
}

fn have_mask(canvas: &Sheet, layers: &[LayerId]) -> bool {
    let mut found = layers.iter().filter_map(|id| canvas.layer(*id));
    found.any(|layer| layer.role.is_mask())
}
