//! What brushes can do.

use app::document::Document;
use tests::journey::{is_painted, layer};

use crate::{same, with_layer};

/// How many pixels of a column of the layer called Paint are painted.
fn height(document: &Document, x: u32) -> usize {
    let grid = layer(document, "Paint").raster().unwrap();
    (0..grid.size()[1]).filter(|y| grid.pixel(x, *y)[3] > 0).count()
}

#[test]
fn lines_are_straight_colours_smudged_and_shapes_filled() {
    let mut journey = with_layer();
    journey.take_preset("Flat");
    journey.slide("Size", 0.4);
    // A line from where the last stroke ended.
    journey.draw(&[[40.0, 40.0]]);
    journey.with_shift(|journey| journey.draw(&[[200.0, 100.0]]));
    // Around a shape, which fills.
    journey.take_preset("Fill the shape");
    journey.draw(&[[60.0, 140.0], [120.0, 140.0], [120.0, 200.0], [60.0, 200.0], [60.0, 144.0]]);
    // Along the brush's way colours are carried.
    journey.take_preset("Smudge");
    journey.draw(&[[100.0, 170.0], [130.0, 170.0], [160.0, 170.0]]);
    let saved = journey.save("the strokes", |saved| is_painted(saved, "Paint", [135, 170]));
    let [from, middle, beside] = [[40, 40], [120, 70], [120, 100]].map(|at| same(&saved, &journey, "Paint", at)[3]);
    assert_eq!([from, middle, beside], [255, 255, 0], "a straight line");
    assert_eq!(same(&saved, &journey, "Paint", [80, 160]), [0, 0, 0, 255], "filled");
    let [near, far] = [[128, 170], [150, 170]].map(|at| same(&saved, &journey, "Paint", at)[3]);
    assert!(near > far, "smudged out: {near} {far}");
}

#[test]
fn a_brush_is_shaped_its_pressure_bent_and_kept_as_a_preset() {
    let mut journey = with_layer();
    journey.take_preset("Flat");
    journey.slide("Size", 0.5);
    journey.draw(&[[40.0, 40.0]]);
    let round = height(journey.planned(), 40);
    assert!(round > 8, "{round}");
    journey.click("Brush settings");
    // Flat and level.
    journey.slide("Roundness", 0.1);
    journey.slide("Angle", 0.5);
    journey.click("Pressure sets the opacity");
    // A mouse presses fully: where the curve ends says how much it covers.
    let curve = "Pressure sets the opacity: curve";
    journey.drag_on(curve, &[[0.98, 0.05], [0.98, 0.3], [0.98, 0.5]]);
    journey.click("Save the brush as a preset");
    journey.close();
    let settings = journey.plan.harness.state().session.toolbox.brush.settings;
    assert!(settings.roundness < 0.3 && settings.angle.abs() < 5.0, "{settings:?}");
    assert!((settings.opacity_curve.at(1.0) - 0.5).abs() < 0.1);
    journey.draw(&[[100.0, 40.0]]);
    journey.take_preset("Round");
    let session = &journey.plan.harness.state().session;
    assert_ne!(session.toolbox.brush.settings, settings);
    let own = session.presets().last().expect("it is kept").name.clone();
    journey.click("Preset");
    // It is the last.
    journey.scroll("Ink", 20);
    journey.click(&own);
    assert_eq!(journey.plan.harness.state().session.toolbox.brush.settings, settings);
    journey.draw(&[[160.0, 40.0]]);
    let saved = journey.save("the dabs", |saved| is_painted(saved, "Paint", [160, 40]));
    assert_eq!(height(&saved, 40), round);
    for x in [100, 160] {
        let flat = height(&saved, x);
        assert!((1..round / 2).contains(&flat), "{flat} {round}");
        let [.., alpha] = same(&saved, &journey, "Paint", [x, 40]);
        assert!((96..160).contains(&alpha), "half of it: {alpha}");
    }
}
