//! Keys that are held, keys of the brush and the view, what a right click shows, and selections that come of what is there.

use app::command::Command;
use app::document::{Rect, Role, Side};
use egui::accesskit::Role as Widget;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

const NONE: Modifiers = Modifiers::NONE;

fn desk() -> Desk {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.click("New layer");
    desk
}

fn pixel(desk: &Desk, x: u32, y: u32) -> u8 {
    let layer = desk.document().canvas().layers().find(|layer| layer.name == "Paint");
    layer.and_then(|layer| layer.raster()).unwrap().pixel(x, y)[3]
}

fn hold_key(desk: &mut Desk, key: Key, pressed: bool) {
    desk.harness.event(Event::Key {
        key,
        physical_key: Some(key),
        pressed,
        repeat: false,
        modifiers: NONE,
    });
    desk.harness.run();
}

fn size(desk: &Desk) -> f32 {
    desk.harness.state().session.toolbox.brush.settings.size
}

fn selected(desk: &Desk, level: u8) -> usize {
    let Some(grid) = desk.document().canvas().selection() else {
        return 0;
    };
    grid.copy(Rect::of(grid.size())).iter().filter(|cell| **cell >= level).count()
}

#[test]
fn v_held_draws_a_straight_line() {
    let mut desk = desk();
    desk.harness.state_mut().session.toolbox.brush.settings.size = 8.0;
    hold_key(&mut desk, Key::V, true);
    let [from, by, to] = [[0.1, 0.1], [0.5, 0.9], [0.9, 0.1]].map(|at| desk.on_picture(at));
    desk.hold(from, by);
    desk.harness.hover_at(to);
    desk.harness.step();
    desk.harness.drop_at(to);
    desk.harness.run();
    hold_key(&mut desk, Key::V, false);
    assert_eq!([pixel(&desk, 128, 25), pixel(&desk, 128, 230)], [255, 0]);
    assert_eq!(desk.harness.state().session.history.undo_label(), Some("Brush stroke"));
}

#[test]
fn shift_sizes_by_a_drag_and_draws_from_the_last_end_by_a_click() {
    let mut desk = desk();
    desk.harness.state_mut().session.toolbox.brush.settings.size = 10.0;
    let [from, to] = [[0.2, 0.5], [0.8, 0.5]].map(|at| desk.on_picture(at));
    desk.click_at(from, NONE);
    desk.hold_keys(Modifiers::SHIFT);
    desk.click_at(to, Modifiers::SHIFT);
    assert_eq!(pixel(&desk, 128, 128), 255, "a line to the click");
    let scale = (desk.on_picture([1.0, 0.0]) - desk.on_picture([0.0, 0.0])).x / 256.0;
    let middle = desk.on_picture([0.5, 0.2]);
    desk.harness.hover_at(middle);
    desk.harness.run();
    let button = |desk: &mut Desk, pos: Pos2, pressed| desk.button_at(pos, PointerButton::Primary, pressed, Modifiers::SHIFT);
    button(&mut desk, middle, true);
    desk.harness.hover_at(middle + vec2(20.0 * scale, 0.0));
    desk.harness.step();
    button(&mut desk, middle + vec2(20.0 * scale, 0.0), false);
    desk.hold_keys(NONE);
    assert_eq!(size(&desk), 50.0);
    assert_eq!(pixel(&desk, 128, 51), 0, "nothing was painted");
}

#[test]
fn a_stroke_on_a_mask_is_carried_across_the_region_that_it_touches_as_one_change() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.click("Clear the mask");
    desk.click("Carry strokes on masks across the regions they touch");
    let figure = |desk: &Desk| {
        let mask = desk.document().by_role(Role::SketchMask).unwrap().mask().unwrap();
        mask.copy(Rect::of([256, 256])).iter().filter(|cell| **cell == 255).count()
    };
    desk.harness.state_mut().session.toolbox.brush.settings.size = 6.0;
    let done = desk.harness.state().session.history.done().len();
    let before = desk.state();
    // Along the upper edge, outside of the figure.
    desk.drag([0.02, 0.02], [0.2, 0.02]);
    desk.wait_for_change("the region", before);
    let carried = figure(&desk);
    assert!((2000..256 * 256 - 2000).contains(&carried), "{carried}");
    assert_eq!(desk.harness.state().session.history.done().len(), done + 1);
    desk.press(NONE, Key::E);
    let before = desk.state();
    desk.drag([0.3, 0.02], [0.32, 0.02]);
    desk.wait_for_change("the region", before);
    assert!(figure(&desk) < carried / 10, "the eraser is carried too: {}", figure(&desk));
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(figure(&desk), carried);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(figure(&desk), 0);
    // On a paint layer strokes stay what they are.
    desk.press(NONE, Key::B);
    desk.click("New layer");
    desk.drag([0.02, 0.02], [0.2, 0.02]);
    assert!(!desk.harness.state().session.is_finding() && desk.painted() < 2000);
}

#[test]
fn selections_come_of_masks_and_of_paint_and_are_feathered_grown_and_brought_back() {
    let mut desk = desk();
    desk.find_command("select by the mask");
    let mask = desk.document().by_role(Role::SketchMask).unwrap().mask().unwrap().clone();
    let figure = mask.copy(Rect::of(mask.size())).iter().filter(|cell| **cell >= 128).count();
    assert!(figure > 1000);
    assert_eq!(selected(&desk, 128), figure);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    assert_eq!(selected(&desk, 1), 0);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::D);
    assert_eq!(selected(&desk, 128), figure);
    let before = desk.state();
    desk.find_command("grow the selection");
    desk.click("Grow");
    desk.wait_for_change("the larger selection", before);
    let grown = selected(&desk, 255);
    assert!(grown > figure + 200, "{figure} {grown}");
    let before = desk.state();
    desk.press(Modifiers::SHIFT, Key::F6);
    desk.harness.get_by_label("Feather the selection");
    // Enter on the button that has the focus is that button's.
    desk.button("Cancel").focus();
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::Enter);
    assert!(desk.harness.query_by_label("Feather the selection").is_none());
    assert!(!desk.harness.state().session.is_finding());
    desk.press(Modifiers::SHIFT, Key::F6);
    desk.click("Feather");
    desk.wait_for_change("the softer selection", before);
    assert!(selected(&desk, 1) > grown && selected(&desk, 255) < grown);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    desk.drag([0.2, 0.5], [0.8, 0.5]);
    let before = desk.state();
    desk.find_command("select what is painted");
    desk.wait_for_change("the selection", before);
    let painted = desk.painted();
    assert!(selected(&desk, 1) == painted && painted > 500, "{painted}");
}

#[test]
fn keys_change_the_colour_the_view_and_the_layer() {
    let mut desk = desk();
    desk.harness.state_mut().session.toolbox.colors.brush = [200, 100, 50];
    desk.press(NONE, Key::K);
    assert_eq!(desk.harness.state().session.toolbox.colors.brush, [180, 90, 45]);
    desk.press(NONE, Key::L);
    desk.press(NONE, Key::L);
    assert!(desk.harness.state().session.toolbox.colors.brush[0] > 190);
    desk.press(NONE, Key::Num3);
    let pane = desk.harness.get_by_label("Canvas").rect();
    let zoom = format!("{:.0} %", (pane.width() - 48.0) / 256.0 * 100.0);
    desk.harness.get_by_label_contains(&zoom);
    desk.press(NONE, Key::Num2);
    // With R a click chooses the layer that shows under it.
    desk.stroke("Canvas");
    let paint = desk.harness.state().session.target(Side::Canvas);
    desk.click("Layer Sketch");
    assert_ne!(desk.harness.state().session.target(Side::Canvas), paint);
    let state = desk.state();
    hold_key(&mut desk, Key::R, true);
    // The sketch lies over the paint: it is not opaque paper that is looked for, but a layer that shows.
    desk.harness.state_mut().session.run(Command::ToggleSketch);
    let hidden = desk.state();
    assert_ne!(state, hidden);
    let middle = desk.on_picture([0.5, 0.5]);
    desk.click_at(middle, NONE);
    hold_key(&mut desk, Key::R, false);
    assert_eq!(desk.harness.state().session.target(Side::Canvas), paint);
    assert_eq!(desk.state(), hidden, "the click painted nothing");
}

#[test]
fn space_turns_with_shift_and_zooms_with_ctrl() {
    let mut desk = desk();
    hold_key(&mut desk, Key::Space, true);
    let pane = desk.harness.get_by_label("Canvas").rect();
    let drag = |desk: &mut Desk, held: Modifiers, from: Pos2, to: Pos2| {
        desk.hold_keys(held);
        desk.drag_between(from, to);
        desk.hold_keys(NONE);
    };
    let out = vec2(120.0, 0.0);
    drag(&mut desk, Modifiers::SHIFT, pane.center() + out, pane.center() + out.rot90());
    let turned = desk.harness.query_all_by_label_contains("°").count();
    assert!(turned > 0, "the status line tells the angle");
    drag(&mut desk, Modifiers::COMMAND, pane.center(), pane.center() - vec2(0.0, 150.0));
    hold_key(&mut desk, Key::Space, false);
    let zoom = (pane.size().min_elem() - 48.0) / 256.0 * 100.0;
    let twice = format!("{:.0} %", zoom);
    assert!(desk.harness.query_by_label_contains(&twice).is_none(), "it is nearer");
    assert_eq!(desk.painted(), 0);
}

#[test]
fn a_right_click_shows_size_and_colours_and_a_click_elsewhere_closes_it() {
    let mut desk = desk();
    desk.harness.state_mut().session.toolbox.colors.brush = [200, 30, 40];
    desk.stroke("Canvas");
    desk.harness.state_mut().session.toolbox.colors.brush = [1, 2, 3];
    let painted = desk.painted();
    let at = desk.on_picture([0.3, 0.3]);
    desk.click_right_at(at);
    desk.click("Recent colour #C81E28");
    assert_eq!(desk.harness.state().session.toolbox.colors.brush, [200, 30, 40]);
    assert!(desk.harness.query_by_label("Recent colour #C81E28").is_none());
    desk.click_right_at(at);
    assert!(desk.harness.query_all_by_role_and_label(Widget::Slider, "Size").count() > 1);
    let away = desk.on_picture([0.9, 0.9]);
    desk.click_at(away, NONE);
    assert_eq!(desk.harness.query_all_by_role_and_label(Widget::Slider, "Size").count(), 1);
    assert_eq!(desk.painted(), painted, "the click that closes it paints nothing");

    // Nor does one whose press and release come within one frame, where what it closes hangs from a bar that is laid out before the picture.
    for (widget, opener) in [(Widget::Button, "File"), (Widget::ComboBox, "Preset")] {
        let place = desk.harness.get_by_role_and_label(widget, opener).rect();
        desk.quick_click_at(place.center());
        assert!(egui::Popup::is_any_open(&desk.harness.ctx), "{opener}");
        desk.quick_click_at(away);
        assert!(!egui::Popup::is_any_open(&desk.harness.ctx), "{opener}");
        assert_eq!(desk.painted(), painted, "{opener}");
    }
}
