//! The built program on real files, good and bad.

mod files;
mod pictures;
mod refusals;

use std::path::Path;

use image::{Rgb, RgbImage};
use tests::{said, shiage, workspace};

/// Few steps: these tests look at files and messages, not at beauty.
const QUICK: [&str; 4] = ["--steps", "2", "--reference-guidance", "1"];

fn sample(name: &str, file: &str) -> String {
    workspace()
        .join("assets/samples")
        .join(name)
        .join(file)
        .to_string_lossy()
        .into_owned()
}

fn colorize(folder: &Path, arguments: &[&str]) -> std::process::Output {
    shiage(folder, &[&["colorize"], arguments, &QUICK].concat())
}

fn pixels(path: &Path) -> RgbImage {
    image::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .to_rgb8()
}

fn first_sample() -> &'static str {
    app::samples::SAMPLES[0].name
}

#[test]
fn the_devices_are_listed() {
    let output = std::process::Command::new(tests::program())
        .args(["--device", "list"])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("cpu"));
}

#[cfg(not(feature = "remote"))]
#[test]
fn a_program_without_remote_devices_says_how_to_build_one() {
    for arguments in [
        ["colorize", "--sample", "--device", "remote:localhost:7300"],
        ["serve", "--listen", "127.0.0.1:0", "--device=cpu"],
    ] {
        let output = std::process::Command::new(tests::program()).args(arguments).output().unwrap();
        tests::refused(&output, &arguments, "--features remote");
    }
}

#[test]
fn the_gallery_exports_without_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let takes = folder.path().join("takes");
    std::fs::create_dir(&takes).unwrap();
    for (name, value) in [("a.png", 20), ("b.png", 120), ("c.png", 220)] {
        RgbImage::from_pixel(64, 64, Rgb([value, 60, 90]))
            .save(takes.join(name))
            .unwrap();
    }
    let gallery = |arguments: &[&str]| shiage(folder.path(), &[&["gallery", "takes"], arguments].concat());
    let output = gallery(&[
        "--sheet",
        "sheet.png",
        "--csv",
        "table.csv",
        "--copy",
        "copies",
        "--search",
        "name:a",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    // One picture in its square, with a title over it and a caption under it.
    assert_eq!(pixels(&folder.path().join("sheet.png")).dimensions(), (288, 360));
    let table = std::fs::read_to_string(folder.path().join("table.csv")).unwrap();
    assert_eq!(table.lines().count(), 2);
    assert!(table.lines().nth(1).unwrap().starts_with("a.png,0,,,,"), "{table}");
    assert!(folder.path().join("copies/a.png").exists() && !folder.path().join("copies/b.png").exists());
    for (arguments, words) in [
        (&["--sheet", "sheet.tiff"][..], "sheet.tiff ends neither in .png nor in .pdf"),
        (&["--csv", "t.csv", "--search", "flag:picked"], "no picture in takes is found"),
        (&["--search", "a"], "--search goes with"),
    ] {
        let output = gallery(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    // A document's takes are no files of a folder.
    std::fs::write(folder.path().join("girl.ora"), "").unwrap();
    for (name, words) in [
        ("girl.ora", "is a document: its takes leave it from the studio"),
        ("takes/a.png", "is not a folder"),
        ("none", "none does not exist"),
    ] {
        let output = shiage(folder.path(), &["gallery", name, "--csv", "t.csv"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
}
