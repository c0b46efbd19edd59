//! Pictures of the board side by side, subtracted, played, and in the colours of a model.

use std::time::Duration;

use app::session::Edge;
use app::ui::swap_board::Show;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme};
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::{NodeT, Queryable};
use engine::event::{Event, JobId, Take};
use tests::desk::{Desk, take};

use super::{NONE, SHIFT, board, filled, finish_with, shows, write_frame, write_reference};

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
    // By mouse: as long as the button is held down.
    let (flip, at) = (desk.button("Flip").rect().center(), desk.place(red, 0.6, 0.5));
    let seen = |desk: &mut Desk| {
        desk.harness.run();
        let picture = desk.harness.render().unwrap();
        picture.get_pixel(at.x as u32, at.y as u32).0[..3].to_owned()
    };
    desk.harness.hover_at(flip);
    desk.harness.step();
    desk.harness.drag_at(flip);
    assert_eq!(seen(&mut desk), [40, 40, 200]);
    desk.harness.drop_at(flip);
    assert_eq!(seen(&mut desk), [200, 40, 40]);
    desk.press(NONE, Key::W);
    let wipe = "Wipe red  |  blue";
    shows(&mut desk, wipe, 0.47, [200, 40, 40]);
    shows(&mut desk, wipe, 0.55, [40, 40, 200]);
    desk.press(NONE, Key::D);
    let difference = "Difference red minus blue";
    shows(&mut desk, difference, 0.55, [255, 0, 255]);
    let gain = desk.harness.get_by_role_and_label(Widget::Slider, "Gain").rect();
    desk.click_at(gain.left_center() + egui::vec2(2.0, 0.0), NONE);
    shows(&mut desk, difference, 0.55, [160, 0, 160]);
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
fn a_shot_with_one_reference_is_shown_large_played_and_held_to_its_colours() {
    let mut desk = Desk::drawn(Theme::Dark);
    filled(&mut desk);
    desk.press(NONE, Key::ArrowRight);
    desk.press(SHIFT, Key::Delete);
    let show = |desk: &Desk| desk.harness.state().swap_board.show;
    let first = "Picture f0001 × red";
    desk.press(NONE, Key::W);
    assert_eq!(show(&desk), Show::Board, "there is nothing to wipe against");
    let cell = desk.button("Cell f0001 × red, done").rect().center();
    desk.double_click_at(cell);
    assert_eq!(show(&desk), Show::SideBySide);
    shows(&mut desk, first, 0.6, [200, 40, 40]);
    desk.press(NONE, Key::Space);
    assert!(desk.harness.state().swap_board.is_playing());
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::K);
    desk.click("Choose the active one");
    let shown = board(desk.harness.state()).active().unwrap().0;
    let name = board(desk.harness.state()).layout().row(shown).unwrap().sketch.name.clone();
    let at = desk.place(&format!("Picture {name} × red"), 0.6, 0.5);
    desk.click_at(at, NONE);
    desk.harness.get_by_label("Name of part 1");
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
fn a_named_part_keeps_its_colour_over_the_frames_and_the_drift_is_told() {
    let mut desk = Desk::drawn(Theme::Dark);
    filled(&mut desk);
    desk.press(NONE, Key::K);
    desk.click("Choose the active one");
    desk.press(NONE, Key::E);
    let (first, second) = ("Picture f0001 × red", "Picture f0003 × red");
    let at = desk.place(first, 0.6, 0.5);
    desk.click_at(at, NONE);
    desk.harness.get_by_label("Name of part 1");
    desk.press(NONE, Key::ArrowDown);
    shows(&mut desk, second, 0.6, [190, 40, 40]);
    // The bars of the drifts push the button down once the part is followed.
    desk.wait("the drifts", |app| !board(app).is_toning());
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
fn a_colour_model_of_many_parts_scrolls_in_a_low_window() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.harness.set_size(egui::vec2(1024.0, 520.0));
    desk.press(NONE, Key::P);
    desk.press(NONE, Key::K);
    let session = &mut desk.harness.state_mut().session;
    let row = session.board.layout().rows[0].id;
    assert!(session.board.name_part(row, [0.7, 0.5]));
    session.board.edit("Name many parts", |layout| {
        let parts = &mut layout.colors.parts;
        *parts = vec![parts[0].clone(); 12];
    });
    desk.wait("the parts", |app| !board(app).is_toning());
    let last = "Keep these colours in all frames";
    desk.harness.get_by_label(last).scroll_to_me();
    desk.harness.run();
    desk.harness.get_by_label(last).click();
    desk.harness.run();
    assert!(board(desk.harness.state()).layout().colors.locked);
}

#[test]
fn drifts_are_told_in_numbers_by_name_and_under_the_pointer() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.press(NONE, Key::P);
    let words = {
        let cell = desk.harness.get_by_label_contains("Cell f0003 × red, done, ΔE ");
        cell.hover();
        cell.accesskit_node().label().unwrap()
    };
    let number: f32 = words.split("ΔE ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(number > 1.0, "{words}");
    desk.harness.run_steps(60);
    let tip = format!("ΔE {number:.1} from the frame before");
    desk.harness.get_by_label(&tip);
    desk.press(NONE, Key::K);
    let row = board(desk.harness.state()).layout().rows[0].id;
    assert!(desk.harness.state_mut().session.board.name_part(row, [0.7, 0.5]));
    desk.wait("the drift", |app| !board(app).is_toning());
    let (place, words) = {
        let bars = desk.harness.get_by_label_contains("Drift of Part 1: f0001 ΔE 0.0, f0003 ΔE ");
        (bars.rect(), bars.accesskit_node().label().unwrap())
    };
    // The second of two narrow bars.
    desk.harness.hover_at(place.left_center() + egui::vec2(18.0, 0.0));
    desk.harness.run_steps(60);
    let (_, tip) = words.split_once(", ").unwrap();
    desk.harness.get_by_label(tip);
}

#[test]
fn a_part_that_is_lost_is_shown_again_with_a_click() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::Num2);
    // The wall moves so far that nothing is where it was.
    let frames = vec![write_frame(&desk, "f0001", 70), write_frame(&desk, "f0003", 190)];
    let red = write_reference(&desk, "red", [200, 40, 40]);
    let session = &mut desk.harness.state_mut().session;
    session.add_to_board(Edge::Sketches, frames);
    session.add_to_board(Edge::References, vec![red]);
    desk.wait("the pictures", |app| board(app).progress().1 == 2);
    desk.press(SHIFT, Key::Enter);
    finish_with(&mut desk, 1, take([200, 40, 40]));
    finish_with(&mut desk, 2, take([180, 40, 40]));
    desk.press(NONE, Key::P);
    desk.press(NONE, Key::K);
    desk.press(NONE, Key::E);
    let at = desk.place("Picture f0001 × red", 0.5, 0.5);
    desk.click_at(at, NONE);
    desk.wait("the part", |app| board(app).part_drifts().len() == 1);
    let drifts = |desk: &Desk| board(desk.harness.state()).part_drifts()[0].clone();
    assert_eq!(drifts(&desk)[1], None, "it is lost");
    desk.click("Select Part 1");
    desk.press(NONE, Key::ArrowDown);
    let at = desk.place("Picture f0003 × red", 0.5, 0.5);
    desk.click_at(at, NONE);
    desk.wait("the part in the other frame", |app| board(app).part_drifts()[0][1].is_some());
    let parts = |desk: &Desk| board(desk.harness.state()).layout().colors.parts.len();
    assert_eq!(parts(&desk), 1, "no other part");
    assert!(drifts(&desk)[1].unwrap() > 1.0);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.wait("the way back", |app| board(app).part_drifts()[0][1].is_none());
}

#[test]
fn a_part_that_was_selected_and_is_gone_keeps_nobody_from_naming_another() {
    let mut desk = Desk::new();
    filled(&mut desk);
    desk.press(NONE, Key::P);
    desk.press(NONE, Key::K);
    desk.press(NONE, Key::E);
    let colors = |desk: &Desk| {
        let parts = &board(desk.harness.state()).layout().colors.parts;
        parts.iter().map(|part| part.shown.len()).collect::<Vec<_>>()
    };
    let click = |desk: &mut Desk, x| {
        let at = desk.place("Picture f0001 × red", x, 0.5);
        desk.click_at(at, NONE);
        desk.wait("the drifts", |app| !board(app).is_toning());
    };
    click(&mut desk, 0.7);
    desk.click("Select Part 1");
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(colors(&desk).is_empty());
    click(&mut desk, 0.7);
    click(&mut desk, 0.2);
    assert_eq!(colors(&desk), [1, 1], "two parts of their own");
    // Another one that goes takes nothing from the one that is selected.
    desk.click("Select Part 2");
    desk.click("Remove Part 1");
    click(&mut desk, 0.7);
    assert_eq!(colors(&desk), [2]);
}

#[test]
fn the_board_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (name, theme) in [("board_dark", Theme::Dark), ("board_light", Theme::Light)] {
        let mut desk = Desk::drawn(theme);
        desk.press(Modifiers::COMMAND, Key::Num2);
        desk.click("Open the sample shot");
        desk.wait("the shot", |app| {
            let layout = board(app).layout();
            layout.rows.len() == 8 && layout.columns.len() == 4
        });
        // Cells under the pointer would come first.
        desk.harness.remove_cursor();
        desk.press(SHIFT, Key::Enter);
        // Every reference gives its own colours, in all of the first row and half of the second.
        for job in 1..=6 {
            let engine = desk.engine.clone();
            desk.wait("the job", |_| engine.with(|script| script.submitted.len() >= job));
            let picture = engine.with(|script| script.submitted[job - 1].inputs.reference.clone());
            let take = Take { picture, ..take([0; 3]) };
            finish_with(&mut desk, job as u64, take);
        }
        desk.say(Event::Started {
            job: JobId(7),
            steps: 12,
        });
        desk.say(Event::Progress {
            job: JobId(7),
            step: 5,
            steps: 12,
            elapsed: Duration::from_secs(5),
            preview: std::sync::Arc::default(),
        });
        desk.harness.remove_cursor();
        desk.harness.run();
        results.add(desk.harness.try_snapshot(name));
    }
}
