//! The painting program in its window: layers, colours, tools, driven by real widgets.

mod brushes;
mod filling;
mod layers;
mod lines;
mod several;

use app::document::{Role, Side};
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

/// The canvas's layers from the top down, with those of groups in parentheses.
fn layers(desk: &Desk) -> Vec<String> {
    let canvas = desk.document().canvas();
    let depth = |id| "  ".repeat(canvas.depth(id));
    (canvas.layers().rev())
        .map(|layer| format!("{}{}", depth(layer.id), layer.name))
        .collect()
}

fn chosen(desk: &Desk) -> String {
    let session = &desk.harness.state().session;
    let id = session.target(Side::Canvas).unwrap();
    desk.document().layer(id).unwrap().name.clone()
}

/// The middle pixel of a layer.
fn pixel(desk: &Desk, name: &str) -> [u8; 4] {
    let layer = desk.document().canvas().layers().find(|layer| layer.name == name);
    layer.and_then(|layer| layer.raster()).unwrap().pixel(128, 128)
}

#[test]
fn the_view_turns_and_mirrors_and_strokes_still_land_under_the_pointer() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.click("New layer");
    desk.press(Modifiers::NONE, Key::Num6);
    desk.press(Modifiers::NONE, Key::Num6);
    desk.press(Modifiers::NONE, Key::M);
    desk.harness.get_by_label_contains(", 30°, mirrored");
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Paint"), [0, 0, 0, 255]);
    desk.press(Modifiers::NONE, Key::Num5);
    desk.press(Modifiers::NONE, Key::M);
    assert!(desk.harness.query_by_label_contains("mirrored").is_none());
}

#[test]
fn a_command_is_found_by_its_words_and_done() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.find_command("new lay");
    assert_eq!(chosen(&desk), "Paint");
    assert!(desk.harness.query_by_label("Find a command").is_none(), "the list has closed");
    desk.press(Modifiers::COMMAND, Key::K);
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(desk.harness.query_by_label("Find a command").is_none());
}

#[test]
fn the_history_is_walked_with_clicks() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let before = desk.harness.state().session.history.done().len();
    desk.click("New layer");
    desk.stroke("Canvas");
    desk.press(Modifiers::NONE, Key::F8);
    desk.harness.get_by_label(&format!("Step {}: Brush stroke", before + 2));
    desk.click(&format!("Step {}: New layer", before + 1));
    assert_eq!(pixel(&desk, "Paint")[3], 0);
    desk.click(&format!("Step {}: Brush stroke", before + 2));
    assert_eq!(pixel(&desk, "Paint")[3], 255);
    desk.click("Step 0: Where the history begins");
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch"]);
}

#[test]
fn a_stroke_goes_on_beyond_the_windows_edge_and_stays_when_the_window_is_turned_away_from() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let (from, to) = (desk.place("Canvas", 0.4, 0.5), desk.place("Canvas", 0.6, 0.5));
    let middle = |desk: &Desk| desk.mask_at(Role::SketchMask, 128, 128);
    desk.hold(from, to);
    desk.harness.event(egui::Event::PointerGone);
    desk.harness.step();
    assert_eq!(middle(&desk), 255, "the pointer is beyond the edge");
    desk.harness.drop_at(egui::pos2(-40.0, -40.0));
    desk.harness.run();
    let painted = |desk: &Desk| desk.harness.state().session.history.done().len();
    assert_eq!((middle(&desk), painted(&desk)), (255, 1));
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!((middle(&desk), painted(&desk)), (0, 0));

    desk.hold(from, to);
    desk.harness.event(egui::Event::WindowFocused(false));
    desk.harness.step();
    assert_eq!((middle(&desk), painted(&desk)), (255, 1));
    assert!(desk.harness.state().session.stroke().is_none());
    desk.harness.drop_at(to);
    desk.harness.run();

    desk.press(Modifiers::COMMAND, Key::Z);
    desk.hold(from, to);
    desk.harness.event(egui::Event::Touch {
        device_id: egui::TouchDeviceId(0),
        id: egui::TouchId(0),
        phase: egui::TouchPhase::Cancel,
        pos: to,
        force: None,
    });
    desk.harness.step();
    assert_eq!((middle(&desk), painted(&desk)), (0, 0), "the palm of a hand");
}
