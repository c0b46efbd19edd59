//! The recipe inside a take's PNG: iTXt `parameters` for the programs that read it, and our own versioned RON.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use image::{RgbImage, RgbaImage};
use picture::{Samples, png_encoder, replace_file};

use super::chunks::{self, SIGNATURE, Surroundings};
use super::{underlay, xmp};
use crate::generate::recipe::{Recipe, VERSION};

/// Keyword of the iTXt chunk that holds our recipe.
pub(super) const RECIPE_KEYWORD: &str = "shiage:recipe";
/// Keyword that A1111 and others read.
pub(super) const PARAMETERS_KEYWORD: &str = "parameters";

/// Why a take could not be written or its recipe not be read.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error("cannot write {path}: {source}; check that the folder exists and has room", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot read {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a PNG that can be read ({reason}), and only a PNG carries a recipe; give a picture that shiage wrote", path = path.display())]
    NotPng { path: PathBuf, reason: String },
    #[error("{path} carries no recipe; give a picture that shiage wrote, unedited", path = path.display())]
    NoRecipe { path: PathBuf },
    #[error("the recipe in {path} cannot be read: {reason}; give a picture as shiage wrote it", path = path.display())]
    BadRecipe { path: PathBuf, reason: String },
    #[error("the recipe in {path} has version {version}, this program reads up to {VERSION}; update shiage", path = path.display())]
    NewerRecipe { path: PathBuf, version: u32 },
}

/// Writes a take with its recipe: whole, or not at all. With `plain`, the same picture without the sketch's lines, they can be taken off again. What was
/// decided about a picture that it replaces, and what other programs wrote there as XMP, stays.
pub fn write_take(path: &Path, picture: &RgbImage, plain: Option<&RgbImage>, recipe: &Recipe) -> Result<(), MetadataError> {
    write_take_at(path, picture, plain, None, recipe)
}

/// As [`write_take`], one of which `resolution` pixels make an inch on paper, where that is known.
pub fn write_take_at(
    path: &Path,
    picture: &RgbImage,
    plain: Option<&RgbImage>,
    resolution: Option<f32>,
    recipe: &Recipe,
) -> Result<(), MetadataError> {
    let under = || plain.map_or(Ok(None), |plain| underlay::pack(picture, plain));
    write(path, Samples::from(picture).at(resolution), under, recipe)
}

/// As [`write_take_at`], one that keeps what is transparent. Its lines cannot be taken off.
pub fn write_transparent_take(
    path: &Path,
    picture: &RgbaImage,
    resolution: Option<f32>,
    recipe: &Recipe,
) -> Result<(), MetadataError> {
    write(path, Samples::from(picture).at(resolution), || Ok(None), recipe)
}

fn write(
    path: &Path,
    picture: Samples<'_>,
    under: impl FnOnce() -> std::io::Result<Option<Vec<u8>>>,
    recipe: &Recipe,
) -> Result<(), MetadataError> {
    let decided = decided(path);
    replace_file(path, |file| encode(file, picture, under()?, recipe, decided)).map_err(|source| MetadataError::Write {
        path: path.to_owned(),
        source,
    })
}

/// The packet inside the picture that is there, without when that was made.
fn decided(path: &Path) -> Option<String> {
    let found = chunks::read(path).ok()?;
    let old = found.text(xmp::KEYWORD)?;
    let packet = xmp::Packet {
        created: None,
        ..xmp::read(old).ok()?
    };
    xmp::write(&packet, Some(old)).ok()
}

/// As [`write_take`], unless this very take is there already: then its file stays.
pub fn keep_take(path: &Path, picture: &RgbImage, plain: Option<&RgbImage>, recipe: &Recipe) -> Result<(), MetadataError> {
    let is_there =
        read_recipe(path).is_ok_and(|there| there == *recipe) && engine::image::open(path).is_ok_and(|there| there == *picture);
    match is_there {
        true => Ok(()),
        false => write_take(path, picture, plain, recipe),
    }
}

fn encode(
    file: &mut impl Write,
    picture: Samples<'_>,
    under: Option<Vec<u8>>,
    recipe: &Recipe,
    packet: Option<String>,
) -> std::io::Result<()> {
    let recipe_text = ron::ser::to_string(recipe).map_err(std::io::Error::other)?;
    let mut encoder = png_encoder(file, picture);
    encoder.add_itxt_chunk(PARAMETERS_KEYWORD.to_owned(), recipe.parameters())?;
    encoder.add_itxt_chunk(RECIPE_KEYWORD.to_owned(), recipe_text)?;
    if let Some(packet) = packet {
        encoder.add_itxt_chunk(xmp::KEYWORD.to_owned(), packet)?;
    }
    let mut writer = encoder.write_header()?;
    if let Some(under) = under {
        writer.write_chunk(png::chunk::ChunkType(underlay::CHUNK), &under)?;
    }
    writer.write_image_data(picture.bytes())?;
    Ok(writer.finish()?)
}

/// Reads the recipe out of a take's PNG, and where an editor has moved it to another kind of text, too.
pub fn read_recipe(path: &Path) -> Result<Recipe, MetadataError> {
    recipe_in(path, |found| found.text(RECIPE_KEYWORD))
}

/// As [`read_recipe`], where it stands as this program writes it: an editor that moved it may have changed the pixels, which nobody could make again.
pub fn read_untouched_recipe(path: &Path) -> Result<Recipe, MetadataError> {
    recipe_in(path, |found| found.itxt(RECIPE_KEYWORD))
}

fn recipe_in(path: &Path, text: impl Fn(&Surroundings) -> Option<&str>) -> Result<Recipe, MetadataError> {
    let path = path.to_owned();
    let found = match chunks::read(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            let reason = error.to_string();
            return Err(MetadataError::NotPng { path, reason });
        }
        Err(source) => return Err(MetadataError::Read { path, source }),
    };
    let Some(text) = text(&found) else {
        let is_torn = found.unread.iter().any(|keyword| keyword == RECIPE_KEYWORD);
        let reason = "it is damaged, or longer than any".to_owned();
        return Err(match is_torn {
            true => MetadataError::BadRecipe { path, reason },
            false => MetadataError::NoRecipe { path },
        });
    };
    let bad = |error: ron::error::SpannedError| MetadataError::BadRecipe {
        path: path.clone(),
        reason: error.to_string(),
    };
    // The version comes first, so that a newer layout is named as such and not as a broken one.
    let version = ron::from_str::<VersionOnly>(text).map_err(bad)?.version;
    match version > VERSION {
        true => Err(MetadataError::NewerRecipe { path, version }),
        false => ron::from_str(text).map_err(bad),
    }
}

#[derive(serde::Deserialize)]
struct VersionOnly {
    version: u32,
}

/// What stands where a take is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No file.
    Free,
    /// A take, of whatever.
    Take,
    /// A take whose recipe is broken, or the remains of one, which nobody can open.
    Damaged,
    /// A take of a newer version of the program.
    Newer,
    /// Somebody else's file, such as a frame that was painted over in another program: nobody could make it again.
    Others,
}

/// Whether a take may be written to `path`, as far as what stands there is concerned.
pub fn standing(path: &Path) -> Standing {
    if !path.is_file() {
        return Standing::Free;
    }
    match read_untouched_recipe(path) {
        Ok(_) => Standing::Take,
        Err(MetadataError::BadRecipe { .. }) => Standing::Damaged,
        Err(MetadataError::NewerRecipe { .. }) => Standing::Newer,
        Err(MetadataError::NotPng { .. }) if is_remains(path) => Standing::Damaged,
        Err(_) => Standing::Others,
    }
}

/// Most bytes of a PNG in which its recipe begins.
const HEAD: u64 = 64 << 10;

/// Whether the file begins as a PNG, as far as it goes, cannot be opened, and is nobody's loss: a take's recipe stands in it, or no pixels yet.
fn is_remains(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut start));
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    let is_png = SIGNATURE.starts_with(&start) || start.starts_with(&SIGNATURE);
    let is_no_loss = has(RECIPE_KEYWORD.as_bytes()) || !has(b"IDAT");
    read.is_ok() && is_png && is_no_loss && engine::image::open(path).is_err()
}

#[cfg(test)]
pub(crate) mod tests;
