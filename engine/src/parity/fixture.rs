//! Recorded tensors, and what became of each.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use ::image::RgbImage;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};

use super::ParityError;

/// Numbers with a shape, row-major. Bytes and integers are kept as the same numbers in f32.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Array {
    /// One axis.
    pub fn flat(values: Vec<f32>) -> Self {
        Self {
            shape: vec![values.len()],
            values,
        }
    }

    /// Rows of a given shape.
    pub fn of_shape<const D: usize>(shape: [usize; D], values: Vec<f32>) -> Self {
        Self {
            shape: shape.to_vec(),
            values,
        }
    }

    /// Reads a tensor back from its device.
    pub fn from_tensor<const D: usize>(tensor: Tensor<D>) -> Result<Self, ParityError> {
        Ok(Self {
            shape: tensor.dims().to_vec(),
            values: tensor.try_into_vec_as::<f32>()?,
        })
    }

    /// `max |a - b| / max(1, max |reference|)`; infinite where shapes differ or a number is none.
    pub fn error(&self, reference: &Self) -> f64 {
        if self.shape != reference.shape {
            return f64::INFINITY;
        }
        let largest = reference
            .values
            .iter()
            .fold(1.0, |largest, value| f64::from(value.abs()).max(largest));
        let pairs = self.values.iter().zip(&reference.values);
        pairs.fold(0.0, |worst, (actual, expected)| {
            let difference = (f64::from(*actual) - f64::from(*expected)).abs() / largest;
            // `max` would drop a NaN.
            if difference <= worst || difference.is_nan() && worst == f64::INFINITY {
                worst
            } else if difference.is_nan() {
                f64::INFINITY
            } else {
                difference
            }
        })
    }
}

/// One file of recorded tensors.
pub struct Fixture {
    path: PathBuf,
    tensors: BTreeMap<String, Array>,
    /// What the file says of itself.
    notes: HashMap<String, String>,
    used: RefCell<BTreeSet<String>>,
}

impl Fixture {
    pub fn open(path: &Path) -> Result<Self, ParityError> {
        let failed = |reason: String| ParityError::Fixture {
            path: path.to_owned(),
            reason,
        };
        let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| failed(error.to_string()))?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| failed(error.to_string()))?;
        let tensors = file
            .iter()
            .map(|(name, view)| {
                let values = match view.dtype() {
                    Dtype::F32 => view
                        .data()
                        .as_chunks()
                        .0
                        .iter()
                        .map(|word| f32::from_le_bytes(*word))
                        .collect(),
                    Dtype::U8 => view.data().iter().map(|byte| f32::from(*byte)).collect(),
                    Dtype::I32 => view
                        .data()
                        .as_chunks()
                        .0
                        .iter()
                        .map(|word| i32::from_le_bytes(*word) as f32)
                        .collect(),
                    Dtype::I64 => view
                        .data()
                        .as_chunks()
                        .0
                        .iter()
                        .map(|word| i64::from_le_bytes(*word) as f32)
                        .collect(),
                    other => return Err(failed(format!("{name} is stored as {other:?}"))),
                };
                let shape = view.shape().to_vec();
                Ok((name.to_owned(), Array { shape, values }))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            tensors,
            notes: header.metadata().clone().unwrap_or_default(),
            used: RefCell::default(),
        })
    }

    /// A list of texts among the file's notes.
    pub fn list(&self, name: &str) -> Result<Vec<String>, ParityError> {
        let note = self.notes.get(name);
        let note = note.ok_or_else(|| self.error(format!("it has no note {name}")))?;
        serde_json::from_str(note).map_err(|error| self.error(format!("{name}: {error}")))
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// A recorded tensor; from now on it counts as covered.
    pub fn array(&self, name: &str) -> Result<&Array, ParityError> {
        let array = self
            .tensors
            .get(name)
            .ok_or_else(|| self.error(format!("{name} is not there")))?;
        self.used.borrow_mut().insert(name.to_owned());
        Ok(array)
    }

    /// A recorded tensor on a device.
    pub fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Result<Tensor<D>, ParityError> {
        let Array { shape, values } = self.array(name)?.clone();
        if shape.len() == D {
            Ok(Tensor::from_data(TensorData::new(values, shape), device))
        } else {
            Err(self.error(format!("{name} has the shape {shape:?} where {D} axes were expected")))
        }
    }

    /// A recorded picture, `[height, width, 3]` bytes.
    pub fn picture(&self, name: &str) -> Result<RgbImage, ParityError> {
        let Array { shape, values } = self.array(name)?;
        let bytes = values.iter().map(|value| *value as u8).collect();
        match shape.as_slice() {
            [height, width, 3] => RgbImage::from_raw(*width as u32, *height as u32, bytes),
            _ => None,
        }
        .ok_or_else(|| self.error(format!("{name} of shape {shape:?} is no picture")))
    }

    /// What nothing has asked for, in groups of one prefix: of a recording of which something was asked for, all of the name but
    /// its last part; of any other the first part. A group of one, and a rest of a group, go by their own names.
    pub fn unused(&self) -> Vec<(String, usize)> {
        let used = self.used.borrow();
        let group = |name: &str| {
            let cut = if used.is_empty() {
                name.split_once('.')
            } else {
                name.rsplit_once('.')
            };
            cut.map_or(name, |(group, _)| group).to_owned()
        };
        let touched: BTreeSet<String> = used.iter().map(|name| group(name)).collect();
        let mut groups: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for name in self.tensors.keys().filter(|name| !used.contains(*name)) {
            let shared = group(name);
            let key = if touched.contains(&shared) { name.clone() } else { shared };
            groups.entry(key).or_default().push(name);
        }
        let named = groups.into_iter().map(|(group, names)| match names.as_slice() {
            [only] => ((*only).clone(), 1),
            names => (group, names.len()),
        });
        named.collect()
    }

    pub fn error(&self, reason: String) -> ParityError {
        ParityError::Fixture {
            path: self.path.clone(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_relative_to_large_references_only() {
        let array = |values: &[f32]| Array::flat(values.to_vec());
        assert_eq!(array(&[0.5, 0.0]).error(&array(&[0.25, 0.0])), 0.25);
        assert_eq!(array(&[9.0, 0.0]).error(&array(&[10.0, 0.5])), 0.1);
        assert_eq!(array(&[1.0]).error(&array(&[1.0, 1.0])), f64::INFINITY);
        assert_eq!(array(&[f32::NAN, 0.0]).error(&array(&[0.0, 9.0])), f64::INFINITY);
        assert_eq!(array(&[0.0, f32::INFINITY]).error(&array(&[0.0, 9.0])), f64::INFINITY);
    }
}
