//! The view of the canvas.

use app::document::Document;
use egui_kittest::kittest::Queryable;
use tests::journey::{Journey, layer};

use crate::with_layer;

/// The rows and columns that are covered by half and more on the layer called Paint: left, top, right, bottom.
fn painted(document: &Document) -> Option<[u32; 4]> {
    let grid = layer(document, "Paint").raster().unwrap();
    let [width, height] = grid.size();
    let painted = |x: u32, y: u32| grid.pixel(x, y)[3] > 127;
    let columns = (0..width).filter(|x| (0..height).any(|y| painted(*x, y))).collect::<Vec<_>>();
    let rows = (0..height).filter(|y| (0..width).any(|x| painted(x, *y))).collect::<Vec<_>>();
    Some([*columns.first()?, *rows.first()?, columns.last()? + 1, rows.last()? + 1])
}

/// Draws, saves what came of it, and takes the stroke back. What is painted: left, top, right, bottom.
fn stroke(journey: &mut Journey, way: &[[f32; 2]]) -> [u32; 4] {
    journey.draw(way);
    let planned = painted(journey.planned()).expect("a stroke");
    // A wheel's turn is summed in steps as frames come: the last digits of the view, and with them the edges, are not the plan's.
    let near = |found: [u32; 4]| found.iter().zip(planned).all(|(found, planned)| found.abs_diff(planned) <= 2);
    journey.save("the stroke", |saved| {
        saved.canvas().layers().any(|layer| layer.name == "Paint") && painted(saved).is_some_and(near)
    });
    journey.click("Undo");
    planned
}

/// Whether a stroke covers a rectangle, and reaches no further beyond it than the brush is wide.
#[track_caller]
fn covers(found: [u32; 4], [left, top, right, bottom]: [f32; 4]) {
    let [l, t, r, b] = found.map(|at| at as f32);
    let wide = 16.0;
    assert!(l <= left && t <= top && r >= right && b >= bottom, "{found:?}");
    assert!(
        l > left - wide && t > top - wide && r < right + wide && b < bottom + wide,
        "{found:?}"
    );
}

#[test]
fn strokes_land_where_they_show_however_the_picture_is_turned_mirrored_zoomed_and_moved() {
    let mut journey = with_layer();
    journey.take_preset("Flat");
    journey.slide("Size", 0.3);
    let points = journey.plan.on_picture([1.0, 0.0]).x - journey.plan.on_picture([0.0, 0.0]).x;
    // Points of the screen for a pixel of the picture while it is fitted.
    let fitted = points / 256.0;

    journey.look("Mirror the view");
    covers(
        stroke(&mut journey, &[[60.0, 40.0], [100.0, 40.0]]),
        [156.0, 40.0, 196.0, 40.0],
    );
    journey.look("Mirror the view");
    for _ in 0..6 {
        journey.look("Rotate the view right");
    }
    // A quarter turn: what is at the left of the screen is at the bottom of the picture.
    covers(
        stroke(&mut journey, &[[60.0, 40.0], [100.0, 40.0]]),
        [40.0, 156.0, 40.0, 196.0],
    );
    journey.look("Rotate the view left");
    journey.look("Reset the view's rotation");
    journey.look("Zoom to 100 %");
    let reach = 40.0 * fitted;
    covers(
        stroke(&mut journey, &[[88.0, 128.0], [168.0, 128.0]]),
        [128.0 - reach, 128.0, 128.0 + reach, 128.0],
    );
    journey.look("Zoom in");
    journey.look("Zoom out");
    journey.look("Fit the width");
    journey.look("Reset the view");

    // Nearer, about the pointer.
    let canvas = journey.canvas();
    journey.wheel([180.0, 80.0], 3);
    journey.until_canvas("the picture from nearer", &canvas);
    let [left, top, right, bottom] = stroke(&mut journey, &[[180.0, 80.0], [210.0, 80.0]]);
    assert!(left < 180 && (172..196).contains(&right), "{left} {right}: a third as far");
    assert!(top < 80 && bottom > 80 && right - left < 30);
    // And moved, by the hand.
    journey.click("Pan");
    let canvas = journey.canvas();
    journey.draw(&[[100.0, 100.0], [130.0, 130.0], [160.0, 140.0]]);
    journey.until_canvas("the moved picture", &canvas);
    journey.click("Brush");
    let [left, top, right, bottom] = stroke(&mut journey, &[[240.0, 120.0]]);
    assert!(
        left < 180 && top < 80 && right > 180 && bottom > 80,
        "the same place as before: {left} {top} {right} {bottom}"
    );
    journey.click("Pan");
    journey.wheel([128.0, 128.0], 4);
    journey.look("Show the pixel grid");
    journey.look("Show the pixel grid");
    journey.click("Fit the canvas");
    for layer in ["Show the sketch", "Show the masks"] {
        journey.look(layer);
    }

    // Nothing but the canvas, and the way back by mouse.
    let panels = journey.screen.picture();
    journey.menu("View", "Canvas only");
    assert!(journey.plan.harness.query_by_label("Layers").is_none());
    journey.screen.until("the canvas alone", |screen| {
        (tests::screen::differ(&screen.picture(), &panels) > 50_000).then_some(())
    });
    let alone = journey.screen.picture();
    journey.click_right([128.0, 128.0]);
    journey.until_shown("Canvas only", &alone);
    journey.click("Canvas only");
    journey.until_shown("New layer", &alone);
    journey.click("Brush");
    covers(
        stroke(&mut journey, &[[60.0, 40.0], [100.0, 40.0]]),
        [60.0, 40.0, 100.0, 40.0],
    );
}
