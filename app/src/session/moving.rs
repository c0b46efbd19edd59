//! The move tool's work, and flips: what is held is laid down away from the window, always in the newest place, and becomes one entry of history once the
//! pointer has let go.

use std::sync::Arc;

use super::{Notice, Session};
use crate::document::{LayerId, Side};
use crate::files::{Files, Waker};
use crate::tool::{Contents, Lift, PointerEvent, Way, movable};

/// What is moved, and what is still to be done for it.
pub(super) struct Moving {
    pub(super) tasks: Files<Done>,
    subject: Option<Subject>,
    /// Counts the subjects.
    number: u64,
}

struct Subject {
    number: u64,
    before: Contents,
    /// It is flipped: sideways, or else upright. None: it follows the pointer.
    flip: Option<bool>,
    /// None while it is being lifted.
    lift: Option<Arc<Lift>>,
    /// How the document shows it; none: as it was.
    shown: Option<Way>,
    /// What is being worked on.
    asked: Option<Way>,
}

pub(super) enum Done {
    Lifted(u64, Lift),
    Laid(u64, Way, Contents),
    /// A sentence on why neither came.
    Failed(String),
}

impl Moving {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            tasks: Files::new("shiage move", waker, Done::Failed)?,
            subject: None,
            number: 0,
        })
    }
}

impl Session {
    /// Whether something is held, or the document is behind where it was let go.
    pub fn is_moving(&self) -> bool {
        self.moving.subject.is_some()
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
        self.moving.number += 1;
        let number = self.moving.number;
        self.moving.subject = Some(Subject {
            number,
            before: before.clone(),
            flip,
            lift: None,
            shown: None,
            asked: None,
        });
        self.moving.tasks.run(move || Some(Done::Lifted(number, Lift::of(&before))));
    }

    /// Keeps the document as the pointer wants it.
    pub(super) fn tend_move(&mut self) {
        let done: Vec<Done> = self.moving.tasks.answers().collect();
        done.into_iter().for_each(|done| self.receive_move(done));
        self.ask_for_move();
        if !self.toolbox.moving.is_active() && !self.is_behind_move() {
            self.record_move();
        }
    }

    /// How it is to be laid down; none: as it was.
    fn wanted_way(&self) -> Option<Way> {
        let Subject { flip, lift, .. } = self.moving.subject.as_ref()?;
        if lift.as_ref().is_some_and(|lift| lift.bounds().is_empty()) {
            return None;
        }
        match (flip, self.toolbox.moving.by()) {
            (Some(sideways), _) => Some(Way::Flipped(*sideways)),
            (None, [0, 0]) => None,
            (None, by) => Some(Way::Moved(by)),
        }
    }

    fn is_behind_move(&self) -> bool {
        let wanted = self.wanted_way();
        self.moving.subject.as_ref().is_some_and(|subject| subject.shown != wanted)
    }

    fn ask_for_move(&mut self) {
        let wanted = self.wanted_way();
        let subject = self.moving.subject.as_mut();
        let Some(subject) = subject.filter(|subject| subject.asked.is_none() && subject.shown != wanted) else {
            return;
        };
        match (wanted, subject.lift.clone()) {
            (Some(way), Some(lift)) => {
                subject.asked = Some(way);
                let number = subject.number;
                self.moving.tasks.run(move || Some(Done::Laid(number, way, lift.laid(way))));
            }
            (Some(_), None) => {}
            (None, _) => {
                let before = subject.before.clone();
                self.lay_down(None, before);
            }
        }
    }

    fn receive_move(&mut self, done: Done) {
        match (done, &mut self.moving.subject) {
            (Done::Lifted(number, lift), Some(subject)) if subject.number == number => subject.lift = Some(Arc::new(lift)),
            (Done::Laid(number, way, laid), Some(subject)) if subject.number == number => {
                subject.asked = None;
                self.lay_down(Some(way), laid);
            }
            (Done::Failed(words), _) => {
                self.put_back();
                self.warn(words);
            }
            (Done::Lifted(..) | Done::Laid(..), _) => {}
        }
    }

    fn lay_down(&mut self, way: Option<Way>, laid: Contents) {
        if let (Some(subject), Some(document)) = (&mut self.moving.subject, &mut self.document) {
            subject.shown = way;
            laid.put(document);
        }
    }

    /// All is as it was. Whether anything was held.
    pub(super) fn put_back(&mut self) -> bool {
        let (Some(subject), Some(document)) = (self.moving.subject.take(), &mut self.document) else {
            return false;
        };
        subject.before.put(document);
        true
    }

    /// One entry of history, unless all is where it was. Whatever else has changed meanwhile, such as a take that arrived, stays out of it.
    fn record_move(&mut self) {
        let (Some(subject), Some(document)) = (self.moving.subject.take(), &self.document) else {
            return;
        };
        if subject.shown.is_some() {
            let mut before = document.clone();
            subject.before.put(&mut before);
            let label = if subject.flip.is_some() { "Flip" } else { "Move" };
            self.record(label, before, false);
        }
    }
}
