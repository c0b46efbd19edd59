//! Palettes that are kept from one run to the next.

use super::*;

fn names(session: &Session) -> Vec<String> {
    session.palettes().iter().map(|palette| palette.name.clone()).collect()
}

#[test]
fn two_windows_keep_each_others_palettes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("palettes.ron");
    let window = |name: &str| {
        let mut session = opened();
        session.remember_palettes(file.clone());
        session.run(Command::NewPalette);
        session.change_palette(|palette| palette.name = name.to_owned());
        // One after the other: what two windows write in the same moment is the disk's business.
        session.finish();
        session
    };
    let (mut other, _one) = (window("hair"), window("skin"));
    other.change_palette(|palette| palette.name = "hair of the hero".to_owned());
    other.finish();
    let mut next = opened();
    next.remember_palettes(file);
    wait(&mut next, "the palettes", |session| {
        names(session).iter().any(|name| name == "hair of the hero")
    });
    assert!(names(&next).contains(&"skin".to_owned()), "{:?}", names(&next));
    next.run(Command::RemovePalette);
    let left = names(&next);
    next.finish();
    let text = std::fs::read_to_string(folder.path().join("palettes.ron")).unwrap();
    assert!(left.iter().all(|name| text.contains(name.as_str())) && text.matches("name:").count() == left.len());
}

#[test]
fn the_palette_in_use_is_in_use_again_when_the_program_starts() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let mut session = opened();
        session.remember_habits(folder.path().join("habits.ron"));
        session.remember_palettes(folder.path().join("palettes.ron"));
        wait(&mut session, "what was kept", Session::take_habits);
        session
    };
    let in_use = |session: &Session| session.palette_in_use().0.name.clone();
    let mut first = open();
    first.run(Command::NewPalette);
    first.run(Command::NewPalette);
    first.use_palette(1);
    let (used, all) = (in_use(&first), names(&first));
    first.finish();
    let mut again = open();
    wait(&mut again, "the palettes", |session| names(session) == all);
    assert_eq!(in_use(&again), used);
    again.finish();
    // A palette that is gone is in use no more.
    std::fs::write(folder.path().join("palettes.ron"), "[(name: \"skin\", swatches: [])]").unwrap();
    let mut last = open();
    wait(&mut last, "the other palettes", |session| names(session) == ["skin"]);
    assert_eq!(in_use(&last), "skin");
}
