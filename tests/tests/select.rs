//! Selecting, filling and proposing masks in the window, driven by real widgets.

use app::command::Command;
use app::document::{Rect, Role};
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable;
use engine::extract::reference_mask;
use engine::training::scenes::example;
use image::GrayImage;
use tests::desk::Desk;

fn desk() -> Desk {
    Desk::with_scene(1280.0, 900.0)
}

/// Pixels of the canvas that are selected; none: all are.
fn selected(desk: &Desk) -> Option<usize> {
    let grid = desk.document().canvas().selection()?;
    let cells = grid.copy(Rect::of(grid.size()));
    Some(cells.iter().filter(|cell| **cell >= 128).count())
}

fn fill(desk: &mut Desk, at: [f32; 2]) {
    let before = desk.state();
    desk.drag(at, at);
    desk.wait_for_change("the fill", before);
}

#[test]
fn a_selection_limits_brush_fill_and_eraser_and_is_undone() {
    let mut desk = desk();
    desk.click("New layer");
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.25, 0.25], [0.75, 0.5]);
    let half = selected(&desk).expect("a rectangle");
    assert!((8000..8400).contains(&half), "128 by 64 pixels: {half}");
    desk.press(Modifiers::SHIFT, Key::Backspace);
    assert_eq!(desk.painted(), half);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::I);
    assert_eq!(selected(&desk), Some(256 * 256 - half));
    desk.press(Modifiers::NONE, Key::E);
    desk.drag([0.3, 0.4], [0.7, 0.4]);
    assert_eq!(desk.painted(), half, "the eraser stays outside");
    desk.press(Modifiers::NONE, Key::B);
    desk.drag([0.1, 0.1], [0.9, 0.1]);
    assert!(desk.painted() > half);
    desk.press(Modifiers::NONE, Key::Delete);
    assert_eq!(desk.painted(), half, "what is selected is cleared");
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    assert_eq!(selected(&desk), None);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(selected(&desk), Some(256 * 256 - half));
    desk.press(Modifiers::COMMAND, Key::A);
    assert_eq!(selected(&desk), Some(256 * 256));
}

#[test]
fn the_fill_tool_fills_the_region_under_the_pointer_on_layers_and_masks() {
    let mut desk = desk();
    desk.click("Clear the mask");
    desk.press(Modifiers::NONE, Key::F);
    fill(&mut desk, [0.02, 0.02]);
    let grid = desk.document().by_role(Role::SketchMask).unwrap().mask().unwrap().clone();
    let figure = grid.copy(Rect::of([256, 256])).iter().filter(|cell| **cell == 255).count();
    assert!(
        figure > 2000 && figure < 256 * 256 - 2000,
        "the region outside of the figure: {figure}"
    );
    let before = desk.state();
    let at = desk.on_picture([0.02, 0.02]);
    desk.click_at(at, Modifiers::ALT);
    desk.wait_for_change("the clearing", before);
    let mask = desk.document().by_role(Role::SketchMask).unwrap().mask().unwrap();
    assert!(
        mask.copy(Rect::of([256, 256])).iter().all(|cell| *cell == 0),
        "Alt takes it away"
    );
    desk.click("New layer");
    fill(&mut desk, [0.02, 0.02]);
    assert_eq!(desk.painted(), figure, "the same region in the brush's colour");
    desk.press(Modifiers::NONE, Key::W);
    desk.drag([0.02, 0.02], [0.02, 0.02]);
    desk.wait("the selection", |app| {
        let document = app.session.document().unwrap();
        document.canvas().selection().is_some()
    });
    assert!(selected(&desk).is_some_and(|count| count <= figure));
}

#[test]
fn shapes_show_while_they_are_drawn_and_escape_drops_them() {
    let mut desk = desk();
    desk.press(Modifiers::NONE, Key::J);
    let middle = desk.place("Canvas", 0.5, 0.5);
    desk.hold(middle, middle + vec2(60.0, 40.0));
    assert_eq!(desk.harness.state().session.toolbox.outline().len(), 256);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.drop_at(middle + vec2(60.0, 40.0));
    desk.harness.run();
    assert_eq!(selected(&desk), None);
}

#[test]
fn the_move_tool_takes_the_layer_or_what_is_selected_along() {
    let mut desk = desk();
    desk.click("New layer");
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.1, 0.1], [0.2, 0.2]);
    desk.press(Modifiers::SHIFT, Key::Backspace);
    desk.press(Modifiers::NONE, Key::T);
    desk.drag([0.15, 0.15], [0.65, 0.65]);
    desk.wait("the pixels", |app| !app.session.is_moving());
    let layer = |desk: &Desk| {
        let layer = desk.document().canvas().layers().find(|layer| layer.name == "Paint").unwrap();
        let pixels = layer.raster().unwrap();
        [38, 166].map(|at| pixels.pixel(at, at)[3])
    };
    let selection = |desk: &Desk| {
        let selection = desk.document().canvas().selection().expect("something is selected");
        [38, 166].map(|at| selection.pixel(at, at))
    };
    assert_eq!((layer(&desk), selection(&desk)), ([0, 255], [0, 255]));
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!((layer(&desk), selection(&desk)), ([255, 0], [255, 0]));
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!((layer(&desk), selection(&desk)), ([0, 255], [0, 255]));
}

#[test]
fn a_polygon_is_clicked_and_closed_by_a_double_click_or_enter() {
    let mut desk = desk();
    desk.press(Modifiers::SHIFT, Key::J);
    let triangle = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75]];
    let corners = |desk: &mut Desk| triangle.iter().for_each(|at| desk.drag(*at, *at));
    corners(&mut desk);
    assert_eq!(selected(&desk), None);
    desk.drag(triangle[2], triangle[2]);
    let half = selected(&desk).expect("a triangle");
    assert!((8000..8400).contains(&half), "half of 128 by 128 pixels: {half}");
    desk.press(Modifiers::COMMAND, Key::Z);
    corners(&mut desk);
    // What goes on between two clicks is no change: the pointer may leave.
    desk.harness.remove_cursor();
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(selected(&desk), Some(half));
    corners(&mut desk);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.press(Modifiers::NONE, Key::B);
    assert_eq!(selected(&desk), Some(half));
    assert!(!desk.harness.state().session.toolbox.is_active());
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(selected(&desk), None, "one change");
}

/// How much of the figure a mask and the scene's own share.
fn overlap(desk: &Desk, role: Role, wanted: &GrayImage) -> f64 {
    let mask = desk.document().by_role(role).unwrap().mask().unwrap();
    let cells = mask.copy(Rect::of(mask.size()));
    let pairs = || cells.iter().zip(wanted.iter()).map(|(a, b)| (*a > 127, *b > 127));
    let both = pairs().filter(|(a, b)| *a && *b).count() as f64;
    both / pairs().filter(|(a, b)| *a || *b).count() as f64
}

#[test]
fn masks_are_proposed_by_button_and_by_words_and_undone() {
    let mut desk = Desk::with_sketch(1280.0, 900.0);
    let scene = example(5, 0, 256);
    let by_colors = reference_mask::propose(&scene.reference);
    let reference = desk.write("reference.png", scene.reference);
    desk.import(Command::OpenReference, Role::Reference, reference);
    let before = desk.state();
    desk.click("Propose the sketch mask");
    desk.wait_for_change("the proposal", before);
    let found = overlap(&desk, Role::SketchMask, &scene.sketch_mask);
    assert!(found > 0.5, "the figure of the drawing: {found:.3}");
    let before = desk.state();
    desk.find_command("propose reference");
    desk.wait_for_change("the proposal", before);
    assert_eq!(overlap(&desk, Role::ReferenceMask, &by_colors), 1.0);
    for label in ["Propose the reference mask", "Propose the sketch mask"] {
        assert_eq!(desk.harness.state().session.history.undo_label(), Some(label));
        desk.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(overlap(&desk, Role::SketchMask, &scene.sketch_mask), 0.0);
    // What is locked stays as it is, and it is said why.
    desk.harness.get_by_label("Lock or unlock the layer").click();
    desk.harness.run();
    let before = desk.state();
    desk.click("Propose the sketch mask");
    desk.harness.get_by_label("The layer is locked. Unlock it first.");
    desk.click("Invert the mask");
    assert_eq!(desk.state(), before);
}
