//! Pictures that are made again, and that open in the studio.

use std::path::PathBuf;

use app::app::App;
use app::command::Command;
use app::document::Role;
use app::gallery::metadata::write_take;
use app::generate::recipe::{InputImage, RecipeInputs, hash_rgb};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId, Take};
use engine::request::{ColorizeRequest, Mode, Settings};
use engine::training::scenes::example;
use image::DynamicImage;
use tests::desk::{Desk, JOB, take};

use super::{allows, choose, input, open_folder, recipe, table, tile};

/// A take beside the files that it was made from; its file.
fn made_from_files(desk: &Desk) -> PathBuf {
    let folder = desk.folder.path().join("made");
    std::fs::create_dir(&folder).unwrap();
    let scene = example(5, 0, 256);
    let saved = |name: &str, picture: DynamicImage| {
        picture.save(folder.join(name)).unwrap();
        InputImage {
            hash: hash_rgb(&picture.to_rgb8()),
            ..input(name)
        }
    };
    let inputs = RecipeInputs::new(
        saved("lines.png", scene.sketch.into()),
        saved("colours.png", scene.reference.into()),
    );
    let recipe = recipe(77, Mode::Vanilla, inputs);
    let path = folder.join("first.png");
    write_take(&path, &take([200, 90, 40]).picture, None, &recipe).unwrap();
    path
}

/// What the engine is asked for, once it is.
fn submitted(desk: &mut Desk, count: usize) -> ColorizeRequest {
    let engine = desk.engine.clone();
    desk.wait("the request", |_| engine.with(|script| script.submitted.len() == count));
    desk.engine.with(|script| script.submitted[count - 1].clone())
}

#[test]
fn a_picture_is_made_again_from_its_files_and_with_another_seed() {
    let mut desk = Desk::new();
    let first = made_from_files(&desk);
    let folder = first.parent().unwrap().to_owned();
    open_folder(&mut desk, &folder, 3);
    choose(&mut desk, "lines.png");
    assert!(!allows(&desk, Command::MakeAgain), "it carries no recipe");
    choose(&mut desk, "first.png");
    desk.click("Make this again");
    let request = submitted(&mut desk, 1);
    assert_eq!((request.settings.seed, request.inputs.sketch.dimensions()), (77, (256, 256)));
    desk.say(Event::Started { job: JOB, steps: 12 });
    desk.harness.get_by_label("Making first.png again");
    desk.say(Event::Finished {
        job: JOB,
        take: Take {
            settings: request.settings,
            ..take([200, 90, 40])
        },
    });
    let told = |app: &App, words: &str| app.session.notice.as_ref().is_some_and(|notice| notice.text.contains(words));
    desk.wait("the picture", |app| told(app, "first again.png is the same, pixel for pixel"));
    // It is chosen as soon as it is read.
    desk.wait("the new picture", |app| {
        table(app).active().is_some_and(|entry| entry.name() == "first again.png")
    });
    choose(&mut desk, "first.png");
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    let seed = submitted(&mut desk, 2).settings.seed;
    assert_ne!(seed, 77);
    desk.click("Cancel making again");
    desk.wait("the end", |app| !app.session.is_remaking());
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    submitted(&mut desk, 3);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.wait("the end by key", |app| !app.session.is_remaking());
    assert!(!allows(&desk, Command::Cancel), "nothing goes on");
    // Nothing but the two of them was written.
    std::fs::write(folder.join("colours.png"), std::fs::read(folder.join("lines.png")).unwrap()).unwrap();
    desk.press(Modifiers::COMMAND, Key::R);
    desk.wait("the reason", |app| {
        told(app, "colours.png is not the picture that the recipe was made with")
    });
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
}

/// The engine ends the making again that it was asked for as number `job`; waits until the picture is told of, and one of so many that show.
fn remade(desk: &mut Desk, job: u64, name: &str, pictures: usize) {
    let settings = submitted(desk, job as usize).settings;
    let take = Take {
        settings,
        ..take([200, 90, 40])
    };
    desk.say(Event::Finished { job: JobId(job), take });
    desk.wait("the new picture", |app| {
        let notice = app.session.notice.as_ref();
        notice.is_some_and(|notice| notice.text.contains(name)) && table(app).answer().entries.len() == pictures
    });
}

#[test]
fn a_picture_that_comes_while_others_are_looked_at_takes_nobody_away_from_them() {
    let mut desk = Desk::new();
    let first = made_from_files(&desk);
    open_folder(&mut desk, first.parent().unwrap(), 3);
    let active = |desk: &Desk| table(desk.harness.state()).active().unwrap().name().into_owned();
    choose(&mut desk, "first.png");
    desk.press(Modifiers::COMMAND, Key::R);
    choose(&mut desk, "lines.png");
    desk.press(Modifiers::NONE, Key::E);
    remade(&mut desk, 1, "first again.png", 4);
    assert_eq!(active(&desk), "lines.png");
    desk.harness.get_by_label("Picture lines.png");
    // Among several, though it is the active one.
    desk.press(Modifiers::NONE, Key::G);
    choose(&mut desk, "lines.png");
    tile(&desk, "first.png").click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    desk.press(Modifiers::COMMAND, Key::R);
    remade(&mut desk, 2, "first again 2.png", 5);
    assert_eq!(active(&desk), "first.png");
    assert_eq!(table(desk.harness.state()).selection_count(), 2);
}

#[test]
fn a_picture_opens_in_the_studio_with_what_it_was_made_from() {
    let mut desk = Desk::new();
    let first = made_from_files(&desk);
    open_folder(&mut desk, first.parent().unwrap(), 3);
    choose(&mut desk, "first.png");
    desk.click("Open in the studio");
    desk.wait("the studio", |app| app.session.opened() == 1);
    let session = &desk.harness.state().session;
    assert_eq!((session.settings.seed, session.settings.mode), (77, Mode::Vanilla));
    assert_eq!(session.title(), "first");
    let document = desk.document();
    assert!(document.by_role(Role::Reference).is_some() && document.by_role(Role::Take).is_some());
    // Changes that are not saved are asked about.
    desk.harness.state_mut().session.run(Command::NewLayer);
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.press(Modifiers::COMMAND, Key::E);
    desk.harness.get_by_label("Changes are not saved");
    desk.click("Discard");
    desk.wait("the studio", |app| app.session.opened() == 2);
}

#[test]
fn a_take_of_a_document_is_made_again_while_that_is_open() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.harness.state_mut().session.inject_reference = true;
    desk.make_take([90, 160, 60]);
    let folder = desk.folder.path().join("exported");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("one.png");
    desk.harness.state_mut().session.open_for(Command::Export, path.clone());
    desk.wait("the export", |_| path.exists());
    open_folder(&mut desk, &folder, 1);
    choose(&mut desk, "one.png");
    desk.press(Modifiers::COMMAND, Key::R);
    let inputs = submitted(&mut desk, 2).inputs;
    assert_eq!(inputs.sketch.dimensions(), (256, 256));
    assert_eq!(inputs.injection.as_ref(), Some(&inputs.reference), "it is looked at again");
    let session = &mut desk.harness.state_mut().session;
    (session.settings.steps, session.inject_reference) = (3, false);
    desk.press(Modifiers::COMMAND, Key::E);
    desk.wait("the studio", |app| app.session.settings.steps == Settings::default().steps);
    assert!(desk.harness.state().session.inject_reference);
    desk.button("Colorize");
    // Once the mask is another, it says what is needed.
    desk.harness.state_mut().session.run(Command::InvertMask);
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.press(Modifiers::COMMAND, Key::R);
    desk.wait("the reason", |app| {
        let notice = app.session.notice.as_ref();
        notice.is_some_and(|notice| notice.text.contains("its sketch mask was never saved as a file of its own"))
    });
}
