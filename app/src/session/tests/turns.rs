//! Each thing in its turn: what is done while something is laid down, or in mid-stroke.

use image::{GrayImage, Luma};

use super::laying::{coverage, held, moving, send};
use super::*;
use crate::document::TileGrid;
use crate::session::answer::Answer;
use crate::tool::Effect;

pub(super) fn done(session: &Session) -> Vec<&'static str> {
    session.history.done().collect()
}

/// Lets go what holds up the laying down, and waits until all is done.
pub(super) fn settle(session: &mut Session, gate: Sender<()>) {
    drop(gate);
    wait(session, "all that waits", |session| {
        session.is_settled() && !session.is_moving()
    });
}

/// A session with the box of a transform around the sketch.
fn boxed() -> Session {
    let mut session = moving();
    session.run(Command::SelectTransform);
    wait(&mut session, "the box", |session| session.transform_side().is_some());
    session
}

/// Puts the box elsewhere; what comes of that is not laid down until what is returned goes.
fn shift_box(session: &mut Session) -> Sender<()> {
    let gate = hold(&session.transforming.tasks);
    let pose = session.toolbox.transform.pose.unwrap();
    session.toolbox.transform.pose = Some(pose.with_offset([40.0, 0.0]));
    session.catch_up();
    assert!(session.is_laying());
    gate
}

#[test]
fn commands_are_about_the_layer_that_was_chosen_when_they_came() {
    let (mut session, gate) = held();
    session.run(Command::FillBrushColor);
    let mask = session.by_role(Role::SketchMask).unwrap();
    session.select(mask);
    session.pick_layer([63.0, 0.0]);
    session.select(mask);
    settle(&mut session, gate);
    assert_eq!(coverage(&session, 4), 255, "the sketch is filled");
    assert!(session.document().unwrap().layer(mask).unwrap().mask().unwrap().is_blank());
    assert_eq!(session.target(Side::Canvas), Some(mask));
}

#[test]
fn whether_a_command_can_do_anything_is_asked_in_its_turn() {
    let (mut session, gate) = held();
    session.run(Command::Undo);
    session.run(Command::Redo);
    settle(&mut session, gate);
    assert_eq!((done(&session), session.history.redo_label()), (vec!["Move"], None));
}

#[test]
fn a_change_of_a_layer_that_is_gone_by_then_is_none() {
    let mut session = moving();
    session.run(Command::NewLayer);
    let layer = session.target(Side::Canvas).unwrap();
    session.select(session.by_role(Role::Sketch).unwrap());
    let gate = hold(&session.moving.tasks);
    session.run(Command::FlipSideways);
    session.select(layer);
    session.run(Command::RemoveLayer);
    session.toggle(Some(layer));
    session.show_take(Some(layer));
    settle(&mut session, gate);
    assert_eq!(done(&session), ["New layer", "Flip", "Remove a layer"]);
}

#[test]
fn the_view_and_the_dialogs_for_files_wait_for_nothing() {
    let (mut session, gate) = held();
    let shown = session.view.masks;
    session.run(Command::SelectPan);
    session.run(Command::InvertMask);
    session.run(Command::ToggleMaskOverlay);
    assert_eq!(session.view.masks, !shown);
    let mut pan = |event| session.pointer(Side::Canvas, event, Keys::default());
    pan(PointerEvent::Press(PointerSample::at([0.0; 2])));
    let effect = pan(PointerEvent::Move(PointerSample::at([5.0, 0.0])));
    assert!(matches!(effect, Effect::Pan(_)), "{effect:?}");
    pan(PointerEvent::Release(PointerSample::at([5.0, 0.0])));
    session.run(Command::Save);
    assert!(session.is_saving() && session.typed().is_some());
    assert!(session.is_laying() && done(&session).is_empty());
    settle(&mut session, gate);
    assert_eq!(done(&session), ["Move", "Invert the mask"]);
}

#[test]
fn a_save_is_under_way_from_the_moment_that_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = moving();
    session.save(folder.path().join("a.ora"));
    wait(&mut session, "the first file", |session| session.path().is_some());
    let gate = hold(&session.moving.tasks);
    session.run(Command::FlipSideways);
    session.run(Command::Save);
    assert!(session.is_saving(), "whoever quits after it is not asked again");
    settle(&mut session, gate);
    wait(&mut session, "the file", |session| !session.is_saving());
    assert!(!session.is_modified());
}

#[test]
fn escape_puts_back_what_is_still_to_be_laid_down() {
    let (mut session, gate) = held();
    session.toggle(session.by_role(Role::SketchMask));
    assert!(session.allows(Command::Cancel));
    session.run(Command::Cancel);
    assert!(!session.is_moving());
    settle(&mut session, gate);
    assert_eq!((coverage(&session, 0), done(&session)), (255, vec!["Show or hide a layer"]));
    let mut session = boxed();
    let _gate = shift_box(&mut session);
    session.run(Command::SelectBrush);
    session.run(Command::Cancel);
    assert!(session.is_settled() && !session.is_modified());
}

#[test]
fn escape_takes_back_a_drag_of_the_box_that_waits_and_paints_nothing() {
    let mut session = boxed();
    let gate = shift_box(&mut session);
    session.toggle(session.by_role(Role::SketchMask));
    send(&mut session, PointerEvent::Press, 45.0);
    session.run(Command::Cancel);
    assert_eq!(
        session.toolbox.selected(),
        ToolKind::Transform,
        "that drag alone is taken back"
    );
    // The next waits as a whole, and the box is left after it.
    send(&mut session, PointerEvent::Press, 45.0);
    send(&mut session, PointerEvent::Release, 50.0);
    session.run(Command::Cancel);
    settle(&mut session, gate);
    assert!(!done(&session).contains(&"Brush stroke"), "{:?}", done(&session));
    assert_ne!(session.toolbox.selected(), ToolKind::Transform);
}

#[test]
fn a_command_takes_back_a_stroke_that_waits() {
    let (mut session, gate) = held();
    send(&mut session, PointerEvent::Press, 4.0);
    session.run(Command::NewLayer);
    settle(&mut session, gate);
    assert_eq!(done(&session), ["Move", "New layer"]);
    assert!(!session.toolbox.is_active());
}

#[test]
fn a_command_in_the_middle_of_a_drag_of_the_box_waits_until_that_is_back() {
    let mut session = boxed();
    send(&mut session, PointerEvent::Press, 20.0);
    send(&mut session, PointerEvent::Move, 40.0);
    wait(&mut session, "the draft", |session| coverage(session, 9) == 0);
    let gate = hold(&session.transforming.tasks);
    session.run(Command::InvertMask);
    assert!(session.is_laying() && done(&session) == ["Transform"]);
    settle(&mut session, gate);
    assert_eq!(
        done(&session),
        ["Invert the mask"],
        "a drag that was called off leaves nothing"
    );
    assert_eq!(coverage(&session, 9), 255, "no draft stays");
    session.run(Command::Undo);
    assert_eq!(
        (coverage(&session, 9), session.history.redo_label()),
        (255, Some("Invert the mask"))
    );
}

#[test]
fn no_entry_of_history_begins_or_ends_with_a_draft() {
    let drag = || {
        let mut session = moving();
        send(&mut session, PointerEvent::Press, 10.0);
        send(&mut session, PointerEvent::Move, 20.0);
        wait(&mut session, "the draft", |session| coverage(session, 9) == 0);
        session
    };
    let mut session = drag();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.set_opacity(sketch, 0.5);
    assert_eq!((done(&session), coverage(&session, 9)), (vec!["Layer opacity"], 255));
    session.run(Command::Undo);
    assert_eq!(coverage(&session, 9), 255);
    let mut session = drag();
    let gate = hold(&session.moving.tasks);
    send(&mut session, PointerEvent::Release, 50.0);
    session.settings.seed += 1;
    session.catch_up();
    settle(&mut session, gate);
    session.catch_up();
    assert_eq!(done(&session), ["Move", "Choose the seed"]);
    session.run(Command::Undo);
    assert_eq!([20, 45].map(|x| coverage(&session, x)), [0, 255]);
}

#[test]
fn what_a_file_or_the_engine_brings_waits_for_the_end_of_the_stroke() {
    let mut session = opened();
    let take = |session: &Session| {
        let place = |session: &mut Session| session.place_take(TileGrid::new([64, 64]), String::new());
        Answer::new(place).only_in(session.opened, None).when_still()
    };
    let mask = |session: &mut Session, value| {
        let mask = GrayImage::from_pixel(64, 64, Luma([value]));
        let import = move |session: &mut Session| session.import_mask(Role::SketchMask, &mask, None);
        Answer::new(import).when_still().give(session);
    };
    let late = take(&session);
    send(&mut session, PointerEvent::Press, 4.0);
    take(&session).give(&mut session);
    mask(&mut session, 200);
    assert!(done(&session).is_empty() && session.toolbox.is_active());
    send(&mut session, PointerEvent::Release, 4.0);
    assert_eq!(done(&session), ["Brush stroke", "Colorize", "Import a mask"]);
    let id = session.by_role(Role::SketchMask).expect("every drawing has one");
    session.change_layer(id, "Lock or unlock a layer", |layer| layer.locked = true);
    mask(&mut session, 0);
    assert_eq!(done(&session).len(), 4, "a locked mask stays");
    session.begin(drawing("second"));
    late.give(&mut session);
    assert!(session.by_role(Role::Take).is_none(), "it is a picture of the first");
}

#[test]
fn a_file_holds_no_stroke_that_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ora");
    let mut session = opened();
    send(&mut session, PointerEvent::Press, 4.0);
    session.save(path.clone());
    session.catch_up();
    assert!(session.is_saving());
    session.run(Command::Cancel);
    wait(&mut session, "the file", |session| !session.is_saving());
    let saved = crate::document::open(&path).unwrap().document;
    assert!(saved.by_role(Role::SketchMask).unwrap().mask().unwrap().is_blank());
    assert!(!session.is_modified());
}

#[test]
fn a_press_after_one_that_nobody_ended_loses_nothing() {
    let mut session = moving();
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Move, 20.0);
    wait(&mut session, "the draft", |session| coverage(session, 9) == 0);
    send(&mut session, PointerEvent::Press, 30.0);
    send(&mut session, PointerEvent::Release, 35.0);
    wait(&mut session, "both", |session| session.is_settled() && !session.is_moving());
    assert_eq!(done(&session), ["Move", "Move"]);
    assert_eq!([14, 15].map(|x| coverage(&session, x)), [0, 255]);
    session.run(Command::Undo);
    session.run(Command::Undo);
    assert_eq!(coverage(&session, 0), 255);
}

#[test]
fn the_pointer_is_where_it_is_though_its_stroke_waits() {
    let (mut session, _gate) = held();
    send(&mut session, PointerEvent::Press, 4.0);
    assert_eq!(session.last_sample().position, [4.0, 0.0]);
}

#[test]
fn what_is_done_while_the_history_travels_ends_the_way() {
    let acts: [fn(&mut Session); 5] = [
        |session| session.run(Command::NewLayer),
        |session| session.run(Command::InvertMask),
        |session| session.run(Command::FillBrushColor),
        |session| session.run(Command::FlipSideways),
        |session| session.set_opacity(session.by_role(Role::Sketch).unwrap(), 0.5),
    ];
    for act in acts {
        let mut session = moving();
        session.past.bound_for = Some(0);
        act(&mut session);
        assert!(!session.is_travelling());
    }
}

#[test]
fn the_box_comes_once_what_is_moved_lies() {
    let (mut session, gate) = held();
    session.run(Command::SelectTransform);
    session.catch_up();
    let (tell, told) = channel();
    session.transforming.tasks.run(move || {
        tell.send(()).unwrap();
        None
    });
    told.recv().unwrap();
    session.catch_up();
    assert_eq!(session.toolbox.transform.pose, None);
    settle(&mut session, gate);
    wait(&mut session, "the box", |session| session.transform_side().is_some());
}

#[test]
fn the_next_document_waits_for_what_is_done_with_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ora");
    let (mut session, gate) = held();
    let reference = RgbaImage::from_pixel(64, 64, Rgba([9, 9, 9, 255]));
    session.document.as_mut().unwrap().set_reference(Some(&reference)).unwrap();
    session.run(Command::Colorize);
    session.save(path.clone());
    session.open_by(|| Ok(drawing("second")));
    wait(&mut session, "the question", |session| session.holds_opened());
    session.begin_opened();
    assert_eq!(session.title(), "first");
    settle(&mut session, gate);
    assert!(session.title() == "second" && !session.is_coloring());
    wait(&mut session, "the file", |session| !session.is_saving());
    assert!(path.exists() && !session.is_modified());
}

#[test]
fn what_was_let_go_is_so_with_what_was_still_to_be_laid_down() {
    let root = tempfile::tempdir().unwrap();
    let (mut session, gate) = held();
    session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    session.catch_up();
    session.let_go();
    session.open_by(|| Ok(drawing("second")));
    settle(&mut session, gate);
    wait(&mut session, "the document", |session| session.title() == "second");
    drop(session);
    let (mut session, gate) = held();
    session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    session.catch_up();
    session.let_go();
    session.settle();
    settle(&mut session, gate);
    assert_eq!(session.would_lose(), None);
    drop(session);
    assert!(Lost::find(root.path()).is_empty());
}

#[test]
fn what_is_pasted_waits_for_what_is_laid_down() {
    let mut session = moving();
    session.run(Command::Copy);
    wait(&mut session, "the copy", |session| session.notice.is_some());
    let paste = hold(&session.clipboard.tasks);
    session.run(Command::Paste);
    let gate = hold(&session.moving.tasks);
    session.run(Command::FlipSideways);
    let (tell, told) = channel();
    session.clipboard.tasks.run(move || {
        tell.send(()).unwrap();
        None
    });
    drop(paste);
    told.recv().unwrap();
    session.catch_up();
    assert!(done(&session).is_empty());
    settle(&mut session, gate);
    wait(&mut session, "the layer", |session| done(session).len() == 2);
    assert_eq!(done(&session), ["Flip", "Paste"]);
}

#[test]
fn what_is_set_while_a_box_is_laid_down_is_an_entry_after_it() {
    let mut session = boxed();
    let gate = shift_box(&mut session);
    session.settings.seed += 1;
    session.catch_up();
    settle(&mut session, gate);
    wait(&mut session, "the seed", |session| done(session).len() == 2);
    assert_eq!(done(&session)[0], "Transform");
}
