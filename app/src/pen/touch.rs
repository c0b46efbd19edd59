//! The force of touches: pens on Windows and on touch screens come that way, told right before the pointer's own event.

use std::sync::Arc;
use std::time::Instant;

use egui::{Event, TouchPhase};

use super::{Axes, PenSample};

/// The touches among `events` that have a force. `scale`: physical pixels of the screen in a point.
pub fn samples(events: &[Event], scale: f32, now: Instant) -> Vec<PenSample> {
    let touches = events.iter().filter_map(|event| match *event {
        Event::Touch {
            phase: TouchPhase::Start | TouchPhase::Move,
            pos,
            force: Some(force),
            ..
        } => Some((pos, force)),
        _ => None,
    });
    let device: Arc<str> = "Touch".into();
    touches
        .map(|(pos, force)| PenSample {
            position: [pos.x * scale, pos.y * scale],
            axes: Axes {
                pressure: force.clamp(0.0, 1.0),
                tilt: [0.0; 2],
            },
            when: now,
            device: device.clone(),
            eraser: false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{TouchDeviceId, TouchId, pos2};

    #[test]
    fn only_touches_with_a_force_are_pens() {
        let touch = |phase, force| Event::Touch {
            device_id: TouchDeviceId(1),
            id: TouchId(2),
            phase,
            pos: pos2(10.0, 20.0),
            force,
        };
        let events = [
            touch(TouchPhase::Start, None),
            Event::PointerMoved(pos2(10.0, 20.0)),
            touch(TouchPhase::Move, Some(0.3)),
            touch(TouchPhase::End, Some(0.3)),
        ];
        let now = Instant::now();
        let found = samples(&events, 2.0, now);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].position, found[0].axes.pressure, found[0].when),
            ([20.0, 40.0], 0.3, now)
        );
    }
}
