//! Several layers chosen at once, what acts on all of them, and which takes are among them.

use image::{Rgb, RgbImage};

use super::laying::send;
use super::turns::done;
use super::*;
use crate::document::{Blend, Layer, Place};

/// A session with three layers of paint below the lines, from the bottom up.
fn painted() -> (Session, [LayerId; 3]) {
    let mut session = opened();
    let layers = [(); 3].map(|()| {
        session.run(Command::NewLayer);
        session.target(Side::Canvas).unwrap()
    });
    (session, layers)
}

/// Chooses layers, the first to paint on.
fn choose(session: &mut Session, layers: &[LayerId]) {
    session.select(layers[0]);
    layers[1..].iter().for_each(|layer| session.select_also(*layer));
}

fn chosen(session: &Session) -> (LayerId, Vec<LayerId>) {
    (session.target(Side::Canvas).unwrap(), session.chosen())
}

fn of<T, const N: usize>(session: &Session, layers: [LayerId; N], what: fn(&Layer) -> T) -> [T; N] {
    layers.map(|id| what(session.document().unwrap().layer(id).unwrap()))
}

/// From the bottom up.
fn names(session: &Session) -> Vec<&str> {
    let canvas = session.document().unwrap().canvas();
    canvas.layers().map(|layer| layer.name.as_str()).collect()
}

fn told(session: &mut Session) -> String {
    session.notice.take().map(|notice| notice.text).unwrap_or_default()
}

#[test]
fn layers_are_chosen_beside_the_one_that_is_painted_on() {
    let (mut session, [low, middle, top]) = painted();
    choose(&mut session, &[low, top]);
    assert_eq!(chosen(&session), (low, vec![low, top]));
    session.select_to(top);
    assert_eq!(chosen(&session), (low, vec![low, middle, top]));
    session.select_also(low);
    assert_eq!(chosen(&session), (middle, vec![middle, top]), "the next one is painted on");
    session.select_also(top);
    session.select_also(middle);
    assert_eq!(chosen(&session), (middle, vec![middle]), "one is left");
    session.run(Command::NewLayer);
    session.select_also(low);
    assert_eq!(session.chosen().len(), 2);
    session.run(Command::Undo);
    assert_eq!(chosen(&session), (middle, vec![middle]), "it was not chosen beside this one");
}

#[test]
fn chosen_layers_are_arranged_together_in_one_step() {
    let (mut session, [low, _, top]) = painted();
    let (begun, before) = (done(&session).len(), ["Paint", "Paint 2", "Paint 3", "Sketch", "Sketch mask"]);
    choose(&mut session, &[top, low]);
    session.run(Command::LayerUp);
    assert_eq!(names(&session), ["Paint 2", "Paint", "Sketch", "Paint 3", "Sketch mask"]);
    session.run(Command::Undo);
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.move_layer(low, Place::Above(sketch));
    assert_eq!(names(&session), ["Paint 2", "Sketch", "Paint", "Paint 3", "Sketch mask"]);
    session.run(Command::Undo);
    session.run(Command::GroupLayer);
    assert_eq!(
        names(&session),
        ["Paint 2", "Paint", "Paint 3", "Group", "Sketch", "Sketch mask"]
    );
    session.run(Command::Undo);
    assert_eq!(names(&session), before);
    choose(&mut session, &[top, low]);
    session.change_layer(top, "Clip or release a layer", |layer| layer.clip = true);
    session.run(Command::GroupLayer);
    let words = told(&mut session);
    assert!(
        words.contains("release the clipped one first"),
        "it would show on another layer: {words}"
    );
    session.run(Command::Undo);
    session.run(Command::DuplicateLayer);
    assert_eq!(
        names(&session),
        ["Paint", "Paint 2", "Paint 3", "Paint 4", "Paint 5", "Sketch", "Sketch mask"]
    );
    let (target, copies) = chosen(&session);
    assert_eq!(
        (of(&session, [target], |layer| layer.name.clone()), copies.len()),
        (["Paint 5".to_owned()], 2)
    );
    session.run(Command::RemoveLayer);
    assert_eq!((names(&session), chosen(&session)), (before.to_vec(), (top, vec![top])));
    assert_eq!(done(&session)[begun..], ["Duplicate layers", "Remove layers"]);
    session.select_also(session.by_role(Role::SketchMask).unwrap());
    for (command, words) in [
        (Command::GroupLayer, "Masks sit above"),
        (Command::DuplicateLayer, "There is one sketch mask"),
        (Command::RemoveLayer, "The sketch mask stays"),
        (Command::LayerDown, "A mask lies over all layers"),
        (Command::ToggleClip, "Masks and hints"),
    ] {
        session.run(command);
        assert!(told(&mut session).contains(words), "{words}");
    }
    assert_eq!(names(&session), before);
}

#[test]
fn chosen_layers_are_set_together_in_one_step() {
    let (mut session, layers @ [low, middle, top]) = painted();
    let begun = done(&session).len();
    choose(&mut session, &[low, top]);
    session.run(Command::ToggleLayer);
    assert_eq!(of(&session, layers, |layer| layer.visible), [false, true, false]);
    session.toggle(Some(top));
    session.run(Command::ToggleLayer);
    assert_eq!(
        of(&session, layers, |layer| layer.visible),
        [true; 3],
        "to what the first was not"
    );
    session.run(Command::ToggleLock);
    session.run(Command::ToggleAlphaLock);
    session.run(Command::ToggleClip);
    let switches: [fn(&Layer) -> bool; 3] = [|layer| layer.locked, |layer| layer.alpha_locked, |layer| layer.clip];
    for switch in switches {
        assert_eq!(of(&session, layers, switch), [true, false, true]);
    }
    session.set_opacity(low, 0.5);
    session.set_blend(top, Blend::Screen);
    session.set_opacity(middle, 0.25);
    assert_eq!(of(&session, layers, |layer| layer.opacity), [0.5, 0.25, 0.5]);
    assert_eq!(
        of(&session, layers, |layer| layer.blend),
        [Blend::Screen, Blend::Normal, Blend::Screen]
    );
    assert_eq!(
        done(&session)[begun..],
        [
            "Show or hide layers",
            "Show or hide a layer",
            "Show or hide layers",
            "Lock or unlock layers",
            "Lock or unlock alpha",
            "Clip or release layers",
            "Layer opacity",
            "Blend mode",
            "Layer opacity",
        ]
    );
}

#[test]
fn chosen_layers_become_one_unless_one_is_hidden() {
    let (mut session, [low, middle, top]) = painted();
    choose(&mut session, &[middle, low, top]);
    session.toggle(Some(low));
    let merge = |session: &mut Session| {
        session.run(Command::MergeDown);
        wait(session, "the merged layer", |session| session.is_settled());
    };
    merge(&mut session);
    assert!(told(&mut session).contains("Show it first"));
    session.toggle(Some(low));
    merge(&mut session);
    assert_eq!(names(&session), ["Paint", "Sketch", "Sketch mask"]);
    assert_eq!(
        (session.chosen().len(), session.history.undo_label()),
        (1, Some("Merge layers"))
    );
    session.run(Command::Undo);
    assert_eq!(names(&session).len(), 5);
}

#[test]
fn a_take_without_a_row_is_not_chosen_and_not_removed() {
    let mut session = opened();
    let document = session.document.as_mut().unwrap();
    let takes = [1, 2, 3].map(|value| document.place_take(&RgbImage::from_pixel(64, 64, Rgb([value; 3])), String::new()));
    session.select(takes[2]);
    session.show_take(Some(takes[0]));
    assert_eq!(session.target(Side::Canvas), Some(takes[0]), "the take that has the row");
    session.run(Command::RemoveLayer);
    assert_eq!(session.takes(), takes[1..]);
    assert_eq!(
        session.target(Side::Canvas),
        session.by_role(Role::Sketch),
        "no other take was in sight"
    );
    for _ in 0..3 {
        session.run(Command::LayerBelow);
        assert_eq!(session.target(Side::Canvas), Some(takes[2]));
    }
}

#[test]
fn the_move_tool_takes_all_chosen_layers_along_or_none() {
    let (mut session, layers @ [low, _, top]) = painted();
    for layer in layers {
        session.select(layer);
        session.run(Command::FillBrushColor);
    }
    choose(&mut session, &[low, top]);
    session.toolbox.select(ToolKind::Move);
    let drag = |session: &mut Session| {
        send(session, PointerEvent::Press, 10.0);
        send(session, PointerEvent::Release, 30.0);
    };
    drag(&mut session);
    wait(&mut session, "the move", |session| {
        session.history.undo_label() == Some("Move")
    });
    let covers = |session: &Session| of(session, layers, |layer| layer.raster().unwrap().pixel(5, 0)[3]);
    assert_eq!(covers(&session), [0, 255, 0]);
    session.run(Command::Undo);
    session.change_layer(top, "Lock or unlock a layer", |layer| layer.locked = true);
    drag(&mut session);
    assert!(told(&mut session).contains("The layer is locked"));
    assert_eq!((covers(&session), session.is_moving()), ([255; 3], false));
}

#[test]
fn a_layer_shows_alone_and_what_showed_before_comes_back() {
    let (mut session, [low, middle, _]) = painted();
    session.toggle(Some(middle));
    let shown = |session: &Session| -> Vec<bool> {
        let canvas = session.document().unwrap().canvas();
        canvas.layers().map(|layer| layer.visible).collect()
    };
    let before = shown(&session);
    session.show_alone(low);
    assert_eq!(shown(&session), [true, false, false, false, true], "and the mask");
    session.show_alone(middle);
    assert_eq!(shown(&session), [false, true, false, false, true]);
    session.show_alone(middle);
    assert_eq!(shown(&session), before);
    session.run(Command::Undo);
    session.show_alone(middle);
    assert_eq!(
        (shown(&session), session.history.undo_label()),
        (before, Some("Show the other layers"))
    );
}

#[test]
fn what_showed_before_comes_back_though_something_new_shows_meanwhile() {
    let (mut session, layers @ [low, middle, top]) = painted();
    session.toggle(Some(top));
    session.show_alone(low);
    session.select(low);
    session.run(Command::NewLayer);
    let new = session.target(Side::Canvas).unwrap();
    let shown = |session: &Session| of(session, layers, |layer| layer.visible);
    let shows_new = |session: &Session| of(session, [new], |layer| layer.visible) == [true];
    session.show_alone(low);
    assert_eq!((shown(&session), shows_new(&session)), ([true, false, false], false));
    session.show_alone(low);
    assert_eq!((shown(&session), shows_new(&session)), ([true, true, false], true));
    // What a person hid since, or whose hiding was undone, is no part of it.
    session.toggle(Some(middle));
    session.show_alone(low);
    session.show_alone(low);
    assert_eq!(shown(&session), [true, false, false]);
    session.toggle(Some(middle));
    session.show_alone(low);
    session.run(Command::Undo);
    session.toggle(Some(middle));
    session.show_alone(new);
    session.show_alone(new);
    assert_eq!(shown(&session), [true, false, false]);
}

#[test]
fn what_is_shown_or_hidden_by_its_eye_meanwhile_stays_so() {
    let (mut session, layers @ [low, _, top]) = painted();
    let shown = |session: &Session| of(session, layers, |layer| layer.visible);
    session.show_alone(low);
    for _ in 0..2 {
        session.toggle(Some(top));
    }
    session.show_alone(low);
    assert_eq!(shown(&session), [true, true, false]);
    for _ in 0..3 {
        session.run(Command::Undo);
    }
    assert_eq!(shown(&session), [true, false, false]);
    session.show_alone(low);
    assert_eq!(shown(&session), [true; 3], "it was not hidden after all");
}

#[test]
fn the_lines_that_count_are_those_that_showed_before_whatever_was_shown_alone_on_the_way() {
    let (mut session, [low, backup, _]) = painted();
    session.select(backup);
    session.run(Command::UseAsSketch);
    session.toggle(Some(backup));
    let sketch = session.by_role(Role::Sketch).unwrap();
    let lines = |session: &Session| session.document().unwrap().canvas().line_ids();
    for alone in [backup, low, sketch, low] {
        session.show_alone(alone);
    }
    assert_eq!(lines(&session), [sketch]);
    session.show_alone(low);
    assert_eq!(lines(&session), [sketch]);
    assert_eq!(of(&session, [sketch, backup], |layer| layer.visible), [true, false]);
    // Nor does a backup count once a sketch that was hidden has been looked at.
    session.run(Command::ToggleSketch);
    for _ in 0..2 {
        session.show_alone(sketch);
    }
    assert_eq!(of(&session, [sketch, backup], |layer| layer.visible), [false; 2]);
    assert_eq!(lines(&session), [sketch]);
}

#[test]
fn what_comes_back_beside_a_take_leaves_masks_and_the_take_that_shows_by_now() {
    let mut session = opened();
    let document = session.document.as_mut().unwrap();
    let [first, second] = [1, 2].map(|value| document.place_take(&RgbImage::from_pixel(64, 64, Rgb([value; 3])), String::new()));
    let [sketch, mask] = [Role::Sketch, Role::SketchMask].map(|role| session.by_role(role).unwrap());
    let shown = |session: &Session| of(session, [first, second, sketch, mask], |layer| layer.visible);
    session.show_take(Some(first));
    session.show_alone(first);
    assert_eq!(shown(&session), [true, false, false, true]);
    session.run(Command::NextTake);
    session.toggle(Some(mask));
    session.show_alone(second);
    assert_eq!(shown(&session), [false, true, true, false]);
    // A take that did not show before does not after it.
    session.show_take(None);
    session.show_alone(second);
    session.show_alone(second);
    assert_eq!(shown(&session), [false, false, true, false]);
}

#[test]
fn what_is_painted_on_another_layer_is_selected() {
    let (mut session, [low, _, top]) = painted();
    session.select(low);
    session.run(Command::FillBrushColor);
    session.select(top);
    session.select_painted_on(low);
    wait(&mut session, "the selection", |session| session.is_settled());
    let selection = session.document().unwrap().canvas().selection();
    assert_eq!(selection.map(|grid| grid.pixel(5, 5)), Some(255));
    assert_eq!(session.target(Side::Canvas), Some(top));
}
