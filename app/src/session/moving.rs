//! The move tool's work, and flips: what is held is laid down always in the newest place, and becomes one entry of history once the pointer has let go.

use super::holding::{Held, Holding, News};
use super::{Notice, Session};
use crate::document::{LayerId, Side};
use crate::tool::{Contents, PointerEvent, Way, movable};

pub(super) type Moving = Holding<Moved>;

pub(super) struct Moved {
    before: Contents,
    /// It is flipped: sideways, or else upright. None: it follows the pointer.
    flip: Option<bool>,
}

impl Session {
    /// Whether something is held, or the document is behind where it was let go.
    pub fn is_moving(&self) -> bool {
        self.moving.held.is_some()
    }

    /// The move tool has heard of what the pointer did on `layer`.
    pub(super) fn follow_move(&mut self, event: PointerEvent, side: Side, layer: LayerId) {
        match event {
            PointerEvent::Press(_) if self.toolbox.moving.is_active() => self.take_up_move(side, layer, None),
            PointerEvent::Cancel => drop(self.put_back()),
            _ => {}
        }
        self.ask_for_move();
    }

    /// Flips the box of a transform, or what lies on the layer at hand.
    pub(super) fn flip(&mut self, sideways: bool) {
        if let Some(pose) = self.toolbox.transform.pose.filter(|_| self.transform_side().is_some()) {
            self.toolbox.transform.pose = Some(pose.flipped(sideways));
            return;
        }
        if let Some(layer) = self.target(self.side) {
            self.take_up_move(self.side, layer, Some(sideways));
            self.ask_for_move();
        }
    }

    fn take_up_move(&mut self, side: Side, id: LayerId, flip: Option<bool>) {
        let Some(document) = &self.document else { return };
        let Some(layer) = document.layer(id) else { return };
        let layers = match movable(document, layer) {
            Ok(layers) => layers,
            Err(reason) => {
                self.notice = Some(Notice::info(reason));
                return;
            }
        };
        self.masks_shown |= layer.role.is_mask();
        self.bound_for = None;
        let before = Contents::of(document, side, &layers);
        self.moving.take_up(before.clone(), Moved { before, flip });
    }

    /// Keeps the document as the pointer wants it.
    pub(super) fn tend_move(&mut self) {
        for news in self.moving.news() {
            match news {
                News::Lifted => {}
                News::Laid(way, laid) => self.show_moved(Some(way), laid),
                News::Failed(words) => {
                    self.put_back();
                    self.warn(words);
                }
            }
        }
        self.ask_for_move();
        let wanted = self.wanted_way();
        let there = |held: &Held<Moved>| held.shown == wanted;
        if !self.toolbox.moving.is_active() && self.moving.held.as_ref().is_some_and(there) {
            self.record_move();
        }
    }

    /// How it is to be laid down; none: as it was.
    fn wanted_way(&self) -> Option<Way> {
        let Held { subject, lift, .. } = self.moving.held.as_ref()?;
        if lift.as_ref().is_some_and(|lift| lift.bounds().is_empty()) {
            return None;
        }
        match (subject.flip, self.toolbox.moving.by()) {
            (Some(sideways), _) => Some(Way::Flipped(sideways)),
            (None, [0, 0]) => None,
            (None, by) => Some(Way::Moved(by)),
        }
    }

    fn ask_for_move(&mut self) {
        let wanted = self.wanted_way();
        match (wanted, &self.moving.held) {
            (_, Some(held)) if held.asked.is_some() || held.shown == wanted => {}
            (Some(way), _) => self.moving.ask(way),
            (None, Some(held)) => self.show_moved(None, held.subject.before.clone()),
            (None, None) => {}
        }
    }

    fn show_moved(&mut self, way: Option<Way>, laid: Contents) {
        if let (Some(held), Some(document)) = (&mut self.moving.held, &mut self.document) {
            held.shown = way;
            laid.put(document);
        }
    }

    /// All is as it was. Whether anything was held.
    pub(super) fn put_back(&mut self) -> bool {
        let (Some(held), Some(document)) = (self.moving.held.take(), &mut self.document) else {
            return false;
        };
        held.subject.before.put(document);
        true
    }

    /// One entry of history, unless all is where it was.
    fn record_move(&mut self) {
        let (Some(held), Some(document)) = (self.moving.held.take(), &self.document) else {
            return;
        };
        if held.shown.is_some() {
            let mut before = document.clone();
            held.subject.before.put(&mut before);
            let label = if held.subject.flip.is_some() { "Flip" } else { "Move" };
            self.record(label, before, false);
        }
    }
}
