//! What a file is, from its names alone: nothing is loaded.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use burn::tensor::Device;

use super::error::WeightsError;
use super::family::{self, Family};
use super::file::ModelFile;
use super::sources::Sources;
use super::{embedded, fill};
use crate::model::Colorizer;

/// A model file in a few facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    pub family: Family,
    /// Bytes on disk.
    pub size: u64,
    /// Numbers in all tensors.
    pub parameters: usize,
    /// How many of them are stored in which type: `F16`, `F32`, `I64`.
    pub stored: BTreeMap<String, usize>,
}

impl Inspection {
    /// The type that most numbers are stored in.
    pub fn precision(&self) -> &str {
        let most = self.stored.iter().max_by_key(|(_, count)| **count);
        most.map_or("empty", |(name, _)| name)
    }
}

impl fmt::Display for Family {
    /// What a person calls it, and what else it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint { regions, tower, vae } => {
                f.write_str(if *regions {
                    "checkpoint"
                } else {
                    "checkpoint without adapters"
                })?;
                match (tower, vae) {
                    (true, true) => Ok(()),
                    (false, true) => f.write_str(", needs an image tower"),
                    (true, false) => f.write_str(", needs an autoencoder"),
                    (false, false) => f.write_str(", needs an image tower and an autoencoder"),
                }
            }
            Self::ImageTower => f.write_str("image tower"),
            Self::Autoencoder => f.write_str("autoencoder"),
        }
    }
}

/// Looks into a model file.
///
/// # Errors
/// When it cannot be opened, is damaged in its names, or is of no family that this program knows.
pub fn inspect(path: &Path) -> Result<Inspection, WeightsError> {
    look_into(&ModelFile::open(path)?)
}

/// Looks into the model in the program.
pub fn inspect_embedded() -> Result<Inspection, WeightsError> {
    look_into(&embedded::file()?)
}

/// Reads everything in the bytes of a model file, as opening it would and more: its names, the configuration that follows from them, the
/// comparison with the networks, every value. How many values there are that can be read. For the test of damaged files and the fuzz target.
pub fn read_all(path: &Path, bytes: Vec<u8>) -> Result<usize, WeightsError> {
    let file = ModelFile::from_bytes(path, bytes)?;
    look_into(&file)?;
    let names: Vec<String> = file.names().map(str::to_owned).collect();
    let read = names.iter().filter_map(|name| Some(file.values(name).ok()?.len())).sum();
    let sources = Sources::new(file, None, None)?;
    let config = family::infer("damaged".to_owned(), &sources)?;
    fill::compare(&fill::slots(&Colorizer::new(&config, &Device::flex())), &sources)?;
    Ok(read)
}

fn look_into(file: &ModelFile) -> Result<Inspection, WeightsError> {
    let family = Family::of(|name| file.info(name).is_some()).ok_or_else(|| WeightsError::UnknownFamily {
        path: file.path().to_owned(),
        first: file.names().map(str::to_owned).collect(),
    })?;
    let mut stored = BTreeMap::new();
    for tensor in file.names().filter_map(|name| file.info(name)) {
        *stored.entry(format!("{:?}", tensor.dtype)).or_default() += tensor.shape.iter().product::<usize>();
    }
    Ok(Inspection {
        family,
        size: file.size() as u64,
        parameters: stored.values().sum(),
        stored,
    })
}
