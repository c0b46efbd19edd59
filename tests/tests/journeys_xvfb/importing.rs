//! Files of other programs.

use app::document::{Document, Role};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use moxcms::ColorProfile;
use tests::journey::Journey;

use crate::scene;

/// A pixel of a layer.
fn pixel(document: &Document, role: Role, [x, y]: [u32; 2]) -> [u8; 3] {
    let [r, g, b, _] = document.by_role(role).unwrap().raster().unwrap().pixel(x, y);
    [r, g, b]
}

/// A drawing of one colour with a frame around it.
fn framed(color: [u8; 3]) -> RgbImage {
    let inside = |at: u32| (8..248).contains(&at);
    RgbImage::from_fn(256, 256, |x, y| Rgb(if inside(x) && inside(y) { color } else { [0; 3] }))
}

/// A PNG in the colours of a screen of Apple's.
fn wide_png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder
        .set_icc_profile(ColorProfile::new_display_p3().encode().unwrap())
        .unwrap();
    let (width, height) = picture.dimensions();
    encoder.write_image(picture, width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[test]
fn pictures_of_other_programs_are_opened_dropped_and_found_again() {
    let mut journey = Journey::begin(&scene());
    let file = |journey: &Journey, name: &str, bytes: Vec<u8>| {
        let path = journey.screen.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let psd = file(&journey, "cel.psd", tests::flat_psd(3, &framed([200, 100, 50])));
    journey.open(&psd);
    let saved = journey.save_as("cel.ora");
    assert_eq!(pixel(&saved, Role::Sketch, [128, 128]), [200, 100, 50]);

    let wide = file(&journey, "wide.png", wide_png(&framed([120, 180, 90])));
    journey.open(&wide);
    let saved = journey.save_as("wide.ora");
    // By the matrices of both spaces.
    let found = pixel(&saved, Role::Sketch, [128, 128]);
    let expected = [100, 182, 76];
    let alike = found
        .iter()
        .zip(expected)
        .all(|(found, expected)| found.abs_diff(expected) <= 2);
    assert!(alike, "{found:?}");

    journey.open_again("drawing.ora");
    let mut green = std::io::Cursor::new(Vec::new());
    framed([20, 160, 60]).write_to(&mut green, image::ImageFormat::Jpeg).unwrap();
    let green = file(&journey, "green.jpg", green.into_inner());
    let pane = journey.pane("Reference picture");
    let before = journey.screen.look(pane);
    journey.drop_on("Reference picture", &green);
    let is_green = |document: &Document| {
        let [r, g, b] = pixel(document, Role::Reference, [128, 128]);
        r < 40 && g > 140 && b < 80
    };
    journey
        .plan
        .wait("the reference", |app| app.session.document().is_some_and(is_green));
    journey.screen.until("the reference", |screen| {
        (tests::screen::differ(&screen.look(pane), &before) > 2000).then_some(())
    });
    journey.save("the reference", is_green);
}
