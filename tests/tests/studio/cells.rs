//! The sketch mask as the model sees it.

use app::app::App;
use app::document::Role;
use egui::{Key, Modifiers, Pos2, Theme};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

/// Pixels a side of a cell, and how many there are across.
fn seen(app: &App) -> Option<(u32, u32)> {
    let (_, cells) = app.session.cells()?;
    Some((cells.side, cells.share.width()))
}

fn toggle(desk: &mut Desk) {
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::H);
}

/// The colour on the screen.
fn color(desk: &mut Desk, at: Pos2) -> [u8; 3] {
    desk.harness.remove_cursor();
    desk.harness.run();
    let image::Rgba([r, g, b, _]) = *desk.harness.render().unwrap().get_pixel(at.x as u32, at.y as u32);
    [r, g, b]
}

#[test]
fn cells_follow_the_mask_and_the_level_that_is_chosen() {
    let mut desk = Desk::new();
    desk.open_scene();
    assert_eq!(seen(desk.harness.state()), None);
    toggle(&mut desk);
    desk.wait("the cells", |app| seen(app) == Some((8, 32)));
    desk.harness.get_by_label_contains("cells of 8 px at 256×256");
    desk.click("How masks show");
    desk.harness.get_by_label("64 px").click();
    desk.harness.run();
    desk.wait("larger cells", |app| seen(app) == Some((64, 4)));
    desk.press(Modifiers::NONE, Key::Escape);
    desk.click("Clear the mask");
    assert!(desk.document().by_role(Role::SketchMask).unwrap().mask().unwrap().is_blank());
    desk.wait("cells of nothing", |app| {
        let share = &app.session.cells().unwrap().1.share;
        share.pixels().all(|pixel| pixel.0[0] == 0)
    });
    toggle(&mut desk);
    assert_eq!(seen(desk.harness.state()), None);
}

#[test]
fn figure_is_warm_and_background_cool_over_the_picture() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    // Without the tint of the masks themselves.
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    toggle(&mut desk);
    desk.wait("the cells", |app| seen(app) == Some((8, 32)));
    let share = desk.harness.state().session.cells().unwrap().1.share.clone();
    let find = |value: u8| {
        let inside = |x: u32, y: u32| (0..3).all(|i| (0..3).all(|j| share.get_pixel(x + i, y + j).0[0] == value));
        let all = (0..30).flat_map(|y| (0..30).map(move |x| (x, y)));
        let (x, y) = all.into_iter().find(|(x, y)| inside(*x, *y)).expect("such cells");
        [(x as f32 + 1.5) / 32.0, (y as f32 + 1.5) / 32.0]
    };
    let (figure, background) = (desk.on_picture(find(255)), desk.on_picture(find(0)));
    let ([r, _, b], [cool_r, _, cool_b]) = (color(&mut desk, figure), color(&mut desk, background));
    assert!(r > b && cool_b > cool_r, "{r} {b}, {cool_r} {cool_b}");
    toggle(&mut desk);
    let [r, g, b] = color(&mut desk, background);
    assert!(r == g && g == b, "nothing tints the drawing any more");
}
