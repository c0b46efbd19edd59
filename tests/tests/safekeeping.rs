//! Nothing is lost: saving by the way, what a killed program held, and what is left behind.

use std::path::{Path, PathBuf};
use std::time::Duration;

use app::command::Command;
use app::document::{About, Document, Lost, Role, Safe};
use app::session::COPY_EVERY;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable;
use engine::training::scenes::example;
use image::DynamicImage;
use tests::desk::Desk;

#[test]
fn saving_from_the_question_goes_on_to_what_was_wanted() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.stroke("Canvas");
    let path = desk.folder.path().join("kept.ora");
    desk.press(Modifiers::COMMAND, Key::O);
    desk.click("Save");
    desk.harness.get_by_label_contains("This system offers no file dialog");
    desk.harness.state_mut().session.typed().unwrap().path.clear();
    let field = desk.harness.get_by_role_and_label(Widget::TextInput, "Path");
    field.type_text(path.to_str().unwrap());
    desk.harness.run();
    desk.click("Save here");
    desk.wait("the next question", |app| {
        !app.session.is_saving() && !app.session.is_modified()
    });
    assert!(path.exists());
    desk.button("Choose this");
    desk.click("Cancel");
    assert!(desk.harness.query_by_label("Path").is_none());
}

#[test]
fn not_saving_after_all_stays() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.stroke("Canvas");
    desk.press(Modifiers::COMMAND, Key::O);
    desk.click("Save");
    desk.click("Cancel");
    assert!(desk.harness.query_by_label("Path").is_none(), "nor is a file opened");
    assert!(desk.harness.state().session.is_modified());
}

/// What the window was told to do in the last frame, as far as its closing is concerned.
fn closes(desk: &Desk, command: &ViewportCommand) -> bool {
    let windows = &desk.harness.output().viewport_output;
    windows.values().any(|window| window.commands.contains(command))
}

fn press_close(desk: &mut Desk) {
    let windows = &mut desk.harness.input_mut().viewports;
    let window = windows.get_mut(&ViewportId::ROOT).unwrap();
    window.events.push(ViewportEvent::Close);
    desk.harness.step();
}

#[test]
fn a_window_that_is_closed_while_its_document_is_saved_goes_once_the_file_is_there() {
    let mut desk = Desk::new();
    // Noise packs badly: writing it some times takes longer than the frame in which the window is closed.
    let noise = |x: u32, y: u32| image::Luma([(x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(97) as u8]);
    let sketch = desk.write("noise.png", image::GrayImage::from_fn(2048, 2048, noise));
    desk.open(sketch);
    desk.find_command("New layer");
    let path = desk.folder.path().join("kept.ora");
    for number in 0..2 {
        let before = desk.folder.path().join(format!("{number}.ora"));
        desk.harness.state_mut().session.save(before);
    }
    desk.harness.state_mut().session.save(path.clone());
    press_close(&mut desk);
    assert!(closes(&desk, &ViewportCommand::CancelClose));
    assert!(desk.harness.query_by_label("Changes are not saved").is_none());
    let start = std::time::Instant::now();
    while !closes(&desk, &ViewportCommand::Close) {
        assert!(start.elapsed() < tests::desk::PATIENCE, "it never closes");
        desk.harness.step();
    }
    assert!(path.exists() && !desk.harness.state().session.is_modified());
}

#[test]
fn what_was_let_go_for_a_file_that_nobody_chose_is_asked_about_once_more() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.press(Modifiers::COMMAND, Key::O);
    desk.click("Discard");
    desk.click("Cancel");
    press_close(&mut desk);
    assert!(closes(&desk, &ViewportCommand::CancelClose));
    desk.harness.get_by_label("Changes are not saved");
}

#[test]
fn a_document_that_comes_after_new_strokes_waits_for_an_answer() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let other = desk.write("other.png", example(6, 0, 256).sketch);
    let come = |desk: &mut Desk| {
        let session = &mut desk.harness.state_mut().session;
        session.open(other.clone());
        // Between the command and the file.
        session.run(Command::NewLayer);
        desk.wait("the file", |app| app.session.holds_opened());
        desk.harness.get_by_label("Changes are not saved");
    };
    come(&mut desk);
    desk.click("Cancel");
    assert_eq!(desk.harness.state().session.title(), "girl");
    come(&mut desk);
    desk.click("Discard");
    desk.wait("the other document", |app| app.session.title() == "other");
    assert!(!desk.harness.state().session.is_modified());
}

/// A document whose program was killed after a stroke.
fn lose_a_document(root: &Path) {
    let sketch = DynamicImage::from(example(5, 0, 256).sketch).into_rgba8();
    let mut document = Document::from_sketch(&sketch).unwrap();
    let about = About {
        title: "girl".to_owned(),
        path: None,
        stamp: None,
    };
    let mut safe = Safe::begin(root, &about, &document, false).unwrap();
    document.set_mask(Role::SketchMask, &image::GrayImage::from_pixel(4, 4, image::Luma([200])));
    safe.commit(&document, true).unwrap();
}

#[test]
fn what_a_killed_program_held_is_offered_and_restored() {
    let root = tempfile::tempdir().unwrap();
    lose_a_document(root.path());
    let mut desk = Desk::new();
    let keep = |desk: &mut Desk| {
        let session = &mut desk.harness.state_mut().session;
        session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    };
    keep(&mut desk);
    desk.wait("the offer", |app| !app.session.lost().is_empty());
    desk.harness.get_by_label("Unsaved work was found");
    desk.click("Restore girl");
    desk.wait("the document", |app| app.session.document().is_some());
    assert!(desk.harness.query_by_label("Unsaved work was found").is_none());
    assert_eq!(desk.mask_at(Role::SketchMask, 100, 100), 200);
    assert!(desk.harness.state().session.is_modified());
    desk.stroke("Canvas");
    assert_eq!(desk.mask_at(Role::SketchMask, 128, 128), 255);
    // The window goes without a word, as when the screen's server dies: what it held is offered again.
    drop(desk);
    let again = Lost::find(root.path());
    assert_eq!(again.len(), 1, "the folder it came from has gone");
    assert_eq!(again[0].about.title, "girl");
    let mask = again[0].recover().unwrap();
    assert_eq!(mask.by_role(Role::SketchMask).unwrap().mask().unwrap().pixel(128, 128), 255);
    drop(again);
    let mut desk = Desk::new();
    keep(&mut desk);
    desk.wait("the offer", |app| !app.session.lost().is_empty());
    desk.click("Discard girl");
    desk.click("Cancel");
    desk.click("Discard girl");
    assert_eq!(desk.harness.state().session.lost().len(), 1, "it is asked once more");
    desk.click("Discard");
    let gone = |root: &Path| std::fs::read_dir(root).unwrap().count() == 0;
    desk.wait("the end of it", |_| gone(root.path()));
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_saved_document_leaves_nothing_behind() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::new();
    let session = &mut desk.harness.state_mut().session;
    session.keep_safe(root.path().to_owned(), Duration::from_millis(20)).unwrap();
    desk.open_scene();
    desk.stroke("Canvas");
    let inside = |folder: &Path| {
        std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
    };
    // Which one depends on how many came before it.
    let is_copy = |file: PathBuf| file.extension() == Some("ora".as_ref());
    desk.wait("a whole copy", |_| {
        inside(root.path()).any(|folder| inside(&folder).any(is_copy))
    });
    let path = desk.folder.path().join("a.ora");
    desk.harness.state_mut().session.save(path);
    desk.wait("the file", |app| !app.session.is_saving());
    drop(desk);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_once() {
    let mut desk = Desk::new();
    let file = desk.write("in the way.png", example(5, 0, 256).sketch);
    let session = &mut desk.harness.state_mut().session;
    session.keep_safe(file, COPY_EVERY).unwrap();
    desk.open_sketch();
    desk.wait("the warning", |app| app.session.notice.is_some());
    desk.harness.get_by_label_contains("Changes cannot be kept safe in");
    desk.click("Dismiss");
    desk.stroke("Canvas");
    assert!(desk.harness.query_by_label_contains("Changes cannot be kept safe").is_none());
}
