//! A stroke on a mask, carried across the regions between the lines that it touches.

use super::Session;
use super::answer::Answer;
use crate::document::{LayerId, Side, TileGrid};
use crate::tool::{Paint, PointerEvent, RegionSettings, Sought, ToolKind, find_regions};

/// The stroke under way: where the pointer was, in pixels of the sheet.
#[derive(Default)]
pub(super) struct Way {
    places: Vec<[f32; 2]>,
    paint: Option<Paint>,
    /// The state of the history before it.
    state: u64,
}

impl Session {
    /// Whether strokes on the pane that was worked on last are on a mask.
    pub fn paints_mask(&self) -> bool {
        self.is_mask(self.side)
    }

    fn is_mask(&self, side: Side) -> bool {
        let mask = self.target(side).and_then(|id| self.document.as_ref()?.layer(id)?.mask());
        mask.is_some()
    }

    /// Notes where the pointer is, before the tool gets the event.
    pub(super) fn note_way(&mut self, side: Side, event: PointerEvent, tool: ToolKind) {
        match event {
            PointerEvent::Press(sample) => {
                let paint = match tool {
                    ToolKind::Brush => Some(Paint::Color([255; 3])),
                    ToolKind::Eraser => Some(Paint::Erase),
                    _ => None,
                };
                self.hand.way = Way {
                    places: vec![sample.position],
                    paint: paint.filter(|_| self.toolbox.carries && self.is_mask(side)),
                    state: self.history.state(),
                };
            }
            PointerEvent::Move(sample) | PointerEvent::Release(sample) => self.hand.way.places.push(sample.position),
            PointerEvent::Cancel => self.hand.way.paint = None,
        }
    }

    /// Looks for the regions that the stroke touched, once it is painted.
    pub(super) fn carry(&mut self, layer: LayerId) {
        let state = self.history.state();
        // Nothing was painted: the layer is locked, or the brush was sized.
        let Some(paint) = self.hand.way.paint.take().filter(|_| state != self.hand.way.state) else {
            return;
        };
        let Some(document) = self.document.clone() else { return };
        let way = Sought::Along(std::mem::take(&mut self.hand.way.places));
        let settings = RegionSettings {
            contiguous: true,
            ..self.toolbox.fill.settings
        };
        self.find(move || {
            let region = find_regions(&document, layer, &way, settings);
            Answer::new(move |session| session.lay_carried(layer, &region, paint, state))
        });
    }

    /// The stroke and what it was carried across are one entry of history, if nothing came between them; a stroke that was undone is carried nowhere.
    fn lay_carried(&mut self, layer: LayerId, region: &TileGrid<u8>, paint: Paint, state: u64) {
        if self.history.includes(state) {
            let stroke = self.history.undo_label().filter(|_| self.history.state() == state);
            self.lay_paint(stroke.unwrap_or("Carry a stroke"), layer, region, paint, stroke.is_some());
        }
    }
}
