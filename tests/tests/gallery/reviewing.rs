//! Looking, deciding, filtering and comparing.

use app::command::Command;
use app::gallery::light_table::Magnification;
use app::gallery::marks::{Flag, Label, Marks};
use app::gallery::metadata::write_take;
use app::generate::recipe::{Recipe, RecipeInputs};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::NodeT;
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId, Take};
use engine::request::Mode;
use image::{Rgb, RgbImage};
use tests::desk::{Desk, take};

use super::{allows, choose, decoded, input, open, open_folder, recipe, shown, table, takes, tile, written};

#[test]
fn an_empty_gallery_says_what_it_is_for_and_opens_a_folder() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.harness.get_by_label("No folder is open");
    desk.click("Open a folder");
    let folder = takes(&desk);
    let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
    typed.path = folder.to_string_lossy().into_owned();
    desk.harness.run();
    desk.click("Choose this");
    desk.wait("the folder", |app| {
        app.gallery.table().is_some_and(|table| table.answer().entries.len() == 7)
    });
    tile(&desk, "take 0.png");
    tile(&desk, "torn.png, broken");
}

/// The engine finishes the sample shot's job of that number.
fn colour(desk: &mut Desk, job: u64) {
    let engine = desk.engine.clone();
    desk.wait("the job", |_| engine.with(|script| script.submitted.len() as u64 >= job));
    let settings = desk.engine.with(|script| script.submitted[job as usize - 1].settings.clone());
    let take = Take {
        settings,
        ..take([20 * job as u8, 90, 60])
    };
    desk.say(Event::Finished { job: JobId(job), take });
}

#[test]
fn an_empty_gallery_colours_the_sample_shot_and_looks_through_it() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::Num3);
    desk.click("Look through the sample shot");
    for job in 1..=3 {
        colour(&mut desk, job);
    }
    // They come while one looks.
    desk.wait("three pictures", |app| {
        let made = app.session.sample_takes() == Some([3, 32]);
        made && app.gallery.table().is_some_and(|table| table.answer().entries.len() == 3)
    });
    desk.harness.get_by_label("Colouring the sample shot: 3 of 32");
    choose(&mut desk, "0001--morning.png");
    desk.press(Modifiers::NONE, Key::P);
    desk.click("Colour no more of the sample shot");
    desk.wait("the end", |app| app.session.sample_takes().is_none());
    let before = desk.engine.with(|script| script.submitted.len());
    // What is there is not made again.
    desk.find_command("Look through the sample shot");
    desk.wait("the rest", |app| app.session.sample_takes() == Some([3, 32]));
    colour(&mut desk, before as u64 + 1);
    desk.wait("the fourth picture beside the picked one", |app| {
        table(app).answer().entries.len() == 4 && table(app).picked().len() == 1
    });
    tile(&desk, "0001--morning.png, picked");
    // Escape leads back to the grid first.
    desk.press(Modifiers::NONE, Key::E);
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(table(desk.harness.state()).magnification, Magnification::Grid);
    assert!(desk.harness.state().session.sample_takes().is_some());
    desk.press(Modifiers::NONE, Key::Escape);
    desk.wait("the end by key", |app| app.session.sample_takes().is_none());
}

#[test]
fn the_sketch_goes_where_the_file_has_what_is_under_it_and_elsewhere_it_is_said_why_not() {
    const PLAIN: [u8; 3] = [40, 200, 90];
    let mut desk = Desk::drawn(Theme::Dark);
    let folder = desk.folder.path().join("takes");
    std::fs::create_dir(&folder).unwrap();
    let plain = RgbImage::from_pixel(64, 64, Rgb(PLAIN));
    let lined = RgbImage::from_fn(64, 64, |x, _| if (24..40).contains(&x) { Rgb([0; 3]) } else { Rgb(PLAIN) });
    let made = Recipe {
        lines: true,
        ..recipe(1, Mode::Vanilla, RecipeInputs::new(input("a.png"), input("b.png")))
    };
    write_take(&folder.join("kept.png"), &lined, Some(&plain), &made).unwrap();
    write_take(&folder.join("lost.png"), &lined, None, &made).unwrap();
    open_folder(&mut desk, &folder, 2);
    choose(&mut desk, "kept.png");
    desk.press(Modifiers::NONE, Key::E);
    decoded(&mut desk);
    let middle = |desk: &mut Desk, name: &str| {
        decoded(desk);
        desk.pixel(&format!("Picture {name}"), 0.5, 0.5)
    };
    assert_eq!(middle(&mut desk, "kept.png"), [0; 3]);
    desk.click("Show the sketch");
    assert_eq!(middle(&mut desk, "kept.png"), PLAIN);
    desk.press(Modifiers::NONE, Key::S);
    assert_eq!(middle(&mut desk, "kept.png"), [0; 3]);
    desk.press(Modifiers::NONE, Key::S);
    // Beside another one, what stays is said.
    desk.press(Modifiers::NONE, Key::C);
    assert_eq!(middle(&mut desk, "kept.png"), PLAIN);
    assert_eq!(middle(&mut desk, "lost.png"), [0; 3]);
    desk.press(Modifiers::NONE, Key::G);
    choose(&mut desk, "lost.png");
    assert!(!allows(&desk, Command::ToggleLines), "tiles are as they were made");
    desk.press(Modifiers::NONE, Key::E);
    assert!(!allows(&desk, Command::ToggleLines));
    let button = desk.button("Show the sketch");
    assert!(button.accesskit_node().is_disabled());
    button.hover();
    desk.harness.run_steps(40);
    desk.harness.get_by_label_contains("What is under the lines was not kept");
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
fn buttons_decide_as_keys_do_and_what_is_broken_says_why_not() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    choose(&mut desk, "take 2.png");
    desk.click("4 stars");
    desk.click("Reject");
    desk.click("Yellow label");
    tile(&desk, "take 2.png, 4 stars, rejected, yellow label");
    desk.click("Unflag");
    desk.click("Yellow label");
    // The last star again takes them all away.
    desk.click("No stars");
    desk.click("1 star");
    desk.click("Pick");
    desk.click("Blue label");
    let marks = Marks {
        stars: 1,
        flag: Flag::Pick,
        label: Some(Label::Blue),
        note: String::new(),
    };
    written(&mut desk, &folder, "take 2.png", &marks);
    choose(&mut desk, "torn.png, broken");
    desk.press(Modifiers::NONE, Key::Num3);
    desk.wait("the reason", |app| {
        let notice = app.session.notice.as_ref();
        notice.is_some_and(|notice| notice.text.starts_with("torn.png is broken and keeps no decisions"))
    });
    tile(&desk, "torn.png, broken");
}

#[test]
fn more_than_nine_chosen_are_told() {
    let mut desk = Desk::new();
    let folder = desk.folder.path().join("many");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..14 {
        RgbImage::new(2, 2).save(folder.join(format!("{number}.png"))).unwrap();
    }
    open_folder(&mut desk, &folder, 14);
    desk.press(Modifiers::COMMAND, Key::A);
    desk.press(Modifiers::NONE, Key::C);
    desk.harness.get_by_label_contains("9 of 14 are compared");
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
fn notes_are_kept_when_the_gallery_is_left_by_keys_and_when_the_window_goes() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    let type_note = |desk: &mut Desk, name: &str, text: &str| {
        choose(desk, name);
        let note = desk.harness.get_by_role(Widget::MultilineTextInput);
        note.focus();
        note.type_text(text);
        desk.harness.run();
    };
    let noted = |text: &str| Marks {
        note: text.to_owned(),
        ..Marks::default()
    };
    type_note(&mut desk, "take 1.png", "hair");
    desk.press(Modifiers::COMMAND, Key::Num1);
    written(&mut desk, &folder, "take 1.png", &noted("hair"));
    desk.press(Modifiers::COMMAND, Key::Num3);
    type_note(&mut desk, "take 2.png", "eyes");
    desk.harness.state_mut().let_go_of_window();
    written(&mut desk, &folder, "take 2.png", &noted("eyes"));
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
    let middle = desk.place("Picture take 4.png", 0.5, 0.5);
    desk.harness.hover_at(middle);
    desk.harness.run();
    desk.wait("both pictures", |app| app.gallery.pictures()[1] == 0);
    desk.harness
        .get_by_label_contains("Under the pointer: take 1.png #28AA5A, take 4.png #A0505A   ΔE ");
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
        table(app).catalogue().look();
        let shown = &table(app).answer().entries;
        shown.len() == 6 && shown.iter().filter(|entry| entry.facts.is_err()).count() == 2
    });
    tile(&desk, "take 5.png, broken");
    choose(&mut desk, "take 5.png, broken");
    desk.harness.get_by_label_contains("This picture is broken");
}
