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
