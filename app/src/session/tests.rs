//! The session by itself: what threads do is held up where a test wants to look.

mod leaving;

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use image::{Rgba, RgbaImage};

use super::opened::Opened;
use super::{COPY_EVERY, Session, SidePanel, Typed};
use crate::command::Command;
use crate::document::{LayerId, Lost, Role, Side};
use crate::files::{Files, Reply};
use crate::generate::engine::Idle;
use crate::tool::{Keys, PointerEvent, PointerSample, ToolKind};

fn empty() -> Session {
    let mut session = Session::new(Box::new(Idle), "CPU".to_owned(), std::sync::Arc::new(|| {})).unwrap();
    session.do_without_dialogs();
    session.do_without_clipboard();
    session
}

fn drawing(title: &str) -> Opened {
    Opened::drawing(RgbaImage::from_pixel(64, 64, Rgba([255; 4])), title.to_owned()).unwrap()
}

/// A session with a blank drawing open.
fn opened() -> Session {
    let mut session = empty();
    session.begin(drawing("first"));
    session
}

/// One change of the document.
fn change(session: &mut Session) {
    let sketch = session.by_role(Role::Sketch);
    session.toggle(sketch);
}

/// Holds up what a thread is given from now on, until what is returned goes.
fn hold<T: Send + 'static>(files: &Files<T>) -> Sender<()> {
    let (gate, opens) = channel();
    files.run(move || {
        // The other end goes, and the wait with it.
        let _ = opens.recv();
        None
    });
    gate
}

fn wait(session: &mut Session, what: &str, done: impl Fn(&mut Session) -> bool) {
    let start = Instant::now();
    while !done(session) {
        assert!(start.elapsed() < Duration::from_secs(180), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
        session.catch_up();
    }
}

#[test]
fn a_document_is_saved_once_its_file_is_written_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["a.ora", "b.ora"].map(|name| folder.path().join(name));
    let mut session = opened();
    change(&mut session);
    let gate = hold(&session.saves);
    session.save(first.clone());
    session.catch_up();
    assert!(session.is_modified() && session.is_writing());
    let later = hold(&session.saves);
    session.save(second.clone());
    drop(gate);
    wait(&mut session, "the first file", |session| {
        session.path() == Some(first.as_path())
    });
    assert!(session.is_saving(), "the second is still to be written");
    change(&mut session);
    drop(later);
    wait(&mut session, "the second file", |session| !session.is_saving());
    assert_eq!(session.path(), Some(second.as_path()));
    assert!(session.is_modified(), "what was done meanwhile is in no file");
    session.save(second);
    wait(&mut session, "it once more", |session| !session.is_saving());
    assert!(!session.is_modified());
}

#[test]
fn a_document_whose_program_ends_while_it_is_saved_is_offered_again() {
    let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut session = empty();
    session.keep_safe(root.path().to_owned(), COPY_EVERY).unwrap();
    session.begin(drawing("first"));
    change(&mut session);
    session.catch_up();
    let gate = hold(&session.saves);
    session.save(folder.path().join("a.ora"));
    session.catch_up();
    drop(session);
    assert_eq!(Lost::find(root.path()).len(), 1);
    drop(gate);
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_document_changed() {
    let mut session = opened();
    change(&mut session);
    session.save(Path::new("/nowhere/at all/a.ora").to_owned());
    wait(&mut session, "the failure", |session| !session.is_saving());
    assert!(session.is_modified() && session.has_missed_saving());
}

#[test]
fn what_is_painted_while_another_document_opens_is_asked_about() {
    let mut session = opened();
    let gate = hold(&session.files);
    session.open_by(|| Ok(drawing("second")));
    change(&mut session);
    drop(gate);
    wait(&mut session, "the question", |session| session.holds_opened());
    assert_eq!((session.title(), session.is_modified()), ("first", true));
    session.drop_opened();
    session.catch_up();
    assert!(session.title() == "first" && !session.holds_opened(), "the person stays");
    session.open_by(|| Ok(drawing("third")));
    wait(&mut session, "the question again", |session| session.holds_opened());
    session.begin_opened();
    assert_eq!((session.title(), session.is_modified()), ("third", false));
}

#[test]
fn changes_that_a_person_lets_go_are_asked_about_once() {
    let mut session = opened();
    change(&mut session);
    session.let_go();
    session.open_by(|| Ok(drawing("second")));
    wait(&mut session, "the document", |session| session.title() == "second");
}

#[test]
fn nothing_takes_the_place_of_a_document_in_mid_stroke() {
    let mut session = opened();
    session.pointer_held = true;
    session.open_by(|| Ok(drawing("second")));
    wait(&mut session, "the file", |session| !session.is_opening());
    assert_eq!(session.title(), "first");
    session.pointer_held = false;
    session.catch_up();
    assert_eq!(session.title(), "second");
}

#[test]
fn a_document_is_saved_while_a_long_export_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = opened();
    let _long = hold(&session.exports);
    session.save(folder.path().join("a.ora"));
    wait(&mut session, "the file", |session| !session.is_saving());
    assert!(folder.path().join("a.ora").exists());
}

/// Saves where `name` is chosen: typed, or in the system's dialog.
fn save_as(session: &mut Session, path: &Path, by_dialog: bool) {
    session.file(Command::SaveAs);
    let typed: Typed = session.typed().unwrap().clone();
    match by_dialog {
        true => {
            session.typed = None;
            session.asked(typed, Reply::Paths(vec![path.to_owned()]));
        }
        false => {
            session.typed().unwrap().path = path.to_str().unwrap().to_owned();
            session.end_typing(true);
        }
    }
}

#[test]
fn no_file_is_written_over_that_a_person_has_not_agreed_to_lose() {
    let folder = tempfile::tempdir().unwrap();
    let [named, bare] = ["a.ora", "a"].map(|name| folder.path().join(name));
    let old = || std::fs::write(&named, "old").unwrap();
    let mut session = opened();
    for (path, by_dialog) in [(&named, false), (&bare, false), (&bare, true)] {
        old();
        save_as(&mut session, path, by_dialog);
        wait(&mut session, "the question", |session| {
            session.replacing() == Some(named.as_path())
        });
        assert!(session.is_saving() && !session.is_writing());
        session.end_replacing(false);
        assert!(!session.is_saving());
        assert_eq!(std::fs::read(&named).unwrap(), b"old");
        save_as(&mut session, path, by_dialog);
        wait(&mut session, "the question again", |session| session.replacing().is_some());
        session.end_replacing(true);
        wait(&mut session, "the file", |session| !session.is_saving());
        assert_ne!(std::fs::read(&named).unwrap(), b"old");
    }
    old();
    save_as(&mut session, &named, true);
    wait(&mut session, "the file that the dialog asked about", |session| {
        !session.is_saving()
    });
    assert_ne!(std::fs::read(&named).unwrap(), b"old");
}

/// One drag of a layer's opacity: the values of its frames.
fn drag_opacity(session: &mut Session, layer: LayerId, values: &[f32]) {
    session.pointer_held = true;
    for value in values {
        session.catch_up();
        session.set_opacity(layer, *value);
    }
    session.pointer_held = false;
    session.catch_up();
}

#[test]
fn whoever_saves_does_not_wait_for_a_file_that_is_being_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ora");
    let mut session = opened();
    let _long = hold(&session.files);
    save_as(&mut session, &path, false);
    wait(&mut session, "the file", |session| !session.is_saving());
    assert!(path.exists());
}

#[test]
fn each_drag_of_an_opacity_is_undone_by_itself() {
    let mut session = opened();
    let [sketch, mask] = [Role::Sketch, Role::SketchMask].map(|role| session.by_role(role).unwrap());
    drag_opacity(&mut session, sketch, &[0.9, 0.8]);
    drag_opacity(&mut session, sketch, &[0.7, 0.6]);
    drag_opacity(&mut session, mask, &[0.5]);
    assert_eq!(session.history.done().len(), 3);
    let opacity = |session: &Session| [sketch, mask].map(|layer| session.document().unwrap().layer(layer).unwrap().opacity);
    assert_eq!(opacity(&session), [0.6, 0.5]);
    session.run(Command::Undo);
    session.run(Command::Undo);
    assert_eq!(opacity(&session), [0.8, 1.0]);
}

#[test]
fn key_presses_on_an_opacity_are_undone_together_unless_a_pause_lies_between() {
    let mut session = opened();
    let [sketch, mask] = [Role::Sketch, Role::SketchMask].map(|role| session.by_role(role).unwrap());
    let (mut now, soon) = (Instant::now(), Duration::from_millis(50));
    let mut press = |session: &mut Session, layer, opacity, after| {
        now += after;
        session.catch_up();
        session.fade(layer, opacity, now);
        session.history.done().len()
    };
    assert_eq!(press(&mut session, sketch, 0.9, soon), 1);
    assert_eq!(press(&mut session, sketch, 0.8, soon), 1);
    assert_eq!(press(&mut session, sketch, 0.7, Duration::from_secs(2)), 2);
    assert_eq!(press(&mut session, mask, 0.9, soon), 3, "another layer");
    change(&mut session);
    assert_eq!(press(&mut session, mask, 0.8, soon), 5, "something else was done");
    session.pointer_held = true;
    assert_eq!(press(&mut session, mask, 0.7, soon), 6, "a drag is undone by itself");
}

#[test]
fn after_the_undo_of_a_new_layer_the_one_before_it_is_painted_on_again() {
    let mut session = opened();
    session.run(Command::NewLayer);
    let first = session.target(Side::Canvas).unwrap();
    session.run(Command::NewLayer);
    assert_ne!(session.target(Side::Canvas), Some(first));
    session.run(Command::Undo);
    assert_eq!(session.target(Side::Canvas), Some(first));
    session.run(Command::Undo);
    assert_eq!(session.target(Side::Canvas), session.by_role(Role::SketchMask));
}

#[test]
fn a_mask_is_inverted_where_a_person_worked_last() {
    let mut session = opened();
    let document = session.document.as_mut().unwrap();
    document
        .set_reference(Some(&RgbaImage::from_pixel(64, 64, Rgba([9, 9, 9, 255]))))
        .unwrap();
    let at = |session: &Session, role| session.document().unwrap().by_role(role).unwrap().mask().unwrap().pixel(5, 5);
    let both = |session: &Session| [Role::SketchMask, Role::ReferenceMask].map(|role| at(session, role));
    session.run(Command::InvertMask);
    assert_eq!(both(&session), [255, 0]);
    session.side = Side::Reference;
    session.run(Command::InvertMask);
    assert_eq!(both(&session), [255, 255]);
    session.run(Command::ClearMask);
    assert_eq!(both(&session), [255, 0]);
}

#[test]
fn the_next_run_begins_as_a_person_left_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("habits.ron");
    let open = || {
        let mut session = empty();
        session.remember_habits(file.clone());
        wait(&mut session, "what was kept", Session::take_habits);
        session
    };
    let mut session = open();
    session.toolbox.select(ToolKind::Eraser);
    session.toolbox.brush.settings.size = 77.0;
    session.toolbox.colors.brush = [1, 2, 3];
    session.mask_look.strength = 0.7;
    (session.panel, session.dark) = (SidePanel::History, Some(false));
    session.limit_history(256_000_000);
    session.keep_habits();
    let again = open();
    assert_eq!(again.toolbox.selected(), ToolKind::Eraser);
    assert_eq!(
        (again.toolbox.brush.settings.size, again.toolbox.colors.brush),
        (77.0, [1, 2, 3])
    );
    assert_eq!(
        (again.mask_look.strength, again.panel, again.dark),
        (0.7, SidePanel::History, Some(false))
    );
    assert_eq!(again.history_limit(), 256_000_000);
}

/// The sketch's coverage in its first row, at a column.
fn coverage(session: &Session, x: u32) -> u8 {
    let sketch = session.document().unwrap().by_role(Role::Sketch).unwrap();
    sketch.raster().unwrap().pixel(x, 0)[3]
}

#[test]
fn what_is_moved_follows_the_pointer_and_is_one_change_once_that_lets_go() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.toolbox.select(ToolKind::Move);
    let send = |session: &mut Session, event: fn(PointerSample) -> PointerEvent, x: f32| {
        session.pointer(Side::Canvas, event(PointerSample::at([x, 10.0])), Keys::default());
    };
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
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.toolbox.select(ToolKind::Move);
    let gate = hold(&session.moving.tasks);
    let send = |session: &mut Session, event: fn(PointerSample) -> PointerEvent, x: f32| {
        session.pointer(Side::Canvas, event(PointerSample::at([x, 0.0])), Keys::default());
    };
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Release, 50.0);
    session.run(Command::SelectBrush);
    assert_eq!(session.toolbox.selected(), ToolKind::Brush);
    send(&mut session, PointerEvent::Press, 4.0);
    assert_eq!(session.stroke(), Some(Side::Canvas), "the pane goes on telling of it");
    send(&mut session, PointerEvent::Release, 4.0);
    session.run(Command::SelectEraser);
    session.toggle(Some(sketch));
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
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.toolbox.select(ToolKind::Move);
    let gate = hold(&session.moving.tasks);
    let send = |session: &mut Session, event: fn(PointerSample) -> PointerEvent, x: f32| {
        session.pointer(Side::Canvas, event(PointerSample::at([x, 0.0])), Keys::default());
    };
    send(&mut session, PointerEvent::Press, 10.0);
    send(&mut session, PointerEvent::Release, 50.0);
    session.run(Command::SelectBrush);
    send(&mut session, PointerEvent::Press, 4.0);
    session.run(Command::Cancel);
    assert_eq!(session.stroke(), None);
    drop(gate);
    wait(&mut session, "the move", |session| !session.is_laying());
    assert_eq!(session.history.done().collect::<Vec<_>>(), ["Move"]);
    assert_eq!([4, 45].map(|x| coverage(&session, x)), [0, 255]);
}
