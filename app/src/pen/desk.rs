//! What pens did lately, and which of it belongs to a place of the pointer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Axes, PenEvent, PenInput, PenSample, PressureCurve};

/// Samples that nothing was painted with by then are forgotten, unless they came with the last frame: a program that hangs for a while is no reason to
/// take a pen for a mouse.
const MEMORY: Duration = Duration::from_millis(500);
/// Most samples that are kept: half a second of the fastest tablet there is, and then some.
const MOST: usize = 1024;
/// Distance, in pixels of the screen, within which two places are one.
const SAME: f32 = 0.5;

/// How often a source is asked that wakes no window: while a pen is about, and else.
const OFTEN: Duration = Duration::from_millis(8);
const SELDOM: Duration = Duration::from_millis(100);
/// A pen is about that was heard of since.
const ABOUT: Duration = Duration::from_secs(1);

/// How the pen was held where the pointer was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// 0..=1, after the curve.
    pub pressure: f32,
    pub tilt: [f32; 2],
    pub eraser: bool,
    pub when: Instant,
}

/// The pens of the desk.
///
/// The window's library moves the pointer and tells no pressure; the pen's own source tells both, by another way. Either comes in order, and both name
/// places on the screen, so what belongs together is found by its place.
#[derive(Default)]
pub struct Pen {
    source: Option<Box<dyn PenInput>>,
    curve: PressureCurve,
    devices: Vec<String>,
    trail: VecDeque<PenSample>,
    /// How many of the trail the pointer has passed.
    passed: usize,
    /// Counts frames, and that in which the last sample came.
    frame: u64,
    heard: u64,
    trouble: Option<String>,
    /// The last sample, however old.
    last: Option<PenSample>,
}

impl Pen {
    pub fn set_source(&mut self, source: Box<dyn PenInput>) {
        self.source = Some(source);
    }

    /// Hears of no pens any more: the window is going.
    pub fn drop_source(&mut self) {
        (self.source, self.devices) = (None, Vec::new());
    }

    pub fn curve(&self) -> PressureCurve {
        self.curve
    }

    pub fn set_curve(&mut self, curve: PressureCurve) {
        self.curve = curve.clamped();
    }

    /// The pens that the system knows, by their names.
    pub fn devices(&self) -> &[String] {
        &self.devices
    }

    /// By what way pens are heard of; none: only as touches.
    pub fn way(&self) -> Option<&'static str> {
        self.source.as_ref().map(|source| source.name())
    }

    /// Why nothing is heard of pens any more.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What a pen did last, however long ago.
    pub fn last(&self) -> Option<&PenSample> {
        self.last.as_ref()
    }

    /// Takes in what a source tells whose pens are pointers for the window's library too. `scale` as in [`PenInput::poll`].
    /// To be called once a frame.
    pub fn listen(&mut self, scale: f32) {
        self.frame += 1;
        let source = self.source.as_mut().filter(|source| source.is_pointer());
        let events = source.map(|source| source.poll(scale)).unwrap_or_default();
        self.take_in(&events);
    }

    /// Takes in what a source tells whose pens are no pointers, for somebody else to move the pointer by it. `scale` as in [`PenInput::poll`].
    pub fn listen_as_pointer(&mut self, scale: f32) -> Vec<PenEvent> {
        let source = self.source.as_mut().filter(|source| !source.is_pointer());
        let events = source.map(|source| source.poll(scale)).unwrap_or_default();
        self.take_in(&events);
        events
    }

    /// When the window must wake to hear of pens; none: whoever has something to tell wakes it.
    pub fn wake_in(&self, now: Instant) -> Option<Duration> {
        let heard = |last: &PenSample| now.saturating_duration_since(last.when) < ABOUT;
        let often = self.last.as_ref().is_some_and(heard);
        let silent = self.source.as_ref().is_some_and(|source| source.is_silent());
        silent.then_some(if often { OFTEN } else { SELDOM })
    }

    fn take_in(&mut self, events: &[PenEvent]) {
        for event in events {
            match event {
                PenEvent::Sample(sample) => self.hear(sample.clone()),
                PenEvent::Devices(devices) => self.devices.clone_from(devices),
                PenEvent::Failed(reason) => (self.trouble, self.devices) = (Some(reason.clone()), Vec::new()),
                PenEvent::Tip(_) | PenEvent::Barrel(_) | PenEvent::Gone => {}
            }
        }
    }

    /// A pen was somewhere.
    pub fn hear(&mut self, sample: PenSample) {
        let Axes { pressure, tilt } = sample.axes;
        let whole = sample.position.iter().chain(&tilt).all(|value| value.is_finite()) && pressure.is_finite();
        if !whole {
            return;
        }
        let old = |first: &PenSample| sample.when.saturating_duration_since(first.when) > MEMORY;
        while self.trail.front().is_some_and(old) || self.trail.len() >= MOST {
            self.trail.pop_front();
            self.passed = self.passed.saturating_sub(1);
        }
        self.last = Some(sample.clone());
        self.heard = self.frame;
        self.trail.push_back(sample);
    }

    /// How the pen is held at `position`, in pixels of the screen, where the pointer was told to be by `now`; none: it is no pen that is there.
    /// `pressed`: the pointer goes down, so that what was before counts no more.
    pub fn at(&mut self, position: [f32; 2], pressed: bool, now: Instant) -> Option<Reading> {
        let last = self.trail.back()?;
        if self.frame > self.heard + 1 && now.saturating_duration_since(last.when) > MEMORY {
            self.trail.clear();
            self.passed = 0;
            return None;
        }
        let here = |sample: &PenSample| (0..2).all(|axis| (sample.position[axis] - position[axis]).abs() <= SAME);
        let found = match pressed {
            true => self.trail.iter().rposition(here),
            false => {
                let ahead = self.trail.iter().skip(self.passed).position(here);
                ahead.map(|steps| {
                    let first = self.passed + steps;
                    // A pen that presses harder without moving.
                    first + self.trail.iter().skip(first).take_while(|sample| here(sample)).count() - 1
                })
            }
        };
        // A pen that is about has moved the pointer: what it tells of this place has not come yet, or the place was rounded.
        let found = found.unwrap_or(if pressed {
            self.trail.len() - 1
        } else {
            self.nearest(position)
        });
        self.passed = found;
        let sample = &self.trail[found];
        Some(Reading {
            pressure: self.curve.apply(sample.axes.pressure),
            tilt: sample.axes.tilt,
            eraser: sample.eraser,
            when: sample.when,
        })
    }

    /// The sample nearest to a place, of those that were not passed.
    fn nearest(&self, position: [f32; 2]) -> usize {
        let far = |sample: &PenSample| (sample.position[0] - position[0]).hypot(sample.position[1] - position[1]);
        let ahead = self.trail.iter().enumerate().skip(self.passed);
        let nearest = ahead.min_by(|(_, one), (_, other)| far(one).total_cmp(&far(other)));
        nearest.map_or(self.trail.len() - 1, |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(x: f32, pressure: f32, when: Instant) -> PenSample {
        PenSample {
            position: [x, 10.0],
            axes: Axes {
                pressure,
                tilt: [0.25, -0.5],
            },
            when,
            device: "Pen".into(),
            eraser: false,
        }
    }

    fn pressures(pen: &mut Pen, places: &[f32], now: Instant) -> Vec<f32> {
        let mut read = |(at, x): (usize, &f32)| pen.at([*x, 10.0], at == 0, now).unwrap().pressure;
        places.iter().enumerate().map(&mut read).collect()
    }

    #[test]
    fn each_place_of_the_pointer_has_the_pressure_that_was_told_for_it() {
        let (mut pen, now) = (Pen::default(), Instant::now());
        assert_eq!(pen.at([0.0, 10.0], true, now), None, "a mouse");
        for (x, pressure) in [(0.0, 0.0), (0.0, 0.1), (5.0, 0.4), (9.0, 0.8), (5.0, 0.6)] {
            pen.hear(sample(x, pressure, now));
        }
        assert_eq!(pressures(&mut pen, &[0.0, 5.0, 9.0, 5.0], now), [0.1, 0.4, 0.8, 0.6]);
        assert_eq!(pen.at([5.0, 10.0], false, now).unwrap().tilt, [0.25, -0.5]);
    }

    #[test]
    fn what_is_late_or_rounded_takes_the_nearest_and_a_mouse_takes_none() {
        let (mut pen, now) = (Pen::default(), Instant::now());
        pen.hear(sample(0.0, 0.2, now));
        pen.hear(sample(10.0, 0.7, now));
        assert_eq!(pressures(&mut pen, &[0.0, 11.0, 30.0], now), [0.2, 0.7, 0.7]);
        let later = now + 2 * MEMORY;
        assert!(
            pen.at([10.0, 10.0], true, later).is_some(),
            "the program hung, and the pen was there"
        );
        (0..2).for_each(|_| pen.listen(1.0));
        assert_eq!(pen.at([10.0, 10.0], true, later), None);
        assert_eq!(pen.last().unwrap().axes.pressure, 0.7, "the page still shows it");
    }

    #[test]
    fn the_curve_bends_what_brushes_get_and_not_what_is_shown() {
        let (mut pen, now) = (Pen::default(), Instant::now());
        pen.set_curve(PressureCurve {
            softness: 0.5,
            ..PressureCurve::default()
        });
        pen.hear(sample(0.0, 0.25, now));
        assert!((pen.at([0.0, 10.0], true, now).unwrap().pressure - 0.5).abs() < 1e-6);
        assert_eq!(pen.last().unwrap().axes.pressure, 0.25);
    }

    #[test]
    fn the_window_wakes_for_a_silent_source_alone_and_often_while_a_pen_is_about() {
        struct Silent;
        impl PenInput for Silent {
            fn poll(&mut self, _: f32) -> Vec<PenEvent> {
                Vec::new()
            }

            fn is_pointer(&self) -> bool {
                false
            }

            fn is_silent(&self) -> bool {
                true
            }

            fn name(&self) -> &'static str {
                "silence"
            }
        }
        let (mut pen, now) = (Pen::default(), Instant::now());
        pen.hear(sample(0.0, 0.5, now));
        assert_eq!(pen.wake_in(now), None, "a touch wakes the window");
        pen.set_source(Box::new(Silent));
        assert_eq!(pen.wake_in(now), Some(OFTEN));
        assert_eq!(pen.wake_in(now + ABOUT), Some(SELDOM));
        pen.drop_source();
        assert_eq!(pen.wake_in(now), None);
    }

    #[test]
    fn memory_is_bounded_and_broken_numbers_are_dropped() {
        let (mut pen, now) = (Pen::default(), Instant::now());
        for step in 0..5000 {
            pen.hear(sample(step as f32, 0.5, now));
        }
        assert_eq!(pen.trail.len(), MOST);
        pen.hear(sample(f32::NAN, 0.5, now));
        pen.hear(sample(1.0, f32::INFINITY, now));
        assert_eq!(pen.last().unwrap().position[0], 4999.0);
        pen.hear(sample(1.0, 0.5, now + 2 * MEMORY));
        assert_eq!(pen.trail.len(), 1);
    }
}
