//! The folder of models, tended in the window, with a server of this test in Hugging Face's place.

use std::ops::ControlFlow;

use app::models::Folder;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use engine::request::ModelRef;
use tests::desk::Desk;
use tests::hub::hub;
use tests::workspace;

/// The page over a folder that is not there yet.
fn desk() -> (Desk, Folder) {
    let mut desk = Desk::new();
    let folder = Folder::at(desk.folder.path().join("models"));
    let session = &mut desk.harness.state_mut().session;
    session.keep_models_in(folder.clone());
    session.ask_hub_at(hub());
    desk.find_command("Models");
    settle(&mut desk);
    (desk, folder)
}

/// Waits until nothing is being done to the folder.
fn settle(desk: &mut Desk) {
    desk.wait("the folder", |app| {
        app.session.model_desk().work().is_none() && !app.session.is_looking_for_models()
    });
}

fn said(desk: &Desk) -> Result<String, String> {
    desk.harness
        .state()
        .session
        .model_desk()
        .said()
        .cloned()
        .expect("something was said")
}

fn look_up(desk: &mut Desk, what: &str) {
    desk.harness.get_by_role_and_label(Widget::TextInput, "What to fetch").focus();
    desk.harness.run();
    // In the place of what was looked up before.
    desk.press(Modifiers::COMMAND, Key::A);
    desk.type_into(Widget::TextInput, "What to fetch", what);
    desk.click("Look it up");
    settle(desk);
}

#[test]
fn a_model_is_fetched_under_its_licence_verified_and_removed() {
    let (mut desk, folder) = desk();
    look_up(&mut desk, "a/b/small model.safetensors");
    desk.harness.get_by_label_contains("no commercial use");
    desk.click("Leave it");
    assert!(desk.harness.query_by_label_contains("no commercial use").is_none());
    assert!(!folder.path().exists());

    look_up(&mut desk, "a/b/small model.safetensors");
    desk.click("Accept and download");
    settle(&mut desk);
    assert_eq!(said(&desk).unwrap(), "small model has come.");
    assert_eq!(folder.files().unwrap().len(), 1);
    desk.harness.get_by_label_contains("CC BY-NC-SA 4.0");

    desk.click("Verify small model");
    settle(&mut desk);
    assert_eq!(said(&desk).unwrap(), "small model is whole.");

    // The model that goes is none that is chosen any more.
    let checkpoint = folder.path().join("small model.safetensors");
    desk.harness.state_mut().session.settings.model = ModelRef::Files {
        checkpoint,
        clip: None,
        vae: None,
    };
    desk.click("Remove small model");
    desk.click("Keep it");
    assert_eq!(folder.files().unwrap().len(), 1);
    desk.click("Remove small model");
    desk.click("Remove it");
    settle(&mut desk);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(desk.harness.state().session.settings.model, ModelRef::Embedded);
}

#[test]
fn a_file_that_went_away_meanwhile_is_shown_no_longer() {
    let (mut desk, folder) = desk();
    let tiny = workspace().join("assets/models/tiny.safetensors");
    let mut goes_on = |_| ControlFlow::Continue(());
    let mine = folder.add(&tiny, Some("mine.safetensors"), None, true, &mut goes_on).unwrap();
    desk.harness.state_mut().session.look_for_models();
    settle(&mut desk);
    std::fs::remove_file(&mine.path).unwrap();
    desk.click("Verify mine");
    settle(&mut desk);
    assert!(said(&desk).unwrap_err().ends_with('.'), "a sentence");
    assert!(desk.harness.state().session.stored_models().is_empty());
}

#[test]
fn nothing_is_lost_while_something_else_is_done() {
    let (mut desk, folder) = desk();
    let tiny = workspace().join("assets/models/tiny.safetensors");
    let mut goes_on = |_| ControlFlow::Continue(());
    let mine = folder.add(&tiny, Some("mine.safetensors"), None, true, &mut goes_on).unwrap();
    let chosen = ModelRef::Files {
        checkpoint: mine.path.clone(),
        clip: None,
        vae: Some(folder.path().join("vae.safetensors")),
    };
    let session = &mut desk.harness.state_mut().session;
    session.settings.model = chosen.clone();
    session.look_for_models();
    settle(&mut desk);
    look_up(&mut desk, "a/b/small model.safetensors");
    let session = &mut desk.harness.state_mut().session;
    let stored = session
        .stored_models()
        .iter()
        .find(|stored| stored.name == "mine")
        .cloned()
        .unwrap();
    session.verify_model(&stored);
    session.answer_order(true);
    assert!(session.model_desk().order().is_some(), "its licence can be accepted still");
    // Nor is anything removed.
    session.remove_model(&stored);
    assert_eq!(session.settings.model, chosen);
    settle(&mut desk);
    assert!(mine.path.exists());

    // A file that is gone already cannot be removed: the model stays chosen.
    std::fs::remove_file(&mine.path).unwrap();
    let session = &mut desk.harness.state_mut().session;
    session.remove_model(&stored);
    settle(&mut desk);
    assert!(said(&desk).is_err());
    assert_eq!(desk.harness.state().session.settings.model, chosen);
}

#[test]
fn a_part_that_is_removed_is_in_no_recipe() {
    let (mut desk, folder) = desk();
    let tiny = workspace().join("assets/models/tiny.safetensors");
    let mut goes_on = |_| ControlFlow::Continue(());
    let [mine, part] = ["mine.safetensors", "part.safetensors"]
        .map(|name| folder.add(&tiny, Some(name), None, true, &mut goes_on).unwrap().path);
    let with = |vae| ModelRef::Files {
        checkpoint: mine.clone(),
        clip: None,
        vae,
    };
    let session = &mut desk.harness.state_mut().session;
    session.settings.model = with(Some(part.clone()));
    session.look_for_models();
    settle(&mut desk);
    desk.click("Remove part");
    desk.click("Remove it");
    settle(&mut desk);
    assert!(!part.exists());
    assert_eq!(desk.harness.state().session.settings.model, with(None));
}

#[test]
fn a_file_is_added_and_what_changed_since_is_told() {
    let (mut desk, folder) = desk();
    desk.click("Add a file…");
    let tiny = workspace().join("assets/models/tiny.safetensors");
    desk.type_into(Widget::TextInput, "Path", &tiny.display().to_string());
    desk.click("Choose this");
    settle(&mut desk);
    assert_eq!(said(&desk).unwrap(), "tiny was added.");
    // One bit of the last number.
    let path = folder.path().join("tiny.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    desk.click("Verify tiny");
    settle(&mut desk);
    assert!(said(&desk).unwrap_err().contains("not what it was"));
}

#[test]
fn a_download_is_cancelled_and_what_is_no_model_is_refused() {
    let (mut desk, folder) = desk();
    look_up(&mut desk, "a/b/slow.safetensors");
    desk.click("Accept and download");
    desk.wait("the first bytes", |app| {
        app.session
            .model_desk()
            .work()
            .is_some_and(|(_, share, _)| share.is_some_and(|share| share > 0.0))
    });
    desk.harness
        .get_by_role_and_label(Widget::ProgressIndicator, "Fetching slow.safetensors");
    desk.click("Cancel");
    settle(&mut desk);
    assert!(said(&desk).unwrap().starts_with("Cancelled"));
    assert_eq!(folder.files().unwrap().len(), 0);

    look_up(&mut desk, "a/b/page.safetensors");
    desk.click("Accept and download");
    settle(&mut desk);
    assert!(said(&desk).unwrap_err().contains("web page"));
    look_up(&mut desk, "nothing");
    assert!(said(&desk).unwrap_err().contains("clip-vit-h-14"));
}
