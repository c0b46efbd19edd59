//! Saves that a full disk and a kill break off, in processes of their own: a limit on the length of files is a full disk, and a signal is a kill.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use image::{Rgba, RgbaImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{About, Document, Lost, Pixels, Role, Safe, open, save};

/// What a process of its own is to do, and where.
const TASK: &str = "SHIAGE_TEST_TASK";
const PLACE: &str = "SHIAGE_TEST_PLACE";

/// A drawing that takes about 300 KB, told from others by its first pixel.
fn drawing(value: u8) -> Document {
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(value));
    let mut sketch = RgbaImage::from_fn(256, 256, |_, _| Rgba(random.random()));
    sketch.put_pixel(0, 0, Rgba([value, 0, 0, 255]));
    Document::from_sketch(&sketch).unwrap()
}

fn value(document: &Document) -> u8 {
    document.by_role(Role::Sketch).unwrap().raster().unwrap().pixel(0, 0)[0]
}

fn note(document: &mut Document, value: u8) {
    let id = document.by_role(Role::SketchMask).unwrap().id;
    if let Pixels::Mask(grid) = &mut document.layer_mut(id).unwrap().pixels {
        // A tile that packs badly: the journal grows.
        let mut random = ChaCha8Rng::seed_from_u64(u64::from(value));
        random.fill(grid.tile_mut(0, 0));
        grid.tile_mut(0, 0)[0] = value;
    }
}

fn noted(document: &Document) -> u8 {
    document.by_role(Role::SketchMask).unwrap().mask().unwrap().pixel(0, 0)
}

/// What the other tests run in a process of its own; by itself it does nothing.
#[test]
fn task() {
    let (Some(task), Some(place)) = (std::env::var_os(TASK), std::env::var_os(PLACE)) else {
        return;
    };
    let place = PathBuf::from(place);
    match task.to_str().unwrap() {
        "save" => {
            let text = save(&drawing(2), &place).unwrap_err().to_string();
            assert!(
                text.contains("cannot write") && text.contains("Nothing was changed"),
                "{text}"
            );
        }
        "save and save" => {
            for value in (1..=2).cycle() {
                save(&drawing(value), &place).unwrap();
            }
        }
        "paint" => {
            let mut document = drawing(1);
            let mut safe = Safe::begin(&place, &About::default(), &document, false).unwrap();
            let written = (1..200).find(|value| {
                note(&mut document, *value);
                safe.commit(&document, true).is_err()
            });
            fs::write(place.join("failed at"), written.expect("the disk is full").to_string()).unwrap();
        }
        "begin" => {
            let begun = Safe::begin(&place, &About::default(), &drawing(1), true);
            assert!(begun.is_err(), "there is no room");
            assert_eq!(names(&place), Vec::<String>::new());
        }
        "fill" => {
            let path = place.join("a.ora");
            save(&drawing(1), &path).unwrap();
            let stuffing = place.join("stuffing");
            fs::write(&stuffing, vec![0; 1 << 20]).unwrap();
            let text = save(&drawing(2), &path).unwrap_err().to_string();
            assert!(text.contains("No space left on device"), "{text}");
            assert_eq!(value(&open(&path).unwrap().document), 1);
            assert_eq!(fs::read_dir(&place).unwrap().count(), 2, "nothing half written lies about");
            fs::remove_file(stuffing).unwrap();
            save(&drawing(2), &path).unwrap();
            assert_eq!(value(&open(&path).unwrap().document), 2);
        }
        other => panic!("there is no task {other}"),
    }
}

/// This program, to do `task`, behind what a shell says first.
fn command(shell: &str, task: &str, place: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{shell}\nexec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "document::test_survival::task", "--nocapture"])
        .env(TASK, task)
        .env(PLACE, place);
    command
}

fn run(shell: &str, task: &str, place: &Path) -> Output {
    command(shell, task, place).output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// In half kilobytes, up to a length that a whole file has.
fn limits(length: u64) -> impl Iterator<Item = u64> {
    let blocks = length / 512;
    (0..6).map(move |step| step * (blocks - 1) / 5)
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawing.ora");
    save(&drawing(1), &path).unwrap();
    let old = fs::read(&path).unwrap();
    for limit in limits(old.len() as u64) {
        let output = run(&format!("trap '' XFSZ; ulimit -f {limit}"), "save", &path);
        assert!(
            output.status.success(),
            "{limit}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        assert!(fs::read(&path).unwrap() == old, "{limit}");
        assert_eq!(names(folder.path()), ["drawing.ora"], "{limit}");
    }
}

#[test]
fn a_kill_at_any_byte_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawing.ora");
    save(&drawing(1), &path).unwrap();
    let old = fs::read(&path).unwrap();
    for limit in limits(old.len() as u64) {
        // Without anybody to heed it, the signal that ends a file's growth ends the process.
        let output = run(&format!("ulimit -c 0; ulimit -f {limit}"), "save", &path);
        assert!(output.status.signal().is_some(), "{limit}: {:?}", output.status);
        assert!(fs::read(&path).unwrap() == old, "{limit}");
    }
    save(&drawing(2), &path).unwrap();
    assert_eq!(
        value(&open(&path).unwrap().document),
        2,
        "what was left behind is in nobody's way"
    );
}

#[test]
fn a_kill_at_any_moment_leaves_one_file_or_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawing.ora");
    save(&drawing(1), &path).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut found = [0; 2];
    for _ in 0..20 {
        let mut saving = command("", "save and save", &path).stdout(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(random.random_range(20..200)));
        saving.kill().unwrap();
        saving.wait().unwrap();
        let document = open(&path).unwrap().document;
        found[usize::from(value(&document)) - 1] += 1;
    }
    println!("found {found:?}");
}

#[test]
fn a_journal_on_a_full_disk_keeps_every_stroke_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = run("trap '' XFSZ; ulimit -f 3000", "paint", folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let failed: u8 = fs::read_to_string(folder.path().join("failed at")).unwrap().parse().unwrap();
    assert!(failed > 2, "{failed}");
    let lost = Lost::find(folder.path());
    assert_eq!(noted(&lost[0].recover().unwrap()), failed - 1);
}

#[test]
fn a_journal_that_cannot_be_begun_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = run("trap '' XFSZ; ulimit -f 20", "begin", folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A real one: a file system of two megabytes in memory, seen by this process alone. Systems that let nobody have one pass: the limits above stand for it.
#[cfg(target_os = "linux")]
#[test]
fn a_real_file_system_that_is_full_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = |then: &str| {
        let script = format!("mount -t tmpfs -o size=2m none \"${PLACE}\" && {then}");
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .env(PLACE, folder.path());
        command
    };
    if !mounted("true").status().is_ok_and(|status| status.success()) {
        eprintln!("no file system can be mounted here");
        return;
    }
    let output = mounted("exec \"$0\" --exact document::test_survival::task --nocapture")
        .arg(std::env::current_exe().unwrap())
        .env(TASK, "fill")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
