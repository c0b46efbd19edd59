//! The transform tool in the window, driven by real widgets.

use app::document::{Document, Rect, Role};
use app::tool::ToolKind;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

/// A scene of 256 by 256 pixels with a painted square, 32 pixels wide, about 64, 64.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.harness.set_size(vec2(1440.0, 900.0));
    desk.open_scene();
    desk.click("New layer");
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([48.0, 48.0].map(share), [80.0, 80.0].map(share));
    desk.press(Modifiers::SHIFT, Key::Backspace);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    assert_eq!(square(desk.document()), Rect::new(48, 48, 80, 80));
    desk
}

fn share(pixel: f32) -> f32 {
    pixel / 256.0
}

/// What is painted, as far as it covers at least half of a pixel.
fn square(document: &Document) -> Rect {
    let layer = document.canvas().layers().find(|layer| layer.name == "Paint").unwrap();
    let pixels = layer.raster().unwrap();
    let places = (0..256).flat_map(|y| (0..256).map(move |x| [x, y]));
    places
        .filter(|[x, y]| pixels.pixel(*x, *y)[3] >= 128)
        .fold(Rect::EMPTY, |whole, [x, y]| whole.union(Rect::new(x, y, x + 1, y + 1)))
}

/// Takes the tool and waits for its box.
fn transform(desk: &mut Desk) {
    desk.press(Modifiers::COMMAND, Key::T);
    desk.wait("the box", |app| app.session.transform_side().is_some());
}

/// Drags from one pixel to another, and waits for what comes of it.
fn drag(desk: &mut Desk, from: [f32; 2], to: [f32; 2]) {
    desk.drag(from.map(share), to.map(share));
    settle(desk);
}

fn settle(desk: &mut Desk) {
    desk.wait("the pixels", |app| !app.session.is_transforming());
}

fn tool(desk: &Desk) -> ToolKind {
    desk.harness.state().session.toolbox.selected()
}

/// Types into one of the box's numbers.
fn set(desk: &mut Desk, name: &str, value: &str) {
    desk.harness.get_by_role_and_label(Widget::SpinButton, name).click();
    desk.harness.run();
    desk.press(Modifiers::COMMAND, Key::A);
    desk.harness.get_by_role_and_label(Widget::SpinButton, name).type_text(value);
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::Tab);
    settle(desk);
}

#[test]
fn a_layer_is_moved_scaled_and_turned_as_one_change() {
    let mut desk = desk();
    let before = desk.harness.state().session.history.done().len();
    transform(&mut desk);
    drag(&mut desk, [64.0, 64.0], [94.0, 84.0]);
    assert_eq!(square(desk.document()), Rect::new(78, 68, 110, 100));
    // The corner across from the one that is dragged stays.
    drag(&mut desk, [110.0, 100.0], [142.0, 116.0]);
    assert_eq!(square(desk.document()), Rect::new(78, 68, 142, 116));
    // About 110, 92, from the right to below.
    drag(&mut desk, [190.0, 92.0], [110.0, 172.0]);
    assert_eq!(square(desk.document()), Rect::new(86, 60, 134, 124));
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(tool(&desk), ToolKind::Rectangle, "the tool before it is back");
    assert_eq!(desk.harness.state().session.history.done().len(), before + 1);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(square(desk.document()), Rect::new(48, 48, 80, 80));
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(square(desk.document()), Rect::new(86, 60, 134, 124));
}

#[test]
fn escape_leaves_all_as_it_was() {
    let mut desk = desk();
    let before = desk.harness.state().session.history.done().len();
    transform(&mut desk);
    drag(&mut desk, [64.0, 64.0], [164.0, 64.0]);
    drag(&mut desk, [148.0, 48.0], [100.0, 20.0]);
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(square(desk.document()), Rect::new(48, 48, 80, 80));
    assert_eq!(desk.harness.state().session.history.done().len(), before);
    assert_eq!(tool(&desk), ToolKind::Rectangle);
}

#[test]
fn numbers_and_flips_change_the_box() {
    let mut desk = desk();
    transform(&mut desk);
    set(&mut desk, "X", "16");
    set(&mut desk, "Width", "50");
    assert_eq!(square(desk.document()), Rect::new(72, 48, 88, 80));
    set(&mut desk, "Turn", "90");
    assert_eq!(square(desk.document()), Rect::new(64, 56, 96, 72));
    desk.click("Flip above and below");
    settle(&mut desk);
    assert_eq!(square(desk.document()), Rect::new(64, 56, 96, 72));
    desk.click("Cancel");
    assert_eq!(square(desk.document()), Rect::new(48, 48, 80, 80));
}

#[test]
fn what_is_selected_of_a_mask_moves_and_the_selection_with_it() {
    let mut desk = Desk::new();
    desk.harness.set_size(vec2(1440.0, 900.0));
    desk.open_scene();
    desk.click("Clear the mask");
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.125, 0.125], [0.25, 0.25]);
    desk.press(Modifiers::SHIFT, Key::Backspace);
    transform(&mut desk);
    drag(&mut desk, [48.0, 48.0], [148.0, 48.0]);
    let mask = |desk: &Desk| {
        [
            desk.mask_at(Role::SketchMask, 48, 48),
            desk.mask_at(Role::SketchMask, 148, 48),
        ]
    };
    assert_eq!(mask(&desk), [0, 255]);
    let selected = |desk: &Desk, x| desk.document().canvas().selection().unwrap().pixel(x, 48);
    assert_eq!([selected(&desk, 48), selected(&desk, 148)], [0, 255]);
    // A stroke right after it goes on from there.
    desk.press(Modifiers::NONE, Key::E);
    desk.drag([0.5, 48.0 / 256.0], [0.7, 48.0 / 256.0]);
    assert_eq!(mask(&desk), [0, 0]);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(mask(&desk), [255, 0]);
}

#[test]
fn what_cannot_be_transformed_says_why() {
    let mut desk = Desk::new();
    desk.harness.set_size(vec2(1440.0, 900.0));
    desk.open_scene();
    desk.click("New layer");
    desk.press(Modifiers::COMMAND, Key::T);
    let words = "There is nothing on the layer, or nothing of it is selected.";
    desk.wait("the lift", |app| app.session.transform_trouble() == words);
    desk.harness.get_by_label(words);
    desk.click("Lock or unlock the layer");
    desk.harness.get_by_label("The layer is locked. Unlock it first.");
}
