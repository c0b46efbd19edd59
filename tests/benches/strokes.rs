//! Dabs a second of the brush against libmypaint's, the same strokes, radius, hardness and spacing, in turn:
//! `cargo bench --workspace --bench strokes`. Needs Debian's libmypaint-dev, pkg-config and a C compiler.
//!
//! Ours runs as the window runs it: each sample of the pointer prints its dabs into the stroke's coverage and lays the paint on a layer.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use app::brush::{BrushSettings, PointerSample, Stroke};
use app::document::{Document, History, Layer, LayerId, Pixels, Place, Role, TileGrid};
use app::tool::{BrushTool, Keys, PointerEvent, Target};
use image::RgbaImage;
use tests::workspace;

const SIDE: u32 = 4096;
const SPACING: f32 = 0.1;
const RADII: [f32; 4] = [4.0, 20.0, 60.0, 150.0];
const HARDNESSES: [f32; 2] = [0.9, 0.3];
const RUNS: usize = 5;

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let peer = match build_peer(folder.path()) {
        Ok(peer) => peer,
        Err(reason) => {
            println!("libmypaint's side cannot be built: {reason}");
            println!("Debian and Ubuntu have what it needs: apt-get install build-essential pkg-config libmypaint-dev");
            return ExitCode::FAILURE;
        }
    };
    println!("thousand dabs a second on {SIDE} x {SIDE}, spacing {SPACING} of the diameter; the fastest of {RUNS} runs");
    println!("{:32} {:>11} {:>8} {:>6}", "", "libmypaint", "ours", "ratio");
    for name in ["contour", "hatching", "scribble"] {
        let path = workspace().join(format!("tests/fixtures/strokes/{name}.csv"));
        let strokes = read(&path);
        for radius in RADII {
            for hardness in HARDNESSES {
                let theirs = theirs(&peer, &path, radius, hardness);
                let ours = ours(&strokes, radius, hardness);
                println!(
                    "{:32} {:11.1} {:8.1} {:6.1}",
                    format!("{name}, radius {radius}, hardness {hardness}"),
                    theirs / 1e3,
                    ours / 1e3,
                    ours / theirs,
                );
            }
        }
    }
    ExitCode::SUCCESS
}

/// Compiles `tests/oracle/mypaint.c`.
fn build_peer(folder: &Path) -> Result<PathBuf, String> {
    let said = |what: &str, output: std::io::Result<std::process::Output>| match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(format!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{what}: {error}")),
    };
    let flags = Command::new("pkg-config").args(["--cflags", "--libs", "libmypaint"]).output();
    let flags = said("pkg-config", flags)?;
    let program = folder.join("mypaint");
    let compiled = Command::new("cc")
        .args(["-O2", "-o"])
        .arg(&program)
        .arg(workspace().join("tests/oracle/mypaint.c"))
        .args(flags.split_whitespace())
        .arg("-lm")
        .output();
    said("cc", compiled)?;
    Ok(program)
}

/// The samples of each stroke.
fn read(path: &Path) -> Vec<Vec<PointerSample>> {
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

/// Dabs a second.
fn theirs(program: &Path, path: &Path, radius: f32, hardness: f32) -> f64 {
    let output = Command::new(program)
        .arg(SIDE.to_string())
        .arg(path)
        .args([radius, hardness, SPACING].map(|value| value.to_string()))
        .arg(RUNS.to_string())
        .output()
        .expect("the program was built");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.split_whitespace().map(|number| number.parse::<f64>().expect("a number"));
    let (dabs, seconds) = (numbers.next(), numbers.next());
    dabs.zip(seconds)
        .map(|(dabs, seconds)| dabs / seconds)
        .expect("it says two numbers")
}

/// Dabs a second.
fn ours(strokes: &[Vec<PointerSample>], radius: f32, hardness: f32) -> f64 {
    let settings = BrushSettings {
        size: 2.0 * radius,
        hardness,
        spacing: SPACING,
        ..BrushSettings::default()
    };
    let dabs: usize = strokes.iter().map(|samples| count(settings, samples)).sum();
    let best = (0..RUNS).map(|_| paint(settings, strokes)).min().expect("there are runs");
    dabs as f64 / best.as_secs_f64()
}

fn count(settings: BrushSettings, samples: &[PointerSample]) -> usize {
    let (mut stroke, _) = Stroke::begin(settings, samples[0]).expect("samples are numbers");
    1 + samples[1..].iter().map(|sample| stroke.extend(*sample).len()).sum::<usize>()
}

fn paint(settings: BrushSettings, strokes: &[Vec<PointerSample>]) -> Duration {
    let (mut document, layer) = document();
    let mut history = History::default();
    let mut brush = BrushTool::brush();
    brush.settings = settings;
    let begun = Instant::now();
    for samples in strokes {
        let last = samples.len() - 1;
        for (at, sample) in samples.iter().enumerate() {
            let event = match at {
                0 => PointerEvent::Press(*sample),
                at if at == last => PointerEvent::Release(*sample),
                _ => PointerEvent::Move(*sample),
            };
            brush.handle(
                event,
                Target {
                    document: &mut document,
                    history: &mut history,
                    layer,
                    keys: Keys::default(),
                },
            );
        }
    }
    begun.elapsed()
}

fn document() -> (Document, LayerId) {
    let mut document = Document::from_sketch(&RgbaImage::new(SIDE, SIDE)).expect("the size is allowed");
    let sketch = document.by_role(Role::Sketch).expect("it was just made").id;
    let layer = Layer::new(Role::Paint, "Paint", Pixels::Raster(TileGrid::new([SIDE; 2])));
    let id = layer.id;
    assert!(document.canvas_mut().insert(layer, Place::Above(sketch)));
    (document, id)
}
