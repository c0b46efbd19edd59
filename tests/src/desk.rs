//! The window on a test's desk: real widgets, found by the names that a screen reader says, and an engine that is scripted.

mod hands;
mod script;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::app::{App, Lost};
use app::command::Command;
use app::document::{Document, Role};
use egui::accesskit::Role as Widget;
use egui::{DroppedFile, Key, Modifiers, Theme, vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, HarnessBuilder};
use engine::training::scenes::example;
use image::DynamicImage;

pub use script::{JOB, Script, Scripted, take};

/// How long a test waits for what another thread does: longer than the slowest machine takes.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// Frames in a row that may ask for another one.
const MOST_FRAMES: u64 = 512;

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

    fn sized(width: f32, height: f32) -> Self {
        let mut desk = Self::new();
        desk.harness.set_size(vec2(width, height));
        desk
    }

    /// A window of this size with a sketch open, as [`Self::open_sketch`] leaves it.
    pub fn with_sketch(width: f32, height: f32) -> Self {
        let mut desk = Self::sized(width, height);
        desk.open_sketch();
        desk
    }

    /// A window of this size with a drawn scene open, as [`Self::open_scene`] leaves it.
    pub fn with_scene(width: f32, height: f32) -> Self {
        let mut desk = Self::sized(width, height);
        desk.open_scene();
        desk
    }

    /// With pixels.
    pub fn drawn(theme: Theme) -> Self {
        Self::build(Self::pixels(theme))
    }

    fn pixels(theme: Theme) -> HarnessBuilder<App> {
        Harness::builder().with_size(vec2(1024.0, 640.0)).with_theme(theme).wgpu()
    }

    /// The program goes on in another window, with pixels; the one that is there is closed.
    pub fn renewed(self, theme: Theme) -> Self {
        let Self { harness, engine, folder } = self;
        let mut app = harness.into_state();
        app.let_go_of_window();
        let builder = Self::pixels(theme).with_max_steps(MOST_FRAMES).allow_missing_glyphs();
        let harness = builder.build_eframe(move |creation| {
            app.renew(creation, Lost::default());
            app
        });
        Self { harness, engine, folder }
    }

    fn build(builder: HarnessBuilder<App>) -> Self {
        let engine = Scripted::default();
        let given = engine.clone();
        let folder = tempfile::tempdir().unwrap();
        let samples = folder.path().join("sample shot");
        let harness = builder
            .with_max_steps(MOST_FRAMES)
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
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
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
        self.drop_files([path]);
    }

    /// Lets files and folders fall together where the pointer is.
    pub fn drop_files(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            self.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
        }
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
        self.wait_for_palette();
    }

    /// Waits for the reference's colours, which stand under it: its pane moves when they are found.
    pub fn wait_for_palette(&mut self) {
        // A change is seen in the frame after it.
        self.harness.step();
        self.wait("the reference's colours", |app| !app.session.is_extracting_reference_colors());
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

    /// Clicks within one frame: between two of them a button may go elsewhere, when something comes from another thread.
    pub fn click(&mut self, name: &str) {
        let at = self.button(name).rect().center();
        self.click_together(at, 1);
    }

    /// How many pixels of the layer called Paint are painted.
    pub fn painted(&self) -> usize {
        let layer = self.document().canvas().layers().find(|layer| layer.name == "Paint").unwrap();
        let pixels = layer.raster().unwrap().copy(app::document::Rect::of(layer.size()));
        pixels.iter().filter(|pixel| pixel[3] > 0).count()
    }

    /// The state of the history: another one after each change of the document.
    pub fn state(&self) -> u64 {
        self.harness.state().session.history.state()
    }

    /// Waits until what is looked for away from the window has been found and has changed the document since it was in the state `before`.
    pub fn wait_for_change(&mut self, what: &str, before: u64) {
        self.wait(what, |app| !app.session.is_finding() && app.session.history.state() != before);
    }

    /// Types another number into a field, and leaves it.
    pub fn set_number(&mut self, name: &str, value: &str) {
        self.harness.get_by_role_and_label(Widget::SpinButton, name).click();
        self.harness.run();
        self.press(Modifiers::COMMAND, Key::A);
        self.type_into(Widget::SpinButton, name, value);
        self.press(Modifiers::NONE, Key::Tab);
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
