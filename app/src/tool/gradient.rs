//! Lets one colour pass into another, along a drag or around its start.

mod ramp;

use super::{Effect, PointerEvent, Target};
use crate::document::{LayerId, Pixels, Rect, TileGrid};
use ramp::{Ramp, lay};

/// How the colour changes over the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientShape {
    /// Along the drag, and the same across it.
    #[default]
    Linear,
    /// Around the drag's start, as far as its end.
    Radial,
}

/// What the first colour passes into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientEnd {
    /// The second colour; on masks black.
    #[default]
    Second,
    /// What was there.
    Nothing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GradientSettings {
    pub shape: GradientShape,
    pub end: GradientEnd,
    /// From the end to the start.
    pub reverse: bool,
}

/// Paints over the layer, or over what is selected of it, again for each place that the pointer comes to.
#[derive(Default)]
pub struct GradientTool {
    pub settings: GradientSettings,
    /// Brush and second colour. Masks go from white to black.
    pub colors: [[u8; 3]; 2],
    drag: Option<Drag>,
}

struct Drag {
    layer: LayerId,
    before: Pixels,
    selection: Option<TileGrid<u8>>,
    alpha_locked: bool,
    from: [f32; 2],
    /// Where the pointer is; none as long as it has not moved.
    to: Option<[f32; 2]>,
}

impl GradientTool {
    pub fn is_active(&self) -> bool {
        self.drag.is_some()
    }

    /// Start and end of the drag.
    pub fn line(&self) -> Vec<[f32; 2]> {
        let ends = self.drag.as_ref().and_then(|drag| Some(vec![drag.from, drag.to?]));
        ends.unwrap_or_default()
    }

    pub fn handle(&mut self, event: PointerEvent, target: &mut Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                self.end(target);
                let layer = match target.paintable() {
                    Ok(layer) => layer,
                    Err(effect) => return effect,
                };
                self.drag = Some(Drag {
                    layer: layer.id,
                    before: layer.pixels.clone(),
                    alpha_locked: layer.alpha_locked,
                    selection: target.document.selection_on(layer.id).cloned(),
                    from: sample.position,
                    to: None,
                });
                Effect::Nothing
            }
            PointerEvent::Move(sample) => self.paint(Some(sample.position), target),
            PointerEvent::Release(sample) => {
                let effect = self.paint(Some(sample.position), target);
                self.end(target);
                effect
            }
            PointerEvent::Cancel => {
                let effect = self.paint(None, target);
                self.drag = None;
                effect
            }
        }
    }

    /// Makes the layer what it was, under the gradient that ends at `to`; without an end, or with the start for one, there is none.
    fn paint(&mut self, to: Option<[f32; 2]>, target: &mut Target<'_>) -> Effect {
        let Some(drag) = &mut self.drag else { return Effect::Nothing };
        let to = to.map(|to| if target.keys.shift { snapped(drag.from, to) } else { to });
        // What is no number is no end.
        let to = to.filter(|to| apart(drag.from, *to) >= 1.0);
        if to == drag.to {
            return Effect::Nothing;
        }
        drag.to = to;
        let Some(layer) = target.document.layer_mut(drag.layer) else {
            return Effect::Nothing;
        };
        let whole = Rect::of(layer.size());
        match to {
            None => layer.pixels = drag.before.clone(),
            Some(to) => {
                let ramp = Ramp::new(drag.from, to, self.settings);
                let selection = drag.selection.as_ref();
                lay(
                    &mut layer.pixels,
                    &drag.before,
                    ramp,
                    self.colors,
                    selection,
                    drag.alpha_locked,
                );
            }
        }
        Effect::Painted(whole)
    }

    /// One entry of history, unless nothing was painted.
    fn end(&mut self, target: &mut Target<'_>) {
        let Some(drag) = self.drag.take().filter(|drag| drag.to.is_some()) else {
            return;
        };
        target.record("Gradient", drag.layer, drag.before);
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
    use crate::tool::hand::Hand;
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
            drag: None,
        }
    }

    fn drag(hand: &mut Hand, settings: GradientSettings, from: [f32; 2], to: [f32; 2]) {
        let mut tool = tool(settings);
        let by = from.map(|side| side + 7.0);
        hand.drag([from, by, to], |event, mut target| tool.handle(event, &mut target));
    }

    #[test]
    fn one_colour_passes_into_the_other_and_all_of_it_is_one_entry() {
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
        assert_eq!(hand.history.undo(&mut hand.document), Some("Gradient"));
        assert_eq!(hand.color(10, 200), [0; 4]);
        assert_eq!(hand.history.undo_label(), None);
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
        tool.handle(PointerEvent::Press(PointerSample::at([10.0, 10.0])), &mut hand.target());
        hand.keys.shift = true;
        tool.handle(PointerEvent::Move(PointerSample::at([200.0, 30.0])), &mut hand.target());
        assert_eq!(tool.line()[1][1].round(), 10.0);
        assert_eq!(hand.color(0, 0), [200, 0, 0, 255]);
        tool.handle(PointerEvent::Cancel, &mut hand.target());
        assert_eq!(hand.color(0, 0), [0; 4]);
        hand.keys.shift = false;
        for to in [[10.2, 10.2], [f32::NAN, 10.2]] {
            drag(&mut hand, GradientSettings::default(), [10.0, 10.0], to);
        }
        assert_eq!((hand.history.undo_label(), hand.color(0, 0)), (None, [0; 4]));
    }
}
