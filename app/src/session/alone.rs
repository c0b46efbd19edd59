//! A layer that shows alone, and what showed before.

use super::Session;
use crate::document::{History, LayerId, Role, Sheet};

/// A layer was shown alone.
pub(super) struct Alone {
    layer: LayerId,
    /// Which layers showed before; masks, which are no part of it, aside.
    before: Vec<(LayerId, bool)>,
    /// One of them was a take.
    had_take: bool,
    /// Which were shown or hidden by their eyes since, each with the state of the history that this led to.
    by_eye: Vec<(u64, LayerId, bool)>,
    /// The layers whose lines count while none of the sketch shows.
    lines: Vec<LayerId>,
    /// The state of the history in which the first of them were hidden.
    state: u64,
    /// They were brought back.
    ended: bool,
}

impl Alone {
    /// What shows once the others are back: what did before, unless a person showed or hid it since.
    fn after(&self, history: &History) -> Vec<(LayerId, bool)> {
        let mut after = self.before.clone();
        for (_, id, visible) in self.by_eye.iter().filter(|(state, ..)| history.includes(*state)) {
            after
                .iter_mut()
                .filter(|(known, _)| known == id)
                .for_each(|(_, shows)| *shows = *visible);
        }
        after
    }

    /// What has come since goes with the others, as it shows now; and of the takes the one that does, where one did or it is new.
    fn take_in(&mut self, canvas: &Sheet, shown_take: Option<LayerId>) {
        let knows = |before: &[(LayerId, bool)], id: LayerId| before.iter().any(|(known, _)| *known == id);
        if shown_take.is_some_and(|take| self.had_take || !knows(&self.before, take)) {
            self.had_take = true;
            self.before
                .retain(|(id, _)| canvas.layer(*id).is_none_or(|layer| layer.role != Role::Take));
        }
        let others = canvas.layers().filter(|layer| !layer.role.is_mask());
        let new: Vec<_> = others.filter(|layer| !knows(&self.before, layer.id)).collect();
        self.before.extend(new.into_iter().map(|layer| (layer.id, layer.visible)));
    }

    /// The lines count that show once the others are back.
    fn take_in_lines(&mut self, canvas: &Sheet, after: Vec<(LayerId, bool)>) {
        let mut back = canvas.clone();
        back.set_lines_aside(&self.lines);
        back.set_visible(after);
        self.lines = back.line_ids();
    }
}

impl Session {
    /// Shows a layer of the canvas alone, masks aside; what showed before again, if it is alone.
    pub fn show_alone(&mut self, layer: LayerId) {
        self.alter(move |session| session.show_alone_or_all(layer));
    }

    fn show_alone_or_all(&mut self, layer: LayerId) {
        let Some(canvas) = self.document.as_ref().map(|document| document.canvas()) else {
            return;
        };
        if canvas.layer(layer).is_none() {
            return;
        }
        let shown_take = self.shown_take();
        let shows_take = shown_take.is_some();
        if canvas.shows_alone(layer) {
            let alone = self.choice.alone.as_ref();
            let mut after = alone.map(|alone| alone.after(&self.history)).unwrap_or_default();
            // Where takes were looked through meanwhile, the one that shows now stays.
            if shows_take && alone.is_some_and(|alone| alone.had_take) {
                after.retain(|(id, _)| canvas.layer(*id).is_some_and(|layer| layer.role != Role::Take));
            }
            let lines = alone.map(|alone| alone.lines.clone()).unwrap_or_default();
            self.edit_canvas("Show the other layers", |canvas| {
                // Where none of the sketch comes back, the lines count that did.
                canvas.set_lines_aside(&lines);
                let words = "The other layers were not hidden together. Show them one by one by their eyes.";
                canvas.set_visible(after).then_some(()).ok_or(words)
            });
            self.choice.alone.iter_mut().for_each(|alone| alone.ended = true);
            return;
        }
        // On the way from one layer to the next, and while something new shows as well, it is still what showed before the first that comes back.
        let is_hidden = |(id, showed): &(LayerId, bool)| *showed && canvas.layer(*id).is_some_and(|layer| !layer.visible);
        let goes_on = self.choice.alone.take().filter(|alone| {
            let hides = !alone.ended && self.history.includes(alone.state) && alone.after(&self.history).iter().any(is_hidden);
            hides || canvas.shows_alone(alone.layer)
        });
        let begins = goes_on.is_none();
        let mut alone = goes_on.unwrap_or(Alone {
            layer,
            before: Vec::new(),
            had_take: shows_take,
            by_eye: Vec::new(),
            lines: canvas.line_ids(),
            state: 0,
            ended: false,
        });
        (alone.layer, alone.ended) = (layer, false);
        alone.take_in(canvas, shown_take);
        alone.take_in_lines(canvas, alone.after(&self.history));
        self.edit_canvas("Show a layer alone", |canvas| {
            canvas.set_lines_aside(&alone.lines);
            canvas.show_alone(layer);
            Ok(())
        });
        if begins {
            alone.state = self.history.state();
        }
        self.choice.alone = Some(alone);
    }

    /// Shows all of some layers of the canvas, or hides them: what `target` is not.
    pub(super) fn show_or_hide(&mut self, label: &'static str, target: LayerId, layers: Vec<LayerId>) {
        let visible = self.edit_canvas(label, |canvas| {
            let visible = canvas.layer(target).map(|layer| !layer.visible).ok_or("")?;
            canvas.set_visible(layers.iter().map(|id| (*id, visible)));
            Ok(visible)
        });
        if let (Some(visible), Some(alone)) = (visible, &mut self.choice.alone) {
            let state = self.history.state();
            alone.by_eye.extend(layers.into_iter().map(|id| (state, id, visible)));
        }
    }
}
