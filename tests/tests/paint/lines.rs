//! Line art as illustrators have it: on several layers, out of sight, and without its paper.

use app::document::Rect;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use image::RgbImage;
use tests::desk::Desk;

use super::{chosen, pixel};

const TOGGLE: &str = "Use the layer as the sketch";

/// The sketch as a generation that is begun now is asked with.
fn asked(desk: &mut Desk) -> RgbImage {
    desk.start();
    desk.engine.with(|script| RgbImage::clone(&script.submitted[0].inputs.sketch))
}

#[test]
fn lines_on_a_second_layer_are_a_part_of_the_sketch_until_it_is_let_go() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    desk.stroke("Canvas");
    assert_eq!((chosen(&desk).as_str(), pixel(&desk, "Paint")), ("Paint", [0, 0, 0, 255]));
    desk.click(TOGGLE);
    desk.harness.get_by_label_contains("Multiply now");
    desk.click("Layer Sketch");
    desk.click(TOGGLE);
    desk.click("Layer Paint");
    desk.click(TOGGLE);
    desk.harness.get_by_label_contains("needs a sketch");
    desk.click("Layer Sketch");
    desk.click(TOGGLE);
    let drawn = desk
        .document()
        .canvas()
        .layers()
        .find(|layer| layer.name == "Sketch")
        .unwrap();
    let drawn = drawn.raster().unwrap().copy(Rect::of([256, 256]));
    let (darkest, ink) = drawn.iter().enumerate().min_by_key(|(_, pixel)| pixel[0]).unwrap();
    let sketch = asked(&mut desk);
    assert_eq!(sketch.get_pixel(128, 128).0, [0; 3]);
    let [x, y] = [darkest % 256, darkest / 256].map(|place| place as u32);
    assert!(ink[0] < 200 && sketch.get_pixel(x, y).0[0] <= ink[0], "the scene's own lines");
}

#[test]
fn a_fill_keeps_to_the_lines_of_a_hidden_sketch() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    desk.press(Modifiers::NONE, Key::F);
    let fill = |desk: &mut Desk| {
        let (at, before) = (desk.on_picture([0.02, 0.02]), desk.state());
        desk.click_at(at, Modifiers::NONE);
        desk.wait_for_change("the fill", before);
        desk.painted()
    };
    let within = fill(&mut desk);
    assert!(within < 256 * 256 - 2000, "{within}");
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::ALT, Key::Num1);
    assert_eq!(fill(&mut desk), within);
}

#[test]
fn lines_off_their_paper_are_the_same_sketch_and_take_colour_where_they_are() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("Layer Sketch");
    desk.stroke("Canvas");
    let before = desk.document().canvas().line_art(Rect::of([256, 256])).unwrap();
    let state = desk.state();
    desk.find_command("Lines off the paper");
    desk.wait_for_change("the lines", state);
    // A column across the stroke.
    let column = |desk: &Desk| -> Vec<[u8; 4]> {
        let layer = desk
            .document()
            .canvas()
            .layers()
            .find(|layer| layer.name == "Sketch")
            .unwrap();
        let grid = layer.raster().unwrap();
        (80..176).map(|y| grid.pixel(128, y)).collect()
    };
    let lines = column(&desk);
    assert_eq!(lines[48], [0, 0, 0, 255]);
    for (y, [.., alpha]) in (80..).zip(&lines) {
        let image::Rgb([r, g, b]) = *before.get_pixel(128, y);
        assert_eq!(*alpha, 255 - r.min(g).min(b), "{y}");
    }
    let sketch = asked(&mut desk);
    assert!(sketch == before, "bit for bit");
    desk.finish([9, 9, 9]);

    desk.click("Layer Sketch");
    desk.click("Lock or unlock the layer's alpha");
    desk.harness.state_mut().session.toolbox.colors.brush = [200, 30, 40];
    desk.drag([0.5, 0.3], [0.5, 0.7]);
    let colored = column(&desk);
    assert_eq!(colored[48], [200, 30, 40, 255]);
    assert!(colored.iter().zip(&lines).all(|(after, before)| after[3] == before[3]));
    desk.find_command("Lines off the paper");
    desk.harness.get_by_label_contains("alpha is locked");
}
