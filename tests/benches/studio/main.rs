//! The studio at work: `cargo bench --workspace --bench studio -- [--device cpu|gpu|gpu:N] [--model FILE] [--size WxH] [--half]` (Linux).
//!
//! Memory of an empty canvas, frames while a large brush paints a large document, opening a large file, the first preview after a click. Frames are
//! laid out and their tiles are composed and uploaded; the drawing itself is a GPU's work and not in the figures.
//!
//! With `--frames N` something else: so many frames of the window by itself and while the engine computes, drawn to the end, and the same as JSON.

#[path = "../../../engine/benches/arguments/mod.rs"]
mod arguments;
mod beside;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use app::app::App;
use app::document::{self, Document, Layer, Pixels, Place, Rect, Role, TileGrid};
use app::tool::ToolKind;
use arguments::Computing;
use clap::Parser;
use egui::Pos2;
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, HarnessBuilder};
use engine::device::Opened;
use engine::request::Settings;
use engine::service::Service;
use image::RgbaImage;
use tests::desk::Desk;
use tests::own_time::own_time;

const SIDE: u32 = 4096;
const LAYERS: u32 = 20;
const BRUSH: f32 = 300.0;
const WINDOW: [f32; 2] = [1920.0, 1080.0];
const FRAMES: usize = 400;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    computing: Computing,
    /// Measures so many frames beside the engine, and nothing else.
    #[arg(long)]
    frames: Option<usize>,
}

fn main() {
    let Arguments { computing, frames } = Arguments::parse();
    let opened = computing.open().unwrap_or_else(|error| panic!("{error}"));
    if let Some(count) = frames {
        beside::measure(opened, computing.settings(), count);
        return;
    }
    empty();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("large.ora");
    document::save(&large(), &path).expect("the disk has room");
    painting(opening(&path));
    first_preview(opened, computing.settings());
}

fn desk() -> Desk {
    let mut desk = Desk::drawn(egui::Theme::Dark);
    desk.harness.set_size(WINDOW.into());
    desk.harness.run();
    desk
}

/// Megabytes of this process.
fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: Option<f64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

fn empty() {
    let mut desk = desk();
    let before = memory();
    let white = desk.write("white.png", RgbaImage::from_pixel(SIDE, SIDE, image::Rgba([255; 4])));
    open(&mut desk, white);
    settle(&mut desk);
    println!(
        "an empty {SIDE} x {SIDE} canvas: {:.0} MB more than the window without it",
        memory() - before
    );
}

/// Layers of flat, soft and grainy paint, each over two thirds of the canvas.
fn large() -> Document {
    let mut document = Document::from_sketch(&RgbaImage::new(SIDE, SIDE)).expect("the size is allowed");
    let mut below = document.by_role(Role::Sketch).expect("it was just made").id;
    for number in 1..LAYERS {
        let pixels = painted(number);
        let layer = Layer::new(Role::Paint, &format!("Paint {number}"), Pixels::Raster(pixels));
        let id = layer.id;
        assert!(document.canvas_mut().insert(layer, Place::Above(below)));
        below = id;
    }
    document
}

fn painted(number: u32) -> TileGrid<[u8; 4]> {
    let mut grid = TileGrid::new([SIDE; 2]);
    let spans: Vec<_> = grid.spans(Rect::of([SIDE; 2])).collect();
    for span in spans
        .into_iter()
        .filter(|span| !(span.column + span.row * 2 + number).is_multiple_of(3))
    {
        let tile = grid.tile_mut(span.column, span.row);
        for y in span.rect.top..span.rect.bottom {
            for (x, pixel) in (span.rect.left..span.rect.right).zip(&mut tile[span.range(y)]) {
                // The grain of every third layer: a hash of the place.
                let grain = match number % 3 {
                    0 => (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D) >> 28,
                    _ => 0,
                } as u8;
                let soft = |from: u32| (from / 24 + number * 40) as u8;
                *pixel = [soft(x) ^ grain, soft(y), soft(x + y) ^ grain, 255 - (number * 9) as u8];
            }
        }
    }
    grid
}

fn opening(path: &Path) -> Desk {
    let mut desk = desk();
    // The first canvas of a window compiles the shaders.
    desk.open_sketch();
    let megabytes = std::fs::metadata(path).expect("it was just saved").len() as f64 / 1e6;
    let begun = Instant::now();
    let longest = open(&mut desk, path.to_owned());
    println!(
        "opening {megabytes:.0} MB of OpenRaster, {LAYERS} layers of {SIDE} x {SIDE}: {:.2} s, longest frame meanwhile {:.1} ms",
        begun.elapsed().as_secs_f64(),
        longest.as_secs_f64() * 1e3,
    );
    desk
}

/// Opens a file; the longest frame until it is there.
fn open(desk: &mut Desk, path: PathBuf) -> Duration {
    let before = desk.harness.state().session.opened();
    desk.harness.state_mut().session.open(path);
    let mut longest = Duration::ZERO;
    while desk.harness.state().session.opened() == before {
        let frame = Instant::now();
        desk.harness.step();
        longest = longest.max(frame.elapsed());
        std::thread::sleep(Duration::from_millis(8));
    }
    longest
}

/// Lets the canvas make all its tiles, some in each frame.
fn settle(desk: &mut Desk) {
    for _ in 0..1500 {
        desk.harness.step();
    }
}

fn painting(mut desk: Desk) {
    let session = &mut desk.harness.state_mut().session;
    let top = session
        .document()
        .and_then(|document| document.canvas().layers().next_back())
        .map(|layer| layer.id);
    session.select(top.expect("it has layers"));
    session.toolbox.select(ToolKind::Brush);
    session.toolbox.settings_mut().expect("a brush has settings").size = BRUSH;
    settle(&mut desk);
    println!("a frame while a {BRUSH}-pixel brush paints it: {}", stroke(&mut desk, FRAMES));
    desk.harness.state_mut().session.toolbox.select(ToolKind::Gradient);
    println!(
        "a frame while a gradient is drawn over the whole of it: {}",
        stroke(&mut desk, FRAMES / 10)
    );
}

/// Drags to and fro over the canvas; the time that a frame takes meanwhile.
fn stroke(desk: &mut Desk, count: usize) -> String {
    let state = desk.state();
    let at = |frame: usize| {
        let share = frame as f32 / count as f32;
        desk.place("Canvas", 0.5 + 0.35 * (share * 9.0).cos(), 0.5 + 0.35 * (share * 13.0).sin())
    };
    let places: Vec<Pos2> = (0..=count).map(at).collect();
    desk.harness.hover_at(places[0]);
    desk.harness.step();
    desk.harness.drag_at(places[0]);
    desk.harness.step();
    let (mut frames, mut busy) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for place in &places[1..] {
        desk.harness.hover_at(*place);
        let (begun, before) = (Instant::now(), own_time());
        desk.harness.step();
        frames.push(begun.elapsed());
        busy.extend(own_time().zip(before).map(|(now, before)| now - before));
    }
    desk.harness.drop_at(places[count]);
    settle(desk);
    assert!(desk.state() != state, "the stroke was painted");
    let frames = told(figures(frames));
    match busy.len() == count {
        true => format!("{frames}; of it on a processor: {}", told(figures(busy))),
        false => frames,
    }
}

/// The median, what 99 of 100 are within, and the longest, in milliseconds.
fn figures(mut times: Vec<Duration>) -> [f64; 3] {
    times.sort();
    [times.len() / 2, times.len() * 99 / 100, times.len() - 1].map(|at| times[at].as_secs_f64() * 1e3)
}

fn told([median, late, longest]: [f64; 3]) -> String {
    format!("{median:.1} ms, 99 of 100 within {late:.1} ms, the longest {longest:.1} ms")
}

/// A window with the sample open, on an engine, with the model and the size of `given`.
fn sample(builder: HarnessBuilder<App>, opened: Opened, given: Settings) -> Harness<'static, App> {
    let builder = builder.with_size(WINDOW).allow_missing_glyphs();
    let mut harness = builder.build_eframe(move |creation| {
        let context = creation.egui_ctx.clone();
        let service = Service::spawn(&opened, Box::new(move || context.request_repaint()));
        let mut app = App::new(creation, Box::new(service), opened.info.name).expect("threads can be had");
        app.session.do_without_dialogs();
        app.session.open_sample();
        app
    });
    wait(&mut harness, |app| app.session.document().is_some());
    let settings = &mut harness.state_mut().session.settings;
    (settings.model, settings.size) = (given.model, given.size);
    harness
}

/// With the model read before and not yet read.
fn first_preview(opened: Opened, given: Settings) {
    let mut harness = sample(Harness::builder().wgpu(), opened, given);
    for what in ["the model not yet read", "again"] {
        let begun = Instant::now();
        harness.get_by_label("Colorize").click();
        wait(&mut harness, |app| app.session.preview().is_some());
        println!(
            "from the click on Colorize to the first preview on the canvas, {what}: {:.0} ms",
            begun.elapsed().as_secs_f64() * 1e3
        );
        wait(&mut harness, |app| {
            app.session.jobs().open().is_empty() && app.session.preview().is_none()
        });
    }
}

fn wait(harness: &mut Harness<'_, App>, done: impl Fn(&App) -> bool) {
    while !done(harness.state()) {
        harness.step();
        std::thread::sleep(Duration::from_millis(2));
    }
}
