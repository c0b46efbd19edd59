//! The images of a `colorize`: from files, from a sample, or from the recipe of an earlier take.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::request::Inputs;
use image::GrayImage;

use super::BadInput;
use super::masks::check_fit;
use crate::generate::recall::{Expected, RecallError, Recalled, no_hints};
use crate::generate::recipe::{InputImage, Origin, Recipe, RecipeInputs};
use crate::samples::{SAMPLES, Sample};

/// Images together with what a recipe says of them.
pub struct LoadedInputs {
    pub inputs: Inputs,
    pub recipe: RecipeInputs,
}

/// Paths of the images as typed.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct InputPaths {
    /// The line art: dark lines on white. PNG, JPEG, WebP or TIFF.
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
    /// Dabs of colour over the sketch, transparent elsewhere: each is the colour of the part that the sketch's lines enclose around it. See
    /// --hint-strength and --hint-exact.
    #[arg(long, value_name = "PNG")]
    pub hints: Option<PathBuf>,
}

impl InputPaths {
    /// Refuses typed masks and hints that do not lie on their pictures. What a recipe repeats is taken as it was.
    pub fn check(&self, inputs: &Inputs) -> Result<(), BadInput> {
        let (sketch, reference) = (inputs.sketch.dimensions(), inputs.reference.dimensions());
        let mask = |mask: &Option<Arc<GrayImage>>| mask.as_ref().map(|mask| mask.dimensions());
        let hints = inputs.hints.as_ref().map(|hints| hints.dimensions());
        for (path, size, picture) in [
            (&self.sketch_mask, mask(&inputs.sketch_mask), sketch),
            (&self.reference_mask, mask(&inputs.reference_mask), reference),
            (&self.hints, hints, sketch),
        ] {
            if let (Some(path), Some(size)) = (path, size) {
                check_fit(&path.display().to_string(), size, picture)?;
            }
        }
        match (&self.hints, &inputs.hints) {
            (Some(path), Some(hints)) if hints.pixels().all(|pixel| pixel.0[3] == 255) => Err(BadInput(format!(
                "{} is opaque all over: hints are dabs of colour on transparent ground",
                path.display()
            ))),
            _ => Ok(()),
        }
    }
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
    hints: Option<Expected>,
}

impl Origins {
    /// From the arguments, over a sample or a recipe. A recipe's relative paths are looked up from here, then beside the recipe's own file.
    pub fn new(typed: &InputPaths, sample: Option<&Sample>, recipe: Option<(&Path, &Recipe)>) -> Self {
        let file = |what, path: &Option<PathBuf>| {
            path.clone().map(|path| Expected {
                what,
                origin: Origin::File(path),
                hash: None,
            })
        };
        let from_sample = |what| {
            sample.map(|sample| Expected {
                what,
                origin: Origin::Sample(sample.name.to_owned()),
                hash: None,
            })
        };
        let from_recipe = |what, pick: fn(&RecipeInputs) -> Option<&InputImage>| {
            recipe.and_then(|(path, recipe)| pick(&recipe.inputs).map(|input| Expected::recorded(what, input, path)))
        };
        Self {
            sketch: file("sketch", &typed.sketch)
                .or_else(|| from_sample("sketch"))
                .or_else(|| from_recipe("sketch", |inputs| Some(&inputs.sketch))),
            reference: file("reference", &typed.reference)
                .or_else(|| from_sample("reference"))
                .or_else(|| from_recipe("reference", |inputs| Some(&inputs.reference))),
            // A mask belongs to its picture: with another sketch or reference, the recorded mask no longer fits.
            sketch_mask: file("sketch mask", &typed.sketch_mask).or_else(|| {
                let same = typed.sketch.is_none();
                from_sample("sketch mask")
                    .or_else(|| from_recipe("sketch mask", |inputs| inputs.sketch_mask.as_ref()))
                    .filter(|_| same)
            }),
            reference_mask: file("reference mask", &typed.reference_mask).or_else(|| {
                let same = typed.reference.is_none();
                from_sample("reference mask")
                    .or_else(|| from_recipe("reference mask", |inputs| inputs.reference_mask.as_ref()))
                    .filter(|_| same)
            }),
            background: file("background", &typed.background)
                .or_else(|| from_recipe("background", |inputs| inputs.background.as_ref())),
            injection: file("injection", &typed.injection)
                .or_else(|| from_recipe("injection", |inputs| inputs.injection.as_ref())),
            // Like a mask, a picture to start from belongs to its sketch, and so do hints.
            start: file("start", &typed.start).or_else(|| {
                let same = typed.sketch.is_none();
                from_recipe("start", |inputs| inputs.start.as_ref()).filter(|_| same)
            }),
            hints: file("hints", &typed.hints).or_else(|| {
                let same = typed.sketch.is_none();
                from_recipe("hints", |inputs| inputs.hints.as_ref()).filter(|_| same)
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
        /// The image, and what a recipe says of it.
        fn open<T: Recalled>(expected: Expected, of_sample: fn(&Sample) -> T) -> Result<(Arc<T>, InputImage), BadInput> {
            let what = expected.what;
            expected.open(of_sample).map_err(bad(what))
        }
        fn any<T: Recalled>(
            expected: Option<Expected>,
            of_sample: fn(&Sample) -> T,
        ) -> Result<(Option<Arc<T>>, Option<InputImage>), BadInput> {
            let opened = expected.map(|expected| open(expected, of_sample)).transpose()?;
            Ok(opened.unzip())
        }
        let (sketch, sketch_input) = open(self.sketch.ok_or_else(|| missing("sketch"))?, Sample::sketch)?;
        let (reference, reference_input) = open(self.reference.ok_or_else(|| missing("reference"))?, Sample::reference)?;
        let (sketch_mask, sketch_mask_input) = any(self.sketch_mask, Sample::sketch_mask)?;
        let (reference_mask, reference_mask_input) = any(self.reference_mask, Sample::reference_mask)?;
        // No sample has a background picture or a start of its own, so nothing but a file reaches the reader here.
        let (background, background_input) = any(self.background, Sample::reference)?;
        let (start, start_input) = any(self.start, Sample::reference)?;
        let (injection, injection_input) = any(self.injection, Sample::reference)?;
        let (hints, hints_input) = any(self.hints, no_hints)?;
        Ok(LoadedInputs {
            inputs: Inputs {
                sketch,
                reference,
                sketch_mask,
                reference_mask,
                background,
                start,
                injection,
                hints,
            },
            recipe: RecipeInputs {
                sketch: sketch_input,
                reference: reference_input,
                sketch_mask: sketch_mask_input,
                reference_mask: reference_mask_input,
                background: background_input,
                start: start_input,
                injection: injection_input,
                hints: hints_input,
            },
        })
    }
}

/// What to say of an image that is not what it was, with the option that names another.
fn bad(what: &str) -> impl Fn(RecallError) -> BadInput {
    let option = format!("--{}", what.replace(' ', "-"));
    move |error| {
        BadInput(match error {
            RecallError::Painted { .. } => format!("{error}; give it as {option} FILE"),
            RecallError::Changed { .. } => format!("{error}; restore it, or name it with {option} to make another take"),
            error => error.to_string(),
        })
    }
}

/// The sample of that name, or an error that lists the names.
pub fn sample_named(name: &str) -> anyhow::Result<&'static Sample> {
    Sample::named(name).ok_or_else(|| {
        let names: Vec<_> = SAMPLES.iter().map(|sample| sample.name).collect();
        BadInput(format!("there is no sample \"{name}\"; there are {}", names.join(", "))).into()
    })
}
