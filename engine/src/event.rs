//! What a job says while it runs.

use std::sync::Arc;
use std::time::Duration;

use ::image::RgbImage;

use crate::error::EngineError;
use crate::request::Settings;
pub use crate::weights::ModelIdentity;

/// Names one submitted job; larger is later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// In order: `Started`, then a `Progress` a step, then exactly one of `Finished`, `Cancelled`, `Failed`.
/// A job that a later live job replaced, or that was cancelled in the queue, has only its last event.
#[derive(Clone, Debug)]
pub enum Event {
    /// The model is in memory and the first step begins.
    Started {
        job: JobId,
        steps: u32,
    },
    /// `step` of `steps` is done.
    Progress {
        job: JobId,
        step: u32,
        steps: u32,
        elapsed: Duration,
        /// That of [`Preview`]: who wants every one finds it here, who wants the latest asks the service for it.
        preview: Arc<RgbImage>,
    },
    Finished {
        job: JobId,
        take: Take,
    },
    Cancelled {
        job: JobId,
    },
    Failed {
        job: JobId,
        error: Arc<EngineError>,
    },
}

/// The model's current estimate of the finished picture, at latent resolution (an eighth of the picture's side).
#[derive(Clone, Debug)]
pub struct Preview {
    pub job: JobId,
    pub step: u32,
    pub steps: u32,
    pub picture: Arc<RgbImage>,
}

/// A finished picture, of the sketch's own size, with what made it.
#[derive(Clone, Debug)]
pub struct Take {
    pub picture: Arc<RgbImage>,
    /// As submitted, with `size` filled in.
    pub settings: Settings,
    /// Name and blake3 hash of the model's weights.
    pub model: ModelIdentity,
    pub elapsed: Duration,
}
