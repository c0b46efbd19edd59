//! What tools have still to lay down, and what waits for it: the window never does.

use std::collections::VecDeque;

use super::Session;
use crate::command::Command;
use crate::document::Side;
use crate::tool::{Keys, PointerEvent, ToolKind};

type Act = Box<dyn FnOnce(&mut Session)>;

/// What waits, in the order in which it came.
#[derive(Default)]
pub(super) struct Waiting {
    pub acts: VecDeque<Act>,
    /// The pane of a stroke among them that has not ended.
    pub stroke: Option<Side>,
    /// What waits for the end of the stroke under way first.
    still: Vec<Act>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }
}

impl Session {
    /// Whether something was let go that is still to be laid down: what is done next waits for it.
    pub fn is_laying(&self) -> bool {
        self.is_setting_down() || self.is_awaiting()
    }

    /// Whether what was moved or transformed is being laid down.
    pub(super) fn is_setting_down(&self) -> bool {
        self.is_moving() && !self.toolbox.is_placing() || self.is_transforming() && !self.toolbox.transform.is_active()
    }

    /// Whether all is laid down, and nothing waits any more.
    pub(super) fn is_settled(&self) -> bool {
        !self.is_laying() && self.waiting.is_empty() && self.waiting.still.is_empty()
    }

    /// Whether the pointer holds something that the document shows half done. A polygon between its corners is no such thing.
    pub(super) fn is_drawing(&self) -> bool {
        self.toolbox.is_changing() && !self.toolbox.is_waiting()
    }

    /// Acts once all is laid down and has been done that came before; at once, where nothing is to be waited for.
    pub(super) fn when_laid(&mut self, act: impl FnOnce(&mut Self) + 'static) {
        match self.is_laying() || !self.waiting.is_empty() {
            true => self.waiting.acts.push_back(Box::new(act)),
            false => act(self),
        }
    }

    /// As [`Self::when_laid`], and not before the stroke under way has ended: what is half done is in no file and in no state of the history.
    pub(super) fn when_still(&mut self, act: impl FnOnce(&mut Self) + 'static) {
        self.when_laid(move |session| match session.is_drawing() {
            true => session.waiting.still.push(Box::new(act)),
            false => act(session),
        });
    }

    /// Changes the document in its turn. A stroke under way is taken back first.
    pub(super) fn alter(&mut self, change: impl FnOnce(&mut Self) + 'static) {
        self.take_back_stroke();
        self.when_laid(change);
    }

    /// A command that comes after all that was done before it.
    pub(super) fn do_in_turn(&mut self, command: Command, act: fn(&mut Self, Command)) {
        self.when_laid(act_if_allowed(command, act));
    }

    /// A command that changes the document.
    pub(super) fn alter_by(&mut self, command: Command, act: fn(&mut Self, Command)) {
        if !self.is_settled() || self.allows(command) {
            self.alter(act_if_allowed(command, act));
        }
    }

    /// A command about what the tools are set to. It is done at once, where nothing waits that is done with them as they are. (What is
    /// set in panels counts at once, for strokes that wait, too.)
    pub(super) fn set_by(&mut self, command: Command, act: fn(&mut Self, Command)) {
        let act = act_if_allowed(command, act);
        match self.waiting.is_empty() {
            true => act(self),
            false => self.when_laid(act),
        }
    }

    /// Keeps what the pointer did for later, if it is about what is still to be laid down; whether it does.
    pub(super) fn holds_back(&mut self, side: Side, event: PointerEvent, keys: Keys) -> bool {
        let pressed = matches!(event, PointerEvent::Press(_));
        let tool = self.toolbox.at_hand(keys);
        // The view moves whatever else is under way; and the box is dragged on.
        let pans = tool == ToolKind::Pan && self.waiting.stroke.is_none();
        let begins = pressed && tool != ToolKind::Transform;
        let held = !pans && (!self.waiting.is_empty() || begins && self.is_laying());
        if held {
            let opened = self.opened;
            self.when_laid(move |session| {
                if opened == session.opened {
                    session.pointer(side, event, keys);
                }
            });
            self.waiting.stroke = match event {
                PointerEvent::Press(_) | PointerEvent::Move(_) => Some(side),
                PointerEvent::Release(_) | PointerEvent::Cancel => None,
            };
        }
        held
    }

    /// Does what has waited, but not in mid-stroke.
    pub(super) fn tend_waiting(&mut self) {
        if self.is_drawing() {
            return;
        }
        let Waiting { mut acts, stroke, still } = std::mem::take(&mut self.waiting);
        acts.extend(still);
        while !self.is_laying()
            && let Some(act) = acts.pop_front()
        {
            act(self);
        }
        self.waiting.stroke = stroke.filter(|_| !acts.is_empty());
        // What an act has put off comes before what came after that.
        self.waiting.acts.append(&mut acts);
    }
}

/// Whether a command can do anything is asked when its turn comes: what is done before it decides.
pub(super) fn act_if_allowed(command: Command, act: fn(&mut Session, Command)) -> impl FnOnce(&mut Session) + 'static {
    move |session| {
        if session.allows(command) {
            act(session, command);
        }
    }
}
