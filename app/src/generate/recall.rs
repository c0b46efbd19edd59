//! The images of a recipe, found again and held against their hashes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::EngineError;
use engine::request::Inputs;
use image::{GrayImage, RgbImage};

use super::recipe::{InputImage, Origin, RecipeInputs, hash_gray, hash_rgb};
use crate::samples::{SAMPLES, Sample};

/// Why an image of a recipe is not what it was.
#[derive(Debug, thiserror::Error)]
pub enum RecallError {
    #[error(transparent)]
    Open(#[from] EngineError),
    #[error("there is no sample \"{name}\"; there are {}", names())]
    NoSample { name: String },
    #[error("the sample has changed since this recipe was made (it was {expected})")]
    SampleChanged { expected: String },
    #[error("{path} is not the picture that the recipe was made with (its hash is {found}, the recipe says {expected})", path = path.display())]
    Changed { path: PathBuf, found: String, expected: String },
    #[error("the recipe's {what} was painted in a document")]
    Painted { what: &'static str },
}

fn names() -> String {
    SAMPLES.iter().map(|sample| sample.name).collect::<Vec<_>>().join(", ")
}

/// An image to open, and the hash that it must have, if a recipe says one.
#[derive(Clone, Debug)]
pub struct Expected {
    /// "sketch", "reference mask" and so on.
    pub what: &'static str,
    pub origin: Origin,
    pub hash: Option<String>,
}

impl Expected {
    /// As a recipe in the file `recipe` says. Relative paths are looked up from here, then beside that file.
    pub fn recorded(what: &'static str, input: &InputImage, recipe: &Path) -> Self {
        let origin = match &input.origin {
            Origin::File(path) if path.is_relative() && !path.exists() => {
                let beside = recipe.parent().unwrap_or(Path::new("")).join(path);
                Origin::File(if beside.exists() { beside } else { path.clone() })
            }
            origin => origin.clone(),
        };
        Self {
            what,
            origin,
            hash: Some(input.hash.clone()),
        }
    }

    /// The picture; `of_sample` names the one of a sample.
    pub fn picture(self, of_sample: fn(&Sample) -> RgbImage) -> Result<(Arc<RgbImage>, InputImage), RecallError> {
        self.open(engine::image::open, of_sample, hash_rgb)
    }

    pub fn mask(self, of_sample: fn(&Sample) -> GrayImage) -> Result<(Arc<GrayImage>, InputImage), RecallError> {
        self.open(engine::image::open_mask, of_sample, hash_gray)
    }

    fn open<T>(
        self,
        open: impl Fn(&Path) -> Result<T, EngineError>,
        of_sample: fn(&Sample) -> T,
        hash: fn(&T) -> String,
    ) -> Result<(Arc<T>, InputImage), RecallError> {
        let picture = match &self.origin {
            Origin::File(path) => open(path)?,
            Origin::Sample(name) => {
                let sample = Sample::named(name).ok_or_else(|| RecallError::NoSample { name: name.clone() })?;
                of_sample(sample)
            }
            Origin::Document => return Err(RecallError::Painted { what: self.what }),
        };
        let found = hash(&picture);
        if let Some(expected) = self.hash.filter(|expected| *expected != found) {
            return Err(match self.origin {
                Origin::File(path) => RecallError::Changed { path, found, expected },
                _ => RecallError::SampleChanged { expected },
            });
        }
        let origin = self.origin;
        Ok((Arc::new(picture), InputImage { origin, hash: found }))
    }
}

/// All images of a recipe in the file `path`. What was painted is taken from `open`, which a document gives, if that is still the same there.
pub fn all(recipe: &RecipeInputs, path: &Path, open: Option<&Inputs>) -> Result<Inputs, RecallError> {
    let picture = |what, input: &InputImage, painted: Option<&Arc<RgbImage>>, of_sample: fn(&Sample) -> RgbImage| match painted
        .filter(|picture| input.origin == Origin::Document && hash_rgb(picture) == input.hash)
    {
        Some(picture) => Ok(picture.clone()),
        None => Expected::recorded(what, input, path)
            .picture(of_sample)
            .map(|(picture, _)| picture),
    };
    let mask = |what, input: &InputImage, painted: Option<&Arc<GrayImage>>, of_sample: fn(&Sample) -> GrayImage| match painted
        .filter(|mask| input.origin == Origin::Document && hash_gray(mask) == input.hash)
    {
        Some(mask) => Ok(mask.clone()),
        None => Expected::recorded(what, input, path).mask(of_sample).map(|(mask, _)| mask),
    };
    // No sample has more pictures than sketch and reference, so nothing but a file reaches the reader for those.
    let more = |what, input: &Option<InputImage>, pick: fn(&Inputs) -> Option<&Arc<RgbImage>>| {
        let input = input.as_ref();
        input
            .map(|input| picture(what, input, open.and_then(pick), Sample::reference))
            .transpose()
    };
    let masks = |what, input: &Option<InputImage>, pick: fn(&Inputs) -> Option<&Arc<GrayImage>>, of_sample| {
        let input = input.as_ref();
        input
            .map(|input| mask(what, input, open.and_then(pick), of_sample))
            .transpose()
    };
    Ok(Inputs {
        sketch: picture("sketch", &recipe.sketch, open.map(|open| &open.sketch), Sample::sketch)?,
        reference: picture(
            "reference",
            &recipe.reference,
            open.map(|open| &open.reference),
            Sample::reference,
        )?,
        sketch_mask: masks(
            "sketch mask",
            &recipe.sketch_mask,
            |open| open.sketch_mask.as_ref(),
            Sample::sketch_mask,
        )?,
        reference_mask: masks(
            "reference mask",
            &recipe.reference_mask,
            |open| open.reference_mask.as_ref(),
            Sample::reference_mask,
        )?,
        background: more("background", &recipe.background, |open| open.background.as_ref())?,
        start: more("start", &recipe.start, |open| open.start.as_ref())?,
        injection: more("injection", &recipe.injection, |open| open.injection.as_ref())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgb};

    fn recipe(sketch: InputImage, mask: Option<InputImage>) -> RecipeInputs {
        RecipeInputs {
            reference: sketch.clone(),
            sketch,
            sketch_mask: mask,
            reference_mask: None,
            background: None,
            start: None,
            injection: None,
        }
    }

    #[test]
    fn files_are_found_beside_the_recipe_and_held_against_their_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let picture = RgbImage::from_pixel(4, 4, Rgb([1, 2, 3]));
        picture.save(folder.path().join("lines.png")).unwrap();
        let input = InputImage {
            origin: Origin::File("lines.png".into()),
            hash: hash_rgb(&picture),
        };
        let take = folder.path().join("take.png");
        assert_eq!(*all(&recipe(input.clone(), None), &take, None).unwrap().sketch, picture);
        RgbImage::new(4, 4).save(folder.path().join("lines.png")).unwrap();
        let changed = all(&recipe(input.clone(), None), &take, None).unwrap_err();
        assert!(
            matches!(&changed, RecallError::Changed { path, .. } if path.ends_with("lines.png")),
            "{changed}"
        );
        std::fs::remove_file(folder.path().join("lines.png")).unwrap();
        assert!(matches!(all(&recipe(input, None), &take, None), Err(RecallError::Open(_))));
    }

    #[test]
    fn what_was_painted_comes_from_the_document_while_it_is_the_same() {
        let (picture, mask) = (RgbImage::new(4, 4), GrayImage::from_pixel(4, 4, Luma([255])));
        let painted = |hash| InputImage {
            origin: Origin::Document,
            hash,
        };
        let recipe = recipe(painted(hash_rgb(&picture)), Some(painted(hash_gray(&mask))));
        let open = |value| Inputs {
            sketch_mask: Some(Arc::new(GrayImage::from_pixel(4, 4, Luma([value])))),
            ..Inputs::new(Arc::new(picture.clone()), Arc::new(picture.clone()))
        };
        let path = Path::new("take.png");
        assert_eq!(*all(&recipe, path, Some(&open(255))).unwrap().sketch_mask.unwrap(), mask);
        assert!(matches!(
            all(&recipe, path, Some(&open(0))),
            Err(RecallError::Painted { what: "sketch mask" })
        ));
        assert!(matches!(
            all(&recipe, path, None),
            Err(RecallError::Painted { what: "sketch" })
        ));
    }
}
