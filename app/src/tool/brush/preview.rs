//! A stroke of a brush in small, for lists of brushes.

use super::imprint::Imprint;
use crate::brush::{BrushMode, BrushSettings, PointerSample, Stroke};
use crate::document::Rect;
use crate::region::polygon;

/// Samples of the stroke.
const SAMPLES: u32 = 48;

/// Coverage 0..=255 of a picture of `size`, row by row: a wave that is pressed hardest in its middle. A brush too large for the picture is shown smaller.
pub fn preview(settings: &BrushSettings, size: [u32; 2]) -> Vec<u8> {
    let [width, height] = size.map(|side| side as f32);
    let brush = BrushSettings {
        size: settings.size.min(height * 0.4).max(2.0),
        stabilizer: 0.0,
        ..*settings
    };
    let sample = |at: u32| {
        let share = at as f32 / SAMPLES as f32;
        let wave = (share * std::f32::consts::TAU).sin();
        PointerSample {
            pressure: 0.1 + 0.9 * (share * std::f32::consts::PI).sin(),
            time: f64::from(share),
            ..PointerSample::at([
                brush.size / 2.0 + 2.0 + share * (width - brush.size - 4.0),
                height * (0.5 - 0.22 * wave),
            ])
        }
    };
    let mut imprint = Imprint::new(size);
    if let Some((mut stroke, first)) = Stroke::begin(brush, sample(0)) {
        imprint.print(&[first]);
        for at in 1..=SAMPLES {
            imprint.print(&stroke.extend(sample(at)));
        }
    }
    if brush.mode == BrushMode::Fill {
        let way: Vec<[f32; 2]> = (0..=SAMPLES).map(|at| sample(at).position).collect();
        imprint.cover(&polygon(&way, size));
    }
    imprint.coverage().copy(Rect::of(size))
}
