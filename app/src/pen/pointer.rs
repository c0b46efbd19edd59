//! The pointer moved by a pen that the window's library makes no pointer of.

use egui::{Event, Modifiers, PointerButton, Pos2, Vec2, pos2};

use super::PenEvent;

/// Turns what a pen does into the pointer's events.
#[derive(Default)]
pub struct Pointer {
    at: Pos2,
    /// The tip is on the tablet.
    down: bool,
}

impl Pointer {
    /// The pointer's events, in order. `scale`: physical pixels of the screen in a point.
    pub fn events(&mut self, told: &[PenEvent], scale: f32, modifiers: Modifiers) -> Vec<Event> {
        let mut events = Vec::new();
        for (at, event) in told.iter().enumerate() {
            let button = |pos, button, pressed| Event::PointerButton {
                pos,
                button,
                pressed,
                modifiers,
            };
            match event {
                PenEvent::Sample(sample) => {
                    let [x, y] = sample.position;
                    let place = pos2(x, y) / scale;
                    let moved = place != self.at;
                    self.at = place;
                    events.extend(moved.then_some(Event::PointerMoved(place)));
                }
                PenEvent::Tip(down) => {
                    self.down = *down;
                    events.push(button(self.at, PointerButton::Primary, *down));
                }
                PenEvent::Barrel(down) => events.push(button(self.at, PointerButton::Secondary, *down)),
                PenEvent::Gone if !told[at..].iter().any(|later| matches!(later, PenEvent::Sample(_))) => {
                    // A pen that is lost in mid-stroke does not lift its tip: the stroke ends where it was last.
                    let lifted = std::mem::take(&mut self.down);
                    events.extend(lifted.then(|| button(self.at, PointerButton::Primary, false)));
                    events.push(Event::PointerGone);
                    self.at = Pos2::ZERO + Vec2::INFINITY;
                }
                PenEvent::Gone | PenEvent::Devices(_) | PenEvent::Failed(_) => {}
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pen::{Axes, PenSample};
    use std::time::Instant;

    #[test]
    fn a_pen_presses_moves_and_leaves_as_a_pointer_does() {
        let sample = |x| {
            PenEvent::Sample(PenSample {
                position: [x, 40.0],
                axes: Axes::default(),
                when: Instant::now(),
                device: "Pen".into(),
                eraser: false,
            })
        };
        let button = |x: f32, button, pressed| Event::PointerButton {
            pos: pos2(x, 20.0),
            button,
            pressed,
            modifiers: Modifiers::SHIFT,
        };
        let moved = |x| Event::PointerMoved(pos2(x, 20.0));
        let mut pointer = Pointer::default();
        let told = [
            sample(20.0),
            PenEvent::Tip(true),
            sample(20.0),
            sample(60.0),
            PenEvent::Tip(false),
        ];
        assert_eq!(
            pointer.events(&told, 2.0, Modifiers::SHIFT),
            [
                moved(10.0),
                button(10.0, PointerButton::Primary, true),
                moved(30.0),
                button(30.0, PointerButton::Primary, false),
            ]
        );
        let told = [PenEvent::Barrel(true), PenEvent::Barrel(false), PenEvent::Gone];
        assert_eq!(
            pointer.events(&told, 2.0, Modifiers::SHIFT),
            [
                button(30.0, PointerButton::Secondary, true),
                button(30.0, PointerButton::Secondary, false),
                Event::PointerGone,
            ]
        );
        assert_eq!(
            pointer.events(&[sample(60.0)], 2.0, Modifiers::SHIFT),
            [moved(30.0)],
            "it is back"
        );
        let told = [PenEvent::Tip(true), PenEvent::Gone];
        assert_eq!(
            pointer.events(&told, 2.0, Modifiers::SHIFT),
            [
                button(30.0, PointerButton::Primary, true),
                button(30.0, PointerButton::Primary, false),
                Event::PointerGone,
            ]
        );
    }
}
