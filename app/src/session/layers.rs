//! What a person does with the layers of the canvas.

use std::time::Instant;

use super::regions::Found;
use super::{Notice, Session};
use crate::board::editing::PAUSE;
use crate::command::Command;
use crate::document::{Layer, LayerId, Merged, Pixels, Place, Role, Sheet, Side, TileGrid};

/// How many layers that were chosen are remembered.
const REMEMBERED: usize = 16;

/// The latest change of a layer's opacity.
pub(super) struct Fading {
    layer: LayerId,
    /// The state of the history that it led to.
    state: u64,
    when: Instant,
    /// The pointer was down: it was dragged.
    pub held: bool,
}

/// Which layers become one.
#[derive(Clone, Copy)]
pub(super) enum Merge {
    /// The layer and what is below it; or a group.
    Down(LayerId),
    /// What shows; hidden layers stay.
    Shown,
    /// What shows; hidden layers go.
    All,
}

impl Merge {
    fn label(self) -> &'static str {
        match self {
            Self::Down(_) => "Merge layers",
            Self::Shown => "Merge visible layers",
            Self::All => "Flatten the picture",
        }
    }

    fn done(self, canvas: &mut Sheet) -> Result<Merged, &'static str> {
        match self {
            Self::Down(id) => canvas.merge_down(id).map(|layer| Merged { layer, dropped: 0 }),
            Self::Shown => canvas.merge_visible(),
            Self::All => canvas.flatten(),
        }
    }
}

impl Session {
    /// Chooses a layer for what is done next, but not in mid-stroke.
    pub fn select(&mut self, layer: LayerId) {
        self.when_laid(move |session| {
            if !session.toolbox.is_active() {
                session.choose(layer);
            }
        });
    }

    /// The layer comes before those that were chosen earlier, which are gone back to when it is gone.
    pub(super) fn choose(&mut self, layer: LayerId) {
        self.selected.retain(|earlier| *earlier != layer);
        self.selected.push(layer);
        let surplus = self.selected.len().saturating_sub(REMEMBERED);
        self.selected.drain(..surplus);
    }

    pub fn toggle(&mut self, layer: Option<LayerId>) {
        if let Some(layer) = layer {
            self.change_layer(layer, "Show or hide a layer", |layer| layer.visible = !layer.visible);
        }
    }

    /// What is set of one layer while the pointer is held, or by one key press soon after another, is one entry of history.
    pub fn set_opacity(&mut self, layer: LayerId, opacity: f32) {
        let now = Instant::now();
        self.alter(move |session| session.fade(layer, opacity, now));
    }

    /// Sets a layer's opacity at `when`.
    pub(super) fn fade(&mut self, layer: LayerId, opacity: f32, when: Instant) {
        let goes_on = self.fading.as_ref().is_some_and(|last| {
            let soon = !self.pointer_held && when.duration_since(last.when) < PAUSE;
            (last.layer, last.state) == (layer, self.history.state()) && (last.held || soon)
        });
        let Some(document) = &mut self.document else { return };
        let before = document.clone();
        let Some(changed) = document.layer_mut(layer) else { return };
        changed.opacity = opacity;
        self.record("Layer opacity", before, goes_on);
        self.fading = Some(Fading {
            layer,
            state: self.history.state(),
            when,
            held: self.pointer_held,
        });
    }

    pub(super) fn by_role(&self, role: Role) -> Option<LayerId> {
        self.document.as_ref()?.by_role(role).map(|layer| layer.id)
    }

    /// The layer above the one that is chosen, or below it.
    pub(super) fn select_neighbour(&mut self, command: Command) {
        let step = if command == Command::LayerAbove { 1 } else { -1 };
        let (Some(document), Some(target)) = (&self.document, self.target(Side::Canvas)) else {
            return;
        };
        let canvas = document.canvas();
        // What a folded group holds is not in sight.
        let listed = canvas
            .layers()
            .filter(|layer| !canvas.groups_of(layer.id).any(|group| group.folded));
        let layers: Vec<LayerId> = listed.map(|layer| layer.id).collect();
        let next = layers
            .iter()
            .position(|id| *id == target)
            .and_then(|place| place.checked_add_signed(step));
        if let Some(layer) = next.and_then(|place| layers.get(place)) {
            self.select(*layer);
        }
    }

    /// The commands that concern layers, most of them the one that is chosen.
    pub(super) fn arrange(&mut self, command: Command) {
        let Some(target) = self.target(Side::Canvas) else { return };
        match command {
            Command::RemoveBackground => self.edit("Remove the background reference", |document| {
                // Taking a picture away cannot be refused.
                let _ = document.set_background(None);
            }),
            Command::ToggleLayer => self.toggle(Some(target)),
            Command::ToggleSketch => {
                self.edit_canvas("Show or hide the sketch", |canvas| {
                    canvas.show_or_hide_sketch().then_some(()).ok_or("")
                });
            }
            Command::ToggleTake => self.toggle(self.by_role(Role::Take)),
            Command::NewLayer => self.new_layer(target),
            Command::NewHintLayer => {
                // Tints would falsify the colours that are about to be painted.
                self.masks_shown = false;
                let made = self.edit("New hint layer", |document| Some(document.add_hints(None)));
                self.take_up(made);
            }
            Command::GroupLayer => {
                let group = self.edit_canvas("Group layers", |canvas| match is_mask(canvas, target) {
                    true => Err("Masks sit above all layers and cannot be grouped."),
                    false => canvas.group(target).ok_or("There is no such layer."),
                });
                self.take_up(group);
            }
            Command::DuplicateLayer if self.copies_part(target) => self.copy_to_layer(target),
            Command::DuplicateLayer => {
                let copy = self.edit_canvas("Duplicate a layer", |canvas| match is_mask(canvas, target) {
                    true => Err("There is one sketch mask; it is not duplicated."),
                    false => canvas.duplicate(target).ok_or("There is no such layer."),
                });
                self.show_copied_takes();
                self.take_up(copy);
            }
            Command::MergeDown => self.merge(Merge::Down(target)),
            Command::MergeVisible => self.merge(Merge::Shown),
            Command::FlattenPicture => self.merge(Merge::All),
            Command::RemoveLayer => self.remove_layer(target),
            Command::LayerUp | Command::LayerDown => {
                let up = command == Command::LayerUp;
                self.edit_canvas("Move a layer", |canvas| canvas.step(target, up).then_some(()).ok_or(""));
            }
            Command::ToggleLock => self.change_layer(target, "Lock or unlock a layer", |layer| layer.locked = !layer.locked),
            Command::ToggleAlphaLock => self.change_layer(target, "Lock or unlock alpha", |layer| {
                layer.alpha_locked = !layer.alpha_locked;
            }),
            Command::ToggleClip => {
                self.edit_canvas("Clip or release a layer", |canvas| match canvas.layer_mut(target) {
                    Some(layer) if !layer.role.is_remark() => {
                        layer.clip = !layer.clip;
                        Ok(())
                    }
                    _ => Err("Masks and hints are no part of the picture. Choose another layer to clip."),
                });
            }
            Command::UseAsSketch => self.use_as_sketch(target),
            Command::LinesOffPaper => self.take_off_paper(target),
            _ => {}
        }
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
            let layer = Layer::new(Role::Paint, &canvas.free_name(name), Pixels::Raster(pixels));
            let id = layer.id;
            let place = canvas.place_of_new(target);
            canvas.insert(layer, place).then_some(id).ok_or("There is no such layer.")
        });
        self.take_up(made);
    }

    /// Makes one layer of several, away from the window.
    fn merge(&mut self, what: Merge) {
        let Some(document) = &self.document else { return };
        let mut canvas = document.canvas().clone();
        let (opened, state) = (self.opened, self.history.state());
        self.await_found(move || Found::Merged {
            opened,
            state,
            what,
            merged: what.done(&mut canvas).map(|merged| (canvas, merged)),
        });
    }

    /// Takes in what [`Self::merge`] made, or makes it anew if the document has become another since: a take may have come.
    pub(super) fn place_merged(&mut self, state: u64, what: Merge, merged: Result<(Sheet, Merged), &'static str>) {
        if state != self.history.state() {
            self.merge(what);
            return;
        }
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

    /// Copies of takes look like those that they were made of.
    fn show_copied_takes(&mut self) {
        let Some(document) = &self.document else { return };
        let takes = || document.canvas().layers().filter(|layer| layer.role == Role::Take);
        for copy in takes()
            .filter(|take| !self.thumbnails.contains_key(&take.id))
            .collect::<Vec<_>>()
        {
            let like = takes().find(|take| take.stamp() == copy.stamp() && self.thumbnails.contains_key(&take.id));
            if let Some(thumbnail) = like.and_then(|take| self.thumbnails.get(&take.id)).cloned() {
                self.thumbnails.insert(copy.id, thumbnail);
            }
        }
    }

    fn remove_layer(&mut self, target: LayerId) {
        let next = self.edit_canvas("Remove a layer", |canvas| {
            if is_mask(canvas, target) {
                return Err("The sketch mask stays. Clear it instead.");
            }
            if canvas.is_locked(target) {
                return Err("The layer is locked, or a group that it lies in. Unlock it first.");
            }
            let lies_inside = |layer: &Layer| canvas.groups_of(layer.id).any(|group| group.id == target);
            if canvas.layers().any(|layer| layer.locked && lies_inside(layer)) {
                return Err("A layer in the group is locked. Unlock it first.");
            }
            let ids: Vec<LayerId> = canvas.layers().map(|layer| layer.id).collect();
            canvas.remove(target);
            let place = ids.iter().position(|id| *id == target).unwrap_or_default();
            // The next one down, or else up: what a hand expects that removes several.
            let left = |id: &&LayerId| canvas.layer(**id).is_some();
            let next = ids[..place]
                .iter()
                .rev()
                .find(left)
                .or_else(|| ids[place..].iter().find(left));
            next.copied().ok_or("")
        });
        self.take_up(next);
    }

    /// Adds a layer to the sketch, or takes it out.
    fn use_as_sketch(&mut self, target: LayerId) {
        if self.edit_canvas("Choose the sketch", |canvas| canvas.toggle_sketch(target)) == Some(true) {
            let words = "Its blend mode is Multiply now: white paper would hide the colours below.";
            self.notice = Some(Notice::info(words));
        }
    }

    /// Drags a layer to another place.
    pub fn move_layer(&mut self, id: LayerId, place: Place) {
        self.alter(move |session| {
            session.edit_canvas("Move a layer", |canvas| match is_mask(canvas, id) {
                true => Err("A mask lies over all layers."),
                false => canvas.move_to(id, place).then_some(()).ok_or(""),
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
    fn edit_canvas<T>(&mut self, label: &'static str, change: impl FnOnce(&mut Sheet) -> Result<T, &'static str>) -> Option<T> {
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

fn is_mask(canvas: &Sheet, id: LayerId) -> bool {
    canvas.layer(id).is_some_and(|layer| layer.role.is_mask())
}
