//! The canvas at another size, and what was made for the one before.

use engine::event::JobId;
use engine::pipeline::canvas_size;

use super::laying::send;
use super::turns::done;
use super::*;
use crate::document::{Combine, TileGrid};
use crate::tool::Resize;

const CUT: Resize = Resize::Canvas {
    size: [64, 40],
    anchor: [0, 0],
};

fn size(session: &Session) -> [u32; 2] {
    session.document().unwrap().canvas().size()
}

fn told(session: &mut Session) -> String {
    session.notice.take().map(|notice| notice.text).unwrap_or_default()
}

fn cut(session: &mut Session) {
    session.resize(CUT);
    wait(session, "the other size", |session| size(session) == [64, 40]);
}

/// A click with Shift: a line from where the last stroke ended, if that is known.
fn draw_on(session: &mut Session, to: [f32; 2]) {
    let keys = Keys {
        shift: true,
        ..Keys::default()
    };
    let at = PointerSample::at(to);
    for event in [PointerEvent::Press(at), PointerEvent::Release(at)] {
        session.pointer(Side::Canvas, event, keys);
    }
}

#[test]
fn what_comes_after_another_size_waits_for_it_and_is_undone_before_it() {
    let mut session = opened();
    let gate = hold(&session.finding.awaited.thread);
    session.resize(CUT);
    session.run(Command::NewLayer);
    assert!(session.is_laying() && done(&session).is_empty());
    drop(gate);
    wait(&mut session, "both", |session| done(session).len() == 2);
    let document = session.document().unwrap();
    assert!(document.canvas().layers().all(|layer| layer.size() == [64, 40]));
    session.run(Command::Undo);
    session.run(Command::Undo);
    assert_eq!(size(&session), [64, 64]);
    session.run(Command::Redo);
    assert_eq!(size(&session), [64, 40]);
}

#[test]
fn the_canvas_is_cropped_to_what_is_selected_on_it_alone() {
    let mut session = opened();
    assert!(!session.allows(Command::CropToSelection));
    let shape = TileGrid::with_pixels([64, 64], [10, 20], 5, &[255; 35]);
    session
        .document
        .as_mut()
        .unwrap()
        .select(Side::Canvas, &shape, Combine::Replace);
    session.run(Command::CropToSelection);
    wait(&mut session, "the cut", |session| size(session) == [5, 7]);
    assert_eq!(done(&session), ["Crop to the selection"]);
    session.run(Command::CropToSelection);
    wait(&mut session, "the answer", |session| !session.is_laying());
    assert_eq!(told(&mut session), "The canvas has that size already.");
}

#[test]
fn the_box_of_a_transform_is_that_of_the_canvas_as_it_is() {
    let mut session = opened();
    let sketch = session.by_role(Role::Sketch).unwrap();
    session.select(sketch);
    session.run(Command::SelectTransform);
    let corner = |session: &Session| session.toolbox.transform.pose.map(|pose| pose.corners()[2]);
    wait(&mut session, "the box", |session| corner(session) == Some([64.0, 64.0]));
    cut(&mut session);
    wait(&mut session, "the other box", |session| corner(session) == Some([64.0, 40.0]));
}

#[test]
fn a_take_that_comes_for_the_earlier_size_is_left_out_in_words() {
    let mut session = opened();
    cut(&mut session);
    let come = |session: &mut Session, size: [u32; 2]| {
        session.place_take(TileGrid::filled(size, [9, 9, 9, 255]), String::new());
        session.by_role(Role::Take).is_some()
    };
    assert!(!come(&mut session, [64, 64]));
    assert!(told(&mut session).contains("is left out"));
    assert!(come(&mut session, [64, 40]));
}

#[test]
fn the_size_of_the_next_picture_takes_the_new_proportions_in_the_same_step() {
    let mut session = opened();
    session.settings.size = Some([512, 512]);
    cut(&mut session);
    let wide = Some(canvas_size(512, [64, 40]));
    assert_eq!(session.settings.size, wide);
    session.catch_up();
    assert_eq!(done(&session), ["Change the settings", "Change the canvas size"]);
    session.run(Command::Undo);
    assert_eq!((size(&session), session.settings.size), ([64, 64], Some([512, 512])));
    session.run(Command::Redo);
    assert_eq!((size(&session), session.settings.size), ([64, 40], wide));
}

#[test]
fn no_line_goes_on_from_a_place_on_the_canvas_at_its_earlier_size() {
    let mut session = opened();
    send(&mut session, PointerEvent::Press, 4.0);
    send(&mut session, PointerEvent::Release, 4.0);
    cut(&mut session);
    draw_on(&mut session, [60.0, 20.0]);
    let mask = session.document().unwrap().by_role(Role::SketchMask).unwrap().mask().unwrap();
    assert_eq!([mask.pixel(60, 20), mask.pixel(32, 10)], [255, 0]);
}

#[test]
fn a_way_back_that_ends_at_the_size_it_began_with_left_it_in_between() {
    let mut session = opened();
    cut(&mut session);
    session.resize(Resize::Canvas {
        size: [64, 64],
        anchor: [0, 0],
    });
    wait(&mut session, "the first size", |session| size(session) == [64, 64]);
    send(&mut session, PointerEvent::Press, 4.0);
    send(&mut session, PointerEvent::Release, 4.0);
    session.go_to(0);
    assert_eq!((size(&session), done(&session).len()), ([64, 64], 0));
    draw_on(&mut session, [60.0, 20.0]);
    let mask = session.document().unwrap().by_role(Role::SketchMask).unwrap().mask().unwrap();
    assert_eq!([mask.pixel(60, 20), mask.pixel(32, 10)], [255, 0]);
}

#[test]
fn a_recipe_from_before_a_crop_comes_back_in_the_proportions_of_the_canvas() {
    let mut session = opened();
    let mut recipe = crate::gallery::metadata::tests::recipe();
    recipe.settings.size = Some([512, 512]);
    let (picture, text) = (image::RgbImage::new(64, 64), ron::to_string(&recipe).unwrap());
    let take = session.document.as_mut().unwrap().place_take(&picture, text);
    session.use_recipe(take);
    assert_eq!(session.settings.size, Some([512, 512]), "as it was made");
    cut(&mut session);
    session.settings.size = None;
    session.use_recipe(take);
    assert_eq!(session.settings.size, Some(canvas_size(512, [64, 40])));
}

#[test]
fn a_live_request_that_was_put_together_for_the_earlier_size_goes_nowhere() {
    let mut session = opened();
    let reference = RgbaImage::from_pixel(64, 64, Rgba([9, 9, 9, 255]));
    session.document.as_mut().unwrap().set_reference(Some(&reference)).unwrap();
    let gate = hold(&session.files);
    session.run(Command::ToggleLive);
    wait(&mut session, "the request", |session| session.is_live_coloring());
    cut(&mut session);
    // In mid-stroke no other begins.
    send(&mut session, PointerEvent::Press, 4.0);
    let (tell, told) = channel();
    session.files.run(move || {
        tell.send(()).unwrap();
        None
    });
    drop(gate);
    told.recv().unwrap();
    session.catch_up();
    assert!(session.is_live() && !session.live.is_job(JobId(0)));
}

#[test]
fn files_that_are_read_for_the_earlier_size_become_no_layers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    RgbaImage::from_pixel(8, 8, Rgba([9; 4])).save(&path).unwrap();
    let mut session = opened();
    let gate = hold(&session.finding.unawaited.thread);
    session.import_layers(vec![path]);
    cut(&mut session);
    // It was being read for the canvas as it was.
    drop(gate);
    wait(&mut session, "the file", |session| !session.is_finding());
    assert!(told(&mut session).contains("is left out"));
    assert_eq!(done(&session), ["Change the canvas size"]);
}
