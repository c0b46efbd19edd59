//! The canvas at another size.

use std::sync::Arc;

use app::app::App;
use app::document::{Rect, Role, TileGrid};
use app::tool::Resize;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme, vec2};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, Take};
use image::{Rgb, RgbImage, Rgba};
use tests::desk::{Desk, JOB, take};

const COMMAND_ALT: Modifiers = Modifiers {
    alt: true,
    ..Modifiers::COMMAND
};

fn size(app: &App) -> [u32; 2] {
    app.session.document().unwrap().canvas().size()
}

fn is_page_open(desk: &Desk) -> bool {
    desk.harness.query_by_role_and_label(Widget::SpinButton, "Height").is_some()
}

fn wait_for(desk: &mut Desk, wanted: [u32; 2]) {
    desk.wait("the other size", |app| size(app) == wanted && !app.session.is_finding());
    let mut layers = desk.document().canvas().layers();
    assert!(layers.all(|layer| layer.size() == wanted));
}

fn sketch(desk: &Desk) -> TileGrid<[u8; 4]> {
    desk.document().by_role(Role::Sketch).unwrap().raster().unwrap().clone()
}

/// How many pixels of the sketch mask are the figure's.
fn figure(desk: &Desk) -> usize {
    let mask = desk.document().by_role(Role::SketchMask).unwrap().mask().unwrap();
    mask.copy(Rect::of(mask.size())).iter().filter(|value| **value >= 128).count()
}

#[test]
fn the_canvas_grows_around_what_stays_at_its_side() {
    let mut desk = Desk::with_sketch(1280.0, 800.0);
    let before = sketch(&desk).copy(Rect::of([256, 256]));
    desk.press(COMMAND_ALT, Key::C);
    desk.set_number("Width", "300");
    desk.harness.get_by_role_and_label(Widget::RadioButton, "Right").click();
    desk.harness.run();
    desk.click("Resize");
    wait_for(&mut desk, [300, 256]);
    assert!(sketch(&desk).copy(Rect::new(44, 0, 300, 256)) == before);
    assert_eq!(
        desk.harness.state().session.history.undo_label(),
        Some("Change the canvas size")
    );
    desk.press(Modifiers::COMMAND, Key::Z);
    wait_for(&mut desk, [256, 256]);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    wait_for(&mut desk, [300, 256]);
}

#[test]
fn the_canvas_is_cut_to_what_is_selected() {
    let mut desk = Desk::with_sketch(1280.0, 800.0);
    let before = sketch(&desk).copy(Rect::new(64, 128, 192, 192));
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.25, 0.5], [0.75, 0.75]);
    desk.find_command("crop to the selection");
    wait_for(&mut desk, [128, 64]);
    assert!(sketch(&desk).copy(Rect::of([128, 64])) == before);
    desk.press(Modifiers::COMMAND, Key::Z);
    wait_for(&mut desk, [256, 256]);
}

#[test]
fn the_picture_is_scaled_in_its_proportions_and_escape_leaves_it_alone() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let (before, state) = (figure(&desk), desk.state());
    desk.press(COMMAND_ALT, Key::I);
    desk.set_number("Height", "100");
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(!is_page_open(&desk) && !desk.harness.state().session.is_finding());
    assert_eq!((size(desk.harness.state()), desk.state()), ([256, 256], state));
    desk.press(COMMAND_ALT, Key::I);
    desk.set_number("Width", "128");
    desk.click("Scale");
    wait_for(&mut desk, [128, 128]);
    assert!(
        figure(&desk).abs_diff(before / 4) < before / 40,
        "{} of {before}",
        figure(&desk)
    );
    assert_eq!(desk.document().by_role(Role::Reference).unwrap().size(), [256, 256]);
    desk.press(COMMAND_ALT, Key::I);
    desk.harness
        .get_by_role_and_label(Widget::CheckBox, "Keep the proportions")
        .click();
    desk.harness.run();
    desk.set_number("Height", "64");
    desk.click("Scale");
    wait_for(&mut desk, [128, 64]);
}

#[test]
fn a_picture_under_way_for_the_earlier_size_is_cancelled() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.start();
    desk.preview([9, 99, 9]);
    desk.press(COMMAND_ALT, Key::C);
    desk.set_number("Height", "200");
    desk.click("Resize");
    wait_for(&mut desk, [256, 200]);
    desk.harness
        .get_by_label_contains("for the canvas at its earlier size and is cancelled");
    assert_eq!(desk.engine.with(|script| script.cancelled.clone()), [JOB]);
    desk.say(Event::Finished {
        job: JOB,
        take: take([200, 30, 30]),
    });
    let session = &desk.harness.state().session;
    assert!(session.preview().is_none() && !session.is_coloring());
    assert!(desk.document().by_role(Role::Take).is_none());
}

#[test]
fn the_page_goes_with_its_document_and_knows_the_size_that_the_canvas_has_by_now() {
    let mut desk = Desk::with_sketch(1280.0, 800.0);
    desk.press(COMMAND_ALT, Key::C);
    desk.harness.state_mut().session.resize(Resize::Scale([200, 100]));
    wait_for(&mut desk, [200, 100]);
    desk.click("Resize");
    desk.wait("the answer", |app| !app.session.is_finding());
    assert_eq!(size(desk.harness.state()), [200, 100]);
    desk.press(COMMAND_ALT, Key::C);
    assert!(is_page_open(&desk));
    desk.open_sketch();
    assert!(!is_page_open(&desk));
}

#[test]
fn the_strip_shows_a_take_as_it_is_at_the_size_of_the_canvas() {
    const RED: [u8; 3] = [200, 30, 30];
    const GREEN: [u8; 3] = [30, 180, 60];
    /// How large the take's small picture is, and whether it has this colour left of its middle.
    fn shows(desk: &mut Desk, color: [u8; 3]) -> ([f32; 2], bool) {
        // The pointer's own outline would be in the picture.
        desk.harness.remove_cursor();
        desk.harness.run();
        let rect = desk.button("Take 1").rect();
        let at = rect.lerp_inside(vec2(0.25, 0.5));
        let Rgba([r, g, b, _]) = *desk.harness.render().unwrap().get_pixel(at.x as u32, at.y as u32);
        let is_near = [r, g, b].iter().zip(color).all(|(seen, wanted)| seen.abs_diff(wanted) <= 2);
        ([rect.width().round(), rect.height().round()], is_near)
    }
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.start();
    let picture = RgbImage::from_fn(256, 256, |x, _| Rgb(if x < 128 { RED } else { GREEN }));
    let take = Take {
        picture: Arc::new(picture),
        ..take([0; 3])
    };
    desk.say(Event::Finished { job: JOB, take });
    desk.wait("the take", |app| {
        app.session.document().unwrap().by_role(Role::Take).is_some()
    });
    assert_eq!(shows(&mut desk, RED), ([56.0, 56.0], true));
    let right_half = Resize::Canvas {
        size: [128, 256],
        anchor: [1, 0],
    };
    desk.harness.state_mut().session.resize(right_half);
    wait_for(&mut desk, [128, 256]);
    assert_eq!(shows(&mut desk, GREEN), ([28.0, 56.0], true));
    desk.press(Modifiers::COMMAND, Key::Z);
    wait_for(&mut desk, [256, 256]);
    assert_eq!(shows(&mut desk, RED), ([56.0, 56.0], true));
}
