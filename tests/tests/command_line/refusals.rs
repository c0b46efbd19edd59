//! What is refused before any work: results that would be written over inputs, options that would do nothing, places that are not there.

use std::path::Path;

use app::gallery::metadata::{read_recipe, write_take};
use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use tests::{refused, said, shiage};

use super::{colorize, first_sample, pixels, sample};

/// A folder with a sketch, a reference and masks of the first sample, as a person may have them.
fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sketch.png", "reference.png", "sketch-mask.png", "reference-mask.png"] {
        std::fs::copy(sample(first_sample(), name), folder.path().join(name)).unwrap();
    }
    folder
}

const PAIR: [&str; 4] = ["--sketch", "sketch.png", "--reference", "reference.png"];
const MASKS: [&str; 4] = ["--sketch-mask", "sketch-mask.png", "--reference-mask", "reference-mask.png"];

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn no_input_is_written_over() {
    let folder = desk();
    let path = folder.path();
    let name = path.file_name().unwrap().to_str().unwrap();
    let before = std::fs::read(path.join("reference.png")).unwrap();
    let round_about = format!("./../{name}/reference.png");
    for out in ["sketch.png", "reference.png", round_about.as_str(), "reference-mask.png"] {
        let arguments = [&PAIR[..], &MASKS, &["--out", out]].concat();
        refused(&colorize(path, &arguments), &arguments, "is an input");
    }
    // Nor where nobody named the output: it goes beside the sketch.
    std::fs::copy(path.join("reference.png"), path.join("sketch-color.png")).unwrap();
    let arguments = ["--sketch", "sketch.png", "--reference", "sketch-color.png"];
    refused(&colorize(path, &arguments), &arguments, "sketch-color.png is an input");
    assert!(before == std::fs::read(path.join("sketch-color.png")).unwrap());
    assert!(before == std::fs::read(path.join("reference.png")).unwrap());

    let output = colorize(path, &[&PAIR[..], &["--out", "take.png"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    for out in ["take.png", "reference.png"] {
        let arguments = ["--recipe", "take.png", "--out", out];
        refused(&colorize(path, &arguments), &arguments, "is an input");
    }
    std::fs::copy(path.join("sketch.png"), path.join("step-001.png")).unwrap();
    let arguments = ["--sketch", "step-001.png", "--reference", "reference.png", "--previews", "."];
    refused(&colorize(path, &arguments), &arguments, "step-001.png");
    let heatmap = ["heatmap", "--reference", "reference.png", "--prompt", "[target] blonde hair"];
    let arguments = [&heatmap[..], &["--out", "reference.png"]].concat();
    refused(&shiage(path, &arguments), &arguments, "is an input");
}

#[test]
fn a_mask_that_is_not_used_is_named_with_the_one_that_is_missing() {
    let folder = desk();
    let made = |arguments: &[&str], words: &str| {
        let output = colorize(folder.path(), &[arguments, &["--out", "o.png"]].concat());
        assert!(output.status.success(), "{}", said(&output));
        match words {
            "" => assert!(!said(&output).contains("not used"), "{}", said(&output)),
            words => assert!(said(&output).contains(words), "{}", said(&output)),
        }
    };
    made(
        &[&PAIR[..], &MASKS[..2]].concat(),
        "the sketch mask is not used, for there is no reference mask",
    );
    made(
        &[&PAIR[..], &MASKS[2..]].concat(),
        "the reference mask is not used, for there is no sketch mask",
    );
    made(&["--sample", "--sketch", "sketch.png"], "the reference mask is not used");
    made(&[&PAIR[..], &MASKS].concat(), "");
    made(&PAIR, "");
}

#[test]
fn what_is_laid_over_a_picture_has_its_proportions() {
    let folder = desk();
    let path = folder.path();
    let (width, height) = pixels(&path.join("sketch.png")).dimensions();
    GrayImage::from_pixel(width, height / 2, Luma([255]))
        .save(path.join("flat.png"))
        .unwrap();
    RgbImage::from_pixel(width, height, Rgb([200, 40, 40]))
        .save(path.join("opaque.png"))
        .unwrap();
    RgbaImage::from_pixel(width, height / 2, Rgba([0; 4]))
        .save(path.join("low.png"))
        .unwrap();
    for (extra, wanted) in [
        (["--sketch-mask", "flat.png"], "flat.png is"),
        (["--reference-mask", "flat.png"], "flat.png is"),
        (["--hints", "low.png"], "low.png is"),
        (["--hints", "opaque.png"], "opaque all over"),
    ] {
        let arguments = [&PAIR[..], &extra].concat();
        refused(&colorize(path, &arguments), &arguments, wanted);
    }
    GrayImage::new(width, height).save(path.join("black.png")).unwrap();
    let black = [
        "--sketch-mask",
        "black.png",
        "--reference-mask",
        "reference-mask.png",
        "--out",
        "o.png",
    ];
    let output = colorize(path, &[&PAIR[..], &black].concat());
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("the sketch mask has no figure"), "{}", said(&output));
}

#[test]
fn a_recipe_of_another_model_and_another_device_says_so() {
    let folder = desk();
    let path = folder.path();
    let output = colorize(path, &[&PAIR[..], &["--out", "take.png"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let repeat = |take: &str| {
        let output = shiage(path, &["colorize", "--recipe", take, "--out", "again.png"]);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    assert!(!repeat("take.png").contains("differ"));
    let mut recipe = read_recipe(&path.join("take.png")).unwrap();
    recipe.model.hash = "ff".repeat(32);
    recipe.device = "another".to_owned();
    write_take(&path.join("other.png"), &pixels(&path.join("take.png")), None, &recipe).unwrap();
    let said = repeat("other.png");
    assert!(
        said.contains("the model in the program is not what the recipe was made with"),
        "{said}"
    );
    assert!(said.contains("made on another, this is CPU"), "{said}");
}

#[test]
fn what_would_do_nothing_or_go_nowhere_is_refused_before_the_work() {
    let folder = desk();
    let path = folder.path();
    std::fs::write(path.join("photo.jpg"), b"\xff\xd8\xff\xe0 no PNG").unwrap();
    std::fs::create_dir(path.join("folder")).unwrap();
    let before = names(path);
    for (line, wanted) in [
        ("colorize --sample --strength 0.5", "--start"),
        ("colorize --sample --hint-exact", "--hints"),
        ("colorize --sample --quality 50", "--quality"),
        ("colorize --sample --out folder", "is a folder; name a file"),
        ("colorize --sample --adapter=", "give a file"),
        ("colorize --sample --flats o.psd", "o.psd does not end in .ora"),
        ("colorize --sample --flats nowhere/o.ora", "nowhere does not exist"),
        ("colorize --sample --flats-layers one", "--flats"),
        (
            "colorize --sample --flats o.ora --flats-palette photo.jpg",
            "photo.jpg is no palette",
        ),
        (
            "colorize --sketch sketch.png --reference reference.png --mode split",
            "the mode split needs a sketch mask",
        ),
        ("colorize --recipe photo.jpg", "only a PNG carries a recipe"),
        ("evaluate --json nowhere/f.json", "nowhere does not exist"),
        ("evaluate --sheet s.gif", "s.gif"),
        ("evaluate --strength 0.5", "--strength"),
        ("gallery . --csv nowhere/t.csv", "nowhere does not exist"),
        ("gallery . --csv sketch.png", "is an input"),
        ("gallery . --sheet sheet.png", "write it elsewhere, or as .pdf"),
        (
            "gallery . --sheet folder/../folder/sheet.PNG",
            "write it elsewhere, or as .pdf",
        ),
        ("gallery . --copy folder/..", "choose another folder"),
        ("gallery . --csv t.csv --search zork:1", "field \"zork\""),
        ("train --data . --out run --size 100", "multiple of 64"),
        ("nope.png", "nope.png does not exist"),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        refused(&shiage(path, &arguments), &arguments, wanted);
    }
    assert_eq!(names(path), before, "nothing was made");
}
