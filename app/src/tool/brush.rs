//! Brush and eraser: one machine, with paint or without.

mod imprint;
mod mirror;
mod preview;
mod smudge;
#[cfg(test)]
mod tests;

use imprint::Imprint;
pub use mirror::Mirror;
pub use preview::preview;
use smudge::{Limits, Smudge};

use super::paint::{Laid, Paint, Touched, lay};
use super::{Effect, PointerEvent, Target};
use crate::brush::{BrushMode, BrushSettings, Dab, PointerSample, Stroke};
use crate::document::{LayerId, Pixels, Rect, TileGrid};
use crate::region::polygon;

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

/// A stroke under way.
struct Active {
    stroke: Stroke,
    layer: LayerId,
    before: Pixels,
    selection: Option<TileGrid<u8>>,
    painted: Rect,
    /// The highest so far: a pen that lifts presses almost nothing, and a line from its end is to be as wide as the stroke.
    pressure: f32,
    work: Work,
}

/// What the dabs of a stroke do.
enum Work {
    /// The layer is always its pixels before the stroke, mixed with the paint by the stroke's coverage: however often the stroke crosses itself, it never
    /// exceeds its opacity.
    Paint(Imprint),
    /// As above, and at the end the shape that the way goes around is painted too.
    Fill(Imprint, Vec<[f32; 2]>),
    /// One brush for the stroke and each of its mirror images.
    Smudge(Vec<Smudge>),
}

impl Work {
    fn of(settings: &BrushSettings, size: [u32; 2]) -> Self {
        match settings.mode {
            BrushMode::Paint => Self::Paint(Imprint::new(size)),
            BrushMode::Fill => Self::Fill(Imprint::new(size), Vec::new()),
            BrushMode::Smudge => Self::Smudge(Vec::new()),
        }
    }
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

    /// Forgets where the last stroke ended: the layers have another size.
    pub fn forget_last(&mut self) {
        self.last = None;
    }

    pub fn handle(&mut self, event: PointerEvent, mut target: Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                // A press without the release of the last one: the pointer was lost in between.
                self.commit(&mut target);
                self.press(sample, &mut target)
            }
            PointerEvent::Move(sample) => {
                self.active
                    .iter_mut()
                    .for_each(|active| active.pressure = active.pressure.max(sample.pressure));
                self.paint(&mut target, |stroke| stroke.extend(sample))
            }
            PointerEvent::Release(sample) => {
                let pressure = self.active.as_ref().map_or(sample.pressure, |active| active.pressure);
                let effect = self.paint(&mut target, |stroke| {
                    let mut dabs = stroke.extend(sample);
                    dabs.extend(stroke.finish());
                    dabs
                });
                let effect = self.fill(&mut target).unwrap_or(effect);
                self.last = Some((target.layer, PointerSample { pressure, ..sample }));
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
        let sample = PointerSample {
            pressure: from.map_or(sample.pressure, |from| from.pressure.max(sample.pressure)),
            ..sample
        };
        let Some((stroke, dab)) = Stroke::begin(self.settings, from.unwrap_or(sample)) else {
            return Effect::Nothing;
        };
        let settings = BrushSettings {
            // A rubber only takes away.
            mode: if self.erase { BrushMode::Paint } else { self.settings.mode },
            ..self.settings
        };
        self.active = Some(Active {
            stroke,
            layer: layer.id,
            before: layer.pixels.clone(),
            work: Work::of(&settings, layer.size()),
            selection: target.document.selection_on(target.layer).cloned(),
            painted: Rect::EMPTY,
            pressure: sample.pressure,
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
        let own = dabs(&mut active.stroke);
        let count = own.len();
        let dabs = self.mirror.of(own, layer.size());
        let paint = if self.erase { Paint::Erase } else { Paint::Color(self.color) };
        let painted = match &mut active.work {
            Work::Paint(imprint) | Work::Fill(imprint, _) => {
                let (painted, touched) = imprint.print(&dabs);
                lay(
                    &mut layer.pixels,
                    &active.before,
                    laid(paint, imprint, &touched, &active.selection, layer.alpha_locked),
                );
                painted
            }
            Work::Smudge(brushes) => {
                let settings = self.settings.clamped();
                let limits = Limits {
                    selection: active.selection.as_ref(),
                    alpha_locked: layer.alpha_locked,
                };
                for (at, dabs) in dabs.chunks(count.max(1)).enumerate() {
                    if brushes.len() == at {
                        // A pen that lies flat makes dabs of up to twice the size.
                        brushes.push(Smudge::new(settings.smudge, settings.size * (1.0 + settings.tilt_size) / 2.0));
                    }
                    brushes[at].drag(&mut layer.pixels, dabs, limits);
                }
                let bounds = |dab: &Dab| Rect::clipped(dab.bounds(), layer.size());
                dabs.iter().fold(Rect::EMPTY, |all, dab| all.union(bounds(dab)))
            }
        };
        if let Work::Fill(_, way) = &mut active.work {
            way.push(active.stroke.position());
        }
        active.painted = active.painted.union(painted);
        if painted.is_empty() {
            Effect::Nothing
        } else {
            Effect::Painted(painted)
        }
    }

    /// Paints what the way goes around, where the brush does that.
    fn fill(&mut self, target: &mut Target<'_>) -> Option<Effect> {
        let active = self.active.as_mut()?;
        let Work::Fill(imprint, way) = &mut active.work else {
            return None;
        };
        let layer = target.document.layer_mut(active.layer)?;
        let size = layer.size();
        for way in self.mirror.ways(way, size) {
            let mut shape = polygon(&way, size);
            let area = shape.bounds();
            let opacity = self.settings.clamped().opacity;
            if opacity < 1.0 {
                let spans: Vec<_> = shape
                    .spans(area)
                    .filter(|span| shape.tile(span.column, span.row).is_some())
                    .collect();
                for span in spans {
                    for share in shape.tile_mut(span.column, span.row) {
                        *share = (f32::from(*share) * opacity).round() as u8;
                    }
                }
            }
            let touched = imprint.cover(&shape);
            let paint = Paint::Color(self.color);
            lay(
                &mut layer.pixels,
                &active.before,
                laid(paint, imprint, &touched, &active.selection, layer.alpha_locked),
            );
            active.painted = active.painted.union(area);
        }
        Some(Effect::Painted(active.painted))
    }

    /// Ends the stroke as one history entry.
    fn commit(&mut self, target: &mut Target<'_>) {
        let Some(active) = self.active.take().filter(|active| !active.painted.is_empty()) else {
            return;
        };
        let label = match active.work {
            _ if self.erase => "Eraser stroke",
            Work::Paint(_) => "Brush stroke",
            Work::Fill(..) => "Filled stroke",
            Work::Smudge(_) => "Smudge",
        };
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

fn laid<'a>(
    paint: Paint,
    imprint: &'a Imprint,
    touched: &'a [Touched],
    selection: &'a Option<TileGrid<u8>>,
    alpha_locked: bool,
) -> Laid<'a> {
    Laid {
        paint,
        coverage: imprint.coverage(),
        touched,
        selection: selection.as_ref(),
        alpha_locked,
    }
}
