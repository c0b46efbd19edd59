//! Palettes and pictures.

use app::document;
use tests::journey::{Journey, color};

use crate::{brush, scene};

#[test]
fn a_palette_and_a_picture_go_into_files() {
    let mut journey = Journey::begin(&scene());
    journey.click("New layer");
    journey.click("Colour");
    journey.slide("Saturation", 0.9);
    journey.slide("Brightness", 0.9);
    let red = brush(&journey);
    journey.draw(&[[60.0, 60.0], [128.0, 128.0]]);
    journey.click("Add the brush colour to the palette");
    journey.click("More about palettes");
    journey.click("Save the palette…");
    let palette = journey.screen.folder.path().join("mine.gpl");
    journey.answer_path(&palette);
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
    journey.answer_path(&picture);
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
