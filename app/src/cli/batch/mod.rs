//! Many pictures without a person at hand: what is whole or somebody else's is left alone, what another process makes is left to it, a failure stops
//! nothing else, unless it is that of the device.

pub mod claim;
pub mod frames;
pub mod progress;
mod run;
mod summary;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use engine::request::{Inputs, Settings};
use image::{GrayImage, RgbImage};

use super::BadInput;
use super::masks::{self, Given, check_fit};
use super::outputs::apart;
use super::settings::SettingsArguments;
use crate::generate::pictures::{self, PictureFile};
use crate::generate::recipe::{InputImage, RecipeInputs};
pub use run::Batch;

/// Seconds without a sign of life after which a process counts as dead, unless others are asked for.
pub const STALE_AFTER: u64 = 120;

/// What all runs over many pictures share.
#[derive(Debug, Args)]
pub struct BatchArguments {
    /// Leave the sketch's lines out: the colour layer alone.
    #[arg(long)]
    no_lines: bool,
    /// Make every picture again: those that are whole, and also those that are left alone otherwise, as this program did not make them (a retouched
    /// frame) or a newer one did. Where documents are made beside the pictures (--flats), all of them are replaced, too, whoever has worked on them.
    /// Of several processes that are told so in one folder each leaves alone what the others have made since it began.
    #[arg(long)]
    redo: bool,
    /// Stay until the pictures that other processes make are whole too, and take over those of a process that died.
    #[arg(long)]
    wait: bool,
    /// After how long without a sign of life a process counts as dead, so that another takes over its picture.
    #[arg(long, value_name = "SECONDS", default_value_t = STALE_AFTER, value_parser = clap::value_parser!(u64).range(1..=86_400))]
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

    /// The settings for all pictures of a run. One mode serves all, or the colours of a shot would jump: `sketches` are all drawings of the shot,
    /// also those that this run leaves out.
    ///
    /// # Errors
    /// When no mode was named and only some of the pictures have masks, or a seed was to be drawn: each process of a shot would draw its own.
    pub fn settings(&self, sketches: &[PictureFile], references: &[Reference]) -> anyhow::Result<Settings> {
        if let Some((option, seed)) = self.settings.drawn_seed() {
            let words = format!("{option} random gives every process and every run another noise: type a number, such as {seed}");
            return Err(BadInput(words).into());
        }
        let settings = self.settings.over(Settings::default());
        let settings = match self.settings.mode {
            Some(_) => settings,
            None => common_mode(settings, sketches, references)?,
        };
        for reference in references {
            let (name, mask) = (format!("the mask of {}", reference.name), reference.mask.as_ref());
            masks::warn_of_reference_mask(&name, mask.map(|(mask, _)| mask.as_ref()), &settings);
        }
        Ok(settings)
    }
}

/// The settings with the mode that all pictures allow.
fn common_mode(settings: Settings, sketches: &[PictureFile], references: &[Reference]) -> Result<Settings, BadInput> {
    let masked = |sketch: &PictureFile| sketch.mask.is_some();
    if let Some(sketch) = odd_one(sketches, masked) {
        return Err(BadInput(format!(
            "{} has no mask, others have one; give it one, or choose --mode vanilla for all",
            sketch.picture.display()
        )));
    }
    let masked = |reference: &Reference| reference.mask.is_some() || reference.background.is_some();
    if let Some(reference) = odd_one(references, masked) {
        return Err(BadInput(format!(
            "{} has neither mask nor background, other references have; give it one, or choose --mode vanilla for all",
            reference.name
        )));
    }
    let given = Given {
        sketch_mask: sketches.iter().any(|sketch| sketch.mask.is_some()),
        reference_mask: references.iter().any(|reference| reference.mask.is_some()),
        background: references.iter().any(|reference| reference.background.is_some()),
    };
    if let Some(words) = given.unused(&settings) {
        eprintln!("{words}");
    }
    Ok(Settings {
        mode: given.mode(),
        ..settings
    })
}

/// The first that is not so, where others are.
fn odd_one<T>(all: &[T], is_so: impl Fn(&T) -> bool) -> Option<&T> {
    all.iter().find(|one| !is_so(one)).filter(|_| all.iter().any(&is_so))
}

/// Refuses a folder for results that any of these pictures or their companions lies in.
pub fn apart_from<'a>(out: &Path, pictures: impl IntoIterator<Item = &'a PictureFile>) -> Result<(), BadInput> {
    apart(out, pictures.into_iter().flat_map(PictureFile::files))
}

type Opened<T> = (Arc<T>, InputImage);

/// Opens the mask of a picture, if it has one.
fn open_mask(file: &PictureFile, picture: &RgbImage) -> Result<Option<Opened<GrayImage>>, BadInput> {
    let Some(path) = &file.mask else { return Ok(None) };
    let opened = pictures::open_mask(path).map_err(bad)?;
    check_fit(&path.display().to_string(), opened.0.dimensions(), picture.dimensions())?;
    Ok(Some(opened))
}

/// What is wrong with what was given.
pub fn bad(error: impl std::fmt::Display) -> BadInput {
    BadInput(error.to_string())
}

/// A reference in memory: one of a few, for many sketches.
pub struct Reference {
    pub name: String,
    picture: Opened<RgbImage>,
    pub mask: Option<Opened<GrayImage>>,
    pub background: Option<Opened<RgbImage>>,
}

impl Reference {
    pub fn open(file: &PictureFile) -> Result<Self, BadInput> {
        let picture = pictures::open(&file.picture).map_err(bad)?;
        Ok(Self {
            name: file.name(),
            mask: open_mask(file, &picture.0)?,
            background: file.background.as_deref().map(pictures::open).transpose().map_err(bad)?,
            picture,
        })
    }

    pub fn picture(&self) -> &Arc<RgbImage> {
        &self.picture.0
    }
}

/// A sketch in memory.
struct Sketch {
    picture: Opened<RgbImage>,
    mask: Option<Opened<GrayImage>>,
}

impl Sketch {
    fn open(file: &PictureFile) -> Result<Self, BadInput> {
        let picture = pictures::open(&file.picture).map_err(bad)?;
        Ok(Self {
            mask: open_mask(file, &picture.0)?,
            picture,
        })
    }

    fn with(&self, reference: &Reference) -> (Inputs, RecipeInputs) {
        fn parts<T>(pair: &Option<Opened<T>>) -> (Option<Arc<T>>, Option<InputImage>) {
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

impl Task {
    /// Where the document with its flats goes, where that is wanted.
    fn document(&self) -> PathBuf {
        self.out.with_extension("ora")
    }
}
