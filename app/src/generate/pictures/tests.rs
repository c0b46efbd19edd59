//! Pictures and what belongs to them by name, patterns, and orders.

use super::*;

fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"").unwrap();
    }
    folder
}

fn names(pictures: &[PictureFile]) -> Vec<String> {
    pictures.iter().map(PictureFile::name).collect()
}

#[test]
fn a_folder_is_listed_in_natural_order_without_companions() {
    let folder = folder(&[
        "a10.png",
        "a2.PNG",
        "a2-mask.png",
        "a10-background.jpg",
        "lone-mask.png",
        "notes.txt",
        ".a3.png",
    ]);
    let pictures = list(&[folder.path().to_owned()], None).unwrap();
    assert_eq!(names(&pictures), ["a2", "a10", "lone-mask"]);
    assert_eq!(pictures[1].background, Some(folder.path().join("a10-background.jpg")));
    assert_eq!(pictures[1].mask, None);
}

#[test]
fn patterns_name_sequences() {
    let folder = folder(&["shot.0001.png", "shot.0010.png", "shot.12.png", "other.0001.png"]);
    let of = |pattern: &str| list(&[folder.path().join(pattern)], None).map(|pictures| names(&pictures));
    assert_eq!(of("shot.####.png").unwrap(), ["shot.0001", "shot.0010"]);
    assert_eq!(of("shot.%04d.png").unwrap(), ["shot.0001", "shot.0010"]);
    assert_eq!(of("shot.#.png").unwrap(), ["shot.0001", "shot.0010", "shot.12"]);
    assert_eq!(of("*.000?.png").unwrap(), ["other.0001", "shot.0001"]);
    assert!(matches!(of("nothing*.png"), Err(ListError::Empty { .. })));
    assert!(matches!(of("plain.png"), Err(ListError::Missing { .. })));
}

// Windows takes no such names.
#[cfg(unix)]
#[test]
fn what_patterns_are_written_with_may_stand_in_names() {
    let names_of = |name: &str, other: &str| {
        let folder = folder(&[name, other, "cut 12.0001.png", "cut [1] a.0001.png"]);
        names(&list(&[sequence_of(&folder.path().join(name))], None).unwrap())
    };
    for cut in [
        "cut #12", "cut *", "cut ?1", "cut %04d", "cut [1]", "cut [#]", "cut [", "c#t.01",
    ] {
        let [first, second] = ["0001", "0002"].map(|number| format!("{cut}.{number}"));
        let found = names_of(&format!("{first}.png"), &format!("{second}.png"));
        assert_eq!(found, [first, second], "{cut}");
    }
}

#[test]
fn drawings_come_in_natural_order_however_they_are_named_and_without_what_was_made_of_them() {
    let folder = folder(&[
        "1.png",
        "2.png",
        "10.jpg",
        "11.png",
        "10-color.png",
        "10-color-12.png",
        "x/3.png",
        "lone-color.png",
    ]);
    let of = |names: &[&str]| names.iter().map(|name| folder.path().join(name)).collect::<Vec<_>>();
    let listed = |paths: &[&str]| names(&drawings(&of(paths), None).unwrap());
    let shell = ["1.png", "10-color-12.png", "10-color.png", "10.jpg", "11.png", "2.png"];
    assert_eq!(listed(&shell), ["1", "2", "10", "11"]);
    assert_eq!(
        names(&list(&of(&shell), None).unwrap()),
        ["1", "10-color-12", "10-color", "10", "11", "2"],
        "as typed"
    );
    assert_eq!(
        names(&drawings_as_named(&of(&shell), None).unwrap()),
        ["1", "10", "11", "2"],
        "as typed"
    );
    assert_eq!(listed(&["11.png", "x/3.png", "2.png"]), ["11", "3", "2"], "of two folders");
    assert_eq!(listed(&["."]), ["1", "2", "10", "11", "lone-color"]);
    assert_eq!(listed(&["10-color.png"]), ["10-color"], "it alone is meant");
}

#[test]
fn one_frame_names_its_sequence() {
    let folder = folder(&[
        "cut1.0007.png",
        "cut1.0008.png",
        "cut1.0008-mask.png",
        "b9.png",
        "b10.png",
        "plain.png",
    ]);
    let of = |name: &str| names(&list(&[sequence_of(&folder.path().join(name))], None).unwrap());
    assert_eq!(of("cut1.0008.png"), ["cut1.0007", "cut1.0008"]);
    assert_eq!(of("b10.png"), ["b9", "b10"]);
    assert_eq!(of("plain.png"), ["plain"]);
}

#[test]
fn masks_may_lie_in_a_folder_of_their_own() {
    let folder = folder(&[
        "shot/1.jpg",
        "shot/1-mask.png",
        "masks/1.png",
        "shot/2.png",
        "masks/2-mask.png",
    ]);
    let masks = folder.path().join("masks");
    let pictures = list(&[folder.path().join("shot")], Some(&masks)).unwrap();
    let found: Vec<_> = pictures.iter().map(|picture| picture.mask.clone().unwrap()).collect();
    assert_eq!(found, [masks.join("1.png"), masks.join("2-mask.png")]);
}

#[test]
fn masks_that_are_not_there_or_fit_nothing_are_an_error() {
    let folder = folder(&["shot/1.png", "shot/1-mask.png", "masks/2.png", "notes"]);
    let of = |masks: &str| list(&[folder.path().join("shot")], Some(&folder.path().join(masks)));
    for masks in ["nowhere", "notes"] {
        assert!(matches!(of(masks), Err(ListError::NoMaskFolder { .. })), "{masks}");
    }
    let words = of("masks").unwrap_err().to_string();
    assert!(words.contains("masks") && words.contains("1.png"), "{words}");
    // No picture is its own mask.
    let beside = of("shot").unwrap();
    assert_eq!(beside[0].mask, Some(folder.path().join("shot/1-mask.png")));
}

// Other systems take no such names.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_have_companions_and_are_told_apart() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    // 線 and 面 in Shift-JIS.
    let at = |kanji: &[u8], rest: &str| folder.path().join(OsStr::from_bytes(&[kanji, rest.as_bytes()].concat()));
    let (line, face) = (b"\x90\xfc", b"\x96\xca");
    for rest in ["2.png", "2-mask.png", "2-background.jpg", "10.png"] {
        std::fs::write(at(line, rest), b"").unwrap();
    }
    std::fs::write(at(face, "2.png"), b"").unwrap();
    let pictures = list(&[folder.path().to_owned()], None).unwrap();
    let found: Vec<_> = pictures.iter().map(|picture| picture.picture.clone()).collect();
    assert_eq!(found, [at(line, "2.png"), at(line, "10.png"), at(face, "2.png")]);
    assert_eq!(names(&pictures), ["⢐⣼2", "⢐⣼10", "⢖⣊2"]);
    assert_eq!(pictures[0].mask, Some(at(line, "2-mask.png")));
    assert_eq!(pictures[0].background, Some(at(line, "2-background.jpg")));
    assert_eq!((&pictures[2].mask, pictures[1].frame()), (&None, Some(10)));
    let sequence = list(&[sequence_of(&at(line, "2.png"))], None).unwrap();
    assert_eq!(names(&sequence), ["⢐⣼2", "⢐⣼10"], "the other kanji is another shot");
    // Apart, under the picture's own name.
    let masks = folder.path().join("masks");
    std::fs::create_dir(&masks).unwrap();
    let mask = masks.join(at(face, "2.png").file_name().unwrap());
    std::fs::write(&mask, b"").unwrap();
    assert_eq!(PictureFile::new(at(face, "2.png"), Some(&masks)).mask, Some(mask));
    // Each of its bytes is three of text.
    let long = PictureFile::new(OsStr::from_bytes(&[&[0x90_u8; 200][..], b"7.png"].concat()).into(), None);
    assert!(
        long.name().len() <= LONGEST_STEM && long.frame() == Some(7),
        "{}",
        long.name()
    );
}

#[test]
fn the_frame_is_the_last_number() {
    let frame = |name: &str| PictureFile::new(name.into(), None).frame();
    assert_eq!(frame("sc02_cut7.0042.png"), Some(42));
    assert_eq!(frame("0042_clean.png"), Some(42));
    assert_eq!(frame("plain.png"), None);
    assert_eq!(frame("線画12.png"), Some(12));
}
