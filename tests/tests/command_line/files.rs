//! Files that are bad, changed or odd.

use image::{GrayImage, Luma, Rgb, RgbImage};
use tests::{refused, said, shiage};

use super::{colorize, first_sample, pixels, sample};

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
