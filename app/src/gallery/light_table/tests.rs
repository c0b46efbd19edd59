use super::*;
use crate::gallery::entry::Stamp;
use crate::gallery::marks::{Decision, Label};
use crate::gallery::filter::Filter;

fn table(names: &[&str]) -> (LightTable, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        image::RgbImage::new(2, 2).save(folder.path().join(name)).unwrap();
    }
    let waker: Waker = Arc::new(|| {});
    let mut table = LightTable::open(folder.path(), None, &waker).unwrap();
    let start = Instant::now();
    while *table.catalogue().progress() != Progress::Current {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(2));
        table.catch_up();
    }
    (table, folder)
}

fn active(table: &LightTable) -> String {
    table.active().map_or(String::new(), |entry| entry.name().into_owned())
}

fn stars(table: &LightTable, name: &str) -> u8 {
    let path = table.catalogue().folder().join(name);
    table.catalogue().get(&path).unwrap().marks().unwrap().stars
}

#[test]
fn decisions_reach_the_chosen_and_can_be_undone() {
    let (mut table, folder) = table(&["a.png", "b.png", "c.png", "d.png"]);
    let path = |name: &str| folder.path().join(name);
    table.choose(&path("b.png"), false, false);
    table.choose(&path("d.png"), false, true);
    table.decide(&Decision::Stars(4));
    table.catch_up();
    assert_eq!(
        ["a.png", "b.png", "c.png", "d.png"].map(|name| stars(&table, name)),
        [0, 4, 4, 4]
    );
    assert_eq!(table.undo(), Some("Rate"));
    assert_eq!(["b.png", "d.png"].map(|name| stars(&table, name)), [0, 0]);
    assert_eq!(table.redo(), Some("Rate"));
    table.magnification = Magnification::Loupe;
    table.decide(&Decision::Stars(1));
    assert_eq!(
        ["b.png", "c.png", "d.png"].map(|name| stars(&table, name)),
        [1, 4, 4],
        "undoing shows where it was"
    );
    drop(table);
    let entry = Entry::read(path("b.png"), Stamp::of(&path("b.png")).unwrap());
    assert_eq!(entry.marks().unwrap().stars, 1, "closing has written it");
}

#[test]
fn one_label_on_several_goes_only_when_all_have_it() {
    let (mut table, folder) = table(&["a.png", "b.png"]);
    let label = |table: &LightTable, name: &str| {
        table
            .catalogue()
            .get(&folder.path().join(name))
            .unwrap()
            .marks()
            .unwrap()
            .label
            .clone()
    };
    table.choose(&folder.path().join("a.png"), false, false);
    table.decide(&Decision::Label(Label::Red));
    table.choose_all();
    table.decide(&Decision::Label(Label::Red));
    assert_eq!(
        (label(&table, "a.png"), label(&table, "b.png")),
        (Some(Label::Red), Some(Label::Red))
    );
    table.decide(&Decision::Label(Label::Red));
    assert_eq!((label(&table, "a.png"), label(&table, "b.png")), (None, None));
}

#[test]
fn advancing_goes_on_and_what_a_filter_hides_makes_room_for_the_next() {
    let (mut table, _folder) = table(&["a.png", "b.png", "c.png"]);
    table.advance = true;
    table.decide(&Decision::Stars(2));
    assert_eq!(active(&table), "b.png");
    table.advance = false;
    table.ask(|query| query.toggle(Filter::Flag(Flag::None)));
    table.catch_up();
    table.decide(&Decision::Flag(Flag::Reject));
    table.catch_up();
    assert_eq!((active(&table).as_str(), table.answer().hidden), ("c.png", 1));
    table.undo();
    table.catch_up();
    assert_eq!(table.answer().hidden, 0);
}

#[test]
fn two_neighbours_are_compared_unless_more_are_selected() {
    let (mut table, folder) = table(&["a.png", "b.png", "c.png"]);
    let names = |table: &LightTable| {
        table
            .compared()
            .iter()
            .map(|entry| entry.name().into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&table), ["a.png", "b.png"]);
    table.step(2);
    assert_eq!(names(&table), ["c.png", "b.png"]);
    table.choose(&folder.path().join("a.png"), true, false);
    assert_eq!(names(&table), ["a.png", "c.png"]);
    table.magnification = Magnification::Compare;
    table.step(1);
    assert_eq!(
        (active(&table).as_str(), names(&table).len()),
        ("c.png", 2),
        "the keys go round among them"
    );
}
