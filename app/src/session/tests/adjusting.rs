//! Colours that are adjusted.

use super::turns::done;
use super::*;
use crate::document::Place;

/// A session whose page on colours is open for the sketch, which is white.
fn adjusting() -> Session {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.run(Command::AdjustColors);
    assert!(session.is_adjusting());
    session
}

fn value(session: &Session, layer: LayerId) -> u8 {
    let layer = session.document().unwrap().layer(layer).unwrap();
    layer.raster().unwrap().pixel(5, 5)[0]
}

fn lightness_of_sketch(session: &Session) -> u8 {
    value(session, session.by_role(Role::Sketch).unwrap())
}

fn set_lightness(session: &mut Session, lightness: f32) {
    session.adjustment().unwrap().lightness = lightness;
    session.catch_up();
}

#[test]
fn the_last_values_are_laid_away_from_the_window_and_are_one_change() {
    let mut session = adjusting();
    let gate = hold(&session.moving.tasks);
    for lightness in [-0.2, -0.4, -1.0] {
        set_lightness(&mut session, lightness);
    }
    drop(gate);
    wait(&mut session, "the last of them", |session| lightness_of_sketch(session) == 0);
    assert!(done(&session).is_empty() && session.is_adjusting());
    session.end_adjusting(true);
    assert_eq!(done(&session), ["Adjust colours"]);
    session.run(Command::Undo);
    assert_eq!(lightness_of_sketch(&session), 255);
    session.run(Command::Redo);
    assert_eq!(lightness_of_sketch(&session), 0);
}

#[test]
fn what_is_wanted_before_it_is_laid_down_becomes_a_change_all_the_same() {
    let mut session = adjusting();
    let gate = hold(&session.moving.tasks);
    set_lightness(&mut session, -1.0);
    session.end_adjusting(true);
    assert!(!session.is_adjusting() && session.is_laying() && done(&session).is_empty());
    drop(gate);
    wait(&mut session, "the change", |session| !session.is_laying());
    assert_eq!(done(&session), ["Adjust colours"]);
    assert_eq!(lightness_of_sketch(&session), 0);
}

#[test]
fn given_up_or_at_the_defaults_it_leaves_no_trace_and_what_waited_follows() {
    let mut session = adjusting();
    set_lightness(&mut session, -1.0);
    wait(&mut session, "the other colour", |session| lightness_of_sketch(session) == 0);
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.set_opacity(sketch, 0.5);
    session.catch_up();
    assert!(done(&session).is_empty(), "it waits for the page");
    session.end_adjusting(false);
    assert_eq!(lightness_of_sketch(&session), 255);
    session.catch_up();
    assert_eq!(done(&session), ["Layer opacity"]);
    session.run(Command::AdjustColors);
    session.end_adjusting(true);
    wait(&mut session, "the end of it", |session| !session.is_moving());
    assert_eq!(done(&session), ["Layer opacity"]);
}

#[test]
fn the_layers_of_a_group_are_adjusted_together() {
    let mut session = opened();
    session.run(Command::NewLayer);
    let first = session.target(Side::Canvas).unwrap();
    session.toolbox.colors.brush = [100; 3];
    session.run(Command::FillBrushColor);
    session.run(Command::DuplicateLayer);
    let copy = session.target(Side::Canvas).unwrap();
    session.run(Command::GroupLayer);
    let group = session.target(Side::Canvas).unwrap();
    session.move_layer(first, Place::Into(group));
    session.select(group);
    session.run(Command::AdjustColors);
    set_lightness(&mut session, -0.5);
    wait(&mut session, "both", |session| {
        [first, copy].map(|layer| value(session, layer)) == [50; 2]
    });
    session.end_adjusting(true);
    session.run(Command::Undo);
    assert_eq!([first, copy].map(|layer| value(&session, layer)), [100; 2]);
}

#[test]
fn a_page_that_says_nothing_is_no_change_and_masks_show_again_after_it() {
    let mut session = adjusting();
    assert!(!session.is_modified() && !session.shows_masks());
    set_lightness(&mut session, -1.0);
    assert!(session.is_modified(), "it is wanted, whether it is laid down yet or not");
    wait(&mut session, "the other colour", |session| lightness_of_sketch(session) == 0);
    session.adjustment().unwrap().lightness = 0.0;
    assert!(session.is_modified(), "it shows");
    session.catch_up();
    assert!(!session.is_modified());
    session.end_adjusting(false);
    assert!(session.shows_masks());
}

#[test]
fn live_mode_makes_no_picture_of_what_the_page_shows() {
    let mut session = adjusting();
    let reference = RgbaImage::from_pixel(64, 64, Rgba([9, 9, 9, 255]));
    session.document.as_mut().unwrap().set_reference(Some(&reference)).unwrap();
    session.run(Command::ToggleLive);
    assert!(session.is_live() && session.wake_in().is_none());
    session.end_adjusting(false);
    assert!(session.wake_in().is_some());
}

#[test]
fn where_there_is_no_colour_it_is_said() {
    let mut session = opened();
    let told = |session: &mut Session| {
        session.run(Command::AdjustColors);
        assert!(!session.is_adjusting());
        session.notice.take().map(|notice| notice.text).unwrap_or_default()
    };
    assert!(told(&mut session).starts_with("A mask has no colours"));
    session.run(Command::NewLayer);
    assert_eq!(told(&mut session), crate::session::moving::NOTHING_THERE);
}
