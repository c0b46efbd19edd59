//! The text tower, opened apart from its model: few jobs have words in them, and the published one takes 1.4 GB.

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;

use super::error::WeightsError;
use super::family::TOWER;
use super::halves::Halves;
use super::sources::Sources;
use super::{Observer, Report, embedded, fill, to_the_end};
use crate::model::ClipText;
use crate::model::config::{ClipTextConfig, Vocabulary};
use crate::request::ModelRef;

/// So many ids the tokenizer of OpenCLIP writes.
const CONTEXT: usize = 77;
/// Width of a head.
const HEAD: usize = 64;

/// Gives the tower the names that it has in a whole-model file.
#[derive(Module, Debug)]
pub(super) struct TextTower {
    clip_text: ClipText,
}

/// Opens the text tower of a model that has none among its networks: in its OpenCLIP file, or in its checkpoint. [`WeightsError::Cancelled`] where the
/// observer breaks off.
pub fn load_text(
    model: &ModelRef,
    device: &Device,
    observer: &mut Observer<'_>,
) -> Result<(ClipTextConfig, ClipText), WeightsError> {
    let sources = Sources::of(model).unwrap_or_else(embedded::sources)?;
    let config = infer(&sources)?;
    check(&config, &sources)?;
    let tower = assemble(&config, &sources, device, observer)?;
    Ok((config, tower))
}

/// Opens the text tower of an OpenCLIP file whose configuration is known: parity folders.
pub fn load_text_with_config(config: &ClipTextConfig, tower: &Path, device: &Device) -> Result<ClipText, WeightsError> {
    assemble(config, &Sources::of_tower(tower)?, device, &mut to_the_end)
}

fn assemble(
    config: &ClipTextConfig,
    sources: &Sources,
    device: &Device,
    observer: &mut Observer<'_>,
) -> Result<ClipText, WeightsError> {
    let (tower, _) = compared(config, sources, device)?;
    let halves = Halves::of(sources, device);
    let needed = || fill::room(&fill::slots(&tower), sources, halves);
    fill::check_room(sources.path_of(TOWER), needed, fill::room_on(device))?;
    Ok(fill::fill(tower, sources, halves, observer)?.clip_text)
}

/// The tower before it is filled, and what it will be filled with.
pub(super) fn compared(config: &ClipTextConfig, sources: &Sources, device: &Device) -> Result<(TextTower, Report), WeightsError> {
    let tower = TextTower {
        clip_text: ClipText::new(config, device),
    };
    let report = fill::compare(&fill::slots(&tower), sources)?;
    Ok((tower, report))
}

/// Refuses a text tower that cannot read what the tokenizer writes, or that speaks of other pictures than the image tower does.
fn check(config: &ClipTextConfig, sources: &Sources) -> Result<(), WeightsError> {
    let pictures = sources.shape::<2>(&format!("{TOWER}visual.proj"))?[1];
    for (what, found, wanted) in [
        ("words", config.vocabulary.size(), Vocabulary::BYTE_PAIRS),
        ("places for them", config.context_length, CONTEXT),
        ("features", config.output_dim, pictures),
    ] {
        if found != wanted {
            let reason = format!("its text tower has {found} {what}, where {wanted} are needed");
            return Err(sources.inference_error(reason));
        }
    }
    sources.multiple(config.width, config.head_width).map(drop)
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
        vocabulary: Vocabulary::BytePairs(vocabulary),
        context_length,
        width,
        layers: sources.count(|layer| format!("{TOWER}transformer.resblocks.{layer}.ln_1.weight")),
        head_width: HEAD,
        output_dim,
        repels: true,
    })
}
