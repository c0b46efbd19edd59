//! The built program and a pen of an X server's own making: from the device to lines as broad as it is pressed.

#![cfg(target_os = "linux")]

use std::time::Duration;

use engine::training::scenes::example;
use image::RgbImage;
use tests::screen::{Area, Screen, brightness, cut, share};

/// What the canvas covers with the drawing.
const CANVAS: Area = [245, 300, 240, 240];
/// What the page has to try a pen on.
const PAPER: Area = [470, 536, 500, 116];

/// How many pixels of a column of the paper are dark on light, or light on dark.
fn width(picture: &RgbImage, x: u32) -> usize {
    let column = cut(picture, [x, PAPER[1], 1, PAPER[3]]);
    let ground = *column.get_pixel(0, 0);
    let differs = |pixel: &&image::Rgb<u8>| (0..3).any(|channel| pixel[channel].abs_diff(ground[channel]) > 60);
    column.pixels().filter(differs).count()
}

#[test]
fn a_pen_of_the_server_draws_lines_as_broad_as_it_is_pressed() {
    let (screen, mut pen) = Screen::with_pen();
    let file = screen.folder.path().join("girl.png");
    example(5, 0, 256).sketch.save(&file).unwrap();
    let _program = screen.open(&[file.as_os_str()]);
    screen.until("the drawing", |screen| {
        (brightness(&cut(&screen.picture(), CANVAS)) > 128.0).then_some(())
    });
    screen.find_command("pen settings");
    screen.until("the paper", |screen| {
        let picture = screen.picture();
        let ground = picture.get_pixel(PAPER[0] + PAPER[2] / 2, PAPER[1] + PAPER[3] / 2).0;
        (share(&picture, PAPER, |pixel| pixel == ground) > 0.95).then_some(())
    });
    let y = f64::from(PAPER[1] + PAPER[3] / 2);
    let at = |share: f64| [f64::from(PAPER[0]) + 20.0 + share * f64::from(PAPER[2] - 40), y];
    pen.at(at(0.0), 0.0);
    screen.settle();
    pen.tip(at(0.0), 0.05, true);
    for step in 1..=60 {
        let share = f64::from(step) / 60.0;
        pen.at(at(share), share);
        std::thread::sleep(Duration::from_millis(8));
    }
    pen.tip(at(1.0), 0.0, false);
    let column = |share: f64| at(share)[0] as u32;
    let widths = screen.until("the end of the line", |screen| {
        let picture = screen.picture();
        let widths = [0.15, 0.5, 0.9].map(|share| width(&picture, column(share)));
        (width(&picture, column(1.0)) > 0).then_some(widths)
    });
    // 18 pixels under full pressure.
    assert!(widths[0] > 0 && widths.is_sorted_by(|one, next| one < next), "{widths:?}");
    for (width, wanted) in widths.into_iter().zip([3, 9, 16]) {
        assert!(width.abs_diff(wanted) <= 3, "{widths:?}");
    }
}
