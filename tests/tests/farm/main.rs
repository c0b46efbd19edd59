//! `shiage swap` and `shiage sequence` as a farm runs them: resumed, shared, killed, handed broken files.

mod failing;
mod flats;
mod making;
mod sharing;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use image::RgbImage;
use tests::{program, said, shiage, workspace};

/// Small and few steps: these tests look at files and messages, not at beauty.
const QUICK: [&str; 6] = ["--steps", "2", "--reference-guidance", "1", "--size", "128x128"];

/// The first frames of the sample shot, and two of its references, in a folder of their own.
fn shot(frames: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = workspace().join("assets/samples/shot");
    for sub in ["frames", "references"] {
        std::fs::create_dir(folder.path().join(sub)).unwrap();
    }
    let copy = |name: String| {
        std::fs::copy(from.join(&name), folder.path().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    };
    for frame in 1..=frames {
        copy(format!("frames/{frame:04}.png"));
        copy(format!("frames/{frame:04}-mask.png"));
    }
    for reference in ["noon", "dusk"] {
        copy(format!("references/{reference}.png"));
        copy(format!("references/{reference}-mask.png"));
    }
    folder
}

const SEQUENCE: [&str; 7] = [
    "sequence",
    "--sketches",
    "frames/*.png",
    "--reference",
    "references/noon.png",
    "--out",
    "out",
];

fn sequence(folder: &Path, extra: &[&str]) -> Output {
    shiage(folder, &[&SEQUENCE, extra, &QUICK].concat())
}

/// A sequence on the CPU, for a test that does something while it runs.
fn command(folder: &Path, extra: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .current_dir(folder)
        .args(SEQUENCE)
        .args(extra)
        .args(["--device", "cpu"]);
    command
}

fn swap(folder: &Path, extra: &[&str]) -> Output {
    let fixed = ["swap", "--sketches", "frames", "--references", "references", "--out", "board"];
    shiage(folder, &[&fixed, extra, &QUICK].concat())
}

fn pixels(path: impl AsRef<Path>) -> RgbImage {
    let path = path.as_ref();
    image::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .to_rgb8()
}

/// Every file of a folder with its content, hidden ones too.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect()
}

/// How often an event of this kind stands in the JSON lines on stdout.
fn events(output: &Output, kind: &str) -> usize {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .inspect(|line| assert!(line.starts_with("{\"event\":\"") && line.ends_with('}'), "{line}"))
        .filter(|line| line.starts_with(&format!("{{\"event\":\"{kind}\"")))
        .count()
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}
