//! The gallery in the window: real widgets on a folder of real files.

use std::path::PathBuf;

use app::app::App;
use app::command::Command;
use app::document::Role;
use app::gallery::catalogue::Progress;
use app::gallery::entry::{Entry, Stamp};
use app::gallery::light_table::{LightTable, Magnification};
use app::gallery::marks::{Flag, Label, Marks};
use app::gallery::metadata::write_take;
use app::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs, VERSION, hash_rgb};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, ModelIdentity, Take};
use engine::request::{ColorizeRequest, Mode, Settings};
use engine::training::scenes::example;
use image::{DynamicImage, Rgb, RgbImage};
use tests::desk::{Desk, JOB, take};

/// Two modes, seeds 0 to 5, and a file that is no picture.
fn takes(desk: &Desk) -> PathBuf {
    let folder = desk.folder.path().join("takes");
    std::fs::create_dir(&folder).unwrap();
    for seed in 0..6u8 {
        let input = |name: &str| InputImage {
            origin: Origin::File(name.into()),
            hash: "0".repeat(64),
        };
        let recipe = Recipe {
            version: VERSION,
            program: "shiage".into(),
            model: ModelIdentity {
                name: "tiny 256".into(),
                hash: "0".repeat(64),
            },
            device: "CPU".into(),
            settings: Settings {
                seed: seed.into(),
                mode: if seed < 3 { Mode::Split } else { Mode::Vanilla },
                ..Settings::default()
            },
            inputs: RecipeInputs {
                sketch: input("girl.png"),
                reference: input("dusk.png"),
                sketch_mask: None,
                reference_mask: None,
                background: None,
                start: None,
                injection: None,
            },
            lines: true,
        };
        let picture = RgbImage::from_pixel(64, 64, Rgb([40 * seed, 200 - 30 * seed, 90]));
        write_take(&folder.join(format!("take {seed}.png")), &picture, &recipe).unwrap();
    }
    std::fs::write(folder.join("torn.png"), b"not a picture any more").unwrap();
    folder
}

fn table(app: &App) -> &LightTable {
    app.gallery.table().expect("a folder is open")
}

fn open(desk: &mut Desk) -> PathBuf {
    let folder = takes(desk);
    desk.harness.state_mut().session.open_for(Command::OpenFolder, folder.clone());
    desk.wait("the folder", |app| {
        let table = app.gallery.table();
        table.is_some_and(|table| *table.catalogue().progress() == Progress::Current && table.answer().entries.len() == 7)
    });
    folder
}

fn tile<'a>(desk: &'a Desk, name: &'a str) -> egui_kittest::Node<'a> {
    desk.harness.get_by_role_and_label(Widget::Button, name)
}

fn choose(desk: &mut Desk, name: &str) {
    tile(desk, name).click();
    desk.harness.run();
}

/// What the file itself says, once it says so.
fn written(desk: &mut Desk, folder: &std::path::Path, name: &str, marks: &Marks) {
    let path = folder.join(name);
    let found = || Entry::read(path.clone(), Stamp::of(&path).unwrap()).marks().cloned();
    desk.wait("the marks in the file", |_| found().as_ref() == Some(marks));
}

#[test]
fn an_empty_gallery_says_what_it_is_for_and_opens_a_folder() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.harness.get_by_label("No folder is open");
    desk.click("Open a folder");
    let folder = takes(&desk);
    desk.wait("the question for a path", |app| app.gallery.table().is_none());
    let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
    typed.path = folder.to_string_lossy().into_owned();
    desk.harness.run();
    desk.click("Open this");
    desk.wait("the folder", |app| {
        app.gallery.table().is_some_and(|table| table.catalogue().len() == 7)
    });
    tile(&desk, "take 0.png");
    tile(&desk, "torn.png, broken");
}

#[test]
fn keys_decide_the_files_keep_it_and_undo_takes_it_back() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    choose(&mut desk, "take 1.png");
    for key in [Key::Num4, Key::P, Key::Num8] {
        desk.press(Modifiers::NONE, key);
    }
    let marks = Marks {
        stars: 4,
        flag: Flag::Pick,
        label: Some(Label::Green),
        note: String::new(),
    };
    tile(&desk, "take 1.png, 4 stars, picked, green label");
    written(&mut desk, &folder, "take 1.png", &marks);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    tile(&desk, "take 1.png, 4 stars");
    let marks = Marks {
        flag: Flag::None,
        label: None,
        ..marks
    };
    written(&mut desk, &folder, "take 1.png", &marks);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    tile(&desk, "take 1.png, 4 stars, picked");
    desk.press(Modifiers::NONE, Key::Num0);
    desk.press(Modifiers::NONE, Key::X);
    tile(&desk, "take 1.png, rejected");
}

#[test]
fn caps_lock_advances_and_arrows_go_by_rows() {
    let mut desk = Desk::new();
    open(&mut desk);
    let active = |desk: &Desk| table(desk.harness.state()).active().unwrap().name().into_owned();
    choose(&mut desk, "take 0.png");
    desk.press(Modifiers::NONE, Key::CapsLock);
    desk.press(Modifiers::NONE, Key::Num3);
    assert_eq!(active(&desk), "take 1.png");
    desk.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(active(&desk), "take 2.png");
    desk.press(Modifiers::NONE, Key::ArrowLeft);
    desk.press(Modifiers::NONE, Key::ArrowLeft);
    let columns = table(desk.harness.state()).columns;
    assert!(columns > 1);
    desk.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(table(desk.harness.state()).place(), columns);
    desk.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(active(&desk), "take 0.png");
}

#[test]
fn filters_are_chips_that_say_what_they_hide_and_can_be_removed() {
    let mut desk = Desk::new();
    open(&mut desk);
    let shown = |desk: &Desk| table(desk.harness.state()).answer().entries.len();
    desk.harness.get_by_role_and_label(Widget::Button, "Vanilla 3").click();
    desk.harness.run();
    assert_eq!(shown(&desk), 3);
    desk.harness.get_by_label("4 hidden");
    choose(&mut desk, "take 4.png");
    desk.press(Modifiers::NONE, Key::Num5);
    desk.click("Show 3 stars or more");
    assert_eq!(shown(&desk), 1);
    desk.click("Mode: Vanilla  ×");
    assert_eq!(shown(&desk), 1, "the stars still filter");
    desk.press(Modifiers::COMMAND, Key::L);
    assert_eq!(shown(&desk), 7);
    let search = desk.harness.get_by_role(Widget::TextInput);
    search.focus();
    search.type_text("seed>3");
    desk.harness.run();
    assert_eq!(shown(&desk), 2);
    assert_eq!(
        table(desk.harness.state()).magnification,
        Magnification::Grid,
        "typed letters are no keys"
    );
}

#[test]
fn notes_are_kept_when_their_field_is_left() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    choose(&mut desk, "take 2.png");
    let note = desk.harness.get_by_role(Widget::MultilineTextInput);
    note.focus();
    note.type_text("hair too dark 髪");
    desk.harness.run();
    choose(&mut desk, "take 3.png");
    let marks = Marks {
        note: "hair too dark 髪".to_owned(),
        ..Marks::default()
    };
    written(&mut desk, &folder, "take 2.png", &marks);
}

#[test]
fn several_pictures_are_compared_and_their_recipes_differences_named() {
    let mut desk = Desk::drawn(Theme::Dark);
    open(&mut desk);
    choose(&mut desk, "take 1.png");
    tile(&desk, "take 4.png").click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::C);
    desk.harness.get_by_label("Picture take 1.png");
    desk.harness.get_by_label("Picture take 4.png");
    desk.harness.get_by_label("Differences");
    desk.harness.get_by_label("to take 1.png");
    for how in ["Wipe", "Difference", "Onion", "Flicker", "Side by side"] {
        desk.harness.get_by_label(how).click();
        desk.harness.step();
        desk.harness.step();
    }
    desk.press(Modifiers::NONE, Key::E);
    desk.harness.get_by_label("Picture take 4.png");
    assert!(desk.harness.query_by_label("Picture take 1.png").is_none());
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(table(desk.harness.state()).magnification, Magnification::Grid);
}

#[test]
fn what_is_deleted_or_broken_outside_is_noticed() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    std::fs::remove_file(folder.join("take 0.png")).unwrap();
    std::fs::write(folder.join("take 5.png"), b"torn").unwrap();
    desk.wait("the news", |app| {
        let catalogue = table(app).catalogue();
        catalogue.look();
        catalogue.len() == 6
            && catalogue
                .get(&folder.join("take 5.png"))
                .is_some_and(|entry| entry.facts.is_err())
    });
    tile(&desk, "take 5.png, broken");
    choose(&mut desk, "take 5.png, broken");
    desk.harness.get_by_label_contains("This picture is broken");
}

/// Types the path that a command asks for.
fn answer(desk: &mut Desk, path: &std::path::Path, verb: &str) {
    let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
    typed.path = path.to_string_lossy().into_owned();
    desk.harness.run();
    desk.click(verb);
}

#[test]
fn a_sheet_a_table_and_the_picked_pictures_leave_the_gallery() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    let out = desk.folder.path().to_owned();
    assert!(
        !desk.harness.state().gallery.allows(Command::ExportPicked),
        "nothing is picked yet"
    );
    for name in ["take 1.png", "take 3.png"] {
        choose(&mut desk, name);
        desk.press(Modifiers::NONE, Key::P);
    }
    written(
        &mut desk,
        &folder,
        "take 3.png",
        &Marks {
            flag: Flag::Pick,
            ..Marks::default()
        },
    );
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::E);
    answer(&mut desk, &out.join("picked"), "Open this");
    let told = |app: &App, words: &str| app.session.notice.as_ref().is_some_and(|notice| notice.text.contains(words));
    desk.wait("the copies", |app| told(app, "Copied 2 pictures"));
    assert!(out.join("picked/take 1.png").exists() && out.join("picked/take 3.png").exists());
    desk.press(Modifiers::COMMAND, Key::P);
    answer(&mut desk, &out.join("sheet.pdf"), "Save here");
    desk.wait("the sheet", |app| told(app, "Contact sheet of 7 pictures"));
    assert!(std::fs::read(out.join("sheet.pdf")).unwrap().starts_with(b"%PDF"));
    // Several selected pictures go before all that show.
    choose(&mut desk, "take 1.png, picked");
    tile(&desk, "take 4.png").click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    desk.harness.get_by_label("File").click();
    desk.harness.run();
    desk.harness.get_by_label_contains("Export the decisions").click();
    desk.harness.run();
    answer(&mut desk, &out.join("decisions"), "Save here");
    desk.wait("the table", |app| told(app, "Decisions about 2 pictures"));
    let table = std::fs::read_to_string(out.join("decisions.csv")).unwrap();
    assert!(
        table.contains("\r\ntake 1.png,0,picked,") && table.contains("\r\ntake 4.png,0,,"),
        "{table}"
    );
}

#[test]
fn a_blind_review_hides_names_takes_votes_and_ranks() {
    let mut desk = Desk::new();
    open(&mut desk);
    let out = desk.folder.path().join("study");
    desk.press(Modifiers::NONE, Key::B);
    // No name and no setting shows.
    assert!(desk.harness.query_by_label_contains("take ").is_none());
    desk.harness.get_by_role_and_label(Widget::Button, "3").click();
    desk.harness.run();
    desk.click("Begin");
    for name in ["Picture 1", "Picture 2", "Picture 3"] {
        desk.harness.get_by_label(name);
    }
    desk.press(Modifiers::NONE, Key::Num2);
    desk.click("3 is best");
    desk.press(Modifiers::NONE, Key::Num0);
    desk.harness.get_by_label_contains("3 of ");
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.harness.get_by_label_contains("2 of ");
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    desk.click("Show the ranking");
    desk.harness.get_by_label_contains("1. take ");
    desk.click("Export as CSV");
    answer(&mut desk, &out, "Save here");
    desk.wait("the ranking", |_| out.with_file_name("study-votes.csv").exists());
    let ranking = std::fs::read_to_string(out.with_file_name("study.csv")).unwrap();
    assert_eq!(ranking.lines().count(), 7, "{ranking}");
    // The keys of the marks have voted, and have marked nothing.
    desk.press(Modifiers::NONE, Key::G);
    tile(&desk, "take 1.png");
    let unmarked = |app: &App| {
        table(app)
            .catalogue()
            .entries()
            .all(|entry| entry.marks().is_none_or(|marks| *marks == Marks::default()))
    };
    assert!(unmarked(desk.harness.state()));
}

/// A take beside the files that it was made from; its file.
fn made_from_files(desk: &Desk) -> PathBuf {
    let folder = desk.folder.path().join("made");
    std::fs::create_dir(&folder).unwrap();
    let scene = example(5, 0, 256);
    let input = |name: &str, picture: DynamicImage| {
        picture.save(folder.join(name)).unwrap();
        InputImage {
            origin: Origin::File(name.into()),
            hash: hash_rgb(&picture.to_rgb8()),
        }
    };
    let recipe = Recipe {
        version: VERSION,
        program: "shiage".into(),
        model: ModelIdentity {
            name: "tiny 256".into(),
            hash: "0".repeat(64),
        },
        device: "CPU".into(),
        settings: Settings {
            seed: 77,
            mode: Mode::Vanilla,
            ..Settings::default()
        },
        inputs: RecipeInputs {
            sketch: input("lines.png", scene.sketch.into()),
            reference: input("colours.png", scene.reference.into()),
            sketch_mask: None,
            reference_mask: None,
            background: None,
            start: None,
            injection: None,
        },
        lines: false,
    };
    let path = folder.join("first.png");
    write_take(&path, &take([200, 90, 40]).picture, &recipe).unwrap();
    path
}

fn open_folder(desk: &mut Desk, folder: &std::path::Path, pictures: usize) {
    desk.harness
        .state_mut()
        .session
        .open_for(Command::OpenFolder, folder.to_owned());
    desk.wait("the folder", |app| {
        let table = app.gallery.table();
        table.is_some_and(|table| table.catalogue().folder() == folder && table.answer().entries.len() == pictures)
    });
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
    assert!(
        !desk.harness.state().gallery.allows(Command::MakeAgain),
        "it carries no recipe"
    );
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
    // Nothing but the two of them was written.
    std::fs::write(folder.join("colours.png"), std::fs::read(folder.join("lines.png")).unwrap()).unwrap();
    desk.press(Modifiers::COMMAND, Key::R);
    desk.wait("the reason", |app| {
        told(app, "colours.png is not the picture that the recipe was made with")
    });
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
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
    desk.start();
    desk.say(Event::Finished {
        job: JOB,
        take: take([90, 160, 60]),
    });
    desk.wait("the take", |app| {
        app.session.document().unwrap().by_role(Role::Take).is_some()
    });
    let folder = desk.folder.path().join("exported");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("one.png");
    desk.harness.state_mut().session.open_for(Command::ExportPng, path.clone());
    desk.wait("the export", |_| path.exists());
    open_folder(&mut desk, &folder, 1);
    choose(&mut desk, "one.png");
    desk.press(Modifiers::COMMAND, Key::R);
    assert_eq!(submitted(&mut desk, 2).inputs.sketch.dimensions(), (256, 256));
    desk.harness.state_mut().session.settings.steps = 3;
    desk.press(Modifiers::COMMAND, Key::E);
    desk.wait("the studio", |app| app.session.settings.steps == Settings::default().steps);
    desk.button("Colorize");
    // Once the mask is another, it says what is needed.
    desk.harness.state_mut().session.run(Command::InvertMask);
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.press(Modifiers::COMMAND, Key::R);
    desk.wait("the reason", |app| {
        let notice = app.session.notice.as_ref();
        notice.is_some_and(|notice| notice.text.contains("its sketch mask is in no file of its own"))
    });
}
