//! Documents with flats beside the frames.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use app::document::{self, Document, Layer, Rect, Role};
use image::RgbImage;
use tests::said;

use super::{events, files, sequence, shot, succeeds};

/// How many frames were made, whole and left alone, and what was said of it.
fn run(folder: &Path, extra: &[&str]) -> ([usize; 3], String) {
    let output = sequence(folder, &[&["--flats", "--progress", "json"], extra].concat());
    succeeds(&output);
    let counts = ["finished", "skipped", "left_alone"].map(|kind| events(&output, kind));
    (counts, said(&output))
}

fn open(path: &Path) -> Document {
    document::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .document
}

/// What lies directly in a group, or on the canvas itself, from the bottom up.
fn names(document: &Document, group: Option<&str>) -> Vec<String> {
    let canvas = document.canvas();
    let group = group.map(|name| canvas.layers().find(|layer| layer.name == name).unwrap().id);
    canvas.children(group).map(|layer| layer.name.clone()).collect()
}

#[test]
fn each_frame_has_the_drawing_over_its_flats_and_what_is_worked_on_stays() {
    let folder = shot(2);
    let out = folder.path().join("out");
    let [first, second] = ["0001.ora", "0002.ora"].map(|name| out.join(name));
    assert_eq!(run(folder.path(), &[]).0, [2, 0, 0]);
    let made = files(&out);
    let found: Vec<&String> = made.keys().collect();
    assert_eq!(found, ["0001.ora", "0001.png", "0002.ora", "0002.png"]);
    let document = open(&first);
    assert_eq!(names(&document, None), ["Take 1", "Take 1 as flats", "Sketch", "Sketch mask"]);
    assert_eq!(names(&document, Some("Take 1 as flats")), ["Background", "Figure"]);
    let sketch = document.by_role(Role::Sketch).and_then(Layer::raster).unwrap();
    let drawing = document::open_picture(&folder.path().join("frames/0001.png")).unwrap();
    assert!(sketch.to_picture(Rect::of(sketch.size())) == drawing);
    assert_eq!(run(folder.path(), &[]).0, [0, 2, 0]);
    assert!(files(&out) == made);

    // One is missing, and another has been opened and saved.
    std::fs::remove_file(&first).unwrap();
    document::save(&open(&second), &second).unwrap();
    let (counts, words) = run(folder.path(), &[]);
    assert_eq!(counts, [1, 0, 1]);
    let left = "0002.ora is not as this program left it and was left alone; move it away to have it made again";
    assert!(words.contains(left), "{words}");
    let again = open(&first);
    let whole = Rect::of(sketch.size());
    assert!(again.composite(whole) == document.composite(whole));
    let after = files(&out);
    assert!(after["0001.png"] == made["0001.png"], "the picture is what it was");

    // Other pictures leave it alone as well.
    let saved = after["0002.ora"].clone();
    assert_eq!(run(folder.path(), &["--seed", "9"]).0, [2, 0, 1]);
    let other = files(&out);
    assert!(other["0002.ora"] == saved && other["0001.ora"] != after["0001.ora"]);
    assert_eq!(run(folder.path(), &["--seed", "9", "--redo"]).0, [2, 0, 0]);
    assert!(files(&out)["0002.ora"] != saved);
    // Neither a claim nor half a file stays.
    assert_eq!(files(&out).len(), 4);
}

#[test]
fn documents_are_cut_anew_as_they_are_asked_for_and_none_of_a_retouched_frame() {
    let folder = shot(2);
    let out = folder.path().join("out");
    succeeds(&sequence(folder.path(), &[]));
    RgbImage::new(384, 384).save(out.join("0002.png")).unwrap();
    let before = files(&out);
    let counts = |extra: &[&str]| run(folder.path(), extra).0;
    assert_eq!(counts(&[]), [1, 0, 1], "the frames are there: one is cut");
    let after = files(&out);
    assert_eq!(after.keys().collect::<Vec<_>>(), ["0001.ora", "0001.png", "0002.png"]);
    assert!(["0001.png", "0002.png"].iter().all(|name| after[*name] == before[*name]));
    assert_eq!(counts(&["--flats-layers", "one"]), [1, 0, 1]);
    let document = open(&out.join("0001.ora"));
    let flats = names(&document, Some("Take 1 as flats"));
    assert_eq!(flats, ["Background", "Figure"]);
    for side in flats {
        assert!(names(&document, Some(&side)).is_empty(), "a layer, not a group");
    }
    assert_eq!(counts(&["--flats-layers", "ONE"]), [0, 1, 1]);
    // Half a file may be on its way; once nobody has written to it for long, it was cut off and is nobody's work.
    let whole = std::fs::read(out.join("0001.ora")).unwrap();
    std::fs::write(out.join("0001.ora"), &whole[..whole.len() / 2]).unwrap();
    assert_eq!(counts(&["--flats-layers", "one"]), [0, 0, 2]);
    let file = File::options().write(true).open(out.join("0001.ora")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    assert_eq!(counts(&["--flats-layers", "one"]), [1, 0, 1]);
    assert_eq!(names(&open(&out.join("0001.ora")), None), names(&document, None));
}

#[test]
fn documents_do_not_hold_up_the_pictures() {
    let folder = shot(4);
    succeeds(&sequence(folder.path(), &["--frames", "2-4"]));
    let output = sequence(folder.path(), &["--flats", "--progress", "json"]);
    succeeds(&output);
    let text = String::from_utf8_lossy(&output.stdout);
    let place = |event: &str, task: &str| {
        let start = format!("{{\"event\":\"{event}\",\"task\":\"{task}\"");
        let place = text.lines().position(|line| line.starts_with(&start));
        place.unwrap_or_else(|| panic!("{start}: {text}"))
    };
    assert!(place("started", "0001") < place("finished", "0004"), "{text}");
}
