//! What determines a result: its settings, its inputs by hash, and the model's weights by hash.

use std::path::{Path, PathBuf};

use engine::event::{ModelIdentity, Take};
use engine::request::{Named, Settings};
use image::{GrayImage, RgbImage, RgbaImage};
use serde::{Deserialize, Serialize, Serializer};

/// Version of the recipe's own layout; a program reads all versions up to its own.
pub const VERSION: u32 = 1;

/// Everything that a take follows from, as it is kept inside the take's PNG.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub version: u32,
    /// Name and version of the program that made the take.
    pub program: String,
    pub model: ModelIdentity,
    /// Name of the device that it ran on: the same recipe gives the same pixels on the same CPU, and nearly the same on the same GPU.
    pub device: String,
    pub settings: Settings,
    pub inputs: RecipeInputs,
    /// Whether the sketch's lines lie over the colour in the picture that carries this recipe.
    pub lines: bool,
}

/// The images of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecipeInputs {
    pub sketch: InputImage,
    pub reference: InputImage,
    pub sketch_mask: Option<InputImage>,
    pub reference_mask: Option<InputImage>,
    pub background: Option<InputImage>,
    #[serde(default)]
    pub start: Option<InputImage>,
    #[serde(default)]
    pub injection: Option<InputImage>,
    #[serde(default)]
    pub hints: Option<InputImage>,
}

impl RecipeInputs {
    /// Without masks or what else is optional.
    pub fn new(sketch: InputImage, reference: InputImage) -> Self {
        Self {
            sketch,
            reference,
            sketch_mask: None,
            reference_mask: None,
            background: None,
            start: None,
            injection: None,
            hints: None,
        }
    }

    /// The files among them.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let Self {
            sketch,
            reference,
            sketch_mask,
            reference_mask,
            background,
            start,
            injection,
            hints,
        } = self;
        let optional = [sketch_mask, reference_mask, background, start, injection, hints];
        let all = [sketch, reference].into_iter().chain(optional.into_iter().flatten());
        all.filter_map(|input| match &input.origin {
            Origin::File(path) => Some(path.as_path()),
            Origin::Sample(_) | Origin::Document => None,
        })
    }
}

/// One image of a recipe: where it was, and what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputImage {
    pub origin: Origin,
    /// blake3 over width, height and pixels: the same picture in another file format has the same hash.
    pub hash: String,
}

/// Where an input came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// As given on the command line. A name that is no text, as of a drawing from an old archive, is written as it shows: nobody finds the file by it, but the
    /// hash still tells the picture.
    File(#[serde(serialize_with = "as_shown")] PathBuf),
    /// A sample that ships with the program.
    Sample(String),
    /// Painted or imported in a document; the hash alone tells.
    Document,
}

/// Writes a path that is only told: what is no text in it is replaced.
pub fn as_shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

impl Recipe {
    /// That of a take, which ran on `device`. `lines`: whether the sketch lies over the picture that is written.
    pub fn of(take: &Take, device: String, inputs: RecipeInputs, lines: bool) -> Self {
        Self {
            version: VERSION,
            program: program(),
            model: take.model.clone(),
            device,
            settings: take.settings.clone(),
            inputs,
            lines,
        }
    }

    /// One line block in the words that other programs read (PNG text `parameters`).
    pub fn parameters(&self) -> String {
        let settings = &self.settings;
        let size = settings
            .size
            .map(|[width, height]| format!(", Size: {width}x{height}"))
            .unwrap_or_default();
        format!(
            "Steps: {}, Sampler: {}, Schedule type: {}, CFG scale: {}, Seed: {}{size}, Model hash: {}, Model: {}, Mode: {:?}, Version: {}",
            settings.steps,
            settings.sampler.name(),
            settings.schedule.name(),
            settings.reference_guidance,
            settings.seed,
            self.model.hash.get(..10).unwrap_or(&self.model.hash),
            self.model.name,
            settings.mode,
            self.program,
        )
    }
}

/// The program's name and version, as recipes record it.
pub fn program() -> String {
    format!("shiage {}", env!("CARGO_PKG_VERSION"))
}

/// Hash of a colour picture.
pub fn hash_rgb(picture: &RgbImage) -> String {
    hash(picture.width(), picture.height(), 3, picture.as_raw())
}

/// Hash of a mask.
pub fn hash_gray(mask: &GrayImage) -> String {
    hash(mask.width(), mask.height(), 1, mask.as_raw())
}

/// Hash of a picture with transparency.
pub fn hash_rgba(picture: &RgbaImage) -> String {
    hash(picture.width(), picture.height(), 4, picture.as_raw())
}

fn hash(width: u32, height: u32, channels: u8, pixels: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(&width.to_le_bytes())
        .update(&height.to_le_bytes())
        .update(&[channels])
        .update(pixels);
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::metadata::tests::recipe;

    #[test]
    fn a_hash_of_another_program_is_told_as_far_as_it_can_be_cut() {
        for (hash, told) in [
            ("0123456789abcdef", "0123456789"),
            ("短い", "短い"),
            ("123456789線画", "123456789線画"),
        ] {
            let mut recipe = recipe();
            recipe.model.hash = hash.to_owned();
            let words = recipe.parameters();
            assert!(words.contains(&format!("Model hash: {told}, ")), "{words}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_whose_name_is_no_text_can_be_told() {
        use std::os::unix::ffi::OsStrExt;
        // As an archive of Shift-JIS leaves it, and as others do.
        for (name, shown) in [
            (&b"\x90\xfc.png"[..], "\u{fffd}\u{fffd}.png"),
            ("線.png".as_bytes(), "線.png"),
        ] {
            let path = PathBuf::from(std::ffi::OsStr::from_bytes(name));
            let text = ron::to_string(&Origin::File(path)).unwrap();
            assert_eq!(ron::from_str::<Origin>(&text).unwrap(), Origin::File(shown.into()));
        }
    }

    #[test]
    fn the_hash_is_of_the_picture_and_its_size() {
        let wide = RgbImage::new(2, 1);
        let tall = RgbImage::new(1, 2);
        assert_eq!(hash_rgb(&wide), hash_rgb(&RgbImage::new(2, 1)));
        assert_ne!(hash_rgb(&wide), hash_rgb(&tall));
        assert_ne!(
            hash_gray(&GrayImage::new(1, 1)),
            hash_gray(&GrayImage::from_pixel(1, 1, image::Luma([1])))
        );
    }
}
