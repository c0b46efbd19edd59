//! Files of PyTorch's `torch.save`: a zip archive with a pickle of names and a file of numbers for every tensor, stored as they are, so that they
//! are read from the map like those of any other model file.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use super::file::Stored;
use super::pickle::{Pickle, TensorRecord, Value};

/// What `torch.save` begins a file with since version 1.6.
pub const ZIP: &[u8] = b"PK\x03\x04";

/// Where training programs put the weights, when a file holds more than them.
const HOLDERS: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// The tensors of the state dictionary in a zip archive.
///
/// # Errors
/// In a few words, why it holds no checkpoint.
pub fn tensors(content: &[u8]) -> Result<BTreeMap<String, Stored>, String> {
    let entries = entries(content)?;
    let root = entries
        .keys()
        .find_map(|name| name.strip_suffix("data.pkl"))
        .ok_or("it is a zip archive without data.pkl")?;
    if let Some(order) = entries.get(&format!("{root}byteorder"))
        && &content[order.clone()] != b"little"
    {
        return Err("its numbers are stored with the highest byte first".to_owned());
    }
    let pickle = Pickle::read(&content[entries[&format!("{root}data.pkl")].clone()])
        .map_err(|reason| format!("its data.pkl cannot be read: {reason}"))?;
    let mut tensors = BTreeMap::new();
    let mut total = 0usize;
    for (name, tensor) in state(&pickle).ok_or("its data.pkl holds no names with tensors")? {
        let key = tensor.storage.key;
        let storage = entries
            .get(&format!("{root}data/{key}"))
            .ok_or_else(|| format!("the numbers of {name} (data/{key}) are not in it"))?;
        let stored = view(tensor, storage).ok_or_else(|| format!("{name} reaches out of its numbers (data/{key})"))?;
        total = total.saturating_add(stored.bytes.len());
        if total > SHARED * content.len() {
            return Err(format!(
                "its tensors share their numbers: together they would take more than {SHARED} times its {} bytes",
                content.len()
            ));
        }
        tensors.insert(name.to_owned(), stored);
    }
    Ok(tensors)
}

/// How many times the size of the archive its tensors may come to: some models have the same numbers under two names, and a file of a few kilobytes
/// that has them under a million would fill the memory.
const SHARED: usize = 2;

/// Where each file of the archive lies; all must be stored without compression, as PyTorch does.
fn entries(content: &[u8]) -> Result<HashMap<String, Range<usize>>, String> {
    let mut archive =
        ZipArchive::new(Cursor::new(content)).map_err(|error| format!("its table of contents cannot be read: {error}"))?;
    (0..archive.len())
        .map(|index| {
            let entry = archive
                .by_index_raw(index)
                .map_err(|error| format!("its table of contents is damaged: {error}"))?;
            let name = entry
                .name()
                .map_err(|error| format!("a name in it cannot be read: {error}"))?
                .into_owned();
            if entry.compression() != CompressionMethod::Stored {
                return Err(format!("{name} is compressed in it"));
            }
            let start = entry.data_start().and_then(|start| usize::try_from(start).ok());
            let range = start
                .zip(usize::try_from(entry.size()).ok())
                .and_then(|(start, size)| Some(start..start.checked_add(size)?))
                .filter(|range| range.end <= content.len());
            range
                .map(|range| (name.clone(), range))
                .ok_or_else(|| format!("{name} reaches beyond its end"))
        })
        .collect()
}

/// The dictionary of tensors: the whole, or what a training program put under one of [`HOLDERS`].
fn state<'p>(pickle: &'p Pickle<'p>) -> Option<Vec<(&'p str, &'p TensorRecord<'p>)>> {
    let tensors = |value: Value<'p>| -> Vec<(&'p str, &'p TensorRecord<'p>)> {
        let entries = pickle.dict(value).unwrap_or_default();
        let named = entries.iter().filter_map(|(key, value)| match key {
            Value::Text(name) => Some((*name, pickle.tensor(*value)?)),
            _ => None,
        });
        named.collect()
    };
    let held = HOLDERS.iter().filter_map(|holder| {
        let mut entries = pickle.dict(pickle.root)?.iter();
        entries.find(|(key, _)| *key == Value::Text(holder)).map(|(_, value)| *value)
    });
    held.chain([pickle.root]).map(tensors).find(|tensors| !tensors.is_empty())
}

/// A tensor in its storage; none when it reaches out of it.
fn view(tensor: &TensorRecord<'_>, storage: &Range<usize>) -> Option<Stored> {
    let size = tensor.storage.dtype.bitsize() / 8;
    if tensor.shape.len() != tensor.strides.len() {
        return None;
    }
    let empty = tensor.shape.contains(&0);
    // One more than the place of the last element.
    let reach = tensor
        .shape
        .iter()
        .zip(&tensor.strides)
        .try_fold(1usize, |reach, (length, stride)| {
            reach.checked_add(length.saturating_sub(1).checked_mul(*stride)?)
        })?;
    // A view may repeat elements (a stride of 0), so that a few bytes would fill the memory; no weight does.
    let count = tensor
        .shape
        .iter()
        .try_fold(1usize, |count, length| count.checked_mul(*length))?;
    let start = storage.start.checked_add(tensor.offset.checked_mul(size)?)?;
    let end = start.checked_add(if empty { 0 } else { reach.checked_mul(size)? })?;
    (end <= storage.end && (empty || count <= reach)).then(|| {
        let rows = contiguous(&tensor.shape);
        let in_order = tensor
            .shape
            .iter()
            .zip(tensor.strides.iter().zip(&rows))
            .all(|(length, (stride, row))| *length == 1 || stride == row);
        Stored {
            dtype: tensor.storage.dtype,
            shape: tensor.shape.clone(),
            bytes: start..end,
            strides: (!in_order && !empty).then(|| tensor.strides.clone()),
        }
    })
}

/// Strides of a tensor that is stored row by row.
fn contiguous(shape: &[usize]) -> Vec<usize> {
    let mut stride = 1usize;
    let mut strides: Vec<usize> = shape
        .iter()
        .rev()
        .map(|length| {
            let next = stride.saturating_mul(*length);
            std::mem::replace(&mut stride, next)
        })
        .collect();
    strides.reverse();
    strides
}

#[cfg(test)]
mod tests {
    use safetensors::Dtype;

    use super::*;
    use crate::weights::pickle::Storage;

    fn record(offset: usize, shape: &[usize], strides: &[usize]) -> TensorRecord<'static> {
        TensorRecord {
            storage: Storage {
                dtype: Dtype::F16,
                key: "0",
            },
            offset,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
        }
    }

    #[test]
    fn views_stay_within_their_storage() {
        let storage = 100..112;
        let whole = view(&record(0, &[2, 3], &[3, 1]), &storage).expect("it fits");
        assert_eq!((whole.bytes, whole.strides), (100..112, None));
        let turned = view(&record(0, &[3, 2], &[1, 3]), &storage).expect("it fits");
        assert_eq!((turned.bytes, turned.strides), (100..112, Some(vec![1, 3])));
        let row = view(&record(3, &[1, 3], &[7, 1]), &storage).expect("it fits");
        assert_eq!((row.bytes, row.strides), (106..112, None));
        let scalar = view(&record(5, &[], &[]), &storage).expect("it fits");
        assert_eq!(scalar.bytes, 110..112);
        for (offset, shape, strides) in [
            (1, [2, 3], [3, 1]),
            (0, [2, 3], [usize::MAX, 1]),
            (usize::MAX, [1, 1], [1, 1]),
            (0, [1 << 40, 1 << 40], [0, 0]),
        ] {
            assert!(view(&record(offset, &shape, &strides), &storage).is_none(), "{shape:?}");
        }
    }
}
