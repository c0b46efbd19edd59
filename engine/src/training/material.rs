//! Where examples come from: drawn by this program, or taken from a person's pictures.

use super::TrainingError;
use super::scenes::{self, Example};

/// Procedural scenes from here on are never trained on.
const HELD_OUT: u64 = 1 << 40;

/// An endless series of examples, and a few that are never trained on.
pub trait Material: Send + Sync {
    /// Example `number`, `side` pixels a side: the same on every call.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn example(&self, number: u64, side: u32) -> Result<Example, TrainingError>;

    /// Held-out example `number`; past the last, the first again.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn held_out(&self, number: usize, side: u32) -> Result<Example, TrainingError>;

    /// How many held-out examples a validation measures; none where nothing could be learned by heart.
    fn validated(&self) -> usize {
        0
    }

    /// What a person should know about the examples since this was last asked, a sentence each.
    fn take_notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The scene generator.
#[derive(Debug)]
pub struct Procedural {
    pub seed: u64,
}

impl Material for Procedural {
    fn example(&self, number: u64, side: u32) -> Result<Example, TrainingError> {
        Ok(scenes::example(self.seed, number, side))
    }

    fn held_out(&self, number: usize, side: u32) -> Result<Example, TrainingError> {
        Ok(scenes::example(self.seed, HELD_OUT + number as u64, side))
    }
}
