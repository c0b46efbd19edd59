use std::fs::{self, File};
use std::io::Write;

use image::{Luma, Rgb, RgbImage, Rgba, RgbaImage};
use zip::write::SimpleFileOptions;

use super::*;

fn picture(number: u8) -> RgbImage {
    RgbImage::from_fn(96, 64, |x, _| {
        Rgb(if x < 48 { [number * 10, 40, 90] } else { [240, 220, 200] })
    })
}

/// A folder `data` with these pictures, by their numbers, in the folder that goes with it.
fn data(places: &[(&str, u8)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    for (place, number) in places {
        keep(&picture(*number).into(), &data.join(place));
    }
    (folder, data)
}

fn keep(picture: &image::DynamicImage, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.save(path).unwrap();
}

/// Some loose pictures.
const LOOSE: [(&str, u8); 5] = [("0.png", 0), ("1.png", 1), ("2.png", 2), ("3.png", 3), ("4.png", 4)];

/// An archive of pictures, by their numbers.
fn zipped(path: &Path, entries: &[(&str, u8)]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (entry, number) in entries {
        let mut bytes = Cursor::new(Vec::new());
        picture(*number).write_to(&mut bytes, ImageFormat::Png).unwrap();
        zip.start_file(*entry, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes.get_ref()).unwrap();
    }
    zip.finish().unwrap();
}

fn open_beside(data: &Path, out: &Path) -> Result<Folder, TrainingError> {
    Folder::open(data, 0.2, 8, 1, out, usize::MAX)
}

fn open(data: &Path) -> Result<Folder, TrainingError> {
    open_beside(data, &data.join("../out"))
}

fn all(folder: &Folder) -> impl Iterator<Item = &Item> {
    folder.trained.iter().chain(&folder.held_out)
}

#[test]
fn companions_of_a_picture_are_no_pictures() {
    let places = [
        ("0.png", 0),
        ("0-background.png", 5),
        ("1.png", 1),
        ("sub/2.png", 2),
        ("lone-mask.png", 3),
    ];
    let (_folder, data) = data(&places);
    let mask = GrayImage::from_fn(96, 64, |x, _| Luma([if x < 24 { 255 } else { 0 }]));
    for name in ["0-mask.jpg", "sub/2-mask.png"] {
        keep(&mask.clone().into(), &data.join(name));
    }
    let opened = open(&data).unwrap();
    let mut names: Vec<_> = all(&opened).map(|item| item.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["0", "1", "lone-mask", "sub/2"]);
    assert_eq!(opened.count().without_mask, 2);
    let masked = all(&opened).find(|item| item.name == "sub/2").expect("it is listed");
    assert_eq!(opened.load(masked).unwrap().mask, mask);
}

#[test]
fn parts_find_each_other_in_folders_and_archives() {
    let places = [
        ("color/a/0.png", 0),
        ("color/a/1.png", 1),
        ("color/a/2.png", 2),
        ("color/a/3.png", 3),
    ];
    let (folder, data) = data(&places);
    // Light lines on black, and another ending; a mask of another size.
    let lines = GrayImage::from_fn(96, 64, |x, _| Luma([if x == 48 { 255 } else { 0 }]));
    keep(&lines.into(), &data.join("sketch/a/0.jpg"));
    let mask = GrayImage::from_fn(48, 32, |x, _| Luma([if x < 24 { 255 } else { 0 }]));
    keep(&mask.into(), &data.join("mask/a/0.png"));
    zipped(&data.join("color/more.zip"), &[("b/9.png", 9)]);

    let opened = open(&data).unwrap();
    let count = Count {
        trained: 4,
        held_out: 1,
        without_sketch: 4,
        without_mask: 4,
    };
    assert_eq!(opened.count(), count);
    let named = |name: &str| all(&opened).find(|item| item.name == name).expect("it is listed");
    assert_eq!(opened.load(named("more/b/9")).unwrap().color, picture(9));
    let own = opened.load(named("a/0")).unwrap();
    assert!(
        own.sketch.get_pixel(48, 30)[0] < 90 && own.sketch.get_pixel(10, 30)[0] > 200,
        "turned round"
    );
    assert_eq!(own.mask.dimensions(), (96, 64));
    // What was made is kept for a person to see.
    assert!(folder.path().join("out/extracted/sketch/more/b/9.png").is_file());
}

#[test]
fn lines_without_a_ground_are_drawn_on_white_paper() {
    let (_folder, data) = data(&[("color/0.png", 0), ("color/1.png", 1)]);
    let lines = RgbaImage::from_fn(96, 64, |x, _| Rgba([0, 0, 0, if x == 48 { 255 } else { 0 }]));
    keep(&lines.into(), &data.join("sketch/0.png"));
    let opened = open(&data).unwrap();
    let drawn = all(&opened).find(|item| item.name == "0").expect("it is listed");
    let paper = GrayImage::from_fn(96, 64, |x, _| Luma([if x == 48 { 0 } else { 255 }]));
    assert_eq!(opened.load(drawn).unwrap().sketch, paper);
}

#[test]
fn what_systems_keep_beside_pictures_is_none() {
    let (_folder, data) = data(&[("color/0.png", 0), ("color/a/1.png", 1)]);
    for shadow in ["._0.png", "a/._1.png", ".thumbnails/0.png", "._more.zip", "__MACOSX/0.png"] {
        let path = data.join("color").join(shadow);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "no picture").unwrap();
    }
    zipped(
        &data.join("color/more.zip"),
        &[("2.png", 2), ("__MACOSX/._2.png", 3), ("b/._3.png", 4)],
    );
    let opened = open(&data).unwrap();
    let mut names: Vec<_> = all(&opened).map(|item| item.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["0", "a/1", "more/2"]);
    // The chosen folder itself may be hidden.
    let hidden = data.join(".mine");
    fs::rename(data.join("color"), &hidden).unwrap();
    assert_eq!(all(&open(&hidden).unwrap()).count(), 3);
}

#[test]
fn a_folder_of_more_than_pictures_is_not_looked_through() {
    let (_folder, data) = data(&LOOSE);
    let open = |files| Folder::open(&data, 0.2, 8, 1, &data.join("../out"), files);
    assert_eq!(all(&open(5).unwrap()).count(), 5);
    let refused = open(4).unwrap_err().to_string();
    assert!(
        refused.contains("more than 4 files") && refused.contains("a folder of their own"),
        "{refused}"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_counts_once_by_whatever_links_it_is_reached() {
    use std::os::unix::fs::symlink;
    let (folder, data) = data(&[("a/0.png", 0), ("1.png", 1)]);
    keep(&picture(2).into(), &folder.path().join("elsewhere/2.png"));
    symlink(&data, data.join("a/itself")).unwrap();
    symlink(data.join("a"), data.join("again")).unwrap();
    symlink(folder.path(), data.join("up")).unwrap();
    symlink(folder.path().join("elsewhere"), data.join("linked")).unwrap();
    let opened = open(&data).unwrap();
    let mut names: Vec<_> = all(&opened).map(|item| item.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["1", "a/0", "linked/2"]);
}

#[test]
fn an_archive_writes_nothing_beside_the_extracted() {
    let (_folder, data) = data(&[]);
    let entries = ["one.png", "./two.png", "../../../out.png", "..\\..\\..\\out.png", "/out.png"];
    zipped(&data.join("stranger.zip"), &entries.map(|entry| (entry, 1)));
    let opened = open(&data).unwrap();
    let mut names: Vec<_> = all(&opened).map(|item| &item.name).collect();
    names.sort();
    assert_eq!(names, ["stranger/./two", "stranger/one"]);
}

#[test]
fn examples_are_cut_together_and_the_same_on_every_call() {
    let (_folder, data) = data(&LOOSE[..3]);
    let opened = open(&data).unwrap();
    let [first, again] = [0, 1].map(|_| opened.example(5, 64).unwrap());
    assert_eq!(first.color, again.color);
    assert_eq!(first.color.dimensions(), (64, 64));
    assert_eq!(first.reference_regions.dimensions(), (64, 64));
    // The line that was extracted lies where the colours change.
    let step = (1..64).max_by_key(|x| first.color.get_pixel(*x, 32)[1].abs_diff(first.color.get_pixel(*x - 1, 32)[1]));
    let ink = (0..64).min_by_key(|x| first.sketch.get_pixel(*x, 32)[0]);
    assert!(step.unwrap().abs_diff(ink.unwrap()) <= 2, "{step:?} {ink:?}");
    let names: std::collections::BTreeSet<_> = (0..2).map(|n| opened.example(n, 64).unwrap().color.into_raw()).collect();
    assert_eq!(names.len(), 2, "each comes once before one comes again");
}

#[test]
fn an_empty_folder_and_one_of_damaged_pictures_are_named() {
    let (_folder, data) = data(&[]);
    assert!(open(&data).unwrap_err().to_string().contains("0 pictures"));
    for number in 0..3 {
        fs::write(data.join(format!("{number}.png")), "no picture").unwrap();
    }
    let error = open(&data).unwrap().example(0, 64).err().expect("nothing to read");
    assert!(error.to_string().contains(".png"), "{error}");
}

#[test]
fn one_damaged_picture_is_told_of_once_and_passed_over() {
    let (_folder, data) = data(&LOOSE);
    let damaged = &open(&data).unwrap().trained[0].name.clone();
    fs::write(data.join(format!("{damaged}.png")), "no picture").unwrap();
    let opened = open(&data).unwrap();
    for number in 0..8 {
        opened.example(number, 64).unwrap();
    }
    let notes = opened.take_notes();
    assert!(notes.len() == 1 && notes[0].contains(&format!("{damaged}.png")), "{notes:?}");
    assert_eq!(opened.take_notes(), [""; 0]);
}

#[test]
fn where_nothing_can_be_kept_the_run_goes_on() {
    let (folder, data) = data(&LOOSE[..3]);
    // A file where the folder should be.
    fs::write(folder.path().join("out"), "").unwrap();
    let opened = open(&data).unwrap();
    opened.example(0, 64).unwrap();
    assert_eq!(opened.take_notes().len(), 1);
}

/// What a run into `out` inside of the pictures' folder made before is none of them.
const WITH_A_RUN: [(&str, u8); 7] = [
    ("0.png", 3),
    ("1.png", 3),
    ("2.png", 3),
    ("sketch/0.png", 3),
    ("mask/0.png", 3),
    ("out/samples-0001.png", 3),
    ("out/extracted/mask/1.png", 3),
];

#[test]
fn only_coloured_pictures_are_trained_on() {
    let (_folder, data) = data(&WITH_A_RUN);
    let opened = open_beside(&data, &data.join("out")).unwrap();
    let count = Count {
        trained: 2,
        held_out: 1,
        without_sketch: 2,
        without_mask: 2,
    };
    assert_eq!(opened.count(), count);
    // In the published layout too, wherever the run is.
    let (_folder, data) = self::data(&[
        ("color/0.png", 0),
        ("color/1.png", 1),
        ("color/2.png", 2),
        ("color/out/samples-0001.png", 3),
    ]);
    let opened = open_beside(&data, &data.join("color/out")).unwrap();
    assert_eq!(all(&opened).count(), 3);
}

#[test]
fn the_run_s_folder_is_known_by_any_path() {
    let (_folder, data) = data(&WITH_A_RUN);
    let roundabout = data.join("out/extracted/..");
    assert_eq!(all(&open_beside(&data, &roundabout).unwrap()).count(), 3);
    let error = open_beside(&data, &data.join("out/..")).unwrap_err().to_string();
    assert!(error.contains("choose another folder"), "{error}");
}

#[test]
fn a_side_may_be_one_archive() {
    let (_folder, data) = data(&[]);
    zipped(&data.join("color.zip"), &[("0.png", 0), ("1.png", 1), ("2.png", 2)]);
    zipped(&data.join("mask.zip"), &[("0.png", 0)]);
    let count = open(&data).unwrap().count();
    assert_eq!([count.trained, count.without_sketch, count.without_mask], [2, 3, 2]);
}
