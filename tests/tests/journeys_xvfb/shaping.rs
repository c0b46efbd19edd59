//! The box around what is transformed, and regions whose lines have gaps.

use app::document::Document;
use image::{Rgba, RgbaImage};
use tests::journey::{Journey, color, is_painted};

use crate::{same, with_layer};

#[test]
fn a_box_is_scaled_by_its_handles_turned_from_outside_and_given_up() {
    let mut journey = with_layer();
    journey.click("Rectangular selection");
    journey.draw(&[[40.0, 40.0], [80.0, 60.0]]);
    journey.menu("Edit", "Fill with the brush colour");
    journey.menu("Edit", "Deselect");
    journey.open_box();
    // Twice as large, from the corner.
    journey.draw(&[[80.0, 60.0], [100.0, 70.0], [120.0, 80.0]]);
    journey.click("Apply");
    let saved = journey.save("the larger box", |saved| is_painted(saved, "Paint", [116, 76]));
    assert_eq!(same(&saved, &journey, "Paint", [124, 84])[3], 0);
    journey.open_box();
    // A quarter turn, clockwise about the middle.
    journey.draw(&[[160.0, 60.0], [131.0, 111.0], [80.0, 140.0]]);
    journey.click("Apply");
    let saved = journey.save("the box upright", |saved| is_painted(saved, "Paint", [80, 96]));
    for (at, painted) in [([64, 60], true), ([80, 24], true), ([44, 60], false), ([112, 60], false)] {
        assert_eq!(same(&saved, &journey, "Paint", at)[3] > 0, painted, "{at:?}");
    }
    // Given up, all is as it was.
    journey.open_box();
    journey.draw(&[[80.0, 60.0], [120.0, 120.0], [160.0, 180.0]]);
    journey.click("Cancel");
    journey.click("Brush");
    journey.draw(&[[220.0, 220.0], [230.0, 220.0]]);
    let saved = journey.save("the stroke after it", |saved| is_painted(saved, "Paint", [225, 220]));
    for (at, painted) in [([80, 60], true), ([160, 180], false)] {
        assert_eq!(same(&saved, &journey, "Paint", at)[3] > 0, painted, "{at:?}");
    }
}

/// A box drawn with lines of four pixels, with a gap of eight in its right side.
fn with_gap() -> Document {
    let drawn = |x: u32, y: u32| {
        let (inside, wide) = ((60..196).contains(&x) && (60..196).contains(&y), 64..192);
        inside && !(wide.contains(&x) && wide.contains(&y)) && !(x > 128 && (124..132).contains(&y))
    };
    let pixel = |x, y| if drawn(x, y) { Rgba([0, 0, 0, 255]) } else { Rgba([255; 4]) };
    Document::from_sketch(&RgbaImage::from_fn(256, 256, pixel)).unwrap()
}

#[test]
fn a_fill_stays_inside_where_gaps_are_closed() {
    let mut journey = Journey::begin(&with_gap());
    journey.click("New layer");
    journey.click("Fill");
    journey.find("the fill", |journey| journey.draw(&[[128.0, 128.0]]));
    assert_eq!(
        color(journey.planned(), "Paint", [20, 20])[3],
        255,
        "it runs out through the gap"
    );
    journey.click("Undo");
    journey.slide("Close gaps", 0.6);
    journey.find("the fill inside", |journey| journey.draw(&[[128.0, 128.0]]));
    let saved = journey.save("the fill", |saved| is_painted(saved, "Paint", [128, 128]));
    for (at, filled) in [([70, 70], 255), ([180, 180], 255), ([20, 20], 0), ([230, 128], 0)] {
        assert_eq!(same(&saved, &journey, "Paint", at)[3], filled, "{at:?}");
    }
}
