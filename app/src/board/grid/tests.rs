mod looking;

use engine::event::{Event, ModelIdentity, Preview, Take};
use image::{GrayImage, Rgb, RgbImage};

use super::*;
use crate::board::card::{ReferenceCard, SketchCard, known_gray, known_rgb};
use crate::board::layout::Noise;
use crate::generate::recipe::Origin;

fn picture(value: u8) -> RgbImage {
    RgbImage::from_pixel(8, 8, Rgb([value; 3]))
}

fn sketch(value: u8) -> SketchCard {
    let mask = known_gray(GrayImage::new(8, 8), Origin::Document);
    SketchCard::new(
        format!("s{value}"),
        None,
        known_rgb(picture(value), Origin::Document),
        Some(mask),
    )
}

fn reference(value: u8) -> ReferenceCard {
    let mask = known_gray(GrayImage::new(8, 8), Origin::Document);
    ReferenceCard::new(
        format!("r{value}"),
        known_rgb(picture(value), Origin::Document),
        Some(mask),
        None,
    )
}

fn board(rows: u8, columns: u8) -> Board {
    let mut board = Board::default();
    (0..rows).for_each(|value| {
        board.add_sketch(sketch(value), true);
    });
    (0..columns).for_each(|value| {
        board.add_reference(reference(100 + value), true);
    });
    board
}

fn place(board: &Board, row: usize, column: usize) -> Place {
    (board.layout.rows[row].id, board.layout.columns[column].id)
}

/// Gives the engine what it may have.
fn submit(board: &mut Board, count: &mut u64) -> Vec<Place> {
    let mut places = Vec::new();
    while let Some((place, _)) = board.next() {
        *count += 1;
        board.submitted(place, JobId(*count));
        places.push(place);
    }
    places
}

fn finished(job: u64) -> Event {
    let take = Take {
        picture: Arc::new(picture(7)),
        settings: Settings::default(),
        model: ModelIdentity {
            name: String::new(),
            hash: String::new(),
        },
        elapsed: Default::default(),
    };
    Event::Finished { job: JobId(job), take }
}

fn finish(board: &mut Board, job: u64) {
    let fresh = board.receive(finished(job)).expect("one of ours");
    ready(board, fresh);
}

/// Lands a take.
fn ready(board: &mut Board, fresh: Fresh) {
    let place = fresh.place;
    let take = fresh.ready(String::new(), &board.shelf());
    board.land(place, take);
}

fn fill(board: &mut Board) -> usize {
    let (mut job, mut made) = (1000, 0);
    board.run(&Settings::default());
    loop {
        let first = job + 1;
        let places = submit(board, &mut job);
        if places.is_empty() {
            return made;
        }
        for job in first..first + places.len() as u64 {
            finish(board, job);
            made += 1;
        }
    }
}

#[test]
fn a_cell_goes_from_empty_to_done_with_previews_between() {
    let mut board = board(1, 1);
    let cell = place(&board, 0, 0);
    assert!(matches!(board.state(cell), State::Empty));
    assert!(board.next().is_none(), "nothing runs unasked");
    board.run(&Settings::default());
    assert!(matches!(board.state(cell), State::Queued));
    submit(&mut board, &mut 0);
    assert!(!board.concerns(&Event::Started { job: JobId(9), steps: 4 }));
    board.receive(Event::Started { job: JobId(1), steps: 4 });
    let preview = Preview {
        job: JobId(1),
        step: 1,
        steps: 4,
        picture: Arc::new(picture(3)),
    };
    board.preview(preview);
    assert!(matches!(
        board.state(cell),
        State::Running {
            step: 0,
            steps: 4,
            preview: Some(_)
        }
    ));
    finish(&mut board, 1);
    assert!(matches!(board.state(cell), State::Done(_)));
    assert_eq!(board.progress(), (1, 1));
}

#[test]
fn what_changes_no_cell_makes_nobody_look_at_every_cell_again() {
    let mut board = board(2, 2);
    board.run(&Settings::default());
    submit(&mut board, &mut 0);
    let before = board.version;
    let (job, steps) = (JobId(1), 4);
    board.receive(Event::Started { job, steps });
    let elapsed = Duration::ZERO;
    board.receive(Event::Progress {
        job,
        step: 1,
        steps,
        elapsed,
        preview: std::sync::Arc::default(),
    });
    assert!(board.redo().is_none());
    assert_eq!(board.version, before);
    board.receive(Event::Cancelled { job });
    let after = board.version;
    assert_ne!(after, before);
    board.forget_jobs();
    assert_ne!(board.version, after);
    let rest = board.version;
    board.forget_jobs();
    assert_eq!(board.version, rest);
}

#[test]
fn the_hovered_comes_first_then_the_visible_then_the_rest() {
    let mut board = board(2, 3);
    board.run(&Settings::default());
    board.focus.hovered = Some(place(&board, 1, 2));
    board.focus.visible = vec![place(&board, 0, 1)];
    let mut jobs = 0;
    let first = submit(&mut board, &mut jobs);
    assert_eq!(first, [place(&board, 1, 2), place(&board, 0, 1)], "two at a time");
    finish(&mut board, 1);
    assert_eq!(submit(&mut board, &mut jobs), [place(&board, 0, 0)]);
}

#[test]
fn an_engine_that_is_faster_than_the_disk_waits_for_it() {
    let mut board = board(4, 4);
    board.run(&Settings::default());
    let mut jobs = 0;
    let mut landing = Vec::new();
    loop {
        let first = jobs + 1;
        if submit(&mut board, &mut jobs).is_empty() {
            break;
        }
        (first..=jobs).for_each(|job| landing.extend(board.receive(finished(job))));
    }
    assert!(landing.len() < 12, "{} pictures wait in memory", landing.len());
    landing.drain(..).for_each(|fresh| ready(&mut board, fresh));
    assert!(board.next().is_some());
}

#[test]
fn a_changed_reference_makes_only_its_column_stale_and_undo_brings_the_takes_back() {
    let mut board = board(2, 2);
    assert_eq!(fill(&mut board), 4);
    let column = board.layout.columns[1].id;
    board.replace_reference(column, reference(9));
    assert!(matches!(board.state(place(&board, 0, 0)), State::Done(_)));
    assert!(matches!(
        board.state(place(&board, 0, 1)),
        State::Stale(_, "the reference has changed")
    ));
    board.undo();
    assert!(matches!(board.state(place(&board, 0, 1)), State::Done(_)));
    board.redo();
    assert_eq!(fill(&mut board), 2, "only its column runs again");
}

#[test]
fn a_mask_that_is_not_there_makes_no_difference() {
    let mut board = board(1, 1);
    let column = board.layout.columns[0].id;
    let bare = ReferenceCard::new("bare".to_owned(), known_rgb(picture(3), Origin::Document), None, None);
    board.replace_reference(column, bare);
    assert_eq!(fill(&mut board), 1);
    board.edit("", |layout| layout.columns[0].masked = false);
    assert!(matches!(board.state(place(&board, 0, 0)), State::Done(_)));
}

#[test]
fn noise_is_shared_by_the_board_or_by_the_row() {
    let mut board = board(2, 2);
    let seeds = |board: &Board| -> Vec<u64> {
        board
            .layout
            .places()
            .map(|place| board.layout.request(place).unwrap().0.settings.seed)
            .collect()
    };
    board.edit("", |layout| layout.seed = 5);
    assert_eq!(seeds(&board), [5; 4]);
    board.edit("", |layout| layout.noise = Noise::Row);
    let seeds = seeds(&board);
    assert!(
        seeds[0] == seeds[1] && seeds[2] == seeds[3] && seeds[0] != seeds[2],
        "{seeds:?}"
    );
}

#[test]
fn a_cell_a_row_and_all_are_cancelled() {
    let mut board = board(2, 2);
    board.run(&Settings::default());
    let mut jobs = 0;
    submit(&mut board, &mut jobs);
    let cell = place(&board, 0, 0);
    assert_eq!(board.cancel(Scope::Cell(cell)), [JobId(1)]);
    board.receive(Event::Cancelled { job: JobId(1) });
    assert!(matches!(board.state(cell), State::Cancelled));
    assert_eq!(submit(&mut board, &mut jobs), [place(&board, 1, 0)], "it is not tried again");
    let row = board.layout.rows[1].id;
    assert_eq!(board.cancel(Scope::Row(row)), [JobId(3)]);
    assert_eq!(board.cancel(Scope::All), [JobId(2), JobId(3)]);
    assert!(!board.is_running());
}

#[test]
fn a_cell_is_run_alone_and_not_where_it_is_done() {
    let mut board = board(2, 2);
    let cell = place(&board, 1, 0);
    let steps = |steps| Settings {
        steps,
        ..Settings::default()
    };
    assert!(board.can_retry(cell) && !board.can_cancel(cell));
    board.retry(cell, &steps(5));
    assert!(!board.can_retry(cell) && board.can_cancel(cell) && board.is_working());
    assert_eq!(board.layout.settings().steps, 5, "nothing was made with others");
    let mut jobs = 0;
    assert_eq!(submit(&mut board, &mut jobs), [cell], "the others stay as they are");
    finish(&mut board, 1);
    assert!(!board.is_working() && !board.is_running());
    assert!(!board.can_retry(cell) && !board.can_cancel(cell), "it is done");
    // Stale by other noise, though another reference is chosen.
    let other = board.layout.columns[1].id;
    board.edit("", |layout| {
        layout.seed = 9;
        layout.chosen = Some(other);
    });
    assert!(board.can_retry(cell));
    board.retry(cell, &steps(7));
    assert_eq!(board.layout.settings().steps, 5, "the first one's settings stay");
    assert_eq!(submit(&mut board, &mut jobs), [cell]);
    board.receive(Event::Cancelled { job: JobId(2) });
    board.retry(cell, &steps(5));
    board.cancel(Scope::Cell(cell));
    assert!(matches!(board.state(cell), State::Cancelled) && board.can_retry(cell) && !board.is_working());
}

#[test]
fn what_was_removed_or_changed_is_not_worked_on() {
    let mut board = board(1, 2);
    board.run(&Settings::default());
    submit(&mut board, &mut 0);
    board.edit("Remove", |layout| {
        layout.columns.remove(0);
    });
    assert_eq!(board.outdated(), [JobId(1)]);
    board.undo();
    assert!(board.outdated().is_empty());
    let other = Settings {
        steps: 3,
        ..Settings::default()
    };
    board.run(&other);
    assert_eq!(board.outdated().len(), 2);
}

#[test]
fn a_chosen_reference_is_the_only_one_that_runs() {
    let mut board = board(2, 3);
    let chosen = board.layout.columns[2].id;
    board.edit("Choose", |layout| layout.chosen = Some(chosen));
    assert_eq!(fill(&mut board), 2);
    assert_eq!(board.progress(), (2, 2));
}

#[test]
fn a_failure_stops_no_other_cell_and_is_told() {
    let mut board = board(1, 2);
    board.run(&Settings::default());
    submit(&mut board, &mut 0);
    let error = Arc::new(engine::EngineError::Empty { name: "sketch" });
    board.receive(Event::Failed { job: JobId(1), error });
    assert!(matches!(board.state(place(&board, 0, 0)), State::Failed(reason) if reason.contains("sketch")));
    finish(&mut board, 2);
    assert!(board.next().is_none(), "it is not tried again by itself");
}
