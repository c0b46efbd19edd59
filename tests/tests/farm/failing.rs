//! Processes that are killed, files that are broken, mistakes of the person.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tests::{refused, said, shiage};

use super::{command, events, files, sequence, shot, succeeds};

#[test]
fn a_process_that_was_killed_is_taken_over() {
    let folder = shot(2);
    let out = folder.path().join("out");
    let mut process = command(folder.path(), &["--steps", "100"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let claim = out.join(".0001.png.claim.1");
    while !claim.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was claimed");
        std::thread::sleep(Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(claim.exists(), "its claim is still there");
    // A half-written file of its, too.
    std::fs::write(out.join(".0001.png.77-0.tmp"), b"half").unwrap();

    let patient = sequence(folder.path(), &["--progress", "json"]);
    succeeds(&patient);
    assert!(events(&patient, "elsewhere") > 0, "it might be alive");
    let output = sequence(folder.path(), &["--wait", "--stale-after", "1", "--progress", "json"]);
    succeeds(&output);
    assert_eq!(events(&patient, "finished") + events(&output, "finished"), 2);
    assert_eq!(files(&out).len(), 2, "{:?}", files(&out).keys());
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
        (vec!["--sketches", "nowhere/*.png"], "nowhere"),
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
}
