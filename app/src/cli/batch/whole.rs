//! What is there already: a picture that is not only there, but whole, and from the same inputs with the same settings; or somebody else's.

use std::path::Path;

use engine::request::Settings;
use image::RgbImage;

use crate::gallery::metadata::{self, MetadataError};
use crate::generate::recipe::{Recipe, RecipeInputs};

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
    /// The picture at `path`, if it is whole and was made from this.
    pub fn find(&self, path: &Path) -> Option<RgbImage> {
        let recipe = metadata::read_recipe(path).ok()?;
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

/// Whether a picture is at `path` that is no take, such as a frame that was painted over in another program: nobody could make it again. What cannot be opened,
/// as a take that was cut off, is none.
pub fn is_others(path: &Path) -> bool {
    match metadata::read_recipe(path) {
        Err(MetadataError::NoRecipe { .. }) => true,
        // Broken, or a picture of another kind.
        Err(MetadataError::NotPng { .. }) => engine::image::open(path).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::metadata::tests::recipe;

    #[test]
    fn only_whole_pictures_without_a_recipe_are_somebody_else_s() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let picture = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x * 7, y * 13, x * y].map(|value| value as u8)));
        metadata::write_take(&at("take.png"), &picture, None, &recipe()).unwrap();
        let take = std::fs::read(at("take.png")).unwrap();
        std::fs::write(at("cut off.png"), &take[..take.len() / 2]).unwrap();
        std::fs::write(at("empty.png"), "").unwrap();
        for name in ["take.png", "cut off.png", "empty.png", "none.png"] {
            assert!(!is_others(&at(name)), "{name}");
        }
        picture.save(at("painted.png")).unwrap();
        picture.save(at("photo.jpg")).unwrap();
        std::fs::rename(at("photo.jpg"), at("photo.png")).unwrap();
        for name in ["painted.png", "photo.png"] {
            assert!(is_others(&at(name)), "{name}");
        }
    }
}
