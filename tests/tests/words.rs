//! Words through the built program, on the model in the program: a prompt that changes the part it names, the map of where it is heeded, words that the
//! model does not know.

use std::fs;
use std::path::Path;

use engine::image::lab::{self, Lab};
use engine::training::scenes::{Example, example};
use engine::training::words::{COLORS, PARTS, Part};
use image::{DynamicImage, GrayImage, Rgb, RgbImage};
use tests::{refused, said, shiage};

/// A seed that no training run uses, and one of its scenes with much hair.
const SCENE: (u64, u64) = (77, 2027);
const SIZE: u32 = 256;

/// The scene's pictures as files, and the scene.
fn scene(folder: &Path) -> Example {
    let scene = example(SCENE.0, SCENE.1, SIZE);
    let files: [(&str, DynamicImage); 4] = [
        ("sketch.png", scene.sketch.clone().into()),
        ("sketch-mask.png", scene.sketch_mask.clone().into()),
        ("reference.png", scene.reference.clone().into()),
        ("reference-mask.png", scene.reference_mask.clone().into()),
    ];
    for (name, picture) in files {
        picture.save(folder.join(name)).unwrap();
    }
    scene
}

fn part(name: &str) -> &'static Part {
    PARTS.iter().find(|part| part.names.contains(&name)).unwrap()
}

fn run(folder: &Path, arguments: &[&str]) {
    let output = shiage(folder, arguments);
    assert!(output.status.success(), "{}", said(&output));
}

fn open(folder: &Path, name: &str) -> RgbImage {
    image::open(folder.join(name)).unwrap().to_rgb8()
}

/// The scene in a few steps, made into `out`.
fn colorize(folder: &Path, out: &str, arguments: &[&str]) -> RgbImage {
    let fixed = [
        "colorize",
        "--sketch",
        "sketch.png",
        "--sketch-mask",
        "sketch-mask.png",
        "--reference",
        "reference.png",
        "--reference-mask",
        "reference-mask.png",
        "--steps",
        "6",
        "--out",
        out,
    ];
    run(folder, &[&fixed, arguments].concat());
    open(folder, out)
}

/// Colours of the pixels that are of a part, and of the others.
fn sides(picture: &RgbImage, regions: &GrayImage, part: &Part) -> [Vec<Lab>; 2] {
    let mut sides = [Vec::new(), Vec::new()];
    for (color, region) in lab::lab_pixels(picture).into_iter().zip(regions.as_raw()) {
        sides[usize::from(!part.has(*region))].push(color);
    }
    sides
}

#[test]
fn a_prompt_changes_the_part_it_names_more_than_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (scene, hair) = (scene(folder), part("hair"));
    let plain = colorize(folder, "plain.png", &[]);
    let prompted = colorize(folder, "prompted.png", &["--prompt", "[target] red hair; [control] hair"]);
    let [before, after] = [&plain, &prompted].map(|picture| sides(picture, &scene.sketch_regions, hair));
    let changed = |side: usize| {
        let pairs = before[side].iter().zip(&after[side]);
        pairs.map(|(before, after)| lab::difference(*before, *after)).sum::<f32>() / before[side].len() as f32
    };
    assert!(
        changed(0) > 2.0 * changed(1),
        "hair changed by {}, the rest by {}",
        changed(0),
        changed(1)
    );
    let red = COLORS.iter().find(|color| color.names.contains(&"red")).unwrap();
    let [far, near] = [&before, &after].map(|sides| {
        let mean = lab::mean(sides[0].iter().copied()).unwrap();
        lab::difference(mean, lab::lab(Rgb(red.rgb)))
    });
    assert!(near < far - 5.0, "from red, the hair was {far} away and is {near}");

    // The recipe has the words, and can do without.
    let again = |out: &str, arguments: &[&str]| {
        run(
            folder,
            &[&["colorize", "--recipe", "prompted.png", "--out", out], arguments].concat(),
        );
        open(folder, out)
    };
    assert_eq!(again("again.png", &[]), prompted);
    assert_eq!(again("without.png", &["--no-prompts"]), plain);
}

#[test]
fn a_map_is_warm_where_its_control_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let scene = scene(folder);
    let prompt = "[target] red hair; [control] hair";
    run(
        folder,
        &[
            "heatmap",
            "--reference",
            "reference.png",
            "--prompt",
            prompt,
            "--out",
            "map.png",
        ],
    );
    let map = open(folder, "map.png");
    assert_eq!(map.dimensions(), scene.reference.dimensions());
    let warm = |inside: bool| {
        let pixels = map.pixels().zip(scene.reference_regions.as_raw());
        let of_side: Vec<bool> = pixels
            .filter(|(_, region)| part("hair").has(**region) == inside)
            .map(|(pixel, _)| pixel.0[0] > pixel.0[2].saturating_add(20))
            .collect();
        of_side.iter().filter(|warm| **warm).count() as f32 / of_side.len() as f32
    };
    assert!(
        warm(true) > 0.6 && warm(false) < 0.25,
        "warm: {} of the hair, {} of the rest",
        warm(true),
        warm(false)
    );
}

#[test]
fn half_precision_where_there_is_none_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    scene(folder.path());
    // Where it is meant does not depend on how much of it is wanted.
    let prompt = "[target] red hair; [control] hair; [scale] 0";
    let plain = ["heatmap", "--reference", "reference.png", "--prompt", prompt];
    for (arguments, told) in [(&[][..], 0), (&["--half"], 1)] {
        let output = shiage(folder.path(), &[arguments, &plain].concat());
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(
            said(&output).matches("--half has no effect on CPU").count(),
            told,
            "{}",
            said(&output)
        );
    }
}

#[test]
fn a_word_that_the_model_does_not_know_is_named_beside_those_that_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let prompt = "[target] red hair; [control] moustache";
    for arguments in [
        vec!["colorize", "--sample", "--prompt", prompt],
        vec!["heatmap", "--reference", "reference.png", "--prompt", prompt],
    ] {
        scene(folder.path());
        let output = shiage(folder.path(), &arguments);
        for words in ["the word \"moustache\"", "hair, skin", "red, "] {
            refused(&output, &arguments, words);
        }
        fs::read_dir(folder.path()).unwrap().for_each(|entry| {
            let name = entry.unwrap().file_name();
            assert!(
                !["seaside.png", "heatmap.png"].contains(&&*name.to_string_lossy()),
                "{name:?} was made"
            );
        });
    }
}
