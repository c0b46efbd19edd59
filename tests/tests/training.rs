//! `shiage train --data` on the built program, and what it writes at work in `shiage colorize`.

use image::{Rgb, RgbImage};
use tests::{said, shiage};

#[test]
fn a_folder_of_pictures_becomes_an_adapter_that_a_request_can_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("pictures")).unwrap();
    for number in 0..4_u8 {
        let disc = |x: u32, y: u32| (x as f32 - 48.0).hypot(y as f32 - 50.0) < 24.0 + f32::from(number);
        let picture = RgbImage::from_fn(96, 96, |x, y| {
            Rgb(if disc(x, y) {
                [200, 60 + number * 20, 40]
            } else {
                [90, 150, 220]
            })
        });
        picture.save(path(&format!("pictures/{number}.png"))).unwrap();
    }
    let train = |data: &str, more: &[&str]| {
        let usual = [
            "train", "--data", data, "--out", "run", "--steps", "2", "--batch", "2", "--size", "64",
        ];
        shiage(folder.path(), &[&usual[..], more].concat())
    };
    let output = train("pictures", &["--stage", "background"]);
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.contains("3 pictures to train on, 1 to measure on; 4 sketches are extracted and 4 masks proposed"),
        "{told}"
    );
    assert!(told.contains("on pictures that are not trained on"), "{told}");
    let adapter = "run/background.safetensors";
    assert!(path(adapter).is_file() && path("run/loss.png").is_file(), "{told}");
    assert!(path("run/extracted/sketch/0.png").is_file() && path("run/extracted/mask/0.png").is_file());

    // Another stage does not go on from this one's checkpoint.
    let other = train("pictures", &["--stage", "foreground"]);
    assert_eq!(other.status.code(), Some(2), "{}", said(&other));
    assert!(said(&other).contains("another stage"), "{}", said(&other));
    let empty = train("run/extracted/nothing", &[]);
    assert_eq!(empty.status.code(), Some(2), "{}", said(&empty));
    assert!(said(&empty).contains("nothing is no folder"), "{}", said(&empty));

    let colorize = |more: &[&str]| {
        let usual = ["colorize", "--steps", "1", "--reference-guidance", "1", "--size", "64x64"];
        shiage(folder.path(), &[&usual[..], more].concat())
    };
    let named = format!("{adapter}:0.5");
    let output = colorize(&["--sample", "--adapter", &named, "--out", "a.png"]);
    assert!(output.status.success(), "{}", said(&output));
    let output = colorize(&["--recipe", "a.png", "--out", "b.png"]);
    assert!(output.status.success(), "{}", said(&output));
    let open = |name: &str| image::open(path(name)).unwrap().to_rgb8();
    assert_eq!(open("a.png"), open("b.png"), "the recipe names the adapter");
    // Another file in its place is not what the recipe means.
    std::fs::copy(path("a.png"), path(adapter)).unwrap();
    let output = colorize(&["--recipe", "a.png", "--out", "c.png"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("background.safetensors"), "{}", said(&output));
}
