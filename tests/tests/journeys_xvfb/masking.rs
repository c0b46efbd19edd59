//! Masks.

use app::document::{Document, Rect, Role};
use tests::journey::Journey;
use tests::screen::differ;

use crate::unmasked;

#[test]
fn masks_are_proposed_corrected_carried_and_looked_at() {
    let mut journey = Journey::begin(&unmasked());
    let mask = |saved: &Document, role, [x, y]: [u32; 2]| saved.by_role(role).unwrap().mask().unwrap().pixel(x, y);
    journey.find("the sketch mask", |journey| journey.click("Propose the sketch mask"));
    journey.draw(&[[6.0, 6.0], [30.0, 6.0]]);
    journey.click("Eraser");
    journey.draw(&[[128.0, 128.0], [140.0, 128.0]]);
    let saved = journey.save("the corrected mask", |saved| mask(saved, Role::SketchMask, [16, 6]) == 255);
    assert_eq!(mask(&saved, Role::SketchMask, [134, 128]), 0);
    let pixels = |document: &Document, role| {
        let mask = document.by_role(role).unwrap().mask().unwrap();
        mask.copy(Rect::of(mask.size()))
    };
    let count = |document: &Document, role| pixels(document, role).iter().filter(|value| **value == 255).count();
    let same =
        |saved: &Document, journey: &Journey, role| assert!(pixels(saved, role) == pixels(journey.planned(), role), "{role:?}");
    assert!(count(&saved, Role::SketchMask) > 3000, "a figure was found");
    same(&saved, &journey, Role::SketchMask);

    journey.click("Clear the mask");
    journey.click("Brush");
    journey.click("Carry strokes on masks across the regions they touch");
    let (canvas, state) = (journey.canvas(), journey.plan.state());
    journey.draw(&[[6.0, 6.0], [16.0, 6.0]]);
    journey.plan.wait_for_change("the carried stroke", state);
    // Far more than the stroke itself.
    let carried = |journey: &Journey| differ(&journey.canvas(), &canvas) > 30_000;
    journey
        .screen
        .until("the carried stroke", |_| carried(&journey).then_some(()));
    let carried = count(journey.planned(), Role::SketchMask);
    let saved = journey.save("the carried stroke", |saved| count(saved, Role::SketchMask) == carried);
    same(&saved, &journey, Role::SketchMask);
    assert!(carried > 3000, "{carried}");

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
    // A click beside it closes the page, and paints nothing: the brush would, where the mask is black.
    let beside = [200, 200];
    assert_eq!(mask(journey.planned(), Role::SketchMask, beside), 0);
    journey.draw(&[beside.map(|at| at as f32)]);

    let pane = journey.pane("Reference picture");
    let before = journey.screen.look(pane);
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
    // The program saves what it has found by then.
    journey.screen.until("the reference's mask", |screen| {
        (differ(&screen.look(pane), &before) > 500).then_some(())
    });
    let saved = journey.save("the reference's mask", |saved| count(saved, Role::ReferenceMask) > 1000);
    same(&saved, &journey, Role::ReferenceMask);
    same(&saved, &journey, Role::SketchMask);
    journey.click("Eraser");
    journey.drag_on("Reference picture", &[[0.45, 0.5], [0.5, 0.5], [0.55, 0.5]]);
    let fewer = count(&saved, Role::ReferenceMask);
    let saved = journey.save("the stroke on it", |saved| count(saved, Role::ReferenceMask) < fewer);
    same(&saved, &journey, Role::ReferenceMask);
}
