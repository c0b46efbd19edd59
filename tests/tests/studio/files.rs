//! Files of other kinds in and out.

use std::path::{Path, PathBuf};

use app::app::App;
use app::command::Command;
use app::document::Role;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, ImageReader, Rgb, RgbImage};
use tests::desk::Desk;
use tests::flat_psd;

fn format_of(path: &Path) -> Option<ImageFormat> {
    ImageReader::open(path).unwrap().with_guessed_format().unwrap().format()
}

/// By the keyboard, the dialog and a typed path.
pub fn export(desk: &mut Desk, format: &str, path: &Path) {
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    desk.click(format);
    desk.click("Choose where…");
    desk.harness.state_mut().session.typed().unwrap().path.clear();
    let field = desk.harness.get_by_role_and_label(Widget::TextInput, "Path");
    field.type_text(path.to_str().unwrap());
    desk.harness.run();
    desk.click("Save here");
}

#[test]
fn a_picture_is_exported_in_the_format_that_is_chosen_or_typed() {
    let mut desk = Desk::new();
    desk.open_scene();
    let cases = [
        ("PNG", "a.png", "a.png", ImageFormat::Png),
        ("JPEG", "b", "b.jpg", ImageFormat::Jpeg),
        ("WebP", "c.webp", "c.webp", ImageFormat::WebP),
        ("TIFF", "d", "d.tif", ImageFormat::Tiff),
        ("PNG", "e.jpeg", "e.jpeg", ImageFormat::Jpeg),
    ];
    for (format, typed, named, expected) in cases {
        let path = desk.folder.path().join(named);
        let typed = desk.folder.path().join(typed);
        export(&mut desk, format, &typed);
        desk.wait("the export", |app| {
            let notice = app.session.notice.as_ref();
            notice.is_some_and(|notice| notice.text.ends_with(named)) && path.exists()
        });
        assert_eq!(format_of(&path), Some(expected), "{named}");
    }
}

#[test]
fn a_webp_has_losses_where_they_are_wanted() {
    let mut desk = Desk::new();
    desk.open_scene();
    let length = |desk: &mut Desk, name: &str| {
        let path = desk.folder.path().join(name);
        desk.harness.state_mut().session.open_for(Command::Export, path.clone());
        desk.wait("the export", |app| {
            let notice = app.session.notice.as_ref();
            notice.is_some_and(|notice| notice.text.ends_with(name))
        });
        assert_eq!(format_of(&path), Some(ImageFormat::WebP));
        std::fs::metadata(path).unwrap().len()
    };
    let whole = length(&mut desk, "whole.webp");
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    desk.click("WebP");
    assert!(desk.harness.query_by_role_and_label(Widget::Slider, "Quality").is_none());
    desk.harness.get_by_role_and_label(Widget::CheckBox, "Lossy").click();
    desk.harness.run();
    desk.harness.get_by_role_and_label(Widget::Slider, "Quality");
    desk.harness.state_mut().session.exporting().unwrap().quality = 10;
    desk.click("Cancel");
    let lossy = length(&mut desk, "lossy.webp");
    assert!(lossy < whole, "{lossy} {whole}");
}

#[test]
fn a_format_without_recipes_says_so_before_and_after() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.make_take([90, 160, 60]);
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::S);
    desk.click("JPEG");
    desk.harness.get_by_label_contains("It carries no recipe");
    desk.harness.get_by_role_and_label(Widget::Slider, "Quality");
    desk.click("PNG");
    desk.harness.get_by_label_contains("recipe goes along");
    desk.click("Cancel");
    assert!(desk.harness.query_by_label("Export the picture").is_none());
    let path = desk.folder.path().join("one.jpg");
    desk.harness.state_mut().session.open_for(Command::Export, path);
    desk.wait("the export", |app| {
        let notice = app.session.notice.as_ref();
        notice.is_some_and(|notice| notice.text.contains("without the take's recipe"))
    });
}

fn with_broken_profile(desk: &Desk, name: &str) -> PathBuf {
    let path = desk.folder.path().join(name);
    let picture = RgbImage::from_pixel(64, 64, Rgb([200, 100, 50]));
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(vec![7; 200]).unwrap();
    encoder.write_image(&picture, 64, 64, ExtendedColorType::Rgb8).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_broken_colour_profile_is_said_of_sketch_reference_and_mask() {
    let mut desk = Desk::new();
    desk.open_scene();
    let path = with_broken_profile(&desk, "odd.png");
    for command in [Command::OpenReference, Command::ImportSketchMask, Command::Open] {
        let session = &mut desk.harness.state_mut().session;
        session.notice = None;
        session.let_go();
        session.open_for(command, path.clone());
        desk.wait("the warning", |app| app.session.notice.is_some());
        desk.harness
            .get_by_label_contains("odd.png has a colour profile that was ignored");
    }
}

fn two_pixels() -> RgbImage {
    RgbImage::from_raw(2, 1, vec![200, 100, 50, 10, 20, 30]).unwrap()
}

#[test]
fn psds_and_tiffs_open_and_names_do_not_matter() {
    let mut desk = Desk::new();
    let path = desk.folder.path().join("夏.png");
    std::fs::write(&path, flat_psd(3, &two_pixels())).unwrap();
    desk.open(path);
    let pixel = |desk: &Desk, role: Role, x: u32| desk.document().by_role(role).unwrap().raster().unwrap().pixel(x, 0);
    assert_eq!(
        [0, 1].map(|x| pixel(&desk, Role::Sketch, x)),
        [[200, 100, 50, 255], [10, 20, 30, 255]]
    );
    assert_eq!(
        desk.harness.state().session.path(),
        None,
        "it is saved as OpenRaster, under a name of its own"
    );
    let tiff = desk.write("deep.tif", RgbImage::from_pixel(8, 8, Rgb([1, 2, 3])));
    desk.harness.state_mut().session.open_for(Command::OpenReference, tiff);
    desk.wait("the reference", |app| {
        app.session.document().unwrap().by_role(Role::Reference).is_some()
    });
    assert_eq!(pixel(&desk, Role::Reference, 7), [1, 2, 3, 255]);
    let cmyk = desk.folder.path().join("print.psd");
    std::fs::write(&cmyk, flat_psd(4, &two_pixels())).unwrap();
    desk.harness.state_mut().session.open(cmyk);
    desk.wait("the refusal", |app| app.session.notice.is_some());
    desk.harness.get_by_label_contains("print.psd is in the colour mode CMYK");
}

fn drop_on(desk: &mut Desk, pane: Option<&str>, path: PathBuf, done: impl Fn(&App) -> bool) {
    drop_all_on(desk, pane, vec![path], done);
}

fn drop_all_on(desk: &mut Desk, pane: Option<&str>, paths: Vec<PathBuf>, done: impl Fn(&App) -> bool) {
    if let Some(pane) = pane {
        let place = desk.place(pane, 0.5, 0.5);
        desk.harness.hover_at(place);
        desk.harness.run();
    }
    desk.drop_files(paths);
    desk.wait("what was dropped", done);
}

#[test]
fn what_is_dropped_opens_or_becomes_the_reference() {
    let mut desk = Desk::new();
    let sketch = desk.write("線画.tif", RgbImage::from_pixel(64, 48, Rgb([255; 3])));
    drop_on(&mut desk, None, sketch, |app| app.session.opened() == 1);
    assert_eq!(desk.document().canvas().size(), [64, 48]);
    let reference = desk.write("a.webp", RgbImage::from_pixel(32, 32, Rgb([9, 8, 7])));
    let has_reference = |app: &App| app.session.document().unwrap().by_role(Role::Reference).is_some();
    drop_on(&mut desk, Some("Canvas"), reference.clone(), has_reference);
    let before = desk.state();
    drop_on(&mut desk, Some("Reference picture"), reference, |app| {
        app.session.history.state() != before
    });
    assert_eq!(desk.harness.state().session.opened(), 1, "a reference is no new document");
    let psd = desk.folder.path().join("print.psd");
    std::fs::write(&psd, flat_psd(3, &two_pixels())).unwrap();
    drop_on(&mut desk, Some("Reference picture"), psd, |_| true);
    // It would take the place of what is not saved.
    desk.harness.get_by_label("Changes are not saved");
    desk.click("Discard");
    desk.wait("the PSD", |app| app.session.opened() == 2);
    assert_eq!(desk.document().canvas().size(), [2, 1]);
}

/// Few systems tell where a file was let go.
#[test]
fn what_a_picture_is_for_is_asked_where_nobody_knows_on_what_it_fell() {
    let mut desk = Desk::new();
    desk.open_scene();
    let color = desk.write("color.png", RgbImage::from_pixel(64, 48, Rgb([200, 0, 0])));
    let question = "What is \u{201c}color.png\u{201d} for?";
    for (answer, change) in [("As a layer", "Import a layer"), ("As the reference", "Open a reference")] {
        desk.harness.remove_cursor();
        drop_on(&mut desk, None, color.clone(), |_| true);
        desk.harness.get_by_label(question);
        desk.click(answer);
        desk.wait("what was chosen", |app| app.session.history.undo_label() == Some(change));
        assert!(desk.harness.query_by_label(question).is_none());
    }
    let (opened, state) = (desk.harness.state().session.opened(), desk.state());
    desk.harness.remove_cursor();
    drop_on(&mut desk, None, color.clone(), |_| true);
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(desk.harness.query_by_label(question).is_none() && desk.state() == state);
    drop_on(&mut desk, None, color, |_| true);
    desk.click("Open it");
    desk.click("Discard");
    desk.wait("the drawing", |app| app.session.opened() > opened);
}

#[test]
fn an_export_asks_before_it_writes_over_another_file() {
    let mut desk = Desk::new();
    desk.open_scene();
    let path = desk.folder.path().join("kept.png");
    std::fs::write(&path, "kept").unwrap();
    let bare = path.with_extension("");
    export(&mut desk, "PNG", &bare);
    desk.wait("the question", |app| app.session.replacing().is_some());
    desk.harness.get_by_label("A file of this name exists");
    desk.click("Cancel");
    assert_eq!(std::fs::read(&path).unwrap(), b"kept");
    export(&mut desk, "PNG", &path);
    desk.wait("the question", |app| app.session.replacing().is_some());
    desk.click("Replace");
    desk.wait("the export", |app| app.session.notice.is_some());
    assert_eq!(format_of(&path), Some(ImageFormat::Png));
}

fn names(app: &App) -> Vec<String> {
    let layers = app.session.document().unwrap().canvas().layers();
    layers.map(|layer| layer.name.clone()).collect()
}

#[test]
fn a_new_drawing_is_white_paper_to_draw_on() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::N);
    desk.harness.get_by_label("New drawing");
    let preset = desk.harness.get_by_role_and_label(Widget::ComboBox, "Size");
    preset.click();
    desk.harness.run();
    desk.harness.get_by_label("Screen, 1920 × 1080").click();
    desk.harness.run();
    desk.click("Create");
    desk.wait("the drawing", |app| app.session.opened() == 1);
    assert_eq!(desk.document().canvas().size(), [1920, 1080]);
    assert_eq!(names(desk.harness.state()), ["Sketch", "Sketch mask"]);
    let line = |desk: &Desk| {
        desk.document()
            .by_role(Role::Sketch)
            .unwrap()
            .raster()
            .unwrap()
            .pixel(960, 540)
    };
    assert_eq!(line(&desk), [255; 4]);
    desk.stroke("Canvas");
    assert_eq!(line(&desk), [0, 0, 0, 255], "the pen draws lines at once");
    desk.press(Modifiers::COMMAND, Key::N);
    desk.click("Create");
    desk.harness.get_by_label("Changes are not saved");
    desk.click("Cancel");
    assert_eq!(desk.harness.state().session.opened(), 1);
}

#[test]
fn pictures_become_layers_of_what_is_open() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let red = desk.write("red.png", RgbImage::from_pixel(256, 256, Rgb([200, 0, 0])));
    let large = desk.write("large.png", RgbImage::from_pixel(300, 20, Rgb([0, 0, 200])));
    let broken = desk.folder.path().join("broken.png");
    std::fs::write(&broken, "no picture").unwrap();
    drop_all_on(&mut desk, Some("Canvas"), vec![red.clone(), large, broken], |app| {
        names(app).len() == 4
    });
    assert_eq!(
        names(desk.harness.state()),
        ["red", "large", "Sketch", "Sketch mask"],
        "the colour lies under the lines"
    );
    desk.harness.get_by_label_contains("large.png is larger than the canvas");
    desk.harness.get_by_label_contains("broken.png");
    let blue = |desk: &Desk| {
        let layers = desk.document().canvas().layers();
        layers.filter_map(|layer| layer.raster()).nth(1).unwrap().pixel(0, 128)
    };
    assert_eq!(blue(&desk), [0, 0, 200, 255]);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(names(desk.harness.state()), ["Sketch", "Sketch mask"], "one change");
    desk.find_command("Import as a layer");
    desk.type_into(Widget::TextInput, "Path", red.to_str().unwrap());
    desk.click("Choose this");
    desk.wait("the layer", |app| names(app).len() == 3);
    assert_eq!(names(desk.harness.state())[0], "red");
}

#[test]
fn of_files_that_are_dropped_on_nothing_the_first_opens_and_the_others_lie_over_it() {
    let mut desk = Desk::new();
    let lines = desk.write("lines.png", RgbImage::from_pixel(64, 48, Rgb([255; 3])));
    let color = desk.write("color.png", RgbImage::from_pixel(64, 48, Rgb([200, 0, 0])));
    drop_all_on(&mut desk, None, vec![lines, color], |app| app.session.opened() == 1);
    assert_eq!(names(desk.harness.state()), ["color", "Sketch", "Sketch mask"]);
}

#[test]
fn what_is_dropped_goes_to_the_page_that_is_open_and_not_behind_a_question() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let models = desk.folder.path().join("models");
    desk.harness
        .state_mut()
        .session
        .keep_models_in(app::models::Folder::at(models));
    let picture = desk.write("other.png", RgbImage::from_pixel(64, 48, Rgb([255; 3])));
    desk.find_command("New layer");
    desk.press(Modifiers::COMMAND, Key::O);
    desk.harness.get_by_label("Changes are not saved");
    drop_on(&mut desk, None, picture.clone(), |_| true);
    desk.harness.get_by_label_contains("Answer the question");
    desk.click("Cancel");
    assert!(
        desk.harness
            .state()
            .session
            .document()
            .unwrap()
            .by_role(Role::Reference)
            .is_none()
    );
    desk.find_command("Models");
    desk.wait("the folder", |app| app.session.model_desk().work().is_none());
    drop_on(&mut desk, None, picture, |app| {
        app.session.model_desk().work().is_none() && app.session.model_desk().said().is_some()
    });
    let said = desk.harness.state().session.model_desk().said().cloned().unwrap();
    assert!(said.unwrap_err().contains("other.png"), "a picture is no model");
    assert_eq!(desk.harness.state().session.opened(), 1, "nor is it opened behind the page");
}
