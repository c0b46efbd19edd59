//! Processes that are killed, files that are broken, mistakes of the person.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use tests::{refused, said, shiage};

use super::{command, events, files, sequence, shot, succeeds, swap};

/// Kills a process at its first frame: the claim that it leaves.
fn killed(folder: &Path) -> PathBuf {
    let mut process = command(folder, &["--steps", "100"]).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let claim = folder.join("out/.0001.png.claim.1");
    // Made, and written.
    while std::fs::read(&claim).unwrap_or_default().is_empty() {
        assert!(begun.elapsed() < tests::desk::PATIENCE, "nothing was claimed");
        std::thread::sleep(Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(claim.exists(), "its claim is still there");
    claim
}

#[test]
fn a_process_that_was_killed_elsewhere_is_taken_over() {
    let folder = shot(1);
    let out = folder.path().join("out");
    let claim = killed(folder.path());
    // As another machine's, of which nobody here sees what has died.
    std::fs::write(&claim, "node07 4711").unwrap();
    // A half-written file of its, too.
    std::fs::write(out.join(".0001.png.77-0.tmp"), b"half").unwrap();

    let patient = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&patient);
    let counts = |output: &Output| [events(output, "finished"), events(output, "elsewhere")];
    assert_eq!(counts(&patient), [0, 1], "it might be alive");
    let words = "left to other processes (node07 4711)";
    assert!(said(&patient).contains(words), "{}", said(&patient));
    let output = sequence(folder.path(), &["--wait", "--stale-after", "1", "--progress", "json"]);
    succeeds(&output);
    assert!(
        matches!(counts(&output), [1, 0 | 1]),
        "said once, however long it was waited for"
    );
    assert_eq!(files(&out).len(), 1, "{:?}", files(&out).keys());
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_was_killed_here_is_taken_over_at_once() {
    let folder = shot(1);
    killed(folder.path());
    let output = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&output);
    assert_eq!((events(&output, "finished"), events(&output, "elsewhere")), (1, 0));
    assert_eq!(files(&folder.path().join("out")).len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_claim_that_keeps_the_next_run_from_its_frames() {
    let folder = shot(1);
    // No file may have a byte, as if the disk were full.
    let line = format!(
        "trap '' XFSZ; ulimit -f 0; exec '{}' sequence --sketches frames --reference references/noon.png --out out --device cpu {}",
        tests::program().display(),
        super::QUICK.join(" ")
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &line])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("cannot write beside"), "{}", said(&output));
    assert!(files(&folder.path().join("out")).is_empty());
    let output = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&output);
    assert_eq!(events(&output, "finished"), 1);
}

#[test]
fn one_broken_drawing_stops_no_other_and_is_named() {
    let folder = shot(3);
    let broken = folder.path().join("frames/0002.png");
    let whole = std::fs::read(&broken).unwrap();
    std::fs::write(&broken, &whole[..whole.len() / 2]).unwrap();
    let output = sequence(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("0002.png"), "{}", said(&output));
    let made = files(&folder.path().join("out"));
    assert_eq!(made.keys().collect::<Vec<_>>(), ["0001.png", "0003.png"]);
}

#[test]
fn mistakes_are_named_before_any_work() {
    let folder = shot(2);
    let path = folder.path();
    std::fs::write(path.join("notes"), "").unwrap();
    for (arguments, wanted) in [
        (vec!["--frames", "9-12"], "1 to 2"),
        (vec!["--frames", "2-1"], "1-120"),
        (vec!["--reference-mask", "nowhere.png"], "nowhere.png"),
        (vec!["--model", "nowhere.safetensors"], "nowhere.safetensors"),
        (vec!["--out", "notes"], "notes"),
        (
            vec!["--seed", "random"],
            "--seed random gives every process and every run another noise: type a number",
        ),
        (vec!["--step-seed", "-1"], "--step-seed random gives"),
        (vec!["--sketches", "nowhere/*.png"], "nowhere"),
        (vec!["--sketch-masks", "nowhere"], "nowhere is no folder"),
        (vec!["--sketch-masks", "references"], "no mask in references"),
        (vec!["--out", "frames"], "frames holds frames/0001.png"),
        (vec!["--out", "references/../frames"], "which is an input"),
    ] {
        let fixed = ["sequence", "--reference", "references/noon.png"];
        let mut all = [&fixed[..], &arguments].concat();
        for (option, value) in [("--sketches", "frames"), ("--out", "out")] {
            if !arguments.contains(&option) {
                all.extend([option, value]);
            }
        }
        let output = shiage(path, &all);
        refused(&output, &arguments, wanted);
    }
    std::fs::remove_file(path.join("frames/0002-mask.png")).unwrap();
    let output = sequence(path, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("0002.png has no mask"), "{}", said(&output));
    // A farm's tasks have few frames each, and one mode for all of them.
    let output = sequence(path, &["--frames", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("0002.png has no mask"), "{}", said(&output));
}

#[test]
fn a_board_is_not_laid_among_its_pictures() {
    let folder = shot(1);
    let path = folder.path();
    let before = files(&path.join("references"));
    for out in ["references", "frames"] {
        let arguments = ["swap", "--sketches", "frames", "--references", "references", "--out", out];
        refused(&shiage(path, &arguments), &arguments, "which is an input");
    }
    assert!(before == files(&path.join("references")));
    let arguments = [
        "sequence",
        "--sketches",
        "frames",
        "--reference",
        "references/noon.png",
        "--out",
        "references",
    ];
    std::fs::copy(path.join("frames/0001.png"), path.join("frames/noon.png")).unwrap();
    refused(&shiage(path, &arguments), &arguments, "noon.png is an input");
    assert!(before == files(&path.join("references")));
}

#[test]
fn a_sheet_or_an_index_of_somebody_else_is_not_written_over() {
    let folder = shot(1);
    let board = folder.path().join("board");
    std::fs::create_dir(&board).unwrap();
    let refuses = |name: &str| {
        let words = format!("{name} is there already");
        refused(&swap(folder.path(), &[]), &["swap"], &words);
        assert_eq!(files(&board).into_keys().collect::<Vec<_>>(), [name]);
    };
    std::fs::write(board.join("sheet.png"), "somebody's").unwrap();
    refuses("sheet.png");
    std::fs::rename(board.join("sheet.png"), board.join("index.json")).unwrap();
    refuses("index.json");
}

#[test]
fn what_is_no_picture_is_not_written_over_either() {
    let folder = shot(2);
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("0001.png"), "somebody's").unwrap();
    let words = "0001.png is no take of this program, and opens as no picture";
    refused(&sequence(folder.path(), &[]), &["sequence"], words);
    let there = files(&out);
    assert_eq!(there.keys().collect::<Vec<_>>(), ["0001.png", "0002.png"]);
    assert_eq!(there["0001.png"], b"somebody's");
    succeeds(&sequence(folder.path(), &["--frames", "1", "--redo"]));
}

#[test]
fn masks_for_some_pictures_only_are_an_error_on_either_side() {
    let folder = shot(2);
    let path = folder.path();
    // None of the sketches has a mask, one of the references has.
    for frame in ["0001", "0002"] {
        std::fs::remove_file(path.join(format!("frames/{frame}-mask.png"))).unwrap();
    }
    std::fs::remove_file(path.join("references/noon-mask.png")).unwrap();
    let output = swap(path, &[]);
    refused(&output, &["swap"], "noon has neither mask nor background");
    // A background is as good as a mask, and tells of its pair that the others lack one.
    std::fs::rename(
        path.join("references/dusk-mask.png"),
        path.join("references/dusk-background.png"),
    )
    .unwrap();
    refused(&swap(path, &[]), &["swap"], "noon has neither mask nor background");
    std::fs::remove_file(path.join("references/dusk-background.png")).unwrap();
    let output = swap(path, &[]);
    succeeds(&output);
    assert!(!said(&output).contains("not used"), "{}", said(&output));
    let masked = path.join("references/noon-mask.png");
    std::fs::copy(path.join("references/noon.png"), &masked).unwrap();
    let output = sequence(path, &[]);
    succeeds(&output);
    assert!(said(&output).contains("the reference mask is not used"), "{}", said(&output));
}
