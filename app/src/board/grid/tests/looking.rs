//! What is in memory, and what follows from the frames.

use super::*;

#[test]
fn what_nobody_looks_at_leaves_memory_and_comes_back_when_it_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = board(3, 2);
    board.keep_takes_in(folder.path().to_owned());
    assert_eq!(fill(&mut board), 6);
    // Two pictures of 8 x 8.
    let room = 2 * 8 * 8 * 3;
    assert!(board.fetch_within(room, 0).is_empty());
    assert!(board.bytes_near() <= room);
    let looked_at = place(&board, 0, 0);
    let take = board.take(looked_at).unwrap().clone();
    for _ in 0..2 {
        // Its small picture until it is there.
        take.shown.get();
        for wanted in board.fetch_within(room, 0) {
            wanted.run().unwrap();
        }
    }
    assert!(take.shown.near().is_some());
    board.fetch_within(room, 0);
    assert!(take.shown.near().is_some() && board.bytes_near() <= room, "others go first");
    for place in board.layout.places().collect::<Vec<_>>() {
        assert_eq!(board.take(place).unwrap().color.open().unwrap().get_pixel(0, 0).0, [7; 3]);
    }
}

#[test]
fn a_take_whose_file_is_gone_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = board(1, 1);
    board.keep_takes_in(folder.path().to_owned());
    fill(&mut board);
    let take = board.take(place(&board, 0, 0)).unwrap().clone();
    take.shown.leave();
    let kept = std::fs::read_dir(folder.path()).unwrap().flatten().next().unwrap().path();
    std::fs::remove_dir_all(kept).unwrap();
    take.shown.get();
    let wanted = board.fetch();
    assert!(wanted[0].run().is_err());
    board.lose(&take);
    assert!(matches!(board.state(place(&board, 0, 0)), State::Queued));
    assert_eq!(fill(&mut board), 1);
}

#[test]
fn who_looks_closely_sees_every_pixel_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::default();
    board.keep_takes_in(folder.path().to_owned());
    for at in 0..3 {
        let lines = RgbImage::from_fn(1200, 900, |x, y| Rgb([if x % 2 == 0 || y == 100 + at { 255 } else { 0 }; 3]));
        let sketch = SketchCard::new(at.to_string(), None, known_rgb(lines, Origin::Document), None);
        board.add_sketch(sketch, true);
    }
    board.add_reference(reference(1), true);
    board.run(&Settings::default());
    for job in 1..=3 {
        let (place, _) = board.next().unwrap();
        board.submitted(place, JobId(job));
        let Event::Finished { job, take } = finished(job) else {
            panic!()
        };
        let picture = Arc::new(RgbImage::from_pixel(1200, 900, Rgb([7; 3])));
        let fresh = board.receive(Event::Finished {
            job,
            take: Take { picture, ..take },
        });
        ready(&mut board, fresh.unwrap());
    }
    let takes: Vec<_> = (0..3).map(|row| board.take(place(&board, row, 0)).unwrap().clone()).collect();
    let one = 1200 * 900 * 3;
    let look = |board: &mut Board, side: f32| {
        takes.iter().for_each(|take| drop(take.picture(side)));
        for wanted in board.fetch_within(usize::MAX, 2 * one) {
            wanted.run().unwrap();
        }
    };
    look(&mut board, 500.0);
    assert!(takes.iter().all(|take| take.picture(500.0).0.width() == 512));
    look(&mut board, 4000.0);
    let whole = |take: &Arc<CellTake>| take.whole.as_ref().unwrap().held().is_some();
    assert_eq!(takes.iter().filter(|take| whole(take)).count(), 2, "the third does not fit");
    let close = takes.iter().find(|take| whole(take)).unwrap();
    let (picture, is_all) = close.picture(4000.0);
    assert!(is_all && picture.dimensions() == (1200, 900));
    assert_eq!([6, 7].map(|x| picture.get_pixel(x, 0).0[0]), [7, 0], "a line of one pixel");
    board.fetch_within(usize::MAX, one);
    assert!(takes.iter().filter(|take| whole(take)).count() <= 1);
}

/// Frames with a wall at each of these places, against one reference that is chosen. Nothing is made yet.
fn shot(walls: &[u32]) -> Board {
    let mut board = Board::default();
    for wall in walls {
        let lines = RgbImage::from_fn(64, 64, |x, _| Rgb([if x.abs_diff(*wall) < 2 { 0 } else { 255 }; 3]));
        let card = SketchCard::new("s".to_owned(), None, known_rgb(lines, Origin::Document), None);
        board.add_sketch(card, false);
    }
    let column = board.add_reference(reference(1), false);
    board.edit("Choose", |layout| layout.choose(Some(column)));
    board.run(&Settings::default());
    board
}

/// Makes the next frame of a shot.
fn make(board: &mut Board, job: u64) {
    let (place, _) = board.next().unwrap();
    board.submitted(place, JobId(job));
    let fresh = board.receive(finished(job)).unwrap();
    let picture = Arc::new(RgbImage::from_pixel(64, 64, Rgb([7; 3])));
    let take = Take { picture, ..fresh.take };
    ready(board, Fresh { take, ..fresh });
}

/// The areas that each part was shown to be.
fn shown(board: &Board) -> Vec<Vec<(RowId, usize)>> {
    board.layout.colors.parts.iter().map(|part| part.shown.clone()).collect()
}

#[test]
fn a_part_outlives_the_frame_that_it_was_named_in() {
    let mut board = shot(&[20, 22, 24]);
    (1..=3).for_each(|job| make(&mut board, job));
    let [first, second, third] = [0, 1, 2].map(|at| board.layout.rows[at].id);
    assert!(board.name_part(first, [0.8, 0.5]));
    let named = shown(&board);
    let (_, right) = named[0][0];
    board.remove_row(first);
    assert_eq!(shown(&board), [[(second, right)]]);
    board.undo();
    assert_eq!(shown(&board), named);
    // What is another part there is looked for farther away.
    assert!(board.name_part(second, [0.8, 0.5]));
    board.remove_row(first);
    assert_eq!(shown(&board), [[(third, right)], [(second, right)]]);
    // What is in no other frame goes.
    let mut board = shot(&[8, 32]);
    make(&mut board, 1);
    let first = board.layout.rows[0].id;
    assert!(board.name_part(first, [0.05, 0.5]));
    board.remove_row(first);
    assert!(shown(&board).is_empty());
}

#[test]
fn another_picture_in_the_chosen_column_brings_colours_of_its_own() {
    let mut board = shot(&[20, 22]);
    make(&mut board, 1);
    let (row, column) = place(&board, 0, 0);
    assert!(board.name_part(row, [0.8, 0.5]));
    let bare = |value| ReferenceCard::new("bare".to_owned(), known_rgb(picture(value), Origin::Document), None, None);
    board.replace_reference(column, bare(1));
    assert_eq!(shown(&board).len(), 1, "its mask alone is gone");
    board.replace_reference(column, bare(2));
    assert!(shown(&board).is_empty());
    board.undo();
    assert_eq!(shown(&board).len(), 1);
}

#[test]
fn parts_are_followed_when_areas_change_and_not_for_names_or_takes() {
    let mut board = shot(&[20, 22]);
    make(&mut board, 1);
    let row = board.layout.rows[0].id;
    assert!(board.follow().is_none() && board.tone().is_empty());
    assert!(board.name_part(row, [0.8, 0.5]));
    let following = board.follow().expect("a new part");
    assert!(board.follow().is_none(), "once");
    assert!(board.tone().is_empty() && board.is_toning());
    board.keep_followed(following.hash, following.run());
    board.tone();
    assert!(!board.is_toning());
    assert_eq!(board.part_drifts(), [[Some(0.0), None]]);
    board.rename_part(0, "Hair".to_owned());
    make(&mut board, 2);
    assert!(board.follow().is_none());
    board.tone();
    assert_eq!(board.part_drifts(), [[Some(0.0), Some(0.0)]]);
    board.undo();
    board.undo();
    let nothing = board.follow().expect("no part any more");
    board.keep_followed(nothing.hash, nothing.run());
    board.tone();
    assert!(board.part_drifts().is_empty());
}

#[test]
fn drifts_that_take_longer_than_a_frame_has_are_measured_over_several() {
    let mut board = board(4, 1);
    fill(&mut board);
    let column = board.layout.columns[0].id;
    // Three pairs of frames, one a call.
    let mut drifts = || board.drifts(column, Instant::now());
    assert!(drifts().is_none() && drifts().is_none());
    assert_eq!(drifts().map(|drifts| drifts.len()), Some(4));
}
