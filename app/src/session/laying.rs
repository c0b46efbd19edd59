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
    acts: VecDeque<Act>,
    /// The pane of a stroke among them that has not ended.
    pub stroke: Option<Side>,
}

impl Session {
    /// Whether something was let go that is still to be laid down: what is done next waits for it.
    pub fn is_laying(&self) -> bool {
        self.is_moving() && !self.toolbox.is_placing() || self.is_transforming() && !self.toolbox.transform.is_active()
    }

    /// Acts once all is laid down and has been done that came before; at once, where nothing is to be waited for.
    pub(super) fn when_laid(&mut self, act: impl FnOnce(&mut Self) + 'static) {
        match self.is_laying() || !self.waiting.acts.is_empty() {
            true => self.waiting.acts.push_back(Box::new(act)),
            false => act(self),
        }
    }

    /// Does what a command says, in its turn. Tools are taken into the hand at once, where nothing waits that is done with the one before.
    pub(super) fn perform_in_turn(&mut self, command: Command) {
        let at_once = is_about_tools(command) && self.waiting.acts.is_empty();
        match at_once || matches!(command, Command::Cancel | Command::CancelOne) {
            true => self.perform(command),
            false => self.when_laid(move |session| {
                if session.allows(command) {
                    session.perform(command);
                }
            }),
        }
    }

    /// Keeps what the pointer did for later, if it is about what is still to be laid down; whether it does.
    pub(super) fn holds_back(&mut self, side: Side, event: PointerEvent, keys: Keys) -> bool {
        let pressed = matches!(event, PointerEvent::Press(_));
        // The box is dragged on, and the view moved, whatever else is under way.
        let free = matches!(self.toolbox.at_hand(keys), ToolKind::Transform | ToolKind::Pan);
        let held = !self.waiting.acts.is_empty() || pressed && !free && self.is_laying();
        if held {
            self.when_laid(move |session| {
                session.pointer(side, event, keys);
            });
            self.waiting.stroke = match event {
                PointerEvent::Press(_) | PointerEvent::Move(_) => Some(side),
                PointerEvent::Release(_) | PointerEvent::Cancel => None,
            };
        }
        held
    }

    /// Does what has waited.
    pub(super) fn tend_waiting(&mut self) {
        let Waiting { mut acts, stroke } = std::mem::take(&mut self.waiting);
        while !self.is_laying()
            && let Some(act) = acts.pop_front()
        {
            act(self);
        }
        self.waiting.stroke = stroke.filter(|_| !acts.is_empty());
        acts.append(&mut self.waiting.acts);
        self.waiting.acts = acts;
    }

    /// Waits for what is still to be laid down, and does what has waited: something that cannot wait itself is about to change the document.
    pub(super) fn settle_tools(&mut self) {
        self.tend_waiting();
        while self.is_laying() {
            self.settle_move();
            self.settle_transform();
            self.tend_waiting();
        }
    }
}

/// Whether a command may come before what is still to be laid down.
fn is_about_tools(command: Command) -> bool {
    matches!(
        command,
        Command::SelectBrush
            | Command::SelectEraser
            | Command::SelectFill
            | Command::SelectGradient
            | Command::SelectRectangle
            | Command::SelectEllipse
            | Command::SelectLasso
            | Command::SelectPolygon
            | Command::SelectWand
            | Command::SelectMove
            | Command::SelectTransform
            | Command::SelectPicker
            | Command::SelectPan
            | Command::Apply
    )
}
