//! The gradient tool.

use app::app::App;
use app::document::Role;
use app::tool::ToolKind;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

fn desk() -> Desk {
    let mut desk = Desk::with_sketch(1280.0, 800.0);
    desk.press(Modifiers::NONE, Key::G);
    assert_eq!(desk.harness.state().session.toolbox.selected(), ToolKind::Gradient);
    desk
}

fn paint(app: &App, x: u32, y: u32) -> [u8; 4] {
    let layer = app
        .session
        .document()
        .unwrap()
        .canvas()
        .layers()
        .find(|layer| layer.name == "Paint");
    layer.and_then(|layer| layer.raster()).unwrap().pixel(x, y)
}

fn paint_at(desk: &Desk, x: u32, y: u32) -> [u8; 4] {
    paint(desk.harness.state(), x, y)
}

fn mask(app: &App, x: u32, y: u32) -> u8 {
    let layer = app.session.document().unwrap().by_role(Role::SketchMask);
    layer.and_then(|layer| layer.mask()).unwrap().pixel(x, y)
}

fn settle(desk: &mut Desk) {
    desk.wait("the gradient", |app| !app.session.is_moving());
}

#[test]
fn a_drag_paints_and_shows_itself_while_it_lasts() {
    let mut desk = desk();
    desk.click("New layer");
    let (from, to) = (desk.on_picture([0.2, 0.5]), desk.on_picture([0.8, 0.5]));
    desk.hold(from, to);
    desk.wait("the draft", |app| paint(app, 10, 10) == [0, 0, 0, 255]);
    desk.harness.drop_at(to);
    settle(&mut desk);
    assert_eq!(
        [paint_at(&desk, 10, 10), paint_at(&desk, 250, 200)],
        [[0, 0, 0, 255], [255; 4]]
    );
    assert!(paint_at(&desk, 128, 128)[0].abs_diff(128) < 4);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(desk.painted(), 0);
    desk.harness.get_by_label("To nothing").click();
    desk.harness.get_by_label("Radial").click();
    desk.harness.run();
    desk.drag([0.5, 0.5], [0.75, 0.5]);
    settle(&mut desk);
    assert!(paint_at(&desk, 128, 128)[3] > 245);
    assert_eq!(paint_at(&desk, 128, 10)[3], 0);
}

#[test]
fn escape_takes_the_drag_back_and_a_mask_goes_from_figure_to_background() {
    let mut desk = desk();
    let (from, to) = (desk.on_picture([0.0, 0.5]), desk.on_picture([1.0, 0.5]));
    desk.hold(from, to);
    desk.wait("the draft", |app| mask(app, 5, 5) > 240);
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.mask_at(Role::SketchMask, 5, 5), 0);
    desk.harness.drop_at(to);
    desk.harness.run();
    desk.drag([0.0, 0.5], [1.0, 0.5]);
    settle(&mut desk);
    let at = |x| desk.mask_at(Role::SketchMask, x, 128);
    assert!(
        at(2) > 245 && at(128).abs_diff(128) < 6 && at(253) < 10,
        "{} {} {}",
        at(2),
        at(128),
        at(253)
    );
}
