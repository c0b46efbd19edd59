//! What few people touch.

use egui_kittest::kittest::{NodeT, Queryable};
use engine::weights;
use tests::desk::Desk;

#[test]
fn every_layer_that_the_chosen_model_has_can_be_given_a_strength_of_its_own() {
    let mut desk = Desk::with_scene(1280.0, 2400.0);
    let model = desk.harness.state().session.settings.model.clone();
    let layers = weights::config(&model).unwrap().unet.cross_attentions();
    desk.harness.get_by_label("More").click();
    desk.harness.run();
    // The model's configuration is read away from the window.
    for _ in 0..1000 {
        if !desk
            .harness
            .get_by_label("Every layer by itself")
            .accesskit_node()
            .is_disabled()
        {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        desk.harness.step();
    }
    desk.harness.get_by_label("Every layer by itself").scroll_to_me();
    desk.harness.run();
    desk.harness.get_by_label("Every layer by itself").click();
    desk.harness.run();
    assert_eq!(desk.harness.state().session.settings.block_strengths, vec![1.0; layers]);
    let last = format!("Layer {}", layers - 1);
    assert!(desk.harness.query_all_by_label(&last).next().is_some());
    // What a recipe of another model brought is cut to what this one has.
    desk.harness.state_mut().session.settings.block_strengths = vec![0.5; 16];
    desk.harness.run();
    assert_eq!(desk.harness.state().session.settings.block_strengths, vec![0.5; layers]);
}
