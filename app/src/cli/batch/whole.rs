//! Whether a picture has been made already: not only there, but whole, and from the same inputs with the same settings.

use std::path::Path;

use engine::request::Settings;
use image::RgbImage;

use crate::gallery::metadata;
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
