//! A model file, mapped from disk: nothing is read before it is asked for. `.safetensors`, and the zip archives of PyTorch's `torch.save`
//! (`.ckpt`, `.pth`, `.pt`, `.bin`); which of them it is shows in its first bytes, not in its name.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::ops::{ControlFlow, Deref, Range};
use std::path::{Path, PathBuf};

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use memmap2::Mmap;
use rayon::prelude::*;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use super::error::WeightsError;
use super::numbers::Numbers;
use super::torch;

/// An open model file.
pub struct ModelFile {
    path: PathBuf,
    content: Content,
    tensors: BTreeMap<String, Stored>,
    /// What the header of a `.safetensors` says beside its tensors.
    about: HashMap<String, String>,
}

/// How a tensor lies in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// From its first element to its last.
    pub bytes: Range<usize>,
    /// Elements from one index to the next, by axis; none where it is stored row by row.
    pub strides: Option<Vec<usize>>,
}

enum Content {
    Mapped(Mmap),
    Static(&'static [u8]),
    Owned(Vec<u8>),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Static(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl ModelFile {
    /// Maps a file and reads its names.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let failed = |source| WeightsError::Open {
            path: path.to_owned(),
            source,
        };
        let (file, _) = picture::open_regular(path).map_err(failed)?;
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

    /// A model in memory; `path` is what messages call it.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, WeightsError> {
        Self::parse(path.to_owned(), Content::Owned(bytes))
    }

    fn parse(path: PathBuf, content: Content) -> Result<Self, WeightsError> {
        let (tensors, about) = if content.starts_with(torch::ZIP) {
            match torch::tensors(&content) {
                Ok(tensors) => (tensors, HashMap::new()),
                Err(reason) => return Err(WeightsError::Torch { path, reason }),
            }
        } else if let Some(reason) = misnamed(&content) {
            return Err(WeightsError::NotAModel {
                path,
                reason: reason.to_owned(),
            });
        } else {
            match safetensors(&content) {
                Ok(header) => header,
                Err(error) => return Err(safetensors_error(path, &content, &error)),
            }
        };
        Ok(Self {
            path,
            content,
            tensors: unwrapped(tensors),
            about,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the whole file.
    pub fn size(&self) -> usize {
        self.content.len()
    }

    /// What the file's header says beside its tensors.
    pub fn about(&self, key: &str) -> Option<&str> {
        self.about.get(key).map(String::as_str)
    }

    /// The tensors' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    pub fn info(&self, name: &str) -> Option<&Stored> {
        self.tensors.get(name)
    }

    /// blake3 of the whole file, in hex.
    pub fn hash(&self) -> String {
        let ControlFlow::Continue(hash) = self.hash_observed::<Infallible>(&mut || ControlFlow::Continue(()));
        hash
    }

    /// [`Self::hash`], broken off where the observer says so, who is asked every few megabytes.
    pub fn hash_observed<B>(&self, observer: &mut dyn FnMut() -> ControlFlow<B>) -> ControlFlow<B, String> {
        let mut hasher = blake3::Hasher::new();
        let mut start = 0;
        for piece in self.content.chunks(PIECE) {
            observer()?;
            hasher.update(piece);
            self.release(start..start + piece.len());
            start += piece.len();
        }
        ControlFlow::Continue(hasher.finalize().to_hex().to_string())
    }

    /// A tensor's values, row-major, as f32 (see [`Self::numbers`]).
    pub fn values(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        Ok(self.numbers(name, false)?.into_full())
    }

    /// A tensor's numbers, row-major; with `halves` those of half precision (F16) as they are.
    ///
    /// Errors: a name that the file lacks, a stored type that is no float of at most 32 bits, a value that is not finite.
    pub fn numbers(&self, name: &str, halves: bool) -> Result<Numbers, WeightsError> {
        let Some(stored) = self.info(name) else {
            return Err(WeightsError::Missing {
                path: self.path.clone(),
                missing: vec![name.to_owned()],
                unused: Vec::new(),
            });
        };
        let bytes = &self.content[stored.bytes.clone()];
        let numbers = match stored.dtype {
            Dtype::F16 if halves => in_order(copied(bytes), stored, f16::is_finite).map(Numbers::Half),
            dtype => {
                let values = to_f32(dtype, bytes).ok_or_else(|| self.precision_error(name, dtype))?;
                in_order(values, stored, f32::is_finite).map(Numbers::Full)
            }
        };
        self.release(stored.bytes.clone());
        numbers.ok_or_else(|| WeightsError::NotFinite {
            path: self.path.clone(),
            name: name.to_owned(),
        })
    }

    /// Fails where `values` would for the tensor's stored type, without reading it.
    pub fn check_precision(&self, name: &str) -> Result<(), WeightsError> {
        match self.info(name) {
            Some(stored) if !is_readable(stored.dtype) => Err(self.precision_error(name, stored.dtype)),
            _ => Ok(()),
        }
    }

    fn precision_error(&self, name: &str, found: Dtype) -> WeightsError {
        WeightsError::Precision {
            path: self.path.clone(),
            name: name.to_owned(),
            found: format!("{found:?}"),
        }
    }

    /// Lets the system take back the memory behind bytes that were read and will hardly be read again: otherwise a checkpoint of some
    /// gigabytes stays in this program's memory beside the networks that it went into.
    fn release(&self, bytes: Range<usize>) {
        #[cfg(unix)]
        if let Content::Mapped(map) = &self.content {
            // SAFETY: the map is shared and never written, so pages that are dropped come back from the file with the same content when
            // they are touched again. There is no safe way to say this to the system, and without it the peak is the file's size higher.
            #[allow(unsafe_code)]
            let advised = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, bytes.start, bytes.len()) };
            if let Err(error) = advised {
                tracing::debug!("memory of {} is not given back: {error}", self.path.display());
            }
        }
        #[cfg(not(unix))]
        let _ = bytes;
    }
}

/// How much is hashed before its memory is given back.
const PIECE: usize = 1 << 24;

/// Names with what is said of them, and what else the header says.
type Header = (BTreeMap<String, Stored>, HashMap<String, String>);

fn safetensors(content: &[u8]) -> Result<Header, SafeTensorError> {
    let (header, metadata) = SafeTensors::read_metadata(content)?;
    let data = size_of::<u64>() + header;
    let stored = |info: &safetensors::tensor::TensorInfo| Stored {
        dtype: info.dtype,
        shape: info.shape.clone(),
        bytes: data + info.data_offsets.0..data + info.data_offsets.1,
        strides: None,
    };
    let tensors = metadata.tensors().into_iter().map(|(name, info)| (name, stored(info)));
    Ok((tensors.collect(), metadata.metadata().clone().unwrap_or_default()))
}

fn safetensors_error(path: PathBuf, content: &[u8], error: &SafeTensorError) -> WeightsError {
    let truncated = match error {
        // A header that starts as one does, and promises more than there is.
        SafeTensorError::MetadataIncompleteBuffer => true,
        SafeTensorError::InvalidHeaderLength | SafeTensorError::HeaderTooLarge => content.get(size_of::<u64>()) == Some(&b'{'),
        _ => false,
    };
    match (error, truncated) {
        (SafeTensorError::HeaderTooLarge, true) => WeightsError::NotAModel {
            path,
            reason: format!("its header claims {} bytes", claimed(content)),
        },
        (_, true) => WeightsError::Truncated {
            path,
            bytes: content.len(),
        },
        _ => WeightsError::NotAModel {
            path,
            reason: error.to_string(),
        },
    }
}

/// The length of a header, as a file's first bytes have it.
fn claimed(content: &[u8]) -> u64 {
    content.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// What a file is that people often have in place of a model.
fn misnamed(content: &[u8]) -> Option<&'static str> {
    let text = content.trim_ascii_start();
    if text.starts_with(b"version https://git-lfs") {
        Some("it is a Git LFS pointer, not the file itself: fetch it with git lfs pull, or download it from its page")
    } else if text.starts_with(b"<") {
        Some("it is a web page: the download went wrong")
    } else if content.starts_with(b"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") {
        Some("PyTorch before 1.6 wrote it: open it with a newer one and save it again")
    } else if matches!(content, [0x80, 2..=5, ..]) {
        Some("it is a bare pickle, not a file of torch.save")
    } else {
        None
    }
}

/// Names without the `module.` that training on several processors puts before each.
fn unwrapped(tensors: BTreeMap<String, Stored>) -> BTreeMap<String, Stored> {
    const WRAPPER: &str = "module.";
    if tensors.keys().all(|name| name.starts_with(WRAPPER)) {
        let inner = tensors
            .into_iter()
            .map(|(name, stored)| (name[WRAPPER.len()..].to_owned(), stored));
        inner.collect()
    } else {
        tensors
    }
}

fn is_readable(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16)
}

/// Numbers that one processor turns at a time: few enough to stay in its cache.
const RUN: usize = 1 << 13;

/// Little-endian bytes as f32, turned by all processors; none for types that are not read. The bytes need not be aligned.
fn to_f32(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    match dtype {
        Dtype::F32 => Some(turned(bytes, f32::from_le_bytes, |words, values| {
            values.copy_from_slice(words)
        })),
        Dtype::F16 => Some(turned(bytes, f16::from_le_bytes, |words, values| {
            words.convert_to_f32_slice(values)
        })),
        Dtype::BF16 => Some(turned(bytes, bf16::from_le_bytes, |words, values| {
            words.convert_to_f32_slice(values)
        })),
        _ => None,
    }
}

fn turned<const N: usize, T>(bytes: &[u8], from: fn([u8; N]) -> T, to_f32: fn(&[T], &mut [f32])) -> Vec<f32> {
    let mut values = vec![0.0; bytes.len() / N];
    values
        .par_chunks_mut(RUN)
        .zip(bytes.par_chunks(RUN * N))
        .for_each(|(values, bytes)| {
            let words: Vec<T> = bytes.as_chunks::<N>().0.iter().map(|word| from(*word)).collect();
            to_f32(&words, values);
        });
    values
}

/// Little-endian bytes as f16. The bytes need not be aligned.
fn copied(bytes: &[u8]) -> Vec<f16> {
    let mut values = vec![f16::ZERO; bytes.len() / size_of::<f16>()];
    let parts = values.par_chunks_mut(RUN).zip(bytes.par_chunks(RUN * size_of::<f16>()));
    parts.for_each(|(values, bytes)| {
        for (value, word) in values.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *value = f16::from_le_bytes(*word);
        }
    });
    values
}

/// Values row by row; none where one is not finite.
fn in_order<T: Copy + Sync>(values: Vec<T>, stored: &Stored, is_finite: impl Fn(T) -> bool + Sync) -> Option<Vec<T>> {
    let values = match &stored.strides {
        Some(strides) => gather(&values, &stored.shape, strides),
        None => values,
    };
    // Without a way out of a run, vectors of numbers are looked at together.
    let whole = |run: &[T]| run.iter().fold(true, |finite, value| finite & is_finite(*value));
    values.par_chunks(RUN).all(whole).then_some(values)
}

/// Values that are stored in another order, row by row.
fn gather<T: Copy>(values: &[T], shape: &[usize], strides: &[usize]) -> Vec<T> {
    let count = shape.iter().product();
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    let mut gathered = Vec::with_capacity(count);
    for _ in 0..count {
        gathered.push(values[at]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    gathered
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

    #[test]
    fn turned_matrices_are_read_row_by_row() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(gather(&values, &[3, 2], &[1, 3]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(gather(&values, &[], &[]), [0.0]);
    }
}
