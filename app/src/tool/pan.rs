//! Moves the view: the canvas point under the pointer stays under it.

use super::{Effect, PointerEvent};

/// Holds the canvas point that was grabbed.
#[derive(Default)]
pub struct PanTool {
    grabbed: Option<[f32; 2]>,
}

impl PanTool {
    pub fn is_active(&self) -> bool {
        self.grabbed.is_some()
    }

    /// Positions are canvas pixels under the view as it is now, so that after the move the grabbed point lies under the pointer again.
    pub fn handle(&mut self, event: PointerEvent) -> Effect {
        match (event, self.grabbed) {
            (PointerEvent::Press(sample), _) => {
                self.grabbed = Some(sample.position);
                Effect::Nothing
            }
            (PointerEvent::Move(sample), Some([x, y])) => Effect::Pan([sample.position[0] - x, sample.position[1] - y]),
            (PointerEvent::Move(_), None) => Effect::Nothing,
            (PointerEvent::Release(_) | PointerEvent::Cancel, _) => {
                self.grabbed = None;
                Effect::Nothing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::PointerSample;

    #[test]
    fn it_moves_by_the_way_from_the_grabbed_point() {
        let mut pan = PanTool::default();
        let at = |x, y| PointerSample::at([x, y]);
        assert_eq!(pan.handle(PointerEvent::Move(at(1.0, 1.0))), Effect::Nothing);
        pan.handle(PointerEvent::Press(at(10.0, 20.0)));
        assert_eq!(pan.handle(PointerEvent::Move(at(13.0, 18.0))), Effect::Pan([3.0, -2.0]));
        pan.handle(PointerEvent::Release(at(13.0, 18.0)));
        assert!(!pan.is_active());
    }
}
