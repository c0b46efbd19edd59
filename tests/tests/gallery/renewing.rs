//! Another window in place of the one that is there: the review goes on.

use app::gallery::light_table::Magnification;
use app::ui::swap_board::Show;
use egui::{Key, Modifiers, Theme};
use tests::desk::Desk;

use super::{choose, decoded, open, shown, table};

#[test]
fn another_window_goes_on_with_the_same_review() {
    let mut desk = Desk::drawn(Theme::Dark);
    let folder = open(&mut desk);
    choose(&mut desk, "take 1.png");
    desk.press(Modifiers::NONE, Key::Num4);
    desk.click("Show 3 stars or more");
    desk.press(Modifiers::NONE, Key::E);
    desk.harness.state_mut().swap_board.show = Show::Wipe;
    decoded(&mut desk);
    let mut desk = desk.renewed(Theme::Dark);
    decoded(&mut desk);
    let here = table(desk.harness.state());
    assert_eq!(
        (here.catalogue().folder(), here.magnification),
        (&*folder, Magnification::Loupe)
    );
    assert_eq!(shown(&desk), 1, "the filter is still there");
    assert_eq!(desk.harness.state().swap_board.show, Show::Wipe);
    // Brought to the new window's GPU.
    assert_eq!(desk.pixel("Picture take 1.png", 0.5, 0.5), [40, 170, 90]);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(shown(&desk), 0, "the stars are taken back");
}
