//! The tools together: which one is in the hand, and what a press does with it.

use super::regions::pixel;
use super::steady::Steady;
use super::{
    BrushTool, Colors, Effect, FillTool, GradientTool, Keys, MoveTool, Paint, PanTool, PickerTool, PointerEvent, RegionSettings,
    SelectTool, Shape, Sought, Target, Then, ToolKind, TransformTool,
};
use crate::brush::BrushSettings;
use crate::document::Pixels;

/// All tools, one of them in the hand.
pub struct Toolbox {
    selected: ToolKind,
    /// The tool that the transform tool took the place of.
    before_transform: ToolKind,
    /// The tool that a modifier key put into the hand for as long as the pointer is down.
    borrowed: Option<ToolKind>,
    /// Keys made something else of the brush's stroke.
    steady: Option<Steady>,
    /// How far the pointer may stray from where it rests, in pixels of the layer.
    reach: f32,
    /// The screen's right on the layer, one pixel long.
    right: [f32; 2],
    /// Whether strokes on masks are carried across the regions that they touch.
    pub carries: bool,
    pub colors: Colors,
    pub brush: BrushTool,
    pub eraser: BrushTool,
    pub fill: FillTool,
    pub wand: RegionSettings,
    pub gradient: GradientTool,
    select: SelectTool,
    pub moving: MoveTool,
    pub transform: TransformTool,
    picker: PickerTool,
    pan: PanTool,
}

impl Default for Toolbox {
    fn default() -> Self {
        Self {
            selected: ToolKind::Brush,
            before_transform: ToolKind::Brush,
            borrowed: None,
            steady: None,
            reach: 0.0,
            right: [1.0, 0.0],
            carries: false,
            colors: Colors::default(),
            brush: BrushTool::brush(),
            eraser: BrushTool::eraser(),
            fill: FillTool::default(),
            wand: RegionSettings {
                grow: 0,
                ..RegionSettings::default()
            },
            gradient: GradientTool::default(),
            select: SelectTool::default(),
            moving: MoveTool::default(),
            transform: TransformTool::default(),
            picker: PickerTool::default(),
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
        if self.select.is_waiting() && self.selected != tool {
            self.select.drop_shape();
        }
        if self.is_active() || self.selected == tool {
            return;
        }
        if tool == ToolKind::Transform {
            self.before_transform = self.selected;
        }
        self.selected = tool;
    }

    /// Takes the tool that was in the hand before into it again.
    pub fn leave_transform(&mut self) {
        if self.selected == ToolKind::Transform {
            self.select(self.before_transform);
        }
    }

    /// Whether the pointer is down, or a polygon under way. Undo, and whatever else replaces the document, waits or sends [`PointerEvent::Cancel`] first.
    pub fn is_active(&self) -> bool {
        self.is_changing() || self.picker.is_active() || self.pan.is_active()
    }

    /// Whether it is something of the document that is under way, and neither the view nor a colour.
    pub fn is_changing(&self) -> bool {
        self.brush.is_active()
            || self.eraser.is_active()
            || self.fill.is_active()
            || self.gradient.is_active()
            || self.select.is_active()
            || self.moving.is_active()
            || self.transform.is_active()
            || self.steady.is_some()
    }

    /// Whether the pointer holds what is laid down away from the window, and goes on changing it: what is moved, or a gradient.
    pub fn is_placing(&self) -> bool {
        self.moving.is_active() || self.gradient.is_active()
    }

    /// What the tool in the hand is set to; none for one without settings.
    pub fn settings_mut(&mut self) -> Option<&mut BrushSettings> {
        match self.selected {
            ToolKind::Brush => Some(&mut self.brush.settings),
            ToolKind::Eraser => Some(&mut self.eraser.settings),
            _ => None,
        }
    }

    /// As [`Self::settings_mut`], to look at.
    pub fn settings(&self) -> Option<&BrushSettings> {
        match self.selected {
            ToolKind::Brush => Some(&self.brush.settings),
            ToolKind::Eraser => Some(&self.eraser.settings),
            _ => None,
        }
    }

    /// Whether what is under way goes on when the pointer is lost.
    pub fn is_waiting(&self) -> bool {
        self.select.is_waiting()
    }

    /// Does with what is under way what Enter says.
    pub fn finish(&mut self, mut target: Target<'_>) {
        self.select.close(&mut target);
    }

    /// How far from a handle or a corner the pointer still takes it, in pixels of the layer; and where the screen's right lies on the layer, one pixel long.
    pub fn set_view(&mut self, reach: f32, right: [f32; 2]) {
        (self.transform.reach, self.select.reach, self.fill.reach, self.reach) = (reach, reach, reach, reach);
        self.right = right;
    }

    /// The corners of the selection that is being drawn, the way of a fill, or the ends of the gradient.
    pub fn outline(&self) -> Vec<[f32; 2]> {
        if self.gradient.is_active() {
            self.gradient.line()
        } else if self.fill.is_active() {
            self.fill.outline()
        } else {
            self.select.outline()
        }
    }

    /// Where the brush stands that is being sized.
    pub fn resized_at(&self) -> Option<[f32; 2]> {
        match self.steady {
            Some(Steady::Size { from, .. }) => Some(from.position),
            _ => None,
        }
    }

    /// A brush or the eraser: the pointer's stroke, or what keys make of it.
    fn stroke(&mut self, event: PointerEvent, tool: ToolKind, mut target: Target<'_>) -> Effect {
        let brush = match tool {
            ToolKind::Eraser => &mut self.eraser,
            _ => &mut self.brush,
        };
        if let PointerEvent::Press(sample) = event {
            // What cannot be painted says so at once, whatever the keys.
            if let Err(effect) = target.paintable() {
                return effect;
            }
            self.steady = Steady::begin(target.keys, sample, brush.settings.size);
        }
        match self.steady.take() {
            Some(steady) => {
                let (effect, steady) = steady.handle(event, brush, &mut target, self.reach, self.right);
                self.steady = steady;
                effect
            }
            None => brush.handle(event, target),
        }
    }

    /// The tool that a press with these keys would use.
    pub fn at_hand(&self, keys: Keys) -> ToolKind {
        match self.borrowed {
            Some(tool) => tool,
            None if !self.is_active() && keys.eraser && self.selected == ToolKind::Brush => ToolKind::Eraser,
            None if !self.is_active() && keys.ctrl && self.selected.paints() => ToolKind::Picker,
            None => self.selected,
        }
    }

    /// Gives the event to the tool in the hand.
    pub fn handle(&mut self, event: PointerEvent, mut target: Target<'_>) -> Effect {
        let tool = self.at_hand(target.keys);
        let paints = target
            .document
            .layer(target.layer)
            .is_some_and(|layer| matches!(layer.pixels, Pixels::Raster(_)));
        let pressed = matches!(event, PointerEvent::Press(_));
        if pressed {
            self.borrowed = (tool != self.selected).then_some(tool);
            (self.brush.color, self.fill.color) = (self.colors.brush, self.colors.brush);
            self.gradient.colors = [self.colors.brush, self.colors.second];
            self.eraser.mirror = self.brush.mirror;
        }
        let effect = match tool {
            ToolKind::Brush | ToolKind::Eraser => self.stroke(event, tool, target),
            ToolKind::Fill => self.fill.handle(event, &target),
            ToolKind::Gradient => self.gradient.handle(event, &target),
            ToolKind::Rectangle => self.select.handle(event, Shape::Rectangle, &mut target),
            ToolKind::Ellipse => self.select.handle(event, Shape::Ellipse, &mut target),
            ToolKind::Lasso => self.select.handle(event, Shape::Lasso, &mut target),
            ToolKind::Polygon => self.select.handle(event, Shape::Polygon, &mut target),
            ToolKind::Move => self.moving.handle(event, &target),
            ToolKind::Transform => self.transform.handle(event, &target),
            ToolKind::Wand => found(event, Then::Select(target.keys.combine())),
            ToolKind::Picker => self.picker.handle(event, &target),
            ToolKind::Pan => self.pan.handle(event),
        };
        if !self.is_active() {
            self.borrowed = None;
        }
        let is_released = matches!(event, PointerEvent::Release(_));
        // The two may have been swapped since the pointer went down.
        let used = match effect {
            Effect::Painted(_) if pressed && tool.paints() => Some(self.colors.brush),
            Effect::Region(_, Then::Fill(Paint::Color(color))) => Some(color),
            _ if tool == ToolKind::Gradient && is_released && self.gradient.gradient().is_some() => Some(self.gradient.colors[0]),
            _ => None,
        };
        if let Some(color) = used.filter(|_| paints) {
            self.colors.used(color);
        }
        if let Effect::Picked(color) = effect {
            self.colors.brush = color;
        }
        effect
    }
}

/// A press asks for the region under it.
fn found(event: PointerEvent, then: Then) -> Effect {
    let PointerEvent::Press(sample) = event else {
        return Effect::Nothing;
    };
    pixel(sample.position).map_or(Effect::Nothing, |at| Effect::Region(Sought::At(at), then))
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;
    use crate::document::{Blend, Document, Role};
    use crate::tool::PointerSample;
    use crate::tool::test_hand::Hand;

    #[test]
    fn a_tool_stays_in_the_hand_until_the_stroke_ends() {
        let document = Document::from_sketch(&RgbaImage::new(50, 50)).unwrap();
        let layer = document.canvas().layers().next_back().unwrap().id;
        let (mut hand, mut tools) = (Hand::new(document, layer), Toolbox::default());
        let mut send = |tools: &mut Toolbox, event| tools.handle(event, hand.target());
        let sample = PointerSample::at([25.0, 25.0]);
        send(&mut tools, PointerEvent::Press(sample));
        tools.select(ToolKind::Pan);
        assert_eq!(tools.selected(), ToolKind::Brush);
        send(&mut tools, PointerEvent::Release(sample));
        tools.select(ToolKind::Pan);
        assert_eq!(tools.selected(), ToolKind::Pan);
        assert!(tools.settings_mut().is_none());
    }

    #[test]
    fn ctrl_takes_a_colour_for_as_long_as_the_pointer_is_down_and_what_is_painted_is_remembered() {
        let picture = RgbaImage::from_pixel(50, 50, image::Rgba([40, 90, 60, 255]));
        let mut document = Document::from_sketch(&picture).unwrap();
        let layer = document.by_role(Role::Sketch).unwrap().id;
        document.layer_mut(layer).unwrap().blend = Blend::Normal;
        let (mut hand, mut tools) = (Hand::new(document, layer), Toolbox::default());
        let mut send = |tools: &mut Toolbox, event, ctrl| {
            hand.keys.ctrl = ctrl;
            tools.handle(event, hand.target())
        };
        let sample = PointerSample::at([25.0, 25.0]);
        send(&mut tools, PointerEvent::Press(sample), true);
        assert_eq!(
            (tools.colors.brush, tools.at_hand(Keys::default())),
            ([40, 90, 60], ToolKind::Picker)
        );
        send(&mut tools, PointerEvent::Release(sample), false);
        assert!(tools.colors.recent().is_empty() && tools.at_hand(Keys::default()) == ToolKind::Brush);
        send(&mut tools, PointerEvent::Press(sample), false);
        send(&mut tools, PointerEvent::Release(sample), false);
        assert_eq!(tools.colors.recent(), [[40, 90, 60]]);
    }
}
