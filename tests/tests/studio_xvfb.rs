//! The built program in a window of a virtual X server, driven as a person drives it: pointer, keys, and a look at the screen.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use app::document::{self, Document, Lost, Role};
use app::generate::settings;
use engine::request::Settings;
use engine::training::scenes::example;
use image::{DynamicImage, RgbImage};
use tests::screen::{Running, Screen, brightness, cut, differ};

/// The middle of the canvas, and a rectangle around it that the program covers with the picture alone.
const MIDDLE: [u32; 2] = [365, 420];
/// The button that restores the first of what was lost.
const RESTORE: [u32; 2] = [803, 468];

/// Opens the program on `file`.
fn open(screen: &Screen, file: &Path) -> Running {
    screen.open(&[file.as_os_str()])
}

/// What the middle of the canvas looks like.
fn canvas(screen: &Screen) -> RgbImage {
    cut(&screen.picture(), [MIDDLE[0] - 120, MIDDLE[1] - 120, 240, 240])
}

/// A picture of the canvas that stays the same for half a second.
fn settled(screen: &Screen, what: &str) -> RgbImage {
    screen.until(what, |screen| {
        let before = canvas(screen);
        std::thread::sleep(Duration::from_millis(500));
        (canvas(screen) == before).then_some(before)
    })
}

/// Presses at the first of some places in a row of the screen, and goes on to the others, no faster than a hand.
fn press_and_go(screen: &Screen, y: u32, places: impl IntoIterator<Item = u32>) {
    for (number, x) in places.into_iter().enumerate() {
        screen.run("xdotool", &["mousemove", &x.to_string(), &y.to_string()]);
        if number == 0 {
            screen.run("xdotool", &["mousedown", "1"]);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends the first stroke since the document was opened, and takes the pointer away: not before the stroke is in the document, for a release is acted on
/// where the pointer is by then.
fn release(screen: &Screen) {
    screen.run("xdotool", &["mouseup", "1"]);
    screen.until("the stroke in the document", |screen| {
        // The title marks what is in no file.
        let title = screen.run("xdotool", &["getwindowname", &screen.window()?]);
        title.starts_with('\u{2022}').then_some(())
    });
    screen.put_pointer_away();
}

/// Draws a line across the middle of the canvas, the first stroke since the document was opened, and waits until it shows. Returns the canvas then.
fn stroke(screen: &Screen, blank: &RgbImage) -> RgbImage {
    press_and_go(screen, MIDDLE[1], (MIDDLE[0] - 80..=MIDDLE[0] + 80).step_by(20));
    release(screen);
    screen.until("the stroke on the screen", |screen| {
        (differ(&canvas(screen), blank) > 1000).then_some(())
    });
    settled(screen, "the whole stroke")
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
    // Long enough that a slow look at the screen sees the preview and can cancel.
    let chosen = Settings {
        steps: 100,
        size: Some([512, 512]),
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

#[test]
fn a_mask_is_painted_a_preview_comes_and_goes_and_the_file_keeps_it_all() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let mut program = open(&screen, &file);
    let blank = loaded(&screen);

    let stroked = stroke(&screen, &blank);
    screen.key("ctrl+s");
    screen.until("the stroke in the file", |_| (painted(&file) == 255).then_some(()));

    // Without the tint of the masks, which Colorize hides too, what changes next is the preview.
    screen.key("ctrl+shift+h");
    screen.until("the paper", |screen| {
        (differ(&canvas(screen), &stroked) > 10_000).then_some(())
    });
    let paper = settled(&screen, "the paper");
    screen.key("shift+Return");
    screen.until("the preview", |screen| {
        (differ(&canvas(screen), &paper) > 20_000).then_some(())
    });
    screen.key("Escape");
    screen.until("the canvas as it was", |screen| {
        (differ(&canvas(screen), &paper) < 400).then_some(())
    });

    screen.key("ctrl+q");
    screen.until("the end of the program", |_| {
        program.0.try_wait().unwrap().map(|status| assert!(status.success()))
    });
    drop(program);
    let _again = open(&screen, &file);
    screen.until("the picture as it was saved", |screen| {
        (differ(&canvas(screen), &stroked) < 400).then_some(())
    });
}

/// The canvas once the picture is there: white paper, where the pane is dark before it comes.
fn loaded(screen: &Screen) -> RgbImage {
    screen.until("the picture", |screen| (brightness(&canvas(screen)) > 128.0).then_some(()));
    settled(screen, "the picture at rest")
}

/// The masks of what is kept safe in a screen's state folder, pixel by pixel where strokes were drawn.
fn kept(screen: &Screen) -> Option<[u8; 2]> {
    let lost = Lost::find(&screen.folder.path().join("state/shiage/recovery"));
    let document = lost.first()?.recover().expect("it can be put together");
    let mask = document.by_role(Role::SketchMask)?.mask()?.clone();
    Some([mask.pixel(128, 128), mask.pixel(128, 180)])
}

/// Bytes of what is kept safe.
fn journalled(screen: &Screen) -> u64 {
    let folders = std::fs::read_dir(screen.folder.path().join("state/shiage/recovery"));
    let files = folders.into_iter().flatten().flatten();
    let files = files.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

#[test]
fn a_kill_in_mid_stroke_loses_that_stroke_alone() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let mut program = open(&screen, &file);
    let blank = loaded(&screen);
    let before = journalled(&screen);
    let stroked = stroke(&screen, &blank);
    // On a slow machine the journal lags behind the screen.
    screen.until("the stroke in the journal", |screen| {
        let bytes = journalled(screen);
        std::thread::sleep(Duration::from_secs(1));
        (bytes > before && journalled(screen) == bytes).then_some(())
    });
    // The next one, lower down, is never finished.
    press_and_go(&screen, MIDDLE[1] + 100, (MIDDLE[0] - 40..=MIDDLE[0] + 40).step_by(20));
    screen.until("the second stroke on the screen", |screen| {
        (differ(&canvas(screen), &stroked) > 500).then_some(())
    });
    // SIGKILL: nothing in the program learns of it.
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    screen.run("xdotool", &["mouseup", "1"]);
    assert_eq!(kept(&screen), Some([255, 0]));

    let _again = open(&screen, &file);
    // The dialog dims the picture. Before that the pane is empty, and a click would paint on what will lie there.
    screen.until("the offer", |screen| {
        let share = brightness(&canvas(screen)) / brightness(&blank);
        (0.45..0.85).contains(&share).then_some(())
    });
    // Once: while what was lost is read, another click would paint on the document that is still open, and the program would ask about that.
    screen.click(RESTORE);
    screen.until("the first stroke again", |screen| {
        (differ(&canvas(screen), &stroked) < 400).then_some(())
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

#[test]
fn a_window_that_is_opened_anew_has_the_strokes_and_their_history() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let mut program = open(&screen, &file);
    let blank = loaded(&screen);
    let stroked = stroke(&screen, &blank);
    let before = screen.window();
    screen.find_command("reopen the window");
    let again = screen.until("another window", |screen| {
        screen.window().filter(|now| before.as_ref() != Some(now))
    });
    screen.run("xdotool", &["windowfocus", &again]);
    screen.until("the stroke, which is in no file", |screen| {
        (differ(&canvas(screen), &stroked) < 400).then_some(())
    });
    screen.key("ctrl+z");
    screen.until("the picture before it", |screen| {
        (differ(&canvas(screen), &blank) < 400).then_some(())
    });
    assert!(program.0.try_wait().unwrap().is_none(), "it is the same program");
    screen.key("ctrl+q");
    screen.until("the end of the program", |_| {
        program.0.try_wait().unwrap().map(|status| assert!(status.success()))
    });
}

#[test]
fn a_stroke_past_the_windows_edge_stays() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let _program = open(&screen, &file);
    let blank = loaded(&screen);
    // It is as wide as the screen: now something lies beyond its left edge.
    let window = screen.window().expect("it is open");
    let move_to = |x: &str| screen.run("xdotool", &["windowmove", "--sync", &window, x, "0"]);
    move_to("200");
    // From the middle of the canvas, over the tools, to what lies beside the window, and back.
    let there = (20..=MIDDLE[0] + 200).rev().step_by(15);
    press_and_go(&screen, MIDDLE[1], there.chain((20..=MIDDLE[0] + 120).step_by(15)));
    release(&screen);
    move_to("0");
    screen.until("the stroke, which stays", |screen| {
        (differ(&settled(screen, "the window where it was"), &blank) > 1000).then_some(())
    });
    screen.key("ctrl+z");
    screen.until("the picture before it", |screen| {
        (differ(&canvas(screen), &blank) < 400).then_some(())
    });
}

#[test]
fn pictures_go_through_the_systems_clipboard_both_ways() {
    let screen = Screen::new();
    let file = scene(screen.folder.path());
    let _program = open(&screen, &file);
    let blank = loaded(&screen);
    let path = |name: &str| screen.folder.path().join(name).to_str().unwrap().to_owned();
    // From another program: a red square.
    RgbImage::from_pixel(96, 96, image::Rgb([200, 30, 40]))
        .save(path("red.png"))
        .unwrap();
    // It stays to hand the picture out, and would keep a pipe open.
    let offer = format!(
        "xclip -selection clipboard -target image/png -in '{}' > /dev/null 2>&1",
        path("red.png")
    );
    screen.run("sh", &["-c", &offer]);
    screen.key("ctrl+v");
    screen.until("the pasted picture", |screen| {
        (differ(&canvas(screen), &blank) > 2000).then_some(())
    });
    // To another program: the layer that was pasted.
    screen.key("ctrl+c");
    let copied = screen.until("the copied picture", |screen| {
        let script = "xclip -selection clipboard -target image/png -out > copied.png";
        screen.run("sh", &["-c", &format!("cd '{}' && {script}", screen.folder.path().display())]);
        image::open(path("copied.png"))
            .ok()
            .filter(|copied| copied.color().has_alpha())
    });
    let copied = copied.into_rgba8();
    assert_eq!(copied.dimensions(), (96, 96));
    assert_eq!(copied.get_pixel(48, 48).0, [200, 30, 40, 255]);
}
