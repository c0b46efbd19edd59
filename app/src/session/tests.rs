//! The session by itself: what threads do is held up where a test wants to look.

mod adjusting;
mod answering;
mod awaiting;
mod choosing;
mod copying;
mod devices;
mod laying;
mod leaving;
mod palettes;
mod remaking;
mod resizing;
mod saving;
mod sketching;
mod turns;

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use image::{Rgba, RgbaImage};

use super::opened::Opened;
use super::{COPY_EVERY, ExportFormat, Session, SidePanel, Typed};
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
        assert!(start.elapsed() < crate::PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
        session.catch_up();
    }
}

/// One drag of a layer's opacity: the values of its frames.
fn drag_opacity(session: &mut Session, layer: LayerId, values: &[f32]) {
    session.hand.is_down = true;
    for value in values {
        session.catch_up();
        session.set_opacity(layer, *value);
    }
    session.hand.is_down = false;
    session.catch_up();
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
    session.hand.is_down = true;
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
fn a_recipe_brings_back_what_the_picture_began_with() {
    let mut session = opened();
    let plain = crate::gallery::metadata::tests::recipe();
    let mut started = plain.clone();
    started.inputs.start = Some(plain.inputs.sketch.clone());
    for recipe in [started, plain] {
        let (picture, text) = (image::RgbImage::new(64, 64), ron::to_string(&recipe).unwrap());
        let take = session.document.as_mut().unwrap().place_take(&picture, text);
        session.use_recipe(take);
        assert_eq!(session.start_from_take, recipe.inputs.start.is_some());
    }
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
    session.toolbox.colors.used(session.toolbox.colors.brush);
    (session.toolbox.fill.settings.grow, session.toolbox.wand.gap) = (3, 7);
    session.toolbox.gradient.settings.reverse = true;
    session.outgoing.settings.choose(ExportFormat::Psd);
    session.view.mask_look.strength = 0.7;
    (session.view.panel, session.view.dark) = (SidePanel::History, Some(false));
    session.limit_history(256_000_000);
    session.finish();
    let again = open();
    assert_eq!(again.toolbox.selected(), ToolKind::Eraser);
    assert_eq!(
        (again.toolbox.brush.settings.size, again.toolbox.colors.brush),
        (77.0, [1, 2, 3])
    );
    assert_eq!(
        (again.view.mask_look.strength, again.view.panel, again.view.dark),
        (0.7, SidePanel::History, Some(false))
    );
    assert_eq!((again.toolbox.fill.settings.grow, again.toolbox.wand.gap), (3, 7));
    assert_eq!(
        (again.toolbox.gradient.settings.reverse, again.outgoing.settings.format()),
        (true, ExportFormat::Psd)
    );
    assert_eq!(again.toolbox.colors.recent(), [[1, 2, 3]]);
    assert_eq!(again.history_limit(), 256_000_000);
}
