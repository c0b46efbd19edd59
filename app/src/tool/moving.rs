//! Moves what lies on a layer, or on all layers of a group, or of it what is selected.

use super::{Effect, PointerEvent, Target};

/// Follows the pointer. What moves is laid down by whoever holds the [`super::Lift`].
#[derive(Default)]
pub struct MoveTool {
    /// Where the pointer went down.
    from: Option<[f32; 2]>,
    by: [i32; 2],
}

impl MoveTool {
    pub fn is_active(&self) -> bool {
        self.from.is_some()
    }

    /// How far the pointer has come, or had come when it let go, in whole pixels of the layer.
    pub fn by(&self) -> [i32; 2] {
        self.by
    }

    pub fn handle(&mut self, event: PointerEvent, target: &Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                *self = Self::default();
                if let Err(effect) = target.movable() {
                    return effect;
                }
                self.from = Some(sample.position);
            }
            PointerEvent::Move(sample) => self.follow(sample.position, target.keys.shift),
            PointerEvent::Release(sample) => {
                self.follow(sample.position, target.keys.shift);
                self.from = None;
            }
            PointerEvent::Cancel => *self = Self::default(),
        }
        Effect::Nothing
    }

    /// With Shift straight along one axis.
    fn follow(&mut self, [x, y]: [f32; 2], straight: bool) {
        let Some(from) = self.from else { return };
        // What is no number does not move.
        self.by = [x - from[0], y - from[1]].map(|way| way.round() as i32);
        if straight {
            self.by[usize::from(self.by[0].unsigned_abs() > self.by[1].unsigned_abs())] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Role};
    use crate::tool::test_hand::Hand;

    /// How far a drag from (50, 50) to a place moves.
    fn drag(hand: &mut Hand, to: [f32; 2], shift: bool) -> [i32; 2] {
        hand.keys.shift = shift;
        let mut tool = MoveTool::default();
        hand.drag([[50.0, 50.0], to, to], |event, target| tool.handle(event, &target));
        assert!(!tool.is_active());
        tool.by()
    }

    #[test]
    fn the_pointer_moves_by_whole_pixels_and_with_shift_along_one_axis() {
        let document = Document::blank([600, 300]).unwrap();
        let layer = document.by_role(Role::Sketch).unwrap().id;
        let mut hand = Hand::new(document, layer);
        assert_eq!(drag(&mut hand, [350.4, 59.6], false), [300, 10]);
        assert_eq!(drag(&mut hand, [60.0, 55.0], true), [10, 0]);
        assert_eq!(drag(&mut hand, [60.0, 90.0], true), [0, 40]);
        assert_eq!(drag(&mut hand, [f32::NAN, 50.0], false), [0, 0]);
        hand.document.layer_mut(hand.layer).unwrap().locked = true;
        assert_eq!(drag(&mut hand, [90.0, 90.0], false), [0, 0], "it is locked");
    }
}
