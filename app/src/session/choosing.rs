//! Which layers of the canvas are chosen: one that is painted on, and perhaps others beside it, which are arranged, set and moved with it.

use super::Session;
use super::alone::Alone;
use crate::command::Command;
use crate::document::{Document, Layer, LayerId, Role, Side};

/// How many layers that were chosen are remembered.
const REMEMBERED: usize = 16;

/// Which layers of the canvas were chosen.
#[derive(Default)]
pub(super) struct Choice {
    /// One after another, the one that is painted on last.
    pub layers: Vec<LayerId>,
    /// Those that are chosen beside it.
    also: Vec<LayerId>,
    /// The layer that was shown alone last.
    pub alone: Option<Alone>,
}

impl Session {
    /// The layer that strokes on a pane paint.
    pub fn target(&self, side: Side) -> Option<LayerId> {
        let document = self.document.as_ref()?;
        match side {
            Side::Canvas => {
                let canvas = document.canvas();
                // Where another take shows than the one that was chosen, it is that one.
                let selected = self.choice.layers.iter().rev().find_map(|id| canvas.row_of(*id));
                selected.or_else(|| canvas.by_role(Role::SketchMask).map(|layer| layer.id))
            }
            Side::Reference => document.sheet(side)?.by_role(Role::ReferenceMask).map(|layer| layer.id),
            Side::Background => None,
        }
    }

    /// Chooses a layer alone for what is done next, but not in mid-stroke.
    pub fn select(&mut self, layer: LayerId) {
        self.select_together(layer, Vec::new());
    }

    /// Chooses a layer to paint on, and others beside it, but not in mid-stroke.
    pub(super) fn select_together(&mut self, layer: LayerId, also: Vec<LayerId>) {
        self.when_laid(move |session| {
            if !session.toolbox.is_active() {
                session.choose_together(layer, also);
            }
        });
    }

    /// As [`Self::select_together`], at once.
    pub(super) fn choose_together(&mut self, layer: LayerId, also: Vec<LayerId>) {
        self.choose(layer);
        self.choice.also = also;
    }

    /// The layer, alone, comes before those that were chosen earlier, which are gone back to when it is gone.
    pub(super) fn choose(&mut self, layer: LayerId) {
        self.choice.layers.retain(|earlier| *earlier != layer);
        self.choice.layers.push(layer);
        let surplus = self.choice.layers.len().saturating_sub(REMEMBERED);
        self.choice.layers.drain(..surplus);
        self.choice.also.clear();
    }

    /// Chooses a layer beside those that are chosen, or no longer. The one that is painted on stays that, unless it is the one that goes; one is always
    /// left.
    pub fn select_also(&mut self, layer: LayerId) {
        self.when_laid(move |session| {
            let Some(target) = session.target(Side::Canvas) else { return };
            let mut also = session.chosen_beside();
            let place = also.iter().position(|other| *other == layer);
            let painted_on = match place {
                Some(place) => {
                    also.remove(place);
                    target
                }
                None if layer != target => {
                    also.push(layer);
                    target
                }
                None if also.is_empty() => return,
                // The one that was chosen next takes its place.
                None => also.remove(0),
            };
            session.select_together(painted_on, also);
        });
    }

    /// Chooses all rows from the one that is painted on to this one, as they are listed.
    pub fn select_to(&mut self, layer: LayerId) {
        self.when_laid(move |session| {
            let (Some(target), Some(document)) = (session.target(Side::Canvas), &session.document) else {
                return;
            };
            let rows: Vec<LayerId> = document.canvas().listed().map(|layer| layer.id).collect();
            let [from, to] = [target, layer].map(|id| rows.iter().position(|row| *row == id));
            let (Some(from), Some(to)) = (from, to) else {
                return session.select(layer);
            };
            let mut also = rows[from.min(to)..=from.max(to)].to_vec();
            also.retain(|id| *id != target);
            session.select_together(target, also);
        });
    }

    /// All layers of the canvas that are chosen, from the bottom up.
    pub fn chosen(&self) -> Vec<LayerId> {
        let (Some(target), Some(document)) = (self.target(Side::Canvas), &self.document) else {
            return Vec::new();
        };
        let also = self.chosen_beside();
        let ids = document.canvas().layers().map(|layer| layer.id);
        ids.filter(|id| *id == target || also.contains(id)).collect()
    }

    /// Those that are chosen beside the one that is painted on, in the order in which they were.
    fn chosen_beside(&self) -> Vec<LayerId> {
        let (Some(target), Some(document)) = (self.target(Side::Canvas), &self.document) else {
            return Vec::new();
        };
        let canvas = document.canvas();
        // They were chosen beside the last one, not beside one that is gone back to.
        let stands = self.choice.layers.last().and_then(|last| canvas.row_of(*last)) == Some(target);
        let there = self.choice.also.iter().filter(|_| stands).filter_map(|id| canvas.row_of(*id));
        there.filter(|id| *id != target).collect()
    }

    /// The layers that are set and moved with one: all that are chosen, if it is one of them.
    pub(super) fn together(&self, layer: LayerId) -> Vec<LayerId> {
        let chosen = self.chosen();
        if chosen.contains(&layer) { chosen } else { vec![layer] }
    }

    /// Whether one of those that are chosen is such a one.
    pub(super) fn has_chosen(&self, is_such: fn(&Layer) -> bool) -> bool {
        let Some(document) = &self.document else { return false };
        self.chosen().iter().filter_map(|id| document.layer(*id)).any(is_such)
    }

    /// The layers whose pixels a tool changes with those of a layer, and of all that are chosen with it; or why one of them stays as it is.
    pub(super) fn changed_with(
        &self,
        layer: LayerId,
        find: fn(&Document, &Layer) -> Result<Vec<LayerId>, &'static str>,
    ) -> Result<Vec<LayerId>, &'static str> {
        let Some(document) = &self.document else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for layer in self.together(layer).into_iter().filter_map(|id| document.layer(id)) {
            found.extend(find(document, layer)?);
        }
        // A layer may be chosen beside the group that it lies in.
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The layer of the row above the one that is painted on, or below it.
    pub(super) fn select_neighbour(&mut self, command: Command) {
        let up = command == Command::LayerAbove;
        let next = self.target(Side::Canvas).and_then(|target| {
            let document = self.document.as_ref()?;
            document.canvas().next_row(target, up)
        });
        next.into_iter().for_each(|layer| self.select(layer));
    }
}
