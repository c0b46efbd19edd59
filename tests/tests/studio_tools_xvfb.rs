//! Whole ways through the studio with the mouse alone, in the built program in a window of a virtual X server: what a person comes to do, from the first
//! click to the file.

#![cfg(target_os = "linux")]

use std::sync::Arc;

use app::document::{self, Blend, Document, Rect, Role};
use app::generate::settings;
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId};
use engine::request::Settings;
use engine::training::scenes::example;
use image::DynamicImage;
use tests::desk::take;
use tests::journey::{Journey, color, layer, names};

/// A drawing of 256 by 256 pixels with a reference and both masks, and few steps.
fn scene() -> Document {
    let (mut document, scene) = (unmasked(), example(5, 0, 256));
    document.set_mask(Role::SketchMask, &scene.sketch_mask);
    document.set_mask(Role::ReferenceMask, &scene.reference_mask);
    document
}

/// The same with blank masks.
fn unmasked() -> Document {
    let scene = example(5, 0, 256);
    let rgba = |picture: DynamicImage| picture.into_rgba8();
    let mut document = Document::from_sketch(&rgba(scene.sketch.into())).unwrap();
    document.set_reference(Some(&rgba(scene.reference.into()))).unwrap();
    let chosen = Settings {
        steps: 4,
        size: Some([128, 128]),
        ..Settings::default()
    };
    settings::keep(&mut document, &chosen).unwrap();
    document
}

/// The colour in the brush, as swatches write it.
fn brush(journey: &Journey) -> [u8; 3] {
    journey.plan.harness.state().session.toolbox.colors.brush
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Whether the file has the plan's pixel on a layer.
#[track_caller]
fn same(saved: &Document, journey: &Journey, name: &str, at: [u32; 2]) -> [u8; 4] {
    let (found, planned) = (color(saved, name, at), color(journey.planned(), name, at));
    let alike = found.iter().zip(planned).all(|(one, other)| one.abs_diff(other) <= 2);
    assert!(alike, "{name} at {at:?}: {found:?}, not {planned:?}");
    found
}

#[test]
fn colours_are_picked_and_painted_with_and_steps_taken_back() {
    let mut journey = Journey::begin(&scene());
    journey.click("New layer");
    journey.click("Colour");
    let first = journey.plan.harness.state().session.palette().background[0];
    journey.click(&format!("Background colour {}", hex(first)));
    journey.draw(&[[40.0, 60.0], [80.0, 60.0], [120.0, 60.0]]);
    journey.slide("Saturation", 0.95);
    journey.slide("Brightness", 0.8);
    journey.slide("Hue", 0.66);
    let blue = brush(&journey);
    assert!(blue[2] > blue[0] && blue != first);
    journey.click("Preset");
    journey.click("Flat");
    journey.slide("Size", 0.6);
    journey.click("Paint left and right alike");
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
    let mut journey = Journey::begin(&scene());
    journey.click("New layer");
    journey.click("Select a rectangle");
    journey.draw(&[[40.0, 40.0], [104.0, 104.0]]);
    journey.menu("Edit", "Fill with the brush colour");
    journey.menu("Edit", "Invert the selection");
    journey.click("Gradient");
    journey.draw(&[[20.0, 128.0], [236.0, 128.0]]);
    journey.menu("Edit", "Select nothing");
    journey.click("New layer");
    journey.click("Select an ellipse");
    journey.draw(&[[120.0, 20.0], [180.0, 80.0]]);
    journey.menu("Edit", "Fill with the second colour");
    journey.click("Select freely");
    journey.draw(&[[120.0, 120.0], [180.0, 120.0], [180.0, 180.0], [120.0, 180.0], [120.0, 122.0]]);
    journey.menu("Edit", "Fill with the second colour");
    journey.click("Select a polygon");
    for corner in [[20.0, 200.0], [80.0, 200.0], [50.0, 240.0], [20.0, 200.0]] {
        journey.draw(&[corner]);
    }
    journey.menu("Edit", "Fill with the second colour");
    journey.menu("Edit", "Select nothing");
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
    journey.click("Select a region");
    journey.click("Borders");
    journey.click("All layers");
    journey.find("the region", |journey| journey.draw(&[[150.0, 150.0]]));
    journey.menu("Edit", "Invert the selection");
    journey.menu("Edit", "Select nothing");
    journey.click("Fill");
    journey.click("Borders");
    journey.click("All layers");
    journey.find("the fill", |journey| journey.draw(&[[60.0, 60.0]]));
    let canvas = journey.canvas();
    journey.click("Transform");
    journey.plan.wait("the box", |app| app.session.transform_side().is_some());
    journey.until_canvas("the box", &canvas);
    journey.draw(&[[70.0, 70.0], [90.0, 80.0], [110.0, 90.0]]);
    journey.click("Flip left and right");
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

#[test]
fn layers_are_arranged_grouped_set_merged_and_named() {
    let mut journey = Journey::begin(&scene());
    journey.click("New layer");
    journey.draw(&[[40.0, 60.0], [100.0, 60.0]]);
    journey.click("New layer");
    journey.draw(&[[40.0, 120.0], [100.0, 120.0]]);
    journey.drag_row("Layer Paint 2", "Layer Paint", 0.9);
    // The brush's own opacity is out of the way.
    journey.click("Pan");
    journey.click("Blend");
    journey.click("Screen");
    journey.slide("Opacity", 0.5);
    journey.click("Group the layer");
    journey.drag_row("Layer Paint", "Group", 0.5);
    journey.click("Hide Paint");
    journey.click("Layer Paint");
    journey.click("Clip to the layer below");
    journey.click("Lock or unlock the layer's alpha");
    let order = ["Sketch mask", "Sketch", "Group", "  Paint", "  Paint 2"];
    let saved = journey.save("the group", |saved| names(saved) == order);
    let (paint, second) = (layer(&saved, "Paint"), layer(&saved, "Paint 2"));
    assert_eq!(second.blend, Blend::Screen);
    assert!((second.opacity - 0.5).abs() < 0.05, "{}", second.opacity);
    assert!(!paint.visible && paint.clip && paint.alpha_locked);

    journey.click("Show Paint");
    journey.click("Group");
    let canvas = journey.canvas();
    journey.click("Transform");
    journey.plan.wait("the box", |app| app.session.transform_side().is_some());
    journey.until_canvas("the box", &canvas);
    journey.draw(&[[70.0, 90.0], [90.0, 110.0], [110.0, 130.0]]);
    journey.click("Apply");
    journey.click("Brush");
    journey.click("Duplicate the layer");
    journey.click("Merge down");
    journey.menu("Layer", "Rename the layer…");
    journey.write("flat");
    journey.enter();
    journey.click("Lock or unlock the layer");
    journey.draw(&[[128.0, 220.0], [140.0, 220.0]]);
    let saved = journey.save("the merged group", |saved| {
        names(saved).iter().any(|name| name.contains("flat"))
    });
    assert_eq!(names(&saved), names(journey.planned()));
    let flat = names(&saved).into_iter().find(|name| name.contains("flat")).unwrap();
    assert!(layer(&saved, &flat).locked && !layer(&saved, &flat).is_group());
    assert_eq!(same(&saved, &journey, &flat, [134, 220])[3], 0, "it is locked");
    for at in [[110, 100], [110, 160], [110, 60]] {
        same(&saved, &journey, &flat, at);
    }
    assert!(
        color(&saved, "Paint", [110, 100])[3] > 0 && color(&saved, "Paint", [60, 60])[3] == 0,
        "the group was moved"
    );
}

#[test]
fn masks_are_proposed_corrected_and_looked_at() {
    let mut journey = Journey::begin(&unmasked());
    let mask = |saved: &Document, role, [x, y]: [u32; 2]| saved.by_role(role).unwrap().mask().unwrap().pixel(x, y);
    journey.find("the sketch mask", |journey| journey.click("Propose the sketch mask"));
    journey.draw(&[[6.0, 6.0], [30.0, 6.0]]);
    journey.click("Eraser");
    journey.draw(&[[128.0, 128.0], [140.0, 128.0]]);
    let saved = journey.save("the corrected mask", |saved| mask(saved, Role::SketchMask, [16, 6]) == 255);
    assert_eq!(mask(&saved, Role::SketchMask, [134, 128]), 0);
    let count = |document: &Document, role| {
        let mask = document.by_role(role).unwrap().mask().unwrap();
        mask.copy(Rect::of(mask.size())).iter().filter(|value| **value == 255).count()
    };
    assert!(count(&saved, Role::SketchMask) > 3000, "a figure was found");
    assert_eq!(count(&saved, Role::SketchMask), count(journey.planned(), Role::SketchMask));

    // How masks show, and as the model sees them.
    let canvas = journey.canvas();
    journey.click("How masks show");
    journey.click("Outline");
    journey.until_canvas("the outline", &canvas);
    let canvas = journey.canvas();
    journey.click("Mask alone");
    journey.until_canvas("the mask alone", &canvas);
    journey.click("Tint");
    journey.slide("Strength", 0.9);
    let canvas = journey.canvas();
    journey.click("As the model sees it");
    journey.until_canvas("the model's cells", &canvas);
    // A click beside it closes the page, and paints nothing.
    journey.draw(&[[200.0, 200.0]]);

    journey.click("Propose the reference mask");
    journey.plan.wait("the reference's mask", |app| {
        let mask = app
            .session
            .document()
            .unwrap()
            .by_role(Role::ReferenceMask)
            .unwrap()
            .mask()
            .unwrap();
        !mask.is_blank()
    });
    let saved = journey.save("the reference's mask", |saved| count(saved, Role::ReferenceMask) > 1000);
    assert_eq!(
        count(&saved, Role::ReferenceMask),
        count(journey.planned(), Role::ReferenceMask)
    );
    assert_eq!(count(&saved, Role::SketchMask), count(journey.planned(), Role::SketchMask));
    journey.click("Eraser");
    journey.draw_on("Reference picture", &[[0.45, 0.5], [0.5, 0.5], [0.55, 0.5]]);
    let fewer = count(&saved, Role::ReferenceMask);
    let saved = journey.save("the stroke on it", |saved| count(saved, Role::ReferenceMask) < fewer);
    assert_eq!(
        count(&saved, Role::ReferenceMask),
        count(journey.planned(), Role::ReferenceMask)
    );
}

/// Lets the program make a take, and tells the plan of one.
fn colorize(journey: &mut Journey, number: usize, act: impl FnOnce(&mut Journey)) {
    let before = journey.screen.picture();
    act(journey);
    let engine = journey.plan.engine.clone();
    let submitted = || engine.with(|script| script.submitted.len());
    let job = JobId(submitted() as u64);
    journey.plan.say(Event::Started { job, steps: 4 });
    journey.plan.say(Event::Finished {
        job,
        take: take([200, 30 * number as u8, 40]),
    });
    journey.plan.wait("the take", |app| app.session.takes().len() == number);
    journey.until_shown(&format!("Take {number}"), &before);
}

/// Presses Colorize, and waits for the plan's request.
fn press_colorize(journey: &mut Journey) {
    let engine = journey.plan.engine.clone();
    let before = engine.with(|script| script.submitted.len());
    journey.click("Colorize");
    journey
        .plan
        .wait("the request", move |_| engine.with(|script| script.submitted.len() > before));
}

#[test]
fn takes_are_made_compared_corrected_by_hints_and_cut_into_flats() {
    let mut journey = Journey::begin(&scene());
    colorize(&mut journey, 1, press_colorize);
    journey.click("New seed");
    colorize(&mut journey, 2, press_colorize);
    let canvas = journey.canvas();
    journey.click("Compare two takes");
    journey.until_canvas("the wipe", &canvas);
    let line = journey.plan.harness.get_by_label("Line between the takes").rect().center();
    let canvas = journey.canvas();
    journey.drag_between(line, line + egui::vec2(-90.0, 0.0));
    journey.until_canvas("more of the one", &canvas);
    journey.click("Compare two takes");
    let canvas = journey.canvas();
    journey.click("Take 1");
    journey.until_canvas("the first take", &canvas);
    journey.click("Bring back the take's recipe");
    journey.click("Send the take to layers as flats");
    let flats = |document: &Document| names(document).iter().any(|name| name == "Take 1 as flats");
    journey.click("One layer a colour");
    journey
        .plan
        .wait("the flats", |app| app.session.document().is_some_and(flats));
    let saved = journey.save("both takes, and flats", |saved| {
        saved.canvas().layers().any(|layer| layer.name == "Take 1 as flats")
    });
    let seeds = ["Take 1", "Take 2"].map(|name| layer(&saved, name).recipe.clone().expect("a recipe"));
    assert_ne!(seeds[0], seeds[1]);
    assert!(layer(&saved, "Take 1 as flats").is_group());

    // A dab of a colour that the take has not there puts it right.
    journey.click("New hint layer");
    let far = journey.plan.harness.state().session.palette().background[0];
    journey.click(&format!("Background colour {}", hex(far)));
    journey.draw(&[[110.0, 120.0], [128.0, 128.0], [146.0, 136.0]]);
    colorize(&mut journey, 3, press_colorize);
    let saved = journey.save("the corrected take", |saved| names(saved).iter().any(|name| name == "Take 3"));
    let distance = |name: &str| -> u32 {
        let places = [[118, 124], [128, 128], [138, 132]];
        let far = |at| {
            (0..3)
                .map(|channel| u32::from(color(&saved, name, at)[channel].abs_diff(far[channel])))
                .sum::<u32>()
        };
        places.into_iter().map(far).sum()
    };
    let [before, after] = ["Take 1", "Take 3"].map(distance);
    assert!(after < before, "nearer to the hint: {before} {after}");
}

#[test]
fn the_picture_colours_itself_while_one_paints() {
    let mut journey = Journey::begin(&scene());
    let canvas = journey.canvas();
    let engine = journey.plan.engine.clone();
    let submitted = Arc::new(move || engine.with(|script| script.submitted.len()));
    let live = |journey: &mut Journey, before: usize| {
        let count = submitted.clone();
        journey.plan.wait("the live request", move |_| count() > before);
        let job = JobId(submitted() as u64);
        journey.plan.say(Event::Started { job, steps: 4 });
        journey.plan.say(Event::Finished {
            job,
            take: take([90, 120, 200]),
        });
        journey.plan.wait("the live picture", |app| app.session.has_live_picture());
    };
    journey.click("Live");
    live(&mut journey, 0);
    journey.until_canvas("the first live picture", &canvas);
    journey.until_ready("Keep the live picture");
    journey.click("Keep the live picture");
    journey.plan.wait("the take", |app| app.session.takes().len() == 1);
    let saved = journey.save("the kept picture", |saved| names(saved).iter().any(|name| name == "Take 1"));
    assert!(layer(&saved, "Take 1").recipe.is_some());
    // A stroke on the mask leads to another picture.
    let (canvas, before) = (journey.canvas(), submitted());
    journey.draw(&[[60.0, 60.0], [128.0, 128.0], [190.0, 190.0]]);
    live(&mut journey, before);
    journey.until_canvas("the next live picture", &canvas);
    journey.click("Live");
    let saved = journey.save("the stroke", |saved| {
        saved.by_role(Role::SketchMask).unwrap().mask().unwrap().pixel(128, 128) == 255
    });
    assert_eq!(
        names(&saved),
        ["Sketch mask", "Sketch", "Take 1"],
        "what was not kept is gone"
    );
    assert!(journey.is_running());
}

#[test]
fn a_palette_and_a_picture_go_into_files() {
    let mut journey = Journey::begin(&scene());
    journey.click("New layer");
    journey.click("Colour");
    journey.slide("Saturation", 0.9);
    journey.slide("Brightness", 0.9);
    let red = brush(&journey);
    journey.draw(&[[60.0, 60.0], [128.0, 128.0]]);
    journey.click("Add the brush colour to the palette");
    journey.click("More about palettes");
    journey.click("Save the palette…");
    let palette = journey.screen.folder.path().join("mine.gpl");
    journey.answer_path(&palette);
    let text = journey.screen.until("the palette", |_| {
        std::fs::read_to_string(&palette)
            .ok()
            .filter(|text| text.contains("GIMP Palette"))
    });
    let [r, g, b] = red;
    let row = [r, g, b].map(|value| value.to_string());
    assert!(
        text.lines()
            .any(|line| line.split_whitespace().take(3).eq(row.iter().map(String::as_str))),
        "{text}"
    );
    journey.menu("File", "Export the picture…");
    journey.click("Choose where…");
    let picture = journey.screen.folder.path().join("out.png");
    journey.answer_path(&picture);
    let picture = journey.screen.until("the picture", |_| document::open_picture(&picture).ok());
    let [r, g, b, _] = color(journey.planned(), "Paint", [90, 90]);
    let bare = scene();
    let lines = color(&bare, "Sketch", [90, 90]);
    let multiplied = [r, g, b]
        .map(u32::from)
        .iter()
        .zip(lines)
        .map(|(one, line)| one * u32::from(line) / 255)
        .collect::<Vec<_>>();
    let found = picture.get_pixel(90, 90).0;
    for (found, wanted) in found.iter().zip(multiplied) {
        assert!(u32::from(*found).abs_diff(wanted) <= 2, "{found} {wanted}");
    }
}
