//! Several layers chosen in the list, by the keys that other programs have for it.

use egui::accesskit::Toggled;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use tests::desk::Desk;

use super::{chosen, layers, pixel};

const NONE: Modifiers = Modifiers::NONE;

/// A click while keys are held.
fn click(desk: &mut Desk, name: &str, held: Modifiers) {
    desk.hold_keys(held);
    desk.click(name);
    desk.hold_keys(NONE);
}

/// Of these rows those that are chosen, as a screen reader says.
fn rows<'a>(desk: &Desk, names: &[&'a str]) -> Vec<&'a str> {
    let is_chosen = |name: &&str| desk.button(name).accesskit_node().toggled() == Some(Toggled::True);
    names.iter().copied().filter(is_chosen).collect()
}

const ROWS: [&str; 3] = ["Layer Paint 3", "Layer Paint 2", "Layer Paint"];

/// A scene with three layers of paint.
fn painted() -> Desk {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    (0..3).for_each(|_| desk.click("New layer"));
    desk
}

#[test]
fn clicks_with_ctrl_and_shift_choose_several_rows_and_all_are_arranged_at_once() {
    let mut desk = painted();
    desk.click("Layer Paint");
    assert_eq!(rows(&desk, &ROWS), ["Layer Paint"]);
    click(&mut desk, "Layer Paint 3", Modifiers::COMMAND);
    assert_eq!(rows(&desk, &ROWS), ["Layer Paint 3", "Layer Paint"]);
    assert_eq!(chosen(&desk), "Paint", "it is painted on");
    click(&mut desk, "Layer Paint 3", Modifiers::COMMAND);
    assert_eq!(rows(&desk, &ROWS), ["Layer Paint"]);
    click(&mut desk, "Layer Paint 3", Modifiers::SHIFT);
    assert_eq!(rows(&desk, &ROWS), ROWS);
    desk.harness.get_by_label_contains("Paint and 2 more");
    desk.click("Layer Paint 2");
    assert_eq!(rows(&desk, &ROWS), ["Layer Paint 2"]);

    click(&mut desk, "Layer Paint", Modifiers::COMMAND);
    desk.press(Modifiers::COMMAND, Key::PageUp);
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Paint 2", "Paint", "Paint 3"]);
    // One of them is dragged, and the other goes along.
    let (from, to) = (desk.button("Layer Paint").rect().center(), desk.button("Layer Sketch").rect());
    desk.drag_between(from, to.lerp_inside(egui::vec2(0.6, 0.1)));
    assert_eq!(layers(&desk), ["Sketch mask", "Paint 2", "Paint", "Sketch", "Paint 3"]);
    desk.click("Group the layer");
    assert_eq!(
        layers(&desk),
        ["Sketch mask", "Group", "  Paint 2", "  Paint", "Sketch", "Paint 3"]
    );
    for _ in 0..3 {
        desk.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Paint 3", "Paint 2", "Paint"]);
}

#[test]
fn an_eye_with_alt_shows_a_layer_alone_and_a_picture_with_ctrl_selects_what_is_painted() {
    let mut desk = painted();
    desk.click("Layer Paint 2");
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Paint 2")[3], 255);
    let shown = |desk: &Desk| -> Vec<String> {
        let shown = desk.document().canvas().layers().filter(|layer| layer.visible);
        shown.map(|layer| layer.name.clone()).collect()
    };
    let before = shown(&desk);
    click(&mut desk, "Hide Paint 2", Modifiers::ALT);
    assert_eq!(shown(&desk), ["Paint 2", "Sketch mask"]);
    click(&mut desk, "Hide Paint 2", Modifiers::ALT);
    assert_eq!(shown(&desk), before);

    desk.click("Layer Paint");
    let row = desk.button("Layer Paint 2").rect();
    let picture = row.left_center() + egui::vec2(44.0, 0.0);
    let state = desk.state();
    desk.hold_keys(Modifiers::COMMAND);
    desk.click_at(picture, Modifiers::COMMAND);
    desk.hold_keys(NONE);
    desk.wait_for_change("the selection", state);
    let selection = desk.document().canvas().selection().expect("what is painted");
    assert_eq!([selection.pixel(128, 128), selection.pixel(128, 10)], [255, 0]);
    assert_eq!(rows(&desk, &ROWS), ["Layer Paint"], "nothing else was chosen by that");
}
