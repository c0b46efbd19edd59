//! Palettes and pictures.

use std::path::Path;

use app::document;
use app::palette::Palette;
use tests::journey::{color, is_painted};

use crate::{brush, hex, same, scene, with_layer};

#[test]
fn a_palette_and_a_picture_go_into_files() {
    let mut journey = with_layer();
    journey.click("Colour");
    journey.slide("Saturation", 0.9);
    journey.slide("Brightness", 0.9);
    let red = brush(&journey);
    journey.draw(&[[60.0, 60.0], [128.0, 128.0]]);
    journey.click("Add the brush colour to the palette");
    journey.click("More about palettes");
    journey.click("Save the palette…");
    let palette = journey.screen.folder.path().join("mine.gpl");
    journey.write_to(&palette);
    let text = journey.screen.until("the palette", |_| {
        std::fs::read_to_string(&palette)
            .ok()
            .filter(|text| text.contains("GIMP Palette"))
    });
    let [r, g, b] = red;
    let row = [r, g, b].map(|value| value.to_string());
    assert!(
        text.lines()
            .any(|line| line.split_whitespace().take(3).eq(row.iter().map(String::as_str))),
        "{text}"
    );
    journey.menu("File", "Export the picture…");
    journey.click("Choose where…");
    let picture = journey.screen.folder.path().join("out.png");
    journey.write_to(&picture);
    let picture = journey.screen.until("the picture", |_| document::open_picture(&picture).ok());
    let [r, g, b, _] = color(journey.planned(), "Paint", [90, 90]);
    let bare = scene();
    let lines = color(&bare, "Sketch", [90, 90]);
    let multiplied = [r, g, b]
        .map(u32::from)
        .iter()
        .zip(lines)
        .map(|(one, line)| one * u32::from(line) / 255)
        .collect::<Vec<_>>();
    let found = picture.get_pixel(90, 90).0;
    for (found, wanted) in found.iter().zip(multiplied) {
        assert!(u32::from(*found).abs_diff(wanted) <= 2, "{found} {wanted}");
    }
}

#[test]
fn a_colour_is_turned_on_the_wheel_and_goes_through_a_palette_of_adobes() {
    let mut journey = with_layer();
    journey.click("Colour");
    // The ring's right is red; the square's upper right corner is the purest of its colour.
    journey.drag_on("Colour wheel", &[[0.9, 0.3], [0.95, 0.4], [0.953, 0.5]]);
    journey.drag_on("Colour wheel", &[[0.5, 0.5], [0.7, 0.3], [0.9, 0.1]]);
    let [r, g, b] = brush(&journey);
    assert!(r == 255 && g < 8 && b < 8, "{r} {g} {b}");
    journey.click("Add the brush colour to the palette");
    journey.click("More about palettes");
    journey.click("Save the palette…");
    let file = journey.screen.folder.path().join("red.ase");
    journey.write_to(&file);
    let swatches = |path: &Path| Some(Palette::open(path).ok()?.swatches);
    let saved = journey.screen.until("the palette", |_| swatches(&file));
    assert_eq!(saved[0].color, [r, g, b]);

    journey.click("Black and white");
    journey.click("More about palettes");
    journey.click("New palette");
    journey.click("More about palettes");
    journey.click("Open a palette…");
    journey.read_from(&file);
    let swatch = format!("Colour {}", hex([r, g, b]));
    journey
        .plan
        .wait("the palette", |app| !app.session.palette_in_use().0.swatches.is_empty());
    // It stands at the end of the panel.
    journey.scroll("Black and white", 20);
    journey.until_swatch("Colour", [r, g, b]);
    journey.click(&swatch);
    journey.draw(&[[60.0, 60.0], [128.0, 60.0]]);
    let saved = journey.save("the stroke", |saved| is_painted(saved, "Paint", [90, 60]));
    assert_eq!(same(&saved, &journey, "Paint", [90, 60]), [r, g, b, 255]);
}
