//! What the pixels say: fitted line art, the parts of pictures, every way to compare.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use app::gallery::entry::write_marks;
use app::gallery::marks::Marks;
use app::gallery::metadata::write_take;
use app::generate::recipe::{InputImage, RecipeInputs, hash_gray, hash_rgb};
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use egui_kittest::{SnapshotResults, try_image_snapshot};
use engine::request::Mode;
use engine::training::scenes::example;
use image::{GrayImage, Luma, Rgb, RgbImage};
use tests::desk::Desk;

use super::{choose, decoded, input, open_folder, recipe, spoilt, table, tile};

/// Opens a folder that holds these pictures.
fn lay_out(desk: &mut Desk, pictures: &[(&str, RgbImage)]) -> PathBuf {
    let folder = desk.folder.path().join("laid out");
    std::fs::create_dir(&folder).unwrap();
    for (name, picture) in pictures {
        picture.save(folder.join(name)).unwrap();
    }
    open_folder(desk, &folder, pictures.len());
    folder
}

#[test]
fn fitted_line_art_keeps_all_of_its_lines() {
    let mut desk = Desk::drawn(Theme::Dark);
    // Lines of one pixel, far enough apart to be told from each other at a third of the size.
    let lines = RgbImage::from_fn(1200, 1200, |x, _| Rgb([if x % 30 == 15 { 0 } else { 255 }; 3]));
    lay_out(&mut desk, &[("lines.png", lines)]);
    desk.press(Modifiers::NONE, Key::E);
    decoded(&mut desk);
    desk.harness.remove_cursor();
    desk.harness.run();
    let pane = desk.harness.get_by_label("Picture lines.png").rect();
    let screen = desk.harness.render().unwrap();
    let y = pane.center().y as u32;
    let row: Vec<u8> = (pane.left() as u32..pane.right() as u32)
        .map(|x| screen.get_pixel(x, y).0[0])
        .collect();
    // Lines are where it is darker than on both sides; the surround is darker than all.
    let dark = row
        .windows(3)
        .filter(|at| at[1] < 248 && at[1] > 100 && at[1] <= at[0] && at[1] < at[2]);
    assert_eq!(dark.count(), 40, "{row:?}");
}

/// A take of one colour, whose left half is the figure.
fn half_and_half(desk: &mut Desk) {
    let folder = desk.folder.path().join("halves");
    std::fs::create_dir(&folder).unwrap();
    let mask = GrayImage::from_fn(64, 64, |x, _| Luma([if x < 32 { 255 } else { 0 }]));
    let sketch = RgbImage::from_pixel(64, 64, Rgb([250, 240, 230]));
    mask.save(folder.join("mask.png")).unwrap();
    sketch.save(folder.join("sketch.png")).unwrap();
    let named = |name: &str, hash: String| InputImage { hash, ..input(name) };
    let lines = named("sketch.png", hash_rgb(&sketch));
    let mut inputs = RecipeInputs::new(lines.clone(), lines);
    inputs.sketch_mask = Some(named("mask.png", hash_gray(&mask)));
    let picture = RgbImage::from_pixel(64, 64, Rgb([200, 60, 40]));
    write_take(&folder.join("take.png"), &picture, None, &recipe(1, Mode::Split, inputs)).unwrap();
    open_folder(desk, &folder, 3);
    choose(desk, "take.png");
    desk.press(Modifiers::NONE, Key::E);
}

#[test]
fn the_figure_or_the_background_shows_alone() {
    const SURROUND: [u8; 3] = [0x3A, 0x3D, 0x42];
    const TAKE: [u8; 3] = [200, 60, 40];
    let mut desk = Desk::drawn(Theme::Dark);
    half_and_half(&mut desk);
    for (key, expected) in [
        (Key::F, [TAKE, SURROUND]),
        (Key::B, [SURROUND, TAKE]),
        (Key::S, [[250, 240, 230]; 2]),
        (Key::W, [TAKE; 2]),
    ] {
        desk.press(Modifiers::SHIFT, key);
        decoded(&mut desk);
        let found = [0.4, 0.6].map(|x| desk.pixel("Picture take.png", x, 0.5));
        assert_eq!(found, expected, "{key:?}");
    }
    // From the list, too.
    desk.harness
        .get_by_role_and_label(egui::accesskit::Role::ComboBox, "Show")
        .click();
    desk.harness.run();
    desk.click("Background only");
    decoded(&mut desk);
    assert_eq!(desk.pixel("Picture take.png", 0.4, 0.5), SURROUND);
}

#[test]
fn every_way_to_compare_shows_what_it_says() {
    const ONE: [u8; 3] = [200, 60, 40];
    const TWO: [u8; 3] = [180, 80, 40];
    let mut desk = Desk::drawn(Theme::Dark);
    let plain = |color| RgbImage::from_pixel(64, 64, Rgb(color));
    lay_out(&mut desk, &[("one.png", plain(ONE)), ("two.png", plain(TWO))]);
    choose(&mut desk, "one.png");
    tile(&desk, "two.png").click_modifiers(Modifiers::COMMAND);
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::C);
    decoded(&mut desk);
    assert_eq!(desk.pixel("Picture one.png", 0.5, 0.5), ONE);
    assert_eq!(desk.pixel("Picture two.png", 0.5, 0.5), TWO);
    let mut look = |key: Key| {
        desk.press(Modifiers::NONE, key);
        decoded(&mut desk);
        [0.4, 0.6].map(|x| desk.pixel("Picture one.png", x, 0.4))
    };
    assert_eq!(look(Key::W), [ONE, TWO], "the first at the left of the line");
    assert_eq!(look(Key::D), [[80, 80, 0]; 2], "four times the difference");
    let mixed = look(Key::O)[0];
    let near = [190, 70, 40]
        .iter()
        .zip(mixed)
        .all(|(mean, found): (&u8, u8)| mean.abs_diff(found) < 5);
    assert!(near, "{mixed:?}");
    // In turns, half a second each.
    desk.harness.key_press(Key::Backslash);
    desk.harness.run_steps(4);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..12 {
        desk.harness.run_steps(3);
        let at = desk.place("Picture one.png", 0.4, 0.4);
        let image::Rgba([r, g, b, _]) = *desk.harness.render().unwrap().get_pixel(at.x as u32, at.y as u32);
        seen.insert([r, g, b]);
    }
    assert_eq!(seen, [ONE, TWO].into());
}

#[test]
fn a_difference_that_cannot_be_made_says_so() {
    let mut desk = Desk::drawn(Theme::Dark);
    let folder = lay_out(&mut desk, &[("one.png", RgbImage::from_pixel(64, 64, Rgb([200, 60, 40])))]);
    // Its head is whole, its pixels are not.
    let whole = std::fs::read(folder.join("one.png")).unwrap();
    std::fs::write(desk.folder.path().join("two.png"), spoilt(whole)).unwrap();
    std::fs::rename(desk.folder.path().join("two.png"), folder.join("two.png")).unwrap();
    open_folder(&mut desk, &folder, 2);
    desk.press(Modifiers::NONE, Key::D);
    decoded(&mut desk);
    desk.harness.remove_cursor();
    desk.harness.run();
    let pane = desk.harness.get_by_label("Picture one.png").rect();
    let screen = desk.harness.render().unwrap();
    let bad = |pixel: &&image::Rgba<u8>| pixel.0[0].abs_diff(0xF0) < 8 && pixel.0[1].abs_diff(0x6A) < 8;
    let [left, top, width, height] = [pane.left(), pane.top(), pane.width(), pane.height()].map(|side| side as u32);
    let seen = image::imageops::crop_imm(&screen, left, top, width, height).to_image();
    assert!(seen.pixels().filter(bad).count() > 10, "the sign of what is broken shows");
}

#[test]
fn survey_shows_all_that_are_chosen_in_their_own_sizes() {
    let mut desk = Desk::drawn(Theme::Dark);
    let plain = |width, height, color| RgbImage::from_pixel(width, height, Rgb(color));
    let pictures = [
        ("a.png", plain(64, 64, [250, 30, 190])),
        ("b.png", plain(128, 32, [40, 220, 250])),
        ("c.png", plain(32, 128, [120, 250, 40])),
    ];
    lay_out(&mut desk, &pictures);
    desk.press(Modifiers::COMMAND, Key::A);
    desk.press(Modifiers::NONE, Key::N);
    decoded(&mut desk);
    for (name, picture) in &pictures {
        assert_eq!(
            desk.pixel(&format!("Picture {name}"), 0.5, 0.45),
            picture.get_pixel(0, 0).0,
            "{name}"
        );
    }
    // A click makes one of them the active one; the keys go round.
    let at = desk.place("Picture c.png", 0.5, 0.5);
    desk.click_at(at, Modifiers::NONE);
    let active = |desk: &Desk| table(desk.harness.state()).active().unwrap().name().into_owned();
    assert_eq!(active(&desk), "c.png");
    desk.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(active(&desk), "a.png");
    desk.press(Modifiers::NONE, Key::Num3);
    desk.press(Modifiers::NONE, Key::Escape);
    tile(&desk, "a.png, 3 stars");
}

#[test]
fn the_gallery_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (name, theme) in [("gallery_dark", Theme::Dark), ("gallery_light", Theme::Light)] {
        let mut desk = Desk::drawn(theme);
        let folder = desk.folder.path().join("takes");
        std::fs::create_dir(&folder).unwrap();
        for seed in 0..8u64 {
            let mode = if seed < 5 { Mode::Split } else { Mode::Vanilla };
            let recipe = recipe(seed, mode, RecipeInputs::new(input("girl.png"), input("dusk.png")));
            let picture = example(seed, 0, 128).color;
            write_take(&folder.join(format!("take {seed}.png")), &picture, None, &recipe).unwrap();
        }
        std::fs::write(folder.join("torn.png"), b"no picture").unwrap();
        // All of one day, whenever this runs, and wherever: half past ten in UTC is of the same day from Honolulu to Auckland.
        let morning = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_602_600);
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = File::options().append(true).open(file.unwrap().path()).unwrap();
            file.set_modified(morning).unwrap();
        }
        let marks = |stars| Marks {
            stars,
            ..Marks::default()
        };
        for (seed, stars) in [(0, 4), (1, 2), (3, 5)] {
            write_marks(&folder.join(format!("take {seed}.png")), &marks(stars)).unwrap();
        }
        open_folder(&mut desk, &folder, 9);
        choose(&mut desk, "take 1.png, 2 stars");
        for key in [Key::P, Key::Num8] {
            desk.press(Modifiers::NONE, key);
        }
        desk.click("Show those without a label");
        desk.click("Show the green label");
        desk.harness
            .get_by_role_and_label(egui::accesskit::Role::Button, "Broken pictures 1");
        decoded(&mut desk);
        desk.harness.remove_cursor();
        desk.harness.run();
        // The line at the bottom names the temporary folder.
        let mut picture = desk.harness.render().unwrap();
        let height = picture.height();
        for (_, y, pixel) in picture.enumerate_pixels_mut() {
            if y + 28 >= height {
                *pixel = image::Rgba([0, 0, 0, 255]);
            }
        }
        results.add(try_image_snapshot(&picture, name));
    }
}
