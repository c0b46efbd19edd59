//! Colours that are adjusted: a page says how, the canvas shows it, and it becomes a change once the person wants it.

use super::Act;
use crate::document::Side;
use crate::session::Session;
use crate::tool::Adjustment;

impl Session {
    /// Opens the page that adjusts the colours of the layer at hand on the canvas, or says why they stay as they are.
    pub(in crate::session) fn adjust_colors(&mut self) {
        let Some(layer) = self.target(Side::Canvas) else { return };
        let by = Adjustment::default();
        self.take_up_move(Side::Canvas, layer, Act::Adjust { by, open: true });
    }

    /// What the page says, while it is open.
    pub fn adjustment(&mut self) -> Option<&mut Adjustment> {
        match &mut self.moving.held.as_mut()?.subject.act {
            Act::Adjust { by, open: true } => Some(by),
            _ => None,
        }
    }

    /// Whether the page is open. Whatever else is done waits for its end.
    pub fn is_adjusting(&self) -> bool {
        let held = self.moving.held.as_ref();
        held.is_some_and(|held| matches!(held.subject.act, Act::Adjust { open: true, .. }))
    }

    /// Whether the page is open and says nothing: the document is as it was.
    pub(in crate::session) fn adjusts_nothing(&self) -> bool {
        let shown = self.moving.held.as_ref().and_then(|held| held.shown);
        self.is_adjusting() && shown.is_none() && self.wanted_way().is_none()
    }

    /// Closes the page: what it says becomes a change once it is laid down, or all is as it was.
    pub fn end_adjusting(&mut self, wanted: bool) {
        if !self.is_adjusting() {
            return;
        }
        if !wanted {
            self.put_back();
            return;
        }
        if let Some(held) = &mut self.moving.held
            && let Act::Adjust { open, .. } = &mut held.subject.act
        {
            *open = false;
        }
        self.tend_move();
    }
}
