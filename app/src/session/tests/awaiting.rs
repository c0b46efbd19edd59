//! What takes its time, a fill or a merge, and what comes after it.

use image::{Rgb, RgbImage};

use super::laying::{moving, send};
use super::turns::{done, settle};
use super::*;
use crate::session::filling::NOTHING_WITHIN;
use crate::session::line_alpha::ALPHA_LOCKED;
use crate::tool::FillBy;

/// A session with a stroke and, over it, a fill that is still being looked for.
fn filling() -> (Session, Sender<()>) {
    let mut session = moving();
    session.run(Command::SelectBrush);
    send(&mut session, PointerEvent::Press, 4.0);
    send(&mut session, PointerEvent::Release, 8.0);
    session.run(Command::SelectFill);
    let gate = hold(&session.finding.awaited.thread);
    send(&mut session, PointerEvent::Press, 45.0);
    send(&mut session, PointerEvent::Release, 45.0);
    assert!(session.is_laying() && done(&session) == ["Brush stroke"]);
    (session, gate)
}

#[test]
fn what_comes_after_a_fill_waits_for_it() {
    let (mut session, gate) = filling();
    session.run(Command::Undo);
    assert_eq!(done(&session), ["Brush stroke"], "it is not the stroke that is undone");
    settle(&mut session, gate);
    assert_eq!(
        (done(&session), session.history.redo_label()),
        (vec!["Brush stroke"], Some("Fill"))
    );
    let (mut session, gate) = filling();
    session.run(Command::SelectBrush);
    send(&mut session, PointerEvent::Press, 50.0);
    send(&mut session, PointerEvent::Release, 54.0);
    settle(&mut session, gate);
    assert_eq!(done(&session), ["Brush stroke", "Fill", "Brush stroke"]);
}

#[test]
fn escape_calls_off_a_fill_that_is_looked_for() {
    let (mut session, gate) = filling();
    session.run(Command::Cancel);
    assert!(session.is_settled());
    settle(&mut session, gate);
    assert_eq!(done(&session), ["Brush stroke"]);
    assert!(!session.is_finding());
    // The next one does not wait for it.
    let (mut session, _gate) = filling();
    session.run(Command::Cancel);
    send(&mut session, PointerEvent::Press, 45.0);
    send(&mut session, PointerEvent::Release, 45.0);
    wait(&mut session, "another fill", |session| {
        done(session) == ["Brush stroke", "Fill"]
    });
}

#[test]
fn a_fill_that_is_dragged_is_one_change_once_it_ends_and_none_when_it_is_called_off() {
    let mut session = moving();
    session.run(Command::SelectFill);
    let drag = |session: &mut Session| {
        send(session, PointerEvent::Press, 4.0);
        send(session, PointerEvent::Move, 30.0);
        session.catch_up();
        assert!(session.stroke() == Some(Side::Canvas) && !session.is_finding() && done(session).is_empty());
    };
    drag(&mut session);
    session.run(Command::Cancel);
    send(&mut session, PointerEvent::Release, 60.0);
    assert!(session.is_settled() && !session.is_finding() && done(&session).is_empty());
    drag(&mut session);
    send(&mut session, PointerEvent::Release, 60.0);
    wait(&mut session, "the fill", |session| done(session) == ["Fill"]);
    session.run(Command::Undo);
    assert!(done(&session).is_empty());
}

#[test]
fn a_loop_within_which_no_region_lies_says_so_and_is_no_change() {
    let mut session = moving();
    session.run(Command::SelectFill);
    session.toolbox.fill.by = FillBy::Enclose;
    let mut point = |event: fn(PointerSample) -> PointerEvent, at| {
        session.pointer(Side::Canvas, event(PointerSample::at(at)), Keys::default());
    };
    point(PointerEvent::Press, [10.0, 10.0]);
    point(PointerEvent::Move, [50.0, 10.0]);
    point(PointerEvent::Move, [50.0, 50.0]);
    point(PointerEvent::Release, [10.0, 50.0]);
    wait(&mut session, "what is said", |session| session.notice.is_some());
    assert_eq!(session.notice.as_ref().unwrap().text, NOTHING_WITHIN);
    assert!(session.is_settled() && done(&session).is_empty());
}

#[test]
fn where_nothing_is_left_or_alpha_is_locked_it_is_said_and_is_no_change() {
    let mut session = opened();
    session.run(Command::NewLayer);
    session.run(Command::ToggleAlphaLock);
    let fill = |session: &mut Session| {
        session.run(Command::FillBare);
        wait(session, "the fill", |session| session.is_settled());
        session.notice.take().map(|notice| notice.text).unwrap_or_default()
    };
    assert_eq!(fill(&mut session), ALPHA_LOCKED);
    session.run(Command::Clear);
    assert_eq!(session.notice.take().map(|notice| notice.text), Some(ALPHA_LOCKED.to_owned()));
    assert_eq!(done(&session), ["New layer", "Lock or unlock alpha"]);
    session.run(Command::ToggleAlphaLock);
    assert_eq!(fill(&mut session), "");
    assert_eq!(fill(&mut session), "Nothing is left to be filled.");
    assert_eq!(done(&session).last(), Some(&"Fill"));
}

#[test]
fn merges_come_one_after_the_other() {
    let mut session = moving();
    (0..3).for_each(|_| session.run(Command::NewLayer));
    // None but the last was ever chosen.
    let last = session.choice.layers.len() - 1;
    session.choice.layers.drain(..last);
    let gate = hold(&session.finding.awaited.thread);
    session.run(Command::MergeDown);
    session.run(Command::MergeDown);
    session.run(Command::Undo);
    assert!(session.is_modified());
    settle(&mut session, gate);
    assert_eq!(done(&session), ["New layer", "New layer", "New layer", "Merge layers"]);
    assert_eq!(session.history.redo_label(), Some("Merge layers"));
}

#[test]
fn flats_of_a_take_that_is_gone_by_then_are_left_out_in_words() {
    let mut session = opened();
    let picture = RgbImage::from_pixel(64, 64, Rgb([9, 90, 9]));
    let take = session.edit("Colorize", |document| Some(document.place_take(&picture, String::new())));
    session.ask_about_flats(take.unwrap());
    let gate = hold(&session.finding.unawaited.thread);
    session.end_asking_about_flats(true);
    session.run(Command::Undo);
    drop(gate);
    wait(&mut session, "the flats", |session| !session.is_finding());
    let told = session.notice.take().map(|notice| notice.text).unwrap_or_default();
    assert!(told.contains("is gone"), "{told}");
    assert_eq!(
        session.history.redo_label(),
        Some("Colorize"),
        "what was undone can come back"
    );
}
