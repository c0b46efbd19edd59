//! What keys make of a brush: with V held it draws a straight line, with Shift a click draws one from where the last stroke ended, and a drag sizes it.

use super::{BrushTool, Effect, Keys, PointerEvent, PointerSample, Target};
use crate::brush::{MAX_SIZE, MIN_SIZE};

/// A drag of fewer pixels of the layer is a click, at whatever zoom.
const CLICK: f32 = 2.0;

/// The pointer is down with one of the keys.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steady {
    /// A line from here. Both its ends are pressed as hard as the pen was on the way: where it comes down and where it lifts it presses almost nothing.
    Line(PointerSample),
    /// The brush had this size when it went down here.
    Size { from: PointerSample, size: f32, dragged: bool },
}

impl Steady {
    /// What a press with `keys` begins; none: a stroke.
    pub fn begin(keys: Keys, from: PointerSample, size: f32) -> Option<Self> {
        match keys {
            Keys { line: true, .. } => Some(Self::Line(from)),
            Keys { shift: true, .. } => Some(Self::Size {
                from,
                size,
                dragged: false,
            }),
            _ => None,
        }
    }

    /// Goes on with what was begun. `reach`: pixels of the layer within which the pointer rests; `right`: the screen's right on the layer, one pixel long.
    /// What was done, and what is still under way.
    pub fn handle(
        self,
        event: PointerEvent,
        brush: &mut BrushTool,
        target: &mut Target<'_>,
        reach: f32,
        right: [f32; 2],
    ) -> (Effect, Option<Self>) {
        match self {
            Self::Line(from) => line(from, event, brush, target),
            Self::Size { from, size, dragged } => {
                let at = match event {
                    PointerEvent::Press(at) | PointerEvent::Move(at) | PointerEvent::Release(at) => at.position,
                    PointerEvent::Cancel => {
                        brush.settings.size = size;
                        return (Effect::Nothing, None);
                    }
                };
                let way = [at[0] - from.position[0], at[1] - from.position[1]];
                let dragged = dragged || way[0].hypot(way[1]) > reach.max(CLICK);
                let along = way[0] * right[0] + way[1] * right[1];
                if dragged && along.is_finite() {
                    // The edge of the brush follows the pointer, however the canvas is turned.
                    brush.settings.size = (size + 2.0 * along).clamp(MIN_SIZE, MAX_SIZE).round();
                }
                match event {
                    PointerEvent::Release(_) if dragged => (Effect::Nothing, None),
                    PointerEvent::Release(at) => {
                        let pressed = brush.handle(PointerEvent::Press(from), target.again());
                        brush.handle(PointerEvent::Release(at), target.again());
                        (pressed, None)
                    }
                    _ => (Effect::Nothing, Some(Self::Size { from, size, dragged })),
                }
            }
        }
    }
}

/// The line is painted anew with every move, from its start to the pointer.
fn line(from: PointerSample, event: PointerEvent, brush: &mut BrushTool, target: &mut Target<'_>) -> (Effect, Option<Steady>) {
    let level = target.keys.shift;
    // Shift is not for the brush here: it would begin where the last stroke ended.
    target.keys.shift = false;
    match event {
        PointerEvent::Press(_) => (
            brush.handle(PointerEvent::Press(from), target.again()),
            Some(Steady::Line(from)),
        ),
        PointerEvent::Cancel => (brush.handle(event, target.again()), None),
        PointerEvent::Move(to) | PointerEvent::Release(to) => {
            let pressure = from.pressure.max(to.pressure);
            let [from, to] = [from, to].map(|sample| PointerSample { pressure, ..sample });
            let taken_back = brush.handle(PointerEvent::Cancel, target.again());
            let pressed = brush.handle(PointerEvent::Press(from), target.again());
            let to = if level { leveled(from, to) } else { to };
            let released = matches!(event, PointerEvent::Release(_));
            let last = match released {
                true => PointerEvent::Release(to),
                false => PointerEvent::Move(to),
            };
            let drawn = brush.handle(last, target.again());
            let all = [taken_back, pressed, drawn].into_iter().fold(Effect::Nothing, Effect::with);
            (all, (!released).then_some(Steady::Line(from)))
        }
    }
}

/// `to` on the nearest of the directions that are 15 degrees apart.
fn leveled(from: PointerSample, to: PointerSample) -> PointerSample {
    let way = [0, 1].map(|axis| to.position[axis] - from.position[axis]);
    let step = std::f32::consts::PI / 12.0;
    let (sin, cos) = ((way[1].atan2(way[0]) / step).round() * step).sin_cos();
    let along = way[0] * cos + way[1] * sin;
    PointerSample {
        position: [from.position[0] + cos * along, from.position[1] + sin * along],
        ..to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Role};
    use crate::tool::test_hand::Hand;
    use crate::tool::{ToolKind, Toolbox};
    use image::RgbaImage;

    fn hand() -> Hand {
        let document = Document::from_sketch(&RgbaImage::new(300, 300)).unwrap();
        let layer = document.by_role(Role::SketchMask).unwrap().id;
        Hand::new(document, layer)
    }

    fn send(hand: &mut Hand, tools: &mut Toolbox, events: &[PointerEvent]) {
        for event in events {
            tools.handle(*event, hand.target());
        }
    }

    fn at(x: f32, y: f32) -> PointerSample {
        PointerSample::at([x, y])
    }

    #[test]
    fn with_v_held_only_the_way_from_start_to_end_is_painted() {
        let (mut hand, mut tools) = (hand(), Toolbox::default());
        tools.brush.settings.size = 10.0;
        hand.keys.line = true;
        let way = [
            PointerEvent::Press(at(20.0, 20.0)),
            PointerEvent::Move(at(100.0, 250.0)),
            PointerEvent::Move(at(280.0, 200.0)),
        ];
        send(&mut hand, &mut tools, &way);
        assert_eq!(hand.mask(100, 250), 0, "where the pointer only passed");
        // V may be let go before the pen.
        hand.keys.line = false;
        send(&mut hand, &mut tools, &[PointerEvent::Release(at(220.0, 20.0))]);
        assert_eq!([hand.mask(20, 20), hand.mask(120, 20), hand.mask(220, 20)], [255; 3]);
        assert_eq!([hand.mask(280, 200), hand.mask(150, 110)], [0; 2]);
        assert!(!tools.is_active());
        assert_eq!(hand.history.done().len(), 1, "one entry, however often it was painted");
        hand.keys = Keys {
            line: true,
            shift: true,
            ..Keys::default()
        };
        let leveled = [PointerEvent::Press(at(20.0, 100.0)), PointerEvent::Release(at(220.0, 108.0))];
        send(&mut hand, &mut tools, &leveled);
        assert_eq!([hand.mask(215, 100), hand.mask(215, 114)], [255, 0]);
        hand.keys.shift = false;
        let aborted = [
            PointerEvent::Press(at(20.0, 200.0)),
            PointerEvent::Move(at(220.0, 200.0)),
            PointerEvent::Cancel,
        ];
        send(&mut hand, &mut tools, &aborted);
        assert_eq!((hand.mask(120, 200), hand.history.done().len()), (0, 2));
    }

    #[test]
    fn straight_lines_are_as_wide_as_the_pen_pressed_on_the_way() {
        let (mut hand, mut tools) = (hand(), Toolbox::default());
        tools.brush.settings.size = 20.0;
        tools.brush.settings.pressure_size = true;
        let pen = |x, y, pressure| PointerSample { pressure, ..at(x, y) };
        hand.keys.line = true;
        let way = [
            PointerEvent::Press(pen(20.0, 20.0, 0.05)),
            PointerEvent::Move(pen(100.0, 20.0, 1.0)),
            PointerEvent::Release(pen(220.0, 20.0, 0.02)),
        ];
        send(&mut hand, &mut tools, &way);
        assert_eq!([30, 120, 210].map(|x| hand.mask(x, 26)), [255; 3]);
        hand.keys = Keys {
            shift: true,
            ..Keys::default()
        };
        let click = [
            PointerEvent::Press(pen(220.0, 200.0, 0.05)),
            PointerEvent::Release(pen(220.0, 200.0, 0.02)),
        ];
        send(&mut hand, &mut tools, &click);
        assert_eq!(hand.mask(226, 110), 255, "as hard as the stroke before it");
    }

    #[test]
    fn with_shift_a_drag_sizes_the_brush_and_a_click_draws_from_the_last_end() {
        let (mut hand, mut tools) = (hand(), Toolbox::default());
        tools.set_view(4.0, [1.0, 0.0]);
        tools.brush.settings.size = 10.0;
        let click = |x, y| [PointerEvent::Press(at(x, y)), PointerEvent::Release(at(x, y))];
        send(&mut hand, &mut tools, &click(20.0, 20.0));
        hand.keys.shift = true;
        let wider = [PointerEvent::Press(at(100.0, 100.0)), PointerEvent::Move(at(115.0, 101.0))];
        send(&mut hand, &mut tools, &wider);
        assert_eq!((tools.brush.settings.size, tools.resized_at()), (40.0, Some([100.0, 100.0])));
        send(&mut hand, &mut tools, &[PointerEvent::Cancel]);
        assert_eq!(tools.brush.settings.size, 10.0);
        // On a mirrored canvas the screen's right is the picture's left.
        tools.set_view(4.0, [-1.0, 0.0]);
        let to_the_right = [
            PointerEvent::Press(at(100.0, 100.0)),
            PointerEvent::Move(at(85.0, 100.0)),
            PointerEvent::Cancel,
        ];
        send(&mut hand, &mut tools, &to_the_right[..2]);
        assert_eq!(tools.brush.settings.size, 40.0);
        send(&mut hand, &mut tools, &to_the_right[2..]);
        tools.set_view(4.0, [1.0, 0.0]);
        send(&mut hand, &mut tools, &wider);
        send(&mut hand, &mut tools, &[PointerEvent::Release(at(110.0, 100.0))]);
        assert_eq!((tools.brush.settings.size, hand.mask(100, 100)), (30.0, 0));
        send(&mut hand, &mut tools, &click(200.0, 20.0));
        assert_eq!([hand.mask(110, 20), hand.mask(200, 20)], [255; 2]);
        assert_eq!(tools.selected(), ToolKind::Brush);
    }
}
