//! Pictures on disk, with what belongs to them by name: `0012.png`, its mask `0012-mask.png`, its background `0012-background.png`.

mod pattern;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::EngineError;
use image::{GrayImage, RgbImage};
use picture::{ENDINGS, LONGEST_STEM, shortened};

use super::recipe::{InputImage, Origin, hash_gray, hash_rgb};
use crate::natural::natural;
use pattern::{Pattern, literal};

const MASK: &str = "-mask";
const BACKGROUND: &str = "-background";
/// How `shiage colorize` calls what it makes of a drawing.
pub const COLOR: &str = "-color";

/// A picture and its companions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureFile {
    pub picture: PathBuf,
    /// White where the figure is.
    pub mask: Option<PathBuf>,
    /// For a reference: a second one, for the background alone.
    pub background: Option<PathBuf>,
}

/// Why no list of pictures came of what was named.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("{path} does not exist; name pictures, a folder, or a pattern such as 'shot/*.png' or 'shot.####.png'", path = path.display())]
    Missing { path: PathBuf },
    #[error("the folder {path} cannot be read: {source}", path = path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("{path} holds no picture (PNG, JPEG, WebP, TIFF)", path = path.display())]
    Empty { path: PathBuf },
    #[error("{path} is no folder; name the one that the masks are in", path = path.display())]
    NoMaskFolder { path: PathBuf },
    #[error(
        "no mask in {path} has the name of a picture; the mask for {picture} should be called {wanted}.png or {wanted}{MASK}.png",
        path = path.display(), picture = picture.display(), wanted = readable(stem(picture))
    )]
    NoMaskFits {
        path: PathBuf,
        /// The first of the pictures.
        picture: PathBuf,
    },
}

impl PictureFile {
    /// The picture with the companions that lie beside it. A mask may also lie in the folder `masks`, under the picture's own name.
    pub fn new(picture: PathBuf, masks: Option<&Path>) -> Self {
        let stem = stem(&picture);
        let beside = |suffix| with_any_ending(&picture, &joined(stem, suffix));
        let apart = masks.and_then(|folder| {
            let there = folder.join(picture.file_name()?);
            let namesake = with_any_ending(&there, stem).filter(|found| *found != picture);
            namesake.or_else(|| with_any_ending(&there, &joined(stem, MASK)))
        });
        Self {
            mask: apart.or_else(|| beside(MASK)),
            background: beside(BACKGROUND),
            picture,
        }
    }

    /// The picture's name without folder and ending, as text that a file may be called.
    pub fn name(&self) -> String {
        shortened(&readable(stem(&self.picture)), LONGEST_STEM).into_owned()
    }

    /// The picture and its companions.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let companions = [&self.mask, &self.background].into_iter().flatten();
        [&self.picture].into_iter().chain(companions).map(PathBuf::as_path)
    }

    /// The last number in the name: the frame.
    pub fn frame(&self) -> Option<u32> {
        number_in(&readable(stem(&self.picture)))
    }
}

/// The last number in a name.
pub fn number_in(name: &str) -> Option<u32> {
    let end = name.trim_end_matches(|c: char| !c.is_ascii_digit());
    end[end.trim_end_matches(|c: char| c.is_ascii_digit()).len()..].parse().ok()
}

/// The pictures that `paths` name: files, whole folders, and patterns (`*` any text, `?` any character, a run of `#` or `%04d` a number of at
/// least as many digits; in brackets `*`, `?`, `#`, `%` and `[` stand for themselves). What one path names comes in natural order, 2 before 10; masks and backgrounds of others are no pictures of their own.
///
/// # Errors
/// When a path names no picture, or `masks` is no folder or has no mask for any of them.
pub fn list(paths: &[PathBuf], masks: Option<&Path>) -> Result<Vec<PictureFile>, ListError> {
    if let Some(path) = masks.filter(|masks| !masks.is_dir()) {
        return Err(ListError::NoMaskFolder { path: path.to_owned() });
    }
    let mut found = Vec::new();
    for path in paths {
        if path.is_file() {
            found.push(path.clone());
        } else if path.is_dir() {
            found.extend(matching(path, path, |_| true)?);
        } else {
            let pattern = path.file_name().map(readable);
            let pattern = pattern.filter(|name| name.contains(['*', '?', '#', '%']));
            let pattern = Pattern::new(&pattern.ok_or_else(|| ListError::Missing { path: path.clone() })?);
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            found.extend(matching(folder.unwrap_or(Path::new(".")), path, |name| pattern.fits(name))?);
        }
    }
    let mut pictures: Vec<PictureFile> = Vec::new();
    for path in found.into_iter().filter(|path| !is_companion(path)) {
        if !pictures.iter().any(|known| known.picture == path) {
            pictures.push(PictureFile::new(path, masks));
        }
    }
    let lies_in = |folder: &Path| {
        pictures
            .iter()
            .flat_map(|known| &known.mask)
            .any(|mask| mask.parent() == Some(folder))
    };
    match (pictures.first(), paths.first(), masks) {
        (None, Some(path), _) => Err(ListError::Empty { path: path.clone() }),
        (Some(first), _, Some(folder)) if !lies_in(folder) => Err(ListError::NoMaskFits {
            path: folder.to_owned(),
            picture: first.picture.clone(),
        }),
        _ => Ok(pictures),
    }
}

/// The drawings of a shot, which `paths` name as for [`list`]: without the pictures that were made of them beside them. Files of one folder come in natural order,
/// too: shells and dialogs name 10 before 2.
///
/// # Errors
/// As of [`list`].
pub fn drawings(paths: &[PathBuf], masks: Option<&Path>) -> Result<Vec<PictureFile>, ListError> {
    Ok(in_order(drawings_as_named(paths, masks)?, paths))
}

/// [`drawings`] in the order in which `paths` name them.
///
/// # Errors
/// As of [`list`].
pub fn drawings_as_named(paths: &[PathBuf], masks: Option<&Path>) -> Result<Vec<PictureFile>, ListError> {
    let mut found = list(paths, masks)?;
    let without_ending = |file: &PictureFile| file.picture.with_file_name(stem(&file.picture));
    let known: HashSet<PathBuf> = found.iter().map(without_ending).collect();
    found.retain(|file| {
        let of = colored(stem(&file.picture)).map(|of| file.picture.with_file_name(of));
        of.is_none_or(|of| !known.contains(&of))
    });
    Ok(found)
}

/// What [`drawings_as_named`] found, in the order of [`drawings`].
pub fn in_order(mut found: Vec<PictureFile>, paths: &[PathBuf]) -> Vec<PictureFile> {
    let folder = paths.first().and_then(|path| path.parent());
    if paths.iter().all(|path| path.is_file() && path.parent() == folder) {
        found.sort_by_cached_key(|file| order(file.picture.file_name().unwrap_or_default()));
    }
    found
}

/// The pattern of the numbered sequence that a frame is of: `shot.0012.png` is of `shot.####.png`. A path without a number stays as it is.
pub fn sequence_of(frame: &Path) -> PathBuf {
    let (Some(name), true) = (frame.file_name().map(readable), frame.is_file()) else {
        return frame.to_owned();
    };
    let stem = readable(stem(frame));
    let end = stem.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    let start = stem[..end].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if start == end {
        return frame.to_owned();
    }
    // Leading zeros tell how wide the numbers are; without them the first frames have fewer digits.
    let width = if stem[start..].starts_with('0') { end - start } else { 1 };
    let [before, after] = [&name[..start], &name[end..]].map(literal);
    frame.with_file_name(format!("{before}{}{after}", "#".repeat(width)))
}

/// The pictures of a folder whose names fit, in natural order.
fn matching(folder: &Path, asked: &Path, fits: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, ListError> {
    let failed = |source| ListError::Folder {
        path: folder.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let shown = readable(&name);
        if is_picture(Path::new(&name)) && !shown.starts_with('.') && fits(&shown) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Err(ListError::Empty { path: asked.to_owned() });
    }
    names.sort_by_cached_key(|name| order(name));
    // Named as typed: `0001.png`, not `./0001.png`.
    let bare = folder == Path::new(".") && asked != folder;
    Ok(names
        .into_iter()
        .map(|name| if bare { name.into() } else { folder.join(name) })
        .collect())
}

/// Where a name stands among those of its folder.
fn order(name: &OsStr) -> (Vec<(String, u64)>, OsString) {
    (natural(&readable(name)), name.to_owned())
}

/// Whether the name ends as that of a picture.
pub fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Whether the file is the mask or the background of a picture beside it.
fn is_companion(path: &Path) -> bool {
    [MASK, BACKGROUND]
        .iter()
        .filter_map(|suffix| without(stem(path), suffix))
        .any(|of| with_any_ending(path, of).is_some())
}

/// The picture called `name` beside `path`.
fn with_any_ending(path: &Path, name: &OsStr) -> Option<PathBuf> {
    let cases = ENDINGS
        .iter()
        .flat_map(|ending| [(*ending).to_owned(), ending.to_uppercase()]);
    cases
        .map(|ending| path.with_file_name(joined(name, &format!(".{ending}"))))
        .find(|path| path.is_file())
}

fn stem(path: &Path) -> &OsStr {
    path.file_stem().unwrap_or_default()
}

fn joined(name: &OsStr, end: &str) -> OsString {
    let mut joined = name.to_owned();
    joined.push(end);
    joined
}

/// What the drawing is called of which a picture of this name was made: `NAME-color`, or `NAME-color-2` where there are several.
fn colored(name: &OsStr) -> Option<&OsStr> {
    let shown = readable(name);
    let number = &shown[shown.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    let one_of_several = || without(name, &format!("{COLOR}-{number}")).filter(|_| !number.is_empty());
    without(name, COLOR).or_else(one_of_several)
}

/// What stands before `end`.
#[cfg(unix)]
fn without<'a>(name: &'a OsStr, end: &str) -> Option<&'a OsStr> {
    use std::os::unix::ffi::OsStrExt;
    name.as_bytes().strip_suffix(end.as_bytes()).map(OsStr::from_bytes)
}

/// What stands before `end`, where names are text.
#[cfg(not(unix))]
fn without<'a>(name: &'a OsStr, end: &str) -> Option<&'a OsStr> {
    name.to_str()?.strip_suffix(end).map(OsStr::new)
}

/// A name as text. Bytes that are none, as of Shift-JIS from an old archive, stand there as patterns of Braille, which has 256: names that differ stay different,
/// and what is no digit is not taken for a frame's number.
fn readable(name: &OsStr) -> String {
    let braille = |byte: &u8| char::from_u32(0x2800 + u32::from(*byte));
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(braille));
    }
    text
}

/// Opens a picture, with what a recipe says of it.
pub fn open(path: &Path) -> Result<(Arc<RgbImage>, InputImage), EngineError> {
    let picture = engine::image::open(path)?;
    let input = InputImage {
        origin: Origin::File(path.to_owned()),
        hash: hash_rgb(&picture),
    };
    Ok((Arc::new(picture), input))
}

/// Opens a mask, with what a recipe says of it.
pub fn open_mask(path: &Path) -> Result<(Arc<GrayImage>, InputImage), EngineError> {
    let mask = engine::image::open_mask(path)?;
    let input = InputImage {
        origin: Origin::File(path.to_owned()),
        hash: hash_gray(&mask),
    };
    Ok((Arc::new(mask), input))
}
