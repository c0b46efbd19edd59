//! The gallery in the window: real widgets on a folder of real files.

mod filtering;
mod keys;
mod leaving;
mod looking;
mod remaking;
mod reviewing;

use std::path::PathBuf;

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
        let input = |name: &str| InputImage {
            origin: Origin::File(name.into()),
            hash: "0".repeat(64),
        };
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
    desk.harness.state_mut().session.open_for(Command::OpenFolder, folder.clone());
    desk.wait("the folder", |app| {
        let table = app.gallery.table();
        table.is_some_and(|table| *table.catalogue().progress() == Progress::Current && table.answer().entries.len() == 7)
    });
    folder
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
fn written(desk: &mut Desk, folder: &std::path::Path, name: &str, marks: &Marks) {
    let path = folder.join(name);
    let found = || Entry::read(path.clone(), Stamp::of(&path).unwrap()).marks().cloned();
    desk.wait("the marks in the file", |_| found().as_ref() == Some(marks));
}

/// Types the path that a command asks for.
fn answer(desk: &mut Desk, path: &std::path::Path, verb: &str) {
    let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
    typed.path = path.to_string_lossy().into_owned();
    desk.harness.run();
    desk.click(verb);
}

fn shown(desk: &Desk) -> usize {
    table(desk.harness.state()).answer().entries.len()
}
