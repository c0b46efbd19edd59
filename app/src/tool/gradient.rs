//! Lets one colour pass into another, along a drag or around its start.

mod ramp;

use serde::{Deserialize, Serialize};

use super::{Effect, PointerEvent, Target};
use crate::document::{Pixels, TileGrid};
use ramp::{Ramp, laid};

/// How the colour changes over the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GradientShape {
    /// Along the drag, and the same across it.
    #[default]
    Linear,
    /// Around the drag's start, as far as its end.
    Radial,
}

/// What the first colour passes into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GradientEnd {
    /// The second colour; on masks black.
    #[default]
    Second,
    /// What was there.
    Nothing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradientSettings {
    pub shape: GradientShape,
    pub end: GradientEnd,
    /// From the end to the start.
    pub reverse: bool,
}

/// One colour that passes into another, from one point of a layer to a second, which is at least a pixel away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient {
    from: [f32; 2],
    to: [f32; 2],
    settings: GradientSettings,
    colors: [[u8; 3]; 2],
    alpha_locked: bool,
}

impl Gradient {
    /// What becomes of a layer under it, where it is selected.
    pub(super) fn over(self, before: &Pixels, selection: Option<&TileGrid<u8>>) -> Pixels {
        let ramp = Ramp::new(self.from, self.to, self.settings);
        laid(before, ramp, self.colors, selection, self.alpha_locked)
    }
}

/// Follows the pointer. What lies on the layer is laid down under the gradient by whoever holds its [`super::Lift`].
#[derive(Default)]
pub struct GradientTool {
    pub settings: GradientSettings,
    /// Brush and second colour. Masks go from white to black.
    pub colors: [[u8; 3]; 2],
    /// Where the pointer went down, and whether alpha is locked there.
    held: Option<([f32; 2], bool)>,
    gradient: Option<Gradient>,
}

impl GradientTool {
    pub fn is_active(&self) -> bool {
        self.held.is_some()
    }

    /// What the pointer has drawn, or had drawn when it let go; none as long as that has no length.
    pub fn gradient(&self) -> Option<Gradient> {
        self.gradient
    }

    /// Start and end of the drag.
    pub fn line(&self) -> Vec<[f32; 2]> {
        let ends = self.gradient.map(|gradient| vec![gradient.from, gradient.to]);
        ends.unwrap_or_default()
    }

    pub fn handle(&mut self, event: PointerEvent, target: &Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                (self.held, self.gradient) = (None, None);
                match target.paintable() {
                    Ok(layer) => self.held = Some((sample.position, layer.alpha_locked)),
                    Err(effect) => return effect,
                }
            }
            PointerEvent::Move(sample) => self.follow(sample.position, target.keys.shift),
            PointerEvent::Release(sample) => {
                self.follow(sample.position, target.keys.shift);
                self.held = None;
            }
            PointerEvent::Cancel => (self.held, self.gradient) = (None, None),
        }
        Effect::Nothing
    }

    /// With Shift in one of eight directions.
    fn follow(&mut self, to: [f32; 2], straight: bool) {
        let Some((from, alpha_locked)) = self.held else { return };
        let to = if straight { snapped(from, to) } else { to };
        // What is no number is no end.
        self.gradient = (apart(from, to) >= 1.0).then_some(Gradient {
            from,
            to,
            settings: self.settings,
            colors: self.colors,
            alpha_locked,
        });
    }
}

fn apart(a: [f32; 2], b: [f32; 2]) -> f32 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// `to` in the nearest direction of eight, as far along it as it was.
fn snapped(from: [f32; 2], to: [f32; 2]) -> [f32; 2] {
    let [x, y] = [to[0] - from[0], to[1] - from[1]];
    let eighth = std::f32::consts::FRAC_PI_4;
    let (sin, cos) = ((y.atan2(x) / eighth).round() * eighth).sin_cos();
    let along = x * cos + y * sin;
    [from[0] + along * cos, from[1] + along * sin]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brush::PointerSample;
    use crate::document::{Combine, Document, Layer, Role, Side};
    use crate::tool::test_hand::Hand;
    use crate::tool::{Contents, Lift, Way};
    use image::RgbaImage;

    const SIZE: [u32; 2] = [600, 300];

    /// Of a paint layer over the sketch.
    fn hand() -> Hand {
        let mut document = Document::from_sketch(&RgbaImage::new(SIZE[0], SIZE[1])).unwrap();
        let layer = Layer::new(Role::Paint, "Paint", Pixels::Raster(TileGrid::new(SIZE)));
        let (paint, sketch) = (layer.id, document.by_role(Role::Sketch).unwrap().id);
        document.canvas_mut().insert(layer, crate::document::Place::Above(sketch));
        Hand::new(document, paint)
    }

    fn tool(settings: GradientSettings) -> GradientTool {
        GradientTool {
            settings,
            colors: [[200, 0, 0], [0, 0, 200]],
            ..GradientTool::default()
        }
    }

    fn drag(hand: &mut Hand, settings: GradientSettings, from: [f32; 2], to: [f32; 2]) {
        let mut tool = tool(settings);
        let by = from.map(|side| side + 7.0);
        hand.drag([from, by, to], |event, target| tool.handle(event, &target));
        lay(hand, tool.gradient().unwrap());
    }

    fn lay(hand: &mut Hand, gradient: Gradient) {
        let before = Contents::of(&hand.document, Side::Canvas, &[hand.layer]);
        Lift::nothing(before).laid(Way::Under(gradient)).put(&mut hand.document);
    }

    #[test]
    fn one_colour_passes_into_the_other() {
        let mut hand = hand();
        drag(&mut hand, GradientSettings::default(), [100.0, 50.0], [500.0, 50.0]);
        assert_eq!(
            [hand.color(10, 200), hand.color(590, 5)],
            [[200, 0, 0, 255], [0, 0, 200, 255]]
        );
        let [r, _, b, alpha] = hand.color(300, 299);
        assert!(
            r.abs_diff(100) <= 2 && b.abs_diff(100) <= 2 && alpha == 255,
            "{r} {b} {alpha}"
        );
    }

    #[test]
    fn around_its_start_into_nothing_within_the_selection() {
        let mut hand = hand();
        let left = TileGrid::with_pixels(SIZE, [0, 0], 300, &[255; 300 * 300]);
        hand.document.select(Side::Canvas, &left, Combine::Replace);
        let settings = GradientSettings {
            shape: GradientShape::Radial,
            end: GradientEnd::Nothing,
            reverse: false,
        };
        drag(&mut hand, settings, [290.0, 150.0], [290.0, 50.0]);
        assert_eq!(hand.color(289, 149)[..3], [200, 0, 0]);
        assert!(hand.color(289, 149)[3] > 250);
        for alpha in [hand.color(240, 150)[3], hand.color(290, 200)[3]] {
            assert!(alpha.abs_diff(127) <= 3, "{alpha}");
        }
        assert_eq!([hand.color(100, 150), hand.color(301, 150)], [[0; 4]; 2]);
    }

    #[test]
    fn a_mask_goes_from_figure_to_background_without_bands() {
        let mut hand = hand();
        hand.layer = hand.document.by_role(Role::SketchMask).unwrap().id;
        let settings = GradientSettings {
            reverse: true,
            ..GradientSettings::default()
        };
        // A tenth of a level a pixel: in bands ten columns would be one and the same.
        drag(&mut hand, settings, [0.0, 0.0], [2550.0, 0.0]);
        let column = |x: u32| (0..300).map(|y| hand.mask(x, y)).collect::<Vec<_>>();
        let mean = |x: u32| column(x).iter().map(|value| f64::from(*value)).sum::<f64>() / 300.0;
        for x in (5..595).step_by(10) {
            let wanted = (f64::from(x) + 0.5) / 10.0;
            assert!((mean(x) - wanted).abs() < 0.15, "{x}: {} for {wanted}", mean(x));
        }
        let (low, high) = (*column(305).iter().min().unwrap(), *column(305).iter().max().unwrap());
        assert_eq!((low, high), (30, 31));
    }

    #[test]
    fn shift_keeps_to_eighths_and_a_cancelled_or_tiny_drag_changes_nothing() {
        for (to, wanted) in [
            ([20.0, 3.0], [20.0, 0.0]),
            ([-9.0, -11.0], [-10.0, -10.0]),
            ([1.0, 50.0], [0.0, 50.0]),
        ] {
            let [x, y] = snapped([0.0, 0.0], to);
            assert!(
                (x - wanted[0]).abs() < 1e-3 && (y - wanted[1]).abs() < 1e-3,
                "{to:?}: {x} {y}"
            );
        }
        let (mut hand, mut tool) = (hand(), tool(GradientSettings::default()));
        let mut send = |hand: &mut Hand, event: PointerEvent| {
            tool.handle(event, &hand.target());
            (tool.gradient(), tool.line())
        };
        let at = PointerSample::at;
        send(&mut hand, PointerEvent::Press(at([10.0, 10.0])));
        hand.keys.shift = true;
        let (_, line) = send(&mut hand, PointerEvent::Move(at([200.0, 30.0])));
        assert_eq!(line[1][1].round(), 10.0);
        assert_eq!(send(&mut hand, PointerEvent::Cancel), (None, Vec::new()));
        hand.keys.shift = false;
        for to in [[10.2, 10.2], [f32::NAN, 10.2]] {
            send(&mut hand, PointerEvent::Press(at([10.0, 10.0])));
            send(&mut hand, PointerEvent::Move(at([90.0, 10.0])));
            assert_eq!(send(&mut hand, PointerEvent::Release(at(to))), (None, Vec::new()));
        }
        hand.document.layer_mut(hand.layer).unwrap().locked = true;
        send(&mut hand, PointerEvent::Press(at([10.0, 10.0])));
        assert_eq!(
            send(&mut hand, PointerEvent::Release(at([90.0, 10.0]))).0,
            None,
            "it is locked"
        );
    }
}
