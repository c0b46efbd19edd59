use super::*;
use crate::gallery::entry::Stamp;
use crate::gallery::filter::Filter;
use crate::gallery::marks::{Decision, Label};

fn table(names: &[&str]) -> (LightTable, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        image::RgbImage::new(2, 2).save(folder.path().join(name)).unwrap();
    }
    let waker: Waker = Arc::new(|| {});
    let mut table = LightTable::open(folder.path(), None, &waker).unwrap();
    let start = Instant::now();
    while *table.catalogue().progress() != Progress::Current {
        assert!(start.elapsed() < crate::PATIENCE);
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

#[test]
fn undoing_leaves_what_others_wrote_meanwhile() {
    let (mut table, folder) = table(&["a.png"]);
    let path = folder.path().join("a.png");
    table.decide(&Decision::Stars(3));
    let until = |table: &mut LightTable, what: &str, done: &dyn Fn(&crate::gallery::marks::Marks) -> bool| {
        let start = Instant::now();
        while !done(table.catalogue().get(&path).unwrap().marks().unwrap()) {
            assert!(start.elapsed() < crate::PATIENCE, "waited in vain for {what}");
            table.catalogue().look();
            std::thread::sleep(Duration::from_millis(2));
            table.catch_up();
        }
    };
    let written = || Entry::read(path.clone(), Stamp::of(&path).unwrap()).marks().cloned().unwrap();
    let start = Instant::now();
    while written().stars != 3 {
        assert!(start.elapsed() < crate::PATIENCE);
        std::thread::sleep(Duration::from_millis(2));
    }
    // Another program adds a note.
    crate::gallery::entry::change_marks(&path, |marks| marks.note = "theirs".to_owned()).unwrap();
    until(&mut table, "the note", &|marks| marks.note == "theirs");
    table.undo();
    drop(table);
    assert_eq!((written().stars, written().note.as_str()), (0, "theirs"));
}

#[test]
fn a_decision_about_a_broken_picture_says_why_there_is_none() {
    let (mut table, folder) = table(&["a.png", "b.png"]);
    std::fs::write(folder.path().join("c.png"), "torn").unwrap();
    let start = Instant::now();
    while table.answer().entries.len() < 3 {
        assert!(start.elapsed() < crate::PATIENCE);
        table.catalogue().look();
        std::thread::sleep(Duration::from_millis(2));
        table.catch_up();
    }
    table.choose(&folder.path().join("c.png"), false, false);
    table.decide(&Decision::Stars(3));
    let told = table.problem.take().unwrap();
    assert!(
        told.starts_with("c.png is broken and keeps no decisions: the file is"),
        "{told}"
    );
    table.choose_all();
    table.decide(&Decision::Stars(3));
    assert!(
        table
            .problem
            .take()
            .unwrap()
            .starts_with("One of the 3 chosen pictures is broken")
    );
    assert_eq!(["a.png", "b.png"].map(|name| stars(&table, name)), [3, 3]);
    assert!(!table.can_redo() && table.can_undo());
}

#[test]
fn more_than_nine_are_not_cut_in_silence() {
    let names: Vec<String> = (0..12).map(|number| format!("{number}.png")).collect();
    let (mut table, _folder) = table(&names.iter().map(String::as_str).collect::<Vec<_>>());
    table.choose_all();
    assert_eq!(table.left_out(), None, "nothing is compared yet");
    table.magnification = Magnification::Survey;
    assert_eq!((table.compared().len(), table.left_out()), (9, Some([9, 12])));
}

#[test]
fn of_more_than_nine_those_around_the_active_one_are_compared() {
    let names: Vec<String> = (0..12).map(|number| format!("{number}.png")).collect();
    let (mut table, folder) = table(&names.iter().map(String::as_str).collect::<Vec<_>>());
    table.choose_all();
    table.magnification = Magnification::Compare;
    let shown = |table: &LightTable| {
        let compared = table.compared();
        assert!(
            compared.iter().any(|entry| table.is_active(&entry.path)),
            "keys decide about it"
        );
        let [first, last] = [&compared[0], &compared[8]].map(|entry| entry.name().into_owned());
        (compared.len(), first, last)
    };
    let nine = |first: &str, last: &str| (9, first.to_owned(), last.to_owned());
    assert_eq!(shown(&table), nine("0.png", "8.png"));
    table.step(9);
    assert_eq!((active(&table).as_str(), shown(&table)), ("9.png", nine("1.png", "9.png")));
    table.step_to_end(true);
    assert_eq!((active(&table).as_str(), shown(&table)), ("11.png", nine("3.png", "11.png")));
    // What shows stays where it is while one goes about in it.
    table.choose_among(&folder.path().join("4.png"));
    assert_eq!((active(&table).as_str(), shown(&table)), ("4.png", nine("3.png", "11.png")));
    table.step(-2);
    assert_eq!((active(&table).as_str(), shown(&table)), ("2.png", nine("2.png", "10.png")));
    table.step(-3);
    assert_eq!((active(&table).as_str(), shown(&table)), ("11.png", nine("3.png", "11.png")));
    assert_eq!(table.selection_count(), 12, "all stay selected");
}

#[test]
fn counts_follow_what_is_chosen_picked_and_shown() {
    let (mut table, folder) = table(&["a.png", "b.png", "c.png", "d.png"]);
    let counts = |table: &LightTable| {
        assert_eq!(table.selection().len(), table.selection_count());
        assert_eq!(table.chosen().len(), table.chosen_count());
        assert_eq!(table.picked().len(), table.picked_count());
        [table.selection_count(), table.chosen_count(), table.picked_count()]
    };
    assert_eq!(counts(&table), [1, 1, 0]);
    table.choose_all();
    table.decide(&Decision::Flag(Flag::Pick));
    assert_eq!(counts(&table), [4, 4, 4]);
    table.let_go();
    assert_eq!((counts(&table), active(&table).as_str()), ([3, 3, 4], "b.png"));
    table.choose(&folder.path().join("d.png"), true, false);
    assert_eq!((counts(&table), active(&table).as_str()), ([2, 2, 4], "b.png"));
    table.choose(&folder.path().join("b.png"), true, false);
    assert_eq!((counts(&table), active(&table).as_str()), ([1, 1, 4], "c.png"));
    table.choose(&folder.path().join("c.png"), true, false);
    assert_eq!(counts(&table), [1, 1, 4], "one is always chosen");
    table.choose(&folder.path().join("b.png"), true, false);
    assert_eq!(counts(&table), [2, 2, 4]);
    table.decide_on(&folder.path().join("a.png"), &Decision::Flag(Flag::Reject));
    assert_eq!(counts(&table)[2], 3);
    // What a filter hides is let go.
    table.ask(|query| query.toggle(Filter::Flag(Flag::Reject)));
    table.catch_up();
    assert_eq!(counts(&table), [1, 1, 0]);
    table.magnification = Magnification::Loupe;
    table.ask(|query| query.filters.clear());
    table.catch_up();
    table.choose_all();
    assert_eq!(counts(&table), [4, 1, 3]);
    table.step_to_end(true);
    assert_eq!(counts(&table), [1, 1, 3]);
}
