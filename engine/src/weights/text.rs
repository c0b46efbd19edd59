//! The text tower, opened apart from its model: few jobs have words in them, and the published one takes 1.4 GB.

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;

use super::error::WeightsError;
use super::family::TOWER;
use super::sources::Sources;
use super::{Report, fill, keeps_halves};
use crate::model::ClipText;
use crate::model::config::ClipTextConfig;
use crate::request::ModelRef;

/// Gives the tower the names that it has in a whole-model file.
#[derive(Module, Debug)]
pub(super) struct TextTower {
    clip_text: ClipText,
}

/// Opens the text tower of a model: in its OpenCLIP file, or in its checkpoint.
pub fn load_text(model: &ModelRef, device: &Device) -> Result<ClipText, WeightsError> {
    match model {
        ModelRef::Embedded => Err(WeightsError::WordlessProgram),
        ModelRef::Files { checkpoint, clip, vae } => {
            let sources = Sources::open(checkpoint, clip.as_deref(), vae.as_deref())?;
            let config = infer(&sources)?;
            assemble(&config, &sources, device)
        }
    }
}

/// Opens the text tower of an OpenCLIP file whose configuration is known: parity folders.
pub fn load_text_with_config(config: &ClipTextConfig, tower: &Path, device: &Device) -> Result<ClipText, WeightsError> {
    assemble(config, &Sources::of_tower(tower)?, device)
}

fn assemble(config: &ClipTextConfig, sources: &Sources, device: &Device) -> Result<ClipText, WeightsError> {
    let (tower, _) = compared(config, sources, device)?;
    Ok(fill::fill(tower, sources, keeps_halves(sources, device))?.clip_text)
}

/// The tower before it is filled, and what it will be filled with.
pub(super) fn compared(config: &ClipTextConfig, sources: &Sources, device: &Device) -> Result<(TextTower, Report), WeightsError> {
    let tower = TextTower {
        clip_text: ClipText::new(config, device),
    };
    let report = fill::compare(&fill::slots(&tower), sources)?;
    Ok((tower, report))
}

/// The configuration that follows from the tensors' shapes; heads are 64 wide in every OpenCLIP text tower.
pub(super) fn infer(sources: &Sources) -> Result<ClipTextConfig, WeightsError> {
    let embedding = format!("{TOWER}token_embedding.weight");
    if !sources.has(&embedding) {
        return Err(WeightsError::Wordless {
            path: sources.path_of(&embedding).to_owned(),
        });
    }
    let [vocabulary, width] = sources.shape(&embedding)?;
    let [context_length, _] = sources.shape(&format!("{TOWER}positional_embedding"))?;
    let [_, output_dim] = sources.shape(&format!("{TOWER}text_projection"))?;
    Ok(ClipTextConfig {
        vocabulary,
        context_length,
        width,
        layers: sources.count(|layer| format!("{TOWER}transformer.resblocks.{layer}.ln_1.weight")),
        head_width: 64,
        output_dim,
    })
}
