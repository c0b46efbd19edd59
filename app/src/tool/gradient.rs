//! Lets one colour pass into another, along a drag or around its start.

use rayon::prelude::*;

use super::{Effect, PointerEvent, Target, refusal};
use crate::document::{Blend, LayerId, Pixel, Pixels, Rect, TILE, TileGrid, TileSpan, compose};

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
                let Some(layer) = target.document.layer(target.layer) else {
                    return Effect::Nothing;
                };
                if let Some(reason) = refusal(target.document, layer) {
                    return Effect::Refused(reason);
                }
                self.drag = Some(Drag {
                    layer: layer.id,
                    before: layer.pixels.clone(),
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
        layer.pixels = match to {
            None => drag.before.clone(),
            Some(to) => {
                let ramp = Ramp {
                    from: drag.from,
                    to,
                    settings: self.settings,
                };
                laid(&drag.before, ramp, self.colors, drag.selection.as_ref(), layer.alpha_locked)
            }
        };
        Effect::Painted(whole)
    }

    /// One entry of history, unless nothing was painted.
    fn end(&mut self, target: &mut Target<'_>) {
        let Some(drag) = self.drag.take().filter(|drag| drag.to.is_some()) else {
            return;
        };
        let mut before = target.document.clone();
        let Some(layer) = before.layer_mut(drag.layer) else { return };
        layer.pixels = drag.before;
        target.history.record("Gradient", before, target.document);
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

/// Where a gradient begins and ends.
#[derive(Clone, Copy)]
struct Ramp {
    from: [f32; 2],
    to: [f32; 2],
    settings: GradientSettings,
}

impl Ramp {
    /// How far from the first to the second colour a pixel is, 0..=1.
    fn share(self, x: u32, y: u32) -> f32 {
        let way = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let here = [x as f32 + 0.5 - self.from[0], y as f32 + 0.5 - self.from[1]];
        let length = way[0].hypot(way[1]);
        let share = match self.settings.shape {
            GradientShape::Linear => (here[0] * way[0] + here[1] * way[1]) / (length * length),
            GradientShape::Radial => here[0].hypot(here[1]) / length,
        };
        let share = share.clamp(0.0, 1.0);
        if self.settings.reverse { 1.0 - share } else { share }
    }
}

/// A layer's pixels under a gradient.
fn laid(before: &Pixels, ramp: Ramp, colors: [[u8; 3]; 2], selection: Option<&TileGrid<u8>>, alpha_locked: bool) -> Pixels {
    let ends = ramp.settings.end == GradientEnd::Second;
    let lerp = |a: u8, b: u8, share: f32| f32::from(a) + (f32::from(b) - f32::from(a)) * share;
    match before {
        Pixels::Mask(grid) => Pixels::Mask(changed(grid, selection, false, |old, x, y, selected| {
            let share = ramp.share(x, y);
            let wanted = match ends {
                true => lerp(255, 0, share),
                false => lerp(old, 255, 1.0 - share),
            };
            rounded(f32::from(old) + (wanted - f32::from(old)) * selected, x, y)
        })),
        Pixels::Raster(grid) => Pixels::Raster(changed(grid, selection, alpha_locked, |old, x, y, selected| {
            let share = ramp.share(x, y);
            let (color, alpha) = match ends {
                true => (
                    [0, 1, 2].map(|i| rounded(lerp(colors[0][i], colors[1][i], share), x, y)),
                    selected,
                ),
                false => (colors[0], (1.0 - share) * selected),
            };
            let [r, g, b] = color;
            match rounded(255.0 * alpha, x, y) {
                0 => old,
                255 if !alpha_locked => [r, g, b, 255],
                alpha => compose(old, [r, g, b, alpha], 1.0, Blend::Normal, alpha_locked),
            }
        })),
        Pixels::Group(_) => before.clone(),
    }
}

/// A value 0..=255 as a whole number, up or down by a pattern with no direction of its own: steps of one level, which show as bands where they are wide,
/// dissolve. The pattern is interleaved gradient noise (J. Jimenez, "Next generation post processing in Call of Duty", 2014).
fn rounded(value: f32, x: u32, y: u32) -> u8 {
    let noise = (52.982_918 * (0.067_110_56 * x as f32 + 0.005_837_15 * y as f32).fract()).fract();
    // Whole values stay what they are, whatever their last bit.
    (value + noise * 0.998 + 0.001) as u8
}

/// A grid whose pixels in the selection are `change`d: from what they are, where they lie, and how far they are selected, 0..=1. `only_there`: where nothing was,
/// nothing comes to be.
fn changed<P: Pixel>(
    before: &TileGrid<P>,
    selection: Option<&TileGrid<u8>>,
    only_there: bool,
    change: impl Fn(P, u32, u32, f32) -> P + Sync,
) -> TileGrid<P> {
    let area = selection.map_or(Rect::of(before.size()), TileGrid::bounds);
    let tile = |span: &TileSpan| {
        let (old, selected) = (
            before.tile(span.column, span.row),
            selection.map(|selection| selection.tile(span.column, span.row)),
        );
        if only_there && old.is_none() || matches!(selected, Some(None)) {
            return None;
        }
        let mut pixels = old.map_or_else(|| vec![P::default(); (TILE * TILE) as usize], |old| old.pixels().to_vec());
        for y in span.rect.top..span.rect.bottom {
            let range = span.range(y);
            let shares = selected.flatten().map(|tile| &tile.pixels()[range.clone()]);
            for (at, pixel) in pixels[range].iter_mut().enumerate() {
                let share = shares.map_or(1.0, |shares| f32::from(shares[at]) / 255.0);
                if share > 0.0 {
                    *pixel = change(*pixel, span.rect.left + at as u32, y, share);
                }
            }
        }
        Some(pixels)
    };
    let spans: Vec<TileSpan> = before.spans(area).collect();
    let tiles: Vec<Option<Vec<P>>> = spans.par_iter().map(tile).collect();
    let mut grid = before.clone();
    for (span, pixels) in spans.iter().zip(tiles) {
        let Some(pixels) = pixels else { continue };
        grid.tile_mut(span.column, span.row).copy_from_slice(&pixels);
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brush::PointerSample;
    use crate::document::{Combine, Document, History, Layer, Role, Side};
    use crate::tool::Keys;
    use image::RgbaImage;

    const SIZE: [u32; 2] = [600, 300];

    fn document() -> (Document, LayerId, LayerId) {
        let mut document = Document::from_sketch(&RgbaImage::new(SIZE[0], SIZE[1])).unwrap();
        let layer = Layer::new(Role::Paint, "Paint", Pixels::Raster(TileGrid::new(SIZE)));
        let (paint, mask) = (layer.id, document.by_role(Role::SketchMask).unwrap().id);
        let sketch = document.by_role(Role::Sketch).unwrap().id;
        document.canvas_mut().insert(layer, crate::document::Place::Above(sketch));
        (document, paint, mask)
    }

    struct Hand {
        document: Document,
        history: History,
        tool: GradientTool,
        layer: LayerId,
        shift: bool,
    }

    impl Hand {
        fn new(document: Document, layer: LayerId, settings: GradientSettings) -> Self {
            Self {
                document,
                history: History::default(),
                tool: GradientTool {
                    settings,
                    colors: [[200, 0, 0], [0, 0, 200]],
                    drag: None,
                },
                layer,
                shift: false,
            }
        }

        fn send(&mut self, event: PointerEvent) -> Effect {
            let keys = Keys {
                shift: self.shift,
                ..Keys::default()
            };
            let mut target = Target {
                document: &mut self.document,
                history: &mut self.history,
                layer: self.layer,
                keys,
            };
            self.tool.handle(event, &mut target)
        }

        fn drag(&mut self, from: [f32; 2], to: [f32; 2]) {
            self.send(PointerEvent::Press(PointerSample::at(from)));
            self.send(PointerEvent::Move(PointerSample::at(from.map(|side| side + 7.0))));
            self.send(PointerEvent::Release(PointerSample::at(to)));
        }

        fn color(&self, x: u32, y: u32) -> [u8; 4] {
            self.document.layer(self.layer).unwrap().raster().unwrap().pixel(x, y)
        }

        fn mask(&self) -> &TileGrid<u8> {
            self.document.layer(self.layer).unwrap().mask().unwrap()
        }
    }

    #[test]
    fn one_colour_passes_into_the_other_and_all_of_it_is_one_entry() {
        let (document, paint, _) = document();
        let mut hand = Hand::new(document, paint, GradientSettings::default());
        hand.drag([100.0, 50.0], [500.0, 50.0]);
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
        let (mut document, paint, _) = document();
        let left = TileGrid::with_pixels(SIZE, [0, 0], 300, &[255; 300 * 300]);
        document.select(Side::Canvas, &left, Combine::Replace);
        let settings = GradientSettings {
            shape: GradientShape::Radial,
            end: GradientEnd::Nothing,
            reverse: false,
        };
        let mut hand = Hand::new(document, paint, settings);
        hand.drag([290.0, 150.0], [290.0, 50.0]);
        assert_eq!(hand.color(289, 149)[..3], [200, 0, 0]);
        assert!(hand.color(289, 149)[3] > 250);
        for alpha in [hand.color(240, 150)[3], hand.color(290, 200)[3]] {
            assert!(alpha.abs_diff(127) <= 3, "{alpha}");
        }
        assert_eq!([hand.color(100, 150), hand.color(301, 150)], [[0; 4]; 2]);
    }

    #[test]
    fn a_mask_goes_from_figure_to_background_without_bands() {
        let (document, _, mask) = document();
        let settings = GradientSettings {
            reverse: true,
            ..GradientSettings::default()
        };
        let mut hand = Hand::new(document, mask, settings);
        // A tenth of a level a pixel: in bands ten columns would be one and the same.
        hand.drag([0.0, 0.0], [2550.0, 0.0]);
        let column = |x: u32| hand.mask().copy(Rect::new(x, 0, x + 1, 300));
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
        let (document, paint, _) = document();
        let mut hand = Hand::new(document, paint, GradientSettings::default());
        hand.send(PointerEvent::Press(PointerSample::at([10.0, 10.0])));
        hand.shift = true;
        hand.send(PointerEvent::Move(PointerSample::at([200.0, 30.0])));
        assert_eq!(hand.tool.line()[1][1].round(), 10.0);
        assert_eq!(hand.color(0, 0), [200, 0, 0, 255]);
        hand.send(PointerEvent::Cancel);
        assert_eq!(hand.color(0, 0), [0; 4]);
        hand.shift = false;
        hand.drag([10.0, 10.0], [10.2, 10.2]);
        hand.drag([10.0, 10.0], [f32::NAN, 10.2]);
        assert_eq!((hand.history.undo_label(), hand.color(0, 0)), (None, [0; 4]));
    }
}
