//! Cells are filled, cancelled and rearranged.

use app::command::Command;
use app::session::Edge;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId};
use image::{Rgb, RgbImage};
use tests::desk::Desk;

use super::{NONE, SHIFT, board, filled, finish, laid, submitted, write_reference};

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
    desk.button("Cell f0003 × blue, done, ΔE 0.0 from the frame before");
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
fn the_board_says_what_its_cells_were_made_with_and_fill_lights_up_for_other_settings() {
    let mut desk = Desk::drawn(Theme::Dark);
    laid(&mut desk);
    desk.harness.state_mut().session.settings.steps = 7;
    desk.harness.run();
    desk.harness.get_by_label_contains("7 steps, as in the studio");
    desk.press(SHIFT, Key::Enter);
    for job in 1..=4 {
        finish(&mut desk, job, [9, 9, 9]);
    }
    let lit = |desk: &mut Desk| desk.pixel("Fill the board", 0.04, 0.5) == [0xE8, 0xC1, 0x5A];
    assert!(!lit(&mut desk), "all is there");
    desk.harness.state_mut().session.settings.steps = 9;
    desk.harness.run();
    desk.harness.get_by_label_contains("7 steps; the studio has other settings");
    assert!(lit(&mut desk));
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
    let before = submitted(&desk);
    desk.press(NONE, Key::R);
    desk.wait("the cell", |_| engine.with(|script| script.submitted.len() > before));
    desk.button("Cell f0001 × red, waiting");
    desk.button("Cell f0003 × blue, not made yet");
    finish(&mut desk, before as u64 + 1, [9, 9, 9]);
    assert_eq!(submitted(&desk), before + 1, "it alone");
    for command in [Command::RunCellAgain, Command::CancelCell] {
        assert!(
            !desk.harness.state().session.allows(command),
            "{command:?} on a cell that is done"
        );
    }
    desk.press(SHIFT, Key::Enter);
    desk.wait("the others", |app| board(app).is_working());
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
fn a_head_without_a_mask_says_in_which_mode_its_cells_are_made_and_gets_one() {
    let mut desk = Desk::new();
    // Room for three rows.
    desk.harness.set_size(egui::vec2(1024.0, 1024.0));
    laid(&mut desk);
    let bare = desk.write("bare.png", RgbImage::from_pixel(64, 64, Rgb([9, 90, 9])));
    let mask = desk.folder.path().join("red-mask.png");
    let said = |desk: &Desk, words: &str| desk.harness.query_all_by_label_contains(words).count();
    assert_eq!(said(&desk, "Made in "), 0);
    desk.click("Reference blue");
    desk.harness
        .state_mut()
        .session
        .open_for(Command::ReplaceReference, bare.clone());
    desk.wait("the reference", |app| board(app).layout().columns[1].reference.mask.is_none());
    assert_eq!(
        said(&desk, "Made in Foreground mode, not in Split: the reference has no mask"),
        1
    );
    assert!(!desk.harness.state().session.allows(Command::ToggleReferenceMask));
    desk.harness
        .state_mut()
        .session
        .open_for(Command::MaskReference, mask.clone());
    desk.wait("its mask", |app| board(app).layout().columns[1].reference.mask.is_some());
    desk.harness
        .state_mut()
        .session
        .add_to_board(Edge::Sketches, vec![bare.clone()]);
    desk.wait("the sketch", |app| board(app).layout().rows.len() == 3);
    assert_eq!(said(&desk, "Made in Vanilla mode, not in Split: the sketch has no mask"), 1);
    desk.click("Sketch bare");
    desk.harness.state_mut().session.open_for(Command::MaskSketch, mask.clone());
    desk.wait("its mask", |app| board(app).layout().rows[2].sketch.mask.is_some());
    assert_eq!(said(&desk, "Made in "), 0);
    desk.harness
        .state_mut()
        .session
        .open_for(Command::PairBackground, bare.clone());
    desk.wait("the background", |app| {
        board(app).layout().columns[1].reference.background.is_some()
    });
    desk.find_command("Remove the reference's background");
    desk.wait("the way back", |app| {
        board(app).layout().columns[1].reference.background.is_none()
    });
    // Asked for one after the other, before either is read: both count.
    let session = &mut desk.harness.state_mut().session;
    session.open_for(Command::ReplaceReference, bare.clone());
    session.open_for(Command::PairBackground, bare.clone());
    session.open_for(Command::MaskReference, mask);
    desk.wait("all of it", |app| {
        let reference = &board(app).layout().columns[1].reference;
        reference.background.is_some() && reference.mask.is_some() && reference.name == "bare"
    });
}

#[test]
fn a_head_is_dragged_to_another_place() {
    let mut desk = Desk::new();
    laid(&mut desk);
    let [red, blue] = ["Reference red", "Reference blue"].map(|name| desk.button(name).rect().center());
    desk.drag_between(red, red.lerp(blue, 1.4));
    let first = &board(desk.harness.state()).layout().columns[0].reference.name;
    assert_eq!(first, "blue");
}

#[test]
fn escape_leaves_a_head_on_the_board() {
    let mut desk = Desk::new();
    laid(&mut desk);
    let [red, frame] = ["Reference red", "Sketch f0001"].map(|name| desk.button(name).rect().center());
    let corner = egui::pos2(frame.x, red.y);
    let columns = |desk: &Desk| board(desk.harness.state()).layout().columns.len();
    let before = columns(&desk);
    desk.carry_between(red, corner);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.harness.drop_at(corner);
    desk.harness.run();
    assert_eq!(columns(&desk), before);
}

#[test]
fn heads_are_dragged_off_the_board() {
    let mut desk = Desk::new();
    laid(&mut desk);
    let [red, frame] = ["Reference red", "Sketch f0001"].map(|name| desk.button(name).rect().center());
    let corner = egui::pos2(frame.x, red.y);
    desk.drag_between(red, corner);
    desk.drag_between(frame, corner);
    let left = |desk: &Desk| {
        let layout = board(desk.harness.state()).layout();
        (layout.rows.len(), layout.columns.len())
    };
    assert_eq!(left(&desk), (1, 1));
    for _ in 0..2 {
        desk.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(left(&desk), (2, 2));
}
