//! Words in the panel.

use egui::accesskit::Role as Widget;
use egui_kittest::kittest::Queryable;
use engine::request::{ModelRef, Prompt};
use tests::desk::Desk;

#[test]
fn the_model_in_the_program_is_given_words_and_the_panel_tells_which_it_knows() {
    let mut desk = Desk::with_scene(1280.0, 2400.0);
    desk.harness.get_by_label("More").click();
    desk.harness.run();
    desk.harness.get_by_label("Add words").scroll_to_me();
    desk.harness.run();
    assert!(desk.harness.query_by_label_contains("knows these parts").is_none());
    desk.click("Add words");
    desk.harness.get_by_label_contains("knows these parts: hair");
    for (name, words) in [("More of", "red hair"), ("Where", "hair")] {
        desk.harness.get_by_role_and_label(Widget::TextInput, name).focus();
        desk.harness.run();
        desk.type_into(Widget::TextInput, name, words);
    }
    desk.click("Colorize");
    let engine = desk.engine.clone();
    desk.wait("the request", move |_| engine.with(|script| !script.submitted.is_empty()));
    let settings = desk.engine.with(|script| script.submitted[0].settings.clone());
    let asked = Prompt {
        target: "red hair".to_owned(),
        control: "hair".to_owned(),
        ..Prompt::default()
    };
    assert_eq!((settings.model, settings.prompts), (ModelRef::Embedded, vec![asked]));
    desk.harness.get_by_role_and_label(Widget::TextInput, "Where").focus();
    desk.harness.run();
    desk.type_into(Widget::TextInput, "Where", "!");
    assert!(
        desk.harness.query_by_label_contains("does not know the word").is_none(),
        "a sign is no word"
    );
    desk.type_into(Widget::TextInput, "Where", "y");
    desk.harness.get_by_label_contains("does not know the word \"y\"");
    desk.click("Remove these words");
    assert!(desk.harness.state().session.settings.prompts.is_empty());
}
