//! Takes in the window: stepped through, compared, brought back, cut into flats; the engine is scripted.

use app::command::Command;
use app::document::{Layer, Rect, Role, Side};
use app::gallery::catalogue::Progress;
use app::gallery::entry::{Entry, Lines, Stamp};
use app::gallery::light_table::LightTable;
use app::gallery::marks::Flag;
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use engine::event::{Event, JobId};
use engine::request::Settings;
use image::Rgb;
use tests::desk::{Desk, take};

/// Two takes, the first red and made in 5 steps, the second green.
fn with_takes(desk: &mut Desk) {
    desk.open_scene();
    colorize(desk, [200, 30, 30], 5);
    colorize(desk, [30, 180, 60], 20);
}

/// One more take of one colour.
fn colorize(desk: &mut Desk, color: [u8; 3], steps: u32) {
    let before = desk.harness.state().session.takes().len();
    let job = JobId(before as u64 + 1);
    desk.click("Colorize");
    let engine = desk.engine.clone();
    desk.wait("the request", |_| engine.with(|script| script.submitted.len() > before));
    desk.say(Event::Started { job, steps: 12 });
    let mut take = take(color);
    take.settings = Settings {
        steps,
        ..Settings::default()
    };
    desk.say(Event::Finished { job, take });
    desk.wait("the take", |app| app.session.takes().len() > before);
}

/// Sends the take that shows to layers, as the page is set by `set`.
fn send_as_flats(desk: &mut Desk, set: impl FnOnce(&mut Desk)) {
    let state = desk.state();
    desk.click("Send the take to layers as flats");
    set(desk);
    desk.click("Send");
    desk.wait_for_change("the flats", state);
}

/// On the page, the other answer to whether figure and background are kept apart.
fn toggle_sides(desk: &mut Desk) {
    desk.harness
        .get_by_role_and_label(Widget::CheckBox, "Figure and background apart")
        .click();
    desk.harness.run();
}

/// What lies in the flats of a take, those of groups in brackets.
fn flats(desk: &Desk, name: &str) -> Vec<String> {
    let canvas = desk.document().canvas();
    let all = canvas.layers().find(|layer| layer.name == name).unwrap();
    let told = |layer: &Layer| {
        let inner: Vec<&str> = canvas.children(Some(layer.id)).map(|layer| layer.name.as_str()).collect();
        match layer.is_group() {
            true => format!("{}({})", layer.name, inner.join(" ")),
            false => layer.name.clone(),
        }
    };
    canvas.children(Some(all.id)).map(told).collect()
}

fn shown(desk: &Desk) -> Option<String> {
    let take = desk.harness.state().session.shown_take()?;
    Some(desk.document().layer(take)?.name.clone())
}

#[test]
fn takes_are_stepped_through_and_their_recipes_come_back() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    assert_eq!(shown(&desk).as_deref(), Some("Take 2"));
    desk.press(Modifiers::NONE, Key::Comma);
    assert_eq!(shown(&desk).as_deref(), Some("Take 1"));
    desk.press(Modifiers::NONE, Key::Comma);
    assert_eq!(shown(&desk).as_deref(), Some("Take 1"), "there is none before it");
    desk.click("Bring back the take's recipe");
    assert_eq!(desk.harness.state().session.settings.steps, 5);
    desk.harness.get_by_label_contains("The settings of Take 1 are back");
    desk.press(Modifiers::NONE, Key::Period);
    assert_eq!(shown(&desk).as_deref(), Some("Take 2"));
}

#[test]
fn two_takes_are_compared_with_a_line_that_moves() {
    let mut desk = Desk::drawn(Theme::Dark);
    with_takes(&mut desk);
    desk.press(Modifiers::NONE, Key::C);
    let counts = |desk: &mut Desk| {
        let pane = desk.harness.get_by_label("Canvas").rect();
        let picture = desk.harness.render().unwrap();
        let near = |wanted: [u8; 3]| {
            let like = |(x, y): &(u32, u32)| {
                let Rgb(pixel) = Rgb([0, 1, 2].map(|channel| picture.get_pixel(*x, *y)[channel]));
                (0..3).all(|channel| pixel[channel].abs_diff(wanted[channel]) < 4)
            };
            let rows = pane.top() as u32..pane.bottom() as u32;
            let places = rows.flat_map(|y| (pane.left() as u32..pane.right() as u32).map(move |x| (x, y)));
            places.filter(like).count()
        };
        [near([200, 30, 30]), near([30, 180, 60])]
    };
    let [red, green] = counts(&mut desk);
    assert!(red > 2000 && green > 2000, "half and half: {red} {green}");
    let line = desk.harness.get_by_label("Line between the takes").rect().center();
    desk.drag_between(line, line + egui::vec2(60.0, 0.0));
    let [more, less] = counts(&mut desk);
    assert!(more > red + 1000 && less < green - 1000, "{more} {less}");
    assert_eq!(
        desk.harness.state().session.history.undo_label(),
        Some("Colorize"),
        "no stroke was drawn"
    );
    desk.press(Modifiers::NONE, Key::C);
    assert!(desk.harness.query_by_label("Line between the takes").is_none());
    assert_eq!(counts(&mut desk)[0], 0);
}

#[test]
fn a_take_is_cut_into_flats_under_the_lines() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    send_as_flats(&mut desk, toggle_sides);
    let canvas = desk.document().canvas();
    let names: Vec<&str> = canvas.layers().map(|layer| layer.name.as_str()).collect();
    let place = |name: &str| names.iter().position(|other| *other == name).unwrap();
    assert!(place("Take 2") < place("#1EB43C") && place("Take 2 as flats") < place("Sketch"));
    let flat = canvas.layers().find(|layer| layer.name == "#1EB43C").unwrap();
    assert_eq!(flat.role, Role::Paint);
    for (x, y) in [(0, 0), (128, 128), (255, 255)] {
        assert_eq!(flat.raster().unwrap().pixel(x, y), [30, 180, 60, 255]);
    }
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(
        !desk
            .document()
            .canvas()
            .layers()
            .any(|layer| layer.name.ends_with("as flats"))
    );
}

#[test]
fn a_region_of_a_take_becomes_paint_over_all_takes() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    desk.press(Modifiers::NONE, Key::Comma);
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.25, 0.25], [0.75, 0.5]);
    let state = desk.state();
    desk.find_command("Take to a paint layer");
    desk.wait_for_change("the layer", state);
    let canvas = desk.document().canvas();
    let names: Vec<&str> = canvas.layers().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["Take 1", "Take 2", "Take 1 as paint", "Sketch", "Sketch mask"]);
    let layer = canvas.layers().nth(2).unwrap();
    let pixels = layer.raster().unwrap();
    assert_eq!([pixels.pixel(128, 96), pixels.pixel(128, 160)], [[200, 30, 30, 255], [0; 4]]);
    assert_eq!(
        (layer.role, desk.harness.state().session.target(Side::Canvas)),
        (Role::Paint, Some(layer.id))
    );
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(desk.document().canvas().layers().len(), 4, "one step");
}

#[test]
fn a_take_that_comes_to_lie_under_flats_is_told_of_once() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    send_as_flats(&mut desk, |desk| {
        desk.click("One layer");
        toggle_sides(desk);
    });
    let told = |desk: &Desk| {
        let notice = desk.harness.state().session.notice.as_ref();
        notice.is_some_and(|notice| notice.text.contains("lie over the new take"))
    };
    colorize(&mut desk, [200, 30, 30], 5);
    assert!(told(&desk));
    colorize(&mut desk, [30, 30, 200], 5);
    assert!(!told(&desk), "that is known by now");
    let toggle = |desk: &mut Desk| {
        let flats = desk
            .document()
            .canvas()
            .layers()
            .find(|layer| layer.name.ends_with("as flats"));
        let flats = flats.map(|layer| layer.id);
        desk.harness.state_mut().session.toggle(flats);
        desk.harness.run();
    };
    toggle(&mut desk);
    colorize(&mut desk, [200, 30, 30], 5);
    assert!(!told(&desk));
    toggle(&mut desk);
    colorize(&mut desk, [30, 30, 200], 5);
    assert!(told(&desk));
}

#[test]
fn a_person_chooses_what_gets_a_layer_of_its_own() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    let send = |desk: &mut Desk, set: &dyn Fn(&mut Desk)| -> Vec<String> {
        let before = desk.document().canvas().layers().len();
        send_as_flats(desk, set);
        let names = flats(desk, "Take 2 as flats");
        desk.press(Modifiers::COMMAND, Key::Z);
        assert_eq!(desk.document().canvas().layers().len(), before, "one step back");
        names
    };
    let sides = ["Background(#1EB43C)", "Figure(#1EB43C 2)"];
    assert_eq!(send(&mut desk, &|_| {}), sides, "the mask has a figure");
    assert_eq!(send(&mut desk, &|desk| desk.click("One layer")), ["Background", "Figure"]);
    // What was chosen last stays: a layer and no group.
    assert!(send(&mut desk, &toggle_sides).is_empty());
    let regions = send(&mut desk, &|desk| desk.click("One layer per region"));
    assert!(regions.len() > 1, "the scene's lines part it: {regions:?}");
    assert_eq!(regions[0], "Region 1 #1EB43C");
    let state = desk.state();
    desk.click("Send the take to layers as flats");
    desk.click("Cancel");
    desk.find_command("send the take to layers");
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(!desk.harness.state().session.asks_about_flats());
    assert_eq!(desk.state(), state);
}

#[test]
fn flats_have_the_palette_s_colours_and_names() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    let choose = |desk: &mut Desk| {
        desk.harness.get_by_role_and_label(Widget::ComboBox, "Colours").click();
        desk.harness.run();
        desk.click("The palette's alone");
    };
    desk.click("Send the take to layers as flats");
    choose(&mut desk);
    desk.harness.get_by_label_contains("has no colours yet");
    desk.click("Cancel");
    desk.harness.state_mut().session.change_palette(|palette| {
        palette.add("Sky", [60, 90, 220]);
        palette.add("Leaf", [20, 150, 90]);
    });
    desk.harness.run();
    send_as_flats(&mut desk, toggle_sides);
    assert_eq!(flats(&desk, "Take 2 as flats"), ["Leaf"]);
    let canvas = desk.document().canvas();
    let leaf = canvas.layers().find(|layer| layer.name == "Leaf").unwrap();
    assert_eq!(leaf.raster().unwrap().pixel(128, 128), [20, 150, 90, 255]);
}

#[test]
fn the_picture_is_flattened_under_its_lines_and_can_be_coloured_again() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    desk.click("New layer");
    let before = desk.document().composite(Rect::of([256, 256]));
    let layers = desk.document().canvas().layers().len();
    let state = desk.state();
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::E);
    desk.wait_for_change("the flattened picture", state);
    assert!(desk.document().composite(Rect::of([256, 256])) == before);
    let canvas = desk.document().canvas();
    assert_eq!(canvas.layers().len(), layers, "the new layer is gone, the picture is there");
    let picture = canvas.layers().find(|layer| layer.name == "Picture").unwrap();
    assert_eq!(
        picture.raster().unwrap().pixel(128, 128),
        [30, 180, 60, 255],
        "without the lines"
    );
    assert!(canvas.by_role(Role::Sketch).unwrap().visible && !canvas.by_role(Role::Take).unwrap().visible);
    assert!(desk.harness.state().session.allows(Command::Colorize));
    // A take that is shown again lies over it.
    desk.press(Modifiers::NONE, Key::Comma);
    assert!(desk.document().composite(Rect::of([256, 256])) == before);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert!(!desk.document().canvas().layers().any(|layer| layer.name == "Picture"));
    // Nothing is hidden, and the take that does not show stays.
    let state = desk.state();
    desk.find_command("Merge visible layers");
    desk.wait_for_change("the merged layer", state);
    assert!(desk.document().canvas().layers().any(|layer| layer.name == "Merged"));
    assert_eq!(desk.harness.state().session.takes().len(), 2);
}

#[test]
fn all_takes_are_looked_through_in_the_gallery_and_keep_their_ratings() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    let folder = desk.folder.path().join("takes of the girl");
    let look = |desk: &mut Desk| {
        let typed = desk.harness.state_mut().session.typed().expect("the path is typed");
        typed.path = folder.to_string_lossy().into_owned();
        desk.harness.state_mut().session.notice = None;
        desk.harness.run();
        desk.click("Choose this");
        // The folder may have been open before: it is looked at anew once its takes are said to be there, which is not said for long.
        desk.wait("the word about the takes", |app| app.session.notice.is_some());
        desk.wait("the gallery", |app| {
            let table = app.gallery.table();
            let is_read =
                |table: &LightTable| *table.catalogue().progress() == Progress::Current && table.answer().entries.len() == 2;
            table.is_some_and(is_read)
        });
    };
    desk.click("Take 2");
    let shown = |desk: &Desk| desk.harness.state().session.shown_take();
    if shown(&desk).is_none() {
        desk.click("Take 2");
    }
    desk.find_command("Pick or unpick the take");
    desk.button("Take 2, picked");
    desk.click("Look through the takes in the gallery");
    look(&mut desk);
    let flag = |name: &str| {
        let path = folder.join(name);
        let entry = Entry::read(path.clone(), Stamp::of(&path).unwrap());
        entry.marks().unwrap().flag
    };
    assert_eq!(["girl Take 1.png", "girl Take 2.png"].map(flag), [Flag::None, Flag::Pick]);
    desk.click("girl Take 1.png");
    desk.press(Modifiers::NONE, Key::Num5);
    let stars = || {
        let path = folder.join("girl Take 1.png");
        let entry = Entry::read(path.clone(), Stamp::of(&path).unwrap());
        (entry.lines(), entry.marks().unwrap().stars)
    };
    desk.wait("the rating in the file", |_| stars().1 == 5);
    assert_eq!(stars().0, Lines::Removable);
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.press(Modifiers::COMMAND | Modifiers::ALT, Key::G);
    look(&mut desk);
    desk.button("girl Take 1.png, 5 stars");
}

#[test]
fn a_document_that_is_opened_for_its_takes_asks_where_they_shall_go() {
    let mut desk = Desk::new();
    with_takes(&mut desk);
    let path = desk.folder.path().join("girl.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| !app.session.is_saving());
    desk.harness.state_mut().review_takes_of_next();
    desk.open(path);
    let typed = desk.harness.state_mut().session.typed().cloned();
    assert_eq!(typed.map(|typed| typed.command), Some(Command::ReviewTakes));
    desk.harness.state_mut().session.end_typing(false);
    // Without takes it says so.
    desk.harness.state_mut().review_takes_of_next();
    desk.open_sketch();
    assert!(desk.harness.state_mut().session.typed().is_none());
    desk.harness.get_by_label_contains("This document has no takes yet");
}
