//! The files of one model, as one set of named tensors.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::WeightsError;
use super::family::{Family, TOWER};
use super::file::ModelFile;

/// A checkpoint, with the image tower from its own file where the checkpoint has none. Every tensor has its name in a whole-model
/// file.
pub struct Sources {
    checkpoint: ModelFile,
    tower: Option<ModelFile>,
    index: BTreeMap<String, Place>,
}

enum Place {
    Checkpoint,
    Tower,
}

impl Sources {
    /// Opens a checkpoint, and a file with its image tower. A tower that is given goes before the checkpoint's own.
    pub fn open(checkpoint: &Path, tower: Option<&Path>) -> Result<Self, WeightsError> {
        Self::new(ModelFile::open(checkpoint)?, tower.map(ModelFile::open).transpose()?)
    }

    pub fn new(checkpoint: ModelFile, tower: Option<ModelFile>) -> Result<Self, WeightsError> {
        let family = |file: &ModelFile| Family::of(|name| file.info(name).is_some());
        let path = || checkpoint.path().to_owned();
        match (family(&checkpoint), &tower) {
            (Some(Family::Whole), _) | (Some(Family::Switch), Some(_)) => {}
            (Some(Family::Switch), None) => return Err(WeightsError::NoTower { path: path() }),
            (Some(Family::ImageTower), _) => return Err(WeightsError::OnlyTower { path: path() }),
            (None, _) => {
                return Err(WeightsError::UnknownFamily {
                    path: path(),
                    first: checkpoint.names(),
                });
            }
        }
        if let Some(file) = &tower
            && family(file) != Some(Family::ImageTower)
        {
            return Err(WeightsError::NotTower {
                path: file.path().to_owned(),
            });
        }

        let mut index: BTreeMap<String, Place> = checkpoint.names().into_iter().map(|name| (name, Place::Checkpoint)).collect();
        let names = tower.iter().flat_map(ModelFile::names);
        index.extend(names.map(|name| (format!("{TOWER}{name}"), Place::Tower)));
        Ok(Self {
            checkpoint,
            tower,
            index,
        })
    }

    /// An OpenCLIP file alone, its names as in a whole-model file.
    pub fn of_tower(path: &Path) -> Result<Self, WeightsError> {
        let tower = ModelFile::open(path)?;
        let names = tower.names().into_iter();
        Ok(Self {
            checkpoint: ModelFile::open(path)?,
            index: names.map(|name| (format!("{TOWER}{name}"), Place::Tower)).collect(),
            tower: Some(tower),
        })
    }

    /// The file that holds a tensor and its name there; for one that is nowhere, the file that should hold it.
    fn locate<'a>(&self, name: &'a str) -> (&ModelFile, &'a str) {
        match (self.index.get(name), &self.tower, name.strip_prefix(TOWER)) {
            (Some(Place::Tower) | None, Some(tower), Some(inner)) => (tower, inner),
            _ => (&self.checkpoint, name),
        }
    }

    pub fn checkpoint(&self) -> &ModelFile {
        &self.checkpoint
    }

    /// The file that holds, or should hold, a tensor.
    pub fn path_of(&self, name: &str) -> &Path {
        self.locate(name).0.path()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index.keys().map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.index.contains_key(name)
    }

    /// Stored shape and type of a tensor.
    pub fn info(&self, name: &str) -> Option<&safetensors::tensor::TensorInfo> {
        let (file, inner) = self.locate(name);
        file.info(inner)
    }

    pub fn check_precision(&self, name: &str) -> Result<(), WeightsError> {
        let (file, inner) = self.locate(name);
        file.check_precision(inner)
    }

    /// A tensor's values as f32 (see [`ModelFile::values`]).
    pub fn values(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let (file, inner) = self.locate(name);
        file.values(inner)
    }

    /// The shape of a tensor that must be there with `D` axes.
    pub fn shape<const D: usize>(&self, name: &str) -> Result<[usize; D], WeightsError> {
        let info = self.info(name).ok_or_else(|| WeightsError::Missing {
            path: self.path_of(name).to_owned(),
            missing: vec![name.to_owned()],
            unused: Vec::new(),
        })?;
        info.shape
            .as_slice()
            .try_into()
            .map_err(|_| self.inference_error(format!("{name} has {} axes where {D} were expected", info.shape.len())))
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
