//! The files of one model, as one set of named tensors.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::Path;

use super::error::WeightsError;
use super::family::{Family, TOWER, VAE};
use super::file::{ModelFile, Stored};
use super::layout::{self, Canonical, Part};
use super::numbers::Numbers;
use crate::request::ModelRef;

/// No layer is wider. Tensors without any numbers may claim widths that overflow what is reckoned from them.
const WIDEST: usize = 1 << 24;

/// A checkpoint, with the image tower and the autoencoder from files of their own where the checkpoint has none, or where others are
/// wanted. Every tensor has its name in a whole-model file, whatever its own file calls it.
pub struct Sources {
    checkpoint: ModelFile,
    tower: Option<ModelFile>,
    vae: Option<ModelFile>,
    regions: bool,
    index: BTreeMap<String, Place>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Checkpoint,
    Tower,
    Vae,
}

/// Where a tensor is: in which file, under which names there, and how it comes from them.
struct Place {
    origin: Origin,
    /// Three where queries, keys and values are stored apart, else one.
    stored: Vec<String>,
    transposed: bool,
    shape: Vec<usize>,
}

impl Sources {
    /// Opens the files of a model.
    pub fn open(checkpoint: &Path, tower: Option<&Path>, vae: Option<&Path>) -> Result<Self, WeightsError> {
        Self::new(
            ModelFile::open(checkpoint)?,
            tower.map(ModelFile::open).transpose()?,
            vae.map(ModelFile::open).transpose()?,
        )
    }

    /// Opens the files that a request names; none for the model in the program.
    pub fn of(model: &ModelRef) -> Option<Result<Self, WeightsError>> {
        match model {
            ModelRef::Embedded => None,
            ModelRef::Files { checkpoint, clip, vae } => Some(Self::open(checkpoint, clip.as_deref(), vae.as_deref())),
        }
    }

    pub fn new(checkpoint: ModelFile, tower: Option<ModelFile>, vae: Option<ModelFile>) -> Result<Self, WeightsError> {
        let path = || checkpoint.path().to_owned();
        let regions = match family(&checkpoint) {
            Some(Family::Checkpoint { tower: false, .. }) if tower.is_none() => {
                return Err(WeightsError::NoTower { path: path() });
            }
            Some(Family::Checkpoint { vae: false, .. }) if vae.is_none() => {
                return Err(WeightsError::NoAutoencoder { path: path() });
            }
            Some(Family::Checkpoint { regions, .. }) => regions,
            Some(Family::ImageTower) => return Err(WeightsError::OnlyTower { path: path() }),
            Some(Family::Autoencoder) => return Err(WeightsError::OnlyAutoencoder { path: path() }),
            None => {
                return Err(WeightsError::UnknownFamily {
                    path: path(),
                    first: checkpoint.names().map(str::to_owned).collect(),
                });
            }
        };
        if let Some(file) = &tower
            && !matches!(
                family(file),
                Some(Family::ImageTower | Family::Checkpoint { tower: true, .. })
            )
        {
            return Err(WeightsError::NotTower {
                path: file.path().to_owned(),
            });
        }
        if let Some(file) = &vae
            && !has_autoencoder(file)
        {
            return Err(WeightsError::NotAutoencoder {
                path: file.path().to_owned(),
            });
        }

        let mut index = index(&checkpoint, Origin::Checkpoint, |name| {
            Some(Canonical {
                name: name.to_owned(),
                part: Part::Whole,
            })
        });
        // A part from a file of its own goes before the checkpoint's.
        if let Some(file) = &tower {
            index.retain(|name, _| !name.starts_with(TOWER));
            index.extend(self::index(file, Origin::Tower, |name| {
                Some(layout::tower(name)).filter(|_| in_tower(file, name))
            }));
        }
        if let Some(file) = &vae {
            let levels = count(file, |level| format!("decoder.up_blocks.{level}.resnets.0.conv1.weight"));
            index.retain(|name, _| !name.starts_with(VAE));
            index.extend(self::index(file, Origin::Vae, |name| layout::vae(name, levels)));
        }
        Ok(Self {
            checkpoint,
            tower,
            vae,
            regions,
            index,
        })
    }

    /// A CLIP file alone, its names as in a whole-model file.
    pub fn of_tower(path: &Path) -> Result<Self, WeightsError> {
        let tower = ModelFile::open(path)?;
        Ok(Self {
            index: index(&tower, Origin::Tower, |name| Some(layout::tower(name))),
            checkpoint: ModelFile::open(path)?,
            tower: Some(tower),
            vae: None,
            regions: false,
        })
    }

    /// Whether there are adapters, a background transformer and a threshold embedder.
    pub fn has_regions(&self) -> bool {
        self.regions
    }

    /// The checkpoint's.
    pub fn path(&self) -> &Path {
        self.checkpoint.path()
    }

    fn files(&self) -> impl Iterator<Item = &ModelFile> {
        [Some(&self.checkpoint), self.tower.as_ref(), self.vae.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Bytes of all files.
    pub fn size(&self) -> usize {
        self.files().map(ModelFile::size).sum()
    }

    fn file(&self, origin: Origin) -> &ModelFile {
        let other = match origin {
            Origin::Checkpoint => None,
            Origin::Tower => self.tower.as_ref(),
            Origin::Vae => self.vae.as_ref(),
        };
        other.unwrap_or(&self.checkpoint)
    }

    /// blake3 of the model, in hex: of the checkpoint alone, or of the hashes of all its files.
    pub fn hash(&self) -> String {
        let ControlFlow::Continue(hash) = self.hash_observed::<Infallible>(&mut || ControlFlow::Continue(()));
        hash
    }

    /// [`Self::hash`], broken off as [`ModelFile::hash_observed`] is.
    pub fn hash_observed<B>(&self, observer: &mut dyn FnMut() -> ControlFlow<B>) -> ControlFlow<B, String> {
        let mut hashes = Vec::new();
        for file in self.files() {
            hashes.push(file.hash_observed(observer)?);
        }
        ControlFlow::Continue(match hashes.as_slice() {
            [hash] => hash.clone(),
            hashes => blake3::hash(hashes.concat().as_bytes()).to_hex().to_string(),
        })
    }

    /// The file that holds a tensor; for one that is nowhere, the file that should hold it.
    pub fn path_of(&self, name: &str) -> &Path {
        let origin = match self.index.get(name) {
            Some(place) => place.origin,
            None if name.starts_with(TOWER) => Origin::Tower,
            None if name.starts_with(VAE) => Origin::Vae,
            None => Origin::Checkpoint,
        };
        self.file(origin).path()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index.keys().map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    /// The shape of a tensor, as a whole-model file has it but for axes of one at its end.
    pub fn shape_of(&self, name: &str) -> Option<&[usize]> {
        self.index.get(name).map(|place| place.shape.as_slice())
    }

    /// The type that a tensor is stored in, or the first third of one.
    pub fn type_of(&self, name: &str) -> Option<safetensors::Dtype> {
        let place = self.index.get(name)?;
        Some(self.file(place.origin).info(place.stored.first()?)?.dtype)
    }

    pub fn check_precision(&self, name: &str) -> Result<(), WeightsError> {
        let place = self.index.get(name);
        place.into_iter().try_for_each(|place| {
            let file = self.file(place.origin);
            place.stored.iter().try_for_each(|stored| file.check_precision(stored))
        })
    }

    /// A tensor's numbers (see [`ModelFile::numbers`]), row-major in [`Self::shape_of`].
    pub fn numbers(&self, name: &str, halves: bool) -> Result<Numbers, WeightsError> {
        let Some(place) = self.index.get(name) else {
            return Err(self.missing(name));
        };
        let file = self.file(place.origin);
        match (place.stored.as_slice(), place.shape.as_slice()) {
            ([stored], [rows, columns]) if place.transposed => Ok(file.numbers(stored, halves)?.transposed(*columns, *rows)),
            ([stored], _) => file.numbers(stored, halves),
            (parts, _) => {
                let parts = parts.iter().map(|part| file.numbers(part, halves));
                Ok(Numbers::joined(parts.collect::<Result<_, _>>()?))
            }
        }
    }

    fn missing(&self, name: &str) -> WeightsError {
        WeightsError::Missing {
            path: self.path_of(name).to_owned(),
            missing: vec![name.to_owned()],
            unused: Vec::new(),
        }
    }

    /// The shape of a tensor that must be there with `D` axes.
    pub fn shape<const D: usize>(&self, name: &str) -> Result<[usize; D], WeightsError> {
        let shape = self.shape_of(name).ok_or_else(|| self.missing(name))?;
        if shape.iter().any(|axis| !(1..=WIDEST).contains(axis)) {
            return Err(self.inference_error(format!("{name} has the shape {shape:?}, as no network has it")));
        }
        shape
            .try_into()
            .map_err(|_| self.inference_error(format!("{name} has {} axes where {D} were expected", shape.len())))
    }

    /// How many of a numbered row of tensors there are.
    pub fn count(&self, name: impl Fn(usize) -> String) -> usize {
        (0..).take_while(|&i| self.has(&name(i))).count()
    }

    /// `width / base`, which must come out whole.
    pub fn multiple(&self, width: usize, base: usize) -> Result<usize, WeightsError> {
        if base > 0 && width >= base && width.is_multiple_of(base) {
            Ok(width / base)
        } else {
            Err(self.inference_error(format!("a width of {width} is no multiple of {base}")))
        }
    }

    pub fn inference_error(&self, reason: String) -> WeightsError {
        WeightsError::Inference {
            path: self.checkpoint.path().to_owned(),
            reason,
        }
    }
}

fn family(file: &ModelFile) -> Option<Family> {
    Family::of(|name| file.info(name).is_some())
}

fn has_autoencoder(file: &ModelFile) -> bool {
    let names = ["decoder.conv_in.weight", "first_stage_model.decoder.conv_in.weight"];
    names.iter().any(|name| file.info(name).is_some())
}

/// Whether a tensor of a file that was given as the image tower is of the tower: a whole checkpoint has others too.
fn in_tower(file: &ModelFile, name: &str) -> bool {
    family(file) == Some(Family::ImageTower) || name.starts_with(TOWER)
}

/// How many of a numbered row of tensors a file has.
fn count(file: &ModelFile, name: impl Fn(usize) -> String) -> usize {
    (0..).take_while(|&i| file.info(&name(i)).is_some()).count()
}

/// The tensors of a file by their names in a whole-model file. Thirds that do not fit together stay under their own names, where the report
/// shows them.
fn index(file: &ModelFile, origin: Origin, canonical: impl Fn(&str) -> Option<Canonical>) -> BTreeMap<String, Place> {
    let mut index = BTreeMap::new();
    let mut thirds: BTreeMap<String, [Option<String>; 3]> = BTreeMap::new();
    for name in file.names() {
        let Some((Canonical { name: wanted, part }, Stored { shape, .. })) = canonical(name).zip(file.info(name)) else {
            continue;
        };
        let mut shape = shape.clone();
        match part {
            Part::Third(third) => {
                thirds.entry(wanted).or_default()[third] = Some(name.to_owned());
                continue;
            }
            Part::Transposed => shape.reverse(),
            Part::Whole => {}
        }
        let place = Place {
            origin,
            stored: vec![name.to_owned()],
            transposed: part == Part::Transposed,
            shape,
        };
        index.insert(wanted, place);
    }
    for (wanted, stored) in thirds {
        let stored: Vec<String> = stored.into_iter().flatten().collect();
        let shapes: Vec<&[usize]> = stored
            .iter()
            .filter_map(|name| file.info(name).map(|info| info.shape.as_slice()))
            .collect();
        match shapes.as_slice() {
            [first, second, third] if first == second && second == third && !first.is_empty() => {
                let mut shape = first.to_vec();
                shape[0] = first[0].saturating_mul(3);
                let place = Place {
                    origin,
                    stored,
                    transposed: false,
                    shape,
                };
                index.insert(wanted, place);
            }
            _ => {
                for (name, shape) in stored.iter().zip(shapes) {
                    let place = Place {
                        origin,
                        stored: vec![name.clone()],
                        transposed: false,
                        shape: shape.to_vec(),
                    };
                    index.insert(name.clone(), place);
                }
            }
        }
    }
    index
}
