//! What of a picture shows: all of it or a part, with its drawing's lines or without. What is not in the pixels is told by the recipe.

use std::fmt::Display;
use std::path::Path;

use image::imageops::{self, FilterType};
use image::{Luma, RgbImage};

use super::chunks;
use super::metadata::read_recipe;
use super::underlay;
use crate::generate::compose::{SURROUND, multiply_lines};
use crate::generate::recall::Expected;
use crate::samples::Sample;

/// How a picture is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Look {
    pub part: Part,
    /// Whether the sketch's lines lie over the colour; none: as the picture was made.
    pub lines: Option<bool>,
}

/// What of a picture shows. All but the first are told by what its recipe names, while the files are as they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    #[default]
    All,
    /// Where the sketch mask is white; the rest is grey.
    Figure,
    Background,
    /// The line art instead of the picture.
    Sketch,
}

impl Part {
    pub const EVERY: [Self; 4] = [Self::All, Self::Figure, Self::Background, Self::Sketch];

    pub fn words(self) -> &'static str {
        match self {
            Self::All => "Whole pictures",
            Self::Figure => "Figure only",
            Self::Background => "Background only",
            Self::Sketch => "Sketch only",
        }
    }
}

impl Look {
    /// The colour without the lines over it.
    pub const BARE: Self = Self {
        part: Part::All,
        lines: Some(false),
    };

    /// What is looked at, in words for a sentence that says why it cannot be shown.
    pub fn words(self) -> &'static str {
        match (self.part, self.lines) {
            (Part::All, Some(true)) => "The sketch over it",
            (Part::All, Some(false)) => "The colour without its lines",
            (part, _) => part.words(),
        }
    }

    /// The picture of the file `path`, looked at like this, in its own size; or why that cannot be shown.
    pub fn of(self, picture: RgbImage, path: &Path) -> Result<RgbImage, String> {
        let picture = match self.lines.filter(|_| self.part != Part::Sketch) {
            Some(shown) => lines(shown, picture, path)?,
            None => picture,
        };
        only(self.part, picture, path)
    }
}

fn said(error: impl Display) -> String {
    error.to_string()
}

/// Lays the lines over a picture that was made without them, or takes those off that lie over it. A picture that has lost what is under its lines keeps
/// them.
fn lines(shown: bool, mut picture: RgbImage, path: &Path) -> Result<RgbImage, String> {
    let Ok(recipe) = read_recipe(path) else { return Ok(picture) };
    match (recipe.lines, shown) {
        (true, false) => {
            if let Some(packed) = chunks::read_chunk(path, underlay::CHUNK).map_err(said)? {
                underlay::lift(&mut picture, &packed).map_err(said)?;
            }
            Ok(picture)
        }
        (false, true) => {
            let sketch = sketch(&recipe.inputs.sketch, picture.dimensions(), path)?;
            Ok(multiply_lines(&picture, &sketch, recipe.settings.sketch_preprocess))
        }
        _ => Ok(picture),
    }
}

/// The line art that a recipe names, in the size of a picture.
fn sketch(input: &crate::generate::recipe::InputImage, size: (u32, u32), path: &Path) -> Result<RgbImage, String> {
    let (sketch, _) = Expected::recorded("sketch", input, path).open(Sample::sketch).map_err(said)?;
    Ok(match sketch.dimensions() == size {
        true => sketch.as_ref().clone(),
        false => imageops::resize(sketch.as_ref(), size.0, size.1, FilterType::Triangle),
    })
}

/// A part of the picture that the file `path` holds, in the picture's size.
fn only(part: Part, mut picture: RgbImage, path: &Path) -> Result<RgbImage, String> {
    if part == Part::All {
        return Ok(picture);
    }
    let recipe = read_recipe(path).map_err(said)?.inputs;
    let (width, height) = picture.dimensions();
    if part == Part::Sketch {
        return sketch(&recipe.sketch, (width, height), path);
    }
    let mask = recipe.sketch_mask.ok_or("its recipe names no mask of the sketch")?;
    let (mask, _) = Expected::recorded("sketch mask", &mask, path)
        .open(Sample::sketch_mask)
        .map_err(said)?;
    let mask = imageops::resize(mask.as_ref(), width, height, FilterType::Triangle);
    for (pixel, Luma([mask])) in picture.pixels_mut().zip(mask.pixels()) {
        let keeps = (*mask > 127) == (part == Part::Figure);
        if !keeps {
            *pixel = SURROUND;
        }
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::metadata::tests::recipe;
    use crate::gallery::metadata::write_take;
    use crate::generate::recipe::{InputImage, Origin, Recipe, hash_gray, hash_rgb};
    use crate::samples::SAMPLES;
    use image::Rgb;

    fn sample_input(hash: String) -> InputImage {
        InputImage {
            origin: Origin::Sample(SAMPLES[0].name.to_owned()),
            hash,
        }
    }

    fn look(lines: Option<bool>) -> Look {
        Look { part: Part::All, lines }
    }

    #[test]
    fn figure_background_and_sketch_come_from_what_the_recipe_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.png");
        let mut recipe = recipe();
        let (sketch, mask) = (SAMPLES[0].sketch(), SAMPLES[0].sketch_mask());
        recipe.inputs.sketch = sample_input(hash_rgb(&sketch));
        let (width, height) = sketch.dimensions();
        let picture = RgbImage::from_pixel(width, height, Rgb([9, 200, 30]));
        write_take(&path, &picture, None, &recipe).unwrap();
        let part = |part| Look { part, lines: None }.of(picture.clone(), &path);
        assert!(part(Part::Figure).unwrap_err().contains("names no mask"));
        recipe.inputs.sketch_mask = Some(sample_input(hash_gray(&mask)));
        write_take(&path, &picture, None, &recipe).unwrap();
        assert_eq!(part(Part::Sketch).unwrap(), sketch);
        let [figure, background] = [Part::Figure, Part::Background].map(|it| part(it).unwrap());
        for (place, pixel) in mask.enumerate_pixels().map(|(x, y, pixel)| ((x, y), pixel.0[0] > 127)) {
            let at = |picture: &RgbImage| *picture.get_pixel(place.0, place.1) == Rgb([9, 200, 30]);
            assert_eq!((at(&figure), at(&background)), (pixel, !pixel));
        }
    }

    #[test]
    fn lines_are_taken_off_and_laid_over_as_the_file_allows() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let sketch = SAMPLES[0].sketch();
        let mut recipe = recipe();
        recipe.inputs.sketch = sample_input(hash_rgb(&sketch));
        let plain = RgbImage::from_pixel(sketch.width(), sketch.height(), Rgb([9, 200, 30]));
        let lined = multiply_lines(&plain, &sketch, recipe.settings.sketch_preprocess);
        let bare = Recipe {
            lines: false,
            ..recipe.clone()
        };
        write_take(&file("kept.png"), &lined, Some(&plain), &recipe).unwrap();
        write_take(&file("lost.png"), &lined, None, &recipe).unwrap();
        write_take(&file("bare.png"), &plain, None, &bare).unwrap();
        let of = |shown: bool, picture: &RgbImage, name: &str| look(Some(shown)).of(picture.clone(), &file(name));
        assert_eq!(of(false, &lined, "kept.png").as_ref(), Ok(&plain));
        assert_eq!(of(true, &lined, "kept.png").as_ref(), Ok(&lined));
        assert_eq!(
            of(false, &lined, "lost.png").as_ref(),
            Ok(&lined),
            "what is lost stays hidden"
        );
        assert_eq!(of(true, &plain, "bare.png").as_ref(), Ok(&lined));
        assert_eq!(of(false, &plain, "bare.png").as_ref(), Ok(&plain));
        assert_eq!(look(None).of(lined.clone(), &file("kept.png")).as_ref(), Ok(&lined));
        // A rating leaves the chunk where it is.
        crate::gallery::entry::write_marks(&file("kept.png"), &Default::default()).unwrap();
        assert_eq!(of(false, &lined, "kept.png").as_ref(), Ok(&plain));
        let mut lost = bare;
        lost.inputs.sketch.origin = Origin::File("gone.png".into());
        write_take(&file("bare.png"), &plain, None, &lost).unwrap();
        assert!(of(true, &plain, "bare.png").unwrap_err().contains("gone.png"));
    }
}
