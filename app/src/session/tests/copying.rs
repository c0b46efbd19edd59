//! Parts of layers: copied to layers of their own, selected, and chosen by a click.

use super::turns::done;
use super::*;
use crate::document::{Combine, TileGrid};

/// Selects the left half of the canvas.
fn select_left(session: &mut Session) {
    let left = TileGrid::with_pixels([64, 64], [0, 0], 32, &[255; 32 * 64]);
    let document = session.document.as_mut().unwrap();
    document.select(Side::Canvas, &left, Combine::Replace);
}

/// A session with a layer called Paint that is painted in its left half.
fn half_painted() -> Session {
    let mut session = opened();
    session.run(Command::NewLayer);
    select_left(&mut session);
    session.run(Command::FillBrushColor);
    session.run(Command::SelectNothing);
    session
}

fn settle(session: &mut Session) {
    wait(session, "what is looked for", |session| session.is_settled());
}

/// What is selected in the left and in the right half; none: all is.
fn selected(session: &Session) -> Option<[u8; 2]> {
    let selection = session.document().unwrap().canvas().selection()?;
    Some([10, 40].map(|x| selection.pixel(x, 5)))
}

#[test]
fn with_a_selection_duplicating_copies_what_is_selected() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    select_left(&mut session);
    session.run(Command::DuplicateLayer);
    settle(&mut session);
    assert_eq!(done(&session), ["Copy to a layer"]);
    let copy = session.target(Side::Canvas).unwrap();
    let layer = session.document().unwrap().layer(copy).unwrap();
    let covers = [10, 40].map(|x| layer.raster().unwrap().pixel(x, 5)[3]);
    assert_eq!((layer.role, layer.name.as_str(), covers), (Role::Paint, "Sketch 2", [255, 0]));
    assert_eq!(session.by_role(Role::Sketch), Some(sketch));
    session.run(Command::Undo);
    assert!(session.document().unwrap().layer(copy).is_none());
    session.select(session.by_role(Role::SketchMask).unwrap());
    session.run(Command::DuplicateLayer);
    let told = session.notice.take().map(|notice| notice.text);
    assert!(told.is_some_and(|words| words.contains("There is one sketch mask")));
}

#[test]
fn of_several_layers_the_part_of_each_that_is_selected_is_copied_in_one_step() {
    let mut session = half_painted();
    session.select_also(session.by_role(Role::Sketch).unwrap());
    let corner = TileGrid::with_pixels([64, 64], [0, 0], 20, &[255; 20 * 20]);
    let document = session.document.as_mut().unwrap();
    document.select(Side::Canvas, &corner, Combine::Replace);
    let begun = done(&session).len();
    session.run(Command::DuplicateLayer);
    settle(&mut session);
    assert_eq!(done(&session)[begun..], ["Copy to layers"]);
    let document = session.document().unwrap();
    let copies = session.chosen().into_iter().map(|id| document.layer(id).unwrap());
    let told: Vec<(&str, [u8; 2])> = copies
        .map(|copy| (copy.name.as_str(), [19, 20].map(|x| copy.raster().unwrap().pixel(x, 5)[3])))
        .collect();
    assert_eq!(told, [("Paint 2", [255, 0]), ("Sketch 2", [255, 0])]);
    let painted_on = document.layer(session.target(Side::Canvas).unwrap());
    assert_eq!(painted_on.map(|layer| layer.name.as_str()), Some("Paint 2"));
}

#[test]
fn where_nothing_is_selected_of_a_layer_it_is_said() {
    let mut session = half_painted();
    select_left(&mut session);
    session.run(Command::InvertSelection);
    let before = done(&session).len();
    session.run(Command::DuplicateLayer);
    settle(&mut session);
    let told = session.notice.take().map(|notice| notice.text);
    assert!(told.is_some_and(|words| words.contains("There is nothing to copy")));
    assert_eq!(done(&session).len(), before);
    session.run(Command::NewLayer);
    let gone = session.target(Side::Canvas).unwrap();
    session.run(Command::Undo);
    session.copy_to_layers(vec![gone]);
    settle(&mut session);
    assert_eq!(session.notice, None, "of a layer that is gone there is nothing to say");
}

#[test]
fn what_shows_of_a_group_is_selected_and_where_nothing_does_the_selection_stays() {
    let mut session = half_painted();
    let paint = session.target(Side::Canvas).unwrap();
    session.run(Command::GroupLayer);
    assert_ne!(session.target(Side::Canvas), Some(paint));
    session.run(Command::SelectPainted);
    settle(&mut session);
    assert_eq!(selected(&session), Some([255, 0]));
    session.toggle(Some(paint));
    session.run(Command::SelectPainted);
    settle(&mut session);
    let told = session.notice.take().map(|notice| notice.text);
    assert!(told.is_some_and(|words| words.contains("Nothing is painted")));
    assert_eq!(selected(&session), Some([255, 0]));
}

#[test]
fn a_click_chooses_the_layer_that_is_seen_through_the_sketchs_paper() {
    let mut picture = RgbaImage::from_pixel(64, 64, Rgba([255; 4]));
    picture.put_pixel(10, 5, Rgba([60, 60, 60, 255]));
    let mut session = empty();
    session.begin(Opened::drawing(picture, "lines".to_owned()).unwrap());
    session.run(Command::NewLayer);
    let paint = session.target(Side::Canvas);
    select_left(&mut session);
    session.run(Command::FillBrushColor);
    let sketch = session.by_role(Role::Sketch);
    for (x, layer) in [(12.0, paint), (10.0, sketch), (40.0, sketch), (12.0, paint)] {
        session.pick_layer([x, 5.0]);
        assert_eq!(session.target(Side::Canvas), layer, "{x}");
    }
}
