//! A cell: its take, and how it stands.

use std::sync::Arc;

use image::{Rgb, RgbImage};

use crate::board::SketchCard;
use crate::board::card::{SHOWN, shrunk, small};
use crate::board::colors::Tone;
use crate::board::layout::Parts;
use crate::board::near::Near;
use crate::board::shelf::{Kept, SMALL, Shelf, Shown};
use crate::document::DocumentError;
use crate::generate::compose::multiply_lines;
use crate::generate::recipe::Recipe;

/// Longest side of what is shown at all, in pixels: no GPU takes much more for one texture.
const LARGEST: u32 = 8192;

/// A finished cell.
pub struct CellTake {
    pub parts: Parts,
    pub sketch: Arc<SketchCard>,
    /// The colour alone, of the sketch's size.
    pub color: Kept,
    /// With the lines over it, no larger than a cell shows.
    pub shown: Shown,
    /// As `shown`, as large as it was made; none where that is no larger.
    pub(super) whole: Option<Near>,
    /// Mean colours of the sketch's areas.
    pub means: Vec<Rgb<u8>>,
    /// With `lines` false.
    pub recipe: Recipe,
    /// Hash of what its colours were shifted by to keep to the model; 0: as it was made.
    pub tone: u64,
}

impl CellTake {
    /// A take of `sketch` in `color`, which is of its size. Waits for the disk: not for the thread that draws.
    pub fn new(
        shelf: &Arc<Shelf>,
        parts: Parts,
        sketch: Arc<SketchCard>,
        color: Arc<RgbImage>,
        recipe: Recipe,
        tone: u64,
    ) -> Self {
        let lined = multiply_lines(&color, &sketch.picture.0, recipe.settings.sketch_preprocess);
        let is_larger = lined.width().max(lined.height()) > SHOWN;
        Self {
            parts,
            whole: is_larger.then(|| Near::new(lined.as_raw().len())),
            shown: Shown::new(shelf, small(&Arc::new(lined))),
            means: sketch.regions.means(&color),
            color: shelf.keep(color),
            sketch,
            recipe,
            tone,
        }
    }

    /// The picture that a place with this longest side in pixels needs, and whether it is all that there is of it. Until a larger one has been read, it
    /// is a smaller one.
    pub fn picture(&self, side: f32) -> (Arc<RgbImage>, bool) {
        if side <= SMALL as f32 {
            return (self.shown.small().clone(), false);
        }
        let whole = self.whole.as_ref().filter(|_| side > SHOWN as f32).and_then(Near::get);
        match (whole, self.shown.near()) {
            (Some(whole), _) => (whole, true),
            (None, Some(near)) => (near, self.whole.is_none()),
            (None, None) => (self.shown.small().clone(), false),
        }
    }

    /// Its colour, once it is read, under the sketch's lines.
    pub fn lined(&self, color: &RgbImage) -> RgbImage {
        multiply_lines(color, &self.sketch.picture.0, self.recipe.settings.sketch_preprocess)
    }

    /// Brings it into memory as large as it was made. Waits for the disk: not for the thread that draws.
    pub(super) fn fetch_whole(&self) -> Result<(), DocumentError> {
        let Some(whole) = &self.whole else { return Ok(()) };
        let lined = self.lined(&*self.color.open()?);
        whole.put(shrunk(&Arc::new(lined), LARGEST));
        Ok(())
    }

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
