//! Holding the engine against recorded numbers: folders of fixtures made with the authors' release.
//!
//! The tests do it for the folder that ships with the sources, and `cargo run --release -p engine --example parity -- DIR` for
//! any other of that layout. The measure is `max |a - b| / max(1, max |reference|)`.

mod conditions;
mod config;
mod endtoend;
mod fixture;
mod manipulation;
mod networks;
mod preprocessing;
mod samplers;
mod unet;

use std::fmt;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, TensorReadError};

use crate::weights::{self, Loaded, WeightsError};
use fixture::{Array, Fixture};

/// Why a folder could not be compared with.
#[derive(Debug, thiserror::Error)]
pub enum ParityError {
    #[error(transparent)]
    Weights(#[from] WeightsError),
    #[error("cannot use the fixture {path}: {reason}", path = path.display())]
    Fixture { path: PathBuf, reason: String },
    #[error("the device failed while a result was read: {0}")]
    Device(#[from] TensorReadError),
}

/// How far a result may be from what was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// Not at all: bytes, counts.
    Exact,
    /// 2e-5: a stage.
    Stage,
    /// 1e-4: preprocessing, whole runs.
    Loose,
}

/// How a folder is compared with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The device computes f32 with fast and less exact functions (GPUs): 1e-3 replaces every tolerance but the exact ones.
    pub fast_math: bool,
    /// Compare only the groups whose names begin with one of these, and say nothing of others. Empty: all.
    pub only: Vec<String>,
}

/// One group of recorded tensors.
#[derive(Clone, Debug)]
pub struct Line {
    pub group: String,
    /// How many recorded results the group has.
    pub tensors: usize,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    Compared {
        /// The largest of the group.
        error: f64,
        tolerance: f64,
    },
    /// Recorded, and not yet something that this engine does.
    NotCovered,
}

impl Line {
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Compared { error, tolerance } if error > tolerance)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, tensors, .. } = self;
        match self.outcome {
            Outcome::NotCovered => write!(f, "{group:44} {tensors:4}  {:>9} {:>9}  not covered", "-", "-"),
            Outcome::Compared { error, tolerance } => {
                let verdict = if self.failed() { "FAIL" } else { "ok" };
                write!(f, "{group:44} {tensors:4}  {error:9.2e} {tolerance:9.0e}  {verdict}")
            }
        }
    }
}

/// Compares everything in `folder` that the engine does, and tells `report` a line a group as it goes; the lines come back too.
///
/// Wanted are `tiny-config.json`, `tiny-switch.safetensors`, `tiny-open-clip.safetensors`; whatever else is there of `stages`,
/// `conditions`, `samplers`, `endtoend` and `manipulation` is compared, and other recordings are listed as not covered. For `manipulation` alone
/// the checkpoint need not be there.
pub fn run(folder: &Path, device: &Device, options: &Options, report: &mut dyn FnMut(&Line)) -> Result<Vec<Line>, ParityError> {
    let (config, text) = config::read(&folder.join("tiny-config.json"))?;
    let [checkpoint, tower] = ["tiny-switch.safetensors", "tiny-open-clip.safetensors"].map(|name| folder.join(name));
    let recording = |name: &str| Some(folder.join(name).with_extension("safetensors")).filter(|path| path.is_file());

    let mut lines = Vec::new();
    let recorded: Vec<_> = RECORDINGS
        .iter()
        .filter_map(|(name, parts)| Some((*name, recording(name)?, parts)))
        .collect();
    let model = match recorded.is_empty() {
        true => None,
        false => Some(weights::load_with_config(&config, &checkpoint, Some(&tower), device)?),
    };
    for ((name, path, parts), model) in recorded.into_iter().zip(std::iter::repeat(&model).flatten()) {
        let mut checks = Checks {
            fixture: &Fixture::open(&path)?,
            model,
            device,
            options,
            file: name,
            lines: Vec::new(),
            report: &mut *report,
        };
        for part in parts.iter() {
            part(&mut checks)?;
        }
        checks.list_unused();
        lines.append(&mut checks.lines);
    }
    if let Some(path) = recording("manipulation") {
        let mut checks = Checks {
            fixture: &Fixture::open(&path)?,
            model: &weights::load_text_with_config(&text, &tower, device)?,
            device,
            options,
            file: "manipulation",
            lines: Vec::new(),
            report,
        };
        manipulation::check(&mut checks, folder)?;
        checks.list_unused();
        lines.append(&mut checks.lines);
    }
    Ok(lines)
}

type Part = fn(&mut Checks<'_>) -> Result<(), ParityError>;

/// The recordings of a folder, and what is compared with each.
const RECORDINGS: &[(&str, &[Part])] = &[
    (
        "stages",
        &[preprocessing::check, networks::check, unet::check, samplers::check_guidance],
    ),
    ("conditions", &[conditions::check]),
    ("samplers", &[samplers::check]),
    ("endtoend", &[endtoend::check]),
    ("training", &[]),
];

/// One recording that is being compared with.
struct Checks<'a, M = &'a Loaded> {
    fixture: &'a Fixture,
    model: M,
    device: &'a Device,
    options: &'a Options,
    file: &'static str,
    lines: Vec<Line>,
    report: &'a mut dyn FnMut(&Line),
}

impl<M> Checks<'_, M> {
    /// Compares the results of one group, each with the recorded tensor of its name. Folders differ in what they record: a result
    /// without a recording counts for nothing.
    fn group<N: AsRef<str>>(
        &mut self,
        name: &str,
        tolerance: Tolerance,
        results: impl FnOnce(&Self) -> Result<Vec<(N, Array)>, ParityError>,
    ) -> Result<(), ParityError> {
        let group = format!("{}: {name}", self.file);
        let only = &self.options.only;
        if !only.is_empty() && !only.iter().any(|prefix| group.starts_with(prefix)) {
            return Ok(());
        }
        let (mut worst, mut tensors) = (0.0_f64, 0);
        for (name, actual) in results(self)?.iter().filter(|(name, _)| self.fixture.has(name.as_ref())) {
            worst = worst.max(actual.error(self.fixture.array(name.as_ref())?));
            tensors += 1;
        }
        if tensors == 0 {
            return Ok(());
        }
        let tolerance = match tolerance {
            Tolerance::Exact => 0.0,
            _ if self.options.fast_math => 1e-3,
            Tolerance::Stage => 2e-5,
            Tolerance::Loose => 1e-4,
        };
        self.line(Line {
            group,
            tensors,
            outcome: Outcome::Compared { error: worst, tolerance },
        });
        Ok(())
    }

    fn list_unused(&mut self) {
        if self.options.only.is_empty() {
            for (group, tensors) in self.fixture.unused() {
                let group = format!("{}: {group}", self.file);
                self.line(Line {
                    group,
                    tensors,
                    outcome: Outcome::NotCovered,
                });
            }
        }
    }

    fn line(&mut self, line: Line) {
        (self.report)(&line);
        self.lines.push(line);
    }

    /// A recorded tensor on the device.
    fn tensor<const D: usize>(&self, name: &str) -> Result<burn::tensor::Tensor<D>, ParityError> {
        self.fixture.tensor(name, self.device)
    }
}
