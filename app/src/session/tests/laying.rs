//! What waits for what tools have still to lay down.

use super::*;

/// The sketch's coverage in its first row, at a column.
pub(super) fn coverage(session: &Session, x: u32) -> u8 {
    let sketch = session.document().unwrap().by_role(Role::Sketch).unwrap();
    sketch.raster().unwrap().pixel(x, 0)[3]
}

/// A session with the move tool on the sketch.
pub(super) fn moving() -> Session {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.toolbox.select(ToolKind::Move);
    session
}

pub(super) fn send(session: &mut Session, event: fn(PointerSample) -> PointerEvent, x: f32) {
    session.pointer(Side::Canvas, event(PointerSample::at([x, 0.0])), Keys::default());
}

/// The sketch was moved by 40 pixels, which is not laid down until what is returned goes; the brush is in the hand.
pub(super) fn held() -> (Session, Sender<()>) {
    let mut session = moving();
    let gate = hold(&session.moving.tasks);
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Release, 50.0);
    session.run(Command::SelectBrush);
    (session, gate)
}

#[test]
fn what_is_moved_follows_the_pointer_and_is_one_change_once_that_lets_go() {
    let mut session = moving();
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Move, 20.0);
    wait(&mut session, "the draft", |session| coverage(session, 9) == 0);
    assert_eq!((coverage(&session, 10), session.history.undo_label()), (255, None));
    send(&mut session, PointerEvent::Release, 30.0);
    assert!(session.is_modified(), "it is changed, whether it is laid down yet or not");
    // Nobody has waited for what is still to be laid down.
    session.run(Command::Undo);
    wait(&mut session, "the move and its undoing", |session| {
        session.history.redo_label() == Some("Move")
    });
    assert_eq!(coverage(&session, 0), 255);
    session.run(Command::Redo);
    assert_eq!([19, 20].map(|x| coverage(&session, x)), [0, 255]);
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Move, 40.0);
    wait(&mut session, "the draft", |session| coverage(session, 49) == 0);
    session.run(Command::Cancel);
    assert_eq!([19, 20, 49].map(|x| coverage(&session, x)), [0, 255, 255]);
    assert!(!session.is_moving() && session.history.undo_label() == Some("Move"));
}

#[test]
fn what_is_done_before_a_move_is_laid_down_waits_for_it_in_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moved.ora");
    let (mut session, gate) = held();
    assert_eq!(session.toolbox.selected(), ToolKind::Brush);
    send(&mut session, PointerEvent::Press, 4.0);
    assert_eq!(session.stroke(), Some(Side::Canvas), "the pane goes on telling of it");
    send(&mut session, PointerEvent::Release, 4.0);
    session.run(Command::SelectEraser);
    session.toggle(session.by_role(Role::Sketch));
    session.save(path.clone());
    session.catch_up();
    assert!(session.history.done().len() == 0 && session.is_saving() && session.is_modified());
    assert_eq!(session.toolbox.selected(), ToolKind::Brush, "the stroke is still to come");
    drop(gate);
    wait(&mut session, "the file", |session| !session.is_saving());
    assert_eq!(
        session.history.done().collect::<Vec<_>>(),
        ["Move", "Brush stroke", "Show or hide a layer"]
    );
    assert_eq!(session.toolbox.selected(), ToolKind::Eraser);
    let saved = crate::document::open(&path).unwrap().document;
    let layer = saved.by_role(Role::Sketch).unwrap();
    let covers = |x| layer.raster().unwrap().pixel(x, 0)[3] > 0;
    assert_eq!(([4, 30, 45].map(covers), layer.visible), ([true, false, true], false));
    assert!(!session.is_modified());
}

#[test]
fn escape_takes_back_the_stroke_that_waits_and_leaves_the_move() {
    let (mut session, gate) = held();
    send(&mut session, PointerEvent::Press, 4.0);
    session.run(Command::Cancel);
    assert_eq!(session.stroke(), None);
    drop(gate);
    wait(&mut session, "the move", |session| !session.is_laying());
    assert_eq!(session.history.done().collect::<Vec<_>>(), ["Move"]);
    assert_eq!([4, 45].map(|x| coverage(&session, x)), [0, 255]);
}

#[test]
fn a_gradient_is_laid_away_from_the_window_where_the_pointer_is_now() {
    let mut session = opened();
    let mask = session.by_role(Role::SketchMask).unwrap();
    session.select(mask);
    session.toolbox.select(ToolKind::Gradient);
    let at = |session: &Session, x: u32| session.document().unwrap().layer(mask).unwrap().mask().unwrap().pixel(x, 0);
    let gate = hold(&session.moving.tasks);
    send(&mut session, PointerEvent::Press, 10.0);
    for x in [12.0, 30.0, 20.0] {
        send(&mut session, PointerEvent::Move, x);
        session.catch_up();
    }
    assert_eq!(at(&session, 0), 0, "the window goes on");
    drop(gate);
    wait(&mut session, "the draft", |session| (1..255).contains(&at(session, 18)));
    assert_eq!(
        [at(&session, 0), at(&session, 21), session.history.done().len() as u8],
        [255, 0, 0]
    );
    send(&mut session, PointerEvent::Release, 30.0);
    session.run(Command::SelectBrush);
    wait(&mut session, "the gradient", |session| !session.is_laying());
    assert!((1..255).contains(&at(&session, 28)));
    assert_eq!(session.history.done().collect::<Vec<_>>(), ["Gradient"]);
    session.run(Command::Undo);
    wait(&mut session, "the undoing", |session| {
        session.history.redo_label() == Some("Gradient")
    });
    assert_eq!(at(&session, 0), 0);
}

#[test]
fn where_nothing_is_there_to_be_moved_or_flipped_it_is_said() {
    let mut session = opened();
    let mask = session.by_role(Role::SketchMask).unwrap();
    session.select(mask);
    session.toolbox.select(ToolKind::Move);
    let told = |session: &mut Session| session.notice.take().map(|notice| notice.text);
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Release, 10.0);
    wait(&mut session, "the click", |session| !session.is_moving());
    assert_eq!(told(&mut session), None, "nothing was to be moved");
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Release, 30.0);
    wait(&mut session, "the move", |session| !session.is_moving());
    let words = Some(crate::session::moving::NOTHING_THERE.to_owned());
    assert_eq!(told(&mut session), words);
    session.run(Command::FlipSideways);
    wait(&mut session, "the flip", |session| !session.is_moving());
    assert_eq!((told(&mut session), session.history.done().len()), (words, 0));
}
