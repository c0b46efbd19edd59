//! The folder of models through the built program, with a server of this test in Hugging Face's place.

use std::path::Path;
use std::process::{Command, Output};

use tests::hub::hub;
use tests::{program, said, workspace};

fn shiage(folder: &Path, hub: &str, arguments: &[&str]) -> Output {
    Command::new(program())
        .current_dir(folder)
        .args(arguments)
        .env("SHIAGE_MODELS", folder.join("models"))
        .env("HF_ENDPOINT", hub)
        .env("NO_PROXY", "*")
        .output()
        .expect("the program starts")
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_model_is_fetched_listed_used_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, hub) = (folder.path(), hub());
    let run = |arguments: &[&str]| shiage(folder, &hub, arguments);

    let output = run(&["models", "fetch", "a/b/small model.safetensors"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("no commercial use") && said(&output).contains("--accept-licence"));
    assert!(!folder.join("models").exists());

    let fetch = ["models", "fetch", "a/b/small model.safetensors", "--accept-licence", "--name"];
    let output = run(&[&fetch[..], &["small-v1.5.safetensors"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let output = run(&[&fetch[..], &["small-v1.5.safetensors"]].concat());
    assert!(said(&output).contains("is there already"), "{}", said(&output));

    let listed = printed(&run(&["models", "list"]));
    let line = listed
        .lines()
        .find(|line| line.starts_with("small"))
        .unwrap_or_else(|| panic!("{listed}"));
    for words in ["checkpoint", "17.05 MB", "F16", "CC BY-NC-SA 4.0"] {
        assert!(line.contains(words), "{words}: {line}");
    }
    assert!(listed.contains("(in the program)"), "{listed}");

    let output = run(&["models", "verify"]);
    assert!(
        output.status.success() && printed(&output).contains("whole"),
        "{}",
        said(&output)
    );

    // The configuration of what this program trains does not show in its shapes.
    std::fs::copy(
        workspace().join("assets/models/tiny.ron"),
        folder.join("models/small-v1.5.ron"),
    )
    .unwrap();
    // A name with a dot in it is no path.
    for name in ["small-v1.5", "small-v1.5.safetensors"] {
        let output = run(&[
            "colorize", "--sample", "--model", name, "--steps", "1", "--device", "cpu", "--out", "a.png",
        ]);
        assert!(output.status.success(), "{}", said(&output));
    }
    let output = run(&["colorize", "--sample", "--model", "large", "--device", "cpu"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("there are small"), "{}", said(&output));

    let output = run(&["models", "remove", "small-v1.5"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(std::fs::read_dir(folder.join("models")).unwrap().count(), 0);
}

#[test]
fn what_is_not_there_or_no_model_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, hub) = (folder.path(), hub());
    for (what, words) in [
        ("a/b/missing.safetensors", "no such file"),
        ("a/b/page.safetensors", "web page"),
        ("a/b/notes.txt", "does not end in"),
        ("nothing", "clip-vit-h-14"),
    ] {
        let output = shiage(folder, &hub, &["models", "fetch", what, "--accept-licence"]);
        assert!(!output.status.success());
        assert!(said(&output).contains(words), "{what}: {}", said(&output));
        let left = std::fs::read_dir(folder.join("models")).map_or(0, |left| {
            left.flatten()
                .filter(|entry| entry.metadata().is_ok_and(|facts| facts.len() > 0))
                .count()
        });
        assert_eq!(left, 0, "{what}");
    }
}

#[test]
fn a_file_that_changed_since_it_was_added_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let tiny = workspace().join("assets/models/tiny.safetensors");
    let tiny = tiny.to_string_lossy();
    let run = |arguments: &[&str]| shiage(folder, "http://127.0.0.1:9", arguments);
    let output = run(&["models", "add", &tiny, "--licence", "MIT"]);
    assert!(output.status.success(), "{}", said(&output));
    let path = folder.join("models/tiny.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let output = run(&["models", "verify", "tiny"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("changed"), "{}", printed(&output));
}
