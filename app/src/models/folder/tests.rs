use std::ops::ControlFlow;

use super::*;

/// The model in the program, as a file.
const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/models/tiny.safetensors");

fn go_on(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn folder() -> (tempfile::TempDir, Folder) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::at(temporary.path().join("models"));
    (temporary, folder)
}

#[test]
fn a_model_is_added_found_verified_and_removed() {
    let (_temporary, folder) = folder();
    assert!(folder.files().unwrap().is_empty());
    let mut seen = 0;
    let licence = Some("MIT".to_owned());
    let entry = folder
        .add(Path::new(TINY), Some("first.safetensors"), licence, true, &mut |bytes| {
            seen = bytes;
            ControlFlow::Continue(())
        })
        .unwrap();
    let inspection = entry.inspection.as_ref().unwrap();
    assert_eq!((entry.name().as_str(), seen), ("first", inspection.size));
    assert_eq!(inspection.precision(), "F16");
    let about = entry.about.as_ref().unwrap();
    assert_eq!(about.blake3, blake3::hash(&fs::read(TINY).unwrap()).to_hex().to_string());
    assert_eq!(about.licence.as_deref(), Some("MIT"));
    assert!(folder.path().join("first.ron").exists());

    let model = folder.model("first").unwrap();
    assert_eq!(
        model,
        ModelRef::Files {
            checkpoint: entry.path.clone(),
            clip: None,
            vae: None
        }
    );
    assert_eq!(models(&folder.entries().unwrap()).collect::<Vec<_>>(), [model]);
    assert!(matches!(
        folder.add(Path::new(TINY), Some("first.safetensors"), None, true, &mut go_on),
        Err(FolderError::Exists { .. })
    ));
    assert_eq!(folder.verify(&entry.path, &mut go_on).unwrap(), Verdict::Whole);
    let mut bytes = fs::read(&entry.path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&entry.path, bytes).unwrap();
    assert!(matches!(
        folder.verify(&entry.path, &mut go_on).unwrap(),
        Verdict::Changed { .. }
    ));

    folder.remove("first").unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let error = folder.find("first").unwrap_err().to_string();
    assert!(error.contains("it is empty"), "{error}");
}

#[test]
fn what_is_cancelled_leaves_the_folder_as_it_was() {
    let (_temporary, folder) = folder();
    // After the first of its many pieces.
    let error = folder.add(Path::new(TINY), None, None, true, &mut |_| ControlFlow::Break(()));
    assert!(matches!(error, Err(FolderError::Cancelled { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let entry = folder.add(Path::new(TINY), None, None, true, &mut go_on).unwrap();
    let error = folder.verify(&entry.path, &mut |_| ControlFlow::Break(()));
    assert!(matches!(error, Err(FolderError::Cancelled { .. })));
}

#[test]
fn what_a_killed_copy_left_goes_with_the_next_change_and_nothing_else() {
    let (_temporary, folder) = folder();
    folder.make().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in [
        "killed.ckpt.partial",
        "busy.ckpt.partial",
        "begun.ckpt.partial",
        "notes.partial",
    ] {
        fs::write(path(name), "half").unwrap();
    }
    let busy = fs::File::create(path("busy.ckpt.partial.tag")).unwrap();
    busy.lock().unwrap();
    fs::write(path("begun.ckpt.partial.tag"), "\"v1\"").unwrap();
    folder.add(Path::new(TINY), None, None, true, &mut go_on).unwrap();
    for gone in [
        "killed.ckpt.partial",
        "killed.ckpt.partial.tag",
        "tiny.safetensors.partial.tag",
    ] {
        assert!(!path(gone).exists(), "{gone}");
    }
    for left in [
        "busy.ckpt.partial",
        "begun.ckpt.partial",
        "begun.ckpt.partial.tag",
        "notes.partial",
    ] {
        assert!(path(left).exists(), "{left}");
    }
    let error = folder.add(Path::new(TINY), Some("busy.ckpt"), None, true, &mut go_on);
    assert!(matches!(error, Err(FolderError::Busy { .. })));
    assert_eq!(fs::read(path("busy.ckpt.partial")).unwrap(), b"half");
}

#[test]
fn what_is_no_model_stays_out() {
    let (temporary, folder) = folder();
    let page = temporary.path().join("page.safetensors");
    fs::write(&page, "<html>not found</html>").unwrap();
    let error = folder.add(&page, None, None, false, &mut go_on).unwrap_err().to_string();
    assert!(error.contains("web page"), "{error}");
    assert!(page.exists() && !folder.path().exists());
    for name in ["../up.safetensors", "model.txt", "", "sub/model.ckpt"] {
        assert!(matches!(folder.place(name), Err(FolderError::Ending { .. })), "{name}");
    }
}

#[test]
fn a_name_that_two_files_have_is_not_guessed() {
    let (_temporary, folder) = folder();
    folder.make().unwrap();
    for name in ["a.ckpt", "a.safetensors", "b.pth", "notes.txt"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    assert!(matches!(folder.find("a"), Err(FolderError::Ambiguous { .. })));
    assert_eq!(folder.find("a.ckpt").unwrap(), folder.path().join("a.ckpt"));
    assert_eq!(folder.find("b").unwrap(), folder.path().join("b.pth"));
    let error = folder.find("notes").unwrap_err().to_string();
    assert!(error.contains("there are a, a, b"), "{error}");
    assert!(folder.entries().unwrap().iter().all(|entry| entry.inspection.is_err()));
}

#[test]
fn no_file_takes_the_configuration_of_its_namesake() {
    let (_temporary, folder) = folder();
    let add = |name: &str| folder.add(Path::new(TINY), Some(name), None, true, &mut go_on);
    add("a.safetensors").unwrap();
    let taken = |name: &str| match add(name).unwrap_err() {
        FolderError::Exists { path } => file_name(&path),
        other => panic!("{other}"),
    };
    assert_eq!(taken("a.bin"), "a.ron");
    // A file without one, put there by hand: the new one's would become its own.
    fs::write(folder.path().join("b.ckpt"), "").unwrap();
    assert_eq!(taken("b.bin"), "b.ckpt");
    assert!(!folder.path().join("b.ron").exists());

    fs::write(folder.path().join("a.pth"), "").unwrap();
    folder.remove("a.safetensors").unwrap();
    assert!(folder.path().join("a.ron").exists(), "the other's");
    folder.remove("a.pth").unwrap();
    assert!(!folder.path().join("a.ron").exists());
}

#[test]
fn a_file_that_was_put_there_by_hand_is_recorded() {
    let (_temporary, folder) = folder();
    folder.make().unwrap();
    let path = folder.path().join("mine.safetensors");
    fs::copy(TINY, &path).unwrap();
    assert_eq!(folder.entries().unwrap()[0].about, None);
    assert_eq!(folder.verify(&path, &mut go_on).unwrap(), Verdict::Recorded);
    assert_eq!(folder.verify(&path, &mut go_on).unwrap(), Verdict::Whole);
}
