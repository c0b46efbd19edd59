//! What leaves the gallery: sheets, tables, copies, a ranking.

use app::app::App;
use app::command::Command;
use app::gallery::marks::{Flag, Marks};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{answer, choose, open, table, tile, written};

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
