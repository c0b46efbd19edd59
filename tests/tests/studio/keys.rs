//! The page of keys.

use app::app::App;
use app::command::{Chord, Command};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use engine::event::JobId;
use tests::desk::Desk;

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.harness.set_size(vec2(1280.0, 800.0));
    let keys = desk.folder.path().join("keys.ron");
    desk.harness.state_mut().session.remember_keys(keys);
    // Files are read in order: before the drawing comes, the keys have.
    desk.open_sketch();
    desk
}

/// Opens the page and looks for a command.
fn look_for(desk: &mut Desk, words: &str) {
    desk.click("Edit");
    desk.button("Change the keys…").click();
    desk.harness.run();
    desk.harness
        .get_by_role_and_label(Widget::TextInput, "Find a command")
        .type_text(words);
    desk.harness.run();
}

fn words(app: &App, command: Command) -> String {
    app.session.keymap().words(command)
}

fn tool(desk: &Desk) -> app::tool::ToolKind {
    desk.harness.state().session.toolbox.selected()
}

#[test]
fn a_new_key_counts_at_once_in_the_menu_and_in_the_next_window() {
    let mut desk = desk();
    look_for(&mut desk, "pan");
    assert!(desk.harness.query_by_label("Keys of Brush").is_none());
    desk.click("Keys of Pan");
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::U);
    assert_eq!(words(desk.harness.state(), Command::SelectPan), "Ctrl+Alt+U");
    desk.click("Close");
    desk.press(Modifiers::NONE, Key::H);
    assert_eq!(tool(&desk), app::tool::ToolKind::Brush, "the old key is free");
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::U);
    assert_eq!(tool(&desk), app::tool::ToolKind::Pan);
    desk.click("Tool");
    desk.harness.get_by_label_contains("Ctrl+Alt+U");
    desk.press(Modifiers::NONE, Key::Escape);
    let file = desk.folder.path().join("keys.ron");
    let kept = file.clone();
    desk.wait("the file of keys", move |_| kept.exists());
    let mut next = Desk::new();
    next.harness.state_mut().session.remember_keys(file);
    next.wait("the keys", |app| words(app, Command::SelectPan) == "Ctrl+Alt+U");
}

#[test]
fn a_key_that_is_held_for_something_is_no_commands() {
    let mut desk = desk();
    look_for(&mut desk, "pan");
    desk.click("Keys of Pan");
    desk.press(Modifiers::NONE, Key::R);
    desk.harness
        .get_by_label("R chooses the layer under a click while it is held down. No command can have it.");
    desk.click("Press others");
    desk.press(Modifiers::SHIFT, Key::R);
    assert_eq!(words(desk.harness.state(), Command::SelectPan), "Shift+R");
}

#[test]
fn a_conflict_is_told_before_anything_is_taken_away() {
    let mut desk = desk();
    look_for(&mut desk, "brush");
    desk.click("Keys of Brush");
    desk.press(Modifiers::NONE, Key::E);
    desk.harness.get_by_label_contains("E is already for \u{201c}Eraser\u{201d}.");
    assert_eq!(words(desk.harness.state(), Command::SelectBrush), "B");
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(words(desk.harness.state(), Command::SelectEraser), "E");
    desk.click("Keys of Brush");
    desk.press(Modifiers::NONE, Key::E);
    desk.click("Take it over");
    assert_eq!(words(desk.harness.state(), Command::SelectBrush), "E");
    assert_eq!(words(desk.harness.state(), Command::SelectEraser), "");
    desk.click("Back to the default of Brush");
    assert_eq!(words(desk.harness.state(), Command::SelectBrush), "B");
    desk.click("All back to the defaults");
    assert_eq!(words(desk.harness.state(), Command::SelectEraser), "E");
}

#[test]
fn keys_that_walk_through_controls_can_be_chosen_and_keys_can_be_taken_away() {
    let mut desk = desk();
    look_for(&mut desk, "brush");
    desk.click("Keys of Brush");
    desk.press(Modifiers::SHIFT, Key::Tab);
    assert_eq!(words(desk.harness.state(), Command::SelectBrush), "Shift+Tab");
    desk.click("Keys of Brush");
    desk.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(
        desk.harness.state().session.keymap().keys(Command::SelectBrush),
        Chord::parse("Down")
    );
    desk.click("Keys of Brush");
    desk.click("No keys");
    assert_eq!(words(desk.harness.state(), Command::SelectBrush), "");
    desk.press(Modifiers::NONE, Key::Escape);
    desk.press(Modifiers::NONE, Key::E);
    desk.press(Modifiers::NONE, Key::B);
    assert_eq!(tool(&desk), app::tool::ToolKind::Eraser);
}

/// Whether the generation was ended by a key.
fn cancelled(desk: &Desk) -> bool {
    desk.engine.with(|script| !script.cancelled.is_empty())
}

#[test]
fn escape_closes_what_is_in_front_and_ends_a_generation_only_where_nothing_is() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.start();
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    desk.harness.get_by_label("Export the picture");
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(desk.harness.query_by_label("Export the picture").is_none() && !cancelled(&desk));
    desk.click("Edit");
    desk.button("Change the keys…");
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(desk.harness.query_by_label("Change the keys…").is_none() && !cancelled(&desk));
    desk.button("New layer").focus();
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(!cancelled(&desk), "it let go of the button");
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(cancelled(&desk));
}

#[test]
fn tab_walks_through_a_question_and_its_keys_do_nothing_behind_it() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.stroke("Canvas");
    desk.press(Modifiers::COMMAND, Key::O);
    desk.harness.get_by_label("Changes are not saved");
    desk.press(Modifiers::NONE, Key::E);
    assert_eq!(tool(&desk), app::tool::ToolKind::Brush);
    desk.press(Modifiers::NONE, Key::Tab);
    desk.harness.get_by_role_and_label(Widget::Tab, "Layers");
    desk.press(Modifiers::NONE, Key::Tab);
    desk.press(Modifiers::NONE, Key::Tab);
    assert!(desk.button("Cancel").is_focused());
    desk.press(Modifiers::NONE, Key::Enter);
    assert!(desk.harness.query_by_label("Changes are not saved").is_none());
    assert!(desk.harness.state().session.is_modified());
}

#[test]
fn another_picture_is_queued_with_its_own_seed_and_one_alone_is_cancelled() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let before = desk.harness.state().session.settings.seed;
    desk.press(Modifiers::COMMAND, Key::Enter);
    desk.press(Modifiers::COMMAND, Key::Enter);
    let engine = desk.engine.clone();
    desk.wait("two requests", |_| engine.with(|script| script.submitted.len() == 2));
    let seeds = desk
        .engine
        .with(|script| [0, 1].map(|job| script.submitted[job].settings.seed));
    assert_ne!(seeds[0], seeds[1], "the same seed would give the same picture");
    assert_ne!(seeds[0], before, "it may be that of the picture before");
    desk.press(Modifiers::SHIFT, Key::X);
    assert_eq!(
        desk.engine.with(|script| script.cancelled.clone()),
        [JobId(1)],
        "the other one goes on"
    );
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.engine.with(|script| script.cancelled.clone()), [JobId(1), JobId(2)]);
    assert!(!desk.harness.state().session.is_coloring());
}

#[test]
fn a_request_that_was_called_off_does_not_take_the_place_of_the_next() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let session = &mut desk.harness.state_mut().session;
    session.run(Command::Colorize);
    session.run(Command::CancelOne);
    session.settings.steps = 3;
    session.run(Command::Colorize);
    let engine = desk.engine.clone();
    desk.wait("the request", |_| engine.with(|script| !script.submitted.is_empty()));
    let steps = desk.engine.with(|script| {
        script
            .submitted
            .iter()
            .map(|request| request.settings.steps)
            .collect::<Vec<_>>()
    });
    assert_eq!(steps, [3]);
}

#[test]
fn the_view_is_reset_and_the_outline_of_the_selection_goes_until_something_is_selected() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let facts = |desk: &Desk| {
        let node = desk.harness.get_by_label_contains("256 × 256");
        let node = node.accesskit_node();
        node.value().or(node.label()).expect("how the view stands")
    };
    let upright = facts(&desk);
    for key in [Key::Num1, Key::Num4, Key::M] {
        desk.press(Modifiers::NONE, key);
    }
    assert_ne!(facts(&desk), upright);
    desk.press(Modifiers::COMMAND, Key::Num0);
    assert_eq!(facts(&desk), upright);
    let shown = |desk: &Desk| desk.harness.state().session.view.selection;
    desk.press(Modifiers::COMMAND, Key::A);
    desk.press(Modifiers::COMMAND, Key::H);
    assert!(!shown(&desk) && desk.harness.state().session.view.masks);
    desk.press(Modifiers::COMMAND, Key::R);
    desk.stroke("Canvas");
    assert!(shown(&desk));
}
