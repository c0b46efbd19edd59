//! The window itself: real widgets, found by the names that a screen reader says, drawn by the software GPU. The engine is scripted.

use std::sync::Arc;
use std::time::Duration;

use app::document::Role;
use app::models::Folder;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme};
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::{NodeT, Queryable};
use engine::event::Event;
use engine::request::{Mode, ModelRef};
use engine::training::scenes::example;
use tests::desk::{Desk, JOB};
use tests::workspace;

fn near(a: [u8; 3], b: [u8; 3]) -> bool {
    (0..3).all(|channel| a[channel].abs_diff(b[channel]) <= 2)
}

#[test]
fn an_empty_studio_offers_three_ways_in() {
    let mut desk = Desk::new();
    for name in ["Open the sample", "Open a drawing"] {
        desk.button(name);
    }
    desk.harness.get_by_label("or drop a file here");
    assert!(desk.button("Colorize").accesskit_node().is_disabled());
    app::ui::dropping::forgo(&desk.harness.ctx);
    desk.harness.run();
    let invited = desk.harness.query_by_label("or drop a file here");
    assert!(invited.is_none(), "as under Wayland, where no window hears of it");
}

#[test]
fn a_drawing_without_a_reference_says_so_where_it_would_stand() {
    let mut desk = Desk::new();
    desk.open_sketch();
    desk.harness.get_by_label("No reference yet");
    assert!(desk.harness.query_by_label("Nothing is open").is_none());
    assert!(desk.button("Colorize").accesskit_node().is_disabled());
}

#[test]
fn a_file_that_cannot_be_opened_is_named_with_the_cure() {
    let mut desk = Desk::new();
    let path = desk.folder.path().join("broken.png");
    std::fs::write(&path, b"not a picture").unwrap();
    desk.harness.state_mut().session.open(path);
    desk.wait("the notice", |app| app.session.notice.is_some());
    desk.harness
        .get_by_label_contains("broken.png is no PNG, JPEG, WebP or TIFF picture");
    desk.click("Dismiss");
    assert!(desk.harness.query_by_label_contains("broken.png").is_none());
}

#[test]
fn strokes_paint_both_masks_and_can_be_undone() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.click("Clear the mask");
    for (pane, role) in [("Canvas", Role::SketchMask), ("Reference picture", Role::ReferenceMask)] {
        desk.press(Modifiers::NONE, Key::E);
        desk.stroke(pane);
        assert_eq!(desk.mask_at(role, 128, 128), 0, "the eraser leaves {pane} black");
        desk.press(Modifiers::NONE, Key::B);
        desk.stroke(pane);
        assert_eq!(desk.mask_at(role, 128, 128), 255, "the brush paints {pane} white");
        desk.press(Modifiers::COMMAND, Key::Z);
        assert_eq!(desk.mask_at(role, 128, 128), 0);
        desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
        assert_eq!(desk.mask_at(role, 128, 128), 255);
    }
}

#[test]
fn escape_takes_a_stroke_back_and_brackets_change_the_brush() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.click("Clear the mask");
    let middle = desk.place("Canvas", 0.5, 0.5);
    desk.harness.hover_at(middle);
    desk.harness.run();
    desk.harness.drag_at(middle);
    desk.harness.run();
    assert_eq!(desk.mask_at(Role::SketchMask, 128, 128), 255);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.drop_at(middle);
    desk.harness.run();
    assert_eq!(desk.mask_at(Role::SketchMask, 128, 128), 0);
    let size = |desk: &Desk| desk.harness.state().session.toolbox.brush.settings.size;
    let before = size(&desk);
    desk.press(Modifiers::NONE, Key::CloseBracket);
    assert!(size(&desk) > before);
    desk.press(Modifiers::NONE, Key::OpenBracket);
    assert_eq!(size(&desk), before);
}

#[test]
fn a_take_refuses_paint_and_says_why() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.make_take([9, 9, 9]);
    desk.harness.set_size(egui::vec2(1280.0, 900.0));
    desk.harness.run();
    desk.click("Layer Take 1");
    desk.stroke("Canvas");
    desk.harness.get_by_label_contains("A take is never painted over");
}

#[test]
fn what_is_missing_is_said_before_the_engine_is_troubled() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.click("Clear the mask");
    desk.click("Colorize");
    desk.wait("the notice", |app| app.session.notice.is_some());
    desk.harness.get_by_label_contains("The sketch mask is empty");
    assert!(desk.engine.with(|script| script.submitted.is_empty()));
}

#[test]
fn a_preview_covers_the_canvas_and_cancelling_brings_it_back() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    let paper = desk.pixel("Canvas", 0.5, 0.16);
    desk.start();
    desk.say(Event::Progress {
        job: JOB,
        step: 7,
        steps: 12,
        elapsed: Duration::from_secs(7),
        preview: Arc::default(),
    });
    desk.harness.get_by_label_contains("7/12  ·  0:05 left");
    desk.preview([200, 40, 90]);
    assert!(near(desk.pixel("Canvas", 0.5, 0.16), [200, 40, 90]));
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.engine.with(|script| script.cancelled.clone()), [JOB]);
    desk.wait("the end", |app| app.session.preview().is_none());
    assert_eq!(desk.pixel("Canvas", 0.5, 0.16), paper);
    assert!(desk.document().by_role(Role::Take).is_none());
}

#[test]
fn a_take_replaces_the_preview_is_kept_with_its_recipe_and_can_be_hidden() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.start();
    desk.preview([200, 40, 90]);
    desk.finish([30, 160, 60]);
    assert!(desk.harness.state().session.preview().is_none());
    assert!(near(desk.pixel("Canvas", 0.5, 0.16), [30, 160, 60]));
    let recipe = desk.document().by_role(Role::Take).unwrap().recipe.clone().unwrap();
    assert!(recipe.contains("tiny 256"), "{recipe}");
    desk.click("Take 1");
    assert!(near(desk.pixel("Canvas", 0.5, 0.16), [255; 3]));
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(
        desk.document().by_role(Role::Take).is_none(),
        "undo takes back hiding, then the take"
    );
}

#[test]
fn the_settings_on_screen_go_to_the_engine() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.harness.get_by_label("Together").click();
    desk.harness.run();
    desk.click("New seed");
    let seed = desk.harness.state().session.settings.seed;
    desk.start();
    let settings = desk.engine.with(|script| script.submitted[0].settings.clone());
    assert_eq!((settings.mode, settings.seed, settings.steps), (Mode::Vanilla, seed, 12));
}

#[test]
fn one_click_makes_as_many_pictures_as_are_asked_for_and_one_key_cancels_them() {
    let mut desk = Desk::new();
    desk.open_scene();
    let session = &mut desk.harness.state_mut().session;
    (session.batch.count, session.inject_reference, session.settings.seed) = (3, true, 7);
    desk.start();
    let seeds = desk.engine.with(|script| {
        let requests = script.submitted.iter();
        assert!(requests.clone().all(|request| request.inputs.injection.is_some()));
        requests.map(|request| request.settings.seed).collect::<Vec<_>>()
    });
    assert_eq!(seeds, [7, 8, 9]);
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.engine.with(|script| script.cancelled.len()), 3);
    desk.wait("the end", |app| !app.session.is_coloring());
}

#[test]
fn a_saved_document_opens_as_it_was() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.stroke("Canvas");
    desk.harness.state_mut().session.settings.seed = 77;
    assert!(desk.harness.state().session.is_modified());
    let path = desk.folder.path().join("夏の庭.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    assert!(!desk.harness.state().session.is_modified());
    desk.harness.get_by_label_contains("Saved ");
    let painted = desk.mask_at(Role::SketchMask, 128, 128);
    desk.stroke("Reference picture");
    desk.open(path);
    assert_eq!((painted, desk.mask_at(Role::SketchMask, 128, 128)), (255, 255));
    assert_eq!(desk.harness.state().session.settings.seed, 77);
    assert_eq!(desk.harness.state().session.title(), "夏の庭");
}

#[test]
fn changes_are_not_lost_without_a_word() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.stroke("Canvas");
    desk.press(Modifiers::COMMAND, Key::O);
    desk.harness.get_by_label("Changes are not saved");
    desk.click("Cancel");
    assert!(desk.harness.query_by_label("Changes are not saved").is_none());
    assert!(desk.harness.state().session.is_modified());
}

#[test]
fn wheel_and_keys_zoom() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.press(Modifiers::NONE, Key::Num1);
    desk.harness.get_by_label_contains("  ·  100 %");
    desk.press(Modifiers::NONE, Key::Plus);
    desk.harness.get_by_label_contains("  ·  125 %");
    desk.press(Modifiers::NONE, Key::Num2);
    assert!(desk.harness.query_by_label_contains("  ·  125 %").is_none());
}

#[test]
fn three_workspaces_by_click_and_by_key() {
    let mut desk = Desk::new();
    desk.open_scene();
    let zoom = |desk: &Desk| desk.harness.query_by_label_contains("  ·  100 %").is_some();
    desk.harness.get_by_role_and_label(Widget::Tab, "Gallery").click();
    desk.harness.run();
    assert!(desk.harness.query_by_label("Canvas").is_none());
    desk.press(Modifiers::NONE, Key::Num1);
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.harness.get_by_label("Which reference suits the shot?");
    desk.press(Modifiers::COMMAND, Key::Num1);
    assert!(!zoom(&desk), "1 is no zoom in the gallery");
    desk.press(Modifiers::NONE, Key::Num1);
    assert!(zoom(&desk));
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.open_sketch();
    desk.harness.get_by_label("Canvas");
}

#[test]
fn without_paper_a_checkerboard_lies_where_nothing_is_painted() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_sketch();
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    let corner = |desk: &mut Desk| desk.pixel("Canvas", 0.5, 0.2);
    let white = corner(&mut desk);
    desk.find_command("Show the paper");
    assert_eq!(corner(&mut desk), white, "the drawing lies on its own paper");
    desk.press(Modifiers::ALT, Key::Num1);
    let bare = corner(&mut desk);
    assert!([[204; 3], [153; 3]].contains(&bare), "{bare:?}");
    desk.find_command("Show the paper");
    assert_eq!(corner(&mut desk), [255; 3]);
}

#[test]
fn help_says_what_this_program_is() {
    let mut desk = Desk::new();
    desk.find_command("About Shiage");
    desk.harness.get_by_label_contains("MIT or Apache-2.0");
    desk.click("Close");
    assert!(desk.harness.query_by_label_contains("MIT or Apache-2.0").is_none());
}

#[test]
fn the_studio_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (name, theme) in [("studio_dark", Theme::Dark), ("studio_light", Theme::Light)] {
        let mut desk = Desk::drawn(theme);
        desk.open_scene();
        desk.wait("the palette", |app| !app.session.reference_colors().figure.is_empty());
        desk.make_take([150, 190, 120]);
        desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
        desk.harness.remove_cursor();
        desk.harness.run();
        results.add(desk.harness.try_snapshot(name));
    }
}

#[test]
fn a_model_of_the_folder_is_chosen_on_the_bar() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let folder = Folder::at(desk.folder.path().join("models"));
    let tiny = workspace().join("assets/models/tiny.safetensors");
    let mut goes_on = |_| std::ops::ControlFlow::Continue(());
    folder.add(&tiny, Some("mine.safetensors"), None, true, &mut goes_on).unwrap();
    desk.harness.state_mut().session.keep_models_in(folder.clone());
    desk.click("Model: Built-in model");
    desk.wait("the folder's models", |app| app.session.model_choices().len() == 2);
    desk.harness.get_by_label("mine").click();
    desk.harness.run();
    let chosen = ModelRef::Files {
        checkpoint: folder.path().join("mine.safetensors"),
        clip: None,
        vae: None,
    };
    assert_eq!(desk.harness.state().session.settings.model, chosen);
    assert_eq!(desk.harness.state().session.model(), "mine");
}

#[test]
fn recent_files_are_offered_by_the_next_window() {
    let mut desk = Desk::new();
    let list = desk.folder.path().join("state/recent.ron");
    desk.harness.state_mut().session.remember_files(list.clone());
    let paths = ["first.png", "second.png"].map(|name| desk.write(name, example(5, 0, 64).sketch));
    for path in &paths {
        desk.open(path.clone());
    }
    desk.wait("the list", |app| app.session.recent().len() == 2);
    let mut next = Desk::new();
    next.harness.state_mut().session.remember_files(list);
    next.wait("the list", |app| app.session.recent() == [paths[1].clone(), paths[0].clone()]);
    next.harness.get_by_label("File").click();
    next.harness.run();
    next.harness.get_by_label_contains("Open recent").click();
    next.harness.run();
    next.harness.get_by_label_contains("first.png").click();
    next.wait("the drawing", |app| app.session.opened() == 1);
    assert_eq!(next.harness.state().session.title(), "first");
    next.wait("the list", |app| app.session.recent().first() == Some(&paths[0]));
}
