//! What comes out of what goes in.

use std::path::Path;

use app::document::Role;
use app::generate::recipe::Recipe;
use image::{GrayImage, Rgb, RgbImage, Rgba, RgbaImage};
use tests::{said, shiage, workspace};

use super::{colorize, first_sample, pixels, sample};

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
fn the_readme_s_first_command_writes_what_it_says_and_a_recipe_is_repeated_without_a_name() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let first = readme.lines().find_map(|line| line.strip_prefix("cargo run --release -- "));
    let (arguments, words) = first.and_then(|first| first.split_once('#')).unwrap();
    assert!(words.ends_with("writes seaside.png"), "{words}");
    let folder = tempfile::tempdir().unwrap();
    let mut program = std::process::Command::new(tests::program());
    let output = program
        .current_dir(&folder)
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let first = pixels(&folder.path().join("seaside.png"));

    let output = shiage(folder.path(), &["colorize", "--recipe", "seaside.png"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(first == pixels(&folder.path().join("repeated.png")));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "and nothing else");
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
fn the_flats_of_each_picture_of_a_batch_are_a_document() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ink.gpl"), "GIMP Palette\n1 2 3 ink\n").unwrap();
    let batch = ["--sample", "--size", "128x128", "--batch", "2", "--out", "o.png"];
    let flats = ["--flats", "cels.ora", "--flats-palette", "ink.gpl"];
    let output = colorize(folder.path(), &[&batch[..], &flats].concat());
    assert!(output.status.success(), "{}", said(&output));
    for (name, seed) in [("cels-1.ora", 0), ("cels-2.ora", 1)] {
        let document = app::document::open(&folder.path().join(name)).unwrap().document;
        let canvas = document.canvas();
        let outer: Vec<&str> = canvas.children(None).map(|layer| layer.name.as_str()).collect();
        assert_eq!(outer, ["Take 1", "Take 1 as flats", "Sketch", "Sketch mask"], "{name}");
        let take = document.by_role(Role::Take).unwrap();
        let recipe: Recipe = ron::from_str(take.recipe.as_deref().unwrap()).unwrap();
        assert_eq!((recipe.settings.seed, recipe.lines), (seed, false));
    }
    // One that was saved again since is somebody's work.
    let worked_on = folder.path().join("cels-2.ora");
    app::document::save(&app::document::open(&worked_on).unwrap().document, &worked_on).unwrap();
    let before = std::fs::read(&worked_on).unwrap();
    let refused = colorize(folder.path(), &[&batch[..], &flats].concat());
    assert_eq!(refused.status.code(), Some(2));
    let words = said(&refused);
    assert!(words.contains("cels-2.ora is not as this program left it"), "{words}");
    assert!(std::fs::read(&worked_on).unwrap() == before);
}
