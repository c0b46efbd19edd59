//! The model that is part of the program: a configuration and its weights, trained by this project.

use std::path::Path;

use super::error::WeightsError;
use super::file::ModelFile;
use super::sources::Sources;
use crate::model::config::ModelConfig;

/// What messages call the two parts.
const WEIGHTS: &str = "assets/models/tiny.safetensors (in the program)";
const CONFIG: &str = "assets/models/tiny.ron (in the program)";

/// The configuration of the embedded model.
pub fn config() -> Result<ModelConfig, WeightsError> {
    super::parse_config(Path::new(CONFIG), include_str!("../../../assets/models/tiny.ron"))
}

/// The weights of the embedded model.
pub fn file() -> Result<ModelFile, WeightsError> {
    ModelFile::from_static(Path::new(WEIGHTS), include_bytes!("../../../assets/models/tiny.safetensors"))
}

pub fn sources() -> Result<Sources, WeightsError> {
    Sources::new(file()?, None, None)
}
