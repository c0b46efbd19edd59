//! The runs that a folder keeps, to go on with or to use.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Outcome, Tuning};
use crate::training::TrainingError;
use crate::training::checkpoint::State;

/// A run in a folder of its own.
#[derive(Clone, Debug)]
pub struct Kept {
    pub out: PathBuf,
    pub tuning: Tuning,
    /// Where its latest checkpoint stands; none: before the first.
    pub state: Option<State>,
    /// What came out, where it has come to its end.
    pub outcome: Option<Outcome>,
}

impl Kept {
    /// The runs in the folders below `root`, by name; none where there is no such folder. Those that cannot be read are left out: a run that is begun
    /// there says why.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn find(root: &Path) -> Result<Vec<Self>, TrainingError> {
        let entries = match fs::read_dir(root) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| TrainingError::file("list", root, source))?,
        };
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.sort();
        Ok(folders.into_iter().filter_map(Self::open).collect())
    }

    fn open(out: PathBuf) -> Option<Self> {
        let tuning = Tuning::open(&out).ok()??;
        let state = State::latest(&out).ok()?.map(|(_, mut state)| {
            state.reopen(tuning.target.parts().len(), tuning.steps);
            state
        });
        let mut kept = Self {
            out,
            tuning,
            state,
            outcome: None,
        };
        let (done, all) = kept.steps();
        let outcome = kept.tuning.outcome(&kept.out);
        kept.outcome = (done == all && outcome.file().is_file()).then_some(outcome);
        Some(kept)
    }

    /// Steps that are done, and all, over the parts that are trained.
    pub fn steps(&self) -> (usize, usize) {
        let all = self.tuning.steps * self.tuning.target.parts().len();
        let done = self
            .state
            .as_ref()
            .map_or(0, |state| state.stage * self.tuning.steps + state.step);
        (done.min(all), all)
    }
}
