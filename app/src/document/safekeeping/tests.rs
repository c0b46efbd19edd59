//! Documents whose programs die, and what comes back of them.

use super::*;
use crate::document::arrange::MAX_DEPTH;
use crate::document::test_drawing::{self, dot, value};
use crate::document::{Layer, Pixels, Role, TileGrid};

fn drawing() -> Document {
    test_drawing::blank(64)
}

fn about() -> About {
    About {
        title: "夏の庭".to_owned(),
        path: Some("a/夏の庭.ora".into()),
        stamp: Some((7, Some(SystemTime::UNIX_EPOCH))),
    }
}

#[test]
fn what_lives_is_not_offered_and_what_died_is() {
    let root = tempfile::tempdir().unwrap();
    let mut document = drawing();
    let mut safe = Safe::begin(root.path(), &about(), &document, false).unwrap();
    dot(&mut document, 77);
    safe.commit(&document, true).unwrap();
    assert!(Lost::find(root.path()).is_empty(), "its program lives");
    drop(safe);
    let lost = Lost::find(root.path());
    assert_eq!(lost[0].about, about());
    assert_eq!(value(&lost[0].recover().unwrap()), 77);
    assert!(Lost::find(root.path()).is_empty(), "whoever found it first has it");
    drop(lost);
    let mut again = Lost::find(root.path());
    again.remove(0).discard().unwrap();
    assert!(Lost::find(root.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_does_not_keep_its_document_from_being_safe() {
    use std::os::unix::ffi::OsStrExt;
    let root = tempfile::tempdir().unwrap();
    let latin = std::ffi::OsStr::from_bytes(b"a/\xFCber.ora");
    let about = About {
        path: Some(latin.into()),
        ..about()
    };
    drop(Safe::begin(root.path(), &about, &drawing(), true).unwrap());
    let lost = Lost::find(root.path());
    assert_eq!((lost[0].about.title.as_str(), &lost[0].about.path), ("夏の庭", &None));
    lost[0].recover().unwrap();
}

#[test]
fn a_document_is_safe_whose_name_cannot_be_noted() {
    let root = tempfile::tempdir().unwrap();
    let mut document = drawing();
    let mut safe = Safe::begin(root.path(), &about(), &document, false).unwrap();
    fs::remove_file(safe.folder.join(ABOUT)).unwrap();
    // Where a folder lies there can be no file.
    fs::create_dir(safe.folder.join(ABOUT)).unwrap();
    safe.describe(&About::default());
    dot(&mut document, 7);
    safe.commit(&document, true).unwrap();
    drop(safe);
    assert_eq!(value(&Lost::find(root.path())[0].recover().unwrap()), 7);
}

#[test]
fn what_was_saved_is_not_offered() {
    let root = tempfile::tempdir().unwrap();
    let mut document = drawing();
    let mut safe = Safe::begin(root.path(), &about(), &document, false).unwrap();
    dot(&mut document, 1);
    safe.commit(&document, true).unwrap();
    safe.commit(&document, false).unwrap();
    drop(safe);
    assert!(Lost::find(root.path()).is_empty());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "the folder was swept away");
}

#[test]
fn what_a_failed_copy_left_does_not_stand_in_the_way_of_the_next() {
    let root = tempfile::tempdir().unwrap();
    let document = drawing();
    let mut safe = Safe::begin(root.path(), &about(), &document, true).unwrap();
    fs::write(journal_path(&safe.folder, 1), "half").unwrap();
    assert!(safe.start_copy().is_err());
    assert_eq!(safe.start_copy().unwrap().unwrap().number, 1);
}

#[test]
fn a_kill_before_and_after_a_copy_is_whole() {
    let root = tempfile::tempdir().unwrap();
    let mut document = drawing();
    let mut safe = Safe::begin(root.path(), &about(), &document, false).unwrap();
    let mut step = |safe: &mut Safe, value| {
        dot(&mut document, value);
        safe.commit(&document, true).unwrap();
    };
    step(&mut safe, 1);
    let copy = safe.start_copy().unwrap().unwrap();
    step(&mut safe, 2);
    drop(safe);
    let lost = Lost::find(root.path()).remove(0);
    assert_eq!(value(&lost.recover().unwrap()), 2, "the copy was not written");
    copy.write().unwrap();
    assert_eq!(value(&lost.recover().unwrap()), 2, "it was");
    fs::remove_file(lost.folder.join("0.journal")).unwrap();
    assert_eq!(value(&lost.recover().unwrap()), 2, "and what came before it has gone");
}

#[test]
fn groups_that_lie_deeper_than_they_may_by_now_come_back_as_they_were() {
    let root = tempfile::tempdir().unwrap();
    let mut document = drawing();
    let mut inner = Layer::new(Role::Paint, "paint", Pixels::Raster(TileGrid::filled([64, 64], [9; 4])));
    for _ in 0..=MAX_DEPTH {
        let group = Layer::new(Role::Paint, "group", Pixels::Group([64, 64]));
        inner.parent = Some(group.id);
        document.add(std::mem::replace(&mut inner, group));
    }
    document.add(inner);
    let mut safe = Safe::begin(root.path(), &about(), &document, true).unwrap();
    let copy = safe.start_copy().unwrap().unwrap();
    dot(&mut document, 7);
    safe.commit(&document, true).unwrap();
    drop(safe);
    let lost = Lost::find(root.path()).remove(0);
    let comes_back = || {
        let document = lost.recover().unwrap();
        let canvas = document.canvas();
        let depths = canvas.layers().map(|layer| canvas.depth(layer.id));
        assert_eq!((value(&document), depths.max()), (7, Some(MAX_DEPTH + 1)));
    };
    comes_back();
    copy.write().unwrap();
    comes_back();
}

#[test]
fn copies_leave_one_copy_and_one_journal() {
    let root = tempfile::tempdir().unwrap();
    let mut document = drawing();
    let mut safe = Safe::begin(root.path(), &about(), &document, false).unwrap();
    for value in 1..4 {
        dot(&mut document, value);
        safe.commit(&document, true).unwrap();
        let copy = safe.start_copy().unwrap().unwrap();
        copy.write().unwrap();
        safe.finish_copy(copy.number);
    }
    let mut names: Vec<_> = fs::read_dir(&safe.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["3.journal", "3.ora", ABOUT, LOCK]);
    safe.remove().unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}
