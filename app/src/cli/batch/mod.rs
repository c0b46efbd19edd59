//! Many pictures without a person at hand: what is whole is left alone, what another process makes is left to it, a failure stops nothing else,
//! unless it is that of the device.

pub mod claim;
pub mod frames;
pub mod progress;
mod run;
mod whole;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use engine::request::{Inputs, Mode, Settings};
use image::{GrayImage, RgbImage};

use super::BadInput;
use super::settings::SettingsArguments;
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::{InputImage, RecipeInputs};
pub use run::Batch;

/// What all runs over many pictures share.
#[derive(Debug, Args)]
pub struct BatchArguments {
    /// Leave the sketch's lines out: the colour layer alone.
    #[arg(long)]
    no_lines: bool,
    /// Make every picture again, also those that are whole.
    #[arg(long)]
    redo: bool,
    /// Stay until the pictures that other processes make are whole too, and take over those of a process that died.
    #[arg(long)]
    wait: bool,
    /// After how long without a sign of life a process counts as dead, so that another takes over its picture.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    stale_after: u64,
    /// How progress is shown: a bar on stderr, or a JSON object a line on stdout.
    #[arg(long, value_enum, default_value = "bar")]
    progress: progress::Style,
    #[command(flatten)]
    settings: SettingsArguments,
}

impl BatchArguments {
    fn stale_after(&self) -> Duration {
        Duration::from_secs(self.stale_after)
    }

    /// The settings for all pictures of a run. One mode serves all, or the colours of a shot would jump.
    ///
    /// # Errors
    /// When no mode was named and only some of the pictures have masks.
    pub fn settings(&self, sketches: &[PictureFile], references: &[Reference]) -> anyhow::Result<Settings> {
        let settings = self.settings.over(Settings::default());
        if self.settings.mode.is_some() {
            return Ok(settings);
        }
        let without_mask = sketches.iter().find(|sketch| sketch.mask.is_none());
        let bare = references
            .iter()
            .find(|reference| reference.mask.is_none() && reference.background.is_none());
        let any = sketches.iter().any(|sketch| sketch.mask.is_some());
        let mode = match (without_mask, bare) {
            (None, None) => Mode::Split,
            (Some(sketch), None) if any => {
                return Err(BadInput(format!(
                    "{} has no mask, others have one; give it one, or choose --mode vanilla for all",
                    sketch.picture.display()
                ))
                .into());
            }
            (None, Some(reference)) if references.iter().any(|reference| reference.mask.is_some()) => {
                return Err(BadInput(format!(
                    "{} has no mask, other references have one; give it one, or choose --mode vanilla for all",
                    reference.name
                ))
                .into());
            }
            _ => Mode::Vanilla,
        };
        Ok(Settings { mode, ..settings })
    }
}

/// A reference in memory: one of a few, for many sketches.
pub struct Reference {
    pub name: String,
    picture: (Arc<RgbImage>, InputImage),
    pub mask: Option<(Arc<GrayImage>, InputImage)>,
    pub background: Option<(Arc<RgbImage>, InputImage)>,
}

impl Reference {
    pub fn open(file: &PictureFile) -> Result<Self, engine::EngineError> {
        Ok(Self {
            name: file.name(),
            picture: pictures::open(&file.picture)?,
            mask: file.mask.as_deref().map(pictures::open_mask).transpose()?,
            background: file.background.as_deref().map(pictures::open).transpose()?,
        })
    }

    pub fn picture(&self) -> &Arc<RgbImage> {
        &self.picture.0
    }
}

/// A sketch in memory.
struct Sketch {
    picture: (Arc<RgbImage>, InputImage),
    mask: Option<(Arc<GrayImage>, InputImage)>,
}

impl Sketch {
    fn open(file: &PictureFile) -> Result<Self, engine::EngineError> {
        Ok(Self {
            picture: pictures::open(&file.picture)?,
            mask: file.mask.as_deref().map(pictures::open_mask).transpose()?,
        })
    }

    fn with(&self, reference: &Reference) -> (Inputs, RecipeInputs) {
        fn parts<T>(pair: &Option<(Arc<T>, InputImage)>) -> (Option<Arc<T>>, Option<InputImage>) {
            pair.clone().unzip()
        }
        let (sketch_mask, sketch_mask_input) = parts(&self.mask);
        let (reference_mask, reference_mask_input) = parts(&reference.mask);
        let (background, background_input) = parts(&reference.background);
        (
            Inputs {
                sketch_mask,
                reference_mask,
                background,
                ..Inputs::new(self.picture.0.clone(), reference.picture.0.clone())
            },
            RecipeInputs {
                sketch_mask: sketch_mask_input,
                reference_mask: reference_mask_input,
                background: background_input,
                ..RecipeInputs::new(self.picture.1.clone(), reference.picture.1.clone())
            },
        )
    }
}

/// One picture to make.
pub struct Task {
    /// What people call it.
    pub name: String,
    pub sketch: PictureFile,
    /// Which of the run's references.
    pub reference: usize,
    pub seed: u64,
    pub out: PathBuf,
}
