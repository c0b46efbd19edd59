//! A take of the gallery as a document.

use std::path::Path;

use engine::request::Inputs;

use super::{Opened, rgba, stem};
use crate::document::{Document, DocumentError, Role, on_white, open_picture};
use crate::gallery::look::Look;
use crate::generate::compose::of_document;
use crate::generate::recipe::{Recipe, RecipeInputs};
use crate::generate::settings;

impl Opened {
    /// A document of the images that the picture at `path` was made from, with that as its take.
    pub fn of_take(path: &Path, recipe: &Recipe, inputs: &Inputs) -> Result<Self, String> {
        let said = |error: DocumentError| error.to_string();
        let (sketch, settings) = of_document(&inputs.sketch, &recipe.settings);
        let mut document = Document::from_sketch(&rgba(&sketch)).map_err(said)?;
        document.set_reference(Some(&rgba(&inputs.reference))).map_err(said)?;
        if let Some(background) = &inputs.background {
            document.set_background(Some(&rgba(background))).map_err(said)?;
        }
        let masks = [
            (Role::SketchMask, &inputs.sketch_mask),
            (Role::ReferenceMask, &inputs.reference_mask),
        ];
        for (role, mask) in masks {
            if let Some(mask) = mask {
                document.set_mask(role, mask);
            }
        }
        if let Some(hints) = &inputs.hints {
            document.add_hints(Some(hints));
        }
        settings::keep(&mut document, &settings).map_err(|error| error.to_string())?;
        let mut notes = left_out(&recipe.inputs);
        let made = on_white(&open_picture(path).map_err(said)?);
        if made.dimensions() == inputs.sketch.dimensions() {
            // The sketch lies over the take: lines in it would lie there twice.
            let color = Look::BARE.of(made.clone(), path).unwrap_or_else(|_| made.clone());
            if recipe.lines && color == made {
                notes.push("Its file has lost the colour under its lines: they are in the take, too.");
            }
            let recipe = Recipe {
                lines: false,
                ..recipe.clone()
            };
            document.place_take(&color, ron::to_string(&recipe).map_err(|error| error.to_string())?);
        } else {
            notes.push("The picture itself has another size than its drawing and is left out.");
        }
        Ok(Self {
            notes: notes.into_iter().map(str::to_owned).collect(),
            ..Self::new(document, None, stem(path))
        })
    }
}

/// Sentences about what the take was made from and a document has no place for.
fn left_out(inputs: &RecipeInputs) -> Vec<&'static str> {
    let start = inputs.start.as_ref();
    let start = start.map(|_| "The picture that it started from is left out.");
    let injection = inputs.injection.as_ref();
    let injection = injection.map(|injection| match injection.hash == inputs.reference.hash {
        true => "It borrowed shading and texture from its reference: \u{201c}More\u{201d} has a box for that.",
        false => "The picture that it borrowed shading and texture from is left out.",
    });
    [start, injection].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;
    use crate::gallery::metadata::{tests::recipe, write_take};
    use crate::generate::compose::multiply_lines;
    use crate::generate::recall;
    use crate::generate::recipe::{InputImage, Origin, hash_rgb};
    use crate::generate::request;
    use crate::samples::SAMPLES;

    #[test]
    fn the_take_has_no_lines_but_those_of_the_sketch_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.png");
        let sample = &SAMPLES[0];
        let (sketch, reference) = (sample.sketch(), sample.reference());
        let input = |picture: &RgbImage| InputImage {
            origin: Origin::Sample(sample.name.to_owned()),
            hash: hash_rgb(picture),
        };
        let recipe = Recipe {
            inputs: RecipeInputs {
                start: Some(input(&reference)),
                injection: Some(input(&reference)),
                ..RecipeInputs::new(input(&sketch), input(&reference))
            },
            ..recipe()
        };
        assert!(recipe.lines);
        let plain = RgbImage::from_pixel(sketch.width(), sketch.height(), Rgb([9, 200, 30]));
        let lined = multiply_lines(&plain, &sketch, recipe.settings.sketch_preprocess);
        let opened = |kept: Option<&RgbImage>| {
            write_take(&path, &lined, kept, &recipe).unwrap();
            let inputs = recall::all(&recipe.inputs, &path, None).unwrap();
            Opened::of_take(&path, &recipe, &inputs).unwrap()
        };
        let whole = opened(Some(&plain));
        let take = whole.document.by_role(Role::Take).unwrap();
        assert_eq!(*request::picture(Some(take)).unwrap(), plain);
        let own: Recipe = ron::from_str(take.recipe.as_deref().unwrap()).unwrap();
        assert!(!own.lines && own.inputs == recipe.inputs);
        assert_eq!((whole.title.as_str(), whole.notes.len()), ("take", 2), "{:?}", whole.notes);
        let lost = opened(None);
        assert!(lost.notes.concat().contains("has lost the colour"), "{:?}", lost.notes);
    }
}
