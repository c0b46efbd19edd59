//! Moves, scales, turns and flips what lies on a layer, or on all layers of a group, or of it what is selected: a box with handles around it follows the pointer, and the pixels follow the box.

mod pose;
mod resample;

use super::{Effect, PointerEvent, Target};

pub use pose::{Grip, Pose};
pub use resample::Quality;
pub(super) use resample::{resampled, scaled};

/// Follows the pointer. What lies in the box is laid down by whoever holds the [`super::Lift`].
#[derive(Default)]
pub struct TransformTool {
    /// Where the box lies; none while there is none.
    pub pose: Option<Pose>,
    /// How far from a handle the pointer still takes it, in pixels of the layer.
    pub reach: f32,
    drag: Option<Drag>,
}

struct Drag {
    grip: Grip,
    from: [f32; 2],
    before: Pose,
}

impl TransformTool {
    pub fn is_active(&self) -> bool {
        self.drag.is_some()
    }

    /// No box is there any more.
    pub fn let_go(&mut self) {
        self.pose = None;
        self.drag = None;
    }

    /// What the pointer holds, or would take at a point of the layer.
    pub fn grip(&self, point: [f32; 2]) -> Option<Grip> {
        match &self.drag {
            Some(drag) => Some(drag.grip),
            None => self.pose.map(|pose| pose.grip(point, self.reach)),
        }
    }

    pub fn handle(&mut self, event: PointerEvent, target: &Target<'_>) -> Effect {
        match (event, self.pose) {
            (PointerEvent::Press(_), None) => return target.movable().err().unwrap_or(Effect::Nothing),
            (PointerEvent::Press(sample), Some(before)) => {
                self.drag = Some(Drag {
                    grip: before.grip(sample.position, self.reach),
                    from: sample.position,
                    before,
                });
            }
            (PointerEvent::Move(sample), _) => self.follow(sample.position, target.keys.shift),
            (PointerEvent::Release(sample), _) => {
                self.follow(sample.position, target.keys.shift);
                self.drag = None;
            }
            (PointerEvent::Cancel, _) => {
                if let Some(drag) = self.drag.take() {
                    self.pose = Some(drag.before);
                }
            }
        }
        Effect::Nothing
    }

    fn follow(&mut self, to: [f32; 2], even: bool) {
        if let Some(drag) = &self.drag {
            self.pose = Some(drag.before.dragged(drag.grip, drag.from, to, even));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brush::PointerSample;
    use crate::document::{Document, History, Rect, Role};
    use crate::tool::Keys;
    use image::RgbaImage;

    #[test]
    fn a_box_follows_the_pointer_and_comes_back_when_it_is_lost() {
        let mut document = Document::from_sketch(&RgbaImage::new(100, 100)).unwrap();
        let mut history = History::default();
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        let rest = Pose::at_rest(Rect::new(10, 10, 50, 30));
        let mut tool = TransformTool {
            pose: Some(rest),
            reach: 3.0,
            drag: None,
        };
        let mut send = |tool: &mut TransformTool, event: fn(PointerSample) -> PointerEvent, at| {
            let target = Target {
                document: &mut document,
                history: &mut history,
                layer,
                keys: Keys::default(),
            };
            tool.handle(event(PointerSample::at(at)), &target)
        };
        send(&mut tool, PointerEvent::Press, [30.0, 20.0]);
        send(&mut tool, PointerEvent::Move, [40.0, 25.0]);
        assert_eq!(tool.pose.map(Pose::offset), Some([10.0, 5.0]));
        send(&mut tool, |_| PointerEvent::Cancel, [0.0; 2]);
        assert_eq!(tool.pose, Some(rest));
        assert!(!tool.is_active());
        send(&mut tool, PointerEvent::Press, [50.0, 30.0]);
        send(&mut tool, PointerEvent::Release, [90.0, 50.0]);
        assert_eq!(tool.pose.map(|pose| pose.scale), Some([2.0, 2.0]));
    }
}
