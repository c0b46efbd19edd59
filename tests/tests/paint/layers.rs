//! Layers: made, arranged, set, and those that the engine or the program needs.

use app::document::{self, Blend, Rect, Role};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Pos2, pos2, vec2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{chosen, layers, pixel};

/// Drags from the middle of one widget to a share of another's height.
fn drag(desk: &mut Desk, from: &str, to: &str, height: f32) {
    let (from, to) = (desk.button(from).rect().center(), desk.button(to).rect());
    let to = to.lerp_inside(vec2(0.6, height));
    desk.drag_between(from, to);
}

#[test]
fn layers_are_made_painted_arranged_and_undone() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    assert_eq!(
        (chosen(&desk).as_str(), layers(&desk)),
        ("Paint", vec!["Sketch mask".into(), "Sketch".into(), "Paint".into()])
    );
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Paint"), [0, 0, 0, 255]);
    desk.press(Modifiers::COMMAND, Key::J);
    assert_eq!((chosen(&desk).as_str(), pixel(&desk, "Paint 2")[3]), ("Paint 2", 255));
    drag(&mut desk, "Layer Paint 2", "Layer Sketch", 0.1);
    assert_eq!(layers(&desk), ["Sketch mask", "Paint 2", "Sketch", "Paint"]);
    desk.press(Modifiers::COMMAND, Key::PageDown);
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Paint 2", "Paint"]);
    desk.click("Group the layer");
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Group", "  Paint 2", "Paint"]);
    drag(&mut desk, "Layer Paint", "Group", 0.5);
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Group", "  Paint", "  Paint 2"]);
    desk.click("Layer Paint");
    let state = desk.state();
    desk.click("Merge down");
    desk.wait_for_change("the merged layer", state);
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Group", "  Paint 2"]);
    for _ in 0..6 {
        desk.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Paint"]);
    assert_eq!(pixel(&desk, "Paint"), [0, 0, 0, 255]);
}

#[test]
fn escape_leaves_a_layer_where_it_is() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    let there = layers(&desk);
    let (from, to) = (desk.button("Layer Paint").rect().center(), desk.button("Layer Sketch").rect());
    let to = to.lerp_inside(vec2(0.6, 0.1));
    desk.carry_between(from, to);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.drop_at(to);
    desk.harness.run();
    assert_eq!(layers(&desk), there);
    desk.drag_between(from, to);
    assert_ne!(layers(&desk), there, "the same without Escape");
}

/// A window with more layers than its list has room for, the topmost row of them, and a place below the list.
fn many_layers() -> (Desk, Pos2, Pos2) {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    for _ in 0..24 {
        desk.click("New layer");
    }
    let row = desk.button("Layer Paint 24").rect().center();
    (desk, row, pos2(row.x, 796.0))
}

#[test]
fn a_layer_is_let_go_on_no_row_that_is_not_seen() {
    let (mut desk, row, outside) = many_layers();
    let there = layers(&desk);
    desk.drag_between(row, outside);
    assert_eq!(layers(&desk), there);
}

#[test]
fn the_list_moves_on_while_a_layer_is_carried_past_its_end() {
    let (mut desk, row, outside) = many_layers();
    desk.carry_between(row, outside);
    for _ in 0..40 {
        desk.harness.step();
    }
    let lowest = desk.button("Layer Paint").rect();
    assert!(lowest.bottom() < outside.y, "it is in sight: {lowest}");
    let under = lowest.lerp_inside(vec2(0.6, 0.9));
    desk.harness.hover_at(under);
    desk.harness.step();
    desk.harness.drop_at(under);
    desk.harness.run();
    assert_eq!(layers(&desk).last().map(String::as_str), Some("Paint 24"));
}

#[test]
fn what_a_layer_is_set_to_is_shown_and_kept_in_the_file() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    desk.stroke("Canvas");
    desk.click("New layer");
    desk.click("Clip to the layer below");
    desk.harness.get_by_label("Layer Paint 2, clipped");
    desk.click("Lock or unlock the layer");
    desk.stroke("Canvas");
    desk.harness.get_by_label_contains("The layer is locked");
    assert_eq!(pixel(&desk, "Paint 2"), [0; 4]);
    desk.harness.get_by_role_and_label(Widget::ComboBox, "Blend").click();
    desk.harness.run();
    desk.harness.get_by_label("Screen").click();
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::F2);
    desk.harness.get_by_label("Layer name").type_text("光");
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::Enter);
    let path = desk.folder.path().join("layers.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    let opened = document::open(&path).unwrap().document;
    let light = opened
        .canvas()
        .layers()
        .find(|layer| layer.name.contains('光'))
        .expect("the new name");
    assert!(light.clip && light.locked);
    assert_eq!(light.blend, Blend::Screen);
}

#[test]
fn dabs_on_a_hint_layer_go_to_the_engine_and_not_into_the_picture() {
    const RED: [u8; 3] = [200, 30, 40];
    let mut desk = Desk::with_scene(1280.0, 800.0);
    let bare = desk.document().composite(Rect::of([256, 256]));
    desk.click("New hint layer");
    assert_eq!(
        (chosen(&desk).as_str(), layers(&desk)),
        ("Hints", vec!["Sketch mask".into(), "Hints".into(), "Sketch".into()])
    );
    desk.harness.state_mut().session.toolbox.colors.brush = RED;
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Hints"), [200, 30, 40, 255]);
    assert!(desk.document().composite(Rect::of([256, 256])) == bare);
    desk.start();
    let hints = desk.engine.with(|script| script.submitted[0].inputs.hints.clone());
    assert_eq!(hints.expect("the dabs").get_pixel(128, 128).0, [200, 30, 40, 255]);
    desk.finish([9, 9, 9]);
    desk.click("Layer Hints");
    let recipe = desk.document().by_role(Role::Take).and_then(|take| take.recipe.clone());
    assert!(recipe.unwrap().contains("hints:Some("), "the recipe names them");

    let path = desk.folder.path().join("hints.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    let opened = document::open(&path).unwrap().document;
    assert!(opened.by_role(Role::Hints).unwrap().raster().unwrap().pixel(128, 128) == [200, 30, 40, 255]);

    // Hidden they count for nothing.
    desk.click("Hide Hints");
    desk.press(Modifiers::SHIFT, Key::Enter);
    let engine = desk.engine.clone();
    desk.wait("the second request", |_| engine.with(|script| script.submitted.len() == 2));
    assert!(desk.engine.with(|script| script.submitted[1].inputs.hints.is_none()));
}

#[test]
fn the_sketch_mask_and_takes_are_safe() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    assert_eq!(chosen(&desk), "Sketch mask");
    desk.click("Remove the layer");
    desk.harness.get_by_label_contains("The sketch mask stays");
    assert!(desk.document().by_role(Role::SketchMask).is_some());
    let before = desk.state();
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::G);
    desk.harness.get_by_label_contains("Choose another layer to clip");
    assert_eq!(desk.state(), before, "what changes nothing is no step");
}
