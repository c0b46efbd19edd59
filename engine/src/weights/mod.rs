//! Opening and writing model files.
//!
//! A `.safetensors` file or one of PyTorch's is mapped from disk, its family recognised from its tensor names and shapes, every name compared
//! with what the networks want, and only then are values read, one tensor at a time. A large model's matrices and kernels stay in half precision on
//! the CPU where the file has them so: its networks widen them as they use them. A GPU has some of them so where that is wanted
//! ([`halves`], [`Economy`](crate::device::Economy)). Everything else becomes f32.

mod adapter;
mod embedded;
mod error;
mod family;
mod file;
mod fill;
mod halves;
mod inspect;
mod layout;
mod names;
mod numbers;
mod pickle;
mod prediction;
mod save;
mod sources;
#[cfg(test)]
mod tests;
mod text;
mod torch;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::device::economy;
use crate::model::config::ModelConfig;
use crate::model::{ClipVision, Colorizer};
use crate::request::ModelRef;
use halves::Halves;
use sources::Sources;

pub use adapter::{adapted, identified, save_adapters};
pub use error::WeightsError;
pub use family::Family;
pub(crate) use family::is_regional;
pub(crate) use fill::room_on;
pub use inspect::{Inspection, inspect, inspect_embedded, read_all};
pub use save::{Precision, save, save_part};
pub use text::{load_text, load_text_with_config};

/// A model in memory.
pub struct Loaded {
    pub config: ModelConfig,
    pub networks: Colorizer,
    /// Whether it has adapters, a background transformer and a threshold embedder, without which [`Mode::Vanilla`](crate::request::Mode) is
    /// all that it can do.
    pub regions: bool,
    pub report: Report,
    pub identity: ModelIdentity,
}

/// Which weights a model has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelIdentity {
    pub name: String,
    /// blake3 of the checkpoint file, in hex.
    pub hash: String,
}

/// What became of the tensors of a model's files. (A tensor that the networks want and no file has is an error,
/// [`WeightsError::Missing`], which names them all.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Tensors that went into the networks.
    pub loaded: usize,
    /// How many of them are stored in which type: `F16`, `F32`, `BF16`.
    pub stored: BTreeMap<String, usize>,
    /// Tensors known and of no use here: the schedule's vectors, a text tower that is no part of the model's configuration, which [`load_text`] opens.
    pub ignored: usize,
    /// Names that nothing here knows.
    pub unused: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stored: Vec<String> = self.stored.iter().map(|(name, count)| format!("{count} {name}")).collect();
        write!(
            f,
            "{} tensors loaded ({}), {} ignored, {} unused",
            self.loaded,
            stored.join(", "),
            self.ignored,
            self.unused.len()
        )?;
        if !self.unused.is_empty() {
            write!(f, ": {}", self.unused.join(", "))?;
        }
        Ok(())
    }
}

/// Opens a model and puts it on a device.
///
/// The configuration of a published checkpoint follows from its shapes, and whether it predicts noise or velocity from a trial. A checkpoint
/// `NAME.safetensors` beside which a `NAME.ron` lies takes that as its configuration: what this program trains is written so, because head
/// widths, norm groups and the preview do not show in shapes.
pub fn load(model: &ModelRef, device: &Device) -> Result<Loaded, WeightsError> {
    load_observed(model, device, &mut to_the_end)
}

/// [`load`], broken off as [`WeightsError::Cancelled`] where the observer says so.
pub fn load_observed(model: &ModelRef, device: &Device, observer: &mut Observer<'_>) -> Result<Loaded, WeightsError> {
    let (config, sources, written) = open(model)?;
    let halves = Halves::of(&sources, device);
    let reader = if economy().offload { Device::flex() } else { device.clone() };
    assemble(config, &sources, written, halves, [device, &reader], observer)
}

/// The observer that never breaks off.
pub fn to_the_end() -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Asked before every tensor, and every few megabytes of a hash, whether the model is still wanted.
pub type Observer<'a> = dyn FnMut() -> ControlFlow<()> + 'a;

/// [`load`] with all weights at 32 bits, as training changes them.
pub fn load_for_training(model: &ModelRef, device: &Device) -> Result<Loaded, WeightsError> {
    let (config, sources, written) = open(model)?;
    assemble(config, &sources, written, Halves::None, [device; 2], &mut to_the_end)
}

/// A model's configuration, known without loading it. What a published checkpoint predicts is a guess: [`load`] tries it.
///
/// # Errors
/// When the files cannot be opened, or are of no model that this program knows.
pub fn config(model: &ModelRef) -> Result<ModelConfig, WeightsError> {
    Ok(open(model)?.0)
}

/// Configuration and files, and whether the configuration was written down, not inferred.
fn open(model: &ModelRef) -> Result<(ModelConfig, Sources, bool), WeightsError> {
    let (ModelRef::Files { checkpoint, .. }, Some(sources)) = (model, Sources::of(model)) else {
        return Ok((embedded::config()?, embedded::sources()?, true));
    };
    let sources = sources?;
    let beside = beside(checkpoint);
    if beside.is_file() {
        return Ok((read_config(&beside)?, sources, true));
    }
    Ok((family::infer(name_of(checkpoint), &sources)?, sources, false))
}

/// Every file that a model is read from, and the configuration that may lie beside its checkpoint; none of the model in the program.
pub fn files(model: &ModelRef) -> Vec<PathBuf> {
    let ModelRef::Files { checkpoint, clip, vae } = model else {
        return Vec::new();
    };
    let parts = [clip, vae].into_iter().flatten().cloned();
    [checkpoint.clone(), beside(checkpoint)].into_iter().chain(parts).collect()
}

/// The configuration of a checkpoint, if there is one.
fn beside(checkpoint: &Path) -> PathBuf {
    checkpoint.with_extension("ron")
}

/// blake3 of a model's weights, in hex, as [`ModelIdentity`] has it: what a picture must have been made with, known without loading the model.
pub fn hash(model: &ModelRef) -> Result<String, WeightsError> {
    let sources = Sources::of(model).unwrap_or_else(embedded::sources)?;
    Ok(sources.hash())
}

/// blake3 of one file of weights, in hex.
///
/// # Errors
/// When it cannot be read, or is no file of weights.
pub fn hash_file(path: &Path) -> Result<String, WeightsError> {
    Ok(file::ModelFile::open(path)?.hash())
}

/// Opens a model whose configuration is known: parity folders, training that goes on.
pub fn load_with_config(
    config: &ModelConfig,
    checkpoint: &Path,
    clip: Option<&Path>,
    device: &Device,
) -> Result<Loaded, WeightsError> {
    let sources = Sources::open(checkpoint, clip, None)?;
    assemble(config.clone(), &sources, true, Halves::None, [device; 2], &mut to_the_end)
}

/// `networks` with the tensors that a file of some of them has: what [`save_part`] wrote.
pub fn overlay(networks: Colorizer, path: &Path) -> Result<Colorizer, WeightsError> {
    fill::overlay(networks, &file::ModelFile::open(path)?)
}

/// Reads a model configuration, a RON file.
pub fn read_config(path: &Path) -> Result<ModelConfig, WeightsError> {
    let text = std::fs::read_to_string(path).map_err(|source| WeightsError::Open {
        path: path.to_owned(),
        source,
    })?;
    parse_config(path, &text)
}

fn parse_config(path: &Path, text: &str) -> Result<ModelConfig, WeightsError> {
    let failed = |reason| WeightsError::Config {
        path: path.to_owned(),
        reason,
    };
    let config: ModelConfig = ron::from_str(text).map_err(|error| failed(error.to_string()))?;
    config.check().map_err(failed)?;
    Ok(config)
}

/// The networks of a configuration, filled, all on the first device but the image tower, which is on the second. What they predict is tried unless it is
/// `known`.
fn assemble(
    mut config: ModelConfig,
    sources: &Sources,
    known: bool,
    halves: Halves,
    [device, reader]: [&Device; 2],
    observer: &mut Observer<'_>,
) -> Result<Loaded, WeightsError> {
    // Parameters are made when first used, so these networks take no memory until they are filled.
    let networks = Colorizer {
        clip_vision: ClipVision::new(&config.clip_vision, reader),
        ..Colorizer::new(&config, device)
    };
    let slots = fill::slots(&networks);
    let report = fill::compare(&slots, sources)?;
    for place in [device, reader] {
        let needed = || fill::room(slots.iter().filter(|slot| slot.device == *place), sources, halves);
        fill::check_room(sources.path(), needed, fill::room_on(place))?;
    }
    // The hash of some gigabytes takes as long as what is made of them; tensors stay on this thread.
    let (hash, networks) = thread::scope(|scope| {
        let (piece_done, pieces) = channel();
        // It ends early once nobody hears of its pieces any more.
        let hash = scope.spawn(move || {
            sources.hash_observed(&mut || piece_done.send(()).map_or(ControlFlow::Break(()), ControlFlow::Continue))
        });
        let networks = fill::fill(networks, sources, halves, observer)?;
        if observer().is_break() {
            return Err(WeightsError::Cancelled);
        }
        if !known {
            config.prediction = prediction::measure(&networks, &config, device)?;
        }
        if pieces.iter().any(|()| observer().is_break()) {
            return Err(WeightsError::Cancelled);
        }
        let hash = hash.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((hash, networks))
    })?;
    tracing::info!(model = config.name, "{report}");
    Ok(Loaded {
        identity: ModelIdentity {
            name: config.name.clone(),
            hash: hash.continue_value().ok_or(WeightsError::Cancelled)?,
        },
        config,
        networks,
        regions: sources.has_regions(),
        report,
    })
}

/// A model that says nothing of itself is called after its file.
fn name_of(path: &Path) -> String {
    path.file_stem()
        .map_or_else(|| "unnamed".to_owned(), |stem| stem.to_string_lossy().into_owned())
}
