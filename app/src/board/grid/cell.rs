//! A cell: its take, and how it stands.

use std::sync::Arc;

use image::{Rgb, RgbImage};

use crate::board::colors::Tone;
use crate::board::layout::Parts;
use crate::board::shelf::{Kept, Shown};
use crate::generate::recipe::Recipe;

/// A finished cell.
pub struct CellTake {
    pub parts: Parts,
    /// The colour alone, of the sketch's size.
    pub color: Kept,
    /// With the lines over it, no larger than a cell shows.
    pub shown: Shown,
    /// Mean colours of the sketch's areas.
    pub means: Vec<Rgb<u8>>,
    /// With `lines` false.
    pub recipe: Recipe,
    /// Hash of what its colours were shifted by to keep to the model; 0: as it was made.
    pub tone: u64,
}

impl CellTake {
    pub(super) fn key(&self) -> Tone {
        (self.parts, self.tone)
    }
}

/// How a cell stands.
#[derive(Clone)]
pub enum State {
    /// Nothing is asked for yet.
    Empty,
    Queued,
    Running {
        step: u32,
        steps: u32,
        preview: Option<Arc<RgbImage>>,
    },
    Done(Arc<CellTake>),
    /// Made from something else than what stands there now; what, in words.
    Stale(Arc<CellTake>, &'static str),
    Failed(String),
    /// Cancelled by the person.
    Cancelled,
}

/// What has changed since a take was made.
pub(super) fn why(made: &Parts, now: &Parts) -> &'static str {
    if made.sketch != now.sketch {
        "the sketch has changed"
    } else if made.reference != now.reference {
        "the reference has changed"
    } else if made.masked != now.masked {
        "the mask was switched"
    } else if made.seed != now.seed {
        "the noise has changed"
    } else {
        "the settings have changed"
    }
}
