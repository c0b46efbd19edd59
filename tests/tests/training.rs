//! `shiage train --data` on the built program, and what it writes at work in `shiage colorize`.

use std::path::Path;

use image::{Rgb, RgbImage};
use tests::{said, shiage};

#[test]
fn a_folder_of_pictures_becomes_an_adapter_that_a_request_can_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    discs(&path("pictures"));
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

/// Four discs on a ground, 96 pixels a side.
fn discs(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for number in 0..4_u8 {
        disc(number).save(folder.join(format!("{number}.png"))).unwrap();
    }
}

fn disc(number: u8) -> RgbImage {
    let inside = |x: u32, y: u32| (x as f32 - 48.0).hypot(y as f32 - 50.0) < 24.0 + f32::from(number);
    RgbImage::from_fn(96, 96, |x, y| {
        Rgb(if inside(x, y) {
            [200, 60 + number * 20, 40]
        } else {
            [90, 150, 220]
        })
    })
}

fn train(folder: &Path, more: &[&str]) -> std::process::Output {
    let usual = ["train", "--out", "run", "--batch", "2", "--size", "64"];
    shiage(folder, &[&usual[..], more].concat())
}

#[test]
fn archives_in_the_published_layout_are_trained_on_and_both_adapters_come_out_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // color/0001.zip, sketch/0001.zip and mask/0001.zip, with the same paths inside.
    for (side, kind) in ["color", "sketch", "mask"].into_iter().zip(0..) {
        std::fs::create_dir_all(data.join(side)).unwrap();
        let file = std::fs::File::create(data.join(side).join("0001.zip")).unwrap();
        let mut zip = zip::ZipWriter::new(file);
        for number in 0..4_u8 {
            let picture = disc(number);
            let picture = match kind {
                0 => picture,
                1 => RgbImage::from_pixel(96, 96, Rgb([255; 3])),
                _ => RgbImage::from_fn(
                    96,
                    96,
                    |x, y| Rgb([if picture.get_pixel(x, y)[0] > 150 { 255 } else { 0 }; 3]),
                ),
            };
            let mut bytes = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            zip.start_file(format!("a/{number}.png"), zip::write::SimpleFileOptions::default())
                .unwrap();
            std::io::Write::write_all(&mut zip, bytes.get_ref()).unwrap();
        }
        zip.finish().unwrap();
    }
    let output = train(folder.path(), &["--data", "data", "--steps", "2", "--stage", "both"]);
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.contains("3 pictures to train on, 1 to measure on\n"),
        "nothing is extracted: {told}"
    );
    assert!(told.contains("stage 2 of 2, Background: 2/2"), "{told}");
    assert!(!folder.path().join("run/extracted").exists());
    let adapter = std::fs::read(folder.path().join("run/adapters.safetensors")).unwrap();
    let header = String::from_utf8_lossy(&adapter[..adapter.len().min(200_000)]).into_owned();
    assert!(
        header.contains("lora_up_fg") && header.contains("lora_up_bg"),
        "both sides are in the file"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_without_room_takes_checkpoints_but_not_the_run_and_the_end_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    discs(&folder.path().join("pictures"));
    // No file may become larger than 256 KB, as if the disk were full: small ones fit, checkpoints and the adapters do not.
    let line = format!(
        "trap '' XFSZ; ulimit -f 256; exec '{}' train --data pictures --out run --batch 2 --size 64 --steps 3 --checkpoint-every 1 --device cpu",
        tests::program().display()
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &line])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.contains("the run goes on, and saves again later"),
        "{told}{}",
        said(&output)
    );
    assert!(told.contains("3/3"), "every step was taken: {told}");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("has room"), "{}", said(&output));
    let left = std::fs::read_dir(folder.path().join("run")).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.ends_with(".partial")), "{left:?}");
    // With room again the same command brings the run to its end.
    let output = train(folder.path(), &["--data", "pictures", "--steps", "3"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    discs(&folder.path().join("pictures"));
    let output = train(
        folder.path(),
        &["--data", "pictures", "--steps", "20", "--learning-rate", "1e30"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("lower its learning rate"), "{}", said(&output));
}

#[test]
fn a_helper_takes_half_of_every_batch() {
    let folder = tempfile::tempdir().unwrap();
    discs(&folder.path().join("pictures"));
    let output = train(folder.path(), &["--data", "pictures", "--steps", "2", "--helper", "cpu"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("CPU helps"));
    let output = train(folder.path(), &["--data", "pictures", "--helper", "gpu:99"]);
    tests::refused(&output, &["--helper", "gpu:99"], "no device gpu:99");
}
