//! What is undone besides paint: parameters of the next generation, and palettes.

use std::time::Duration;

use app::document::{DEFAULT_LIMIT, Role};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use engine::request::{Mode, Settings};
use tests::desk::Desk;

fn settings(desk: &Desk) -> Settings {
    desk.harness.state().session.settings.clone()
}

fn undo(desk: &mut Desk) {
    desk.press(Modifiers::COMMAND, Key::Z);
}

/// Longer than what belongs to one change.
fn pause() {
    std::thread::sleep(Duration::from_millis(800));
}

#[test]
fn seed_steps_mode_and_strengths_are_undone_one_after_the_other_and_kept_in_the_file() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let begin = settings(&desk);
    let done = desk.harness.state().session.history.done().len();
    desk.click("New seed");
    let seeded = settings(&desk);
    assert_ne!(seeded.seed, begin.seed);
    pause();
    desk.click("New seed");
    assert_ne!(settings(&desk).seed, seeded.seed);
    let steps = desk.harness.get_by_role_and_label(Widget::Slider, "Steps").rect();
    desk.drag_between(steps.left_center(), steps.center());
    let stepped = settings(&desk);
    assert_ne!(stepped.steps, begin.steps);
    let figure = desk.harness.get_by_role_and_label(Widget::Slider, "Figure").rect();
    desk.drag_between(figure.right_center(), figure.left_center() + egui::vec2(20.0, 0.0));
    assert!(settings(&desk).foreground_strength < 0.5);
    let labels: Vec<&str> = desk.harness.state().session.history.done().skip(done).collect();
    let wanted = [
        "Choose the seed",
        "Choose the seed",
        "Choose the steps",
        "Set the figure's strength",
    ];
    assert_eq!(labels, wanted, "a drag is one entry");
    undo(&mut desk);
    assert_eq!(settings(&desk), stepped);
    undo(&mut desk);
    undo(&mut desk);
    assert_eq!(settings(&desk), seeded);
    undo(&mut desk);
    assert_eq!(settings(&desk), begin);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(settings(&desk), seeded);
    // Paint and parameters stand in one row.
    desk.stroke("Canvas");
    let other = if begin.mode == Mode::Vanilla {
        Mode::Foreground
    } else {
        Mode::Vanilla
    };
    desk.harness.state_mut().session.settings.mode = other;
    desk.harness.run();
    undo(&mut desk);
    assert_eq!(
        (settings(&desk).mode, desk.mask_at(Role::SketchMask, 128, 128)),
        (begin.mode, 255)
    );
    let path = desk.folder.path().join("seeded.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    assert!(!desk.harness.state().session.is_modified());
    let mut next = Desk::new();
    next.open(path);
    assert_eq!(settings(&next).seed, seeded.seed);
    assert_eq!(
        next.harness.state().session.history.undo_label(),
        None,
        "what was opened is no change"
    );
}

#[test]
fn palettes_are_undone_too() {
    let mut desk = Desk::with_scene(1280.0, 1200.0);
    desk.harness.get_by_role_and_label(Widget::Tab, "Colour").click();
    desk.harness.run();
    let swatches = |desk: &Desk| desk.harness.state().session.palette_in_use().0.swatches.len();
    for color in [[200, 30, 40], [1, 2, 3]] {
        pause();
        desk.harness.state_mut().session.toolbox.colors.brush = color;
        desk.click("Add the brush colour to the palette");
    }
    assert_eq!(swatches(&desk), 2);
    desk.click("Colour #C81E28");
    pause();
    desk.click("Take the colour out of the palette");
    assert_eq!(swatches(&desk), 1);
    undo(&mut desk);
    desk.button("Colour #C81E28");
    undo(&mut desk);
    undo(&mut desk);
    assert_eq!(swatches(&desk), 0);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(swatches(&desk), 1);
}

#[test]
fn a_history_that_outgrows_memory_is_walked_back_by_keys() {
    assert_eq!(DEFAULT_LIMIT, 1_000_000_000);
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let folder = desk.folder.path().join("history");
    desk.harness.state_mut().session.keep_history_in(folder);
    desk.harness.state_mut().session.history.set_limit(2 << 20);
    desk.click("New layer");
    let mut painted = vec![desk.painted()];
    for step in 1..=24 {
        let y = 0.04 * step as f32;
        desk.drag([0.2, y], [0.8, y]);
        painted.push(desk.painted());
    }
    desk.wait("the disk", |app| app.session.history.bytes() <= 2 << 20);
    for wanted in painted.iter().rev().skip(1) {
        undo(&mut desk);
        desk.wait("the step", |app| !app.session.is_travelling());
        assert_eq!(desk.painted(), *wanted);
    }
    // Faster than the disk, and all the way.
    desk.harness.state_mut().session.go_to(25);
    desk.wait("the end", |app| !app.session.is_travelling());
    assert_eq!(desk.painted(), painted[24]);
}

#[test]
fn the_memory_of_the_history_changes_once_its_number_is_typed_and_not_letter_by_letter() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.harness.get_by_role_and_label(Widget::Tab, "History").click();
    desk.harness.run();
    let limit = |desk: &Desk| desk.harness.state().session.history_limit();
    desk.harness.get_by_role_and_label(Widget::SpinButton, "Memory").click();
    desk.harness.run();
    desk.press(Modifiers::COMMAND, Key::A);
    desk.type_into(Widget::SpinButton, "Memory", "1200");
    assert_eq!(limit(&desk), DEFAULT_LIMIT, "while it is being typed");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(limit(&desk), 1_200_000_000);
    let field = desk
        .harness
        .get_by_role_and_label(Widget::SpinButton, "Memory")
        .rect()
        .center();
    desk.hold(field, field - egui::vec2(60.0, 0.0));
    assert_eq!(limit(&desk), 1_200_000_000, "while it is being dragged");
    desk.harness.drop_at(field - egui::vec2(60.0, 0.0));
    desk.harness.run();
    assert!(limit(&desk) < 1_200_000_000);
}
