//! A person's own pictures as examples: the published layout of folders `color/`, `sketch/` and `mask/` (spec/training.md, section 2), each of pictures or
//! of zip archives with the same paths inside, or `color.zip`, `sketch.zip` and `mask.zip`; or a folder of coloured pictures alone.
//!
//! Where a sketch is missing its lines are extracted, where a mask is missing it is proposed; both are kept in a folder beside the run, where a person can
//! look at them, and from which good ones can be taken over into the pictures' own.

mod place;
#[cfg(test)]
mod tests;
mod triplet;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat};
use rand::{Rng, RngExt};

use super::TrainingError;
use super::dataset::rng;
use super::file;
use super::material::Material;
use super::scenes::Example;
use crate::error::EngineError;
use crate::extract::{lines, reference_mask};
use crate::image::{from_bytes, mask_from_bytes};
use place::{Place, listed, listed_side, same};
use triplet::{Triplet, dark_on_light};

/// Fewer pictures than this cannot be split into some to learn from and some to measure on.
const FEWEST: usize = 2;
/// Numbers the draws of the pictures' order and of their cuts, apart from all others.
const ORDER: u64 = 5;
const CUTS: u64 = 6;

/// One picture with what belongs to it.
#[derive(Debug)]
struct Item {
    /// Path below `color/` without its ending.
    name: String,
    color: Place,
    sketch: Option<Place>,
    mask: Option<Place>,
}

/// What a folder was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub trained: usize,
    pub held_out: usize,
    /// Of all of them, those without a sketch and those without a mask of their own.
    pub without_sketch: usize,
    pub without_mask: usize,
}

/// The pictures of a folder, split into those that are trained on and those that are not.
#[derive(Debug)]
pub struct Folder {
    seed: u64,
    trained: Vec<Item>,
    held_out: Vec<Item>,
    /// Where extracted lines and proposed masks are kept.
    extracted: PathBuf,
    notes: Mutex<Notes>,
}

/// What went wrong with single pictures, which a run of thousands goes on without.
#[derive(Debug, Default)]
struct Notes {
    waiting: Vec<String>,
    told: BTreeSet<String>,
}

impl Folder {
    /// Lists `data`, where `NAME-mask.png` and `NAME-background.png` belong to `NAME.png`; below each of its folders, no more than `files` files and folders
    /// are looked at. `share`, 0..1, of the pictures is held out, at least one and at most `most`; which ones follows from their names. Extracted lines
    /// and proposed masks go to `out/extracted`; nothing in `out` or under `sketch` and `mask` is taken for a coloured picture.
    ///
    /// # Errors
    /// A folder or archive that cannot be read, or too few pictures or too many files, or `out` is `data` itself.
    pub fn open(data: &Path, share: f64, most: usize, seed: u64, out: &Path, files: usize) -> Result<Self, TrainingError> {
        if same(data, out) {
            return Err(TrainingError::Data {
                path: data.to_owned(),
                reason: "the run would write among its own pictures: choose another folder for it".to_owned(),
            });
        }
        let out_folder = [out.to_owned()];
        let mut colors = match listed_side(data, "color", &out_folder, files)? {
            Some(colors) => colors,
            None => {
                let sides = ["sketch", "mask", "sketch.zip", "mask.zip"].map(|name| data.join(name));
                listed(data, &[&sides[..], &out_folder].concat(), files)?
            }
        };
        let beside = |side| Ok::<_, TrainingError>(listed_side(data, side, &out_folder, files)?.unwrap_or_default());
        let (mut sketches, mut masks) = (beside("sketch")?, companions(&mut colors));
        masks.extend(beside("mask")?);
        let mut items: Vec<Item> = colors
            .into_iter()
            .map(|(name, color)| Item {
                sketch: sketches.remove(&name),
                mask: masks.remove(&name),
                name,
                color,
            })
            .collect();
        if items.len() < FEWEST {
            return Err(TrainingError::Data {
                path: data.to_owned(),
                reason: format!(
                    "it has {} pictures (PNG, JPEG, WebP, TIFF) in color/ (or, without that folder, in itself), and {FEWEST} is the fewest",
                    items.len()
                ),
            });
        }
        items.sort_by_key(|item| *blake3::hash(item.name.as_bytes()).as_bytes());
        let held = ((items.len() as f64 * share).round() as usize).clamp(1, most.min(items.len() - 1));
        let trained = items.split_off(held);
        Ok(Self {
            seed,
            trained,
            held_out: items,
            extracted: out.join("extracted"),
            notes: Mutex::default(),
        })
    }

    pub fn count(&self) -> Count {
        let all = || self.trained.iter().chain(&self.held_out);
        Count {
            trained: self.trained.len(),
            held_out: self.held_out.len(),
            without_sketch: all().filter(|item| item.sketch.is_none()).count(),
            without_mask: all().filter(|item| item.mask.is_none()).count(),
        }
    }

    fn load(&self, item: &Item) -> Result<Triplet, TrainingError> {
        let (bytes, path) = item.color.read()?;
        let color = from_bytes(&bytes, &path).map_err(|error| refused(&path, &error))?;
        let size = color.dimensions();
        let fitted = |picture: GrayImage| match picture.dimensions() == size {
            true => picture,
            false => imageops::resize(&picture, size.0, size.1, FilterType::Triangle),
        };
        let sketch = self.part(item, "sketch", item.sketch.as_ref(), line_art, || lines::lines(&color))?;
        let mask = self.part(item, "mask", item.mask.as_ref(), mask_from_bytes, || {
            reference_mask::propose(&color)
        })?;
        Ok(Triplet {
            sketch: dark_on_light(fitted(sketch)),
            mask: fitted(mask),
            color,
        })
    }

    /// A picture's own sketch or mask, or the one that was made for it before, or one made now. `read` makes a picture of a file's content and path.
    fn part(
        &self,
        item: &Item,
        kind: &str,
        own: Option<&Place>,
        read: impl FnOnce(&[u8], &Path) -> Result<GrayImage, EngineError>,
        make: impl FnOnce() -> GrayImage,
    ) -> Result<GrayImage, TrainingError> {
        let kept = self.extracted.join(kind).join(format!("{}.png", item.name));
        let place = match own {
            Some(place) => place.clone(),
            None if kept.is_file() => Place::File(kept),
            None => {
                let made = make();
                if let Err(error) = store(&made, &kept) {
                    self.note("extracted", format!("{error}; the run goes on, and makes it again each time"));
                }
                return Ok(made);
            }
        };
        let (bytes, path) = place.read()?;
        read(&bytes, &path).map_err(|error| refused(&path, &error))
    }

    /// Keeps `words` for the person, once for each `about`.
    fn note(&self, about: &str, words: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.told.insert(about.to_owned()) {
            notes.waiting.push(words);
        }
    }

    /// The first of `items` that can be read; the others are told of and passed over.
    fn first_whole<'a>(&self, items: impl Iterator<Item = &'a Item>) -> Result<Triplet, TrainingError> {
        let mut last = None;
        for item in items {
            match self.load(item) {
                Ok(triplet) => return Ok(triplet),
                Err(error) => {
                    self.note(&item.name, format!("{error}; the run goes on without this picture"));
                    last = Some(error);
                }
            }
        }
        Err(last.expect("a folder has pictures on both sides"))
    }
}

impl Material for Folder {
    /// Every picture once before any comes again, in an order of its own each time.
    fn example(&self, number: u64, side: u32) -> Result<Example, TrainingError> {
        let count = self.trained.len();
        let mut order: Vec<usize> = (0..count).collect();
        shuffle(&mut order, &mut rng(self.seed, ORDER, number / count as u64));
        order.rotate_left((number % count as u64) as usize);
        let triplet = self.first_whole(order.into_iter().map(|at| &self.trained[at]))?;
        Ok(triplet.example(side, Some(&mut rng(self.seed, CUTS, number))))
    }

    fn held_out(&self, number: usize, side: u32) -> Result<Example, TrainingError> {
        let count = self.held_out.len();
        let triplet = self.first_whole((0..count).map(|at| &self.held_out[(number + at) % count]))?;
        Ok(triplet.example(side, None::<&mut rand_chacha::ChaCha12Rng>))
    }

    fn validated(&self) -> usize {
        self.held_out.len()
    }

    fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }
}

/// Takes what belongs to another picture by its name out of `pictures`. Returns the masks by the names of those whose they are; of background
/// pictures nothing is learned.
fn companions(pictures: &mut BTreeMap<String, Place>) -> BTreeMap<String, Place> {
    let names: BTreeSet<String> = pictures.keys().cloned().collect();
    let mut taken = |suffix: &str| -> BTreeMap<String, Place> {
        let owners = names.iter().filter(|name| names.contains(&format!("{name}{suffix}")));
        owners
            .filter_map(|name| Some((name.clone(), pictures.remove(&format!("{name}{suffix}"))?)))
            .collect()
    };
    taken("-background");
    taken("-mask")
}

/// Fisher and Yates.
fn shuffle(order: &mut [usize], rng: &mut impl Rng) {
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
}

/// A sketch's lightness. Lines without a ground are drawn on white paper, as everywhere else in the program: on a mask's black they would be lost.
fn line_art(bytes: &[u8], path: &Path) -> Result<GrayImage, EngineError> {
    Ok(DynamicImage::ImageRgb8(from_bytes(bytes, path)?).into_luma8())
}

fn store(picture: &GrayImage, path: &Path) -> Result<(), TrainingError> {
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|source| TrainingError::Picture {
            path: path.to_owned(),
            source,
        })?;
    file::replace(path, png.get_ref())
}

fn refused(path: &Path, error: &EngineError) -> TrainingError {
    TrainingError::Data {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
