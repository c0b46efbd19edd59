//! A stroke: dabs set at even distances along the pointer's way.

use super::dab::Dab;
use super::settings::BrushSettings;
use super::stabilizer::Stabilizer;

/// Dabs are never closer than this, in pixels.
const MIN_DISTANCE: f32 = 0.5;

/// The pointer counts as being no farther than this from the origin, in pixels: twice the largest canvas.
const REACH: f32 = 32768.0;

/// Where the pointer is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointerSample {
    /// `[x, y]` in canvas pixels; a pixel's centre lies at .5.
    pub position: [f32; 2],
    /// 0..=1; 1 for a mouse.
    pub pressure: f32,
    /// How far the pen leans to the right and down, -1..=1 each: shares of 90 degrees from upright. Zeros for a mouse.
    pub tilt: [f32; 2],
    /// Seconds.
    pub time: f64,
}

impl PointerSample {
    /// A mouse at `position`.
    pub fn at(position: [f32; 2]) -> Self {
        Self {
            position,
            pressure: 1.0,
            tilt: [0.0; 2],
            time: 0.0,
        }
    }

    /// What lies a `share` of the way to another sample, at that one's time.
    pub(super) fn toward(self, to: Self, share: f32) -> Self {
        let mix = |from: f32, to: f32| if share == 1.0 { to } else { from + (to - from) * share };
        let both = |from: [f32; 2], to: [f32; 2]| [0, 1].map(|axis| mix(from[axis], to[axis]));
        Self {
            position: both(self.position, to.position),
            pressure: mix(self.pressure, to.pressure),
            tilt: both(self.tilt, to.tilt),
            time: to.time,
        }
    }

    /// The sample within reach; none where it is no number.
    fn checked(self) -> Option<Self> {
        let mut numbers = self.position.into_iter().chain(self.tilt).chain([self.pressure]);
        numbers.all(|value| !value.is_nan()).then(|| Self {
            position: self.position.map(|value| value.clamp(-REACH, REACH)),
            pressure: self.pressure.clamp(0.0, 1.0),
            tilt: self.tilt.map(|value| value.clamp(-1.0, 1.0)),
            time: self.time,
        })
    }
}

/// A stroke under way.
pub struct Stroke {
    settings: BrushSettings,
    stabilizer: Stabilizer,
    /// The last place on the way, steadied.
    at: PointerSample,
    /// The last place of the hand.
    hand: PointerSample,
    /// Way still to go before the next dab, in pixels.
    due: f32,
}

impl Stroke {
    /// Begins a stroke with one dab; none where the sample is no number.
    pub fn begin(settings: BrushSettings, sample: PointerSample) -> Option<(Self, Dab)> {
        let sample = sample.checked()?;
        let settings = settings.clamped();
        let mut stroke = Self {
            settings,
            stabilizer: Stabilizer::new(settings.stabilizer, sample),
            at: sample,
            hand: sample,
            due: 0.0,
        };
        let dab = stroke.dab(sample);
        stroke.due = stroke.distance(dab);
        Some((stroke, dab))
    }

    /// The dabs on the way to `sample`.
    pub fn extend(&mut self, sample: PointerSample) -> Vec<Dab> {
        let Some(sample) = sample.checked() else { return Vec::new() };
        self.hand = sample;
        let steadied = self.stabilizer.steady(sample);
        self.walk(steadied)
    }

    /// The dabs that bring a stabilized brush to where the hand stopped.
    pub fn finish(&mut self) -> Vec<Dab> {
        self.walk(self.hand)
    }

    fn walk(&mut self, to: PointerSample) -> Vec<Dab> {
        let from = std::mem::replace(&mut self.at, to);
        let way = [to.position[0] - from.position[0], to.position[1] - from.position[1]];
        let length = way[0].hypot(way[1]);
        let mut dabs = Vec::new();
        let mut gone = self.due;
        while gone <= length {
            let share = gone / length.max(f32::MIN_POSITIVE);
            let dab = self.dab(from.toward(to, share));
            dabs.push(dab);
            gone += self.distance(dab);
        }
        self.due = gone - length;
        dabs
    }

    fn dab(&self, sample: PointerSample) -> Dab {
        let by = |enabled: bool| if enabled { sample.pressure } else { 1.0 };
        Dab {
            center: sample.position,
            radius: (self.settings.size * by(self.settings.pressure_size)).max(super::MIN_SIZE) / 2.0,
            hardness: self.settings.hardness,
            opacity: self.settings.opacity * by(self.settings.pressure_opacity),
            flow: self.settings.flow,
        }
    }

    /// Way from `dab` to the next one.
    fn distance(&self, dab: Dab) -> f32 {
        (2.0 * dab.radius * self.settings.spacing).max(MIN_DISTANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(size: f32, spacing: f32) -> BrushSettings {
        BrushSettings {
            size,
            spacing,
            ..Default::default()
        }
    }

    fn xs(dabs: &[Dab]) -> Vec<f32> {
        dabs.iter().map(|dab| dab.center[0]).collect()
    }

    #[test]
    fn dabs_keep_their_distance_across_samples() {
        let (mut stroke, first) = Stroke::begin(settings(20.0, 0.25), PointerSample::at([0.0, 0.0])).unwrap();
        assert_eq!((first.center, first.radius), ([0.0, 0.0], 10.0));
        assert_eq!(xs(&stroke.extend(PointerSample::at([12.0, 0.0]))), [5.0, 10.0]);
        assert_eq!(xs(&stroke.extend(PointerSample::at([14.0, 0.0]))), [] as [f32; 0]);
        assert_eq!(xs(&stroke.extend(PointerSample::at([26.0, 0.0]))), [15.0, 20.0, 25.0]);
        assert_eq!(xs(&stroke.finish()), [] as [f32; 0]);
    }

    #[test]
    fn a_small_brush_does_not_print_without_end() {
        let (mut stroke, _) = Stroke::begin(settings(1.0, 0.01), PointerSample::at([0.0, 0.0])).unwrap();
        assert_eq!(stroke.extend(PointerSample::at([100.0, 0.0])).len(), 200);
        assert!(stroke.extend(PointerSample::at([f32::NAN, 0.0])).is_empty());
    }

    #[test]
    fn pressure_is_interpolated_and_may_set_size_and_opacity() {
        let mut settings = BrushSettings {
            opacity: 0.8,
            pressure_size: true,
            pressure_opacity: true,
            ..settings(100.0, 0.5)
        };
        let sample = |x, pressure| PointerSample {
            pressure,
            ..PointerSample::at([x, 0.0])
        };
        let (mut stroke, first) = Stroke::begin(settings, sample(0.0, 1.0)).unwrap();
        assert_eq!((first.radius, first.opacity), (50.0, 0.8));
        let dabs = stroke.extend(sample(100.0, 0.0));
        assert_eq!((dabs[0].center[0], dabs[0].radius, dabs[0].opacity), (50.0, 25.0, 0.4));
        assert_eq!(dabs[1].center[0], 75.0, "smaller dabs lie closer");
        settings.pressure_size = false;
        assert_eq!(Stroke::begin(settings, sample(0.0, 0.1)).unwrap().1.radius, 50.0);
    }

    #[test]
    fn a_stabilized_stroke_still_arrives() {
        let (mut stroke, _) = Stroke::begin(
            BrushSettings {
                stabilizer: 1.0,
                ..settings(10.0, 0.1)
            },
            PointerSample::at([0.0, 0.0]),
        )
        .unwrap();
        let lagging = xs(&stroke.extend(PointerSample::at([100.0, 0.0])));
        assert_eq!(lagging, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(xs(&stroke.finish()).last(), Some(&100.0));
    }
}
