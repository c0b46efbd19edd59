//! What would be lost if the program ended, and what is written before.

use engine::event::{Event, JobId, ModelIdentity, Take};
use image::{Rgb, RgbImage};

use super::*;
use crate::board::card::{Known, known_rgb};
use crate::board::{ReferenceCard, SketchCard, State};
use crate::gallery::export::ExportError;
use crate::generate::recipe::Origin;
use crate::session::Loss;
use crate::session::exporting::write_psd;

fn picture(value: u8) -> Known<RgbImage> {
    known_rgb(RgbImage::from_pixel(8, 8, Rgb([value; 3])), Origin::Document)
}

/// A session with a sketch against some references on the board, its first cell at the engine.
fn asked(references: u8) -> Session {
    let mut session = empty();
    let sketch = SketchCard::new("frame".to_owned(), None, picture(255), None);
    session.board.add_sketch(sketch, false);
    for value in 0..references {
        let reference = ReferenceCard::new(format!("reference {value}"), picture(value), None, None);
        session.board.add_reference(reference, false);
    }
    let places: Vec<_> = session.board.layout().places().collect();
    session.board.retry(places[0], &session.settings);
    session.tend_board();
    session
}

/// As [`asked`], with that cell's take.
fn with_take(references: u8) -> Session {
    let mut session = asked(references);
    let take = Take {
        picture: picture(9).0,
        settings: session.settings.clone(),
        model: ModelIdentity {
            name: String::new(),
            hash: String::new(),
        },
        elapsed: Duration::ZERO,
    };
    // The engine that does nothing calls every job so.
    session.hear_board(Event::Finished { job: JobId(0), take });
    wait(&mut session, "the take", |session| session.board.has_takes());
    session
}

/// Chooses the first reference for all frames.
fn choose(session: &mut Session) {
    let column = session.board.layout().columns[0].id;
    session.board.edit("Choose a reference", |layout| layout.choose(Some(column)));
}

/// Occupies the writing of takes until what is returned goes.
fn write_for_long(session: &mut Session) -> Sender<()> {
    let (gate, opens) = channel::<()>();
    session.write(1, move |_| {
        let _ = opens.recv();
        Err(ExportError::Cancelled)
    });
    gate
}

fn said(session: &Session) -> &str {
    session.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn what_came_after_the_person_let_the_rest_go_is_asked_about() {
    let mut session = with_take(1);
    session.begin(drawing("first"));
    assert_eq!(session.would_lose(), Some(Loss::Board));
    change(&mut session);
    assert_eq!(session.would_lose(), Some(Loss::Changes));
    session.let_go();
    assert_eq!(session.would_lose(), Some(Loss::Board));
    session.let_board_go();
    assert_eq!(session.would_lose(), None);
    change(&mut session);
    assert_eq!(session.would_lose(), Some(Loss::Changes), "while the person answered");
    session.let_go();
    session.hold_on();
    assert_eq!(session.would_lose(), Some(Loss::Changes), "the person stays");
}

#[test]
fn pictures_on_their_way_into_files_keep_the_program_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened();
    let gate = write_for_long(&mut session);
    assert_eq!(session.would_lose(), Some(Loss::Exports));
    drop(gate);
    wait(&mut session, "the takes", |session| session.would_lose().is_none());
    let gate = hold(&session.outgoing.files);
    session.export(folder.path().join("a.png"));
    assert_eq!(session.would_lose(), Some(Loss::Exports));
    drop(gate);
    wait(&mut session, "the picture", |session| session.would_lose().is_none());
    assert!(!session.has_missed_export());
    session.export(Path::new("/nowhere/at all/a.png").to_owned());
    wait(&mut session, "the failure", |session| session.would_lose().is_none());
    assert!(session.has_missed_export());
}

#[test]
fn nobody_waits_for_a_picture_that_was_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened();
    let _gate = hold(&session.outgoing.files);
    session.export(folder.path().join("a.png"));
    session.give_up_exports();
    assert_eq!(session.would_lose(), None);
    session.hold_on();
    assert_eq!(session.would_lose(), Some(Loss::Exports), "the person stays");
}

#[test]
fn frames_of_one_reference_alone_keep_no_board_with_others() {
    let folder = tempfile::tempdir().unwrap();
    for (references, unsaved) in [(1, false), (2, true)] {
        let mut session = with_take(references);
        choose(&mut session);
        session.open_for(Command::ExportFrames, folder.path().to_owned());
        wait(&mut session, "the frames", |session| said(session).contains("frame"));
        assert_eq!(said(&session), format!("1 frame is in {}", folder.path().display()));
        assert_eq!(session.board.is_unsaved(), unsaved, "{references} references");
    }
}

#[test]
fn frames_are_not_written_over_drawings() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = with_take(1);
    choose(&mut session);
    let name = session.board.layout().rows[0].sketch.name.clone();
    let drawing = folder.path().join(format!("{name}.png"));
    image::GrayImage::new(8, 8).save(&drawing).unwrap();
    let before = std::fs::read(&drawing).unwrap();
    session.open_for(Command::ExportFrames, folder.path().to_owned());
    wait(&mut session, "the reason", |session| said(session).contains("is no take"));
    assert_eq!(std::fs::read(&drawing).unwrap(), before);
    // Its own takes are.
    std::fs::remove_file(&drawing).unwrap();
    for _ in 0..2 {
        session.notice = None;
        session.open_for(Command::ExportFrames, folder.path().to_owned());
        wait(&mut session, "the frames", |session| said(session).contains("1 frame is in"));
    }
}

#[test]
fn what_is_not_written_is_said_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let write = |session: &mut Session, command| {
        session.notice = None;
        session.outgoing.saving.ask();
        session.open_for(command, folder.path().to_owned());
        assert!(session.has_missed_export() && !session.asks_for_folder());
    };
    let mut session = with_take(1);
    let gate = write_for_long(&mut session);
    for command in [Command::ExportBoard, Command::ExportFrames, Command::ReviewBoard] {
        write(&mut session, command);
        assert!(said(&session).starts_with("Other pictures are being written"));
    }
    session.begin(drawing("first"));
    write(&mut session, Command::ReviewTakes);
    assert!(said(&session).starts_with("Other pictures are being written"));
    drop(gate);
    wait(&mut session, "the takes", |session| !session.is_exporting());
    write(&mut session, Command::ExportFrames);
    assert!(said(&session).starts_with("No reference is chosen"));
    assert!(session.board.is_unsaved());
}

#[test]
fn a_psd_that_is_called_off_is_told_of_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.psd");
    let mut session = opened();
    let document = session.document().unwrap().clone();
    let (gate, opens) = channel::<()>();
    let to = path.clone();
    session.write(1, move |meter| {
        let _ = opens.recv();
        write_psd(&document, to, meter)
    });
    session.cancel_writing();
    drop(gate);
    wait(&mut session, "the end", |session| !session.is_exporting());
    assert_eq!(said(&session), "The PSD was not written.");
    assert!(!session.has_missed_export() && !path.exists());
}

#[test]
fn a_board_can_be_saved_though_the_chosen_reference_has_no_take_yet() {
    let mut session = with_take(2);
    let column = session.board.layout().columns[1].id;
    session.board.edit("Choose a reference", |layout| layout.choose(Some(column)));
    assert!(session.allows(Command::ExportBoard) && !session.allows(Command::ExportFrames));
}

#[test]
fn a_take_that_cannot_be_made_ready_is_told_of_in_its_cell() {
    let mut session = asked(1);
    let place = session.board.layout().places().next().unwrap();
    let parts = session.board.layout().parts(place).unwrap();
    session.receive_landed(place, parts, Err("out of luck".to_owned()));
    // Its job is done.
    session.board.forget_jobs();
    assert!(matches!(session.board.state(place), State::Failed(reason) if reason == "out of luck"));
}

#[test]
fn a_colour_model_that_cannot_be_followed_holds_up_no_export() {
    let mut session = with_take(1);
    choose(&mut session);
    let row = session.board.layout().rows[0].id;
    assert!(session.board.name_part(row, [0.5, 0.5]));
    let following = session.board.follow().expect("it is to be followed");
    assert!(session.board.is_toning());
    session.open_for(Command::ExportBoard, Path::new("/nowhere/at all").to_owned());
    assert_eq!(session.would_lose(), Some(Loss::Exports), "it waits for the colours");
    session.give_up_exports();
    assert_eq!(session.would_lose(), Some(Loss::Board));
    session.receive_followed(following.hash, Err("out of luck".to_owned()));
    assert_eq!(said(&session), "out of luck");
    wait(&mut session, "the rest", |session| !session.board.is_toning());
}
