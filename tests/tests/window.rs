//! The window itself: real widgets, found by the names that a screen reader says, drawn by the software GPU. The engine is scripted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::app::App;
use app::command::Command;
use app::document::{Document, Role};
use app::generate::engine::Engine;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Pos2, Rect, Theme, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotResults};
use engine::event::{Event, JobId, ModelIdentity, Preview, Take};
use engine::request::{ColorizeRequest, Mode};
use engine::training::scenes::example;
use image::{DynamicImage, Rgb, RgbImage};

/// What the test and its engine share.
#[derive(Default)]
struct Script {
    submitted: Vec<ColorizeRequest>,
    cancelled: Vec<JobId>,
    events: Vec<Event>,
    preview: Option<Preview>,
}

/// An engine that says what the test tells it to say.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<Script>>);

impl Scripted {
    fn with<T>(&self, act: impl FnOnce(&mut Script) -> T) -> T {
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

struct Desk {
    harness: Harness<'static, App>,
    engine: Scripted,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self::build(Harness::builder().with_size(vec2(1024.0, 640.0)))
    }

    /// With pixels.
    fn drawn(theme: Theme) -> Self {
        Self::build(Harness::builder().with_size(vec2(1024.0, 640.0)).with_theme(theme).wgpu())
    }

    fn build(builder: egui_kittest::HarnessBuilder<App>) -> Self {
        let engine = Scripted::default();
        let given = engine.clone();
        let harness = builder
            .with_max_steps(64)
            .allow_missing_glyphs()
            .build_eframe(move |creation| App::new(creation, Box::new(given), "CPU".to_owned()).unwrap());
        let folder = tempfile::tempdir().unwrap();
        Self { harness, engine, folder }
    }

    /// Steps until `done`, which something on another thread brings about.
    fn wait(&mut self, what: &str, done: impl Fn(&App) -> bool) {
        let start = Instant::now();
        while !done(self.harness.state()) {
            assert!(start.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(5));
            self.harness.step();
        }
        self.harness.run();
    }

    fn write(&self, name: &str, picture: impl Into<DynamicImage>) -> PathBuf {
        let path = self.folder.path().join(name);
        picture.into().save(&path).unwrap();
        path
    }

    fn open(&mut self, path: PathBuf) {
        let before = self.harness.state().session.opened();
        self.harness.state_mut().session.open(path);
        self.wait("the file", |app| app.session.opened() > before);
    }

    fn open_sketch(&mut self) {
        let sketch = self.write("girl.png", example(5, 0, 256).sketch);
        self.open(sketch);
    }

    fn import(&mut self, command: Command, role: Role, path: PathBuf) {
        self.harness.state_mut().session.open_for(command, path);
        self.wait("a picture of the scene", |app| {
            let layer = app.session.document().unwrap().by_role(role);
            layer.is_some_and(|layer| layer.mask().is_none_or(|mask| !mask.is_blank()))
        });
    }

    /// A drawn scene: sketch, reference and both masks.
    fn open_scene(&mut self) {
        self.open_sketch();
        let scene = example(5, 0, 256);
        let reference = self.write("reference.png", scene.reference);
        self.import(Command::OpenReference, Role::Reference, reference);
        let mask = self.write("sketch mask.png", scene.sketch_mask);
        self.import(Command::ImportSketchMask, Role::SketchMask, mask);
        let mask = self.write("reference mask.png", scene.reference_mask);
        self.import(Command::ImportReferenceMask, Role::ReferenceMask, mask);
    }

    fn document(&self) -> &Document {
        self.harness.state().session.document().expect("something is open")
    }

    fn mask_at(&self, role: Role, x: u32, y: u32) -> u8 {
        self.document()
            .by_role(role)
            .and_then(|layer| layer.mask())
            .unwrap()
            .pixel(x, y)
    }

    fn button<'a>(&'a self, name: &'a str) -> egui_kittest::Node<'a> {
        self.harness.get_by_role_and_label(Widget::Button, name)
    }

    fn click(&mut self, name: &str) {
        self.button(name).click();
        self.harness.run();
    }

    /// Where a share of a pane lies on the screen.
    fn place(&self, pane: &str, x: f32, y: f32) -> Pos2 {
        let rect: Rect = self.harness.get_by_label(pane).rect();
        rect.lerp_inside(vec2(x, y))
    }

    /// A stroke through the middle of a pane.
    fn stroke(&mut self, pane: &str) {
        let (from, to) = (self.place(pane, 0.4, 0.5), self.place(pane, 0.6, 0.5));
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

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
    }

    /// Clicks Colorize and lets the engine begin.
    fn start(&mut self) {
        self.click("Colorize");
        let engine = self.engine.clone();
        self.wait("the request", |_| engine.with(|script| !script.submitted.is_empty()));
        self.say(Event::Started { job: JOB, steps: 12 });
    }

    fn say(&mut self, event: Event) {
        self.engine.with(|script| script.events.push(event));
        self.harness.run();
    }

    fn preview(&mut self, color: [u8; 3]) {
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
    fn pixel(&mut self, pane: &str, x: f32, y: f32) -> [u8; 3] {
        let at = self.place(pane, x, y);
        // The pointer's own outline would be in the picture.
        self.harness.remove_cursor();
        self.harness.run();
        let picture = self.harness.render().unwrap();
        let image::Rgba([r, g, b, _]) = *picture.get_pixel(at.x as u32, at.y as u32);
        [r, g, b]
    }
}

const JOB: JobId = JobId(1);

fn take(color: [u8; 3]) -> Take {
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

fn near(a: [u8; 3], b: [u8; 3]) -> bool {
    (0..3).all(|channel| a[channel].abs_diff(b[channel]) <= 2)
}

#[test]
fn an_empty_studio_offers_three_ways_in() {
    let desk = Desk::new();
    for name in ["Open the sample", "Open a drawing"] {
        desk.button(name);
    }
    desk.harness.get_by_label("or drop a file here");
    assert!(desk.button("Colorize").accesskit_node().is_disabled());
}

#[test]
fn a_drawing_without_a_reference_says_so_where_it_would_stand() {
    let mut desk = Desk::new();
    desk.open_sketch();
    desk.harness.get_by_label("No reference yet");
    assert!(desk.harness.query_by_label("Nothing is open").is_none());
    assert!(desk.button("Colorize").accesskit_node().is_disabled());
}

#[test]
fn a_file_that_cannot_be_opened_is_named_with_the_cure() {
    let mut desk = Desk::new();
    let path = desk.folder.path().join("broken.png");
    std::fs::write(&path, b"not a picture").unwrap();
    desk.harness.state_mut().session.open(path);
    desk.wait("the notice", |app| app.session.notice.is_some());
    desk.harness
        .get_by_label_contains("broken.png is not a picture that can be opened");
    desk.click("Dismiss");
    assert!(desk.harness.query_by_label_contains("broken.png").is_none());
}

#[test]
fn strokes_paint_both_masks_and_can_be_undone() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.click("Clear the mask");
    for (pane, role) in [("Canvas", Role::SketchMask), ("Reference picture", Role::ReferenceMask)] {
        desk.press(Modifiers::NONE, Key::E);
        desk.stroke(pane);
        assert_eq!(desk.mask_at(role, 128, 128), 0, "the eraser leaves {pane} black");
        desk.press(Modifiers::NONE, Key::B);
        desk.stroke(pane);
        assert_eq!(desk.mask_at(role, 128, 128), 255, "the brush paints {pane} white");
        desk.press(Modifiers::COMMAND, Key::Z);
        assert_eq!(desk.mask_at(role, 128, 128), 0);
        desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
        assert_eq!(desk.mask_at(role, 128, 128), 255);
    }
}

#[test]
fn escape_takes_a_stroke_back_and_brackets_change_the_brush() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.click("Clear the mask");
    let middle = desk.place("Canvas", 0.5, 0.5);
    desk.harness.hover_at(middle);
    desk.harness.run();
    desk.harness.drag_at(middle);
    desk.harness.run();
    assert_eq!(desk.mask_at(Role::SketchMask, 128, 128), 255);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.drop_at(middle);
    desk.harness.run();
    assert_eq!(desk.mask_at(Role::SketchMask, 128, 128), 0);
    let size = |desk: &Desk| desk.harness.state().session.toolbox.brush.settings.size;
    let before = size(&desk);
    desk.press(Modifiers::NONE, Key::CloseBracket);
    assert!(size(&desk) > before);
    desk.press(Modifiers::NONE, Key::OpenBracket);
    assert_eq!(size(&desk), before);
}

#[test]
fn a_take_refuses_paint_and_says_why() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.start();
    desk.say(Event::Finished {
        job: JOB,
        take: take([9, 9, 9]),
    });
    desk.wait("the take", |app| {
        app.session.document().unwrap().by_role(Role::Take).is_some()
    });
    desk.click("Layer Take 1");
    desk.stroke("Canvas");
    desk.harness.get_by_label_contains("A take is never painted over");
}

#[test]
fn what_is_missing_is_said_before_the_engine_is_troubled() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.click("Clear the mask");
    desk.click("Colorize");
    desk.wait("the notice", |app| app.session.notice.is_some());
    desk.harness.get_by_label_contains("The sketch mask is empty");
    assert!(desk.engine.with(|script| script.submitted.is_empty()));
}

#[test]
fn a_preview_covers_the_canvas_and_cancelling_brings_it_back() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.press(Modifiers::COMMAND, Key::H);
    let paper = desk.pixel("Canvas", 0.5, 0.16);
    desk.start();
    desk.say(Event::Progress {
        job: JOB,
        step: 7,
        steps: 12,
        elapsed: Duration::from_secs(7),
    });
    desk.harness.get_by_label_contains("7/12  ·  0:05 left");
    desk.preview([200, 40, 90]);
    assert!(near(desk.pixel("Canvas", 0.5, 0.16), [200, 40, 90]));
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.engine.with(|script| script.cancelled.clone()), [JOB]);
    desk.wait("the end", |app| app.session.preview().is_none());
    assert_eq!(desk.pixel("Canvas", 0.5, 0.16), paper);
    assert!(desk.document().by_role(Role::Take).is_none());
}

#[test]
fn a_take_replaces_the_preview_is_kept_with_its_recipe_and_can_be_hidden() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.start();
    desk.preview([200, 40, 90]);
    desk.say(Event::Finished {
        job: JOB,
        take: take([30, 160, 60]),
    });
    desk.wait("the take", |app| {
        app.session.document().unwrap().by_role(Role::Take).is_some()
    });
    assert!(desk.harness.state().session.preview().is_none());
    assert!(near(desk.pixel("Canvas", 0.5, 0.16), [30, 160, 60]));
    let recipe = desk.document().by_role(Role::Take).unwrap().recipe.clone().unwrap();
    assert!(recipe.contains("tiny 256"), "{recipe}");
    desk.click("Take 1");
    assert!(near(desk.pixel("Canvas", 0.5, 0.16), [255; 3]));
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(
        desk.document().by_role(Role::Take).is_none(),
        "undo takes back hiding, then the take"
    );
}

#[test]
fn the_settings_on_screen_go_to_the_engine() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.harness.get_by_label("Together").click();
    desk.harness.run();
    desk.click("New seed");
    let seed = desk.harness.state().session.settings.seed;
    desk.start();
    let settings = desk.engine.with(|script| script.submitted[0].settings.clone());
    assert_eq!((settings.mode, settings.seed, settings.steps), (Mode::Vanilla, seed, 12));
}

#[test]
fn a_saved_document_opens_as_it_was() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.stroke("Canvas");
    desk.harness.state_mut().session.settings.seed = 77;
    assert!(desk.harness.state().session.is_modified());
    let path = desk.folder.path().join("夏の庭.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    assert!(!desk.harness.state().session.is_modified());
    desk.harness.get_by_label_contains("Saved ");
    let painted = desk.mask_at(Role::SketchMask, 128, 128);
    desk.stroke("Reference picture");
    desk.open(path);
    assert_eq!((painted, desk.mask_at(Role::SketchMask, 128, 128)), (255, 255));
    assert_eq!(desk.harness.state().session.settings.seed, 77);
    assert_eq!(desk.harness.state().session.title(), "夏の庭");
}

#[test]
fn changes_are_not_lost_without_a_word() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.stroke("Canvas");
    desk.press(Modifiers::COMMAND, Key::O);
    desk.harness.get_by_label("Changes are not saved");
    desk.click("Go back");
    assert!(desk.harness.query_by_label("Changes are not saved").is_none());
    assert!(desk.harness.state().session.is_modified());
}

#[test]
fn wheel_and_keys_zoom() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.press(Modifiers::NONE, Key::Num1);
    desk.harness.get_by_label_contains("  ·  100 %");
    desk.press(Modifiers::NONE, Key::Plus);
    desk.harness.get_by_label_contains("  ·  125 %");
    desk.press(Modifiers::NONE, Key::Num2);
    assert!(desk.harness.query_by_label_contains("  ·  125 %").is_none());
}

#[test]
fn the_studio_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (name, theme) in [("studio_dark", Theme::Dark), ("studio_light", Theme::Light)] {
        let mut desk = Desk::drawn(theme);
        desk.open_scene();
        desk.start();
        desk.say(Event::Finished {
            job: JOB,
            take: take([150, 190, 120]),
        });
        desk.wait("the take", |app| {
            app.session.document().unwrap().by_role(Role::Take).is_some()
        });
        desk.press(Modifiers::COMMAND, Key::H);
        desk.harness.remove_cursor();
        desk.harness.run();
        results.add(desk.harness.try_snapshot(name));
    }
}
