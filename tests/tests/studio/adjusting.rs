//! The page that adjusts colours.

use app::app::App;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

const RED: [u8; 4] = [200, 0, 0, 255];
const CYAN: [u8; 4] = [0, 200, 200, 255];

/// A sketch with a red square in the middle on a new layer.
fn desk() -> Desk {
    let mut desk = Desk::with_sketch(1280.0, 800.0);
    desk.harness.state_mut().session.toolbox.colors.brush = [200, 0, 0];
    desk.click("New layer");
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.25, 0.25], [0.75, 0.75]);
    desk.press(Modifiers::SHIFT, Key::Backspace);
    assert_eq!(paint(desk.harness.state()), RED);
    desk
}

/// What is in the middle of the layer.
fn paint(app: &App) -> [u8; 4] {
    let canvas = app.session.document().unwrap().canvas();
    let layer = canvas.layers().find(|layer| layer.name == "Paint").unwrap();
    layer.raster().unwrap().pixel(128, 128)
}

/// Drags a slider of the page to its right end.
fn turn_up(desk: &mut Desk, name: &str) {
    let rail = desk.harness.get_by_role_and_label(Widget::Slider, name).rect();
    desk.drag_between(rail.center(), rail.right_center());
}

fn done(desk: &Desk) -> Vec<&'static str> {
    desk.harness.state().session.history.done().collect()
}

#[test]
fn the_canvas_shows_what_the_page_says_and_enter_makes_one_change_of_it() {
    let mut desk = desk();
    let before = done(&desk).len();
    desk.press(Modifiers::COMMAND, Key::U);
    turn_up(&mut desk, "Hue");
    desk.wait("the other colour", |app| paint(app) == CYAN);
    turn_up(&mut desk, "Gamma");
    desk.wait("the lighter colour", |app| paint(app)[1] > 240);
    desk.click("Gamma: back to the default");
    desk.wait("the colour without it", |app| paint(app) == CYAN);
    desk.click("Back to the defaults");
    desk.wait("the first colour", |app| paint(app) == RED);
    turn_up(&mut desk, "Hue");
    assert_eq!(done(&desk).len(), before);
    desk.press(Modifiers::NONE, Key::Enter);
    desk.wait("the change", |app| !app.session.is_moving());
    assert_eq!(done(&desk)[before..], ["Adjust colours"]);
    assert_eq!(paint(desk.harness.state()), CYAN);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(paint(desk.harness.state()), RED);
}

#[test]
fn a_click_beside_the_page_loses_nothing_and_escape_leaves_all_as_it_was() {
    let mut desk = desk();
    let before = done(&desk);
    desk.find_command("adjust colours");
    turn_up(&mut desk, "Lightness");
    desk.wait("white", |app| paint(app) == [255; 4]);
    desk.quick_click_at(desk.on_picture([0.5, 0.5]));
    assert!(desk.harness.state().session.is_adjusting());
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(paint(desk.harness.state()), RED);
    desk.press(Modifiers::COMMAND, Key::U);
    desk.click("Cancel");
    assert!(!desk.harness.state().session.is_moving());
    assert_eq!(done(&desk), before);
}

/// A saved drawing with other colours on the page, whose window was closed: whether they may be lost is asked.
fn closed() -> Desk {
    let mut desk = desk();
    let path = desk.folder.path().join("red.ora");
    desk.harness.state_mut().session.save(path);
    desk.wait("the file", |app| app.session.path().is_some());
    desk.press(Modifiers::COMMAND, Key::U);
    assert!(!desk.harness.state().session.is_modified(), "the page says nothing yet");
    turn_up(&mut desk, "Hue");
    desk.wait("the other colour", |app| paint(app) == CYAN);
    let viewports = &mut desk.harness.input_mut().viewports;
    let events = &mut viewports.entry(ViewportId::ROOT).or_default().events;
    events.push(ViewportEvent::Close);
    desk.harness.run();
    desk.harness.get_by_label("Changes are not saved");
    desk
}

#[test]
fn what_the_page_shows_goes_or_is_saved_with_the_document() {
    let mut desk = closed();
    desk.click("Discard");
    assert!(!desk.harness.state().session.is_adjusting());
    assert_eq!(paint(desk.harness.state()), RED);
    let mut desk = closed();
    desk.click("Save");
    assert!(!desk.harness.state().session.is_adjusting());
    desk.wait("the file", |app| !app.session.is_saving());
    assert!(!desk.harness.state().session.is_modified());
    assert_eq!(
        (paint(desk.harness.state()), done(&desk).last()),
        (CYAN, Some(&"Adjust colours"))
    );
}

#[test]
fn what_has_no_colours_or_is_locked_says_so() {
    let mut desk = Desk::with_sketch(1280.0, 800.0);
    desk.press(Modifiers::COMMAND, Key::U);
    desk.harness
        .get_by_label("A mask has no colours. Choose a paint layer, the sketch or a group.");
    desk.click("New layer");
    desk.click("Lock or unlock the layer");
    desk.press(Modifiers::COMMAND, Key::U);
    desk.harness.get_by_label("The layer is locked. Unlock it first.");
    assert!(!desk.harness.state().session.is_adjusting());
}
