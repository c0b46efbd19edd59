//! The gallery on ten thousand files of 512 x 512 pixels, made for it and deleted after: reading the folder with and without what was kept of it,
//! the first thumbnails, the processor time of frames while it is read, that scroll, that rate and with all selected, of searches, memory. `cargo bench --workspace --bench gallery [-- FILES]`
//!
//! Frames are laid out and tessellated; what a GPU would do with them is not in the figures.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::command::Command;
use app::files::Waker;
use app::gallery::catalogue::{Catalogue, Progress};
use app::gallery::chunks::copy_with_text;
use app::gallery::filter::Filter;
use app::gallery::query::Query;
use app::generate::engine::Idle;
use app::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs, VERSION, program};
use app::session::Session;
use app::ui::gallery_view::GalleryView;
use app::ui::theme;
use egui::{Context, Event as Input, Modifiers, MouseWheelSource, MouseWheelUnit, RawInput, Rect, TouchPhase, pos2, vec2};
use engine::event::ModelIdentity;
use engine::request::{Mode, Settings};
use engine::training::scenes::example;
use tests::own_time::own_time;

/// Pictures that differ in their pixels; every file has a recipe of its own.
const DISTINCT: u64 = 24;
const SIDE: u32 = 512;
/// Points of the window.
const WINDOW: [f32; 2] = [1600.0, 1000.0];
const FRAMES: usize = 600;
const RATINGS: usize = 60;

fn main() {
    // Cargo passes `--bench`.
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (takes, caches) = (folder.path().join("takes"), folder.path().join("caches"));
    fs::create_dir(&takes).expect("the folder can be made");
    let bytes = make(&takes, count);
    println!("{count} files of {SIDE} x {SIDE}, {:.1} GB", bytes as f64 / 1e9);
    let dropped = drop_page_cache();
    let cold = index(&takes, &caches, count);
    let read = if dropped {
        "from the disk"
    } else {
        "from the system's file cache"
    };
    println!("index, nothing kept ({read}): {:.2} s", cold.as_secs_f64());
    wait_for(&caches);
    println!(
        "index, kept from before: {:.3} s",
        index(&takes, &caches, count).as_secs_f64()
    );
    window(&takes, count);
    println!("memory at the most: {:.0} MB", status("VmHWM:") / 1024.0);
}

/// Writes the files; their size in bytes.
fn make(folder: &Path, count: usize) -> u64 {
    let mut total = 0;
    let pictures: Vec<Vec<u8>> = (0..DISTINCT)
        .map(|number| {
            let mut bytes = Cursor::new(Vec::new());
            let picture = example(number, number, SIDE).color;
            picture
                .write_to(&mut bytes, image::ImageFormat::Png)
                .expect("a picture has a PNG form");
            bytes.into_inner()
        })
        .collect();
    for number in 0..count {
        let recipe = ron::to_string(&recipe(number as u64)).expect("plain data has a RON form");
        let mut bytes = Vec::new();
        let mut picture = Cursor::new(&pictures[number % pictures.len()]);
        copy_with_text(&mut picture, &mut bytes, "shiage:recipe", &recipe).expect("memory can be written");
        total += bytes.len() as u64;
        fs::write(folder.join(format!("take {number}.png")), bytes).expect("the disk has room");
    }
    total
}

fn recipe(number: u64) -> Recipe {
    let input = |name: String| InputImage {
        origin: Origin::File(name.into()),
        hash: format!("{number:08x}").repeat(8),
    };
    Recipe {
        version: VERSION,
        program: program(),
        model: ModelIdentity {
            name: "tiny 256".to_owned(),
            hash: "0".repeat(64),
        },
        device: "CPU".to_owned(),
        settings: Settings {
            seed: number,
            mode: if number.is_multiple_of(3) {
                Mode::Vanilla
            } else {
                Mode::Split
            },
            ..Settings::default()
        },
        inputs: RecipeInputs::new(
            input(format!("cut {:03}.png", number / 40)),
            input(format!("design {}.png", number % 8)),
        ),
        lines: true,
    }
}

/// Whether the system has forgotten what it read and wrote; only the superuser may ask for that.
fn drop_page_cache() -> bool {
    std::process::Command::new("sync").status().is_ok() && fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

fn waker() -> Waker {
    Arc::new(|| {})
}

/// How long it takes until everything in the folder is known.
fn index(folder: &Path, caches: &Path, count: usize) -> Duration {
    let start = Instant::now();
    let mut catalogue = Catalogue::open(folder, Some(caches.to_owned()), waker()).expect("a thread can be had");
    while !(*catalogue.progress() == Progress::Current && catalogue.len() == count) {
        std::thread::sleep(Duration::from_millis(1));
        catalogue.catch_up();
    }
    start.elapsed()
}

/// The cache is written after the last picture was told.
fn wait_for(caches: &Path) {
    let written = || {
        let mut files = fs::read_dir(caches).into_iter().flatten().flatten();
        files.any(|file| file.path().extension().is_some_and(|ending| ending == "json"))
    };
    while !written() {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The window's frames without a window.
struct Window {
    context: Context,
    session: Session,
    gallery: GalleryView,
    time: f64,
}

impl Window {
    /// One frame; the processor time that it took on this thread, and how many triangles came of it.
    fn frame(&mut self, events: Vec<Input>) -> (Duration, usize) {
        let start = used();
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), WINDOW.into())),
            time: Some(self.time),
            predicted_dt: 1.0 / 60.0,
            focused: true,
            events,
            ..RawInput::default()
        };
        self.session.catch_up();
        self.gallery.catch_up(&mut self.session);
        let mut commands = Vec::new();
        let output = self
            .context
            .run_ui(input, |ui| self.gallery.show(ui, &mut self.session, &mut commands));
        let primitives = self.context.tessellate(output.shapes, output.pixels_per_point);
        (used() - start, primitives.len())
    }
}

fn window(folder: &Path, count: usize) {
    let context = Context::default();
    theme::install(&context);
    let mut window = Window {
        session: Session::new(Box::new(Idle), "CPU".to_owned(), waker()).expect("a thread can be had"),
        gallery: GalleryView::new(waker()).expect("threads can be had"),
        context,
        time: 0.0,
    };
    window.gallery.do_without_cache();
    // Fonts are rasterised once a program.
    window.frame(Vec::new());
    let start = Instant::now();
    window.gallery.open(folder).expect("a thread can be had");
    let (mut first, mut all) = (None, None);
    let mut reading = Vec::new();
    while all.is_none() {
        reading.push(window.frame(Vec::new()).0);
        let [there, missing] = window.gallery.pictures();
        // What is in sight comes before the screenful below it.
        if there >= missing.max(1) {
            first.get_or_insert(start.elapsed());
        }
        let current = window
            .gallery
            .table()
            .is_some_and(|table| *table.catalogue().progress() == Progress::Current);
        if current && there > 0 && missing == 0 {
            all = Some(start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(4));
    }
    let seconds = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64();
    println!(
        "thumbnails of the first screen: {:.3} s after the folder was opened; those of the next, and all {count} files known: {:.3} s",
        seconds(first),
        seconds(all)
    );
    report("a frame while the folder is read", reading);
    search(&window);
    let mut times = Vec::new();
    for _ in 0..FRAMES {
        let begun = Instant::now();
        let (time, _) = window.frame(vec![
            Input::PointerMoved(pos2(700.0, 500.0)),
            Input::MouseWheel {
                unit: MouseWheelUnit::Point,
                delta: vec2(0.0, -60.0),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Wheel,
                modifiers: Modifiers::NONE,
            },
        ]);
        times.push(time);
        std::thread::sleep(Duration::from_secs_f64(1.0 / 60.0).saturating_sub(begun.elapsed()));
    }
    report("a frame that scrolls", times);
    let mut times = Vec::new();
    for _ in 0..RATINGS {
        let start = used();
        window.gallery.run(Command::RateFour, &mut window.session);
        window.gallery.run(Command::NextPicture, &mut window.session);
        let decided = used() - start;
        times.push(decided + window.frame(Vec::new()).0);
        std::thread::sleep(Duration::from_millis(16));
    }
    report("a frame with a rating", times);
    window.gallery.run(Command::SelectAllPictures, &mut window.session);
    let times = (0..RATINGS).map(|_| window.frame(Vec::new()).0).collect();
    report("a frame with all of them selected", times);
}

/// What a letter of a search costs: all pictures are asked and put in order again.
fn search(window: &Window) {
    let Some(table) = window.gallery.table() else { return };
    let catalogue = table.catalogue();
    for words in ["", "4", "cut 1", "stars>=1 seed<5000", "no such word"] {
        let query = Query {
            filters: vec![Filter::Text(words.to_owned())],
            ..Query::default()
        };
        let mut found = 0;
        let times = (0..20).map(|_| {
            let start = used();
            found = query.ask(catalogue.folder(), catalogue.entries()).entries.len();
            used() - start
        });
        let times = times.collect();
        report(&format!("the search \u{201c}{words}\u{201d}, which finds {found}"), times);
    }
}

/// Says how long frames took.
fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let milliseconds = |place: usize| times[place.min(times.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "processor time of {what}, {} of them: {:.2} ms in the middle, {:.2} ms at 99 %, {:.2} ms at the most",
        times.len(),
        milliseconds(times.len() / 2),
        milliseconds(times.len() * 99 / 100),
        milliseconds(times.len()),
    );
}

/// What this thread has used of a processor; where the system does not tell, the clock.
fn used() -> Duration {
    own_time().unwrap_or_else(|| {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    })
}

/// A figure of this process in KiB; 0 where the system does not tell.
fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
