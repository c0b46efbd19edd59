//! One file for everything that a training run follows: `assets/training/tiny.ron`.

mod numbers;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{TrainingError, words};
use crate::error::EngineError;
use crate::model::config::ModelConfig;
use crate::model::vae::GRAIN;
use crate::pipeline::tokenizer;

/// A whole run: what is trained, on what, for how long. The same file gives the same model on the same machine,
/// if the run is not broken off: one that is resumed begins with an empty pool of scenes and a fresh optimiser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// The model's configuration, relative to this file. Its latent scale and preview map are measured by the run.
    pub model: PathBuf,
    /// A finished model's weights to go out from, relative to this file; what they lack is drawn at random, as all is without them, and so is the text
    /// tower where a stage teaches it.
    #[serde(default)]
    pub base: Option<PathBuf>,
    /// File name, without ending, of the finished weights and of their configuration.
    pub output: String,
    /// Of the weights, the scenes and every draw.
    pub seed: u64,
    /// Parts of a batch that are worked on at the same time, each on a thread of its own; 1 on a GPU.
    pub shards: usize,
    /// Gradients take less memory and more time: what light operations made is made again on the way back.
    #[serde(default)]
    pub gradient_checkpointing: bool,
    pub optimizer: OptimizerConfig,
    pub average: AverageConfig,
    pub pool: PoolConfig,
    pub losses: LossConfig,
    pub augmentation: AugmentationConfig,
    /// Steps between checkpoints.
    pub checkpoint_every: usize,
    pub sheet: SheetConfig,
    /// In order: every `Vae` stage, then `Base`, `Recovery`, `Switch`, `Foreground`, `Background`, `Decoder` and `Text`.
    pub stages: Vec<StageConfig>,
}

/// What a stage trains; everything else is frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The autoencoder.
    Vae,
    /// UNet without adapters, sketch encoder and image tower, context = all tokens of the reference, no mask.
    Base,
    /// The recovery transformer and the threshold embedder alone, without the UNet: to repeat the background's tokens.
    /// A step costs a tenth of a `Switch` step, which then begins with a background it can see.
    Recovery,
    /// Both adapter sets, recovery transformer and threshold embedder, under the split attention.
    Switch,
    /// The foreground's adapters alone, under the split attention.
    Foreground,
    /// The background's adapters alone, likewise.
    Background,
    /// The autoencoder's decoder alone, so that the latents that everything else has learned stay as they are.
    Decoder,
    /// The text tower, on what the image tower makes of scenes.
    Text,
}

impl Part {
    /// Whether pictures alone are learned from, without sketch and reference.
    pub fn is_autoencoder(self) -> bool {
        matches!(self, Self::Vae | Self::Decoder)
    }

    /// Whether figure and background attend to tokens of their own.
    pub fn splits(self) -> bool {
        matches!(self, Self::Switch | Self::Foreground | Self::Background)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageConfig {
    pub part: Part,
    pub steps: usize,
    pub batch: usize,
    /// Side of the scenes, in pixels.
    pub scene: u32,
    /// Side of the pictures that are learned from: cut from the scene at random where it is smaller. A multiple of 64.
    pub size: u32,
    /// First and last learning rate, joined by half a cosine.
    pub learning_rate: (f64, f64),
}

/// AdamW (Loshchilov and Hutter, 2017).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerConfig {
    pub betas: (f32, f32),
    pub weight_decay: f32,
    /// Largest norm of all gradients together.
    pub clip: f64,
    /// Steps in which the learning rate rises from nothing: at the beginning of a stage and after a resumption,
    /// because checkpoints leave the optimiser's moments out.
    pub warm_up: usize,
}

/// Exponential moving average of the weights: what samples are made with and what a stage hands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AverageConfig {
    /// Per step, 0..1.
    pub decay: f64,
    /// Steps between updates.
    pub every: usize,
}

/// Scenes are drawn, encoded once and then used several times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    /// Most scenes held.
    pub capacity: usize,
    /// New scenes a step; a scene is used `batch / fresh` times on average.
    pub fresh: usize,
}

/// Weights of the losses' terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossConfig {
    /// Squared error of the reconstruction, beside its absolute error.
    pub squared: f64,
    /// Absolute error of the reconstruction shrunk by 8: flat colours.
    pub shrunk: f64,
    /// Distance of the young latents' first three channels from the mean colours of their cells. Without it encoder
    /// and decoder agree on lightness alone for hundreds of steps: neither gains by hues that the other ignores.
    pub anchor: f64,
    /// Divergence of the latents from a standard normal.
    pub divergence: f64,
    /// Minus log of the attention on matching tokens.
    pub attention: f64,
    /// Squared distance of recovered background tokens from the reference's own.
    pub recovery: f64,
    /// min-SNR gamma (Hang et al., 2023).
    pub snr_gamma: f64,
    /// How much small parts of a picture count beside large ones, 0..=1: at 0 every cell counts alike, at 1 every part does. A tie or an eye is a
    /// handful of cells among a thousand; without this nothing drives the network to tell them from what they lie on.
    #[serde(default)]
    pub balance: f64,
}

/// Probabilities and levels of what is varied in the denoiser's stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AugmentationConfig {
    /// Steps of the first stage over which the autoencoder's noise rises to its full size, and its anchor falls to
    /// nothing: at first its latents would drown, and nothing would be learned from them.
    pub quiet_steps: usize,
    /// The whole context becomes zero: guidance by the reference.
    pub drop_reference: f64,
    /// The sketch becomes blank: guidance by the sketch.
    pub drop_sketch: f64,
    /// `Base`: the reference's figure becomes white, as the background branch will see it.
    pub whiten_reference: f64,
    /// `Switch`: background tokens pass by the recovery transformer, as those of a background picture do.
    pub direct_background: f64,
    /// Per-channel offset added to the noise, in standard deviations.
    pub noise_offset: f64,
    /// Range of both mask thresholds.
    pub thresholds: (f32, f32),
    /// `Decoder`: largest standard deviation of the noise added to the scaled latents that it reads, uniform from 0 for
    /// every example. A denoiser leaves errors that no encoder makes; a decoder that has met such latents paints them
    /// smooth, one that has not paints every error as a blotch.
    #[serde(default)]
    pub decoder_noise: f64,
}

/// The sample sheet: rows of sketch, mask, reference, result, truth and, after `Switch`, swapped references.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetConfig {
    /// Steps between sheets.
    pub every: usize,
    pub rows: usize,
    /// Denoising steps of a result.
    pub steps: usize,
    /// Guidance by the reference.
    pub guidance: f32,
}

impl TrainingConfig {
    /// Reads a run's file and the model's configuration that it names.
    ///
    /// # Errors
    /// A file that cannot be read or understood, and numbers that no run can follow.
    pub fn open(path: &Path) -> Result<(Self, ModelConfig), TrainingError> {
        let mut config: Self = read(path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let model: ModelConfig = read(&folder.join(&config.model))?;
        config.base = config.base.map(|base| folder.join(base));
        config.check(path)?;
        config.check_words(&model, path)?;
        Ok((config, model))
    }

    pub(super) fn teaches_words(&self) -> bool {
        self.stages.iter().any(|stage| stage.part == Part::Text)
    }

    /// Refuses to teach words to a model that has no place for them.
    fn check_words(&self, model: &ModelConfig, path: &Path) -> Result<(), TrainingError> {
        if !self.teaches_words() {
            return Ok(());
        }
        let refuse = |reason: &str| {
            Err(TrainingError::Config {
                path: path.to_owned(),
                reason: format!("its model {reason}, and a stage teaches it words"),
            })
        };
        let Some(text) = &model.clip_text else {
            return refuse("has no text tower");
        };
        match words::taught().find_map(|phrase| tokenizer::ids(&phrase, text).err()) {
            None => Ok(()),
            Some(EngineError::UnknownWord { word, .. }) => refuse(&format!("has no row for \"{word}\"")),
            Some(error) => refuse(&format!("cannot read all of them ({error})")),
        }
    }

    pub(super) fn check(&self, path: &Path) -> Result<(), TrainingError> {
        let refuse = |reason: String| {
            Err(TrainingError::Config {
                path: path.to_owned(),
                reason,
            })
        };
        for (index, stage) in self.stages.iter().enumerate() {
            if stage.steps == 0 || stage.batch == 0 {
                return refuse(format!("stage {index} needs at least one step and a batch of one"));
            }
            if stage.size == 0 || !stage.size.is_multiple_of(GRAIN) || stage.size > stage.scene {
                return refuse(format!(
                    "stage {index}: size {} must be a multiple of {GRAIN} and at most the scene's {}",
                    stage.size, stage.scene
                ));
            }
        }
        if !self.stages.is_sorted_by_key(|stage| stage.part) {
            return refuse(
                "stages must come in the order Vae, Base, Recovery, Switch, Foreground, Background, Decoder, Text".to_owned(),
            );
        }
        let counts = [
            self.pool.fresh,
            self.checkpoint_every,
            self.sheet.every,
            self.sheet.rows,
            self.average.every,
        ];
        if counts.contains(&0) {
            return refuse(
                "pool.fresh, checkpoint_every, sheet.every, sheet.rows and average.every must be at least 1".to_owned(),
            );
        }
        self.wrong_number().map_or(Ok(()), refuse)
    }
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, TrainingError> {
    let text = std::fs::read_to_string(path).map_err(|source| TrainingError::file("read", path, source))?;
    ron::from_str(&text).map_err(|error| TrainingError::Config {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

impl StageConfig {
    /// Learning rate of `step`: a linear rise over `warm_up` steps since `begun`, under half a cosine over the stage.
    pub fn learning_rate_at(&self, step: usize, begun: usize, warm_up: usize) -> f64 {
        let (first, last) = self.learning_rate;
        let done = step as f64 / self.steps as f64;
        let cosine = last + 0.5 * (first - last) * (1.0 + (std::f64::consts::PI * done).cos());
        let rise = (step - begun + 1) as f64 / warm_up.max(1) as f64;
        cosine * rise.min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::Vocabulary;

    fn tiny() -> (TrainingConfig, PathBuf) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/training/tiny.ron");
        (TrainingConfig::open(&path).expect("the shipped file is right").0, path)
    }

    #[test]
    fn the_learning_rate_rises_and_falls() {
        let stage = StageConfig {
            part: Part::Vae,
            steps: 100,
            batch: 1,
            scene: 64,
            size: 64,
            learning_rate: (1e-3, 1e-4),
        };
        assert!((stage.learning_rate_at(0, 0, 10) - 1e-4).abs() < 1e-9);
        assert!((stage.learning_rate_at(50, 0, 10) - 5.5e-4).abs() < 1e-9);
        assert!((stage.learning_rate_at(50, 50, 10) - 5.5e-5).abs() < 1e-9);
        assert!(stage.learning_rate_at(99, 0, 10) < 1.01e-4);
    }

    #[test]
    fn stages_out_of_order_and_odd_sizes_are_refused() {
        let (mut config, path) = tiny();
        config.stages.reverse();
        assert!(config.check(&path).unwrap_err().to_string().contains("order"));
        let (mut config, path) = tiny();
        config.stages[0].size = 100;
        assert!(config.check(&path).unwrap_err().to_string().contains("multiple of 64"));
    }

    #[test]
    fn words_are_taught_to_a_model_that_has_a_row_for_each() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/training");
        let (config, mut model) = TrainingConfig::open(&folder.join("words.ron")).expect("the shipped file is right");
        assert!(config.base.as_ref().is_some_and(|base| base.is_file()), "{:?}", config.base);
        let mut refusal = |text: &mut dyn FnMut(&mut ModelConfig)| {
            text(&mut model);
            config.check_words(&model, &folder).unwrap_err().to_string()
        };
        let short = refusal(&mut |model| model.clip_text.as_mut().expect("it has words").context_length = 4);
        assert!(short.contains("counts for 3 words, and this model reads 2"), "{short}");
        let lacking = refusal(&mut |model| match model.clip_text.as_mut().map(|text| &mut text.vocabulary) {
            Some(Vocabulary::Words(words)) => words.parts.retain(|word| word != "hair"),
            other => panic!("{other:?}"),
        });
        assert!(lacking.contains("no row for \"hair\""), "{lacking}");
        assert!(refusal(&mut |model| model.clip_text = None).contains("no text tower"));
    }

    #[test]
    fn an_unknown_field_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.ron");
        std::fs::write(&path, "(colour: 3)").unwrap();
        assert!(TrainingConfig::open(&path).unwrap_err().to_string().contains("run.ron"));
    }
}
