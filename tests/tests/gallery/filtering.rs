//! What shows: filters of every kind, several at once, groups and order.

use app::gallery::entry::write_marks;
use app::gallery::filter::Filter;
use app::gallery::marks::{Label, Marks};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use image::RgbImage;
use tests::desk::Desk;

use super::{choose, open, open_folder, shown, table, tile};

/// Chooses a value of a drop-down list.
fn pick(desk: &mut Desk, list: &str, value: &str) {
    desk.harness.get_by_role_and_label(Widget::ComboBox, list).click();
    desk.harness.run();
    desk.harness.get_by_role_and_label(Widget::Button, value).click();
    desk.harness.run();
}

#[test]
fn several_flags_labels_and_numbers_of_stars_show_together() {
    let mut desk = Desk::new();
    open(&mut desk);
    for (name, keys) in [
        ("take 0.png", [Key::P, Key::Num1, Key::Num6]),
        ("take 1.png", [Key::U, Key::Num3, Key::Num9]),
        ("take 2.png", [Key::X, Key::Num5, Key::Num6]),
    ] {
        choose(&mut desk, name);
        keys.into_iter().for_each(|key| desk.press(Modifiers::NONE, key));
    }
    desk.click("Show the picked");
    desk.click("Show the unflagged");
    assert_eq!(shown(&desk), 5, "picked or unflagged; what is broken is neither");
    desk.click("Show the red label");
    assert_eq!(shown(&desk), 1);
    desk.click("Show those without a label");
    assert_eq!(shown(&desk), 4);
    desk.press(Modifiers::COMMAND, Key::L);
    pick(&mut desk, "Stars", "Exactly");
    desk.click("Show exactly 1 star");
    desk.click("Show 5 stars");
    assert_eq!(shown(&desk), 2);
    desk.click("Show no stars");
    assert_eq!(shown(&desk), 5);
    pick(&mut desk, "Stars", "At most");
    desk.press(Modifiers::COMMAND, Key::L);
    desk.click("Show 3 stars or fewer");
    assert_eq!(shown(&desk), 5);
    tile(&desk, "take 1.png, 3 stars, blue label");
    // What all pictures meet is no filter.
    desk.click("Show 3 stars or fewer");
    desk.click("Show no stars");
    pick(&mut desk, "Stars", "At least");
    assert!(table(desk.harness.state()).query().filters.is_empty());
    assert_eq!(shown(&desk), 7);
}

#[test]
fn pictures_without_a_recipe_and_labels_of_other_programs_have_rows() {
    let mut desk = Desk::new();
    let folder = super::takes(&desk);
    let path = folder.join("scan.png");
    RgbImage::new(8, 8).save(&path).unwrap();
    let label = Label::from_text("To print");
    let marks = Marks {
        label,
        ..Marks::default()
    };
    write_marks(&path, &marks).unwrap();
    open_folder(&mut desk, &folder, 8);
    for row in ["No recipe 1", "To print 1"] {
        desk.click(row);
        assert_eq!(shown(&desk), 1, "{row}");
        tile(&desk, "scan.png, to print label");
        desk.click(row);
    }
    desk.click("No recipe 1");
    desk.click("Broken pictures 1");
    assert_eq!(shown(&desk), 2);
}

#[test]
fn chips_take_as_many_lines_as_they_need() {
    let mut desk = Desk::new();
    open(&mut desk);
    for words in [
        "Show the picked",
        "Show the unflagged",
        "Show the rejected",
        "Show 1 star or more",
    ] {
        desk.click(words);
    }
    for words in [
        "Show the red label",
        "Show the blue label",
        "Show the yellow label",
        "Show the green label",
    ] {
        desk.click(words);
    }
    let search = desk.harness.get_by_role(Widget::TextInput);
    search.focus();
    search.type_text("a search that nobody would call short, in a window that nobody would call wide");
    desk.harness.run();
    assert_eq!(table(desk.harness.state()).query().filters.len(), 9);
    // Where the panel at the right begins.
    let right = 1024.0 - 248.0;
    for filter in &table(desk.harness.state()).query().filters {
        let words = match filter {
            Filter::Text(_) => "\u{201c}a search".to_owned(),
            filter => format!("{}  ×", filter.words()),
        };
        let chip = desk.harness.get_by_label_contains(&words).rect();
        assert!(chip.right() < right, "{words} reaches under the panel at the right: {chip}");
    }
    let last = desk.harness.get_by_role_and_label(Widget::Button, "Remove all").rect();
    assert!(last.right() < right);
}

#[test]
fn every_kind_of_group_and_order_is_chosen_from_its_list() {
    let mut desk = Desk::new();
    open(&mut desk);
    let titles = |desk: &Desk| -> Vec<String> {
        let groups = table(desk.harness.state()).answer().groups.iter();
        groups.map(|(title, length)| format!("{title} {length}")).collect()
    };
    for (group, expected) in [
        ("Mode", vec!["Split 3", "Vanilla 3", "broken 1"]),
        ("Sketch", vec!["girl.png #00000000 6", "broken 1"]),
        ("Reference", vec!["dusk.png #00000000 6", "broken 1"]),
        ("Model", vec!["tiny 256 6", "broken 1"]),
        ("Folder", vec!["this folder 7"]),
        ("No groups", vec![" 7"]),
    ] {
        pick(&mut desk, "Groups", group);
        assert_eq!(titles(&desk), expected, "{group}");
    }
    let first = |desk: &Desk| table(desk.harness.state()).answer().entries[0].name().into_owned();
    choose(&mut desk, "take 4.png");
    desk.press(Modifiers::NONE, Key::Num5);
    desk.click("Smallest first");
    assert_eq!(first(&desk), "torn.png");
    pick(&mut desk, "Order", "Stars");
    assert_eq!(first(&desk), "take 4.png");
    desk.click("Largest first");
    pick(&mut desk, "Order", "Seed");
    assert_eq!(first(&desk), "take 0.png");
}

#[test]
fn facets_of_all_kinds_filter_and_add_up() {
    let mut desk = Desk::new();
    let folder = super::takes(&desk);
    let inside = folder.join("shot 2");
    std::fs::create_dir(&inside).unwrap();
    std::fs::rename(folder.join("take 1.png"), inside.join("take 1.png")).unwrap();
    open_folder(&mut desk, &folder, 7);
    for (facet, expected) in [("shot 2 1", 1), ("this folder 6", 7), ("Split 3", 3), ("Vanilla 3", 6)] {
        desk.harness.get_by_role_and_label(Widget::Button, facet).click();
        desk.harness.run();
        assert_eq!(shown(&desk), expected, "{facet}");
    }
}
