//! The colours of the brush in the window: wheel, numbers, pickers, palettes, driven by real widgets.

use app::document::{Rect, Role};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

fn desk() -> Desk {
    let mut desk = Desk::with_scene(1280.0, 1200.0);
    desk.click("New layer");
    desk
}

fn brush(desk: &Desk) -> [u8; 3] {
    desk.harness.state().session.toolbox.colors.brush
}

fn tab(desk: &mut Desk, name: &str) {
    desk.harness.get_by_role_and_label(Widget::Tab, name).click();
    desk.harness.run();
}

/// The middle pixel of the layer that is painted on.
fn painted(desk: &Desk) -> [u8; 4] {
    let layer = desk.document().canvas().layers().find(|layer| layer.name == "Paint");
    layer.and_then(|layer| layer.raster()).unwrap().pixel(128, 128)
}

#[test]
fn a_typed_colour_is_painted_swapped_and_remembered() {
    let mut desk = desk();
    tab(&mut desk, "Colour");
    let field = desk.harness.get_by_role_and_label(Widget::TextInput, "Hex");
    field.focus();
    desk.harness.run();
    desk.press(Modifiers::COMMAND, Key::A);
    desk.type_into(Widget::TextInput, "Hex", "#C81E28");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(brush(&desk), [200, 30, 40]);
    desk.stroke("Canvas");
    assert_eq!(painted(&desk), [200, 30, 40, 255]);
    desk.press(Modifiers::NONE, Key::X);
    assert_eq!(brush(&desk), [255; 3]);
    desk.click("Recent colour #C81E28");
    assert_eq!(brush(&desk), [200, 30, 40]);
    desk.press(Modifiers::NONE, Key::D);
    assert_eq!(brush(&desk), [0; 3]);
}

#[test]
fn a_stroke_takes_the_keys_from_a_field() {
    let mut desk = desk();
    tab(&mut desk, "Colour");
    desk.harness.get_by_role_and_label(Widget::TextInput, "Hex").focus();
    desk.harness.run();
    desk.stroke("Canvas");
    assert_eq!(painted(&desk)[3], 255);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(painted(&desk)[3], 0, "the stroke is undone, and not what was typed");
}

#[test]
fn the_wheel_turns_hue_and_shade() {
    let mut desk = desk();
    tab(&mut desk, "Colour");
    let wheel = desk.harness.get_by_label("Colour wheel").rect();
    let click = |desk: &mut Desk, x: f32, y: f32| {
        let at = wheel.lerp_inside(vec2(x, y));
        desk.drag_between(at, at);
    };
    // Black has no hue, but the ring keeps the one that was chosen.
    click(&mut desk, 0.03, 0.5);
    assert_eq!(brush(&desk), [0; 3]);
    click(&mut desk, 0.74, 0.26);
    let [r, g, b] = brush(&desk);
    assert!(r < 30 && g > 220 && b > 220, "opposite of red: {:?}", [r, g, b]);
    desk.harness.get_by_role_and_label(Widget::Slider, "Brightness").focus();
    desk.harness.run();
    for _ in 0..10 {
        desk.press(Modifiers::NONE, Key::ArrowLeft);
    }
    assert!(brush(&desk)[1] < g);
}

#[test]
fn the_references_palette_is_found_and_a_click_takes_a_colour() {
    let mut desk = desk();
    let [r, g, b] = desk.harness.state().session.reference_colors().figure[0];
    desk.click(&format!("Figure colour #{r:02X}{g:02X}{b:02X}"));
    assert_eq!(brush(&desk), [r, g, b]);
    desk.stroke("Canvas");
    assert_eq!(painted(&desk), [r, g, b, 255]);
}

/// A click on the middle of a pane, with modifier keys.
fn click_on(desk: &mut Desk, pane: &str, modifiers: Modifiers) {
    desk.click_at(desk.place(pane, 0.5, 0.5), modifiers);
}

#[test]
fn ctrl_and_the_picker_take_the_colour_under_the_pointer() {
    let mut desk = desk();
    let reference = desk.document().by_role(Role::Reference).unwrap();
    let around = reference.raster().unwrap().copy(Rect::new(126, 126, 130, 130));
    click_on(&mut desk, "Reference picture", Modifiers::COMMAND);
    let [r, g, b] = brush(&desk);
    assert!(around.contains(&[r, g, b, 255]), "{:?}", [r, g, b]);
    let undo = desk.harness.state().session.history.undo_label();
    assert_eq!(undo, Some("New layer"), "nothing was painted there");
    click_on(&mut desk, "Canvas", Modifiers::NONE);
    assert_eq!(painted(&desk), [r, g, b, 255], "the brush is in the hand again");
    desk.press(Modifiers::NONE, Key::D);
    desk.press(Modifiers::NONE, Key::P);
    desk.harness
        .get_by_label_contains("Click on a picture to paint with its colour");
    click_on(&mut desk, "Canvas", Modifiers::NONE);
    let [r, g, b] = brush(&desk);
    let seen = desk.document().composite(Rect::new(126, 126, 130, 130));
    assert!(seen.pixels().any(|pixel| pixel.0 == [r, g, b, 255]), "{:?}", [r, g, b]);
}
