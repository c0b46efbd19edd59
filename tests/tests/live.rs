//! Live mode: the picture colours itself when the pen goes up, and nothing of it is in the way.

use std::sync::Arc;
use std::time::Duration;

use app::document::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use engine::EngineError;
use engine::event::{Event, JobId};
use engine::model::config::WordList;
use engine::request::{ModelRef, Prompt};
use tests::desk::{Desk, JOB, take};

fn submitted(desk: &Desk) -> usize {
    desk.engine.with(|script| script.submitted.len())
}

/// Turns live mode on and waits for its first request.
fn turn_on(desk: &mut Desk) {
    desk.harness.get_by_label("Live").click();
    desk.harness.run();
    let engine = desk.engine.clone();
    desk.wait("the first request", |_| engine.with(|script| script.submitted.len() == 1));
}

/// Ends a generation, and waits until its picture has faded in.
fn finish(desk: &mut Desk, job: JobId, color: [u8; 3]) {
    desk.engine.with(|script| {
        script.events.push(Event::Finished { job, take: take(color) });
    });
    desk.wait("the live picture", |app| {
        let shown = app.session.preview();
        !app.session.is_live_coloring() && shown.is_some_and(|shown| shown.since.elapsed() > Duration::from_millis(130))
    });
}

#[test]
fn a_stroke_is_answered_by_a_generation_of_few_steps() {
    let mut desk = Desk::new();
    desk.open_scene();
    turn_on(&mut desk);
    finish(&mut desk, JOB, [30, 160, 60]);
    assert!(desk.document().by_role(Role::Take).is_none(), "a live picture is no take");
    desk.stroke("Canvas");
    let engine = desk.engine.clone();
    desk.wait("the answer to the stroke", |_| {
        engine.with(|script| script.submitted.len() == 2)
    });
    assert_eq!(desk.engine.with(|script| script.submitted[1].settings.steps), 4);
    desk.click("Keep the live picture");
    desk.wait("the take", |app| {
        app.session.document().unwrap().by_role(Role::Take).is_some()
    });
    std::thread::sleep(Duration::from_millis(300));
    desk.harness.run();
    assert_eq!(submitted(&desk), 2, "a take is no change");
}

#[test]
fn nothing_begins_and_nothing_changes_in_mid_stroke() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    turn_on(&mut desk);
    finish(&mut desk, JOB, [30, 160, 60]);
    desk.harness.state_mut().session.settings.seed = 5;
    let engine = desk.engine.clone();
    desk.wait("the second request", |_| engine.with(|script| script.submitted.len() == 2));
    let middle = desk.place("Canvas", 0.5, 0.5);
    desk.harness.hover_at(middle);
    desk.harness.run();
    desk.harness.drag_at(middle);
    desk.harness.run();
    let shown = |desk: &Desk| desk.harness.state().session.preview().unwrap().number;
    let before = shown(&desk);
    desk.harness.state_mut().session.settings.seed = 6;
    finish(&mut desk, JobId(2), [200, 0, 0]);
    std::thread::sleep(Duration::from_millis(300));
    desk.harness.run();
    assert_eq!((shown(&desk), submitted(&desk)), (before, 2));
    desk.harness.drop_at(middle);
    desk.harness.step();
    desk.wait("what had waited for the pen", |app| {
        let shown = app.session.preview().unwrap();
        shown.number > before && shown.since.elapsed() > Duration::from_millis(130)
    });
    desk.wait("the next request", |_| engine.with(|script| script.submitted.len() == 3));
}

#[test]
fn a_live_picture_goes_on_from_the_last_one_while_only_the_drawing_changes() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.harness.state_mut().session.live_settings_mut().goes_on = true;
    turn_on(&mut desk);
    let request = |desk: &mut Desk, at: usize| {
        let engine = desk.engine.clone();
        desk.wait("a request", |_| engine.with(|script| script.submitted.len() == at + 1));
        desk.engine.with(|script| script.submitted[at].clone())
    };
    let first = request(&mut desk, 0);
    assert!(first.inputs.start.is_none(), "there is no picture yet");
    // The pen draws lines from here on; a change of the mask would begin anew.
    let sketch = desk.document().by_role(Role::Sketch).expect("the scene has one").id;
    desk.harness.state_mut().session.select(sketch);
    finish(&mut desk, JOB, [30, 160, 60]);
    desk.stroke("Canvas");
    let second = request(&mut desk, 1);
    assert_eq!(second.inputs.start.map(|start| start.get_pixel(0, 0).0), Some([30, 160, 60]));
    assert_eq!(second.settings.start_strength, 0.6);
    finish(&mut desk, JobId(2), [40, 170, 70]);
    desk.stroke("Canvas");
    let third = request(&mut desk, 2);
    assert_eq!(
        third.inputs.start.map(|start| start.get_pixel(0, 0).0),
        Some([40, 170, 70]),
        "and on"
    );
    finish(&mut desk, JobId(3), [40, 170, 70]);
    desk.harness.state_mut().session.settings.seed = 5;
    assert!(
        request(&mut desk, 3).inputs.start.is_none(),
        "another seed is another picture"
    );
}

#[test]
fn half_a_word_is_waited_for_without_a_notice() {
    let mut desk = Desk::with_scene(1280.0, 2400.0);
    turn_on(&mut desk);
    finish(&mut desk, JOB, [30, 160, 60]);
    let say = |desk: &mut Desk, model: ModelRef, target: &str| {
        let settings = &mut desk.harness.state_mut().session.settings;
        settings.model = model;
        settings.prompts = vec![Prompt {
            target: target.to_owned(),
            ..Prompt::default()
        }];
        desk.harness.run();
    };
    let quiet = |desk: &Desk| {
        let session = &desk.harness.state().session;
        assert!(session.notice.is_none(), "{:?}", session.notice);
        session.unread_words()
    };
    say(&mut desk, ModelRef::Embedded, "red ha");
    assert!(quiet(&desk).is_some_and(|words| words.contains("\"ha\"")));
    assert!(desk.harness.state().session.wake_in().is_none(), "nothing is due");
    desk.harness.get_by_label("waits for the words");
    say(&mut desk, ModelRef::Embedded, "red hair");
    let engine = desk.engine.clone();
    desk.wait("what could be read", |_| engine.with(|script| script.submitted.len() == 2));
    assert_eq!(
        desk.engine
            .with(|script| script.submitted[1].settings.prompts[0].target.clone()),
        "red hair"
    );
    assert_eq!(quiet(&desk), None);
    finish(&mut desk, JobId(2), [30, 160, 60]);

    // What a model in files can read, only the engine knows.
    let files = ModelRef::Files {
        checkpoint: "mine.safetensors".into(),
        clip: None,
        vae: None,
    };
    say(&mut desk, files, "blue snow");
    desk.wait("the words to be tried", |_| engine.with(|script| script.submitted.len() == 3));
    let error = EngineError::UnknownWord {
        word: "snow".to_owned(),
        known: WordList {
            parts: Vec::new(),
            colors: Vec::new(),
            others: Vec::new(),
        },
    };
    desk.engine.with(|script| {
        script.events.push(Event::Failed {
            job: JobId(3),
            error: Arc::new(error),
        });
    });
    desk.wait("what came of it", |app| !app.session.is_live_coloring());
    assert!(quiet(&desk).is_some_and(|words| words.contains("\"snow\"")));
}

#[test]
fn a_live_picture_lies_where_its_take_will_and_its_colours_are_picked_there() {
    const PAINT: [u8; 3] = [200, 30, 40];
    const LIVE: [u8; 3] = [30, 160, 60];
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.make_take([9, 9, 9]);
    desk.click("New layer");
    desk.harness.state_mut().session.toolbox.colors.brush = PAINT;
    desk.press(Modifiers::SHIFT, Key::Backspace);
    desk.harness.get_by_label("Live").click();
    desk.harness.run();
    let engine = desk.engine.clone();
    desk.wait("the request", |_| engine.with(|script| script.submitted.len() == 2));
    finish(&mut desk, JobId(2), LIVE);
    // What shows at a place, and what is picked there.
    let seen = |desk: &mut Desk| {
        let shown = desk.pixel("Canvas", 0.5, 0.16);
        let at = desk.place("Canvas", 0.5, 0.16);
        desk.harness.state_mut().session.toolbox.colors.brush = [0; 3];
        desk.click_at(at, Modifiers::COMMAND);
        [shown, desk.harness.state().session.toolbox.colors.brush]
    };
    let near = |seen: [[u8; 3]; 2], color: [u8; 3]| {
        let mut channels = seen.iter().flat_map(|seen| seen.iter().zip(color));
        assert!(channels.all(|(seen, wanted)| seen.abs_diff(wanted) <= 2), "{seen:?}");
    };
    // As paint will lie over the take.
    near(seen(&mut desk), PAINT);
    let paint = desk.document().canvas().layers().find(|layer| layer.name == "Paint");
    let paint = paint.map(|layer| layer.id);
    desk.harness.state_mut().session.toggle(paint);
    desk.harness.run();
    near(seen(&mut desk), LIVE);
}

#[test]
fn turning_it_off_takes_the_picture_away() {
    let mut desk = Desk::new();
    desk.open_scene();
    turn_on(&mut desk);
    finish(&mut desk, JOB, [30, 160, 60]);
    assert!(desk.harness.state().session.preview().is_some());
    desk.harness.get_by_label("Live").click();
    desk.harness.run();
    assert!(desk.harness.state().session.preview().is_none());
}

#[test]
fn a_live_picture_starts_from_the_take_and_follows_its_edits() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.make_take([9, 9, 9]);
    desk.harness.state_mut().session.start_from_take = true;
    desk.harness.get_by_label("Live").click();
    desk.harness.run();
    let engine = desk.engine.clone();
    let requests = |count: usize| engine.with(|script| script.submitted.len() == count);
    let starts = |at: usize| engine.with(|script| script.submitted[at].inputs.start.is_some());
    desk.wait("the live picture", |_| requests(2));
    assert!(starts(1));
    finish(&mut desk, JobId(2), [30, 160, 60]);
    desk.click("Take 1");
    desk.wait("the answer to hiding the take", |_| requests(3));
    assert!(!starts(2), "nothing is left to start from");
}
