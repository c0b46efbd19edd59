//! Training that goes out from a finished model, on a person's own pictures.

mod kept;
#[cfg(test)]
mod tests;
mod tuning;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::checkpoint::{Checkpoint, State};
use super::folder::{Count, Folder};
use super::hardware::Hardware;
use super::trainer::{Observer, Outcome, Run, export};
use super::{TrainingError, file};
use crate::diffusion::schedule::NoiseSchedule;
use crate::request::ModelRef;
use crate::weights::{self, Family, Loaded};
pub use kept::Kept;
pub use tuning::{Target, Tuning};

/// Most pictures that a validation measures.
const VALIDATED: usize = 16;

/// Most files and folders that a survey looks at: a picture that is dropped on the window stands for its folder, below which may lie a whole disk.
const SURVEYED: usize = 1_000_000;

/// Told, before the first step, what the folder holds and where the run stands.
pub type Beginning<'a> = dyn FnMut(Count, &State) + 'a;

/// What the folder of a run on one's own pictures holds, before the run is begun.
///
/// # Errors
/// A folder or archive that cannot be read, or too few pictures, or more files than a person's pictures are.
pub fn survey(tuning: &Tuning) -> Result<Count, TrainingError> {
    Ok(open_folder(tuning, Path::new(""), SURVEYED)?.count())
}

fn open_folder(tuning: &Tuning, out: &Path, files: usize) -> Result<Folder, TrainingError> {
    Folder::open(&tuning.data, tuning.validation, VALIDATED, tuning.seed, out, files)
}

/// Refuses to train adapters on a base that has none, before the gigabytes of that are read.
fn check_base(tuning: &Tuning) -> Result<(), TrainingError> {
    let ModelRef::Files { checkpoint, .. } = &tuning.base else {
        return Ok(());
    };
    let lacks = matches!(
        weights::inspect(checkpoint)?.family,
        Family::Checkpoint { regions: false, .. }
    );
    match lacks && !tuning.target.adapters().is_empty() {
        true => Err(TrainingError::NoRegions {
            path: checkpoint.clone(),
        }),
        false => Ok(()),
    }
}

/// Trains on the pictures of a folder, from the base or from the latest checkpoint in `out`, and writes there the adapters (or, for `Base`, the model),
/// sheets, the losses' curve, and what it was begun with ([`Tuning::open`]).
///
/// # Errors
/// A model, a picture or a folder that cannot be read or written, a base without the adapters that shall be trained, another run in that folder, a
/// checkpoint of another run, a loss that is no longer a number.
pub fn tune(
    tuning: &Tuning,
    hardware: &Hardware,
    out: &Path,
    begun: &mut Beginning<'_>,
    progress: &mut Observer<'_>,
) -> Result<Outcome, TrainingError> {
    check_base(tuning)?;
    // Before a base of gigabytes is read.
    let _held = file::hold(out)?;
    let device = &hardware.device;
    let Loaded {
        config: model,
        networks,
        regions,
        identity,
        ..
    } = weights::load_for_training(&tuning.base, device)?;
    // Whoever begins a run has chosen its folder, however much that holds.
    let folder = open_folder(tuning, out, usize::MAX)?;
    let count = folder.count();
    let config = tuning.config(model.native_size, count);
    config.check(&tuning.data)?;
    // Wherever the program is started from, and however the path was typed.
    let data = fs::canonicalize(&tuning.data).map_err(|source| TrainingError::file("find", &tuning.data, source))?;
    let origin = format!("{:?} of {} for {}", tuning.target, data.display(), identity.hash);
    let latest = Checkpoint::latest(out, &config, &model, Some(origin.as_str()), Some(&networks), device)?;
    let mut checkpoint = latest.unwrap_or_else(|| Checkpoint {
        state: State::new(config.seed, model.clone(), Some(origin)),
        student: networks.clone(),
        average: networks,
    });
    tuning.keep(out)?;
    begun(count, &checkpoint.state);
    let adapters = tuning.target.adapters();
    let run = Run {
        config: &config,
        schedule: &NoiseSchedule::new(&model.schedule),
        hardware,
        out,
        material: Arc::new(folder),
        adapters_only: !adapters.is_empty(),
    };
    if run.stages(&mut checkpoint, progress)?.is_break() {
        return Ok(Outcome::Stopped);
    }
    if adapters.is_empty() {
        return export(&config, &checkpoint.state, &checkpoint.average, regions, out);
    }
    let outcome = tuning.outcome(out);
    weights::save_adapters(&checkpoint.average, adapters, &identity, outcome.file())?;
    Ok(outcome)
}
