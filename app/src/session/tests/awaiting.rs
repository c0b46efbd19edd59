//! What takes its time, a fill or a merge, and what comes after it.

use super::laying::{moving, send};
use super::turns::{done, settle};
use super::*;

/// A session with a stroke and, over it, a fill that is still being looked for.
fn filling() -> (Session, Sender<()>) {
    let mut session = moving();
    session.run(Command::SelectBrush);
    send(&mut session, PointerEvent::Press, 4.0);
    send(&mut session, PointerEvent::Release, 8.0);
    session.run(Command::SelectFill);
    let gate = hold(&session.regions);
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
fn merges_come_one_after_the_other() {
    let mut session = moving();
    (0..3).for_each(|_| session.run(Command::NewLayer));
    // None but the last was ever chosen.
    session.selected.drain(..session.selected.len() - 1);
    let gate = hold(&session.regions);
    session.run(Command::MergeDown);
    session.run(Command::MergeDown);
    session.run(Command::Undo);
    assert!(session.is_modified());
    settle(&mut session, gate);
    assert_eq!(done(&session), ["New layer", "New layer", "New layer", "Merge layers"]);
    assert_eq!(session.history.redo_label(), Some("Merge layers"));
}
