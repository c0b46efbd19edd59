//! The gallery in the window: real widgets on a folder of real files.

mod choosing;
mod filtering;
mod keys;
mod leaving;
mod looking;
mod remaking;
mod renewing;
mod reviewing;

use std::path::{Path, PathBuf};

use app::app::App;
use app::command::Command;
use app::gallery::catalogue::Progress;
use app::gallery::entry::{Entry, Stamp};
use app::gallery::light_table::LightTable;
use app::gallery::marks::Marks;
use app::gallery::metadata::write_take;
use app::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs, VERSION};
use egui::accesskit::Role as Widget;
use egui_kittest::kittest::Queryable;
use engine::event::ModelIdentity;
use engine::request::{Mode, Settings};
use image::{Rgb, RgbImage};
use tests::desk::Desk;

/// Two modes, seeds 0 to 5, and a file that is no picture.
fn takes(desk: &Desk) -> PathBuf {
    let folder = desk.folder.path().join("takes");
    std::fs::create_dir(&folder).unwrap();
    for seed in 0..6u8 {
        let mode = if seed < 3 { Mode::Split } else { Mode::Vanilla };
        let inputs = RecipeInputs::new(input("girl.png"), input("dusk.png"));
        let recipe = Recipe {
            lines: true,
            ..recipe(seed.into(), mode, inputs)
        };
        let picture = RgbImage::from_pixel(64, 64, Rgb([40 * seed, 200 - 30 * seed, 90]));
        write_take(&folder.join(format!("take {seed}.png")), &picture, None, &recipe).unwrap();
    }
    std::fs::write(folder.join("torn.png"), b"not a picture any more").unwrap();
    folder
}

/// A picture that a recipe names, wherever it may be.
fn input(name: &str) -> InputImage {
    InputImage {
        origin: Origin::File(name.into()),
        hash: "0".repeat(64),
    }
}

fn recipe(seed: u64, mode: Mode, inputs: RecipeInputs) -> Recipe {
    Recipe {
        version: VERSION,
        program: "shiage".into(),
        model: ModelIdentity {
            name: "tiny 256".into(),
            hash: "0".repeat(64),
        },
        device: "CPU".into(),
        settings: Settings {
            seed,
            mode,
            ..Settings::default()
        },
        inputs,
        lines: false,
    }
}

fn table(app: &App) -> &LightTable {
    app.gallery.table().expect("a folder is open")
}

fn open(desk: &mut Desk) -> PathBuf {
    let folder = takes(desk);
    open_folder(desk, &folder, 7);
    folder
}

/// A PNG whose pixels do not unfold.
fn spoilt(mut png: Vec<u8>) -> Vec<u8> {
    let pixels = png.windows(4).position(|kind| kind == b"IDAT").unwrap() + 4;
    png[pixels..pixels + 8].fill(0);
    png
}

/// Opens a folder, and waits until all its pictures are read and show.
fn open_folder(desk: &mut Desk, folder: &Path, pictures: usize) {
    let session = &mut desk.harness.state_mut().session;
    session.open_for(Command::OpenFolder, folder.to_owned());
    desk.wait("the folder", |app| {
        app.gallery.table().is_some_and(|table| {
            let catalogue = table.catalogue();
            let is_read = catalogue.folder() == folder && *catalogue.progress() == Progress::Current;
            is_read && table.answer().entries.len() == pictures
        })
    });
}

/// Waits until everything that is looked at is there, and a frame longer for what is brought to the GPU.
fn decoded(desk: &mut Desk) {
    desk.harness.run();
    desk.wait("the pictures", |app| app.gallery.pictures()[1] == 0);
}

/// Whether the gallery can do anything with the command now.
fn allows(desk: &Desk, command: Command) -> bool {
    let app = desk.harness.state();
    app.gallery.allows(command, &app.session)
}

fn tile<'a>(desk: &'a Desk, name: &'a str) -> egui_kittest::Node<'a> {
    desk.harness.get_by_role_and_label(Widget::Button, name)
}

fn choose(desk: &mut Desk, name: &str) {
    tile(desk, name).click();
    desk.harness.run();
}

/// What the file itself says, once it says so.
fn written(desk: &mut Desk, folder: &Path, name: &str, marks: &Marks) {
    let path = folder.join(name);
    let found = || Entry::read(path.clone(), Stamp::of(&path).unwrap()).marks().cloned();
    desk.wait("the marks in the file", |_| found().as_ref() == Some(marks));
}

/// Types the path that a command asks for.
fn answer(desk: &mut Desk, path: &Path, verb: &str) {
    let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
    typed.path = path.to_string_lossy().into_owned();
    desk.harness.run();
    desk.click(verb);
}

fn shown(desk: &Desk) -> usize {
    table(desk.harness.state()).answer().entries.len()
}
