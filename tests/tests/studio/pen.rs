//! Pens: a scripted one tells its pressure beside the pointer.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::document::Rect;
use app::pen::{Axes, PenEvent, PenInput, PenSample, PressureCurve};
use egui::accesskit::Role as Widget;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::kittest::Queryable;
use tests::desk::Desk;

/// What the test lets the pen do.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<Vec<PenEvent>>>);

impl Scripted {
    fn say(&self, event: PenEvent) {
        self.0.lock().unwrap().push(event);
    }

    /// Is somewhere, and is not forgotten however long the next frames take.
    fn moves(&self, to: Pos2, pressure: f32, eraser: bool) {
        self.is_at(to, pressure, eraser, Instant::now() + Duration::from_secs(3600));
    }

    /// Was somewhere so long ago that the pointer is no pen any more.
    fn was(&self, place: Pos2) {
        self.is_at(place, 0.0, false, Instant::now() - Duration::from_secs(1));
    }

    fn is_at(&self, place: Pos2, pressure: f32, eraser: bool, when: Instant) {
        self.say(PenEvent::Sample(PenSample {
            position: place.into(),
            axes: Axes {
                pressure,
                tilt: [0.5, -0.2],
            },
            when,
            device: "Intuos pen".into(),
            eraser,
        }));
    }
}

impl PenInput for Scripted {
    fn poll(&mut self, _: f32) -> Vec<PenEvent> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn is_pointer(&self) -> bool {
        true
    }

    fn name(&self) -> &'static str {
        "a script"
    }
}

fn desk() -> (Desk, Scripted) {
    let mut desk = Desk::with_scene(1280.0, 900.0);
    let pen = Scripted::default();
    desk.harness.state_mut().session.pen.set_source(Box::new(pen.clone()));
    desk.click("New layer");
    let brush = &mut desk.harness.state_mut().session.toolbox.brush.settings;
    (brush.size, brush.pressure_size, brush.hardness) = (40.0, true, 1.0);
    (desk, pen)
}

/// A line across the picture, pressed from nothing to fully; without a pen where `pressure` tells none.
fn line(desk: &mut Desk, pen: &Scripted, y: f32, pressure: impl Fn(f32) -> Option<f32>, eraser: bool) {
    let at = |desk: &Desk, share: f32| desk.on_picture([0.1 + 0.8 * share, y]);
    let tell = |place: Pos2, share: f32| {
        pressure(share)
            .into_iter()
            .for_each(|pressure| pen.moves(place, pressure, eraser))
    };
    let from = at(desk, 0.0);
    desk.harness.hover_at(from);
    desk.harness.run();
    tell(from, 0.0);
    desk.harness.drag_at(from);
    desk.harness.step();
    for step in 1..=20 {
        let share = step as f32 / 20.0;
        let to = at(desk, share);
        tell(to, share);
        desk.harness.hover_at(to);
        // Several moves lie in one frame.
        if step % 4 == 0 {
            desk.harness.step();
        }
    }
    let to = at(desk, 1.0);
    desk.harness.drop_at(to);
    desk.harness.run();
}

/// How many pixels of a column of the layer called Paint are painted, near a row.
fn width(desk: &Desk, x: u32, y: u32) -> usize {
    let layer = desk.document().canvas().layers().find(|layer| layer.name == "Paint").unwrap();
    let column = layer.raster().unwrap().copy(Rect::new(x, y - 30, x + 1, y + 30));
    column.iter().filter(|pixel| pixel[3] > 127).count()
}

#[test]
fn a_stroke_is_as_broad_as_the_pen_is_pressed_and_a_mouse_presses_fully() {
    let (mut desk, pen) = desk();
    line(&mut desk, &pen, 0.25, Some, false);
    let widths = [51, 128, 205].map(|x| width(&desk, x, 64));
    // A tenth, a half and nine tenths of the way, to a pixel or two.
    for (width, wanted) in widths.into_iter().zip([5, 20, 35]) {
        assert!(width.abs_diff(wanted) <= 3, "{widths:?}");
    }
    assert_eq!(desk.harness.state().session.history.undo_label(), Some("Brush stroke"));
    pen.was(desk.on_picture([0.9, 0.25]));
    desk.harness.run_steps(3);
    line(&mut desk, &pen, 0.75, |_| None, false);
    assert_eq!([51, 128, 205].map(|x| width(&desk, x, 192).abs_diff(40) <= 1), [true; 3]);
}

#[test]
fn the_other_end_of_the_pen_erases() {
    let (mut desk, pen) = desk();
    line(&mut desk, &pen, 0.25, |_| Some(1.0), false);
    assert!(width(&desk, 128, 64) >= 39);
    let eraser = &mut desk.harness.state_mut().session.toolbox.eraser.settings;
    (eraser.size, eraser.hardness) = (60.0, 1.0);
    line(&mut desk, &pen, 0.25, |_| Some(1.0), true);
    assert_eq!(width(&desk, 128, 64), 0);
    assert_eq!(desk.harness.state().session.history.undo_label(), Some("Eraser stroke"));
    line(&mut desk, &pen, 0.25, |_| Some(1.0), false);
    assert!(width(&desk, 128, 64) >= 39, "the brush is in the hand again");
}

#[test]
fn touches_tell_of_a_pen_only_while_its_source_knows_none() {
    let (mut desk, pen) = desk();
    let place = desk.on_picture([0.5, 0.5]);
    let touch = |desk: &mut Desk| {
        desk.harness.event(egui::Event::Touch {
            device_id: egui::TouchDeviceId(1),
            id: egui::TouchId(1),
            phase: egui::TouchPhase::Move,
            pos: place,
            force: Some(0.3),
        });
        desk.harness.step();
        let last = desk.harness.state().session.pen.last().unwrap();
        (last.device.to_string(), last.axes.pressure, last.eraser)
    };
    assert_eq!(touch(&mut desk), ("Touch".to_owned(), 0.3, false));
    pen.say(PenEvent::Devices(vec!["Intuos pen".to_owned()]));
    pen.moves(place, 0.8, true);
    assert_eq!(touch(&mut desk), ("Intuos pen".to_owned(), 0.8, true));
    pen.say(PenEvent::Failed("The tablet is gone.".to_owned()));
    assert_eq!(touch(&mut desk), ("Touch".to_owned(), 0.3, false));
}

#[test]
fn the_page_shows_what_the_pen_tells_and_its_curve_is_kept() {
    let (mut desk, pen) = desk();
    let kept = desk.folder.path().join("pen.ron");
    desk.harness.state_mut().session.remember_pen(kept.clone());
    desk.find_command("pen settings");
    desk.harness.get_by_label_contains("No pen has been seen yet");
    pen.say(PenEvent::Devices(vec!["Intuos pen".to_owned(), "Intuos eraser".to_owned()]));
    pen.moves(Pos2::new(5.0, 5.0), 0.25, false);
    desk.harness.run();
    desk.harness.get_by_label("Heard by a script: Intuos pen, Intuos eraser.");
    desk.harness.get_by_label("In the hand: Intuos pen");
    desk.harness.get_by_label("Pressure: 25 %");
    desk.harness.get_by_label("Tilt: 45° to the right, -18° down");
    let softness = desk.harness.get_by_role_and_label(Widget::Slider, "Softness").rect();
    desk.drag_between(softness.center(), softness.right_center());
    let curve = desk.harness.state().session.pen.curve();
    assert!(curve.softness > 0.5, "{curve:?}");
    let after = format!("After the curve: {:.0} %", curve.apply(0.25) * 100.0);
    desk.harness.get_by_label(&after);
    let softness = |file: &Path| {
        let text = std::fs::read_to_string(file).ok()?;
        Some(ron::from_str::<PressureCurve>(&text).unwrap().softness)
    };
    let file = kept.clone();
    desk.wait("the file", move |_| softness(&file).is_some_and(|kept| kept > 0.5));
    let paper = desk.harness.get_by_label("Paper to try the pen on").rect();
    desk.drag_between(
        paper.left_center() + egui::vec2(20.0, 0.0),
        paper.right_center() - egui::vec2(20.0, 0.0),
    );
    assert_eq!(desk.painted(), 0, "the canvas behind the page is not painted on");
    desk.click("Wipe the paper");
    desk.click("Back to the defaults");
    assert_eq!(desk.harness.state().session.pen.curve(), PressureCurve::default());
    desk.press(Modifiers::NONE, Key::Escape);
    assert!(desk.harness.query_by_label("Paper to try the pen on").is_none());
    let file = kept.clone();
    desk.wait("the defaults in the file", move |_| softness(&file) == Some(0.0));
    let mut next = Desk::new();
    std::fs::write(&kept, "(softness:-0.5)").unwrap();
    next.harness.state_mut().session.remember_pen(kept);
    next.wait("the curve", |app| app.session.pen.curve().softness == -0.5);
}
