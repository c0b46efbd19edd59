//! What is there already and stays: a picture that is not only there, but whole, and from the same inputs with the same settings; or somebody else's.

use std::path::Path;
use std::time::SystemTime;

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
    pub settings: Settings,
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

    /// The picture at `path`, if it was made from this and is not older than `begun`: where all is made again, another process may have been at it since.
    pub fn made_since(&self, begun: SystemTime, path: &Path) -> Option<Kept> {
        let picture = is_since(begun, path).then(|| self.find(path))??;
        Some(Kept { picture, foreign: None })
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

    /// Device and program may differ, and the inputs and the model's files may lie elsewhere by now: their hashes tell.
    fn matches(&self, recipe: &Recipe) -> bool {
        let mut settings = recipe.settings.clone();
        settings.model.clone_from(&self.settings.model);
        for (made, wanted) in settings.adapters.iter_mut().zip(&self.settings.adapters) {
            if made.hash.is_some() && made.hash == wanted.hash {
                made.file.clone_from(&wanted.file);
            }
        }
        let hashes = |inputs: &RecipeInputs| {
            let optional = [&inputs.sketch_mask, &inputs.reference_mask, &inputs.background];
            let optional = optional.map(|input| input.as_ref().map(|input| input.hash.clone()));
            (inputs.sketch.hash.clone(), inputs.reference.hash.clone(), optional)
        };
        settings == self.settings
            && recipe.model.hash == self.model
            && recipe.lines == self.lines
            && hashes(&recipe.inputs) == hashes(self.inputs)
    }
}

/// Whether a file has been written since `begun`, by the clock of the file server.
pub fn is_since(begun: SystemTime, path: &Path) -> bool {
    let written = std::fs::metadata(path).and_then(|facts| facts.modified());
    written.is_ok_and(|written| written >= begun)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::request::{AdapterFile, ModelRef};

    use super::*;
    use crate::gallery::metadata::tests::{recipe, write_moved};

    /// A picture of one pixel that is made as `recipe` says.
    fn expected(recipe: &Recipe) -> Expected<'_> {
        Expected {
            settings: recipe.settings.clone(),
            inputs: &recipe.inputs,
            model: &recipe.model.hash,
            lines: recipe.lines,
            size: (1, 1),
        }
    }

    #[test]
    fn a_model_that_was_moved_is_the_same_and_another_one_in_its_place_is_not() {
        let made_with = |folder: &str, hash: &str, strength: f32| {
            let mut recipe = recipe();
            recipe.settings.model = ModelRef::Files {
                checkpoint: Path::new(folder).join("m.safetensors"),
                clip: None,
                vae: None,
            };
            recipe.settings.adapters = vec![AdapterFile {
                file: Path::new(folder).join("a.safetensors"),
                strength,
                hash: Some(hash.to_owned()),
            }];
            recipe
        };
        let made = made_with("models", "ab", 1.0);
        assert!(expected(&made_with("elsewhere/models", "ab", 1.0)).matches(&made));
        assert!(!expected(&made_with("models", "cd", 1.0)).matches(&made));
        assert!(!expected(&made_with("models", "ab", 0.5)).matches(&made));
        let mut other = made_with("models", "ab", 1.0);
        other.model.hash = "ff".to_owned();
        assert!(!expected(&other).matches(&made));
        other = made_with("models", "ab", 1.0);
        other.settings.adapters.clear();
        assert!(!expected(&other).matches(&made) && !expected(&made).matches(&other));
    }

    #[test]
    fn where_all_is_made_again_what_was_made_since_the_beginning_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frame.png");
        let recipe = recipe();
        metadata::write_take(&path, &RgbImage::new(1, 1), None, &recipe).unwrap();
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        let stays = |begun| expected(&recipe).made_since(begun, &path).is_some();
        assert!(stays(written) && stays(written - Duration::from_secs(1)));
        assert!(!stays(written + Duration::from_secs(1)));
        RgbImage::new(1, 1).save(&path).unwrap();
        assert!(!stays(SystemTime::UNIX_EPOCH), "it is somebody's own");
    }

    #[test]
    fn a_picture_whose_recipe_an_editor_has_moved_stays_as_somebody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frame.png");
        let recipe = recipe();
        let foreign = || expected(&recipe).kept(&path).unwrap().map(|kept| kept.foreign);
        metadata::write_take(&path, &RgbImage::new(1, 1), None, &recipe).unwrap();
        assert_eq!(foreign(), Some(None));
        write_moved(&path, *b"tEXt");
        assert_eq!(foreign(), Some(Some("is no take of this program")));
    }
}
