//! Takes, hints, live pictures.

use std::sync::Arc;

use app::document::{Document, Role};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId};
use tests::desk::take;
use tests::journey::{Journey, color, layer, names};

use crate::{hex, scene};

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
    let flats = |document: &Document| names(document).iter().any(|name| name == "Take 1 as flats");
    let before = journey.screen.picture();
    journey.click("Send the take to layers as flats");
    journey.click("One layer per colour");
    journey.click("Send");
    journey
        .plan
        .wait("the flats", |app| app.session.document().is_some_and(flats));
    journey.until_shown("Group Take 1 as flats", &before);
    let saved = journey.save("both takes, and flats", |saved| {
        saved.canvas().layers().any(|layer| layer.name == "Take 1 as flats")
    });
    let seeds = ["Take 1", "Take 2"].map(|name| layer(&saved, name).recipe.clone().expect("a recipe"));
    assert_ne!(seeds[0], seeds[1]);
    assert!(layer(&saved, "Take 1 as flats").is_group());

    // A dab of a colour that the take has not there puts it right.
    journey.click("New hint layer");
    let far = journey.plan.harness.state().session.reference_colors().background[0];
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
    let before = journey.screen.picture();
    journey.click("Keep the live picture");
    journey.plan.wait("the take", |app| app.session.takes().len() == 1);
    journey.until_shown("Take 1", &before);
    let saved = journey.save("the kept picture", |saved| names(saved).iter().any(|name| name == "Take 1"));
    assert!(layer(&saved, "Take 1").recipe.is_some());
    // A stroke on the mask leads to another picture.
    let before = submitted();
    journey.draw(&[[60.0, 60.0], [128.0, 128.0], [190.0, 190.0]]);
    live(&mut journey, before);
    // It could not be kept once the one before was.
    journey.until_ready("Keep the live picture");
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
