//! Colours, shapes, and what is moved.

use app::document::Document;
use tests::journey::{layer, names};

use crate::{brush, hex, same, with_layer};

#[test]
fn colours_are_picked_and_painted_with_and_steps_taken_back() {
    let mut journey = with_layer();
    journey.click("Colour");
    let first = journey.plan.harness.state().session.reference_colors().background[0];
    journey.click(&format!("Background colour {}", hex(first)));
    journey.draw(&[[40.0, 60.0], [80.0, 60.0], [120.0, 60.0]]);
    journey.slide("Saturation", 0.95);
    journey.slide("Brightness", 0.8);
    journey.slide("Hue", 0.66);
    let blue = brush(&journey);
    assert!(blue[2] > blue[0] && blue != first);
    journey.take_preset("Flat");
    journey.slide("Size", 0.6);
    journey.click("Mirror painting left to right");
    journey.draw(&[[30.0, 120.0], [60.0, 120.0]]);
    journey.click("Swap the two colours");
    journey.draw(&[[30.0, 180.0], [60.0, 180.0]]);
    journey.click(&format!("Recent colour {}", hex(blue)));
    journey.click("Eraser");
    journey.draw(&[[80.0, 40.0], [80.0, 80.0]]);
    journey.click("Colour picker");
    journey.draw(&[[45.0, 120.0]]);
    assert_eq!(brush(&journey), blue);
    journey.click("Brush");
    journey.draw(&[[128.0, 220.0], [129.0, 230.0]]);
    journey.click("Undo");
    journey.click("Undo");
    journey.click("Redo");
    journey.click("History");
    journey.click("Step 2: Brush stroke");
    let steps = journey.plan.harness.state().session.history.done().len();
    journey.click(&format!("Step {}: Eraser stroke", steps + 3));
    let saved = journey.save("the strokes", |saved| names(saved).len() == 3);
    let [r, g, b] = first;
    assert_eq!(same(&saved, &journey, "Paint", [50, 60]), [r, g, b, 255]);
    let [r, g, b] = blue;
    for x in [45, 210] {
        assert_eq!(same(&saved, &journey, "Paint", [x, 120]), [r, g, b, 255]);
        assert_eq!(same(&saved, &journey, "Paint", [x, 180]), [255; 4]);
    }
    assert_eq!(same(&saved, &journey, "Paint", [80, 60])[3], 0, "erased");
    assert_eq!(same(&saved, &journey, "Paint", [128, 225])[3], 0, "undone");
}

#[test]
fn shapes_are_selected_filled_graded_moved_and_transformed() {
    let mut journey = with_layer();
    journey.click("Rectangular selection");
    journey.draw(&[[40.0, 40.0], [104.0, 104.0]]);
    journey.menu("Edit", "Fill with the brush colour");
    journey.menu("Edit", "Invert the selection");
    journey.click("Gradient");
    journey.draw(&[[20.0, 128.0], [236.0, 128.0]]);
    journey.menu("Edit", "Deselect");
    journey.click("New layer");
    journey.click("Elliptical selection");
    journey.draw(&[[120.0, 20.0], [180.0, 80.0]]);
    journey.menu("Edit", "Fill with the second colour");
    journey.click("Lasso");
    journey.draw(&[[120.0, 120.0], [180.0, 120.0], [180.0, 180.0], [120.0, 180.0], [120.0, 122.0]]);
    journey.menu("Edit", "Fill with the second colour");
    journey.click("Polygonal selection");
    for corner in [[20.0, 200.0], [80.0, 200.0], [50.0, 240.0], [20.0, 200.0]] {
        journey.draw(&[corner]);
    }
    journey.menu("Edit", "Fill with the second colour");
    journey.menu("Edit", "Deselect");
    let saved = journey.save("what was filled", |saved| names(saved).len() == 4);
    assert_eq!(same(&saved, &journey, "Paint", [60, 60]), [0, 0, 0, 255]);
    let [dark, light] = [[24, 200], [232, 200]].map(|at| same(&saved, &journey, "Paint", at)[0]);
    assert!(dark < 40 && light > 215, "from black to white: {dark} {light}");
    for at in [[150, 50], [150, 150], [50, 215]] {
        assert_eq!(same(&saved, &journey, "Paint 2", at), [255; 4]);
    }
    assert_eq!(same(&saved, &journey, "Paint 2", [122, 22])[3], 0, "outside of the ellipse");

    // The wand takes what the fill goes around; the fill goes by all layers.
    journey.click("New layer");
    journey.click("Magic wand");
    journey.click("Borders");
    journey.click("All layers");
    journey.find("the region", |journey| journey.draw(&[[150.0, 150.0]]));
    journey.menu("Edit", "Invert the selection");
    journey.menu("Edit", "Deselect");
    journey.click("Fill");
    journey.click("Borders");
    journey.click("All layers");
    journey.find("the fill", |journey| journey.draw(&[[60.0, 60.0]]));
    journey.open_box();
    journey.draw(&[[70.0, 70.0], [90.0, 80.0], [110.0, 90.0]]);
    journey.click("Flip horizontally");
    journey.click("Apply");
    journey.click("Move");
    journey.draw(&[[20.0, 20.0], [24.0, 28.0], [28.0, 36.0]]);
    let moved = |saved: &Document| {
        layer(saved, "Paint 3")
            .raster()
            .is_some_and(|grid| grid.pixel(120, 110)[3] == 255)
    };
    let saved = journey.save("what was moved", |saved| names(saved).len() == 5 && moved(saved));
    assert_eq!(same(&saved, &journey, "Paint 3", [10, 10])[3], 0);
}
