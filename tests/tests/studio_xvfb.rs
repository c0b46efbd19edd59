//! The built program in a window of a virtual X server, driven as a person drives it: pointer, keys, and a look at the screen.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::document::{self, Document, Lost, Role};
use app::generate::settings;
use engine::request::Settings;
use engine::training::scenes::example;
use image::{DynamicImage, RgbImage};

const SCREEN: [u32; 2] = [1440, 900];
/// The middle of the canvas, and a rectangle around it that the program covers with the picture alone.
const MIDDLE: [u32; 2] = [365, 420];
/// The button that restores the first of what was lost.
const RESTORE: [u32; 2] = [803, 468];
const PATIENCE: Duration = Duration::from_secs(90);

/// Ends when the test does, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A screen of our own.
struct Screen {
    _server: Running,
    display: String,
    folder: tempfile::TempDir,
}

impl Screen {
    fn new() -> Self {
        let size = format!("{}x{}x24", SCREEN[0], SCREEN[1]);
        let mut server = Command::new("Xvfb")
            // Without -noreset the server starts afresh when its last client leaves: xdotool's look for the window would
            // cut off the program that is just connecting.
            .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (apt-get install xvfb xdotool imagemagick)");
        let mut number = String::new();
        let output = server.stdout.take().expect("the output is piped");
        let server = Running(server);
        BufReader::new(output).read_line(&mut number).expect("Xvfb names its display");
        Self {
            _server: server,
            display: format!(":{}", number.trim()),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).env("DISPLAY", &self.display).args(arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Opens the program on `file` and waits for its window.
    fn open(&self, file: &Path) -> Running {
        let program = Command::new(tests::program())
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .current_dir(self.folder.path())
            .args([file.as_os_str(), "--device".as_ref(), "cpu".as_ref()])
            .spawn()
            .expect("the program starts");
        let mut program = Running(program);
        self.until("the window", |screen| {
            let ended = program.0.try_wait().expect("the program can be asked");
            assert!(ended.is_none(), "the program ended before its window came: {ended:?}");
            let window = screen.run("xdotool", &["search", "--onlyvisible", "--name", "Shiage"]);
            let window = window.lines().next()?.to_owned();
            // There is no window manager that would give it the keyboard.
            screen.run("xdotool", &["windowfocus", &window]);
            Some(())
        });
        program
    }

    /// Looks again and again until there is something to see.
    fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the middle of the canvas looks like.
    fn canvas(&self) -> RgbImage {
        let path = self.folder.path().join("screen.png");
        let name = path.to_str().expect("temporary folders have plain names");
        self.run("import", &["-silent", "-window", "root", name]);
        let screen = image::open(&path)
            .expect("import (ImageMagick) takes a picture of the screen")
            .into_rgb8();
        image::imageops::crop_imm(&screen, MIDDLE[0] - 120, MIDDLE[1] - 120, 240, 240).to_image()
    }

    /// A picture of the canvas that stays the same for half a second.
    fn settled(&self, what: &str) -> RgbImage {
        self.until(what, |screen| {
            let before = screen.canvas();
            std::thread::sleep(Duration::from_millis(500));
            (screen.canvas() == before).then_some(before)
        })
    }

    fn key(&self, keys: &str) {
        self.run("xdotool", &["key", keys]);
    }

    /// Slowly enough that the pointer's coming, its click and its going are not all in one frame.
    fn click(&self, [x, y]: [u32; 2]) {
        let rest = || std::thread::sleep(Duration::from_millis(300));
        self.run("xdotool", &["mousemove", &x.to_string(), &y.to_string()]);
        rest();
        self.run("xdotool", &["click", "1"]);
        rest();
        self.run("xdotool", &["mousemove", "700", "10"]);
    }

    /// Draws a line across the middle of the canvas, then takes the pointer away.
    fn stroke(&self) {
        let y = MIDDLE[1].to_string();
        let at = |x: u32| self.run("xdotool", &["mousemove", &x.to_string(), &y]);
        at(MIDDLE[0] - 80);
        self.run("xdotool", &["mousedown", "1"]);
        for x in (MIDDLE[0] - 80..=MIDDLE[0] + 80).step_by(20) {
            at(x);
            std::thread::sleep(Duration::from_millis(20));
        }
        self.run("xdotool", &["mouseup", "1"]);
        self.run("xdotool", &["mousemove", "700", "10"]);
    }
}

/// A document with all that a generation needs; the figure is a corner, so that the middle can be painted.
fn scene(folder: &Path) -> PathBuf {
    let scene = example(5, 0, 256);
    let rgba = |picture: DynamicImage| picture.into_rgba8();
    let mut document = Document::from_sketch(&rgba(scene.sketch.into())).unwrap();
    document.set_reference(Some(&rgba(scene.reference.into()))).unwrap();
    document.set_mask(Role::ReferenceMask, &scene.reference_mask);
    let corner = image::GrayImage::from_fn(256, 256, |x, y| image::Luma([if x < 8 && y < 8 { 255 } else { 0 }]));
    document.set_mask(Role::SketchMask, &corner);
    // Long enough that it can be cancelled.
    let chosen = Settings {
        steps: 100,
        size: Some([128, 128]),
        ..Settings::default()
    };
    settings::keep(&mut document, &chosen).unwrap();
    let path = folder.join("scene.ora");
    document::save(&document, &path).unwrap();
    path
}

fn painted(file: &Path) -> u8 {
    let opened = document::open(file).unwrap();
    opened
        .document
        .by_role(Role::SketchMask)
        .and_then(|layer| layer.mask())
        .unwrap()
        .pixel(128, 128)
}

fn differ(a: &RgbImage, b: &RgbImage) -> usize {
    a.pixels()
        .zip(b.pixels())
        .filter(|(a, b)| (0..3).any(|channel| a[channel].abs_diff(b[channel]) > 8))
        .count()
}

#[test]
fn a_mask_is_painted_a_preview_comes_and_goes_and_the_file_keeps_it_all() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let mut program = screen.open(&file);
    let blank = screen.settled("the picture");

    screen.stroke();
    screen.until("the stroke on the screen", |screen| {
        (differ(&screen.canvas(), &blank) > 1000).then_some(())
    });
    let stroked = screen.settled("the whole stroke");
    screen.key("ctrl+s");
    screen.until("the stroke in the file", |_| (painted(&file) == 255).then_some(()));

    // Without the tint of the masks, which Colorize hides too, what changes next is the preview.
    screen.key("ctrl+h");
    screen.until("the paper", |screen| {
        (differ(&screen.canvas(), &stroked) > 10_000).then_some(())
    });
    let paper = screen.settled("the paper");
    screen.key("shift+Return");
    screen.until("the preview", |screen| {
        (differ(&screen.canvas(), &paper) > 20_000).then_some(())
    });
    screen.key("Escape");
    screen.until("the canvas as it was", |screen| {
        (differ(&screen.canvas(), &paper) < 400).then_some(())
    });

    screen.key("ctrl+q");
    screen.until("the end of the program", |_| {
        program.0.try_wait().unwrap().map(|status| assert!(status.success()))
    });
    drop(program);
    let _again = screen.open(&file);
    screen.until("the picture as it was saved", |screen| {
        (differ(&screen.canvas(), &stroked) < 400).then_some(())
    });
}

/// The masks of what is kept safe in a screen's state folder, pixel by pixel where strokes were drawn.
fn kept(screen: &Screen) -> Option<[u8; 2]> {
    let lost = Lost::find(&screen.folder.path().join("state/shiage/recovery"));
    let document = lost.first()?.recover().expect("it can be put together");
    let mask = document.by_role(Role::SketchMask)?.mask()?.clone();
    Some([mask.pixel(128, 128), mask.pixel(128, 180)])
}

#[test]
fn a_kill_in_mid_stroke_loses_that_stroke_alone() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let mut program = screen.open(&file);
    let blank = screen.settled("the picture");
    screen.stroke();
    screen.until("the stroke on the screen", |screen| {
        (differ(&screen.canvas(), &blank) > 1000).then_some(())
    });
    let stroked = screen.settled("the whole stroke");
    // The next one, lower down, is never finished.
    let low = (MIDDLE[1] + 100).to_string();
    screen.run("xdotool", &["mousemove", &(MIDDLE[0] - 40).to_string(), &low]);
    screen.run("xdotool", &["mousedown", "1"]);
    for x in (MIDDLE[0] - 40..=MIDDLE[0] + 40).step_by(20) {
        screen.run("xdotool", &["mousemove", &x.to_string(), &low]);
        std::thread::sleep(Duration::from_millis(20));
    }
    screen.until("the second stroke on the screen", |screen| {
        (differ(&screen.canvas(), &stroked) > 500).then_some(())
    });
    // SIGKILL: nothing in the program learns of it.
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    screen.run("xdotool", &["mouseup", "1"]);
    assert_eq!(kept(&screen), Some([255, 0]));

    let _again = screen.open(&file);
    screen.until("the offer", |screen| {
        (differ(&screen.canvas(), &blank) > 10_000).then_some(())
    });
    screen.click(RESTORE);
    screen.until("the first stroke again", |screen| {
        (differ(&screen.canvas(), &stroked) < 400).then_some(())
    });
}

#[test]
fn without_a_display_it_says_so_and_names_the_other_way() {
    let output = Command::new(tests::program())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = tests::said(&output);
    assert!(said.contains("no display") && said.contains("shiage colorize"), "{said}");
}
