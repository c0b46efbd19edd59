//! The images of a `colorize`: from files, from a sample, or from the recipe of an earlier take.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::request::Inputs;
use image::{GrayImage, RgbImage};

use super::BadInput;
use crate::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs, hash_gray, hash_rgb};
use crate::samples::{SAMPLES, Sample};

/// Images together with what a recipe says of them.
pub struct LoadedInputs {
    pub inputs: Inputs,
    pub recipe: RecipeInputs,
}

/// Paths of the images as typed.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct InputPaths {
    /// The line art: dark lines on white. PNG, JPEG or WebP.
    #[arg(long, value_name = "FILE")]
    pub sketch: Option<PathBuf>,
    /// The picture that the colours come from.
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// White where the sketch's figure is.
    #[arg(long, value_name = "FILE")]
    pub sketch_mask: Option<PathBuf>,
    /// White where the reference's figure is.
    #[arg(long, value_name = "FILE")]
    pub reference_mask: Option<PathBuf>,
    /// A second reference, for the background alone.
    #[arg(long, value_name = "FILE")]
    pub background: Option<PathBuf>,
    /// A coloured picture to start from instead of noise alone: an earlier take, or colours that were painted. See --strength.
    #[arg(long, value_name = "FILE")]
    pub start: Option<PathBuf>,
    /// A picture that the network's self-attention looks at: its textures and shading, rather than its colours.
    #[arg(long, value_name = "FILE")]
    pub injection: Option<PathBuf>,
}

/// Where each image comes from: what was typed goes before what the sample or the recipe names.
pub struct Origins {
    sketch: Option<Expected>,
    reference: Option<Expected>,
    sketch_mask: Option<Expected>,
    reference_mask: Option<Expected>,
    background: Option<Expected>,
    start: Option<Expected>,
    injection: Option<Expected>,
}

/// An image to open, and the hash that it must have, if a recipe says one.
struct Expected {
    origin: Origin,
    hash: Option<String>,
}

impl Origins {
    /// From the arguments, over a sample or a recipe. A recipe's relative paths are looked up from here, then beside the recipe's own file.
    pub fn new(typed: &InputPaths, sample: Option<&Sample>, recipe: Option<(&Path, &Recipe)>) -> Self {
        let file = |path: &Option<PathBuf>| {
            path.clone().map(|path| Expected {
                origin: Origin::File(path),
                hash: None,
            })
        };
        let from_sample = || {
            sample.map(|sample| Expected {
                origin: Origin::Sample(sample.name.to_owned()),
                hash: None,
            })
        };
        let from_recipe = |pick: fn(&RecipeInputs) -> Option<&InputImage>| {
            recipe.and_then(|(path, recipe)| pick(&recipe.inputs).map(|input| Expected::recorded(input, path)))
        };
        Self {
            sketch: file(&typed.sketch)
                .or_else(from_sample)
                .or_else(|| from_recipe(|inputs| Some(&inputs.sketch))),
            reference: file(&typed.reference)
                .or_else(from_sample)
                .or_else(|| from_recipe(|inputs| Some(&inputs.reference))),
            // A mask belongs to its picture: with another sketch or reference, the recorded mask no longer fits.
            sketch_mask: file(&typed.sketch_mask).or_else(|| {
                let same = typed.sketch.is_none();
                from_sample()
                    .or_else(|| from_recipe(|inputs| inputs.sketch_mask.as_ref()))
                    .filter(|_| same)
            }),
            reference_mask: file(&typed.reference_mask).or_else(|| {
                let same = typed.reference.is_none();
                from_sample()
                    .or_else(|| from_recipe(|inputs| inputs.reference_mask.as_ref()))
                    .filter(|_| same)
            }),
            background: file(&typed.background).or_else(|| from_recipe(|inputs| inputs.background.as_ref())),
            injection: file(&typed.injection).or_else(|| from_recipe(|inputs| inputs.injection.as_ref())),
            // Like a mask, a picture to start from belongs to its sketch.
            start: file(&typed.start).or_else(|| {
                let same = typed.sketch.is_none();
                from_recipe(|inputs| inputs.start.as_ref()).filter(|_| same)
            }),
        }
    }

    /// Opens every image.
    pub fn load(self) -> anyhow::Result<LoadedInputs> {
        let missing = |what: &str| {
            BadInput(format!(
                "no {what}: give --{what} FILE, or --sample to see a picture that ships with shiage"
            ))
        };
        let (sketch, sketch_input) = self
            .sketch
            .ok_or_else(|| missing("sketch"))?
            .picture("--sketch", Sample::sketch)?;
        let (reference, reference_input) = self
            .reference
            .ok_or_else(|| missing("reference"))?
            .picture("--reference", Sample::reference)?;
        let sketch_mask = self
            .sketch_mask
            .map(|expected| expected.mask("--sketch-mask", Sample::sketch_mask))
            .transpose()?;
        let reference_mask = self
            .reference_mask
            .map(|expected| expected.mask("--reference-mask", Sample::reference_mask))
            .transpose()?;
        // No sample has any of these of its own, so nothing but a file reaches the reader here.
        let background = self
            .background
            .map(|expected| expected.picture("--background", Sample::reference))
            .transpose()?;
        let start = self
            .start
            .map(|expected| expected.picture("--start", Sample::reference))
            .transpose()?;
        let (sketch_mask, sketch_mask_input) = sketch_mask.unzip();
        let (reference_mask, reference_mask_input) = reference_mask.unzip();
        let (background, background_input) = background.unzip();
        let injection = self
            .injection
            .map(|expected| expected.picture("--injection", Sample::reference))
            .transpose()?;
        let (start, start_input) = start.unzip();
        let (injection, injection_input) = injection.unzip();
        Ok(LoadedInputs {
            inputs: Inputs {
                sketch,
                reference,
                sketch_mask,
                reference_mask,
                background,
                start,
                injection,
            },
            recipe: RecipeInputs {
                sketch: sketch_input,
                reference: reference_input,
                sketch_mask: sketch_mask_input,
                reference_mask: reference_mask_input,
                background: background_input,
                start: start_input,
                injection: injection_input,
            },
        })
    }
}

impl Expected {
    fn recorded(input: &InputImage, recipe: &Path) -> Self {
        let origin = match &input.origin {
            Origin::File(path) if path.is_relative() && !path.exists() => {
                let beside = recipe.parent().unwrap_or(Path::new("")).join(path);
                Origin::File(if beside.exists() { beside } else { path.clone() })
            }
            origin => origin.clone(),
        };
        Self {
            origin,
            hash: Some(input.hash.clone()),
        }
    }

    fn picture(self, option: &str, of_sample: fn(&Sample) -> RgbImage) -> anyhow::Result<(Arc<RgbImage>, InputImage)> {
        self.open(option, engine::image::open, of_sample, hash_rgb)
    }

    fn mask(self, option: &str, of_sample: fn(&Sample) -> GrayImage) -> anyhow::Result<(Arc<GrayImage>, InputImage)> {
        self.open(option, engine::image::open_mask, of_sample, hash_gray)
    }

    fn open<T>(
        self,
        option: &str,
        open: impl Fn(&Path) -> Result<T, engine::EngineError>,
        of_sample: fn(&Sample) -> T,
        hash: fn(&T) -> String,
    ) -> anyhow::Result<(Arc<T>, InputImage)> {
        let picture = match &self.origin {
            Origin::File(path) => open(path).map_err(|error| BadInput(error.to_string()))?,
            Origin::Sample(name) => of_sample(sample_named(name)?),
            Origin::Document => {
                return Err(BadInput(format!(
                    "the recipe's {} was painted in a document; give it as {option} FILE",
                    &option[2..]
                ))
                .into());
            }
        };
        let found = hash(&picture);
        if let Some(expected) = self.hash.filter(|expected| *expected != found) {
            let Origin::File(path) = &self.origin else {
                return Err(BadInput(format!(
                    "the sample has changed since this recipe was made (it was {expected})"
                ))
                .into());
            };
            return Err(BadInput(format!(
                "{} is not the picture that the recipe was made with (its hash is {found}, the recipe says {expected}); restore it, or name it with {option} to make another take",
                path.display()
            ))
            .into());
        }
        Ok((
            Arc::new(picture),
            InputImage {
                origin: self.origin,
                hash: found,
            },
        ))
    }
}

/// The sample of that name, or an error that lists the names.
pub fn sample_named(name: &str) -> anyhow::Result<&'static Sample> {
    Sample::named(name).ok_or_else(|| {
        let names: Vec<_> = SAMPLES.iter().map(|sample| sample.name).collect();
        BadInput(format!("there is no sample \"{name}\"; there are {}", names.join(", "))).into()
    })
}
