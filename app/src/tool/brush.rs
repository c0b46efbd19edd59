//! Brush and eraser: one machine, with paint or without.

use std::collections::HashMap;

use super::paint::{Laid, Paint, lay};
use super::{Effect, PointerEvent, Target, refusal};
use crate::brush::{BrushSettings, Dab, PointerSample, Stroke};
use crate::document::{LayerId, Pixels, Rect, TileGrid, TileSpan};

/// Paints masks white (eraser: black) and raster layers with `color` (eraser: transparent).
pub struct BrushTool {
    pub settings: BrushSettings,
    pub color: [u8; 3],
    pub mirror: Mirror,
    erase: bool,
    /// Where the last stroke ended: Shift draws a straight line from there.
    last: Option<(LayerId, PointerSample)>,
    active: Option<Active>,
}

/// A stroke under way. The layer is always its pixels before the stroke, mixed with the paint by the stroke's coverage:
/// however often the stroke crosses itself, it never exceeds its opacity.
struct Active {
    stroke: Stroke,
    layer: LayerId,
    before: Pixels,
    coverage: TileGrid<u8>,
    selection: Option<TileGrid<u8>>,
    painted: Rect,
}

impl BrushTool {
    pub fn brush() -> Self {
        Self {
            settings: BrushSettings::default(),
            color: [0; 3],
            mirror: Mirror::default(),
            erase: false,
            last: None,
            active: None,
        }
    }

    pub fn eraser() -> Self {
        Self {
            erase: true,
            ..Self::brush()
        }
    }

    pub fn is_active(&self) -> bool {
        self.active.is_some()
    }

    pub fn handle(&mut self, event: PointerEvent, mut target: Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                // A press without the release of the last one: the pointer was lost in between.
                self.commit(&mut target);
                self.press(sample, &mut target)
            }
            PointerEvent::Move(sample) => self.paint(&mut target, |stroke| stroke.extend(sample)),
            PointerEvent::Release(sample) => {
                let effect = self.paint(&mut target, |stroke| {
                    let mut dabs = stroke.extend(sample);
                    dabs.extend(stroke.finish());
                    dabs
                });
                self.last = Some((target.layer, sample));
                self.commit(&mut target);
                effect
            }
            PointerEvent::Cancel => self.abort(&mut target),
        }
    }

    fn press(&mut self, sample: PointerSample, target: &mut Target<'_>) -> Effect {
        let Some(layer) = target.document.layer(target.layer) else {
            return Effect::Nothing;
        };
        if let Some(reason) = refusal(target.document, layer) {
            return Effect::Refused(reason);
        }
        let from = (self.last.filter(|(id, _)| target.keys.shift && *id == layer.id)).map(|(_, last)| last);
        let Some((stroke, dab)) = Stroke::begin(self.settings, from.unwrap_or(sample)) else {
            return Effect::Nothing;
        };
        let (before, coverage) = (layer.pixels.clone(), TileGrid::new(layer.size()));
        self.active = Some(Active {
            stroke,
            layer: layer.id,
            before,
            coverage,
            selection: target.document.selection_on(target.layer).cloned(),
            painted: Rect::EMPTY,
        });
        self.last = Some((target.layer, sample));
        self.paint(target, |stroke| {
            let mut dabs = vec![dab];
            if from.is_some() {
                dabs.extend(stroke.extend(sample));
                dabs.extend(stroke.finish());
            }
            dabs
        })
    }

    fn paint(&mut self, target: &mut Target<'_>, dabs: impl FnOnce(&mut Stroke) -> Vec<Dab>) -> Effect {
        let Some(active) = &mut self.active else {
            return Effect::Nothing;
        };
        let Some(layer) = target.document.layer_mut(active.layer) else {
            self.active = None;
            return Effect::Nothing;
        };
        let dabs = self.mirror.of(dabs(&mut active.stroke), layer.size());
        let touched = print(&mut active.coverage, &dabs);
        let laid = Laid {
            paint: if self.erase { Paint::Erase } else { Paint::Color(self.color) },
            coverage: &active.coverage,
            touched: &touched,
            selection: active.selection.as_ref(),
            alpha_locked: layer.alpha_locked,
        };
        lay(&mut layer.pixels, &active.before, laid);
        let painted = touched.iter().fold(Rect::EMPTY, |all, span| all.union(span.rect));
        active.painted = active.painted.union(painted);
        if painted.is_empty() {
            Effect::Nothing
        } else {
            Effect::Painted(painted)
        }
    }

    /// Ends the stroke as one history entry. Whatever else changed meanwhile, such as a take that arrived, stays out of it.
    fn commit(&mut self, target: &mut Target<'_>) {
        let Some(active) = self.active.take().filter(|active| !active.painted.is_empty()) else {
            return;
        };
        let mut before = target.document.clone();
        let Some(layer) = before.layer_mut(active.layer) else { return };
        layer.pixels = active.before;
        let label = if self.erase { "Eraser stroke" } else { "Brush stroke" };
        target.history.record(label, before, target.document);
    }

    fn abort(&mut self, target: &mut Target<'_>) -> Effect {
        let Some(active) = self.active.take() else {
            return Effect::Nothing;
        };
        match target.document.layer_mut(active.layer) {
            Some(layer) if !active.painted.is_empty() => {
                layer.pixels = active.before;
                Effect::Painted(active.painted)
            }
            _ => Effect::Nothing,
        }
    }
}

/// Which strokes are painted once more on the other side of the picture's middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mirror {
    /// Left and right are alike.
    pub sideways: bool,
    /// Above and below are alike.
    pub upright: bool,
}

impl Mirror {
    fn of(self, mut dabs: Vec<Dab>, size: [u32; 2]) -> Vec<Dab> {
        for (axis, on) in [self.sideways, self.upright].into_iter().enumerate() {
            if on {
                let mut others = dabs.clone();
                for dab in &mut others {
                    dab.center[axis] = size[axis] as f32 - dab.center[axis];
                }
                dabs.extend(others);
            }
        }
        dabs
    }
}

/// Prints dabs into the stroke's coverage; which part of which tile they touched.
fn print(coverage: &mut TileGrid<u8>, dabs: &[Dab]) -> Vec<TileSpan> {
    let mut touched: HashMap<(u32, u32), Rect> = HashMap::new();
    for dab in dabs {
        for span in coverage.spans(Rect::clipped(dab.bounds(), coverage.size())) {
            let tile = coverage.tile_mut(span.column, span.row);
            for y in span.rect.top..span.rect.bottom {
                dab.raise(span.rect.left as i32, y as i32, &mut tile[span.range(y)]);
            }
            let rect = touched.entry((span.column, span.row)).or_default();
            *rect = rect.union(span.rect);
        }
    }
    touched
        .into_iter()
        .map(|((column, row), rect)| TileSpan { column, row, rect })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, History, Role};
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    struct Desk {
        document: Document,
        history: History,
        layer: LayerId,
    }

    impl Desk {
        fn new(size: u32, role: Role) -> Self {
            let document = Document::from_sketch(&RgbaImage::from_pixel(size, size, Rgba([255; 4]))).unwrap();
            let layer = document.by_role(role).unwrap().id;
            Self {
                document,
                history: History::default(),
                layer,
            }
        }

        fn send(&mut self, tool: &mut BrushTool, event: PointerEvent) -> Effect {
            tool.handle(
                event,
                Target {
                    document: &mut self.document,
                    history: &mut self.history,
                    layer: self.layer,
                    keys: Default::default(),
                },
            )
        }

        fn drag(&mut self, tool: &mut BrushTool, from: [f32; 2], to: [f32; 2]) {
            self.send(tool, PointerEvent::Press(PointerSample::at(from)));
            self.send(tool, PointerEvent::Move(PointerSample::at(to)));
            self.send(tool, PointerEvent::Release(PointerSample::at(to)));
        }

        fn mask(&self, x: u32, y: u32) -> u8 {
            self.document.layer(self.layer).unwrap().mask().unwrap().pixel(x, y)
        }
    }

    fn sharp(size: f32) -> BrushTool {
        let mut tool = BrushTool::brush();
        tool.settings = BrushSettings {
            size,
            hardness: 1.0,
            ..tool.settings
        };
        tool
    }

    #[test]
    fn a_stroke_is_one_entry_and_reports_what_it_touched() {
        let mut desk = Desk::new(600, Role::SketchMask);
        let mut tool = sharp(20.0);
        let effect = desk.send(&mut tool, PointerEvent::Press(PointerSample::at([250.0, 100.0])));
        assert_eq!(effect, Effect::Painted(Rect::new(240, 90, 260, 110)));
        desk.send(&mut tool, PointerEvent::Move(PointerSample::at([300.0, 100.0])));
        desk.send(&mut tool, PointerEvent::Release(PointerSample::at([300.0, 100.0])));
        assert_eq!(
            (
                desk.mask(241, 100),
                desk.mask(275, 100),
                desk.mask(275, 112),
                desk.mask(320, 100)
            ),
            (255, 255, 0, 0)
        );
        assert_eq!(desk.history.undo(&mut desk.document), Some("Brush stroke"));
        assert_eq!(desk.mask(275, 100), 0);
        assert_eq!(desk.history.undo_label(), None);
        desk.history.redo(&mut desk.document);
        assert_eq!(desk.mask(275, 100), 255);
    }

    #[test]
    fn crossing_itself_a_stroke_keeps_its_opacity_and_a_second_stroke_adds() {
        let mut desk = Desk::new(100, Role::SketchMask);
        let mut tool = sharp(10.0);
        tool.settings.opacity = 0.4;
        desk.drag(&mut tool, [20.0, 50.0], [80.0, 50.0]);
        assert_eq!(desk.mask(50, 50), 102);
        desk.drag(&mut tool, [50.0, 20.0], [50.0, 80.0]);
        assert_eq!(desk.mask(50, 50), 163, "102 + (255 - 102) * 102 / 255");
    }

    #[test]
    fn escape_restores_the_very_tiles() {
        let mut desk = Desk::new(300, Role::Sketch);
        let revision = |desk: &Desk| {
            desk.document
                .layer(desk.layer)
                .unwrap()
                .raster()
                .unwrap()
                .tile(0, 0)
                .unwrap()
                .revision()
        };
        let before = revision(&desk);
        let mut tool = sharp(30.0);
        desk.send(&mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
        assert_ne!(revision(&desk), before);
        assert_eq!(
            desk.send(&mut tool, PointerEvent::Cancel),
            Effect::Painted(Rect::new(5, 5, 35, 35))
        );
        assert_eq!(revision(&desk), before);
        assert_eq!(desk.history.undo_label(), None);
    }

    #[test]
    fn the_eraser_takes_paint_away_and_makes_no_tiles() {
        let mut desk = Desk::new(600, Role::SketchMask);
        let mut eraser = BrushTool::eraser();
        eraser.settings = sharp(40.0).settings;
        desk.drag(&mut eraser, [10.0, 10.0], [590.0, 590.0]);
        assert!(desk.document.layer(desk.layer).unwrap().bounds().is_empty());
        desk.drag(&mut sharp(40.0), [100.0, 100.0], [200.0, 100.0]);
        desk.drag(&mut eraser, [150.0, 100.0], [150.0, 100.0]);
        assert_eq!((desk.mask(110, 100), desk.mask(150, 100), desk.mask(190, 100)), (255, 0, 255));
    }

    #[test]
    fn raster_layers_take_colour_and_lose_alpha() {
        let mut desk = Desk::new(64, Role::Sketch);
        let mut tool = sharp(10.0);
        tool.color = [200, 10, 20];
        tool.settings.opacity = 0.6;
        desk.drag(&mut tool, [20.0, 20.0], [20.0, 20.0]);
        let mut eraser = BrushTool::eraser();
        eraser.settings = tool.settings;
        desk.drag(&mut eraser, [50.0, 50.0], [50.0, 50.0]);
        let pixels = desk.document.layer(desk.layer).unwrap().raster().unwrap();
        assert_eq!(
            (pixels.pixel(20, 20), pixels.pixel(50, 50)),
            ([222, 108, 114, 255], [255, 255, 255, 102])
        );
    }

    #[test]
    fn a_take_is_not_painted_over_and_may_arrive_in_mid_stroke() {
        let mut desk = Desk::new(64, Role::SketchMask);
        let mut tool = sharp(10.0);
        desk.send(&mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
        let take = desk
            .document
            .place_take(&RgbImage::from_pixel(64, 64, Rgb([1, 2, 3])), String::new());
        desk.send(&mut tool, PointerEvent::Release(PointerSample::at([40.0, 20.0])));
        desk.history.undo(&mut desk.document);
        assert_eq!((desk.mask(20, 20), desk.document.layer(take).is_some()), (0, true));
        desk.layer = take;
        let refused = desk.send(&mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
        assert!(matches!(refused, Effect::Refused(_)));
        assert!(!tool.is_active());
    }

    #[test]
    fn locks_are_kept() {
        let mut desk = Desk::new(64, Role::Sketch);
        let mut tool = sharp(10.0);
        tool.color = [200, 10, 20];
        let layer = desk.document.layer_mut(desk.layer).unwrap();
        layer.pixels = Pixels::Raster(TileGrid::with_pixels([64, 64], [0, 0], 1, &[[9, 9, 9, 100]; 64]));
        layer.alpha_locked = true;
        desk.drag(&mut tool, [0.5, 20.5], [0.5, 20.5]);
        let pixel = |desk: &Desk, x| desk.document.layer(desk.layer).unwrap().raster().unwrap().pixel(x, 20);
        assert_eq!((pixel(&desk, 0), pixel(&desk, 1)), ([200, 10, 20, 100], [0; 4]));
        desk.document.layer_mut(desk.layer).unwrap().locked = true;
        let refused = desk.send(&mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
        assert_eq!(refused, Effect::Refused("The layer is locked. Unlock it first."));
    }

    #[test]
    fn shift_draws_a_straight_line_from_where_the_last_stroke_ended() {
        let mut desk = Desk::new(100, Role::SketchMask);
        let mut tool = sharp(4.0);
        let mut click = |position, shift| {
            let keys = crate::tool::Keys {
                shift,
                ..Default::default()
            };
            let sample = PointerSample::at(position);
            for event in [PointerEvent::Press(sample), PointerEvent::Release(sample)] {
                let (document, history, layer) = (&mut desk.document, &mut desk.history, desk.layer);
                tool.handle(
                    event,
                    Target {
                        document,
                        history,
                        layer,
                        keys,
                    },
                );
            }
        };
        click([10.0, 10.0], true);
        click([10.0, 90.0], true);
        click([90.0, 90.0], false);
        assert_eq!((desk.mask(10, 50), desk.mask(50, 90), desk.mask(90, 90)), (255, 0, 255));
        desk.history.undo(&mut desk.document);
        desk.history.undo(&mut desk.document);
        assert_eq!((desk.mask(10, 50), desk.mask(10, 10)), (0, 255));
    }

    #[test]
    fn a_mirrored_stroke_is_painted_on_all_sides_as_one_entry() {
        let mut desk = Desk::new(100, Role::SketchMask);
        let mut tool = sharp(4.0);
        tool.mirror = Mirror {
            sideways: true,
            upright: true,
        };
        desk.drag(&mut tool, [10.0, 20.0], [30.0, 20.0]);
        assert_eq!(
            [(20, 20), (79, 20), (20, 79), (79, 79), (50, 50)].map(|(x, y)| desk.mask(x, y)),
            [255, 255, 255, 255, 0]
        );
        desk.history.undo(&mut desk.document);
        assert_eq!(desk.mask(79, 79), 0);
    }

    #[test]
    fn strokes_off_the_canvas_leave_no_entry() {
        let mut desk = Desk::new(64, Role::SketchMask);
        desk.drag(&mut sharp(10.0), [-500.0, -500.0], [-100.0, 1e30]);
        desk.drag(&mut sharp(10.0), [f32::NAN, 5.0], [f32::INFINITY, 5.0]);
        assert_eq!(desk.history.undo_label(), None);
    }
}
