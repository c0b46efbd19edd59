//! What leaves the gallery: sheets, tables, copies, a ranking.

use std::time::{Duration, Instant};

use app::app::App;
use app::command::Command;
use app::gallery::marks::{Flag, Marks};
use egui::accesskit::Role as Widget;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{allows, answer, choose, open, open_folder, spoilt, table, tile, written};

#[test]
fn a_sheet_a_table_and_the_picked_pictures_leave_the_gallery() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    let out = desk.folder.path().to_owned();
    assert!(!allows(&desk, Command::ExportPicked), "nothing is picked yet");
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
    answer(&mut desk, &out.join("picked"), "Choose this");
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

/// Waits until all pictures of a set show.
fn await_set(desk: &mut Desk) {
    desk.wait("the pictures", |app| app.gallery.allows(Command::RateNone, &app.session));
}

/// Votes, once there is something to vote on.
fn vote(desk: &mut Desk, key: Key) {
    await_set(desk);
    desk.press(Modifiers::NONE, key);
}

#[test]
fn a_key_that_is_held_down_votes_once() {
    let mut desk = Desk::new();
    open(&mut desk);
    desk.press(Modifiers::NONE, Key::B);
    desk.click("Begin");
    for repeat in [false, true, true] {
        await_set(&mut desk);
        desk.harness.event(Event::Key {
            key: Key::ArrowRight,
            physical_key: None,
            pressed: true,
            repeat,
            modifiers: Modifiers::NONE,
        });
        desk.harness.run();
    }
    desk.harness.get_by_label_contains("1 of ");
}

/// Steps until the set that shows can be voted on, or be passed over; whether it can be voted on.
fn can_vote(desk: &mut Desk) -> bool {
    let start = Instant::now();
    loop {
        let can_vote = allows(desk, Command::RateNone);
        if can_vote || desk.harness.query_by_label("Pass over").is_some() {
            return can_vote;
        }
        assert!(start.elapsed() < tests::desk::PATIENCE, "no pictures show");
        std::thread::sleep(Duration::from_millis(5));
        desk.harness.step();
    }
}

#[test]
fn a_picture_that_cannot_be_shown_is_passed_over_without_a_vote() {
    let mut desk = Desk::new();
    let folder = desk.folder.path().join("spoilt");
    std::fs::create_dir(&folder).unwrap();
    for (name, value) in [("a.png", 20), ("b.png", 120), ("c.png", 220)] {
        let picture = image::RgbImage::from_pixel(64, 64, image::Rgb([value, 60, 90]));
        picture.save(folder.join(name)).unwrap();
    }
    let whole = std::fs::read(folder.join("c.png")).unwrap();
    std::fs::write(folder.join("c.png"), spoilt(whole)).unwrap();
    open_folder(&mut desk, &folder, 3);
    desk.press(Modifiers::NONE, Key::B);
    desk.click("Begin");
    let mut passed = 0;
    for _ in 0..3 {
        if can_vote(&mut desk) {
            desk.press(Modifiers::NONE, Key::Num1);
            continue;
        }
        assert!(!allows(&desk, Command::RateOne) && !allows(&desk, Command::NextPicture));
        desk.click("Pass over");
        passed += 1;
    }
    assert_eq!(passed, 2, "the third picture is in two of three pairs");
    desk.harness.get_by_label_contains("1 of 1 votes. How likely");
}

#[test]
fn a_review_is_left_for_its_terms_with_votes_and_without() {
    let mut desk = Desk::new();
    let reviews = desk.folder.path().join("reviews");
    desk.harness.state_mut().gallery.keep_votes_in(reviews);
    open(&mut desk);
    desk.press(Modifiers::NONE, Key::B);
    desk.click("Begin");
    await_set(&mut desk);
    desk.click("Terms…");
    desk.click("Begin");
    vote(&mut desk, Key::Num1);
    desk.click("Terms…");
    desk.click("Begin");
    desk.wait("the earlier vote", |app| app.gallery.votes_found() == 1);
    // They may be another person's.
    desk.click("Back");
    assert_eq!(desk.harness.state().gallery.votes_found(), 0);
    desk.harness.get_by_role_and_label(Widget::TextInput, "Reviewer");
    desk.click("Begin");
    desk.wait("the earlier vote again", |app| app.gallery.votes_found() == 1);
    desk.click("Go on after 1 vote");
    desk.harness.get_by_label_contains("1 of ");
}

#[test]
fn what_is_ranked_is_what_was_asked_about() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    let out = desk.folder.path().join("study.csv");
    desk.press(Modifiers::NONE, Key::B);
    desk.click("Begin");
    vote(&mut desk, Key::Num1);
    desk.click("Show the ranking");
    desk.click("Export as CSV");
    // The system's own dialog lets a person go elsewhere behind it.
    desk.harness.state_mut().gallery.open(&folder).unwrap();
    answer(&mut desk, &out, "Save here");
    desk.wait("the votes", |_| out.with_file_name("study-votes.csv").exists());
    assert!(out.is_file());
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
    desk.wait("the first three", |app| app.gallery.allows(Command::RateOne, &app.session));
    for name in ["Picture 1", "Picture 2", "Picture 3"] {
        desk.harness.get_by_label(name);
    }
    vote(&mut desk, Key::Num2);
    await_set(&mut desk);
    desk.click("3 is best");
    vote(&mut desk, Key::Num0);
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

#[test]
fn where_there_are_only_two_the_buttons_and_arrows_of_pairs_vote() {
    let mut desk = Desk::new();
    open(&mut desk);
    choose(&mut desk, "take 1.png");
    for name in ["take 2.png", "take 3.png"] {
        tile(&desk, name).click_modifiers(Modifiers::COMMAND);
        desk.harness.run();
    }
    desk.press(Modifiers::NONE, Key::B);
    desk.harness.get_by_role_and_label(Widget::ComboBox, "Rank").click();
    desk.harness.run();
    desk.harness.get_by_role_and_label(Widget::Button, "Modes").click();
    desk.harness.run();
    desk.harness.get_by_role_and_label(Widget::Button, "3").click();
    desk.harness.run();
    desk.click("Begin");
    // Two of the three are in one mode.
    desk.wait("a pair", |app| app.gallery.allows(Command::NextPicture, &app.session));
    assert!(!allows(&desk, Command::RateThree));
    desk.click("Left is better");
    desk.harness.get_by_label_contains("1 of 2");
    vote(&mut desk, Key::ArrowRight);
    desk.harness.get_by_label_contains("2 of 2 votes. How likely");
}

#[test]
fn votes_are_kept_as_they_are_cast_and_a_review_goes_on_or_begins_anew() {
    let mut desk = Desk::new();
    let reviews = desk.folder.path().join("reviews");
    desk.harness.state_mut().gallery.keep_votes_in(reviews.clone());
    let folder = open(&mut desk);
    let again = |desk: &mut Desk| {
        // As after a kill: nothing is said to the review before.
        desk.harness.state_mut().gallery.open(&folder).unwrap();
        desk.wait("the pictures", |app| table(app).answer().entries.len() == 7);
        desk.press(Modifiers::NONE, Key::B);
        desk.click("Begin");
    };
    let lines = || -> usize {
        let files = std::fs::read_dir(&reviews).into_iter().flatten().flatten();
        files
            .map(|file| std::fs::read_to_string(file.path()).unwrap_or_default().lines().count())
            .sum()
    };
    again(&mut desk);
    desk.wait("the first pair", |app| app.gallery.allows(Command::NextPicture, &app.session));
    for key in [Key::Num1, Key::Num2, Key::Num0] {
        vote(&mut desk, key);
    }
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.wait("the votes on disk", |_| lines() == 4);
    again(&mut desk);
    desk.wait("the earlier votes", |app| app.gallery.votes_found() == 2);
    desk.click("Go on after 2 votes");
    desk.harness.get_by_label_contains("2 of ");
    vote(&mut desk, Key::Num1);
    desk.wait("the third vote on disk", |_| lines() == 5);
    again(&mut desk);
    desk.wait("the earlier votes", |app| app.gallery.votes_found() == 3);
    desk.click("Begin anew");
    desk.harness.get_by_label_contains("0 of ");
    desk.wait("the votes aside", |_| {
        std::fs::read_dir(&reviews)
            .unwrap()
            .flatten()
            .all(|file| file.path().to_string_lossy().contains("until"))
    });
}

/// The number of rows of a table, without its head.
fn rows(path: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn several_people_vote_on_the_same_pictures_and_are_ranked_together_or_alone() {
    let mut desk = Desk::new();
    let reviews = desk.folder.path().join("reviews");
    desk.harness.state_mut().gallery.keep_votes_in(reviews.clone());
    open(&mut desk);
    let out = desk.folder.path().join("study.csv");
    let votes = out.with_file_name("study-votes.csv");
    desk.press(Modifiers::NONE, Key::B);
    for (reviewer, keys) in [("Mika", &[Key::Num1, Key::Num2][..]), ("Jo", &[Key::Num1])] {
        let field = desk.harness.get_by_role_and_label(Widget::TextInput, "Reviewer");
        field.focus();
        desk.harness.run();
        desk.press(Modifiers::COMMAND, Key::A);
        desk.type_into(Widget::TextInput, "Reviewer", reviewer);
        desk.click("Begin");
        desk.wait("the first pair", |app| app.gallery.allows(Command::RateOne, &app.session));
        desk.harness.get_by_label(reviewer);
        keys.iter().for_each(|key| vote(&mut desk, *key));
        desk.click("Show the ranking");
        if reviewer == "Mika" {
            desk.click("New review");
        }
    }
    desk.harness.get_by_label_contains("3 votes. How likely");
    desk.click("Export as CSV");
    answer(&mut desk, &out, "Save here");
    desk.wait("the votes of both", |_| rows(&votes).len() == 3);
    assert!(rows(&votes)[0].starts_with("1,Jo,") && rows(&votes)[2].starts_with("3,Mika,"));
    desk.harness.get_by_role_and_label(Widget::ComboBox, "Votes of").click();
    desk.harness.run();
    desk.harness.get_by_role_and_label(Widget::Button, "Mika").click();
    desk.harness.run();
    desk.harness.get_by_label_contains("2 votes. How likely");
    desk.click("Export as CSV");
    answer(&mut desk, &out, "Save here");
    desk.wait("the question", |app| app.session.replacing().is_some());
    desk.click("Replace");
    desk.wait("the votes of one", |_| rows(&votes).len() == 2);
    // The same person goes on after their own votes; the name is still there.
    desk.click("New review");
    desk.click("Begin");
    desk.wait("the earlier vote", |app| app.gallery.votes_found() == 1);
    desk.harness.get_by_label_contains("1 vote of Jo on these pictures");
    desk.harness.state_mut().gallery.keep_votes_in(reviews);
    desk.harness.run();
    let field = desk.harness.get_by_role_and_label(Widget::TextInput, "Reviewer");
    assert_eq!(
        egui_kittest::kittest::NodeT::accesskit_node(&field).value().as_deref(),
        Some("Jo"),
        "kept for the next time"
    );
}

#[test]
fn an_export_is_broken_off_and_leaves_nothing() {
    let mut desk = Desk::new();
    let folder = desk.folder.path().join("large");
    std::fs::create_dir(&folder).unwrap();
    let noise = image::RgbImage::from_fn(900, 900, |x, y| image::Rgb([(x * y) as u8, (x ^ y) as u8, (x + y) as u8]));
    noise.save(folder.join("0.png")).unwrap();
    // Enough that none of the exports ends before it is cancelled.
    for number in 1..400 {
        std::fs::hard_link(folder.join("0.png"), folder.join(format!("{number}.png"))).unwrap();
    }
    open_folder(&mut desk, &folder, 400);
    let cancels = |desk: &mut Desk, name: &str, cancel: &dyn Fn(&mut Desk)| {
        let path = desk.folder.path().join(name);
        desk.press(Modifiers::COMMAND, Key::P);
        let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
        typed.path = path.to_string_lossy().into_owned();
        desk.harness.run_steps(2);
        desk.button("Save here").click();
        // Whether a file of that name is there is looked up first. The bar and its button move while they find their width: a click that misses is made again.
        let begun = Instant::now();
        let told = |desk: &Desk| desk.harness.state().session.notice.as_ref().map(|notice| notice.text.clone());
        while told(desk).is_none() {
            assert!(begun.elapsed() < tests::desk::PATIENCE, "no export begins and ends");
            cancel(desk);
            desk.harness.step();
        }
        assert_eq!(told(desk).as_deref(), Some("The export was cancelled."));
        desk.harness.state_mut().session.notice = None;
        assert!(!path.exists(), "{name}");
    };
    cancels(&mut desk, "button.pdf", &|desk| {
        desk.harness
            .query_by_label("Cancel the export")
            .iter()
            .for_each(|button| button.click());
    });
    cancels(&mut desk, "key.pdf", &|desk| desk.harness.key_press(Key::Escape));
}
