//! A stroke: dabs set at even distances along the pointer's way.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::curve::Curve;
use super::dab::Dab;
use super::settings::{BrushSettings, MIN_ROUNDNESS, MIN_SIZE};
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
    /// Radians to where the stroke goes.
    heading: f32,
    chance: ChaCha8Rng,
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
            heading: 0.0,
            // Where a stroke begins decides how its dabs fall, so that the same hand paints the same stroke.
            chance: ChaCha8Rng::seed_from_u64(seed(sample)),
        };
        let (dab, distance) = stroke.dab(sample);
        stroke.due = distance;
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

    /// Where the brush is, steadied.
    pub fn position(&self) -> [f32; 2] {
        self.at.position
    }

    fn walk(&mut self, to: PointerSample) -> Vec<Dab> {
        let from = std::mem::replace(&mut self.at, to);
        let way = [to.position[0] - from.position[0], to.position[1] - from.position[1]];
        let length = way[0].hypot(way[1]);
        let mut dabs = Vec::new();
        let mut gone = self.due;
        if length > 0.0 {
            self.heading = way[1].atan2(way[0]);
        }
        while gone <= length {
            let share = gone / length.max(f32::MIN_POSITIVE);
            let (dab, distance) = self.dab(from.toward(to, share));
            dabs.push(dab);
            gone += distance;
        }
        self.due = gone - length;
        dabs
    }

    /// The dab at a place on the way, and how far it is from there to the next one.
    fn dab(&mut self, sample: PointerSample) -> (Dab, f32) {
        let settings = self.settings;
        let by = |enabled: bool, curve: Curve| if enabled { curve.at(sample.pressure) } else { 1.0 };
        let lean = sample.tilt[0].hypot(sample.tilt[1]).min(1.0);
        let sized = settings.size * by(settings.pressure_size, settings.size_curve) * (1.0 + settings.tilt_size * lean);
        let size = sized * (1.0 - settings.size_jitter * self.random());
        let radius = size.max(MIN_SIZE) / 2.0;
        let mut angle = settings.angle.to_radians() + settings.angle_jitter * self.spread() * std::f32::consts::FRAC_PI_2;
        if settings.tilt_angle && lean > 0.0 {
            angle += sample.tilt[1].atan2(sample.tilt[0]);
        } else if settings.follow {
            angle += self.heading;
        }
        let aside = settings.scatter * settings.size * self.spread();
        let mut center = sample.position;
        if aside != 0.0 {
            let (sin, cos) = self.heading.sin_cos();
            center = [center[0] - sin * aside, center[1] + cos * aside];
        }
        let dab = Dab {
            center,
            radius,
            roundness: (settings.roundness * (1.0 - settings.tilt_roundness * lean)).max(MIN_ROUNDNESS),
            angle,
            hardness: settings.hardness,
            opacity: settings.opacity * by(settings.pressure_opacity, settings.opacity_curve),
            flow: (settings.flow * by(settings.pressure_flow, settings.flow_curve)).max(0.01),
        };
        // Chance changes no distance, so that a stroke stays as dense as it is.
        (dab, (sized.max(MIN_SIZE) * settings.spacing).max(MIN_DISTANCE))
    }

    /// 0..1, another one each time.
    fn random(&mut self) -> f32 {
        (self.chance.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// -1..1.
    fn spread(&mut self) -> f32 {
        2.0 * self.random() - 1.0
    }
}

fn seed(sample: PointerSample) -> u64 {
    let [x, y] = sample.position.map(|value| u64::from(value.to_bits()));
    x << 32 | y
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

    #[test]
    fn curves_say_how_pressure_counts() {
        let settings = BrushSettings {
            pressure_size: true,
            pressure_flow: true,
            size_curve: Curve::from(vec![[0.0, 0.5], [1.0, 1.0]]),
            flow_curve: Curve::from(vec![[0.0, 1.0], [1.0, 0.0]]),
            ..settings(100.0, 0.5)
        };
        let light = PointerSample {
            pressure: 0.0,
            ..PointerSample::at([0.0; 2])
        };
        let dab = Stroke::begin(settings, light).unwrap().1;
        assert_eq!((dab.radius, dab.flow, dab.opacity), (25.0, 1.0, 1.0));
        let hard = Stroke::begin(settings, PointerSample::at([0.0; 2])).unwrap().1;
        assert_eq!((hard.radius, hard.flow), (50.0, 0.01));
    }

    #[test]
    fn a_leaning_pen_widens_flattens_and_turns_the_dab() {
        let settings = BrushSettings {
            tilt_size: 1.0,
            tilt_roundness: 0.5,
            tilt_angle: true,
            ..settings(20.0, 0.1)
        };
        let leaning = |tilt| PointerSample {
            tilt,
            ..PointerSample::at([0.0; 2])
        };
        let dab = Stroke::begin(settings, leaning([0.0, 0.5])).unwrap().1;
        assert_eq!(
            (dab.radius, dab.roundness, dab.angle),
            (15.0, 0.75, std::f32::consts::FRAC_PI_2)
        );
        let upright = Stroke::begin(settings, leaning([0.0; 2])).unwrap().1;
        assert_eq!((upright.radius, upright.roundness, upright.angle), (10.0, 1.0, 0.0));
        assert!(Stroke::begin(settings, leaning([f32::NAN, 0.0])).is_none());
    }

    #[test]
    fn the_angle_may_follow_the_stroke() {
        let settings = BrushSettings {
            roundness: 0.2,
            angle: 45.0,
            follow: true,
            ..settings(10.0, 0.5)
        };
        let (mut stroke, _) = Stroke::begin(settings, PointerSample::at([0.0; 2])).unwrap();
        let down = stroke.extend(PointerSample::at([0.0, 20.0]));
        let expected = std::f32::consts::FRAC_PI_2 + std::f32::consts::FRAC_PI_4;
        assert!(
            down.iter()
                .all(|dab| (dab.angle - expected).abs() < 1e-6 && dab.roundness == 0.2)
        );
    }

    #[test]
    fn chance_scatters_within_bounds_and_falls_the_same_for_the_same_stroke() {
        let settings = BrushSettings {
            scatter: 1.5,
            size_jitter: 0.5,
            angle_jitter: 1.0,
            ..settings(20.0, 0.1)
        };
        let paint = |from: [f32; 2]| {
            let (mut stroke, first) = Stroke::begin(settings, PointerSample::at(from)).unwrap();
            let mut dabs = vec![first];
            dabs.extend(stroke.extend(PointerSample::at([from[0] + 200.0, from[1]])));
            dabs
        };
        let dabs = paint([5.0, 50.0]);
        assert_eq!(dabs, paint([5.0, 50.0]));
        assert_ne!(dabs[0].radius, paint([6.0, 50.0])[0].radius);
        assert_eq!(dabs.len(), 101, "as dense as without");
        let aside: Vec<f32> = dabs.iter().map(|dab| dab.center[1] - 50.0).collect();
        assert!(aside.iter().all(|way| way.abs() <= 30.0));
        assert!(aside.iter().any(|way| *way < -15.0) && aside.iter().any(|way| *way > 15.0));
        assert!(dabs.iter().all(|dab| (5.0..=10.0).contains(&dab.radius)));
        assert!(dabs.iter().all(|dab| dab.angle.abs() <= std::f32::consts::FRAC_PI_2));
    }
}
