//! What leaves for other programs: layers, and what is transparent.

use std::path::PathBuf;

use app::app::App;
use app::command::Command;
use app::document::{Document, Layer, Rect, Role, open_picture, open_psd};
use app::gallery::metadata::{MetadataError, read_recipe};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use image::RgbaImage;
use tests::desk::Desk;

use super::files::export;

const KEEP: &str = "Keep what is transparent";
const RECIPE: &str = "With the recipe";

/// A sketch with a stroke on a layer below it.
fn painted() -> Desk {
    let mut desk = Desk::with_sketch(1280.0, 900.0);
    desk.find_command("New layer");
    desk.stroke("Canvas");
    assert!(desk.painted() > 0);
    desk
}

fn hide_sketch(desk: &mut Desk) {
    desk.press(Modifiers::ALT, Key::Num1);
    assert!(!desk.document().by_role(Role::Sketch).unwrap().visible);
}

fn shown(desk: &Desk) -> RgbaImage {
    let document = desk.document();
    document.composite(Rect::of(document.canvas().size()))
}

fn said(app: &App, words: &str) -> bool {
    app.session.notice.as_ref().is_some_and(|notice| notice.text.contains(words))
}

/// Ticks a box of the export's page, or no longer.
fn tick(desk: &mut Desk, format: &str, name: &str) {
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    desk.click(format);
    desk.harness.get_by_role_and_label(Widget::CheckBox, name).click();
    desk.harness.run();
    desk.click("Cancel");
}

/// Exports by the ending of the name.
fn export_as(desk: &mut Desk, name: &str) -> PathBuf {
    let path = desk.folder.path().join(name);
    desk.harness.state_mut().session.open_for(Command::Export, path.clone());
    desk.wait("the export", |app| said(app, name));
    path
}

#[test]
fn what_is_transparent_stays_so_where_that_is_wanted_and_the_format_can() {
    let mut desk = painted();
    hide_sketch(&mut desk);
    let shown = shown(&desk);
    let corner = shown.get_pixel(0, 0).0;
    assert!(corner[3] == 0 && shown.pixels().any(|pixel| pixel.0[3] == 255));
    let path = export_as(&mut desk, "before.png");
    assert_eq!(
        open_picture(&path).unwrap().get_pixel(0, 0).0,
        [255; 4],
        "at first it becomes white"
    );
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    for format in ["JPEG", "PSD"] {
        desk.click(format);
        assert!(
            desk.harness.query_by_role_and_label(Widget::CheckBox, KEEP).is_none(),
            "{format}"
        );
    }
    desk.click("PNG");
    desk.harness.get_by_label_contains("becomes white");
    desk.click("Cancel");
    tick(&mut desk, "TIFF", KEEP);
    for name in ["kept.png", "kept.tif", "kept.webp"] {
        let path = export_as(&mut desk, name);
        assert!(open_picture(&path).unwrap() == shown, "{name}");
    }
    let path = export_as(&mut desk, "white.jpg");
    let white = open_picture(&path).unwrap().get_pixel(0, 0).0;
    assert!(white.iter().all(|sample| *sample > 250), "{white:?}");
}

#[test]
fn a_recipe_goes_along_or_stays_behind_as_it_is_wanted() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.make_take([90, 160, 60]);
    let path = export_as(&mut desk, "with.png");
    let recipe = read_recipe(&path).unwrap();
    assert!(recipe.lines);
    tick(&mut desk, "PNG", KEEP);
    let path = export_as(&mut desk, "transparent.png");
    assert_eq!(read_recipe(&path).unwrap(), recipe);
    assert!(open_picture(&path).unwrap() == shown(&desk));
    tick(&mut desk, "PNG", RECIPE);
    let path = export_as(&mut desk, "without.png");
    assert!(matches!(read_recipe(&path), Err(MetadataError::NoRecipe { .. })));
    assert!(open_picture(&path).unwrap() == shown(&desk));
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    desk.harness.get_by_label_contains("recipe stays in the document");
    desk.click("TIFF");
    assert!(desk.harness.query_by_role_and_label(Widget::CheckBox, RECIPE).is_none());
}

/// Names of what lies on the canvas, and whether it shows; the mask is none of it.
fn layers(document: &Document) -> Vec<(String, bool)> {
    let layers = document.canvas().layers().filter(|layer| layer.role != Role::SketchMask);
    layers.map(|layer| (layer.name.clone(), layer.visible)).collect()
}

#[test]
fn a_photoshop_document_has_the_layers_and_is_told_of_when_it_is_there() {
    let mut desk = painted();
    hide_sketch(&mut desk);
    let typed = desk.folder.path().join("girl");
    export(&mut desk, "PSD", &typed);
    let path = typed.with_extension("psd");
    desk.wait("the export", |app| said(app, "girl.psd") && !app.session.is_exporting());
    let opened = open_psd(&path).unwrap().document;
    assert_eq!(layers(&opened), layers(desk.document()));
    assert_eq!(layers(&opened), [("Paint".to_owned(), true), ("Sketch".to_owned(), false)]);
    let whole = Rect::of(opened.canvas().size());
    for name in ["Paint", "Sketch"] {
        let pixels = |document: &Document| {
            let named = |layer: &&Layer| layer.name == name;
            document.canvas().layers().find(named).unwrap().raster().unwrap().copy(whole)
        };
        assert!(pixels(&opened) == pixels(desk.document()), "{name}");
    }
    let notice = desk.harness.state().session.notice.as_ref().unwrap();
    assert!(notice.text.ends_with("girl.psd"), "nothing is left out: {}", notice.text);
}

#[test]
fn the_layers_that_show_go_into_a_folder() {
    let mut desk = painted();
    let folder = desk.folder.path().join("layers");
    desk.find_command("Save the layers into a folder");
    desk.harness.state_mut().session.typed().unwrap().path.clear();
    desk.type_into(Widget::TextInput, "Path", folder.to_str().unwrap());
    desk.click("Choose this");
    desk.wait("the layers", |app| said(app, "2 layers are in"));
    let document = desk.document();
    for name in ["Paint", "Sketch"] {
        let layer = document.canvas().layers().find(|layer| layer.name == name).unwrap();
        let whole = layer.raster().unwrap().to_picture(Rect::of(layer.size()));
        assert!(
            open_picture(&folder.join(format!("girl {name}.png"))).unwrap() == whole,
            "{name}"
        );
    }
    // What is there is written over by nothing else.
    desk.find_command("New layer");
    desk.stroke("Canvas");
    std::fs::write(folder.join("girl Paint 2.png"), "mine").unwrap();
    desk.harness
        .state_mut()
        .session
        .open_for(Command::ExportLayers, folder.clone());
    desk.wait("the refusal", |app| said(app, "girl Paint 2.png is there already"));
    assert_eq!(std::fs::read(folder.join("girl Paint 2.png")).unwrap(), b"mine");
}
