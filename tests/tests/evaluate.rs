//! `shiage evaluate` on the built program.

use std::process::{Command, Output};

fn evaluate(folder: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(tests::program())
        .args(["evaluate", "--device", "cpu"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_scene_is_measured_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--scenes", "0..2", "--scene-size", "128", "--size", "128x128", "--steps", "2"];
    let output = evaluate(
        folder.path(),
        &[&arguments[..], &["--ablation", "--json", "f.json", "--sheet", "s.png"]].concat(),
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(table.lines().count(), 5, "{table}");
    // Two scenes of ten pictures each.
    let sheet = image::open(folder.path().join("s.png")).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (10 * 130 + 2, 2 * 130 + 2));
    let figures = std::fs::read_to_string(folder.path().join("f.json")).unwrap();
    assert_eq!(figures.matches("\"scenes\": 2").count(), 4, "{figures}");
    assert!(
        figures.contains("\"program\": ") && figures.contains("\"steps\": 2"),
        "what was measured: {figures}"
    );
    assert_eq!(
        figures.matches("\"mode\": \"Vanilla\"").count(),
        1,
        "each in its own mode: {figures}"
    );
    assert_eq!(figures.matches("\"mode\": \"Split\"").count(), 3, "{figures}");
    // Every variant was measured.
    let leaks: Vec<f32> = figures
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("\"figure_leakage\": ")?
                .trim_end_matches(',')
                .parse()
                .ok()
        })
        .collect();
    assert_eq!(leaks.len(), 4);
    assert!(leaks.iter().all(|leak| leak.is_finite() && *leak > 0.0), "{leaks:?}");
}

#[test]
fn a_shot_is_measured_frame_by_frame() {
    let folder = tempfile::tempdir().unwrap();
    let small = ["--scenes", "0..1", "--scene-size", "64", "--size", "64x64", "--steps", "1"];
    let shot = ["--shots", "0..1", "--frames", "2", "--json", "f.json"];
    let output = evaluate(folder.path(), &[&small[..], &shot].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("over 1 shots of 2 frames: spread "), "{table}");
    let figures = std::fs::read_to_string(folder.path().join("f.json")).unwrap();
    for number in ["spread", "drift", "edge_agreement"] {
        let lines = figures.lines().map(str::trim);
        let found: Option<f32> = lines
            .filter_map(|line| line.strip_prefix(&format!("\"{number}\": ")))
            .find_map(|value| value.trim_end_matches(',').parse().ok());
        assert!(
            found.is_some_and(|value| value.is_finite() && value >= 0.0),
            "{number}: {figures}"
        );
    }
}

#[test]
fn a_range_without_scenes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = evaluate(folder.path(), &["--scenes", "5..5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("0..32"));
}
