//! What is there already and stays: a picture that is not only there, but whole, and from the same inputs with the same settings; or somebody else's.

use std::path::Path;

use engine::request::Settings;
use image::RgbImage;

use crate::cli::BadInput;
use crate::gallery::metadata::{self, Standing};
use crate::generate::recipe::{Recipe, RecipeInputs};

/// A picture that is there already and stays.
pub struct Kept {
    pub picture: RgbImage,
    /// What it is, where it was not made from what is wanted: nobody could make it again.
    pub foreign: Option<&'static str>,
}

/// What a picture must have been made from.
pub struct Expected<'a> {
    /// With the size that the network makes.
    pub settings: &'a Settings,
    pub inputs: &'a RecipeInputs,
    /// blake3 of the model's weights, in hex.
    pub model: &'a str,
    pub lines: bool,
    pub size: (u32, u32),
}

impl Expected<'_> {
    /// The picture at `path`, if it stays.
    ///
    /// # Errors
    /// Where something lies there that is neither a picture nor what is left of a take.
    pub fn kept(&self, path: &Path) -> Result<Option<Kept>, BadInput> {
        if let Some(picture) = self.find(path) {
            return Ok(Some(Kept { picture, foreign: None }));
        }
        let foreign = match metadata::standing(path) {
            Standing::Free | Standing::Take | Standing::Damaged => return Ok(None),
            Standing::Newer => "is a take of a newer version of this program",
            Standing::Others => "is no take of this program",
        };
        match engine::image::open(path) {
            Ok(picture) => Ok(Some(Kept {
                picture,
                foreign: Some(foreign),
            })),
            Err(error) => Err(BadInput(format!(
                "{} {foreign}, and opens as no picture ({error}); move it away, or --redo replaces it",
                path.display()
            ))),
        }
    }

    /// The picture at `path`, if it is whole and was made from this.
    fn find(&self, path: &Path) -> Option<RgbImage> {
        let recipe = metadata::read_untouched_recipe(path).ok()?;
        if !self.matches(&recipe) {
            return None;
        }
        // Read to its last pixel: a copy that was cut off has its recipe at the front.
        let picture = engine::image::open(path).ok()?;
        (picture.dimensions() == self.size).then_some(picture)
    }

    /// Device and program may differ, and the inputs may lie elsewhere by now.
    fn matches(&self, recipe: &Recipe) -> bool {
        let hashes = |inputs: &RecipeInputs| {
            let optional = [&inputs.sketch_mask, &inputs.reference_mask, &inputs.background];
            let optional = optional.map(|input| input.as_ref().map(|input| input.hash.clone()));
            (inputs.sketch.hash.clone(), inputs.reference.hash.clone(), optional)
        };
        recipe.settings == *self.settings
            && recipe.model.hash == self.model
            && recipe.lines == self.lines
            && hashes(&recipe.inputs) == hashes(self.inputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::metadata::tests::{recipe, write_moved};

    #[test]
    fn a_picture_whose_recipe_an_editor_has_moved_stays_as_somebody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frame.png");
        let recipe = recipe();
        let expected = Expected {
            settings: &recipe.settings,
            inputs: &recipe.inputs,
            model: &recipe.model.hash,
            lines: recipe.lines,
            size: (1, 1),
        };
        let foreign = || expected.kept(&path).unwrap().map(|kept| kept.foreign);
        metadata::write_take(&path, &RgbImage::new(1, 1), None, &recipe).unwrap();
        assert_eq!(foreign(), Some(None));
        write_moved(&path, *b"tEXt");
        assert_eq!(foreign(), Some(Some("is no take of this program")));
    }
}
