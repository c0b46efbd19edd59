use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::*;
use crate::document::{Document, Role};
use crate::tool::test_hand::Hand;

fn fresh(size: u32, role: Role) -> Hand {
    let document = Document::from_sketch(&RgbaImage::from_pixel(size, size, Rgba([255; 4]))).unwrap();
    let layer = document.by_role(role).unwrap().id;
    Hand::new(document, layer)
}

fn send(desk: &mut Hand, tool: &mut BrushTool, event: PointerEvent) -> Effect {
    tool.handle(event, desk.target())
}

fn drag(desk: &mut Hand, tool: &mut BrushTool, from: [f32; 2], to: [f32; 2]) {
    desk.drag([from, to, to], |event, target| tool.handle(event, target));
}

fn sharp(size: f32) -> BrushTool {
    let mut tool = BrushTool::brush();
    tool.settings = BrushSettings {
        size,
        hardness: 1.0,
        ..tool.settings
    };
    tool
}

#[test]
fn a_stroke_is_one_entry_and_reports_what_it_touched() {
    let mut desk = fresh(600, Role::SketchMask);
    let mut tool = sharp(20.0);
    let effect = send(&mut desk, &mut tool, PointerEvent::Press(PointerSample::at([250.0, 100.0])));
    assert_eq!(effect, Effect::Painted(Rect::new(240, 90, 260, 110)));
    send(&mut desk, &mut tool, PointerEvent::Move(PointerSample::at([300.0, 100.0])));
    send(&mut desk, &mut tool, PointerEvent::Release(PointerSample::at([300.0, 100.0])));
    assert_eq!(
        (
            desk.mask(241, 100),
            desk.mask(275, 100),
            desk.mask(275, 112),
            desk.mask(320, 100)
        ),
        (255, 255, 0, 0)
    );
    assert_eq!(desk.history.undo(&mut desk.document), Some("Brush stroke"));
    assert_eq!(desk.mask(275, 100), 0);
    assert_eq!(desk.history.undo_label(), None);
    desk.history.redo(&mut desk.document);
    assert_eq!(desk.mask(275, 100), 255);
}

#[test]
fn crossing_itself_a_stroke_keeps_its_opacity_and_a_second_stroke_adds() {
    let mut desk = fresh(100, Role::SketchMask);
    let mut tool = sharp(10.0);
    tool.settings.opacity = 0.4;
    drag(&mut desk, &mut tool, [20.0, 50.0], [80.0, 50.0]);
    assert_eq!(desk.mask(50, 50), 102);
    drag(&mut desk, &mut tool, [50.0, 20.0], [50.0, 80.0]);
    assert_eq!(desk.mask(50, 50), 163, "102 + (255 - 102) * 102 / 255");
}

#[test]
fn escape_restores_the_very_tiles() {
    let mut desk = fresh(300, Role::Sketch);
    let revision = |desk: &Hand| {
        desk.document
            .layer(desk.layer)
            .unwrap()
            .raster()
            .unwrap()
            .tile(0, 0)
            .unwrap()
            .revision()
    };
    let before = revision(&desk);
    let mut tool = sharp(30.0);
    send(&mut desk, &mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
    assert_ne!(revision(&desk), before);
    assert_eq!(
        send(&mut desk, &mut tool, PointerEvent::Cancel),
        Effect::Painted(Rect::new(5, 5, 35, 35))
    );
    assert_eq!(revision(&desk), before);
    assert_eq!(desk.history.undo_label(), None);
}

#[test]
fn the_eraser_takes_paint_away_and_makes_no_tiles() {
    let mut desk = fresh(600, Role::SketchMask);
    let mut eraser = BrushTool::eraser();
    eraser.settings = sharp(40.0).settings;
    drag(&mut desk, &mut eraser, [10.0, 10.0], [590.0, 590.0]);
    assert!(desk.document.layer(desk.layer).unwrap().bounds().is_empty());
    drag(&mut desk, &mut sharp(40.0), [100.0, 100.0], [200.0, 100.0]);
    drag(&mut desk, &mut eraser, [150.0, 100.0], [150.0, 100.0]);
    assert_eq!((desk.mask(110, 100), desk.mask(150, 100), desk.mask(190, 100)), (255, 0, 255));
}

#[test]
fn raster_layers_take_colour_and_lose_alpha() {
    let mut desk = fresh(64, Role::Sketch);
    let mut tool = sharp(10.0);
    tool.color = [200, 10, 20];
    tool.settings.opacity = 0.6;
    drag(&mut desk, &mut tool, [20.0, 20.0], [20.0, 20.0]);
    let mut eraser = BrushTool::eraser();
    eraser.settings = tool.settings;
    drag(&mut desk, &mut eraser, [50.0, 50.0], [50.0, 50.0]);
    let pixels = desk.document.layer(desk.layer).unwrap().raster().unwrap();
    assert_eq!(
        (pixels.pixel(20, 20), pixels.pixel(50, 50)),
        ([222, 108, 114, 255], [255, 255, 255, 102])
    );
}

#[test]
fn a_take_is_not_painted_over_and_may_arrive_in_mid_stroke() {
    let mut desk = fresh(64, Role::SketchMask);
    let mut tool = sharp(10.0);
    send(&mut desk, &mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
    let take = desk
        .document
        .place_take(&RgbImage::from_pixel(64, 64, Rgb([1, 2, 3])), String::new());
    send(&mut desk, &mut tool, PointerEvent::Release(PointerSample::at([40.0, 20.0])));
    desk.history.undo(&mut desk.document);
    assert_eq!((desk.mask(20, 20), desk.document.layer(take).is_some()), (0, true));
    desk.layer = take;
    let refused = send(&mut desk, &mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
    assert!(matches!(refused, Effect::Refused(_)));
    assert!(!tool.is_active());
}

#[test]
fn locks_are_kept() {
    let mut desk = fresh(64, Role::Sketch);
    let mut tool = sharp(10.0);
    tool.color = [200, 10, 20];
    let layer = desk.document.layer_mut(desk.layer).unwrap();
    layer.pixels = Pixels::Raster(TileGrid::with_pixels([64, 64], [0, 0], 1, &[[9, 9, 9, 100]; 64]));
    layer.alpha_locked = true;
    drag(&mut desk, &mut tool, [0.5, 20.5], [0.5, 20.5]);
    assert_eq!((desk.color(0, 20), desk.color(1, 20)), ([200, 10, 20, 100], [0; 4]));
    desk.document.layer_mut(desk.layer).unwrap().locked = true;
    let refused = send(&mut desk, &mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
    assert_eq!(refused, Effect::Refused("The layer is locked. Unlock it first."));
}

#[test]
fn shift_draws_a_straight_line_from_where_the_last_stroke_ended() {
    let mut desk = fresh(100, Role::SketchMask);
    let mut tool = sharp(4.0);
    let mut click = |position, shift| {
        desk.keys.shift = shift;
        drag(&mut desk, &mut tool, position, position);
    };
    click([10.0, 10.0], true);
    click([10.0, 90.0], true);
    click([90.0, 90.0], false);
    assert_eq!((desk.mask(10, 50), desk.mask(50, 90), desk.mask(90, 90)), (255, 0, 255));
    desk.history.undo(&mut desk.document);
    desk.history.undo(&mut desk.document);
    assert_eq!((desk.mask(10, 50), desk.mask(10, 10)), (0, 255));
}

#[test]
fn a_mirrored_stroke_is_painted_on_all_sides_as_one_entry() {
    let mut desk = fresh(100, Role::SketchMask);
    let mut tool = sharp(4.0);
    tool.mirror = Mirror {
        sideways: true,
        upright: true,
    };
    drag(&mut desk, &mut tool, [10.0, 20.0], [30.0, 20.0]);
    assert_eq!(
        [(20, 20), (79, 20), (20, 79), (79, 79), (50, 50)].map(|(x, y)| desk.mask(x, y)),
        [255, 255, 255, 255, 0]
    );
    desk.history.undo(&mut desk.document);
    assert_eq!(desk.mask(79, 79), 0);
}

#[test]
fn strokes_off_the_canvas_leave_no_entry() {
    let mut desk = fresh(64, Role::SketchMask);
    drag(&mut desk, &mut sharp(10.0), [-500.0, -500.0], [-100.0, 1e30]);
    drag(&mut desk, &mut sharp(10.0), [f32::NAN, 5.0], [f32::INFINITY, 5.0]);
    assert_eq!(desk.history.undo_label(), None);
}

#[test]
fn a_filling_pen_fills_the_shape_it_goes_around_as_one_entry() {
    let mut desk = fresh(600, Role::SketchMask);
    let mut tool = sharp(4.0);
    tool.settings.mode = BrushMode::Fill;
    tool.settings.opacity = 0.6;
    tool.mirror.sideways = true;
    send(&mut desk, &mut tool, PointerEvent::Press(PointerSample::at([20.0, 20.0])));
    for corner in [[280.0, 20.0], [280.0, 280.0]] {
        send(&mut desk, &mut tool, PointerEvent::Move(PointerSample::at(corner)));
    }
    assert_eq!(
        (desk.mask(250, 100), desk.mask(280, 100)),
        (0, 153),
        "while it is drawn the outline shows"
    );
    let effect = send(&mut desk, &mut tool, PointerEvent::Release(PointerSample::at([20.0, 280.0])));
    assert!(
        matches!(effect, Effect::Painted(rect) if rect.left <= 20 && rect.right >= 280),
        "{effect:?}"
    );
    assert_eq!(
        [(250, 100), (100, 250), (350, 100), (300, 300)].map(|(x, y)| desk.mask(x, y)),
        [153, 153, 153, 0]
    );
    assert_eq!(desk.history.undo(&mut desk.document), Some("Filled stroke"));
    assert_eq!((desk.mask(250, 100), desk.mask(280, 100)), (0, 0));
    assert_eq!(desk.history.undo_label(), None);
}

#[test]
fn smudging_is_one_entry_mirrored_and_taken_back_by_escape() {
    let mut desk = fresh(200, Role::SketchMask);
    drag(&mut desk, &mut sharp(20.0), [40.0, 20.0], [40.0, 180.0]);
    drag(&mut desk, &mut sharp(20.0), [160.0, 20.0], [160.0, 180.0]);
    let mut tool = sharp(24.0);
    tool.settings.mode = BrushMode::Smudge;
    tool.mirror.sideways = true;
    let way = [[40.0, 100.0], [60.0, 100.0], [70.0, 100.0]].map(PointerSample::at);
    send(&mut desk, &mut tool, PointerEvent::Press(way[0]));
    send(&mut desk, &mut tool, PointerEvent::Move(way[1]));
    assert!(desk.mask(60, 100) > 0);
    send(&mut desk, &mut tool, PointerEvent::Cancel);
    assert_eq!((desk.mask(60, 100), desk.history.undo_label()), (0, Some("Brush stroke")));
    desk.drag(way.map(|sample| sample.position), |event, target| tool.handle(event, target));
    let (own, image) = (desk.mask(60, 100), desk.mask(139, 100));
    assert!(own > 0 && own.abs_diff(image) < 40, "{own} and {image}");
    assert_eq!(desk.history.undo(&mut desk.document), Some("Smudge"));
    assert_eq!((desk.mask(60, 100), desk.mask(40, 100)), (0, 255));
}

#[test]
fn smudging_and_erasing_nothing_leave_no_entry() {
    let mut desk = fresh(200, Role::SketchMask);
    let mut smudge = sharp(24.0);
    smudge.settings.mode = BrushMode::Smudge;
    let mut eraser = BrushTool::eraser();
    for tool in [&mut smudge, &mut eraser] {
        drag(&mut desk, tool, [40.0, 40.0], [160.0, 160.0]);
        assert_eq!(desk.history.undo_label(), None);
    }
}

#[test]
fn an_eraser_only_takes_away() {
    let mut desk = fresh(100, Role::SketchMask);
    drag(&mut desk, &mut sharp(40.0), [50.0, 50.0], [50.0, 50.0]);
    let mut eraser = BrushTool::eraser();
    eraser.settings = BrushSettings {
        mode: BrushMode::Smudge,
        ..sharp(10.0).settings
    };
    drag(&mut desk, &mut eraser, [50.0, 50.0], [50.0, 50.0]);
    assert_eq!((desk.mask(50, 50), desk.mask(60, 50)), (0, 255));
}

#[test]
fn an_ellipse_is_mirrored_as_in_a_mirror() {
    let mut desk = fresh(100, Role::SketchMask);
    let mut tool = sharp(40.0);
    (tool.settings.roundness, tool.settings.angle) = (0.2, 45.0);
    tool.mirror.sideways = true;
    drag(&mut desk, &mut tool, [25.0, 50.0], [25.0, 50.0]);
    assert_eq!([(35, 60), (15, 40), (35, 40)].map(|(x, y)| desk.mask(x, y)), [255, 255, 0]);
    for (x, y) in [(35, 60), (15, 40), (35, 40), (20, 50)] {
        assert!(desk.mask(x, y).abs_diff(desk.mask(99 - x, y)) <= 1, "{x} {y}");
    }
}

#[test]
fn a_preview_shows_light_ends_and_what_a_brush_does() {
    let sum = |settings: BrushSettings| -> u32 { preview(&settings, [120, 32]).iter().map(|share| u32::from(*share)).sum() };
    let plain = BrushSettings {
        size: 500.0,
        hardness: 1.0,
        ..BrushSettings::default()
    };
    let thin = BrushSettings {
        pressure_size: true,
        ..plain
    };
    let filling = BrushSettings {
        mode: BrushMode::Fill,
        size: 4.0,
        ..plain
    };
    assert!(sum(thin) > 0 && sum(thin) < sum(plain));
    assert!(
        sum(filling)
            > sum(BrushSettings {
                mode: BrushMode::Paint,
                ..filling
            })
    );
    assert_eq!(preview(&plain, [1, 1]).len(), 1);
}
