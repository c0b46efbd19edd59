//! The images of a recipe, found again and held against their hashes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::EngineError;
use engine::request::Inputs;
use image::{GrayImage, RgbImage, RgbaImage};

use super::recipe::{InputImage, Origin, RecipeInputs, hash_gray, hash_rgb, hash_rgba};
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

/// A kind of image that recipes name.
pub trait Recalled: Sized {
    fn open(path: &Path) -> Result<Self, EngineError>;
    fn hash(&self) -> String;
}

impl Recalled for RgbImage {
    fn open(path: &Path) -> Result<Self, EngineError> {
        engine::image::open(path)
    }

    fn hash(&self) -> String {
        hash_rgb(self)
    }
}

impl Recalled for GrayImage {
    fn open(path: &Path) -> Result<Self, EngineError> {
        engine::image::open_mask(path)
    }

    fn hash(&self) -> String {
        hash_gray(self)
    }
}

impl Recalled for RgbaImage {
    fn open(path: &Path) -> Result<Self, EngineError> {
        engine::image::open_rgba(path)
    }

    fn hash(&self) -> String {
        hash_rgba(self)
    }
}

/// No sample comes with hints.
pub fn no_hints(_: &Sample) -> RgbaImage {
    RgbaImage::default()
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

    /// The picture, and what a recipe says of it; `of_sample` names the one of a sample.
    pub fn open<T: Recalled>(self, of_sample: fn(&Sample) -> T) -> Result<(Arc<T>, InputImage), RecallError> {
        let picture = match &self.origin {
            Origin::File(path) => T::open(path)?,
            Origin::Sample(name) => {
                let sample = Sample::recorded(name).ok_or_else(|| RecallError::NoSample { name: name.clone() })?;
                of_sample(&sample)
            }
            Origin::Document => return Err(RecallError::Painted { what: self.what }),
        };
        let found = picture.hash();
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
    let again = Again { path, open };
    // No sample has more pictures than sketch and reference, so nothing but a file reaches the reader for the others.
    Ok(Inputs {
        sketch: again.one("sketch", &recipe.sketch, |open| Some(&open.sketch), Sample::sketch)?,
        reference: again.one(
            "reference",
            &recipe.reference,
            |open| Some(&open.reference),
            Sample::reference,
        )?,
        sketch_mask: again.any(
            "sketch mask",
            &recipe.sketch_mask,
            |open| open.sketch_mask.as_ref(),
            Sample::sketch_mask,
        )?,
        reference_mask: again.any(
            "reference mask",
            &recipe.reference_mask,
            |open| open.reference_mask.as_ref(),
            Sample::reference_mask,
        )?,
        background: again.any(
            "background",
            &recipe.background,
            |open| open.background.as_ref(),
            Sample::reference,
        )?,
        start: again.any("start", &recipe.start, |open| open.start.as_ref(), Sample::reference)?,
        injection: again.any(
            "injection",
            &recipe.injection,
            |open| open.injection.as_ref(),
            Sample::reference,
        )?,
        hints: again.any("hints", &recipe.hints, |open| open.hints.as_ref(), no_hints)?,
    })
}

/// Where the images of a recipe may be: at places that the recipe in the file `path` names, or in what is open.
struct Again<'a> {
    path: &'a Path,
    open: Option<&'a Inputs>,
}

impl Again<'_> {
    fn one<T: Recalled>(
        &self,
        what: &'static str,
        input: &InputImage,
        pick: fn(&Inputs) -> Option<&Arc<T>>,
        of_sample: fn(&Sample) -> T,
    ) -> Result<Arc<T>, RecallError> {
        let painted = self.open.filter(|_| input.origin == Origin::Document).and_then(pick);
        match painted.filter(|picture| picture.hash() == input.hash) {
            Some(picture) => Ok(picture.clone()),
            None => Ok(Expected::recorded(what, input, self.path).open(of_sample)?.0),
        }
    }

    /// The same of an image that a recipe may be without.
    fn any<T: Recalled>(
        &self,
        what: &'static str,
        input: &Option<InputImage>,
        pick: fn(&Inputs) -> Option<&Arc<T>>,
        of_sample: fn(&Sample) -> T,
    ) -> Result<Option<Arc<T>>, RecallError> {
        let input = input.as_ref();
        input.map(|input| self.one(what, input, pick, of_sample)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgb};

    fn recipe(sketch: InputImage, mask: Option<InputImage>) -> RecipeInputs {
        RecipeInputs {
            sketch_mask: mask,
            ..RecipeInputs::new(sketch.clone(), sketch)
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
    fn what_the_board_made_of_the_sample_shot_is_found_again() {
        use crate::samples::{SHOT_FRAMES, SHOT_REFERENCES};
        let input = |name: &str, hash| InputImage {
            origin: Origin::Sample(format!("shot/{name}")),
            hash,
        };
        let (frame, reference) = (SHOT_FRAMES[2].picture(), SHOT_REFERENCES[1].picture());
        let recipe = RecipeInputs {
            sketch_mask: Some(input("frames/0003", hash_gray(&SHOT_FRAMES[2].mask()))),
            reference_mask: Some(input("references/noon", hash_gray(&SHOT_REFERENCES[1].mask()))),
            ..RecipeInputs::new(
                input("frames/0003", hash_rgb(&frame)),
                input("references/noon", hash_rgb(&reference)),
            )
        };
        let inputs = all(&recipe, Path::new("take.png"), None).unwrap();
        assert_eq!((&*inputs.sketch, &*inputs.reference), (&frame, &reference));
        assert_eq!(*inputs.sketch_mask.unwrap(), SHOT_FRAMES[2].mask());
        let lost = RecipeInputs::new(input("frames/0009", String::new()), input("references/noon", String::new()));
        assert!(matches!(
            all(&lost, Path::new("take.png"), None),
            Err(RecallError::NoSample { .. })
        ));
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
