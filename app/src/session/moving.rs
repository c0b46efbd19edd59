//! The move tool's work: what it holds is laid down away from the window, always in the newest place, and becomes one entry of history once the pointer
//! has let go.

use std::sync::Arc;

use super::Session;
use crate::document::{Combine, LayerId, Pixels, Side, TileGrid};
use crate::files::{Files, Waker};
use crate::tool::{MoveLift, PointerEvent, Transformed};

/// What is moved, and what is still to be done for it.
pub(super) struct Moving {
    tasks: Files<Done>,
    subject: Option<Subject>,
    /// Counts the subjects.
    number: u64,
}

struct Subject {
    number: u64,
    layer: LayerId,
    side: Side,
    before: Pixels,
    selection: Option<TileGrid<u8>>,
    /// None while it is being lifted.
    lift: Option<Arc<MoveLift>>,
    /// How far the document shows it from where it was.
    shown: [i32; 2],
    /// What is being worked on.
    asked: Option<[i32; 2]>,
}

enum Done {
    Lifted(u64, MoveLift),
    Laid(u64, [i32; 2], Transformed),
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
            PointerEvent::Press(_) if self.toolbox.moving.is_active() => self.take_up_move(side, layer),
            PointerEvent::Cancel => self.put_back(),
            _ => {}
        }
        self.ask_for_move();
    }

    fn take_up_move(&mut self, side: Side, id: LayerId) {
        let Some(document) = &self.document else { return };
        let Some(layer) = document.layer(id) else { return };
        let (before, selection) = (layer.pixels.clone(), document.selection_on(id).cloned());
        self.moving.number += 1;
        let number = self.moving.number;
        self.moving.subject = Some(Subject {
            number,
            layer: id,
            side,
            before: before.clone(),
            selection: selection.clone(),
            lift: None,
            shown: [0, 0],
            asked: None,
        });
        let lift = move || Some(Done::Lifted(number, MoveLift::of(&before, selection)));
        self.moving.tasks.run(lift);
    }

    /// Keeps the document as the pointer wants it.
    pub(super) fn tend_move(&mut self) {
        let done: Vec<Done> = self.moving.tasks.answers().collect();
        for done in done {
            match (done, &mut self.moving.subject) {
                (Done::Lifted(number, lift), Some(subject)) if subject.number == number => subject.lift = Some(Arc::new(lift)),
                (Done::Laid(number, by, laid), Some(subject)) if subject.number == number => {
                    subject.asked = None;
                    self.lay_down(by, laid);
                }
                (Done::Failed(words), _) => {
                    self.put_back();
                    self.warn(words);
                }
                (Done::Lifted(..) | Done::Laid(..), _) => {}
            }
        }
        self.ask_for_move();
        let by = self.toolbox.moving.by();
        if !self.toolbox.moving.is_active() && self.moving.subject.as_ref().is_some_and(|subject| subject.shown == by) {
            self.record_move();
        }
    }

    fn ask_for_move(&mut self) {
        let by = self.toolbox.moving.by();
        let subject = self.moving.subject.as_mut();
        let Some(subject) = subject.filter(|subject| subject.asked.is_none() && subject.shown != by) else {
            return;
        };
        if let Some(lift) = subject.lift.clone() {
            subject.asked = Some(by);
            let number = subject.number;
            self.moving.tasks.run(move || Some(Done::Laid(number, by, lift.laid(by))));
        }
    }

    fn lay_down(&mut self, by: [i32; 2], laid: Transformed) {
        let (Some(subject), Some(document)) = (&mut self.moving.subject, &mut self.document) else {
            return;
        };
        subject.shown = by;
        if let Some(layer) = document.layer_mut(subject.layer) {
            layer.pixels = laid.pixels;
        }
        if let Some(selection) = &laid.selection {
            document.select(subject.side, selection, Combine::Replace);
        }
    }

    /// All is where it was.
    fn put_back(&mut self) {
        let Some(subject) = &self.moving.subject else { return };
        let (pixels, selection) = (subject.before.clone(), subject.selection.clone());
        self.lay_down([0, 0], Transformed { pixels, selection });
        self.moving.subject = None;
    }

    /// Waits for what was let go and is still to be laid down: the document is about to be changed by something else, or to leave for a file or the engine.
    pub(super) fn settle_move(&mut self) {
        if self.toolbox.moving.is_active() {
            return;
        }
        let by = self.toolbox.moving.by();
        if let Some(subject) = self.moving.subject.as_ref().filter(|subject| subject.shown != by) {
            let laid = match &subject.lift {
                Some(lift) => lift.laid(by),
                None => MoveLift::of(&subject.before, subject.selection.clone()).laid(by),
            };
            self.lay_down(by, laid);
        }
        self.record_move();
    }

    /// One entry of history, unless all is where it was. Whatever else has changed meanwhile, such as a take that arrived, stays out of it.
    fn record_move(&mut self) {
        let (Some(subject), Some(document)) = (self.moving.subject.take(), &self.document) else {
            return;
        };
        let mut before = document.clone();
        let Some(layer) = before.layer_mut(subject.layer).filter(|_| subject.shown != [0, 0]) else {
            return;
        };
        layer.pixels = subject.before;
        if let Some(selection) = &subject.selection {
            before.select(subject.side, selection, Combine::Replace);
        }
        self.history.record("Move", before, document);
    }
}
