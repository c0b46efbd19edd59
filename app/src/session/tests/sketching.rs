//! Which layers are the sketch, and lines off their paper.

use image::{Rgb, RgbImage};

use super::laying::{coverage, send};
use super::turns::{done, settle};
use super::*;
use crate::document::{Blend, Rect};

fn sketches(session: &Session) -> Vec<LayerId> {
    let canvas = session.document().unwrap().canvas();
    canvas.sketches().map(|layer| layer.id).collect()
}

fn told(session: &mut Session) -> String {
    session.notice.take().map(|notice| notice.text).unwrap_or_default()
}

#[test]
fn a_layer_joins_the_sketch_in_one_step_and_the_last_one_stays() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.run(Command::NewLayer);
    let hair = session.target(Side::Canvas).unwrap();
    let blend = |session: &Session| session.document().unwrap().layer(hair).unwrap().blend;
    session.run(Command::UseAsSketch);
    assert!(told(&mut session).contains("Multiply"));
    assert_eq!((sketches(&session), blend(&session)), (vec![hair, sketch], Blend::Multiply));
    session.run(Command::Undo);
    assert_eq!((sketches(&session), blend(&session)), (vec![sketch], Blend::Normal));
    session.run(Command::Redo);
    session.select(sketch);
    session.run(Command::UseAsSketch);
    assert_eq!((sketches(&session), told(&mut session)), (vec![hair], String::new()));
    session.select(hair);
    session.run(Command::UseAsSketch);
    assert!(told(&mut session).contains("needs a sketch"));
    assert_eq!(sketches(&session), [hair]);
    assert_eq!(done(&session), ["New layer", "Choose the sketch", "Choose the sketch"]);
}

#[test]
fn all_of_the_sketch_is_hidden_and_shown_in_one_step() {
    let mut session = opened();
    session.select(session.by_role(Role::Sketch).unwrap());
    session.run(Command::DuplicateLayer);
    assert_eq!(sketches(&session).len(), 1, "the copy is paint");
    session.run(Command::UseAsSketch);
    let shown = |session: &Session| {
        let canvas = session.document().unwrap().canvas();
        canvas.sketches().map(|layer| layer.visible).collect::<Vec<_>>()
    };
    session.run(Command::ToggleSketch);
    assert_eq!(shown(&session), [false; 2]);
    session.run(Command::Undo);
    assert_eq!(shown(&session), [true; 2]);
}

#[test]
fn a_layer_that_was_the_sketch_once_is_not_all_of_it_where_none_shows() {
    let mut session = opened();
    let old = session.by_role(Role::Sketch).unwrap();
    session.run(Command::ToggleSketch);
    session.toggle(Some(old));
    session.run(Command::NewLayer);
    let new = session.target(Side::Canvas).unwrap();
    session.run(Command::UseAsSketch);
    // By the eye in its row, and by the command.
    session.toggle(Some(old));
    session.run(Command::ToggleLayer);
    assert_eq!(session.document().unwrap().canvas().line_ids(), [new, old]);
}

#[test]
fn lines_come_off_their_paper_in_their_turn_and_a_generation_sees_the_same() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.run(Command::SelectBrush);
    send(&mut session, PointerEvent::Press, 4.0);
    send(&mut session, PointerEvent::Release, 8.0);
    let seen = |session: &Session| session.document().unwrap().canvas().line_art(Rect::of([64, 64]));
    let before = seen(&session);
    let gate = hold(&session.finding.awaited.thread);
    session.run(Command::LinesOffPaper);
    session.run(Command::ToggleAlphaLock);
    assert_eq!(done(&session), ["Brush stroke"], "the window goes on");
    settle(&mut session, gate);
    assert_eq!(
        done(&session),
        ["Brush stroke", "Lines off the paper", "Lock or unlock alpha"]
    );
    assert!(coverage(&session, 6) > 0 && coverage(&session, 60) == 0);
    assert_eq!(seen(&session), before);
}

#[test]
fn chosen_layers_join_the_sketch_and_lose_their_paper_together() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.run(Command::DuplicateLayer);
    let copy = session.target(Side::Canvas).unwrap();
    session.run(Command::NewLayer);
    session.select_also(copy);
    session.run(Command::UseAsSketch);
    assert!(told(&mut session).starts_with("Their blend mode is Multiply now"));
    assert_eq!(sketches(&session).len(), 3);
    session.run(Command::Undo);
    assert_eq!(sketches(&session), [sketch]);
    session.select(sketch);
    session.select_also(copy);
    let papers = |session: &Session| {
        let document = session.document().unwrap();
        [sketch, copy].map(|id| document.layer(id).unwrap().raster().unwrap().pixel(9, 9)[3])
    };
    session.change_layer(copy, "Lock or unlock a layer", |layer| layer.locked = true);
    session.run(Command::LinesOffPaper);
    assert!(told(&mut session).contains("The layer is locked"));
    assert_eq!(papers(&session), [255; 2], "all stay as they are");
    session.run(Command::Undo);
    let begun = done(&session).len();
    session.run(Command::LinesOffPaper);
    wait(&mut session, "the lines", |session| session.is_settled());
    assert_eq!((papers(&session), done(&session).len()), ([0; 2], begun + 1));
    session.run(Command::Undo);
    assert_eq!(papers(&session), [255; 2]);
}

#[test]
fn where_no_paper_can_be_taken_off_it_is_said() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    let take = session
        .document
        .as_mut()
        .unwrap()
        .place_take(&RgbImage::from_pixel(64, 64, Rgb([9; 3])), String::new());
    let ask = |session: &mut Session, layer| {
        session.select(layer);
        session.run(Command::LinesOffPaper);
        wait(session, "the lines", |session| session.is_settled());
        told(session)
    };
    assert_eq!(ask(&mut session, sketch), "");
    assert_eq!(coverage(&session, 0), 0, "white paper alone leaves nothing");
    assert!(ask(&mut session, sketch).contains("no white paper"));
    session.run(Command::ToggleAlphaLock);
    assert!(ask(&mut session, sketch).contains("alpha is locked"));
    session.run(Command::ToggleLock);
    assert!(ask(&mut session, sketch).contains("The layer is locked"));
    assert!(ask(&mut session, take).contains("take"));
    let mask = session.by_role(Role::SketchMask).unwrap();
    assert!(ask(&mut session, mask).contains("mask"));
    let steps = ["Lines off the paper", "Lock or unlock alpha", "Lock or unlock a layer"];
    assert_eq!(done(&session), steps);
}
