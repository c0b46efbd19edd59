//! Seeded choices: every random decision of a scene goes through one of these.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tiny_skia::Point;

use super::shape::at;

/// A stream of choices that depends on its seed alone, the same on every machine.
pub struct SceneRng(ChaCha8Rng);

impl SceneRng {
    /// The stream of example `index` under `seed`.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(index);
        Self(generator)
    }

    /// An independent stream, so that one part's number of choices does not disturb another's.
    pub fn fork(&mut self) -> Self {
        Self(ChaCha8Rng::seed_from_u64(self.0.next_u64()))
    }

    /// Uniform in `0..1`, with 24 random bits.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// Uniform between two values.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `-1..1`.
    pub fn signed(&mut self) -> f32 {
        self.range(-1.0, 1.0)
    }

    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A whole number from `low` to `high`, both included.
    pub fn whole(&mut self, low: usize, high: usize) -> usize {
        low + ((high - low + 1) as f32 * self.unit()) as usize
    }

    /// One of the choices, each as likely.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len() - 1)]
    }

    /// Left (-1) or right (1).
    pub fn side(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// A point within the rectangle between two corners.
    pub fn point(&mut self, left: f32, top: f32, right: f32, bottom: f32) -> Point {
        at(self.range(left, right), self.range(top, bottom))
    }
}
