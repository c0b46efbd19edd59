//! A document and a layer of it in the hand of a test, for tools to work on.

use crate::document::{Document, History, LayerId};
use crate::tool::{Effect, Keys, PointerEvent, PointerSample, Target};

pub struct Hand {
    pub document: Document,
    pub history: History,
    pub layer: LayerId,
    pub keys: Keys,
}

impl Hand {
    pub fn new(document: Document, layer: LayerId) -> Self {
        Self {
            document,
            history: History::default(),
            layer,
            keys: Keys::default(),
        }
    }

    pub fn target(&mut self) -> Target<'_> {
        Target {
            document: &mut self.document,
            history: &mut self.history,
            layer: self.layer,
            keys: self.keys,
        }
    }

    /// Down at one place, past another, up at the third.
    pub fn drag(&mut self, places: [[f32; 2]; 3], mut send: impl FnMut(PointerEvent, Target<'_>) -> Effect) {
        let [from, by, to] = places.map(PointerSample::at);
        for event in [PointerEvent::Press(from), PointerEvent::Move(by), PointerEvent::Release(to)] {
            send(event, self.target());
        }
    }

    /// A pixel of the layer, which is a picture.
    pub fn color(&self, x: u32, y: u32) -> [u8; 4] {
        self.document.layer(self.layer).unwrap().raster().unwrap().pixel(x, y)
    }

    /// A pixel of the layer, which is a mask.
    pub fn mask(&self, x: u32, y: u32) -> u8 {
        self.document.layer(self.layer).unwrap().mask().unwrap().pixel(x, y)
    }
}
