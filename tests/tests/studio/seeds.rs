//! The seed of the next picture, as it is shown and typed.

use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use tests::desk::Desk;

#[test]
fn a_seed_is_shown_and_typed_to_its_last_digit() {
    let mut desk = Desk::new();
    desk.open_scene();
    let seed = |desk: &Desk| desk.harness.state().session.settings.seed;
    let edit = |desk: &mut Desk| {
        desk.harness.get_by_role_and_label(Widget::SpinButton, "Seed").click();
        desk.harness.run();
    };
    // The first whole number that an `f64` passes over.
    let long = (1 << 53) + 1;
    desk.harness.state_mut().session.settings.seed = long;
    edit(&mut desk);
    desk.press(Modifiers::NONE, Key::Tab);
    assert_eq!(seed(&desk), long, "it was only looked at");
    edit(&mut desk);
    desk.press(Modifiers::COMMAND, Key::A);
    desk.type_into(Widget::SpinButton, "Seed", "18446744073709551615");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(seed(&desk), u64::MAX);
    edit(&mut desk);
    desk.press(Modifiers::COMMAND, Key::A);
    desk.type_into(Widget::SpinButton, "Seed", "seven");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(seed(&desk), u64::MAX);
    let field = desk.harness.get_by_role_and_label(Widget::SpinButton, "Seed");
    assert_eq!(field.accesskit_node().value().as_deref(), Some("18446744073709551615"));
}
