//! The folder of models, tended in the window, with a server of this test in Hugging Face's place.

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
    desk.wait("the folder", |app| app.session.model_desk().work().is_none());
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
fn a_file_is_added_and_what_changed_since_is_told() {
    let (mut desk, folder) = desk();
    desk.click("Add a file…");
    let tiny = workspace().join("assets/models/tiny.safetensors");
    desk.type_into(Widget::TextInput, "Path", &tiny.display().to_string());
    desk.click("Open this");
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
