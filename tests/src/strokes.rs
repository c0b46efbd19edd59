//! Recorded strokes: `tests/fixtures/strokes`.

use std::path::{Path, PathBuf};

use app::brush::PointerSample;

use crate::workspace;

/// `contour`, `hatching` or `scribble`.
pub fn path(name: &str) -> PathBuf {
    workspace().join(format!("tests/fixtures/strokes/{name}.csv"))
}

/// The samples of each stroke of a file.
pub fn read(path: &Path) -> Vec<Vec<PointerSample>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut strokes: Vec<Vec<PointerSample>> = Vec::new();
    for line in text.lines().skip(1) {
        let numbers: Vec<f64> = line.split(',').map(|number| number.parse().expect("a number")).collect();
        let [stroke, time, x, y, pressure] = numbers[..] else {
            panic!("{line}")
        };
        if stroke as usize == strokes.len() {
            strokes.push(Vec::new());
        }
        strokes.last_mut().expect("strokes are counted from 0").push(PointerSample {
            pressure: pressure as f32,
            time,
            ..PointerSample::at([x as f32, y as f32])
        });
    }
    strokes
}
