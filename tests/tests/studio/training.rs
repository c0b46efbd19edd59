//! Training on a folder of pictures, in the window, on the CPU and with the model in the program.

use std::path::{Path, PathBuf};

use app::session::{Session, Stand};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::{NodeT, Queryable};
use engine::training::Outcome;
use image::{Rgb, RgbImage};
use tests::desk::Desk;

/// Long enough that it can be held in the middle, and again, on a machine that is slow to hear of it.
const STEPS: usize = 120;

fn desk() -> Desk {
    let mut desk = Desk::with_scene(1280.0, 720.0);
    let runs = desk.folder.path().join("runs");
    desk.harness.state_mut().session.keep_training_in(runs);
    desk
}

/// A few discs on a ground.
fn pictures(desk: &Desk, name: &str, count: u8) -> PathBuf {
    let folder = desk.folder.path().join(name);
    std::fs::create_dir(&folder).unwrap();
    for number in 0..count {
        let disc = |x: u32, y: u32| (x as f32 - 48.0).hypot(y as f32 - 50.0) < 24.0 + f32::from(number);
        let picture = RgbImage::from_fn(96, 96, |x, y| {
            Rgb(if disc(x, y) {
                [200, 60 + number * 20, 40]
            } else {
                [90, 150, 220]
            })
        });
        picture.save(folder.join(format!("{number}.png"))).unwrap();
    }
    folder
}

fn session(desk: &mut Desk) -> &mut Session {
    &mut desk.harness.state_mut().session
}

/// Chooses a folder by the page's button, and a run small enough for a test.
fn choose(desk: &mut Desk, folder: &Path) {
    desk.find_command("train on your own");
    desk.click("Choose a folder");
    desk.type_into(Widget::TextInput, "Path", &folder.display().to_string());
    desk.click("Choose this");
    desk.wait("the pictures", |app| {
        app.session.training().is_none() && app.session.training_found().is_some()
    });
    let tuning = &mut session(desk).training_form().tuning;
    tuning.steps = STEPS;
    tuning.batch = 2;
    tuning.size = Some(64);
    tuning.sheet_every = STEPS / 2;
    desk.harness.run();
}

fn wait_for(desk: &mut Desk, what: &str, stand: impl Fn(&Stand) -> bool) {
    desk.wait(what, |app| app.session.training().is_some_and(|run| stand(&run.stand)));
}

fn wait_for_steps(desk: &mut Desk, steps: usize) {
    desk.wait("steps", |app| {
        app.session.training().is_some_and(|run| run.record.done() >= steps)
    });
}

/// Begins a run and waits for its first steps.
fn begin(desk: &mut Desk, steps: usize) {
    let folder = pictures(desk, "discs", 4);
    choose(desk, &folder);
    session(desk).training_form().tuning.steps = steps;
    desk.harness.run();
    desk.click("Start training");
    wait_for_steps(desk, 2);
}

#[test]
fn a_run_is_begun_held_stopped_resumed_and_used() {
    let mut desk = desk();
    begin(&mut desk, STEPS);
    desk.harness.get_by_label_contains("3 pictures to train on, 1 to measure on");
    desk.click("Pause");
    wait_for(&mut desk, "the pause", |stand| *stand == Stand::Paused);
    let record = &session(&mut desk).training().unwrap().record;
    let (held, measured) = (record.done(), record.validations().len());
    assert!((2..STEPS).contains(&held), "{held}");
    desk.harness
        .get_by_label(&format!("Loss: {held} steps, {measured} measurements"));
    desk.wait("the first sheet", |app| {
        app.session
            .training()
            .unwrap()
            .sheet()
            .is_some_and(|(_, picture)| picture.is_some())
    });
    desk.harness.get_by_label("Sample pictures");

    desk.click("Resume");
    wait_for_steps(&mut desk, held + 1);
    desk.click("Stop");
    wait_for(&mut desk, "the end", |stand| *stand == Stand::Stopped);
    let stopped = session(&mut desk).training().unwrap().record.done();
    assert!(stopped < STEPS, "stopped at {stopped}");

    // Another program, later: the run is offered where it stands.
    desk.click("Back to the choices");
    desk.wait("the kept run", |app| !app.session.kept_runs().is_empty());
    desk.harness
        .get_by_label_contains(&format!("Figure · {stopped} of {STEPS} steps"));
    desk.click("Resume: discs");
    wait_for(&mut desk, "the result", |stand| matches!(stand, Stand::Finished(_)));
    let run = session(&mut desk).training().unwrap();
    assert_eq!(run.record.done(), STEPS);
    assert!(run.record.validations().len() >= 3, "{:?}", run.record.validations());
    let Stand::Finished(Outcome::Adapters { file }) = run.stand.clone() else {
        panic!("no adapters: {:?}", run.stand);
    };
    assert!(file.starts_with(desk.folder.path().join("runs/discs")), "{}", file.display());

    desk.click("Use it");
    let adapters = session(&mut desk).settings.adapters.clone();
    assert_eq!((adapters[0].file.clone(), adapters[0].strength), (file.clone(), 1.0));
    assert!(
        desk.harness.query_by_label("Train on your own pictures").is_none(),
        "the page is closed"
    );
    desk.harness.get_by_label_contains("is in use");
    desk.click("Colorize");
    let engine = desk.engine.clone();
    desk.wait("the request", move |_| engine.with(|script| !script.submitted.is_empty()));
    let asked = desk.engine.with(|script| script.submitted[0].settings.adapters.clone());
    assert_eq!(asked, adapters);
}

#[test]
fn adapters_have_strengths_and_can_be_taken_out_again() {
    let mut desk = desk();
    desk.harness.set_size(egui::vec2(1280.0, 1400.0));
    session(&mut desk).add_adapter("runs/discs/foreground.safetensors".into());
    desk.harness.get_by_label("More").click();
    desk.harness.run();
    desk.harness.get_by_label("discs / foreground");
    let strength = |desk: &mut Desk| session(desk).settings.adapters.first().map(|adapter| adapter.strength);
    assert_eq!(strength(&mut desk), Some(1.0));
    session(&mut desk).settings.adapters[0].strength = 0.4;
    desk.harness.run();
    desk.click("Strength: back to the default");
    assert_eq!(strength(&mut desk), Some(1.0));
    desk.click("Remove discs / foreground");
    assert_eq!(strength(&mut desk), None);
    desk.click("Add an adapter");
    let path = desk.folder.path().join("mine.safetensors");
    desk.type_into(Widget::TextInput, "Path", &path.display().to_string());
    desk.click("Choose this");
    assert_eq!(session(&mut desk).settings.adapters[0].file, path);
}

#[test]
fn a_folder_without_pictures_says_so_and_another_can_be_dropped() {
    let mut desk = desk();
    let (empty, full) = (pictures(&desk, "empty", 0), pictures(&desk, "full", 3));
    choose(&mut desk, &empty);
    desk.harness.get_by_label_contains("Choose another folder");
    assert!(desk.button("Start training").accesskit_node().is_disabled());
    desk.drop_file(full);
    desk.wait("the pictures", |app| {
        app.session.training_found().is_some_and(|found| found.is_ok())
    });
    desk.harness.get_by_label_contains("2 pictures to train on, 1 to measure on");
    assert!(!desk.button("Start training").accesskit_node().is_disabled());
}

/// A run that has failed: its rate is more than the field takes.
fn failed_run() -> Desk {
    let mut desk = desk();
    let folder = pictures(&desk, "discs", 4);
    choose(&mut desk, &folder);
    session(&mut desk).training_form().tuning.learning_rate = 1e30;
    session(&mut desk).start_training();
    wait_for(&mut desk, "the failure", |stand| matches!(stand, Stand::Failed(_)));
    desk
}

#[test]
fn a_loss_that_is_no_number_is_said_with_what_to_do() {
    let mut desk = failed_run();
    // On the page, and over the canvas behind it.
    let said = desk.harness.query_all_by_label_contains("no longer a number at step");
    assert_eq!(said.count(), 2);
    // A lower rate and on again: nothing was saved, so from the beginning.
    desk.harness.get_by_role_and_label(Widget::SpinButton, "Rate").click();
    desk.harness.run();
    desk.press(Modifiers::COMMAND, Key::A);
    desk.type_into(Widget::SpinButton, "Rate", "1e-4");
    desk.press(Modifiers::NONE, Key::Enter);
    desk.click("Resume");
    wait_for_steps(&mut desk, 2);
    assert_eq!(session(&mut desk).training().unwrap().tuning.learning_rate, 1e-4);
    desk.click("Stop");
    wait_for(&mut desk, "the end", |stand| *stand == Stand::Stopped);
}

#[test]
fn a_run_that_has_ended_is_told_of_over_the_canvas() {
    let mut desk = failed_run();
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.get_by_label_contains("Training \u{201c}discs\u{201d} has ended");
}

/// The window's cross.
fn close(desk: &mut Desk) {
    let viewports = &mut desk.harness.input_mut().viewports;
    let events = &mut viewports.entry(ViewportId::ROOT).or_default().events;
    events.push(ViewportEvent::Close);
    desk.harness.step();
}

/// Whether the last frame told the window this.
fn sent(desk: &Desk, command: ViewportCommand) -> bool {
    let root = &desk.harness.output().viewport_output[&ViewportId::ROOT];
    root.commands.contains(&command)
}

#[test]
fn closing_asks_and_leaves_a_checkpoint_to_go_on_from() {
    let mut desk = desk();
    // Nobody waits for its end.
    begin(&mut desk, 100_000);
    desk.click("Close");
    desk.harness.get_by_label_contains("Training ");
    // The scene is not saved: that is asked first.
    close(&mut desk);
    assert!(sent(&desk, ViewportCommand::CancelClose));
    desk.harness.run();
    desk.click("Discard");
    desk.click("Cancel");
    assert!(session(&mut desk).is_training());
    close(&mut desk);
    desk.harness.run();
    desk.click("Discard");
    desk.click("Stop and quit");
    desk.wait("the end", |app| !app.session.is_training());
    let state = desk.folder.path().join("runs/discs");
    let kept = std::fs::read_dir(state).unwrap().flatten();
    assert_eq!(
        kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("checkpoint-"))
            .count(),
        1
    );
}

#[test]
fn a_run_that_cannot_leave_its_checkpoint_keeps_the_window_open() {
    let mut desk = desk();
    begin(&mut desk, 100_000);
    desk.click("Close");
    // A file where the run's folder was. The run may put a folder there again before that.
    let run = desk.folder.path().join("runs/discs");
    while std::fs::write(&run, "").is_err() {
        let _ = std::fs::remove_dir_all(&run);
    }
    close(&mut desk);
    desk.harness.run();
    desk.click("Discard");
    desk.click("Stop and quit");
    wait_for(&mut desk, "the failure", |stand| matches!(stand, Stand::Failed(_)));
    desk.harness.get_by_label_contains("Training \u{201c}discs\u{201d} has ended");
    // What was let go is asked about again.
    close(&mut desk);
    assert!(sent(&desk, ViewportCommand::CancelClose));
}
