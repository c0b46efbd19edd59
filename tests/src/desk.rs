//! The window on a test's desk: real widgets, found by the names that a screen reader says, and an engine that is scripted.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::app::App;
use app::command::Command;
use app::document::{Document, Role};
use app::generate::engine::Engine;
use egui::accesskit::Role as Widget;
use egui::{DroppedFile, Key, Modifiers, Pos2, Rect, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId, ModelIdentity, Preview, Take};
use engine::request::ColorizeRequest;
use engine::training::scenes::example;
use image::{DynamicImage, Rgb, RgbImage};

/// What the test and its engine share.
#[derive(Default)]
pub struct Script {
    pub submitted: Vec<ColorizeRequest>,
    pub cancelled: Vec<JobId>,
    pub events: Vec<Event>,
    pub preview: Option<Preview>,
}

/// An engine that says what the test tells it to say.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<Script>>);

impl Scripted {
    pub fn with<T>(&self, act: impl FnOnce(&mut Script) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }
}

impl Engine for Scripted {
    fn submit(&mut self, request: ColorizeRequest) -> JobId {
        self.with(|script| {
            script.submitted.push(request);
            JobId(script.submitted.len() as u64)
        })
    }

    fn submit_live(&mut self, request: ColorizeRequest) -> JobId {
        self.submit(request)
    }

    fn cancel(&mut self, job: JobId) {
        self.with(|script| {
            script.cancelled.push(job);
            script.events.push(Event::Cancelled { job });
        });
    }

    fn next_event(&mut self) -> Option<Event> {
        self.with(|script| (!script.events.is_empty()).then(|| script.events.remove(0)))
    }

    fn latest_preview(&mut self) -> Option<Preview> {
        self.with(|script| script.preview.take())
    }
}

/// A file that the system says was dropped.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

pub struct Desk {
    pub harness: Harness<'static, App>,
    pub engine: Scripted,
    pub folder: tempfile::TempDir,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    pub fn new() -> Self {
        Self::build(Harness::builder().with_size(vec2(1024.0, 640.0)))
    }

    /// A window of this size with a drawn scene open, as [`Self::open_scene`] leaves it.
    pub fn with_scene(width: f32, height: f32) -> Self {
        let mut desk = Self::new();
        desk.harness.set_size(vec2(width, height));
        desk.open_scene();
        desk
    }

    /// With pixels.
    pub fn drawn(theme: Theme) -> Self {
        Self::build(Harness::builder().with_size(vec2(1024.0, 640.0)).with_theme(theme).wgpu())
    }

    fn build(builder: egui_kittest::HarnessBuilder<App>) -> Self {
        let engine = Scripted::default();
        let given = engine.clone();
        let folder = tempfile::tempdir().unwrap();
        let samples = folder.path().join("sample shot");
        let harness = builder
            .with_max_steps(64)
            .allow_missing_glyphs()
            .build_eframe(move |creation| {
                let mut app = App::new(creation, Box::new(given), "CPU".to_owned()).unwrap();
                // No window of the system's own may open.
                app.session.do_without_dialogs();
                // Nobody's clipboard is written by a test.
                app.session.do_without_clipboard();
                app.gallery.do_without_cache();
                app.session.keep_sample_takes_in(samples);
                app
            });
        Self { harness, engine, folder }
    }

    /// Steps until `done`, which something on another thread brings about.
    pub fn wait(&mut self, what: &str, done: impl Fn(&App) -> bool) {
        let start = Instant::now();
        while !done(self.harness.state()) {
            assert!(start.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(5));
            self.harness.step();
        }
        self.harness.run();
    }

    pub fn write(&self, name: &str, picture: impl Into<DynamicImage>) -> PathBuf {
        let path = self.folder.path().join(name);
        picture.into().save(&path).unwrap();
        path
    }

    /// Lets a file or a folder fall where the pointer is.
    pub fn drop_file(&mut self, path: PathBuf) {
        self.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
        self.harness.step();
    }

    /// Opens a file in place of what is open, whose changes may go.
    pub fn open(&mut self, path: PathBuf) {
        // What was set a moment ago becomes a change, too.
        self.harness.step();
        let before = self.harness.state().session.opened();
        let session = &mut self.harness.state_mut().session;
        session.let_go();
        session.open(path);
        self.wait("the file", |app| app.session.opened() > before);
    }

    pub fn open_sketch(&mut self) {
        let sketch = self.write("girl.png", example(5, 0, 256).sketch);
        self.open(sketch);
    }

    pub fn import(&mut self, command: Command, role: Role, path: PathBuf) {
        self.harness.state_mut().session.open_for(command, path);
        self.wait("a picture of the scene", |app| {
            let layer = app.session.document().unwrap().by_role(role);
            layer.is_some_and(|layer| layer.mask().is_none_or(|mask| !mask.is_blank()))
        });
    }

    /// A drawn scene: sketch, reference and both masks.
    pub fn open_scene(&mut self) {
        self.open_sketch();
        let scene = example(5, 0, 256);
        let reference = self.write("reference.png", scene.reference);
        self.import(Command::OpenReference, Role::Reference, reference);
        let mask = self.write("sketch mask.png", scene.sketch_mask);
        self.import(Command::ImportSketchMask, Role::SketchMask, mask);
        let mask = self.write("reference mask.png", scene.reference_mask);
        self.import(Command::ImportReferenceMask, Role::ReferenceMask, mask);
        // The reference's colours stand under it, so its pane moves when they are found.
        self.wait("the reference's palette", |app| {
            let palette = app.session.palette();
            !palette.figure.is_empty() && !palette.background.is_empty()
        });
    }

    pub fn document(&self) -> &Document {
        self.harness.state().session.document().expect("something is open")
    }

    pub fn mask_at(&self, role: Role, x: u32, y: u32) -> u8 {
        self.document()
            .by_role(role)
            .and_then(|layer| layer.mask())
            .unwrap()
            .pixel(x, y)
    }

    pub fn button<'a>(&'a self, name: &'a str) -> egui_kittest::Node<'a> {
        self.harness.get_by_role_and_label(Widget::Button, name)
    }

    pub fn click(&mut self, name: &str) {
        self.button(name).click();
        self.harness.run();
    }

    /// Where a share of a pane lies on the screen.
    pub fn place(&self, pane: &str, x: f32, y: f32) -> Pos2 {
        let rect: Rect = self.harness.get_by_label(pane).rect();
        rect.lerp_inside(vec2(x, y))
    }

    /// A stroke through the middle of a pane.
    pub fn stroke(&mut self, pane: &str) {
        self.drag_between(self.place(pane, 0.4, 0.5), self.place(pane, 0.6, 0.5));
    }

    /// Presses at one point and holds at another.
    pub fn hold(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.step();
        self.harness.drag_at(from);
        self.harness.step();
        self.harness.hover_at(to);
        self.harness.step();
    }

    /// Presses at one point and lets go at another: a click, where they are the same.
    pub fn drag_between(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.run();
        self.harness.drag_at(from);
        self.harness.step();
        for share in [0.25, 0.5, 0.75, 1.0] {
            self.harness.hover_at(from.lerp(to, share));
            self.harness.step();
        }
        self.harness.drop_at(to);
        self.harness.run();
    }

    /// Drags from one share of the canvas's picture to another.
    pub fn drag(&mut self, from: [f32; 2], to: [f32; 2]) {
        self.drag_between(self.on_picture(from), self.on_picture(to));
    }

    /// Where a share of the canvas's picture lies, which is square and fitted.
    pub fn on_picture(&self, [x, y]: [f32; 2]) -> Pos2 {
        let pane = self.harness.get_by_label("Canvas").rect();
        pane.center() + vec2(x - 0.5, y - 0.5) * (pane.size().min_elem() - 48.0)
    }

    /// How many pixels of the layer called Paint are painted.
    pub fn painted(&self) -> usize {
        let layer = self.document().canvas().layers().find(|layer| layer.name == "Paint").unwrap();
        let pixels = layer.raster().unwrap().copy(app::document::Rect::of(layer.size()));
        pixels.iter().filter(|pixel| pixel[3] > 0).count()
    }

    /// A click with modifier keys.
    pub fn click_at(&mut self, pos: Pos2, modifiers: Modifiers) {
        self.harness.hover_at(pos);
        self.harness.run();
        for pressed in [true, false] {
            self.harness.event(egui::Event::PointerButton {
                pos,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers,
            });
            self.harness.step();
        }
        self.harness.run();
    }

    /// Two clicks within one frame: the harness's own frames are too far apart.
    pub fn double_click_at(&mut self, pos: Pos2) {
        self.harness.hover_at(pos);
        self.harness.run();
        for pressed in [true, false, true, false] {
            self.harness.input_mut().events.push(egui::Event::PointerButton {
                pos,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
        self.harness.step();
        self.harness.run();
    }

    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
    }

    /// Types into a field that is being edited.
    pub fn type_into(&mut self, field: Widget, name: &str, text: &str) {
        self.harness.get_by_role_and_label(field, name).type_text(text);
        self.harness.run();
    }

    /// Finds a command by its words and does it.
    pub fn find_command(&mut self, words: &str) {
        self.press(Modifiers::COMMAND, Key::K);
        self.type_into(Widget::TextInput, "Find a command", words);
        self.press(Modifiers::NONE, Key::Enter);
    }

    /// The state of the history: another one after each change of the document.
    pub fn state(&self) -> u64 {
        self.harness.state().session.history.state()
    }

    /// Waits until what is looked for away from the window has been found and has changed the document since it was in the state `before`.
    pub fn wait_for_change(&mut self, what: &str, before: u64) {
        self.wait(what, |app| !app.session.is_finding() && app.session.history.state() != before);
    }

    /// Clicks Colorize and lets the engine begin.
    pub fn start(&mut self) {
        self.click("Colorize");
        let engine = self.engine.clone();
        self.wait("the request", |_| engine.with(|script| !script.submitted.is_empty()));
        self.say(Event::Started { job: JOB, steps: 12 });
    }

    pub fn say(&mut self, event: Event) {
        self.engine.with(|script| script.events.push(event));
        self.harness.run();
    }

    /// Lets the first job end with a take of one colour.
    pub fn finish(&mut self, color: [u8; 3]) {
        self.say(Event::Finished {
            job: JOB,
            take: take(color),
        });
        self.wait("the take", |app| {
            app.session.document().unwrap().by_role(Role::Take).is_some()
        });
    }

    pub fn preview(&mut self, color: [u8; 3]) {
        let picture = Arc::new(RgbImage::from_pixel(32, 32, Rgb(color)));
        self.engine.with(|script| {
            script.preview = Some(Preview {
                job: JOB,
                step: 7,
                steps: 12,
                picture,
            });
        });
        self.wait("the preview", |app| {
            app.session
                .preview()
                .is_some_and(|shown| shown.since.elapsed() > Duration::from_millis(130))
        });
    }

    /// The colour at a share of a pane.
    pub fn pixel(&mut self, pane: &str, x: f32, y: f32) -> [u8; 3] {
        let at = self.place(pane, x, y);
        // The pointer's own outline would be in the picture.
        self.harness.remove_cursor();
        self.harness.run();
        let picture = self.harness.render().unwrap();
        let image::Rgba([r, g, b, _]) = *picture.get_pixel(at.x as u32, at.y as u32);
        [r, g, b]
    }
}

/// The first job that the window submits.
pub const JOB: JobId = JobId(1);

/// A take of one colour.
pub fn take(color: [u8; 3]) -> Take {
    Take {
        picture: Arc::new(RgbImage::from_pixel(256, 256, Rgb(color))),
        settings: Default::default(),
        model: ModelIdentity {
            name: "tiny 256".to_owned(),
            hash: "0".repeat(64),
        },
        elapsed: Duration::from_secs(12),
    }
}
