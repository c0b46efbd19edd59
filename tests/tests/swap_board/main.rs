//! The swap board in the window: real widgets, files in a folder, an engine that is scripted.

mod filling;
mod passing;
mod showing;

use std::path::PathBuf;

use app::app::App;
use app::board::Board;
use app::session::Edge;
use egui::{Key, Modifiers};
use engine::event::{Event, JobId, Take};
use image::{GrayImage, Luma, Rgb, RgbImage};
use tests::desk::{Desk, take};

const SHIFT: Modifiers = Modifiers::SHIFT;
const NONE: Modifiers = Modifiers::NONE;

fn board(app: &App) -> &Board {
    &app.session.board
}

/// A frame with a box whose wall stands at `wall`, and its mask.
fn write_frame(desk: &Desk, name: &str, wall: u32) -> PathBuf {
    let sketch = RgbImage::from_fn(256, 256, |x, y| {
        let line = x < 3 || y < 3 || x > 252 || y > 252 || x.abs_diff(wall) < 3;
        Rgb([if line { 0 } else { 255 }; 3])
    });
    write_masked(desk, name, sketch)
}

fn write_reference(desk: &Desk, name: &str, color: [u8; 3]) -> PathBuf {
    write_masked(desk, name, RgbImage::from_pixel(64, 64, Rgb(color)))
}

fn write_masked(desk: &Desk, name: &str, picture: RgbImage) -> PathBuf {
    let mask = GrayImage::from_fn(picture.width(), picture.height(), |x, _| {
        Luma([if x < picture.width() / 2 { 255 } else { 0 }])
    });
    desk.write(&format!("{name}-mask.png"), mask);
    desk.write(&format!("{name}.png"), picture)
}

/// Two frames against two references.
fn laid(desk: &mut Desk) {
    desk.press(Modifiers::COMMAND, Key::Num2);
    let frames = vec![write_frame(desk, "f0001", 100), write_frame(desk, "f0003", 110)];
    let references = vec![
        write_reference(desk, "red", [200, 40, 40]),
        write_reference(desk, "blue", [40, 40, 200]),
    ];
    let session = &mut desk.harness.state_mut().session;
    session.add_to_board(Edge::Sketches, frames);
    session.add_to_board(Edge::References, references);
    desk.wait("the pictures", |app| {
        let layout = board(app).layout();
        layout.rows.len() == 2 && layout.columns.len() == 2
    });
}

/// Finishes the job that was submitted as number `job`, and waits for its cell.
fn finish(desk: &mut Desk, job: u64, color: [u8; 3]) {
    finish_with(desk, job, take(color));
}

fn finish_with(desk: &mut Desk, job: u64, take: Take) {
    let engine = desk.engine.clone();
    desk.wait("the job", |_| engine.with(|script| script.submitted.len() as u64 >= job));
    let before = board(desk.harness.state()).progress().0;
    desk.say(Event::Finished { job: JobId(job), take });
    desk.wait("the take", |app| board(app).progress().0 > before);
}

/// All four cells: red and blue, the second frame a little darker.
fn filled(desk: &mut Desk) {
    laid(desk);
    desk.press(SHIFT, Key::Enter);
    for job in 1..=4 {
        let dark = if job > 2 { 10 } else { 0 };
        let color = match job % 2 {
            1 => [200 - dark, 40, 40],
            _ => [40, 40, 200 - dark],
        };
        finish(desk, job, color);
    }
}

fn submitted(desk: &Desk) -> usize {
    desk.engine.with(|script| script.submitted.len())
}

/// What a pane shows half-way down.
#[track_caller]
fn shows(desk: &mut Desk, pane: &str, x: f32, color: [u8; 3]) {
    let found = desk.pixel(pane, x, 0.5);
    let near = (0..3).all(|channel| found[channel].abs_diff(color[channel]) <= 2);
    assert!(near, "{pane} shows {found:?} instead of {color:?}");
}
