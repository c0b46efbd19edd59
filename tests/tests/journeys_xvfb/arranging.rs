//! Layers.

use app::document::Blend;
use tests::journey::{color, layer, names};

use crate::{same, with_layer};

#[test]
fn layers_are_arranged_grouped_set_merged_and_named() {
    let mut journey = with_layer();
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
    journey.open_box();
    journey.draw(&[[70.0, 90.0], [90.0, 110.0], [110.0, 130.0]]);
    journey.click("Apply");
    journey.click("Brush");
    journey.click("Duplicate the layer");
    let (before, state) = (journey.screen.picture(), journey.plan.state());
    journey.click("Merge down");
    // What is typed does not wait for it. The group that is left moves up to where the copy's layers were.
    journey.plan.wait_for_change("the merged layer", state);
    journey.until_shown("Group", &before);
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
    for (at, painted) in [([110, 100], false), ([110, 160], true), ([110, 120], false)] {
        assert_eq!(same(&saved, &journey, &flat, at)[3] > 0, painted, "{at:?}");
    }
    assert!(
        color(&saved, "Paint", [110, 100])[3] > 0 && color(&saved, "Paint", [60, 60])[3] == 0,
        "the group was moved"
    );
}
