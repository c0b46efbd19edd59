//! Many small regions filled in one go.

use app::app::App;
use app::document::Rect;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use image::{Rgba, RgbaImage};
use tests::desk::Desk;

const RED: [u8; 3] = [200, 30, 40];
const BLUE: [u8; 3] = [30, 60, 220];

/// The fill tool on a new layer, over four by four cells of paper between lines.
fn desk() -> Desk {
    let is_line = |at: u32| at % 64 < 4;
    let sketch = RgbaImage::from_fn(256, 256, |x, y| match is_line(x) || is_line(y) {
        true => Rgba([0, 0, 0, 255]),
        false => Rgba([255; 4]),
    });
    let mut desk = Desk::with_sketch(1280.0, 900.0);
    let sketch = desk.write("cells.png", sketch);
    desk.open(sketch);
    desk.click("New layer");
    desk.press(Modifiers::NONE, Key::F);
    take(&mut desk, RED);
    desk
}

fn take(desk: &mut Desk, color: [u8; 3]) {
    desk.harness.state_mut().session.toolbox.colors.brush = color;
}

/// The middle of a cell, as a share of the picture.
fn middle([column, row]: [u32; 2]) -> [f32; 2] {
    [column, row].map(|at| (64 * at + 34) as f32 / 256.0)
}

/// The cells that are of a colour to the last pixel, row by row.
fn cells(app: &App, [r, g, b]: [u8; 3]) -> Vec<[u32; 2]> {
    let canvas = app.session.document().unwrap().canvas();
    let layer = canvas.layers().find(|layer| layer.name == "Paint").unwrap();
    let pixels = layer.raster().unwrap();
    let all = (0..16).map(|number| [number % 4, number / 4]);
    let is_filled = |&[column, row]: &[u32; 2]| {
        let area = Rect::new(64 * column + 4, 64 * row + 4, 64 * column + 64, 64 * row + 64);
        pixels.copy(area).iter().all(|pixel| *pixel == [r, g, b, 255])
    };
    all.filter(is_filled).collect()
}

/// Draws through shares of the picture, and lets go at the last.
fn draw(desk: &mut Desk, way: &[[f32; 2]]) {
    let places: Vec<_> = way.iter().map(|at| desk.on_picture(*at)).collect();
    desk.hold(places[0], places[1]);
    for place in &places[2..] {
        desk.harness.hover_at(*place);
        desk.harness.step();
    }
    assert!(!desk.harness.state().session.toolbox.outline().is_empty(), "the way shows");
    let before = desk.state();
    desk.harness.drop_at(places[places.len() - 1]);
    desk.harness.run();
    desk.wait_for_change("the fill", before);
}

#[test]
fn a_drag_fills_all_that_it_touches_in_one_step() {
    let mut desk = desk();
    draw(&mut desk, &[[0, 0], [2, 0], [2, 1]].map(middle));
    let touched = [[0, 0], [1, 0], [2, 0], [2, 1]];
    assert_eq!(cells(desk.harness.state(), RED), touched);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(desk.painted(), 0);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(cells(desk.harness.state(), RED), touched);
    // What is called off leaves nothing.
    let before = desk.state();
    desk.hold(desk.on_picture(middle([0, 3])), desk.on_picture(middle([3, 3])));
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.drop_at(desk.on_picture(middle([3, 3])));
    desk.harness.run();
    assert!(desk.state() == before && !desk.harness.state().session.is_finding());
}

#[test]
fn a_loop_fills_what_lies_wholly_within_and_a_command_the_rest() {
    let mut desk = desk();
    desk.harness.get_by_label("Enclose").click();
    desk.harness.run();
    let around = [[56.0, 56.0], [204.0, 56.0], [204.0, 140.0], [56.0, 140.0]];
    draw(&mut desk, &around.map(|at| at.map(|side: f32| side / 256.0)));
    let within = [[1, 1], [2, 1]];
    assert_eq!(cells(desk.harness.state(), RED), within);
    take(&mut desk, BLUE);
    let before = desk.state();
    desk.find_command("what is left");
    desk.wait_for_change("the rest", before);
    let app = desk.harness.state();
    assert_eq!((cells(app, RED).len(), cells(app, BLUE).len()), (2, 14));
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(cells(desk.harness.state(), RED), within);
    assert!(cells(desk.harness.state(), BLUE).is_empty());
    // Nothing but the selection is filled.
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.0, 0.0], [0.51, 0.51]);
    let before = desk.state();
    desk.find_command("what is left");
    desk.wait_for_change("the rest of the selection", before);
    assert_eq!(cells(desk.harness.state(), BLUE), [[0, 0], [1, 0], [0, 1]]);
}
