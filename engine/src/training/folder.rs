//! A person's own pictures as examples: the published layout of folders `color/`, `sketch/` and `mask/` (spec/training.md, section 2), each of pictures or
//! of zip archives with the same paths inside; or a folder of coloured pictures alone.
//!
//! Where a sketch is missing its lines are extracted, where a mask is missing it is proposed; both are kept in a folder beside the run, where a person can
//! look at them, and from which good ones can be taken over into the pictures' own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma, RgbImage};
use rand::{Rng, RngExt};
use zip::ZipArchive;

use super::TrainingError;
use super::dataset::dice;
use super::material::Material;
use super::scenes::Example;
use crate::error::EngineError;
use crate::extract::{lines, reference_mask};
use crate::image::{from_bytes, mask_from_bytes};

/// Endings of files that are taken for pictures.
const ENDINGS: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
/// What the shorter side is scaled to at most, over the side of the cut: 544 over 512 as released.
const LOOSE: f32 = 544.0 / 512.0;
/// Fewer pictures than this cannot be split into some to learn from and some to measure on.
const FEWEST: usize = 2;
/// Numbers the draws of the pictures' order and of their cuts, apart from all others.
const ORDER: u64 = 5;
const CUTS: u64 = 6;
/// Regions of examples that know no others: figure and background.
const FIGURE: u8 = 1;
const GROUND: u8 = 100;

/// Where a file's content is.
#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Zip { archive: PathBuf, entry: String },
}

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
}

impl Folder {
    /// Lists `data`. `share`, 0..1, of the pictures is held out, at least one and at most `most`; which ones follows from their names, so that a
    /// picture more changes nothing for the others. Extracted lines and proposed masks go below `extracted`.
    ///
    /// # Errors
    /// A folder or archive that cannot be read, or too few pictures.
    pub fn open(data: &Path, share: f64, most: usize, seed: u64, extracted: PathBuf) -> Result<Self, TrainingError> {
        let below = data.join("color");
        let colors = listed(if below.is_dir() { &below } else { data })?;
        let beside = |side: &str| {
            let folder = data.join(side);
            if folder.is_dir() {
                listed(&folder)
            } else {
                Ok(BTreeMap::new())
            }
        };
        let (mut sketches, mut masks) = (beside("sketch")?, beside("mask")?);
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
                    "it has {} PNG, JPEG or WebP pictures in color/ (or, without that folder, in itself), and {FEWEST} is the fewest",
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
            extracted,
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
        let sketch = self.part(item, "sketch", item.sketch.as_ref(), || lines::lines(&color))?;
        let mask = self.part(item, "mask", item.mask.as_ref(), || reference_mask::propose(&color))?;
        Ok(Triplet {
            sketch: dark_on_light(fitted(sketch)),
            mask: fitted(mask),
            color,
        })
    }

    /// A picture's own sketch or mask, or the one that was made for it before, or one made now.
    fn part(
        &self,
        item: &Item,
        kind: &str,
        own: Option<&Place>,
        make: impl FnOnce() -> GrayImage,
    ) -> Result<GrayImage, TrainingError> {
        let kept = self.extracted.join(kind).join(format!("{}.png", item.name));
        let place = match own {
            Some(place) => place.clone(),
            None if kept.is_file() => Place::File(kept),
            None => {
                let made = make();
                store(&made, &kept)?;
                return Ok(made);
            }
        };
        let (bytes, path) = place.read()?;
        mask_from_bytes(&bytes, &path).map_err(|error| refused(&path, &error))
    }
}

impl Material for Folder {
    /// Every picture once before any comes again, in an order of its own each time.
    fn example(&self, number: u64, side: u32) -> Result<Example, TrainingError> {
        let count = self.trained.len() as u64;
        let mut order: Vec<usize> = (0..self.trained.len()).collect();
        shuffle(&mut order, &mut dice(self.seed, ORDER, number / count));
        let triplet = self.load(&self.trained[order[(number % count) as usize]])?;
        Ok(triplet.example(side, Some(&mut dice(self.seed, CUTS, number))))
    }

    fn held_out(&self, number: usize, side: u32) -> Result<Example, TrainingError> {
        let triplet = self.load(&self.held_out[number % self.held_out.len()])?;
        Ok(triplet.example(side, None::<&mut rand_chacha::ChaCha12Rng>))
    }

    fn validated(&self) -> usize {
        self.held_out.len()
    }
}

/// A picture with its sketch and its mask, all of one size.
struct Triplet {
    color: RgbImage,
    sketch: GrayImage,
    mask: GrayImage,
}

impl Triplet {
    /// As the release prepares it (spec/training.md, section 3): truth, sketch and mask are flipped, scaled and cut together; the reference is the picture
    /// itself, flipped by a draw of its own and squeezed into a square. Without dice the middle, unflipped.
    fn example(self, side: u32, dice: Option<&mut impl Rng>) -> Example {
        let Self { color, sketch, mask } = self;
        let (mut flips, mut scale, mut corner) = ([false; 2], 1.0, [0.5; 2]);
        if let Some(dice) = dice {
            flips = [0; 2].map(|_| dice.random_bool(0.5));
            scale = dice.random_range(1.0..LOOSE);
            corner = [0; 2].map(|_| dice.random());
        }
        let (width, height) = color.dimensions();
        let shorter = width.min(height).max(1) as f32;
        let fit = |length: u32| ((length as f32 * side as f32 * scale / shorter).round() as u32).max(side);
        let (fitted_width, fitted_height) = (fit(width), fit(height));
        let [left, top] = [(fitted_width, corner[0]), (fitted_height, corner[1])]
            .map(|(length, share)| ((length - side) as f32 * share) as u32);
        let cut = |picture: &GrayImage, flip: bool| {
            let resized = imageops::resize(picture, fitted_width, fitted_height, FilterType::CatmullRom);
            let cut = imageops::crop_imm(&resized, left, top, side, side).to_image();
            if flip { imageops::flip_horizontal(&cut) } else { cut }
        };
        let truth = imageops::resize(&color, fitted_width, fitted_height, FilterType::CatmullRom);
        let truth = imageops::crop_imm(&truth, left, top, side, side).to_image();
        let reference = imageops::resize(&color, side, side, FilterType::CatmullRom);
        let reference_mask = imageops::resize(&mask, side, side, FilterType::Triangle);
        let [own, other] = flips;
        let sketch_mask = cut(&mask, own);
        let reference_mask = if other {
            imageops::flip_horizontal(&reference_mask)
        } else {
            reference_mask
        };
        Example {
            color: if own { imageops::flip_horizontal(&truth) } else { truth },
            sketch: cut(&sketch, own),
            sketch_regions: regions(&sketch_mask),
            sketch_mask,
            reference: if other {
                imageops::flip_horizontal(&reference)
            } else {
                reference
            },
            reference_regions: regions(&reference_mask),
            reference_mask,
        }
    }
}

fn regions(mask: &GrayImage) -> GrayImage {
    GrayImage::from_fn(mask.width(), mask.height(), |x, y| {
        Luma([if mask.get_pixel(x, y)[0] > 127 { FIGURE } else { GROUND }])
    })
}

/// Light lines on black are turned round: most of a sketch is paper.
fn dark_on_light(mut sketch: GrayImage) -> GrayImage {
    let light = sketch.iter().filter(|value| **value > 127).count();
    if light * 2 < sketch.len() {
        imageops::invert(&mut sketch);
    }
    sketch
}

impl Place {
    /// Content, and what messages call it.
    fn read(&self) -> Result<(Vec<u8>, PathBuf), TrainingError> {
        match self {
            Self::File(path) => match fs::read(path) {
                Ok(bytes) => Ok((bytes, path.clone())),
                Err(source) => Err(TrainingError::file("read", path, source)),
            },
            Self::Zip { archive, entry } => {
                let read = || -> zip::result::ZipResult<Vec<u8>> {
                    let mut zip = ZipArchive::new(File::open(archive)?)?;
                    let mut file = zip.by_name(entry)?;
                    let mut bytes = Vec::new();
                    file.read_to_end(&mut bytes)?;
                    Ok(bytes)
                };
                match read() {
                    Ok(bytes) => Ok((bytes, archive.join(entry))),
                    Err(error) => Err(TrainingError::Data {
                        path: archive.join(entry),
                        reason: error.to_string(),
                    }),
                }
            }
        }
    }
}

/// Every picture below `folder` and inside its zip archives, by its path without the ending; an archive counts as a folder of its name.
fn listed(folder: &Path) -> Result<BTreeMap<String, Place>, TrainingError> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).map_err(|source| TrainingError::file("list", &next, source))?;
        for entry in entries {
            let path = entry.map_err(|source| TrainingError::file("list", &next, source))?.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if has_ending(&path, &["zip"]) {
                for (inner, place) in inside(&path)? {
                    found.insert(format!("{name}/{inner}"), place);
                }
            } else if has_ending(&path, &ENDINGS) {
                found.insert(name, Place::File(path));
            }
        }
    }
    Ok(found)
}

fn inside(archive: &Path) -> Result<Vec<(String, Place)>, TrainingError> {
    let names = || -> zip::result::ZipResult<Vec<String>> {
        let zip = ZipArchive::new(File::open(archive)?)?;
        zip.file_names().map(|name| Ok(name?.into_owned())).collect()
    };
    let names = names().map_err(|error| TrainingError::Data {
        path: archive.to_owned(),
        reason: error.to_string(),
    })?;
    let pictures = names.into_iter().filter(|name| has_ending(Path::new(name), &ENDINGS));
    Ok(pictures
        .map(|entry| {
            let name = Path::new(&entry).with_extension("").to_string_lossy().replace('\\', "/");
            let archive = archive.to_owned();
            (name, Place::Zip { archive, entry })
        })
        .collect())
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Fisher and Yates.
fn shuffle(order: &mut [usize], dice: &mut impl Rng) {
    for last in (1..order.len()).rev() {
        order.swap(last, dice.random_range(0..=last));
    }
}

fn store(picture: &GrayImage, path: &Path) -> Result<(), TrainingError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|source| TrainingError::file("create", folder, source))?;
    picture.save(path).map_err(|source| TrainingError::Picture {
        path: path.to_owned(),
        source,
    })
}

fn refused(path: &Path, error: &EngineError) -> TrainingError {
    TrainingError::Data {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use image::Rgb;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn picture(number: u8) -> RgbImage {
        RgbImage::from_fn(96, 64, |x, _| {
            Rgb(if x < 48 { [number * 10, 40, 90] } else { [240, 220, 200] })
        })
    }

    fn open(data: &Path) -> Result<Folder, TrainingError> {
        Folder::open(data, 0.2, 8, 1, data.join("../extracted"))
    }

    #[test]
    fn parts_find_each_other_in_folders_and_archives() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        for side in ["color", "sketch", "mask"] {
            fs::create_dir_all(data.join(side).join("a")).unwrap();
        }
        for number in 0..4 {
            picture(number).save(data.join(format!("color/a/{number}.png"))).unwrap();
        }
        // Light lines on black, and another ending; a mask of another size.
        GrayImage::from_fn(96, 64, |x, _| Luma([if x == 48 { 255 } else { 0 }]))
            .save(data.join("sketch/a/0.jpg"))
            .unwrap();
        GrayImage::from_fn(48, 32, |x, _| Luma([if x < 24 { 255 } else { 0 }]))
            .save(data.join("mask/a/0.png"))
            .unwrap();
        let mut zip = zip::ZipWriter::new(File::create(data.join("color/more.zip")).unwrap());
        zip.start_file("b/9.png", SimpleFileOptions::default()).unwrap();
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture(9).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        zip.write_all(bytes.get_ref()).unwrap();
        zip.finish().unwrap();

        let opened = open(&data).unwrap();
        let count = Count {
            trained: 4,
            held_out: 1,
            without_sketch: 4,
            without_mask: 4,
        };
        assert_eq!(opened.count(), count);
        let all: Vec<_> = opened.trained.iter().chain(&opened.held_out).collect();
        let zipped = all
            .iter()
            .find(|item| item.name == "more/b/9")
            .expect("the archive's picture");
        assert_eq!(opened.load(zipped).unwrap().color, picture(9));
        let own = all.iter().find(|item| item.name == "a/0").expect("the folder's picture");
        let own = opened.load(own).unwrap();
        assert!(
            own.sketch.get_pixel(48, 30)[0] < 90 && own.sketch.get_pixel(10, 30)[0] > 200,
            "turned round"
        );
        assert_eq!(own.mask.dimensions(), (96, 64));
        // What was made is kept for a person to see.
        assert!(folder.path().join("extracted/sketch/more/b/9.png").is_file());
    }

    #[test]
    fn examples_are_cut_together_and_the_same_on_every_call() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir_all(&data).unwrap();
        for number in 0..3 {
            picture(number).save(data.join(format!("{number}.png"))).unwrap();
        }
        let opened = open(&data).unwrap();
        let [first, again] = [0, 1].map(|_| opened.example(5, 64).unwrap());
        assert_eq!(first.color, again.color);
        assert_eq!(first.color.dimensions(), (64, 64));
        assert_eq!(first.reference_regions.dimensions(), (64, 64));
        // The line that was extracted lies where the colours change.
        let step = (1..64).max_by_key(|x| first.color.get_pixel(*x, 32)[1].abs_diff(first.color.get_pixel(*x - 1, 32)[1]));
        let ink = (0..64).min_by_key(|x| first.sketch.get_pixel(*x, 32)[0]);
        assert!(step.unwrap().abs_diff(ink.unwrap()) <= 2, "{step:?} {ink:?}");
        let names: std::collections::BTreeSet<_> = (0..2).map(|n| opened.example(n, 64).unwrap().color.into_raw()).collect();
        assert_eq!(names.len(), 2, "each comes once before one comes again");
    }

    #[test]
    fn an_empty_folder_and_a_damaged_picture_are_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(folder.path()).unwrap_err().to_string().contains("0 PNG"));
        for number in 0..3 {
            fs::write(folder.path().join(format!("{number}.png")), "no picture").unwrap();
        }
        let error = open(folder.path()).unwrap().example(0, 64).err().expect("nothing to read");
        assert!(error.to_string().contains(".png"), "{error}");
    }
}
