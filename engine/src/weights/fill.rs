//! Putting the tensors of files into the networks: first every name and shape is compared, then the values are read, one tensor at
//! a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use safetensors::Dtype;

use super::error::WeightsError;
use super::family::{is_ignored, is_regional};
use super::file::ModelFile;
use super::halves::Halves;
use super::names::KeyPath;
use super::numbers::Numbers;
use super::sources::Sources;
use super::{Observer, Report};
use crate::machine;

/// A parameter by its published name and shape, and where it will be.
#[derive(Clone, Debug)]
pub struct Slot {
    pub name: String,
    pub shape: Vec<usize>,
    pub device: Device,
}

/// Every parameter of the networks; none is initialised by being listed.
pub fn slots(networks: &impl Module) -> Vec<Slot> {
    #[derive(Default)]
    struct Lister {
        path: KeyPath,
        slots: Vec<Slot>,
    }
    impl ModuleVisitor for Lister {
        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.exit();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.slots.push(Slot {
                name: self.path.name(),
                shape: self.path.shape(param),
                device: param.lazy_device(),
            });
        }
    }
    let mut lister = Lister::default();
    networks.visit(&mut lister);
    lister.slots
}

/// Compares what the networks want with what the files have, and says what will be loaded. Reads no values.
pub fn compare(slots: &[Slot], sources: &Sources) -> Result<Report, WeightsError> {
    let wanted: BTreeSet<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
    let (ignored, unused): (Vec<String>, Vec<String>) = sources
        .names()
        .filter(|name| !wanted.contains(name))
        .map(str::to_owned)
        .partition(|name| is_ignored(name));
    let missing: Vec<String> = wanted
        .iter()
        .filter(|name| !sources.has(name) && !is_left_zero(name, sources))
        .map(|name| (*name).to_owned())
        .collect();
    if let Some(first) = missing.first() {
        return Err(WeightsError::Missing {
            path: sources.path_of(first).to_owned(),
            missing,
            unused,
        });
    }

    let mut stored = BTreeMap::new();
    for slot in slots {
        let Some(shape) = sources.shape_of(&slot.name) else { continue };
        if without_ones(shape) != without_ones(&slot.shape) {
            return Err(WeightsError::Shape {
                path: sources.path_of(&slot.name).to_owned(),
                name: slot.name.clone(),
                expected: slot.shape.clone(),
                found: shape.to_vec(),
            });
        }
        sources.check_precision(&slot.name)?;
        if let Some(dtype) = sources.type_of(&slot.name) {
            *stored.entry(format!("{dtype:?}")).or_default() += 1;
        }
    }
    Ok(Report {
        loaded: stored.values().sum(),
        stored,
        ignored: ignored.len(),
        unused,
    })
}

/// Bytes that parameters take in memory once they are read: numbers in half precision are widened, but for those that `halves` keeps so. (Norms and
/// biases are widened either way, and are few.)
pub fn room<'a>(slots: impl IntoIterator<Item = &'a Slot>, sources: &Sources, halves: Halves) -> u64 {
    let bytes = slots.into_iter().map(|slot| {
        let kept = halves.keep(&slot.name) && sources.type_of(&slot.name) == Some(Dtype::F16);
        let count = slot.shape.iter().fold(1u64, |count, axis| count.saturating_mul(*axis as u64));
        count.saturating_mul(if kept { 2 } else { 4 })
    });
    bytes.fold(0, u64::saturating_add)
}

/// Bytes that a device has left for tensors. None: nobody says how much memory a GPU has free, and its driver refuses by itself. Large pictures are made there
/// in as little as they can be.
pub fn room_on(device: &Device) -> Option<u64> {
    (*device == Device::flex()).then(machine::free_memory)
}

/// Refuses a model that `needed` bytes are not `free` for, where that is known: the system would end the program, and everything that is open in it.
pub fn check_room(path: &Path, needed: impl FnOnce() -> u64, free: Option<u64>) -> Result<(), WeightsError> {
    const MEGABYTE: u64 = 1_000_000;
    let Some(free) = free else { return Ok(()) };
    let needed = needed();
    match needed <= free {
        true => Ok(()),
        false => Err(WeightsError::Memory {
            path: path.to_owned(),
            needed: needed.div_ceil(MEGABYTE),
            available: free / MEGABYTE,
        }),
    }
}

/// Whether a parameter is of adapters that the model lacks: zero, they change nothing.
fn is_left_zero(name: &str, sources: &Sources) -> bool {
    !sources.has_regions() && is_regional(name)
}

/// A shape up to its last axis that is longer than one: a matrix and a 1x1 convolution are the same numbers.
fn without_ones(shape: &[usize]) -> &[usize] {
    let length = shape.iter().rposition(|axis| *axis != 1).map_or(0, |last| last + 1);
    &shape[..length]
}

/// The networks with every parameter read from the files; [`compare`] has found them complete. What `halves` keeps of what the
/// files have in half precision stays so where the networks can widen it as they use it. [`WeightsError::Cancelled`] where the observer breaks off.
pub fn fill<M: Module>(networks: M, sources: &Sources, halves: Halves, observer: &mut Observer<'_>) -> Result<M, WeightsError> {
    filled(networks, &mut |name, shape, halvable| match is_left_zero(name, sources) {
        _ if observer().is_break() => Err(WeightsError::Cancelled),
        true => Ok(Some(Numbers::zeros(shape.iter().product()))),
        false => sources.numbers(name, halvable && halves.keep(name)).map(Some),
    })
}

/// The networks with the parameters that `file` has; the others stay.
pub fn overlay<M: Module>(networks: M, file: &ModelFile) -> Result<M, WeightsError> {
    filled(networks, &mut |name, expected, _| match file.info(name) {
        None => Ok(None),
        Some(info) if info.shape != expected => Err(WeightsError::Shape {
            path: file.path().to_owned(),
            name: name.to_owned(),
            expected,
            found: info.shape.clone(),
        }),
        Some(_) => file.numbers(name, false).map(Some),
    })
}

/// Numbers by a parameter's published name and shape, and whether it may be in half precision; none leaves it as it is.
type Read<'a> = dyn FnMut(&str, Vec<usize>, bool) -> Result<Option<Numbers>, WeightsError> + 'a;

fn filled<M: Module>(networks: M, read: &mut Read<'_>) -> Result<M, WeightsError> {
    struct Filler<'a, 'r> {
        path: KeyPath,
        read: &'a mut Read<'r>,
        error: Option<WeightsError>,
    }
    impl ModuleMapper for Filler<'_, '_> {
        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.exit();
        }

        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if self.error.is_some() {
                return param;
            }
            match (self.read)(&self.path.name(), self.path.shape(&param), self.path.is_halvable()) {
                Ok(None) => param,
                Ok(Some(numbers)) => {
                    let (shape, turned) = (param.lazy_shape().to_vec(), self.path.is_transposed());
                    let tensor = numbers.into_tensor(shape, turned, &param.lazy_device());
                    let id = param.id;
                    param.transform_for_load(tensor, id)
                }
                Err(error) => {
                    self.error = Some(error);
                    param
                }
            }
        }
    }
    let mut filler = Filler {
        path: KeyPath::default(),
        read,
        error: None,
    };
    let networks = networks.map(&mut filler);
    filler.error.map_or(Ok(networks), Err)
}
