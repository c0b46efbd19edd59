//! The swap board: four sketches against six references with the model in the program, held against the same pictures one by one, each with nothing kept
//! from the one before and all with what a warm engine keeps; then the memory of a board of a hundred frames against twenty references, and how long its
//! window takes for a frame. `cargo bench --workspace --bench board -- [--device cpu|gpu|gpu:N] [--model FILE] [--size WxH] [--half] [--offload]`

#[path = "../../engine/benches/arguments/mod.rs"]
mod arguments;

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::board::card::{known_gray, known_rgb};
use app::board::{ReferenceCard, SketchCard};
use app::command::Command;
use app::generate::engine::Engine;
use app::generate::recipe::Origin;
use app::samples::{SAMPLES, SHOT_FRAMES, SHOT_REFERENCES};
use app::session::Session;
use app::ui::swap_board::SwapBoard;
use app::ui::theme;
use arguments::Computing;
use clap::Parser;
use egui::{Context, RawInput, Rect, pos2};
use engine::device::Opened;
use engine::event::{Event, JobId, ModelIdentity, Preview, Take};
use engine::request::{ColorizeRequest, Settings};
use engine::service::Service;
use image::{Rgb, RgbImage};

/// Sketches and references of the small board.
const SMALL: [usize; 2] = [4, 6];
/// Sketches and references of the large one, and the side of a picture on it, in pixels.
const LARGE: [u32; 2] = [100, 20];
const SIDE: u32 = 512;
/// Size of the window in points, and frames that it draws; the first third of them, in which pictures come, do not count.
const WINDOW: [f32; 2] = [1440.0, 900.0];
const FRAMES: u32 = 360;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    computing: Computing,
}

fn main() -> anyhow::Result<()> {
    let computing = Arguments::parse().computing;
    let opened = computing.open()?;
    println!("{}", opened.info);
    speed(&opened, &computing.settings())?;
    memory()
}

fn session(engine: impl Engine + 'static) -> anyhow::Result<Session> {
    Ok(Session::new(Box::new(engine), String::new(), Arc::new(|| {}))?)
}

/// Fills the board; how long it takes.
fn fill(session: &mut Session) -> Duration {
    let begun = Instant::now();
    session.run(Command::FillBoard);
    loop {
        session.catch_up();
        if !session.board.is_working() {
            return begun.elapsed();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn sketch(number: usize) -> SketchCard {
    let frame = SHOT_FRAMES[number];
    let picture = known_rgb(frame.picture(), Origin::Document);
    SketchCard::new(
        frame.name.to_owned(),
        None,
        picture,
        Some(known_gray(frame.mask(), Origin::Document)),
    )
}

/// The colour designs of the shot, then the references of the other samples.
fn reference(number: usize) -> ReferenceCard {
    let (picture, mask) = match SHOT_REFERENCES.get(number) {
        Some(design) => (design.picture(), design.mask()),
        None => {
            let sample = SAMPLES[number - SHOT_REFERENCES.len()];
            (sample.reference(), sample.reference_mask())
        }
    };
    let (picture, mask) = (known_rgb(picture, Origin::Document), known_gray(mask, Origin::Document));
    ReferenceCard::new(format!("reference {number}"), picture, Some(mask), None)
}

/// The small board; each of its pictures with nothing kept from the one before but the model; and all of them on one engine, which keeps what it can.
fn speed(opened: &Opened, settings: &Settings) -> anyhow::Result<()> {
    let service = Service::spawn(opened, Box::new(|| {}));
    warm(&service, settings);
    let mut session = session(service)?;
    session.settings = settings.clone();
    let [rows, columns] = SMALL;
    for number in 0..rows {
        session.board.add_sketch(sketch(number), true);
    }
    for number in 0..columns {
        session.board.add_reference(reference(number), true);
    }
    let board = fill(&mut session);
    let layout = session.board.layout();
    let requests: Vec<ColorizeRequest> = layout.places().filter_map(|place| Some(layout.request(place)?.0)).collect();
    let service = Service::spawn(opened, Box::new(|| {}));
    warm(&service, settings);
    let begun = Instant::now();
    requests.iter().for_each(|request| finish(&service, request.clone()));
    let kept = begun.elapsed();
    drop(service);
    let mut singles = Duration::ZERO;
    for request in requests {
        let service = Service::spawn(opened, Box::new(|| {}));
        warm(&service, settings);
        let begun = Instant::now();
        finish(&service, request);
        singles += begun.elapsed();
    }
    let [board, singles, kept] = [board, singles, kept].map(|time| time.as_secs_f64());
    println!(
        "a board of {rows} x {columns}: {board:.2} s; {} single runs: {singles:.2} s, {kept:.2} s on one engine, whose caches save {:.2} s; the board \
         takes {:.3} of the single runs minus what the caches save",
        rows * columns,
        singles - kept,
        board / kept
    );
    Ok(())
}

/// Loads the model, by a picture that is on no board.
fn warm(service: &Service, settings: &Settings) {
    let mut board = app::board::Board::default();
    let hand = SAMPLES[SAMPLES.len() - 1];
    let document = Origin::Document;
    let lines = known_rgb(hand.sketch(), document.clone());
    board.add_sketch(
        SketchCard::new(
            "hand".to_owned(),
            None,
            lines,
            Some(known_gray(hand.sketch_mask(), document.clone())),
        ),
        false,
    );
    let colors = known_rgb(hand.reference(), document.clone());
    let mask = known_gray(hand.reference_mask(), document);
    board.add_reference(ReferenceCard::new("hand".to_owned(), colors, Some(mask), None), false);
    board.run(settings);
    let layout = board.layout();
    let request = layout.places().find_map(|place| layout.request(place));
    request.into_iter().for_each(|(request, _)| finish(service, request));
}

fn finish(service: &Service, request: ColorizeRequest) {
    let wanted = service.submit(request);
    loop {
        match service.wait() {
            Event::Finished { job, .. } if job == wanted => return,
            Event::Failed { error, .. } => panic!("{error}"),
            _ => {}
        }
    }
}

/// The large board, with an engine that needs no time.
fn memory() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut session = session(Instantly::default())?;
    session.board.keep_takes_in(folder.path().to_owned());
    let [rows, columns] = LARGE;
    for row in 0..rows {
        let lines = RgbImage::from_fn(SIDE, SIDE, |x, y| {
            let line = x.abs_diff(100 + 3 * row) < 2 || y % 170 < 2;
            Rgb([if line { 0 } else { 255 }; 3])
        });
        let card = SketchCard::new(format!("{row}"), Some(row), known_rgb(lines, Origin::Document), None);
        session.board.add_sketch(card, true);
    }
    for column in 0..columns {
        let color = RgbImage::from_pixel(64, 64, Rgb([10 * column as u8, 200, 90]));
        let card = ReferenceCard::new(format!("{column}"), known_rgb(color, Origin::Document), None, None);
        session.board.add_reference(card, true);
    }
    let before = status("VmRSS:");
    let took = fill(&mut session);
    println!(
        "a board of {rows} x {columns} at {SIDE} x {SIDE}: {:.0} MB before it is filled, {:.0} MB after, {:.0} MB at the most; {:.0} MB of its pictures \
         in memory; filled in {:.0} s",
        before / 1024.0,
        status("VmRSS:") / 1024.0,
        status("VmHWM:") / 1024.0,
        session.board.bytes_near() as f64 / 1e6,
        took.as_secs_f64()
    );
    frames(session);
    Ok(())
}

/// The window's frames without a window, once its pictures are there.
fn frames(mut session: Session) {
    let context = Context::default();
    theme::install(&context);
    let mut board = SwapBoard::default();
    let mut times: Vec<f64> = (0..FRAMES)
        .map(|frame| {
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), WINDOW.into())),
                time: Some(f64::from(frame) / 60.0),
                ..RawInput::default()
            };
            let begun = Instant::now();
            session.catch_up();
            let output = context.run_ui(input, |ui| board.show(ui, &mut session, &mut Vec::new()));
            context.tessellate(output.shapes, output.pixels_per_point);
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.drain(..FRAMES as usize / 3);
    times.sort_by(f64::total_cmp);
    println!(
        "a frame of its window: {:.2} ms, 95 of 100 within {:.2} ms",
        times[times.len() / 2],
        times[times.len() * 95 / 100]
    );
}

/// A figure of this process in KiB; 0 where the system does not tell.
fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

/// An engine that is done at once: every picture is another one, with grain as painted ones have.
#[derive(Default)]
struct Instantly {
    submitted: u64,
    events: VecDeque<Event>,
}

impl Engine for Instantly {
    fn submit(&mut self, request: ColorizeRequest) -> JobId {
        self.submitted += 1;
        let (job, number) = (JobId(self.submitted), self.submitted as u32);
        let grain = |x: u32, y: u32| ((x * 7919 + y * 104_729 + number * 31) ^ (x * y)) % 8;
        let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
            let grain = grain(x, y);
            Rgb([(x / 3 + grain) as u8, (y / 3 + grain) as u8, (number % 200 + grain) as u8])
        });
        self.events.push_back(Event::Finished {
            job,
            take: Take {
                picture: Arc::new(picture),
                settings: request.settings,
                model: ModelIdentity {
                    name: String::new(),
                    hash: String::new(),
                },
                elapsed: Duration::ZERO,
            },
        });
        job
    }

    fn submit_live(&mut self, request: ColorizeRequest) -> JobId {
        self.submit(request)
    }

    fn cancel(&mut self, _: JobId) {}

    fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn latest_preview(&mut self) -> Option<Preview> {
        None
    }
}
