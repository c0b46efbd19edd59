//! Steadies the hand: each sample moves the brush only a part of the way.

use super::stroke::PointerSample;

/// Exponential smoothing of position, pressure and tilt.
pub(super) struct Stabilizer {
    /// Share of the way that a sample moves the brush, above 0 and up to 1.
    follow: f32,
    at: PointerSample,
}

impl Stabilizer {
    /// `strength` 0 (off) to 1 (a twentieth of the way each sample).
    pub fn new(strength: f32, first: PointerSample) -> Self {
        Self {
            follow: 1.0 - 0.95 * strength.clamp(0.0, 1.0),
            at: first,
        }
    }

    pub fn steady(&mut self, sample: PointerSample) -> PointerSample {
        self.at = self.at.toward(sample, self.follow);
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(x: f32) -> PointerSample {
        PointerSample::at([x, 0.0])
    }

    #[test]
    fn off_it_passes_samples_through() {
        let mut stabilizer = Stabilizer::new(0.0, sample(0.0));
        assert_eq!(stabilizer.steady(sample(0.1)), sample(0.1));
    }

    #[test]
    fn on_it_goes_a_part_of_the_way() {
        let mut stabilizer = Stabilizer::new(0.5, sample(0.0));
        let x: Vec<f32> = (0..3).map(|_| stabilizer.steady(sample(100.0)).position[0]).collect();
        assert!(
            (x[0] - 52.5).abs() < 1e-3 && (x[1] - 77.4375).abs() < 1e-3 && (x[2] - 89.2828).abs() < 1e-3,
            "{x:?}"
        );
    }
}
