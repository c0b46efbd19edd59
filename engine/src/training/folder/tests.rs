use std::fs::{self, File};
use std::io::Write;

use image::{Luma, Rgb, RgbImage};
use zip::write::SimpleFileOptions;

use super::*;

fn picture(number: u8) -> RgbImage {
    RgbImage::from_fn(96, 64, |x, _| {
        Rgb(if x < 48 { [number * 10, 40, 90] } else { [240, 220, 200] })
    })
}

fn open(data: &Path) -> Result<Folder, TrainingError> {
    Folder::open(data, 0.2, 8, 1, &data.join("../out"))
}

#[test]
fn parts_find_each_other_in_folders_and_archives() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for side in ["color", "sketch", "mask"] {
        fs::create_dir_all(data.join(side).join("a")).unwrap();
    }
    for number in 0..4 {
        picture(number).save(data.join(format!("color/a/{number}.png"))).unwrap();
    }
    // Light lines on black, and another ending; a mask of another size.
    GrayImage::from_fn(96, 64, |x, _| Luma([if x == 48 { 255 } else { 0 }]))
        .save(data.join("sketch/a/0.jpg"))
        .unwrap();
    GrayImage::from_fn(48, 32, |x, _| Luma([if x < 24 { 255 } else { 0 }]))
        .save(data.join("mask/a/0.png"))
        .unwrap();
    let mut zip = zip::ZipWriter::new(File::create(data.join("color/more.zip")).unwrap());
    zip.start_file("b/9.png", SimpleFileOptions::default()).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture(9).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    zip.write_all(bytes.get_ref()).unwrap();
    zip.finish().unwrap();

    let opened = open(&data).unwrap();
    let count = Count {
        trained: 4,
        held_out: 1,
        without_sketch: 4,
        without_mask: 4,
    };
    assert_eq!(opened.count(), count);
    let all: Vec<_> = opened.trained.iter().chain(&opened.held_out).collect();
    let zipped = all
        .iter()
        .find(|item| item.name == "more/b/9")
        .expect("the archive's picture");
    assert_eq!(opened.load(zipped).unwrap().color, picture(9));
    let own = all.iter().find(|item| item.name == "a/0").expect("the folder's picture");
    let own = opened.load(own).unwrap();
    assert!(
        own.sketch.get_pixel(48, 30)[0] < 90 && own.sketch.get_pixel(10, 30)[0] > 200,
        "turned round"
    );
    assert_eq!(own.mask.dimensions(), (96, 64));
    // What was made is kept for a person to see.
    assert!(folder.path().join("out/extracted/sketch/more/b/9.png").is_file());
}

#[test]
fn an_archive_writes_nothing_beside_the_extracted() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let mut zip = zip::ZipWriter::new(File::create(data.join("stranger.zip")).unwrap());
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture(1).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    for entry in ["one.png", "./two.png", "../../../out.png", "..\\..\\..\\out.png", "/out.png"] {
        zip.start_file(entry, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes.get_ref()).unwrap();
    }
    zip.finish().unwrap();
    let opened = open(&data).unwrap();
    let mut names: Vec<_> = opened.trained.iter().chain(&opened.held_out).map(|item| &item.name).collect();
    names.sort();
    assert_eq!(names, ["stranger/./two", "stranger/one"]);
}

#[test]
fn examples_are_cut_together_and_the_same_on_every_call() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    for number in 0..3 {
        picture(number).save(data.join(format!("{number}.png"))).unwrap();
    }
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
    let folder = tempfile::tempdir().unwrap();
    assert!(open(folder.path()).unwrap_err().to_string().contains("0 pictures"));
    for number in 0..3 {
        fs::write(folder.path().join(format!("{number}.png")), "no picture").unwrap();
    }
    let error = open(folder.path()).unwrap().example(0, 64).err().expect("nothing to read");
    assert!(error.to_string().contains(".png"), "{error}");
}

#[test]
fn one_damaged_picture_is_told_of_once_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    (0..5).for_each(|number| picture(number).save(data.join(format!("{number}.png"))).unwrap());
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
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    (0..3).for_each(|number| picture(number).save(data.join(format!("{number}.png"))).unwrap());
    // A file where the folder should be.
    fs::write(folder.path().join("out"), "").unwrap();
    let opened = open(&data).unwrap();
    opened.example(0, 64).unwrap();
    assert_eq!(opened.take_notes().len(), 1);
}

#[test]
fn only_coloured_pictures_are_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    for place in [
        "0",
        "1",
        "2",
        "sketch/0",
        "mask/0",
        "out/samples-0001",
        "out/extracted/mask/1",
    ] {
        let file = data.join(format!("{place}.png"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        picture(3).save(file).unwrap();
    }
    let opened = Folder::open(data, 0.2, 8, 1, &data.join("out")).unwrap();
    let count = Count {
        trained: 2,
        held_out: 1,
        without_sketch: 2,
        without_mask: 2,
    };
    assert_eq!(opened.count(), count);
}

#[test]
fn a_side_may_be_one_archive() {
    let folder = tempfile::tempdir().unwrap();
    for (side, numbers) in [("color", 0..3), ("mask", 0..1)] {
        let mut zip = zip::ZipWriter::new(File::create(folder.path().join(format!("{side}.zip"))).unwrap());
        for number in numbers {
            let mut bytes = Cursor::new(Vec::new());
            picture(number).write_to(&mut bytes, ImageFormat::Png).unwrap();
            zip.start_file(format!("{number}.png"), SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes.get_ref()).unwrap();
        }
        zip.finish().unwrap();
    }
    let count = Folder::open(folder.path(), 0.2, 8, 1, Path::new("")).unwrap().count();
    assert_eq!([count.trained, count.without_sketch, count.without_mask], [2, 3, 2]);
}
