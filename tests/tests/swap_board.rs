//! The swap board in the window: real widgets, files in a folder, an engine that is scripted.

use std::path::PathBuf;

use app::app::App;
use app::board::{Board, State};
use app::command::Command;
use app::document::Role;
use app::session::Edge;
use app::ui::swap_board::Show;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId};
use image::{GrayImage, Luma, Rgb, RgbImage};
use tests::desk::{Desk, take};

const SHIFT: Modifiers = Modifiers::SHIFT;
const NONE: Modifiers = Modifiers::NONE;

fn board(app: &App) -> &Board {
    &app.session.board
}

/// A frame with a box whose wall stands at `wall`, and its mask.
fn write_frame(desk: &Desk, name: &str, wall: u32) -> PathBuf {
    let sketch = RgbImage::from_fn(256, 256, |x, y| {
        let line = x < 3 || y < 3 || x > 252 || y > 252 || x.abs_diff(wall) < 3;
        Rgb([if line { 0 } else { 255 }; 3])
    });
    write_masked(desk, name, sketch)
}

fn write_reference(desk: &Desk, name: &str, color: [u8; 3]) -> PathBuf {
    write_masked(desk, name, RgbImage::from_pixel(64, 64, Rgb(color)))
}

fn write_masked(desk: &Desk, name: &str, picture: RgbImage) -> PathBuf {
    let mask = GrayImage::from_fn(picture.width(), picture.height(), |x, _| {
        Luma([if x < picture.width() / 2 { 255 } else { 0 }])
    });
    desk.write(&format!("{name}-mask.png"), mask);
    desk.write(&format!("{name}.png"), picture)
}

/// Two frames against two references.
fn laid(desk: &mut Desk) {
    desk.press(Modifiers::COMMAND, Key::Num2);
    let frames = vec![write_frame(desk, "f0001", 100), write_frame(desk, "f0003", 110)];
    let references = vec![
        write_reference(desk, "red", [200, 40, 40]),
        write_reference(desk, "blue", [40, 40, 200]),
    ];
    let session = &mut desk.harness.state_mut().session;
    session.add_to_board(Edge::Sketches, frames);
    session.add_to_board(Edge::References, references);
    desk.wait("the pictures", |app| {
        let layout = board(app).layout();
        layout.rows.len() == 2 && layout.columns.len() == 2
    });
}

/// Finishes the job that was submitted as number `job`, and waits for its cell.
fn finish(desk: &mut Desk, job: u64, color: [u8; 3]) {
    let engine = desk.engine.clone();
    desk.wait("the job", |_| engine.with(|script| script.submitted.len() as u64 >= job));
    let before = board(desk.harness.state()).progress().0;
    desk.say(Event::Finished {
        job: JobId(job),
        take: take(color),
    });
    desk.wait("the take", |app| board(app).progress().0 > before);
}

/// All four cells: red and blue, the second frame a little darker.
fn filled(desk: &mut Desk) {
    laid(desk);
    desk.press(SHIFT, Key::Enter);
    for job in 1..=4 {
        let dark = if job > 2 { 10 } else { 0 };
        let color = match job % 2 {
            1 => [200 - dark, 40, 40],
            _ => [40, 40, 200 - dark],
        };
        finish(desk, job, color);
    }
}

fn submitted(desk: &Desk) -> usize {
    desk.engine.with(|script| script.submitted.len())
}

/// What a pane shows half-way down.
#[track_caller]
fn shows(desk: &mut Desk, pane: &str, x: f32, color: [u8; 3]) {
    let found = desk.pixel(pane, x, 0.5);
    let near = (0..3).all(|channel| found[channel].abs_diff(color[channel]) <= 2);
    assert!(near, "{pane} shows {found:?} instead of {color:?}");
}

#[test]
fn an_empty_board_teaches_and_opens_the_sample_shot() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.harness.get_by_label("Which reference suits the shot?");
    desk.button("Add sketches");
    desk.button("Add references");
    desk.click("Open the sample shot");
    desk.wait("the shot", |app| {
        let layout = board(app).layout();
        layout.rows.len() == 8 && layout.columns.len() == 4
    });
    for name in ["Sketch 0001", "Reference noon", "Cell 0001 × morning, not made yet"] {
        desk.button(name);
    }
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.harness.get_by_label("Which reference suits the shot?");
}

#[test]
fn cells_fill_with_one_noise_and_a_changed_reference_runs_its_column_alone() {
    let mut desk = Desk::new();
    laid(&mut desk);
    desk.click("Fill the board");
    let engine = desk.engine.clone();
    desk.wait("two jobs", |_| engine.with(|script| script.submitted.len() == 2));
    desk.say(Event::Started {
        job: JobId(1),
        steps: 12,
    });
    desk.button("Cell f0001 × red, step 0 of 12");
    desk.button("Cell f0001 × blue, waiting");
    for job in 1..=4 {
        finish(&mut desk, job, [9, 9, 9]);
    }
    desk.button("Cell f0003 × blue, done");
    desk.engine.with(|script| {
        assert!(script.submitted.iter().all(|request| request.settings.seed == 0));
        assert!(script.submitted.iter().all(|request| request.inputs.sketch_mask.is_some()));
    });
    let green = write_reference(&desk, "green", [40, 200, 40]);
    desk.click("Reference blue");
    desk.harness.state_mut().session.open_for(Command::ReplaceReference, green);
    desk.wait("the column", |_| engine.with(|script| script.submitted.len() == 6));
    desk.engine.with(|script| {
        let colors: Vec<_> = script.submitted[4..]
            .iter()
            .map(|request| request.inputs.reference.get_pixel(0, 0).0)
            .collect();
        assert_eq!(colors, [[40, 200, 40]; 2]);
    });
    desk.button("Cell f0001 × red, done");
    finish(&mut desk, 5, [9, 9, 9]);
    finish(&mut desk, 6, [9, 9, 9]);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.button("Cell f0001 × blue, done");
    assert_eq!(submitted(&desk), 6, "what was made is not made again");
}

#[test]
fn cells_rows_and_all_are_cancelled_and_tried_again() {
    let mut desk = Desk::new();
    laid(&mut desk);
    desk.press(SHIFT, Key::Enter);
    let engine = desk.engine.clone();
    desk.wait("two jobs", |_| engine.with(|script| script.submitted.len() == 2));
    desk.press(NONE, Key::X);
    desk.wait("the next job", |_| engine.with(|script| script.submitted.len() == 3));
    desk.button("Cell f0001 × red, cancelled");
    desk.press(SHIFT, Key::X);
    desk.wait("the end of the row", |_| engine.with(|script| script.cancelled.len() == 2));
    desk.press(NONE, Key::Escape);
    desk.wait("the end", |app| !board(app).is_working());
    desk.press(NONE, Key::R);
    desk.wait("another try", |app| board(app).is_working());
    desk.click("Pause");
    assert!(!board(desk.harness.state()).is_running());
    desk.button("Go on");
}

#[test]
fn keys_choose_reorder_remove_and_undo() {
    let mut desk = Desk::new();
    filled(&mut desk);
    let names = |desk: &Desk| -> String {
        let layout = board(desk.harness.state()).layout();
        let names: Vec<_> = layout.columns.iter().map(|column| column.reference.name.clone()).collect();
        names.join(" ")
    };
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::P);
    desk.button("Reference blue, chosen");
    desk.press(Modifiers::COMMAND, Key::ArrowLeft);
    assert_eq!(names(&desk), "blue red");
    desk.press(NONE, Key::M);
    desk.button("Cell f0001 × blue, waiting");
    desk.press(SHIFT, Key::Delete);
    assert_eq!(names(&desk), "red");
    for _ in 0..4 {
        desk.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(names(&desk), "red blue");
    desk.button("Reference blue");
    desk.button("Cell f0001 × blue, done");
}

#[test]
fn a_head_is_dragged_to_another_place() {
    let mut desk = Desk::new();
    laid(&mut desk);
    let [red, blue] = ["Reference red", "Reference blue"].map(|name| desk.button(name).rect().center());
    desk.harness.hover_at(red);
    desk.harness.run();
    desk.harness.drag_at(red);
    desk.harness.step();
    for share in [0.5, 1.0, 1.4] {
        desk.harness.hover_at(red.lerp(blue, share));
        desk.harness.step();
    }
    desk.harness.drop_at(red.lerp(blue, 1.4));
    desk.harness.run();
    let first = &board(desk.harness.state()).layout().columns[0].reference.name;
    assert_eq!(first, "blue");
}

#[test]
fn one_frame_is_shown_side_by_side_flipped_wiped_and_subtracted() {
    let mut desk = Desk::drawn(Theme::Dark);
    filled(&mut desk);
    desk.press(NONE, Key::E);
    let (red, blue) = ("Picture f0001 × red", "Picture f0001 × blue");
    shows(&mut desk, red, 0.6, [200, 40, 40]);
    shows(&mut desk, blue, 0.6, [40, 40, 200]);
    desk.harness.key_down(Key::F);
    desk.harness.run();
    shows(&mut desk, red, 0.6, [40, 40, 200]);
    desk.harness.key_up(Key::F);
    desk.harness.run();
    shows(&mut desk, red, 0.6, [200, 40, 40]);
    desk.press(NONE, Key::W);
    let wipe = "Wipe red  |  blue";
    shows(&mut desk, wipe, 0.47, [200, 40, 40]);
    shows(&mut desk, wipe, 0.55, [40, 40, 200]);
    desk.press(NONE, Key::D);
    shows(&mut desk, "Difference red minus blue", 0.55, [255, 0, 255]);
    desk.press(NONE, Key::Escape);
    assert_eq!(desk.harness.state().swap_board.show, Show::Board);
}

#[test]
fn frames_play_with_their_own_timing_and_stop_where_they_are() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.press(NONE, Key::Space);
    assert!(desk.harness.state().swap_board.is_playing());
    let shown = |desk: &Desk| {
        let name = ["f0001", "f0003"]
            .into_iter()
            .find(|name| desk.harness.query_by_label(&format!("Picture {name} × red")).is_some());
        name.expect("a frame shows")
    };
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..12 {
        desk.harness.step();
        seen.insert(shown(&desk));
    }
    assert_eq!(seen.len(), 2, "both frames had their turn");
    desk.press(NONE, Key::Escape);
    let app = desk.harness.state();
    assert!(!app.swap_board.is_playing());
    let (row, _) = board(app).active().unwrap();
    assert_eq!(board(app).layout().row(row).unwrap().sketch.name, shown(&desk));
}

#[test]
fn a_reference_goes_to_the_studio_and_a_cell_becomes_a_document() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::Enter);
    desk.wait("the document", |app| app.session.opened() == 1);
    let document = desk.document();
    assert!(document.by_role(Role::Take).is_some());
    let red = |desk: &Desk| {
        let reference = desk.document().by_role(Role::Reference).unwrap();
        reference
            .raster()
            .unwrap()
            .to_picture(app::document::Rect::of([64, 64]))
            .get_pixel(9, 9)
            .0[0]
    };
    assert_eq!(red(&desk), 40);
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.press(NONE, Key::ArrowLeft);
    desk.press(Modifiers::COMMAND, Key::Enter);
    assert_eq!(red(&desk), 200);
    desk.harness.get_by_role_and_label(Widget::Tab, "Studio");
    desk.harness.get_by_label("Canvas");
}

#[test]
fn zoom_is_locked_over_all_cells_until_it_is_set_free() {
    let mut desk = Desk::new();
    filled(&mut desk);
    let at = desk.button("Cell f0001 × red, done").rect().center();
    let zoom = |desk: &mut Desk, factor| {
        desk.harness.hover_at(at);
        desk.harness.step();
        desk.harness.event(egui::Event::Zoom(factor));
        desk.harness.run();
    };
    zoom(&mut desk, 2.0);
    assert_eq!(desk.harness.state().swap_board.zoom(), 2.0);
    desk.click("Lock the zoom over all cells");
    zoom(&mut desk, 2.0);
    assert_eq!(desk.harness.state().swap_board.zoom(), 2.0, "the others stay");
    desk.click("Lock the zoom over all cells");
    assert_eq!(desk.harness.state().swap_board.zoom(), 4.0, "all follow the active one");
    desk.press(NONE, Key::Num2);
    assert_eq!(desk.harness.state().swap_board.zoom(), 1.0);
}

#[test]
fn a_folder_a_sequence_and_what_is_open_are_added() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.press(Modifiers::COMMAND, Key::Num2);
    let frames: Vec<PathBuf> = (1..=3)
        .map(|at| write_frame(&desk, &format!("cut.{at:04}"), 90 + at))
        .collect();
    desk.harness
        .state_mut()
        .session
        .open_for(Command::AddSequence, frames[1].clone());
    desk.wait("the sequence", |app| board(app).layout().rows.len() == 3);
    desk.button("Sketch cut.0001");
    desk.button("Choose references");
    desk.harness.state_mut().session.run(Command::AddFromStudio);
    desk.wait("the drawing", |app| {
        let layout = board(app).layout();
        layout.rows.len() == 4 && layout.columns.len() == 1
    });
    let references = desk.folder.path().join("references");
    std::fs::create_dir(&references).unwrap();
    for name in ["references/noon", "references/dusk"] {
        write_reference(&desk, name, [1, 2, 3]);
    }
    desk.harness
        .state_mut()
        .session
        .open_for(Command::AddReferenceFolder, references);
    desk.wait("the folder", |app| board(app).layout().columns.len() == 3);
}

#[test]
fn a_named_part_keeps_its_colour_over_the_frames_and_the_drift_is_told() {
    let mut desk = Desk::drawn(Theme::Dark);
    filled(&mut desk);
    desk.press(NONE, Key::K);
    desk.click("Choose the active one");
    desk.press(NONE, Key::E);
    let (first, second) = ("Picture f0001 × red", "Picture f0003 × red");
    let at = desk.place(first, 0.6, 0.5);
    desk.harness.hover_at(at);
    desk.harness.run();
    desk.harness.drag_at(at);
    desk.harness.step();
    desk.harness.drop_at(at);
    desk.harness.run();
    desk.harness.get_by_label("Name of part 1");
    desk.press(NONE, Key::ArrowDown);
    shows(&mut desk, second, 0.6, [190, 40, 40]);
    desk.harness.get_by_label("Keep these colours in all frames").click();
    desk.wait("the frame in the model's colours", |app| {
        let board = board(app);
        board.take(board.active().unwrap()).is_some_and(|take| take.tone != 0)
    });
    shows(&mut desk, second, 0.6, [200, 40, 40]);
    shows(&mut desk, second, 0.3, [190, 40, 40]);
    desk.press(Modifiers::COMMAND, Key::Z);
    shows(&mut desk, second, 0.6, [190, 40, 40]);
}

#[test]
fn the_board_is_written_with_a_sheet_and_an_index_and_the_chosen_frames_alone() {
    let mut desk = Desk::new();
    filled(&mut desk);
    let out = desk.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    desk.harness.state_mut().session.open_for(Command::ExportBoard, out.clone());
    desk.wait("the sheet", |app| app.session.notice.is_some());
    desk.harness.get_by_label_contains("4 takes");
    for name in ["f0001--red.png", "f0003--blue.png", "sheet.png"] {
        image::open(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let index = std::fs::read_to_string(out.join("index.json")).unwrap();
    for word in ["\"file\": \"f0003--red.png\"", "f0001-mask.png", "\"seed\": 0"] {
        assert!(index.contains(word), "{word} is not in {index}");
    }
    desk.click("Dismiss");
    desk.press(NONE, Key::P);
    let frames = desk.folder.path().join("frames");
    std::fs::create_dir(&frames).unwrap();
    desk.harness
        .state_mut()
        .session
        .open_for(Command::ExportFrames, frames.clone());
    desk.wait("the frames", |app| app.session.notice.is_some());
    let mut names: Vec<_> = std::fs::read_dir(&frames)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["f0001.png", "f0003.png"]);
    assert!(matches!(
        board(desk.harness.state()).state(board(desk.harness.state()).active().unwrap()),
        State::Done(_)
    ));
}
