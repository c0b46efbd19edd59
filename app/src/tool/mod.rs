//! Tools: small state machines that turn the pointer's way into changes of the document. A stroke is one history entry.

mod brush;
mod pan;

use crate::brush::BrushSettings;
use crate::document::{Document, History, Layer, LayerId, Rect, Role};

pub use crate::brush::PointerSample;
pub use brush::BrushTool;
pub use pan::PanTool;

/// What the pointer does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointerEvent {
    Press(PointerSample),
    Move(PointerSample),
    Release(PointerSample),
    /// Escape, or the pointer was lost: all is as before the press.
    Cancel,
}

/// What a tool works on. The pointer's positions are pixels of the layer.
pub struct Target<'a> {
    pub document: &'a mut Document,
    pub history: &'a mut History,
    pub layer: LayerId,
}

/// What a tool did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    Nothing,
    /// These pixels of the target layer changed.
    Painted(Rect),
    /// The view is to move by this many canvas pixels.
    Pan([f32; 2]),
    /// The layer cannot be painted: a sentence for the person.
    Refused(&'static str),
}

/// Why a layer cannot be painted; none if it can.
fn refusal(document: &Document, layer: &Layer) -> Option<&'static str> {
    match layer.role {
        Role::Take => return Some("A take is never painted over. Choose a paint layer, the sketch or a mask."),
        Role::Reference | Role::Background => return Some("The reference is not painted on. Choose its mask."),
        Role::Sketch | Role::SketchMask | Role::ReferenceMask | Role::Paint => {}
    }
    if layer.is_group() {
        return Some("A group has no pixels of its own. Choose a layer in it.");
    }
    let mut groups = document.canvas().groups_of(layer.id);
    if layer.locked || groups.any(|group| group.locked) {
        return Some("The layer is locked. Unlock it first.");
    }
    let mut groups = document.canvas().groups_of(layer.id);
    if !layer.role.is_mask() && (!layer.visible || groups.any(|group| !group.visible)) {
        return Some("The layer is hidden. Show it first.");
    }
    None
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToolKind {
    #[default]
    Brush,
    Eraser,
    Pan,
}

impl ToolKind {
    pub const ALL: [Self; 3] = [Self::Brush, Self::Eraser, Self::Pan];
}

/// All tools, one of them in the hand.
pub struct Toolbox {
    selected: ToolKind,
    pub brush: BrushTool,
    pub eraser: BrushTool,
    pan: PanTool,
}

impl Default for Toolbox {
    fn default() -> Self {
        Self {
            selected: ToolKind::Brush,
            brush: BrushTool::brush(),
            eraser: BrushTool::eraser(),
            pan: PanTool::default(),
        }
    }
}

impl Toolbox {
    pub fn selected(&self) -> ToolKind {
        self.selected
    }

    /// Takes another tool into the hand; not in the middle of a stroke.
    pub fn select(&mut self, tool: ToolKind) {
        if !self.is_active() {
            self.selected = tool;
        }
    }

    /// Whether the pointer is down. Undo, and whatever else replaces the document, waits or sends [`PointerEvent::Cancel`] first.
    pub fn is_active(&self) -> bool {
        self.brush.is_active() || self.eraser.is_active() || self.pan.is_active()
    }

    /// What the tool in the hand is set to; none for one without settings.
    pub fn settings_mut(&mut self) -> Option<&mut BrushSettings> {
        match self.selected {
            ToolKind::Brush => Some(&mut self.brush.settings),
            ToolKind::Eraser => Some(&mut self.eraser.settings),
            ToolKind::Pan => None,
        }
    }

    /// Gives the event to the tool in the hand.
    pub fn handle(&mut self, event: PointerEvent, target: Target<'_>) -> Effect {
        match self.selected {
            ToolKind::Brush => self.brush.handle(event, target),
            ToolKind::Eraser => self.eraser.handle(event, target),
            ToolKind::Pan => self.pan.handle(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbaImage;

    #[test]
    fn a_tool_stays_in_the_hand_until_the_stroke_ends() {
        let mut document = Document::from_sketch(&RgbaImage::new(50, 50)).unwrap();
        let (mut history, mut tools) = (History::default(), Toolbox::default());
        let layer = document.canvas().layers().next_back().unwrap().id;
        let mut send = |tools: &mut Toolbox, event| {
            tools.handle(
                event,
                Target {
                    document: &mut document,
                    history: &mut history,
                    layer,
                },
            )
        };
        let sample = PointerSample::at([25.0, 25.0]);
        send(&mut tools, PointerEvent::Press(sample));
        tools.select(ToolKind::Pan);
        assert_eq!(tools.selected(), ToolKind::Brush);
        send(&mut tools, PointerEvent::Release(sample));
        tools.select(ToolKind::Pan);
        assert_eq!(tools.selected(), ToolKind::Pan);
        assert!(tools.settings_mut().is_none());
    }
}
