//! Live mode: when a generation begins by itself. Pure: times and facts in, decisions out.
//!
//! One generation is in flight, and of the changes that come meanwhile the latest wins. It may not starve the picture: what is in flight is replaced
//! only after it has shown something. Nothing begins in mid-stroke.

use std::time::Duration;

/// Changes that follow each other closer than this are one, such as the moves of a slider.
const QUIET: Duration = Duration::from_millis(30);
/// A run of changes waits no longer than this.
const LONGEST: Duration = Duration::from_millis(150);

/// What the program is doing at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since any fixed time.
    pub now: Duration,
    /// The pen is down.
    pub painting: bool,
    /// A generation that the person asked for is under way, or none could be made of what is set.
    pub busy: bool,
}

/// A change that no generation knows yet.
#[derive(Clone, Copy, Debug)]
struct Change {
    first: Duration,
    last: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    None,
    /// It has shown nothing yet.
    Blind,
    Seen,
}

/// The schedule of live mode.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    on: bool,
    change: Option<Change>,
    flight: Flight,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            on: false,
            change: None,
            flight: Flight::None,
        }
    }
}

impl Live {
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Turning it on colours what there is.
    pub fn turn(&mut self, on: bool, now: Duration) {
        *self = Self { on, ..Self::default() };
        self.changed(now);
    }

    /// What the picture follows from has changed.
    pub fn changed(&mut self, now: Duration) {
        let first = self.change.map_or(now, |change| change.first);
        self.change = self.on.then_some(Change { first, last: now });
    }

    /// Whether a generation is to begin now; it is in flight from here on, in place of the one before.
    pub fn begins(&mut self, moment: Moment) -> bool {
        let due = self.due(moment).is_some_and(|due| due <= moment.now);
        if due {
            self.change = None;
            self.flight = Flight::Blind;
        }
        due
    }

    /// When to look again, if nothing else happens.
    pub fn due(&self, moment: Moment) -> Option<Duration> {
        let free = self.on && !moment.painting && !moment.busy && self.flight != Flight::Blind;
        let change = self.change.filter(|_| free)?;
        Some((change.last + QUIET).min(change.first + LONGEST))
    }

    /// The generation in flight has shown something.
    pub fn shown(&mut self) {
        if self.flight == Flight::Blind {
            self.flight = Flight::Seen;
        }
    }

    /// The generation in flight has ended, in whatever way.
    pub fn ended(&mut self) {
        self.flight = Flight::None;
    }

    pub fn in_flight(&self) -> bool {
        self.flight != Flight::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Moment {
        Moment {
            now: Duration::from_millis(milliseconds),
            painting: false,
            busy: false,
        }
    }

    fn live() -> Live {
        let mut live = Live::default();
        live.turn(true, Duration::ZERO);
        assert!(live.begins(at(30)), "turning it on colours what there is");
        live.shown();
        live.ended();
        live
    }

    #[test]
    fn a_stroke_begins_one_generation_shortly_after_pen_up() {
        let mut live = live();
        live.changed(Duration::from_millis(1000));
        assert!(!live.begins(at(1029)));
        assert_eq!(live.due(at(1000)), Some(Duration::from_millis(1030)));
        assert!(live.begins(at(1030)));
        assert!(!live.begins(at(2000)), "it knows of every change");
    }

    #[test]
    fn nothing_begins_in_mid_stroke_or_beside_what_the_person_asked_for() {
        let mut live = live();
        live.changed(Duration::from_millis(100));
        assert!(!live.begins(Moment {
            painting: true,
            ..at(5000)
        }));
        assert!(!live.begins(Moment { busy: true, ..at(5000) }));
        assert_eq!(
            live.due(Moment {
                painting: true,
                ..at(5000)
            }),
            None
        );
        assert!(live.begins(at(5000)));
    }

    #[test]
    fn the_moves_of_a_slider_are_one_change_but_do_not_wait_for_ever() {
        let mut live = live();
        let mut begun = Vec::new();
        for now in (1000..1400).step_by(10) {
            live.changed(Duration::from_millis(now));
            if live.begins(at(now)) {
                begun.push(now);
                live.shown();
            }
        }
        assert_eq!(begun, [1150, 1310]);
    }

    #[test]
    fn what_is_in_flight_is_replaced_only_after_it_has_shown_something() {
        let mut live = live();
        live.changed(Duration::from_millis(0));
        assert!(live.begins(at(100)));
        for now in [200, 300, 400] {
            live.changed(Duration::from_millis(now));
            assert!(!live.begins(at(now + 90)), "it has shown nothing yet");
        }
        live.shown();
        assert!(live.begins(at(500)), "one generation for three changes");
        assert!(live.in_flight());
        live.ended();
        assert!(!live.begins(at(9000)));
    }

    #[test]
    fn off_it_does_nothing() {
        let mut live = live();
        live.turn(false, Duration::from_millis(50));
        live.changed(Duration::from_millis(60));
        assert!(!live.begins(at(1000)));
        assert!(!live.in_flight());
    }
}
