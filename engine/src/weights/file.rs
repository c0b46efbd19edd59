//! A `.safetensors` file, mapped from disk: nothing is read before it is asked for.

use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use super::error::WeightsError;

/// An open model file.
pub struct ModelFile {
    path: PathBuf,
    content: Content,
    metadata: Metadata,
    /// Where the tensors' data begins in `content`.
    data: usize,
}

enum Content {
    Mapped(Mmap),
    Static(&'static [u8]),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Static(bytes) => bytes,
        }
    }
}

impl ModelFile {
    /// Maps a file and reads its header.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let failed = |source| WeightsError::Open {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        // SAFETY: the map is read-only and lives in this struct. A file that another program rewrites in place while it is mapped
        // could change under us or end early, as with every mapped file; our own `save` never does that: it renames a new file.
        // There is no safe way to map a file, and without a map a checkpoint of several gigabytes would be in memory twice.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        Self::parse(path.to_owned(), Content::Mapped(map))
    }

    /// A model that is part of the program; `path` is what messages call it.
    pub fn from_static(path: &Path, bytes: &'static [u8]) -> Result<Self, WeightsError> {
        Self::parse(path.to_owned(), Content::Static(bytes))
    }

    fn parse(path: PathBuf, content: Content) -> Result<Self, WeightsError> {
        match SafeTensors::read_metadata(&content) {
            Ok((header, metadata)) => Ok(Self {
                path,
                metadata,
                data: size_of::<u64>() + header,
                content,
            }),
            // A header that starts as one does, and promises more than there is.
            Err(SafeTensorError::MetadataIncompleteBuffer) => Err(WeightsError::Truncated {
                path,
                bytes: content.len(),
            }),
            Err(SafeTensorError::InvalidHeaderLength) if content.get(size_of::<u64>()) == Some(&b'{') => {
                Err(WeightsError::Truncated {
                    path,
                    bytes: content.len(),
                })
            }
            Err(source) => Err(WeightsError::NotSafetensors { path, source }),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensors' names, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.metadata.tensors().into_keys().collect();
        names.sort();
        names
    }

    /// What the file's header says beside its tensors.
    pub fn about(&self, key: &str) -> Option<&str> {
        self.metadata.metadata().as_ref()?.get(key).map(String::as_str)
    }

    pub fn info(&self, name: &str) -> Option<&TensorInfo> {
        self.metadata.info(name)
    }

    /// blake3 of the whole file, in hex.
    pub fn hash(&self) -> String {
        blake3::hash(&self.content).to_hex().to_string()
    }

    /// A tensor's values, row-major, as f32.
    ///
    /// Errors: a name that the file lacks, a stored type that is no float of at most 32 bits, a value that is not finite.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let Some(info) = self.info(name) else {
            return Err(WeightsError::Missing {
                path: self.path.clone(),
                missing: vec![name.to_owned()],
                unused: Vec::new(),
            });
        };
        let (start, end) = info.data_offsets;
        let values = to_f32(info.dtype, &self.content[self.data + start..self.data + end])
            .ok_or_else(|| self.precision_error(name, info))?;
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(WeightsError::NotFinite {
                path: self.path.clone(),
                name: name.to_owned(),
            })
        }
    }

    /// Fails where `values` would for the tensor's stored type, without reading it.
    pub fn check_precision(&self, name: &str) -> Result<(), WeightsError> {
        match self.info(name) {
            Some(info) if !is_readable(info.dtype) => Err(self.precision_error(name, info)),
            _ => Ok(()),
        }
    }

    fn precision_error(&self, name: &str, info: &TensorInfo) -> WeightsError {
        WeightsError::Precision {
            path: self.path.clone(),
            name: name.to_owned(),
            found: format!("{:?}", info.dtype),
        }
    }
}

fn is_readable(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16)
}

/// Little-endian bytes as f32; none for types that are not read. The bytes need not be aligned.
fn to_f32(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    match dtype {
        Dtype::F32 => Some(words(bytes, f32::from_le_bytes)),
        Dtype::F16 => Some(words(bytes, f16::from_le_bytes).to_f32_vec()),
        Dtype::BF16 => Some(words(bytes, bf16::from_le_bytes).to_f32_vec()),
        _ => None,
    }
}

fn words<const N: usize, T>(bytes: &[u8], from: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|word| from(*word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_floats_at_any_alignment() {
        // 1.0 and -2.5 as f16, after one byte of something else.
        let bytes = [0u8, 0x00, 0x3c, 0x00, 0xc1];
        assert_eq!(to_f32(Dtype::F16, &bytes[1..]), Some(vec![1.0, -2.5]));
        assert_eq!(to_f32(Dtype::I64, &bytes[1..]), None);
    }
}
