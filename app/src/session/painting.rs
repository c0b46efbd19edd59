//! The pointer on a pane: what it does goes to the tool in the hand.

use super::carrying::Way;
use super::{Notice, Session};
use crate::document::{LayerId, Side};
use crate::tool::{Effect, Keys, PointerEvent, PointerSample, Target, ToolKind};

/// What the pointer does.
pub struct Hand {
    /// Whether it is down, anywhere in the window.
    pub is_down: bool,
    /// Whether it was in the last frame.
    pub(super) was_down: bool,
    /// The pane that a stroke under way began in.
    pub(super) stroke: Option<Side>,
    last: PointerSample,
    pub(super) way: Way,
}

impl Default for Hand {
    fn default() -> Self {
        Self {
            is_down: false,
            was_down: false,
            stroke: None,
            last: PointerSample::at([0.0; 2]),
            way: Way::default(),
        }
    }
}

impl Session {
    /// Gives the tool in the hand what the pointer did on a pane, in pixels of its picture.
    pub fn pointer(&mut self, side: Side, event: PointerEvent, keys: Keys) -> Effect {
        if matches!(event, PointerEvent::Press(_)) && (self.is_drawing() || self.waiting.stroke.is_some()) {
            // Nobody has told of the end of the stroke before it.
            self.pointer(side, PointerEvent::Release(self.hand.last), keys);
        }
        if let PointerEvent::Press(sample) | PointerEvent::Move(sample) = event {
            self.hand.last = sample;
        }
        if self.holds_back(side, event, keys) {
            return Effect::Nothing;
        }
        let effect = self.handle(side, event, keys);
        self.tend_waiting();
        effect
    }

    /// What the pointer did is about what the document shows now.
    fn handle(&mut self, side: Side, event: PointerEvent, keys: Keys) -> Effect {
        let side = self.hand.stroke.unwrap_or(side);
        let Some(layer) = self.target(side).or_else(|| self.topmost(side)) else {
            return Effect::Nothing;
        };
        let tool = self.toolbox.at_hand(keys);
        let elsewhere = self.transform_side().is_some_and(|box_side| box_side != side);
        if matches!(event, PointerEvent::Press(_)) && tool == ToolKind::Transform && elsewhere {
            // What is to be transformed is chosen by a click on its pane.
            self.side = side;
            return Effect::Nothing;
        }
        self.note_way(side, event, tool);
        if matches!(event, PointerEvent::Press(_)) {
            // A stroke is where the person is now, not where the history was bound for.
            self.past.bound_for = None;
        }
        // A colour is taken as it shows, and over the canvas that may be a preview.
        let mut seen = match event {
            PointerEvent::Press(sample) | PointerEvent::Move(sample) if tool == ToolKind::Picker && side == Side::Canvas => {
                self.previewed(sample.position)
            }
            _ => None,
        };
        let Some(document) = &mut self.document else {
            return Effect::Nothing;
        };
        if matches!(event, PointerEvent::Press(_)) && tool.changes_pixels() {
            // Nobody paints a mask that does not show.
            self.view.masks |= document.layer(layer).is_some_and(|layer| layer.role.is_mask());
        }
        if matches!(event, PointerEvent::Press(_)) {
            // Nor selects what does not show.
            self.view.selection |= tool.selects();
        }
        let effect = self.toolbox.handle(
            event,
            Target {
                document: seen.as_mut().unwrap_or(document),
                history: &mut self.history,
                layer,
                keys,
            },
        );
        self.follow_move(event, tool, side, layer);
        if matches!(event, PointerEvent::Press(_)) && tool != ToolKind::Picker {
            self.side = side;
        }
        self.hand.stroke = self.toolbox.is_active().then_some(side);
        if matches!(event, PointerEvent::Release(_)) {
            self.carry(layer);
        }
        if let Effect::Region(sought, then) = &effect {
            self.find_region(side, layer, sought.clone(), *then);
        }
        if let Effect::Refused(reason) = effect {
            self.notice = Some(Notice::info(reason));
        }
        effect
    }

    /// Does with what is under way what Enter says.
    pub(super) fn apply(&mut self) {
        // What is still to be laid down of a transform comes by itself.
        self.toolbox.leave_transform();
        let layer = self
            .hand
            .stroke
            .and_then(|side| self.target(side).or_else(|| self.topmost(side)));
        if let (Some(document), Some(layer)) = (&mut self.document, layer) {
            let history = &mut self.history;
            let keys = Keys::default();
            self.toolbox.finish(Target {
                document,
                history,
                layer,
                keys,
            });
            // The pointer may still hold the box of a transform.
            self.hand.stroke = self.hand.stroke.filter(|_| self.toolbox.is_active());
        }
    }

    /// What the pointer is over where nothing is painted on.
    fn topmost(&self, side: Side) -> Option<LayerId> {
        let sheet = self.document.as_ref()?.sheet(side)?;
        sheet.layers().next_back().map(|layer| layer.id)
    }

    /// The pane that a stroke under way began in.
    pub fn stroke(&self) -> Option<Side> {
        self.waiting.stroke.or(self.hand.stroke)
    }

    /// Where the pointer was last on a pane, in pixels of its picture.
    pub fn last_sample(&self) -> PointerSample {
        self.hand.last
    }

    /// Takes back the stroke under way; whether there was one. A view that is being moved goes on.
    pub(super) fn take_back_stroke(&mut self) -> bool {
        (self.toolbox.is_changing() || self.waiting.stroke.is_some()) && self.call_back()
    }

    /// Ends what the pointer does, as if it had never begun; whether it did anything.
    pub(super) fn call_back(&mut self) -> bool {
        let active = self.toolbox.is_active() || self.waiting.stroke.is_some();
        if active {
            let side = self.waiting.stroke.unwrap_or(Side::Canvas);
            self.pointer(side, PointerEvent::Cancel, Keys::default());
        }
        active
    }
}
