//! The recipe inside a take's PNG: iTXt `parameters` for the programs that read it, and our own versioned RON.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use image::{RgbImage, RgbaImage};
use picture::{Samples, png_encoder};

use super::chunks::{self, SIGNATURE, Surroundings};
use super::{underlay, xmp};
use crate::document::replace_file;
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

/// Likewise one of which so many pixels make an inch on paper.
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

/// Likewise one that keeps what is transparent. Its lines cannot be taken off.
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

/// Likewise, unless this very take is there already: then its file stays.
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

/// Likewise where it stands as this program writes it: an editor that moved it may have changed the pixels, which nobody could make again.
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
pub(crate) mod tests {
    use super::*;
    use crate::generate::recipe::{InputImage, Origin, RecipeInputs};
    use engine::event::ModelIdentity;
    use engine::request::Settings;

    pub fn recipe() -> Recipe {
        let input = |name: &str| InputImage {
            origin: Origin::File(name.into()),
            hash: "00".into(),
        };
        Recipe {
            version: VERSION,
            program: "shiage 0.1.0".into(),
            model: ModelIdentity {
                name: "tiny".into(),
                hash: "0123456789abcdef".into(),
            },
            device: "CPU".into(),
            settings: Settings {
                seed: 7,
                ..Settings::default()
            },
            inputs: RecipeInputs::new(input("線画.png"), input("r.png")),
            lines: true,
        }
    }

    /// A picture of one pixel, saved by an editor that moves the recipe to text of this kind.
    pub fn write_moved(path: &Path, kind: [u8; 4]) {
        let mut text = ron::ser::to_string(&recipe()).unwrap().into_bytes();
        if &kind == b"zTXt" {
            let mut packed = flate2::write::ZlibEncoder::new(vec![0], flate2::Compression::fast());
            packed.write_all(&text).unwrap();
            text = packed.finish().unwrap();
        }
        let data = [RECIPE_KEYWORD.as_bytes(), &[0][..], &text[..]].concat();
        let mut writer = png::Encoder::new(File::create(path).unwrap(), 1, 1).write_header().unwrap();
        writer.write_chunk(png::chunk::ChunkType(kind), &data).unwrap();
        writer.write_image_data(&[0]).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn a_recipe_survives_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.png");
        write_take(&path, &RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3])), None, &recipe()).unwrap();
        assert_eq!(read_recipe(&path).unwrap(), recipe());
        assert_eq!(image::open(&path).unwrap().to_rgb8().get_pixel(2, 1).0, [1, 2, 3]);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }

    #[test]
    fn a_take_keeps_what_is_transparent_with_its_recipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.png");
        let faded = RgbaImage::from_fn(9, 5, |x, y| image::Rgba([10, 20, 30, (x * y * 6) as u8]));
        write_transparent_take(&path, &faded, Some(300.0), &recipe()).unwrap();
        assert_eq!(read_recipe(&path).unwrap(), recipe());
        let opened = picture::Picture::open(&path).unwrap();
        assert_eq!(opened.resolution, Some(300.0));
        assert_eq!(opened.into_rgba(), faded);
        assert_eq!(standing(&path), Standing::Take);
    }

    #[test]
    fn takes_and_what_is_left_of_them_are_told_from_the_files_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let picture = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x * 7, y * 13, x * y].map(|value| value as u8)));
        write_take(&at("take"), &picture, None, &recipe()).unwrap();
        let take = std::fs::read(at("take")).unwrap();
        std::fs::write(at("cut off"), &take[..take.len() / 2]).unwrap();
        std::fs::write(at("begun"), &take[..5]).unwrap();
        std::fs::write(at("empty"), "").unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        let newer = Recipe {
            version: VERSION + 1,
            ..recipe()
        };
        write_take(&at("newer"), &picture, None, &newer).unwrap();
        std::fs::copy(at("take"), at("spoilt")).unwrap();
        chunks::replace_text(&at("spoilt"), RECIPE_KEYWORD, "(version: 1, seed").unwrap();
        picture.save_with_format(at("painted"), image::ImageFormat::Png).unwrap();
        let painted = std::fs::read(at("painted")).unwrap();
        std::fs::write(at("half painted"), &painted[..painted.len() / 2]).unwrap();
        picture.save_with_format(at("photo"), image::ImageFormat::Jpeg).unwrap();
        std::fs::write(at("notes"), "no picture").unwrap();
        for (name, wanted) in [
            ("none", Standing::Free),
            ("folder", Standing::Free),
            ("take", Standing::Take),
            ("cut off", Standing::Damaged),
            ("begun", Standing::Damaged),
            ("empty", Standing::Damaged),
            ("spoilt", Standing::Damaged),
            ("newer", Standing::Newer),
            ("painted", Standing::Others),
            ("half painted", Standing::Others),
            ("photo", Standing::Others),
            ("notes", Standing::Others),
        ] {
            assert_eq!(standing(&at(name)), wanted, "{name}");
        }
    }

    #[test]
    fn what_was_decided_about_a_take_outlives_its_file() {
        use crate::gallery::entry::{Entry, Stamp, write_marks};
        use crate::gallery::marks::Marks;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.png");
        let entry = || Entry::read(path.clone(), Stamp::of(&path).unwrap());
        let keep = |picture: &RgbImage, recipe: &Recipe| keep_take(&path, picture, None, recipe).unwrap();
        keep(&RgbImage::new(3, 2), &recipe());
        // It was made a day ago.
        let file = File::options().append(true).open(&path).unwrap();
        let day = std::time::Duration::from_secs(24 * 60 * 60);
        file.set_modified(std::time::SystemTime::now() - day).unwrap();
        let marks = Marks {
            stars: 4,
            note: "線".to_owned(),
            ..Marks::default()
        };
        let rated = write_marks(&path, &marks).unwrap();
        keep(&RgbImage::new(3, 2), &recipe());
        assert_eq!(entry(), rated);
        keep(&RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3])), &recipe());
        assert_eq!(entry().marks(), Some(&marks));
        let created = |entry: &Entry| entry.facts.as_ref().unwrap().created.clone();
        assert!(created(&entry()) > created(&rated), "it was made now");
        assert_eq!(read_recipe(&path).unwrap(), recipe());
        std::fs::write(&path, "no picture").unwrap();
        keep(&RgbImage::new(3, 2), &recipe());
        assert_eq!(entry().marks(), Some(&Marks::default()));
    }

    #[test]
    fn a_recipe_that_unfolds_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.png");
        let mut info = png::Info::with_size(1, 1);
        info.color_type = png::ColorType::Rgb;
        let most = chunks::MAX_TEXT;
        let mut text = png::text_metadata::ITXtChunk::new(RECIPE_KEYWORD, " ".repeat(2 * most as usize));
        text.compressed = true;
        text.compress_text().unwrap();
        info.utf8_text.push(text);
        let mut writer = png::Encoder::with_info(File::create(&path).unwrap(), info)
            .unwrap()
            .write_header()
            .unwrap();
        writer.write_image_data(&[0; 3]).unwrap();
        writer.finish().unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < most);
        let error = read_recipe(&path).unwrap_err();
        assert!(matches!(error, MetadataError::BadRecipe { .. }), "{error}");
    }

    #[test]
    fn a_recipe_that_an_editor_moved_to_another_kind_of_text_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moved.png");
        for kind in [*b"tEXt", *b"zTXt"] {
            write_moved(&path, kind);
            assert_eq!(read_recipe(&path).unwrap(), recipe());
            assert_eq!(standing(&path), Standing::Others, "its pixels may be a person's");
        }
    }

    #[test]
    fn the_parameters_are_in_the_words_of_other_programs() {
        assert_eq!(
            recipe().parameters(),
            "Steps: 12, Sampler: DPM++ 2M, Schedule type: Automatic, CFG scale: 1.5, Seed: 7, Model hash: 0123456789, Model: tiny, Mode: Split, Version: shiage 0.1.0"
        );
    }

    #[test]
    fn a_picture_without_a_recipe_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.png");
        RgbImage::new(1, 1).save(&path).unwrap();
        assert!(matches!(read_recipe(&path), Err(MetadataError::NoRecipe { .. })));
        std::fs::write(&path, b"not a png").unwrap();
        assert!(matches!(read_recipe(&path), Err(MetadataError::NotPng { .. })));
        assert!(matches!(
            write_take(
                &folder.path().join("no/such/folder.png"),
                &RgbImage::new(1, 1),
                None,
                &recipe()
            ),
            Err(MetadataError::Write { .. })
        ));
    }
}
