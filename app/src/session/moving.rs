//! The work of the move tool and the gradient tool, and flips: what is held is laid down away from the window, always as the pointer wants it now, and becomes
//! one entry of history once the pointer has let go.

use std::sync::Arc;

use super::{Notice, Session};
use crate::document::{LayerId, Side};
use crate::files::{Files, Waker};
use crate::tool::{Contents, Gradient, Lift, PointerEvent, ToolKind, Way, movable};

/// Said where something is to be moved, flipped or transformed.
pub(super) const NOTHING_THERE: &str = "There is nothing on the layer, or nothing of it is selected.";

/// What is held, and what is still to be done for it.
pub(super) struct Moving {
    pub(super) tasks: Files<Done>,
    subject: Option<Subject>,
    /// Counts the subjects.
    number: u64,
}

struct Subject {
    number: u64,
    before: Contents,
    act: Act,
    /// None while it is being lifted. What comes under a gradient is not.
    lift: Option<Arc<Lift>>,
    /// How the document shows it; none: as it was.
    shown: Option<Wanted>,
    /// What is being worked on.
    asked: Option<Wanted>,
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
}

impl Act {
    fn label(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Flip(_) => "Flip",
            Self::Gradient => "Gradient",
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wanted {
    Way(Way),
    Under(Gradient),
}

pub(super) enum Done {
    Lifted(u64, Lift),
    Laid(u64, Wanted, Contents),
    /// A sentence on why neither came.
    Failed(String),
}

impl Subject {
    /// Whether nothing was there to be lifted.
    fn holds_nothing(&self) -> bool {
        self.lift.as_ref().is_some_and(|lift| lift.bounds().is_empty())
    }
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

    /// The move tool or the gradient tool has heard of what the pointer did on `layer`.
    pub(super) fn follow_move(&mut self, event: PointerEvent, tool: ToolKind, side: Side, layer: LayerId) {
        let act = match tool {
            ToolKind::Move => Act::Move,
            ToolKind::Gradient => Act::Gradient,
            _ => return,
        };
        match event {
            PointerEvent::Press(_) if self.toolbox.is_placing() => self.take_up_move(side, layer, act),
            PointerEvent::Cancel => self.put_back(),
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
        self.abort_stroke();
        if let Some(layer) = self.target(self.side) {
            self.take_up_move(self.side, layer, Act::Flip(sideways));
            self.ask_for_move();
        }
    }

    fn take_up_move(&mut self, side: Side, id: LayerId, act: Act) {
        // A press that was never let go ends with the next one.
        self.record_move();
        let Some(document) = &self.document else { return };
        let Some(layer) = document.layer(id) else { return };
        let layers = match act {
            Act::Gradient => vec![id],
            Act::Move | Act::Flip(_) => match movable(document, layer) {
                Ok(layers) => layers,
                Err(reason) => {
                    self.notice = Some(Notice::info(reason));
                    return;
                }
            },
        };
        self.masks_shown |= layer.role.is_mask();
        let before = Contents::of(document, side, &layers);
        self.moving.number += 1;
        let number = self.moving.number;
        self.moving.subject = Some(Subject {
            number,
            before: before.clone(),
            act,
            lift: None,
            shown: None,
            asked: None,
        });
        if act != Act::Gradient {
            self.moving.tasks.run(move || Some(Done::Lifted(number, Lift::of(&before))));
        }
    }

    /// Keeps the document as the pointer wants it.
    pub(super) fn tend_move(&mut self) {
        let done: Vec<Done> = self.moving.tasks.answers().collect();
        done.into_iter().for_each(|done| self.receive_move(done));
        self.ask_for_move();
        if !self.toolbox.is_placing() && !self.is_behind_move() {
            self.record_move();
        }
    }

    /// How it is to be laid down; none: as it was.
    fn wanted_way(&self) -> Option<Wanted> {
        let subject = self.moving.subject.as_ref()?;
        let way = match (subject.act, self.toolbox.moving.by()) {
            (Act::Gradient, _) => return self.toolbox.gradient.gradient().map(Wanted::Under),
            (Act::Flip(sideways), _) => Way::Flipped(sideways),
            (Act::Move, [0, 0]) => return None,
            (Act::Move, by) => Way::Moved(by),
        };
        (!subject.holds_nothing()).then_some(Wanted::Way(way))
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
        let (number, before) = (subject.number, subject.before.clone());
        let Some(wanted) = wanted else {
            return self.lay_down(None, before);
        };
        let lift = subject.lift.clone();
        let lay: Box<dyn FnOnce() -> Contents + Send> = match (wanted, lift) {
            (Wanted::Under(gradient), _) => Box::new(move || before.under(gradient)),
            (Wanted::Way(way), Some(lift)) => Box::new(move || lift.laid(way)),
            (Wanted::Way(_), None) => return,
        };
        subject.asked = Some(wanted);
        self.moving.tasks.run(move || Some(Done::Laid(number, wanted, lay())));
    }

    fn receive_move(&mut self, done: Done) {
        match (done, &mut self.moving.subject) {
            (Done::Lifted(number, lift), Some(subject)) if subject.number == number => subject.lift = Some(Arc::new(lift)),
            (Done::Laid(number, wanted, laid), Some(subject)) if subject.number == number => {
                subject.asked = None;
                self.lay_down(Some(wanted), laid);
            }
            (Done::Failed(words), _) => {
                self.put_back();
                self.warn(words);
            }
            (Done::Lifted(..) | Done::Laid(..), _) => {}
        }
    }

    fn lay_down(&mut self, wanted: Option<Wanted>, laid: Contents) {
        if let (Some(subject), Some(document)) = (&mut self.moving.subject, &mut self.document) {
            subject.shown = wanted;
            laid.put(document);
        }
    }

    /// All is as it was.
    fn put_back(&mut self) {
        if let (Some(subject), Some(document)) = (self.moving.subject.take(), &mut self.document) {
            subject.before.put(document);
        }
    }

    /// Waits for what was let go and is still to be laid down.
    pub(super) fn settle_move(&mut self) {
        if self.toolbox.is_placing() {
            return;
        }
        while self.is_behind_move() {
            self.ask_for_move();
            if self.is_behind_move() {
                let done = self.moving.tasks.wait();
                self.receive_move(done);
            }
        }
        self.record_move();
    }

    /// One entry of history, unless all is where it was. Whatever else has changed meanwhile, such as a take that arrived, stays out of it.
    fn record_move(&mut self) {
        let (Some(subject), Some(document)) = (self.moving.subject.take(), &self.document) else {
            return;
        };
        if subject.shown.is_some() {
            let mut before = document.clone();
            subject.before.put(&mut before);
            self.history.record(subject.act.label(), before, document);
        } else if subject.holds_nothing() && (subject.act != Act::Move || self.toolbox.moving.by() != [0, 0]) {
            self.notice = Some(Notice::info(NOTHING_THERE));
        }
    }
}
