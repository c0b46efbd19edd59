//! What a run leaves: sheets, the losses' curve, the finished model.

use std::path::{Path, PathBuf};

use ::image::RgbImage;
use burn::tensor::{Device, Tensor};

use super::{Outcome, StageRun};
use crate::model::Colorizer;
use crate::training::checkpoint::State;
use crate::training::config::{Part, TrainingConfig};
use crate::training::dataset;
use crate::training::material::Material;
use crate::training::sheet::{self, Sheet};
use crate::training::stages::Lesson;
use crate::training::{TrainingError, file};
use crate::weights::{self, Precision};

/// Scenes that the latents' scale is measured on.
const MEASURED: u64 = 48;

/// Writes the finished model and its configuration. Without `regions` what tells figure from background was never trained, and the file does not claim it.
pub fn export(
    config: &TrainingConfig,
    state: &State,
    networks: &Colorizer,
    regions: bool,
    out: &Path,
) -> Result<Outcome, TrainingError> {
    let weights = out.join(format!("{}.safetensors", config.output));
    let wanted = |name: &str| regions || !weights::is_regional(name);
    weights::save_part(networks, &weights, Precision::F16, &wanted, None)?;
    let path = out.join(format!("{}.ron", config.output));
    let text = ron::ser::to_string_pretty(&state.model, Default::default()).map_err(|error| TrainingError::Config {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    file::replace(&path, (text + "\n").as_bytes())?;
    Ok(Outcome::Finished { weights, config: path })
}

/// The scale that gives latents a standard deviation of 1.
pub fn latent_scale(material: &dyn Material, size: u32, networks: &Colorizer, device: &Device) -> Result<f64, TrainingError> {
    let pictures = (0..MEASURED)
        .map(|index| Ok(material.example(u64::MAX - index, size)?.color))
        .collect::<Result<Vec<_>, TrainingError>>()?;
    let latents = pictures
        .chunks(8)
        .map(|part| networks.vae.encode(dataset::colors(part, device)).mode());
    let latents = Tensor::cat(latents.collect(), 0);
    let centred = latents.clone() - latents.mean().reshape([1, 1, 1, 1]);
    let deviation: f32 = centred.square().mean().sqrt().try_into_scalar()?;
    Ok(f64::from(1.0 / deviation.max(1e-6)))
}

impl StageRun<'_> {
    /// The examples that this stage's sheets show.
    pub fn sheet(&self) -> Result<Sheet, TrainingError> {
        let (rows, size) = (self.run.config.sheet.rows, self.stage.size);
        let examples = (0..rows).map(|row| self.run.material.held_out(row, size));
        Ok(Sheet::new(examples.collect::<Result<_, _>>()?, size))
    }

    /// Writes the sheet and the curve; where the sheet is, and what it measured in words.
    pub fn draw(
        &self,
        sheet: &Sheet,
        lesson: &Lesson<'_>,
        networks: &Colorizer,
        state: &State,
    ) -> Result<(PathBuf, String), TrainingError> {
        let part = self.stage.part;
        let drawn = match part {
            Part::Text => sheet.maps(lesson, networks),
            part if part.is_autoencoder() => sheet.reconstructions(lesson, networks),
            part => sheet.results(lesson, networks, part),
        };
        let name = format!("samples-{:02}-{:06}.png", state.stage, state.step);
        let path = self.run.out.join(&name);
        save(&drawn.picture, &path)?;
        if let Some(curve) = sheet::curve(&state.history) {
            save(&curve, &self.run.out.join("loss.png"))?;
        }
        let words = format!("{name}: {}", drawn.measured);
        Ok((path, words))
    }
}

fn save(picture: &RgbImage, path: &Path) -> Result<(), TrainingError> {
    picture.save(path).map_err(|source| TrainingError::Picture {
        path: path.to_owned(),
        source,
    })
}
