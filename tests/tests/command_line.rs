//! The built program on real files, good and bad.

use std::path::Path;

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use tests::{refused, said, shiage, workspace};

/// Few steps: these tests look at files and messages, not at beauty.
const QUICK: [&str; 4] = ["--steps", "2", "--reference-guidance", "1"];

fn sample(name: &str, file: &str) -> String {
    workspace()
        .join("assets/samples")
        .join(name)
        .join(file)
        .to_string_lossy()
        .into_owned()
}

fn colorize(folder: &Path, arguments: &[&str]) -> std::process::Output {
    shiage(folder, &[&["colorize"], arguments, &QUICK].concat())
}

fn pixels(path: &Path) -> RgbImage {
    image::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .to_rgb8()
}

/// Mean absolute difference over the pixels where the mask is white (or black), in 0..=255.
fn difference(a: &RgbImage, b: &RgbImage, mask: &GrayImage, white: bool) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for ((a, b), mask) in a.pixels().zip(b.pixels()).zip(mask.pixels()) {
        if (mask.0[0] > 127) == white {
            sum += (0..3)
                .map(|channel| f64::from(a.0[channel].abs_diff(b.0[channel])))
                .sum::<f64>()
                / 3.0;
            count += 1.0;
        }
    }
    sum / count
}

fn first_sample() -> &'static str {
    app::samples::SAMPLES[0].name
}

/// A hat in the sample "hand", and the sky far from it: left, top, width, height.
const HAT: [u32; 4] = [370, 90, 120, 40];
const SKY: [u32; 4] = [0, 0, 160, 60];

/// Mean colour of a part of a picture.
fn mean(picture: &RgbImage, [left, top, width, height]: [u32; 4]) -> Rgb<u8> {
    let part = image::imageops::crop_imm(picture, left, top, width, height).to_image();
    let count = u64::from(width * height);
    Rgb([0, 1, 2].map(|channel| {
        let sum: u64 = part.pixels().map(|pixel| u64::from(pixel.0[channel])).sum();
        (sum / count) as u8
    }))
}

#[test]
fn a_dab_of_colour_is_followed_and_the_recipe_keeps_it() {
    const RED: Rgb<u8> = Rgb([200, 30, 40]);
    let folder = tempfile::tempdir().unwrap();
    let dab = |x: u32, y: u32| x.abs_diff(430).pow(2) + y.abs_diff(110).pow(2) < 200;
    let hints = RgbaImage::from_fn(768, 768, |x, y| {
        let Rgb([r, g, b]) = RED;
        if dab(x, y) { Rgba([r, g, b, 255]) } else { Rgba([0; 4]) }
    });
    hints.save(folder.path().join("hints.png")).unwrap();
    RgbaImage::new(768, 768).save(folder.path().join("empty.png")).unwrap();
    let make = |arguments: &[&str], out: &str| {
        let output = colorize(
            folder.path(),
            &[&["--sample", "hand", "--no-lines", "--out", out], arguments].concat(),
        );
        assert!(output.status.success(), "{}", said(&output));
        pixels(&folder.path().join(out))
    };
    let apart = |a, b| engine::image::lab::difference(engine::image::lab::lab(a), engine::image::lab::lab(b));
    let bare = make(&[], "bare.png");
    assert!(
        bare == make(&["--hints", "empty.png"], "empty-hints.png"),
        "nothing painted changes nothing"
    );
    assert!(bare == make(&["--hints", "hints.png", "--hint-strength", "0"], "off.png"));
    let red = make(&["--hints", "hints.png"], "red.png");
    let (before, after) = (apart(mean(&bare, HAT), RED), apart(mean(&red, HAT), RED));
    assert!(before > 20.0 && after < 6.0, "{before} before, {after} after");
    let sky = apart(mean(&bare, SKY), mean(&red, SKY));
    assert!(sky < 4.0, "the sky moved by {sky}");
    let exact = make(&["--hints", "hints.png", "--hint-exact"], "exact.png");
    assert!(apart(mean(&exact, HAT), RED) > after + 5.0, "only where it is painted");

    let output = shiage(folder.path(), &["colorize", "--recipe", "exact.png", "--out", "again.png"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(exact == pixels(&folder.path().join("again.png")));
    RgbaImage::new(768, 768).save(folder.path().join("hints.png")).unwrap();
    let output = shiage(folder.path(), &["colorize", "--recipe", "exact.png", "--out", "again.png"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("hints.png is not the picture"), "{}", said(&output));
    let output = colorize(
        folder.path(),
        &["--sample", "hand", "--hints", "hints.png", "--hint-strength", "2"],
    );
    assert!(said(&output).contains("from 0 to 1"), "{}", said(&output));
}

#[test]
fn a_sample_becomes_a_picture_and_its_recipe_repeats_it_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let output = colorize(
        folder.path(),
        &["--sample", "--seed", "5", "--out", "a.png", "--previews", "steps"],
    );
    assert!(output.status.success(), "{}", said(&output));
    let first = pixels(&folder.path().join("a.png"));
    assert_eq!(
        std::fs::read_dir(folder.path().join("steps")).unwrap().count(),
        2,
        "a preview a step"
    );

    let output = shiage(folder.path(), &["colorize", "--recipe", "a.png", "--out", "b.png"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        first == pixels(&folder.path().join("b.png")),
        "the recipe gives the same pixels"
    );

    let output = shiage(
        folder.path(),
        &["colorize", "--recipe", "a.png", "--seed", "6", "--out", "c.png"],
    );
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        first != pixels(&folder.path().join("c.png")),
        "another seed gives another picture"
    );
}

#[test]
fn a_batch_is_numbered_and_each_of_its_recipes_repeats_its_own_picture() {
    let folder = tempfile::tempdir().unwrap();
    let batch = ["--sampler", "euler-a", "--batch", "2", "--batch-one-noise", "--soft-mask"];
    let reference = sample(first_sample(), "reference.png");
    let injection = ["--injection", &reference, "--injection-start", "0.2"];
    let arguments = [&["--sample", "--seed", "5", "--out", "a.png"], &batch[..], &injection[..]].concat();
    let output = colorize(folder.path(), &arguments);
    assert!(output.status.success(), "{}", said(&output));
    let [first, second] = ["a-1.png", "a-2.png"].map(|name| pixels(&folder.path().join(name)));
    assert!(first != second, "seeds count up");
    assert!(!folder.path().join("a.png").exists());

    let output = shiage(folder.path(), &["colorize", "--recipe", "a-2.png", "--out", "b.png"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(second == pixels(&folder.path().join("b.png")));
}

#[test]
fn a_large_picture_is_decoded_in_tiles() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "colorize",
        "--sample",
        "--out",
        "a.png",
        "--size",
        "832x832",
        "--steps",
        "1",
        "--reference-guidance",
        "1",
    ];
    let output = shiage(folder.path(), &arguments);
    assert!(output.status.success(), "{}", said(&output));
    assert!(pixels(&folder.path().join("a.png")).pixels().any(|pixel| pixel.0 != [255; 3]));
}

#[test]
fn files_go_in_and_the_sketch_s_size_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let name = first_sample();
    let sketch = sample(name, "sketch.png");
    let output = colorize(
        folder.path(),
        &[
            "--sketch",
            &sketch,
            "--reference",
            &sample(name, "reference.png"),
            "--sketch-mask",
            &sample(name, "sketch-mask.png"),
            "--reference-mask",
            &sample(name, "reference-mask.png"),
            "--out",
            "o.png",
        ],
    );
    assert!(output.status.success(), "{}", said(&output));
    let picture = pixels(&folder.path().join("o.png"));
    let lines = pixels(Path::new(&sketch));
    assert_eq!(picture.dimensions(), lines.dimensions());
    // The drawing is kept: where there is ink, the picture is at least as dark.
    for (picture, line) in picture.pixels().zip(lines.pixels()) {
        assert!((0..3).all(|channel| picture.0[channel] <= line.0[channel]));
    }
}

#[test]
fn the_reference_decides_the_colours_and_a_background_only_the_background() {
    let folder = tempfile::tempdir().unwrap();
    let name = first_sample();
    let mask = image::open(sample(name, "sketch-mask.png")).unwrap().to_luma8();
    let run = |extra: &[&str], out: &str| {
        let output = shiage(
            folder.path(),
            &[&["colorize", "--sample", name, "--no-lines", "--out", out], extra].concat(),
        );
        assert!(output.status.success(), "{}", said(&output));
        pixels(&folder.path().join(out))
    };
    let plain = run(&[], "plain.png");
    let other = run(
        &[
            "--reference",
            &sample(name, "reference-2.png"),
            "--reference-mask",
            &sample(name, "reference-2-mask.png"),
        ],
        "other.png",
    );
    assert!(
        difference(&plain, &other, &mask, true) > 10.0,
        "another reference gives the figure other colours"
    );
    let background = run(&["--background", &sample(name, "background.png")], "background.png");
    let behind = difference(&plain, &background, &mask, false);
    let figure = difference(&plain, &background, &mask, true);
    assert!(
        behind > 10.0,
        "another background reference changes the background ({behind:.1})"
    );
    assert!(
        figure < behind / 2.0,
        "and leaves the figure ({figure:.1} against {behind:.1})"
    );
}

#[test]
fn bad_input_is_named_with_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    let name = first_sample();
    let (sketch, reference) = (sample(name, "sketch.png"), sample(name, "reference.png"));
    std::fs::write(folder.path().join("text.png"), "not a picture").unwrap();
    let whole = std::fs::read(&sketch).unwrap();
    std::fs::write(folder.path().join("half.png"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.path().join("bad.safetensors"), &whole).unwrap();
    for (arguments, wanted) in [
        (vec!["--reference", &reference], "--sketch"),
        (vec!["--sketch", &sketch], "--reference"),
        (vec!["--sketch", "nowhere.png", "--reference", &reference], "nowhere.png"),
        (vec!["--sketch", "text.png", "--reference", &reference], "text.png"),
        (vec!["--sketch", "half.png", "--reference", &reference], "half.png"),
        (vec!["--sample", "no-such-scene"], name),
        (vec!["--sample", "--out", "o.gif"], "o.gif"),
        (vec!["--sample", "--out", "no/such/folder/o.png"], "no/such/folder"),
        (vec!["--recipe", "text.png"], "text.png"),
        (vec!["--recipe", &sketch], "no recipe"),
        (vec!["--sample", "--model", "bad.safetensors"], "bad.safetensors"),
        (
            vec!["--sketch", &sketch, "--reference", &reference, "--mode", "split"],
            "mask",
        ),
        (vec!["--sample", "--steps", "0"], "--steps"),
        (vec!["--sample", "--prompt", "blonde hair"], "is no part of a prompt"),
        (vec!["--sample", "--prompt", "[target] red snow"], "the word \"snow\""),
        (vec!["--sample", "--size", "100x100"], "64"),
    ] {
        let output = colorize(folder.path(), &arguments);
        refused(&output, &arguments, wanted);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "nothing half-made stays: {left:?}");
}

#[test]
fn a_changed_input_is_not_repeated_silently() {
    let folder = tempfile::tempdir().unwrap();
    let name = first_sample();
    let copy = folder.path().join("drawing.png");
    std::fs::copy(sample(name, "sketch.png"), &copy).unwrap();
    let reference = sample(name, "reference.png");
    let output = colorize(
        folder.path(),
        &["--sketch", "drawing.png", "--reference", &reference, "--out", "o.png"],
    );
    assert!(output.status.success(), "{}", said(&output));
    RgbImage::from_pixel(64, 64, Rgb([255; 3])).save(&copy).unwrap();
    let output = shiage(folder.path(), &["colorize", "--recipe", "o.png", "--out", "p.png"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("drawing.png"), "{}", said(&output));
}

#[test]
fn odd_but_honest_pictures_work() {
    let folder = tempfile::tempdir().unwrap();
    GrayImage::from_pixel(1, 1, Luma([255]))
        .save(folder.path().join("mask.png"))
        .unwrap();
    RgbImage::from_pixel(1, 1, Rgb([255; 3]))
        .save(folder.path().join("dot.png"))
        .unwrap();
    RgbImage::from_fn(300, 20, |x, _| Rgb([(x % 256) as u8; 3]))
        .save(folder.path().join("strip.png"))
        .unwrap();
    // A PNG by content, whatever its name says.
    std::fs::rename(folder.path().join("strip.png"), folder.path().join("strip.jpg")).unwrap();
    let output = colorize(
        folder.path(),
        &[
            "--sketch",
            "strip.jpg",
            "--reference",
            "dot.png",
            "--sketch-mask",
            "mask.png",
            "--reference-mask",
            "mask.png",
            "--out",
            "o.png",
        ],
    );
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(pixels(&folder.path().join("o.png")).dimensions(), (300, 20));
}

#[test]
fn the_devices_are_listed() {
    let output = std::process::Command::new(tests::program())
        .args(["--device", "list"])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("cpu"));
}

#[test]
fn the_gallery_exports_without_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let takes = folder.path().join("takes");
    std::fs::create_dir(&takes).unwrap();
    for (name, value) in [("a.png", 20), ("b.png", 120), ("c.png", 220)] {
        RgbImage::from_pixel(64, 64, Rgb([value, 60, 90]))
            .save(takes.join(name))
            .unwrap();
    }
    let gallery = |arguments: &[&str]| shiage(folder.path(), &[&["gallery", "takes"], arguments].concat());
    let output = gallery(&[
        "--sheet",
        "sheet.png",
        "--csv",
        "table.csv",
        "--copy",
        "copies",
        "--search",
        "name:a",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    // One picture in its square, with a title over it and a caption under it.
    assert_eq!(pixels(&folder.path().join("sheet.png")).dimensions(), (288, 360));
    let table = std::fs::read_to_string(folder.path().join("table.csv")).unwrap();
    assert_eq!(table.lines().count(), 2);
    assert!(table.lines().nth(1).unwrap().starts_with("a.png,0,,,,"), "{table}");
    assert!(folder.path().join("copies/a.png").exists() && !folder.path().join("copies/b.png").exists());
    for (arguments, words) in [
        (&["--sheet", "sheet.tiff"][..], "sheet.tiff ends neither in .png nor in .pdf"),
        (&["--csv", "t.csv", "--search", "flag:picked"], "no picture in takes is found"),
        (&["--search", "a"], "--search goes with"),
    ] {
        let output = gallery(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    // A document's takes are no files of a folder.
    std::fs::write(folder.path().join("girl.ora"), "").unwrap();
    for (name, words) in [
        ("girl.ora", "is a document: its takes leave it from the studio"),
        ("takes/a.png", "is not a folder"),
        ("none", "none does not exist"),
    ] {
        let output = shiage(folder.path(), &["gallery", name, "--csv", "t.csv"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
}
