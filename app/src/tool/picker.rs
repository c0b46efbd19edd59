//! Takes the colour under the pointer, as it is seen: all layers together, without the tints of masks.

use super::{Effect, PointerEvent, Target};
use crate::brush::PointerSample;
use crate::document::Rect;

/// Follows the pointer while it is down.
#[derive(Default)]
pub struct PickerTool {
    active: bool,
}

impl PickerTool {
    pub fn is_active(&self) -> bool {
        self.active
    }

    pub fn handle(&mut self, event: PointerEvent, target: &Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                self.active = true;
                pick(sample, target)
            }
            PointerEvent::Move(sample) if self.active => pick(sample, target),
            PointerEvent::Move(_) => Effect::Nothing,
            PointerEvent::Release(_) | PointerEvent::Cancel => {
                self.active = false;
                Effect::Nothing
            }
        }
    }
}

/// Where nothing is painted there is no colour to take.
fn pick(sample: PointerSample, target: &Target<'_>) -> Effect {
    let sheet = target.document.sheets().find(|sheet| sheet.layer(target.layer).is_some());
    let Some(sheet) = sheet else { return Effect::Nothing };
    let [x, y] = sample.position.map(|value| value.floor());
    let within = |value: f32, side: u32| value >= 0.0 && value < side as f32;
    if !within(x, sheet.size()[0]) || !within(y, sheet.size()[1]) {
        return Effect::Nothing;
    }
    let (x, y) = (x as u32, y as u32);
    let [r, g, b, alpha] = sheet.composite(Rect::new(x, y, x + 1, y + 1)).get_pixel(0, 0).0;
    match alpha {
        0 => Effect::Nothing,
        _ => Effect::Picked([r, g, b]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, History, Role};
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn picked(document: &mut Document, role: Role, position: [f32; 2]) -> Effect {
        let layer = document.by_role(role).unwrap().id;
        let target = Target {
            document,
            history: &mut History::default(),
            layer,
            keys: Default::default(),
        };
        PickerTool::default().handle(PointerEvent::Press(PointerSample::at(position)), &target)
    }

    #[test]
    fn the_colour_is_that_of_all_layers_together_on_the_picture_under_the_pointer() {
        let mut document = Document::from_sketch(&RgbaImage::from_pixel(8, 8, Rgba([255, 255, 255, 255]))).unwrap();
        document.place_take(&RgbImage::from_pixel(8, 8, Rgb([10, 200, 30])), String::new());
        document
            .set_reference(Some(&RgbaImage::from_pixel(4, 4, Rgba([1, 2, 3, 255]))))
            .unwrap();
        let mask = Role::SketchMask;
        assert_eq!(picked(&mut document, mask, [3.9, 0.0]), Effect::Picked([10, 200, 30]));
        assert_eq!(picked(&mut document, mask, [8.0, 0.0]), Effect::Nothing);
        assert_eq!(picked(&mut document, mask, [f32::NAN, 0.0]), Effect::Nothing);
        assert_eq!(
            picked(&mut document, Role::ReferenceMask, [0.5, 3.5]),
            Effect::Picked([1, 2, 3])
        );
    }

    #[test]
    fn nothing_has_no_colour() {
        let mut document = Document::from_sketch(&RgbaImage::new(8, 8)).unwrap();
        assert_eq!(picked(&mut document, Role::SketchMask, [3.0, 3.0]), Effect::Nothing);
    }
}
