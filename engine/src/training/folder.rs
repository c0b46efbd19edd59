//! A person's own pictures as examples: the published layout of folders `color/`, `sketch/` and `mask/` (spec/training.md, section 2), each of pictures or
//! of zip archives with the same paths inside; or a folder of coloured pictures alone.
//!
//! Where a sketch is missing its lines are extracted, where a mask is missing it is proposed; both are kept in a folder beside the run, where a person can
//! look at them, and from which good ones can be taken over into the pictures' own.

mod place;
mod triplet;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use image::GrayImage;
use image::imageops::{self, FilterType};
use rand::{Rng, RngExt};

use super::TrainingError;
use super::dataset::dice;
use super::material::Material;
use super::scenes::Example;
use crate::error::EngineError;
use crate::extract::{lines, reference_mask};
use crate::image::{from_bytes, mask_from_bytes};
use place::{Place, listed};
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
    use std::fs::File;
    use std::io::Write;

    use image::{Luma, Rgb, RgbImage};
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
    fn an_archive_writes_nothing_beside_the_extracted() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir_all(&data).unwrap();
        let mut zip = zip::ZipWriter::new(File::create(data.join("stranger.zip")).unwrap());
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture(1).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        for entry in ["one.png", "./two.png", "../../../out.png", "..\\..\\..\\out.png", "/out.png"] {
            zip.start_file(entry, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes.get_ref()).unwrap();
        }
        zip.finish().unwrap();
        let opened = open(&data).unwrap();
        let mut names: Vec<_> = opened.trained.iter().chain(&opened.held_out).map(|item| &item.name).collect();
        names.sort();
        assert_eq!(names, ["stranger/./two", "stranger/one"]);
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
        assert!(open(folder.path()).unwrap_err().to_string().contains("0 pictures"));
        for number in 0..3 {
            fs::write(folder.path().join(format!("{number}.png")), "no picture").unwrap();
        }
        let error = open(folder.path()).unwrap().example(0, 64).err().expect("nothing to read");
        assert!(error.to_string().contains(".png"), "{error}");
    }
}
