//! Palettes in the colour panel.

use app::app::App;
use app::command::Command;
use app::palette::Palette;
use egui::accesskit::Role as Widget;
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

fn desk() -> Desk {
    let mut desk = Desk::with_scene(1280.0, 1200.0);
    desk.harness.get_by_role_and_label(Widget::Tab, "Colour").click();
    desk.harness.run();
    desk
}

fn in_use(app: &App) -> &Palette {
    app.session.palette_in_use().0
}

fn paint_with(desk: &mut Desk, color: [u8; 3]) {
    desk.harness.state_mut().session.toolbox.colors.brush = color;
    desk.harness.run();
}

fn more(desk: &mut Desk, entry: &str) {
    desk.click("More about palettes");
    desk.click(entry);
}

#[test]
fn of_many_colours_those_in_sight_are_laid_out_in_a_lattice() {
    let mut desk = desk();
    let lines: String = (0..1000)
        .map(|number| format!("{} 0 {} c{number}\n", number / 256, number % 256))
        .collect();
    let path = desk.folder.path().join("many.gpl");
    std::fs::write(&path, format!("GIMP Palette\nName: Many\n#\n{lines}")).unwrap();
    desk.harness.state_mut().session.open_for(Command::OpenPalette, path);
    desk.wait("the palette", |app| in_use(app).swatches.len() == 1000);
    let name = |number: u32| format!("c{number} #{:02X}00{:02X}", number / 256, number % 256);
    let rect = |number: u32| desk.harness.query_by_label(&name(number)).map(|swatch| swatch.rect());
    let [first, second] = [0, 1].map(|number| rect(number).expect("it is in sight"));
    let pitch = second.left() - first.left();
    let below = (2..100).filter_map(rect).find(|rect| rect.top() > first.top());
    assert_eq!(below.map(|below| below.top() - first.top()), Some(pitch));
    assert!(rect(999).is_none(), "one scrolls to the last");
}

#[test]
fn colours_are_added_named_saved_opened_and_taken_out() {
    let mut desk = desk();
    let kept = desk.folder.path().join("palettes.ron");
    desk.harness.state_mut().session.remember_palettes(kept.clone());
    paint_with(&mut desk, [200, 30, 40]);
    desk.click("Add the brush colour to the palette");
    paint_with(&mut desk, [1, 2, 3]);
    desk.click("Add the brush colour to the palette");
    desk.click("Colour #C81E28");
    assert_eq!(desk.harness.state().session.toolbox.colors.brush, [200, 30, 40]);
    desk.harness
        .get_by_role_and_label(Widget::TextInput, "Name of the colour")
        .focus();
    desk.harness.run();
    desk.harness
        .get_by_role_and_label(Widget::TextInput, "Name of the colour")
        .type_text("Ribbon");
    desk.harness.run();
    desk.button("Ribbon #C81E28");
    let path = desk.folder.path().join("ribbon.ase");
    desk.harness.state_mut().session.open_for(Command::SavePalette, path.clone());
    let saved = format!("Saved {}", path.display());
    desk.wait("the file", move |app| {
        let notice = app.session.notice.as_ref();
        notice.is_some_and(|notice| notice.text == saved)
    });
    assert!(Palette::open(&path).is_ok());
    assert!(
        !desk.harness.state().session.is_exporting(),
        "a palette is no picture to wait for"
    );
    desk.click("Take the colour out of the palette");
    assert_eq!(in_use(desk.harness.state()).swatches.len(), 1);
    desk.harness.state_mut().session.open_for(Command::OpenPalette, path);
    desk.wait("the palette", |app| in_use(app).swatches.len() == 2);
    desk.button("Ribbon #C81E28");
    assert_eq!(desk.harness.state().session.palettes().len(), 2, "the other one stays");
    let file = kept.clone();
    desk.wait("the file of palettes", move |_| {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.matches("swatches").count() == 2
    });
    let mut next = Desk::new();
    next.harness.state_mut().session.remember_palettes(kept);
    next.wait("the palettes", |app| app.session.palettes().len() == 2);
    more(&mut desk, "Remove the palette");
    assert_eq!(in_use(desk.harness.state()).swatches.len(), 1);
}

#[test]
fn the_references_colours_go_into_a_palette_and_a_broken_file_is_named() {
    let mut desk = desk();
    desk.wait("the reference's colours", |app| {
        !app.session.reference_colors().figure.is_empty()
    });
    more(&mut desk, "Add the reference's colours to the palette");
    let found = desk.harness.state().session.reference_colors().clone();
    let swatch = &in_use(desk.harness.state()).swatches[0];
    assert_eq!((swatch.name.as_str(), swatch.color), ("Figure 1", found.figure[0]));
    let path = desk.folder.path().join("broken.gpl");
    std::fs::write(&path, "GIMP Palette\n255 0\n").unwrap();
    desk.harness.state_mut().session.open_for(Command::OpenPalette, path);
    desk.wait("the notice", |app| app.session.notice.is_some());
    desk.harness
        .get_by_label_contains("broken.gpl is no palette: line 2 holds no colour");
}

#[test]
fn a_palette_that_is_dropped_on_the_picture_comes_beside_the_others() {
    let mut desk = desk();
    let path = desk.folder.path().join("sky.GPL");
    std::fs::write(&path, "GIMP Palette\n1 2 3 night\n").unwrap();
    let (at, opened) = (desk.place("Canvas", 0.5, 0.5), desk.harness.state().session.opened());
    desk.harness.hover_at(at);
    desk.harness.run();
    desk.drop_file(path);
    desk.wait("the palette", |app| in_use(app).name == "sky");
    assert_eq!(desk.harness.state().session.opened(), opened, "the picture stays");
}
