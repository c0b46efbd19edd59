//! A review without the mouse: choosing several, going far, the ways to compare, ending what goes on.

use app::command::Command;
use app::gallery::light_table::Magnification;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{allows, open, open_folder, table, tile};

/// Names of the chosen pictures, in order.
fn chosen(desk: &Desk) -> Vec<String> {
    let selection = table(desk.harness.state()).selection();
    selection.iter().map(|entry| entry.name().into_owned()).collect()
}

#[test]
fn several_pictures_are_chosen_and_compared_by_keys() {
    let mut desk = Desk::new();
    open(&mut desk);
    assert!(
        !allows(&desk, Command::LetGo),
        "nothing is selected beside the active picture"
    );
    desk.press(Modifiers::NONE, Key::ArrowRight);
    desk.press(Modifiers::SHIFT, Key::ArrowRight);
    desk.press(Modifiers::SHIFT, Key::ArrowRight);
    assert_eq!(chosen(&desk), ["take 1.png", "take 2.png", "take 3.png"]);
    desk.press(Modifiers::SHIFT, Key::ArrowLeft);
    assert_eq!(chosen(&desk), ["take 1.png", "take 2.png"]);
    desk.press(Modifiers::NONE, Key::C);
    for name in ["Picture take 1.png", "Picture take 2.png"] {
        desk.harness.get_by_label(name);
    }
    assert!(desk.harness.query_by_label("Picture take 0.png").is_none());
    desk.press(Modifiers::NONE, Key::G);
    // The picked ones, wherever they stand.
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::D);
    assert_eq!(chosen(&desk), ["take 2.png"]);
    for key in [Key::P, Key::End, Key::ArrowLeft, Key::P, Key::Home, Key::P] {
        desk.press(Modifiers::NONE, key);
    }
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::A);
    assert_eq!(chosen(&desk), ["take 0.png", "take 2.png", "take 5.png"]);
    desk.press(Modifiers::NONE, Key::Slash);
    assert_eq!(chosen(&desk), ["take 2.png", "take 5.png"]);
    desk.press(Modifiers::NONE, Key::N);
    desk.harness.get_by_label("Picture take 5.png");
    desk.press(Modifiers::NONE, Key::G);
    desk.press(Modifiers::SHIFT, Key::Home);
    assert_eq!(chosen(&desk).len(), 3, "from where the range began");
    desk.press(Modifiers::SHIFT, Key::End);
    assert_eq!(chosen(&desk).last().map(String::as_str), Some("torn.png"));
}

#[test]
fn ends_and_pages_are_reached_at_once() {
    let mut desk = Desk::new();
    let folder = desk.folder.path().join("many");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..120 {
        let path = folder.join(format!("{number}.png"));
        image::RgbImage::new(2, 2).save(path).unwrap();
    }
    open_folder(&mut desk, &folder, 120);
    let place = |desk: &Desk| table(desk.harness.state()).place();
    let page = table(desk.harness.state()).columns * table(desk.harness.state()).rows;
    assert!((4..60).contains(&page), "{page}");
    for (key, expected) in [
        (Key::End, 119),
        (Key::PageUp, 119 - page),
        (Key::Home, 0),
        (Key::PageDown, page),
        (Key::PageDown, 2 * page),
        (Key::PageUp, page),
    ] {
        desk.press(Modifiers::NONE, key);
        assert_eq!(place(&desk), expected, "{key:?}");
        // What is reached is in sight.
        tile(&desk, &format!("{expected}.png"));
    }
}

#[test]
fn every_way_to_compare_and_every_part_has_a_key() {
    let mut desk = Desk::new();
    open(&mut desk);
    assert!(!allows(&desk, Command::FigureOnly), "tiles are as they were made");
    // From the grid at once.
    for (key, dial) in [
        (Key::W, "Line"),
        (Key::D, "Gain"),
        (Key::O, "Second"),
        (Key::Backslash, "Pace"),
    ] {
        desk.harness.key_press(key);
        // Flickering never rests.
        desk.harness.run_steps(3);
        assert_eq!(table(desk.harness.state()).magnification, Magnification::Compare);
        assert!(has(&desk, dial), "{dial}");
        // Wholly within a window of 1024 points, beside the panel at the right.
        let sliders = desk.harness.query_all_by_role_and_label(Widget::Slider, dial);
        for slider in sliders.map(|slider| slider.rect()) {
            assert!(slider.right() < 1024.0 - 248.0 && slider.width() > 40.0, "{dial}: {slider}");
        }
    }
    desk.harness.key_press(Key::Backslash);
    desk.harness.run_steps(3);
    for dial in ["Line", "Gain", "Second", "Pace"] {
        assert!(!has(&desk, dial), "the same key again leads back");
    }
    desk.press(Modifiers::NONE, Key::W);
    desk.press(Modifiers::NONE, Key::Y);
    assert!(!has(&desk, "Line"));
    for (key, words) in [(Key::F, "Figure only"), (Key::B, "Background only"), (Key::S, "Sketch only")] {
        desk.press(Modifiers::SHIFT, key);
        shows(&desk, words);
    }
    desk.press(Modifiers::SHIFT, Key::W);
    shows(&desk, "Whole pictures");
    desk.press(Modifiers::SHIFT, Key::F);
    desk.press(Modifiers::SHIFT, Key::F);
    shows(&desk, "Whole pictures");
}

/// Whether there is a slider of that name.
fn has(desk: &Desk, dial: &str) -> bool {
    let sliders = desk.harness.query_all_by_role_and_label(Widget::Slider, dial);
    sliders.count() > 0
}

/// What is chosen to show of the pictures.
fn shows(desk: &Desk, words: &str) {
    let part = desk.harness.get_by_role_and_label(Widget::ComboBox, "Show");
    assert_eq!(part.value().as_deref(), Some(words));
}
