//! Adapter files: low-rank pairs that a person trained on pictures of their own, for one model.
//!
//! A file holds the pairs of the foreground, of the background, or of both, whole: at strength 1 they take the place of the model's own pairs, at 0 they
//! change nothing. In between, and where several files are named, what each changes is added up:
//! `W + P + sum of s_i (P_i - P)`, with `P` the product of the model's own pair and `P_i` that of file i.

use std::collections::HashMap;
use std::path::Path;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use super::ModelIdentity;
use super::error::WeightsError;
use super::file::ModelFile;
use super::names::KeyPath;
use super::save::{Precision, save_part};
use crate::kernel;
use crate::model::{Adapter, Colorizer};
use crate::request::AdapterFile;

/// Keys of the file's header: what it is, and the model that it was trained for.
const KIND: &str = "shiage.kind";
const KIND_ADAPTER: &str = "adapter 1";
const MODEL: &str = "shiage.model";
const MODEL_HASH: &str = "shiage.model.blake3";

/// Writes the adapters of `which` sides, trained for `model`, at half precision.
///
/// # Errors
/// When the file cannot be written, or a value is not finite.
pub fn save_adapters(networks: &Colorizer, which: &[Adapter], model: &ModelIdentity, path: &Path) -> Result<(), WeightsError> {
    let about = [(KIND, KIND_ADAPTER), (MODEL, &model.name), (MODEL_HASH, &model.hash)];
    let about = about.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let wanted = |name: &str| is_pair(name) && which.iter().any(|side| name.contains(side.suffix()));
    save_part(networks, path, Precision::F16, &wanted, Some(HashMap::from(about)))
}

/// What the names of a pair's halves have in them.
const DOWN: &str = "lora_down_";
const UP: &str = "lora_up_";

fn is_pair(name: &str) -> bool {
    name.contains(DOWN) || name.contains(UP)
}

/// `networks` of `model` with adapter files applied, and the files with their hashes filled in.
///
/// # Errors
/// A file that cannot be read, is no adapter, belongs to another model, or is not the one whose hash was asked for.
pub fn adapted(
    networks: Colorizer,
    model: &ModelIdentity,
    adapters: &[AdapterFile],
) -> Result<(Colorizer, Vec<AdapterFile>), WeightsError> {
    let (mut files, mut known) = (Vec::new(), Vec::new());
    for adapter in adapters {
        let (file, read) = identify(adapter)?;
        check(&file, model)?;
        known.push(read);
        files.push((file, adapter.strength));
    }
    if files.is_empty() {
        return Ok((networks, known));
    }
    let mut merge = Merge {
        path: KeyPath::default(),
        files,
        error: None,
    };
    let networks = networks.map(&mut merge);
    merge.error.map_or(Ok((networks, known)), Err)
}

/// The files with their hashes filled in: what a picture must have been made with, known without a model.
///
/// # Errors
/// A file that cannot be read, or is not the one whose hash was asked for.
pub fn identified(adapters: &[AdapterFile]) -> Result<Vec<AdapterFile>, WeightsError> {
    adapters
        .iter()
        .map(|adapter| identify(adapter).map(|(_, known)| known))
        .collect()
}

fn identify(adapter: &AdapterFile) -> Result<(ModelFile, AdapterFile), WeightsError> {
    let file = ModelFile::open(&adapter.file)?;
    match (&adapter.hash, file.hash()) {
        (Some(wanted), found) if *wanted != found => Err(WeightsError::AdapterChanged {
            path: adapter.file.clone(),
            wanted: wanted.clone(),
            found,
        }),
        (_, hash) => Ok((
            file,
            AdapterFile {
                hash: Some(hash),
                ..adapter.clone()
            },
        )),
    }
}

/// Whether a file holds adapters for `model`.
fn check(file: &ModelFile, model: &ModelIdentity) -> Result<(), WeightsError> {
    let path = || file.path().to_owned();
    let (Some(KIND_ADAPTER), Some(wanted_hash)) = (file.about(KIND), file.about(MODEL_HASH)) else {
        return Err(WeightsError::NotAdapter { path: path() });
    };
    if wanted_hash == model.hash {
        return check_pairs(file);
    }
    Err(WeightsError::OtherModel {
        path: path(),
        wanted: file.about(MODEL).unwrap_or("unnamed").to_owned(),
        wanted_hash: wanted_hash.to_owned(),
        found: model.name.clone(),
        found_hash: model.hash.clone(),
    })
}

/// Whether every tensor of a file is half of a pair whose other half has the same rank.
fn check_pairs(file: &ModelFile) -> Result<(), WeightsError> {
    let broken = |name: &str, reason: String| WeightsError::BrokenPair {
        path: file.path().to_owned(),
        name: name.to_owned(),
        reason,
    };
    for name in file.names() {
        let is_down = name.contains(DOWN);
        let other = match is_down {
            true => name.replace(DOWN, UP),
            false => name.replace(UP, DOWN),
        };
        let shape = |name: &str| file.info(name).map(|stored| stored.shape.clone());
        // Down is stored as `[rank, inputs]`, up as `[outputs, rank]`.
        match (shape(name).as_deref(), shape(&other).as_deref()) {
            _ if !is_pair(name) => return Err(broken(name, "it is no part of an adapter".to_owned())),
            (_, None) => return Err(broken(name, format!("its other half, {other}, is not there"))),
            (Some([rows, columns]), Some([other_rows, other_columns])) => {
                let [rank, other_rank] = if is_down {
                    [rows, other_columns]
                } else {
                    [columns, other_rows]
                };
                if rank != other_rank || *rank == 0 {
                    return Err(broken(
                        name,
                        format!("its rank is {rank}, and that of {other} is {other_rank}"),
                    ));
                }
            }
            (found, _) => return Err(broken(name, format!("its shape is {:?}", found.unwrap_or_default()))),
        }
    }
    Ok(())
}

/// Lays pairs side by side along their rank: the product of the long pair is the weighted sum of the pairs' products.
struct Merge {
    path: KeyPath,
    files: Vec<(ModelFile, f32)>,
    error: Option<WeightsError>,
}

impl Merge {
    /// Own values, then those of every file that has this parameter, as `[rows, columns]`, each times its share. The side that is not the rank must be
    /// the model's.
    fn parts<const D: usize>(&self, own: Tensor<D>, name: &str) -> Result<Vec<Tensor<D>>, WeightsError> {
        let holders: Vec<_> = self.files.iter().filter(|(file, _)| file.info(name).is_some()).collect();
        let scaled = name.contains(UP);
        let [inputs, outputs] = [0, 1].map(|axis| own.dims()[axis]);
        let share = |strength: f32| if scaled { strength } else { 1.0 };
        let left = 1.0 - holders.iter().map(|(_, strength)| strength).sum::<f32>();
        let device = own.device();
        let mut parts = vec![kernel::widen(own) * share(left)];
        for (file, strength) in holders {
            let shape = file.info(name).map(|info| info.shape.clone()).unwrap_or_default();
            let (rows, columns) = match shape[..] {
                [rows, columns] if if scaled { rows == outputs } else { columns == inputs } => (rows, columns),
                _ => {
                    return Err(WeightsError::Shape {
                        path: file.path().to_owned(),
                        name: name.to_owned(),
                        expected: vec![outputs, inputs],
                        found: shape,
                    });
                }
            };
            let values = kernel::transpose(&file.values(name)?, rows, columns);
            let tensor = Tensor::<D>::from_data(TensorData::new(values, [columns, rows]), &device);
            parts.push(tensor * share(*strength));
        }
        Ok(parts)
    }
}

impl ModuleMapper for Merge {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        if self.error.is_some() || D != 2 || !is_pair(&name) {
            return param;
        }
        match self.parts(param.val(), &name) {
            Ok(parts) if parts.len() > 1 => {
                // Down is `[inputs, rank]`, up `[rank, outputs]`.
                let rank = if name.contains(UP) { 0 } else { 1 };
                param.map(|_| Tensor::cat(parts, rank))
            }
            Ok(_) => param,
            Err(error) => {
                self.error = Some(error);
                param
            }
        }
    }
}
