//! What leaves the gallery: sheets, tables, copies, a ranking.

use app::app::App;
use app::command::Command;
use app::gallery::marks::{Flag, Marks};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{allows, answer, choose, open, table, tile, written};

#[test]
fn a_sheet_a_table_and_the_picked_pictures_leave_the_gallery() {
    let mut desk = Desk::new();
    let folder = open(&mut desk);
    let out = desk.folder.path().to_owned();
    assert!(
        !allows(&desk, Command::ExportPicked),
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
        desk.press(Modifiers::NONE, key);
    }
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.wait("the votes on disk", |_| lines() == 4);
    again(&mut desk);
    desk.wait("the earlier votes", |app| app.gallery.votes_found() == 2);
    desk.click("Go on after 2 votes");
    desk.harness.get_by_label_contains("2 of ");
    desk.press(Modifiers::NONE, Key::Num1);
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
