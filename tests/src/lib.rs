//! What the outside tests share: where the built program and the fixtures are, and how to run the one on the other.

pub mod desk;
#[cfg(target_os = "linux")]
pub mod drag_source;
pub mod hub;
#[cfg(target_os = "linux")]
pub mod journey;
pub mod own_time;
#[cfg(target_os = "linux")]
pub mod screen;
pub mod strokes;
#[cfg(target_os = "linux")]
pub mod virtual_pen;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::RgbImage;

/// The built program, beside the test's own executable. `cargo build --release` comes before `cargo test --release` (tests/run.sh does both).
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().nth(2).expect("cargo puts tests into target/PROFILE/deps");
    let program = folder.join(format!("shiage{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo build --release --workspace` first, or `bash tests/run.sh`",
        program.display()
    );
    program
}

/// The workspace's top folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests is a member of the workspace")
        .to_owned()
}

/// Runs the program in a folder, on the CPU.
pub fn shiage(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program())
        .current_dir(folder)
        .args(arguments)
        .args(["--device", "cpu"])
        .output()
        .expect("the program starts")
}

/// What the program said on stderr.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Asserts that the program, given `arguments`, refused them as a fault of the person's, in words that name `wanted`.
#[track_caller]
pub fn refused(output: &Output, arguments: &[&str], wanted: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(said.contains(wanted), "{arguments:?} should name {wanted}: {said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// A PSD without layers, packed in no way. `mode`: 3 is RGB, 4 says that it is CMYK.
pub fn flat_psd(mode: u8, picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let mut file = b"8BPS\0\x01\0\0\0\0\0\0\0\x03".to_vec();
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend([0, 8, 0, mode]);
    // Neither colour map, resources nor layers; the pixels are not packed.
    file.extend([0; 14]);
    (0..3).for_each(|channel| file.extend(picture.pixels().map(|pixel| pixel[channel])));
    file
}
