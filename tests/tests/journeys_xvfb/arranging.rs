//! Layers and masks.

use app::document::{Blend, Document, Rect, Role};
use tests::journey::{Journey, color, layer, names};

use crate::{same, scene, unmasked};

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
