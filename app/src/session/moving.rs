//! The work of the move tool and the gradient tool, flips, and adjusted colours: what is held is laid down always as the pointer or the page wants it now, and
//! becomes one entry of history once that has let go.

mod adjusting;

use super::holding::{Held, Holding, News};
use super::{Notice, Session};
use crate::document::{LayerId, Side};
use crate::tool::{Adjustment, Contents, Lift, PointerEvent, ToolKind, Way, adjustable, movable};

/// Said where something is to be moved, flipped, transformed or adjusted.
pub(super) const NOTHING_THERE: &str = "There is nothing on the layer, or nothing of it is selected.";

pub(super) type Moving = Holding<Moved>;

pub(super) struct Moved {
    before: Contents,
    act: Act,
}

/// What is done with what is held.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    /// It follows the pointer.
    Move,
    /// Sideways, or else upright.
    Flip(bool),
    /// It comes under a gradient, which follows the pointer.
    Gradient,
    /// Its colours become others, as a page says for as long as it is `open`.
    Adjust { by: Adjustment, open: bool },
}

impl Act {
    fn label(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Flip(_) => "Flip",
            Self::Gradient => "Gradient",
            Self::Adjust { .. } => "Adjust colours",
        }
    }
}

impl Session {
    /// Whether something is held, or the document is behind where it was let go.
    pub fn is_moving(&self) -> bool {
        self.moving.held.is_some()
    }

    /// The move tool or the gradient tool has heard of what the pointer did on `layer`.
    pub(super) fn follow_move(&mut self, event: PointerEvent, tool: ToolKind, side: Side, layer: LayerId) {
        let act = match tool {
            ToolKind::Move => Act::Move,
            ToolKind::Gradient => Act::Gradient,
            _ => return,
        };
        match event {
            PointerEvent::Press(_) if self.toolbox.is_placing() => self.take_up_move(side, layer, act),
            PointerEvent::Cancel => drop(self.put_back()),
            _ => {}
        }
        self.ask_for_move();
    }

    /// Flips the box of a transform, or what lies on the layers at hand.
    pub(super) fn flip(&mut self, sideways: bool) {
        if let Some(pose) = self.toolbox.transform.pose.filter(|_| self.transform_side().is_some()) {
            self.toolbox.transform.pose = Some(pose.flipped(sideways));
            return;
        }
        if let Some(layer) = self.target(self.side) {
            self.take_up_move(self.side, layer, Act::Flip(sideways));
            self.ask_for_move();
        }
    }

    fn take_up_move(&mut self, side: Side, id: LayerId, act: Act) {
        let Some(document) = &self.document else { return };
        let found = match act {
            Act::Gradient => Ok(vec![id]),
            Act::Move | Act::Flip(_) => self.changed_with(id, movable),
            Act::Adjust { .. } => self.changed_with(id, adjustable),
        };
        let layers = match found {
            Ok(layers) => layers,
            Err(reason) => {
                self.notice = Some(Notice::info(reason));
                return;
            }
        };
        let before = Contents::of(document, side, &layers);
        if matches!(act, Act::Adjust { .. }) && before.is_blank() {
            self.notice = Some(Notice::info(NOTHING_THERE));
            return;
        }
        let is_mask = |id: &LayerId| document.layer(*id).is_some_and(|layer| layer.role.is_mask());
        self.view.masks |= layers.iter().any(is_mask);
        self.past.bound_for = None;
        let stays = matches!(act, Act::Gradient | Act::Adjust { .. });
        let lift = if stays { Lift::nothing } else { Lift::of };
        self.moving.take_up(before.clone(), lift, Moved { before, act });
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
        let undecided = self.toolbox.is_placing() || self.is_adjusting();
        if !undecided && self.moving.held.as_ref().is_some_and(there) {
            self.record_move();
        }
    }

    /// How it is to be laid down; none: as it was.
    fn wanted_way(&self) -> Option<Way> {
        let held = self.moving.held.as_ref()?;
        let way = match (held.subject.act, self.toolbox.moving.by()) {
            (Act::Gradient, _) => return self.toolbox.gradient.gradient().map(Way::Under),
            (Act::Adjust { by, .. }, _) => return (by != Adjustment::default()).then_some(Way::Adjusted(by)),
            (Act::Flip(sideways), _) => Way::Flipped(sideways),
            (Act::Move, [0, 0]) => return None,
            (Act::Move, by) => Way::Moved(by),
        };
        (!held.is_empty()).then_some(way)
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
            self.record(held.subject.act.label(), before, false);
            return;
        }
        let wants = match held.subject.act {
            Act::Move => self.toolbox.moving.by() != [0, 0],
            Act::Flip(_) => true,
            Act::Gradient | Act::Adjust { .. } => false,
        };
        if wants && held.is_empty() {
            self.notice = Some(Notice::info(NOTHING_THERE));
        }
    }
}
