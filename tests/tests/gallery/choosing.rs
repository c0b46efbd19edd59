//! Several pictures are chosen, and lie in the tray.

use egui::Modifiers;
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{choose, open, table, tile};

#[test]
fn what_is_chosen_lies_in_the_tray_and_goes_out_of_it() {
    let mut desk = Desk::new();
    open(&mut desk);
    let chosen = |desk: &Desk| {
        let table = table(desk.harness.state());
        (table.selection_count(), table.active().unwrap().name().into_owned())
    };
    choose(&mut desk, "take 0.png");
    assert!(
        desk.harness.query_by_label("Go to take 0.png").is_none(),
        "one alone needs no tray"
    );
    for name in ["take 2.png", "take 5.png"] {
        tile(&desk, name).click_modifiers(Modifiers::COMMAND);
        desk.harness.run();
    }
    desk.harness.get_by_label("Compare 3");
    desk.click("Go to take 2.png");
    assert_eq!(chosen(&desk), (3, "take 2.png".to_owned()));
    desk.click("Take take 5.png out");
    assert_eq!(chosen(&desk), (2, "take 2.png".to_owned()));
    // A click with Ctrl on what is chosen takes it out, in the tray and in the grid.
    desk.harness
        .get_by_label("Go to take 2.png")
        .click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    assert_eq!(chosen(&desk), (1, "take 0.png".to_owned()));
    assert!(desk.harness.query_by_label("Go to take 0.png").is_none());
    tile(&desk, "take 3.png").click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    tile(&desk, "take 3.png").click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    assert_eq!(chosen(&desk), (1, "take 0.png".to_owned()));
}
