//! Brush and eraser: one machine, with paint or without.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::paint::{Laid, Paint, lay};
use super::{Effect, PointerEvent, Target};
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
        let layer = match target.paintable() {
            Ok(layer) => layer,
            Err(effect) => return effect,
        };
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

    /// Ends the stroke as one history entry.
    fn commit(&mut self, target: &mut Target<'_>) {
        let Some(active) = self.active.take().filter(|active| !active.painted.is_empty()) else {
            return;
        };
        let label = if self.erase { "Eraser stroke" } else { "Brush stroke" };
        target.record(label, active.layer, active.before);
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
