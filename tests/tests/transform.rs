//! The transform tool in the window, driven by real widgets.

use app::document::{self, LayerId, Place, Rect, Role, Side};
use app::tool::ToolKind;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

/// A scene of 256 by 256 pixels with a square, 32 pixels wide, about 64, 64 on a new layer, which the button `new` makes.
fn painted(new: &str) -> Desk {
    let mut desk = Desk::with_scene(1440.0, 900.0);
    desk.click(new);
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([48.0, 48.0].map(share), [80.0, 80.0].map(share));
    desk.press(Modifiers::SHIFT, Key::Backspace);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    assert_eq!(square(&desk), Rect::new(48, 48, 80, 80));
    desk
}

fn share(pixel: f32) -> f32 {
    pixel / 256.0
}

/// What is painted on the chosen layer, as far as it covers at least half of a pixel.
fn square(desk: &Desk) -> Rect {
    square_on(desk, chosen(desk))
}

fn chosen(desk: &Desk) -> LayerId {
    desk.harness.state().session.target(Side::Canvas).unwrap()
}

fn square_on(desk: &Desk, layer: LayerId) -> Rect {
    let pixels = desk.document().layer(layer).unwrap().raster().unwrap();
    let places = (0..256).flat_map(|y| (0..256).map(move |x| [x, y]));
    places
        .filter(|[x, y]| pixels.pixel(*x, *y)[3] >= 128)
        .fold(Rect::EMPTY, |whole, [x, y]| whole.union(Rect::new(x, y, x + 1, y + 1)))
}

/// Takes the tool and waits for its box.
fn transform(desk: &mut Desk) {
    desk.press(Modifiers::COMMAND, Key::T);
    desk.wait("the box", |app| app.session.transform_side().is_some());
}

/// Drags from one pixel to another, and waits for what comes of it.
fn drag(desk: &mut Desk, from: [f32; 2], to: [f32; 2]) {
    desk.drag(from.map(share), to.map(share));
    settle(desk);
}

fn settle(desk: &mut Desk) {
    desk.wait("the pixels", |app| !app.session.is_laying());
}

fn tool(desk: &Desk) -> ToolKind {
    desk.harness.state().session.toolbox.selected()
}

/// Types into one of the box's numbers.
fn set(desk: &mut Desk, name: &str, value: &str) {
    desk.set_number(name, value);
    settle(desk);
}

#[test]
fn a_layer_is_moved_scaled_and_turned_as_one_change() {
    let mut desk = painted("New layer");
    let before = desk.harness.state().session.history.done().len();
    transform(&mut desk);
    drag(&mut desk, [64.0, 64.0], [94.0, 84.0]);
    assert_eq!(square(&desk), Rect::new(78, 68, 110, 100));
    // The corner across from the one that is dragged stays.
    drag(&mut desk, [110.0, 100.0], [142.0, 116.0]);
    assert_eq!(square(&desk), Rect::new(78, 68, 142, 116));
    // About 110, 92, from the right to below.
    drag(&mut desk, [190.0, 92.0], [110.0, 172.0]);
    assert_eq!(square(&desk), Rect::new(86, 60, 134, 124));
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(tool(&desk), ToolKind::Rectangle, "the tool before it is back");
    assert_eq!(desk.harness.state().session.history.done().len(), before + 1);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(square(&desk), Rect::new(48, 48, 80, 80));
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(square(&desk), Rect::new(86, 60, 134, 124));
}

#[test]
fn escape_leaves_all_as_it_was() {
    let mut desk = painted("New layer");
    let before = desk.harness.state().session.history.done().len();
    transform(&mut desk);
    drag(&mut desk, [64.0, 64.0], [164.0, 64.0]);
    drag(&mut desk, [148.0, 48.0], [100.0, 20.0]);
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(square(&desk), Rect::new(48, 48, 80, 80));
    assert_eq!(desk.harness.state().session.history.done().len(), before);
    assert_eq!(tool(&desk), ToolKind::Rectangle);
}

#[test]
fn numbers_and_flips_change_the_box() {
    let mut desk = painted("New layer");
    transform(&mut desk);
    set(&mut desk, "X", "16");
    set(&mut desk, "Width", "50");
    assert_eq!(square(&desk), Rect::new(72, 48, 88, 80));
    set(&mut desk, "Turn", "90");
    assert_eq!(square(&desk), Rect::new(64, 56, 96, 72));
    desk.click("Flip vertically");
    settle(&mut desk);
    assert_eq!(square(&desk), Rect::new(64, 56, 96, 72));
    desk.click("Cancel");
    assert_eq!(square(&desk), Rect::new(48, 48, 80, 80));
}

#[test]
fn enter_in_the_middle_of_a_drag_does_not_cut_it_off() {
    let mut desk = painted("New layer");
    transform(&mut desk);
    let [from, to] = [[64.0, 64.0], [94.0, 84.0]].map(|at| desk.on_picture(at.map(share)));
    desk.harness.hover_at(from);
    desk.harness.step();
    desk.harness.drag_at(from);
    desk.harness.step();
    desk.press(Modifiers::NONE, Key::Enter);
    desk.harness.hover_at(to);
    desk.harness.step();
    desk.harness.drop_at(to);
    desk.harness.run();
    assert!(!desk.harness.state().session.toolbox.is_active(), "it has ended");
    settle(&mut desk);
    assert_eq!(square(&desk), Rect::new(78, 68, 110, 100));
    assert_eq!(tool(&desk), ToolKind::Transform);
}

#[test]
fn the_file_is_never_behind_the_box() {
    let mut desk = painted("New layer");
    transform(&mut desk);
    let path = desk.folder.path().join("moved.ora");
    let session = &mut desk.harness.state_mut().session;
    let pose = session.toolbox.transform.pose.unwrap();
    // No frame comes between the two: nothing has been laid down yet.
    session.toolbox.transform.pose = Some(pose.with_offset([100.0, 0.0]));
    session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    let saved = document::open(&path).unwrap().document;
    let layer = saved.canvas().layers().find(|layer| layer.name == "Paint").unwrap();
    assert_eq!([64, 164].map(|x| layer.raster().unwrap().pixel(x, 64)[3]), [0, 255]);
    assert!(!desk.harness.state().session.is_modified());
}

#[test]
fn hints_are_transformed_and_go_to_the_engine_as_they_lie_then() {
    let mut desk = painted("New hint layer");
    let bare = desk.document().composite(Rect::of([256, 256]));
    transform(&mut desk);
    drag(&mut desk, [64.0, 64.0], [164.0, 84.0]);
    set(&mut desk, "Width", "200");
    assert_eq!(square(&desk), Rect::new(132, 68, 196, 100));
    desk.press(Modifiers::NONE, Key::Enter);
    assert!(
        desk.document().composite(Rect::of([256, 256])) == bare,
        "no part of the picture"
    );
    desk.start();
    let hints = desk.engine.with(|script| script.submitted[0].inputs.hints.clone()).unwrap();
    assert_eq!([64, 164].map(|x| hints.get_pixel(x, 84).0[3]), [0, 255]);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(square(&desk), Rect::new(48, 48, 80, 80));
}

#[test]
fn what_is_selected_of_a_mask_moves_and_the_selection_with_it() {
    let mut desk = Desk::with_scene(1440.0, 900.0);
    desk.click("Clear the mask");
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([0.125, 0.125], [0.25, 0.25]);
    desk.press(Modifiers::SHIFT, Key::Backspace);
    transform(&mut desk);
    drag(&mut desk, [48.0, 48.0], [148.0, 48.0]);
    let mask = |desk: &Desk| {
        [
            desk.mask_at(Role::SketchMask, 48, 48),
            desk.mask_at(Role::SketchMask, 148, 48),
        ]
    };
    assert_eq!(mask(&desk), [0, 255]);
    let selected = |desk: &Desk, x| desk.document().canvas().selection().unwrap().pixel(x, 48);
    assert_eq!([selected(&desk, 48), selected(&desk, 148)], [0, 255]);
    // A stroke right after it goes on from there.
    desk.press(Modifiers::NONE, Key::E);
    desk.drag([0.5, 48.0 / 256.0], [0.7, 48.0 / 256.0]);
    assert_eq!(mask(&desk), [0, 0]);
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(mask(&desk), [255, 0]);
}

#[test]
fn with_a_selection_only_its_part_is_flipped() {
    let mut desk = painted("New layer");
    let select = |desk: &mut Desk, from: [f32; 2], to: [f32; 2]| desk.drag(from.map(share), to.map(share));
    desk.press(Modifiers::COMMAND, Key::R);
    // Without its two corners on the right.
    for top in [48.0, 72.0] {
        select(&mut desk, [72.0, top], [80.0, top + 8.0]);
        desk.press(Modifiers::NONE, Key::Delete);
    }
    select(&mut desk, [40.0, 40.0], [90.0, 64.0]);
    let corners = |desk: &Desk| {
        let layer = desk.harness.state().session.target(Side::Canvas).unwrap();
        let pixels = desk.document().layer(layer).unwrap().raster().unwrap();
        [[50, 50], [76, 50], [50, 76], [76, 76]].map(|[x, y]| pixels.pixel(x, y)[3])
    };
    assert_eq!(corners(&desk), [255, 0, 255, 0]);
    desk.find_command("Flip horizontally");
    settle(&mut desk);
    assert_eq!(corners(&desk), [0, 255, 255, 0], "the upper part alone");
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    desk.find_command("Flip horizontally");
    settle(&mut desk);
    assert_eq!(corners(&desk), [255, 0, 0, 255], "all of the layer");
}

#[test]
fn what_cannot_be_transformed_says_why() {
    let mut desk = Desk::with_scene(1440.0, 900.0);
    desk.click("New layer");
    desk.press(Modifiers::COMMAND, Key::T);
    let words = "There is nothing on the layer, or nothing of it is selected.";
    desk.wait("the lift", |app| app.session.transform_trouble() == words);
    desk.harness.get_by_label(words);
    desk.click("Lock or unlock the layer");
    desk.harness.get_by_label("The layer is locked. Unlock it first.");
}

/// A group, chosen, with the square of [`painted`] on one layer and another about 128, 64 on the layer above that; both layers.
fn grouped() -> (Desk, [LayerId; 2]) {
    let mut desk = painted("New layer");
    let below = chosen(&desk);
    desk.press(Modifiers::COMMAND, Key::G);
    let group = chosen(&desk);
    desk.harness.state_mut().session.select(below);
    desk.click("New layer");
    let above = chosen(&desk);
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([112.0, 48.0].map(share), [144.0, 80.0].map(share));
    desk.press(Modifiers::SHIFT, Key::Backspace);
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    desk.harness.state_mut().session.select(group);
    desk.harness.run();
    assert_eq!(chosen(&desk), group);
    assert!(desk.document().canvas().groups_of(above).any(|outer| outer.id == group));
    (desk, [below, above])
}

#[test]
fn a_group_is_transformed_with_all_that_it_holds_as_one_change() {
    let (mut desk, layers) = grouped();
    let both = |desk: &Desk| layers.map(|layer| square_on(desk, layer));
    let start = [Rect::new(48, 48, 80, 80), Rect::new(112, 48, 144, 80)];
    assert_eq!(both(&desk), start);
    // What is hidden belongs to it, too.
    desk.harness.state_mut().session.toggle(Some(layers[1]));
    let before = desk.harness.state().session.history.done().len();
    transform(&mut desk);
    // Between the two squares: within the one box around both.
    drag(&mut desk, [96.0, 64.0], [96.0, 84.0]);
    assert_eq!(both(&desk), [Rect::new(48, 68, 80, 100), Rect::new(112, 68, 144, 100)]);
    drag(&mut desk, [144.0, 100.0], [240.0, 132.0]);
    assert_eq!(both(&desk), [Rect::new(48, 68, 112, 132), Rect::new(176, 68, 240, 132)]);
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.harness.state().session.history.done().len(), before + 1);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(both(&desk), start);
    transform(&mut desk);
    drag(&mut desk, [96.0, 64.0], [96.0, 84.0]);
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(both(&desk), start);
}

#[test]
fn a_group_is_moved_and_flipped_with_all_that_it_holds() {
    let (mut desk, layers) = grouped();
    let both = |desk: &Desk| layers.map(|layer| square_on(desk, layer));
    let before = desk.harness.state().session.history.done().len();
    desk.press(Modifiers::NONE, Key::T);
    drag(&mut desk, [200.0, 200.0], [216.0, 208.0]);
    assert_eq!(both(&desk), [Rect::new(64, 56, 96, 88), Rect::new(128, 56, 160, 88)]);
    desk.find_command("Flip horizontally");
    settle(&mut desk);
    assert_eq!(both(&desk), [Rect::new(128, 56, 160, 88), Rect::new(64, 56, 96, 88)]);
    assert_eq!(desk.harness.state().session.history.done().len(), before + 2);
    // Of each layer, what is selected.
    desk.press(Modifiers::COMMAND, Key::R);
    desk.drag([64.0, 0.0].map(share), [256.0, 72.0].map(share));
    desk.press(Modifiers::NONE, Key::T);
    drag(&mut desk, [200.0, 200.0], [200.0, 184.0]);
    assert_eq!(both(&desk), [Rect::new(128, 40, 160, 88), Rect::new(64, 40, 96, 88)]);
    let between = |layer: usize, x| desk.document().layer(layers[layer]).unwrap().raster().unwrap().pixel(x, 64)[3];
    assert_eq!([between(0, 140), between(1, 80)], [0, 0]);
}

#[test]
fn a_group_with_a_locked_layer_or_a_take_stays_where_it_is() {
    let (mut desk, [below, above]) = grouped();
    let group = chosen(&desk);
    desk.harness.state_mut().session.select(below);
    desk.click("Lock or unlock the layer");
    desk.harness.state_mut().session.select(group);
    desk.press(Modifiers::COMMAND, Key::T);
    desk.harness.get_by_label("A layer in the group is locked. Unlock it first.");
    desk.press(Modifiers::COMMAND, Key::Z);
    desk.wait("the box", |app| app.session.transform_side().is_some());
    desk.press(Modifiers::NONE, Key::Escape);
    desk.make_take([200, 60, 40]);
    let take = desk.document().by_role(Role::Take).unwrap().id;
    desk.harness.state_mut().session.move_layer(take, Place::Above(above));
    desk.harness.state_mut().session.select(group);
    desk.press(Modifiers::NONE, Key::T);
    drag(&mut desk, [64.0, 64.0], [94.0, 84.0]);
    assert_eq!(square_on(&desk, below), Rect::new(48, 48, 80, 80));
    desk.harness
        .get_by_label("The group holds a take, which stays as it came. Drag it out of the group first.");
}
