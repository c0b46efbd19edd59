//! Brushes: presets, their page, and what recorded strokes cover.

use app::brush::{BrushMode, BrushSettings, Curve, Stroke};
use app::document::{Document, History, Rect, Role};
use app::tool::{BrushTool, Keys, PointerEvent, PointerSample, Target, ToolKind};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;
use tests::strokes;

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
    desk.click("Mirror painting top to bottom");
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
    desk.click("Cancel");
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
