//! The painting program in its window: layers, colours, tools, driven by real widgets.

use app::brush::{BrushMode, BrushSettings, Curve, Stroke};
use app::document::{self, Blend, Document, History, Rect, Role, Side};
use app::tool::{BrushTool, Keys, PointerEvent, PointerSample, Target, ToolKind};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Theme, vec2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;
use tests::strokes;

/// The canvas's layers from the top down, with those of groups in parentheses.
fn layers(desk: &Desk) -> Vec<String> {
    let canvas = desk.document().canvas();
    let depth = |id| "  ".repeat(canvas.depth(id));
    (canvas.layers().rev())
        .map(|layer| format!("{}{}", depth(layer.id), layer.name))
        .collect()
}

fn chosen(desk: &Desk) -> String {
    let session = &desk.harness.state().session;
    let id = session.target(Side::Canvas).unwrap();
    desk.document().layer(id).unwrap().name.clone()
}

/// The middle pixel of a layer.
fn pixel(desk: &Desk, name: &str) -> [u8; 4] {
    let layer = desk.document().canvas().layers().find(|layer| layer.name == name);
    layer.and_then(|layer| layer.raster()).unwrap().pixel(128, 128)
}

/// Drags from the middle of one widget to a share of another's height.
fn drag(desk: &mut Desk, from: &str, to: &str, height: f32) {
    let (from, to) = (desk.button(from).rect().center(), desk.button(to).rect());
    let to = to.lerp_inside(vec2(0.6, height));
    desk.drag_between(from, to);
}

#[test]
fn layers_are_made_painted_arranged_and_undone() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    assert_eq!(
        (chosen(&desk).as_str(), layers(&desk)),
        ("Paint", vec!["Sketch mask".into(), "Sketch".into(), "Paint".into()])
    );
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Paint"), [0, 0, 0, 255]);
    desk.press(Modifiers::COMMAND, Key::J);
    assert_eq!((chosen(&desk).as_str(), pixel(&desk, "Paint 2")[3]), ("Paint 2", 255));
    drag(&mut desk, "Layer Paint 2", "Layer Sketch", 0.1);
    assert_eq!(layers(&desk), ["Sketch mask", "Paint 2", "Sketch", "Paint"]);
    desk.press(Modifiers::COMMAND, Key::PageDown);
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Paint 2", "Paint"]);
    desk.click("Group the layer");
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Group", "  Paint 2", "Paint"]);
    drag(&mut desk, "Layer Paint", "Group", 0.5);
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Group", "  Paint", "  Paint 2"]);
    desk.click("Layer Paint");
    desk.click("Merge down");
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Group", "  Paint 2"]);
    for _ in 0..6 {
        desk.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch", "Paint"]);
    assert_eq!(pixel(&desk, "Paint"), [0, 0, 0, 255]);
}

#[test]
fn what_a_layer_is_set_to_is_shown_and_kept_in_the_file() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    desk.click("New layer");
    desk.stroke("Canvas");
    desk.click("New layer");
    desk.click("Clip to the layer below");
    desk.harness.get_by_label("Layer Paint 2, clipped");
    desk.click("Lock or unlock the layer");
    desk.stroke("Canvas");
    desk.harness.get_by_label_contains("The layer is locked");
    assert_eq!(pixel(&desk, "Paint 2"), [0; 4]);
    desk.harness.get_by_role_and_label(Widget::ComboBox, "Blend").click();
    desk.harness.run();
    desk.harness.get_by_label("Screen").click();
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::F2);
    desk.harness.get_by_label("Layer name").type_text("光");
    desk.harness.run();
    desk.press(Modifiers::NONE, Key::Enter);
    let path = desk.folder.path().join("layers.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    let opened = document::open(&path).unwrap().document;
    let light = opened
        .canvas()
        .layers()
        .find(|layer| layer.name.contains('光'))
        .expect("the new name");
    assert!(light.clip && light.locked);
    assert_eq!(light.blend, Blend::Screen);
}

#[test]
fn dabs_on_a_hint_layer_go_to_the_engine_and_not_into_the_picture() {
    const RED: [u8; 3] = [200, 30, 40];
    let mut desk = Desk::with_scene(1280.0, 800.0);
    let bare = desk.document().composite(Rect::of([256, 256]));
    desk.click("New hint layer");
    assert_eq!(
        (chosen(&desk).as_str(), layers(&desk)),
        ("Hints", vec!["Sketch mask".into(), "Hints".into(), "Sketch".into()])
    );
    desk.harness.state_mut().session.toolbox.colors.brush = RED;
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Hints"), [200, 30, 40, 255]);
    assert!(desk.document().composite(Rect::of([256, 256])) == bare);
    desk.start();
    let hints = desk.engine.with(|script| script.submitted[0].inputs.hints.clone());
    assert_eq!(hints.expect("the dabs").get_pixel(128, 128).0, [200, 30, 40, 255]);
    desk.finish([9, 9, 9]);
    desk.click("Layer Hints");
    let recipe = desk.document().by_role(Role::Take).and_then(|take| take.recipe.clone());
    assert!(recipe.unwrap().contains("hints:Some("), "the recipe names them");

    let path = desk.folder.path().join("hints.ora");
    desk.harness.state_mut().session.save(path.clone());
    desk.wait("the file", |app| app.session.path().is_some());
    let opened = document::open(&path).unwrap().document;
    assert!(opened.by_role(Role::Hints).unwrap().raster().unwrap().pixel(128, 128) == [200, 30, 40, 255]);

    // Hidden they count for nothing.
    desk.click("Hide Hints");
    desk.press(Modifiers::SHIFT, Key::Enter);
    let engine = desk.engine.clone();
    desk.wait("the second request", |_| engine.with(|script| script.submitted.len() == 2));
    assert!(desk.engine.with(|script| script.submitted[1].inputs.hints.is_none()));
}

#[test]
fn the_sketch_mask_and_takes_are_safe() {
    let mut desk = Desk::with_scene(1280.0, 800.0);
    assert_eq!(chosen(&desk), "Sketch mask");
    desk.click("Remove the layer");
    desk.harness.get_by_label_contains("The sketch mask stays");
    assert!(desk.document().by_role(Role::SketchMask).is_some());
    let before = desk.state();
    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::G);
    desk.harness.get_by_label_contains("Choose another layer to clip");
    assert_eq!(desk.state(), before, "what changes nothing is no step");
}

#[test]
fn the_view_turns_and_mirrors_and_strokes_still_land_under_the_pointer() {
    let mut desk = Desk::drawn(Theme::Dark);
    desk.open_scene();
    desk.click("New layer");
    desk.press(Modifiers::NONE, Key::Num6);
    desk.press(Modifiers::NONE, Key::Num6);
    desk.press(Modifiers::NONE, Key::M);
    desk.harness.get_by_label_contains(", 30°, mirrored");
    desk.stroke("Canvas");
    assert_eq!(pixel(&desk, "Paint"), [0, 0, 0, 255]);
    desk.press(Modifiers::NONE, Key::Num5);
    desk.press(Modifiers::NONE, Key::M);
    assert!(desk.harness.query_by_label_contains("mirrored").is_none());
}

#[test]
fn a_command_is_found_by_its_words_and_done() {
    let mut desk = Desk::new();
    desk.open_scene();
    desk.find_command("new lay");
    assert_eq!(chosen(&desk), "Paint");
    assert!(desk.harness.query_by_label("Find a command").is_none(), "the list has closed");
    desk.press(Modifiers::COMMAND, Key::K);
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(desk.harness.query_by_label("Find a command").is_none());
}

#[test]
fn the_history_is_walked_with_clicks() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let before = desk.harness.state().session.history.done().len();
    desk.click("New layer");
    desk.stroke("Canvas");
    desk.press(Modifiers::NONE, Key::F8);
    desk.harness.get_by_label(&format!("Step {}: Brush stroke", before + 2));
    desk.click(&format!("Step {}: New layer", before + 1));
    assert_eq!(pixel(&desk, "Paint")[3], 0);
    desk.click(&format!("Step {}: Brush stroke", before + 2));
    assert_eq!(pixel(&desk, "Paint")[3], 255);
    desk.click("Step 0: Where the history begins");
    assert_eq!(layers(&desk), ["Sketch mask", "Sketch"]);
}

#[test]
fn a_preset_and_a_mirror_are_chosen_for_the_brush() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.click("New layer");
    let size = desk.harness.state().session.toolbox.brush.settings.size;
    desk.harness.get_by_role_and_label(Widget::ComboBox, "Preset").click();
    desk.harness.run();
    desk.harness.get_by_label("Airbrush").click();
    desk.harness.run();
    let settings = desk.harness.state().session.toolbox.brush.settings;
    assert_eq!((settings.hardness, settings.size), (0.0, size));
    desk.click("Paint above and below alike");
    assert!(desk.harness.state().session.toolbox.brush.mirror.upright);
}

fn choose(desk: &mut Desk, preset: &str) {
    desk.harness.get_by_role_and_label(Widget::ComboBox, "Preset").click();
    desk.harness.run();
    // The list is longer than what shows of it.
    desk.harness.get_by_label(preset).scroll_to_me();
    desk.harness.run();
    desk.click(preset);
}

#[test]
fn presets_change_the_tool_go_back_and_are_kept() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let folder = desk.folder.path().join("brushes");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("broken.ron"), "(name: \"Broken\", settings: (hardness: soft))").unwrap();
    desk.harness.state_mut().session.remember_brushes(folder.clone());
    desk.wait("the word about the broken preset", |app| app.session.notice.is_some());
    desk.harness.get_by_label_contains("broken.ron");
    choose(&mut desk, "Soft eraser");
    let tool = |desk: &Desk| {
        let toolbox = &desk.harness.state().session.toolbox;
        (toolbox.selected(), toolbox.settings().copied().unwrap())
    };
    assert_eq!(tool(&desk).0, ToolKind::Eraser);
    desk.press(Modifiers::NONE, Key::Slash);
    assert_eq!(tool(&desk), (ToolKind::Brush, BrushSettings::default()));
    desk.press(Modifiers::NONE, Key::Slash);
    assert_eq!(tool(&desk).0, ToolKind::Eraser);
    choose(&mut desk, "Smudge");
    assert_eq!((tool(&desk).0, tool(&desk).1.mode), (ToolKind::Brush, BrushMode::Smudge));

    // Changed it is no preset; saved it is one of the person's own.
    desk.press(Modifiers::SHIFT, Key::CloseBracket);
    desk.find_command("Save the brush as a preset");
    let file = folder.join("My-brush.ron");
    desk.wait("the preset's file", |_| file.exists());
    desk.click("Brush settings");
    desk.harness.get_by_role_and_label(Widget::TextInput, "Name").focus();
    desk.harness.run();
    desk.type_into(Widget::TextInput, "Name", " of mine");
    desk.wait("the new name", |_| {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("of mine"))
    });
    desk.click("Remove the brush preset");
    desk.click("Go back");
    assert!(
        desk.harness
            .state()
            .session
            .preset_name()
            .is_some_and(|name| name.contains("of mine"))
    );
    desk.click("Brush settings");
    // The page finds its place anew once the pointer moves.
    desk.harness.hover_at(desk.button("Remove the brush preset").rect().center());
    desk.harness.run();
    desk.click("Remove the brush preset");
    desk.click("Remove");
    desk.wait("the end of the file", |_| !file.exists());
    assert!(folder.join("broken.ron").exists(), "what is not understood is left alone");
}

#[test]
fn a_brush_is_set_on_its_page_and_its_curve_bent() {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    desk.click("Brush settings");
    desk.harness.get_by_label("A stroke of the brush");
    desk.harness.get_by_role_and_label(Widget::Button, "Fill the shape").click();
    desk.harness.run();
    desk.harness
        .get_by_role_and_label(Widget::CheckBox, "Pressure sets the size")
        .click();
    desk.harness.run();
    let rect = desk.harness.get_by_label("Pressure sets the size: curve").rect();
    let at = |x: f32, y: f32| rect.lerp_inside(vec2(x, y));
    desk.drag_between(at(0.5, 0.5), at(0.5, 0.9));
    let settings = desk.harness.state().session.toolbox.brush.settings;
    assert!(settings.pressure_size && settings.mode == BrushMode::Fill);
    let points = settings.size_curve.points();
    assert_eq!(points.len(), 3);
    assert!((points[1][0] - 0.5).abs() < 0.05 && points[1][1] < 0.2, "{points:?}");
    desk.click("Pressure sets the size: straight");
    assert_eq!(
        desk.harness.state().session.toolbox.brush.settings.size_curve,
        Curve::default()
    );
}

#[test]
fn recorded_strokes_cover_what_their_dabs_do() {
    const SIDE: u32 = 512;
    const SHRINK: f32 = 4096.0 / SIDE as f32;
    for name in ["contour", "scribble"] {
        let samples: Vec<PointerSample> = strokes::read(&strokes::path(name))[0]
            .iter()
            .map(|sample| PointerSample {
                position: sample.position.map(|value| value / SHRINK),
                ..*sample
            })
            .collect();
        let mut brush = BrushTool::brush();
        brush.settings = BrushSettings {
            size: 40.0,
            hardness: 0.3,
            spacing: 0.1,
            ..BrushSettings::default()
        };
        let mut document = Document::from_sketch(&image::RgbaImage::new(SIDE, SIDE)).unwrap();
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        let mut history = History::default();
        let events = samples.iter().enumerate().map(|(at, sample)| match at {
            0 => PointerEvent::Press(*sample),
            at if at + 1 == samples.len() => PointerEvent::Release(*sample),
            _ => PointerEvent::Move(*sample),
        });
        for event in events {
            let target = Target {
                document: &mut document,
                history: &mut history,
                layer,
                keys: Keys::default(),
            };
            brush.handle(event, target);
        }
        let painted = document.layer(layer).unwrap().mask().unwrap().copy(Rect::of([SIDE; 2]));
        // The most that any dab covers, by the formula of a soft edge.
        let (mut stroke, first) = Stroke::begin(brush.settings, samples[0]).unwrap();
        let mut dabs = vec![first];
        dabs.extend(samples[1..].iter().flat_map(|sample| stroke.extend(*sample)));
        assert!(dabs.len() > 100, "{name}: {}", dabs.len());
        for (at, value) in painted.iter().enumerate() {
            let [x, y] = [at as u32 % SIDE, at as u32 / SIDE].map(|place| f64::from(place) + 0.5);
            let depth = |center: [f32; 2]| 20.0 - (x - f64::from(center[0])).hypot(y - f64::from(center[1]));
            let most = dabs.iter().map(|dab| depth(dab.center)).fold(f64::MIN, f64::max);
            let expected = (most / 14.0).clamp(0.0, 1.0) * 255.0;
            assert!(
                (f64::from(*value) - expected).abs() < 0.6,
                "{name} {x} {y}: {value}, not {expected}"
            );
        }
    }
}

#[test]
fn a_stroke_goes_on_beyond_the_windows_edge_and_stays_when_the_window_is_turned_away_from() {
    let mut desk = Desk::new();
    desk.open_sketch();
    let (from, to) = (desk.place("Canvas", 0.4, 0.5), desk.place("Canvas", 0.6, 0.5));
    let middle = |desk: &Desk| desk.mask_at(Role::SketchMask, 128, 128);
    desk.hold(from, to);
    desk.harness.event(egui::Event::PointerGone);
    desk.harness.step();
    assert_eq!(middle(&desk), 255, "the pointer is beyond the edge");
    desk.harness.drop_at(egui::pos2(-40.0, -40.0));
    desk.harness.run();
    let painted = |desk: &Desk| desk.harness.state().session.history.done().len();
    assert_eq!((middle(&desk), painted(&desk)), (255, 1));
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!((middle(&desk), painted(&desk)), (0, 0));

    desk.hold(from, to);
    desk.harness.event(egui::Event::WindowFocused(false));
    desk.harness.step();
    assert_eq!((middle(&desk), painted(&desk)), (255, 1));
    assert!(desk.harness.state().session.stroke().is_none());
    desk.harness.drop_at(to);
    desk.harness.run();

    desk.press(Modifiers::COMMAND, Key::Z);
    desk.hold(from, to);
    desk.harness.event(egui::Event::Touch {
        device_id: egui::TouchDeviceId(0),
        id: egui::TouchId(0),
        phase: egui::TouchPhase::Cancel,
        pos: to,
        force: None,
    });
    desk.harness.step();
    assert_eq!((middle(&desk), painted(&desk)), (0, 0), "the palm of a hand");
}
