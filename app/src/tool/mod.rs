//! Tools: small state machines that turn the pointer's way into changes of the document. A stroke is one history entry.
//!
//! | files | what is in them |
//! |---|---|
//! | `toolbox`, `colors` | which tool is in the hand, and what it paints with |
//! | `brush`, `steady`, `paint` | strokes, what keys make of them, and how paint comes onto pixels |
//! | `fill`, `regions`, `gradient` | regions that are filled, and colours that pass into each other |
//! | `select` | selections by a shape |
//! | `lift`, `lifted`, `moving`, `transform`, `adjust`, `resize` | what lies on layers, taken off and laid down otherwise |
//! | `pan`, `picker` | the view moved, and colours taken up |

mod adjust;
mod brush;
mod colors;
mod fill;
mod gradient;
mod lift;
mod lifted;
mod moving;
mod paint;
mod pan;
mod picker;
mod regions;
mod resize;
mod select;
mod steady;
#[cfg(test)]
mod test_hand;
mod toolbox;
mod transform;

use serde::{Deserialize, Serialize};

use crate::document::{Combine, Document, History, Layer, LayerId, Pixels, Rect, Role, Side};

pub use crate::brush::PointerSample;
pub use adjust::{Adjustment, adjustable};
pub use brush::{BrushTool, Mirror, preview};
pub use colors::Colors;
pub use fill::{FillBy, FillTool};
pub use gradient::{Gradient, GradientEnd, GradientSettings, GradientShape, GradientTool};
pub use lift::{Contents, Lift, Way};
pub use moving::MoveTool;
pub use paint::{Paint, Region, lay_region};
pub use pan::PanTool;
pub use picker::PickerTool;
pub use regions::{RegionSettings, Sought, Source, find_regions};
pub use resize::Resize;
pub use select::{SelectTool, Shape};
pub use toolbox::Toolbox;
pub use transform::{Grip, Pose, Quality, TransformTool};

/// What the pointer does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointerEvent {
    Press(PointerSample),
    Move(PointerSample),
    Release(PointerSample),
    /// Escape, or it was the palm of a hand: all is as before the press.
    Cancel,
}

/// The modifier keys that are down while the pointer does something, and the end of the pen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub shift: bool,
    pub alt: bool,
    /// Command on macOS.
    pub ctrl: bool,
    /// The pen is held upside down.
    pub eraser: bool,
    /// V, for straight lines.
    pub line: bool,
}

impl Keys {
    /// How a new selection goes with the one that is there.
    pub fn combine(self) -> Combine {
        match (self.shift, self.alt) {
            (false, false) => Combine::Replace,
            (true, false) => Combine::Add,
            (false, true) => Combine::Subtract,
            (true, true) => Combine::Intersect,
        }
    }
}

/// What a tool works on. The pointer's positions are pixels of the layer.
pub struct Target<'a> {
    pub document: &'a mut Document,
    pub history: &'a mut History,
    pub layer: LayerId,
    pub keys: Keys,
}

impl Target<'_> {
    /// The layer that a press begins to change; or else what that press comes to.
    fn paintable(&self) -> Result<&Layer, Effect> {
        let layer = self.document.layer(self.layer).ok_or(Effect::Nothing)?;
        refusal(self.document, layer).map_or(Ok(layer), |reason| Err(Effect::Refused(reason)))
    }

    /// Whether a press begins to move what lies on the layer; or else what that press comes to.
    fn movable(&self) -> Result<(), Effect> {
        let layer = self.document.layer(self.layer).ok_or(Effect::Nothing)?;
        movable(self.document, layer).map_or_else(|reason| Err(Effect::Refused(reason)), |_| Ok(()))
    }

    /// Makes one entry of history of what has become of `layer` since it had the pixels `before`. Whatever else has changed meanwhile, such as a take that
    /// arrived, stays out of it. Paint dragged where there is none changes nothing, and makes no entry.
    fn record(&mut self, label: &'static str, layer: LayerId, before: Pixels) {
        let mut earlier = self.document.clone();
        let Some(changed) = earlier.layer_mut(layer) else { return };
        let now = changed.stamp();
        changed.pixels = before;
        if changed.stamp() != now {
            self.history.record(label, earlier, self.document);
        }
    }

    /// The same once more, for one of several steps.
    fn again(&mut self) -> Target<'_> {
        Target {
            document: &mut *self.document,
            history: &mut *self.history,
            layer: self.layer,
            keys: self.keys,
        }
    }

    /// The sheet that the layer lies on.
    pub fn side(&self) -> Option<Side> {
        let holds = |side: &Side| {
            self.document
                .sheet(*side)
                .is_some_and(|sheet| sheet.layer(self.layer).is_some())
        };
        Side::ALL.into_iter().find(holds)
    }
}

/// What a tool did.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Nothing,
    /// These pixels of the target layer changed.
    Painted(Rect),
    /// The view is to move by this many canvas pixels.
    Pan([f32; 2]),
    /// This colour was under the pointer.
    Picked([u8; 3]),
    /// These regions of the target layer's sheet are to be found, which takes time, and then this done with them.
    Region(Sought, Then),
    /// The layer cannot be painted: a sentence for the person.
    Refused(&'static str),
}

impl Effect {
    /// This one, and then another.
    fn with(self, next: Self) -> Self {
        match (self, next) {
            (Self::Painted(one), Self::Painted(other)) => Self::Painted(one.union(other)),
            (one, Self::Nothing) => one,
            (_, next) => next,
        }
    }
}

/// What is done with a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Fill(Paint),
    Select(Combine),
}

/// Why a layer cannot be painted; none if it can.
pub fn refusal(document: &Document, layer: &Layer) -> Option<&'static str> {
    match layer.role {
        Role::Take => return Some("A take is never painted over. Choose a paint layer, the sketch or a mask."),
        Role::Reference | Role::Background => return Some("The reference is not painted on. Choose its mask."),
        Role::Sketch | Role::SketchMask | Role::ReferenceMask | Role::Hints | Role::Paint => {}
    }
    if layer.is_group() {
        return Some("A group has no pixels of its own. Choose a layer in it.");
    }
    closed(document, layer)
}

/// The layers whose pixels move, turn and flip with `layer`: itself, or all that a group holds, the hidden ones too. Or why it stays where it is.
pub fn movable(document: &Document, layer: &Layer) -> Result<Vec<LayerId>, &'static str> {
    if !layer.is_group() {
        return refusal(document, layer).map_or_else(|| Ok(vec![layer.id]), Err);
    }
    if let Some(reason) = closed(document, layer) {
        return Err(reason);
    }
    let canvas = document.canvas();
    let inside: Vec<&Layer> = canvas.layers().filter(|inner| canvas.is_inside(inner.id, layer.id)).collect();
    if inside.iter().any(|inner| inner.locked) {
        return Err("A layer in the group is locked. Unlock it first.");
    }
    if inside.iter().any(|inner| inner.role == Role::Take) {
        return Err("The group holds a take, which stays as it came. Drag it out of the group first.");
    }
    let pixels = inside.into_iter().filter(|inner| !inner.is_group());
    Ok(pixels.map(|inner| inner.id).collect())
}

/// Whether it is locked, or out of sight.
fn closed(document: &Document, layer: &Layer) -> Option<&'static str> {
    if layer.locked || document.canvas().is_locked(layer.id) {
        return Some("The layer is locked. Unlock it first.");
    }
    if !layer.role.is_mask() && !document.canvas().is_in_sight(layer) {
        return Some("The layer is hidden. Show it first.");
    }
    None
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ToolKind {
    #[default]
    Brush,
    Eraser,
    Fill,
    Gradient,
    Rectangle,
    Ellipse,
    Lasso,
    Polygon,
    Wand,
    Move,
    Transform,
    Picker,
    Pan,
}

impl ToolKind {
    /// Whether the tool paints with a colour, so that Ctrl takes one.
    pub fn paints(self) -> bool {
        matches!(self, Self::Brush | Self::Fill | Self::Gradient)
    }

    /// Whether the tool changes the pixels of the layer.
    pub fn changes_pixels(self) -> bool {
        matches!(
            self,
            Self::Brush | Self::Eraser | Self::Fill | Self::Gradient | Self::Move | Self::Transform
        )
    }

    /// Whether the tool makes selections.
    pub fn selects(self) -> bool {
        matches!(
            self,
            Self::Rectangle | Self::Ellipse | Self::Lasso | Self::Polygon | Self::Wand
        )
    }

    /// Whether the whole way of the pointer counts, not only where it is.
    pub fn follows(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser | Self::Fill | Self::Lasso)
    }
}
