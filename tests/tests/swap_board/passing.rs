//! What comes onto the board, and what leaves it.

use std::path::PathBuf;

use app::app::App;
use app::board::State;
use app::command::Command;
use app::document::Role;
use app::gallery::catalogue::Progress;
use app::session::Edge;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

use super::{NONE, SHIFT, board, filled, finish, laid, submitted, write_frame, write_reference};

/// Whether the program has said so.
fn told(app: &App, words: &str) -> bool {
    app.session.notice.as_ref().is_some_and(|notice| notice.text.contains(words))
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
fn a_cell_in_the_studio_has_the_board_s_settings_and_leaves_the_board_as_it_is() {
    let mut desk = Desk::new();
    laid(&mut desk);
    desk.harness.state_mut().session.settings.steps = 7;
    desk.press(SHIFT, Key::Enter);
    for job in 1..=4 {
        finish(&mut desk, job, [9, 9, 9]);
    }
    desk.press(NONE, Key::Enter);
    desk.wait("the document", |app| app.session.opened() == 1);
    assert_eq!(desk.harness.state().session.settings.steps, 7);
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.press(SHIFT, Key::Enter);
    desk.harness.run_steps(8);
    assert_eq!(submitted(&desk), 4, "nothing became stale");
    // Without its mask, as the cell is.
    desk.press(NONE, Key::M);
    desk.press(Modifiers::COMMAND, Key::Enter);
    let mask = desk.document().by_role(Role::ReferenceMask).and_then(|layer| layer.mask());
    assert!(mask.unwrap().is_blank());
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
fn sketches_that_a_dialog_names_by_letters_stand_by_their_numbers_and_references_as_they_were_chosen() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::Num2);
    let sketches = ["f1", "f10", "f2"].map(|name| write_frame(&desk, name, 90));
    let references = ["r1", "r10", "r2"].map(|name| write_reference(&desk, name, [1, 2, 3]));
    let session = &mut desk.harness.state_mut().session;
    session.add_to_board(Edge::Sketches, sketches.to_vec());
    session.add_to_board(Edge::References, references.to_vec());
    desk.wait("the pictures", |app| {
        let layout = board(app).layout();
        layout.rows.len() == 3 && layout.columns.len() == 3
    });
    let layout = board(desk.harness.state()).layout();
    let rows: Vec<&str> = layout.rows.iter().map(|row| row.sketch.name.as_str()).collect();
    let columns: Vec<&str> = layout.columns.iter().map(|column| column.reference.name.as_str()).collect();
    assert_eq!(rows, ["f1", "f2", "f10"]);
    assert_eq!(columns, ["r1", "r10", "r2"]);
}

#[test]
fn the_board_is_written_with_a_sheet_and_an_index_and_the_chosen_frames_alone() {
    let mut desk = Desk::new();
    filled(&mut desk);
    let out = desk.folder.path().join("out");
    desk.harness.state_mut().session.open_for(Command::ExportBoard, out.clone());
    desk.wait("the sheet", |app| told(app, "4 takes, a contact sheet and an index are in "));
    for name in ["f0001--red.png", "f0003--blue.png", "sheet.png"] {
        image::open(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let index = std::fs::read_to_string(out.join("index.json")).unwrap();
    for word in ["\"file\": \"f0003--red.png\"", "f0001-mask.png", "\"seed\": 0"] {
        assert!(index.contains(word), "{word} is not in {index}");
    }
    desk.press(NONE, Key::P);
    let frames = desk.folder.path().join("frames");
    desk.harness
        .state_mut()
        .session
        .open_for(Command::ExportFrames, frames.clone());
    desk.wait("the frames", |app| told(app, "2 frames are in "));
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

#[cfg(unix)]
#[test]
fn a_board_that_is_written_says_how_far_it_is_and_is_broken_off() {
    use std::io::Write;
    let mut desk = Desk::new();
    filled(&mut desk);
    let out = desk.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    // A pipe in the second take's place: whoever looks what is there already waits until something is written into it.
    let place = out.join("f0001--blue.png");
    let made = std::process::Command::new("mkfifo").arg(&place).status();
    assert!(made.unwrap().success());
    let mut pipe = std::fs::File::options().read(true).write(true).open(&place).unwrap();
    let session = &mut desk.harness.state_mut().session;
    session.open_for(Command::ExportBoard, out.clone());
    assert!(!session.allows(Command::ExportBoard), "one at a time");
    desk.wait("the first take", |app| app.session.writing() == Some([1, 4]));
    desk.harness.get_by_label_contains("Exporting 1 of 4");
    desk.click("Cancel the export");
    pipe.write_all(&[0; 1 << 15]).unwrap();
    desk.wait("the end", |app| told(app, "No more pictures are written"));
    let takes = ["f0001--red", "f0001--blue", "f0003--red", "f0003--blue"];
    let there = takes.map(|name| out.join(format!("{name}.png")).is_file());
    assert_eq!(there, [true, true, false, false], "those that were written stay");
    assert!(!out.join("index.json").exists(), "it would tell of takes that are not there");
}

#[test]
fn files_are_dropped_as_sketches_and_on_the_heads_as_references() {
    let mut desk = Desk::new();
    laid(&mut desk);
    let (frame, green) = (
        write_frame(&desk, "f0005", 120),
        write_reference(&desk, "green", [40, 200, 40]),
    );
    let counts = |app: &App| (board(app).layout().rows.len(), board(app).layout().columns.len());
    let cell = desk.button("Cell f0001 × red, not made yet").rect().center();
    desk.harness.hover_at(cell);
    desk.harness.step();
    desk.drop_file(frame);
    desk.wait("the sketch", |app| counts(app) == (3, 2));
    let head = desk.button("Reference red").rect().center();
    desk.harness.hover_at(head);
    desk.harness.step();
    desk.drop_file(green);
    desk.wait("the reference", |app| counts(app) == (3, 3));
    desk.button("Reference green");
}

#[test]
fn what_is_added_is_undone_by_itself_though_the_first_of_its_files_is_broken() {
    let mut desk = Desk::new();
    laid(&mut desk);
    let broken = desk.folder.path().join("a.png");
    std::fs::write(&broken, "no picture").unwrap();
    let files = vec![broken, write_frame(&desk, "b", 90), write_frame(&desk, "c", 95)];
    desk.harness.state_mut().session.add_to_board(Edge::Sketches, files);
    desk.wait("the pictures", |app| board(app).layout().rows.len() == 4);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(
        board(desk.harness.state()).layout().rows.len(),
        2,
        "those that were there before stay"
    );
}

#[test]
fn frames_that_are_written_right_after_the_lock_have_its_colours() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.press(NONE, Key::P);
    let out = desk.folder.path().join("frames");
    let session = &mut desk.harness.state_mut().session;
    let row = session.board.layout().rows[0].id;
    assert!(session.board.name_part(row, [0.7, 0.5]));
    session.board.edit("Lock the colours", |layout| layout.colors.locked = true);
    session.open_for(Command::ExportFrames, out.clone());
    desk.wait("the frames", |app| told(app, "2 frames are in "));
    let second = image::open(out.join("f0003.png")).unwrap().to_rgb8();
    assert_eq!(second.get_pixel(180, 128).0, [200, 40, 40]);
}

#[test]
fn the_studio_s_layers_become_rows() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let session = &mut desk.harness.state_mut().session;
    for command in [Command::NewLayer, Command::FillBrushColor, Command::NewLayer] {
        session.run(command);
    }
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.harness.get_by_label("File").click();
    desk.harness.run();
    desk.harness
        .get_by_label_contains("Add the studio's layers as sketches")
        .click();
    desk.wait("the layers", |app| board(app).layout().rows.len() == 2);
    let drawn = |row: usize| board(desk.harness.state()).layout().rows[row].sketch.clone();
    assert_ne!(drawn(0).hash, drawn(1).hash, "the blank layer is none");
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(board(desk.harness.state()).is_empty(), "they came together");
}

#[test]
fn the_studio_s_layers_become_columns_too_with_the_mask_of_the_drawing() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.make_take([200, 90, 40]);
    let session = &mut desk.harness.state_mut().session;
    for command in [Command::NewLayer, Command::FillBrushColor, Command::NewLayer] {
        session.run(command);
    }
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.find_command("Add the studio's layers as references");
    desk.wait("the layers", |app| board(app).layout().columns.len() == 2);
    desk.button("Reference Take 1");
    let columns = &board(desk.harness.state()).layout().columns;
    assert!(columns.iter().all(|column| column.reference.mask.is_some()));
    assert_eq!(columns[0].reference.picture.0.get_pixel(9, 9).0, [200, 90, 40]);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(board(desk.harness.state()).is_empty(), "they came together");
}

#[test]
fn the_takes_of_a_board_are_looked_through_in_the_gallery() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.click("Look through the takes");
    let out = desk.folder.path().join("takes");
    let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
    typed.path = out.to_string_lossy().into_owned();
    desk.harness.run();
    desk.click("Choose this");
    desk.wait("the gallery", |app| {
        let table = app.gallery.table();
        table.is_some_and(|table| *table.catalogue().progress() == Progress::Current && table.answer().entries.len() == 4)
    });
    assert!(out.join("sheet.png").exists(), "it is no take");
    desk.button("f0001--red.png");
    desk.press(NONE, Key::P);
    desk.wait("the pick", |app| app.gallery.table().unwrap().picked().len() == 1);
}

/// Closes the window; whether it stays open for now.
fn close(desk: &mut Desk) -> bool {
    let viewports = &mut desk.harness.input_mut().viewports;
    let root = viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    desk.harness.step();
    let cancelled = is_sent(desk, &ViewportCommand::CancelClose);
    desk.harness.run();
    cancelled
}

/// Whether the window was told so in the last frame.
fn is_sent(desk: &Desk, command: &ViewportCommand) -> bool {
    let root = &desk.harness.output().viewport_output[&ViewportId::ROOT];
    root.commands.contains(command)
}

/// Steps until the window closes by itself.
fn wait_for_close(desk: &mut Desk) {
    let start = std::time::Instant::now();
    while !is_sent(desk, &ViewportCommand::Close) {
        assert!(start.elapsed() < tests::desk::PATIENCE, "it never closes");
        std::thread::sleep(std::time::Duration::from_millis(5));
        desk.harness.step();
    }
}

#[test]
fn quitting_asks_before_takes_are_lost_that_are_in_no_folder() {
    let mut desk = Desk::new();
    laid(&mut desk);
    assert!(!close(&mut desk), "nothing was made yet");
    desk.press(SHIFT, Key::Enter);
    for job in 1..=4 {
        finish(&mut desk, job, [9, 9, 9]);
    }
    assert!(close(&mut desk));
    desk.harness.get_by_label("The board is not saved");
    desk.click("Cancel");
    assert!(close(&mut desk));
    desk.click("Save into a folder");
    desk.click("Cancel");
    assert!(board(desk.harness.state()).is_unsaved(), "no folder was chosen");
    let out = |desk: &Desk, name: &str| desk.folder.path().join(name);
    let first = out(&desk, "first");
    desk.harness.state_mut().session.open_for(Command::ExportBoard, first);
    desk.wait("the pictures", |app| !board(app).is_unsaved());
    assert!(!close(&mut desk), "all is in the folder");
    // A part that is named is a decision, too.
    desk.press(NONE, Key::P);
    let row = board(desk.harness.state()).layout().rows[0].id;
    assert!(desk.harness.state_mut().session.board.name_part(row, [0.2, 0.5]));
    assert!(close(&mut desk));
    desk.click("Save into a folder");
    let second = out(&desk, "second");
    desk.type_into(Widget::TextInput, "Path", &second.display().to_string());
    desk.click("Choose this");
    desk.wait("the pictures", |app| !board(app).is_unsaved());
    assert!(second.join("index.json").exists());
    assert!(!close(&mut desk), "nothing keeps the window open");
}

#[test]
fn what_is_painted_while_the_board_goes_into_a_folder_is_asked_about() {
    let mut desk = Desk::new();
    desk.open_sketch();
    filled(&mut desk);
    assert!(close(&mut desk));
    desk.click("Save into a folder");
    desk.harness.state_mut().session.run(Command::NewLayer);
    let out = desk.folder.path().join("out");
    desk.type_into(Widget::TextInput, "Path", &out.display().to_string());
    desk.click("Choose this");
    desk.wait("the question", |app| !board(app).is_unsaved() && !app.session.is_exporting());
    desk.harness.get_by_label("Changes are not saved");
    desk.button("Discard").click();
    wait_for_close(&mut desk);
    assert!(out.join("index.json").exists());
}

#[test]
fn quitting_waits_for_pictures_that_are_being_written() {
    let mut desk = Desk::new();
    filled(&mut desk);
    let out = desk.folder.path().join("out");
    desk.harness.state_mut().session.open_for(Command::ExportBoard, out.clone());
    let viewports = &mut desk.harness.input_mut().viewports;
    let root = viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    desk.harness.step();
    // A fast disk may have it all by now.
    if is_sent(&desk, &ViewportCommand::CancelClose) {
        wait_for_close(&mut desk);
    }
    assert!(out.join("sheet.png").exists(), "the sheet is written last");
}
