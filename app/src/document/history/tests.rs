//! Undo, redo, what they cost, and what lies on the disk.

use super::*;
use crate::document::test_drawing::{self, dot, value};
use crate::document::{Document, Pixels, Role};

const MASK_TILE: usize = 65536;

fn drawing() -> Document {
    test_drawing::blank(300)
}

#[test]
fn undo_and_redo_walk_the_same_states() {
    let (mut document, mut history) = (drawing(), History::default());
    for step in 1..=3 {
        history.edit(&mut document, "Brush stroke", |document| dot(document, step));
    }
    assert_eq!(history.undo(&mut document), Some("Brush stroke"));
    assert_eq!(history.undo(&mut document), Some("Brush stroke"));
    assert_eq!(value(&document), 1);
    assert_eq!(history.redo(&mut document), Some("Brush stroke"));
    assert_eq!(value(&document), 2);
    assert_eq!(
        (history.done().len(), history.undone().collect::<Vec<_>>()),
        (2, vec!["Brush stroke"])
    );
    history.edit(&mut document, "Erase", |document| dot(document, 9));
    assert_eq!(history.redo(&mut document), None);
    assert_eq!((history.undo_label(), history.redo_label()), (Some("Erase"), None));
}

#[test]
fn an_entry_costs_the_tiles_that_differ() {
    let (mut document, mut history) = (drawing(), History::default());
    history.edit(&mut document, "Brush stroke", |document| dot(document, 1));
    assert_eq!(
        history.bytes(),
        4096,
        "the tile is new: the state before holds nothing of its own"
    );
    history.edit(&mut document, "Brush stroke", |document| dot(document, 2));
    assert_eq!(history.bytes(), 2 * 4096 + MASK_TILE);
    history.undo(&mut document);
    assert_eq!(
        history.bytes(),
        2 * 4096 + MASK_TILE,
        "now the later state holds a tile of its own"
    );
}

#[test]
fn the_oldest_entries_go_first() {
    let (mut document, mut history) = (drawing(), History::new(3 * (4096 + MASK_TILE)));
    for step in 1..=10 {
        history.edit(&mut document, "Brush stroke", |document| dot(document, step));
    }
    let mut steps = 0;
    while history.undo(&mut document).is_some() {
        steps += 1;
    }
    assert_eq!((steps, value(&document)), (3, 7));
}

#[test]
fn the_last_change_can_be_undone_whatever_it_costs() {
    let (mut document, mut history) = (drawing(), History::new(0));
    for step in 1..=3 {
        history.edit(&mut document, "Brush stroke", |document| dot(document, step));
    }
    assert!(history.undo(&mut document).is_some());
    assert_eq!((value(&document), history.undo_label()), (2, None));
}

#[test]
fn moves_of_a_slider_are_one_entry() {
    let (mut document, mut history) = (drawing(), History::default());
    for step in 1..=5 {
        let before = document.clone();
        dot(&mut document, step);
        history.record_merged("Layer opacity", before, &document);
    }
    history.undo(&mut document);
    assert_eq!((value(&document), history.undo_label()), (0, None));
}

#[test]
fn undoing_to_the_saved_state_is_unmodified() {
    let (mut document, mut history) = (drawing(), History::default());
    history.edit(&mut document, "Brush stroke", |document| dot(document, 1));
    history.mark_saved(history.state());
    history.edit(&mut document, "Brush stroke", |document| dot(document, 2));
    assert!(history.is_modified());
    history.undo(&mut document);
    assert!(!history.is_modified());
    history.undo(&mut document);
    assert!(history.is_modified());
}

/// One pixel of each of the drawing's four mask tiles in turn, and what all of them are then.
fn paint(document: &mut Document, step: u32) {
    let id = document.by_role(Role::SketchMask).unwrap().id;
    if let Pixels::Mask(grid) = &mut document.layer_mut(id).unwrap().pixels {
        grid.tile_mut(step % 2, step / 2 % 2)[7] = step as u8;
    }
}

fn painted(document: &Document) -> [u8; 4] {
    let mask = document.by_role(Role::SketchMask).unwrap().mask().unwrap();
    [[7, 0], [263, 0], [7, 256], [263, 256]].map(|[x, y]| mask.pixel(x, y))
}

/// Tends the history until `done`, which takes the thread's help.
fn wait(history: &mut History, document: &Document, done: impl Fn(&History) -> bool) {
    let start = std::time::Instant::now();
    while !done(history) {
        assert!(start.elapsed() < crate::PATIENCE, "waited in vain");
        assert_eq!(history.tend(document), None);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[test]
fn what_is_beyond_the_limit_lies_on_the_disk_and_every_step_can_be_walked() {
    const STEPS: u32 = 60;
    let folder = tempfile::tempdir().unwrap();
    let limit = 8 * (4096 + MASK_TILE);
    let (mut document, mut history) = (drawing(), History::new(limit));
    history.spill_into(folder.path().join("history"), || {});
    let mut states = vec![painted(&document)];
    for step in 1..=STEPS {
        history.edit(&mut document, "Brush stroke", |document| paint(document, step));
        states.push(painted(&document));
        history.tend(&document);
    }
    let within = |history: &History| history.bytes() <= limit;
    wait(&mut history, &document, within);
    assert_eq!(history.done().len(), STEPS as usize, "nothing is forgotten");
    #[cfg(unix)]
    assert_eq!(
        std::fs::read_dir(folder.path().join("history")).unwrap().count(),
        0,
        "a kill leaves nothing"
    );
    // Twice there and back: what came from the disk goes there again.
    for _ in 0..2 {
        for (step, wanted) in states[..STEPS as usize].iter().enumerate().rev() {
            wait(&mut history, &document, |history| {
                history.undo.back().is_some_and(Entry::is_here)
            });
            history.undo(&mut document).unwrap();
            assert_eq!(painted(&document), *wanted, "back to {step}");
        }
        assert_eq!(history.undo(&mut document), None);
        wait(&mut history, &document, within);
        for (step, wanted) in states.iter().enumerate().skip(1) {
            wait(&mut history, &document, |history| {
                history.redo.last().is_some_and(Entry::is_here)
            });
            history.redo(&mut document).unwrap();
            assert_eq!(painted(&document), *wanted, "forward to {step}");
        }
        wait(&mut history, &document, within);
    }
}

#[test]
fn where_nothing_can_be_written_the_oldest_are_forgotten_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("a file");
    std::fs::write(&blocked, "in the way").unwrap();
    let limit = 8 * (4096 + MASK_TILE);
    let (mut document, mut history) = (drawing(), History::new(limit));
    history.spill_into(blocked.join("history"), || {});
    for step in 1..=60 {
        history.edit(&mut document, "Brush stroke", |document| paint(document, step));
    }
    let start = std::time::Instant::now();
    let trouble = loop {
        assert!(start.elapsed() < crate::PATIENCE, "waited in vain");
        if let Some(trouble) = history.tend(&document) {
            break trouble;
        }
    };
    assert!(trouble.contains("cannot be put on the disk"), "{trouble}");
    assert!(history.bytes() <= limit && history.done().len() < 20);
    let before = painted(&document);
    history.undo(&mut document).unwrap();
    history.redo(&mut document).unwrap();
    assert_eq!(painted(&document), before);
}
